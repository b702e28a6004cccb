"""How far the journal has come onto this disk: words and a thin bar, gone once everything is here."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ejournal_desktop.models.pages import SyncState
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import tr

HEIGHT, THICK = 9 * theme.UNIT, 4


class LoadingBar(QWidget):
    """Says what is on its way and how much of it has come; working goes on meanwhile.

    Args:
        margin: from the edges to words and bar, in logical pixels.
        below: from the bar to what stands under it.
    """

    def __init__(self, parent: QWidget | None = None, margin: int = 3 * theme.UNIT, below: int = 0) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT + below)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._margin = margin
        self.text = ""
        self._percent = 0
        self.hide()

    def show_percent(self, text: str, percent: int | None, then: str = "") -> None:
        """Show «загружается журнал: 45 %» and what that means for the person; "" takes the bar away."""
        told = f"{text[:1].upper()}{text[1:]}. {then or tr('Работать можно уже сейчас.')}" if text else ""
        self.text = told
        self._percent = max(0, min(percent or 0, 100))
        self.setAccessibleName(told)
        self.setToolTip(told)
        self.setVisible(bool(text))
        self.update()

    def show_state(self, state: SyncState | None) -> None:
        """Show a new journal that is not all here yet: lists miss what is to come, and a break is no loss."""
        if state is None or not state.partial:
            self.show_percent("", None)
        elif state.problem:
            then = tr("Связь прервалась: дальше пойдёт само с того же места. Списки пока не полны.")
            self.show_percent(state.loading, state.percent, then)
        else:
            self.show_percent(state.loading, state.percent, tr("Списки пока не полны; внесённое сохраняется."))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the words and the bar under them."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour(t.secondary))
        room = self.width() - 2 * self._margin
        words = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(self._margin, HEIGHT // 2, words)
        whole = QRectF(self._margin, HEIGHT - 2 * theme.UNIT, room, THICK)
        painter.fillRect(whole, theme.colour(t.line))
        painter.fillRect(QRectF(whole.x(), whole.y(), room * self._percent / 100, THICK), theme.colour(t.accent))
        painter.end()
