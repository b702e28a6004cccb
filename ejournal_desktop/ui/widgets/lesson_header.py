"""The header of Урок: which class, which subject, which lesson of which day."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ejournal_desktop.models.pages import LessonSheet
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import day_title, room_title


class LessonHeader(QWidget):
    """The class and the subject, large enough to be sure of; the lesson's day, number and time."""

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self.tr("Урок"), self)  # until there is one
        self._title.setProperty("look", "title")
        self._when = QLabel(self)
        self._when.setProperty("look", "secondary")
        self._before = self._step_button("‹", self.tr("Предыдущий урок дня"), -1)
        self._after = self._step_button("›", self.tr("Следующий урок дня"), 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self._title)
        row.addWidget(self._when)
        row.addWidget(self._before)
        row.addWidget(self._after)
        row.addStretch(1)
        self.show_steps(before=False, after=False)

    def _step_button(self, text: str, name: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setProperty("look", "quiet")
        button.setFixedWidth(theme.FIELD)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.stepped.emit(by))
        return button

    def show_sheet(self, sheet: LessonSheet) -> None:
        """Show a lesson's name and time."""
        lesson = sheet.lesson
        self._title.setText(sheet.page.title)
        times = f"{lesson.starts_at}–{lesson.ends_at}" if lesson.starts_at else ""
        number = self.tr("{n} урок").format(n=lesson.lesson_number)
        parts = (day_title(lesson.held_on), f"{number} {times}".strip(), room_title(lesson.room), lesson.note)
        self._when.setText(" · ".join(part for part in parts if part))

    def show_steps(self, *, before: bool, after: bool) -> None:
        """Offer only the ways that lead somewhere."""
        self._before.setEnabled(before)
        self._after.setEnabled(after)
        for button in (self._before, self._after):
            button.setVisible(before or after)
