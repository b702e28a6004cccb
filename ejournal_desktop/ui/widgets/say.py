"""A line of words that may carry a state's mark before it; it keeps its room, so that nothing jumps when it speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import DOT, Shape, paint_shape

Kind = Literal["", "full", "hollow", "danger", "done"]
Say = Callable[[str, Kind], object]  # a sentence and its kind, as `Line.say` takes them

SHAPES: dict[str, tuple[Shape, str]] = {
    "full": ("full", "positive"),
    "done": ("full", "positive"),
    "hollow": ("hollow", "warning"),
    "danger": ("bar", "danger"),
}


class StateMark(QWidget):
    """The small dot of a state of delivery."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(DOT + theme.UNIT, DOT + 2 * theme.UNIT)
        self._shape: tuple[Shape, str] | None = None

    def show_shape(self, shape: tuple[Shape, str] | None) -> None:
        """Show a shape in the colour of a token, or nothing."""
        self._shape = shape
        self.setVisible(shape is not None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the shape on the height of the words' first line."""
        if self._shape is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape, token = self._shape
        paint_shape(painter, QRectF(0, theme.UNIT, DOT, DOT), shape, getattr(theme.tokens(), token))
        painter.end()


class Line(QWidget):
    """Says one thing at a time; empty it still takes the room of its lines."""

    def __init__(self, parent: QWidget | None = None, lines: int = 1) -> None:
        super().__init__(parent)
        self._mark = StateMark(self)
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._label.setMinimumHeight(lines * (theme.BASE + theme.UNIT + 1))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.say("")

    @property
    def text(self) -> str:
        """Return what is said now."""
        return self._label.text()

    def say(self, text: str, kind: Kind = "") -> None:
        """Say a sentence; the kind puts a mark before it, and danger colours the words too."""
        self._label.setText(text)
        self._mark.show_shape(SHAPES.get(kind) if text else None)
        self._label.setProperty("look", "danger" if kind == "danger" else "secondary")
        self._label.style().polish(self._label)

    def say_sign(self, text: str, shape: Shape, token: str) -> None:
        """Say something with any state's mark before it."""
        self.say(text)
        self._mark.show_shape((shape, token))
