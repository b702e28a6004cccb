"""Enter what comes from the server: verdicts of own changes, entries of the log, records of a snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from ejournal_core import checks, merge, wire
from ejournal_core.changes import FORMAT_VERSION, Change, Entry, Verdict, entered_by, sets_values
from ejournal_core.decisions import CLOCK, DECISIONS, SUBSTITUTION
from ejournal_core.destruction import is_confirmation
from ejournal_core.kinds import KINDS
from ejournal_desktop.models import erasure, evidence, records, slices
from ejournal_desktop.models.among import among
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.evidence import SignedBatch
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.records import ACCEPTED, Address, Stand
from ejournal_desktop.models.state import Identity
from ejournal_desktop.models.tables import ahead, dispute, held_back, history, outbox, request, shadow

#: What a change waits for whose own rules have nothing against it.
_WAITS_FOR = {
    SUBSTITUTION: "Замена ждёт подтверждения завуча или диспетчера.",
    CLOCK: "Часы этого компьютера и сервера расходятся: запись цела и ждёт решения. Проверьте часы.",
}

#: Outcomes after which a change stays visible to its author until somebody decides or it is put aside.
HELD_BACK = ("pending", "refused", "quarantined")


class Arrivals:
    """What came in during one transaction."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.changes: list[Change] = []
        self.touched: set[Address] = set()
        self.scours = False  # content was destroyed: old pages must not stay in the file's journal
        self._held: set[Address] | None = None
        self._shadows: bool | None = None

    def has_shadows(self, connection: sa.Connection) -> bool:
        """Say whether any record has own changes on top; a transaction that brings the log in adds none."""
        if self._shadows is None or self._shadows:
            self._shadows = connection.execute(_ANY_SHADOW).first() is not None
        return self._shadows

    def _may_hold(self, connection: sa.Connection, address: Address) -> bool:
        """Say whether something of the record is held back; what is held is few, so it is read once."""
        if self._held is None:
            self._held = {(row.kind, row.record) for row in connection.execute(_HELD)}
        return address in self._held

    def change_set(self) -> ChangeSet:
        """Return what listeners are told."""
        return ChangeSet(tuple(self.changes), frozenset(self.touched))

    def note(self, change: Change) -> None:
        """Remember that a record may look different now."""
        self.changes.append(change)
        self.touched.add((change.kind, change.record))

    def set_aside(self, connection: sa.Connection, change: Change, verdict: Verdict) -> None:
        """Keep visible what did not become official; a decision that failed leaves its disputes open."""
        connection.execute(_REOPEN_DISPUTES, {"by": change.id})
        connection.execute(_REOPEN_REQUESTS, {"by": change.id})
        if verdict.outcome == "disputed":
            self.add_dispute(connection, change, verdict)
            return
        if verdict.outcome == "pending":
            row = {"change_id": change.id, "kind": change.kind, "record": change.record,
                   "author": entered_by(change), "reason": verdict.reason}  # fmt: skip
            connection.execute(_ADD_REQUEST, row)
        if verdict.outcome in HELD_BACK and self.identity.person_id in (change.author, change.requester):
            self._hold_back(connection, change, verdict)

    def _hold_back(self, connection: sa.Connection, change: Change, verdict: Verdict) -> None:
        row = {
            "change_id": change.id,
            "kind": change.kind,
            "record": change.record,
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "sentence": _sentence(connection, change, verdict),
        }
        connection.execute(_ADD_HELD_BACK, row)
        self._held = None

    def add_open(self, connection: sa.Connection, change: Change, verdict: Verdict) -> None:
        """Take in what waits for a decision: a dispute, or a change that another person has to approve."""
        if not _is_known(connection, change.id):
            connection.execute(_ADD_HISTORY, _history_row(change, "", verdict))
        if verdict.outcome == "pending":
            self.set_aside(connection, change, verdict)
            self.note(change)
        else:
            self.add_dispute(connection, change, verdict)

    def add_dispute(self, connection: sa.Connection, change: Change, verdict: Verdict) -> None:
        """Open a dispute over a record; the same one twice is one."""
        if not _is_known(connection, change.id):
            connection.execute(_ADD_HISTORY, _history_row(change, "", verdict))
        standing = connection.execute(_LAST_ACCEPTED, {"k": change.kind, "r": change.record}).scalar()
        row = {"change_id": change.id, "kind": change.kind, "record": change.record, "author": change.author,
               "standing_change_id": standing}  # fmt: skip
        connection.execute(_ADD_DISPUTE, row)
        self.note(change)

    def close_what_is_decided(self, connection: sa.Connection, change: Change, number: int) -> None:
        """An accepted decision closes what is open over its record; an own value drops what was held back before."""
        where = {"k": change.kind, "r": change.record}
        if change.act == "resolve":
            decided = [
                row.change_id for row in connection.execute(_OPEN_DISPUTES, where) if _decides(change, number, row)
            ]
            connection.execute(_CLOSE_DISPUTES, {"ids": decided, "by": change.id})
        if change.act in DECISIONS:
            self._close_request(connection, change)
        elif change.author == self.identity.person_id and self._may_hold(connection, (change.kind, change.record)):
            connection.execute(_DROP_HELD_BACK, {**where, "d": change.desk, "n_": change.n, "number": number})

    def _close_request(self, connection: sa.Connection, decision: Change) -> None:
        """Close the request that is decided; its author keeps in sight why it was refused."""
        done = "approved" if decision.act == "approve" else "refused"
        connection.execute(_CLOSE_REQUEST, {"about": decision.about, "by": decision.id, "done": done})
        if decision.act == "approve":
            connection.execute(_APPROVED, {"about": decision.about})
        else:
            sentence = f"Отказано: {decision.why}"
            connection.execute(_TURNED_DOWN, {"about": decision.about, "sentence": sentence})
        self._held = None


def settle_verdicts(
    connection: sa.Connection, verdicts: Sequence[Verdict], arrivals: Arrivals, sent: Sequence[Change] = ()
) -> None:
    """Enter verdicts of own changes; those without an outbox entry are settled already and change nothing.

    `sent` are the changes of all these verdicts where they are at hand, as they were read from the outbox.
    """
    if not verdicts:
        return
    waiting = _still_waiting(connection, sent) if sent else _in_outbox(connection, [each.id for each in verdicts])
    settled: list[tuple[Change, Verdict]] = []
    run: list[tuple[Change, Verdict]] = []
    for verdict in verdicts:
        change = waiting.pop(verdict.id, None)
        if change is None:
            continue
        settled.append((change, verdict))
        run.append((change, verdict))
        arrivals.note(change)
        if verdict.outcome not in ACCEPTED:  # what is put aside looks at what stood then
            _judge(connection, run, arrivals)
            arrivals.set_aside(connection, change, verdict)
            run = []
    _judge(connection, run, arrivals)
    records.rebuild(connection, arrivals.identity.desk_id, _looking_different(connection, settled))
    _follow_their_slice(connection, [change for change, _ in settled])
    _carry_out_acts(connection, settled, arrivals)


def _looking_different(connection: sa.Connection, settled: Sequence[tuple[Change, Verdict]]) -> set[Address]:
    """Return the records that are not right any more.

    An accepted change still lies on top of the shadow until the log brings it, unless the shadow holds it already.
    """
    by_kind: dict[str, dict[str, int]] = defaultdict(dict)
    found: set[Address] = set()
    for change, verdict in settled:
        if verdict.outcome in ACCEPTED:
            by_kind[change.kind].setdefault(change.record, verdict.number)
        else:
            found.add((change.kind, change.record))
    for kind, numbers in by_kind.items():
        for record_id, base in records.read_shadows(connection, kind, list(numbers)).items():
            if (base.number or 0) >= numbers[record_id]:
                found.add((kind, record_id))
    return found


def _follow_their_slice(connection: sa.Connection, changes: Sequence[Change]) -> None:
    """Let what was entered for a slice that is not held (any more) leave the disk like the slice itself."""
    held = slices.held(connection)
    if held:  # else nothing has been loaded yet
        entered = {slices.slice_of_change(connection, change) for change in changes}
        slices.expect(connection, entered - held.keys() - {""})


def _still_waiting(connection: sa.Connection, sent: Sequence[Change]) -> dict[str, Change]:
    waiting = set(connection.execute(_WAITING, {"first": sent[0].n, "last": sent[-1].n}).scalars())
    return {change.id: change for change in sent if change.id in waiting}


def _in_outbox(connection: sa.Connection, change_ids: Sequence[str]) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for start in range(0, len(change_ids), records.AT_ONCE):
        rows = connection.execute(_IN_OUTBOX, {"ids": change_ids[start : start + records.AT_ONCE]})
        found.update((row.change_id, wire.decode(Change, row.body.encode())) for row in rows)
    return found


def _judge(connection: sa.Connection, run: Sequence[tuple[Change, Verdict]], arrivals: Arrivals) -> None:
    """Enter how changes ended; none of them waits any longer."""
    if not run:
        return
    judged = [(v.number or None, v.outcome, v.reason, v.at, v.id) for _, v in run]
    connection.exec_driver_sql(_JUDGE, judged)
    connection.exec_driver_sql(_LEAVE_OUTBOX, [(change.n,) for change, _ in run])
    for change, verdict in run:
        if verdict.outcome in ACCEPTED:
            arrivals.close_what_is_decided(connection, change, verdict.number)


def apply_entries(
    connection: sa.Connection,
    entries: Sequence[Entry],
    upto: int,
    arrivals: Arrivals,
    batches: Sequence[SignedBatch] = (),
) -> None:
    """Enter one page of the log, and keep the batches in which its changes were signed.

    Own changes that were settled before and whose numbers the page passes are folded in at their place even when the
    server leaves them out, so that shadow and rows are exactly the server's records as of `upto`.
    """
    settle_verdicts(connection, [e.verdict for e in entries if e.change.desk == arrivals.identity.desk_id], arrivals)
    new = keep_in_history(connection, entries, batches)
    line = _with_own(connection, entries, upto, arrivals)
    stands = _Stands(connection, [change for change, _ in line], arrivals.has_shadows(connection))
    for change, verdict in line:
        if change.kind in KINDS and verdict.outcome in ACCEPTED:
            stands.fold(change, verdict.number)
            arrivals.close_what_is_decided(connection, change, verdict.number)
        elif change.desk != arrivals.identity.desk_id or change.id in new:  # own and new: this file is an older copy
            arrivals.set_aside(connection, change, verdict)
        arrivals.note(change)
    told_out_of_sight = [change for change, _ in line if change.requester]  # to who asked
    _follow_their_slice(connection, told_out_of_sight)
    stands.write()
    records.rebuild(connection, arrivals.identity.desk_id, stands.shadowed)
    _carry_out_acts(connection, line, arrivals)
    _say_again_why(connection)


def _carry_out_acts(connection: sa.Connection, line: Sequence[tuple[Change, Verdict]], arrivals: Arrivals) -> None:
    """Destroy what confirmed acts cover; `Journal.apply` ends a page behind each, so that nothing later is here yet."""
    for change, verdict in line:
        if not is_confirmation(change) or verdict.outcome not in ACCEPTED:
            continue
        order = erasure.order_of(connection, change.record)
        if order is not None:
            arrivals.touched |= erasure.carry_out(connection, order, verdict.number, arrivals.identity.desk_id)
            arrivals.scours = True


def _with_own(
    connection: sa.Connection, entries: Sequence[Entry], upto: int, arrivals: Arrivals
) -> list[tuple[Change, Verdict]]:
    seen = {entry.change.id for entry in entries}
    line = [(entry.change, entry.verdict) for entry in entries]
    if not arrivals.has_shadows(connection):
        return line
    waiting = connection.execute(_OWN_SETTLED, {"d": arrivals.identity.desk_id, "upto": upto})
    line += [
        (wire.decode(Change, row.body.encode()), Verdict(id=row.change_id, number=row.log_number, outcome=row.outcome))
        for row in waiting
        if row.change_id not in seen
    ]
    return sorted(line, key=lambda pair: pair[1].number)


def keep_in_history(
    connection: sa.Connection, entries: Sequence[Entry], batches: Sequence[SignedBatch]
) -> frozenset[str]:
    """Keep changes that the history has not yet, with what proves their authors; return the ids of these."""
    if not entries:
        return frozenset()
    ids = [entry.change.id for entry in entries]
    known = set(connection.execute(_KNOWN, {"ids": ids}).scalars())
    signed = evidence.keep_batches(connection, batches, (entry.batch for entry in entries))
    rows = [
        {**_history_row(e.change, e.prev, e.verdict), **evidence.columns(e.batch, e.position, e.path, signed)}
        for e in entries
        if e.change.id not in known
    ]
    if rows:
        connection.exec_driver_sql(_ADD_LINES, rows)
    return frozenset(ids) - known


class _Stands:
    """The records of one page: read together, folded in memory, written together."""

    def __init__(self, connection: sa.Connection, changes: Sequence[Change], has_shadows: bool) -> None:
        self._connection = connection
        self._has_shadows = has_shadows
        by_kind: dict[str, list[str]] = defaultdict(list)
        for change in changes:
            if change.kind in KINDS:
                by_kind[change.kind].append(change.record)
        self._bases: dict[Address, Stand] = {}
        self.shadowed: set[Address] = set()
        self._ahead = {(row.kind, row.record) for row in connection.execute(sa.select(ahead))}
        self._moved: dict[str, dict[str, Stand]] = {kind: {} for kind in KINDS if kind in by_kind}
        for kind, record_ids in by_kind.items():
            self._read(kind, list(dict.fromkeys(record_ids)))

    def _read(self, kind: str, record_ids: list[str]) -> None:
        for record_id, stand in records.read_many(self._connection, kind, record_ids).items():
            self._bases[kind, record_id] = stand
        shadows = self._connection.execute(_SHADOWS, {"k": kind, "ids": record_ids}) if self._has_shadows else ()
        for row in shadows:
            self._bases[kind, row.record] = Stand(row.fields, row.author, row.entered_at, row.log_number)
            self.shadowed.add((kind, row.record))

    def fold(self, change: Change, number: int) -> None:
        """Take an accepted change in, unless the record holds it already."""
        address = (change.kind, change.record)
        base = self._bases.get(address, records.UNKNOWN)
        if change.min > FORMAT_VERSION and address not in self._ahead:
            self._connection.execute(_GOES_AHEAD, {"kind": change.kind, "record": change.record})
            self._ahead.add(address)
        if not sets_values(change) or address in self._ahead:  # never half of what a newer version did
            return
        if base.number is not None and base.number >= number:
            return
        self._bases[address] = self._moved[change.kind][change.record] = records.fold(base, change, number)

    def write(self) -> None:
        """Write what has moved: into the shadow where there is one, else into the row."""
        for kind, moved in self._moved.items():
            rows = [(record_id, stand) for record_id, stand in moved.items() if (kind, record_id) not in self.shadowed]
            records.write(self._connection, kind, rows)
            shadowed = {record_id: stand for record_id, stand in moved.items() if (kind, record_id) in self.shadowed}
            records.write_shadows(self._connection, kind, shadowed)


def catch_up(connection: sa.Connection, kind: str, record_ids: Sequence[str]) -> None:
    """Take records out of those that a newer version has gone ahead with: a snapshot holds them as they are."""
    if connection.execute(_ANY_AHEAD).first() is not None:
        connection.execute(_CATCHES_UP, {"k": kind, "ids": list(record_ids)})


def _sentence(connection: sa.Connection, change: Change, verdict: Verdict) -> str:
    """Return why a change did not become official: the rule's own sentence where this desk finds the same objection."""
    if verdict.outcome == "quarantined":
        return f"Отложено до решения администратора ({verdict.reason})."
    judgement = checks.check(change, DeskFacts(connection, datetime.fromisoformat(change.at)), at_arrival=True)
    if judgement.code == verdict.reason and judgement.sentence:
        return judgement.sentence
    if verdict.outcome == "pending":
        if verdict.reason in _WAITS_FOR:
            return _WAITS_FOR[verdict.reason]
        return f"Ждёт решения другого человека ({verdict.reason})."
    return f"Сервер школы не принял запись ({verdict.reason})."


def _say_again_why(connection: sa.Connection) -> None:
    """Give reasons in the rule's own words as soon as the log has brought what the server judged by."""
    for row in connection.execute(_TOLD_BY_CODE).all():
        verdict = Verdict(id=row.change_id, number=0, outcome=row.outcome, reason=row.reason)
        sentence = _sentence(connection, wire.decode(Change, row.body.encode()), verdict)
        if sentence != row.sentence:
            connection.execute(_SAY, {"id": row.change_id, "s": sentence})


def _decides(decision: Change, number: int, disputed: Any) -> bool:
    """Say whether a decision is about this dispute: it came after it, and over the facts that it wanted."""
    wanted = wire.decode(Change, disputed.body.encode()).set.keys() - set(records.required_fields(decision.kind))
    decided = {name for unit in merge.units(decision.kind) if not decision.set.keys().isdisjoint(unit) for name in unit}
    return (disputed.log_number or 0) < number and wanted <= decided


def _is_known(connection: sa.Connection, change_id: str) -> bool:
    return connection.execute(sa.select(history.c.seq).where(history.c.change_id == change_id)).first() is not None


def _history_row(change: Change, prev: str, verdict: Verdict) -> dict[str, Any]:
    return {
        **records.history_row(change, prev),
        "log_number": verdict.number or None,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "judged_at": verdict.at,
    }


_ADD_HISTORY = history.insert()
_COLUMNS = [column.name for column in history.c if column.name != "seq"]
_ADD_LINES = f"INSERT INTO history ({', '.join(_COLUMNS)}) VALUES (:{', :'.join(_COLUMNS)})"  # noqa: S608 - ours
_KNOWN = sa.select(history.c.change_id).where(among(history.c.change_id, "ids"))
#: The outbox is found by its own key `n`, not by the change's id, which it has no index for.
_IN_OUTBOX = (
    sa.select(history.c.change_id, history.c.body)
    .join(outbox, sa.and_(outbox.c.n == history.c.n, sa.literal_column("+outbox.change_id") == history.c.change_id))
    .where(among(history.c.change_id, "ids"))
)
#: Thousands of own changes are judged one after the other: plain text spares each its dictionary.
_JUDGE = "UPDATE history SET log_number = ?, outcome = ?, reason = ?, judged_at = ? WHERE change_id = ?"
_LEAVE_OUTBOX = "DELETE FROM outbox WHERE n = ?"
_WAITING = sa.select(outbox.c.change_id).where(outbox.c.n.between(sa.bindparam("first"), sa.bindparam("last")))
_ANY_SHADOW = sa.select(sa.literal(1)).select_from(shadow).limit(1)
_SHADOWS = sa.select(shadow).where(shadow.c.kind == sa.bindparam("k"), among(shadow.c.record, "ids"))
#: Own accepted changes of records that still have a shadow below their number. The signs "+" let the few shadows lead,
#: not the desk's whole history.
_OWN_SETTLED = (
    sa.select(history.c.change_id, history.c.body, history.c.log_number, history.c.outcome)
    .select_from(shadow)
    .join(
        history,
        sa.and_(
            history.c.kind == sa.literal_column("+shadow.kind"), history.c.record == sa.literal_column("+shadow.record")
        ),
    )
    .where(
        sa.literal_column("+history.desk") == sa.bindparam("d"),
        history.c.outcome.in_(ACCEPTED),
        history.c.log_number <= sa.bindparam("upto"),
        history.c.log_number > sa.func.coalesce(shadow.c.log_number, 0),
    )
)
_LAST_ACCEPTED = (
    sa.select(history.c.change_id)
    .where(history.c.kind == sa.bindparam("k"), history.c.record == sa.bindparam("r"), history.c.outcome.in_(ACCEPTED))
    .order_by(history.c.log_number.desc())
    .limit(1)
)
_ADD_DISPUTE = insert(dispute).on_conflict_do_nothing()
_ADD_HELD_BACK = insert(held_back).on_conflict_do_nothing()
_HELD = sa.select(held_back.c.kind, held_back.c.record)
#: The log brings an own value again that a receipt has told of; what was held back since then stays in sight. What is
#: in quarantine has no number, but a desk's own changes are numbered in the order of their counters.
_EARLIER = sa.case(
    (history.c.desk == sa.bindparam("d"), history.c.n < sa.bindparam("n_")),
    else_=sa.func.coalesce(history.c.log_number, 0) < sa.bindparam("number"),
)
_DROP_HELD_BACK = held_back.delete().where(
    held_back.c.kind == sa.bindparam("k"),
    held_back.c.record == sa.bindparam("r"),
    sa.exists().where(history.c.change_id == held_back.c.change_id, _EARLIER),
)
_REOPEN_DISPUTES = dispute.update().where(dispute.c.resolved_by == sa.bindparam("by")).values(resolved_by=None)
_GOES_AHEAD = insert(ahead).on_conflict_do_nothing()
_ANY_AHEAD = sa.select(sa.literal(1)).select_from(ahead).limit(1)
_CATCHES_UP = ahead.delete().where(
    ahead.c.kind == sa.bindparam("k"), ahead.c.record.in_(sa.bindparam("ids", expanding=True))
)
_ADD_REQUEST = insert(request).on_conflict_do_nothing()
_CLOSE_REQUEST = (
    request.update()
    .where(request.c.change_id == sa.bindparam("about"))
    .values(decided_by=sa.bindparam("by"), decided=sa.bindparam("done"))
)
_REOPEN_REQUESTS = (
    request.update().where(request.c.decided_by == sa.bindparam("by")).values(decided_by=None, decided="")
)
_APPROVED = held_back.delete().where(held_back.c.change_id == sa.bindparam("about"))
_TURNED_DOWN = (
    held_back.update()
    .where(held_back.c.change_id == sa.bindparam("about"))
    .values(outcome="refused", sentence=sa.bindparam("sentence"))
)
_TOLD_BY_CODE = (
    sa.select(held_back.c.change_id, held_back.c.outcome, held_back.c.reason, held_back.c.sentence, history.c.body)
    .join(history, history.c.change_id == held_back.c.change_id)
    .where(~held_back.c.seen, held_back.c.sentence.contains("(EJ-"))
)
_SAY = held_back.update().where(held_back.c.change_id == sa.bindparam("id")).values(sentence=sa.bindparam("s"))
_OPEN_DISPUTES = (
    sa.select(dispute.c.change_id, history.c.body, history.c.log_number)
    .join(history, history.c.change_id == dispute.c.change_id)
    .where(
        dispute.c.kind == sa.bindparam("k"),
        dispute.c.record == sa.bindparam("r"),
        dispute.c.resolved_by.is_(None),
    )
)
_CLOSE_DISPUTES = dispute.update().where(among(dispute.c.change_id, "ids")).values(resolved_by=sa.bindparam("by"))
