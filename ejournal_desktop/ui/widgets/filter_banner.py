"""The strip above the page while a filter hides some of its pupils: which, how many are left, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ejournal_desktop.ui import theme


class FilterBanner(QFrame):
    """Never takes the focus. `cleared` comes from its button; Esc in the grid does the same."""

    cleared = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(theme.font(theme.BASE, theme.BOLD))
        self._words.setProperty("look", "warning")
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        back = QPushButton(self.tr("Показать всех (Esc)"), self)
        back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        back.clicked.connect(self.cleared)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, theme.UNIT, 2 * theme.UNIT, theme.UNIT)
        row.addWidget(self._words, 1)
        row.addWidget(back)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence; "" hides the strip."""
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    @property
    def text(self) -> str:
        """Return the sentence shown, "" for none."""
        return "" if self.isHidden() else self._words.text()
