"""Ctrl+Z after a restart, and what it says of a value that another has changed since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import attendance, marks
from ejournal_desktop.models.commands.pasting import CellEntry, enter_cells
from ejournal_desktop.models.database import open_database
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from tests.helpers.school import Clock, SmallSchool, desk_of, small_school
from tests.helpers.typing import CTRL, type_text
from tests.helpers.windows import TEACHER, session_places, shown_window

KEY = bytes(range(32))
Session = tuple[MainWindow, Journal, SmallSchool]


@pytest.fixture
def after_a_restart(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """Give a session that begins when two marks and an absence have been entered before."""
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    marks.put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
    column = queries.lesson_sheet(journal, school.today_lesson).columns[0].mark_column_id
    later(journal)
    marks.put_mark(journal, school.today_lesson, column, school.pupils[4], "3")
    later(journal)
    attendance.set_presence(journal, school.today_lesson, school.pupils[7], "absent")
    with shown_window(qtbot) as window:
        window.open_session(TEACHER, session_places(window, journal))
        yield window, journal, school
    journal.close()


def later(journal: Journal) -> None:
    """Let the next entry be another key's."""
    assert isinstance(journal.clock, Clock)
    journal.clock.now += timedelta(seconds=1)


def roll(journal: Journal, school: SmallSchool) -> dict[int, str]:
    """Return what stands at today's lesson by the number of the pupil, 0 for the first."""
    rows = queries.lesson_sheet(journal, school.today_lesson).roll
    found = {n: "".join(value for _, value in row.marks) + row.absence for n, row in enumerate(rows)}
    return {number: told for number, told in found.items() if told}


def at_the_page(window: MainWindow, qtbot: QtBot) -> tuple[JournalScreen, MarkView]:
    """Go to the journal and wait until its page can be typed on."""
    window.go("journal")
    screen = window.screen_shown
    assert isinstance(screen, JournalScreen)
    qtbot.waitUntil(lambda: screen.view is not None and screen.view.hasFocus())
    assert screen.view is not None
    return screen, screen.view


def at_the_lesson(window: MainWindow, school: SmallSchool, qtbot: QtBot) -> LessonScreen:
    """Go to today's lesson and wait until its roll can be typed on."""
    screen = window.screen_of("lesson")
    assert isinstance(screen, LessonScreen)
    screen.open(school.today_lesson)
    window.go("lesson")
    qtbot.waitUntil(screen.table.hasFocus)
    return screen


def test_the_page_takes_back_what_was_entered_before_a_restart_and_goes_to_each(
    after_a_restart: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_restart
    _, view = at_the_page(window, qtbot)
    for left, row in (({0: "5", 4: "3"}, 7), ({0: "5"}, 4), ({}, 0)):
        QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
        assert roll(journal, school) == left
        assert view.current[1] == row
    QTest.keyClick(view, Qt.Key.Key_Y, CTRL)
    assert roll(journal, school) == {0: "5"}


def test_the_lesson_takes_back_what_was_entered_before_a_restart_and_goes_to_each(
    after_a_restart: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_restart
    screen = at_the_lesson(window, school, qtbot)
    for left, row in (({0: "5", 4: "3"}, 7), ({0: "5"}, 4), ({}, 0)):
        QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
        assert roll(journal, school) == left
        assert screen.table.place[0] == row


def test_the_lesson_enters_again_what_was_taken_back_until_something_new_is_entered(
    after_a_restart: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_restart
    screen = at_the_lesson(window, school, qtbot)
    QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
    QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {0: "5"}
    QTest.keyClick(screen.table, Qt.Key.Key_Y, CTRL)
    assert roll(journal, school) == {0: "5", 4: "3"}
    assert screen.table.place[0] == 4
    QTest.keyClick(screen.table, Qt.Key.Key_Y, CTRL)
    assert roll(journal, school) == {0: "5", 4: "3", 7: "н"}
    QTest.keyClick(screen.table, Qt.Key.Key_Y, CTRL)  # nothing is left to enter again
    QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {0: "5", 4: "3"}
    screen.table.setCurrentIndex(screen.table.roll.index(1, 3))
    type_text(screen.table, "4")
    QTest.keyClick(screen.table, Qt.Key.Key_Y, CTRL)
    assert roll(journal, school) == {0: "5", 1: "4", 4: "3"}


def test_what_another_value_has_replaced_is_told_once_and_the_step_before_it_can_be_taken_back(
    after_a_restart: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_restart
    screen, view = at_the_page(window, qtbot)
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)  # reads the steps
    column = queries.lesson_sheet(journal, school.today_lesson).columns[0].mark_column_id
    later(journal)
    marks.put_mark(journal, school.today_lesson, column, school.pupils[4], "4")
    said: list[str] = []
    screen.hint_changed.connect(said.append)
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert any("уже изменили" in sentence for sentence in said)
    assert roll(journal, school) == {0: "5", 4: "4"}
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {4: "4"}


# --- a block ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def after_a_block(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """Give a session of the real file opened again, after a mark and a block of three cells were entered."""
    school = small_school()
    before = desk_of(school, school.teacher, tmp_path, key=KEY)
    marks.put_mark(before, school.today_lesson, None, school.pupils[0], "4")
    column = queries.lesson_sheet(before, school.today_lesson).columns[0].mark_column_id
    later(before)
    enter_cells(before, school.page, [_cell(school, column, 0, "5"), _cell(school, column, 1, "3"),
                                      CellEntry(pupil_id=school.pupils[2], lesson_id=school.today_lesson,
                                                presence="absent")])  # fmt: skip
    clock = before.clock
    before.close()
    journal = Journal(open_database(next(tmp_path.glob("*.journal")), KEY), clock)
    with shown_window(qtbot) as window:
        window.open_session(TEACHER, session_places(window, journal))
        yield window, journal, school
    journal.close()


def _cell(school: SmallSchool, column: str | None, row: int, value: str) -> CellEntry:
    return CellEntry(pupil_id=school.pupils[row], lesson_id=school.today_lesson, mark_column_id=column, marks=True,
                     value=value)  # fmt: skip


def test_a_pasted_block_is_taken_back_and_entered_again_in_one_step_on_either_screen(
    after_a_block: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_block
    pasted = {0: "5", 1: "3", 2: "н"}
    _, view = at_the_page(window, qtbot)
    assert roll(journal, school) == pasted
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {0: "4"}
    QTest.keyClick(view, Qt.Key.Key_Y, CTRL)
    assert roll(journal, school) == pasted
    screen = window.screen_of("lesson")
    assert isinstance(screen, LessonScreen)
    screen.open(school.today_lesson)
    window.go("lesson")
    qtbot.waitUntil(screen.table.hasFocus)
    QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {0: "4"}
    QTest.keyClick(screen.table, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {}


def test_of_a_block_that_another_value_has_entered_since_nothing_is_taken_back_and_it_is_told(
    after_a_block: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_block
    screen, view = at_the_page(window, qtbot)
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    QTest.keyClick(view, Qt.Key.Key_Y, CTRL)
    column = queries.lesson_sheet(journal, school.today_lesson).columns[0].mark_column_id
    later(journal)
    marks.put_mark(journal, school.today_lesson, column, school.pupils[1], "2")
    said: list[str] = []
    screen.hint_changed.connect(said.append)
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert any("уже изменили" in sentence for sentence in said)
    assert roll(journal, school) == {0: "5", 1: "2", 2: "н"}


def test_after_the_term_of_typing_nothing_of_before_the_restart_is_taken_back(
    after_a_restart: Session, qtbot: QtBot
) -> None:
    window, journal, school = after_a_restart
    assert isinstance(journal.clock, Clock)
    journal.clock.now += timedelta(days=1)
    _, view = at_the_page(window, qtbot)
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert roll(journal, school) == {0: "5", 4: "3", 7: "н"}
