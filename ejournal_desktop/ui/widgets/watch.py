"""When nobody is at the desk any more: idle time, and what the system says about sleep and the session."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import SLOT, QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QWindow


class IdleWatch(QObject):
    """Says `idle` when nobody touched keyboard or mouse for a while. It looks at windows, not at every widget."""

    idle = Signal()

    _SIGNS = (
        QEvent.Type.KeyPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel,
        QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
    )  # fmt: skip

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.idle)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self.look_at)

    def start(self, milliseconds: int) -> None:
        """Begin to watch; 0 never says idle."""
        self._timer.stop()
        if milliseconds:
            self._timer.start(milliseconds)

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()

    def look_at(self, window: QWindow | None) -> None:
        """Watch one more window (each that gets the focus comes here by itself)."""
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Start the time anew at every sign of a person; take nothing away."""
        if event.type() in self._SIGNS and self._timer.isActive():
            self._timer.start()
        return False


class SystemWatch(QObject):
    """Says `leaving` when the computer goes to sleep or the session is locked or switched, as far as Linux tells."""

    leaving = Signal()

    LOGIN = "org.freedesktop.login1"
    SAVER = "org.freedesktop.ScreenSaver"

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.listening = sys.platform.startswith("linux") and self._listen()

    def _listen(self) -> bool:
        from PySide6.QtDBus import QDBusConnection  # only Linux has the bus

        sleep: Any = SLOT("sleep(bool)")  # the stub says bytes; the library takes only what SLOT returns
        leave: Any = SLOT("leave()")
        system, session = QDBusConnection.systemBus(), QDBusConnection.sessionBus()
        heard = system.isConnected() and system.connect(
            self.LOGIN, "/org/freedesktop/login1", f"{self.LOGIN}.Manager", "PrepareForSleep", self, sleep
        )
        heard = heard and system.connect(self.LOGIN, "", f"{self.LOGIN}.Session", "Lock", self, leave)
        saver = session.isConnected() and session.connect("", "", self.SAVER, "ActiveChanged", self, sleep)
        return bool(heard or saver)

    @Slot(bool)
    def sleep(self, going: bool) -> None:
        """Hear that the computer goes to sleep (True) or woke up (False)."""
        if going:
            self.leaving.emit()

    @Slot()
    def leave(self) -> None:
        """Hear that the session is being locked or switched away."""
        self.leaving.emit()
