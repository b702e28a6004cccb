"""Урок: roll, marks, topic, homework and «проведён» of one lesson in one place, by the keyboard, saved at every key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_core.kinds import Presence
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import asking, attendance, lessons, marks
from ejournal_desktop.models.commands.asking import Wanted
from ejournal_desktop.models.pages import LessonSheet, Today
from ejournal_desktop.models.queries.files import LessonFiles
from ejournal_desktop.models.queries.work_kinds import work_kinds
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.asking import Asking
from ejournal_desktop.ui.filing import Filing
from ejournal_desktop.ui.grids.mark_grid import invitation
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.lesson_actions import lesson_actions
from ejournal_desktop.ui.screens.today import TICK_MS, local_now
from ejournal_desktop.ui.widgets.files_panel import is_attachable
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.lesson_header import LessonHeader
from ejournal_desktop.ui.widgets.lesson_panel import LessonPanel
from ejournal_desktop.ui.widgets.roll_check import contradictions, known_absent
from ejournal_desktop.ui.widgets.roll_model import FIRST_MARK, PRESENCE
from ejournal_desktop.ui.widgets.roll_table import RollTable
from ejournal_desktop.ui.widgets.work_list import WorkList

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import ChangeSet, Journal

Write = Callable[[], "ChangeSet"]


class LessonScreen(QWidget):
    """`open(lesson_id)` shows a lesson; `left` comes on Esc."""

    left = Signal()
    troubled = Signal(object)
    hint_changed = Signal(str)
    sync_wanted = Signal()

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        read: Callable[[Journal, str], LessonSheet] | None = None,
        read_day: Callable[[Journal, date], Today] | None = None,
        read_files: Callable[[Journal, str], LessonFiles] | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._read = read or queries.lesson_sheet
        self._read_day = read_day or queries.today
        self._undo: list[Write] = []  # each takes one entry back
        self._given_up: set[str] = set()  # ids of changes that could not be taken back
        self._sheet: LessonSheet | None = None
        self._lesson_ids: tuple[str, ...] = ()
        self.setAccessibleName(self.tr("Урок"))
        self.header = LessonHeader()
        self.table = RollTable(self)
        self.works = WorkList(self.table.viewport())
        self.panel = LessonPanel(clock, self)
        self._nothing = QLabel(
            self.tr("Сегодня у вас нет уроков. Урок другого дня открывается из раздела «Журнал»."), self
        )
        self._pages = QStackedWidget(self)
        self._wanted: dict[str, Wanted] = {}  # refused, and another person may allow it: by pupil or by field
        self.asking = Asking(journal, self)
        self.filing = Filing(journal, jobs, self.panel.files, read_files)
        self.setAcceptDrops(True)
        self._lay_out()
        self._wire()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._watch = JournalWatch(journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)

    def _lay_out(self) -> None:
        self._nothing.setProperty("look", "secondary")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.setMargin(6 * theme.UNIT)
        both = QWidget(self)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.table, 1)
        row.addWidget(self.panel)
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(both)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def _wire(self) -> None:
        self.header.stepped.connect(self.step)
        self.asking.left.connect(self.table.setFocus)
        self.asking.asked.connect(self._after_asking)
        self.asking.troubled.connect(self.troubled)
        self.table.presence_entered.connect(self._enter_presence)
        self.table.mark_entered.connect(self._enter_mark)
        self.works.chosen.connect(self._add_column)
        self.works.left.connect(self.table.setFocus)
        self.table.went_on.connect(self.panel.topic.setFocus)
        self.table.selectionModel().currentChanged.connect(self._say_where)
        self.panel.check.mark_wanted.connect(self.mark_known)
        self.panel.check.show_wanted.connect(self.show_contradiction)
        self.panel.held_entered.connect(self._enter_held)
        self.panel.topic_entered.connect(lambda text: self._enter_field("topic", text))
        self.panel.homework_entered.connect(lambda text: self._enter_field("homework", text))
        self.filing.done.connect(self._after_filing)
        self.filing.troubled.connect(self.troubled)
        self.filing.sync_wanted.connect(self.sync_wanted)

    # --- showing -----------------------------------------------------------------------------------------------------

    @property
    def lesson_id(self) -> str:
        """Return the lesson shown, "" when none is."""
        return self._sheet.lesson.lesson_id if self._sheet is not None else ""

    def open(self, lesson_id: str) -> None:
        """Show a lesson; what was half typed at another one is saved first."""
        self.panel.save()
        self._undo.clear()
        self._wanted.clear()
        self.show_sheet(self._read(self._journal, lesson_id))
        assert self._sheet is not None
        day = self._read_day(self._journal, self._sheet.lesson.held_on)
        self.show_neighbours(tuple(lesson.lesson_id for lesson in day.lessons))

    def refresh(self) -> None:
        """Read the lesson again."""
        self._watch.has_read()
        if self._sheet is not None:
            self.show_sheet(self._read(self._journal, self.lesson_id))

    def show_sheet(self, sheet: LessonSheet) -> None:
        """Show a sheet; cursor, focus and half-typed text stay."""
        new = self.lesson_id != sheet.lesson.lesson_id
        self._sheet = sheet
        self._pages.setCurrentIndex(1)
        self.header.show_sheet(sheet)
        row, column = self.table.place
        self.table.roll.show_sheet(sheet)
        if new:
            self.table.setCurrentIndex(self.table.roll.index(0, PRESENCE))
        elif self.table.place == (-1, -1) and row >= 0:
            self.table.setCurrentIndex(self.table.roll.index(row, column))
        self.panel.show_sheet(sheet, new=new)
        self.filing.show_lesson(sheet.lesson.lesson_id, sheet.read_only)
        if new:
            self._say_state()
        self._say_where()

    def show_neighbours(self, lesson_ids: tuple[str, ...]) -> None:
        """Learn the day's lessons in order, for going to the one before and after."""
        self._lesson_ids = lesson_ids
        place = self._place()
        self.header.show_steps(before=place > 0, after=0 <= place < len(lesson_ids) - 1)

    def _place(self) -> int:
        return self._lesson_ids.index(self.lesson_id) if self.lesson_id in self._lesson_ids else -1

    def step(self, by: int) -> None:
        """Go to another lesson of the day."""
        place = self._place() + by
        if self._place() >= 0 and 0 <= place < len(self._lesson_ids):
            self.open(self._lesson_ids[place])
            self.enter()

    def enter(self) -> None:
        """Put the focus on the roll; without a lesson chosen, of the one that is going on or comes next."""
        if self._sheet is None:
            self._open_nearest()
        if self._sheet is None:
            self.setFocus()
        else:
            self.table.start()
            self.table.setFocus()

    def _open_nearest(self) -> None:
        now = self._clock()
        today = self._read_day(self._journal, now.date())
        lessons = today.lessons
        if today.note:
            self._nothing.setText("\n\n".join(part for part in (f"{today.note}.", today.guidance) if part))
        ahead = [lesson for lesson in lessons if lesson.ends_at >= f"{now:%H:%M}"]
        if lessons:
            self.open((ahead or list(lessons[-1:]))[0].lesson_id)

    def close_screen(self) -> None:
        """Save what is half typed and stop listening."""
        self.panel.save()
        self._timer.stop()
        self.filing.close()
        self._watch.close()

    def _tick(self) -> None:
        """Count the minutes left anew, and look whether the server has come back."""
        if self._sheet is not None:
            self.panel.show_due(self._sheet)
            self.filing.refresh()

    def _say_where(self) -> None:
        row, column = self.table.place
        if row < 0 or self._sheet is None:
            return
        pupil = self.table.roll.row(row)
        cell = self.table.roll.cell(row, column)
        told = [pupil.full_name]
        told += [cell.comment] if cell.comment else []
        note, _token = self.table.roll.note(row)
        told += [note] if note else []
        self.hint_changed.emit(" · ".join(told))

    def _say_state(self, saved_at: datetime | None = None) -> None:
        if saved_at is not None:
            self.panel.saved.say(
                self.tr("Сохранено на этом компьютере в {time}").format(time=f"{saved_at:%H:%M:%S}"), "done"
            )
        else:
            self.panel.saved.say(self.tr("Каждая запись сохраняется сразу"))

    # --- entering ----------------------------------------------------------------------------------------------------

    def _write(self, write: Write, refused: Callable[[str], None], wanted: Wanted | None = None) -> bool:
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
        self._say_state(self._clock())
        self.refresh()
        return True

    def _refuse(self, refusal: Refusal, refused: Callable[[str], None], wanted: Wanted | None) -> None:
        """Say why not; what another person may allow can be asked for on the spot."""
        if wanted is None or refusal.code not in asking.ASKABLE:
            refused(refusal.sentence)
            return
        refused(invitation(refusal.sentence))
        self._wanted[_key(wanted)] = wanted

    def ask(self) -> None:
        """Ask another person for what was refused at the current pupil, or at a field beside the roll."""
        row, _column = self.table.place
        here = [self.table.roll.row(row).pupil_id] if row >= 0 and self.table.hasFocus() else []
        key = next((key for key in (*here, *self.panel.faults, *self._wanted) if key in self._wanted), "")
        if key:
            wanted = self._wanted[key]
            self.asking.open(wanted, self._place_of(key), lambda: self._forget_refusal(wanted))
        else:
            self.hint_changed.emit(self.tr("Просить не о чем: сначала внесите то, что нужно исправить."))

    def _place_of(self, key: str) -> QRect:
        fault = self.panel.faults.get(key)
        if fault is not None:
            return QRect(fault.mapTo(self, QPoint(0, 0)), fault.size())
        cell = self.table.visualRect(self.table.currentIndex())
        return QRect(self.table.viewport().mapTo(self, cell.topLeft()), cell.size())

    def _forget_refusal(self, wanted: Wanted) -> None:
        key = _key(wanted)
        self._wanted.pop(key, None)
        self.table.roll.notes.pop(key, None)
        if key in self.panel.faults:
            self.panel.clear_fault(key)
        self.refresh()

    def _after_asking(self, sentence: str) -> None:
        self.table.setFocus()
        self.hint_changed.emit(sentence)

    def _note(self, pupil_id: str, hue: str = "danger", instead: str = "") -> Callable[[str], None]:
        def note(sentence: str) -> None:
            self.table.roll.notes[pupil_id] = (instead or sentence, hue)
            self.table.viewport().update()
            self._say_where()

        return note

    def _enter_presence(self, pupil_id: str, presence: Presence, minutes: int, reason: str) -> None:
        self.table.roll.notes.pop(pupil_id, None)
        late = minutes if minutes >= 0 else None
        done = self._write(
            lambda: attendance.set_presence(self._journal, self.lesson_id, pupil_id, presence, late),
            self._note(pupil_id),
            asking.wanted_presence(self.lesson_id, pupil_id, presence, late),
        )
        if done and reason:
            self._write(
                lambda: attendance.set_reason(self._journal, self.lesson_id, pupil_id, reason.upper()),
                self._note(pupil_id, "accent", self.tr("Отмечено отсутствие. Причину ставит классный руководитель.")),
            )

    def mark_known(self) -> None:
        """Mark as absent everybody of whom the class teacher knows that, in one step that can be taken back."""
        away = [row.pupil_id for row in known_absent(self._sheet)] if self._sheet is not None else []
        if not away:
            self.hint_changed.emit(self.tr("По реестру отмечать некого."))
            return
        self._write(lambda: attendance.mark_known_absent(self._journal, self.lesson_id, away), self._note_here())

    def show_contradiction(self) -> None:
        """Go to the next pupil whose entries cannot all be true."""
        wrong = {row.pupil_id for row in contradictions(self._sheet)} if self._sheet is not None else set()
        rows = [n for n in range(self.table.roll.rowCount()) if self.table.roll.row(n).pupil_id in wrong]
        if not rows:
            self.hint_changed.emit(self.tr("В списке всё сходится."))
            return
        later = [n for n in rows if n > self.table.place[0]]
        self.table.setCurrentIndex(self.table.roll.index((later or rows)[0], PRESENCE))
        self.table.setFocus()

    def _enter_mark(self, pupil_id: str, column_id: str, value: str) -> None:
        self.table.roll.notes.pop(pupil_id, None)
        self._write(
            lambda: marks.put_mark(self._journal, self.lesson_id, column_id or None, pupil_id, value or None),
            self._note(pupil_id),
            asking.wanted_mark(self.lesson_id, column_id or None, pupil_id, value or None),
        )

    def offer_works(self) -> None:
        """Show the kinds of work of which a column can be added."""
        if self._sheet is None:
            return
        if self._sheet.read_only:
            self._note_here()(self._sheet.read_only)
            return
        self.works.offer(work_kinds(self._journal), self.table.columnViewportPosition(FIRST_MARK))

    def _add_column(self, work_kind_id: str) -> None:
        before = {column.mark_column_id for column in self.table.roll.columns}
        row = max(self.table.place[0], 0)
        if self._write(lambda: marks.add_mark_column(self._journal, self.lesson_id, work_kind_id), self._note_here()):
            columns = [column.mark_column_id for column in self.table.roll.columns]
            new = next((number for number, column in enumerate(columns) if column not in before), 0)
            self.table.setCurrentIndex(self.table.roll.index(row, FIRST_MARK + new))
            self.table.setFocus()

    def _note_here(self) -> Callable[[str], None]:
        row, _column = self.table.place
        return self._note(self.table.roll.row(row).pupil_id) if row >= 0 else self._fault("held")

    def _enter_held(self, held: bool) -> None:
        self.panel.clear_fault("held")
        done = self._write(
            lambda: lessons.hold_lesson(self._journal, self.lesson_id, held),
            self._fault("held"),
            asking.wanted_lesson(self.lesson_id, held=held),
        )
        if not done:
            self.panel.held.setChecked(not held)

    def _enter_field(self, name: str, text: str) -> None:
        self.panel.clear_fault(name)
        command = lessons.set_topic if name == "topic" else lessons.set_homework
        wanted = asking.wanted_lesson(self.lesson_id, **{name: text})
        self._write(lambda: command(self._journal, self.lesson_id, text), self._fault(name), wanted)

    def take_offered_topic(self) -> None:
        """Write the topic that the plan offers, where nothing is written yet."""
        self.panel.topic.take_offer()
        self.panel.topic.save()

    def _fault(self, name: str) -> Callable[[str], None]:
        return lambda sentence: self.panel.say_fault(name, sentence)

    def undo(self) -> None:
        """Take back the last entry made here; when all since it was opened are, those made before that (P61)."""
        if not self._undo:
            self._remember()
        if self._undo:
            before, last = self._sheet, self._undo.pop()
            left = len(self._undo)
            self._write(last, self._note_here())
            del self._undo[left:]  # an undo is not undone, and may have had nothing to change
            self._go_to_difference(before)

    def _remember(self) -> None:
        steps = queries.own_steps(self._journal, self.lesson_id, self._given_up) if self._sheet is not None else []
        self._undo = [partial(self._take_back, step) for step in steps]

    def _take_back(self, step: ChangeSet) -> ChangeSet:
        try:
            return self._journal.undo(step)
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
            self.table.setCurrentIndex(self.table.roll.index(changed[0], self.table.place[1]))

    def toggle_held(self) -> None:
        """Say that the lesson took place, or take it back."""
        if self._sheet is not None:
            self.panel.save()
            self._enter_held(not self._sheet.lesson.held)

    # --- files -------------------------------------------------------------------------------------------------------

    def _after_filing(self, take_back: Write) -> None:
        self._undo.append(take_back)
        self._say_state(self._clock())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show where a file that is dragged over the lesson would go."""
        if self._sheet is not None and is_attachable(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.panel.files.show_target(on=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        super().dragLeaveEvent(event)
        self.panel.files.show_target(on=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped anywhere on the lesson."""
        self.panel.files.show_target(on=False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.filing.attach_given(event.mimeData())

    # --- actions -----------------------------------------------------------------------------------------------------

    def actions(self) -> list[Action]:  # type: ignore[override]
        """Return what can be done here."""
        return lesson_actions(self)


def _key(wanted: Wanted) -> str:
    """Return the pupil, or the field of the lesson, that an entry is about."""
    return str(wanted.fields.get("pupil_id") or next(iter(wanted.fields)))
