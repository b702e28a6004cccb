"""What macOS says by notifications: sleep, another person's session in front, the screen locked.

NSWorkspace tells of sleep and sessions (Apple: "NSWorkspace", notifications), the distributed centre of the lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.system_watch import SystemWatch

WORKSPACE = ("NSWorkspaceWillSleepNotification", "NSWorkspaceSessionDidResignActiveNotification")
DISTRIBUTED = ("com.apple.screenIsLocked",)

Centre = Any  # an NSNotificationCenter


def centres() -> tuple[Centre, Centre]:
    """Return the notification centres of the workspace and of all programs of this session, by pyobjc."""
    from AppKit import NSWorkspace
    from Foundation import NSDistributedNotificationCenter

    return NSWorkspace.sharedWorkspace().notificationCenter(), NSDistributedNotificationCenter.defaultCenter()


class MacWatch(SystemWatch):
    """Asks both centres; they can be others, so that recorded notifications can be heard as well."""

    def __init__(self, parent: QObject, find: Callable[[], tuple[Centre, Centre]] = centres) -> None:
        super().__init__(parent)
        self._find = find
        self._heard: list[tuple[Centre, object]] = []

    def _listen(self, window: QWidget) -> None:  # noqa: ARG002 - Windows alone asks for it
        try:
            workspace, distributed = self._find()
        except ImportError:  # a copy of the program without pyobjc: idle time and Ctrl+L are left
            return
        for centre, names in ((workspace, WORKSPACE), (distributed, DISTRIBUTED)):
            for name in names:
                asked = centre.addObserverForName_object_queue_usingBlock_(name, None, None, self._leave)
                self._heard.append((centre, asked))

    def end(self) -> None:
        """Take the observers away."""
        for centre, asked in self._heard:
            centre.removeObserver_(asked)
        self._heard = []

    def _leave(self, _notification: object) -> None:
        self.leaving.emit()
