"""Make an empty store the school of a generation again: every line proved, then written as it was; all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from ejournal_core import age_file, archive, rebuilding, wire
from ejournal_core.age_file import Remembered
from ejournal_core.archive import (
    ArchiveBatch,
    ArchiveBlob,
    ArchiveEnd,
    ArchiveEntry,
    ArchiveHead,
    ArchiveReceipt,
    ArchiveRow,
    Catalogue,
    CatalogueFile,
    DamagedArchive,
    Line,
    Proof,
)
from ejournal_core.changes import Verdict
from ejournal_core.errors import Trouble
from ejournal_core.rebuilding import Prover
from ejournal_server import blobs, ledger
from ejournal_server.generations import BASE, BLOB_FILE, CATALOGUE, KEYS, SchoolKeys, open_keys
from ejournal_server.keys import key_file, pem_passphrase, write_private
from ejournal_server.ledger import Arrived
from ejournal_server.store import log, whole
from ejournal_server.store.database import Store, Transaction

_PAGE = 500  # lines


class StoreNotEmpty(Trouble):
    """A school is restored into an empty server only; here there is something already."""

    code: ClassVar[str] = "EJ-350"


# --- what a generation says ------------------------------------------------------------------------------------------


def read_generation(folder: Path, server_key: str | None = None) -> Catalogue:
    """Read the catalogue of a generation and compare every file with it.

    Raises:
        DamagedArchive: the catalogue or a file is missing, cut or altered; `details["file"]` names it.
        OSError: the drive cannot be read.
    """
    try:
        catalogue = archive.read_catalogue((folder / CATALOGUE).read_bytes(), server_key)
    except FileNotFoundError:
        raise DamagedArchive("catalogue.json is missing", file=CATALOGUE) from None
    for file in catalogue.files:
        _compare(folder, file)
    return catalogue


def _compare(folder: Path, file: CatalogueFile) -> None:
    if Path(file.name).name != file.name:
        raise DamagedArchive("the catalogue names a file elsewhere", file=file.name)
    try:
        with (folder / file.name).open("rb") as source:
            age_file.check_file(source, file)
    except FileNotFoundError:
        raise DamagedArchive(f"{file.name} is missing", file=file.name) from None


def prove_generation(folder: Path, secret: str, catalogue: Catalogue) -> Proof:
    """Rebuild a generation in memory and compare it with its catalogue; no server is needed.

    The very bytes that were opened are compared with the catalogue too: what was proved is what it lists.

    Raises:
        NoMatchingKey, DamagedArchive: it does not open or does not hold.
    """
    with (folder / BASE).open("rb") as source:
        opened = Remembered(source)
        beside: list[ArchiveBlob] = []
        proof = age_file.prove_file(opened, secret, blobs=beside.append)
        opened.check(catalogue, BASE)
    for blob in beside:
        _read_blob(folder, secret, catalogue, blob)
    if proof != catalogue.proof:
        raise DamagedArchive("the archive is not the one of its catalogue", file=BASE)
    return proof


def keys_of(folder: Path, secret: str, catalogue: Catalogue) -> SchoolKeys:
    """Open the server's keys of a generation and see that they are the ones its catalogue is signed with.

    Raises:
        NoMatchingKey, DamagedArchive: they do not open, or are another server's.
    """
    with (folder / KEYS).open("rb") as source:
        bundle = open_keys(source, secret)
    signing = serialization.load_pem_private_key(bundle.signing.encode(), None)
    raw, form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    if signing.public_key().public_bytes(raw, form).hex() != catalogue.server_key:
        raise DamagedArchive("the keys are another server's", file=KEYS)
    return bundle


# --- writing it again ------------------------------------------------------------------------------------------------


def rebuild(store: Store, folder: Path, secret: str, catalogue: Catalogue) -> Proof:
    """Write the school of a generation into an empty store, in one transaction that is kept only if all is proved.

    Raises:
        StoreNotEmpty: there is something in the store.
        NoMatchingKey, DamagedArchive: the generation does not open or does not hold; the store stays empty.
    """
    with store.write() as tx:
        rewriting = Rewriting(tx)
        with (folder / BASE).open("rb") as source:
            age_file.open_lines(source, secret, rewriting.take)
        proof = rewriting.finish()
        if rewriting.blobs:
            _write_blobs(tx, folder, secret, catalogue, rewriting.blobs)
        if proof != catalogue.proof:
            raise DamagedArchive("what was restored is not what the catalogue names", file=BASE)
    return proof


def _write_blobs(
    tx: Transaction, folder: Path, secret: str, catalogue: Catalogue, listed: Sequence[ArchiveBlob]
) -> None:
    """Write the school's files, each compared with its hash, under the key that goes with the school's identity."""
    signing = serialization.load_pem_private_key(keys_of(folder, secret, catalogue).signing.encode(), None)
    assert isinstance(signing, Ed25519PrivateKey)
    for blob in listed:
        pieces: list[bytes] = []
        _read_blob(folder, secret, catalogue, blob, pieces.append)
        blobs.keep_whole(signing.private_bytes_raw(), tx, blob.sha256, blob.size, pieces, catalogue.made_at)


def _read_blob(
    folder: Path, secret: str, catalogue: Catalogue, blob: ArchiveBlob, take: Callable[[bytes], object] = len
) -> None:
    if not BLOB_FILE.fullmatch(blob.file):
        raise DamagedArchive("the archive names a file elsewhere", file=BASE)
    try:
        with (folder / blob.file).open("rb") as source:
            opened = Remembered(source)
            age_file.check_blob(opened, secret, blob, take)
            opened.check(catalogue, blob.file)
    except FileNotFoundError:
        raise DamagedArchive(f"{blob.file} is missing", file=blob.file) from None


class Rewriting:
    """A school on its way into an empty store, line by line, each proved before it is written.

    Raises:
        StoreNotEmpty: there is something in the store.
    """

    def __init__(self, tx: Transaction) -> None:
        if not whole.is_empty(tx):
            raise StoreNotEmpty("the store is not empty")
        whole.hold_more(tx)
        self._tx = tx
        self._prover, self._writer = Prover(), _Writer(tx)

    @property
    def blobs(self) -> Sequence[ArchiveBlob]:
        """The files that lie beside the lines."""
        return self._prover.blobs

    def take(self, line: Line) -> None:
        """Prove and write the next line.

        Raises:
            DamagedArchive: it does not hold.
        """
        self._prover.take(line)
        if isinstance(line, ArchiveEntry):
            self._writer.enter(line, self._prover.latest)
        else:
            self._writer.take(line)

    def finish(self) -> Proof:
        """Return what the lines have proved, when the store holds exactly that.

        Raises:
            DamagedArchive: it does not.
        """
        proof = self._prover.finish()
        if rebuilding.ordered_content_hash(whole.content(self._tx)) != proof.content_sha256:
            raise DamagedArchive("what was written is not what was proved", file=BASE)
        return proof


#: What a desk has named is found again line by line, so that each is entered as it was.
_NOTHING_NAMED: whole.Row = {"named_size": 0, "named_at": ""}


class _Batch(Struct):
    """A batch whose lines are on their way, with the hash of each of its changes as far as they are known."""

    line: ArchiveBatch
    hashes: dict[int, bytes]


class _Writer:
    """Writes the lines of an archive into the store, a page at a time."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._signed = ""
        self._batch: _Batch | None = None
        self._entries: list[tuple[Arrived, Verdict]] = []
        self._rows: list[whole.Row] = []
        self._table = ""
        self._desks: set[str] = set()

    def take(self, line: Line) -> None:
        """Write the next line that is no entry, or keep it until its page is full."""
        match line:
            case ArchiveHead():
                whole.add_school(self._tx, line.school_name, line.head.epoch)
                self._signed = wire.encode(line.head).decode()
            case ArchiveRow():
                self._take_row(line)
            case ArchiveBatch():
                known = {position: bytes.fromhex(hash_) for position, hash_ in line.missing}
                self._batch = _Batch(line, known)
            case ArchiveReceipt():
                self._take_receipt(line)
            case ArchiveEnd():
                self._finish()

    def _take_row(self, line: ArchiveRow) -> None:
        if self._rows and (line.table != self._table or len(self._rows) >= _PAGE):
            self._write_rows()
        self._table = line.table
        if line.table == "desk":
            self._desks.add(str(line.row.get("id")))
            self._rows.append({**line.row, **_NOTHING_NAMED})
        else:
            self._rows.append(line.row)

    def _write_rows(self) -> None:
        try:
            whole.add_rows(self._tx, self._table, self._rows)
        except ValueError:
            raise DamagedArchive("a row is of another format", table=self._table) from None
        self._rows = []

    def enter(self, line: ArchiveEntry, hash_: bytes) -> None:
        """Write the next line of the log, which was proved and has this hash."""
        change = line.change
        if self._rows:  # tree heads and desks that the lines name
            self._write_rows()
        batch = self._current(line.batch)
        if change.desk not in self._desks:
            raise DamagedArchive("a line of a desk that is not there", number=line.verdict.number)
        batch.hashes[line.position] = hash_
        arrived = Arrived(change, bytes.fromhex(line.prev), hash_, line.batch, line.position)
        self._entries.append((arrived, line.verdict))
        if len(self._entries) >= _PAGE:
            self._write_entries()

    def _write_entries(self) -> None:
        if self._entries:
            ledger.reenter(self._tx, log.read_head(self._tx), self._entries)
        self._entries = []

    def _take_receipt(self, line: ArchiveReceipt) -> None:
        batch = self._current(line.receipt.root)
        hashes = b"".join(batch.hashes[position] for position in sorted(batch.hashes))
        log.keep_receipt(
            self._tx,
            log.StoredReceipt(
                root=line.receipt.root, desk=line.receipt.desk, first=line.first, last=line.last,
                head=wire.encode(batch.line.batch).decode(), hashes=hashes, body=wire.encode(line.receipt).decode(),
            ),
        )  # fmt: skip
        self._batch = None

    def _current(self, root: str) -> _Batch:
        if self._batch is None or self._batch.line.batch.root != root:
            raise DamagedArchive("a line stands apart from its batch", batch=root[:16])
        return self._batch

    def _finish(self) -> None:
        if self._rows:
            self._write_rows()
        self._write_entries()
        head = log.read_head(self._tx)
        log.move_head(self._tx, head.frontier, head.ruling, self._signed)


# --- the server's keys -----------------------------------------------------------------------------------------------


def put_keys(folder: Path, master: bytes, bundle: SchoolKeys) -> None:
    """Write the server's private keys into its data folder, encrypted under the new master key."""
    encryption = serialization.BestAvailableEncryption(pem_passphrase(master))
    for name in ("signing", "sealing", "ca", "tls"):
        key = serialization.load_pem_private_key(getattr(bundle, name).encode(), None)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        write_private(key_file(folder, name), pem)
