"""Вход: pick your name, type the password; works without the server, and says plainly what needs it.

Nothing here opens a journal: the screen says what the person wants by signals, whoever composed it answers by methods.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.first_sign_in import FirstSignInPage
from ejournal_desktop.ui.screens.pairing import PairingPage
from ejournal_desktop.ui.widgets.desk_list import DeskChoice, DeskList
from ejournal_desktop.ui.widgets.password import PasswordField
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import count

COLUMN = 112 * theme.UNIT

__all__ = ["DeskChoice", "SignInScreen"]


class SignInScreen(QWidget):
    """Three pages in one column: the people of this computer, somebody new here, connecting the computer."""

    sign_in_wanted = Signal(str, str)  # desk id, password
    first_sign_in_wanted = Signal(object)  # FirstSignIn
    pairing_wanted = Signal(str)  # the server's address
    pairing_cancelled = Signal()
    deliver_wanted = Signal()  # send the sealed outboxes of this computer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Вход"))
        self._school = QLabel(self.tr("Школьный журнал"), self)
        self._school.setProperty("look", "large")
        self.people = PeoplePage(self)
        self.newcomer = FirstSignInPage(self)
        self.pairing = PairingPage(self)
        self._pages = QStackedWidget(self)
        for page in (self.people, self.newcomer, self.pairing):
            self._pages.addWidget(page)
        self._server = Line(self)
        self._server.setAccessibleName(self.tr("Сервер школы"))
        self._paired = True
        self._wire()
        self._lay_out()

    def _wire(self) -> None:
        self.people.sign_in_wanted.connect(self.sign_in_wanted)
        self.people.deliver_wanted.connect(self.deliver_wanted)
        self.people.other_wanted.connect(self.show_newcomer)
        self.people.pairing_wanted.connect(self.show_pairing)
        self.newcomer.wanted.connect(self.first_sign_in_wanted)
        self.newcomer.back_wanted.connect(self.show_people)
        self.pairing.wanted.connect(self.pairing_wanted)
        self.pairing.back_wanted.connect(self._leave_pairing)

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(4 * theme.UNIT)
        column.addWidget(self._school)
        column.addWidget(self._pages, 1)
        column.addWidget(self._server)
        holder = QWidget(self)
        holder.setFixedWidth(COLUMN)
        holder.setMaximumHeight(150 * theme.UNIT)
        holder.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(4 * theme.UNIT, 8 * theme.UNIT, 4 * theme.UNIT, 6 * theme.UNIT)
        outer.addStretch(1)
        outer.addWidget(holder)
        outer.addStretch(1)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def set_school(self, name: str) -> None:
        """Show the school's name over everything."""
        self._school.setText(name or self.tr("Школьный журнал"))

    def show_desks(self, desks: Sequence[DeskChoice]) -> None:
        """Show the people who have a journal on this computer."""
        self.people.show_desks(desks)

    def set_paired(self, *, paired: bool) -> None:
        """Say whether this computer is known to the school; an unknown one begins with pairing."""
        self._paired = paired
        self.people.set_paired(paired=paired)

    def set_server(self, *, reachable: bool, sentence: str = "") -> None:
        """Show whether the school's server is within reach; entry works either way."""
        usual = (
            self.tr("Сервер школы на связи.")
            if reachable
            else self.tr("Сервера школы не видно. Войти и работать можно: записи уйдут, когда он появится.")
        )
        self._server.say(sentence or usual, "full" if reachable else "hollow")
        self.newcomer.set_reachable(reachable=reachable)

    def enter(self) -> None:
        """Put the focus where the work goes on."""
        if not self._paired and not self.people.has_desks:
            self.show_pairing()
        else:
            self.show_people()

    def show_people(self) -> None:
        """Show the list of people."""
        self._pages.setCurrentWidget(self.people)
        self.people.enter()

    def show_newcomer(self) -> None:
        """Show the page for somebody who has no journal here yet."""
        self._pages.setCurrentWidget(self.newcomer)
        self.newcomer.enter()

    def show_pairing(self) -> None:
        """Show the page that makes this computer known to the school."""
        self._pages.setCurrentWidget(self.pairing)
        self.pairing.enter()

    def _leave_pairing(self) -> None:
        self.pairing_cancelled.emit()
        self.show_people()

    # --- answers -----------------------------------------------------------------------------------------------------

    def refuse(self, sentence: str, *, wrong_password: bool = True) -> None:
        """Say why the person could not sign in; the focus stays in the field."""
        if self._pages.currentWidget() is self.newcomer:
            self.newcomer.refuse(sentence)
        elif self._pages.currentWidget() is self.pairing:
            self.pairing.refuse(sentence)
        else:
            self.people.refuse(sentence, wrong_password=wrong_password)

    def show_pairing_code(self, code: str) -> None:
        """Show the short code that stands on the administrator's screen too."""
        self.pairing.show_code(code)

    def pairing_done(self, school: str) -> None:
        """Say that the school knows this computer now, and go on to the people."""
        self.set_school(school)
        self.set_paired(paired=True)
        self.pairing.reset()
        self.show_newcomer()

    def forget_passwords(self) -> None:
        """Leave no password in any field."""
        self.people.forget()
        self.newcomer.forget()

    def actions(self) -> list[Action]:  # type: ignore[override]
        """Return nothing: every way on is on the page, and Enter and Esc do the obvious."""
        return []


class PeoplePage(QWidget):
    """The people of this computer, and the password of the chosen one."""

    sign_in_wanted = Signal(str, str)
    other_wanted = Signal()
    pairing_wanted = Signal()
    deliver_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = DeskList(self)
        self.list.chosen.connect(self._choose)
        self.list.current_changed.connect(self._forget_message)
        self._empty = QLabel(self.tr("На этом компьютере ещё никто не входил."), self)
        self._empty.setProperty("look", "secondary")
        self.password = PasswordField(self)
        self.password.setAccessibleName(self.tr("Пароль"))
        self.password.setPlaceholderText(self.tr("Пароль"))
        self.password.returnPressed.connect(self._try)
        self.password.hint_changed.connect(self._show_hint)
        self._open = QPushButton(self.tr("Войти"), self)
        self._open.setProperty("look", "main")
        self._open.clicked.connect(self._try)
        self._message = Line(self, lines=2)
        self._deliver = QPushButton(self)
        self._other = QPushButton(self.tr("Другой человек…"), self)
        self._pair = QPushButton(self.tr("Подключить этот компьютер к школе"), self)
        for button, signal in (
            (self._deliver, self.deliver_wanted),
            (self._other, self.other_wanted),
            (self._pair, self.pairing_wanted),
        ):
            button.setProperty("look", "quiet")
            button.setStyleSheet("padding-left: 1px; padding-right: 6px;")  # its words at the column's edge
            button.clicked.connect(signal)
        self._lay_out()
        self.set_paired(paired=True)

    def _lay_out(self) -> None:
        field = QHBoxLayout()
        field.setSpacing(2 * theme.UNIT)
        field.addWidget(self.password, 1)
        field.addWidget(self._open)
        ways = QHBoxLayout()
        ways.setSpacing(3 * theme.UNIT)
        for button in (self._other, self._pair):
            ways.addWidget(button)
        ways.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self._empty)
        column.addWidget(self.list, 100)
        column.addSpacing(theme.UNIT)
        column.addLayout(field)
        column.addWidget(self._message)
        column.addLayout(ways)
        deliver = QHBoxLayout()
        deliver.addWidget(self._deliver)
        deliver.addStretch(1)
        column.addLayout(deliver)
        column.addStretch(1)

    @property
    def has_desks(self) -> bool:
        """Say whether anybody has a journal here."""
        return self.list.count > 0

    @property
    def message(self) -> str:
        """Return the sentence under the password."""
        return self._message.text

    def show_desks(self, desks: Sequence[DeskChoice]) -> None:
        """Show the people."""
        self.list.show_desks(desks)
        some = bool(desks)
        self._empty.setVisible(not some)
        for part in (self.list, self.password, self._open):
            part.setVisible(some)
        waiting = sum(desk.undelivered for desk in desks)
        self._deliver.setVisible(waiting > 0)
        self._deliver.setText(
            self.tr("Отправить с этого компьютера {n}").format(n=count(waiting, ("запись", "записи", "записей")))
        )

    def set_paired(self, *, paired: bool) -> None:
        """Offer pairing only to a computer that the school does not know."""
        self._pair.setVisible(not paired)
        self._other.setEnabled(paired)

    def enter(self) -> None:
        """Put the focus on the list; with one person, on the password at once."""
        self.set_busy(busy=False)
        if self.list.count == 1:
            self.password.setFocus()
        elif self.list.count:
            self.list.setFocus()
        else:
            (self._other if self._other.isEnabled() else self._pair).setFocus()

    def set_busy(self, *, busy: bool) -> None:
        """Show that the password is being tried; nothing loses the focus."""
        self.password.setReadOnly(busy)
        self._open.setEnabled(not busy)
        if busy:
            self._message.say(self.tr("Открываю журнал…"))

    def refuse(self, sentence: str, *, wrong_password: bool) -> None:
        """Say why not; a wrong password also says what to look at."""
        self.set_busy(busy=False)
        advice = f" {self.password.refused()}" if wrong_password else ""
        self._message.say(f"{sentence}{advice}", "danger")
        self.password.setFocus()

    def forget(self) -> None:
        """Leave no password in the field."""
        self.password.clear()
        self._message.say("")
        self.set_busy(busy=False)

    def _choose(self) -> None:
        self.password.setFocus()

    def _forget_message(self) -> None:
        self.password.clear()
        self._message.say("")

    def _try(self) -> None:
        desk = self.list.current
        if desk is None or self.password.isReadOnly():
            return
        if not self.password.text():
            self._message.say(self.tr("Введите пароль: {name}").format(name=desk.person.short_name))
            self.password.setFocus()
            return
        password = self.password.text()
        self.password.setFocus()
        self.set_busy(busy=True)
        self.sign_in_wanted.emit(desk.id, password)

    def _show_hint(self, hint: str) -> None:
        if not self.password.isReadOnly():
            self._message.say(hint)
