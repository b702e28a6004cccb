"""Make a generation of the school's backup: everything at one moment, sealed on its way, never a file in the clear.

A generation is a folder with `base.age` (the whole school), `keys.age` (what a new server needs to be this one) and a
signed `catalogue.json`. docs/backup.md describes every byte.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date
from itertools import groupby
from pathlib import Path
from typing import IO, ClassVar

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import Struct

from ejournal_core import age_file, archive, drive_note, rebuilding, wire
from ejournal_core.access import holds_role
from ejournal_core.age_file import BackupIdentity, Digest
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
    Line,
    Proof,
)
from ejournal_core.changes import canonical
from ejournal_core.errors import NOT_JSON, Bug, Trouble
from ejournal_core.kinds import RoleGrant
from ejournal_core.wire import BatchHead, Receipt, TreeHead
from ejournal_server import audit_log, blobs
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.keys import PrivateKey, ServerKeys, write_private
from ejournal_server.store import blobs as blob_store
from ejournal_server.store import log, people, whole
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import StoredReceipt

logger = logging.getLogger(__name__)

BASE, KEYS, CATALOGUE = "base.age", "keys.age", archive.CATALOGUE
BLOB_FILE = re.compile(r"file-\d{5,}\.age")
_NAME = re.compile(r"\d{8}-\d{6}-\d{2,}")
RECIPIENTS = "recipients.json"
KEPT = 3  # generations in the server's own folder
FOR_DRIVES, OF_THE_DAY = "drives", "daily"  # what the log of events says that a generation is for
_STALE_SECONDS = 6 * 3600

#: Tables whose rows the log's lines name, and those that follow it.
_BEFORE_THE_LOG, _AFTER_THE_LOG = ("head", "desk"), ("account", "workstation", "quarantine")


class NoRecipients(Trouble):
    """Nobody has made the recovery key yet, so there is no one to seal a backup to."""

    code: ClassVar[str] = "EJ-354"


class NotTheCarrier(Trouble):
    """A backup of the whole school is given to administrators only."""

    code: ClassVar[str] = "EJ-367"


class NoSuchFile(Trouble):
    """The server keeps no such generation, or it has no such file."""

    code: ClassVar[str] = "EJ-376"


class Recipients(Struct, frozen=True, kw_only=True):
    """Whom a generation is sealed to, as age recipients ("age1…"): the director's safe, and who carries the drives."""

    recovery: str
    administrator: str = ""


class SchoolKeys(Struct, frozen=True, kw_only=True):
    """The content of `keys.age`: with it and `base.age` any machine becomes the school's server again.

    Private keys are PKCS#8 PEM without a passphrase: the seal around them is their protection.
    """

    v: int = archive.FORMAT
    school: str
    school_name: str
    signing: str  # Ed25519
    sealing: str  # X25519
    ca: str  # ECDSA P-256
    tls: str  # ECDSA P-256
    ca_certificate: str
    recipients: Recipients


# --- recipients ----------------------------------------------------------------------------------------------------


def read_recipients(folder: Path) -> Recipients:
    """Return the recipients kept in the server's data folder.

    Raises:
        NoRecipients: there are none.
    """
    try:
        return msgspec.json.decode((folder / RECIPIENTS).read_bytes(), type=Recipients)
    except FileNotFoundError:
        raise NoRecipients("no recovery key has been made") from None


def keep_recipients(folder: Path, recipients: Recipients) -> None:
    """Keep the recipients (public keys) in the server's data folder."""
    write_private(folder / RECIPIENTS, canonical(recipients) + b"\n")


def check_recipient(recipient: str) -> None:
    """Say no to what is no public key before it is kept.

    Raises:
        NoKey: it is none.
    """
    with io.BytesIO() as nowhere:
        age_file.seal_bytes(b"", [recipient], nowhere)


def check_carrier(tx: Transaction, person: str, today: date) -> None:
    """Let only an administrator have the whole school.

    Raises:
        NotTheCarrier: the person is none today.
    """
    if not holds_role(Known(tx).family(RoleGrant, person), {"administrator"}, today):
        raise NotTheCarrier("only an administrator makes backups")


# --- making --------------------------------------------------------------------------------------------------------


def own_folder(data: Path) -> Path:
    """Return where the server keeps its newest generations."""
    return data / "generations"


def daily_folder(data: Path) -> Path:
    """Return where the server keeps the copies that it makes every day and that nobody carries away."""
    return data / "daily"


def back_up(authority: Authority, data: Path, ca_certificate: str, administrator: str = "", by: str = "") -> Catalogue:
    """Make a generation in the server's own folder, from where desks carry it to drives; keep the newest few.

    Args:
        data: the server's data folder.
        administrator: the recipient of who carries the drives; "" takes the one that is kept.
        by: the person who asked for it, "" at the server's own command line.

    Raises:
        NoRecipients: nobody has made the recovery key.
        NoKey: a recipient is none.
    """
    recipients = read_recipients(data)
    if administrator:
        recipients = msgspec.structs.replace(recipients, administrator=administrator)
    catalogue = make_generation(authority, own_folder(data), recipients, ca_certificate)
    drop_old(own_folder(data))
    tell_made(authority, catalogue, FOR_DRIVES, by)
    logger.info("backup made", extra={"generation": catalogue.generation, "size": catalogue.proof.size})
    return catalogue


def tell_made(authority: Authority, catalogue: Catalogue, where: str, by: str = "") -> None:
    """Tell the log of events that a generation is there: for the drives, or the server's own of the day."""
    with authority.store.write() as tx:
        audit_log.tell(
            authority, tx, audit_log.event("backup_made", by=by, subject=catalogue.generation, detail=where)
        )  # fmt: skip


def find_file(data: Path, generation: str, name: str) -> Path:
    """Return a file of a generation that the server keeps.

    Raises:
        NoSuchFile: there is none.
    """
    if generation not in generations(own_folder(data)):
        raise NoSuchFile("no such generation")
    if name not in (BASE, KEYS, CATALOGUE, drive_note.NAME) and not BLOB_FILE.fullmatch(name):
        raise NoSuchFile("no such file in a generation")
    file = own_folder(data) / generation / name
    if not file.is_file():
        raise NoSuchFile("no such file in this generation")
    return file


def make_generation(authority: Authority, folder: Path, recipients: Recipients, ca_certificate: str) -> Catalogue:
    """Write the whole school as it stands now into a new generation under `folder`, and return its catalogue.

    Writers are not kept waiting. The generation is there whole or not at all.

    Raises:
        NoKey: a recipient is none.
        OSError: the folder cannot be written.
    """
    at = authority.clock()
    name, unfinished = _begin(folder, f"{at.astimezone(UTC):%Y%m%d-%H%M%S}")
    try:
        catalogue = _write(authority, unfinished, name, recipients, ca_certificate)
        flush_folder(unfinished)
        unfinished.rename(folder / name)
        flush_folder(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return catalogue


def _begin(folder: Path, moment: str) -> tuple[str, Path]:
    """Make the hidden folder of a new generation; of several in one second each gets its number."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in range(1000):
        name = f"{moment}-{number:02}"
        with contextlib.suppress(FileExistsError):
            if not (folder / name).exists():
                unfinished = folder / f".{name}.new"
                unfinished.mkdir(mode=0o700)
                return name, unfinished
    raise Bug("a thousand backups in one second")


def generations(folder: Path) -> list[str]:
    """Return the names of the whole generations in a folder, the one that reaches farthest last."""
    found = [each for each in folder.glob(f"*/{CATALOGUE}") if not each.parent.name.startswith(".")]
    return [each.parent.name for each in sorted(found, key=_reach)]


def without_catalogue(folder: Path) -> list[str]:
    """Return the names of what was a generation: it gets its name whole, so one with no catalogue has lost it."""
    named = (each for each in folder.iterdir() if _NAME.fullmatch(each.name) and each.is_dir())
    return sorted(each.name for each in named if not (each / CATALOGUE).is_file())


def _reach(catalogue: Path) -> tuple[int, int, str, str]:
    """Order by what a catalogue says; whether it is true is judged by who reads the generation."""
    try:
        return archive.reach(msgspec.json.decode(catalogue.read_bytes(), type=Catalogue))
    except NOT_JSON:
        return 0, -1, "", catalogue.parent.name


def drop_old(folder: Path, kept: int = KEPT) -> None:
    """Remove what a killed run left behind, and all but the newest generations, each whole."""
    for unfinished in folder.glob(".*.new"):
        if time.time() - unfinished.stat().st_mtime > _STALE_SECONDS:  # another run may be at work
            shutil.rmtree(unfinished)
    for name in generations(folder)[:-kept]:
        doomed = (folder / name).rename(folder / f".{name}.new")  # at once no generation any more
        shutil.rmtree(doomed)


def _write(authority: Authority, folder: Path, name: str, recipients: Recipients, ca_certificate: str) -> Catalogue:
    carriers = tuple(dict.fromkeys(each for each in (recipients.recovery, recipients.administrator) if each))
    with authority.store.read() as tx:
        school = SchoolLines(authority, tx, ca_certificate)
        base = _file(folder / BASE, carriers, lambda sink: age_file.seal_lines(school.lines(), carriers, sink))
        files = [_blob(authority, tx, folder, carriers, blob) for blob in school.blobs]
    bundle = canonical(_bundle(authority, school.name, recipients, ca_certificate))
    safe = (recipients.recovery,)
    keys = _file(folder / KEYS, safe, lambda sink: age_file.seal_bytes(bundle, safe, sink))
    note = _file(folder / drive_note.NAME, (), _write_note)
    unsigned = Catalogue(
        school=authority.school,
        generation=name,
        made_at=stamp(authority.clock()),
        proof=school.proof(),
        files=(base, keys, note, *files),
        server_key=authority.keys.signing_public,
    )
    catalogue = archive.sign_catalogue(authority.keys.signing, unsigned)
    write_private(folder / CATALOGUE, canonical(catalogue) + b"\n")
    return catalogue


def _file(file: Path, recipients: Sequence[str], write: Callable[[IO[bytes]], Digest]) -> CatalogueFile:
    with file.open("xb") as sink:
        digest = write(sink)
        sink.flush()
        os.fsync(sink.fileno())
    return CatalogueFile(name=file.name, size=digest.size, sha256=digest.sha256, recipients=tuple(recipients))


def _blob(
    authority: Authority, tx: Transaction, folder: Path, carriers: Sequence[str], blob: ArchiveBlob
) -> CatalogueFile:
    """Seal one of the school's files into the generation, as one file of its own."""
    pieces = blobs.content(authority.keys.signing, tx, blob.sha256)
    return _file(folder / blob.file, carriers, lambda sink: age_file.seal_pieces(pieces, carriers, sink))


def _write_note(sink: IO[bytes]) -> Digest:
    sink.write(drive_note.TEXT.encode())
    return age_file.digest_of(drive_note.TEXT.encode())


def flush_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# --- the server's keys ---------------------------------------------------------------------------------------------


def _bundle(authority: Authority, name: str, recipients: Recipients, ca_certificate: str) -> SchoolKeys:
    own: ServerKeys = authority.keys
    return SchoolKeys(
        school=authority.school,
        school_name=name,
        signing=_pem(Ed25519PrivateKey.from_private_bytes(own.signing)),
        sealing=_pem(X25519PrivateKey.from_private_bytes(own.sealing)),
        ca=_pem(own.ca),
        tls=_pem(own.tls),
        ca_certificate=ca_certificate,
        recipients=recipients,
    )


def _pem(key: PrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def open_keys(source: IO[bytes], secret: str) -> SchoolKeys:
    """Open `keys.age`.

    Raises:
        NoMatchingKey: the secret is not the recovery key's.
        DamagedArchive: it is cut or altered.
    """
    try:
        return msgspec.json.decode(age_file.open_bytes(source, BackupIdentity.of(secret).secret), type=SchoolKeys)
    except NOT_JSON:
        raise archive.DamagedArchive("the server's keys cannot be read", file=KEYS) from None


# --- the lines of the whole school -----------------------------------------------------------------------------------


class SchoolLines:
    """The school at one moment as lines, a page at a time; afterwards it knows what they prove."""

    def __init__(self, authority: Authority, tx: Transaction, ca_certificate: str) -> None:
        self._authority = authority
        self._tx = tx
        self._ca_certificate = ca_certificate
        head = log.read_head(tx, left_too=True)
        self.name = head.name
        self._signed = wire.decode(TreeHead, head.signed.encode())
        self._desk_keys = {desk.id: desk.public_key for desk in people.desks(tx)}
        self._counts = {ArchiveEntry: 0, ArchiveBatch: 0, ArchiveReceipt: 0, ArchiveRow: 0, ArchiveBlob: 0}
        self._content = ""
        whole_files = [blob for blob in blob_store.all_blobs(tx) if blob.whole]  # a desk goes on with the others
        self.blobs = tuple(
            ArchiveBlob(sha256=blob.sha256, size=blob.size, file=f"file-{number:05}.age")
            for number, blob in enumerate(whole_files, 1)
        )

    def proof(self) -> Proof:
        """Return what the lines must prove to be; known when they have all been taken."""
        signed = self._signed
        return Proof(
            school=signed.school, epoch=signed.epoch, size=signed.size, root=signed.root, content_sha256=self._content
        )

    def lines(self) -> Iterator[Line]:
        """Yield the archive from its head to its end."""
        yield self._head()
        for line in self._middle():
            self._counts[type(line)] += 1
            yield line
        self._content = rebuilding.ordered_content_hash(whole.content(self._tx))
        yield ArchiveEnd(
            entries=self._counts[ArchiveEntry],
            batches=self._counts[ArchiveBatch],
            receipts=self._counts[ArchiveReceipt],
            rows=self._counts[ArchiveRow],
            blobs=len(self.blobs),
            content_sha256=self._content,
        )

    def _head(self) -> ArchiveHead:
        return ArchiveHead(
            school=self._authority.school,
            school_name=self.name,
            made_at=stamp(self._authority.clock()),
            head=self._signed,
            server_key=self._authority.keys.signing_public,
            ca_certificate=self._ca_certificate,
            seal_key=self._authority.keys.sealing_public,
        )

    def _middle(self) -> Iterator[Line]:
        for table in _BEFORE_THE_LOG:
            yield from self._rows(table)
        yield from self._batches()
        for table in _AFTER_THE_LOG:
            yield from self._rows(table)
        yield from self.blobs

    def _rows(self, table: str) -> Iterator[ArchiveRow]:
        for row in whole.rows(self._tx, table):
            yield ArchiveRow(table=table, row=row)  # type: ignore[arg-type]  # the names are those of the archive

    def _batches(self) -> Iterator[Line]:
        """Yield the log batch by batch: a batch's lines follow one another, for they were entered together."""
        told: set[str] = set()
        for page in whole.batched_lines(self._tx, self._signed.size):
            receipts = log.receipts(self._tx, (line.batch for line in page))
            for root, lines in groupby(page, key=lambda line: line.batch):
                told.add(root)
                yield from self._batch(receipts[root], list(lines))
        for receipt in whole.receipts(self._tx):
            if receipt.root not in told:  # every one of its changes had arrived before or went to quarantine
                yield from self._batch(receipt, [])

    def _batch(self, stored: StoredReceipt, lines: Sequence[log.Line]) -> Iterator[Line]:
        hashes = [stored.hashes[at : at + 32] for at in range(0, len(stored.hashes), 32)]
        kept = {line.position for line in lines}
        missing = tuple((position, hash_.hex()) for position, hash_ in enumerate(hashes) if position not in kept)
        batch = wire.decode(BatchHead, stored.head.encode())
        yield ArchiveBatch(batch=batch, public_key=self._desk_keys[stored.desk], missing=missing)
        for line in lines:
            yield ArchiveEntry(
                change=line.change, prev=line.prev.hex(), verdict=line.verdict, batch=line.batch,
                position=line.position,
            )  # fmt: skip
        receipt = wire.decode(Receipt, stored.body.encode())
        yield ArchiveReceipt(receipt=receipt, first=stored.first, last=stored.last)
