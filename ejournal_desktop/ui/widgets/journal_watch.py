"""Brings the journal's word of a commit to the GUI thread, several commits in a row as one.

A screen behind another one is left alone meanwhile: what it would read again, key by key, is time that the person who
types on the screen in front would wait. It hears of everything at once when it comes to the front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

TOGETHER_MS = 60


class Listened(Protocol):
    """What is asked of a journal here."""

    @property
    def is_closed(self) -> bool:
        """Whether it is locked or left."""

    def listen(self, callback: Callable[[Any], None]) -> Callable[[], None]:
        """Call back after every commit, on the thread that wrote; return the way to stop."""


def is_behind(screen: QWidget) -> bool:
    """Say whether a screen was put behind another one; one that has not been shown yet was not."""
    return screen.isHidden() and screen.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)


class JournalWatch(QObject):
    """`changed` comes on the GUI thread a moment after commits, whoever made them.

    With `seen_on` it waits while that screen is behind another one, and comes as soon as the screen is shown again.
    """

    changed = Signal()
    _arrived = Signal(object)

    def __init__(self, journal: Listened, parent: QObject, seen_on: QWidget | None = None) -> None:
        super().__init__(parent)
        self._journal, self._screen = journal, seen_on
        self._missed = False
        if seen_on is not None:
            seen_on.installEventFilter(self)
        self._timer = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._timer.timeout.connect(self._tell)
        self._arrived.connect(lambda _changes: self._timer.start())
        self._stop: Callable[[], None] | None = journal.listen(self._arrived.emit)

    def _tell(self) -> None:
        if self._journal.is_closed:  # a commit of just before; whoever opens it again is told of everything
            return
        self._missed = self._screen is not None and is_behind(self._screen)
        if not self._missed:
            self.changed.emit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Tell what came while the screen was behind, before its first frame."""
        if event.type() == QEvent.Type.Show and self._missed and self._stop is not None and not self._journal.is_closed:
            self._missed = False
            self.changed.emit()
        return False

    def has_read(self) -> None:
        """Learn that the file has just been read: what was to be told so far is known."""
        self._timer.stop()
        self._missed = False

    def close(self) -> None:
        """Listen no more."""
        self._timer.stop()
        if self._stop is not None:
            self._stop()
            self._stop = None
