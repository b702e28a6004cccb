"""The folders that stand for drives: each has a card of its own, by which it is known wherever it is plugged in.

A drive without a card is offered for registration and never used silently. Serial numbers are no names: cheap sticks
share them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ejournal_core import ids
from ejournal_core.changes import canonical
from ejournal_core.errors import NOT_JSON
from ejournal_desktop.backup.troubles import ForeignDrive, SameDrive, UnknownDrive, drive_trouble

CARD = "ejournal-drive.json"
FORMAT = 1


class DriveCard(Struct, frozen=True, kw_only=True):
    """What is written on a drive about itself. `school` is an id; label, holder and room are what a person typed."""

    v: int = FORMAT
    id: str
    school: str
    label: str
    holder: str = ""
    room: str = ""


class Drive(Struct, frozen=True):
    """A registered drive as it is plugged in now."""

    folder: Path
    card: DriveCard

    def free(self) -> int:
        """Return the free bytes.

        Raises:
            DriveFailed: it was pulled out.
        """
        try:
            return shutil.disk_usage(self.folder).free
        except OSError as error:
            raise drive_trouble(error, self.card.label) from None


def register_drive(folder: Path, school: str, label: str, holder: str = "", room: str = "") -> Drive:
    """Give a drive its card. A drive that has one of this school keeps its id and gets the new label.

    Raises:
        ForeignDrive: it carries another school's card; that school's backups may be on it.
        DriveReadOnly, DriveFull, DriveFailed: the card cannot be written.
    """
    try:
        known = open_drive(folder, school).card.id
    except UnknownDrive:
        known = ids.new_id()
    card = DriveCard(id=known, school=school, label=label.strip() or folder.name, holder=holder, room=room)
    try:
        write_whole(folder / CARD, canonical(card) + b"\n")
    except OSError as error:
        raise drive_trouble(error, label) from None
    return Drive(folder, card)


def open_drive(folder: Path, school: str) -> Drive:
    """Return the drive that a folder is.

    Raises:
        UnknownDrive: it has no card, or one that cannot be read: it may be registered.
        ForeignDrive: its card is another school's.
        DriveFailed: it cannot be read.
    """
    try:
        text = (folder / CARD).read_bytes()
    except FileNotFoundError:
        raise UnknownDrive("the drive has no card", drive=str(folder)) from None
    except OSError as error:
        raise drive_trouble(error, str(folder)) from None
    try:
        card = msgspec.json.decode(text, type=DriveCard)
    except NOT_JSON:
        raise UnknownDrive("the drive's card cannot be read", drive=str(folder)) from None
    if card.school != school:
        raise ForeignDrive("the drive is another school's", drive=card.label)
    return Drive(folder, card)


def open_drives(folders: Sequence[Path], school: str) -> tuple[Drive, ...]:
    """Return the drives of several folders, which must be different ones.

    Raises:
        SameDrive: two of them are one drive: the same folder, or a copied card.
        UnknownDrive, ForeignDrive, DriveFailed: as `open_drive`.
    """
    drives = tuple(open_drive(folder, school) for folder in folders)
    for position, drive in enumerate(drives):
        for other in drives[:position]:
            if drive.card.id == other.card.id or drive.folder.samefile(other.folder):
                raise SameDrive("two folders are one drive", drive=drive.card.label)
    return drives


def write_whole(file: Path, content: bytes) -> None:
    """Write a small file that is there whole or not at all, after a power cut too."""
    unfinished = file.with_name(f".{file.name}.new")
    with unfinished.open("wb") as sink:
        sink.write(content)
        sink.flush()
        os.fsync(sink.fileno())
    unfinished.replace(file)
    flush_folder(file.parent)


def flush_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
