"""Small things at a cell: whose key Enter is, what a refused comment does, what a paste and a request carry along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import PeriodClosing
from ejournal_desktop.models import queries
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.widgets.results_model import REASON
from tests.desktop.models.test_period_results import PAGE
from tests.desktop.ui.test_period_marks import ENTER, ESCAPE, opened
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import CTRL, press, type_text

Key = Qt.Key


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path) as page:
        yield page


def test_enter_in_the_line_of_a_comment_leaves_the_cell_where_it_is(page: Spread) -> None:
    page.type("4")
    place = page.view.current
    page.shortcut(Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    comment = page.view.entering.comment
    type_text(comment, "без ошибок")
    press(comment, Key.Key_Return)
    cell = page.view.grid.cell(*place)
    assert cell is not None
    assert cell.comment == "без ошибок"
    assert page.view.current == place
    assert page.view.hasFocus()


def test_the_words_of_a_comment_that_was_refused_are_no_absences(page: Spread) -> None:
    page.shortcut(Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    assert "сначала её цифра" in page.note
    page.type("болел, 3 задачи нет")
    assert page.held() == {}
    assert "сначала её цифра" in page.note
    page.press(Key.Key_Escape)
    page.type("н")
    assert page.held() == {0: "н"}


def test_a_digit_after_a_refused_comment_is_the_mark_that_it_asked_for(page: Spread) -> None:
    page.shortcut(Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    page.type("5")
    assert page.held() == {0: "5"}
    page.press(Key.Key_Down)
    page.shortcut(Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    page.type("нет")
    page.press(Key.Key_Down)
    page.type("н")
    assert page.held() == {0: "5", 2: "н"}


def test_the_sheet_of_a_cell_without_a_history_says_it_in_one_line(page: Spread) -> None:
    page.screen.work.show_history()
    said = next(label for label in page.screen.history.findChildren(QLabel) if "ещё ничего" in label.text())
    assert said.width() > said.fontMetrics().horizontalAdvance(said.text())
    assert said.height() < 2 * said.fontMetrics().height()


def test_pasted_period_marks_that_deviate_are_told_at_the_first_of_them(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as results:
        spread = results.window.screen_of("journal")
        assert isinstance(spread, JournalScreen)
        results.window.go("journal")
        spread.open_cell(PAGE, "quarter.1", "u-01")
        view = spread.view
        assert view is not None
        data = QMimeData()
        data.setText("3\n4\n")  # proposed are 3 and 5
        QApplication.clipboard().setMimeData(data)
        QTest.keyClick(view, Key.Key_V, CTRL)
        press(view, ENTER)
        assert view.entering.note.isVisible()
        assert "нужно обоснование: 1" in view.entering.note.text()
        assert view.grid.key(*view.current) == ("quarter.1", "u-02")
        QTest.keyClick(view, Key.Key_F2)
        type_text(view.entering.comment, "контрольная на 3")
        press(view.entering.comment, ENTER)
        assert results.line(1).cell.comment == "контрольная на 3"


def test_pasted_marks_as_proposed_are_told_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as results:
        spread = results.window.screen_of("journal")
        assert isinstance(spread, JournalScreen)
        results.window.go("journal")
        spread.open_cell(PAGE, "quarter.1", "u-01")
        view = spread.view
        assert view is not None
        data = QMimeData()
        data.setText("3\n5\n")
        QApplication.clipboard().setMimeData(data)
        QTest.keyClick(view, Key.Key_V, CTRL)
        press(view, ENTER)
        assert [results.line(row).cell.value for row in range(2)] == ["3", "5"]
        assert not view.entering.note.isVisible()


def test_a_reason_typed_at_the_row_goes_into_the_request(qtbot: QtBot, tmp_path: Path) -> None:
    closed = PeriodClosing(id="c-7b.q-1", class_group_id="c-7b", grading_period_id="q-1", closed=True)
    with opened(qtbot, tmp_path, closed) as results:
        type_text(results.table, "4")  # proposed is 3
        type_text(results.table.reason, "победа на олимпиаде")
        press(results.table.reason, ENTER)
        assert "Ctrl+E" in results.text(0, REASON)
        results.press_ctrl(Key.Key_E)
        form = results.screen.asking.form
        assert form.isVisible()
        assert form.reason.text() == "победа на олимпиаде"
        press(form.reason, ESCAPE)
        results.press_ctrl(Key.Key_E)
        press(form.reason, ENTER)
        (asked,) = queries.own_requests(results.journal)
        assert asked.why == "победа на олимпиаде"
        assert "обоснование победа на олимпиаде" in asked.what
