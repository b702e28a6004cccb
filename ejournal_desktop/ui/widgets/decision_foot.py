"""The foot of Контроль: the history of the current row, what was just done, a line for the reason of a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.say import Kind, Line

MARGIN = 4 * theme.UNIT


class DecisionFoot(QFrame):
    """Takes room only while it has something to say. `refused` brings the reason as it was typed."""

    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName(self.tr("Причина отказа"))
        self.reason.setPlaceholderText(self.tr("Почему отказано: одной фразой, её увидит учитель. Enter — отказать"))
        self.reason.returnPressed.connect(lambda: self.refused.emit(self.reason.text().strip()))
        self.about = QLabel(self)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.message = Line(self)
        self._title = QLabel(self.tr("История записи"), self)
        self._title.setProperty("look", "title")
        self.history = QLabel(self)
        self.history.setProperty("look", "secondary")
        self.history.setWordWrap(True)
        self.history.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        column.setSpacing(theme.UNIT)
        for part in (self.about, self.reason, self.message, self._title, self.history):
            column.addWidget(part)
        for part in (self.about, self.reason, self.message):
            part.hide()

    @property
    def is_asking(self) -> bool:
        """Say whether the line for a reason is open."""
        return self.reason.isVisible()

    def say(self, text: str, kind: Kind = "") -> None:
        """Say a line; an empty one takes no room."""
        self.message.say(text, kind)
        self.message.setVisible(bool(text))
        self._fit()

    def tell(self, lines: Sequence[str]) -> None:
        """Show the history of the current row."""
        self.history.setText("\n".join(lines))
        for part in (self.history, self._title):
            part.setVisible(bool(lines))
        self._fit()

    def ask(self, about: str) -> None:
        """Open the line for a reason; `about` says what is refused, for the row loses its colour with the focus."""
        self.say("")
        self.about.setText(about)
        self.about.show()
        self.reason.setAccessibleDescription(about)
        self.reason.clear()
        self.reason.show()
        self.show()
        self.reason.setFocus()

    def close_reason(self) -> None:
        """Close the line for a reason."""
        self.about.hide()
        self.reason.hide()
        self._fit()

    def _fit(self) -> None:
        parts = (self.history.text(), self.message.text, self.reason.isVisibleTo(self))
        self.setVisible(any(parts))
