"""Контроль: what waits for this person's decision, each with its history and one key to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.requests import approve_all, refuse_request
from ejournal_desktop.models.pages import DisputeRow
from ejournal_desktop.models.queries.acts import ActRow
from ejournal_desktop.models.queries.oversight import oversees
from ejournal_desktop.models.queries.plans_to_approve import plans_given_in
from ejournal_desktop.models.queries.requests import RequestRow
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.control_actions import alert_keys, control_actions
from ejournal_desktop.ui.screens.destruction import DestructionPage
from ejournal_desktop.ui.screens.today import local_now
from ejournal_desktop.ui.widgets.act_row import ActFace
from ejournal_desktop.ui.widgets.alerts_list import AlertsList
from ejournal_desktop.ui.widgets.decision_foot import DecisionFoot
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.layouts import MARGIN, part_sections, scrolling, sheet_of_lists
from ejournal_desktop.ui.widgets.lesson_row import DisputeFace
from ejournal_desktop.ui.widgets.plan_row import PlanFace
from ejournal_desktop.ui.widgets.readiness_page import ReadinessPage
from ejournal_desktop.ui.widgets.register_table import Register
from ejournal_desktop.ui.widgets.request_row import RequestFace, history_line
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.waiting_filter import WaitingFilter
from ejournal_desktop.ui.words import count, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.jobs import Jobs

HISTORY_LINES = 4
FEW = 5  # so many need no search
REQUEST = ("заявка", "заявки", "заявок")
DISPUTE = ("спор", "спора", "споров")
ACT = ("акт", "акта", "актов")
PLAN = ("КТП", "КТП", "КТП")
LISTS = ("requests", "disputes", "plans", "acts")

#: Signs that decide about a request; the second of each lies on the same key without Shift.
APPROVE, REFUSE = ("+", "="), ("-", "_", "−")


class ControlScreen(QWidget):
    """Requests above, disputes below, the history of the current one at the foot. Esc steps out of a refusal."""

    place_opened = Signal(str)  # lesson id
    plan_wanted = Signal(str)  # page id
    page_wanted = Signal(str)  # page id
    results_wanted = Signal(str, str, int)  # page id, kind and number of the period
    cell_wanted = Signal(str, str, str)  # page id, column key, pupil id, in the journal
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        jobs: Jobs | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._marked: set[str] = set()
        self._refusing: list[str] = []
        self.setAccessibleName(self.tr("Контроль"))
        self.header = ControlHeader()
        self.requests = RowList(RequestFace(clock, self._marked.__contains__), self.tr("Заявки"), self)
        self.disputes = RowList(DisputeFace(clock), self.tr("Споры"), self)
        self.acts = RowList(ActFace(), self.tr("Акты ждут вашего подтверждения"), self)
        self.plans = RowList(PlanFace(clock), self.tr("КТП ждут утверждения"), self)
        counts = jobs is not None and oversees(journal)
        self.alerts = AlertsList(journal, jobs, clock, self) if jobs is not None and counts else None
        self._titles = {name: QLabel(self) for name in (*LISTS, "alerts")}
        self._note = QLabel(self)
        self.foot = DecisionFoot(self)
        self.reason = self.foot.reason
        self.filter = WaitingFilter(self)
        self.search = self.filter.search
        self.register = Register(lambda since, until: queries.correction_register(journal, since, until), clock, self)
        self.destruction = DestructionPage(journal, clock, self) if queries.deals_with_destruction(journal) else None
        self.readiness = ReadinessPage(journal, jobs, clock, self) if jobs is not None and counts else None
        self._pages = QStackedWidget(self)
        self._lay_out()
        self._wire()
        self._watch = JournalWatch(journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        page = sheet_of_lists(self._note, self)
        for title in self._titles.values():
            title.setProperty("look", "title")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, MARGIN)
        column.setSpacing(0)
        column.addWidget(self.filter)
        column.addWidget(self._note)
        for name in LISTS:
            column.addWidget(self._titles[name])
            column.addWidget(getattr(self, name))
        column.addWidget(self._titles["alerts"])
        if self.alerts is not None:
            column.addWidget(self.alerts)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        decisions = QWidget(self)
        page_and_foot = QVBoxLayout(decisions)
        page_and_foot.setContentsMargins(0, 0, 0, 0)
        page_and_foot.setSpacing(0)
        page_and_foot.addWidget(scrolling(page, self), 1)
        page_and_foot.addWidget(self.foot)
        self._pages.addWidget(decisions)
        self._pages.addWidget(self.register)
        for more in (self.destruction, self.readiness):
            if more is not None:
                self._pages.addWidget(more)
        outer.addWidget(self._pages)

    def _wire(self) -> None:
        self.requests.typed.connect(self._request_key)
        self.disputes.typed.connect(self._dispute_key)
        for rows in (self.requests, self.disputes):
            rows.walked.connect(lambda _row: self._show_history())
        for name in (*LISTS, "alerts"):
            if (rows := getattr(self, name)) is not None:
                rows.entered.connect(self._show_history)
                rows.entered.connect(self._say_keys)
        self.requests.opened.connect(lambda row: self.place_opened.emit(row.lesson_id) if row.lesson_id else None)
        self.foot.refused.connect(self._refuse_now)
        self.filter.changed.connect(self.refresh)
        self.filter.entered.connect(self._focus_on_what_waits)
        self.register.left.connect(self.show_decisions)
        self.register.table.copied.connect(lambda number: tell_copied(self._journal, "corrections", number))
        self.acts.opened.connect(lambda _row: self.show_destruction())
        self.plans.opened.connect(lambda row: self.plan_wanted.emit(row.page.id))
        if self.alerts is not None:
            self.alerts.read_anew.connect(self._show_alerts)
            self.alerts.cell_wanted.connect(self.cell_wanted)
            self.alerts.troubled.connect(self.troubled)
        if self.readiness is not None:
            self.readiness.left.connect(self.show_decisions)
            self.readiness.results_wanted.connect(self.results_wanted)
            self.readiness.page_wanted.connect(self.page_wanted)
            self.readiness.troubled.connect(self.troubled)
            self.readiness.hint_changed.connect(self.hint_changed)
        if self.destruction is not None:
            self.destruction.left.connect(self.show_decisions)
            self.destruction.troubled.connect(self.troubled)
            self.destruction.hint_changed.connect(self.hint_changed)

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read what waits again; what is marked and the current rows stay."""
        if self.readiness is not None and self._pages.currentWidget() is self.readiness:
            self.readiness.refresh()
        waiting, disputes = queries.waiting_decisions(self._journal), queries.open_disputes(self._journal)
        everything = len(waiting) + len(disputes)
        self.filter.offer([*waiting, *disputes])
        waiting = tuple(row for row in waiting if self.filter.keeps(row, self.requests.face.words(row)))
        disputes = tuple(row for row in disputes if self.filter.keeps(row, self.disputes.face.words(row)))
        self._marked &= {row.change_id for row in waiting}
        self.filter.setVisible(everything > FEW or not self.filter.is_empty or self.filter.has_focus)
        acts, plans = self._acts_to_confirm(), plans_given_in(self._journal)
        self.plans.show_rows(plans)
        self.requests.show_rows(waiting, key="change_id")
        self.disputes.show_rows(disputes)
        self.acts.show_rows(acts)
        self._titles["requests"].setText(self.tr("Ждут разрешения {n}").format(n=len(waiting)))
        self._titles["disputes"].setText(self.tr("Споры {n}").format(n=len(disputes)))
        self._titles["acts"].setText(self.tr("Акты об уничтожении {n}").format(n=len(acts)))
        self._titles["plans"].setText(self.tr("КТП ждут утверждения {n}").format(n=len(plans)))
        for name, shown in zip(LISTS, map(len, (waiting, disputes, plans, acts)), strict=True):
            self._titles[name].setVisible(bool(shown))
            getattr(self, name).setVisible(bool(shown))
        self._show_alerts()
        if self.alerts is not None:
            self.alerts.refresh()
        self._note.setVisible(not waiting and not disputes and (bool(everything) or not (acts or plans)))
        nothing = self.tr("Ничего не ждёт вашего решения. Заявки на исправление и споры двух учителей появятся здесь.")
        hidden = self.tr("Такого среди ждущих нет. Всего ждут решения: {n}. Esc — показать всё.")
        self._note.setText(hidden.format(n=everything) if everything else nothing)
        self.header.say(len(waiting), len(disputes), len(acts), len(plans))
        self._show_history()

    def _show_alerts(self) -> None:
        """Show the title of what is unusual only where there is any; nobody has to decide about it."""
        number = self.alerts.count() if self.alerts is not None else 0
        if self.alerts is not None:
            self.alerts.setVisible(bool(number))
        self._titles["alerts"].setText(self.tr("Необычное {n}").format(n=number))
        self._titles["alerts"].setVisible(bool(number))
        part_sections(self._titles.values())

    def _acts_to_confirm(self) -> list[ActRow]:
        if self.destruction is None:
            return []
        if self._pages.currentWidget() is self.destruction:
            self.destruction.refresh()
        return [row for row in queries.acts_shown(self._journal) if row.may_confirm]

    def _current(self) -> RequestRow | DisputeRow | None:
        """Return the row that the foot tells of; a request's history under another list's row would be read as its."""
        if any(rows is not None and rows.hasFocus() for rows in (self.plans, self.acts, self.alerts)):
            return None
        if self.disputes.hasFocus() or not self.requests.count():
            row: DisputeRow | None = self.disputes.current
            return row
        asked: RequestRow | None = self.requests.current
        return asked

    def _show_history(self) -> None:
        row = self._current()
        told = queries.cell_history(self._journal, row.kind, row.record_id) if row is not None else ()
        now = self._clock()
        self.foot.tell([history_line(each, now) for each in told[:HISTORY_LINES]])

    def enter(self) -> None:
        """Put the focus on what waits longest."""
        self.refresh()
        if self.alerts is not None:
            self.alerts.read()
        page = self._pages.currentWidget()
        if isinstance(page, Register | DestructionPage | ReadinessPage):
            page.enter()
        else:
            self._focus_on_what_waits()

    def show_register(self) -> None:
        """Show the register «Замена сведений»."""
        self._pages.setCurrentWidget(self.register)
        self.hint_changed.emit("")
        self.register.enter()

    def show_readiness(self) -> None:
        """Show how far every page has come."""
        if self.readiness is not None:
            self._pages.setCurrentWidget(self.readiness)
            self.readiness.enter()

    def show_destruction(self) -> None:
        """Show the acts of destruction."""
        if self.destruction is not None:
            self._pages.setCurrentWidget(self.destruction)
            self.destruction.enter()

    def order_destruction(self) -> None:
        """Show the form of a new act."""
        if self.destruction is not None:
            if self._pages.currentWidget() is not self.destruction:
                self.show_destruction()
            self.destruction.order()

    def show_decisions(self) -> None:
        """Go back from another page to what waits."""
        self._pages.setCurrentIndex(0)
        self.enter()

    def look_for(self) -> None:
        """Go to the line that finds among what waits, on Готовность to the choice of class and teacher."""
        if self.readiness is not None and self._pages.currentWidget() is self.readiness:
            self.readiness.look_for()
            return
        self.filter.show()
        self.search.setFocus()
        self.search.selectAll()

    def _focus_on_what_waits(self) -> None:
        self._say_keys()
        lists = [getattr(self, name) for name in LISTS]
        lists += [self.alerts] if self.alerts is not None else []
        next((rows for rows in lists if rows.count()), self).setFocus()

    def _say_keys(self) -> None:
        """Tell the keys of the list that has the focus, and the ways from here."""
        keys = ""
        if self.alerts is not None and self.alerts.hasFocus():
            self.hint_changed.emit(alert_keys())
            return
        if self.disputes.hasFocus():
            keys = self.tr("1 оставить, что стоит   2 взять второе   ")
        elif self.requests.count() and not (self.plans.hasFocus() or self.acts.hasFocus()):
            keys = self.tr("+ разрешить   − отказать   Пробел отметить несколько   Enter открыть урок   ")
        pages = self.tr("Ctrl+G журнал «Замена сведений»")
        pages += self.tr("   Ctrl+R готовность журналов") if self.readiness is not None else ""
        pages += self.tr("   Ctrl+U уничтожение по акту") if self.destruction is not None else ""
        self.hint_changed.emit(keys + pages)

    def close_screen(self) -> None:
        """Stop listening."""
        if self.alerts is not None:
            self.alerts.close_list()
        if self.readiness is not None:
            self.readiness.close_page()
        self._watch.close()

    # --- deciding ----------------------------------------------------------------------------------------------------

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return control_actions(self)

    def _request_key(self, sign: str) -> None:
        if sign in APPROVE:
            self.approve()
        elif sign in REFUSE:
            self.ask_reason()
        elif sign == " ":
            self.mark()

    def _dispute_key(self, sign: str) -> None:
        if sign in ("1", "2"):
            self.resolve("standing" if sign == "1" else "wanted")

    def mark(self) -> None:
        """Mark the current request, or take its mark away, and go on to the next."""
        row: RequestRow | None = self.requests.current
        if row is None:
            return
        self._marked ^= {row.change_id}
        self.requests.setCurrentRow(min(self.requests.currentRow() + 1, self.requests.count() - 1))
        self.requests.viewport().update()
        self._say_marked()

    def mark_all(self) -> None:
        """Mark all requests, or none when all are marked."""
        everything = {row.change_id for row in self.requests.rows}
        marked = set() if self._marked == everything else everything
        self._marked.clear()
        self._marked |= marked
        self.requests.viewport().update()
        self._say_marked()

    def _say_marked(self) -> None:
        number = len(self._marked)
        told = self.tr("Отмечено {n}: «+» разрешит все, «−» откажет во всех с одной причиной.")
        self.foot.say(told.format(n=number) if number else "")

    def _wanted(self) -> list[str]:
        if self._marked:
            return [row.change_id for row in self.requests.rows if row.change_id in self._marked]
        row: RequestRow | None = self.requests.current
        return [row.change_id] if row is not None else []

    def approve(self) -> None:
        """Let the marked requests through, or the current one."""
        wanted = self._wanted()
        if wanted and self._done(lambda: approve_all(self._journal, wanted)):
            said = self.tr("Разрешено: {n}. Значения внесены от имени тех, кто просил.")
            self._settled(said.format(n=count(len(wanted), REQUEST)))

    def ask_reason(self) -> None:
        """Ask why the marked requests, or the current one, are refused."""
        self._refusing = self._wanted()
        if self._refusing:
            self.foot.ask(self._about_refusal())

    def _about_refusal(self) -> str:
        row: RequestRow = next(row for row in self.requests.rows if row.change_id == self._refusing[0])
        if len(self._refusing) > 1:
            return self.tr("Отказать сразу: {n}, одна причина на все.").format(n=count(len(self._refusing), REQUEST))
        return self.tr("Отказать: {what}").format(what=f"{row.where}, {row.what}, {row.requester}")

    def _refuse_now(self, why: str) -> None:
        if not why:
            self.foot.say(self.tr("Напишите причину: без неё учитель не узнает, почему отказано."), "danger")
            return
        for change_id in self._refusing:
            if not self._done(partial(refuse_request, self._journal, change_id, why)):
                return
        number = len(self._refusing)
        self._hide_reason()
        self._settled(self.tr("Отказано: {n}. Записи остались прежними.").format(n=count(number, REQUEST)))

    def _hide_reason(self) -> None:
        self._refusing = []
        self.foot.close_reason()
        self.requests.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the reason or the search and changes nothing."""
        escape = event.key() == Qt.Key.Key_Escape
        if escape and self.foot.is_asking:
            self._hide_reason()
            return
        if escape and not self.filter.is_empty:
            self.filter.clear()
            self._focus_on_what_waits()
            return
        super().keyPressEvent(event)

    def resolve(self, keep: Literal["standing", "wanted"]) -> None:
        """Decide the current dispute."""
        row: DisputeRow | None = self.disputes.current
        if row is not None and self._done(lambda: resolve_dispute(self._journal, row.id, keep)):
            kept = row.standing_value if keep == "standing" else row.wanted_value
            self._settled(self.tr("Решено: {value}. {where}").format(value=kept or tr("пусто"), where=row.where))

    def _done(self, deed: Callable[[], object]) -> bool:
        try:
            deed()
        except Refusal as refusal:
            self.foot.say(refusal.sentence, "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            return True
        return False

    def _settled(self, words: str) -> None:
        self._marked.clear()
        self.refresh()
        if not (self.requests.isVisible() if self.requests.hasFocus() else self.disputes.isVisible()):
            self._focus_on_what_waits()
        self.foot.say(words, "done")

    def open_place(self) -> None:
        """Open the lesson that the current request is about."""
        row: RequestRow | None = self.requests.current
        if row is not None and row.lesson_id:
            self.place_opened.emit(row.lesson_id)


class ControlHeader(QLabel):
    """How much waits, in the window's header."""

    def say(self, requests: int, disputes: int, acts: int, plans: int) -> None:
        """Show the numbers, or that nothing waits."""
        parts = [count(requests, REQUEST)] if requests else []
        parts += [count(disputes, DISPUTE)] if disputes else []
        parts += [count(plans, PLAN)] if plans else []
        parts += [count(acts, ACT)] if acts else []
        self.setProperty("look", "title")
        self.setText(f"{tr('Контроль')} · {' · '.join(parts) or tr('решать нечего')}")
