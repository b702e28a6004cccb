"""Посещаемость of Мой класс: the register of a day, the week, what does not agree with lessons, the year as a map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.register import AbsenceDraft
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.class_attendance import (
    ClassAttendance,
    PupilDay,
    RegisterEntry,
    class_attendance,
    study_day,
)
from ejournal_desktop.models.queries.class_weeks import class_weeks, monday_of
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.reconciliation import Discrepancy, discrepancies
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.attendance_paper import attendance_map_pdf
from ejournal_desktop.ui.grids.keys import as_russian
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.widgets.attendance_day import DayTable
from ejournal_desktop.ui.widgets.attendance_head import AttendanceHead
from ejournal_desktop.ui.widgets.attendance_map import AttendanceMap
from ejournal_desktop.ui.widgets.attendance_week import FIRST_DAY, WeekTable
from ejournal_desktop.ui.widgets.layouts import scrolling
from ejournal_desktop.ui.widgets.reconciliation_list import DiscrepancyFace
from ejournal_desktop.ui.widgets.register_deeds import RegisterDeeds
from ejournal_desktop.ui.widgets.register_form import RegisterForm
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import tr

View = Literal["day", "week", "check", "map"]
VIEWS: tuple[View, ...] = ("day", "week", "check", "map")

#: The keys that the lists read by themselves, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("фамилия, Enter", "Найти ученика в любой раскладке; дальше последний день, Enter, код, Enter"),
    ("Б, У, Н", "Код причины для строки или клетки, в любой раскладке"),
    ("1, 2", "В сверке: верен реестр, верен учитель"),
    ("Enter", "Исправить запись реестра; в неделе — открыть день, в карте — неделю, в сверке — урок"),
    ("Delete", "Убрать запись реестра; в неделе — один день"),
)


class AttendancePart(QWidget):
    """Four views of one class; the form of the register stands above those of a day and of a week.

    Signals:
        lesson_opened: lesson id: whoever hears it opens Урок there.
    """

    lesson_opened = Signal(str)
    troubled = Signal(object)
    hint_changed = Signal(str)

    entry_keys = ENTRY_KEYS

    def __init__(
        self, journal: Journal, jobs: Jobs, clock: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = self.tr("Посещаемость")
        self._journal = journal
        self._jobs = jobs
        self._clock = clock
        self._class_id = ""
        self.day = date.min
        self.view: View = "day"
        self.attendance: ClassAttendance | None = None
        self.deeds = RegisterDeeds(journal, self)
        self.head = AttendanceHead(self)
        self.form = RegisterForm(self)
        self.lines, self.week = DayTable(self), WeekTable(self)
        face = DiscrepancyFace(self._code_title, lambda: clock().date())
        self.check = RowList(face, self.tr("Сверка с уроками"), self, fit=False)
        self.map = AttendanceMap()
        self.views = QStackedWidget(self)
        self.reason, self.empty = QLabel(self), QLabel(self)
        self.message = Line(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.reason.setProperty("look", "strip")
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.map_area: QScrollArea = scrolling(self.map, self)
        for part in (self.lines, self.week, self.check, self.map_area, self.empty):
            self.views.addWidget(part)
        foot = QFrame(self)
        inner = QVBoxLayout(foot)
        inner.setContentsMargins(4 * theme.UNIT, theme.UNIT, 4 * theme.UNIT, theme.UNIT)
        inner.addWidget(self.message)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.reason)
        column.addWidget(self.form)
        column.addWidget(self.views, 1)
        column.addWidget(foot)

    def _connect(self) -> None:
        self.head.stepped.connect(self.go_by)
        self.head.chosen.connect(self.show_view)
        self.form.wanted.connect(self._write)
        self.form.left.connect(self._to_view)
        self.lines.typed.connect(self._typed_day)
        self.lines.opened.connect(lambda _row: self.mend())
        self.lines.removed.connect(lambda _row: self.remove())
        self.week.typed.connect(self._typed_week)
        self.week.opened.connect(self._open_cell)
        self.week.removed.connect(lambda _row, _column: self.remove())
        self.check.typed.connect(self._settle)
        self.check.opened.connect(self._open_lesson)
        self.map.opened.connect(self._open_week)
        self.map.left.connect(lambda: self.show_view("day"))
        self.deeds.said.connect(self.message.say)
        self.deeds.written.connect(self.refresh)
        self.deeds.troubled.connect(self.troubled)

    # --- reading -----------------------------------------------------------------------------------------------------

    def show_class(self, group: ClassRef) -> None:
        """Show a class, on the last study day."""
        if group.id != self._class_id:
            self._class_id = group.id
            self.deeds.open_class(group.id)
            self.form.clear()
            self.day = study_day(self._journal, group.id, self._clock().date())

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        if self.form.isVisibleTo(self):
            self.form.pupil.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._to_view()

    def refresh(self) -> None:
        """Read again; the cursor and what is half typed stay."""
        if not self._class_id:
            return
        first, last = self._days()
        self.attendance = found = class_attendance(self._journal, self._class_id, first, last)
        rows = discrepancies(self._journal, self._class_id, self._clock().date())
        self.head.show_view(self.view, self.day, first, last, len(rows))
        self.reason.setText(found.read_only)
        self.reason.setVisible(bool(found.read_only))
        self.form.setVisible(not found.read_only and self.view in ("day", "week"))
        self.form.offer(found.pupils, self._journal.policy().absence_codes, self.day)
        self._show_rows(found, rows)

    def _days(self) -> tuple[date, date]:
        if self.view != "week":
            return self.day, self.day
        monday = monday_of(self.day)
        return monday, monday + timedelta(days=6)

    def _show_rows(self, found: ClassAttendance, rows: tuple[Discrepancy, ...]) -> None:
        nothing = ""
        if self.view == "day":
            self.lines.show_day(found)
            nothing = "" if self.lines.lines.rowCount() else tr("В этот день отсутствующих нет: ни в реестре, ни на "
                                                                "уроках.")  # fmt: skip
        elif self.view == "week":
            self.week.cells.show_week(found)
            nothing = "" if found.days and found.pupils else tr("На этой неделе уроков нет.")
        elif self.view == "check":
            self.check.show_rows(rows)
            nothing = "" if rows else tr("Реестр и уроки последних четырёх недель сходятся, причины указаны.")
        else:
            self.map.show_weeks(class_weeks(self._journal, self._class_id))
            nothing = "" if self.map.columns and self.map.rows > 1 else tr("Уроков ещё не было: показывать нечего.")
        self.empty.setText(nothing)
        self.views.setCurrentWidget(self.empty if nothing else self._shown)

    @property
    def _shown(self) -> QWidget:
        parts: dict[View, QWidget] = {"day": self.lines, "week": self.week, "check": self.check, "map": self.map_area}
        return parts[self.view]

    def _to_view(self) -> None:
        here = self.map if self.view == "map" else self._shown
        (here if here.isVisible() else self.head.later).setFocus(Qt.FocusReason.OtherFocusReason)

    def _code_title(self, code: str) -> str:
        known = self._journal.policy().absence_code(code)
        return known.title if known is not None else code

    # --- going -------------------------------------------------------------------------------------------------------

    def show_view(self, view: View) -> None:
        """Show another view of the class."""
        self.view = view
        self.message.say("")
        self.form.turn_over()
        self.hint_changed.emit("")
        self.refresh()
        self._to_view()

    def go_by(self, step: int) -> None:
        """Show the next or previous study day, or week."""
        weeks = timedelta(days=7 * step) if self.view == "week" else timedelta(0)
        if weeks:
            self.go_to(study_day(self._journal, self._class_id, self.day + weeks))
        elif self.view == "day":
            self.go_to(study_day(self._journal, self._class_id, self.day, step))

    def go_to(self, day: date) -> None:
        """Show another day."""
        self.day = day
        self.message.say("")
        self.form.turn_over()
        self.refresh()

    def go_to_today(self) -> None:
        """Show the last study day."""
        self.go_to(study_day(self._journal, self._class_id, self._clock().date()))

    def _open_cell(self, row: int, column: int) -> None:
        """Open the day of a cell of the week at its pupil."""
        cell = self.week.cells.cell(row, column)
        if cell is not None:
            self.day = cell.day
            self.show_view("day")
            self.lines.go_to_pupil(cell.pupil_id)

    def _open_week(self, monday: date, pupil_id: str) -> None:
        days = [monday + timedelta(days=offset) for offset in range(7)]
        self.day = study_day(self._journal, self._class_id, days[-1])
        self.show_view("week")
        if pupil_id:
            self.week.go_to(pupil_id, FIRST_DAY)

    def _open_lesson(self, row: Discrepancy) -> None:
        if row.mine:
            self.lesson_opened.emit(row.lessons[0].lesson_id)
        else:
            self.day = row.day
            self.show_view("day")
            self.lines.go_to_pupil(row.pupil_id)

    # --- what a person does ------------------------------------------------------------------------------------------

    @property
    def _is_closed(self) -> bool:
        if self.attendance is not None and self.attendance.read_only:
            self.hint_changed.emit(self.attendance.read_only)
            return True
        return False

    def _current(self) -> tuple[PupilRow, PupilDay, RegisterEntry | None] | None:
        """Return the pupil, the day and the entry that the cursor is on."""
        line = self.lines.line
        if self.view == "day" and line is not None:
            return line.pupil, line.day, line.entry
        row, column = self.week.currentIndex().row(), self.week.currentIndex().column()
        cell = self.week.cells.cell(row, column) if self.view == "week" and row >= 0 else None
        if cell is None or self.attendance is None:
            return None
        return self.attendance.pupils[row], cell, self.week.cells.entry(row, column)

    def new_entry(self) -> None:
        """Begin a new entry of the register."""
        if not self._is_closed:
            if not self.form.isVisible():
                self.show_view("day")
            self.form.begin()

    def mend(self) -> None:
        """Show the current entry in the form; of somebody without one, begin it."""
        here = self._current()
        if here is None or self._is_closed:
            return
        pupil, cell, entry = here
        if entry is not None:
            self.form.mend(entry, pupil)
        else:
            self.form.begin(pupil, cell.day)

    def remove(self) -> None:
        """Take the current entry out of the register; in the week, the day of the cell."""
        here = self._current()
        if here is None or here[2] is None or self._is_closed:
            return
        if self.view == "week":
            self.deeds.give_up_day(here[2], here[1])
        else:
            self.deeds.remove(here[2])

    def _write(self, entry_id: str, draft: AbsenceDraft) -> None:
        refused = self.deeds.write(self._class_id, entry_id, draft)
        if refused:
            self.form.refuse(refused)
            return
        self.form.done(self.tr("Записано. Учителя увидят это в своих уроках."))
        (self.lines.go_to_pupil if self.view == "day" else self.week.go_to)(draft.pupil_id)
        self.form.pupil.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed_day(self, row: int, sign: str) -> None:
        line = self.lines.lines.lines[row]
        if not self._is_closed:
            self.deeds.code(line.pupil.name, line.day, line.entry, as_russian(sign).upper(), self._class_id)

    def _typed_week(self, row: int, column: int, sign: str) -> None:
        cell = self.week.cells.cell(row, column)
        if cell is not None and not self._is_closed and self.attendance is not None:
            name, entry = self.attendance.pupils[row].name, self.week.cells.entry(row, column)
            self.deeds.code(name, cell, entry, as_russian(sign).upper(), self._class_id)

    def _settle(self, sign: str) -> None:
        row: Discrepancy | None = self.check.current
        if row is not None and not self._is_closed:
            self.deeds.settle(row, as_russian(sign).upper())

    def undo(self) -> None:
        """Take back the last deed of this part."""
        self.deeds.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self.deeds.redo()

    def print_map(self) -> None:
        """Print the map of the year."""
        from ejournal_desktop.ui.printing import ask_and_print  # the libraries of paper load with the first paper

        try:
            if ask_and_print(attendance_map_pdf(class_weeks(self._journal, self._class_id)), self._jobs, self):
                tell_event(self._journal, "printed", subject_kind="ClassGroup", subject=self._class_id,
                           detail="attendance-map")  # fmt: skip
        except EjournalError as error:
            self.troubled.emit(error)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here, in the order of the F1 page."""
        writing, moving = tr("Запись"), tr("Переход")
        return [
            Action("attendance.new", tr("Внести в реестр"), ("Ctrl+N",), self.new_entry, writing),
            Action("attendance.mend", tr("Исправить запись реестра"), ("F2",), self.mend, writing),
            Action("attendance.undo", tr("Отменить"), ("Ctrl+Z",), self.undo, writing),
            Action("attendance.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), self.redo, writing),
            Action("attendance.print", tr("Напечатать карту недель"), ("Ctrl+Shift+P",), self.print_map, writing),
            Action("attendance.day", tr("День"), ("Alt+1",), lambda: self.show_view("day"), moving),
            Action("attendance.week", tr("Неделя"), ("Alt+2",), lambda: self.show_view("week"), moving),
            Action("attendance.check", tr("Сверка с уроками"), ("Alt+3",), lambda: self.show_view("check"), moving),
            Action("attendance.map", tr("Карта недель"), ("Alt+4",), lambda: self.show_view("map"), moving),
            Action("attendance.earlier", tr("Раньше"), ("Alt+Left",), lambda: self.go_by(-1), moving),
            Action("attendance.later", tr("Позже"), ("Alt+Right",), lambda: self.go_by(1), moving),
            Action("attendance.today", tr("К сегодняшнему дню"), ("Ctrl+T",), self.go_to_today, moving),
        ]  # fmt: skip
