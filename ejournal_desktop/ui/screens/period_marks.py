"""Итоги: period, year, exam and final marks of one page, with what they are made of and what is still missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ejournal_core import ids
from ejournal_core.errors import EjournalError, Refusal
from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import asking
from ejournal_desktop.models.commands.asking import Wanted
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.periods import (
    NEEDS_A_REASON,
    decide_period_mark,
    receive_exam_results,
    state_complete,
)
from ejournal_desktop.models.journal import Journal, local_now
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.own_writes import result_steps
from ejournal_desktop.models.queries.period_results import PeriodResults
from ejournal_desktop.models.queries.proposals import period_key
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.asking import Asking
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.grids.mark_grid import invitation
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.results_paper import results_pdf
from ejournal_desktop.ui.screens import period_marks_actions
from ejournal_desktop.ui.widgets.exam_receipt_form import ExamReceiptForm
from ejournal_desktop.ui.widgets.filter_banner import FilterBanner
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.results_header import ResultsHeader, what_stands
from ejournal_desktop.ui.widgets.results_model import REASON
from ejournal_desktop.ui.widgets.results_pictures import WIDTH, ResultsPictures
from ejournal_desktop.ui.widgets.results_table import REASON_LEAST, WIDTHS, ResultsTable
from ejournal_desktop.ui.widgets.say import Line


class PeriodMarksScreen(QWidget):
    """One page and one period.

    Signals:
        cell_opened: page id, column key, pupil id: whoever hears it opens Журнал there.
        left: Esc that nothing here has taken.
    """

    cell_opened = Signal(str, str, str)
    left = Signal()
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self, journal: Journal, jobs: Jobs, clock: Callable[[], datetime] = local_now, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._clock = clock
        self._pages: tuple[PageRef, ...] = ()
        self._page_id = ""
        self._asked_for: tuple[PeriodKind | None, int] = (None, 1)
        self._steps_of = ""  # the page
        self._wanted: Wanted | None = None
        self.results: PeriodResults | None = None
        self.setAccessibleName(self.tr("Итоги"))
        self.header = ResultsHeader()
        self.table = ResultsTable(self)
        self.pictures = ResultsPictures()
        self.banner = FilterBanner(self)
        self.message = Line(self)
        self.deeds = Deeds(journal, say=self.message.say, troubled=self.troubled.emit, written=self.refresh)
        self.standing = QLabel(self)
        self.complete = QPushButton(self)
        self.received = QPushButton(self.tr("Результаты получены…"), self)
        self.received.setToolTip(self.tr("Ctrl+D; с этого дня считается срок"))
        self.reason = QLabel(self)
        self.empty = QLabel(self)
        self.asking = Asking(journal, self)
        self.receipt = ExamReceiptForm(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.reason.setProperty("look", "strip")
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.standing.setWordWrap(True)
        head = QHBoxLayout()
        head.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        head.setSpacing(3 * theme.UNIT)
        head.addWidget(self.standing, 1)
        head.addWidget(self.received)
        head.addWidget(self.complete)
        self.side = QScrollArea(self)
        self.side.setFrameShape(QFrame.Shape.NoFrame)
        self.side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.side.setFixedWidth(WIDTH + 4 * theme.UNIT)
        self.side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.side.setWidgetResizable(True)
        self.side.setWidget(self.pictures)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.table, 1)
        body.addWidget(self.side)
        page = QFrame(self)
        page.setProperty("look", "paper")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.reason)
        column.addLayout(head)
        column.addWidget(self.banner)
        column.addLayout(body, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.message)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)

    def _connect(self) -> None:
        self.header.pages.chosen.connect(self.open_page)
        self.header.pages.left.connect(self.enter)
        self.header.period_chosen.connect(self._choose_period)
        self.table.mark_entered.connect(lambda row, value: self._decide(row, value))
        self.table.reason_entered.connect(self._decide)
        self.table.reason.left.connect(self._show_hint)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_hint())
        self.complete.clicked.connect(self.state_complete)
        self.received.clicked.connect(self.open_receipt)
        self.receipt.taken.connect(self._take_receipt)
        self.receipt.left.connect(self.enter)
        self.pictures.opened.connect(self._open_bar)
        self.pictures.left.connect(self.enter)
        self.banner.cleared.connect(self.show_all)
        self.table.lines.modelReset.connect(lambda: self.banner.say(""))
        self.asking.left.connect(self.enter)
        self.asking.asked.connect(self._after_asking)
        self.asking.troubled.connect(self.troubled)
        self._watch = JournalWatch(self._journal, self)
        self._watch.changed.connect(self.refresh)

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def come_from(self, lesson_id: str) -> None:
        """Show the page of the lesson that the person comes from."""
        self._page_id = ids.lesson_parts(lesson_id)[0]

    def open_page(self, page_id: str) -> None:
        """Show a page, in the same period where it has one."""
        self._page_id = page_id
        self.enter()

    def open_period(self, page_id: str, kind: PeriodKind, number: int) -> None:
        """Show a page in a period."""
        self._page_id = page_id
        self._choose_period(kind, number)

    def refresh(self) -> None:
        """Read the page again; the cursor stays where it is."""
        if not self.isVisible():
            return
        try:
            self._read()
        except EjournalError as error:
            self.troubled.emit(error)

    def _read(self) -> None:
        self._pages = queries.journal_pages(self._journal)
        known = [page.id for page in self._pages]
        if self._page_id not in known:
            self._page_id = known[0] if known else ""
        self.header.pages.show_pages(self._pages, self._page_id)
        if not self._page_id:
            self._show_empty(self.tr("Журналов пока нет. Итоги появятся, когда для вас внесут классы и нагрузку."))
            return
        kind, number = self._asked_for
        day = self._clock().date()
        self.show_results(queries.period_results(self._journal, self._page_id, kind, number, day))

    def show_results(self, results: PeriodResults) -> None:
        """Show a page with what is missing and until when."""
        self.results = results
        self._open_steps(results.page.id)
        self.header.show_period(results)
        period, group = results.period, results.page.class_group_id
        ready = queries.readiness(self._journal, period.kind, period.number, results.today)
        self.header.show_ready([row for row in ready if row.page.class_group_id == group])
        self.table.lines.show_results(results, self._journal.policy().rounding_thresholds)
        self.pictures.show_results(results)
        self.reason.setText(results.read_only)
        self.reason.setVisible(bool(results.read_only))
        nothing = results.nothing_due or ("" if results.rows else self.tr("В списке пока нет учеников."))
        self._show_empty(nothing)
        if not nothing:
            self._show_standing(results)
        self._show_hint()

    def _show_empty(self, sentence: str) -> None:
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))
        for part in (self.table, self.standing, self.complete, self.received):
            part.setVisible(not sentence)
        self.side.setVisible(not sentence and self._has_room())

    def _show_standing(self, results: PeriodResults) -> None:
        self.standing.setText(what_stands(results))
        self.complete.setText(self.tr("Вернуть в работу") if results.complete else self.tr("Итоги готовы"))
        self.complete.setProperty("look", "" if results.complete else "main")
        self.complete.style().polish(self.complete)
        self.complete.setVisible(not results.read_only)
        self.received.setVisible(results.period.kind == "exam" and not results.read_only)
        self.complete.setToolTip(self.tr("Ctrl+G; завуч увидит, что страница готова"))

    def _show_hint(self) -> None:
        row, _column = self.table.place
        if row >= 0 and self.results is not None and row < len(self.results.rows):
            line = self.results.rows[row]
            parts = [line.pupil.whole_name, line.why.rstrip(".") if line.proposed else ""]
            if line.cell.value and line.cell.author:
                parts.append(self.tr("поставлено: {who}").format(who=line.cell.author))
            self.hint_changed.emit(" · ".join(part for part in parts if part))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pictures a place where there is one beside the table."""
        super().resizeEvent(event)
        self.side.setVisible(self._has_room() and not self.empty.text())

    def _has_room(self) -> bool:
        return self.width() >= sum(WIDTHS.values()) + REASON_LEAST + self.side.width()

    # --- what a person does ------------------------------------------------------------------------------------------

    def _decide(self, row: int, value: str, reason: str | None = None) -> None:
        if self.results is None or self._is_read_only():
            return
        line = self.results.rows[row]
        kept = reason if reason is not None else line.cell.comment if value == line.cell.value else ""
        results, self._wanted = self.results, None
        try:
            self.deeds.remember(decide_period_mark(self._journal, results, line, value or None, kept))
        except Refusal as refusal:
            self._refused(row, value, refusal, reason)
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.message.say("")
            self.table.forget_reason(row)
            self.refresh()

    def _refused(self, row: int, value: str, refusal: Refusal, reason: str | None) -> None:
        """Open the line for a missing reason; say anything else at the row."""
        assert self.results is not None
        pupil_id = self.results.rows[row].pupil.pupil_id
        if refusal.code == NEEDS_A_REASON and reason is None:
            self.table.write_reason(value)
            self.hint_changed.emit(
                self.tr("Напишите, почему отметка другая: Enter — записать, Esc — оставить как было")
            )
            return
        sentence = with_clause(refusal, self._journal.policy())
        if refusal.code in asking.ASKABLE:
            sentence = invitation(sentence)
            period = self.results.period
            self._wanted = asking.wanted_period_mark(
                self.results.page.id, pupil_id, period.kind, period.number, value or None, reason or ""
            )
        self.table.lines.notes[pupil_id] = sentence
        self.table.viewport().update()
        self.hint_changed.emit(sentence)

    def _is_read_only(self) -> bool:
        if self.results is not None and self.results.read_only:
            self.hint_changed.emit(self.results.read_only)
            return True
        return False

    def print_page(self) -> None:
        """Print the table and both pictures as they stand."""
        from ejournal_desktop.ui.printing import ask_and_print  # the libraries of paper load with the first paper

        if self.results is not None and self.results.rows:
            try:
                if ask_and_print(results_pdf(self.results, self.table.lines), self._jobs, self):
                    tell_event(self._journal, "printed", subject_kind="JournalPage", subject=self.results.page.id,
                               detail="results-page")  # fmt: skip
            except EjournalError as error:
                self.troubled.emit(error)

    def _open_steps(self, page_id: str) -> None:
        """Go over to the steps of another page: a key must not take back what is not in sight."""
        if page_id != self._steps_of:
            self._steps_of = page_id
            self.deeds.go_over(partial(result_steps, self._journal, page_id))

    def state_complete(self) -> None:
        """Say that the page is complete, or take it back."""
        if self.results is None or self._is_read_only():
            return
        period, page_id, done = self.results.period, self.results.page.id, not self.results.complete
        try:
            self.deeds.remember(state_complete(self._journal, page_id, period.kind, period.number, complete=done))
        except Refusal as refusal:
            self.message.say(with_clause(refusal, self._journal.policy()), "danger")
            self.go_to_missing(after=-1)
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.message.say(self.tr("Записано: итоги готовы, завуч это увидит.") if done else self.tr(
                "Записано: итоги снова в работе."), "done")  # fmt: skip
            self.refresh()

    def open_receipt(self) -> None:
        """Ask when the results of the examination were received."""
        if self.results is None or self._is_read_only():
            return
        if self.results.period.kind != "exam":
            self.hint_changed.emit(self.tr("День получения результатов вносят у экзамена: Ctrl+PgDown — к нему."))
            return
        at = QRect(self.received.mapTo(self, QPoint(0, 0)), self.received.size())
        self.receipt.open(self.results, self._clock(), self._journal.policy().exam_deadline, at)

    def _take_receipt(self) -> None:
        form, day = self.receipt, self.receipt.day.day
        if self.results is None:
            return
        if day is None and form.day.text().strip():
            form.refuse(self.tr("Такого дня нет: напишите, например, 11.06. Ничего не записано."))
            return
        page_id, clock = self.results.page.id, form.time_of_day if day else ""
        try:
            self.deeds.remember(receive_exam_results(self._journal, page_id, day, clock))
        except Refusal as refusal:
            form.refuse(with_clause(refusal, self._journal.policy()))
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            form.leave()

    def ask(self) -> None:
        """Ask another person for what was just refused."""
        row, _column = self.table.place
        if self._wanted is None or row < 0:
            self.hint_changed.emit(self.tr("Просить не о чем: сначала внесите то, что нужно исправить."))
            return
        rect = self.table.visualRect(self.table.lines.index(row, REASON))
        at = QRect(self.table.viewport().mapTo(self, rect.topLeft()), rect.size())
        self.asking.open(self._wanted, at, self._asked, str(self._wanted.fields.get("justification", "")))

    def _asked(self) -> None:
        self._wanted = None
        self.table.lines.notes.clear()

    def _after_asking(self, sentence: str) -> None:
        self.enter()
        self.hint_changed.emit(sentence)

    # --- going -------------------------------------------------------------------------------------------------------

    def go_to_missing(self, after: int | None = None) -> None:
        """Go to the next line that is not finished, by default behind the current one; after the last to the first."""
        if self.results is None:
            return
        rows = [number for number, row in enumerate(self.results.rows) if row.missing]
        here = self.table.place[0] if after is None else after
        if rows:
            found = next((row for row in rows if row > here), rows[0])
            if self.table.isRowHidden(found):
                self.show_all()
            self.table.go_to_row(found)

    def go_by_period(self, step: int) -> None:
        """Show the next or previous period."""
        if self.results is not None:
            periods = self.results.periods
            at = periods.index(self.results.period) + step
            if 0 <= at < len(periods):
                self._choose_period(periods[at].kind, periods[at].number)

    def _choose_period(self, kind: PeriodKind, number: int) -> None:
        self._asked_for = (kind, number)
        self.enter()

    def walk(self) -> None:
        """Go from the table to the pictures and back."""
        to_pictures = self.table.hasFocus() and self.side.isVisible()
        (self.pictures if to_pictures else self.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def open_cells(self) -> None:
        """Open Журнал at the marks that the current line counts."""
        row, _column = self.table.place
        if self.results is not None and row >= 0:
            self._open_pupil(self.results.rows[row].pupil.pupil_id, counted=True)

    def _open_bar(self, pupils: list[str], counted: bool) -> None:
        """Open a pupil's current marks in Журнал; of a bar of period marks show all whom it counts, right here."""
        if counted:
            self._open_pupil(pupils[0], counted=True)
        elif self.results is not None:
            mark = next(row.cell.value for row in self.results.rows if row.pupil.pupil_id == pupils[0])
            whom = self.tr("с отметкой {mark}").format(mark=mark) if mark else self.tr("без отметки")
            self.banner.say(self.tr("Показаны только ученики {whom}: {n}").format(whom=whom, n=len(pupils)))
            self.table.show_only(frozenset(pupils))

    def show_all(self) -> None:
        """Show every pupil again, the cursor where it is."""
        self.banner.say("")
        self.table.show_only(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc shows whom a bar has hidden, else steps back."""
        if event.key() == Qt.Key.Key_Escape and self.banner.text:
            self.show_all()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _open_pupil(self, pupil_id: str, *, counted: bool) -> None:
        assert self.results is not None
        row = next(row for row in self.results.rows if row.pupil.pupil_id == pupil_id)
        period = self.results.period
        own = period_key(period.kind, period.number)
        self.cell_opened.emit(self.results.page.id, row.columns[-1] if counted and row.columns else own, pupil_id)

    def close_screen(self) -> None:
        """Stop listening, before the journal is closed."""
        self._watch.close()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return period_marks_actions.screen_actions(self)

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the table reads by itself, for the page of keys."""
        return period_marks_actions.ENTRY_KEYS
