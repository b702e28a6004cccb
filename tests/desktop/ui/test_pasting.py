"""Marks from a spreadsheet by real keys: the cells show what would be set, Enter takes the good ones, Esc none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from tests.helpers.school import SmallSchool
from tests.helpers.typing import CTRL, press, type_text
from tests.helpers.windows import open_session

Key = Qt.Key
NAMESAKES = (
    Pupil(id="u-07", last_name="Котов", first_name="Илья"),
    Pupil(id="u-08", last_name="Котов", first_name="Илья"),
)


class Page:
    """The journal at today's lesson in a real window."""

    def __init__(self, window: MainWindow, journal: Journal, school: SmallSchool) -> None:
        self.window, self.journal, self.school = window, journal, school
        screen = window.screen_shown
        assert isinstance(screen, JournalScreen)
        self.screen = screen
        self.said: list[str] = []
        screen.hint_changed.connect(self.said.append)

    @property
    def view(self) -> MarkView:
        assert self.screen.view is not None
        return self.screen.view

    def paste(self, text: str = "", *, markup: str = "") -> None:
        """Copy in another program, then press Ctrl+V."""
        data = QMimeData()
        if text:
            data.setText(text)
        if markup:
            data.setHtml(markup)
        QApplication.clipboard().setMimeData(data)
        QTest.keyClick(self.view, Key.Key_V, CTRL)

    def held(self, lesson_id: str = "") -> dict[int, str]:
        """Return what the file holds at a lesson (today's), by row."""
        rows = queries.lesson_sheet(self.journal, lesson_id or self.school.today_lesson).roll
        found = {n: " ".join([row.absence, *(value for _, value in row.marks)]).strip() for n, row in enumerate(rows)}
        return {row: told for row, told in found.items() if told}

    def verdicts(self) -> dict[tuple[int, int], str]:
        """Return what the preview says, by (columns right of where the lesson stands, row)."""
        return {place: planned.verdict for place, planned in self.view.entering.pasting.plan.items()}

    @property
    def counts(self) -> str:
        return self.screen.preview.counts.text() if self.screen.preview.isVisible() else ""


def opened(window: MainWindow, journal: Journal, school: SmallSchool, qtbot: QtBot) -> Page:
    window.go("journal")
    screen = window.screen_shown
    assert isinstance(screen, JournalScreen)
    qtbot.waitUntil(lambda: screen.view is not None and not screen.is_opening)
    page = Page(window, journal, school)
    page.view.go_to_lesson(school.today_lesson)
    page.view.setFocus()
    qtbot.waitUntil(page.view.hasFocus)
    return page


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Page]:
    with open_session(qtbot, tmp_path) as session:
        yield opened(*session, qtbot)


def test_a_column_is_shown_first_and_enter_takes_it_in_one_step(page: Page) -> None:
    page.paste("5\n4\n3\n")
    assert page.held() == {}
    assert page.counts == "Запишем 3 клетки"
    press(page.view, Key.Key_Return)
    assert page.held() == {0: "5", 1: "4", 2: "3"}
    assert page.counts == ""
    assert "Записано 3 клетки" in page.said[-1]
    QTest.keyClick(page.view, Key.Key_Z, CTRL)
    assert page.held() == {}
    QTest.keyClick(page.view, Key.Key_Y, CTRL)
    assert page.held() == {0: "5", 1: "4", 2: "3"}


def test_esc_enters_nothing_and_gives_the_keys_back(page: Page) -> None:
    page.paste("5\n4\n")
    press(page.view, Key.Key_Escape)
    assert page.held() == {}
    assert page.counts == ""
    type_text(page.view, "3")
    assert page.held() == {0: "3"}
