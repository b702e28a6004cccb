"""A line under КТП: what its teacher is to mend, when the deputy gives it back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from ejournal_core.lesson_plans import LONGEST_WHY
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.strip_form import StripForm


class PlanReturn(StripForm):
    """Shown only while it is asked. `given_back` brings the reason; Esc leaves it: nothing is done."""

    given_back = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.tr("Вернуть КТП учителю"), parent)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(LONGEST_WHY)
        self.reason.setAccessibleName(self.tr("Что исправить в КТП"))
        self.reason.setPlaceholderText(self.tr("одной фразой, её увидит учитель · Enter — вернуть, Esc — не надо"))
        self.reason.returnPressed.connect(lambda: self.given_back.emit(self.reason.text().strip()))
        label = QLabel(self.tr("Что исправить"), self)
        label.setBuddy(self.reason)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(label)
        row.addWidget(self.reason, 1)
        self.hide()

    def ask(self) -> None:
        """Open the line; what was typed and left by Esc is still there."""
        self.show()
        self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_line(self) -> None:
        """Close the line; the reason has been written."""
        self.reason.clear()
        self.hide()
