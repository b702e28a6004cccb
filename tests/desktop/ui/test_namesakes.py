"""Two pupils of one name in a class: the register's line says which of them it means."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import Pupil
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.pupil_field import PupilField
from tests.helpers.school import small_school
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

NAME = 1  # the column of names in both tables

SINCE = date(2026, 9, 1)
CLASS = (
    PupilRow("u-1", 1, "Абрамова Анна Игоревна", "Абрамова Анна Игоревна", SINCE, apart="Игоревна"),
    PupilRow("u-2", 2, "Абрамова Анна Олеговна", "Абрамова Анна Олеговна", SINCE, apart="Олеговна"),
    PupilRow("u-3", 3, "Котов Илья", "Котов Илья Петрович", SINCE),
)


def test_of_namesakes_the_line_shows_the_whole_name_and_of_others_the_short_one(qtbot: QtBot) -> None:
    field = PupilField()
    qtbot.addWidget(field)
    field.offer(CLASS)
    type_text(field, "абр")
    press(field, Qt.Key.Key_Down)
    press(field, Qt.Key.Key_Return)
    assert field.pupil == CLASS[1]
    assert field.text() == "Абрамова Анна Олеговна"
    field.show_pupil(CLASS[2])
    assert field.text() == "Котов Илья"


def test_what_is_behind_the_typed_letters_differs_between_namesakes(qtbot: QtBot) -> None:
    field = PupilField()
    qtbot.addWidget(field)
    field.resize(520, 30)
    field.show()
    field.offer(CLASS)
    type_text(field, "абр")
    first = field.grab().toImage()
    press(field, Qt.Key.Key_Down)
    assert field.grab().toImage() != first


def test_a_name_that_does_not_fit_keeps_what_parts_it_from_another(qtbot: QtBot) -> None:
    metrics = QFontMetrics(theme.font())
    names = ["Константинопольская Александра (№ 6)", "Константинопольская Александра (№ 8)"]
    for width in (94, 200):
        cut = [cut_name(metrics, name, width) for name in names]
        assert cut[0] != cut[1]
        assert all(metrics.horizontalAdvance(name) <= width for name in cut)
        assert [name[-2:] for name in cut] == ["6)", "8)"]
    assert cut_name(metrics, "Котов Илья", 200) == "Котов Илья"


def test_in_every_table_of_pupils_two_long_namesakes_look_different(qtbot: QtBot, tmp_path: Path) -> None:
    long = {"u-06": "Константинопольская", "u-08": "Константинопольская"}
    school = small_school()
    records = tuple(
        msgspec.structs.replace(each, last_name=long[each.id], first_name="Александра")
        if isinstance(each, Pupil) and each.id in long
        else each
        for each in school.records
    )
    school = msgspec.structs.replace(school, records=records)
    with open_session(qtbot, tmp_path, school) as (window, _journal, _school):
        window.go("results")
        results = window.screen_shown
        assert isinstance(results, PeriodMarksScreen)
        qtbot.waitUntil(lambda: results.table.lines.rowCount() == 25)
        assert_different(results.table, (5, 7))
        window.go("today")
        today = window.screen_shown
        assert isinstance(today, TodayScreen)
        today.lesson_opened.emit(school.today_lesson)
        lesson = window.screen_shown
        assert isinstance(lesson, LessonScreen)
        assert_different(lesson.table, (5, 7))


def assert_different(table: QTableView, rows: tuple[int, int]) -> None:
    model = table.model()
    looks = [table.viewport().grab(table.visualRect(model.index(row, NAME))).toImage() for row in rows]
    assert looks[0] != looks[1]
