"""Look into a backup: proved, rebuilt into an encrypted journal with a key of this moment, and gone when it is closed.

Nothing of the school stands readable on any disk: the file is encrypted, and its key is in memory only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core import age_file
from ejournal_core.archive import Catalogue, DamagedArchive, reach
from ejournal_core.errors import Trouble
from ejournal_desktop.backup.prove import (
    BASE,
    CATALOGUE,
    Report,
    compare_files,
    read_catalogue,
    read_from_medium,
    watched,
)
from ejournal_desktop.backup.troubles import NoBackupHere, drive_trouble
from ejournal_desktop.backup.write import generations
from ejournal_desktop.models.database import DiskFull, ReadOnly
from ejournal_desktop.models.viewed import Filling, ViewedJournal, create_viewed

KEY_BYTES = 32


class NoRoomToLook(Trouble):
    """This computer has no room to unfold the copy, or may not write where it would lie."""

    code: ClassVar[str] = "EJ-543"


class Found(Struct, frozen=True, kw_only=True):
    """A generation that may be looked into: where it lies, what it says of itself, or why it is none."""

    folder: Path
    catalogue: Catalogue | None = None
    trouble: Trouble | None = None


def find_generations(folders: Iterable[Path], server_key: str) -> tuple[Found, ...]:
    """Return the generations that lie in the folders (or that a folder is), those that reach farthest first.

    Only their catalogues are read; what is damaged or foreign is named and comes last.

    Args:
        server_key: the school's server key, hex.

    Raises:
        NoBackupHere: there is no generation in any of them.
        DriveFailed, DriveReadOnly: a folder cannot be read.
    """
    places = [place for folder in folders for place in _generations_in(folder)]
    found = [_look(place, server_key) for place in places]
    if not found:
        raise NoBackupHere("there is no backup here", drive="")
    return tuple(sorted(found, key=_order, reverse=True))


def _generations_in(folder: Path) -> list[Path]:
    try:
        return [folder] if (folder / CATALOGUE).is_file() else [folder / name for name in generations(folder)]
    except OSError as error:
        raise drive_trouble(error, folder.name) from None


def _look(folder: Path, server_key: str) -> Found:
    try:
        return Found(folder=folder, catalogue=read_catalogue(folder, server_key))
    except DamagedArchive as trouble:
        return Found(folder=folder, trouble=trouble)
    except OSError as error:
        return Found(folder=folder, trouble=drive_trouble(error, folder.parent.name))


def _order(found: Found) -> tuple[bool, tuple[int, int, str, str]]:
    return found.catalogue is not None, reach(found.catalogue) if found.catalogue else (0, 0, "", found.folder.name)


class Copy:
    """An opened backup.

    Attributes:
        journal: to be read; it refuses every entry.
        catalogue: of the generation.
        moment: when the backup was made, in the zone of this desk.
    """

    def __init__(self, journal: ViewedJournal, catalogue: Catalogue, place: Path, key: bytearray) -> None:
        self.journal = journal
        self.catalogue = catalogue
        self.moment = journal.clock()
        self._place = place
        self._key = key

    def close(self) -> None:
        """Forget the key and remove the file; what another program still holds of it is removed at the next start."""
        self.journal.close()
        _forget(self._key, self._place)


def open_copy(folder: Path, secret: str, server_key: str, place: Path, report: Report, zone: tzinfo) -> Copy:
    """Prove a generation and unfold it to be looked at.

    Args:
        folder: the generation.
        secret: an age identity: the administrator's, or the recovery key of the safe.
        server_key: the school's server key, hex.
        place: `paths.viewed_folder()`: one folder in it becomes this copy's.
        zone: in which the moment of the backup is told.

    Raises:
        NoKey, NoMatchingKey: the secret is none, or the copy is sealed to other keys.
        ForeignArchive, NewerArchive, DamagedArchive: it is not what can be shown; nothing of it is.
        DriveFailed: the drive was pulled out or refuses to read.
        NoRoomToLook: this computer cannot hold it.
        Cancelled: whatever `report.check` raises; nothing is left.
    """
    catalogue = _checked(folder, server_key, report)
    moment = datetime.fromisoformat(catalogue.made_at).astimezone(zone)
    key, own = bytearray(os.urandom(KEY_BYTES)), place / os.urandom(8).hex()
    try:
        own.mkdir(mode=0o700)
        journal = create_viewed(own / "copy.db", key, catalogue.school, lambda: moment)
        try:
            _fill(journal, folder, secret, catalogue, report)
        except BaseException:
            journal.close()
            raise
    except BaseException as error:
        _forget(key, own)
        if isinstance(error, DiskFull | ReadOnly | OSError):
            raise NoRoomToLook(type(error).__name__) from None
        raise
    return Copy(journal, catalogue, own, key)


def _checked(folder: Path, server_key: str, report: Report) -> Catalogue:
    try:
        catalogue = read_catalogue(folder, server_key)
        compare_files(folder, catalogue, report, 0, 2 * _size(catalogue))
    except OSError as error:
        raise drive_trouble(error, folder.parent.name) from None
    return catalogue


def _size(catalogue: Catalogue) -> int:
    return sum(file.size for file in catalogue.files)


def _fill(journal: ViewedJournal, folder: Path, secret: str, catalogue: Catalogue, report: Report) -> None:
    filling, size = Filling(journal), _size(catalogue)
    try:
        with read_from_medium(folder / BASE) as source:
            age_file.open_lines(watched(source, report, size, 2 * size, "копия разворачивается"), secret, filling.take)
    except OSError as error:
        raise drive_trouble(error, folder.parent.name) from None
    if filling.finish() != catalogue.proof:
        raise DamagedArchive("the archive is not the one of its catalogue", file=BASE)


def _forget(key: bytearray, place: Path) -> None:
    key[:] = bytes(len(key))
    shutil.rmtree(place, ignore_errors=True)
