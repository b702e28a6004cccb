"""КТП: the lesson plan of one page, edited like a spreadsheet, with hours, approval, pace and shift."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core import ids
from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.journal import ChangeSet, Journal
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries import lesson_plans as queries
from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens import lesson_plan_actions
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.page_chooser import PageChooser
from ejournal_desktop.ui.widgets.plan_entry import FIELDS, SECTION, TOPIC, entry
from ejournal_desktop.ui.widgets.plan_standing import ROWS, PlanStanding, shift_words, what_to_do
from ejournal_desktop.ui.widgets.plan_steps import PlanSteps
from ejournal_desktop.ui.widgets.plan_table import PlanTable
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import count

Command = Callable[[], ChangeSet]
MANY = 20  # records; writing more takes longer than a key may


class LessonPlanScreen(QWidget):
    """One plan; which page it is of stands in `header`."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, journal: Journal, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._pages: tuple[PageRef, ...] = ()
        self._page_id = ""
        self._new_at: int | None = None
        self._busy = False
        self._stale = False
        self.plan: LessonPlanPage | None = None
        self.steps = PlanSteps(journal)
        self.setAccessibleName(self.tr("КТП"))
        self.header = PageChooser()
        self.header.setToolTip(self.tr("Выбрать страницу журнала (Ctrl+O)"))
        self.standing = PlanStanding(self)
        self.table = PlanTable(self.write, self)
        self.shift = _Strip(self)
        self.message = Line(self)
        self.reason = QLabel(self)
        self.empty = QLabel(self)
        self.parts = QStackedWidget(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.reason.setProperty("look", "strip")
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.message.setContentsMargins(3 * theme.UNIT, 0, 3 * theme.UNIT, 0)
        rows = QFrame(self)
        rows.setProperty("look", "paper")
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.reason, self.standing, self.shift):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.message)
        self.parts.addWidget(rows)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.parts)

    def _connect(self) -> None:
        self.header.chosen.connect(self.open_page)
        self.header.left.connect(self.enter)
        self.standing.given.connect(self.give)
        self.standing.hours_entered.connect(self.set_hours)
        self.standing.left.connect(self.enter)
        self.shift.pressed.connect(self.shift_dates)
        self.table.refused.connect(lambda sentence: self.message.say(sentence, "danger"))
        self.table.rested.connect(self._catch_up)
        self.table.left.connect(self.step_back)
        self.table.selectionModel().currentChanged.connect(self._on_current, Qt.ConnectionType.QueuedConnection)
        self._watch = JournalWatch(self._journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        self._focus_table()

    def _focus_table(self) -> None:
        part = self.table if self.table.isVisibleTo(self) else self.header
        part.setFocus(Qt.FocusReason.OtherFocusReason)

    def come_from(self, lesson_id: str) -> None:
        """Show the plan of the lesson that the person comes from."""
        page_id = ids.lesson_parts(lesson_id)[0]
        if page_id in {page.id for page in queries.plan_pages(self._journal)}:
            self._show_page(page_id)

    def open_page(self, page_id: str) -> None:
        """Show the plan of a page."""
        self._show_page(page_id)
        self.enter()

    def _show_page(self, page_id: str) -> None:
        self.table.editor.finish()
        if page_id != self._page_id:
            self._page_id, self._new_at = page_id, None
            self.steps.forget()
            self.table.kept.clear()
            self.table.lines.draft.clear()
            self.message.say("")

    def refresh(self) -> None:
        """Read the plan again; the cursor stays, and a cell that is being written waits for nothing."""
        self._watch.has_read()
        self._stale = self.table.editor.is_open or self._busy
        if self._stale:
            return
        try:
            self._read()
        except EjournalError as error:
            self.troubled.emit(error)

    def _catch_up(self) -> None:
        if self._stale:
            self.refresh()

    def _read(self) -> None:
        self._pages = queries.plan_pages(self._journal)
        known = [page.id for page in self._pages]
        if self._page_id not in known:
            self._show_page(known[0] if known else "")
        self.header.show_pages(self._pages, self._page_id)
        if self._page_id:
            self.show_plan(queries.lesson_plan(self._journal, self._page_id))
        else:
            self._show_empty(self.tr("КТП здесь пока нет. Оно появится, когда для вас внесут классы и нагрузку."))

    def show_plan(self, plan: LessonPlanPage) -> None:
        """Show a plan; the cursor stays on its row."""
        new = self.plan is None or self.plan.page.id != plan.page.id
        row_id, (line, column) = self.table.current_row_id(), self.table.place
        self.plan = plan
        lines = self.table.lines
        lines.shifting = lines.shifting and bool(plan.shift) and not new
        lines.show_plan(plan, self._new_at)
        self.standing.show_plan(plan)
        self.shift.show_words(shift_words(plan), self._shift_button(plan))
        self.reason.setText(plan.read_only)
        self.reason.setVisible(bool(plan.read_only))
        nothing = self.tr("Строк в этом КТП пока нет: его составляет учитель.")
        self._show_empty(nothing if plan.read_only and not plan.rows else "")
        if new or line < 0:
            at = lines.line_of(lines.next_to_give())
            self.table.go_to(max(at, 0), TOPIC)
        elif (at := lines.line_of(row_id) if row_id else line) != self.table.place[0]:
            self.table.go_to(at if at >= 0 else line, column)
        self._show_hint()

    def _shift_button(self, plan: LessonPlanPage) -> str:
        if not plan.shift or plan.read_only:
            return ""
        return self.tr("Записать новые даты") if self.table.lines.shifting else self.tr("Показать новые даты")

    def _show_empty(self, sentence: str) -> None:
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))
        self.table.setVisible(not sentence)
        if not self._page_id:
            for part in (self.standing, self.shift, self.reason):
                part.hide()
        else:
            self.standing.show()

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

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, line: int, column: int, text: str) -> bool:
        """Write a typed text; return whether it was taken. What the empty line says becomes a row with its topic."""
        if self.plan is None:
            return False
        try:
            fields = entry(column, text, self.plan.year_starts_on)
        except Refusal as refusal:
            self._say(refusal)
            return False
        row = self.table.lines.row(line)
        if row is not None:
            return self._do(partial(plans.change_row, self._journal, row.row.id, **fields))
        self.table.lines.draft[column] = text.strip()
        return TOPIC not in self.table.lines.draft or self._bear()

    def _bear(self) -> bool:
        """Make a row of what the empty line says; its section is that of the row before it, unless it names one."""
        assert self.plan is not None
        lines, before = self.table.lines, self.table.lines.before_new()
        typed = dict(lines.draft)
        if before is not None:
            typed.setdefault(SECTION, before.row.section)
        fields = {name: value for column, text in typed.items() if column in FIELDS
                  for name, value in entry(column, text, self.plan.year_starts_on).items()}  # fmt: skip
        after = before.row.id if before is not None else None
        self._new_at = lines.new_at + 1 if self._new_at is not None else None
        done = self._do(partial(plans.insert_row, self._journal, self._page_id, RowDraft(**fields), after))
        if done:
            lines.draft.clear()
        else:
            lines.draft.pop(TOPIC)
            self._new_at = None if self._new_at is None else self._new_at - 1
        return done

    def _do(self, command: Command, done: str = "", *, step: bool = True) -> bool:
        """Run a command at once; return whether it was done."""
        if self._busy:
            self.message.say(self.tr("Ещё записываю: подождите немного."))
            return False
        try:
            changes = command()
        except EjournalError as error:
            self._failed(error)
            return False
        self._after(changes, done, step=step)
        return True

    def _do_many(self, command: Command, done: str, *, step: bool = True) -> None:
        """Run a command that changes many records, off the window's thread."""
        if self._busy:
            return
        self._busy = True
        self.message.say(self.tr("Записываю…"))

        def ended(changes: ChangeSet) -> None:
            self._busy = False
            self._after(changes, done, step=step)

        def failed(error: BaseException) -> None:
            self._busy = False
            self._failed(error)
            self.refresh()

        self._jobs.run(lambda _report: command(), title=self.tr("КТП"), done=ended, failed=failed, quiet=True)

    def _after(self, changes: ChangeSet, done: str, *, step: bool) -> None:
        if step:
            self.steps.remember(changes)
        self.message.say(done, "done" if done else "")
        self.refresh()

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, Refusal):
            self._say(error)
        else:
            self.troubled.emit(error)

    def _say(self, refusal: Refusal) -> None:
        self.message.say(with_clause(refusal, self._journal.policy()), "danger")

    def _may_write(self) -> bool:
        """Say whether rows may be changed; close the cell first, so that what stands in it is written before."""
        self.table.editor.finish()
        self._on_current()
        if self.plan is not None and not self.plan.read_only:
            return True
        self.message.say(self.plan.read_only if self.plan is not None else "", "danger")
        return False

    # --- rows --------------------------------------------------------------------------------------------------------

    def insert_row(self) -> None:
        """Open an empty line in front of the current row and write its topic."""
        if self._may_write() and self.plan is not None:
            row = self.table.lines.row(self.table.place[0])
            self._new_at = row.number - 1 if row is not None else None
            self.table.lines.show_plan(self.plan, self._new_at)
            self.table.go_to(self.table.lines.new_at, TOPIC)
            self.table.edit_cell()

    def delete_rows(self) -> None:
        """Take the chosen rows away."""
        chosen = self.table.chosen_rows() if self._may_write() else []
        if chosen:
            done = self.tr("Убрано: {n}. Ctrl+Z вернёт.").format(n=count(len(chosen), ROWS))
            command = partial(plans.delete_rows, self._journal, chosen)
            self._do_many(command, done) if len(chosen) > MANY else self._do(command, done)

    def move_row(self, step: int) -> None:
        """Move the current row up or down."""
        row_id = self.table.current_row_id() if self._may_write() else ""
        if row_id:
            self._do(partial(plans.move_row, self._journal, self._page_id, row_id, step))

    def undo(self) -> None:
        """Take the last step back."""
        if self._may_write():
            self._step(self.steps.size(), self.steps.back(), self.tr("Отменено."))

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._may_write():
            self._step(self.steps.size(forth=True), self.steps.forth(), self.tr("Возвращено."))

    def _step(self, size: int, way: Command | None, done: str) -> None:
        if way is None:
            self.message.say(self.tr("Здесь больше нечего отменять или возвращать."))
        elif size > MANY:
            self._do_many(way, done, step=False)
        else:
            self._do(way, done, step=False)

    # --- the plan as a whole -----------------------------------------------------------------------------------------

    def give(self) -> None:
        """Do what the main button says: give in, take back, approve, take the approval back."""
        self.table.editor.finish()
        plan = self.plan
        if plan is None or not what_to_do(plan):
            self.message.say(plan.read_only if plan is not None and plan.rows else self.tr("В КТП ещё нет строк."))
            return
        if plan.may_approve:
            standing = bool(plan.approved_by) and not plan.changed
            command, done = (
                (plans.withdraw_approval, self.tr("Утверждение снято.")) if standing
                else (plans.approve_plan, self.tr("КТП утверждено: учитель это увидит."))
            )  # fmt: skip
            self._do(partial(command, self._journal, self._page_id), done, step=False)
            return
        given = bool(plan.submitted_by) and (not plan.approved_by or plan.changed)
        done = self.tr("КТП снова у вас.") if given else self.tr("КТП сдано: завуч увидит его и утвердит.")
        self._do(partial(plans.submit_plan, self._journal, self._page_id, not given), done, step=False)

    def write_hours(self) -> None:
        """Go to the field of the yearly hours."""
        if self.plan is not None and self.plan.may_set_hours:
            self.standing.curriculum.setFocus(Qt.FocusReason.OtherFocusReason)
            self.standing.curriculum.selectAll()
        else:
            self.message.say(self.tr("Часы учебного плана вносит завуч."))

    def set_hours(self, typed: str) -> None:
        """Write the yearly hours of the subject in the class."""
        if self.plan is not None and typed.isdecimal():
            page = self.plan.page
            command = partial(
                plans.set_curriculum_hours, self._journal, page.subject_id, page.class_group_id, int(typed)
            )
            if self._do(command, self.tr("Часы учебного плана записаны: {n}.").format(n=typed), step=False):
                self._focus_table()

    def shift_dates(self) -> None:
        """Show beside the dates of the plan those of the timetable; pressed again, write them."""
        lines = self.table.lines
        if not self._may_write() or self.plan is None:
            return
        if not self.plan.shift:
            self.message.say(self.tr("Даты уже как в расписании."))
        elif lines.shifting:
            lines.shifting = False
            done = self.tr("Новые даты записаны: {n}. Ctrl+Z вернёт прежние.").format(
                n=count(len(self.plan.shift), ROWS)
            )
            self._do_many(partial(plans.set_dates, self._journal, self.plan.shift), done)
        else:
            lines.shifting = True
            self.message.say(self.tr("Новые даты показаны в столбце «По плану»: Ctrl+D — записать, Esc — не надо."))
            self.show_plan(self.plan)
            self._focus_table()

    def step_back(self) -> None:
        """Hide the dates of a shift that was only looked at; leave an empty line that says nothing."""
        self.message.say("")
        self.table.lines.draft.clear()
        self.table.lines.shifting, self._new_at = False, None
        if self.plan is not None:
            self.show_plan(self.plan)

    def close_screen(self) -> None:
        """Write what is being typed and stop listening, before the journal is closed."""
        self.table.editor.finish()
        self._watch.close()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return lesson_plan_actions.screen_actions(self)

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the table reads by itself, for the page of keys."""
        return lesson_plan_actions.ENTRY_KEYS


class _Strip(QFrame):
    """What a shift would do, and its one button."""

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setToolTip("Ctrl+D")
        self.button.clicked.connect(self.pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        row.setSpacing(3 * theme.UNIT)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)

    def show_words(self, words: str, button: str) -> None:
        """Show what would happen; without words nothing is shown at all."""
        self.words.setText(words)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.setVisible(bool(words))
