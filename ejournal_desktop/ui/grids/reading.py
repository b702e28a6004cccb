"""Reading a page away from the GUI thread, so that a slow disk leaves the window alive."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ejournal_desktop.models.pages import JournalSpread


class Reading(QObject):
    """One page on its way. `done` comes on the GUI thread, also when the reading failed."""

    done = Signal()

    def __init__(self, read: Callable[[], JournalSpread], parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self._spread: JournalSpread | None = None
        self._error: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="page")
        self._thread.start()

    def wait(self, seconds: float | None) -> bool:
        """Wait so long (None: to the end); says whether the page is there."""
        ready = self._ready.wait(seconds)
        if ready:
            self._thread.join()
        return ready

    def result(self) -> JournalSpread:
        """Return the page, or raise what the reading met."""
        if self._error is not None:
            raise self._error
        assert self._spread is not None
        return self._spread

    def _work(self) -> None:
        try:
            self._spread = self._read()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is wanted
            self._error = error
        self.done.emit()
        self._ready.set()
