"""Run plain functions off the GUI thread: progress at most ten times a second, cancelling, the result back in the GUI.

A job is a function of one argument, `report`, that knows nothing of Qt. Two lanes of one worker each, as in Anki: the
heavy work on the journal and the network never wait for one another, and neither ever runs twice at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

Lane = Literal["heavy", "network"]

UPDATE_MS = 100
GUESS_AFTER_S = 2.0  # earlier a remaining time is a guess that jumps


class Cancelled(Exception):
    """The person cancelled the job; raised inside it by `report.check()`."""


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` (0: unknown), what it is doing, seconds left when they can be guessed."""

    done: int = 0
    total: int = 0
    text: str = ""
    seconds_left: float | None = None


class Report:
    """A job's whole view of the world. Both methods may be called from any thread and as often as one likes."""

    def __init__(self) -> None:
        self._cancel = threading.Event()
        self._ways_out: list[Callable[[], object]] = []
        self._started = time.monotonic()
        self._progress = Progress()

    def step(self, done: int, total: int, text: str = "") -> None:
        """Say that `done` of `total` parts are ready (total 0: unknown) and what is being done now."""
        elapsed = time.monotonic() - self._started
        left = elapsed / done * (total - done) if 0 < done <= total and elapsed >= GUESS_AFTER_S else None
        self._progress = Progress(done, total, text, left)

    def check(self) -> None:
        """Leave the job here if the person cancelled it.

        Raises:
            Cancelled: they did.
        """
        if self._cancel.is_set():
            raise Cancelled

    def on_cancel(self, way_out: Callable[[], object]) -> None:
        """Have `way_out` called, on the thread that cancels, for a job that waits where it cannot `check`."""
        self._ways_out.append(way_out)
        if self._cancel.is_set():
            way_out()

    def cancel(self) -> None:
        """Ask the job to stop at its next `check`."""
        self._cancel.set()
        for way_out in tuple(self._ways_out):
            way_out()

    @property
    def progress(self) -> Progress:
        """Return the latest word of the job."""
        return self._progress


class Job(QObject):
    """One function on its way. Exactly one of `done`, `failed`, `cancelled` comes, on the GUI thread."""

    progressed = Signal(object)  # Progress
    done = Signal(object)  # the function's result
    failed = Signal(object)  # the exception
    cancelled = Signal()
    ended = Signal()  # after any of the three

    def __init__(self, title: str, *, quiet: bool, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.quiet = quiet
        self.report = Report()
        self._told: Progress | None = None

    def cancel(self) -> None:
        """Ask the job to stop; `cancelled` follows when it has."""
        self.report.cancel()

    def tell(self) -> None:
        """Pass the latest progress on when it is news."""
        latest = self.report.progress
        if latest is not self._told:
            self._told = latest
            self.progressed.emit(latest)


class Jobs(QObject):
    """The two workers. `started` is for the panel of long jobs; `failed` is for jobs nobody else answers for."""

    started = Signal(object)  # Job
    failed = Signal(object)  # the exception of a job started without `failed`
    _finished = Signal(object, object, object)  # Job, result, exception: brings the end to the GUI thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {lane: ThreadPoolExecutor(1, thread_name_prefix=lane) for lane in ("heavy", "network")}
        self._running: list[Job] = []
        self._timer = QTimer(self, interval=UPDATE_MS)
        self._timer.timeout.connect(self._tell)
        self._finished.connect(self._end)

    def run(
        self,
        work: Callable[[Report], Any],
        *,
        title: str = "",
        lane: Lane = "heavy",
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        quiet: bool = False,
    ) -> Job:
        """Start `work` in a lane and return at once; a quiet job is not shown in the panel."""
        job = Job(title, quiet=quiet, parent=self)
        if done is not None:
            job.done.connect(done)
        job.failed.connect(failed if failed is not None else self.failed.emit)
        self._running.append(job)
        self._timer.start()
        self._lanes[lane].submit(self._work, job, work)
        self.started.emit(job)
        return job

    def busy(self) -> bool:
        """Say whether any job has not ended."""
        return bool(self._running)

    def close(self) -> None:
        """Cancel everything and wait for the threads to end; nothing is told any more."""
        for job in self._running:
            job.cancel()
        self._timer.stop()
        self._finished.disconnect(self._end)
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)
        self._running.clear()

    def _work(self, job: Job, work: Callable[[Report], Any]) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            job.report.check()
            result = work(job.report)
        except BaseException as caught:  # noqa: BLE001 - the thread's last line: everything goes to the person
            error = caught
        self._finished.emit(job, result, error)

    def _tell(self) -> None:
        for job in list(self._running):
            job.tell()

    def _end(self, job: Job, result: Any, error: BaseException | None) -> None:
        if job not in self._running:
            return  # its end was on its way when everything was closed
        self._running.remove(job)
        if not self._running:
            self._timer.stop()
        job.tell()
        if error is None:
            job.done.emit(result)
        elif isinstance(error, Cancelled):
            job.cancelled.emit()
        else:
            job.failed.emit(error)
        job.ended.emit()
        job.deleteLater()
