"""Keys that move the focus over the page: arrows, Enter down the column, Home and End, page by page."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.frame import Frame
from ejournal_desktop.ui.grids.mark_grid import MarkGrid, Place

STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Page(Protocol):
    """The side of the view that walking needs."""

    @property
    def grid(self) -> MarkGrid: ...
    @property
    def current(self) -> Place: ...
    def frame(self) -> Frame: ...
    def set_current(self, column: int, row: int) -> None: ...


def walk(page: _Page, event: QKeyEvent) -> bool:
    """Move the focus by a key; say whether the key was one of these."""
    (column, row), key = page.current, event.key()
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    if event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return False
    columns, rows = len(page.grid.columns), len(page.grid.pupils)
    if key in STEPS and not control:
        across, down = STEPS[Qt.Key(key)]
        page.set_current(column + across, row + down)
    elif key in ENTER and not control:
        _down_the_column(page, -1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
    elif key == Qt.Key.Key_Home:
        page.set_current(column if control else 0, 0 if control else row)
    elif key == Qt.Key.Key_End:
        page.set_current(column if control else columns, rows if control else row)
    elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not control:
        step = max(1, page.frame().body.height() // theme.ROW - 1)
        page.set_current(column, row - step if key == Qt.Key.Key_PageUp else row + step)
    else:
        return False
    return True


def _down_the_column(page: _Page, step: int) -> None:
    """Go to the next pupil who was in the class on that day."""
    column, row = page.current
    row += step
    while 0 <= row < len(page.grid.pupils) and page.grid.is_away(column, row):
        row += step
    if 0 <= row < len(page.grid.pupils):
        page.set_current(column, row)
