"""«Веду замену»: a day's lessons of other teachers in place; typing finds, Enter takes the lesson, Esc steps back.

Today's first; Alt and the arrows go to other days, since a lesson given in haste is often entered on the day after.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from ejournal_desktop.models.queries.requests import LessonToGive
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.spoken import short_name
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.widgets.page_chooser import matches
from ejournal_desktop.ui.widgets.row_list import Brush, RowList
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import day_title, tr

MARGIN = 4 * theme.UNIT
ROWS = 8
CLASS, SUBJECT, TEACHER_W = 44, 116, 260


class LessonToGiveFace:
    """№, class, subject with its group, whose lesson it is."""

    def height(self, _row: LessonToGive) -> int:
        """Return one line."""
        return theme.LIST_ROW

    def words(self, row: LessonToGive) -> str:
        """Return the lesson in words."""
        return f"{row.lesson_number} {tr('урок')}, {row.page.title}, {_teachers(row)}"

    def paint(self, painter: QPainter, rect: QRect, row: LessonToGive, *, current: bool) -> None:
        """Paint the row."""
        brush = Brush(painter, rect)
        brush.words(16, 24, str(row.lesson_number), "secondary")
        brush.words(CLASS, SUBJECT - CLASS - 8, row.page.class_title, size=theme.MARK, bold=True)
        right = rect.width() - TEACHER_W - 16
        end = brush.words(SUBJECT, right - SUBJECT - 16, row.page.subject_title, size=theme.MARK, bold=current)
        brush.words(end + 8, right - end - 16, row.page.subgroup_title, "secondary")
        brush.words(right, TEACHER_W, _teachers(row), "secondary")


class SubstitutionPanel(StripForm):
    """`taken` brings the id of the chosen lesson, `stepped` -1 or 1 for another day; `left` comes on Esc."""

    taken = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Веду замену"), parent)
        self._all: tuple[LessonToGive, ...] = ()
        self.title = QLabel(self)
        self.title.setProperty("look", "title")
        self.search = QLineEdit(self)
        self.search.setAccessibleName(self.tr("Найти урок"))
        self.search.setPlaceholderText(
            self.tr("Класс, предмет или учитель; Enter — взять урок, Alt+← и Alt+→ — другой день")
        )
        self.search.textChanged.connect(self._show_found)
        self.search.installEventFilter(self)
        self.lessons = RowList(LessonToGiveFace(), self.tr("Уроки других учителей"), self, fit=False)
        self.lessons.leader = self.search
        self.lessons.opened.connect(lambda row: self.taken.emit(row.lesson_id))
        self.note = QLabel(self)
        self.note.setProperty("look", "secondary")
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, 3 * theme.UNIT)
        column.setSpacing(2 * theme.UNIT)
        for part in (self.title, self.search, self.lessons, self.note):
            column.addWidget(part)
        self.hide()

    def offer(self, lessons: Sequence[LessonToGive], day: date) -> None:
        """Show the lessons of a day that can be taken."""
        self._all = tuple(lessons)
        self.title.setText(self.tr("Веду замену · {day}").format(day=day_title(day)))
        self.search.clear()
        self._show_found("")
        self.show()
        self.search.setFocus()

    def _show_found(self, text: str) -> None:
        found = first_found(text, lambda typed: [row for row in self._all if matches(row.page, typed)])
        self.lessons.show_rows(found, key="lesson_id")
        self.lessons.setVisible(bool(found))
        self.lessons.setFixedHeight(min(max(len(found), 1), ROWS) * theme.LIST_ROW + 2)
        self.note.setText(
            self.tr(
                "Заполнять можно сразу, и без сети. Замена вступит в силу, когда её подтвердит завуч или диспетчер."
            )
            if found
            else self.tr("Такого урока в расписании на этот день нет.")
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows and Enter in the search walk and take, so that the hands stay where they are."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            key = Qt.Key(event.key())
            days = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
            if key in days and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.stepped.emit(days[key])
                return True
            if key in steps and self.lessons.count():
                row = self.lessons.currentRow() + steps[key]
                self.lessons.setCurrentRow(max(0, min(row, self.lessons.count() - 1)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.lessons.current is not None:
                    self.taken.emit(self.lessons.current.lesson_id)
                return True
        return super().eventFilter(watched, event)


def _teachers(row: LessonToGive) -> str:
    return ", ".join(short_name(name) for name in row.page.teachers)
