"""A disk in the hands of a test: real system calls of a real process, recorded or made to fail by `shim.c`.

`Shim` is the process's own side (it must run under `preloaded`); `Record` reads afterwards what was written and flushed
in which order, and lays out what a disk may hold after the power went at any moment.
"""

from __future__ import annotations

import ctypes
import os
import random
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

WRITE, FLUSH, RENAME, OPEN, READ = 1, 2, 4, 8, 16
#: In the place of an error: the process dies there by SIGKILL; the disk says yes to one write and keeps zeros of it.
KILLED, FORGETTING = 0, -1
SECTOR = 512
SOURCE = Path(__file__).with_name("shim.c")

_HEAD = struct.Struct("<ciqI")


def preloaded(built: Path) -> dict[str, str]:
    """Return the environment of a process whose disk is in our hands; the library is built into this folder."""
    library = built / "shim.so"
    if not library.exists():
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
        subprocess.run(command, check=True)
    return os.environ | {"LD_PRELOAD": str(library)}


class Shim:
    """The disk of this process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.shim_happened.restype = ctypes.c_long
        self._is_failing = False
        self._happened = 0

    def watch(self, folder: Path) -> None:
        """Take what is opened from now on under paths that begin so into our hands."""
        self._library.shim_watch(os.fsencode(folder))

    def record(self, path: Path) -> None:
        """Record everything from now on."""
        assert self._library.shim_record(os.fsencode(path)) >= 0

    def mark(self, text: str) -> None:
        """Note in the record that something was said at this moment."""
        self._library.shim_mark(text.encode())

    def fail(self, kinds: int, n: int, error: int, for_good: bool = False) -> None:
        """Let the n-th operation of these kinds fail, and all after it if `for_good`."""
        self._library.shim_arm(kinds, ctypes.c_long(n), error, int(for_good))
        self._is_failing = True

    def end_at(self, byte: int, error: int, for_good: bool = False) -> None:
        """Let so many bytes be written, the last of them as a part of a write, and fail every write after them.

        Args:
            for_good: nothing works then any more, as if the disk had been pulled out.
        """
        self._library.shim_room(ctypes.c_long(byte), error, int(for_good))
        self._is_failing = True

    def slow(self, milliseconds: int, part: str = "") -> None:
        """Let each flush of a file that has `part` in its path take so long."""
        self._library.shim_slow(ctypes.c_long(milliseconds), part.encode())

    def heal(self) -> int:
        """Let nothing fail any more; return how many operations of these kinds there were until it was said first."""
        if self._is_failing:
            self._library.shim_room(ctypes.c_long(-1), 0, 0)
            self._happened = int(self._library.shim_happened())
            self._library.shim_arm(0, ctypes.c_long(0), 0, 0)
            self._is_failing = False
        return self._happened


class Event(Struct, frozen=True):
    """One thing that happened at the disk: `what` as `shim.c` names it."""

    what: str
    file: int
    place: int
    data: bytes


def read_record(path: Path) -> list[Event]:
    """Return what was recorded, in order."""
    content, at, found = path.read_bytes(), 0, []
    while at < len(content):
        what, file, place, size = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        found.append(Event(what.decode(), file, place, content[at : at + size]))
        at += size
    return found


class _Drive:
    """What one disk has surely, and what is still on its way there."""

    def __init__(self) -> None:
        self.content: dict[int, bytearray] = {}
        self.waiting: dict[int, list[Event]] = {}
        self.names: dict[str, int] = {}
        self.naming: list[Event] = []

    def take(self, event: Event) -> None:
        match event.what:
            case "E":
                self.names[event.data.decode()] = event.file
                self.content[event.file] = bytearray()
            case "C":
                self.content[event.file] = bytearray()
                self.naming.append(event)
            case "W" | "T":
                self.waiting.setdefault(event.file, []).append(event)
            case "S":
                for each in self.waiting.pop(event.file, ()):
                    _enter(self.content[event.file], each)
            case "R" | "U":
                self.naming.append(event)
            case "D":
                for each in self.naming:
                    if _folder(each) == event.data:
                        _name(self.names, each)
                self.naming = [each for each in self.naming if _folder(each) != event.data]
            case _:
                pass

    def named(self, count: int) -> dict[str, int]:
        """Return the names after so many of the changes that are on their way."""
        names = dict(self.names)
        for event in self.naming[:count]:
            _name(names, event)
        return names


def _folder(naming: Event) -> bytes:
    return naming.data.rpartition(b"/")[0]


def _name(names: dict[str, int], event: Event) -> None:
    for path in [path for path, file in names.items() if file == event.file and event.what in "RU"]:
        del names[path]
    if event.what != "U":
        names[event.data.decode()] = event.file


def _enter(content: bytearray, event: Event, sectors: frozenset[int] | None = None) -> None:
    """Write into a content; `sectors` says which of the event's sectors got there, None: all."""
    if event.what == "T":
        del content[event.place :]
        content.extend(bytes(event.place - len(content)))
        return
    for start, end in _pieces(event):
        if sectors is None or start // SECTOR in sectors:
            if len(content) < end:
                content.extend(bytes(end - len(content)))
            content[start:end] = event.data[start - event.place : end - event.place]


def _pieces(event: Event) -> Iterator[tuple[int, int]]:
    start, end = event.place, event.place + len(event.data)
    while start < end:
        border = min(end, (start // SECTOR + 1) * SECTOR)
        yield start, border
        start = border


class Loss:
    """The power that goes at later and later moments of a record."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._moment = 0
        self._drive = _Drive()

    def at(self, moment: int, victim: str, chance: random.Random) -> dict[str, bytes]:
        """Return what the files hold when the power went after `moment` events.

        Args:
            victim: beginning of the paths of the disk whose power went; others have everything that was written.
            chance: says which sectors that were not flushed got to the disk, and how many changes of names.
        """
        for event in self._events[self._moment : moment]:
            self._drive.take(event)
        self._moment = moment
        drive = self._drive
        paths = {path: file for path, file in drive.named(len(drive.naming)).items() if not path.startswith(victim)}
        kept = drive.named(chance.randint(0, len(drive.naming)))
        paths |= {path: file for path, file in kept.items() if path.startswith(victim)}
        return {path: _content(drive, file, chance if path.startswith(victim) else None)
                for path, file in paths.items()}  # fmt: skip


def _content(drive: _Drive, file: int, chance: random.Random | None) -> bytes:
    content = bytearray(drive.content[file])
    likely = 1.0 if chance is None else chance.choice((0.0, 0.5, 0.9))
    for event in drive.waiting.get(file, ()):
        if event.what == "T":
            if likely == 1.0 or (chance is not None and chance.random() < likely):
                _enter(content, event)
            continue
        sectors = [start // SECTOR for start, _ in _pieces(event)]
        _enter(content, event, frozenset(each for each in sectors if chance is None or chance.random() < likely))
    return bytes(content)
