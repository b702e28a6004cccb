"""A school in one file: how a backup or archive is written down, and how it is proved by rebuilding everything in it.

The text is JSON lines, one thing a line, so that any tool can read it in 25 years: first an `ArchiveHead`, then
the signed tree heads, the school's log from the first line to the last (each batch: its signed head, its lines, its
receipt), batches of which no line is in the log, accounts and workstations (they are not in the log either), last an
`ArchiveEnd` with the counts. On a drive it stands compressed (zstd) and sealed in the age format
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
from ejournal_core.blobs import named_file
from ejournal_core.changes import Change, Verdict, canonical, change_hash, leaf_bytes
from ejournal_core.destruction import Losses
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_core.kinds import KINDS, Fields
from ejournal_core.merge import merge

FORMAT = 1
APPLIED = frozenset({"taken", "merged"})  # outcomes that change a record


class DamagedArchive(Trouble):
    """An archive that is not what it says; `place` names the first line that shows it."""

    code: ClassVar[str] = "EJ-351"


class NewerArchive(DamagedArchive):
    """An archive or catalogue of a format that this program does not know yet; `format` is its number."""

    code: ClassVar[str] = "EJ-366"


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


class ArchiveBlob(Struct, frozen=True, kw_only=True, tag_field="line", tag="blob"):
    """A file that records name: its SHA-256 (hex) and size, and the file of the generation that holds its bytes.

    The bytes lie beside the text: a sector that breaks under a book must not take the journal with it.
    """

    sha256: str
    size: int
    file: str


class ArchiveEnd(Struct, frozen=True, kw_only=True, tag_field="line", tag="end"):
    """Last line: how many lines of each sort came before, and the hash of all records at the end of the log."""

    entries: int
    batches: int
    receipts: int
    rows: int
    blobs: int = 0
    content_sha256: str


Line = ArchiveHead | ArchiveBatch | ArchiveEntry | ArchiveReceipt | ArchiveRow | ArchiveBlob | ArchiveEnd


class Proof(Struct, frozen=True, kw_only=True):
    """What an archive was shown to hold. Two archives, or a school and its archive, are equal when these are."""

    school: str
    epoch: int
    size: int
    root: str
    content_sha256: str


class CatalogueFile(Struct, frozen=True, kw_only=True):
    """One file of a generation: its name, size in bytes, SHA-256 (hex) and the age recipients it is sealed to."""

    name: str
    size: int
    sha256: str
    recipients: tuple[str, ...]


class Catalogue(Struct, frozen=True, kw_only=True):
    """What a generation of a backup consists of and must prove to be; signed by the server, no personal data in it.

    It lies in the clear beside the files, so that a drive can be recognised and checked without any key.
    """

    v: int = FORMAT
    school: str
    generation: str
    made_at: str  # RFC 3339
    proof: Proof
    files: tuple[CatalogueFile, ...]
    server_key: str  # Ed25519, hex
    signature: str = ""


def sign_catalogue(private_key: bytes, catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with the server's signature."""
    return msgspec.structs.replace(catalogue, signature=seal.sign(private_key, seal.signed_bytes(catalogue)).hex())


def read_catalogue(data: bytes, server_key: str | None = None) -> Catalogue:
    """Read a catalogue and check its signature.

    Args:
        data: the file's bytes.
        server_key: the school's server key (hex) where it is known; None proves only that the catalogue is whole.

    Raises:
        NewerArchive: it is of a newer format.
        DamagedArchive: it cannot be read, or is not signed by the server it names (or by the one that is known).
    """
    _refuse_newer(data)
    try:
        catalogue = msgspec.json.decode(data, type=Catalogue)
    except NOT_JSON:
        raise DamagedArchive("the catalogue cannot be read") from None
    if server_key is not None and catalogue.server_key != server_key:
        raise DamagedArchive("the catalogue is of another school's server")
    if not seal.is_signed(_key(catalogue.server_key), seal.signed_bytes(catalogue), _key(catalogue.signature)):
        raise DamagedArchive("the catalogue is not signed by the server it names")
    return catalogue


class _Version(Struct, frozen=True):
    v: int = FORMAT


def _refuse_newer(data: bytes) -> None:
    """Say that a text is of a newer format before judging what only that format can explain."""
    try:
        version = msgspec.json.decode(data, type=_Version).v
    except NOT_JSON:
        return  # no text of any format
    if version > FORMAT:
        raise NewerArchive("of a newer format", format=version)


def reach(catalogue: Catalogue) -> tuple[int, int, str, str]:
    """Return how far a generation reaches, for ordering: by the log, because clocks may go back."""
    return catalogue.proof.epoch, catalogue.proof.size, catalogue.made_at, catalogue.generation


def encode_line(line: Line) -> bytes:
    """Return one line of the text, with its end."""
    return canonical(line) + b"\n"


def decode_line(data: bytes) -> Line:
    """Read one line.

    Raises:
        NewerArchive: it is the beginning of an archive of a newer format.
        DamagedArchive: it is none, or it says something that this format does not know.
    """
    try:
        line: Line = msgspec.json.decode(data, type=Line)
    except NOT_JSON as error:
        _refuse_newer(data)
        raise DamagedArchive(f"not a line of an archive: {error}") from None
    if encode_line(line).rstrip() != data.rstrip():
        _refuse_newer(data)
        raise DamagedArchive("a line of the archive is not in its canonical form")
    return line


# --- content hash --------------------------------------------------------------------------------------------------


def content_hash(records: Iterable[tuple[str, str, Fields]]) -> str:
    """Return SHA-256 (hex) over the canonical lines [kind, id, fields] of all records, sorted by kind and id."""
    return ordered_content_hash(sorted(records, key=lambda each: each[:2]))


def ordered_content_hash(records: Iterable[tuple[str, str, Fields]]) -> str:
    """Return the same for records that come in order of kind and id already, without holding them all."""
    digest = hashlib.sha256()
    for kind, record, fields in records:
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

    def fields(self, kind: str, record: str) -> Fields:
        """Return a record's fields, none of one that never came to be."""
        return self._fields.get((kind, record), {})

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
    prover = Prover()
    for line in lines:
        prover.take(line)
    return prover.finish()


class Prover:
    """Takes an archive line by line; holds the records and one hash per change, never the text."""

    def __init__(self) -> None:
        self._begun: ArchiveHead | None = None
        self._frontier = tree.Frontier()
        self._replay = Replay()
        self._last_hash: dict[str, str] = {}  # by desk
        self._gaps: dict[tuple[str, str], int] = {}  # (desk, hash before) → number, where that is not the last line's
        self._batches: dict[str, ArchiveBatch] = {}
        self._hashes: dict[str, dict[int, bytes]] = {}  # batch root → position → change hash
        self._counts = {"entries": 0, "batches": 0, "receipts": 0, "rows": 0, "blobs": 0}
        self._losses = Losses()
        self.blobs: list[ArchiveBlob] = []
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
        self._whole_chains()
        self._whole_batches()
        _signed(self._head, signed, "tree head")
        if (signed.size, signed.root) != (self._frontier.size, self._frontier.root().hex()):
            raise DamagedArchive("the log does not give the signed tree head", size=signed.size)
        self._every_file_is_there()
        self._every_loss_has_its_act()
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
        prev = self._last_hash.get(change.desk, "")
        if line.prev != prev:
            self._gaps[change.desk, line.prev] = number
        self._losses.take(number, change, accepted=line.verdict.outcome in APPLIED)
        hash_ = change_hash(change, line.prev)
        self._last_hash[change.desk] = hash_.hex()
        if line.batch:
            of_batch = self._hashes.setdefault(line.batch, {})
            if line.position in of_batch:
                raise DamagedArchive("two lines claim one place in a batch", number=number)
            of_batch[line.position] = hash_
        self._frontier = tree.extend(self._frontier, [tree.leaf_hash(leaf_bytes(hash_, line.verdict))]).frontier
        self._replay.apply(change, line.verdict)

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
            whole = {**self._hashes.get(root, {}), **{position: _key(hash_) for position, hash_ in batch.missing}}
            ordered = [whole[position] for position in sorted(whole)]
            if sorted(whole) != list(range(batch.batch.count)) or seal.batch_root(ordered) != root:
                raise DamagedArchive("a batch is not what its author signed", batch=root[:16])


def _signed(head: ArchiveHead, message: wire.TreeHead | wire.Receipt, what: str) -> None:
    if not seal.is_message_signed(_key(head.server_key), message):
        raise DamagedArchive(f"a {what} is not signed by the school's server")


def _key(text: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise DamagedArchive("a key or hash of the archive cannot be read") from None
    if value.hex() != text:  # capitals or spaces: the same value, but not what was written
        raise DamagedArchive("a key or hash of the archive is not in its canonical form")
    return value
