"""The first page of Вход: the people of this computer, and the password of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.desk_list import DeskChoice, DeskList
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.widgets.password import PasswordField
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import ENTRY, count

AT_THE_EDGE = "padding-left: 1px; padding-right: 6px;"  # the words of a quiet button stand at the column's edge


class PeoplePage(QWidget):
    """The people of this computer, and the password of the chosen one."""

    sign_in_wanted = Signal(str, str)
    sign_in_with_old_wanted = Signal(str, str, str)  # desk id, password, what it was here until now
    reopening_wanted = Signal(str)  # the person's name: open the journal anew from the server
    forgotten_wanted = Signal()
    other_wanted = Signal()
    pairing_wanted = Signal()
    deliver_wanted = Signal()
    export_wanted = Signal()
    import_wanted = Signal()

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
        self.old = PasswordField(self)
        self.old.setAccessibleName(self.tr("Прежний пароль на этом компьютере"))
        self.old.setPlaceholderText(self.tr("Прежний пароль на этом компьютере"))
        self.old.returnPressed.connect(self._try)
        self.old.hint_changed.connect(self._show_hint)
        self._open = QPushButton(self.tr("Войти"), self)
        self._open.setProperty("look", "main")
        self._open.clicked.connect(self._try)
        self._message = Line(self, lines=2)
        self._deliver = QPushButton(self)
        self._export = QPushButton(self.tr("Записать их на носитель…"), self)
        self._import = QPushButton(self.tr("Принять с носителя…"), self)
        self._other = QPushButton(self.tr("Другой человек…"), self)
        self._forgotten = QPushButton(self.tr("Забыли пароль?"), self)
        self._reopen = QPushButton(self.tr("Прежний не помню"), self)
        self._reopen.clicked.connect(self._open_anew)
        self._pair = QPushButton(self)
        for button, signal in (
            (self._deliver, self.deliver_wanted),
            (self._export, self.export_wanted),
            (self._import, self.import_wanted),
            (self._other, self.other_wanted),
            (self._forgotten, self.forgotten_wanted),
            (self._reopen, None),
            (self._pair, self.pairing_wanted),
        ):
            button.setProperty("look", "quiet")
            button.setStyleSheet(AT_THE_EDGE)
            if signal is not None:
                button.clicked.connect(signal)
        self._lay_out()
        self.set_paired(paired=True)
        self._ask_old(wanted=False)

    def _lay_out(self) -> None:
        field = QHBoxLayout()
        field.setSpacing(2 * theme.UNIT)
        field.addWidget(self.password, 1)
        field.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self._empty)
        column.addWidget(self.list, 100)
        column.addSpacing(theme.UNIT)
        column.addLayout(field)
        column.addWidget(self.old)
        column.addWidget(self._message)
        rows = (self._other, self._forgotten, self._reopen), (self._deliver, self._export), (self._import, self._pair)
        for buttons in rows:
            column.addLayout(in_a_row(*buttons, gap=3 * theme.UNIT))
        column.addStretch(1)

    @property
    def has_desks(self) -> bool:
        """Say whether anybody has a journal here."""
        return self.list.count > 0

    @property
    def message(self) -> str:
        """Return the sentence under the password."""
        return self._message.text

    def show_desks(self, desks: Sequence[DeskChoice], last: str = "") -> None:
        """Show the people; the one of the `last` desk is chosen."""
        self.list.show_desks(desks, last)
        some = bool(desks)
        self._empty.setVisible(not some)
        for part in (self.list, self.password, self._open, self._forgotten):
            part.setVisible(some)
        self._show_other(some=some)
        self.set_undelivered(sum(desk.undelivered for desk in desks))

    def _show_other(self, *, some: bool) -> None:
        """Offer the first sign-in quietly beside people, and as the one way on where there are none."""
        self._other.setText(self.tr("Другой человек…") if some else self.tr("Первый вход…"))
        self._other.setProperty("look", "quiet" if some else "main")
        self._other.setStyleSheet(AT_THE_EDGE if some else "")

    def set_undelivered(self, waiting: int) -> None:
        """Offer to send what lies sealed on this computer, whoever entered it; nobody here can read it."""
        for button in (self._deliver, self._export):
            button.setVisible(waiting > 0)
        self._deliver.setText(self.tr("Отправить с этого компьютера {n}").format(n=count(waiting, ENTRY)))

    def say(self, sentence: str) -> None:
        """Say what became of what was asked for here."""
        self._message.say(sentence, "done")

    def set_paired(self, *, paired: bool) -> None:
        """Offer pairing only to a computer that the school does not know."""
        self._pair.setText(self.tr("Подключить этот компьютер к школе"))
        self._pair.setVisible(not paired)
        self._import.setVisible(paired)
        self._other.setEnabled(paired)

    def offer_pairing_again(self) -> None:
        """Offer pairing to a computer that the school has stopped to trust; journals here open all the same."""
        self._pair.setText(self.tr("Подключить этот компьютер заново"))
        self._pair.show()

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
        for field in (self.password, self.old):
            field.setReadOnly(busy)
        self._open.setEnabled(not busy)
        if busy:
            self._message.say(self.tr("Открываю журнал…"))

    def refuse(self, sentence: str, *, wrong_password: bool) -> None:
        """Say why not; a wrong password also says what to look at."""
        self.set_busy(busy=False)
        field = self.old if self.asks_old else self.password
        if wrong_password and self.asks_old:
            sentence = self.tr("Прежний пароль не подошёл.")
        advice = f" {field.refused()}" if wrong_password else ""
        self._message.say(f"{sentence}{advice}", "danger")
        field.setFocus()

    def ask_old_password(self, sentence: str) -> None:
        """Ask in place for what the password was here until now: the new one is right, and stays typed."""
        self.set_busy(busy=False)
        self._ask_old(wanted=True)
        self._message.say(sentence)
        self.old.setFocus()

    def _ask_old(self, *, wanted: bool) -> None:
        self.old.clear()
        self.old.setVisible(wanted)
        self._reopen.setVisible(wanted)
        self._forgotten.setVisible(not wanted and self.has_desks)

    @property
    def asks_old(self) -> bool:
        """Say whether the old password is being asked for."""
        return not self.old.isHidden()

    def _open_anew(self) -> None:
        if self.list.current is not None:
            self.reopening_wanted.emit(self.list.current.person.name)

    def add(self, sentence: str) -> None:
        """Add to what was refused."""
        self._message.say(f"{self.message} {sentence}", "danger")

    def forget(self) -> None:
        """Leave no password in any field."""
        self.password.clear()
        self._ask_old(wanted=False)
        self._message.say("")
        self.set_busy(busy=False)

    def _choose(self) -> None:
        self.password.setFocus()

    def _forget_message(self) -> None:
        self.password.clear()
        self._ask_old(wanted=False)
        self._message.say("")

    def _try(self) -> None:
        desk = self.list.current
        if desk is None or self.password.isReadOnly():
            return
        if not self.password.text():
            self._message.say(self.tr("Введите пароль: {name}").format(name=desk.person.short_name))
            self.password.setFocus()
            return
        if self.asks_old and not self.old.text():
            self.old.setFocus()
            return
        password, old = self.password.text(), self.old.text()
        (self.old if self.asks_old else self.password).setFocus()
        self.set_busy(busy=True)
        if self.asks_old:
            self.sign_in_with_old_wanted.emit(desk.id, password, old)
        else:
            self.sign_in_wanted.emit(desk.id, password)

    def _show_hint(self, hint: str) -> None:
        if not self.password.isReadOnly():
            self._message.say(hint)
