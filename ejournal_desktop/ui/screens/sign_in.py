"""Вход: pick your name, type the password; works without the server, and says plainly what needs it.

Nothing here opens a journal: the screen says what the person wants by signals, whoever composed it answers by methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.first_sign_in import FirstSignInPage
from ejournal_desktop.ui.screens.pairing import PairingPage
from ejournal_desktop.ui.widgets.desk_list import DeskChoice
from ejournal_desktop.ui.widgets.forgotten_page import ForgottenPage
from ejournal_desktop.ui.widgets.layouts import scrolling
from ejournal_desktop.ui.widgets.people_page import PeoplePage
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.update_line import UpdateLine

COLUMN = 112 * theme.UNIT

__all__ = ["DeskChoice", "SignInScreen"]


class SignInScreen(QWidget):
    """Pages in one column: the people of this computer, somebody new here, a forgotten password, connecting it."""

    sign_in_wanted = Signal(str, str)  # desk id, password
    sign_in_with_old_wanted = Signal(str, str, str)  # desk id, password, what it was here until now
    first_sign_in_wanted = Signal(object)  # FirstSignIn
    pairing_wanted = Signal(str)  # the server's address
    pairing_cancelled = Signal()
    deliver_wanted = Signal()  # send the sealed outboxes of this computer
    export_wanted = Signal(str)  # write them on the stick or folder chosen
    import_wanted = Signal(str)  # take them from it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Вход"))
        self._school = QLabel(self.tr("Школьный журнал"), self)
        self._school.setProperty("look", "large")
        self.people = PeoplePage(self)
        self.newcomer = FirstSignInPage(self)
        self.pairing = PairingPage(self)
        self.forgotten = ForgottenPage(self)
        self._pages = QStackedWidget(self)
        for page in (self.people, self.newcomer, self.pairing, self.forgotten):
            self._pages.addWidget(page)
        self._server = Line(self)
        self._server.setAccessibleName(self.tr("Сервер школы"))
        self.update_line = UpdateLine(self, at_work=False)
        self._paired = self._reachable = True
        self._told = ""
        self.choose_folder: Callable[[], str] = self._choose_folder
        self._wire()
        self._lay_out()

    def _wire(self) -> None:
        self._pages.currentChanged.connect(self._show_server)
        self.people.sign_in_wanted.connect(self.sign_in_wanted)
        self.people.sign_in_with_old_wanted.connect(self.sign_in_with_old_wanted)
        self.people.reopening_wanted.connect(self._reopen)
        self.people.forgotten_wanted.connect(self.show_forgotten)
        self.forgotten.code_wanted.connect(lambda name: self.show_newcomer(name, has_code=True))
        self.forgotten.back_wanted.connect(self.show_people)
        self.people.deliver_wanted.connect(self.deliver_wanted)
        self.people.export_wanted.connect(lambda: self._with_folder(self.export_wanted))
        self.people.import_wanted.connect(lambda: self._with_folder(self.import_wanted))
        self.people.other_wanted.connect(lambda: self.show_newcomer())
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
        column.addWidget(self.update_line)
        column.addWidget(self._server)
        holder = QWidget(self)
        holder.setFixedWidth(COLUMN)
        holder.setMaximumHeight(150 * theme.UNIT)
        holder.setLayout(column)
        page = QWidget(self)
        middle = QHBoxLayout(page)
        middle.setContentsMargins(4 * theme.UNIT, 8 * theme.UNIT, 4 * theme.UNIT, 6 * theme.UNIT)
        middle.addStretch(1)
        middle.addWidget(holder)
        middle.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page, self))  # a low window has no room for all that may have to be said

    # --- what is shown -----------------------------------------------------------------------------------------------

    def set_school(self, name: str) -> None:
        """Show the school's name over everything."""
        self._school.setText(name or self.tr("Школьный журнал"))

    def show_desks(self, desks: Sequence[DeskChoice], last: str = "") -> None:
        """Show the people who have a journal on this computer; the one of the `last` desk is chosen."""
        self.people.show_desks(desks, last)

    def set_paired(self, *, paired: bool) -> None:
        """Say whether this computer is known to the school; an unknown one begins with pairing."""
        self._paired = paired
        self.people.set_paired(paired=paired)

    def set_server(self, *, reachable: bool, sentence: str = "") -> None:
        """Show whether the school's server is within reach; entry works either way."""
        self._reachable, self._told = reachable, sentence
        self.newcomer.set_reachable(reachable=reachable)
        self._show_server()

    def _show_server(self) -> None:
        """Say how it is with the server; that work goes on without it is true of whoever has a journal here."""
        usual = self.tr("Сервер школы на связи.") if self._reachable else self.tr("Сервера школы не видно.")
        if not self._reachable and self._pages.currentWidget() is not self.newcomer:
            usual += self.tr(" Войти и работать можно: записи уйдут, когда он появится.")
        self._server.say(self._told or usual, "full" if self._reachable else "hollow")

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

    def show_newcomer(self, name: str = "", *, has_code: bool = False) -> None:
        """Show the page for somebody who has no journal here yet, or whose journal is opened anew."""
        self._pages.setCurrentWidget(self.newcomer)
        self.newcomer.enter(name, has_code=has_code)

    def show_forgotten(self) -> None:
        """Say to the chosen person what to do about a forgotten password."""
        if self.people.list.current is not None:
            self._pages.setCurrentWidget(self.forgotten)
            self.forgotten.enter(self.people.list.current)

    def _reopen(self, name: str) -> None:
        """Open the journal anew with the password that the server knows: the old one is forgotten."""
        password = self.people.password.text()
        self.people.forget()
        self.show_newcomer(name)
        self.newcomer.take_password(password)

    def show_pairing(self) -> None:
        """Show the page that makes this computer known to the school."""
        self._pages.setCurrentWidget(self.pairing)
        self.pairing.enter()

    def _with_folder(self, signal: SignalInstance) -> None:
        """Ask for a stick, and say which; nothing happens where none is chosen."""
        chosen = self.choose_folder()
        if chosen:
            signal.emit(chosen)

    def _choose_folder(self) -> str:
        return QFileDialog.getExistingDirectory(self, self.tr("Носитель для запечатанных записей"))

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
            if wrong_password and not self._reachable:
                self.people.add(self.tr("Если его меняли на другом компьютере, здесь пока действует прежний."))

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

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return nothing: every way on is on the page, and Enter and Esc do the obvious."""
        return []
