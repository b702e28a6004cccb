"""The school's drives: each has a card of its own, by which it is known wherever it is plugged in.

Two drives differ in card, in file system and in physical device. A drive without a card is offered for registration and
never used silently; a card that was written for another file system is a copy.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ejournal_core import drive_note, ids
from ejournal_core.changes import canonical
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_desktop.backup.this_system import this_system
from ejournal_desktop.backup.troubles import (
    ClonedDrive,
    CopiedCard,
    DriveFailed,
    ForeignDrive,
    NetworkDrive,
    NoDevice,
    OneDevice,
    OwnDisk,
    SameDrive,
    UnknownDrive,
    drive_trouble,
)
from ejournal_desktop.backup.volumes import Volume, Volumes, is_other, volume_of

CARD = drive_note.CARD
FORMAT = 1
MOST = 64 * 1024  # bytes that are read of a card: what lies on a stranger's stick may be anything


class DriveCard(Struct, frozen=True, kw_only=True):
    """What is written on a drive about itself.

    `school` is an id; label, holder and room are what a person typed; `uuid` is that of the file system for which the
    card was written, "" where it had none.
    """

    v: int = FORMAT
    id: str
    school: str
    label: str
    holder: str = ""
    room: str = ""
    uuid: str = ""


class Drive(Struct, frozen=True):
    """A registered drive as it was plugged in when it was opened."""

    folder: Path
    card: DriveCard
    volume: Volume | None = None
    number: int | None = None  # by which the system knew the file system of the folder then

    def free(self) -> int:
        """Return the free bytes.

        Raises:
            DriveFailed: it was pulled out.
        """
        self.see_it_plugged_in()
        try:
            return shutil.disk_usage(self.folder).free
        except OSError as error:
            raise drive_trouble(error, self.card.label) from None

    def see_it_plugged_in(self) -> None:
        """See that the folder still lies on this drive.

        Where a drive was pulled out, an empty folder of the computer's own disk, or another drive, may bear its name.

        Raises:
            DriveFailed: it does not; `reason` is ENODEV.
        """
        if self.number is None:
            return
        try:
            here = self.folder.stat().st_dev == self.number and _read_card(self.folder).id == self.card.id
        except UnknownDrive:
            here = False
        except OSError as error:
            raise drive_trouble(error, self.card.label) from None
        if not here:
            raise DriveFailed("the drive is not there any more", drive=self.card.label, reason="ENODEV")


class Plugged(Struct, frozen=True):
    """A volume that can be unplugged, with its card where it has one, and why it is not a drive to write on yet.

    The trouble is UnknownDrive for one that may be registered.
    """

    volume: Volume
    card: DriveCard | None = None
    trouble: Trouble | None = None


def plugged_in(school: str, volumes: Volumes | None = None) -> tuple[Plugged, ...]:
    """Return everything that can be unplugged from this computer and is no part of it, for a person to choose from."""
    mounted = (volumes or this_system()).mounted()
    return tuple(_look(each, school) for each in mounted if each.removable and not each.system)


def _look(volume: Volume, school: str) -> Plugged:
    try:
        return Plugged(volume, _own_card(volume.root, school, volume))
    except Trouble as trouble:
        return Plugged(volume, trouble=trouble)


def register_drive(
    folder: Path, school: str, label: str, holder: str = "", room: str = "", volumes: Volumes | None = None
) -> Drive:
    """Give a drive its card. A drive that has one of this school keeps its id and gets the new label.

    A copied card makes way for one with an id of its own: whoever registers the drive says that it is another.

    Args:
        volumes: who says what is mounted; None asks the system that the program runs on.

    Raises:
        ForeignDrive: it carries another school's card; that school's backups may be on it.
        NetworkDrive, OwnDisk, NoDevice: the folder is not on a drive.
        DriveReadOnly, DriveFull, DriveFailed: the card cannot be written.
    """
    volume = _drive_volume(folder, volumes or this_system())
    try:
        known = _own_card(folder, school, volume).id
    except (UnknownDrive, CopiedCard):
        known = ids.new_id()
    name = label.strip() or volume.label or folder.name
    card = DriveCard(id=known, school=school, label=name, holder=holder, room=room, uuid=volume.uuid)
    try:
        write_whole(folder / CARD, canonical(card) + b"\n")
        return Drive(folder, card, volume, folder.stat().st_dev)
    except OSError as error:
        raise drive_trouble(error, name) from None


def open_drive(folder: Path, school: str, volumes: Volumes | None = None) -> Drive:
    """Return the drive that a folder lies on.

    Args:
        volumes: as for `register_drive`.

    Raises:
        UnknownDrive: it has no card, or one that cannot be read: it may be registered.
        CopiedCard: its card is another file system's: it may be registered as a drive of its own.
        ForeignDrive: its card is another school's.
        NetworkDrive, OwnDisk, NoDevice: the folder is not on a drive.
        DriveFailed: it cannot be read.
    """
    volume = _drive_volume(folder, volumes or this_system())
    card = _own_card(folder, school, volume)
    try:
        return Drive(folder, card, volume, folder.stat().st_dev)
    except OSError as error:
        raise drive_trouble(error, card.label) from None


def open_drives(folders: Sequence[Path], school: str, volumes: Volumes | None = None) -> tuple[Drive, ...]:
    """Return the drives of several folders, which must be different ones.

    Raises:
        SameDrive: two of them are one drive: the same folder, two on one file system, or one id on two.
        OneDevice: two of them are partitions of one device.
        ClonedDrive: two of them have one UUID.
        UnknownDrive, CopiedCard, ForeignDrive, NetworkDrive, OwnDisk, NoDevice, DriveFailed: as `open_drive`.
    """
    drives = tuple(open_drive(folder, school, volumes) for folder in folders)
    for position, drive in enumerate(drives):
        for other in drives[:position]:
            _refuse_one_drive(drive, other)
    return drives


def _refuse_one_drive(one: Drive, other: Drive) -> None:
    """Raise where two drives would be lost together or cannot be told apart."""
    first, second = one.volume or Volume(root=one.folder), other.volume or Volume(root=other.folder)
    labels = {"drive": one.card.label, "other": other.card.label}
    if first.root == second.root:
        raise SameDrive("two folders are one drive", **labels)
    if set(first.devices) & set(second.devices):
        raise OneDevice("two partitions are one drive", **labels)
    if first.uuid and first.uuid == second.uuid:
        raise ClonedDrive("one drive is a copy of the other", **labels)
    if one.card.id == other.card.id:
        raise SameDrive("two drives have one card", **labels)


def _drive_volume(folder: Path, volumes: Volumes) -> Volume:
    """Return the volume of a folder that may carry backups.

    Raises:
        NetworkDrive, OwnDisk, NoDevice, DriveFailed: it may not, or is not there.
    """
    try:
        folder.stat()
    except OSError as error:
        raise drive_trouble(error, str(folder)) from None
    volume = volume_of(folder, volumes.mounted())
    if volume and volume.network:
        raise NetworkDrive("a network share is no drive", drive=str(folder))
    if volume and volume.system:
        raise OwnDisk("the computer's own disk is no drive", drive=str(folder))
    if not volume or not volume.devices:
        raise NoDevice("the folder is on no device", drive=str(folder))
    return volume


def _own_card(folder: Path, school: str, volume: Volume) -> DriveCard:
    """Return the card in a folder that is this school's and this file system's.

    Raises:
        UnknownDrive, ForeignDrive, CopiedCard, DriveFailed: as `open_drive`.
    """
    try:
        card = _read_card(folder)
    except OSError as error:
        raise drive_trouble(error, str(folder)) from None
    if card.school != school:
        raise ForeignDrive("the drive is another school's", drive=card.label)
    if is_other(card.uuid, volume.uuid):
        raise CopiedCard("the card is another file system's", drive=card.label)
    return card


def _read_card(folder: Path) -> DriveCard:
    try:
        with (folder / CARD).open("rb") as card:
            return msgspec.json.decode(card.read(MOST), type=DriveCard)
    except FileNotFoundError:
        raise UnknownDrive("the drive has no card", drive=str(folder)) from None
    except NOT_JSON:
        raise UnknownDrive("the drive's card cannot be read", drive=str(folder)) from None


def write_whole(file: Path, content: bytes) -> None:
    """Write a small file that is there whole or not at all, after a power cut too."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)  # of a killed run; written over, a link there would lead elsewhere
    with unfinished.open("xb") as sink:
        sink.write(content)
        sink.flush()
        os.fsync(sink.fileno())
    unfinished.replace(file)
    flush_renamed(file)


def flush_renamed(path: Path) -> None:
    """Let the new name of a file or folder survive a power cut, or the stick being pulled out.

    On FAT an entry under a new name leads nowhere until what bears it is flushed again; Linux does not do that with the
    folder (`vfat_rename` leaves the start to the inode).
    """
    flush_folder(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
