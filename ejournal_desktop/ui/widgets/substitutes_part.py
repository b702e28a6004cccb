"""Замены of Администрирование: who is away, that person's lessons of the day, who gives each, or whether it is given.

Typing finds a teacher, Enter goes to their lessons; typing finds who stands in, Enter writes it and goes to the next
lesson. Free people come first; somebody who is busy in that hour is named as such and taken by a second Enter only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_core.russian import text_key
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.day_changes import put_back
from ejournal_desktop.models.commands.substitutions import assign_substitute, take_substitute_away
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.queries.own_writes import substitution_steps
from ejournal_desktop.models.queries.substituting import study_days
from ejournal_desktop.models.queries.substitution_day import (
    DayLesson,
    DayTeacher,
    StandIn,
    SubstitutionDay,
    substitution_day,
)
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.substitution_paper import substitution_pdf
from ejournal_desktop.ui.widgets import substitutes_actions
from ejournal_desktop.ui.widgets.day_change_form import DayChangeForm
from ejournal_desktop.ui.widgets.day_head import DayHead
from ejournal_desktop.ui.widgets.layouts import MARGIN
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.substitutes_rows import ARRANGED, LESSON, DayLessonFace, StandInFace, TeacherFace
from ejournal_desktop.ui.words import count, day_title, tr

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_LESSONS = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SubstitutesPart(QFrame):
    """See the module's docstring."""

    troubled = Signal(object)
    hint_changed = Signal(str)
    lesson_wanted = Signal(str)

    entry_keys = substitutes_actions.ENTRY_KEYS

    def __init__(self, journal: Journal, jobs: Jobs, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Замены")
        self.setProperty("look", "paper")
        self.setAccessibleName(self.title)
        self._journal, self._jobs, self._clock = journal, jobs, clock
        self.day = SubstitutionDay(day=clock().date())
        self._asked = ("", "")  # lesson and busy person that a second Enter takes all the same
        self.head = DayHead(self)
        self.absent, self.search = QLineEdit(self), QLineEdit(self)
        self.lesson_face = DayLessonFace()
        self.teachers = RowList(TeacherFace(), self.tr("Учителя дня"), self, fit=False)
        self.lessons = RowList(self.lesson_face, self.tr("Уроки"), self, fit=False)
        self.people = RowList(StandInFace(), self.tr("Кто может заменить"), self, fit=False)
        self.empty, self.note, self.whose = QLabel(self), QLabel(self), QLabel(self)
        self.message = Line(self)
        self.deeds = Deeds(journal, say=self.message.say, troubled=self.troubled.emit, written=self.refresh)
        self.deeds.go_over(partial(substitution_steps, journal))
        self.change = DayChangeForm(journal, self.deeds, self.message.say, self)
        self._dress()
        self._lay_out()
        self._connect()

    def _dress(self) -> None:
        self.absent.setPlaceholderText(self.tr("Кого нет: фамилия"))
        self.absent.setAccessibleName(self.tr("Кого нет"))
        self.search.setPlaceholderText(self.tr("Кто даёт урок: фамилия; Enter — записать"))
        self.search.setAccessibleName(self.tr("Кто даёт урок"))
        self.teachers.leader = self.absent
        self.people.leader = self.lessons.leader = self.search
        self.lessons.keeps_mark = True  # whoever is taken at the right is taken for it
        self.whose.setProperty("look", "secondary")
        for label in (self.empty, self.note):
            label.setProperty("look", "secondary")
            label.setWordWrap(True)
        self.empty.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, MARGIN, 0)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.note.setText(self.tr("Что внесено на уроках, с этого места не видно: отметки видят завуч и директор."))

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(2 * theme.UNIT)
        middle.addWidget(_column(self, self.absent, self.teachers), 26)
        middle.addWidget(_column(self, self.whose, self.lessons, self.empty), 62)
        middle.addWidget(_column(self, self.search, self.people), 44)
        foot = QVBoxLayout()
        foot.setContentsMargins(MARGIN, theme.UNIT, MARGIN, theme.UNIT)
        foot.addWidget(self.note)
        foot.addWidget(self.change)
        foot.addWidget(self.message)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(middle, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.head.stepped.connect(self.go_by)
        self.head.chosen.connect(self.go_to)
        self.head.left.connect(self._to_absent)
        self.absent.textChanged.connect(lambda _typed: self._show_teachers())
        self.search.textChanged.connect(lambda _typed: self._show_people())
        for line in (self.absent, self.search):
            line.installEventFilter(self)
        self.teachers.walked.connect(lambda _row: self._show_lessons())
        self.teachers.opened.connect(lambda _row: self.begin())
        self.teachers.typed.connect(partial(_type_into, self.absent))
        self.lessons.entered.connect(lambda: _walk(self.lessons, 0))  # the focus is seen at a row
        self.lessons.walked.connect(lambda _row: self._show_people())
        self.lessons.opened.connect(lambda _row: self._to_search())
        self.lessons.typed.connect(partial(_type_into, self.search))
        self.lessons.put_away.connect(lambda _row: self.take_away())
        self.change.left.connect(self._to_search)
        self.people.opened.connect(lambda _row: self.assign())
        self.people.typed.connect(partial(_type_into, self.search))

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        self._to_absent()

    def refresh(self) -> None:
        """Read again; the teacher, the lesson and what is half typed stay."""
        self.day = substitution_day(self._journal, self.day.day)
        self.head.show_day(self.day.day)
        self.note.setVisible(self.day.blind)
        self._show_teachers()

    def _show_teachers(self) -> None:
        everything = DayTeacher(id=ARRANGED.id, name="", lessons=0, replaced=len(self.day.replaced))
        typed = self.absent.text()
        found = first_found(typed, lambda text: [each for each in self.day.teachers if _fits(each.name, text)])
        self.teachers.show_rows([*found] if typed.strip() else [everything, *found])
        self._show_lessons()

    def _show_lessons(self) -> None:
        teacher, before = self.teacher, self.lesson
        self.lesson_face.whole_day = teacher is None
        self.lessons.show_rows(self.day.of(teacher.id) if teacher is not None else self.day.replaced)
        if teacher is None and self.lesson is not None and (before is None or self.lesson.id != before.id):
            self.lessons.setCurrentRow(-1)  # among everything arranged nobody has chosen a lesson to change
        self.whose.setText(tr("Уроки: {who}").format(who=teacher.name) if teacher else tr("Замены всех учителей"))
        self.empty.setText(self._why_empty())
        self.empty.setVisible(not self.lessons.count())
        self.lessons.setVisible(bool(self.lessons.count()))  # else it would keep the upper half to itself
        self._show_people()

    def _why_empty(self) -> str:
        if self.day.why_off:
            return self.tr("{why}: уроков нет. Другой день — Alt+← и Alt+→, F2.").format(why=self.day.why_off)
        if not self.day.teachers:
            return self.tr("В расписании на этот день уроков нет. Другой день — Alt+← и Alt+→, F2.")
        if not self.teachers.count():
            return self.tr("Такого учителя с уроками в этот день нет.")
        return self.tr("Замен на этот день нет. Наберите слева фамилию того, кого не будет, и нажмите Enter.")

    def _show_people(self) -> None:
        lesson, typed = self.lesson, self.search.text()
        offered: Sequence[StandIn] = self.day.stand_ins(lesson) if lesson is not None and lesson.can_be_given else ()
        self.people.show_rows(
            first_found(typed, lambda text: [each for each in offered if _fits(each.full_name, text)])
        )
        if typed or not self.search.hasFocus():
            self.people.setCurrentRow(0 if self.people.count() else -1)

    @property
    def teacher(self) -> DayTeacher | None:
        """Return the teacher whose lessons are shown, None for everything that was arranged."""
        row: DayTeacher | None = self.teachers.current
        return row if row is not None and row.id else None

    @property
    def lesson(self) -> DayLesson | None:
        """Return the lesson that the cursor is at."""
        row: DayLesson | None = self.lessons.current
        return row

    # --- going -------------------------------------------------------------------------------------------------------

    def _to_absent(self) -> None:
        self.absent.setFocus(Qt.FocusReason.OtherFocusReason)
        self.absent.selectAll()
        self.hint_changed.emit(self.tr("Фамилия и Enter — уроки того, кого нет   Alt+← Alt+→ другой день   F2 день   "
                                       "Ctrl+P напечатать"))  # fmt: skip

    def _to_search(self) -> None:
        self.search.clear()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_people()
        self.people.setCurrentRow(0 if self.people.count() else -1)
        self.hint_changed.emit(self.tr("Enter записать замену и дальше   PgDn PgUp другой урок   F7 отменить урок   "
                                       "F8 перенести   Esc к урокам   Ctrl+Z отменить"))  # fmt: skip

    def look_for(self) -> None:
        """Choose who is away."""
        self.absent.clear()
        self._to_absent()

    def begin(self) -> None:
        """Go to the first lesson of the teacher that has no substitute yet."""
        if self.teacher is None:
            self.lessons.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        at = next((n for n, row in enumerate(self.lessons.rows) if _is_open(row)), 0)
        self.lessons.setCurrentRow(at)
        self._to_search()

    def go_by(self, step: int) -> None:
        """Show the next or previous study day."""
        day = next(study_days(self._journal, self.day.day, step), None)
        if day is not None:
            self.go_to(day)
        else:
            self.message.say(self.tr("Дальше учебных дней нет."))

    def go_to(self, day: object) -> None:
        """Show another day, from its beginning."""
        self.day = SubstitutionDay(day=day)  # type: ignore[arg-type]  # a signal carries the day as an object
        self._asked = ("", "")
        self.absent.clear()
        self.message.say("")
        self.change.hide()
        self.refresh()
        self.teachers.setCurrentRow(0)
        self._to_absent()

    def go_to_today(self) -> None:
        """Show today."""
        self.go_to(self._clock().date())

    def open_lesson(self) -> None:
        """Open the current lesson in the journal."""
        if self.lesson is not None and self.lesson.sees:
            self.lesson_wanted.emit(self.lesson.id)

    # --- what a person does ------------------------------------------------------------------------------------------

    def assign(self) -> None:
        """Let the person that the cursor is at give the lesson; a busy one only by a second Enter."""
        lesson, chosen = self._chosen(), self.people.current
        if lesson is None or self._is_left(lesson) or self._is_off(lesson) or chosen is None:
            return
        if chosen.gives and self._asked != (lesson.id, chosen.id):
            self._asked = (lesson.id, chosen.id)
            told = self.tr(
                "{who} в этот час даёт урок: {what}. Ничего не записано; Enter ещё раз — записать всё равно."
            )
            self.message.say(told.format(who=chosen.name, what=chosen.gives), "danger")
            return
        self._asked = ("", "")
        told = self.tr("{who} — {n} урок, {page}. Ctrl+Z — отменить.")
        if chosen.id == self._journal.identity.person_id:
            told = self.tr("Вы — {n} урок, {page}; свою замену подтвердит другой человек. Ctrl+Z — отменить.")
        said = told.format(n=lesson.lesson_number, page=lesson.page.title, who=chosen.name)
        if self.deeds.do(partial(assign_substitute, self._journal, lesson.id, chosen.id), said):
            self._go_on(lesson.id)

    def _chosen(self) -> DayLesson | None:
        """Return the current lesson; say so where there are some and none of them is chosen."""
        if self.lesson is None and self.lessons.count():
            self.message.say(self.tr("Урок не выбран: ничего не записано. Выберите его — PgDn или мышью."), "danger")
        return self.lesson

    def _go_on(self, lesson_id: str) -> None:
        """Go to the next lesson without a substitute; after the last one, to whoever else is away."""
        rows: list[DayLesson] = self.lessons.rows
        here = next((n for n, row in enumerate(rows) if row.id == lesson_id), -1)
        following = [*range(here + 1, len(rows)), *range(here)]
        at = next((n for n in following if _is_open(rows[n])), None)
        if self.teacher is not None and at is not None:
            self.lessons.setCurrentRow(at)
            self._to_search()
            return
        told = count(len([row for row in rows if row.substitute_id]), LESSON)
        if self.teacher is not None:
            self.message.say(tr("{said} Всё расставлено: {n}.").format(said=self.message.text, n=told), "done")
        self.search.clear()
        self._to_absent()

    def _is_left(self, lesson: DayLesson) -> bool:
        """Say why nothing of a lesson is changed here: it was entered, and what stands there, or it left the day."""
        told = self.tr("{n} урок, {page}: уже внесён ({what}), всё осталось как есть.")
        if lesson.moved_to:
            told = self.tr("{n} урок, {page}: перенесён на {place}. Менять его — на том дне.")
        elif not lesson.entered:
            return False
        what = ", ".join(lesson.stands)
        said = told.format(n=lesson.lesson_number, page=lesson.page.title, what=what, place=lesson.moved_to)
        self.message.say(said, "danger")
        return True

    def _is_off(self, lesson: DayLesson) -> bool:
        if lesson.cancelled:
            told = self.tr("{n} урок, {page}: отменён. Вернуть его — F7 или Delete.")
            self.message.say(told.format(n=lesson.lesson_number, page=lesson.page.title), "danger")
        return bool(lesson.cancelled)

    def call_off(self) -> None:
        """Call the current lesson off, or put it back where it was called off."""
        lesson = self._chosen()
        if lesson is None or self._is_left(lesson):
            return
        if lesson.cancelled:
            self._put_back(lesson)
        else:
            self.change.ask_reason(lesson)
            self.hint_changed.emit(self.tr("Причина и Enter — отменить урок   Esc ничего не делать"))

    def _put_back(self, lesson: DayLesson) -> None:
        told = self.tr("{n} урок, {page}: снова в расписании. Ctrl+Z — отменить.")
        said = told.format(n=lesson.lesson_number, page=lesson.page.title)
        self.deeds.do(partial(put_back, self._journal, lesson.id), said)

    def move_lesson(self) -> None:
        """Move the current lesson to another hour or day."""
        lesson = self._chosen()
        if lesson is not None and not self._is_left(lesson) and not self._is_off(lesson):
            self.change.ask_place(lesson, self.day.day)
            self.hint_changed.emit(self.tr("День, Enter, номер урока, Enter — перенести   Esc ничего не делать"))

    def take_away(self) -> None:
        """Take the substitute of the current lesson away: its own teacher gives it; put back one called off."""
        lesson = self.lesson
        if lesson is not None and lesson.cancelled:
            self._put_back(lesson)
            return
        if lesson is not None and self._is_left(lesson):
            return
        if lesson is None or not lesson.substitute_id:
            self.message.say(self.tr("У этого урока замены нет."))
            return
        said = self.tr("{n} урок, {page}: замена убрана. Ctrl+Z — вернуть.")
        told = said.format(n=lesson.lesson_number, page=lesson.page.title)
        self.deeds.do(partial(take_substitute_away, self._journal, lesson.id), told)

    def print_list(self) -> None:
        """Print the day's substitutions for the door of the staffroom."""
        from ejournal_desktop.ui.printing import ask_and_print  # the libraries of paper load with the first paper

        if not self.day.replaced:
            self.message.say(self.tr("Замен на этот день нет: печатать нечего."))
            return
        try:
            if ask_and_print(substitution_pdf(self._journal, self.day), self._jobs, self):
                tell_event(self._journal, "printed", detail="substitutions", number=len(self.day.replaced))
                self.message.say(self.tr("Замены на {day} напечатаны.").format(day=day_title(self.day.day)), "done")
        except EjournalError as error:
            self.troubled.emit(error)

    # --- keys --------------------------------------------------------------------------------------------------------

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return substitutes_actions.part_actions(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows and Enter in a line walk and take, so that the hands stay where they are."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            for each in (self.teachers, self.lessons, self.people):
                each.viewport().update()  # whose current row is shown moves with the focus of the line
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or event.modifiers() & _HELD:
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        rows = self.teachers if watched is self.absent else self.people
        if key in _STEPS:
            _walk(rows, _STEPS[key])
        elif key in _LESSONS and watched is self.search:
            _walk(self.lessons, _LESSONS[key])
        elif key in _ENTER:
            (self.begin if watched is self.absent else self.assign)()
        else:
            return super().eventFilter(watched, event)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes one step back: from who stands in to the lessons, from those to who is away."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.search.hasFocus() or self.people.hasFocus():
            self.search.clear()
            self.lessons.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.absent.hasFocus() and not self.absent.text():
            super().keyPressEvent(event)
        else:
            self.absent.clear()
            self._to_absent()


_HELD = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


def _column(parent: QWidget, line: QWidget, *parts: QWidget) -> QWidget:
    """Return a column of the part: a line to type into or to read, below it a list."""
    holder = QFrame(parent)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    top = QHBoxLayout()
    top.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, 2 * theme.UNIT)
    line.setFixedHeight(theme.LIST_ROW - theme.UNIT)
    top.addWidget(line)
    column.addLayout(top)
    for part in parts:
        column.addWidget(part, 1)
    return holder


def _is_open(row: DayLesson) -> bool:
    return not row.substitute_id and row.can_be_given


def _fits(name: str, typed: str) -> bool:
    words = text_key(name).split()
    return all(any(word.startswith(each) for word in words) for each in text_key(typed).split())


def _walk(rows: RowList, step: int) -> None:
    if rows.count():
        rows.setCurrentRow(max(0, min(rows.currentRow() + step, rows.count() - 1)))


def _type_into(line: QLineEdit, sign: str) -> None:
    """Go on typing in the line that finds."""
    line.setFocus(Qt.FocusReason.OtherFocusReason)
    line.setText(sign)
