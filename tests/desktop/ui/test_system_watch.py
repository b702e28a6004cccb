"""The system says that nobody is at the desk any more: heard of sleep and our own session, never of a colleague's."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from ctypes import wintypes
from itertools import count
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_signal
from jeepney.io.blocking import open_dbus_connection
from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui import windows_watch
from ejournal_desktop.ui.logind_watch import LogindWatch
from ejournal_desktop.ui.macos_watch import MacWatch
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.windows_watch import Messages
from tests.desktop.ui.test_lock import words_on_screen
from tests.helpers.stand_in_logind import OTHERS, OURS, StandInLogind, running_bus
from tests.helpers.typing import type_text
from tests.helpers.windows import open_session

NUMBERS = count()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Give the address of a bus of this test's own."""
    with running_bus(tmp_path) as made:
        yield made


@pytest.fixture
def logind(address: str) -> Iterator[StandInLogind]:
    """Give the logind on that bus."""
    made = StandInLogind(address)
    yield made
    made.close()


@pytest.fixture
def bus(address: str) -> Iterator[QDBusConnection]:
    """Give the program's own way to that bus."""
    name = f"of a test {next(NUMBERS)}"
    yield QDBusConnection.connectToBus(address, name)
    QDBusConnection.disconnectFromBus(name)


class Ear(QObject):
    """Counts what a watch says."""

    def __init__(self, bus: QDBusConnection) -> None:
        super().__init__()
        self.window = QWidget()
        self.heard = 0
        self.watch = LogindWatch(self, bus, bus)
        self.watch.leaving.connect(self._hear)
        self.watch.begin(self.window)

    def _hear(self) -> None:
        self.heard += 1


@pytest.fixture
def ear(qtbot: QtBot, logind: StandInLogind, bus: QDBusConnection) -> Ear:
    """Give one who listens and has been told which session is ours."""
    made = Ear(bus)
    qtbot.waitUntil(lambda: made.watch.session_path == OURS and logind.holds_sleep_back() == [True])
    return made


def say_saver(address: str, name: str, *, active: bool) -> None:
    """Say what a desktop's screen saver says."""
    with open_dbus_connection(bus=address) as desktop:
        of = DBusAddress("/any/Path", interface=f"org.{name}.ScreenSaver")
        desktop.send(new_signal(of, "ActiveChanged", "b", (active,)))


WAYS: dict[str, Callable[[StandInLogind], None]] = {
    "sleep": lambda logind: logind.say_sleep(going=True),
    "the lock of the system": lambda logind: logind.say_lock(OURS),
    "another session in front": lambda logind: logind.say_changed(OURS, "Active", value=False),
    "locked by the desktop": lambda logind: logind.say_changed(OURS, "LockedHint", value=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_leaving_our_own_session_is_heard(qtbot: QtBot, ear: Ear, logind: StandInLogind, way: str) -> None:
    WAYS[way](logind)
    qtbot.waitUntil(lambda: ear.heard == 1)


@pytest.mark.parametrize("desktop", ["freedesktop", "gnome", "xfce"])
def test_the_screen_saver_of_a_desktop_is_heard(qtbot: QtBot, ear: Ear, address: str, desktop: str) -> None:
    say_saver(address, desktop, active=False)
    say_saver(address, desktop, active=True)
    qtbot.waitUntil(lambda: ear.heard == 1)


def test_what_happens_to_another_session_or_is_no_leaving_locks_nothing(
    qtbot: QtBot, ear: Ear, logind: StandInLogind
) -> None:
    logind.say_lock(OTHERS)
    logind.say_changed(OTHERS, "Active", value=False)
    logind.say_changed(OURS, "Active", value=True)
    logind.say_changed(OURS, "LockedHint", value=False)
    logind.say_changed(OURS, "Active", value=False, interface="org.example.Other")
    logind.say_sleep(going=False)
    qtbot.waitUntil(lambda: len(logind.holds_sleep_back()) == 2)  # what was said last has come
    assert ear.heard == 0


def test_the_computer_sleeps_only_when_the_lock_is_done_and_each_time_anew(
    qtbot: QtBot, ear: Ear, logind: StandInLogind
) -> None:
    held: list[bool] = []
    ear.watch.leaving.connect(lambda: held.extend(logind.holds_sleep_back()))
    logind.say_sleep(going=True)
    qtbot.waitUntil(lambda: logind.holds_sleep_back() == [False])
    assert held == [True]
    logind.say_sleep(going=False)
    qtbot.waitUntil(lambda: logind.holds_sleep_back() == [False, True])


def test_a_session_that_logind_does_not_know_by_its_caller_is_found_by_its_number(
    qtbot: QtBot, address: str, bus: QDBusConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_SESSION_ID", "c7")
    logind = StandInLogind(address, names=("c7",))
    ear = Ear(bus)
    qtbot.waitUntil(lambda: ear.watch.session_path == OURS)
    assert [asked[1] for asked in logind.asked if asked[0] == "GetSession"] == ["auto", "c7"]
    logind.close()


def test_without_a_session_sleep_is_still_heard_and_without_logind_nothing_happens(
    qtbot: QtBot, address: str, bus: QDBusConnection
) -> None:
    Ear(bus)  # nobody answers on this bus yet
    logind = StandInLogind(address, names=())
    ear = Ear(bus)
    qtbot.waitUntil(lambda: len(logind.asked) >= 3 and logind.holds_sleep_back() == [True])
    assert ear.watch.session_path == ""
    logind.say_sleep(going=True)
    qtbot.waitUntil(lambda: ear.heard == 1)
    logind.close()


def test_without_a_bus_the_watch_is_silent(qtbot: QtBot) -> None:
    name = f"nowhere {next(NUMBERS)}"
    ear = Ear(QDBusConnection.connectToBus("unix:path=/nowhere/bus", name))
    assert ear.heard == 0
    QDBusConnection.disconnectFromBus(name)


def test_sleep_locks_the_journal_and_keeps_what_was_half_typed(
    qtbot: QtBot, tmp_path: Path, logind: StandInLogind, bus: QDBusConnection
) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, school):
        window.screen_shown.lesson_opened.emit(school.today_lesson)  # type: ignore[union-attr]
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        lesson.panel.homework.setFocus()
        type_text(lesson.panel.homework, "§ 12, параболы")
        watch = LogindWatch(window, bus, bus)
        watch.leaving.connect(window.lock)
        watch.begin(window)
        locked_while_held: list[list[bool]] = []
        window.locked.connect(lambda: locked_while_held.append(logind.holds_sleep_back()))
        qtbot.waitUntil(lambda: logind.holds_sleep_back() == [True])
        logind.say_sleep(going=True)
        qtbot.waitUntil(lambda: window.is_locked)
        assert locked_while_held == [[True]]
        assert "параболы" not in words_on_screen(window)
        window.unlocked()
        assert lesson.panel.homework.toPlainText() == "§ 12, параболы"
        assert window.focusWidget() is lesson.panel.homework


LISTENER = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ejournal_desktop.ui.main_window import MainWindow
app = QApplication([])
window = MainWindow()
window._system.leaving.connect(lambda: (print("leaving", flush=True), app.quit()))
window.show()
def look():
    if window._system.session_path and window._system._delay is not None:
        look_again.stop()
        print("listening", flush=True)
look_again = QTimer(interval=20)
look_again.timeout.connect(look)
look_again.start()
QTimer.singleShot(60000, app.quit)
app.exec()
"""


def test_the_program_s_own_window_listens_to_the_system_s_bus(address: str, logind: StandInLogind) -> None:
    around = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", LISTENER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around) as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline().strip() == "listening"
        logind.say_lock(OURS)
        assert listener.stdout.readline().strip() == "leaving"
        assert listener.wait(60) == 0


#: `message` and `wParam` of what Windows 10 and 11 send to a window that asked for its session, by WinUser.h.
RECORDED = {
    "session locked": (0x02B1, 0x7, True),
    "session unlocked": (0x02B1, 0x8, False),
    "switched to another person": (0x02B1, 0x2, True),
    "come back to the screen": (0x02B1, 0x1, False),
    "remote desktop cut off": (0x02B1, 0x4, True),
    "signed off": (0x02B1, 0x6, True),
    "going to sleep": (0x0218, 0x4, True),
    "woken up": (0x0218, 0x12, False),
    "mains or battery": (0x0218, 0xA, False),
    "a key": (0x0100, 0x7, False),
}


@pytest.mark.parametrize("what", RECORDED)
def test_recorded_messages_of_windows_are_read_as_they_lie_in_memory(qtbot: QtBot, what: str) -> None:
    message, word, leaves = RECORDED[what]
    said = wintypes.MSG(hWnd=None, message=message, wParam=word, lParam=1, time=1)
    parent = QObject()
    watch = windows_watch.WindowsWatch(parent)
    heard: list[bool] = []
    watch.leaving.connect(lambda: heard.append(True))
    assert Messages(watch).nativeEventFilter(b"windows_generic_MSG", ctypes.addressof(said)) == (False, 0)
    assert heard == [True] * leaves


def test_where_windows_is_not_its_session_is_not_registered() -> None:
    assert windows_watch.register_session(1) is False


class Centre:
    """Keeps who asked for which notification, as NSNotificationCenter does."""

    def __init__(self) -> None:
        self.observers: dict[str, Callable[[object], None]] = {}

    def addObserverForName_object_queue_usingBlock_(
        self, name: str, _object: None, _queue: None, block: Callable[[object], None]
    ) -> str:
        """Remember whom to tell."""
        self.observers[name] = block
        return name

    def removeObserver_(self, name: str) -> None:
        """Forget."""
        del self.observers[name]


def test_recorded_notifications_of_macos_are_heard_until_the_watch_ends(qtbot: QtBot) -> None:
    workspace, distributed, parent, window = Centre(), Centre(), QObject(), QWidget()
    watch = MacWatch(parent, lambda: (workspace, distributed))
    heard: list[bool] = []
    watch.leaving.connect(lambda: heard.append(True))
    watch.begin(window)
    workspace.observers["NSWorkspaceWillSleepNotification"](None)
    workspace.observers["NSWorkspaceSessionDidResignActiveNotification"](None)
    distributed.observers["com.apple.screenIsLocked"](None)
    assert heard == [True, True, True]
    watch.end()
    assert workspace.observers == distributed.observers == {}


def test_a_mac_without_its_library_starts_quietly(qtbot: QtBot) -> None:
    parent, window = QObject(), QWidget()
    MacWatch(parent).begin(window)
