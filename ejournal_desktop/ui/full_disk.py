"""A full disk, said by what the person was doing: not every write that fails was an entry."""

from __future__ import annotations

import errno
from typing import ClassVar

from ejournal_core.errors import EjournalError, Trouble

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "EJ-301"  # of the journal's file; by its code: Вход is painted before the libraries of the file load


class NoRoomForNews(Trouble):
    """What came from the server cannot be kept; what was entered here is saved."""

    code: ClassVar[str] = "EJ-404"


class NoRoomToOpen(Trouble):
    """The journal cannot be opened: even opening it writes a little."""

    code: ClassVar[str] = "EJ-405"


class NoRoom(Trouble):
    """Something beside the journal could not be written."""

    code: ClassVar[str] = "EJ-406"


def is_full(error: BaseException) -> bool:
    """Say whether an error means that the disk has no room."""
    return getattr(error, "code", "") == DISK_FULL or (isinstance(error, OSError) and error.errno in NO_ROOM)


def at_meeting(error: EjournalError) -> EjournalError:
    """Return the error of a meeting as the person is to hear it: no entry of theirs was lost."""
    return NoRoomForNews("no room for what came") if is_full(error) else error


def at_opening(error: BaseException) -> BaseException:
    """Return the error of opening a journal as the person is to hear it."""
    return NoRoomToOpen("no room to open the journal") if is_full(error) else error
