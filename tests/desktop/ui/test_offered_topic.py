"""Topic and homework of the plan stand in the empty fields of Урок and of Журнал, and one key writes them."""

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
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets.topic_pane import TopicPane
from tests.helpers.school import SmallSchool
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

ENTER = Qt.Key.Key_Return
Open = tuple[LessonScreen, Journal, SmallSchool]


@pytest.fixture
def lesson(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Give a lesson of a page with a plan, opened by Enter from Сегодня."""
    with open_session(qtbot, tmp_path) as (window, journal, school):
        plans.append_rows(journal, school.page, [RowDraft("Дроби", homework="§ 1"), RowDraft("Доли")], replace=True)
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
    screen.say_held()  # the birth of a lesson is not taken back, a topic is
    screen.take_offered_topic()
    assert topic_in_file(lesson) == "Дроби"
    screen.undo()
    assert topic_in_file(lesson) == ""


def test_enter_in_the_empty_homework_writes_that_of_the_plan_and_leaving_does_not(lesson: Open) -> None:
    screen, journal, school = lesson
    field = screen.panel.homework
    assert "§ 1" in field.placeholderText()
    field.setFocus()
    screen.panel.topic.setFocus()
    assert queries.lesson_sheet(journal, school.today_lesson).lesson.homework == ""
    field.setFocus()
    press(field, ENTER)
    assert queries.lesson_sheet(journal, school.today_lesson).lesson.homework == "§ 1"
    press(field, ENTER)  # from now on it is a line of the text
    assert field.toPlainText() == "§ 1\n"


@pytest.fixture
def pane(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[TopicPane, Journal, SmallSchool]]:
    """Give the right page of Журнал at today's lesson of a page with a plan."""
    with open_session(qtbot, tmp_path) as (window, journal, school):
        plans.append_rows(journal, school.page, [RowDraft("Дроби", homework="§ 1"), RowDraft("Доли")], replace=True)
        window.go("journal")
        screen = window.screen_shown
        assert isinstance(screen, JournalScreen)
        qtbot.waitUntil(lambda: screen.topics is not None and not screen.is_opening)
        assert screen.topics is not None
        screen.open_lesson(school.today_lesson)
        yield screen.topics, journal, school


def test_the_right_page_offers_topic_and_homework_and_two_enters_write_them(
    pane: tuple[TopicPane, Journal, SmallSchool],
) -> None:
    topics, journal, school = pane
    topics.write("topic")
    assert topics.editor.placeholderText() == "По КТП: Дроби. Enter — записать"
    press(topics.editor, ENTER)
    assert topics.editor.placeholderText() == "По КТП: § 1. Enter — записать"
    press(topics.editor, ENTER)
    lesson = queries.lesson_sheet(journal, school.today_lesson).lesson
    assert (lesson.topic, lesson.homework) == ("Дроби", "§ 1")


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Tab])
def test_what_is_offered_on_the_right_page_is_written_by_enter_alone(
    pane: tuple[TopicPane, Journal, SmallSchool], key: Qt.Key
) -> None:
    topics, journal, school = pane
    topics.write("topic")
    press(topics.editor, key)
    topics.editor.finish()  # as leaving for another widget does
    assert queries.lesson_sheet(journal, school.today_lesson).lesson.topic == ""


def test_a_written_field_of_the_right_page_is_offered_nothing(pane: tuple[TopicPane, Journal, SmallSchool]) -> None:
    topics, journal, school = pane
    topics.write("topic")
    type_text(topics.editor, "Своя тема")
    press(topics.editor, Qt.Key.Key_Escape)
    assert queries.lesson_sheet(journal, school.today_lesson).lesson.topic == "Своя тема"
    topics.write("topic")
    assert topics.editor.placeholderText() == ""
    press(topics.editor, ENTER)
    assert queries.lesson_sheet(journal, school.today_lesson).lesson.topic == "Своя тема"
