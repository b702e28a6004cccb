"""The lock shows no data, keeps what was half typed, and opens with the password where the person was."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets import watch as watching
from ejournal_desktop.ui.widgets.watch import IdleWatch
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

CTRL = Qt.KeyboardModifier.ControlModifier


def words_on_screen(window: QWidget) -> str:
    """Return every word that a person can read in the window now."""
    labels = [w.text() for w in window.findChildren(QLabel) if w.isVisible()]
    fields = [w.text() for w in window.findChildren(QLineEdit) if w.isVisible()]
    texts = [w.toPlainText() for w in window.findChildren(QPlainTextEdit) if w.isVisible()]
    return " ".join([window.windowTitle(), *labels, *fields, *texts])


def test_the_lock_covers_everything_and_keeps_what_was_half_typed(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, school):
        window.screen_shown.lesson_opened.emit(school.today_lesson)  # type: ignore[union-attr]
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        lesson.panel.homework.setFocus()
        type_text(lesson.panel.homework, "§ 12, параболы")
        assert "параболы" in words_on_screen(window)
        told: list[bool] = []
        window.locked.connect(lambda: told.append(True))
        QTest.keyClick(lesson.panel.homework, Qt.Key.Key_L, CTRL)
        assert told == [True]
        assert window.is_locked
        shown = words_on_screen(window)
        assert "параболы" not in shown
        assert "Алгебра" not in shown
        assert window.focusWidget() is window.lock_screen.password
        window.unlocked()
        assert lesson.panel.homework.toPlainText() == "§ 12, параболы"
        assert window.focusWidget() is lesson.panel.homework


class PaintCount(QObject):
    """Counts how often a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.paints = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Count and let pass."""
        self.paints += event.type() == QEvent.Type.Paint
        return False


def test_the_data_is_covered_before_anything_is_waited_for(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        cover = PaintCount(window.lock_screen)
        painted_when_told: list[int] = []
        window.locked.connect(lambda: painted_when_told.append(cover.paints))
        window.lock()
        assert painted_when_told == [1]


def test_nothing_of_the_data_can_be_reached_behind_the_lock(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, school):
        window.screen_shown.lesson_opened.emit(school.today_lesson)  # type: ignore[union-attr]
        window.lock()
        for _ in range(20):
            focus = window.focusWidget()
            assert focus is not None
            assert window.lock_screen.isAncestorOf(focus)
            QTest.keyClick(focus, Qt.Key.Key_Tab)
        for digit in (Qt.Key.Key_1, Qt.Key.Key_2):
            QTest.keyClick(window.lock_screen.password, digit, CTRL)
        assert window.is_locked
        assert window.place == "lesson"


def test_other_windows_with_data_go_away_and_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        dialog = QDialog(window)
        dialog.show()
        window.lock()
        assert not dialog.isVisible()
        window.unlocked()
        assert dialog.isVisible()
        dialog.close()


def test_the_password_unlocks_and_a_wrong_one_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        wanted: list[str] = []
        window.unlock_wanted.connect(wanted.append)
        window.lock()
        field = window.lock_screen.password
        type_text(field, "пароль")
        press(field, Qt.Key.Key_Return)
        assert wanted == ["пароль"]
        window.unlock_refused("Пароль не подошёл.")
        assert window.is_locked
        assert "сейчас русские буквы" in window.lock_screen.message
        assert window.focusWidget() is field
        window.unlocked()
        assert field.text() == ""


def test_no_lock_without_a_session(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.close_session()
        window.lock()
        assert not window.is_locked


def test_the_window_locks_itself_after_idle_time_only(qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    watch = IdleWatch(widget)
    watch.look_at(widget.windowHandle())
    said: list[bool] = []
    watch.idle.connect(lambda: said.append(True))
    watch.start(1_000)
    for _ in range(30):  # more than a second of moving the mouse
        qtbot.wait(50)
        move = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(5, 5), QPointF(5, 5), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(widget.windowHandle(), move)
    assert said == []
    qtbot.waitUntil(lambda: said == [True])
    watch.stop()


def test_a_session_opened_with_idle_minutes_locks_by_the_watch(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, idle_minutes=1) as (window, _journal, _school):
        assert window._idle._timer.interval() == 60_000
        assert window._idle._timer.isActive()
        window._idle.idle.emit()
        assert window.is_locked
        assert not window._idle._timer.isActive()


def test_after_the_longest_time_of_a_session_a_rest_locks_and_work_does_not(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LONGEST_MS", 1)
    with open_session(qtbot, tmp_path, idle_minutes=60) as (window, _journal, _school):
        timer = window._idle._timer
        qtbot.waitUntil(lambda: timer.interval() == watching.REST_MS)
        told: list[bool] = []
        window.locked.connect(lambda: told.append(True))
        press(window, Qt.Key.Key_Down)
        assert (timer.isActive(), timer.interval(), told) == (True, watching.REST_MS, [])
        timer.timeout.emit()  # a minute in which nobody touched anything
        assert told == [True]
        monkeypatch.setattr(watching, "LONGEST_MS", 3_600_000)
        window.unlocked()  # by the password: the time begins anew
        assert timer.interval() == 60 * 60_000
        window.lock()


def test_an_idle_time_shorter_than_the_rest_stays_the_shorter(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    watch = IdleWatch(widget)
    watch.start(20_000)
    assert watch._longest.interval() == watching.LONGEST_MS
    watch._longest.timeout.emit()
    assert watch._timer.interval() == 20_000
    watch.stop()
    assert not watch._longest.isActive()
