"""What can be wrong with a drive, each with its own code; `details["drive"]` is the drive's label or folder."""

from __future__ import annotations

import errno
from typing import ClassVar

from ejournal_core.errors import Trouble


class SameDrive(Trouble):
    """Two of the given folders are one drive; a school's two copies must not be lost together."""

    code: ClassVar[str] = "EJ-330"


class DriveReadOnly(Trouble):
    """The drive is closed for writing: a switch on it, missing rights, or a mount after a fault."""

    code: ClassVar[str] = "EJ-331"


class NoBackupHere(Trouble):
    """There is no backup of the school on the drive."""

    code: ClassVar[str] = "EJ-332"


class UnknownDrive(Trouble):
    """The drive is not registered; it may be, but it is not used silently."""

    code: ClassVar[str] = "EJ-356"


class ForeignDrive(Trouble):
    """The drive belongs to another school."""

    code: ClassVar[str] = "EJ-357"


class DriveFull(Trouble):
    """The drive has no room for the generation; `needed` and `free` are bytes."""

    code: ClassVar[str] = "EJ-358"


class DriveFailed(Trouble):
    """The drive was pulled out or refuses to read or write; `reason` is the system's name of the error."""

    code: ClassVar[str] = "EJ-359"


class NetworkDrive(Trouble):
    """The folder lies on a network share: nobody can carry that into another room."""

    code: ClassVar[str] = "EJ-407"


class OwnDisk(Trouble):
    """The folder lies on the computer's own disk, perhaps where a drive was mounted before it was pulled out."""

    code: ClassVar[str] = "EJ-408"


class NoDevice(Trouble):
    """The folder lies on no device that this system names: in memory, in a disk image, on a phone."""

    code: ClassVar[str] = "EJ-409"


class CopiedCard(Trouble):
    """The card was written for another file system: it was copied here, or the drive was formatted and refilled."""

    code: ClassVar[str] = "EJ-447"


class OneDevice(Trouble):
    """Two file systems are partitions of one device; they would be lost together."""

    code: ClassVar[str] = "EJ-448"


class ClonedDrive(Trouble):
    """One drive is a copy of the other, UUID and all; which of them is the registered one, nobody can tell."""

    code: ClassVar[str] = "EJ-449"


_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def drive_trouble(error: OSError, drive: str, needed: int = 0, free: int = 0) -> Trouble:
    """Return what an operating system's error means for a drive."""
    reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
    if error.errno in _FULL:
        return DriveFull("the drive is full", drive=drive, needed=needed, free=free)
    if error.errno in _CLOSED:
        return DriveReadOnly("the drive is closed for writing", drive=drive, reason=reason)
    return DriveFailed("the drive does not answer", drive=drive, reason=reason)
