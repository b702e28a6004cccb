"""What Linux says over D-Bus: logind of sleep and of our own session, desktops of their screen savers.

Names and signatures: org.freedesktop.login1(5). Nobody is waited for: a bus that is not there, does not answer or knows
no session is heard as silence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
    QDBusPendingCall,
    QDBusPendingCallWatcher,
    QDBusUnixFileDescriptor,
)
from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.system_watch import SystemWatch

LOGIN = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
SESSION = f"{LOGIN}.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"
#: Desktops that lock by themselves and tell nobody but their own programs.
SAVERS = tuple(f"org.{name}.ScreenSaver" for name in ("freedesktop", "gnome", "mate", "cinnamon", "xfce"))

# The stubs say bytes; the library takes only what SLOT returns.
SLEEP: Any = SLOT("sleep(bool)")
SAVED: Any = SLOT("saved(bool)")
LOCKED: Any = SLOT("locked()")
CHANGED: Any = SLOT("changed(QString,QVariantMap,QStringList)")


class LogindWatch(SystemWatch):
    """Hears logind's manager, the one session this program runs in, and the session bus.

    Args:
        system, session: other buses than this computer's.
    """

    def __init__(
        self, parent: QObject, system: QDBusConnection | None = None, session: QDBusConnection | None = None
    ) -> None:
        super().__init__(parent)
        self._buses = (system, session)
        self._asked: set[QDBusPendingCallWatcher] = set()
        self._delay: QDBusUnixFileDescriptor | None = None
        self.session_path = ""  # of our own session on the bus, once logind has named it

    def _listen(self, window: QWidget) -> None:  # noqa: ARG002 - Windows alone asks for it
        system, session = self._buses
        self._system = system or QDBusConnection.systemBus()
        if self._system.isConnected():
            self._system.connect(LOGIN, PATH, f"{LOGIN}.Manager", "PrepareForSleep", self, SLEEP)
            self._find_session(["auto", os.environ.get("XDG_SESSION_ID", ""), "self"])
            self._hold_sleep_back()
        desktop = session or QDBusConnection.sessionBus()
        for saver in SAVERS if desktop.isConnected() else ():
            desktop.connect("", "", saver, "ActiveChanged", self, SAVED)

    def _find_session(self, names: Sequence[str], _: Sequence[object] = ()) -> None:
        """Ask for our session by one name after the other: a desktop's programs need not be of its processes."""
        if names:
            self._ask("GetSession", [names[0]], self._follow, partial(self._find_session, names[1:]))

    def _follow(self, answer: Sequence[object]) -> None:
        path = answer[0] if answer else None
        if isinstance(path, QDBusObjectPath):
            self.session_path = path.path()
            self._system.connect(LOGIN, self.session_path, SESSION, "Lock", self, LOCKED)
            self._system.connect(LOGIN, self.session_path, PROPERTIES, "PropertiesChanged", self, CHANGED)

    def _hold_sleep_back(self) -> None:
        """Have logind wait, for its few seconds at most, until the key has left the memory."""
        why = ["sleep", "ejournal", "the journal's key leaves the memory", "delay"]
        self._ask("Inhibit", why, self._keep, lambda _: None)

    def _keep(self, answer: Sequence[object]) -> None:
        if answer and isinstance(answer[0], QDBusUnixFileDescriptor):
            self._delay = answer[0]

    def _ask(
        self,
        member: str,
        arguments: Sequence[object],
        done: Callable[[Sequence[object]], None],
        failed: Callable[[Sequence[object]], None],
    ) -> None:
        call = QDBusMessage.createMethodCall(LOGIN, PATH, f"{LOGIN}.Manager", member)
        call.setArguments(list(arguments))
        asked = QDBusPendingCallWatcher(self._system.asyncCall(call), self)
        self._asked.add(asked)

        def answered(_: QDBusPendingCall) -> None:
            reply = asked.reply()
            self._asked.discard(asked)
            asked.deleteLater()
            is_answer = reply.type() == QDBusMessage.MessageType.ReplyMessage
            (done if is_answer else failed)(reply.arguments())

        asked.finished.connect(answered)

    @Slot(bool)
    def sleep(self, going: bool) -> None:
        """Hear that the computer goes to sleep (True) or woke up (False)."""
        if going:
            self.leaving.emit()
            self._delay = None  # closes it: now it may
        else:
            self._hold_sleep_back()

    @Slot(bool)
    def saved(self, active: bool) -> None:
        """Hear that the desktop's screen saver covers the screen (True) or went away (False)."""
        if active:
            self.leaving.emit()

    @Slot()
    def locked(self) -> None:
        """Hear that somebody asks for our session to be locked."""
        self.leaving.emit()

    @Slot(str, "QVariantMap", "QStringList")
    def changed(self, interface: str, values: dict[str, object], _: list[str]) -> None:
        """Hear that our session is no longer the one in front, or that the desktop has locked it."""
        if interface == SESSION and (values.get("Active") is False or values.get("LockedHint") is True):
            self.leaving.emit()
