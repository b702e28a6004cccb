"""The header of Сегодня: which day it is, and how much is due."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.hint_line import ElidedLabel


class TodayHeader(QWidget):
    """The day at the left, what is due at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._day = QLabel(self)
        self._day.setProperty("look", "title")
        self._due = ElidedLabel(self)  # «через 42 мин» must not end as «через 4»
        self._due.setProperty("look", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * theme.UNIT)
        row.addWidget(self._day)
        row.addWidget(self._due)
        row.addStretch(1)

    def say(self, day: str, due: str) -> None:
        """Show both."""
        self._day.setText(day)
        self._due.setText(due)

    @property
    def text(self) -> str:
        """Return what is shown."""
        return f"{self._day.text()} · {self._due.text()}"
