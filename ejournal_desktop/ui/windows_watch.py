"""What Windows says to the window: the session locked, switched away or cut off, the computer going to sleep.

Numbers from WinUser.h and WtsApi32.h (Microsoft Learn: "WM_WTSSESSION_CHANGE", "WM_POWERBROADCAST").
"""

from __future__ import annotations

import ctypes
from ctypes import wintypes

from PySide6.QtCore import QAbstractNativeEventFilter, QCoreApplication
from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.system_watch import SystemWatch

WM_POWERBROADCAST, PBT_APMSUSPEND = 0x0218, 0x0004
WM_WTSSESSION_CHANGE = 0x02B1
#: The session went from the screen, from the far end of a remote desktop, was signed off, was locked.
WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOGOFF, WTS_SESSION_LOCK = 0x2, 0x4, 0x6, 0x7
LEAVING = {WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOGOFF, WTS_SESSION_LOCK}
NOTIFY_FOR_THIS_SESSION = 0


def is_leaving(message: int, word: int) -> bool:
    """Say whether a window's message with this `wParam` says that the person goes."""
    return (message == WM_WTSSESSION_CHANGE and word in LEAVING) or (
        message == WM_POWERBROADCAST and word == PBT_APMSUSPEND
    )


class WindowsWatch(SystemWatch):
    """Asks for the messages of this session alone and reads them as they pass by."""

    def _listen(self, window: QWidget) -> None:
        self._messages = Messages(self)
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self._messages)
            application.aboutToQuit.connect(self.end)
        register_session(int(window.winId()))

    def end(self) -> None:
        """Read no more messages."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self._messages)


class Messages(QAbstractNativeEventFilter):
    """Sees every message of the program's windows and takes none away."""

    def __init__(self, watch: SystemWatch) -> None:
        super().__init__()
        self._watch = watch

    def nativeEventFilter(self, _kind: object, message: int) -> tuple[bool, int]:
        """Read a MSG at its address in memory."""
        said = wintypes.MSG.from_address(int(message))
        if is_leaving(said.message, said.wParam):
            self._watch.leaving.emit()
        return False, 0


def register_session(window: int) -> bool:
    """Ask Windows to tell a window of its own session; return whether it will."""
    library = getattr(ctypes, "WinDLL", None)
    if library is None:
        return False
    try:
        return bool(library("wtsapi32").WTSRegisterSessionNotification(wintypes.HWND(window), NOTIFY_FOR_THIS_SESSION))
    except OSError:  # an edition of Windows without sessions
        return False
