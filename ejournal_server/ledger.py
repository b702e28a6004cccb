"""The school's one order of changes: judge, number, keep, and sign what was kept.

Whatever writes, a desk's batch or the server itself, goes through `enter`; so every line has its number from the locked
head row, its leaf in the tree and its receipt.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import Struct

from ejournal_core import access, checks, ids, seal, tree, wire
from ejournal_core.changes import (
    Act,
    Change,
    Outcome,
    Verdict,
    entered_by,
    is_erasable,
    is_rare,
    leaf_bytes,
    sets_values,
)
from ejournal_core.decisions import CLOCK, DECISIONS, MOVED, SUBSTITUTION, TOO_MANY_JUMPS, declares
from ejournal_core.destruction import is_confirmation
from ejournal_core.kinds import KINDS, Destruction, Fields
from ejournal_core.merge import Merged, merge, units
from ejournal_core.wire import Batch, Receipt, TreeHead
from ejournal_server import facts
from ejournal_server.facts import ServerFacts
from ejournal_server.keys import ServerKeys
from ejournal_server.store import aside, contacts, erasure, log, people, records, requests, slices
from ejournal_server.store.aside import Dispute
from ejournal_server.store.database import Store, Transaction
from ejournal_server.store.log import Head, Line
from ejournal_server.store.records import RULING, Row
from ejournal_server.store.requests import Request

#: Outcomes after which the record holds the wanted value.
ACCEPTED: frozenset[Outcome] = frozenset({"taken", "converged", "merged"})

#: What a change is refused with whose lesson, column or own birth is not there.
_WITHOUT_A_PARENT = frozenset({"EJ-203", "EJ-204"})
#: What a substitute's entry is refused with as long as the substitution waits.
_WITHOUT_A_RIGHT = frozenset({"EJ-210", "EJ-212"})

JUMPS_A_DAY = 10  # of a desk's clock: more explain nothing, and every one is kept for ever and sent to everybody

Clock = Callable[[], datetime]


def utc_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class Authority(Struct, frozen=True):
    """One school's server: its store, its keys and its clock. There is one order of changes, and it is kept here."""

    store: Store
    keys: ServerKeys
    clock: Clock = utc_clock

    @property
    def school(self) -> str:
        """The school's id."""
        return self.store.school

    def today(self) -> date:
        """Return the school's day by the time zone of this machine; in Kamchatka it begins at UTC's noon before."""
        return self.clock().astimezone().date()


def stamp(moment: datetime) -> str:
    """Return a moment as RFC 3339 text in UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Arrived(Struct, frozen=True):
    """A change with the hashes before and of it (32 bytes), and its batch's root and place there."""

    change: Change
    prev: bytes
    hash: bytes
    batch: str
    position: int


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
    session = _Session(tx, head, authority.clock())
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
    session = _Session(tx, head, datetime.fromisoformat(lines[0][1].at))
    facts.prefetch(session.known, [arrived.change for arrived, _ in lines])
    for arrived, verdict in lines:
        session.reenter(arrived, verdict)
    log.move_head(tx, session.write(head), session.ruling, "")
    return log.read_head(tx)


class _Session:
    """The lines of one transaction on their way into the log."""

    def __init__(self, tx: Transaction, head: Head, now: datetime) -> None:
        self.tx = tx
        self.known = facts.known_to_writer(tx, head.epoch)
        self.now = now
        self.at = stamp(now)
        self.number = head.number
        self.ruling = head.ruling
        self.lines: list[Line] = []
        self._written = 0  # of the lines
        self.versions: list[Row] = []
        self._heads: dict[str, tuple[int, datetime] | None] = {"": None}
        self._moved: dict[str, int] = {}  # the number at which each slice last changed
        self._waiting: dict[str, dict[tuple[str, str], str]] = {}
        self._named: dict[str, tuple[int, datetime]] = {}
        self._jumps: dict[tuple[str, date], int] = {}  # told by a desk on a day

    def enter(self, arrived: Arrived) -> None:
        """Judge a change and take it as the next line."""
        change = arrived.change
        self.number += 1
        seen_size, seen_at = self._seen(change)
        moment = entry_time(change.at, seen_at, self.now)
        outcome, code, merged = self._judge(change, moment, seen_size)
        if outcome in ACCEPTED and self._is_doubtful(change, moment):
            waits = self.known.policy(None).clock_doubt.rule == "pending" and change.act not in DECISIONS
            outcome, code, merged = ("pending", CLOCK, None) if waits else (outcome, CLOCK, merged)
        verdict = Verdict(id=change.id, number=self.number, outcome=outcome, reason=code, at=self.at)
        self._take(arrived, verdict, merged, moment)

    def enter_for(self, readmission: Readmission, arrived: Arrived) -> None:
        """Take the server's line for a change from quarantine, judged as its author's own."""
        self.number += 1
        self._seen(arrived.change)
        outcome, code, merged = self._judge(readmission.change, readmission.moment, readmission.seen[0])
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

    def _judge(self, change: Change, moment: datetime, seen: int) -> tuple[Outcome, str, Merged | None]:
        if change.kind == "ClockJump" and self._jumps_told(change.desk, moment) > JUMPS_A_DAY:
            return "refused", TOO_MANY_JUMPS, None
        answer = checks.check(change, ServerFacts(self.known, moment, seen=seen), at_arrival=True)
        if answer.outcome == "refused" and seen < self.ruling and change.act not in DECISIONS:
            then = checks.check(change, ServerFacts(self.known, moment, as_of=seen, seen=seen), at_arrival=True)
            if then.outcome != "refused":  # lawful when it was entered: a person decides
                return "pending", answer.code, None
        if reason := self._why_its_parent_waits(change, answer.code):
            return "pending", reason, None
        if answer.outcome == "refused" and self._is_lawful_by_its_own_clock(change, moment, seen):
            return "pending", CLOCK, None  # which of two clocks is wrong nobody can tell here: a person decides
        if answer.outcome != "taken":
            return answer.outcome, answer.code, None
        if not sets_values(change):  # a refusal, accepted: the record stays what it is
            return "converged", "", None
        row = self.known.row(change.kind, change.record)
        moved = row is not None and row.number > seen and row.desk != change.desk
        merged = merge(row.fields if row else None, change, moved=moved)
        if merged.outcome == "disputed" and change.act == "approve":  # to be decided anew, seeing what stands now
            return "refused", MOVED, None
        return merged.outcome, "", merged

    def _is_lawful_by_its_own_clock(self, change: Change, moment: datetime, seen: int) -> bool:
        """Say whether a change that came before it was entered, by its desk's clock, is lawful by that clock."""
        claimed = datetime.fromisoformat(change.at)
        if claimed <= moment or change.act in DECISIONS:
            return False
        there = claimed.astimezone(moment.tzinfo)
        sights = (ServerFacts(self.known, there, as_of, seen) for as_of in (None, seen))
        return any(checks.check(change, each, at_arrival=True).outcome != "refused" for each in sights)

    def _jumps_told(self, desk: str, moment: datetime) -> int:
        """Return how many jumps of its clock a desk tells of this day, this one included."""
        key = desk, moment.astimezone(UTC).date()
        if key not in self._jumps:
            told = records.children(self.tx, "ClockJump", [desk]).get(desk, [])
            days = [datetime.fromisoformat(row.at).astimezone(UTC).date() for row in told]
            self._jumps[key] = days.count(key[1])
        self._jumps[key] += 1
        return self._jumps[key]

    def _is_doubtful(self, change: Change, moment: datetime) -> bool:
        """Say whether the desk's clock was further outside what the log proves than the school bears with."""
        doubt = self.known.policy(None).clock_doubt
        if change.desk == access.SERVER:
            return False
        return abs(datetime.fromisoformat(change.at) - moment) > timedelta(minutes=doubt.minutes)

    def _why_its_parent_waits(self, change: Change, code: str) -> str:
        """Return why the change of the same person waits that this one builds on, "" when none does."""
        if code not in _WITHOUT_A_PARENT | _WITHOUT_A_RIGHT or change.act in DECISIONS:
            return ""
        author = entered_by(change)
        if author not in self._waiting:
            found = requests.requests_of(self.tx, author)
            self._waiting[author] = {(r.kind, r.record): r.reason for r in found if not r.decided_by}
        waiting = self._waiting[author]
        around = [(change.kind, change.record), *facts.around(change)]
        reasons = [reason for each in around if (reason := waiting.get(each, ""))]
        if code in _WITHOUT_A_RIGHT:
            reasons = [reason for reason in reasons if reason == SUBSTITUTION]
        return next(iter(reasons), "")

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
            if request.author in self._waiting:
                self._waiting[request.author][change.kind, change.record] = verdict.reason
        elif change.act in DECISIONS and verdict.outcome in ACCEPTED:
            decided = requests.request_of(self.tx, change.about)
            assert decided is not None, "the rules let nobody decide about nothing"
            requests.decide(self.tx, decided, verdict.number, "approved" if change.act == "approve" else "refused")
            self._waiting.pop(decided.author, None)

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


def known_before(tx: Transaction, desk_id: str) -> tuple[int, datetime]:
    """Return how much of the log a desk is known to have held, and since when: by naming it or by asking for more."""
    desk = people.desk(tx, desk_id)
    assert desk is not None, "only a certified desk has lines"
    size, at = desk.named_size, datetime.fromisoformat(desk.named_at or desk.at)
    confirmed = contacts.confirmed(tx, desk_id)
    lines = log.lines_numbered(tx, [confirmed]) if confirmed > size else []
    return (confirmed, max(at, datetime.fromisoformat(lines[0].verdict.at))) if lines else (size, at)


def entry_time(at: str, seen_at: datetime, now: datetime) -> datetime:
    """Return when a change was entered: the desk's clock where it lies between what the desk had seen and the arrival.

    The offset of the desk's clock is kept, because days are reckoned where the school is; an offset from elsewhere
    would move "today", and gives way to the server's own.
    """
    claimed = datetime.fromisoformat(at)
    bounded = min(max(claimed, seen_at), now)
    return bounded.astimezone(claimed.tzinfo if _is_near(claimed, now) else None)


def _is_near(claimed: datetime, now: datetime) -> bool:
    """Say whether a clock's offset may be the school's: within three hours of this machine's.

    A machine that was left in UTC does not know where it stands; then any offset of Russia will do.
    """
    here, there = now.astimezone().utcoffset(), claimed.utcoffset()
    assert here is not None, "local time has an offset"
    assert there is not None, "moments are aware"
    if not here and there:
        return EASTWARD[0] <= there <= EASTWARD[1]
    return abs(there - here) <= NEAR


NEAR = timedelta(hours=3)
EASTWARD = (timedelta(hours=2), timedelta(hours=12))  # from Kaliningrad to Kamchatka


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


def sign_head(
    authority: Authority, tx: Transaction, head: Head, frontier: tree.Frontier, ruling: int, at: str
) -> TreeHead:
    """Sign the tree head, keep it, and move the head row."""
    unsigned = TreeHead(
        school=authority.school, epoch=head.epoch, size=frontier.size, root=frontier.root().hex(), at=at
    )
    signed = seal.sign_message(authority.keys.signing, unsigned)
    body = wire.encode(signed).decode()
    log.move_head(tx, frontier, ruling, body)
    log.keep_tree_head(tx, seal.head_hash(signed), frontier.size, at, body)
    return signed


def current_head(tx: Transaction) -> TreeHead:
    """Return the signed head as it stands."""
    return wire.decode(TreeHead, log.read_head(tx).signed.encode())


def sign_receipt(authority: Authority, batch: Batch, verdicts: Sequence[Verdict], head: TreeHead) -> Receipt:
    """Return the signed answer to a batch."""
    receipt = Receipt(
        school=authority.school,
        desk=batch.head.desk,
        root=batch.head.root,
        verdicts=tuple(verdicts),
        head=head,
        at=stamp(authority.clock()),
    )
    return seal.sign_message(authority.keys.signing, receipt)


def keep_receipt(tx: Transaction, batch: Batch, hashes: Sequence[bytes], receipt: Receipt) -> None:
    """Keep the receipt with the batch's head and hashes: the same batch again gets the same receipt."""
    log.keep_receipt(
        tx,
        log.StoredReceipt(
            root=batch.head.root,
            desk=batch.head.desk,
            first=batch.head.first,
            last=batch.head.first + batch.head.count - 1,
            head=wire.encode(batch.head).decode(),
            hashes=b"".join(hashes),
            body=wire.encode(receipt).decode(),
        ),
    )


# --- what the server itself writes ---------------------------------------------------------------------------------


class Wish(Struct, frozen=True):
    """A record that the server wants to write: all fields of a new one, or the changed ones."""

    kind: str
    record: str
    set: Fields
    was: Fields = {}
    act: Act = "create"
    why: str = ""
    about: str = ""
    requester: str = ""


def write_own(authority: Authority, tx: Transaction, wishes: Sequence[Wish]) -> Entered:
    """Write records as the desk "server": the same log, chain, signature and receipt as everybody's."""
    head = log.read_head(tx, lock=True)
    desk = people.desk(tx, access.SERVER)
    assert desk is not None, "a school is founded with the server's desk"
    at = stamp(authority.clock())
    seen = seal.head_hash(wire.decode(TreeHead, head.signed.encode())) if head.signed else ""
    changes: list[Change] = []
    hashes: list[bytes] = []
    for n, wish in enumerate(wishes, desk.last_n + 1):
        prev = hashes[-1].hex() if hashes else desk.last_hash
        changes.append(_as_wished(authority, wish, n, at, seen, prev))
        hashes += seal.chain(prev, changes[-1:])
    batch = seal.sign_batch(authority.keys.signing, authority.school, desk.id, desk.last_hash, changes)
    entered = enter(authority, tx, head, batch, hashes, range(len(changes)))
    people.set_desk(tx, msgspec.structs.replace(desk, last_n=changes[-1].n, last_hash=hashes[-1].hex()))
    keep_receipt(tx, batch, hashes, sign_receipt(authority, batch, entered.verdicts, entered.head))
    return entered


def _as_wished(authority: Authority, wish: Wish, n: int, at: str, seen: str, prev: str) -> Change:
    change = Change(
        id=ids.new_id(), desk=access.SERVER, n=n, author=access.SERVER, kind=wish.kind, record=wish.record,
        was=wish.was, set=wish.set, act=wish.act, why=wish.why, at=at, head=seen, about=wish.about,
        requester=wish.requester, salt=secrets.token_hex(32) if is_erasable(wish.kind, wish.set) else "",
    )  # fmt: skip
    return seal.sign_change(authority.keys.signing, change, prev) if is_rare(change) else change


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


def readmit(authority: Authority, tx: Transaction, readmissions: Sequence[Readmission]) -> Entered:
    """Write changes from quarantine as the server's own lines, each judged as what its author's desk had brought."""
    head = log.read_head(tx, lock=True)
    desk = people.desk(tx, access.SERVER)
    assert desk is not None, "a school is founded with the server's desk"
    seen = seal.head_hash(wire.decode(TreeHead, head.signed.encode()))
    changes, prev = [], desk.last_hash
    for n, each in enumerate(readmissions, desk.last_n + 1):
        changes.append(_in_the_servers_name(authority, each, n, seen, prev))
        prev = seal.chain(prev, changes[-1:])[0].hex()
    batch = seal.sign_batch(authority.keys.signing, authority.school, desk.id, desk.last_hash, changes)
    hashes = seal.chain(desk.last_hash, changes)
    session = _Session(tx, head, authority.clock())
    for position, each in enumerate(readmissions):
        before = hashes[position - 1] if position else bytes.fromhex(desk.last_hash)
        arrived = Arrived(changes[position], before, hashes[position], batch.head.root, position)
        session.enter_for(each, arrived)
    signed = session.close(authority, head)
    entered = Entered(tuple(line.verdict for line in session.lines), signed)
    people.set_desk(tx, msgspec.structs.replace(desk, last_n=changes[-1].n, last_hash=hashes[-1].hex()))
    keep_receipt(tx, batch, hashes, sign_receipt(authority, batch, entered.verdicts, entered.head))
    return entered


def _in_the_servers_name(authority: Authority, readmission: Readmission, n: int, seen: str, prev: str) -> Change:
    original = readmission.change
    change = Change(
        id=ids.new_id(), desk=access.SERVER, n=n, author=access.SERVER, kind=original.kind, record=original.record,
        was=original.was, set=original.set, act=original.act, why=f"{readmission.words} {original.why}".strip(),
        at=readmission.moment.isoformat(timespec="seconds"), head=seen, about=original.id, requester=original.author,
        salt=secrets.token_hex(32) if is_erasable(original.kind, {**original.was, **original.set}) else "",
    )  # fmt: skip
    return seal.sign_change(authority.keys.signing, change, prev) if is_rare(change) else change


def found_school(authority: Authority, name: str) -> None:
    """Make a school: its head row, the server's own desk, and the signed head of the empty tree."""
    with authority.store.write() as tx:
        log.add_school(tx, name)
        at = stamp(authority.clock())
        public = authority.keys.signing_public
        people.add_desk(tx, people.Desk(id=access.SERVER, person=access.SERVER, public_key=public, at=at))
        sign_head(authority, tx, log.read_head(tx, lock=True), tree.Frontier(), 0, at)
