"""The painted grid for screen readers: a group whose one child is the cell with the focus, named in words.

Qt knows nothing of painted cells. A factory gives it, for every view that speaks, an interface written here; when the
focus moves the child's new name is told as a focus event, as item views do.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleObject,
)
from PySide6.QtWidgets import QWidget


class Speaking(Protocol):
    """What a painted view tells about itself."""

    def spoken_cell(self) -> str:
        """Return the current cell in words, "" when there is none."""

    def current_rect(self) -> QRect:
        """Return the place of the current cell in the viewport."""


_voices: dict[int, GridVoice] = {}  # Python's side of the interfaces lives as long as their views


class CellVoice(QAccessibleInterface):
    """The cell with the focus."""

    def __init__(self, grid: GridVoice) -> None:
        super().__init__()
        self._grid = grid

    def isValid(self) -> bool:
        """Say whether the view still lives."""
        return self._grid.isValid()

    def object(self) -> QObject:
        """Return nothing: a painted cell is no object."""
        return None  # type: ignore[return-value]  # Qt's null

    def parent(self) -> QAccessibleInterface:
        """Return the grid."""
        return self._grid

    def child(self, _index: int) -> QAccessibleInterface:
        """Return nothing."""
        return None  # type: ignore[return-value]  # Qt's null

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface:
        """Return nothing."""
        return None  # type: ignore[return-value]  # Qt's null

    def childCount(self) -> int:
        """Return 0."""
        return 0

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        """Return -1."""
        return -1

    def text(self, kind: QAccessible.Text) -> str:
        """Return the cell in words as its name."""
        return self._grid.view.spoken_cell() if kind == QAccessible.Text.Name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Pass over: cells are entered by keys."""

    def rect(self) -> QRect:
        """Return the cell's place on the screen."""
        inner = self._grid.view.current_rect()
        return QRect(self._grid.widget.mapToGlobal(inner.topLeft()), inner.size())

    def role(self) -> QAccessible.Role:
        """Return that of a cell."""
        return QAccessible.Role.Cell

    def state(self) -> QAccessible.State:
        """Return that it can have the focus, and has it when the view has."""
        state = QAccessible.State()
        state.focusable = True
        state.focused = self._grid.widget.hasFocus()
        return state


class GridVoice(QAccessibleObject):
    """The grid, with its current cell as the only child."""

    def __init__(self, widget: QWidget, view: Speaking) -> None:
        super().__init__(widget)
        self.widget = widget
        self.view = view
        self.cell = CellVoice(self)

    def parent(self) -> QAccessibleInterface:
        """Return the widget around the view."""
        around: QObject | None = self.widget.parentWidget()
        return QAccessible.queryAccessibleInterface(around)  # type: ignore[arg-type]  # null asks for null

    def child(self, index: int) -> QAccessibleInterface:
        """Return the current cell."""
        return self.cell if index == 0 and self.view.spoken_cell() else None  # type: ignore[return-value]  # Qt's null

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """Return the current cell when the point is in it."""
        return self.cell if self.cell.rect().contains(x, y) else None  # type: ignore[return-value]  # Qt's null

    def focusChild(self) -> QAccessibleInterface:
        """Return the current cell."""
        return self.cell if self.view.spoken_cell() else None  # type: ignore[return-value]  # Qt's null

    def childCount(self) -> int:
        """Return 1 while there is a cell."""
        return 1 if self.view.spoken_cell() else 0

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        """Return the only place."""
        return 0

    def text(self, kind: QAccessible.Text) -> str:
        """Return the view's name and description."""
        if kind == QAccessible.Text.Name:
            return self.widget.accessibleName()
        return self.widget.accessibleDescription() if kind == QAccessible.Text.Description else ""

    def rect(self) -> QRect:
        """Return the view's place on the screen."""
        return QRect(self.widget.mapToGlobal(self.widget.rect().topLeft()), self.widget.size())

    def role(self) -> QAccessible.Role:
        """Return that of a group."""
        return QAccessible.Role.Grouping

    def state(self) -> QAccessible.State:
        """Return that it can have the focus, and has it when the view has."""
        state = QAccessible.State()
        state.focusable = True
        state.focused = self.widget.hasFocus()
        return state


def give_voice(widget: QWidget, view: Speaking) -> None:
    """Let screen readers meet `widget` as a grid of cells from now on."""
    if not _voices:
        QAccessible.installFactory(_factory)
    key = id(widget)
    _voices[key] = GridVoice(widget, view)
    widget.destroyed.connect(lambda: _voices.pop(key, None))


def _factory(_class_name: str, thing: QObject) -> QAccessibleInterface:
    voice = _voices.get(id(thing))
    return voice if voice is not None and voice.widget is thing else None  # type: ignore[return-value]  # Qt's null


def tell_cell(widget: QWidget, sentence: str) -> None:
    """Tell that another cell has the focus or holds something else now."""
    widget.setAccessibleDescription(sentence)
    voice = _voices.get(id(widget))
    if voice is not None and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(voice.cell, QAccessible.Event.Focus))


def announce(widget: QWidget, sentence: str) -> None:
    """Say a sentence at once, over whatever is being read."""
    if QAccessible.isActive():
        said = QAccessibleAnnouncementEvent(widget, sentence)
        said.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(said)
