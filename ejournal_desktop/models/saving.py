"""What the window's thread enters reaches the disk behind its back: in order, many at one flush, told when it is there.

A commit that does not flush stands whole and in its place in SQLite's write-ahead log, but a power cut may still take
it and all that came after it. Until the log is flushed it is shown as saved nowhere and leaves this PC by no way.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core.errors import EjournalError, Trouble
from ejournal_desktop.models.database import DiskFull, sort_error
from ejournal_desktop.models.turns import Turns

log = logging.getLogger(__name__)

#: Execution option by which a reader finds the account of its file.
OPTION = "ejournal_saving"

SLOW = 0.2  # seconds after which a person is told that the disk is still writing
AGAIN = 3.0  # seconds between two attempts while the disk refuses
QUIET = 1.0  # seconds without a commit after which the log may enter the file
MANY = 100  # commits that are worth it: about 1,000 pages, where SQLite would do it by itself
PIECE = 1 << 20


class NotSaved(Trouble):
    """The disk did not confirm what was entered last; the program goes on trying."""

    code: ClassVar[str] = "EJ-540"


class NoRoomToSave(NotSaved):
    """The disk has no room for what was entered last; the program goes on trying."""

    code: ClassVar[str] = "EJ-541"


def saving_of(connection: sa.Connection) -> Saving:
    """Return the account of the file that a connection of a journal reads."""
    found: Saving = connection.get_execution_options()[OPTION]
    return found


class LogFile:
    """The write-ahead log of a desk's file.

    One handle is kept for as long as the log is the same: an error of the disk is reported once to each open handle,
    and to a later one perhaps never. SQLite holds no locks on this file that closing it could lose.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def flush(self) -> None:
        """Wait until everything written so far is on the disk; without a log all is in the file, which SQLite flushed.

        Raises:
            OSError: the disk refuses.
        """
        handle = self._current()
        if handle is not None:
            os.fsync(handle)

    def write_again(self) -> None:
        """Write the same bytes once more and flush them; nobody else may write meanwhile.

        A system that could not flush calls its pages clean: another flush alone would succeed and save nothing.

        Raises:
            OSError: the disk still refuses.
        """
        handle = self._current()
        if handle is None:
            return
        for start in range(0, os.fstat(handle).st_size, PIECE):
            os.lseek(handle, start, os.SEEK_SET)
            piece = os.read(handle, PIECE)
            os.lseek(handle, start, os.SEEK_SET)
            while piece:
                piece = piece[os.write(handle, piece) :]
        os.fsync(handle)

    def close(self) -> None:
        """Let the handle go."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _current(self) -> int | None:
        try:
            now = self._path.stat()
        except FileNotFoundError:
            self.close()
            return None
        if self._handle is not None and not os.path.samestat(now, os.fstat(self._handle)):
            self.close()
        if self._handle is None:
            self._handle = os.open(self._path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        return self._handle


class _Entered(Struct, frozen=True):
    """A commit that is not announced yet.

    Attributes:
        mark: its place among all commits.
        first: the counter of its first change, 0 where it has none.
        since: when it was entered, monotonic seconds.
        told: called once it is on the disk.
    """

    mark: int
    first: int
    since: float
    told: Callable[[], None]


class Saving:
    """Keeps account of what is on the disk, and brings there what is not.

    Args:
        path: the log.
        turn: held by whoever writes.
        fold: lets the log enter the file; may take its time.
    """

    def __init__(self, path: Path, turn: Turns, fold: Callable[[], None]) -> None:
        self._log = LogFile(path)
        self._turn = turn
        self._fold = fold
        self._guard = threading.Condition()
        self._announcing = threading.RLock()
        self._entered: deque[_Entered] = deque()
        self._taken = self._flushed = self._announced = self._folded = 0
        self._expected = 0
        self._worker: threading.Thread | None = None
        self._is_closing = self._is_due = False
        self._watching: list[Callable[[Trouble | None], None]] = []
        self.trouble: Trouble | None = None

    # --- what is known ---------------------------------------------------------------------------------------------

    def first_unsaved(self) -> int | None:
        """Return the counter of the first change that is not surely on the disk, None when all are.

        Whoever reads changes asks this afterwards: what was saved meanwhile counts as saved.
        """
        with self._guard:
            waiting = [each.first for each in self._entered if each.mark > self._flushed and each.first]
            return min([*waiting, *([self._expected] if self._expected else [])], default=None)

    def is_slow(self) -> bool:
        """Say whether something waits for the disk for longer than a person would overlook."""
        with self._guard:
            oldest = next((each.since for each in self._entered if each.mark > self._flushed), None)
        return oldest is not None and time.monotonic() - oldest >= SLOW

    def watch(self, callback: Callable[[Trouble | None], None]) -> Callable[[], None]:
        """Call back, on any thread, when the disk refuses, and with None when it has taken everything after all."""
        self._watching.append(callback)
        return lambda: self._watching.remove(callback)

    # --- around a commit, in the turn ------------------------------------------------------------------------------

    def mend(self) -> None:
        """Before anything is written behind what the disk refused, that is written once more.

        Raises:
            NotSaved: it still refuses; nothing may be entered.
        """
        if self.trouble is not None:
            try:
                self._log.write_again()
            except OSError as error:
                raise _trouble(error) from error
            self._reach(self._taken)

    def expect(self, first: int) -> None:
        """Hold back changes from this counter on: they are about to be committed and not flushed."""
        with self._guard:
            self._expected = first

    def take(self, first: int, told: Callable[[], None], *, flushed: bool) -> None:
        """Take note of a commit; `told` is called once it is on the disk, after those of all before it."""
        with self._guard:
            self._taken += 1
            self._expected = 0
            self._entered.append(_Entered(self._taken, first, time.monotonic(), told))
            if flushed:  # the log as a whole, with everything before it
                self._flushed = self._taken
            else:
                self._start()
            self._guard.notify_all()

    # --- afterwards, out of the turn -------------------------------------------------------------------------------

    def announce(self) -> None:
        """Tell of everything that is on the disk, in order."""
        with self._announcing:
            while (done := self._next()) is not None:
                try:
                    done.told()
                finally:
                    with self._guard:
                        self._announced = done.mark
                        self._guard.notify_all()

    def _next(self) -> _Entered | None:
        with self._guard:
            due = bool(self._entered) and self._entered[0].mark <= self._flushed
            return self._entered.popleft() if due else None

    def wait(self) -> None:
        """Wait until everything entered so far is on the disk and told.

        Raises:
            NotSaved: the disk refuses.
        """
        with self._guard:
            mark = self._taken
            self._guard.wait_for(lambda: self._announced >= mark or self.trouble is not None)
            if self._announced < mark and self.trouble is not None:
                raise self.trouble

    def is_done(self, patience: float) -> bool:
        """Say whether everything is on the disk, after waiting for so many seconds at most."""
        with self._guard:
            return self._guard.wait_for(lambda: self._flushed == self._taken, patience)

    def begin(self) -> None:
        """Let what lies in the log from before (a program that was killed) reach the disk: it counts as saved now.

        Raises:
            OSError: the disk refuses.
        """
        try:
            self._log.flush()
        finally:
            self._log.close()

    def prepare(self) -> None:
        """Begin a fresh log by the thread of its own: whoever wrote to it first would wait for its first page."""
        with self._guard:
            self._is_closing, self._is_due = False, True
            self._guard.notify_all()
            self._start()

    def close(self) -> None:
        """Wait for the disk once more, and end; what it goes on refusing stays in the log."""
        with self._guard:
            worker, self._worker = self._worker, None
            self._is_closing = True
            self._guard.notify_all()
        if worker is not None:
            worker.join()
        self._log.close()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._worker is None:
            self._is_closing = False
            self._worker = threading.Thread(target=self._work, name="ejournal-saving", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while self._wait():
            if self._is_behind():
                self._bring()
            elif self._is_due or self._taken - self._folded >= MANY:
                self._fold_quietly()

    def _wait(self) -> bool:
        """Wait for something to do; say whether there is, or whether this is the end."""
        with self._guard:
            if self.trouble is not None:
                self._guard.wait_for(lambda: self._is_closing or self.trouble is None, AGAIN)
                return not self._is_closing
            pause = QUIET if self._taken - self._folded >= MANY else None
            self._guard.wait_for(lambda: self._is_closing or self._is_due or self._is_behind(), pause)
            return self._is_behind() or not self._is_closing

    def _is_behind(self) -> bool:
        return bool(self._entered) or self._flushed < self._taken

    def _bring(self) -> None:
        mark = self._taken
        try:
            if self.trouble is None and self._is_flushed():
                self._reach(mark)
            else:
                with self._turn:
                    self._log.write_again()
                    self._reach(self._taken)
        except OSError as error:
            self._refused(error)
            return
        try:
            self.announce()
        except Exception as error:  # noqa: BLE001  # who listens must not end what saves
            log.error("a listener failed: %s", type(error).__name__)

    def _is_flushed(self) -> bool:
        try:
            self._log.flush()
        except OSError as error:
            log.info("flush refused: %s", error.errno)
            return False
        return True

    def _reach(self, mark: int) -> None:
        with self._guard:
            self._flushed = max(self._flushed, mark)
            was_in_trouble, self.trouble = self.trouble is not None, None
            self._guard.notify_all()
        if was_in_trouble:
            self._tell(None)

    def _refused(self, error: OSError) -> None:
        trouble = _trouble(error)
        with self._guard:
            is_news, self.trouble = self.trouble is None, trouble
            self._guard.notify_all()
        if is_news:
            log.warning("entries not saved: %s", trouble.code)
            self._tell(trouble)

    def _tell(self, trouble: Trouble | None) -> None:
        for callback in tuple(self._watching):
            callback(trouble)

    def _fold_quietly(self) -> None:
        self._folded, self._is_due = self._taken, False
        try:
            self._fold()
        except EjournalError as trouble:  # the log stays as long as it is, and nothing is lost by that
            log.info("log not folded: %s", trouble.code)


def _trouble(error: OSError) -> NotSaved:
    full = isinstance(sort_error(error), DiskFull)
    return NoRoomToSave("no room for the log") if full else NotSaved("the disk refuses the log")
