"""When nobody touches the desk any more, or somebody has for longer than a day of work."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

#: The password is asked for again after so long, whatever the idle time is (NIST SP 800-63B, 4.2.3: 12 hours); first
#: rest, so that nobody is interrupted. With a policy of five minutes no day of work comes to it.
LONGEST_MS = 12 * 60 * 60_000
REST_MS = 60_000


class IdleWatch(QObject):
    """Says `idle` when nobody touched keyboard or mouse for a while. It looks at windows, not at every widget.

    After the longest time of a session a minute without a touch is enough.
    """

    idle = Signal()

    _SIGNS = (
        QEvent.Type.KeyPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel,
        QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
    )  # fmt: skip

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.idle)
        self._longest = QTimer(self, singleShot=True)
        self._longest.timeout.connect(self._wait_for_rest)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self.look_at)

    def start(self, milliseconds: int) -> None:
        """Begin to watch; 0 never says idle."""
        self.stop()
        if milliseconds:
            self._timer.start(milliseconds)
            self._longest.start(LONGEST_MS)

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        self._longest.stop()

    def _wait_for_rest(self) -> None:
        """Wait for nothing but the end of what is being entered now."""
        self._timer.start(min(REST_MS, self._timer.interval()))

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
