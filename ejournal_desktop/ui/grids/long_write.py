"""A write of very many cells, away from the window's thread: all of it or nothing, told in words, left by Esc.

The journal takes it as one transaction; until that is committed nobody sees anything of it, and a program that dies
has entered nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ejournal_desktop.ui.grids.giving_way import give_way

Counted = Callable[[int], None]  # to be called with how many cells are through
Work = Callable[[Counted], Any]

TELL_MS = 100
#: A moment in which the window gets the interpreter, and how often: without it each of its calls waits its turn.
BREATH_S, WITHOUT_BREATH = 0.0005, 4


class Stopped(Exception):
    """The person stepped back before the end; raised inside the work."""


class LongWrite(QObject):
    """One piece of work at a time; beginning another lets the one before come to nothing.

    Signals:
        moved: how many cells are through, ten times a second.
    """

    moved = Signal(int)
    _ended = Signal(object)  # the `_Run`

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run: _Run | None = None
        self._dropped: set[_Run] = set()  # not heard of any more, on their way to their end
        self._timer = QTimer(self, interval=TELL_MS)
        self._timer.timeout.connect(self._tell)
        self._ended.connect(self._end)

    @property
    def is_on(self) -> bool:
        """Say whether something is on its way."""
        return self._run is not None

    def begin(self, work: Work, done: Callable[[Any], None], failed: Callable[[BaseException], None]) -> None:
        """Do the work; exactly one of `done` and `failed` (with `Stopped` after a step back) comes, on this thread."""
        self.drop()
        self._run = _Run(work, done, failed, self._ended.emit)
        self._timer.start()

    def stop(self) -> None:
        """Step back: what is not committed yet never will be."""
        if self._run is not None:
            self._run.stop()

    def drop(self) -> None:
        """Step back, and hear nothing of it any more."""
        if self._run is not None:
            self._run.stop()
            self._dropped.add(self._run)
        self._run = None
        self._timer.stop()

    def finish(self) -> None:
        """Wait for the end; nothing is told any more."""
        for run in (self._run, *self._dropped):
            if run is not None:
                run.join()
        self._run = None
        self._dropped.clear()
        self._timer.stop()

    def _tell(self) -> None:
        if self._run is not None:
            self.moved.emit(self._run.so_far)

    def _end(self, run: _Run) -> None:
        self._dropped.discard(run)
        if run is not self._run:
            return
        self._run = None
        self._timer.stop()
        run.tell()


class _Run:
    """The thread of one piece of work."""

    def __init__(
        self, work: Work, done: Callable[[Any], None], failed: Callable[[BaseException], None],
        ended: Callable[[_Run], None],
    ) -> None:  # fmt: skip
        self._work, self._done, self._failed, self._ended = work, done, failed, ended
        self._result: Any = None
        self._error: BaseException | None = None
        self._is_stopped = threading.Event()
        self.so_far = 0
        self._thread = threading.Thread(target=self._do, name="long write")
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped.set()

    def join(self) -> None:
        self._thread.join()

    def tell(self) -> None:
        self._thread.join()
        if self._error is not None:
            self._failed(self._error)
        else:
            self._done(self._result)

    def _do(self) -> None:
        try:
            self._result = self._work(self._count)
        except BaseException as error:  # noqa: BLE001 - raised again, or told, on the window's thread
            self._error = error
        self._ended(self)

    def _count(self, number: int) -> None:
        self.so_far = number
        if self._is_stopped.is_set():
            raise Stopped
        give_way()
        if number % WITHOUT_BREATH == 0:
            time.sleep(BREATH_S)
