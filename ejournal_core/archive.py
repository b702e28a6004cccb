"""A school in one file: how a backup or archive is written down, and how it is proved by rebuilding everything in it.

The text is JSON lines, one thing a line, so that any tool can read it in 25 years: first an `ArchiveHead`, then the
school's log from the first line to the last with the authors' batch heads, then accounts and workstations (they are not
in the log), last an `ArchiveEnd` with the counts. On a drive it stands compressed (zstd) and sealed in the age format
(age-encryption.org/v1), so `age -d FILE | zstd -d` shows it without this program.

`prove` trusts nothing it is told: it recomputes each change's hash, each desk's chain, the tree, the authors' and the
server's signatures, and rebuilds every record by replaying the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from ejournal_core import seal, tree, wire
from ejournal_core.changes import Change, Verdict, canonical, change_hash, leaf_bytes
from ejournal_core.errors import Trouble
from ejournal_core.kinds import KINDS, Fields
from ejournal_core.merge import merge

FORMAT = 1
APPLIED = frozenset({"taken", "merged"})  # outcomes that change a record


class DamagedArchive(Trouble):
    """An archive that is not what it says; `place` names the first line that shows it."""

    code: ClassVar[str] = "EJ-351"


class ArchiveHead(Struct, frozen=True, kw_only=True, tag_field="line", tag="head"):
    """First line: whose log it is, up to which signed tree head, and who signed that."""

    v: int = FORMAT
    school: str
    school_name: str
    made_at: str  # RFC 3339
    head: wire.TreeHead
    server_key: str  # Ed25519, hex
    ca_certificate: str  # PEM
    seal_key: str  # X25519, hex


class ArchiveBatch(Struct, frozen=True, kw_only=True, tag_field="line", tag="batch"):
    """The signed head of one author's batch, with the desk's public key.

    `missing` are (position, change hash) of changes that stand in the log with an earlier batch, because they had been
    delivered before; with them the signed root can be recomputed.
    """

    batch: wire.BatchHead
    public_key: str
    missing: tuple[tuple[int, str], ...] = ()


class ArchiveEntry(Struct, frozen=True, kw_only=True, tag_field="line", tag="entry"):
    """One line of the log: the change as plain JSON, its verdict, and where it stood in its batch."""

    change: dict[str, Any]
    prev: str
    verdict: Verdict
    batch: str
    position: int


class ArchiveReceipt(Struct, frozen=True, kw_only=True, tag_field="line", tag="receipt"):
    """The server's signed answer to one batch: a repeat after a restore gets the same answer."""

    receipt: wire.Receipt
    first: int
    last: int


class ArchiveRow(Struct, frozen=True, kw_only=True, tag_field="line", tag="row"):
    """A row of a table that is not in the log: an account with its Argon2id hash, a workstation, a desk, quarantine."""

    table: Literal["account", "workstation", "desk", "quarantine", "head"]
    row: dict[str, str | int | None]


class ArchiveEnd(Struct, frozen=True, kw_only=True, tag_field="line", tag="end"):
    """Last line: how many lines of each sort came before, and the hash of all records at the end of the log."""

    entries: int
    batches: int
    receipts: int
    rows: int
    content_sha256: str


Line = ArchiveHead | ArchiveBatch | ArchiveEntry | ArchiveReceipt | ArchiveRow | ArchiveEnd


class Proof(Struct, frozen=True, kw_only=True):
    """What an archive was shown to hold. Two archives, or a school and its archive, are equal when these are."""

    school: str
    epoch: int
    size: int
    root: str
    content_sha256: str


def encode_line(line: Line) -> bytes:
    """Return one line of the text, with its end."""
    return canonical(line) + b"\n"


def decode_line(data: bytes) -> Line:
    """Read one line.

    Raises:
        DamagedArchive: it is none, or it says something that this format does not know.
    """
    try:
        line: Line = msgspec.json.decode(data, type=Line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DamagedArchive(f"not a line of an archive: {error}") from None
    if encode_line(line).rstrip() != data.rstrip():
        raise DamagedArchive("a line of the archive is not in its canonical form")
    return line


# --- content hash --------------------------------------------------------------------------------------------------


def content_hash(records: Iterable[tuple[str, str, Fields]]) -> str:
    """Return SHA-256 (hex) over the canonical lines [kind, id, fields] of all records, sorted by kind and id."""
    digest = hashlib.sha256()
    for kind, record, fields in sorted(records, key=lambda each: each[:2]):
        digest.update(canonical([kind, record, fields]) + b"\n")
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

    def records(self) -> Iterator[tuple[str, str, Fields]]:
        """Yield (kind, id, fields) of every record."""
        for (kind, record), fields in self._fields.items():
            yield kind, record, fields


# --- proof ---------------------------------------------------------------------------------------------------------


def prove(lines: Iterable[Line]) -> Proof:
    """Rebuild everything an archive holds and compare it with what it says.

    Args:
        lines: the whole archive in order.

    Raises:
        DamagedArchive: names the first place that does not hold.
    """
    walk = iter(lines)
    head = next(walk, None)
    if not isinstance(head, ArchiveHead):
        raise DamagedArchive("the archive has no beginning")
    if head.v > FORMAT:
        raise DamagedArchive("the archive is of a newer format", format=head.v)
    prover = _Prover(head)
    for line in walk:
        prover.take(line)
    return prover.finish()


class _Prover:
    def __init__(self, head: ArchiveHead) -> None:
        self._head = head
        self._frontier = tree.Frontier()
        self._replay = Replay()
        self._last_hash: dict[str, tuple[int, str]] = {}  # desk → (n, hash)
        self._batches: dict[str, ArchiveBatch] = {}
        self._hashes: dict[str, dict[int, bytes]] = {}  # batch root → position → change hash
        self._counts = {"entries": 0, "batches": 0, "receipts": 0, "rows": 0}
        self._end: ArchiveEnd | None = None

    def take(self, line: Line) -> None:
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
                self._signed(line.receipt, "receipt")
            case ArchiveRow():
                self._counts["rows"] += 1
            case ArchiveEnd():
                self._end = line
            case ArchiveHead():
                raise DamagedArchive("the archive begins twice")

    def finish(self) -> Proof:
        end = self._end
        if end is None:
            raise DamagedArchive("the archive is cut: its end is missing", entries=self._counts["entries"])
        said = {"entries": end.entries, "batches": end.batches, "receipts": end.receipts, "rows": end.rows}
        if said != self._counts:
            raise DamagedArchive("lines of the archive are missing")
        self._whole_batches()
        signed = self._head.head
        self._signed(signed, "tree head")
        if (signed.size, signed.root) != (self._frontier.size, self._frontier.root().hex()):
            raise DamagedArchive("the log does not give the signed tree head", size=signed.size)
        content = content_hash(self._replay.records())
        if content != end.content_sha256:
            raise DamagedArchive("the records rebuilt from the log differ from those of the school")
        return Proof(
            school=self._head.school, epoch=signed.epoch, size=signed.size, root=signed.root, content_sha256=content
        )

    def _take_batch(self, line: ArchiveBatch) -> None:
        if not seal.is_message_signed(_key(line.public_key), line.batch):
            raise DamagedArchive("a batch is not signed by its desk", desk=line.batch.desk, first=line.batch.first)
        self._batches[line.batch.root] = line

    def _take_entry(self, line: ArchiveEntry) -> None:
        number = self._frontier.size + 1
        if line.verdict.number != number:
            raise DamagedArchive("a number of the log is missing", number=number)
        try:
            change = wire.decode_change(canonical(line.change))
        except wire.Malformed:
            raise DamagedArchive("a change of the log cannot be read", number=number) from None
        _, prev = self._last_hash.get(change.desk, (0, ""))
        if line.prev != prev:
            raise DamagedArchive("the chain of a desk is broken", number=number)
        hash_ = change_hash(change, prev)
        self._last_hash[change.desk] = (change.n, hash_.hex())
        if line.batch:
            of_batch = self._hashes.setdefault(line.batch, {})
            if line.position in of_batch:
                raise DamagedArchive("two lines claim one place in a batch", number=number)
            of_batch[line.position] = hash_
        self._frontier = tree.extend(self._frontier, [tree.leaf_hash(leaf_bytes(hash_, line.verdict))]).frontier
        self._replay.apply(change, line.verdict)

    def _whole_batches(self) -> None:
        for root, hashes in self._hashes.items():
            batch = self._batches.get(root)
            if batch is None:
                raise DamagedArchive("a change has no signature of its author", batch=root[:16])
            whole = {**hashes, **{position: _key(hash_) for position, hash_ in batch.missing}}
            ordered = [whole[position] for position in sorted(whole)]
            if sorted(whole) != list(range(batch.batch.count)) or seal.batch_root(ordered) != root:
                raise DamagedArchive("a batch is not what its author signed", batch=root[:16])

    def _signed(self, message: wire.TreeHead | wire.Receipt, what: str) -> None:
        if not seal.is_message_signed(_key(self._head.server_key), message):
            raise DamagedArchive(f"a {what} is not signed by the school's server")


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise DamagedArchive("a key or hash of the archive cannot be read") from None
