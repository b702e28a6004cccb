"""Рабочие места of Администрирование: who asks to be let in, which computers the school knows, whom it shuts out.

The list lies at the server; what is done here is done there at once, and the log of events tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.wire import WorkstationLine, WorkstationOrder
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.queries.staff_names import short_names
from ejournal_desktop.sync.server import SchoolServer
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.speaking import Speak, ask_server
from ejournal_desktop.ui.widgets.layouts import MARGIN, set_in
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.widgets.workplaces_row import PlaceFace, PlaceRow, rows_of

LONGEST_NAME, LONGEST_REASON = 100, 200  # characters, as the server takes them

Wanted = Literal["rename", "revoke", "revoke_desk"]


class WordsForm(StripForm):
    """One line of words about a row: its new name, or why it is revoked. `wanted` brings the words."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent.tr("О рабочем месте"), parent)
        self.row: PlaceRow | None = None
        self.act: Wanted = "rename"
        self._about = QLabel(self)
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self.field = QLineEdit(self)
        self.field.returnPressed.connect(self._done)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addWidget(self._about)
        column.addWidget(self.field)
        self.hide()

    def ask(self, act: Wanted, row: PlaceRow, about: str, hint: str) -> None:
        """Open for a row."""
        self.act, self.row = act, row
        self._about.setText(about)
        self.field.setMaxLength(LONGEST_NAME if act == "rename" else LONGEST_REASON)
        self.field.setText(row.name if act == "rename" else "")
        self.field.selectAll()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(hint)
        self.field.setAccessibleDescription(about)
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _done(self) -> None:
        if self.field.text().strip():
            self.wanted.emit(" ".join(self.field.text().split()))


class WorkplacesPart(QFrame):
    """The list as the server last told it, and what can be done with its rows."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, journal: Journal, jobs: Jobs, speak: Speak, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Рабочие места")
        self.setProperty("look", "paper")
        self.setAccessibleName(self.title)
        self.journal, self._jobs, self._speak, self._clock = journal, jobs, speak, clock
        self._lines: tuple[WorkstationLine, ...] | None = None
        self._names: dict[str, str] = {}
        self._said = ""
        self.note = QLabel(self)
        self.note.setProperty("look", "secondary")
        self.note.setWordWrap(True)
        self.rows = RowList(PlaceFace(), self.title, self, fit=False)
        self.again = QPushButton(self.tr("Обновить список"), self)
        self.again.setToolTip("Ctrl+R")
        self.again.clicked.connect(self.ask)
        self.message = Line(self)
        self.form = WordsForm(self)
        self._lay_out()
        self.rows.typed.connect(self._typed)
        self.rows.opened.connect(lambda _row: self.rename())
        self.rows.put_away.connect(lambda _row: self.revoke())
        self.rows.walked.connect(lambda _row: self._hint())
        self.rows.entered.connect(self._hint)
        self.form.wanted.connect(self._send_words)
        self.form.left.connect(self._focus_list)
        self.form.turned.connect(self._hint)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 3 * theme.UNIT, 0, 0)
        column.setSpacing(0)
        column.addLayout(set_in(self.note, 0, theme.UNIT))
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, theme.UNIT, MARGIN, 2 * theme.UNIT)
        head.setSpacing(3 * theme.UNIT)
        head.addWidget(self.again)
        head.addWidget(self.message, 1, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(head)
        column.addWidget(self.rows, 1)
        column.addWidget(self.form)

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Ask the server and put the focus into the list."""
        self.refresh()
        self.ask()
        self._focus_list()

    def refresh(self) -> None:
        """Show the list again with today's names; the server is not asked."""
        self._names = short_names(self.journal)
        self._show()

    def ask(self) -> None:
        """Ask the server for the list."""
        self._run(lambda server: server.workstations(), "")

    def _run(self, ask: Callable[[SchoolServer], tuple[WorkstationLine, ...]], said: str) -> None:
        self._said = said
        self.again.setEnabled(False)
        self.message.say(self.tr("Спрашиваю сервер школы…"))
        ask_server(self._jobs, self._speak, ask, done=self._came, failed=self._failed)

    def _order(self, order: WorkstationOrder, said: str) -> None:
        def work(server: SchoolServer) -> tuple[WorkstationLine, ...]:
            server.order_workstation(order)
            return server.workstations()

        self._run(work, said)

    def _came(self, lines: tuple[WorkstationLine, ...]) -> None:
        self.again.setEnabled(True)
        self.message.say(self._said, "done" if self._said else "")
        had_focus = self.again.hasFocus()
        self.show_lines(lines)
        if had_focus and self.rows.count():  # it stood there only because there was no row
            self._focus_list()

    def show_lines(self, lines: tuple[WorkstationLine, ...]) -> None:
        """Show the list as the server has it."""
        self._lines = lines
        self._show()

    def _failed(self, error: BaseException) -> None:
        self.again.setEnabled(True)
        errors.tell(error, self.message.say, self.troubled.emit)
        if self.isVisible() and not self.form.isVisible():  # the button was asleep, and the focus went elsewhere
            self._focus_list()

    def _show(self) -> None:
        lines = self._lines or ()
        self.rows.show_rows(rows_of(lines, lambda person: self._names.get(person, ""), self._clock()))
        self.note.setText(self._told(lines))
        self._hint()

    def _told(self, lines: Sequence[WorkstationLine]) -> str:
        if self._lines is None:
            return self.tr("Список хранится на сервере школы: нужна связь с ним.")
        if any(line.state == "waiting" for line in lines):
            return self.tr(
                "Новый компьютер просит впустить его. Подойдите к нему и сверьте восемь цифр: совпали — «+», впустить; "
                "не совпали или рядом никого нет — «−», отказать."
            )
        if not lines:
            return self.tr(
                "Ни одно рабочее место ещё не впущено. Запустите программу на другом компьютере и нажмите «Обновить "
                "список»: он появится здесь с кодом."
            )
        return self.tr("Под каждым рабочим местом — кто открывает там свой журнал, и без связи тоже.")

    def _focus_list(self) -> None:
        (self.rows if self.rows.count() else self.again).setFocus(Qt.FocusReason.OtherFocusReason)

    def _hint(self) -> None:
        row: PlaceRow | None = self.rows.current
        keys = ""
        if self.form.isVisible():
            is_name = self.form.act == "rename"
            keys = self.tr("Enter переименовать   Esc назад") if is_name else self.tr("Enter отозвать   Esc назад")
        elif row is not None and row.kind == "waiting":
            keys = self.tr("+ код тот же, впустить   − отказать")
        elif row is not None and row.works:
            keys = self.tr("Delete отозвать") if row.kind == "desk" else self.tr("F2 переименовать   Delete отозвать")
        self.hint_changed.emit(keys)

    # --- deciding ----------------------------------------------------------------------------------------------------

    def _typed(self, sign: str) -> None:
        if sign in ("+", "="):
            self.approve()
        elif sign in ("-", "_", "−"):
            self.refuse()

    def approve(self) -> None:
        """Let the current row in: its code is the one on the other screen."""
        self._decide("approve", self.tr("Впущено: {name}. Теперь на том компьютере можно войти."))

    def refuse(self) -> None:
        """Refuse the current row."""
        self._decide("refuse", self.tr("Отказано: {name}."))

    def _decide(self, act: Literal["approve", "refuse"], said: str) -> None:
        row: PlaceRow | None = self.rows.current
        if row is None or row.kind != "waiting":
            self.message.say(self.tr("Впускают и отказывают новым компьютерам: они стоят первыми, с кодом."))
            return
        self._order(WorkstationOrder(workstation=row.workstation, act=act, code=row.code), said.format(name=row.name))

    def rename(self) -> None:
        """Give the current workstation another name."""
        row: PlaceRow | None = self.rows.current
        if row is None or row.kind != "place" or not row.works:
            self.message.say(self.tr("Переименовывают рабочее место, которое впущено."))
            return
        self.form.ask("rename", row, self.tr("Как называется рабочее место «{name}»?").format(name=row.name),
                      self.tr("Где оно стоит: «Кабинет 21». Enter — переименовать"))  # fmt: skip

    def revoke(self) -> None:
        """Shut out the current workstation with all its journals, or the one journal."""
        row: PlaceRow | None = self.rows.current
        if row is None or not row.works:
            self.message.say(self.tr("Отзывают рабочее место, которое впущено, или журнал на нём."))
            return
        if row.kind == "desk":
            about = self.tr("Отозвать журнал: {name}. Сотрудник войдёт заново, паролем. Что уже принято, остаётся; что "
                            "придёт из этого журнала позже, будет ждать решения двоих.")  # fmt: skip
        else:
            about = self.tr("Отозвать рабочее место «{name}» со всеми журналами на нём. Что уже принято, "
                            "остаётся; что придёт оттуда позже, будет ждать решения двоих.")  # fmt: skip
        act: Wanted = "revoke_desk" if row.kind == "desk" else "revoke"
        self.form.ask(
            act, row, about.format(name=row.name), self.tr("Причина: она останется в журнале событий. Enter — отозвать")
        )

    def _send_words(self, words: str) -> None:
        row, act = self.form.row, self.form.act
        if row is None:
            return
        self.form.hide()
        self._focus_list()
        if act == "rename":
            said = self.tr("Переименовано: {name}.").format(name=words)
            self._order(WorkstationOrder(workstation=row.workstation, act=act, name=words), said)
        else:
            desk = row.id if act == "revoke_desk" else ""
            order = WorkstationOrder(workstation=row.workstation, act=act, desk=desk, why=words)
            self._order(order, self.tr("Отозвано: {name}. Причина записана.").format(name=row.name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back the last word said."""
        if event.key() == Qt.Key.Key_Escape and self.message.text:
            self.message.say("")
        else:
            super().keyPressEvent(event)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu = self.tr("Рабочие места")
        return [
            Action("workplaces.again", self.tr("Обновить список"), ("Ctrl+R",), self.ask, menu),
            Action("workplaces.approve", self.tr("Впустить: код тот же"), (), self.approve, menu, "+"),
            Action("workplaces.refuse", self.tr("Отказать"), (), self.refuse, menu, "−"),
            Action("workplaces.rename", self.tr("Переименовать"), ("F2",), self.rename, menu),
            Action("workplaces.revoke", self.tr("Отозвать"), (), self.revoke, menu, "Delete"),
        ]
