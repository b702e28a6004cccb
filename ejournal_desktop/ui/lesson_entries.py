"""What is entered on Урок: written at once, refused at its place, asked for, and taken back step by step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_core.kinds import Presence
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import asking, attendance, lessons, marks
from ejournal_desktop.models.commands.asking import Wanted
from ejournal_desktop.models.commands.steps_back import take_back_step
from ejournal_desktop.models.pages import LessonSheet
from ejournal_desktop.ui.asking import Asking
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.grids.mark_grid import invitation
from ejournal_desktop.ui.widgets.lesson_panel import LessonPanel
from ejournal_desktop.ui.widgets.roll_table import RollTable
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal

Write = Callable[[], "ChangeSet"]
Say = Callable[[str], None]


class LessonEntries(QObject):
    """Writes the entries of one lesson at a time.

    Signals:
        written: something was entered: whoever shows the lesson reads it again.
        troubled: the trouble that an entry met.
        told: a sentence for the line below.
        noted: a sentence beside a pupil has changed.
    """

    written = Signal()
    troubled = Signal(object)
    told = Signal(str)
    noted = Signal()

    def __init__(self, journal: Journal, table: RollTable, panel: LessonPanel, screen: QWidget) -> None:
        super().__init__(screen)
        self._journal = journal
        self._table = table
        self._panel = panel
        self._screen = screen
        self._sheet: LessonSheet | None = None
        self._undo: list[Write] = []  # each takes one entry back
        self._redo: list[Write] = []  # each enters again what was taken back
        self._given_up: set[str] = set()  # ids of changes that could not be taken back
        self._wanted: dict[str, Wanted] = {}  # refused, and another person may allow it: by pupil or by field
        self.asking = Asking(journal, screen)
        self.asking.left.connect(table.setFocus)
        self.asking.asked.connect(self._after_asking)
        self.asking.troubled.connect(self.troubled)

    def begin(self) -> None:
        """Forget what was done at another lesson."""
        self._undo.clear()
        self._redo.clear()
        self._wanted.clear()

    def show_sheet(self, sheet: LessonSheet) -> None:
        """Learn how the lesson stands now."""
        self._sheet = sheet

    @property
    def lesson_id(self) -> str:
        """Return the lesson that is written to."""
        assert self._sheet is not None
        return self._sheet.lesson.lesson_id

    # --- entering ----------------------------------------------------------------------------------------------------

    def presence(self, pupil_id: str, presence: Presence, minutes: int, reason: str) -> None:
        """Enter who was there; a reason that the key names is the class teacher's."""
        self._table.roll.notes.pop(pupil_id, None)
        late = minutes if minutes >= 0 else None
        done = self.write(
            lambda: attendance.set_presence(self._journal, self.lesson_id, pupil_id, presence, late, holds=True),
            self._note(pupil_id),
            asking.wanted_presence(self.lesson_id, pupil_id, presence, late),
        )
        if done and reason:
            self.write(
                lambda: attendance.set_reason(self._journal, self.lesson_id, pupil_id, reason.upper()),
                self._note(pupil_id, "accent", tr("Отмечено отсутствие. Причину ставит классный руководитель.")),
            )

    def known_absent(self, pupil_ids: list[str]) -> None:
        """Mark as absent everybody named, in one step."""
        self.write(
            lambda: attendance.mark_known_absent(self._journal, self.lesson_id, pupil_ids, holds=True),
            self.note_here(),
        )

    def mark(self, pupil_id: str, column_id: str, value: str) -> None:
        """Enter a mark, or take it away."""
        self._table.roll.notes.pop(pupil_id, None)
        self.write(
            lambda: marks.put_mark(
                self._journal, self.lesson_id, column_id or None, pupil_id, value or None, holds=True
            ),
            self._note(pupil_id),
            asking.wanted_mark(self._journal, self.lesson_id, column_id or None, pupil_id, value or None),
        )

    def column(self, work_kind_id: str) -> bool:
        """Add a column; say whether it is there."""
        return self.write(
            lambda: marks.add_mark_column(self._journal, self.lesson_id, work_kind_id), self.note_here()
        )  # fmt: skip

    def held(self, held: bool) -> None:
        """Enter that the lesson took place, or take it back."""
        self._panel.clear_fault("held")
        done = self.write(
            lambda: lessons.hold_lesson(self._journal, self.lesson_id, held),
            self._fault("held"),
            asking.wanted_lesson(self.lesson_id, held=held),
        )
        if not done:
            self._panel.held.setChecked(not held)

    def field(self, name: str, text: str) -> None:
        """Enter topic, homework, or why the lesson was entered late."""
        self._panel.clear_fault(name)
        command = _FIELDS[name]
        wanted = asking.wanted_lesson(self.lesson_id, **{name: text})
        self.write(lambda: command(self._journal, self.lesson_id, text), self._fault(name), wanted)

    def said(self, write: Write) -> str | None:
        """Write what has a place of its own to say why not: return that, "" where it was accepted, None in trouble."""
        why: list[str] = []
        done = self.write(write, why.append)
        return "" if done else why[0] if why else None

    def write(self, write: Write, refused: Say, wanted: Wanted | None = None) -> bool:
        """Write; say why not, at its place, where a rule refuses."""
        if wanted is not None:
            self._wanted.pop(_key(wanted), None)
        if self._sheet is not None and self._sheet.read_only:
            refused(self._sheet.read_only)
            return False
        try:
            changes = write()
        except Refusal as refusal:
            self._refuse(refusal, refused, wanted)
            return False
        except EjournalError as error:
            self.troubled.emit(error)
            return False
        if changes.changes:
            self._undo.append(partial(self._take_back, changes))
            self._redo.clear()
        self.written.emit()
        return True

    # --- refused -----------------------------------------------------------------------------------------------------

    def _refuse(self, refusal: Refusal, refused: Say, wanted: Wanted | None) -> None:
        """Say why not; what another person may allow can be asked for on the spot."""
        if wanted is None or refusal.code not in asking.ASKABLE:
            refused(with_clause(refusal, self._journal.policy()))
            return
        refused(invitation(with_clause(refusal, self._journal.policy())))
        self._wanted[_key(wanted)] = wanted

    def note_here(self) -> Say:
        """Return what says a sentence beside the current pupil."""
        row, _column = self._table.place
        return self._note(self._table.roll.row(row).pupil_id) if row >= 0 else self._fault("held")

    def _note(self, pupil_id: str, hue: str = "danger", instead: str = "") -> Say:
        def note(sentence: str) -> None:
            self._table.roll.notes[pupil_id] = (instead or sentence, hue)
            self._table.viewport().update()
            self.noted.emit()

        return note

    def _fault(self, name: str) -> Say:
        return lambda sentence: self._panel.say_fault(name, sentence)

    def ask(self) -> None:
        """Ask another person for what was refused at the current pupil, or at a field beside the roll."""
        row, _column = self._table.place
        here = [self._table.roll.row(row).pupil_id] if row >= 0 and self._table.hasFocus() else []
        key = next((key for key in (*here, *self._panel.faults, *self._wanted) if key in self._wanted), "")
        if key:
            wanted = self._wanted[key]
            self.asking.open(wanted, self._place_of(key), lambda: self._forget_refusal(wanted))
        else:
            self.told.emit(tr("Просить не о чем: сначала внесите то, что нужно исправить."))

    def _place_of(self, key: str) -> QRect:
        fault = self._panel.faults.get(key)
        if fault is not None:
            return QRect(fault.mapTo(self._screen, QPoint(0, 0)), fault.size())
        cell = self._table.visualRect(self._table.currentIndex())
        return QRect(self._table.viewport().mapTo(self._screen, cell.topLeft()), cell.size())

    def _forget_refusal(self, wanted: Wanted) -> None:
        key = _key(wanted)
        self._wanted.pop(key, None)
        self._table.roll.notes.pop(key, None)
        if key in self._panel.faults:
            self._panel.clear_fault(key)
        self.written.emit()

    def _after_asking(self, sentence: str) -> None:
        self._table.setFocus()
        self.told.emit(sentence)

    # --- taken back --------------------------------------------------------------------------------------------------

    def remember(self, take_back: Write) -> None:
        """Learn how an entry that was made elsewhere on this lesson is taken back."""
        self._undo.append(take_back)
        self._redo.clear()

    def undo(self) -> None:
        """Take back the last entry made here; when all since it was opened are, those made before that (P61)."""
        if not self._undo:
            steps = queries.own_steps(self._journal, self.lesson_id, self._given_up)
            self._undo = [partial(self._take_back, step) for step in steps]
        if self._undo:
            last, left = self._undo.pop(), len(self._undo)
            redo = self._step(last, tr("Отменено. Ctrl+Y — вернуть."))
            self._redo = redo + self._undo[left:]  # an undo is not undone; it may have had nothing to change
            del self._undo[left:]
        else:
            self.told.emit(tr("Отменять больше нечего: ваших недавних записей на этом уроке нет."))

    def redo(self) -> None:
        """Enter again what was taken back last, as long as nothing else has been entered since."""
        if self._redo:
            self._redo = self._step(self._redo.pop(), tr("Возвращено. Ctrl+Z — отменить."))
        else:
            self.told.emit(tr("Возвращать нечего."))

    def _step(self, step: Write, sentence: str) -> list[Write]:
        """Do one step, say so and show where; return what may be entered again after it, which is no new entry."""
        before, redo = self._sheet, list(self._redo)
        self._forget_notes()
        done = self.write(step, self.note_here())
        self._go_to_difference(before)
        if done:
            self.told.emit(sentence)
        return redo

    def _forget_notes(self) -> None:
        """Take away why earlier entries were refused: of another state of the lesson they would tell."""
        for pupil_id in self._table.roll.notes:
            self._wanted.pop(pupil_id, None)
        self._table.roll.notes.clear()

    def _take_back(self, step: ChangeSet) -> ChangeSet:
        try:
            return take_back_step(self._journal, step)
        except Refusal:
            self._given_up.update(change.id for change in step.changes)  # the next Ctrl+Z goes on before it
            raise

    def _go_to_difference(self, before: LessonSheet | None) -> None:
        """Show which pupil an undo was about."""
        if before is None or self._sheet is None or len(before.roll) != len(self._sheet.roll):
            return
        rolls = ([(row.presence, row.marks) for row in sheet.roll] for sheet in (before, self._sheet))
        changed = [number for number, (old, new) in enumerate(zip(*rolls, strict=True)) if old != new]
        if changed:
            self._table.setCurrentIndex(self._table.roll.index(changed[0], self._table.place[1]))


#: What writes a field of the lesson that stands beside the roll.
_FIELDS = {"topic": lessons.set_topic, "homework": lessons.set_homework, "late_reason": lessons.set_late_reason}


def _key(wanted: Wanted) -> str:
    """Return the pupil, or the field of the lesson, that an entry is about."""
    return str(wanted.fields.get("pupil_id") or next(iter(wanted.fields)))
