"""Why a lesson was entered after its term: a field on Урок that is there only where the school asks for it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ejournal_core.wording import LONGEST
from ejournal_desktop.models.pages import LessonSheet
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.text_field import TextField

KEY = "F2"


class LateReason(QWidget):
    """Shown while the lesson is late, or says why it was; its `field` says what was entered."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = TextField(self.tr("Почему внесено позже срока"), 2, self, enter_goes_on=True)
        self.field.setToolTip(self.tr("До {n} знаков").format(n=LONGEST["Lesson"]["late_reason"]))
        label = QLabel(self.tr("Почему позже срока ({key})").format(key=KEY), self)
        label.setProperty("look", "secondary")
        label.setBuddy(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addWidget(label)
        column.addWidget(self.field)
        self.hide()

    def show_sheet(self, sheet: LessonSheet, *, new: bool) -> None:
        """Show what a lesson says, and ask where it is late and says nothing."""
        reason = sheet.lesson.late_reason
        self.field.show_text(reason, force=new)
        asks = sheet.is_late and not sheet.read_only
        self.field.setPlaceholderText(self.tr("Срок урока прошёл: школа просит назвать причину") if asks else "")
        self.setVisible(asks or bool(reason) or (self.field.unsaved and not new))
