"""How far a round of copies is with the drive at hand: its three steps in one calm line, each with a mark."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import DOT, Shape, paint_shape
from ejournal_desktop.ui.widgets.round_words import STEPS
from ejournal_desktop.ui.words import tr

HEIGHT = 6 * theme.UNIT
BEHIND_DOT, BETWEEN = 6, 6 * theme.UNIT

#: How a step looks that is done, under way, or still to come: a mark, its colour, the colour of the words.
LOOKS: dict[int, tuple[Shape, str, str]] = {
    -1: ("check", "positive", "secondary"), 0: ("full", "accent", "ink"), 1: ("hollow", "secondary", "secondary"),
}  # fmt: skip


class RoundSteps(QWidget):
    """Painted; a screen reader is told which step of how many it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.current = 0

    def show_step(self, number: int) -> None:
        """Show that a step is under way, counted from 0."""
        self.current = number
        told = tr("Шаг {n} из {all}: {what}")
        self.setAccessibleName(told.format(n=number + 1, all=len(STEPS), what=tr(STEPS[number])))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of all steps side by side."""
        metrics = QFontMetrics(self._font(bold=True))
        words = sum(metrics.horizontalAdvance(tr(each)) + DOT + BEHIND_DOT for each in STEPS)
        return QSize(words + (len(STEPS) - 1) * BETWEEN, HEIGHT)

    def _font(self, *, bold: bool) -> QFont:
        return theme.font(theme.BASE, theme.BOLD if bold else theme.REGULAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint mark and words of each step, a hairline between them."""
        painter, left = QPainter(self), 0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, words in enumerate(STEPS):
            left = self._paint_step(painter, left, number, tr(words))
            if number + 1 < len(STEPS):
                line = QRect(left + 2 * theme.UNIT, HEIGHT // 2, BETWEEN - 4 * theme.UNIT, 1)
                painter.fillRect(line, theme.colour(theme.tokens().rule))
            left += BETWEEN
        painter.end()

    def _paint_step(self, painter: QPainter, left: int, number: int, words: str) -> int:
        """Paint one step from `left`; return where it ended."""
        shape, mark, hue = LOOKS[(number > self.current) - (number < self.current)]
        tokens = theme.tokens()
        paint_shape(painter, QRectF(left, (HEIGHT - DOT) / 2, DOT, DOT), shape, getattr(tokens, mark))
        painter.setFont(self._font(bold=number == self.current))
        painter.setPen(theme.colour(getattr(tokens, hue)))
        begin, width = left + DOT + BEHIND_DOT, painter.fontMetrics().horizontalAdvance(words)
        painter.drawText(QRect(begin, 0, width + 1, HEIGHT), Qt.AlignmentFlag.AlignVCenter, words)
        return begin + width
