"""The copy that the school's rules want on the server itself, day by day: made, read back, and older ones let go.

It lies on the disk of the school, so it saves from a slip, not from a fire; the copies on drives are `backups.py`'s.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from ejournal_core.archive import Catalogue, DamagedArchive
from ejournal_core.errors import Trouble
from ejournal_server import backups, generations, restore, schedule
from ejournal_server import folder as folders
from ejournal_server.backups import FolderFailed
from ejournal_server.folder import Office
from ejournal_server.store import tallies

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

logger = logging.getLogger(__name__)

KEPT = 7  # a slip of Monday is still found on the Sunday after; a year of a large school takes 0.4 GB so
SPARE = 256 * 1024 * 1024  # bytes that are left to the journal: a copy never keeps the school from being written
_UNFINISHED, _LOCK = ".making.new", ".lock"


class UnderWay(Trouble):
    """Another run is making the daily copy."""

    code: ClassVar[str] = "EJ-547"


def make(office: Office, secret: str = "") -> Catalogue | None:
    """Make the daily copy where the rules ask for one by today; return its catalogue, None when it is not due.

    It gets its place only when it has been read back and compared with what was written, with a secret of the
    recipients by rebuilding it, too; only then the oldest go. The server may be at work meanwhile.

    Raises:
        NoRecipients: nobody has made the recovery key.
        NoKey, NoMatchingKey: the secret is none, or would not open the copy.
        UnderWay: another run is at it.
        DamagedArchive: the copy is not what was made; it is gone again, the older ones stay.
        FolderFailed: the disk is full, would be, or is closed; the older ones stay.
    """
    if not _is_due(office):
        return None
    generations.read_recipients(office.folder)
    if secret:
        backups.check_identity(office, secret)
    folder = generations.daily_folder(office.folder)
    with backups.naming(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        with _alone(folder):
            if not _is_due(office):  # another run may just have ended
                return None
            _leave_room(office, folder)
            return _make(office, folder, secret)


def _is_due(office: Office) -> bool:
    due = schedule.daily_due_on(office.authority, office.folder)
    return due is not None and due <= office.authority.today()


def _leave_room(office: Office, folder: Path) -> None:
    """See that the school's own disk will not be full with the copy, which is about as large as the store.

    Raises:
        FolderFailed: it would be; the server could take no entries then.
    """
    with office.authority.store.read() as tx:
        size = tallies.size(tx, office.folder / folders.STORE)
    if folder.stat().st_dev == office.folder.stat().st_dev and shutil.disk_usage(folder).free < size + SPARE:
        raise FolderFailed.of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), folder)


def _make(office: Office, folder: Path, secret: str) -> Catalogue:
    recipients = generations.read_recipients(office.folder)
    with _unfinished(folder) as unfinished:
        catalogue = generations.make_generation(office.authority, unfinished, recipients, office.ca_pem)
        made = unfinished / catalogue.generation
        if restore.read_generation(made, catalogue.server_key) != catalogue:
            raise DamagedArchive("the catalogue is another one", file=generations.CATALOGUE)
        if secret:
            restore.prove_generation(made, secret, catalogue)
        made.rename(folder / catalogue.generation)
    generations.flush_folder(folder)
    generations.drop_old(folder, KEPT)
    generations.tell_made(office.authority, catalogue, generations.OF_THE_DAY)
    logger.info("daily copy made", extra={"generation": catalogue.generation, "size": catalogue.proof.size})
    return catalogue


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Give a hidden folder beside the copies; what a killed run left in it goes before, everything else afterwards."""
    unfinished = folder / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other runs out; the system lets them in again when this one ends, however it ends.

    Raises:
        UnderWay: another run is here.
    """
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(lock)
        yield
    finally:
        os.close(lock)


def _take(lock: int) -> None:
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise UnderWay("another run makes the daily copy") from None
