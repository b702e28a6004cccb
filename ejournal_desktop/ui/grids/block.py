"""A block of cells chosen with Shift and the arrows, the mouse or Ctrl+A, from where it began to the current cell."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPen

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.frame import Frame
from ejournal_desktop.ui.grids.mark_grid import Place


class Block:
    """Two corners; without the first one nothing but the current cell is chosen."""

    def __init__(self) -> None:
        self.anchor: Place | None = None

    def places(self, current: Place) -> Iterator[Place]:
        """Yield the chosen cells row by row; the current one when there is no block."""
        columns, rows = self.spans(current)
        return ((column, row) for row in rows for column in columns)

    def spans(self, current: Place) -> tuple[range, range]:
        """Return the chosen columns and rows."""
        (one, top), (other, bottom) = self.anchor or current, current
        return range(min(one, other), max(one, other) + 1), range(min(top, bottom), max(top, bottom) + 1)

    def paint(self, p: QPainter, frame: Frame, _clip: QRect) -> None:
        """Tint the block and frame it."""
        if self.anchor is None:
            return
        t, area = theme.tokens(), frame.cell_rect(*self.anchor).united(frame.cell_rect(*frame.current))
        p.fillRect(area, theme.colour(t.accent, 0.16))
        p.setPen(QPen(theme.colour(t.accent), 1))
        p.drawRect(area.adjusted(-1, -1, -1, -1))
