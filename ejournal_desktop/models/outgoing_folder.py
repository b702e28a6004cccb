"""The folder of sealed work that everybody on this PC shares, read and written as a place where anybody may have been.

A pupil at the PC can put links, pipes, huge or thousands of files there. So only plain files with the right name and of
bearable size count, nothing waits for a pipe, nothing is written through a link, and no file is trusted for its name:
the server opens and judges each record.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core import seal
from ejournal_core.errors import Trouble

log = logging.getLogger(__name__)

SUFFIX, UPTO = ".sealed", ".upto"
LARGEST_FILE = 64 * 1024 * 1024
MOST_FILES = 2_000
MOST_BYTES = 512 * 1024 * 1024  # looked at in one go
STICK_FOLDER = "ejournal-outgoing"

_NAME = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})(?:\.([a-z0-9]{1,12}))?\.sealed")
_PLAIN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class StickUnusable(Trouble):
    """The folder or stick cannot be read or written, or holds nothing of this school."""

    code: ClassVar[str] = "EJ-398"


class SealedFile(Struct, frozen=True):
    """An outgoing file as the sign-in screen sees it; its content is closed to everybody here.

    `tag` tells further files of one desk apart: "" is the desk's own, one that begins with "i" came on a stick, one
    that begins with "o" is of a future that the desk's file, restored from an older copy, knows nothing of.
    """

    path: Path
    school: str
    desk_id: str
    records: int
    tag: str = ""

    @property
    def is_nobodys(self) -> bool:
        """Whether no desk here will ever settle it: it goes once all of it has arrived."""
        return self.tag[:1] in ("i", "o")


# --- reading -------------------------------------------------------------------------------------------------------


def sealed_files(folder: Path) -> list[SealedFile]:
    """Return the outgoing files that hold something, in order of name; what is none of ours is passed over."""
    found: list[SealedFile] = []
    left = MOST_BYTES
    for path, named in _named(folder):
        content = read_plain(path, min(LARGEST_FILE, left)) if left > 0 else None
        if content is None:
            continue
        left -= len(content)
        held, _torn = seal.outgoing_records(content)
        if held:
            found.append(SealedFile(path, named[1], named[2], len(held), named[3] or ""))
    return found


def undelivered(folder: Path) -> dict[str, int]:
    """Return how many sealed records of each desk wait on this PC."""
    waiting: dict[str, int] = {}
    for file in sealed_files(folder):
        waiting[file.desk_id] = waiting.get(file.desk_id, 0) + file.records
    return waiting


def _named(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry, _ in zip(entries, range(MOST_FILES * 10), strict=False))
    except OSError:
        return
    matches = (named for name in names if (named := _NAME.fullmatch(name)))
    for named, _ in zip(matches, range(MOST_FILES), strict=False):
        yield folder / named[0], named


def sealed_records(file: SealedFile) -> list[bytes]:
    """Return the sealed records to deliver; a torn last one (power cut) is left out, the desk has it still.

    A file that went meanwhile, or became something else, has none.
    """
    content = read_plain(file.path)
    return seal.outgoing_records(content)[0] if content is not None else []


def read_plain(path: Path, limit: int = LARGEST_FILE) -> bytes | None:
    """Return what a plain file holds; None for links, pipes, devices, folders, files too long or not to be read."""
    try:
        descriptor = os.open(path, _PLAIN)
    except OSError:
        return None
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_size > limit:
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            content = file.read(limit + 1)
        except OSError:
            return None
    return content if len(content) <= limit else None


# --- writing -------------------------------------------------------------------------------------------------------


def append(path: Path, record: bytes) -> bool:
    """Append a record to this account's own plain file and flush it; say whether that was possible.

    Raises:
        OSError: the disk is full or failed.
    """
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    if not _is_ours_alone(os.fstat(descriptor)):
        os.close(descriptor)
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(record)
        file.flush()
        os.fsync(descriptor)
    return True


def keep_aside(path: Path) -> None:
    """Keep a file of a desk's lost future under a further name, to be delivered like any other.

    Raises:
        OSError: the folder cannot be written.
    """
    content = read_plain(path)
    if content:
        mark = hashlib.sha256(content).hexdigest()[:8]
        replace(path.with_name(f"{path.name.removesuffix(SUFFIX)}.o{mark}{SUFFIX}"), [content])


def note_upto(path: Path, n: int) -> None:
    """Say in the clear, beside an outgoing file, up to which counter of its desk it goes.

    Raises:
        OSError: the folder cannot be written.
    """
    replace(path.with_suffix(UPTO), [str(n).encode()])


def noted_upto(path: Path) -> int:
    """Return the counter that `note_upto` wrote, 0 when there is none to be read."""
    text = read_plain(path.with_suffix(UPTO), 20) or b""
    return int(text) if text.isdigit() else 0


def _is_ours_alone(about: os.stat_result) -> bool:
    """Say whether it is a plain file of this account that bears one name only: a second one may be somebody's trap."""
    own = os.name != "posix" or about.st_uid == os.geteuid()
    return stat.S_ISREG(about.st_mode) and own and about.st_nlink == 1


def replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a whole file anew under its name: readable by all, since others deliver it; never through a link.

    Raises:
        OSError: the disk is full or failed, or somebody else's file stands there and cannot be moved away.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


# --- on a stick ----------------------------------------------------------------------------------------------------


def export_sealed(folder: Path, school: str, target: Path) -> int:
    """Copy this PC's sealed work of a school to a stick; return how many records lie there now.

    Args:
        target: the stick, or any folder; the files go into `ejournal-outgoing` on it.

    Raises:
        StickUnusable: it cannot be written, or what was written does not read back.
    """
    place = target / STICK_FOLDER
    try:
        place.mkdir(exist_ok=True)
        return sum(_carry(file, place / file.path.name) for file in sealed_files(folder) if file.school == school)
    except OSError as error:
        raise StickUnusable(type(error).__name__, place=str(target)) from None


def import_sealed(source: Path, school: str, folder: Path) -> int:
    """Copy a stick's sealed work of this school into the folder of this PC; return how many records came.

    They are delivered like everybody's; what came before is not doubled.

    Raises:
        StickUnusable: there is nothing of this school on it, or this PC's folder cannot be written.
    """
    place = source / STICK_FOLDER
    files = [file for file in sealed_files(place if place.is_dir() else source) if file.school == school]
    if not files:
        raise StickUnusable("nothing of this school", place=str(source))
    try:
        return sum(_carry(file, folder / _imported(file)) for file in files)
    except OSError as error:
        raise StickUnusable(type(error).__name__, place=str(folder)) from None


def _imported(file: SealedFile) -> str:
    mark = hashlib.sha256(file.path.name.encode()).hexdigest()[:8]
    return f"{file.school}.{file.desk_id}.i{mark}{SUFFIX}"


def _carry(file: SealedFile, target: Path) -> int:
    """Copy whole records and see that they arrived; what lies there already and holds more stays."""
    records = sealed_records(file)
    there = read_plain(target)
    if there is not None and len(seal.outgoing_records(there)[0]) >= len(records):
        return len(records)
    whole = b"".join(len(record).to_bytes(4, "big") + record for record in records)
    replace(target, [whole])
    if read_plain(target) != whole:
        raise OSError("what was written does not read back")
    return len(records)
