"""How far the journal has come onto this disk: words and a thin bar, gone once everything is here."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import tr

HEIGHT, THICK = 9 * theme.UNIT, 4
MARGIN = 4 * theme.UNIT


class LoadingBar(QWidget):
    """Says what is on its way and how much of it has come; working goes on meanwhile."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.text = ""
        self._percent = 0
        self.hide()

    def show_percent(self, text: str, percent: int | None) -> None:
        """Show «загружается журнал: 45 %»; "" takes the bar away."""
        self.text = tr("{what}. Работать можно уже сейчас.").format(what=text[:1].upper() + text[1:]) if text else ""
        self._percent = max(0, min(percent or 0, 100))
        self.setAccessibleName(self.text)
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the words and the bar under them."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour(t.secondary))
        painter.drawText(MARGIN, HEIGHT // 2, self.text)
        whole = QRectF(MARGIN, HEIGHT - 2 * theme.UNIT, self.width() - 2 * MARGIN, THICK)
        painter.fillRect(whole, theme.colour(t.line))
        painter.fillRect(QRectF(whole.topLeft(), whole.bottomRight()).adjusted(
            0, 0, -whole.width() * (100 - self._percent) / 100, 0), theme.colour(t.accent))  # fmt: skip
        painter.end()
