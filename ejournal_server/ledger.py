"""The school's one order of changes: judge, number, keep, and sign what was kept.

Whatever writes, a desk's batch or the server itself, goes through `enter`; so every line has its number from the locked
head row, its leaf in the tree and its receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ejournal_core import access, ids, tree, wire
from ejournal_core.changes import Change, Outcome, Verdict, entered_by, leaf_bytes, sets_values
from ejournal_core.decisions import CLOCK, DECISIONS, declares
from ejournal_core.destruction import is_confirmation
from ejournal_core.kinds import KINDS, Destruction, Fields
from ejournal_core.merge import Merged, merge, units
from ejournal_core.wire import Batch, TreeHead
from ejournal_server import facts
from ejournal_server.authority import Authority, stamp
from ejournal_server.judging import Judge
from ejournal_server.moments import entry_time, known_before
from ejournal_server.signing import sign_head
from ejournal_server.store import aside, erasure, log, people, records, requests, slices
from ejournal_server.store.aside import Dispute
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Head, Line
from ejournal_server.store.records import RULING, Row
from ejournal_server.store.requests import Request

#: Outcomes after which the record holds the wanted value.
ACCEPTED: frozenset[Outcome] = frozenset({"taken", "converged", "merged"})


class Arrived(Struct, frozen=True):
    """A change with the hashes before and of it (32 bytes), and its batch's root and place there."""

    change: Change
    prev: bytes
    hash: bytes
    batch: str
    position: int


class Readmission(Struct, frozen=True):
    """A change from quarantine that two people let in: what its desk had seen (size, moment), when it came, and why."""

    change: Change
    seen: tuple[int, datetime]
    arrived: datetime
    words: str

    @property
    def moment(self) -> datetime:
        """When it counts as entered."""
        return entry_time(self.change.at, self.seen[1], self.arrived)


class Entered(Struct, frozen=True):
    """What entering changes gave: their verdicts in order, and the signed head of the tree that holds them."""

    verdicts: tuple[Verdict, ...]
    head: TreeHead


# --- entering a batch's changes ------------------------------------------------------------------------------------


def enter(
    authority: Authority, tx: Transaction, head: Head, batch: Batch, hashes: Sequence[bytes], positions: Sequence[int]
) -> Entered:
    """Judge and keep the changes at these positions of a verified batch; the head row must be locked.

    Raises:
        Trouble: the store failed; nothing is kept.
    """
    if not positions:
        return Entered((), wire.decode(TreeHead, head.signed.encode()))
    session = Entering(tx, head, authority.clock())
    facts.prefetch(session.known, [batch.changes[position] for position in positions])
    for position in positions:
        prev = hashes[position - 1] if position else bytes.fromhex(batch.head.prev)
        session.enter(Arrived(batch.changes[position], prev, hashes[position], batch.head.root, position))
    signed = session.close(authority, head)
    return Entered(tuple(line.verdict for line in session.lines), signed)


def reenter(tx: Transaction, head: Head, lines: Sequence[tuple[Arrived, Verdict]]) -> Head:
    """Write the next lines of a proved log again as they were judged then, and return the head row after them.

    Records, versions, disputes and tree become what they were; nothing is judged and nothing signed.
    """
    session = Entering(tx, head, datetime.fromisoformat(lines[0][1].at))
    facts.prefetch(session.known, [arrived.change for arrived, _ in lines])
    for arrived, verdict in lines:
        session.reenter(arrived, verdict)
    log.move_head(tx, session.write(head), session.ruling, "")
    return log.read_head(tx)


class Entering:
    """The lines of one transaction on their way into the log."""

    def __init__(self, tx: Transaction, head: Head, now: datetime) -> None:
        self.tx = tx
        self.known = facts.known_to_writer(tx, head.epoch)
        self._judge = Judge(tx, self.known)
        self.now = now
        self.at = stamp(now)
        self.number = head.number
        self.ruling = head.ruling
        self.lines: list[Line] = []
        self._written = 0  # of the lines
        self.versions: list[Row] = []
        self._heads: dict[str, tuple[int, datetime] | None] = {"": None}
        self._moved: dict[str, int] = {}  # the number at which each slice last changed
        self._named: dict[str, tuple[int, datetime]] = {}

    def enter(self, arrived: Arrived) -> None:
        """Judge a change and take it as the next line."""
        change = arrived.change
        self.number += 1
        seen_size, seen_at = self._seen(change)
        moment = entry_time(change.at, seen_at, self.now)
        outcome, code, merged = self._judge.judge(change, moment, seen_size, self.ruling)
        if outcome in ACCEPTED and self._judge.is_doubtful(change, moment):
            waits = self.known.policy(None).clock_doubt.rule == "pending" and change.act not in DECISIONS
            outcome, code, merged = ("pending", CLOCK, None) if waits else (outcome, CLOCK, merged)
        verdict = Verdict(id=change.id, number=self.number, outcome=outcome, reason=code, at=self.at)
        self._take(arrived, verdict, merged, moment)

    def enter_for(self, readmission: Readmission, arrived: Arrived) -> None:
        """Take the server's line for a change from quarantine, judged as its author's own."""
        self.number += 1
        self._seen(arrived.change)
        outcome, code, merged = self._judge.judge(
            readmission.change, readmission.moment, readmission.seen[0], self.ruling
        )
        if readmission.change.act in DECISIONS:  # such a line has no room for what was decided: it is decided anew
            outcome, code, merged = "refused", "EJ-233", None
        verdict = Verdict(id=arrived.change.id, number=self.number, outcome=outcome, reason=code, at=self.at)
        self._take(arrived, verdict, merged, readmission.moment)

    def reenter(self, arrived: Arrived, verdict: Verdict) -> None:
        """Take a line as it was judged then."""
        change = arrived.change
        self.number, self.now = verdict.number, datetime.fromisoformat(verdict.at)
        _, seen_at = self._seen(change)
        merged = None
        if sets_values(change) and verdict.outcome in (*ACCEPTED, "disputed"):
            row = self.known.row(change.kind, change.record)
            merged = merge(row.fields if row else None, change)
        was_readmitted = change.desk == access.SERVER and bool(change.about)  # its `at` is what was judged
        moment = datetime.fromisoformat(change.at) if was_readmitted else entry_time(change.at, seen_at, self.now)
        self._take(arrived, verdict, merged, moment)

    def _take(self, arrived: Arrived, verdict: Verdict, merged: Merged | None, moment: datetime) -> None:
        change, outcome = arrived.change, verdict.outcome
        slice_ = self._slice_of_line(change, outcome, merged)
        if merged is not None and outcome in ACCEPTED:
            self._keep_record(change, merged.fields, moment, slice_)
        leaf = tree.leaf_hash(leaf_bytes(arrived.hash, verdict))
        if outcome not in ACCEPTED:
            slice_ = access.undecided_slice(change.kind, slice_)
        line = Line(change, slice_, arrived.prev, arrived.hash, verdict, leaf, arrived.batch, arrived.position)
        self.lines.append(line)
        self._note_disputes(change, merged, outcome)
        self._note_requests(change, verdict)
        if outcome in ACCEPTED and is_confirmation(change):
            self._carry_out(change)

    def _carry_out(self, confirmation: Change) -> None:
        """Destroy what a confirmed act covers, at once: what follows in this transaction meets the emptied records."""
        order = self.known.build(Destruction, confirmation.record)
        if order is None or order.confirmed_by is None:
            return
        self.known.flush()
        self._write_lines()
        for row in erasure.carry_out(self.tx, order, self.number):
            self.known.put(row)

    def _write_lines(self) -> None:
        log.append(self.tx, self.lines[self._written :])
        self._written = len(self.lines)

    def _seen(self, change: Change) -> tuple[int, datetime]:
        """Return how much of the log the desk knew and since when: the newest head that it has ever named.

        A desk does not forget: naming an older head, or none, does not take its later entries back into the past; nor
        does it hide from the rules what it has confirmed to hold.
        """
        size, at = self._named.get(change.desk) or known_before(self.tx, change.desk)
        if head := self._head_named(change.head):
            size, at = max(size, head[0]), max(at, head[1])
        self._named[change.desk] = size, at
        return size, at

    def _head_named(self, hash_: str) -> tuple[int, datetime] | None:
        """Return size and time of the head a change names; an unknown head proves nothing."""
        if hash_ not in self._heads:
            found = log.tree_head(self.tx, hash_)
            self._heads[hash_] = (found[0], datetime.fromisoformat(found[1])) if found else None
        return self._heads[hash_]

    def _slice_of_line(self, change: Change, outcome: Outcome, merged: Merged | None) -> str:
        if outcome == "refused":
            return desk_slice(change)
        if outcome == "pending" and declares(change):
            return access.SUBSTITUTIONS
        if change.act == "refuse" and (request := requests.request_of(self.tx, change.about)):
            return requests.line_of(self.tx, request).slice
        return self._slice(change, merged)

    def _slice(self, change: Change, merged: Merged | None) -> str:
        row = self.known.row(change.kind, change.record) if change.kind in KINDS else None
        if row is not None:
            return row.slice
        fields = merged.fields if merged else change.set
        return slice_of(change, fields)

    def _keep_record(self, change: Change, fields: Fields, moment: datetime, slice_: str) -> None:
        old = self.known.row(change.kind, change.record)
        entered = moment.isoformat(timespec="seconds")
        has_value = fields.get("value") is not None
        first = (old.first_at if old else "") or (entered if has_value else "")
        row = Row(change.kind, change.record, fields, self.number, change.desk, entered_by(change), entered, first,
                  slice_, bool(fields.get("voided")))  # fmt: skip
        self.known.put(row)
        self._moved[slice_] = self.number
        gives_sight = change.kind == "Lesson" and "teacher_id" in change.set  # who gives a lesson sees its page
        if change.kind in RULING or gives_sight:
            self.versions.append(row)
            self.ruling = self.number

    def _note_disputes(self, change: Change, merged: Merged | None, outcome: Outcome) -> None:
        if outcome == "disputed" and merged is not None:
            row = self.known.row(change.kind, change.record)
            standing = row.number if row else 0
            disputes = [
                Dispute(number=self.number, unit=",".join(unit), kind=change.kind, record=change.record,
                        author=change.author, standing=standing)
                for unit in merged.clashes
            ]  # fmt: skip
            aside.add_disputes(self.tx, disputes)
        elif change.act == "resolve" and outcome in ACCEPTED:
            decided = {",".join(unit) for unit in units(change.kind) if not change.set.keys().isdisjoint(unit)}
            for dispute in aside.open_disputes_of(self.tx, change.kind, change.record):
                if dispute.unit in decided:
                    aside.close_dispute(self.tx, dispute, self.number)

    def _note_requests(self, change: Change, verdict: Verdict) -> None:
        if verdict.outcome == "pending":
            request = Request(number=verdict.number, change=change.id, kind=change.kind, record=change.record,
                              author=entered_by(change), reason=verdict.reason)  # fmt: skip
            requests.add(self.tx, request)
            self._judge.note_waiting(request)
        elif change.act in DECISIONS and verdict.outcome in ACCEPTED:
            decided = requests.request_of(self.tx, change.about)
            assert decided is not None, "the rules let nobody decide about nothing"
            requests.decide(self.tx, decided, verdict.number, "approved" if change.act == "approve" else "refused")
            self._judge.forget_waiting(decided.author)

    def close(self, authority: Authority, head: Head) -> TreeHead:
        """Write everything and sign the new head."""
        return sign_head(authority, self.tx, head, self.write(head), self.ruling, self.at)

    def write(self, head: Head) -> tree.Frontier:
        """Write everything but the head row."""
        self.known.flush()
        if access.DIRECTORY not in self._moved:
            self.known.keep()
        slices.move(self.tx, self._moved.items())
        records.keep_versions(self.tx, self.versions)
        for desk_id, (size, at) in self._named.items():
            people.keep_named(self.tx, desk_id, size, stamp(at))
        self._write_lines()
        growth = tree.extend(head.frontier, (line.leaf for line in self.lines))
        log.grow(self.tx, growth)
        return growth.frontier


def slice_of(change: Change, fields: Fields) -> str:
    """Return the slice of a change's record; what names no page or class is seen by its author alone."""
    if change.kind not in KINDS:
        return desk_slice(change)
    try:
        if change.kind == "Lesson" and "journal_page_id" not in fields:  # a topic that waits while its lesson does
            fields = {**fields, "journal_page_id": ids.lesson_parts(change.record)[0]}
        return access.slice_of(change.kind, fields)
    except (KeyError, ValueError):
        return desk_slice(change)


def desk_slice(change: Change) -> str:
    """Return the slice of what nobody but its author sees: a refused change became nobody's record."""
    return f"desk:{change.desk}"
