"""When nobody is at the desk any more, as the system tells it: sleep, its own lock, another person's session in front.

Three systems tell it in three ways (`this_system`). Where nobody tells anything, idle time and Ctrl+L are left.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget


class SystemWatch(QObject):
    """Says `leaving` when the computer goes to sleep, or this person's own session is locked or put behind another.

    Whoever hears it has done what is to be done when `emit` returns: only then is the computer let go to sleep. This
    one hears nothing; what a system has to say is heard by the classes made of it.
    """

    leaving = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._has_begun = False

    def begin(self, window: QWidget) -> None:
        """Listen from now on, once; `window` is on the screen. A system that says nothing is no trouble."""
        if not self._has_begun:
            self._has_begun = True
            self._listen(window)

    def end(self) -> None:
        """Listen no more."""

    def _listen(self, window: QWidget) -> None:
        """Ask the system to be told."""
