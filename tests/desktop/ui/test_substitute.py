"""The teacher who gives a colleague's lesson: where it stands, what may be entered there, and what may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.lessons import hold_lesson, set_topic
from ejournal_desktop.models.commands.substitutions import declare_substitution
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import substituting
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.models.queries.requests import LessonToGive
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from tests.helpers.school import NOW, YEAR_END, YEAR_START, Clock, SmallSchool
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

WEDNESDAY = date(2026, 9, 16)
NOON = NOW.replace(day=16, hour=12, minute=35)


class Substitute:
    """Иванова on Wednesday, who gives the English of Петров; nobody has confirmed it yet."""

    def __init__(self, window: MainWindow, journal: Journal, school: SmallSchool, qtbot: QtBot) -> None:
        self.window, self.journal, self.school, self.qtbot = window, journal, school, qtbot
        self.lesson = school.lesson(WEDNESDAY, 4, school.english)

    def open_lesson(self) -> LessonScreen:
        self.window.go("today")
        today = self.window.screen_shown
        assert isinstance(today, TodayScreen)
        today.open_lesson()
        lesson = self.window.screen_shown
        assert isinstance(lesson, LessonScreen)
        return lesson

    def open_page(self) -> JournalScreen:
        """Go from the lesson to its page of the journal."""
        self.open_lesson()
        self.window.go("journal")
        spread = self.window.screen_shown
        assert isinstance(spread, JournalScreen)
        self.qtbot.waitUntil(lambda: spread.view is not None and not spread.is_opening)
        return spread

    def value(self, pupil: str) -> str:
        spread = queries.journal_spread(self.journal, self.school.english)
        return next((cell.value for (_key, who), cell in spread.cells.items() if who == pupil and cell.value), "")


@pytest.fixture
def substitute(qtbot: QtBot, tmp_path: Path) -> Iterator[Substitute]:
    with open_session(qtbot, tmp_path, now=NOON) as (window, journal, school):
        given = Substitute(window, journal, school, qtbot)
        declare_substitution(journal, given.lesson)
        yield given


def test_the_page_of_a_substitution_is_filled_in_at_the_lesson_given_and_nowhere_else(substitute: Substitute) -> None:
    screen = substitute.open_page()
    assert screen.view is not None
    assert screen.grid is not None
    pupil = screen.grid.pupils[0].pupil_id
    screen.view.go_to_lesson(substitute.lesson)
    type_text(screen.view, "4")
    assert substitute.value(pupil) == "4"
    screen.view.go_to_lesson(substitute.school.lesson(date(2026, 9, 9), 4, substitute.school.english))
    type_text(screen.view, "2")
    assert "здесь можно только смотреть" in screen.view.entering.note.text()
    spread = queries.journal_spread(substitute.journal, substitute.school.english)
    assert [cell.value for cell in spread.cells.values()] == ["4"]


def test_the_page_says_whose_it_is_and_which_lesson_may_be_filled_in(substitute: Substitute) -> None:
    screen = substitute.open_page()
    assert screen.header.pages.text() == "7 «Б» · Английский язык · 2 группа"
    assert screen.reason.text() == (
        "Эту страницу ведёт Петров С. И.: здесь можно только смотреть. "
        "Ваши уроки по замене (16.09) можно заполнять и здесь."
    )


def test_a_work_is_added_to_the_lesson_given_and_to_no_other(substitute: Substitute) -> None:
    screen = substitute.open_page()
    assert screen.view is not None
    screen.view.go_to_lesson(substitute.school.lesson(date(2026, 9, 9), 4, substitute.school.english))
    screen.work.offer_works()
    assert not screen.work.works.isVisible()
    screen.view.go_to_lesson(substitute.lesson)
    screen.work.offer_works()
    assert screen.work.works.isVisible()
    press(screen.work.works, Qt.Key.Key_Escape)


def test_the_lesson_says_instead_of_whom_it_is_given_and_the_day_says_the_same(substitute: Substitute) -> None:
    lesson = substitute.open_lesson()
    said = [label.text() for label in lesson.header.findChildren(QLabel)]
    assert any(text.endswith("вы вместо: Петров С. И.") for text in said)
    (row,) = queries.today(substitute.journal, WEDNESDAY).lessons
    assert (row.substitution_for, row.substitution_waits) == ("Петров С. И.", True)


def test_a_lesson_given_and_left_unfinished_waits_for_the_substitute_on_the_next_day(substitute: Substitute) -> None:
    clock = substitute.journal.clock
    assert isinstance(clock, Clock)
    clock.now = NOON.replace(day=17)
    rows = {row.page.id: row for row in due(substitute.journal)}
    assert (rows[substitute.school.english].lesson_id, rows[substitute.school.english].number) == (
        substitute.lesson, 1,
    )  # fmt: skip
    set_topic(substitute.journal, substitute.lesson, "Present Simple: повторение")
    hold_lesson(substitute.journal, substitute.lesson)
    assert substitute.school.english not in {row.page.id for row in due(substitute.journal)}


def test_period_marks_of_a_page_are_not_asked_of_who_only_gave_a_lesson_there(substitute: Substitute) -> None:
    clock = substitute.journal.clock
    assert isinstance(clock, Clock)
    clock.now = NOON.replace(month=10, day=28)
    english = [row.what for row in due(substitute.journal) if row.page.id == substitute.school.english]
    algebra = [row.what for row in due(substitute.journal) if row.page.id == substitute.school.page]
    assert english == ["lessons"]
    assert "period" in algebra


def test_a_lesson_of_the_day_before_can_be_taken_and_the_days_without_lessons_are_passed_over(
    qtbot: QtBot, tmp_path: Path
) -> None:
    sunday = NOW.replace(day=20, hour=19)
    with open_session(qtbot, tmp_path, now=sunday) as (window, journal, school):
        window.go("today")
        today = window.screen_shown
        assert isinstance(today, TodayScreen)
        today.offer_substitution()
        panel = today.substitution
        assert panel.lessons.count() == 0
        assert panel.title.text() == "Веду замену · 20 сентября, воскресенье"
        press(panel.search, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert panel.title.text() == "Веду замену · 16 сентября, среда"
        press(panel.search, Qt.Key.Key_Return)
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        assert lesson.lesson_id == school.lesson(WEDNESDAY, 4, school.english)
        assert queries.lesson_sheet(journal, lesson.lesson_id).read_only == ""
        window.go("today")
        today.offer_substitution()
        press(panel.search, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        assert panel.title.text() == "Веду замену · 23 сентября, среда"


def test_from_the_summer_and_from_a_vacation_it_is_one_step_to_the_school_days(
    substitute: Substitute, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[date] = []

    def count(journal: Journal, day: date) -> tuple[LessonToGive, ...]:
        looked.append(day)
        return queries.lessons_to_substitute(journal, day)

    monkeypatch.setattr(substituting, "lessons_to_substitute", count)
    journal = substitute.journal
    for day, by, found in (
        (YEAR_END + timedelta(days=150), -1, True),
        (YEAR_START - timedelta(days=150), 1, True),
        (YEAR_END, 1, False),
    ):
        looked.clear()
        nearest = substituting.nearest_to_substitute(journal, day, by)
        assert (nearest is not None) == found
        assert len(looked) <= substituting.MOST_DAYS
