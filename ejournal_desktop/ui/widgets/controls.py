"""A tick box and a chooser drawn in the journal's own colours: the style's own are hardly seen in the dark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from ejournal_desktop.ui import theme

BOX = 14
GAP = 2 * theme.UNIT
FRAME = theme.UNIT  # between the frame of the focus and what it goes round


class TickBox(QCheckBox):
    """A box and its words; the frame of the focus goes round both."""

    def sizeHint(self) -> QSize:
        """Return the room of box and words."""
        return QSize(FRAME + BOX + GAP + self.fontMetrics().horizontalAdvance(self.text()) + FRAME, 6 * theme.UNIT)

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:  # noqa: ARG002 - box and words are one
        """Take a click anywhere on it."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint box, tick and words."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(FRAME + 0.5, (self.height() - BOX) / 2 + 0.5, BOX - 1, BOX - 1)
        ticked = self.isChecked()
        lively = self.isEnabled()
        painter.setPen(QPen(theme.colour(t.accent if ticked and lively else t.secondary), 1.2))
        painter.setBrush(theme.colour(t.accent if ticked and lively else t.paper))
        painter.drawRoundedRect(box, 3, 3)
        if ticked:
            painter.setPen(QPen(theme.colour(t.on_accent if lively else t.secondary), 2))
            points = (QPointF(3, 6.8), QPointF(5.6, 9.6), QPointF(10.4, 3.6))
            painter.drawPolyline(QPolygonF([box.topLeft() + point for point in points]))
        painter.setPen(theme.colour(t.ink if lively else t.secondary))
        words = self.rect().adjusted(FRAME + BOX + GAP, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(t.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


class Chooser(QComboBox):
    """A field with a list and one quiet arrow. `entered` comes with Enter, as a line's `returnPressed` does."""

    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setStyleSheet("QComboBox::drop-down { border: none; width: 24px; } QComboBox { padding-left: 7px; }")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Enter; every other key chooses."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(theme.tokens().secondary), 1.6))
        centre = QPointF(QRect(self.width() - 24, 0, 20, self.height()).center()) + QPointF(0.5, 1)
        points = (QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2))
        painter.drawPolyline(QPolygonF([centre + point for point in points]))
        painter.end()
