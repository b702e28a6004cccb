"""Brings the journal's word of a commit to the GUI thread, several commits in a row as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

TOGETHER_MS = 60


class Listened(Protocol):
    """What is asked of a journal here."""

    def listen(self, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Call back after every commit, on the thread that wrote; return the way to stop."""


class JournalWatch(QObject):
    """`changed` comes on the GUI thread a moment after commits, whoever made them."""

    changed = Signal()
    _arrived = Signal(object)

    def __init__(self, journal: Listened, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._timer.timeout.connect(self.changed)
        self._arrived.connect(lambda _changes: self._timer.start())
        self._stop: Callable[[], None] | None = journal.listen(self._arrived.emit)

    def close(self) -> None:
        """Listen no more."""
        self._timer.stop()
        if self._stop is not None:
            self._stop()
            self._stop = None
