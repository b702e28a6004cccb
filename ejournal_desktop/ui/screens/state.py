"""Состояние: what is saved here adds up to what the server has and what it has not, each with its list and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.requests import put_aside, put_right
from ejournal_desktop.models.pages import StateRow, SyncState
from ejournal_desktop.models.queries.drives import backup_state
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.today import local_now
from ejournal_desktop.ui.widgets.drive_row import KINDS, line_words
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.layouts import MARGIN, in_a_row, set_in
from ejournal_desktop.ui.widgets.loading_bar import LoadingBar
from ejournal_desktop.ui.widgets.password_form import PasswordForm
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Kind, Line
from ejournal_desktop.ui.widgets.server_words import server_words
from ejournal_desktop.ui.widgets.sign_ins_page import SignInsPage
from ejournal_desktop.ui.widgets.state_row import STANDS, StateFace, Sum, SumFace, sums
from ejournal_desktop.ui.widgets.stopped import Stopped, is_for_good
from ejournal_desktop.ui.widgets.update_line import UpdateLine
from ejournal_desktop.ui.words import ENTRY, count

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

TICK_MS = 20_000


class StateScreen(QWidget):
    """The sum, its addends, the entries behind the chosen one; what the server said last.

    Args:
        drives: this person makes the school's backups: how they stand is said too.
    """

    sync_wanted = Signal()
    sign_in_wanted = Signal()  # leave this session and sign in again
    password_wanted = Signal(str, str)  # the old password, the new one
    troubled = Signal(object)
    hint_changed = Signal(str)
    record_opened = Signal(object)  # StateRow
    backups_wanted = Signal()
    left = Signal()
    closed = Signal()

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        read: Callable[[Journal], SyncState] | None = None,
        *,
        drives: bool = False,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._read = read or queries.sync_state
        self._state: SyncState | None = None
        self.setAccessibleName(self.tr("Состояние"))
        self.stopped = Stopped(self)
        self.stopped.sign_in_wanted.connect(self.sign_in_wanted)
        self.update_line = UpdateLine(self, at_work=True)
        self._bar = LoadingBar(self, margin=MARGIN, below=2 * theme.UNIT)
        self._message = Line(self)
        self._message.hide()
        self._saved = QLabel(self)
        self._saved.setProperty("look", "large")
        self.sums = RowList(SumFace(), self.tr("Из чего складывается"), self)
        self._server = QLabel(self)
        self._server.setWordWrap(True)
        self._server.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._keeps_drives = drives
        self.drives = Line(self)
        self.backups_button = QPushButton(self.tr("Резервные копии…"), self)
        self.backups_button.setProperty("look", "quiet")
        self.backups_button.clicked.connect(self.backups_wanted)
        for part in (self.drives, self.backups_button):
            part.setVisible(drives)
        self.sync_button = QPushButton(self.tr("Обменяться сейчас"), self)
        self.sync_button.clicked.connect(self.sync_wanted)
        self.password_button = QPushButton(self.tr("Сменить пароль…"), self)
        self.password_button.setProperty("look", "quiet")
        self.password_button.clicked.connect(self.change_password)
        self.sign_ins_button = QPushButton(self.tr("Мои входы…"), self)
        self.sign_ins_button.setProperty("look", "quiet")
        self.sign_ins_button.clicked.connect(self.show_sign_ins)
        self.sign_ins = SignInsPage(journal, clock, self)
        self.sign_ins.left.connect(self._leave_sign_ins)
        self.form = PasswordForm(self)
        self.form.wanted.connect(self.password_wanted)
        self.form.left.connect(self._leave_form)
        self._list_title = QLabel(self)
        self._list_title.setProperty("look", "title")
        self.entries = RowList(StateFace(clock), self.tr("Записи"), self, fit=False)
        self._lay_out()
        self.sums.walked.connect(self._show_entries)
        self.entries.opened.connect(self.record_opened)
        self.entries.put_away.connect(lambda _row: self.put_aside())
        self.entries.typed.connect(lambda sign: self.send_again() if sign in ("+", "=") else None)
        self.entries.walked.connect(lambda _row: self._say(""))
        self._watch = JournalWatch(journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def _lay_out(self) -> None:
        self._page = QFrame(self)
        self._page.setProperty("look", "paper")
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, MARGIN, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stopped)
        column.addLayout(set_in(self._saved, below=2 * theme.UNIT))
        column.addWidget(self._bar)
        column.addWidget(self.sums)
        column.addSpacing(3 * theme.UNIT)
        column.addLayout(set_in(self._server, below=2 * theme.UNIT))
        self.drives.setContentsMargins(MARGIN, 0, MARGIN, 2 * theme.UNIT)
        column.addWidget(self.drives)
        column.addLayout(self._buttons())
        for part in (self.update_line, self._message):
            part.setContentsMargins(MARGIN, 0, MARGIN, 2 * theme.UNIT)  # room that goes when it is hidden
        column.addWidget(self.update_line)
        column.addLayout(set_in(self._list_title, below=theme.UNIT))
        column.addWidget(self._message)
        column.addWidget(self.entries, 1)
        self._sheets = QStackedLayout(self)
        self._sheets.setContentsMargins(0, 0, 0, 0)
        for sheet in (self._page, self.form, self.sign_ins):
            self._sheets.addWidget(sheet)
        self._sheets.currentChanged.connect(lambda _at: self.hint_changed.emit(self._keys()))

    def _keys(self) -> str:
        """Return the keys of the sheet in front; the list of what is saved has its buttons in sight."""
        if self._sheets.currentWidget() is self.form:
            return self.tr("Enter дальше   Esc не менять")
        return self.tr("Esc назад") if self._sheets.currentWidget() is self.sign_ins else ""

    def _buttons(self) -> QHBoxLayout:
        buttons = (self.sync_button, self.password_button, self.sign_ins_button, self.backups_button)
        row = in_a_row(*buttons, gap=2 * theme.UNIT)
        row.setContentsMargins(MARGIN, theme.UNIT, MARGIN, MARGIN)
        return row

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the state again."""
        self.show_state(self._read(self._journal))
        if self._keeps_drives:
            drives = backup_state(self._journal)
            self.drives.say(line_words(drives, self._clock()), KINDS[drives.level])

    def show_state(self, state: SyncState) -> None:
        """Show a state; the chosen addend stays chosen."""
        first = self._state is None
        self._state = state
        self._saved.setText(self.tr("Сохранено на этом компьютере: {n}").format(n=count(state.saved, ENTRY)))
        self.sums.show_rows(sums(state))
        self.stopped.show_state(state)
        stopped = is_for_good(state)
        self.sync_button.setVisible(not stopped)  # an attempt could only fail: the way out stands above
        self.password_button.setProperty("look", "" if stopped else "quiet")  # alone it stands where a button stands
        self.password_button.style().polish(self.password_button)
        self._bar.show_percent(state.loading, state.percent)
        if first:
            self._choose_first_unsettled()
        self._server.setText(server_words(state, self._clock()))
        self._show_entries(self.sums.current)

    def _say(self, text: str, kind: Kind = "") -> None:
        self._message.say(text, kind)
        self._message.setVisible(bool(text))

    def _tick(self) -> None:
        if self._state is not None:  # nothing is read here: behind the lock there is no key
            self._server.setText(server_words(self._state, self._clock()))

    def _choose_first_unsettled(self) -> None:
        rows: list[Sum] = self.sums.rows
        urgent = [n for n, row in enumerate(rows) if row.id not in ("delivered", "waiting")]
        waiting = [n for n, row in enumerate(rows) if row.id == "waiting" and row.number]
        self.sums.setCurrentRow((urgent + waiting + [0])[0])

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
        self._sheets.setCurrentWidget(self._page)
        self.refresh()
        self._timer.start()
        self.sums.setFocus()

    def explain_stop(self) -> None:
        """Lead whoever asks for an exchange that cannot be to what is said about it, and to the way out."""
        if self.stopped.sign_in_button.isVisible():
            self.stopped.sign_in_button.setFocus()

    # --- the password ------------------------------------------------------------------------------------------------

    def change_password(self) -> None:
        """Ask for the old password and the new one, in place of the list."""
        self._sheets.setCurrentWidget(self.form)
        self.form.enter(self._journal.identity.person_name)

    def password_changed(self) -> None:
        """Say that it is done."""
        self.form.done()
        self._leave_form()
        self._say(self.tr("Пароль изменён здесь и на сервере школы. Записи не затронуты."), "done")

    # --- who was here ------------------------------------------------------------------------------------------------

    def show_sign_ins(self) -> None:
        """Show where and when this person's journal was opened, in place of the list."""
        self._sheets.setCurrentWidget(self.sign_ins)
        self.sign_ins.enter()

    def _leave_sign_ins(self) -> None:
        self._sheets.setCurrentWidget(self._page)
        self.sign_ins_button.setFocus()

    def _leave_form(self) -> None:
        self._sheets.setCurrentWidget(self._page)
        self.password_button.setFocus()

    def close_screen(self) -> None:
        """Stop listening and ticking."""
        self._watch.close()
        self._timer.stop()
        self.closed.emit()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu = self.tr("Состояние")
        return [
            Action("state.list", self.tr("К списку записей"), ("Ctrl+R",), self.entries.setFocus, menu),
            Action("state.open", self.tr("Открыть то, о чём запись"), (), self._open, menu, "Enter"),
            Action("state.again", self.tr("Отправить непринятую запись заново"), (), self.send_again, menu, "+"),
            Action("state.aside", self.tr("Убрать непринятую запись из списка"), (), self.put_aside, menu, "Delete"),
            Action("state.password", self.tr("Сменить пароль"), ("Ctrl+Shift+P",), self.change_password, menu),
            Action("state.sign_ins", self.tr("Мои входы"), ("Ctrl+Shift+H",), self.show_sign_ins, menu),
            *self._to_backups(menu),
            Action("state.back", self.tr("Назад"), ("Esc",), self._step_back, menu),
        ]

    def _to_backups(self, menu: str) -> list[Action]:
        if not self._keeps_drives:
            return []
        return [Action("state.backups", self.tr("Резервные копии"), ("Ctrl+Shift+B",), self.backups_wanted.emit, menu)]

    def _step_back(self) -> None:
        if self._sheets.currentWidget() is self.form:
            self.form.leave()
        elif self._sheets.currentWidget() is self.sign_ins:
            self._leave_sign_ins()
        else:
            self.left.emit()

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
