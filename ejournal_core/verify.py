"""Recompute a school's whole log, trusting nothing that is stored, and name the first place that does not hold.

The same checks serve a live store and a backup: both give the log batch by batch. What a store keeps besides (hashes,
leaves, heads, records) is compared with what follows from the lines alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar, Literal

from msgspec import Struct

from ejournal_core import access, archive, ids, rebuilding, seal, tree, wire
from ejournal_core.changes import Change, Verdict, change_hash, leaf_bytes
from ejournal_core.destruction import Losses
from ejournal_core.errors import Trouble
from ejournal_core.kinds import Fields
from ejournal_core.wire import BatchHead, Receipt, TreeHead

#: What is broken at a place.
What = Literal[
    "number", "text", "columns", "content", "chain", "counter", "author", "batch", "position", "verdict", "receipt",
    "head", "epoch", "replay", "subtree", "record", "end", "desk",
]  # fmt: skip


class BrokenLog(Trouble):
    """The log does not hold; `details` name the first place: number, desk and its counter n, and what is broken."""

    code: ClassVar[str] = "EJ-254"


def broken(what: What, number: int, desk: str = "", n: int = 0) -> BrokenLog:
    """Return the trouble for a place; a number of 0 is the log as a whole."""
    return BrokenLog(f"{what} at {number}", broken=what, number=number, desk=desk, n=n)


class StoredBatch(Struct, frozen=True, kw_only=True):
    """What is kept of an author's batch: head (None: nothing), all change hashes, the receipt and its counters.

    `hashes` is None where only those of missing lines are known: `missing` by position.
    """

    root: str
    public_key: str
    head: BatchHead | None
    hashes: bytes | None
    receipt: Receipt | None
    first: int = 0
    last: int = 0
    missing: Mapping[int, bytes] = {}


class StoredLine(Struct, frozen=True, kw_only=True):
    """A line as it is kept. `hash`, `leaf` and `n` are what the store says besides; None where it says nothing."""

    number: int
    body: bytes
    prev: bytes
    verdict: Verdict
    position: int
    hash: bytes | None = None
    leaf: bytes | None = None
    desk: str | None = None
    n: int | None = None


class _Person(Struct, frozen=True):
    person: str
    public_key: str


class Checker:
    """Takes the log batch by batch in order of numbers.

    Args:
        school: the school's id.
        server_key: the server's Ed25519 key, hex.
        heads: kept signed tree heads; those of one size are compared when the log has come there.
        strict: whether a desk without a certificate in the log is an offence.
    """

    def __init__(self, school: str, server_key: str, heads: Iterable[TreeHead] = (), *, strict: bool = True) -> None:
        self.school = school
        self.frontier = tree.Frontier()
        self.replay = rebuilding.Replay()
        self.subtrees: dict[tuple[int, int], bytes] = {}
        self.numbers: dict[tuple[str, str], int] = {}  # (kind, record) → number of the last accepted line
        self.chains: dict[str, tuple[int, str]] = {}  # desk → its last counter in the log, and the hash there
        self._key = bytes.fromhex(server_key)
        self._people = {access.SERVER: _Person(access.SERVER, server_key)}
        self._strict = strict
        self._losses = Losses()
        self._gaps: dict[tuple[str, str], tuple[int, int]] = {}  # (desk, hash before) → (number, n)
        self._aside: set[tuple[str, str]] = set()
        self._heads: dict[int, list[TreeHead]] = {}
        self._epoch = 0
        self._kept: set[tuple[int, str]] = set()
        for head in heads:
            self._kept.add((head.size, head.root))
            self._heads.setdefault(head.size, []).append(head)
        self._check_heads()

    # --- a batch ---

    def batch(self, stored: StoredBatch, lines: Sequence[StoredLine]) -> None:
        """Check the lines of one batch, and what is kept of it.

        Raises:
            BrokenLog: the first place that does not hold.
        """
        changes = [self._read(line, offset) for offset, line in enumerate(lines)]
        if lines and stored.head is None:
            raise _at("batch", lines[0], changes[0])
        hashes = [self._hash(line, change) for line, change in zip(lines, changes, strict=True)]
        whole = self._whole(stored, lines, changes, hashes)
        self._check_receipt(stored, lines, changes)
        for line, change, hash_ in zip(lines, changes, hashes, strict=True):
            self._check_author(stored, line, change)
            self._check_place(stored, whole, line, change, hash_)
            self._check_chain(line, change, hash_)
            self._check_verdict(stored, line, change, hash_)
            self._enter(line, change, hash_)
        kept = {line.position for line in lines}
        gone = (hash_ for position, hash_ in whole.items() if position not in kept)
        self._aside.update((stored.head.desk if stored.head else "", hash_.hex()) for hash_ in gone)

    def _read(self, line: StoredLine, offset: int) -> Change:
        if line.number != self.frontier.size + 1 + offset:
            raise broken("number", self.frontier.size + 1 + offset)
        try:
            change = wire.decode_change(line.body)
        except wire.Malformed:
            raise broken("text", line.number) from None
        if wire.encode(change) != line.body:
            raise _at("text", line, change)
        named = (line.desk in (None, change.desk), line.n in (None, change.n), line.verdict.id == change.id)
        if not all(named):
            raise _at("columns", line, change)
        return change

    def _hash(self, line: StoredLine, change: Change) -> bytes:
        try:
            hash_ = change_hash(change, line.prev.hex())
        except (TypeError, ValueError, RecursionError):
            raise _at("text", line, change) from None
        if line.hash not in (None, hash_):
            raise _at("content", line, change)
        return hash_

    def _whole(
        self, stored: StoredBatch, lines: Sequence[StoredLine], changes: Sequence[Change], hashes: Sequence[bytes]
    ) -> dict[int, bytes]:
        """Return all change hashes of the batch by position: those that its author signed, or it is broken."""
        if stored.head is None:
            return {}
        here = {line.position: hash_ for line, hash_ in zip(lines, hashes, strict=True)}
        each = tree.HASH_BYTES
        told = stored.hashes
        whole = {**stored.missing, **here} if told is None else {
            i // each: told[i : i + each] for i in range(0, len(told), each)
        }  # fmt: skip
        ordered = [whole[position] for position in sorted(whole)]
        counted = sorted(whole) == list(range(stored.head.count)) and stored.head.root == stored.root
        if counted and seal.batch_root(ordered) == stored.root:
            return whole
        if not lines:
            raise broken("batch", 0, stored.head.desk, stored.head.first)
        place = _first_unlinked(lines, hashes) if counted else 0
        if place is None:  # all lines agree with each other; an archive's last one has no other to agree with
            place = len(lines) - 1 if told is None else 0
        what: What = "content" if counted and told is None else "batch"
        raise _at(what, lines[place], changes[place])

    def _check_author(self, stored: StoredBatch, line: StoredLine, change: Change) -> None:
        head = stored.head
        assert head is not None, "checked with the first line"
        signer = self._people.get(change.desk)
        if signer is None and not self._strict:
            signer = _Person(change.author, stored.public_key)
        signed = (
            signer is not None
            and signer.public_key == stored.public_key
            and (head.school, head.desk) == (self.school, change.desk)
            and change.author == signer.person
            and seal.is_message_signed(_unhex(signer.public_key), head)
        )
        if not signed:
            raise _at("author", line, change)

    def _check_place(
        self, stored: StoredBatch, whole: Mapping[int, bytes], line: StoredLine, change: Change, hash_: bytes
    ) -> None:
        head = stored.head
        assert head is not None, "checked with the first line"
        if head.first + line.position != change.n or whole.get(line.position) != hash_:
            raise _at("position", line, change)

    def _check_chain(self, line: StoredLine, change: Change, hash_: bytes) -> None:
        """The counter goes up; it leaves out only what lies in quarantine, and then the chain leads through there."""
        last, end = self.chains.get(change.desk, (0, ""))
        if change.n <= last:
            raise _at("counter", line, change)
        if line.prev.hex() != end:
            if change.n == last + 1:
                raise _at("chain", line, change)
            self._gaps.setdefault((change.desk, line.prev.hex()), (line.number, change.n))
        elif change.n != last + 1:
            raise _at("counter", line, change)
        self.chains[change.desk] = (change.n, hash_.hex())

    def _check_verdict(self, stored: StoredBatch, line: StoredLine, change: Change, hash_: bytes) -> None:
        leaf = tree.leaf_hash(leaf_bytes(hash_, line.verdict))
        if line.leaf not in (None, leaf):
            raise _at("verdict", line, change)
        receipt = stored.receipt
        if receipt is None or line.position >= len(receipt.verdicts):
            raise _at("receipt", line, change)
        if receipt.verdicts[line.position] != line.verdict:
            signed = seal.is_message_signed(self._key, receipt)
            raise _at("verdict" if signed else "receipt", line, change)

    def _check_receipt(self, stored: StoredBatch, lines: Sequence[StoredLine], changes: Sequence[Change]) -> None:
        receipt, head = stored.receipt, stored.head
        if receipt is None or head is None:
            raise broken("receipt", lines[0].number if lines else 0)
        said = (receipt.school, receipt.desk, receipt.root, len(receipt.verdicts), stored.first, stored.last)
        meant = (self.school, head.desk, head.root, head.count, head.first, head.first + head.count - 1)
        kept = (receipt.head.size, receipt.head.root) in self._kept
        if said != meant or not kept or not seal.is_message_signed(self._key, receipt):
            number = lines[0].number if lines else 0
            raise broken("receipt", number, head.desk, changes[0].n if changes else head.first)

    def _enter(self, line: StoredLine, change: Change, hash_: bytes) -> None:
        self._open_epoch(line, change)
        try:
            self.replay.apply(change, line.verdict)
        except archive.DamagedArchive:
            raise _at("replay", line, change) from None
        if line.verdict.outcome in (*rebuilding.APPLIED, "converged"):
            self.numbers[change.kind, change.record] = line.number
        growth = tree.extend(self.frontier, [tree.leaf_hash(leaf_bytes(hash_, line.verdict))])
        self.frontier = growth.frontier
        self.subtrees.update(
            {(level, index): value for level, index, value in growth.completed if level % 8 == 0 < level}
        )
        self._losses.take(line.number, change, accepted=line.verdict.outcome in rebuilding.APPLIED)
        self._know(change, line.verdict)
        self._check_heads()

    def _open_epoch(self, line: StoredLine, change: Change) -> None:
        if change.kind != "Epoch":
            return
        told = (change.set.get("backup_size"), change.set.get("backup_root"))
        number = _epoch_number(change.record)
        if told != (self.frontier.size, self.frontier.root().hex()) or number <= self._epoch:
            raise _at("epoch", line, change)
        self._epoch = number

    def _know(self, change: Change, verdict: Verdict) -> None:
        """A desk counts from the line on in which the server certified it."""
        issued = change.desk == access.SERVER and change.kind == "Certificate" and verdict.outcome == "taken"
        fields = self.replay.fields(change.kind, change.record) if issued else {}
        if fields.get("subject_kind") == "desk":
            self._people[change.record] = _Person(str(fields["person_id"]), str(fields["public_key"]))

    def _check_heads(self) -> None:
        for head in self._heads.pop(self.frontier.size, ()):
            if (head.school, head.root) != (self.school, self.frontier.root().hex()) or not seal.is_message_signed(
                self._key, head
            ):
                raise broken("head", self.frontier.size)

    # --- the end ---

    def finish(self, head: TreeHead, aside: Iterable[tuple[str, str]] = ()) -> None:
        """Check what only the whole can show.

        Args:
            head: the signed head that the log must give.
            aside: (desk, change hash) of what lies in quarantine.

        Raises:
            BrokenLog: the first place that does not hold.
        """
        aside = {*self._aside, *aside}
        open_ = [(number, desk, n) for (desk, hash_), (number, n) in self._gaps.items() if (desk, hash_) not in aside]
        if open_:
            number, desk, n = min(open_)
            raise broken("chain", number, desk, n)
        same = (head.size, head.root, head.school) == (self.frontier.size, self.frontier.root().hex(), self.school)
        if not same or not seal.is_message_signed(self._key, head) or self._heads:
            raise broken("end", min(self.frontier.size, head.size) + 1)
        if self._epoch and self._epoch != head.epoch:
            raise broken("epoch", self.frontier.size)
        hidden = self._losses.unexplained(self.replay.fields, restored=head.epoch > 1)
        if hidden is not None:
            raise broken("content", hidden)

    def compare_records(self, records: Iterable[tuple[str, str, Fields]]) -> None:
        """Compare what is kept of each record with what its lines make of it.

        Raises:
            BrokenLog: the one that was set first of those that differ.
        """
        made = {(kind, record): fields for kind, record, fields in self.replay.records()}
        kept = {(kind, record): fields for kind, record, fields in records}
        differing = [each for each in made.keys() | kept.keys() if made.get(each) != kept.get(each)]
        if differing:
            raise broken("record", min(self.numbers.get(each, 0) for each in differing))

    def compare_subtrees(self, kept: Mapping[tuple[int, int], bytes]) -> None:
        """Compare the subtrees that are kept for proofs.

        Raises:
            BrokenLog: the number is that of the first line under the one that differs.
        """
        differing = [each for each in self.subtrees.keys() | kept.keys() if self.subtrees.get(each) != kept.get(each)]
        if differing:
            raise broken("subtree", min((index << level) + 1 for level, index in differing))

    def compare_chains(self, desks: Mapping[str, tuple[int, str, str]], aside: Iterable[tuple[str, int, str]]) -> None:
        """Compare where the store says each desk stands (counter, hash, public key) with its lines.

        Raises:
            BrokenLog: one stands elsewhere, or its key is not the certified one.
        """
        ends = dict(self.chains)
        for desk, n, hash_ in aside:
            if n > ends.get(desk, (0, ""))[0]:
                ends[desk] = (n, hash_)
        for desk, (n, hash_, key) in sorted(desks.items()):
            known = self._people.get(desk)
            if ends.get(desk, (0, "")) != (n, hash_) or (known is not None and known.public_key != key):
                raise broken("desk", 0, desk, n)


def _first_unlinked(lines: Sequence[StoredLine], hashes: Sequence[bytes]) -> int | None:
    """Return which line has not the hash that the next one names before itself, None where all have."""
    for place, (line, after) in enumerate(pairwise(lines)):
        if after.position == line.position + 1 and after.prev != hashes[place]:
            return place
    return None


def _at(what: What, line: StoredLine, change: Change) -> BrokenLog:
    return broken(what, line.number, change.desk, change.n)


def _epoch_number(record: str) -> int:
    try:
        return ids.epoch_number(record)
    except ValueError:
        return 0


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
