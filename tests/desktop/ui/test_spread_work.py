"""Columns and words about pupils on the spread, by the keyboard alone, with a way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import JournalPage, Subject, TeachingLoad
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridColumn, PupilRow
from ejournal_desktop.models.queries.pupil_remarks import pupil_remarks
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import install
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.grids.totals import texts, totals_of
from ejournal_desktop.ui.screens.journal import JournalScreen
from tests.helpers.school import NOW, SmallSchool, desk_of, small_school
from tests.helpers.typing import CTRL, press, type_text

Key = Qt.Key
SPORT = ids.journal_page("s-sport", "c-7b")
SPORTS = (
    Subject(id="s-sport", title="Физическая культура", position=9),
    JournalPage(id=SPORT, subject_id="s-sport", class_group_id="c-7b"),
    TeachingLoad(id="l-9", journal_page_id=SPORT, person_id="p-teacher", since=date(2026, 9, 1)),
)


@pytest.fixture
def school() -> SmallSchool:
    return small_school(8, extra=SPORTS)


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.teacher, tmp_path)
    yield journal
    journal.close()


class Desk:
    """The spread at today's lesson, on the second pupil."""

    def __init__(self, journal: Journal, school: SmallSchool, qtbot: QtBot) -> None:
        self.journal, self.school, self.qtbot = journal, school, qtbot
        self.screen = JournalScreen(journal, lambda: NOW)
        self.hints: list[str] = []
        self.screen.hint_changed.connect(self.hints.append)
        qtbot.addWidget(self.screen)
        qtbot.addWidget(self.screen.header)
        self.screen.resize(1260, 700)
        with qtbot.waitExposed(self.screen):
            self.screen.show()
        install(self.screen, self.screen.actions())
        self.open(school.page)
        self.view.go_to_lesson(school.today_lesson)
        self.view.set_current(self.view.current[0], 1)

    def open(self, page: str) -> None:
        self.screen.open_page(page)
        self.qtbot.waitUntil(lambda: not self.screen.is_opening)
        self.screen.activateWindow()
        self.screen.enter()
        self.qtbot.waitUntil(self.view.hasFocus)

    @property
    def view(self) -> MarkView:
        assert self.screen.view is not None
        return self.screen.view

    @property
    def grid(self) -> MarkGrid:
        assert self.screen.grid is not None
        return self.screen.grid

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QWidget:
        """Press a key where the focus is; return where it is then."""
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, modifiers)
        QApplication.processEvents()
        now = QApplication.focusWidget()
        assert now is not None, "the focus is lost"
        return now

    def columns(self) -> list[GridColumn]:
        """Return the columns of today's lesson as the file has them."""
        self.grid.refresh()
        return [column for column in self.grid.columns if column.lesson_id == self.school.today_lesson]

    def said(self) -> str:
        """Return the status line of the current cell."""
        return spoken.cell_sentence(self.grid, *self.view.current, NOW)


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, journal: Journal, school: SmallSchool) -> Iterator[Desk]:
    theme.apply(qapp, "light")
    desk = Desk(journal, school, qtbot)
    yield desk
    desk.screen.close_screen()


# --- columns ---------------------------------------------------------------------------------------------------------


def test_a_work_is_added_marked_named_weighed_and_removed_without_the_mouse(desk: Desk) -> None:
    type_text(desk.view, "4")
    assert desk.key(Key.Key_N, CTRL) is desk.screen.work.works
    press(desk.screen.work.works, Key.Key_Down)
    assert desk.key(Key.Key_Return) is desk.view
    assert [column.work_code for column in desk.columns()] == ["У", "КР"]
    type_text(desk.view, "5")
    assert desk.grid.cell(*desk.view.current) is not None, "the focus went to the new column"

    title = desk.key(Key.Key_K, CTRL)
    assert title is desk.screen.work.column.title
    type_text(title, "№ 1")
    desk.key(Key.Key_Tab)
    type_text(desk.screen.work.column.weight, "1,5")
    assert desk.key(Key.Key_Return) is desk.view
    assert (desk.columns()[1].work_title, str(desk.columns()[1].weight)) == ("№ 1", "1.5")

    desk.key(Key.Key_K, CTRL)
    desk.screen.work.column.remove.setFocus()
    desk.key(Key.Key_Space)
    assert [column.work_code for column in desk.columns()] == ["У"]
    assert "Ctrl+Z" in desk.hints[-1]
    desk.key(Key.Key_Z, CTRL)
    assert [column.work_title for column in desk.columns()] == ["Устный ответ", "№ 1"]
    values = [cell.value for cell in desk.grid.cells.values() if cell.value]
    assert sorted(values) == ["4", "5"]


def test_a_weight_that_is_none_stays_in_the_form_with_a_sentence(desk: Desk) -> None:
    type_text(desk.view, "4")
    desk.key(Key.Key_K, CTRL)
    form = desk.screen.work.column
    type_text(form.weight, "тяжёлый")
    press(form.weight, Key.Key_Return)
    assert form.isVisible()
    assert "не вес" in form.note.text
    assert desk.key(Key.Key_Escape) is desk.view
    assert desk.columns()[0].weight == 1


def test_the_kind_of_a_work_is_mended_and_its_marks_go_along(desk: Desk) -> None:
    type_text(desk.view, "4")
    desk.key(Key.Key_K, CTRL)
    form = desk.screen.work.column
    form.kind.setFocus()
    press(form.kind, Key.Key_Down)
    press(form.kind, Key.Key_Return)
    assert [column.work_code for column in desk.columns()] == ["КР"]
    assert [cell.value for cell in desk.grid.cells.values() if cell.value] == ["4"]
    assert desk.view.hasFocus()


def test_where_no_column_is_the_form_says_how_to_get_one(desk: Desk) -> None:
    desk.key(Key.Key_K, CTRL)
    assert not desk.screen.work.column.isVisible()
    assert "Ctrl+N" in desk.hints[-1]


def test_the_history_of_a_column_says_who_made_and_weighed_it(desk: Desk) -> None:
    type_text(desk.view, "4")
    desk.key(Key.Key_K, CTRL)
    type_text(desk.screen.work.column.weight, "3")
    press(desk.screen.work.column.weight, Key.Key_Return)
    desk.key(Key.Key_H, CTRL | Qt.KeyboardModifier.ShiftModifier)
    sheet = desk.screen.history
    assert sheet.isVisible()
    told = [label.text() for label in sheet.findChildren(type(sheet._title))]
    assert any("Иванова" in text for text in told), told
    assert any("→ 3" in text for text in told), told


# --- about pupils ----------------------------------------------------------------------------------------------------


def test_praise_is_written_seen_in_the_cell_and_taken_back(desk: Desk) -> None:
    pupil = desk.grid.pupils[1].pupil_id
    line = desk.key(Key.Key_F4)
    sheet = desk.screen.work.remarks.sheet
    assert line is sheet.line
    type_text(line, "решила у доски")
    desk.key(Key.Key_Return)
    assert [row.text for row in pupil_remarks(desk.journal, desk.school.page, pupil)] == ["решила у доски"]
    assert sheet.line.text() == ""
    assert "похвала: решила у доски" in sheet.rows.item(0).text()
    cell = desk.grid.cell(*desk.view.current)
    assert cell is not None
    assert cell.remarks == ("praise",)
    assert "похвала" in desk.said()

    sheet.rows.setFocus()
    desk.key(Key.Key_Delete)
    assert pupil_remarks(desk.journal, desk.school.page, pupil) == ()
    assert desk.key(Key.Key_Escape) is desk.view
    desk.key(Key.Key_Z, CTRL)
    assert [row.text for row in pupil_remarks(desk.journal, desk.school.page, pupil)] == ["решила у доски"]
    desk.key(Key.Key_Z, CTRL)
    assert pupil_remarks(desk.journal, desk.school.page, pupil) == (), "the way back goes on to the first writing"


def test_words_about_a_pupil_wait_for_whoever_stepped_back(desk: Desk) -> None:
    sheet = desk.screen.work.remarks.sheet
    line = desk.key(Key.Key_F4)
    sheet.kind.setCurrentIndex(1)
    type_text(line, "не принёс тетра")
    assert desk.key(Key.Key_Escape) is desk.view
    desk.key(Key.Key_Down)
    desk.key(Key.Key_F4)
    assert sheet.line.text() == "", "of another pupil nothing was typed"
    sheet.kind.setCurrentIndex(0)
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_Up)
    desk.key(Key.Key_F4)
    assert (sheet.line.text(), sheet.kind.currentData()) == ("не принёс тетра", "remark")
    type_text(sheet.line, "дь")
    desk.key(Key.Key_Return)
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_F4)
    assert sheet.line.text() == "", "it is written: nothing waits any more"


def test_a_remark_without_words_is_refused_in_the_sheet(desk: Desk) -> None:
    desk.key(Key.Key_F4)
    desk.key(Key.Key_Return)
    sheet = desk.screen.work.remarks.sheet
    assert "словами" in sheet._fault.text()
    assert sheet.isVisible()


def test_the_medical_group_is_the_affair_of_physical_education(desk: Desk) -> None:
    desk.key(Key.Key_M, CTRL)
    assert not desk.screen.work.group.isVisible()
    assert "физической культуры" in desk.hints[-1]


def test_who_is_in_the_medical_group_is_shown_at_the_name(desk: Desk) -> None:
    desk.open(SPORT)
    desk.view.set_current(0, 2)
    form = desk.screen.work.group
    desk.key(Key.Key_M, CTRL)
    assert form.isVisible()
    form.since.setText("01.09.2026")
    type_text(form.basis, "справка № 12")
    press(form.basis, Key.Key_Return)
    assert not form.isVisible()
    pupil = desk.grid.pupils[2]
    assert pupil.is_special(date(2026, 9, 15))
    assert not desk.grid.pupils[1].is_special(date(2026, 9, 15))
    assert "специальная медицинская группа" in spoken.pupil_sentence(pupil, date(2026, 9, 15))
    desk.key(Key.Key_M, CTRL)
    assert (form.since.text(), form.basis.text()) == ("01.09.2026", "справка № 12"), "nothing is lost by mending a day"
    form.since.clear()
    press(form.since, Key.Key_Return)
    assert desk.grid.pupils[2].special is None


# --- totals ----------------------------------------------------------------------------------------------------------


def test_totals_stand_at_the_right_on_a_key_follow_every_entry_and_are_remembered(desk: Desk, qtbot: QtBot) -> None:
    view, totals = desk.view, desk.view.totals
    lessons = view.viewport().width()
    desk.key(Key.Key_I, CTRL)
    assert totals.isVisible()
    assert view.viewport().width() == lessons - totals.width()
    assert texts(totals_of(desk.grid, 1, 1)) == ("", "", "", "")
    type_text(view, "5")
    desk.key(Key.Key_N, CTRL)
    press(desk.screen.work.works, Key.Key_Down)
    desk.key(Key.Key_Return)
    type_text(view, "3")
    assert texts(totals_of(desk.grid, 1, 1)) == ("2", "4,00", "3,67", ""), "a control work weighs twice"
    assert totals.spoken(1).endswith("отметок 2, средний балл 4,00, средневзвешенный балл 3,67")
    before = totals.grab().toImage()
    type_text(view, "5")
    assert totals.grab().toImage() != before
    view.set_current(view.current[0], 2)
    type_text(view, "н")
    assert texts(totals_of(desk.grid, 2, 1)) == ("", "", "", "1")

    again = Desk(desk.journal, desk.school, qtbot)
    assert again.view.totals.isVisible()
    again.key(Key.Key_I, CTRL)
    assert again.view.totals.isHidden()
    again.screen.close_screen()


def test_late_arrivals_and_debts_count_neither_as_missed_nor_as_marks(desk: Desk) -> None:
    type_text(desk.view, "о")
    type_text(desk.view, ".")
    assert texts(totals_of(desk.grid, 1, 1)) == ("", "", "", "")


def test_the_order_of_who_left_or_came_is_said_where_the_dash_stands() -> None:
    left = PupilRow("u", 1, "Котов Илья", "Котов Илья Львович", date(2026, 9, 1), date(2026, 11, 3), "№ 112")
    came = PupilRow("u", 1, "Котов Илья", "Котов Илья Львович", date(2026, 10, 5), arrival_order="№ 8")
    gone, before = date(2026, 11, 4), date(2026, 10, 2)
    assert spoken.away_reason(left, gone) == "не в классе: выбытие 03.11.2026, приказ № 112"
    assert spoken.away_reason(came, before) == "не в классе: в списке с 05.10.2026, приказ № 8"
    assert spoken.pupil_sentence(came, gone) == "Котов Илья Львович · в списке с 05.10.2026, приказ № 8"
