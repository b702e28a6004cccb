"""The school's one order of changes: judge, number, keep, and sign what was kept.

Whatever writes, a desk's batch or the server itself, goes through `enter`; so every line has its number from the locked
head row, its leaf in the tree and its receipt.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import msgspec
from msgspec import Struct

from ejournal_core import access, checks, ids, seal, tree, wire
from ejournal_core.changes import Act, Change, Outcome, Verdict, is_erasable, leaf_bytes
from ejournal_core.kinds import KINDS, Fields
from ejournal_core.merge import Merged, merge, units
from ejournal_core.wire import Batch, Receipt, TreeHead
from ejournal_server import facts
from ejournal_server.facts import Known, ServerFacts
from ejournal_server.keys import ServerKeys
from ejournal_server.store import aside, log, people, records
from ejournal_server.store.aside import Dispute
from ejournal_server.store.database import Store, Transaction
from ejournal_server.store.log import Head, Line
from ejournal_server.store.records import RULING, Row

#: Outcomes after which the record holds the wanted value.
ACCEPTED: frozenset[Outcome] = frozenset({"taken", "converged", "merged"})

#: What a change is refused with whose lesson, column or own birth is not there.
_WITHOUT_A_PARENT = ("EJ-203", "EJ-204")

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
        self.known = Known(tx)
        self.now = now
        self.at = stamp(now)
        self.number = head.number
        self.ruling = head.ruling
        self.lines: list[Line] = []
        self.versions: list[Row] = []
        self._heads: dict[str, tuple[int, datetime] | None] = {"": None}
        self._waiting: dict[str, dict[tuple[str, str], str]] = {}
        self._named: dict[str, tuple[int, datetime]] = {}

    def enter(self, arrived: Arrived) -> None:
        """Judge a change and take it as the next line."""
        change = arrived.change
        self.number += 1
        seen_size, seen_at = self._seen(change)
        moment = entry_time(change.at, seen_at, self.now)
        outcome, code, merged = self._judge(change, moment, seen_size)
        verdict = Verdict(id=change.id, number=self.number, outcome=outcome, reason=code, at=self.at)
        self._take(arrived, verdict, merged, moment)

    def reenter(self, arrived: Arrived, verdict: Verdict) -> None:
        """Take a line as it was judged then."""
        change = arrived.change
        self.number, self.now = verdict.number, datetime.fromisoformat(verdict.at)
        _, seen_at = self._seen(change)
        merged = None
        if not verdict.reason and verdict.outcome in (*ACCEPTED, "disputed"):
            row = self.known.row(change.kind, change.record)
            merged = merge(row.fields if row else None, change)
        self._take(arrived, verdict, merged, entry_time(change.at, seen_at, self.now))

    def _take(self, arrived: Arrived, verdict: Verdict, merged: Merged | None, moment: datetime) -> None:
        change, outcome = arrived.change, verdict.outcome
        slice_ = desk_slice(change) if outcome == "refused" else self._slice(change, merged)
        if merged is not None and outcome in ACCEPTED:
            self._keep_record(change, merged.fields, moment, slice_)
        leaf = tree.leaf_hash(leaf_bytes(arrived.hash, verdict))
        if outcome not in ACCEPTED:
            slice_ = access.undecided_slice(change.kind, slice_)
        line = Line(change, slice_, arrived.prev, arrived.hash, verdict, leaf, arrived.batch, arrived.position)
        self.lines.append(line)
        self._note_disputes(change, merged, outcome)

    def _seen(self, change: Change) -> tuple[int, datetime]:
        """Return how much of the log the desk knew and since when: the newest head that it has ever named.

        A desk does not forget: naming an older head, or none, does not take its later entries back into the past.
        """
        size, at = self._named.get(change.desk) or self._named_before(change.desk)
        if head := self._head_named(change.head):
            size, at = max(size, head[0]), max(at, head[1])
        self._named[change.desk] = size, at
        return size, at

    def _named_before(self, desk_id: str) -> tuple[int, datetime]:
        desk = people.desk(self.tx, desk_id)
        assert desk is not None, "only a certified desk has lines"
        return desk.named_size, datetime.fromisoformat(desk.named_at or desk.at)

    def _head_named(self, hash_: str) -> tuple[int, datetime] | None:
        """Return size and time of the head a change names; an unknown head proves nothing."""
        if hash_ not in self._heads:
            found = log.tree_head(self.tx, hash_)
            self._heads[hash_] = (found[0], datetime.fromisoformat(found[1])) if found else None
        return self._heads[hash_]

    def _judge(self, change: Change, moment: datetime, seen: int) -> tuple[Outcome, str, Merged | None]:
        answer = checks.check(change, ServerFacts(self.known, moment, seen=seen), at_arrival=True)
        if answer.outcome == "refused" and seen < self.ruling:
            then = checks.check(change, ServerFacts(self.known, moment, as_of=seen, seen=seen), at_arrival=True)
            if then.outcome != "refused":  # lawful when it was entered: a person decides
                return "pending", answer.code, None
        if answer.code in _WITHOUT_A_PARENT and (reason := self._why_its_parent_waits(change)):
            return "pending", reason, None
        if answer.outcome != "taken":
            return answer.outcome, answer.code, None
        row = self.known.row(change.kind, change.record)
        moved = row is not None and row.number > seen and row.desk != change.desk
        merged = merge(row.fields if row else None, change, moved=moved)
        return merged.outcome, "", merged

    def _why_its_parent_waits(self, change: Change) -> str:
        """Return why the birth waits that this change of the same desk builds on, "" when none does."""
        if change.desk not in self._waiting:
            lines = log.pending_of_desk(self.tx, change.desk)
            self._waiting[change.desk] = {(c.kind, c.record): verdict.reason for c, verdict in lines}
        waiting = self._waiting[change.desk]
        here = {(line.change.kind, line.change.record): line.verdict.reason for line in self.lines
                if line.verdict.outcome == "pending" and line.change.desk == change.desk}  # fmt: skip
        around = [(change.kind, change.record), *facts.around(change)]
        return next((reason for each in around if (reason := here.get(each) or waiting.get(each, ""))), "")

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
        row = Row(change.kind, change.record, fields, self.number, change.desk, change.author, entered, first,
                  slice_, bool(fields.get("voided")))  # fmt: skip
        self.known.put(row)
        if change.kind in RULING:
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

    def close(self, authority: Authority, head: Head) -> TreeHead:
        """Write everything and sign the new head."""
        return sign_head(authority, self.tx, head, self.write(head), self.ruling, self.at)

    def write(self, head: Head) -> tree.Frontier:
        """Write everything but the head row."""
        self.known.flush()
        records.keep_versions(self.tx, self.versions)
        for desk_id, (size, at) in self._named.items():
            people.keep_named(self.tx, desk_id, size, stamp(at))
        log.append(self.tx, self.lines)
        growth = tree.extend(head.frontier, (line.leaf for line in self.lines))
        log.grow(self.tx, growth)
        return growth.frontier


def entry_time(at: str, seen_at: datetime, now: datetime) -> datetime:
    """Return when a change was entered: the desk's clock where it lies between what the desk had seen and the arrival.

    The offset of the desk's clock is kept, because days are reckoned where the school is.
    """
    claimed = datetime.fromisoformat(at)
    bounded = min(max(claimed, seen_at), now)
    return bounded.astimezone(claimed.tzinfo)


def slice_of(change: Change, fields: Fields) -> str:
    """Return the slice of a change's record; what names no page or class is seen by its author alone."""
    if change.kind not in KINDS:
        return desk_slice(change)
    try:
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


def write_own(authority: Authority, tx: Transaction, wishes: Sequence[Wish]) -> Entered:
    """Write records as the desk "server": the same log, chain, signature and receipt as everybody's."""
    head = log.read_head(tx, lock=True)
    desk = people.desk(tx, access.SERVER)
    assert desk is not None, "a school is founded with the server's desk"
    at = stamp(authority.clock())
    seen = seal.head_hash(wire.decode(TreeHead, head.signed.encode())) if head.signed else ""
    changes = [
        Change(id=ids.new_id(), desk=desk.id, n=desk.last_n + i, author=access.SERVER, kind=wish.kind,
               record=wish.record, was=wish.was, set=wish.set, act=wish.act, why=wish.why, at=at, head=seen,
               salt=secrets.token_hex(32) if is_erasable(wish.kind, wish.set) else "")
        for i, wish in enumerate(wishes, 1)
    ]  # fmt: skip
    batch = seal.sign_batch(authority.keys.signing, authority.school, desk.id, desk.last_hash, changes)
    hashes = seal.chain(desk.last_hash, changes)
    entered = enter(authority, tx, head, batch, hashes, range(len(changes)))
    people.set_desk(tx, msgspec.structs.replace(desk, last_n=changes[-1].n, last_hash=hashes[-1].hex()))
    keep_receipt(tx, batch, hashes, sign_receipt(authority, batch, entered.verdicts, entered.head))
    return entered


def found_school(authority: Authority, name: str) -> None:
    """Make a school: its head row, the server's own desk, and the signed head of the empty tree."""
    with authority.store.write() as tx:
        log.add_school(tx, name)
        at = stamp(authority.clock())
        public = authority.keys.signing_public
        people.add_desk(tx, people.Desk(id=access.SERVER, person=access.SERVER, public_key=public, at=at))
        sign_head(authority, tx, log.read_head(tx, lock=True), tree.Frontier(), 0, at)
