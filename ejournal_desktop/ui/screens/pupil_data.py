"""Сведения: what is wrong in the data about pupils, told to the office; its answers come back here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_core.kinds import ReportAnswer
from ejournal_desktop.models.commands import pupil_data
from ejournal_desktop.models.journal import Journal, local_now
from ejournal_desktop.models.queries.own_writes import report_steps
from ejournal_desktop.models.queries.pupil_data import (
    DataReports,
    ReportRow,
    classes_to_report,
    data_reports,
    pupils_to_report,
)
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.widgets.data_report_form import DataReportForm, Told
from ejournal_desktop.ui.widgets.data_report_row import DataReportFace, in_full
from ejournal_desktop.ui.widgets.decision_foot import DecisionFoot
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.layouts import MARGIN, part_sections, scrolling, sheet_of_lists
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.words import tr

FIXED, UNFOUNDED = ("+", "="), ("-", "_", "−")


class PupilDataScreen(QWidget):
    """A form above, reports that wait, those that were answered. The office answers by «+» and «−»."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self, journal: Journal, clock: Callable[[], datetime] = local_now, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._refusing = ""
        self.reports = DataReports((), (), answers=False)
        self.setAccessibleName(self.tr("Сведения"))
        self.header = QLabel()
        self.header.setProperty("look", "title")
        self.header.setText(self.tr("Сообщения о неверных сведениях"))
        self.form = DataReportForm(lambda class_id: pupils_to_report(journal, class_id), self)
        self.waiting = RowList(DataReportFace(clock), self.tr("Ждут ответа"), self)
        self.answered = RowList(DataReportFace(clock), self.tr("С ответом"), self)
        self._titles = {name: QLabel(self) for name in ("waiting", "answered")}
        self._note = QLabel(self)
        self.whole = QLabel(self)
        self.foot = DecisionFoot(self)
        self._deeds = Deeds(
            journal, say=self.foot.say, troubled=self.troubled.emit, written=self.refresh, refuse=self._refuse
        )
        self._deeds.go_over(lambda given_up: report_steps(journal, given_up))
        self.foot.tell(())
        self.foot.reason.setAccessibleName(self.tr("Почему не подтвердилось"))
        self.foot.reason.setPlaceholderText(
            self.tr("Почему не подтвердилось: это увидит тот, кто сообщил. Enter — ответить")
        )
        self._lay_out()
        self._wire()
        self._watch = JournalWatch(journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        page = sheet_of_lists(self._note, self)
        self.whole.setProperty("look", "strip")
        self.whole.setWordWrap(True)
        self.whole.setTextFormat(Qt.TextFormat.PlainText)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.whole.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, MARGIN)
        column.setSpacing(0)
        column.addWidget(self._note)
        for name, title in self._titles.items():
            title.setProperty("look", "title")
            column.addWidget(title)
            column.addWidget(getattr(self, name))
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.form)
        outer.addWidget(scrolling(page, self), 1)
        outer.addWidget(self.whole)
        outer.addWidget(self.foot)

    def _wire(self) -> None:
        self.form.wanted.connect(self._tell)
        self.form.left.connect(self._focus_first)
        self.foot.refused.connect(self._not_confirmed)
        for rows in (self.waiting, self.answered):
            rows.typed.connect(self._answer_by_key)
            rows.put_away.connect(lambda _row: self.take_back())
            rows.entered.connect(self._hint)
            rows.entered.connect(self._show_whole)
            rows.walked.connect(lambda _row: self._show_whole())

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read again; the current rows and what is half typed stay."""
        try:
            self.reports = data_reports(self._journal)
        except EjournalError as error:
            self.troubled.emit(error)
            return
        focused = next((rows for rows in (self.waiting, self.answered) if rows.hasFocus()), None)
        for name, title in self._titles.items():
            rows: RowList = getattr(self, name)
            rows.show_rows(getattr(self.reports, name))
            title.setText(f"{rows.accessibleName()} {rows.count()}")
            for part in (rows, title):
                part.setVisible(bool(rows.count()))
        part_sections(self._titles.values())
        self._show_whole()
        empty = not self.reports.waiting and not self.reports.answered
        self._note.setVisible(empty)
        self._note.setText(self.tr(
            "Неверных сведений никто не замечал. Заметили сами или сказали родители — Ctrl+N: напишите, что неверно и "
            "как должно быть. Исправит канцелярия, ответ появится здесь и в «Сегодня»."
        ))  # fmt: skip
        if focused is not None and not focused.count():
            self._focus_first()

    def enter(self) -> None:
        """Read again and put the focus on what waits, or on what is half typed."""
        self.refresh()
        self._focus_first()

    def _focus_first(self) -> None:
        lists = (self.waiting, self.answered)
        place = self.form.wrong if self.form.isVisible() else next((rows for rows in lists if rows.count()), self)
        place.setFocus(Qt.FocusReason.OtherFocusReason)
        self._hint()

    def _hint(self) -> None:
        answering = self.tr("+ исправлено   − не подтвердилось   ") if self.reports.answers else ""
        self.hint_changed.emit(answering + self.tr("Ctrl+N сообщить   Delete снять своё   Ctrl+Z отменить"))

    def _show_whole(self) -> None:
        row = self.current
        self.whole.setText(in_full(row) if row is not None else "")
        self.whole.setVisible(row is not None)

    @property
    def current(self) -> ReportRow | None:
        """Return the report that the cursor is at."""
        rows = self.answered if self.answered.hasFocus() or not self.waiting.count() else self.waiting
        found: ReportRow | None = rows.current
        return found

    def close_screen(self) -> None:
        """Stop listening."""
        self._watch.close()

    # --- telling -----------------------------------------------------------------------------------------------------

    def begin(self, class_group_id: str = "", pupil_id: str = "") -> None:
        """Open the form for a new report, about a pupil where one is named."""
        try:
            classes = classes_to_report(self._journal)
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.form.begin(classes, self._clock().date(), class_group_id, pupil_id)

    def _tell(self, told: Told) -> None:
        said = self.tr("Записано и уйдёт в канцелярию. Ctrl+Z — снять.")
        if self._deeds.do(lambda: pupil_data.report_wrong_data(
            self._journal, told.class_group_id, told.pupil_id, told.about, told.wrong, told.should_be,
            source=told.source, told_on=told.told_on,
        ), said):  # fmt: skip
            self.form.finish()
            self._focus_first()

    def take_back(self) -> None:
        """Take back an own report that nobody has answered."""
        row = self.current
        if row is not None:
            said = self.tr("Сообщение снято. Ctrl+Z — вернуть.")
            self._deeds.do(lambda: pupil_data.take_back_report(self._journal, row.id), said)

    # --- answering ---------------------------------------------------------------------------------------------------

    def _answer_by_key(self, sign: str) -> None:
        if sign in FIXED:
            self.confirm()
        elif sign in UNFOUNDED:
            self.ask_reason()

    def confirm(self) -> None:
        """Answer that the data were mended."""
        if self._may_answer() and self.current is not None:
            self._answer(self.current, "fixed", "")

    def ask_reason(self) -> None:
        """Ask why what was told is not so."""
        row = self.current
        if self._may_answer() and row is not None:
            self._refusing = row.id
            self.foot.ask(self.tr("Не подтвердилось: {whom}, {wrong}").format(whom=row.whom, wrong=row.wrong))

    def _may_answer(self) -> bool:
        if not self.reports.answers:
            self.foot.say(self.tr("Отвечает секретарь или администратор. Ничего не изменено."))
        return self.reports.answers

    def _not_confirmed(self, why: str) -> None:
        row = next((each for each in self._rows if each.id == self._refusing), None)
        if row is not None and self._answer(row, "unfounded", why):
            self._close_reason()

    @property
    def _rows(self) -> tuple[ReportRow, ...]:
        return (*self.reports.waiting, *self.reports.answered)

    def _answer(self, row: ReportRow, answer: ReportAnswer, reason: str) -> bool:
        said = self.tr("Отвечено: {whom}. Ctrl+Z — отменить.").format(whom=row.whom)
        done = self._deeds.do(lambda: pupil_data.answer_report(self._journal, row.id, answer, reason), said)
        if done:
            self._focus_first()
        return done

    def _close_reason(self) -> None:
        self._refusing = ""
        self.foot.close_reason()
        self._focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the reason and changes nothing."""
        if event.key() == Qt.Key.Key_Escape and self.foot.is_asking:
            self._close_reason()
        else:
            super().keyPressEvent(event)

    # --- doing -------------------------------------------------------------------------------------------------------

    def _refuse(self, sentence: str) -> None:
        """Say it in the form where that is open, else at the foot."""
        if self.form.isVisible():
            self.form.refuse(sentence)
        else:
            self.foot.say(sentence, "danger")

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        telling, answering = tr("Сообщить"), tr("Ответить")
        found = [
            Action("reports.new", tr("Сообщить о неверных сведениях…"), ("Ctrl+N",), self.begin, telling),
            Action("reports.back", tr("Снять своё сообщение"), (), self.take_back, telling, "Delete"),
            Action("reports.undo", tr("Отменить"), ("Ctrl+Z",), self._deeds.undo, telling),
            Action("reports.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), self._deeds.redo, telling),
        ]
        if self.reports.answers:
            found += [
                Action("reports.fixed", tr("Исправлено"), (), self.confirm, answering, "+"),
                Action(
                    "reports.unfounded", tr("Не подтвердилось: назвать причину"), (), self.ask_reason, answering, "−"
                ),
            ]
        return found
