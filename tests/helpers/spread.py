"""The journal's spread in a real window on a real file, at today's lesson: what tests type, see and find there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from tests.helpers.school import Clock, SmallSchool
from tests.helpers.typing import CTRL, NONE, press, type_text
from tests.helpers.windows import open_session


class Spread:
    """A teacher at the spread. `said` holds the lines for the bottom of the window since it was opened."""

    def __init__(self, window: MainWindow, journal: Journal, school: SmallSchool, qtbot: QtBot) -> None:
        self.window, self.journal, self.school, self._qtbot = window, journal, school, qtbot
        window.go("journal")
        screen = window.screen_shown
        assert isinstance(screen, JournalScreen)
        self.screen = screen
        qtbot.waitUntil(lambda: screen.view is not None and not screen.is_opening)
        self.view.go_to_lesson(school.today_lesson)
        self.view.setFocus()
        qtbot.waitUntil(self.view.hasFocus)
        self.said: list[str] = []
        screen.hint_changed.connect(self.said.append)

    # --- what a teacher does -------------------------------------------------------------------------------------

    def press(self, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press keys one after the other in the grid."""
        for key in keys:
            press(self.view, key, modifiers)

    def type(self, text: str) -> None:
        """Type in the grid."""
        type_text(self.view, text)

    def shortcut(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL) -> None:
        """Press a key that the window hears as a shortcut."""
        QTest.keyClick(self.view, key, modifiers)

    def paste(self, text: str = "", *, markup: str = "") -> None:
        """Copy in another program, then press Ctrl+V."""
        data = QMimeData()
        if text:
            data.setText(text)
        if markup:
            data.setHtml(markup)
        QApplication.clipboard().setMimeData(data)
        self.shortcut(Qt.Key.Key_V)

    def search(self, text: str) -> None:
        """Press Ctrl+F and type."""
        self.shortcut(Qt.Key.Key_F)
        self.screen.header.search.clear()
        type_text(self.screen.header.search, text)

    def when_looked_at(self) -> None:
        """Wait until a preview of very many cells is there."""
        self._qtbot.waitUntil(lambda: not self.view.entering.pasting.looking.is_on)

    def when_entered(self) -> None:
        """Wait until a block of very many cells is entered, taken back or left."""
        self._qtbot.waitUntil(lambda: not self.view.grid.writing.is_on)

    # --- what a teacher sees -------------------------------------------------------------------------------------

    @property
    def view(self) -> MarkView:
        """Return the left page."""
        assert self.screen.view is not None
        return self.screen.view

    @property
    def here(self) -> str:
        """Return the current cell as «Ёлкин Пётр 15.09»."""
        column, row = self.view.current
        at = self.view.grid.columns[column]
        return f"{self.view.grid.pupils[row].name} {at.held_on:%d.%m}" if at.held_on else at.period_title

    @property
    def shown(self) -> list[int]:
        """Return the numbers in the list of the pupils in sight."""
        return [pupil.position for pupil in self.view.grid.pupils]

    @property
    def note(self) -> str:
        """Return the sentence at the cell, "" when there is none."""
        return self.view.entering.note.text() if self.view.entering.note.isVisible() else ""

    @property
    def counts(self) -> str:
        """Return the first line of the preview of a paste, "" while there is none."""
        strip = self.screen.clipboard.preview
        return strip.counts.text() if strip.isVisible() else ""

    @property
    def detail(self) -> str:
        """Return its second line."""
        return self.screen.clipboard.preview.detail.text()

    def verdicts(self) -> dict[int, str]:
        """Return what the preview says of the current column, by row."""
        plan = self.view.entering.pasting.plan
        return {row: planned.verdict for (column, row), planned in plan.items() if column == self.view.current[0]}

    def says(self, part: str) -> None:
        """Wait until the line at the bottom of the window says it."""
        self._qtbot.waitUntil(lambda: part in self.window.hint_line.text)

    # --- what the file holds -------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """Return the clock of the desk."""
        assert isinstance(self.journal.clock, Clock)
        return self.journal.clock

    def held(self, lesson_id: str = "") -> dict[int, str]:
        """Return what the file holds at a lesson (today's), by row: «5», «н», «оп 5»."""
        rows = queries.lesson_sheet(self.journal, lesson_id or self.school.today_lesson).roll
        found = {n: " ".join([row.absence, *(value for _, value in row.marks)]).strip() for n, row in enumerate(rows)}
        return {row: told for row, told in found.items() if told}


@contextmanager
def open_spread(qtbot: QtBot, folder: Path, school: SmallSchool | None = None) -> Iterator[Spread]:
    """Give the spread of a small school's teacher."""
    with open_session(qtbot, folder, school) as session:
        yield Spread(*session, qtbot)
