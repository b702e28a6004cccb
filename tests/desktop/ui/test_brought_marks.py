"""The paper of a brought mark, named at the cell and told wherever its mark is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.grids.spoken import cell_sentence
from ejournal_desktop.ui.results_paper import results_pdf
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.widgets.results_model import REASON
from tests.desktop.ui.test_period_marks import opened, text_of
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import SHIFT, press, type_text

Key = Qt.Key
PAPER = "справка № 15 от 10.09.2026, санаторий «Сосны»"


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path) as page:
        yield page


def name_paper(page: Spread, text: str) -> None:
    page.shortcut(Key.Key_F2, SHIFT)
    line = page.view.entering.document
    assert line.hasFocus()
    line.clear()
    type_text(line, text)
    press(line, Key.Key_Return)
    assert page.view.hasFocus()


def test_the_paper_is_named_at_the_cell_and_said_below(page: Spread) -> None:
    page.type("5")
    name_paper(page, PAPER)
    grid = page.view.grid
    cell = grid.cell(*page.view.current)
    assert cell is not None
    assert (cell.value, cell.document) == ("5", PAPER)
    grid.refresh()
    assert f"по документу: {PAPER}" in cell_sentence(grid, *page.view.current)
    page.shortcut(Key.Key_F2, SHIFT)
    assert page.view.entering.document.text() == PAPER
    press(page.view.entering.document, Key.Key_Escape)
    page.shortcut(Key.Key_Z)
    grid.refresh()
    undone = grid.cell(*page.view.current)
    assert undone is not None
    assert (undone.value, undone.document) == ("5", "")


def test_without_a_mark_its_paper_is_not_asked_for_and_what_was_typed_is_no_entry(page: Spread) -> None:
    page.shortcut(Key.Key_F2, SHIFT)
    assert not page.view.entering.document.isVisible()
    assert "сначала её цифра" in page.note
    page.type("№ 3 нет")
    assert page.held() == {}


def test_the_mark_that_is_taken_away_takes_its_paper_along(page: Spread) -> None:
    page.type("5")
    name_paper(page, PAPER)
    page.press(Key.Key_Delete)
    page.type("4")
    cell = page.view.grid.cell(*page.view.current)
    assert cell is not None
    assert (cell.value, cell.document) == ("4", "")


def test_the_paper_of_a_period_mark_stands_in_its_results_and_on_their_paper(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as results:
        results.window.go("journal")
        spread = results.window.screen_shown
        assert isinstance(spread, JournalScreen)
        qtbot.waitUntil(lambda: spread.view is not None and not spread.is_opening)
        view = spread.view
        assert view is not None
        quarter = next(n for n, column in enumerate(view.grid.columns) if column.period_kind == "quarter")
        view.set_current(quarter, 0)
        view.setFocus()
        type_text(view, "3")
        view.entering.open_document()
        type_text(view.entering.document, PAPER)
        press(view.entering.document, Key.Key_Return)
        results.window.go("results")
        assert results.text(0, REASON) == f"по документу: {PAPER}"
        assert results.screen.results is not None
        words = " ".join(text_of(results_pdf(results.screen.results, results.table.lines)).split())
        assert "по документу: справка № 15" in words
