"""The line at the bottom of the window: what the screen says of the current place, and F1."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import as_tip

HEIGHT = 6 * theme.UNIT


class ElidedLabel(QLabel):
    """A line of text that ends in «…» when there is no room, with the whole of it as its tip."""

    def setText(self, text: str) -> None:
        """Show a text."""
        super().setText(text)
        self.setToolTip(as_tip(text) if self._cut() != text else "")

    def minimumSizeHint(self) -> QSize:
        """Return next to nothing: the line gives way."""
        return QSize(8 * theme.UNIT, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint as much as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._cut())
        painter.end()

    def _cut(self) -> str:
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, max(self.width(), 1))


class HintLine(QFrame):
    """Never takes the focus."""

    keys_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.setFixedHeight(HEIGHT)
        self._text = ElidedLabel(self)
        self._text.setProperty("look", "secondary")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._keys = QToolButton(self)
        self._keys.setText(self.tr("F1 клавиши"))
        self._keys.setProperty("look", "quiet")
        self._keys.setStyleSheet("min-height: 14px; padding: 0 4px;")
        self._keys.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keys.clicked.connect(self.keys_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, 0, 2 * theme.UNIT, 0)
        row.addWidget(self._text, 1)
        row.addWidget(self._keys)

    def say(self, text: str) -> None:
        """Show a line; "" for none."""
        self._text.setText(text)

    @property
    def text(self) -> str:
        """Return the line shown."""
        return self._text.text()
