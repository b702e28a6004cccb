"""Copies of attached files outside the journal: one to look at, which does not stay, and one that a person saves.

A copy to look at lies in a folder that this account alone may enter, cannot be written, and is wiped when the program
locks, when the person leaves, and at the next start where a power cut came first.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from ejournal_core.errors import Trouble
from ejournal_desktop import paths

_CHUNK = 1 << 20


class FileNotOpened(Trouble):
    """No readable copy could be made, or this PC has no program that shows it."""

    code: ClassVar[str] = "EJ-427"


class FileNotSaved(Trouble):
    """The file could not be written where the person wanted it."""

    code: ClassVar[str] = "EJ-433"


def copy_to_look_at(data: bytes, title: str, media_type: str) -> Path:
    """Write a read-only copy under a name like the title's; return where it is.

    Raises:
        FileNotOpened: no room, or no right to write there.
    """
    from ejournal_core.blobs import suggested_name  # with it come all the rules of access: not before Вход

    try:
        path = Path(tempfile.mkdtemp(dir=paths.opened_folder())) / suggested_name(title, media_type)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        raise FileNotOpened(type(error).__name__) from None
    return path


def wipe_copies() -> None:
    """Remove every copy to look at; one that a program still holds is removed the next time."""
    with suppress(OSError):
        for place in list(paths.opened_folder().iterdir()):
            if place.is_symlink():  # never ours, and what it leads to is not either
                place.unlink()
            else:
                _wipe(place)


def forget_viewed() -> None:
    """Remove what a killed program left of backups looked into: encrypted, under keys that nobody has any more."""
    with suppress(OSError):
        for place in list(paths.viewed_folder().iterdir()):
            shutil.rmtree(place, ignore_errors=True)


def wipe_copy(path: Path) -> None:
    """Remove one copy to look at."""
    _wipe(path.parent)


def _wipe(place: Path) -> None:
    inside = [Path(folder, name) for folder, _folders, names in os.walk(place) for name in names]
    for file in [place, *inside]:
        with suppress(OSError):
            if stat.S_ISREG(file.lstat().st_mode):
                _overwrite(file)
    shutil.rmtree(place, ignore_errors=True)


def _overwrite(file: Path) -> None:
    """Leave no words behind where the folder lies on a disk."""
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    with file.open("r+b") as opened:
        left = file.stat().st_size
        while left > 0:
            left -= opened.write(bytes(min(left, _CHUNK)))
    file.unlink()


def save_copy(data: bytes, path: Path) -> None:
    """Write a file where a person wants it, through a neighbour: a half-written one never stands under the name.

    Raises:
        FileNotSaved: no room, no such folder, no right; what stood under the name stays.
    """
    beside = path.with_name(f".{os.urandom(6).hex()}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise FileNotSaved(type(error).__name__) from None
