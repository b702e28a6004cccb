"""КТП: the lesson plan of one page, edited like a spreadsheet, with hours, approval, pace and shift."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core import ids
from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import lesson_plans as queries
from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.plan_approval import PlanApproval
from ejournal_desktop.ui.plan_filling import PlanFilling
from ejournal_desktop.ui.plan_writing import MANY, PlanWriting
from ejournal_desktop.ui.screens import lesson_plan_actions
from ejournal_desktop.ui.widgets.files_panel import paths_in
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.plan_entry import TOPIC, entry
from ejournal_desktop.ui.widgets.plan_header import PlanHeader
from ejournal_desktop.ui.widgets.plan_offer import PlanOffer
from ejournal_desktop.ui.widgets.plan_return import PlanReturn
from ejournal_desktop.ui.widgets.plan_standing import ROWS, PlanStanding
from ejournal_desktop.ui.widgets.plan_strip import PlanStrip
from ejournal_desktop.ui.widgets.plan_table import PlanTable
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import about_language, count


class LessonPlanScreen(QWidget):
    """One plan; which page it is of stands in `header`. Rows that would be entered take the place of the table."""

    troubled = Signal(object)
    hint_changed = Signal(str)
    lesson_wanted = Signal(str)  # lesson id
    left = Signal()  # Esc with nothing to step back from

    def __init__(self, journal: Journal, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._journal = journal
        self._page_id = ""
        self._new_at: int | None = None  # where the empty line was opened, None: at the end
        self._is_stale = False
        self.plan: LessonPlanPage | None = None
        self.setAccessibleName(self.tr("КТП"))
        self.header = PlanHeader()
        self.standing = PlanStanding(self)
        self.table = PlanTable(self.write, self)
        self.strip = PlanStrip(self)
        self.returning = PlanReturn(self)
        self.message = Line(self)
        self.empty = QLabel(self)
        self.offer = PlanOffer(self)
        self.parts = QStackedWidget(self)
        self.writing = PlanWriting(journal, jobs, self)
        self.approval = PlanApproval(journal, jobs, self.writing, self._in_sight, self)
        self.filling = PlanFilling(journal, jobs, self.offer, self)
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.message.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        rows = QFrame(self)
        rows.setProperty("look", "paper")
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.standing, self.strip):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.returning)
        column.addWidget(self.message)
        self.parts.addWidget(rows)
        self.parts.addWidget(self.offer)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.parts)

    def _connect(self) -> None:
        self.header.pages.chosen.connect(self.open_page)
        self.header.pages.left.connect(self.enter)
        self.standing.given.connect(self.give)
        self.standing.return_wanted.connect(self.approval.ask_return)
        self.returning.given_back.connect(self.approval.return_plan)
        self.returning.left.connect(self.enter)
        self.standing.file_wanted.connect(self.choose_file)
        self.standing.copy_wanted.connect(self.copy_plan)
        self.standing.hours_entered.connect(self.approval.set_hours)
        self.standing.left.connect(self.enter)
        self.strip.pressed.connect(self.shift_dates)
        self.table.refused.connect(lambda sentence: self.message.say(sentence, "danger"))
        self.table.rested.connect(self._catch_up)
        self.table.left.connect(self.step_back)
        self.table.lesson_wanted.connect(self.lesson_wanted)
        self.table.selectionModel().currentChanged.connect(self._on_current, Qt.ConnectionType.QueuedConnection)
        self.offer.taken.connect(self.enter_rows)
        self.offer.left.connect(self.enter_plan)
        for worker in (self.writing, self.filling, self.approval):
            worker.said.connect(self.message.say)
        self.writing.troubled.connect(self.troubled)
        self.approval.troubled.connect(self.troubled)
        self.approval.waiting.connect(self.header.show_waiting)
        self.approval.return_asked.connect(self.returning.ask)
        self.approval.returned.connect(self.returning.close_line)
        self.approval.hours_asked.connect(self.standing.enter_hours)
        self.approval.settled.connect(self.enter)
        self.writing.changed.connect(self.refresh)
        self.filling.opened.connect(self._show_offer)
        self._watch = JournalWatch(self._journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        self.approval.look_what_waits()
        rows = self.table if self.table.isVisibleTo(self) else self.header.pages
        part = self.offer.table if self.is_offering else rows
        part.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_offer(self) -> None:
        self.parts.setCurrentWidget(self.offer)
        if self.isVisible():  # rows that come while another screen is in front take no keys away from it
            self.offer.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter_plan(self) -> None:
        """Show the rows of the plan again; what was only offered is gone."""
        self.filling.close()
        self.parts.setCurrentIndex(0)
        self.enter()

    @property
    def is_offering(self) -> bool:
        """Say whether rows are looked at that are not entered yet."""
        return self.parts.currentWidget() is self.offer

    def _in_sight(self) -> LessonPlanPage | None:
        return None if self.is_offering else self.plan

    def come_from(self, lesson_id: str) -> None:
        """Show the plan of the lesson that the person comes from."""
        page_id = ids.lesson_parts(lesson_id)[0]
        if page_id in {page.id for page in queries.plan_pages(self._journal)}:
            self._turn_to(page_id)

    def open_page(self, page_id: str) -> None:
        """Show the plan of a page."""
        self._turn_to(page_id)
        self.enter()

    def _turn_to(self, page_id: str) -> None:
        self.table.editor.finish()
        if page_id != self._page_id:
            self._page_id, self._new_at = page_id, None
            self.writing.open_plan(page_id)
            self.filling.close()
            self.table.forget()
            self.returning.close_line()
            self.message.say("")
            self.parts.setCurrentIndex(0)

    def refresh(self) -> None:
        """Read the plan again; the cursor stays, and a cell that is being written is left alone."""
        self._watch.has_read()
        self._is_stale = self.table.editor.is_open
        if self._is_stale:
            return
        try:
            self._read()
        except EjournalError as error:
            self.troubled.emit(error)

    def _catch_up(self) -> None:
        if self._is_stale:
            self.refresh()

    def _read(self) -> None:
        pages = queries.plan_pages(self._journal)
        known = [page.id for page in pages]
        if self._page_id not in known:
            self._turn_to(known[0] if known else "")
        self.header.pages.show_pages(pages, self._page_id)
        if self._page_id:
            self.show_plan(queries.lesson_plan(self._journal, self._page_id))
        else:
            self._show_empty(self.tr("КТП здесь пока нет. Оно появится, когда для вас внесут классы и нагрузку."))

    def show_plan(self, plan: LessonPlanPage) -> None:
        """Show a plan; the cursor stays on its row."""
        new = self.plan is None or self.plan.page.id != plan.page.id
        self.plan = plan
        lines = self.table.lines
        lines.shifting = lines.shifting and bool(plan.shift) and not new
        self.table.show_plan(plan, self._new_at, new=new)
        self.standing.show_plan(plan)
        self.strip.show_plan(plan, shifting=lines.shifting)
        nothing = self.tr("Строк в этом КТП пока нет: его составляет учитель.")
        self._show_empty(nothing if plan.read_only and not plan.rows else "")
        self._show_hint()

    def _show_empty(self, sentence: str) -> None:
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))
        self.table.setVisible(not sentence)
        self.standing.setVisible(bool(self._page_id))
        if not self._page_id:
            self.strip.hide()

    def _show_hint(self) -> None:
        row = self.table.lines.row(self.table.place[0])
        if row is not None:
            self.hint_changed.emit(" · ".join(part for part in (row.row.section, row.row.topic) if part))

    def _on_current(self) -> None:
        """Bring the empty line back to the end when the person has left it and it says nothing."""
        lines = self.table.lines
        if self._new_at is not None and self.table.place[0] != lines.new_at and not lines.draft and self.plan:
            self._new_at = None
            self.show_plan(self.plan)
        self._show_hint()

    # --- rows --------------------------------------------------------------------------------------------------------

    def write(self, line: int, column: int, text: str) -> bool:
        """Write a typed text; return whether it was taken. What the empty line says becomes a row with its topic."""
        if self.plan is None:
            return False
        try:
            fields = entry(column, text, self.plan.year_starts_on)
        except Refusal as refusal:
            self.writing.refuse(refusal)
            return False
        row = self.table.lines.row(line)
        if row is not None:
            told = about_language(str(fields.get("topic") or ""))
            return self.writing.run(partial(plans.change_row, self._journal, row.row.id, **fields), told)
        return self._write_new(column, text.strip())

    def _write_new(self, column: int, text: str) -> bool:
        """Keep what the empty line says; with its topic it becomes a row, in the section of the row before it."""
        assert self.plan is not None
        lines = self.table.lines
        before, kept = lines.before_new(), lines.draft
        said = {**kept, column: text}
        if TOPIC not in said:
            lines.draft = said
            return True
        section = before.row.section if before is not None else ""
        fields: dict[str, Any] = {"section": section}
        for at, words in said.items():
            fields |= entry(at, words, self.plan.year_starts_on)
        new_at, after = self._new_at, before.row.id if before is not None else None
        lines.draft, self._new_at = {}, None if new_at is None else new_at + 1
        told = about_language(fields["topic"])
        if self.writing.run(partial(plans.insert_row, self._journal, self._page_id, RowDraft(**fields), after), told):
            return True
        lines.draft, self._new_at = kept, new_at
        return False

    def _may_write(self) -> bool:
        """Say whether rows may be changed; close the cell first, so that what stands in it is written before."""
        self.table.editor.finish()
        self._on_current()
        if self.is_offering or self.plan is None:
            return False
        if self.plan.read_only:
            self.message.say(self.plan.read_only, "danger")
        return not self.plan.read_only

    def edit_cell(self) -> None:
        """Open the current cell."""
        if not self.is_offering:
            self.table.edit_cell()

    def insert_row(self) -> None:
        """Open an empty line in front of the current row and write its topic."""
        if self._may_write() and self.plan is not None:
            row = self.table.lines.row(self.table.place[0])
            self._new_at = row.number - 1 if row is not None else None
            self.table.lines.show_plan(self.plan, self._new_at)
            self.table.go_to(self.table.lines.new_at, TOPIC)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            self.table.edit_cell()

    def delete_rows(self) -> None:
        """Take the chosen rows away."""
        chosen = self.table.chosen_rows() if self._may_write() else []
        if chosen:
            done = self.tr("Убрано: {n}. Ctrl+Z вернёт.").format(n=count(len(chosen), ROWS))
            self.writing.run(partial(plans.delete_rows, self._journal, chosen), done, many=len(chosen) > MANY)

    def move_row(self, step: int) -> None:
        """Move the current row or the chosen rows up or down, as one step; they stay chosen."""
        chosen = self.table.chosen_rows() if self._may_write() else []
        command = partial(plans.move_block, self._journal, self._page_id, chosen, up=step < 0)
        if len(chosen) == 1:
            command = partial(plans.move_row, self._journal, self._page_id, chosen[0], step)
        if chosen and self.writing.run(command):
            self.table.choose_rows(chosen)

    def undo(self) -> None:
        """Take the last step back."""
        if self._may_write():
            self.writing.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._may_write():
            self.writing.redo()

    # --- many rows at once -------------------------------------------------------------------------------------------

    def choose_file(self) -> None:
        """Ask for a file with a plan."""
        if self._may_write() and self.plan is not None:
            self.filling.choose_file(self.plan)

    def paste_rows(self) -> None:
        """Offer the rows that were copied elsewhere."""
        if self._may_write() and self.plan is not None:
            self.filling.paste(self.plan)

    def copy_plan(self) -> None:
        """Offer the rows of another plan of the subject."""
        if self._may_write() and self.plan is not None:
            self.filling.copy(self.plan)

    def enter_rows(self, drafts: tuple[RowDraft, ...], replace: bool) -> None:
        """Write rows that were looked at."""
        if self.writing.is_busy:
            self.offer.sums.say(self.tr("Ещё записываю предыдущее: подождите немного и нажмите Enter снова."))
            return
        self.enter_plan()
        done = self.tr("Записано: {n}. Ctrl+Z вернёт как было.").format(n=count(len(drafts), ROWS))
        self.writing.run(
            partial(plans.append_rows, self._journal, self._page_id, drafts, replace=replace), done, many=True
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file that is dragged over the plan."""
        if len(paths_in(event.mimeData())) == 1 and self.plan is not None and not self.plan.read_only:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the file that was dropped anywhere on the plan."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.table.editor.finish()
        if self.plan is not None and not self.plan.read_only:
            self.filling.read_file(paths_in(event.mimeData())[0], self.plan)

    # --- the plan as a whole -----------------------------------------------------------------------------------------

    def give(self) -> None:
        """Give the plan in or decide about it, what is being written in a cell included."""
        self.table.editor.finish()
        self.approval.give()

    def open_waiting(self) -> None:
        """Open the list of plans that wait for approval."""
        if not self.header.open_waiting():
            self.message.say(self.tr("Утверждения здесь не ждёт ни одно КТП."))

    def shift_dates(self) -> None:
        """Show beside the dates of the plan those of the timetable; pressed again, write them."""
        lines = self.table.lines
        if not self._may_write() or self.plan is None:
            return
        if not self.plan.shift:
            self.message.say(self.tr("Даты уже как в расписании."))
        elif lines.shifting:
            lines.shifting = False
            rows = count(len(self.plan.shift), ROWS)
            done = self.tr("Новые даты записаны: {n}. Ctrl+Z вернёт прежние.").format(n=rows)
            self.writing.run(partial(plans.set_dates, self._journal, self.plan.shift), done, many=True)
        else:
            lines.shifting = True
            self.message.say(self.tr("Новые даты показаны в столбце «По плану»: Ctrl+D — записать, Esc — не надо."))
            self.show_plan(self.plan)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def step_back(self) -> None:
        """Hide the dates of a shift that was only looked at; leave an empty line. With neither, leave the plan."""
        lines = self.table.lines
        if not (lines.shifting or lines.draft or self._new_at is not None):
            self.left.emit()
        self.message.say("")
        self.table.lines.draft.clear()
        self.table.lines.shifting, self._new_at = False, None
        if self.plan is not None:
            self.show_plan(self.plan)

    def close_screen(self) -> None:
        """Write what is being typed and stop listening, before the journal is closed."""
        self.table.editor.finish()
        self.approval.close()
        self.writing.close()
        self.filling.close()
        self._watch.close()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return lesson_plan_actions.screen_actions(self)

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the table reads by itself, for the page of keys."""
        return lesson_plan_actions.ENTRY_KEYS
