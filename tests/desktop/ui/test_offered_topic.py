"""The topic of the plan stands in the empty field of Урок, and one key writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.screens.lesson import LessonScreen
from tests.helpers.school import SmallSchool
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

ENTER = Qt.Key.Key_Return
Open = tuple[LessonScreen, Journal, SmallSchool]


@pytest.fixture
def lesson(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Give a lesson of a page with a plan, opened by Enter from Сегодня."""
    with open_session(qtbot, tmp_path) as (window, journal, school):
        plans.append_rows(journal, school.page, [RowDraft("Дроби"), RowDraft("Доли")], replace=True)
        today = window.focusWidget()
        assert today is not None
        press(today, ENTER)
        screen = window.screen_shown
        assert isinstance(screen, LessonScreen)
        yield screen, journal, school


def topic_in_file(lesson: Open) -> str:
    return queries.lesson_sheet(lesson[1], lesson[2].today_lesson).lesson.topic


def test_enter_in_the_empty_field_writes_the_topic_of_the_plan(lesson: Open) -> None:
    field = lesson[0].panel.topic
    assert queries.lesson_sheet(lesson[1], lesson[2].today_lesson).lesson.topic == ""
    assert "Дроби" in field.placeholderText()
    field.setFocus()
    press(field, ENTER)
    assert topic_in_file(lesson) == "Дроби"
    assert lesson[0].panel.homework.hasFocus()
    assert field.placeholderText() == ""


def test_what_is_typed_counts_and_not_what_is_offered(lesson: Open) -> None:
    field = lesson[0].panel.topic
    field.setFocus()
    type_text(field, "Своя тема")
    press(field, ENTER)
    assert topic_in_file(lesson) == "Своя тема"


def test_leaving_the_field_writes_nothing_that_nobody_confirmed(lesson: Open) -> None:
    field = lesson[0].panel.topic
    field.setFocus()
    lesson[0].panel.homework.setFocus()
    assert topic_in_file(lesson) == ""


def test_a_written_topic_is_taken_back(lesson: Open) -> None:
    screen = lesson[0]
    screen.toggle_held()  # the birth of a lesson is not taken back, a topic is
    screen.take_offered_topic()
    assert topic_in_file(lesson) == "Дроби"
    screen.undo()
    assert topic_in_file(lesson) == ""
