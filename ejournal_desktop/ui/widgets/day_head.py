"""Which day a part shows: its title between two arrows, and on a key a field to type another day into."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.step_arrows import step_arrows
from ejournal_desktop.ui.words import day_title


class DayHead(QFrame):
    """Signals: `stepped` brings −1 or 1, `chosen` a day that was typed, `left` comes when no day was wanted."""

    stepped = Signal(int)
    chosen = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.when, self.field = QLabel(self), DayField(self)
        self.when.setProperty("look", "title")
        self.field.setAccessibleName(self.tr("Другой день"))
        self.field.setToolTip(self.tr("«18», «18.09» или «+1»; Enter — показать, Esc — назад"))
        self.field.returnPressed.connect(self._take)
        self.field.hide()
        self.earlier, self.later = step_arrows(self, self.stepped.emit)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(2 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.row.setSpacing(theme.UNIT)
        for part in (self.earlier, self.when, self.field, self.later):
            self.row.addWidget(part)
        self.row.addStretch(1)

    def show_day(self, day: date) -> None:
        """Show which day it is."""
        self.field.near = day
        self.when.setText(day_title(day))
        self._close()

    def ask(self) -> None:
        """Open the field."""
        self.when.hide()
        self.field.show()
        self.field.clear()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> None:
        day = self.field.day
        if day is not None:
            self.chosen.emit(day)
        else:
            self.field.selectAll()

    def _close(self) -> None:
        self.field.hide()
        self.when.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the day as it is."""
        if event.key() == Qt.Key.Key_Escape and self.field.isVisible():
            self._close()
            self.left.emit()
        else:
            super().keyPressEvent(event)
