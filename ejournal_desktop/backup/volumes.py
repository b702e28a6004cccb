"""What is mounted on this computer, and which of it may carry a backup: the small interface behind every drive.

Three systems answer the same question in three ways (`this_system`). Serial numbers are no names, cheap sticks share
them: what tells drives apart are the physical device and the UUID.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Protocol

import psutil
from msgspec import Struct

from ejournal_desktop.models.database import NETWORK_FILE_SYSTEMS

#: What lies at the other end of a wire; besides those on which a journal is refused, what desktops mount by hand.
NETWORK = NETWORK_FILE_SYSTEMS | {"afpfs", "webdav", "ceph", "glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.gvfsd-fuse"}
_SERIAL = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
_NTFS = re.compile(r"[0-9A-F]{16}")


class Volume(Struct, frozen=True, kw_only=True):
    """One mounted file system.

    Attributes:
        root: where it is mounted.
        uuid: the file system's own number as the system writes it; "" where it has none or none is told.
        file_system: "vfat", "exfat", "ntfs", "ext4", "apfs" …, as the system calls it.
        size, free: bytes, 0 where nobody answers.
        devices: names of the physical devices it lies on, true for this moment; empty where it lies on none.
        removable: on a medium or behind a bus that is meant to be unplugged.
        system: on a device that this computer itself starts and works from.
        model: what the maker calls the device, for people to tell two sticks apart.
    """

    root: Path
    uuid: str = ""
    label: str = ""
    file_system: str = ""
    size: int = 0
    free: int = 0
    read_only: bool = False
    devices: tuple[str, ...] = ()
    removable: bool = False
    network: bool = False
    system: bool = False
    model: str = ""


class Partition(Struct, frozen=True):
    """What psutil says of something mounted; `opts` are separated by commas."""

    device: str
    mountpoint: str
    fstype: str
    opts: str


class Volumes(Protocol):
    """Whoever can say what is mounted."""

    def mounted(self) -> tuple[Volume, ...]:
        """Return what is mounted now, in the order in which it was mounted."""


def volume_of(folder: Path, mounted: Iterable[Volume]) -> Volume | None:
    """Return the volume that a folder lies on, None where the system names none; of two on one place the later."""
    place, found = folder.resolve(), None
    for volume in mounted:
        if place.is_relative_to(volume.root) and (found is None or volume.root.is_relative_to(found.root)):
            found = volume
    if found is None and str(place).startswith("\\\\"):
        return Volume(root=place, network=True)
    return found


def is_own(devices: Collection[object], own: Collection[object], *, removable: bool) -> bool:
    """Say whether devices are the computer's own; where it does not say what it works from, all that stays in it is."""
    if not own:
        return bool(devices) and not removable
    return any(device in own for device in devices)


def is_other(one: str, other: str) -> bool:
    """Say whether two UUIDs are those of different file systems; what cannot be compared is not called different.

    Linux and Windows name FAT alike; of NTFS's 16 digits Windows tells the last 8; macOS makes a number of its own.
    """
    if not one or not other or _system(one) != _system(other):
        return False
    if _NTFS.fullmatch(one) and _SERIAL.fullmatch(other):
        one = _short(one)
    if _NTFS.fullmatch(other) and _SERIAL.fullmatch(one):
        other = _short(other)
    return one.casefold() != other.casefold()


def _short(ntfs: str) -> str:
    return f"{ntfs[-8:-4]}-{ntfs[-4:]}"


def _system(uuid: str) -> str:
    """Return by whose reckoning a UUID is: macOS's begin with "mac:"."""
    return "mac" if uuid.startswith("mac:") else ""


def partitions() -> tuple[Partition, ...]:
    """Return what psutil finds mounted, shares and what only exists in memory included."""
    return tuple(Partition(*each[:4]) for each in psutil.disk_partitions(all=True))


def room(root: Path) -> tuple[int, int]:
    """Return size and free bytes of what is mounted at `root`; (0, 0) where it does not answer."""
    try:
        usage = shutil.disk_usage(root)
    except OSError:
        return 0, 0
    return usage.total, usage.free
