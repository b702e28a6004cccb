"""The short tint of cells that somebody else has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic

from PySide6.QtCore import QObject, QTimer

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.mark_grid import Place

STEP_MS = 60
MOST_NAMES = 4


class Glow(QObject):
    """Places that glow, fading; stays dark when the system asks for no motion."""

    def __init__(self, redraw: Callable[[Iterable[Place]], None], parent: QObject) -> None:
        super().__init__(parent)
        self._redraw = redraw
        self._since: dict[Place, float] = {}
        self._authors: dict[Place, str] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._step)

    def start(self, authors: Mapping[Place, str]) -> None:
        """Let places glow from now on, each with the name of who changed it."""
        if not theme.motion_allowed():
            return
        self._since.update(dict.fromkeys(authors, monotonic()))
        self._authors.update(authors)
        self._timer.start()
        self._redraw(tuple(self._since))

    def authors(self) -> dict[Place, str]:
        """Return who changed the places that glow; nobody when there are too many to be read."""
        named = {place: self._authors[place] for place in self._since if self._authors[place]}
        return named if len(named) <= MOST_NAMES else {}

    def stop(self) -> None:
        """Stop at once: the places no longer mean the same cells."""
        self._since.clear()
        self._authors.clear()
        self._timer.stop()

    def strengths(self) -> dict[Place, float]:
        """Return how strongly each place glows now, between 0 and 1."""
        now = monotonic()
        return {place: max(0.0, 1 - (now - since) * 1000 / theme.GLOW_MS) for place, since in self._since.items()}

    def _step(self) -> None:
        places = tuple(self._since)
        self._since = {place: since for place, since in self._since.items() if self.strengths()[place] > 0}
        if not self._since:
            self.stop()
        self._redraw(places)
