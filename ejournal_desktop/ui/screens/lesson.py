"""Урок: roll, marks, topic, homework and «проведён» of one lesson in one place, by the keyboard, saved at every key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ejournal_desktop.models import queries
from ejournal_desktop.models.pages import LessonSheet, Today
from ejournal_desktop.models.queries.files import LessonFiles
from ejournal_desktop.models.queries.work_kinds import work_kinds
from ejournal_desktop.models.queries.workload import work_warning
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.filing import Filing
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.lesson_entries import LessonEntries, Write
from ejournal_desktop.ui.remarking import Remarking
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
from ejournal_desktop.ui.widgets.work_note import WorkNote

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


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
        self._sheet: LessonSheet | None = None
        self._lesson_ids: tuple[str, ...] = ()
        self.setAccessibleName(self.tr("Урок"))
        self.header = LessonHeader()
        self.table = RollTable(self)
        self.works = WorkList(self.table.viewport())
        self.work_note = WorkNote(self.works)
        self.panel = LessonPanel(clock, self)
        self._no_lessons = self.tr("Сегодня у вас нет уроков. Урок другого дня открывается из раздела «Журнал».")
        self._nothing = QLabel(self._no_lessons, self)
        self._pages = QStackedWidget(self)
        self.entries = LessonEntries(journal, self.table, self.panel, self)
        self.asking = self.entries.asking
        self.remarks = Remarking(journal, self, clock, self.entries.said)
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
        self._nothing.setMargin(4 * theme.UNIT)
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
        self.entries.written.connect(self._after_writing)
        self.entries.troubled.connect(self.troubled)
        self.entries.told.connect(self.hint_changed)
        self.entries.noted.connect(self._say_where)
        self.remarks.left.connect(self.table.setFocus)
        self.remarks.troubled.connect(self.troubled)
        self.table.presence_entered.connect(self.entries.presence)
        self.table.mark_entered.connect(self.entries.mark)
        self.works.chosen.connect(self._add_column)
        self.works.left.connect(self.table.setFocus)
        self.table.went_on.connect(self.panel.topic.setFocus)
        self.table.selectionModel().currentChanged.connect(self._say_where)
        self.panel.check.mark_wanted.connect(self.mark_known)
        self.panel.check.show_wanted.connect(self.show_contradiction)
        self.panel.held_entered.connect(self.entries.held)
        self.panel.topic_entered.connect(lambda text: self.entries.field("topic", text))
        self.panel.homework_entered.connect(lambda text: self.entries.field("homework", text))
        self.panel.late_reason_entered.connect(lambda text: self.entries.field("late_reason", text))
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
        self.entries.begin()
        self.show_sheet(self._read(self._journal, lesson_id))
        assert self._sheet is not None
        day = self._read_day(self._journal, self._sheet.lesson.held_on)
        self.show_neighbours(tuple(lesson.lesson_id for lesson in day.lessons))

    def refresh(self) -> None:
        """Read the lesson again; while there is none, look whether one has come."""
        self._watch.has_read()
        if self._sheet is not None:
            self.show_sheet(self._read(self._journal, self.lesson_id))
        elif self.isVisible():
            focused = self.hasFocus()
            self._open_nearest()
            if focused:
                self._focus_work()

    def show_sheet(self, sheet: LessonSheet) -> None:
        """Show a sheet; cursor, focus and half-typed text stay."""
        new = self.lesson_id != sheet.lesson.lesson_id
        self._sheet = sheet
        self.entries.show_sheet(sheet)
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
        self._focus_work()

    def _focus_work(self) -> None:
        if self._sheet is None:
            self.setFocus()
        else:
            self.table.start()
            self.table.setFocus()

    def _open_nearest(self) -> None:
        now = self._clock()
        today = self._read_day(self._journal, now.date())
        lessons = today.lessons
        told = "\n\n".join(part for part in (f"{today.note}.", today.guidance) if part) if today.note else ""
        self._nothing.setText(told or self._no_lessons)
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
        told += [cell.told] if cell.told else []
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

    def _after_writing(self) -> None:
        self._say_state(self._clock())
        self.refresh()

    def show_remarks(self) -> None:
        """Show what was written about the current pupil, and write more at this lesson."""
        row, _column = self.table.place
        if self._sheet is not None and row >= 0:
            pupil = self.table.roll.row(row)
            where = f"{pupil.name} · {self._sheet.lesson.held_on:%d.%m}"
            self.remarks.open(self.lesson_id, pupil.pupil_id, where, self._sheet.read_only)

    def ask(self) -> None:
        """Ask another person for what was refused."""
        self.entries.ask()

    def mark_known(self) -> None:
        """Mark as absent everybody of whom the class teacher knows that, in one step that can be taken back."""
        away = [row.pupil_id for row in known_absent(self._sheet)] if self._sheet is not None else []
        if not away:
            self.hint_changed.emit(self.tr("Классный руководитель ни о ком не сообщал, или все уже отмечены."))
            return
        self.entries.known_absent(away)

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

    def write_late_reason(self) -> None:
        """Go to where it is said why the lesson was entered late, if the school asks for that."""
        if self.panel.late.isHidden():
            self.hint_changed.emit(self.tr("Урок внесён в срок, или школа не спрашивает о причине."))
        else:
            self.panel.late.field.setFocus()

    def offer_works(self) -> None:
        """Show the kinds of work of which a column can be added."""
        if self._sheet is None:
            return
        if self._sheet.read_only:
            self.entries.note_here()(self._sheet.read_only)
            return
        kinds = work_kinds(self._journal)
        self.works.offer(kinds, self.table.columnViewportPosition(FIRST_MARK))
        self.work_note.tell(kinds, work_warning(self._journal, self.lesson_id))

    def _add_column(self, work_kind_id: str) -> None:
        before = {column.mark_column_id for column in self.table.roll.columns}
        row = max(self.table.place[0], 0)
        if self.entries.column(work_kind_id):
            columns = [column.mark_column_id for column in self.table.roll.columns]
            new = next((number for number, column in enumerate(columns) if column not in before), 0)
            self.table.setCurrentIndex(self.table.roll.index(row, FIRST_MARK + new))
            self.table.setFocus()

    def take_offered_topic(self) -> None:
        """Write the topic that the plan offers, where nothing is written yet."""
        self.panel.topic.take_offer()
        self.panel.topic.save()

    def undo(self) -> None:
        """Take back the last entry made here."""
        if self._sheet is not None:
            self.entries.undo()

    def say_held(self) -> None:
        """Say that the lesson took place; the first entry in the roll has often said so."""
        if self._sheet is None:
            return
        self.panel.save()
        if self._sheet.lesson.held:
            self.hint_changed.emit(self.tr("Урок уже отмечен проведённым. Снять отметку можно галочкой справа."))
        else:
            self.entries.held(True)

    # --- files -------------------------------------------------------------------------------------------------------

    def _after_filing(self, take_back: Write) -> None:
        self.entries.remember(take_back)
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

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return lesson_actions(self)
