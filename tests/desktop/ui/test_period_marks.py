"""Итоги by the keyboard, on a real encrypted journal in a real window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import PageCompletion, PeriodClosing, PolicySetting, Record
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import period_results
from ejournal_desktop.models.queries.period_results import NO_REASON, PupilResult
from ejournal_desktop.ui.grids.doubts import doubt
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.results_paper import results_pdf
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.results_model import COUNT, FORECAST, MARK, PROPOSED, REASON
from tests.desktop.models.test_period_results import PAGE, marks_of, school
from tests.helpers.school import MOSCOW, desk_of
from tests.helpers.typing import CTRL, press, type_text
from tests.helpers.windows import DEPUTY, TEACHER, shown_window

OCTOBER = datetime(2026, 10, 20, 12, 0, tzinfo=MOSCOW)
ENTER, ESCAPE, SPACE, DELETE = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Delete


class Open:
    """Итоги of algebra, opened on the 20th of October."""

    def __init__(self, window: MainWindow, journal: Journal, screen: PeriodMarksScreen) -> None:
        self.window, self.journal, self.screen, self.table = window, journal, screen, screen.table
        self.opened: list[tuple[str, str, str]] = []
        screen.cell_opened.connect(lambda *cell: self.opened.append(cell))

    def line(self, number: int) -> PupilResult:
        """Return what the file says of a pupil."""
        return period_results(self.journal, PAGE).rows[number]

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell of the table."""
        return self.table.lines.text(row, column)

    def press_ctrl(self, key: Qt.Key) -> None:
        """Press a shortcut of the screen."""
        QTest.keyClick(self.table, key, CTRL)


def text_of(pdf: bytes) -> str:
    """Return the words of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(str(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text


@contextmanager
def opened(qtbot: QtBot, folder: Path, *extra: Record, person: str = "p-teacher") -> Iterator[Open]:
    journal = desk_of(school(*marks_of("u-01", "3 4 3"), *marks_of("u-02", "5 5 4"), *extra), person, folder,
                      now=OCTOBER)  # fmt: skip
    with shown_window(qtbot) as window:
        window.resize(1366, 768)
        spread, screen = JournalScreen(journal, journal.clock), PeriodMarksScreen(journal, window.jobs, journal.clock)
        places = [Place("journal", "Журнал", spread), Place("results", "Итоги", screen)]
        window.open_session(DEPUTY if person == "p-deputy" else TEACHER, places, 0)
        window.go("results")
        if person == "p-deputy":
            screen.open_page(PAGE)
        yield Open(window, journal, screen)
    journal.close()


@pytest.fixture
def results(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    with opened(qtbot, tmp_path) as found:
        yield found


def test_a_digit_is_the_period_mark_and_space_takes_what_is_proposed(results: Open) -> None:
    assert results.window.focusWidget() is results.table
    assert results.table.place == (0, MARK)
    type_text(results.table, "3")
    press(results.table, ENTER)
    press(results.table, SPACE)
    assert results.table.place == (2, MARK)
    type_text(results.table, "y")  # the key of «н»
    press(results.table.codes, ENTER)
    assert [results.line(row).cell.value for row in range(3)] == ["3", "5", "н/а"]
    assert [results.line(row).missing for row in range(3)] == ["", "", ""]


def test_another_mark_asks_for_its_reason_in_the_row_and_esc_leaves_the_old_value(results: Open) -> None:
    type_text(results.table, "4")
    line = results.table.reason
    assert results.window.focusWidget() is line
    assert results.line(0).cell.value == ""
    press(line, ESCAPE)
    assert results.window.focusWidget() is results.table
    assert results.line(0).cell.value == ""
    type_text(results.table, "4")
    type_text(line, "победа на олимпиаде")
    press(line, ENTER)
    assert (results.line(0).cell.value, results.line(0).cell.comment) == ("4", "победа на олимпиаде")
    assert results.text(0, REASON) == "победа на олимпиаде"
    assert results.window.focusWidget() is results.table


def test_a_deviating_mark_without_a_reason_is_refused_and_named(results: Open) -> None:
    type_text(results.table, "4")
    press(results.table.reason, ENTER)
    assert results.line(0).cell.value == ""
    assert "напишите, почему" in results.text(0, REASON)


def test_the_reason_is_mended_by_f2_and_undone_by_ctrl_z(results: Open) -> None:
    press(results.table, SPACE)
    results.table.go_to_row(0)
    QTest.keyClick(results.table, Qt.Key.Key_F2)
    results.table.reason.setText("по итогам зачёта")
    press(results.table.reason, ENTER)
    assert results.line(0).cell.comment == "по итогам зачёта"
    results.press_ctrl(Qt.Key.Key_Z)
    assert (results.line(0).cell.value, results.line(0).cell.comment) == ("3", "")
    press(results.table, DELETE)
    assert results.line(0).cell.value == ""


def test_each_line_says_what_it_is_made_of(results: Open) -> None:
    assert results.text(0, COUNT) == "3 / 8"
    assert results.text(0, PROPOSED) == "3"
    assert results.text(0, FORECAST) == "4 — выйдет 4"
    assert results.text(1, PROPOSED) == "5"
    assert "3\u00a0строки не закончены" in results.screen.standing.text()
    assert "срок 30.10.2026, осталось 10\u00a0дней" in results.screen.standing.text()


def test_the_page_is_stated_complete_only_when_it_is(results: Open) -> None:
    press(results.table, SPACE)
    results.press_ctrl(Qt.Key.Key_G)
    assert results.table.place == (1, MARK)  # at the first that is missing
    assert not period_results(results.journal, PAGE).complete
    press(results.table, SPACE)
    press(results.table, SPACE)
    results.press_ctrl(Qt.Key.Key_G)
    assert period_results(results.journal, PAGE).complete
    assert "Итоги готовы: Иванова М. П." in results.screen.standing.text()
    results.press_ctrl(Qt.Key.Key_G)
    assert not period_results(results.journal, PAGE).complete


def test_each_bar_opens_what_it_counts(results: Open) -> None:
    results.screen.walk()
    pictures = results.screen.pictures
    assert results.window.focusWidget() is pictures
    assert [bar.figure for bar in pictures.bars] == ["3", "3 / 8 !", "3 / 8 !", "0 / 8 !"]
    press(pictures, Qt.Key.Key_Down)
    press(pictures, ENTER)
    QTest.mouseClick(pictures, Qt.MouseButton.LeftButton, pos=pictures.bar_rect(2).center())
    column = results.line(0).columns[-1]
    assert results.opened == [(PAGE, column, "u-01"), (PAGE, column, "u-02")]


def test_a_bar_of_period_marks_shows_all_whom_it_counts_and_esc_shows_everybody_again(results: Open) -> None:
    press(results.table, SPACE)
    results.screen.walk()
    pictures, table = results.screen.pictures, results.table
    at = next(number for number, bar in enumerate(pictures.bars) if bar.label == "нет отметки")
    QTest.mouseClick(pictures, Qt.MouseButton.LeftButton, pos=pictures.bar_rect(at).center())
    assert [table.isRowHidden(row) for row in range(3)] == [True, False, False]
    assert results.screen.banner.text == "Показаны только ученики без отметки: 2"
    assert (results.window.focusWidget(), table.place) == (table, (1, MARK))
    press(table, SPACE)
    assert table.place == (2, MARK)
    press(table, ENTER, Qt.KeyboardModifier.ShiftModifier)
    press(table, ENTER, Qt.KeyboardModifier.ShiftModifier)
    assert table.place == (1, MARK)  # nobody hidden is walked upon, and whoever got a mark stays in sight
    press(table, ESCAPE)
    assert not any(table.isRowHidden(row) for row in range(3))
    assert (results.screen.banner.text, table.place) == ("", (1, MARK))


def test_what_is_not_finished_is_found_though_a_bar_has_hidden_it(results: Open) -> None:
    press(results.table, SPACE)
    pictures = results.screen.pictures
    pictures.opened.emit(["u-01"], False)
    assert results.table.isRowHidden(1)
    results.press_ctrl(Qt.Key.Key_J)
    assert (results.table.place, results.screen.banner.text) == ((1, MARK), "")
    pictures.opened.emit(["u-01"], False)
    results.screen.go_by_period(1)
    assert not any(results.table.isRowHidden(row) for row in range(3))
    assert results.screen.banner.text == ""


def test_what_ctrl_z_takes_back_ctrl_y_enters_again(results: Open) -> None:
    press(results.table, SPACE)
    results.press_ctrl(Qt.Key.Key_Z)
    assert results.line(0).cell.value == ""
    results.press_ctrl(Qt.Key.Key_Y)
    assert results.line(0).cell.value == "3"
    results.press_ctrl(Qt.Key.Key_Z)
    press(results.table, SPACE)  # the cursor is on the next pupil
    results.press_ctrl(Qt.Key.Key_Y)  # after another entry there is nothing to bring back
    assert [results.line(row).cell.value for row in range(2)] == ["", "5"]


def test_another_mark_than_proposed_asks_for_its_reason_in_the_journal_too(results: Open) -> None:
    spread = results.window.screen_of("journal")
    assert isinstance(spread, JournalScreen)
    results.window.go("journal")
    spread.open_cell(PAGE, "quarter.1", "u-01")
    view = spread.view
    assert view is not None
    type_text(view, "4")  # proposed is 3
    assert "Предложено 3" in view.entering.note.text()
    assert view.entering.note.isVisible()
    assert (results.line(0).cell.value, results.line(0).missing) == ("4", NO_REASON)
    QTest.keyClick(view, Qt.Key.Key_F2)
    type_text(view.entering.comment, "победа на олимпиаде")
    press(view.entering.comment, ENTER)
    assert (results.line(0).cell.comment, results.line(0).missing) == ("победа на олимпиаде", "")
    assert not view.entering.note.isVisible()
    spread.open_cell(PAGE, "quarter.1", "u-01")
    type_text(view, "4")  # the same mark once more loses nothing
    assert results.line(0).cell.comment == "победа на олимпиаде"
    assert not view.entering.note.isVisible()
    type_text(view, "3")
    assert (results.line(0).cell.value, results.line(0).cell.comment) == ("3", "")
    assert not view.entering.note.isVisible()


def test_the_line_under_the_journal_says_which_period_mark_lacks_its_reason(results: Open) -> None:
    spread = results.window.screen_of("journal")
    assert isinstance(spread, JournalScreen)
    results.window.go("journal")
    spread.open_cell(PAGE, "quarter.1", "u-01")
    assert spread.grid is not None
    assert spread.view is not None
    policy = results.journal.policy()
    type_text(spread.view, "4")
    assert doubt(spread.grid, *spread.view.current, policy) == "предложено 3, нужно обоснование: F2"
    type_text(spread.view, "3")
    assert doubt(spread.grid, *spread.view.current, policy) == ""


def test_the_journal_opens_at_the_cell_that_was_asked_for(results: Open) -> None:
    spread = results.window.screen_of("journal")
    assert isinstance(spread, JournalScreen)
    results.window.go("journal")
    spread.open_cell(PAGE, results.line(1).columns[-1], "u-02")
    assert spread.grid is not None
    assert spread.view is not None
    assert spread.grid.key(*spread.view.current) == (results.line(1).columns[-1], "u-02")


def test_the_year_follows_by_ctrl_pgdown(results: Open) -> None:
    for _ in range(4):
        results.press_ctrl(Qt.Key.Key_PageDown)
    assert results.screen.header.period.text() == "Год"
    assert results.text(0, PROPOSED) == ""


def test_a_closed_period_keeps_the_old_value_and_offers_the_request(qtbot: QtBot, tmp_path: Path) -> None:
    closed = PeriodClosing(id="c-7b.q-1", class_group_id="c-7b", grading_period_id="q-1", closed=True)
    with opened(qtbot, tmp_path, closed) as results:
        type_text(results.table, "3")
        assert results.line(0).cell.value == ""
        assert "Ctrl+E" in results.text(0, REASON)
        assert "период закрыт" in results.screen.standing.text()


def test_grade_without_marks_says_so_instead_of_a_table(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, PolicySetting(id="P14", value="[1, 7]")) as results:
        assert not results.table.isVisible()
        assert "безотметочное" in results.screen.empty.text()


def test_the_page_is_printed_with_what_stands_on_the_screen(results: Open) -> None:
    press(results.table, SPACE)
    assert results.screen.results is not None
    pdf = results_pdf(results.screen.results, results.table.lines)
    assert pdf == results_pdf(results.screen.results, results.table.lines)
    words = " ".join(text_of(pdf).split())
    for told in (
        "Итоги: 7 «Б» · Алгебра, I четверть",
        "Абрамова Анна",
        "3 / 8",
        "3,33",
        "Накопляемость: черта — норма отметок",
    ):
        assert told in words


def test_whoever_sees_the_class_sees_which_pages_are_complete(qtbot: QtBot, tmp_path: Path) -> None:
    done = PageCompletion(id=f"{PAGE}.quarter.1", journal_page_id=PAGE, period_kind="quarter", period_number=1,
                          complete=True)  # fmt: skip
    with opened(qtbot, tmp_path, done, person="p-deputy") as results:
        header = results.screen.header
        assert header.ready.text() == "7 «Б»: готово 1 из 2"
        told = [action.text() for action in header.ready_menu.actions()]
        assert told == [
            "○ Английский язык · 2 группа — Петров С. И., в работе",
            "✓ Алгебра — Иванова М. П., Петров С. И.",
        ]
        header.ready_menu.actions()[0].trigger()
        assert results.screen.header.pages.text() == "7 «Б» · Английский язык · 2 группа"


def test_the_deputy_looks_and_enters_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, person="p-deputy") as results:
        type_text(results.table, "3")
        results.press_ctrl(Qt.Key.Key_G)
        assert results.line(0).cell.value == ""
        assert not results.screen.complete.isVisible()
        assert results.screen.reason.isVisible()
