"""The line under the spread: what the current cell holds at once, and a moment later what the rules allow there now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import Trouble
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.doubts import doubt
from ejournal_desktop.ui.grids.mark_grid import NOTHING
from ejournal_desktop.ui.spread_pages import SpreadPages

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

#: Whoever types or walks on is not kept waiting: the rules are asked when the person looks.
ASK_AFTER_MS = 150


class SpreadHint(QObject):
    """`said` carries each line."""

    said = Signal(str)

    def __init__(self, journal: Journal, pages: SpreadPages, clock: Callable[[], datetime], parent: QWidget) -> None:
        super().__init__(parent)
        self._journal = journal
        self._pages = pages
        self._clock = clock
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(ASK_AFTER_MS)
        self._later.timeout.connect(self._tell_terms)
        self._line = ""

    def show(self, _places: object = None) -> None:
        """Tell of the current cell: the refusal that stands at it, or what it holds."""
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        refused = grid.notes.get(grid.key(*view.current))
        self._say(refused or spoken.cell_sentence(grid, *view.current, self._clock()))
        if not refused:
            self._later.start()

    def _say(self, line: str) -> None:
        self._line = line
        self.said.emit(line)

    def close(self) -> None:
        """Tell nothing any more."""
        self._later.stop()

    def hear(self, line: str) -> None:
        """Leave what else is told on the line: of the cell there is time when the person moves on."""
        if line != self._line:
            self._later.stop()

    def _tell_terms(self) -> None:
        if (here := self._pages.here()) is None or not here[1].hasFocus():
            return
        grid, view = here
        try:
            terms = grid.terms(*view.current)
        except Trouble:
            return  # it will be told of when something is entered
        policy = self._journal.policy()
        allowed = spoken.allowed(terms, grid.cell(*view.current) or NOTHING, policy)
        if allowed or doubt(grid, *view.current, policy):
            self._say(spoken.cell_sentence(grid, *view.current, self._clock(), allowed or None, policy))
