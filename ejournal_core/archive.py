"""A school in one file: how a backup or archive is written down. `rebuilding.py` proves it.

The text is JSON lines, one thing a line, so that any tool can read it in 25 years: first an `ArchiveHead`, then
the signed tree heads, the school's log from the first line to the last (each batch: its signed head, its lines, its
receipt), batches of which no line is in the log, accounts and workstations (they are not in the log either), last an
`ArchiveEnd` with the counts. On a drive it stands compressed (zstd) and sealed in the age format
(age-encryption.org/v1), so `age -d FILE | zstd -d` shows it without this program.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Raw, Struct

from ejournal_core import seal, wire
from ejournal_core.changes import Change, Verdict, canonical, in_nfc, text_of
from ejournal_core.errors import NOT_JSON, Trouble

FORMAT = 1
CATALOGUE = "catalogue.json"  # by which a folder is known as a generation


class DamagedArchive(Trouble):
    """An archive that is not what it says; `place` names the first line that shows it."""

    code: ClassVar[str] = "EJ-351"


class NewerArchive(DamagedArchive):
    """An archive or catalogue of a format that this program does not know yet; `format` is its number."""

    code: ClassVar[str] = "EJ-366"


class ForeignArchive(DamagedArchive):
    """A whole backup, but another school's."""

    code: ClassVar[str] = "EJ-538"


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
    """One line of the log: the change, its verdict, and where it stood in its batch."""

    change: Change
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


class _EntryForm(Struct, frozen=True, kw_only=True, tag_field="line", tag="entry", gc=False):
    """A line of the log whose change is text already: as it is written."""

    change: Raw
    prev: str
    verdict: Verdict
    batch: str
    position: int


class _Unread(Struct, frozen=True, kw_only=True, tag_field="line", tag="entry"):
    """A line of the log whose change needs a closer look: it has fields of a newer format, or is none."""

    change: dict[str, Any]
    prev: str
    verdict: Verdict
    batch: str
    position: int


Line = ArchiveHead | ArchiveBatch | ArchiveEntry | ArchiveReceipt | ArchiveRow | ArchiveBlob | ArchiveEnd
#: The kinds are looked at once: anew for each line that takes eight times as long as reading it.
_LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_UNREAD = msgspec.json.Decoder(_Unread)


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
        ForeignArchive: another server than the known one has signed it.
        DamagedArchive: it cannot be read, or is not signed by the server it names.
    """
    _refuse_newer(data)
    try:
        catalogue = msgspec.json.decode(data, type=Catalogue)
    except NOT_JSON:
        raise DamagedArchive("the catalogue cannot be read", file=CATALOGUE) from None
    if server_key is not None and catalogue.server_key != server_key:
        raise ForeignArchive("the catalogue is of another school's server")
    if not _is_signed(catalogue):
        raise DamagedArchive("the catalogue is not signed by the server it names", file=CATALOGUE)
    return catalogue


def _is_signed(catalogue: Catalogue) -> bool:
    try:
        key, signature = key_bytes(catalogue.server_key), key_bytes(catalogue.signature)
    except DamagedArchive:  # no numbers at all
        return False
    return seal.is_signed(key, seal.signed_bytes(catalogue), signature)


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
    if isinstance(line, ArchiveEntry):  # nearly all lines are these: no change is taken apart to be written
        form = _EntryForm(
            change=Raw(text_of(line.change)), prev=line.prev, verdict=line.verdict, batch=line.batch,
            position=line.position,
        )  # fmt: skip
        return in_nfc(msgspec.json.encode(form, order="sorted")) + b"\n"
    return canonical(line) + b"\n"


def decode_line(data: bytes) -> Line:
    """Read one line.

    Raises:
        NewerArchive: it is the beginning of an archive of a newer format.
        DamagedArchive: it is none, or it says something that this format does not know.
    """
    try:
        line = _read_line(data)
        written = encode_line(line)
    except (*NOT_JSON, TypeError) as error:  # TypeError: a fraction, which has no canonical form
        _refuse_newer(data)
        raise DamagedArchive(f"not a line of an archive: {error}") from None
    if written.rstrip() != data.rstrip():
        _refuse_newer(data)
        raise DamagedArchive("a line of the archive is not in its canonical form")
    return line


def _read_line(data: bytes) -> Line:
    if b'"extra"' not in data:  # a foreign field of that name would pass for `Change.extra`
        try:
            return _LINES.decode(data)  # `Change` forbids unknown fields
        except msgspec.ValidationError:
            if b'"line":"entry"' not in data:
                raise
    elif b'"line":"entry"' not in data:
        return _LINES.decode(data)
    unread = _UNREAD.decode(data)
    try:
        change = wire.change_of(unread.change)
    except wire.Malformed:
        raise DamagedArchive("a change of the log cannot be read", number=unread.verdict.number) from None
    return ArchiveEntry(
        change=change, prev=unread.prev, verdict=unread.verdict, batch=unread.batch, position=unread.position
    )


def key_bytes(text: str) -> bytes:
    """Read a key or hash of an archive, written in lower-case hexadecimal.

    Raises:
        DamagedArchive: it is written otherwise.
    """
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise DamagedArchive("a key or hash of the archive cannot be read") from None
    if value.hex() != text:  # capitals or spaces: the same value, but not what was written
        raise DamagedArchive("a key or hash of the archive is not in its canonical form")
    return value
