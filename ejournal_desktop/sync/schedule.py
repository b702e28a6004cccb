"""When to meet the server: after edits, on a clock, when a person asks, and with patience when nobody answers."""

from __future__ import annotations

import logging
import random
import threading
import time
import traceback
from collections.abc import Callable
from typing import ClassVar

from ejournal_core.errors import Bug, EjournalError
from ejournal_desktop.sync.engine import Meeting

log = logging.getLogger(__name__)

AFTER_EDIT = 3.0
ACTIVE = 15.0
IDLE = 60.0
ACTIVE_FOR = 300.0  # seconds without an edit after which the desk counts as idle
LONGEST = 300.0
JITTER = 0.3


class Pace:
    """Decides when the next meeting is due. Pure: the caller brings the time (seconds of a monotonic clock).

    An edit waits three seconds, so that a row of marks travels together; a failure doubles the pause up to five
    minutes; ±30 % keeps thirty desks from knocking at once after a power cut.
    """

    def __init__(self, now: float, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._edited = now - ACTIVE_FOR
        self._failures = 0
        self._due = now

    @property
    def due(self) -> float:
        """The moment of the next meeting."""
        return self._due

    def edited(self, now: float) -> None:
        """Something was entered: meet in three seconds, but never sooner than the patience of a failure allows."""
        self._edited = now
        if self._failures == 0:
            self._due = min(self._due, now + AFTER_EDIT)

    def asked(self, now: float) -> None:
        """A person asks, or the network has come back: meet now."""
        self._due = now

    def met(self, now: float, more: bool = False) -> None:
        """The meeting went well; `more` of what it began (pieces of files) waits for the next."""
        self._failures = 0
        active = now - self._edited < ACTIVE_FOR
        self._due = now + (AFTER_EDIT if more else self._jittered(ACTIVE if active else IDLE))

    def failed(self, now: float, retry_after: float = 0.0) -> None:
        """The meeting failed: wait longer each time, and at least as long as the server asked."""
        self._failures += 1
        pause = min(LONGEST, AFTER_EDIT * 2**self._failures)
        self._due = now + max(retry_after, self._jittered(pause))

    def _jittered(self, pause: float) -> float:
        return pause * (1 + JITTER * (2 * self._chance() - 1))


class SyncThread(threading.Thread):
    """The network worker: holds meetings until it is stopped.

    Args:
        meet: holds one meeting; raises when it fails.
        told: called on this thread after each meeting with what happened: a Meeting or the error; not once `end` is.
        after: called on this thread as its last deed.
    """

    _TICK: ClassVar[float] = 0.5

    def __init__(
        self,
        meet: Callable[[], Meeting],
        told: Callable[[Meeting | EjournalError], None],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(name="ejournal-sync", daemon=False)
        self._meet = meet
        self._told = told
        self._after = after
        self._pace = Pace(time.monotonic())
        self._wake = threading.Condition()
        self._meanwhile: Callable[[float], None] | None = None  # what came while a meeting was under way
        self._stopping = False

    def edited(self) -> None:
        """Tell that something was entered."""
        self._hear(self._pace.edited)

    def now(self) -> None:
        """Meet as soon as possible."""
        self._hear(self._pace.asked)

    def _hear(self, what: Callable[[float], None]) -> None:
        with self._wake:
            what(time.monotonic())
            if self._meanwhile != self._pace.asked:  # who asked wants it at once, whatever is entered then
                self._meanwhile = what
            self._wake.notify()

    def end(self) -> None:
        """End after the meeting that is under way; `join` waits for it."""
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def stop(self) -> None:
        """End after the meeting that is under way; wait for it."""
        self.end()
        self.join()

    def run(self) -> None:
        """Meet whenever it is due."""
        try:
            while self._wait():
                what = self._hold()
                if not self._stopping:  # else nobody is there to be told, or somebody else
                    self._told(what)
        finally:
            self._after()

    def _hold(self) -> Meeting | EjournalError:
        """Hold one meeting and set the time of the next; whatever fails, there is a next."""
        with self._wake:
            self._meanwhile = None
        try:
            meeting = self._meet()
        except EjournalError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001  # an unforeseen failure must not end sync in silence
            # Its message may hold a person's data: only type and place are logged.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("a meeting failed unexpectedly: %s\n%s", type(error).__name__, place)
            return self._failed(Bug(type(error).__name__))
        with self._wake:
            self._pace.met(time.monotonic(), meeting.more)
            self._take_up_what_came()
        return meeting

    def _take_up_what_came(self) -> None:
        """Keep no whole pause for what was entered or asked too late for the meeting that is over."""
        if self._meanwhile is not None:
            self._meanwhile(time.monotonic())

    def _failed(self, error: EjournalError) -> EjournalError:
        with self._wake:
            self._pace.failed(time.monotonic(), float(error.details.get("retry_after", 0)))
        return error

    def _wait(self) -> bool:
        with self._wake:
            while not self._stopping and (pause := self._pace.due - time.monotonic()) > 0:
                self._wake.wait(min(pause, self._TICK))
            return not self._stopping
