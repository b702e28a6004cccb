"""What a server does by itself at intervals while it serves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType


class Chore:
    """Does its work every so many seconds on a thread of its own, and once more at the end.

    Args:
        work: must raise nothing; what can go wrong in it is its own affair.
    """

    def __init__(self, work: Callable[[], None], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ejournal-chore", daemon=True)

    def __enter__(self) -> Chore:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._work()

    def _run(self) -> None:
        while not self._over.wait(self._seconds):
            self._work()
