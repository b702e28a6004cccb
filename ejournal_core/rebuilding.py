"""An archive proved by rebuilding everything in it.

`prove` trusts nothing it is told: it recomputes each change's hash, each desk's chain, the tree, the authors' and the
server's signatures, and rebuilds every record by replaying the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from ejournal_core import seal, tree, wire
from ejournal_core.archive import (
    FORMAT,
    ArchiveBatch,
    ArchiveBlob,
    ArchiveEnd,
    ArchiveEntry,
    ArchiveHead,
    ArchiveReceipt,
    ArchiveRow,
    DamagedArchive,
    Line,
    NewerArchive,
    Proof,
    key_bytes,
)
from ejournal_core.blobs import named_file
from ejournal_core.changes import Change, Verdict, change_hash, leaf_bytes, record_text
from ejournal_core.destruction import Losses
from ejournal_core.kinds import KINDS, Fields
from ejournal_core.merge import merge

APPLIED = frozenset({"taken", "merged"})  # outcomes that change a record
_LEAVES = 1024  # appended to the tree at once: one by one takes twice as long

# --- content hash --------------------------------------------------------------------------------------------------


def content_hash(records: Iterable[tuple[str, str, Fields]]) -> str:
    """Return SHA-256 (hex) over the canonical lines [kind, id, fields] of all records, sorted by kind and id."""
    return ordered_content_hash(sorted(records, key=lambda each: each[:2]))


def ordered_content_hash(records: Iterable[tuple[str, str, Fields]]) -> str:
    """Return the same for records that come in order of kind and id already, without holding them all."""
    digest = hashlib.sha256()
    for kind, record, fields in records:
        digest.update(record_text(kind, record, fields) + b"\n")
    return digest.hexdigest()


class Replay:
    """Rebuilds the records from the log: the same merge as on the server gives the same values."""

    def __init__(self) -> None:
        self._fields: dict[tuple[str, str], Fields] = {}

    def apply(self, change: Change, verdict: Verdict) -> None:
        """Enter the next line of the log.

        Raises:
            DamagedArchive: the verdict cannot be true of this change.
        """
        if verdict.outcome not in APPLIED:
            return
        if change.kind not in KINDS:
            raise DamagedArchive("a line is of a kind that this version does not know", number=verdict.number)
        address = (change.kind, change.record)
        merged = merge(self._fields.get(address), change)
        if merged.outcome not in (*APPLIED, "converged"):
            raise DamagedArchive("a line is said to be taken but clashes with what stands", number=verdict.number)
        self._fields[address] = merged.fields

    def fields(self, kind: str, record: str) -> Fields:
        """Return a record's fields, none of one that never came to be."""
        return self._fields.get((kind, record), {})

    def records(self) -> Iterator[tuple[str, str, Fields]]:
        """Yield (kind, id, fields) of every record."""
        for (kind, record), fields in self._fields.items():
            yield kind, record, fields

    def content_hash(self) -> str:
        """Return `content_hash` of all records."""
        return ordered_content_hash((*address, self._fields[address]) for address in sorted(self._fields))


# --- proof ---------------------------------------------------------------------------------------------------------


def prove(lines: Iterable[Line]) -> Proof:
    """Rebuild everything an archive holds and compare it with what it says.

    Args:
        lines: the whole archive in order.

    Raises:
        DamagedArchive: names the first place that does not hold.
    """
    prover = Prover()
    for line in lines:
        prover.take(line)
    return prover.finish()


class Prover:
    """Takes an archive line by line; holds the records and one hash per change, never the text."""

    def __init__(self) -> None:
        self._begun: ArchiveHead | None = None
        self._frontier = tree.Frontier()
        self._leaves: list[bytes] = []  # that are to be appended to it
        self._replay = Replay()
        self._last_hash: dict[str, str] = {}  # by desk
        self._gaps: dict[tuple[str, str], int] = {}  # (desk, hash before) → number, where that is not the last line's
        self._batches: dict[str, ArchiveBatch] = {}
        self._hashes: dict[str, dict[int, bytes]] = {}  # batch root → position → change hash
        self._counts = {"entries": 0, "batches": 0, "receipts": 0, "rows": 0, "blobs": 0}
        self._losses = Losses()
        self.blobs: list[ArchiveBlob] = []
        self.latest = b""  # hash of the last change: nobody need reckon it again
        self._end: ArchiveEnd | None = None

    @property
    def _head(self) -> ArchiveHead:
        if self._begun is None:
            raise DamagedArchive("the archive has no beginning")
        return self._begun

    def take(self, line: Line) -> None:
        """Prove the next line as far as it can be proved alone.

        Raises:
            DamagedArchive: it does not hold.
        """
        if isinstance(line, ArchiveHead):
            self._begin(line)
            return
        head = self._head
        if self._end is not None:
            raise DamagedArchive("something stands after the end of the archive")
        match line:
            case ArchiveBatch():
                self._counts["batches"] += 1
                self._take_batch(line)
            case ArchiveEntry():
                self._counts["entries"] += 1
                self._take_entry(line)
            case ArchiveReceipt():
                self._counts["receipts"] += 1
                _signed(head, line.receipt, "receipt")
            case ArchiveRow():
                self._counts["rows"] += 1
            case ArchiveBlob():
                self._counts["blobs"] += 1
                self.blobs.append(line)
            case ArchiveEnd():
                self._end = line

    def _begin(self, head: ArchiveHead) -> None:
        if self._begun is not None:
            raise DamagedArchive("the archive begins twice")
        if head.v > FORMAT:
            raise NewerArchive("the archive is of a newer format", format=head.v)
        self._begun = head

    def records(self) -> Iterator[tuple[str, str, Fields]]:
        """Yield (kind, id, fields) of every record that the lines taken so far have made."""
        return self._replay.records()

    def finish(self) -> Proof:
        """Prove what only the whole can show.

        Raises:
            DamagedArchive: it does not hold.
        """
        signed, end = self._head.head, self._end
        if end is None:
            raise DamagedArchive("the archive is cut: its end is missing", entries=self._counts["entries"])
        said = {"entries": end.entries, "batches": end.batches, "receipts": end.receipts, "rows": end.rows,
                "blobs": end.blobs}  # fmt: skip
        if said != self._counts:
            raise DamagedArchive("lines of the archive are missing")
        self._grow()
        self._whole_chains()
        self._whole_batches()
        _signed(self._head, signed, "tree head")
        if (signed.size, signed.root) != (self._frontier.size, self._frontier.root().hex()):
            raise DamagedArchive("the log does not give the signed tree head", size=signed.size)
        self._every_file_is_there()
        self._every_loss_has_its_act()
        content = self._replay.content_hash()
        if content != end.content_sha256:
            raise DamagedArchive("the records rebuilt from the log differ from those of the school")
        return Proof(
            school=self._head.school, epoch=signed.epoch, size=signed.size, root=signed.root, content_sha256=content
        )

    def _take_batch(self, line: ArchiveBatch) -> None:
        if not seal.is_message_signed(key_bytes(line.public_key), line.batch):
            raise DamagedArchive("a batch is not signed by its desk", desk=line.batch.desk, first=line.batch.first)
        self._batches[line.batch.root] = line

    def _take_entry(self, line: ArchiveEntry) -> None:
        number = self._counts["entries"]
        if line.verdict.number != number:
            raise DamagedArchive("a number of the log is missing", number=number)
        change = line.change
        prev = self._last_hash.get(change.desk, "")
        if line.prev != prev:
            self._gaps[change.desk, line.prev] = number
        self._losses.take(number, change, accepted=line.verdict.outcome in APPLIED)
        hash_ = change_hash(change, line.prev)
        self._last_hash[change.desk] = hash_.hex()
        self.latest = hash_
        if line.batch:
            of_batch = self._hashes.setdefault(line.batch, {})
            if line.position in of_batch:
                raise DamagedArchive("two lines claim one place in a batch", number=number)
            of_batch[line.position] = hash_
        self._leaves.append(tree.leaf_hash(leaf_bytes(hash_, line.verdict)))
        if len(self._leaves) >= _LEAVES:
            self._grow()
        self._replay.apply(change, line.verdict)

    def _grow(self) -> None:
        self._frontier, self._leaves = tree.extend(self._frontier, self._leaves).frontier, []

    def _every_file_is_there(self) -> None:
        """What the server said to hold has to be listed; whether the bytes are right is shown by themselves."""
        held = {(blob.sha256, blob.size) for blob in self.blobs}
        for kind, record, fields in self._replay.records():
            file = named_file(kind, fields)
            if file is not None and fields.get("stored") and file not in held:
                raise DamagedArchive("a file that the school holds is missing", record=record)

    def _every_loss_has_its_act(self) -> None:
        """Content may be missing only where a confirmed act covers it."""
        number = self._losses.unexplained(self._replay.fields, restored=self._head.head.epoch > 1)
        if number is not None:
            raise DamagedArchive("the content of a line is gone, and no act of destruction says why", number=number)

    def _whole_chains(self) -> None:
        """A desk's chain may leave the log where a change went to quarantine, but only as its author signed it."""
        aside = {(batch.batch.desk, hash_) for batch in self._batches.values() for _, hash_ in batch.missing}
        broken = [number for step, number in self._gaps.items() if step not in aside]
        if broken:
            raise DamagedArchive("the chain of a desk is broken", number=min(broken))

    def _whole_batches(self) -> None:
        for root in self._hashes:
            if root not in self._batches:
                raise DamagedArchive("a change has no signature of its author", batch=root[:16])
        for root, batch in self._batches.items():
            whole = {**self._hashes.get(root, {}), **{position: key_bytes(hash_) for position, hash_ in batch.missing}}
            ordered = [whole[position] for position in sorted(whole)]
            if sorted(whole) != list(range(batch.batch.count)) or seal.batch_root(ordered) != root:
                raise DamagedArchive("a batch is not what its author signed", batch=root[:16])


def _signed(head: ArchiveHead, message: wire.TreeHead | wire.Receipt, what: str) -> None:
    if not seal.is_message_signed(key_bytes(head.server_key), message):
        raise DamagedArchive(f"a {what} is not signed by the school's server")
