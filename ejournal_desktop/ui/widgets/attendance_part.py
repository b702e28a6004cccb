"""Посещаемость of Мой класс: the register of a day, the week, what does not agree with lessons, the year as a map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.commands import register
from ejournal_desktop.models.commands.register import AbsenceDraft
from ejournal_desktop.models.journal import ChangeSet, Journal
from ejournal_desktop.models.queries.class_attendance import ClassAttendance, class_attendance, study_day
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.grids.keys import as_russian
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.widgets import attendance_actions
from ejournal_desktop.ui.widgets.attendance_day import DayLine, DayTable
from ejournal_desktop.ui.widgets.register_form import RegisterForm
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import day_title


class AttendancePart(QWidget):
    """Shows one day of a class.

    Signals:
        lesson_opened: lesson id: whoever hears it opens Урок there.
    """

    lesson_opened = Signal(str)
    troubled = Signal(object)
    hint_changed = Signal(str)

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
        self._done: list[ChangeSet] = []
        self.attendance: ClassAttendance | None = None
        self.form = RegisterForm(self)
        self.when = QLabel(self)
        self.earlier, self.later = QToolButton(self), QToolButton(self)
        self.lines = DayTable(self)
        self.views = QStackedWidget(self)
        self.reason = QLabel(self)
        self.empty = QLabel(self)
        self.message = Line(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.when.setProperty("look", "title")
        self.reason.setProperty("look", "strip")
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        for button, arrow, name in ((self.earlier, Qt.ArrowType.LeftArrow, self.tr("Раньше")),
                                    (self.later, Qt.ArrowType.RightArrow, self.tr("Позже"))):  # fmt: skip
            button.setArrowType(arrow)
            button.setAccessibleName(name)
            button.setProperty("look", "quiet")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        head = QHBoxLayout()
        head.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        head.setSpacing(theme.UNIT)
        for part in (self.earlier, self.when, self.later):
            head.addWidget(part)
        head.addStretch(1)
        of_day = QFrame(self)
        inner = QVBoxLayout(of_day)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.lines, 1)
        inner.addWidget(self.empty, 1)
        self.views.addWidget(of_day)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.reason)
        column.addWidget(self.form)
        column.addWidget(self.views, 1)
        column.addWidget(self.message)

    def _connect(self) -> None:
        self.earlier.clicked.connect(lambda: self.go_by(-1))
        self.later.clicked.connect(lambda: self.go_by(1))
        self.form.wanted.connect(self._write)
        self.form.left.connect(self._to_lines)
        self.lines.typed.connect(self._typed)
        self.lines.opened.connect(lambda _row: self.mend())
        self.lines.removed.connect(lambda _row: self.remove())

    # --- reading -----------------------------------------------------------------------------------------------------

    def show_class(self, group: ClassRef) -> None:
        """Show a class, on the last study day."""
        if group.id != self._class_id:
            self._class_id = group.id
            self._done.clear()
            self.form.clear()
            self.day = study_day(self._journal, group.id, self._clock().date())

    def enter(self) -> None:
        """Read again and put the focus where an absence is entered."""
        self.refresh()
        if self.form.isVisible():
            self.form.pupil.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._to_lines()

    def refresh(self) -> None:
        """Read again; the cursor and what is half typed stay."""
        if not self._class_id:
            return
        self.attendance = found = class_attendance(self._journal, self._class_id, self.day, self.day)
        self.when.setText(day_title(self.day))
        self.reason.setText(found.read_only)
        self.reason.setVisible(bool(found.read_only))
        self.form.setVisible(not found.read_only)
        self.form.offer(found.pupils, self._journal.policy().absence_codes, self.day)
        self.lines.show_day(found)
        nobody = self.tr("В этот день отсутствующих нет: ни в реестре, ни на уроках.")
        self.empty.setText("" if self.lines.lines.rowCount() else nobody)
        self.empty.setVisible(bool(self.empty.text()))
        self.lines.setVisible(not self.empty.text())

    def _to_lines(self) -> None:
        (self.lines if self.lines.isVisible() else self.later).setFocus(Qt.FocusReason.OtherFocusReason)

    def go_by(self, step: int) -> None:
        """Show the next or previous study day."""
        self.go_to(study_day(self._journal, self._class_id, self.day, step))

    def go_to(self, day: date) -> None:
        """Show another day."""
        self.day = day
        self.message.say("")
        self.refresh()

    def go_to_today(self) -> None:
        """Show the last study day."""
        self.go_to(study_day(self._journal, self._class_id, self._clock().date()))

    # --- what a person does ------------------------------------------------------------------------------------------

    @property
    def _is_closed(self) -> bool:
        if self.attendance is not None and self.attendance.read_only:
            self.hint_changed.emit(self.attendance.read_only)
            return True
        return False

    def new_entry(self) -> None:
        """Begin a new entry of the register, of the pupil in the current line when the register has none."""
        if not self._is_closed:
            line = self.lines.line if self.lines.hasFocus() else None
            self.form.begin(line.pupil if line is not None and line.entry is None else None)

    def mend(self) -> None:
        """Show the current entry in the form; of somebody without one, begin it."""
        line = self.lines.line
        if line is None or self._is_closed:
            return
        if line.entry is None:
            self.form.begin(line.pupil)
        else:
            self.form.mend(line.entry, line.pupil)

    def remove(self) -> None:
        """Take the current entry out of the register."""
        line = self.lines.line
        if line is not None and line.entry is not None and not self._is_closed:
            entry_id = line.entry.entry.id
            self._do(lambda: register.remove_absence(self._journal, entry_id),
                     self.tr("Запись убрана: {name}. Ctrl+Z — вернуть.").format(name=line.pupil.name))  # fmt: skip

    def _write(self, entry_id: str, draft: AbsenceDraft) -> None:
        try:
            if entry_id:
                done = register.change_absence(self._journal, entry_id, draft)
            else:
                done = register.register_absence(self._journal, self._class_id, draft)
        except Refusal as refusal:
            self.form.refuse(with_clause(refusal, self._journal.policy()))
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self._done.append(done)
            self.form.done(self.tr("Записано. Учителя увидят это в своих уроках."))
            self.refresh()
            self.lines.go_to_pupil(draft.pupil_id)
            self.form.pupil.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self, row: int, sign: str) -> None:
        """A letter is the code of the current line: of its entry, or of the lessons without a reason."""
        code = as_russian(sign).upper()
        known = self._journal.policy().absence_code(code)
        if known is None or known.late or self._is_closed:
            return
        line = self.lines.lines.lines[row]
        told = f"{line.pupil.name}: {known.title}"
        if line.entry is not None:
            self._do(lambda: self._recode(line, code), told)
        else:
            away = tuple((each.record_id, each.lesson.lesson_id) for each in line.day.marked
                         if each.presence == "absent")  # fmt: skip
            self._do(lambda: register.explain_absences(self._journal, away, code), told)

    def _recode(self, line: DayLine, code: str) -> ChangeSet:
        assert line.entry is not None
        entry = line.entry.entry
        draft = AbsenceDraft(
            pupil_id=entry.pupil_id, reason=code, since=entry.since, until=entry.until,
            first_lesson=entry.first_lesson, last_lesson=entry.last_lesson, number=line.entry.number,
            told_by=line.entry.told_by,
        )  # fmt: skip
        return register.change_absence(self._journal, entry.id, draft)

    def _do(self, deed: Callable[[], ChangeSet], told: str) -> None:
        done = self._attempt(deed, told)
        if done is not None and done.changes:
            self._done.append(done)

    def _attempt(self, deed: Callable[[], ChangeSet], told: str) -> ChangeSet | None:
        """Do something and say so; say a refusal and return None."""
        try:
            done = deed()
        except Refusal as refusal:
            self.message.say(with_clause(refusal, self._journal.policy()), "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.message.say(told, "done")
            self.refresh()
            return done
        return None

    def undo(self) -> None:
        """Take back the last entry made here."""
        if not self._done:
            self.hint_changed.emit(self.tr("Отменять нечего."))
            return
        last = self._done[-1]
        if self._attempt(lambda: register.take_back(self._journal, last), self.tr("Отменено.")) is not None:
            self._done.pop()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return attendance_actions.part_actions(self)

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the lists read by themselves, for the page of keys."""
        return attendance_actions.ENTRY_KEYS
