"""Prove a generation where it lies: files against the signed catalogue, then a restore of everything in memory."""

from __future__ import annotations

import hashlib
import io
import os
import re
from io import BufferedReader
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from ejournal_core import age_file, archive
from ejournal_core.age_file import BackupIdentity, Remembered
from ejournal_core.archive import ArchiveBlob, ArchiveHead, Catalogue, DamagedArchive, Proof
from ejournal_core.changes import canonical

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CATALOGUE = archive.CATALOGUE
BASE = "base.age"
BLOB_FILE = re.compile(r"file-\d{5,}\.age")
GENERATION = re.compile(r"\d{8}-\d{6}-\d{2,}")
_PIECE = 256 * 1024  # bytes read at once


class Report(Protocol):
    """A job's whole view of the world; `ui.jobs.Report` is one."""

    def step(self, done: int, total: int, text: str = "") -> None:
        """Say that `done` of `total` parts are ready and what is being done now."""

    def check(self) -> None:
        """Leave the job here if the person cancelled it."""


def believe(data: bytes, server_key: str) -> Catalogue:
    """Return a catalogue that the school's server (its key in hex) has signed and whose names are those of files here.

    Raises:
        NewerArchive, DamagedArchive: as `archive.read_catalogue`, or a name leads elsewhere.
    """
    catalogue = archive.read_catalogue(data, server_key)
    names = [file.name for file in catalogue.files]
    if not GENERATION.fullmatch(catalogue.generation) or any(Path(name).name != name for name in names):
        raise DamagedArchive("the catalogue names a file elsewhere", file=CATALOGUE)
    return catalogue


def read_catalogue(folder: Path, server_key: str) -> Catalogue:
    """Return the catalogue of a generation of the school whose server has this key (hex).

    Raises:
        NewerArchive: it needs a newer program.
        DamagedArchive: it is missing, altered, or another school's.
        OSError: the drive cannot be read.
    """
    try:
        data = (folder / CATALOGUE).read_bytes()
    except FileNotFoundError:
        raise DamagedArchive(f"{CATALOGUE} is missing", file=CATALOGUE) from None
    return believe(data, server_key)


def compare_files(folder: Path, catalogue: Catalogue, report: Report, done: int = 0, total: int = 0) -> None:
    """Read every file from the medium itself, not from memory, and compare it with the catalogue.

    Args:
        done, total: bytes of the whole job before these files and in all.

    Raises:
        DamagedArchive: a file is missing, cut or altered; `details["file"]` names it.
        OSError: the drive cannot be read.
    """
    for file in catalogue.files:
        try:
            with read_from_medium(folder / file.name) as source:
                age_file.check_file(watched(source, report, done, total, f"сверяется {file.name}"), file)
        except FileNotFoundError:
            raise DamagedArchive(f"{file.name} is missing", file=file.name) from None
        done += file.size


def prove(folder: Path, catalogue: Catalogue, secret: str, report: Report, done: int = 0, total: int = 0) -> Proof:
    """Restore the generation in memory: open it, rebuild log, tree and records, compare with head and catalogue.

    The very bytes that were opened are compared with the catalogue too: what was proved is what it lists.

    Args:
        secret: an age identity it is sealed to.

    Raises:
        NoMatchingKey: it is sealed to other keys.
        DamagedArchive: it does not hold.
        OSError: the drive cannot be read.
    """

    def seen(head: ArchiveHead) -> None:
        if head.server_key != catalogue.server_key:
            raise DamagedArchive("the archive is another server's", file=BASE)

    with read_from_medium(folder / BASE) as source:
        opened = Remembered(watched(source, report, done, total, "пробное восстановление"))
        beside: list[ArchiveBlob] = []
        proof = age_file.prove_file(opened, secret, seen, beside.append)
        opened.check(catalogue, BASE)
    for blob in beside:
        _prove_blob(folder, catalogue, blob, secret, report)
    if proof != catalogue.proof:
        raise DamagedArchive("the archive is not the one of its catalogue", file=BASE)
    return proof


class Trials:
    """The contents that were restored for trial in this run of the program; nothing of it is ever written down.

    What a trial restore says depends on bytes and key alone. Whatever is those bytes again is therefore proved by being
    read from its own medium and having their digests; rebuilding the same records once more would add nothing.
    """

    def __init__(self) -> None:
        self._held: set[tuple[str, str]] = set()

    def prove(
        self, folder: Path, catalogue: Catalogue, secret: str, report: Report, done: int = 0, total: int = 0
    ) -> None:
        """Prove a generation where it lies: restore it for trial, or show that it is to the byte one that was.

        Raises:
            NoKey, NoMatchingKey, NewerArchive, DamagedArchive, OSError: as `prove` and `read_catalogue`.
        """
        content = hashlib.sha256(canonical(catalogue)).hexdigest(), BackupIdentity.of(secret).recipient
        if content not in self._held:
            prove(folder, catalogue, secret, report, done, total)
            self._held.add(content)
            return
        compare_files(folder, catalogue, report, done, total)
        if read_catalogue(folder, catalogue.server_key) != catalogue:
            raise DamagedArchive("the catalogue is another one", file=CATALOGUE)


def _prove_blob(folder: Path, catalogue: Catalogue, blob: ArchiveBlob, secret: str, report: Report) -> None:
    """Open a file of the school that lies beside the journal and compare it with its hash and with the catalogue.

    Raises:
        DamagedArchive: as `prove`; `details["file"]` names it.
    """
    report.check()
    if not BLOB_FILE.fullmatch(blob.file):
        raise DamagedArchive("the archive names a file elsewhere", file=BASE)
    try:
        with read_from_medium(folder / blob.file) as source:
            opened = Remembered(source)
            age_file.check_blob(opened, secret, blob)
            opened.check(catalogue, blob.file)
    except FileNotFoundError:
        raise DamagedArchive(f"{blob.file} is missing", file=blob.file) from None


def read_from_medium(file: Path) -> BufferedReader:
    """Open a file whose pages the system is asked to forget first, so that the medium itself answers."""
    source = file.open("rb")
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return source


class _Watched(io.RawIOBase):
    """Reads through, tells how far it is, and stops when the person cancels."""

    def __init__(self, source: BufferedReader, report: Report, done: int, total: int, text: str) -> None:
        super().__init__()
        self._source = source
        self._report = report
        self._done = done
        self._total = total
        self._text = text

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._report.check()
        size = self._source.readinto(buffer)
        self._done += size
        self._report.step(self._done, self._total, self._text)
        return size


def watched(source: BufferedReader, report: Report, done: int, total: int, text: str) -> IO[bytes]:
    """Return `source` so that reading it reports progress from `done` on and can be cancelled."""
    return io.BufferedReader(_Watched(source, report, done, total, text), _PIECE)
