"""Успеваемость of Мой класс with real keys: narrowing, looking for a name, going to the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import Mark, MarkColumn
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.class_results_part import ClassResultsPart
from tests.helpers.full_class import full_class
from tests.helpers.school import MOSCOW, SmallSchool
from tests.helpers.typing import type_text
from tests.helpers.windows import CLASS_TEACHER, open_session

TODAY = date(2026, 9, 15)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    school = full_class(TODAY, 35)
    lesson = next(iter(sorted(each.lesson_id for each in school.records if isinstance(each, MarkColumn)
                              if each.lesson_id.startswith(school.page))))  # fmt: skip
    column = ids.mark_column(lesson, "oral", 3)
    debt = (MarkColumn(id=column, lesson_id=lesson, work_kind_id="oral", ordinal=3),
            *(Mark(id=ids.mark(column, pupil), mark_column_id=column, pupil_id=pupil, value=value)
              for pupil, value in (("u-03", "."), ("u-10", "2"))))  # fmt: skip
    school = SmallSchool((*school.records, *debt), school.pupils, school.class_group, school.subgroup, school.page,
                         school.english)  # fmt: skip
    with open_session(qtbot, tmp_path, school, person=CLASS_TEACHER) as (window, _journal, _school):
        window.resize(1366, 768)
        window.go("class")
        yield window


@pytest.fixture
def part(window: MainWindow) -> ClassResultsPart:
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    screen.open_part("Успеваемость")
    assert isinstance(screen.part, ClassResultsPart)
    return screen.part


def names(part: ClassResultsPart) -> list[str]:
    return [line.pupil.pupil_id for line in part.table.lines.lines]


def test_thirty_five_pupils_and_eighteen_subjects_stand_on_the_small_screen(part: ClassResultsPart) -> None:
    table = part.table
    assert (table.lines.rowCount(), table.lines.columnCount()) == (35, 18 + 4)
    assert not table.horizontalScrollBar().isVisible(), "everything is in sight from left to right"
    row = names(part).index("u-03")
    table.setCurrentIndex(table.lines.index(row, 0))
    assert "Бадмаева Сэсэг" in part.cell.text()
    assert "не сдано: 1\u00a0работа" in part.cell.text()
    spoken = table.lines.data(table.lines.index(row, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Бадмаева Сэсэг, Алгебра: ")
    heads = [table.lines.headerData(n, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole) for n in (15, 18)]
    assert heads == ["Технология", "Пропущено уроков"]


def test_filters_leave_those_they_name_and_escape_brings_all_back(qtbot: QtBot, part: ClassResultsPart) -> None:
    QTest.keyClick(part.table, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    debtors = names(part)
    assert part.filter.currentText() == "Только долги"
    assert "u-03" in debtors
    assert all(line.debts for line in part.table.lines.lines)
    QTest.keyClick(part.table, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert all(line.failing for line in part.table.lines.lines)
    assert 0 < len(names(part)) < 35
    QTest.keyClick(part.table, Qt.Key.Key_Escape)
    assert len(names(part)) == 35
    assert part.filter.currentText() == "Все ученики"


def test_an_empty_filter_says_so_and_escape_leads_out(qtbot: QtBot, part: ClassResultsPart) -> None:
    part.narrow("risk")
    part.narrow("debts")
    part._choose_period("quarter", 3)
    assert part.empty.isVisible()
    assert "Esc" in part.empty.text()
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert len(names(part)) == 35


def test_letters_of_either_layout_look_for_a_surname(part: ClassResultsPart) -> None:
    type_text(part.table, "tkr")  # «елк» on the Latin layout
    assert part.table.lines.lines[part.table.place[0]].pupil.name == "Ёлкин Пётр"
    type_text(part.table, "ко")
    assert part.table.lines.lines[part.table.place[0]].pupil.name == "Котов Марк"


def test_enter_opens_the_journal_at_the_pupil_and_the_period(
    qtbot: QtBot, window: MainWindow, part: ClassResultsPart
) -> None:
    row = names(part).index("u-10")
    part.table.setCurrentIndex(part.table.lines.index(row, 1))
    assert part.table.lines.subjects[1].title == "Английский язык"
    with qtbot.waitSignal(part.cell_opened) as opened:
        QTest.keyClick(part.table, Qt.Key.Key_Return)
    assert opened.args == ["s-english.g-2", "quarter.1", "u-10"], "the page of the pupil's own group"
    shown = window.screen_shown
    assert isinstance(shown, JournalScreen)
    qtbot.waitUntil(lambda: not shown.is_opening)
    assert shown.view is not None


def test_the_sums_lead_to_the_family_sheet(qtbot: QtBot, part: ClassResultsPart) -> None:
    part.table.setCurrentIndex(part.table.lines.index(4, 18))
    with qtbot.waitSignal(part.sheet_wanted) as wanted:
        QTest.keyClick(part.table, Qt.Key.Key_Return)
    assert wanted.args == ["u-05"]


def test_the_table_goes_to_an_office_program_whole(qtbot: QtBot, part: ClassResultsPart) -> None:
    QTest.keyClick(part.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 36
    assert lines[0].split("\t")[:3] == ["Ученик", "Алгебра", "Английский язык"]
    assert {len(line.split("\t")) for line in lines} == {23}


def test_another_period_keeps_the_pupil(qtbot: QtBot, part: ClassResultsPart) -> None:
    part.table.setCurrentIndex(part.table.lines.index(7, 3))
    QTest.keyClick(part.table, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert part.period.text() == "II четверть"
    assert part.table.place == (7, 3)
    assert part.due.text == "", "no report is due of a period that has not begun"


def test_what_somebody_enters_meanwhile_appears_and_the_cursor_stays(qtbot: QtBot, part: ClassResultsPart) -> None:
    part.table.setCurrentIndex(part.table.lines.index(7, 3))
    with qtbot.assertNotEmitted(part.table.lines.modelReset):
        part.refresh()
    assert part.table.place == (7, 3)


def test_what_is_due_today_leads_to_those_the_report_names(qtbot: QtBot, tmp_path: Path) -> None:
    school = full_class(date(2026, 10, 14), 8)
    now = datetime(2026, 10, 14, 12, 0, tzinfo=MOSCOW)
    with open_session(qtbot, tmp_path, school, person=CLASS_TEACHER, now=now) as (window, _journal, _school):
        window.go("today")
        today = window.screen_shown
        assert isinstance(today, TodayScreen)
        rows = [row.what for row in today.due.rows]
        today.due.setCurrentRow(rows.index("report"))
        assert "предварительный отчёт, I четверть" in today.due.face.words(today.due.current)
        QTest.keyClick(today.due, Qt.Key.Key_Return)
        screen = window.screen_shown
        assert isinstance(screen, MyClassScreen)
        assert isinstance(screen.part, ClassResultsPart)
        assert screen.part.filter.currentText() == "Предварительный отчёт"
        assert 0 < len(names(screen.part)) < 8
