"""The frame: the keyboard reaches every place, the focus is never lost, troubles and jobs say what they must."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.kinds import TimetableSlot
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from ejournal_desktop.models.pages import PersonRow, SyncState
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.bug_window import BugWindow
from ejournal_desktop.ui.widgets.pill import face
from tests.helpers.dangling import delete_what_waits_for_it
from tests.helpers.sample_days import delivered_state, offline_state, troubled_state
from tests.helpers.school import YEAR_START, small_school
from tests.helpers.windows import TEACHER, open_session, session_places, shown_window

CTRL = Qt.KeyboardModifier.ControlModifier
DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_0)


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
    """Press a key where the focus is, as the system would: through the window, shortcuts included."""
    QTest.keyClick(window.focusWidget(), key, modifier)


def test_ctrl_and_a_digit_walk_the_places_and_each_takes_the_focus(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        places = ("today", "journal", "lesson", "plan", "results", "documents", "state")
        for key, place in zip(DIGITS, places, strict=True):
            press(window, key)
            assert window.place == place
            focus = window.focusWidget()
            screen = window.screen_shown
            assert focus is not None
            assert screen is not None
            assert screen is focus or screen.isAncestorOf(focus)


def test_every_place_can_be_walked_by_tab_and_each_stop_has_a_name(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        for place in ("today", "lesson", "documents", "state"):
            window.go(place)
            seen = []
            for _ in range(40):
                focus = window.focusWidget()
                assert focus is not None, place
                seen.append(focus)
                assert focus.accessibleName() or getattr(focus, "text", str)(), f"{place}: {focus}"
                if isinstance(focus, QPlainTextEdit):
                    assert focus.tabChangesFocus()
                QTest.keyClick(focus, Qt.Key.Key_Tab)
            assert window.header.lock in seen, place


def test_f1_shows_the_keys_of_this_screen_and_gives_the_focus_back(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, school):
        screen = window.screen_shown
        assert screen is not None
        screen.lesson_opened.emit(school.today_lesson)  # type: ignore[attr-defined]
        before = window.focusWidget()
        press(window, Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier)
        assert window.key_page.isVisible()
        words = " ".join(label.text() for label in window.key_page.findChildren(type(window.header.title)))
        assert "Перекличка и отметки" in words
        assert "Ctrl+L" in words
        assert "5 4 3 2" in words
        press(window, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        assert not window.key_page.isVisible()
        assert window.focusWidget() is before


def test_f1_in_the_journal_begins_with_the_keys_that_enter_into_a_cell(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.go("journal")
        press(window, Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier)
        words = [label.text() for label in window.key_page.findChildren(type(window.header.title))]
        assert words[:2] == ["Клавиши", "Клетка"]
        assert {"5 4 3 2 1", "/ и цифра", ".", "Н", "О", "Б, У", "З", "В любой раскладке"} <= set(words)


COLLEAGUE = PersonRow("p-colleague", "Петров Семён Ильич", "Петров С. И.", ("subject_teacher",))


@pytest.mark.parametrize("from_place", ["today", "lesson"])
def test_the_journal_opens_at_the_lesson_one_comes_from(qtbot: QtBot, tmp_path: Path, from_place: str) -> None:
    usual = small_school()
    english = TimetableSlot(id="t-extra", journal_page_id=usual.english, weekday=2, lesson_number=4, since=YEAR_START)
    school = small_school(extra=[english])
    with open_session(qtbot, tmp_path, school, person=COLLEAGUE) as (window, journal, _school):
        spread, today = window.screens.widget(1), window.screens.widget(0)
        assert isinstance(spread, JournalScreen)
        assert isinstance(today, TodayScreen)
        lessons = [lesson.lesson_id for lesson in queries.today(journal, journal.clock().date()).lessons]
        assert len({ids.lesson_parts(lesson)[0] for lesson in lessons}) == 2
        for number, lesson_id in enumerate(lessons):
            window.go("today")
            today.lessons.setCurrentRow(number)
            if from_place == "lesson":
                today.open_lesson()
            window.go("journal")
            qtbot.waitUntil(lambda: not spread.is_opening)
            assert spread.grid is not None
            assert spread.view is not None
            assert spread.grid.columns[spread.view.current[0]].lesson_id == lesson_id


def test_the_journal_stays_where_it_is_when_one_comes_from_elsewhere(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, person=COLLEAGUE) as (window, _journal, school):
        spread = window.screens.widget(1)
        assert isinstance(spread, JournalScreen)
        window.go("journal")
        spread.open_page(school.english)
        qtbot.waitUntil(lambda: not spread.is_opening)
        window.go("documents")
        window.go("journal")
        assert spread.grid is not None
        assert spread.grid.page_id == school.english


def test_no_two_actions_offered_together_share_a_key(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        for place in ("today", "journal", "lesson", "documents", "state"):
            window.go(place)
            screen = window.screen_shown
            assert screen is not None
            offered: list[Action] = [*screen.actions(), *window.general_actions()]  # type: ignore[list-item]
            keys = [key for action in offered for key in action.shortcuts]
            assert len(keys) == len(set(keys)), (place, sorted(keys))
            ids = [action.id for action in offered]
            assert len(ids) == len(set(ids)), place


def test_the_window_comes_back_where_it_was(qtbot: QtBot) -> None:
    with shown_window(qtbot) as window:
        window.resize(QSize(1011, 633))
        kept = window.geometry_text()
    with shown_window(qtbot, kept) as again:
        assert again.height() == 633  # the offscreen screen is 800 wide, and Qt keeps windows on the screen


def test_a_geometry_that_makes_no_sense_is_no_reason_to_fail(qtbot: QtBot) -> None:
    with shown_window(qtbot, "bm9uc2Vuc2U=") as window:
        assert window.size() == QSize(1366, 768)
    with shown_window(qtbot, "это не base64") as window:
        assert window.size() == QSize(1366, 768)


@pytest.mark.parametrize(
    ("state", "words", "shape"),
    [
        (delivered_state(), "Всё доставлено", "full"),
        (offline_state(), "Сохранено здесь, 3\u00a0записи ждут связи", "hollow"),
        (troubled_state(), "Сохранено здесь, 1\u00a0запись ждёт отправки · требуют внимания 4", "bar"),
        (SyncState(5, 4, 0, 0, 1, 0, 0, None, 0, "", ""), "Всё доставлено · 1\u00a0спор", "split"),
        (SyncState(21, 0, 21, 0, 0, 0, 0, None, 0, "", ""), "Сохранено здесь, 21\u00a0запись ждёт отправки", "hollow"),
        (SyncState(0, 0, 0, 0, 0, 0, 0, None, 0, "", "", "Нет сети."), "Без связи, всё доставлено", "hollow"),
        (
            SyncState(0, 0, 0, 0, 0, 0, 0, None, 0, "", "", clocks_apart=-172_000),
            "Всё доставлено · часы сервера и этого компьютера расходятся на 2\u00a0дня",
            "split",
        ),
    ],
)
def test_the_pill_says_in_words_and_shape_where_the_entries_stand(state: SyncState, words: str, shape: str) -> None:
    assert (face(state).text, face(state).shape) == (words, shape)


def test_an_entry_moves_the_pill_by_itself(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        assert window.header.pill.text() == "Всё доставлено"
        marks.put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
        qtbot.waitUntil(lambda: "ждут отправки" in window.header.pill.text())


def test_a_commit_on_another_thread_moves_the_pill_too(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        lesson, pupil = school.today_lesson, school.pupils[0]
        thread = threading.Thread(target=lambda: marks.put_mark(journal, lesson, None, pupil, "5"))
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: "ждут отправки" in window.header.pill.text())


def test_the_pill_opens_the_state_and_esc_comes_back(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.go("documents")
        QTest.mouseClick(window.header.pill, Qt.MouseButton.LeftButton)
        assert window.place == "state"
        press(window, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        assert window.place == "documents"


class Full(Trouble):
    """A trouble that the tests know."""

    code = "EJ-301"


def test_trouble_stands_in_the_banner_with_its_one_action_and_takes_no_focus(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        before, done = window.focusWidget(), []
        window.show_trouble(Full(), Action("retry", "Проверить снова", (), lambda: done.append(1), ""))
        assert "место" in window.banner.text
        assert window.focusWidget() is before
        button = next(b for b in window.banner.findChildren(QPushButton) if b.text() == "Проверить снова")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert done == [1]
        assert window.banner.text == ""


def test_a_refusal_that_nobody_placed_still_says_its_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.show_trouble(Refusal("EJ-201", "Период закрыт."))
        assert window.banner.text == "Период закрыт."


def test_our_own_fault_opens_one_window_that_says_what_is_safe(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.safe_as_of = datetime(2026, 9, 15, 10, 42, tzinfo=timezone(timedelta(hours=3)))
        window.show_trouble(ZeroDivisionError("x"))
        window.show_trouble(ZeroDivisionError("y"))
        windows = window.findChildren(BugWindow)
        assert len(windows) == 1
        assert "Данные целы по состоянию на 10:42" in windows[0].sentence
        windows[0].accept()
        qtbot.waitUntil(lambda: not window.findChildren(BugWindow))


def test_a_long_job_shows_how_far_it_is_and_can_be_cancelled(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        stop = threading.Event()

        def work(report: object) -> None:
            number = 0
            while not stop.is_set():
                number += 1
                report.step(number, 10_000, f"лист {number}")  # type: ignore[attr-defined]
                report.check()  # type: ignore[attr-defined]
                stop.wait(0.01)

        job = window.jobs.run(work, title="Годовая копия журнала")
        qtbot.waitUntil(window.job_panel.isVisible)
        cancel = window.job_panel.findChild(QPushButton)
        assert isinstance(cancel, QPushButton)
        assert "Годовая копия" in cancel.accessibleName()
        with qtbot.waitSignal(job.cancelled):
            QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
        assert not window.job_panel.isVisible()
        stop.set()


def test_a_short_job_leaves_no_trace_on_the_screen(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        job = window.jobs.run(lambda _report: 1, title="Миг")
        with qtbot.waitSignal(job.ended):
            pass
        qtbot.wait(400)
        assert not window.job_panel.isVisible()


def test_an_unanswered_failure_of_a_job_reaches_the_banner(qtbot: QtBot, tmp_path: Path) -> None:
    def work(_report: object) -> None:
        raise Full

    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.jobs.run(work)
        qtbot.waitUntil(lambda: window.banner.text != "")


def test_a_session_leaves_no_widget_behind(qtbot: QtBot, tmp_path: Path) -> None:
    def widgets_after_a_session() -> int:
        window.open_session(TEACHER, session_places(window, journal))
        window.go("plan")
        window.close_session()
        delete_what_waits_for_it()
        return len(QApplication.allWidgets())

    with open_session(qtbot, tmp_path) as (window, journal, _school):
        window.close_session()
        assert widgets_after_a_session() == widgets_after_a_session()


def test_closing_the_session_leaves_nothing_of_the_person_in_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, school):
        window.screen_shown.lesson_opened.emit(school.today_lesson)  # type: ignore[union-attr]
        window.close_session()
        QApplication.sendPostedEvents()
        qtbot.wait(10)
        assert window.place == ""
        assert window.screens.count() == 0
        told = [w.accessibleName() for w in window.findChildren(QPlainTextEdit)]
        assert told == []
        assert window.header.left.count() == 1, "the choosers of screens, which name classes, are gone"
        assert window.banner.text == window.hint_line.text == ""


def test_a_screen_behind_does_not_speak_in_the_line_of_the_one_in_front(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.go("lesson")
        behind = window.screen_shown
        window.go("today")
        own = window.hint_line.text
        assert own.startswith("Enter")
        behind.hint_changed.emit("Ученик отмечен отсутствующим")  # type: ignore[union-attr]
        assert window.hint_line.text == own
        window.screen_shown.hint_changed.emit("Два урока")  # type: ignore[union-attr]
        assert window.hint_line.text == "Два урока"
