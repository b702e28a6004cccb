"""Состояние: what is saved here adds up to what the server has and what it has not, each with its list and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.requests import put_aside, put_right
from ejournal_desktop.models.pages import StateRow, SyncState
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.today import local_now
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.loading_bar import LoadingBar
from ejournal_desktop.ui.widgets.pill import alarm_of
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Kind, Line
from ejournal_desktop.ui.widgets.state_row import STANDS, StateFace, Sum, SumFace, sums
from ejournal_desktop.ui.words import ENTRY, count, moment, span

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

TICK_MS = 20_000
MARGIN = 4 * theme.UNIT


class StateScreen(QWidget):
    """The sum, its addends, the entries behind the chosen one; what the server said last."""

    sync_wanted = Signal()
    sign_in_wanted = Signal()  # leave this session and sign in again
    troubled = Signal(object)
    record_opened = Signal(object)  # StateRow
    left = Signal()
    closed = Signal()

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        read: Callable[[Journal], SyncState] | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._read = read or queries.sync_state
        self._state: SyncState | None = None
        self.setAccessibleName(self.tr("Состояние"))
        self.alarm, self._way_out = QLabel(self), QLabel(self)
        self.sign_in_button = QPushButton(self.tr("Выйти и войти заново"), self)
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self._bar = LoadingBar(self)
        self._message = Line(self)
        self._message.hide()
        self._saved = QLabel(self)
        self._saved.setProperty("look", "large")
        self.sums = RowList(SumFace(), self.tr("Из чего складывается"), self)
        self._server = QLabel(self)
        self._server.setWordWrap(True)
        self._server.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sync_button = QPushButton(self.tr("Обменяться сейчас"), self)
        self.sync_button.clicked.connect(self.sync_wanted)
        self._list_title = QLabel(self)
        self._list_title.setProperty("look", "title")
        self.entries = RowList(StateFace(clock), self.tr("Записи"), self, fit=False)
        self._lay_out()
        self.sums.walked.connect(self._show_entries)
        self.entries.opened.connect(self.record_opened)
        self.entries.put_away.connect(lambda _row: self.put_aside())
        self.entries.typed.connect(lambda sign: self.send_again() if sign in ("+", "=") else None)
        self.entries.walked.connect(lambda _row: self._say(""))
        self._watch = JournalWatch(journal, self)
        self._watch.changed.connect(self.refresh)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def _lay_out(self) -> None:
        page = QFrame(self)
        page.setProperty("look", "paper")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, MARGIN, 0, 0)
        column.setSpacing(0)
        for label in (self._saved, self._server, self._list_title):
            label.setContentsMargins(MARGIN, 0, MARGIN, 2 * theme.UNIT)
        self.alarm.setProperty("look", "danger")
        for label in (self.alarm, self._way_out):
            label.setWordWrap(True)
            label.setContentsMargins(MARGIN, 0, MARGIN, theme.UNIT)
        self._message.setContentsMargins(MARGIN, 0, MARGIN, theme.UNIT)
        again = QVBoxLayout()
        again.setContentsMargins(MARGIN, 0, 0, MARGIN)
        again.addWidget(self.sign_in_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.alarm)
        column.addWidget(self._way_out)
        column.addLayout(again)
        column.addWidget(self._saved)
        column.addWidget(self._bar)
        column.addWidget(self.sums)
        column.addSpacing(3 * theme.UNIT)
        column.addWidget(self._server)
        holder = QVBoxLayout()
        holder.setContentsMargins(MARGIN, 0, 0, MARGIN)
        holder.addWidget(self.sync_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(holder)
        column.addWidget(self._list_title)
        column.addWidget(self._message)
        column.addWidget(self.entries, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the state again."""
        self.show_state(self._read(self._journal))

    def show_state(self, state: SyncState) -> None:
        """Show a state; the chosen addend stays chosen."""
        first = self._state is None
        self._state = state
        self._saved.setText(self.tr("Сохранено на этом компьютере: {n}").format(n=count(state.saved, ENTRY)))
        self.sums.show_rows(sums(state))
        self._show_alarm(state)
        self._bar.show_percent(state.loading, state.percent)
        if first:
            self._choose_first_unsettled()
        self._server.setText(self._server_words(state))
        self._show_entries(self.sums.current)

    def _show_alarm(self, state: SyncState) -> None:
        """Say what has stopped, that nothing is lost, and what to do; a closed desk leads to the sign-in."""
        code = state.closed or (state.problem_code if alarm_of(state) else "EJ-266" if state.unproved else "")
        sentence = ANSWERS.get(code) or SENTENCES.get(code)
        happened = sentence.happened if sentence else ""
        way = errors.words(sentence).removeprefix(happened).strip() if sentence else ""
        if state.closed and state.waiting:
            told = self.tr("Не отправлено: {n}. Они целы в файле и запечатаны в папке этого компьютера.")
            way += f" {told.format(n=count(state.waiting, ENTRY))}"
        for label, text in ((self.alarm, happened), (self._way_out, way)):
            label.setText(text)
            label.setVisible(bool(text))
        self.sign_in_button.setVisible(bool(state.closed))

    def _say(self, text: str, kind: Kind = "") -> None:
        self._message.say(text, kind)
        self._message.setVisible(bool(text))

    def _tick(self) -> None:
        if self._state is not None:  # nothing is read here: behind the lock there is no key
            self._server.setText(self._server_words(self._state))

    def _choose_first_unsettled(self) -> None:
        rows: list[Sum] = self.sums.rows
        urgent = [n for n, row in enumerate(rows) if row.id not in ("delivered", "waiting")]
        waiting = [n for n, row in enumerate(rows) if row.id == "waiting" and row.number]
        self.sums.setCurrentRow((urgent + waiting + [0])[0])

    def _server_words(self, state: SyncState) -> str:
        now = self._clock()
        name = state.server_name or self.tr("сервер школы")
        lines = []
        if state.problem and not alarm_of(state):
            lines.append(f"{state.problem} {self.tr('Записи целы на этом компьютере и уйдут сами.')}")
        if state.last_contact is None:
            lines.append(self.tr("С сервером школы этот журнал ещё не обменивался."))
        else:
            ago = span((now - state.last_contact).total_seconds())
            contact = self.tr("Последний обмен: {when} ({ago} назад), {name}.")
            lines.append(contact.format(when=moment(state.last_contact, now), ago=ago, name=name))
        if state.tree_size:
            tree = self.tr("Журнал школы: {n}, отпечаток {root}. Его же печатают на ведомостях: по нему видно подмену.")
            lines.append(tree.format(n=count(state.tree_size, ENTRY), root=_grouped(state.tree_root)))
        if state.compared_at is not None:
            compared = self.tr("Содержание сверено с сервером: {when}, всё сошлось.")
            lines.append(compared.format(when=moment(state.compared_at, now)))
        if state.clocks_apart:
            apart = self.tr(
                "Часы сервера и этого компьютера расходятся на {span}: до сверки с диска ничего не убирают."
            )
            lines.append(apart.format(span=span(abs(state.clocks_apart))))
        if state.epoch:
            restored = self.tr("Школу восстанавливали из копии: {n}. Прежние отпечатки хранятся здесь.")
            lines.append(restored.format(n=count(state.epoch, ("раз", "раза", "раз"))))
        return "\n".join(lines)

    def _show_entries(self, chosen: Sum | None) -> None:
        if self._state is None or chosen is None:
            return
        rows = [row for row in self._state.rows if row.delivery == chosen.id]
        self.entries.show_rows(rows, key="change_id")
        name = self.tr(STANDS[chosen.id][0])
        title = f"{name[:1].upper()}{name[1:]}"
        if len(rows) < chosen.number and rows:
            title += self.tr(": последние {n}").format(n=len(rows))
        elif not rows:
            title += self.tr(": записей нет") if not chosen.number else self.tr(": подробности в истории клеток")
        self._list_title.setText(title)

    def enter(self) -> None:
        """Put the focus on the addends, at the first that is not settled."""
        self._state = None
        self.refresh()
        self._timer.start()
        self.sums.setFocus()

    def close_screen(self) -> None:
        """Stop listening and ticking."""
        self._watch.close()
        self._timer.stop()
        self.closed.emit()

    def actions(self) -> list[Action]:  # type: ignore[override]
        """Return what can be done here."""
        menu = self.tr("Состояние")
        return [
            Action("state.list", self.tr("К списку записей"), ("Ctrl+R",), self.entries.setFocus, menu),
            Action("state.open", self.tr("Открыть то, о чём запись"), (), self._open, menu, "Enter"),
            Action("state.again", self.tr("Отправить непринятую запись заново"), (), self.send_again, menu, "+"),
            Action("state.aside", self.tr("Убрать непринятую запись из списка"), (), self.put_aside, menu, "Delete"),
            Action("state.back", self.tr("Назад"), ("Esc",), self.left.emit, menu),
        ]

    def send_again(self) -> None:
        """Enter the current refused entry once more: what forbade it may be past."""
        row: StateRow | None = self.entries.current
        if row is None or row.delivery != "refused":
            self._say(self.tr("Заново отправляют то, что не приняли."))
        elif self._done(lambda: put_right(self._journal, row.change_id)):
            self._say(self.tr("Внесено заново, ждёт отправки: {what}").format(what=row.what), "done")

    def put_aside(self) -> None:
        """Take the current entry off the list: the person has seen why it did not become official."""
        row: StateRow | None = self.entries.current
        if row is None or row.delivery not in ("refused", "quarantined"):
            self._say(self.tr("Эта запись ещё в пути: она останется в списке, пока не решится."))
        elif self._done(lambda: put_aside(self._journal, row.change_id)):
            self._say(self.tr("Убрано из списка; в истории запись остаётся."), "done")

    def _done(self, deed: Callable[[], object]) -> bool:
        try:
            deed()
        except Refusal as refusal:
            self._say(refusal.sentence, "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.refresh()
            return True
        return False

    def _open(self) -> None:
        if self.entries.current is not None:
            self.record_opened.emit(self.entries.current)


def _grouped(root: str) -> str:
    return " ".join(root[i : i + 4] for i in range(0, len(root), 4))
