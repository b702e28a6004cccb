"""A name that opens a list: plain words with a small painted arrow, so that no font has to have one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygon
from PySide6.QtWidgets import QAbstractButton, QWidget

from ejournal_desktop.ui import theme

PAD = 2 * theme.UNIT
ARROW = 8


class ChooserButton(QAbstractButton):
    """Paints its text in a font and an arrow after it; cut with «…» where there is no room."""

    def __init__(self, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._face = font
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return the room for the whole name."""
        return QSize(QFontMetrics(self._face).horizontalAdvance(self.text()) + 3 * PAD + ARROW, theme.FIELD)

    def minimumSizeHint(self) -> QSize:
        """Return the room for a short name."""
        return QSize(min(self.sizeHint().width(), 30 * theme.UNIT), theme.FIELD)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the name, the arrow, and a frame under the pointer or the focus."""
        t = theme.tokens()
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            p.setPen(QPen(theme.colour(t.accent if self.hasFocus() else t.rule), 2 if self.hasFocus() else 1))
            p.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        metrics = QFontMetrics(self._face)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 3 * PAD - ARROW + 1)
        p.setFont(self._face)
        p.setPen(theme.colour(t.ink))
        p.drawText(self.rect().adjusted(PAD, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
        x, y = 2 * PAD + metrics.horizontalAdvance(text), self.height() // 2 + 1
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(theme.colour(t.secondary))
        p.drawPolygon(QPolygon([QPoint(x, y - 2), QPoint(x + ARROW, y - 2), QPoint(x + ARROW // 2, y + 3)]))
        p.end()
