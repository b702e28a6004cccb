"""Why a lesson was entered after its term: asked on Урок and in Сегодня, where the school asks, and by one key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import PolicySetting
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.lessons import hold_lesson, set_late_reason, set_topic
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from tests.helpers.school import Clock, small_school
from tests.helpers.typing import CTRL, press, type_text
from tests.helpers.windows import open_session

TOMSK = PolicySetting(id="preset", value='"sgo-tomsk-2021"')
YESTERDAY = "s-algebra.c-7b.20260914.2"
TODAY = "s-algebra.c-7b.20260915.3"


def test_today_leads_to_the_field_and_what_is_typed_there_is_kept(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, small_school(extra=(TOMSK,))) as (window, journal, _school):
        set_topic(journal, YESTERDAY, "Дроби")
        hold_lesson(journal, YESTERDAY)
        window.go("today")
        today = window.screen_shown
        assert isinstance(today, TodayScreen)
        row = next(row for row in today.due.rows if row.what == "late")
        assert today.due.face.words(row).endswith("внесён позже срока, назовите причину")
        today.due.setCurrentIndex(today.due.model().index(today.due.rows.index(row), 0))
        press(today.due, Qt.Key.Key_Return)
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        assert lesson.lesson_id == YESTERDAY
        assert lesson.panel.late.field.hasFocus()
        type_text(lesson.panel.late.field, "не было связи")
        press(lesson.panel.late.field, Qt.Key.Key_Return)
        assert queries.lesson_sheet(journal, YESTERDAY).lesson.late_reason == "не было связи"
        assert not [row for row in queries.due(journal) if row.what == "late"]
        QTest.keyClick(lesson.table, Qt.Key.Key_Z, CTRL)
        assert queries.lesson_sheet(journal, YESTERDAY).lesson.late_reason == ""


def test_the_field_is_there_once_the_lesson_is_late_and_a_key_leads_to_it(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, small_school(extra=(TOMSK,))) as (window, journal, _school):
        window.go("lesson")
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        lesson.open(TODAY)
        lesson.enter()
        press(lesson.table, Qt.Key.Key_F2)
        assert lesson.panel.late.isHidden(), "the day is not over"
        assert lesson.table.hasFocus()
        assert isinstance(journal.clock, Clock)
        journal.clock.now += timedelta(days=1)
        lesson.refresh()
        press(lesson.table, Qt.Key.Key_F2)
        assert lesson.panel.late.field.hasFocus()
        type_text(lesson.panel.late.field, "о" * 301)
        press(lesson.panel.late.field, Qt.Key.Key_Return)
        assert "не больше 300 знаков" in lesson.panel.faults["late_reason"].text
        assert lesson.panel.late.field.toPlainText() == "о" * 301, "what was typed stays"
        assert queries.lesson_sheet(journal, TODAY).lesson.late_reason == ""


def test_the_history_of_a_cell_says_why_its_lesson_is_late(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path, small_school(extra=(TOMSK,))) as (window, journal, _school):
        hold_lesson(journal, YESTERDAY)
        set_late_reason(journal, YESTERDAY, "не было связи")
        window.go("journal")
        spread = window.screen_shown
        assert isinstance(spread, JournalScreen)
        spread.open_lesson(YESTERDAY)

        def has_come() -> bool:  # the page was read before and is read again in the background
            lesson = spread.grid.lesson(YESTERDAY) if spread.grid is not None else None
            return lesson is not None and lesson.late_reason != ""

        qtbot.waitUntil(has_come)
        spread.work.show_history()
        assert spread.work.history._title.text().endswith("\nУрок внесён позже срока: не было связи")
