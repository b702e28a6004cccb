"""The line under the spread: what the current cell holds at once, and a moment later what the rules allow there now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ejournal_core.errors import Trouble
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.doubts import doubt
from ejournal_desktop.ui.grids.mark_grid import NOTHING

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.screens.journal import JournalScreen

#: Whoever types or walks on is not kept waiting: the rules are asked when the person looks.
ASK_AFTER_MS = 150


class SpreadHint(QObject):
    """`said` carries each line."""

    said = Signal(str)

    def __init__(self, journal: Journal, screen: JournalScreen, clock: Callable[[], datetime]) -> None:
        super().__init__(screen)
        self._journal = journal
        self._screen = screen
        self._clock = clock
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(ASK_AFTER_MS)
        self._later.timeout.connect(self._tell_terms)
        screen.closed.connect(self._later.stop)
        self._line = ""
        self.said.connect(screen.hint_changed)
        screen.hint_changed.connect(self._hear)

    def show(self, _places: object = None) -> None:
        """Tell of the current cell: the refusal that stands at it, or what it holds."""
        view, grid = self._screen.view, self._screen.grid
        if view is None or grid is None or view.current[0] < 0:
            return
        refused = grid.notes.get(grid.key(*view.current))
        self._say(refused or spoken.cell_sentence(grid, *view.current, self._clock()))
        if not refused:
            self._later.start()

    def _say(self, line: str) -> None:
        self._line = line
        self.said.emit(line)

    def _hear(self, line: str) -> None:
        """Leave what else is told on the line: of the cell there is time when the person moves on."""
        if line != self._line:
            self._later.stop()

    def _tell_terms(self) -> None:
        view, grid = self._screen.view, self._screen.grid
        if view is None or grid is None or view.current[0] < 0 or not view.hasFocus():
            return
        try:
            terms = grid.terms(*view.current)
        except Trouble:
            return  # it will be told of when something is entered
        policy = self._journal.policy()
        allowed = spoken.allowed(terms, grid.cell(*view.current) or NOTHING, policy)
        if allowed or doubt(grid, *view.current, policy):
            self._say(spoken.cell_sentence(grid, *view.current, self._clock(), allowed or None, policy))
