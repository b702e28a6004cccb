"""Вход at work: who has a desk on this PC, whether the server answers, and what opens a desk or keeps it shut."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ejournal_core import russian
from ejournal_core.errors import EjournalError, Trouble
from ejournal_desktop import paths, settings, vault
from ejournal_desktop.models.outgoing_folder import undelivered
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui import errors, full_disk
from ejournal_desktop.ui.jobs import Job, Report
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.first_sign_in import FirstSignIn
from ejournal_desktop.ui.screens.sign_in import DeskChoice
from ejournal_desktop.ui.this_computer import ThisComputer
from ejournal_desktop.ui.widgets.desk_list import ROLES
from ejournal_desktop.ui.widgets.stopped import WORKSTATION_REVOKED

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Clock
    from ejournal_desktop.sync.desks import OpenDesk

LOOK_MS = 20_000  # how often Вход looks for the server


class Entrance(QObject):
    """Answers what is wanted on Вход until a desk is open.

    Args:
        window: whose Вход it is.
        computer: how this PC stands with the school.
        clock: wall clock, aware.
    """

    shown = Signal()
    opened = Signal(object)  # OpenDesk

    def __init__(self, window: MainWindow, computer: ThisComputer, clock: Clock) -> None:
        super().__init__()
        self._window, self._computer, self._clock = window, computer, clock
        self._sign_in = window.sign_in
        self._shown: set[str] = set()  # the desks that Вход offers
        self._look: Report | None = None
        self._looking = QTimer(self, interval=LOOK_MS)
        self.is_opening = False  # somebody's password is being tried
        self._wire()

    def _wire(self) -> None:
        self._sign_in.sign_in_wanted.connect(self.sign_in)
        self._sign_in.sign_in_with_old_wanted.connect(self.sign_in)
        self._sign_in.first_sign_in_wanted.connect(self.sign_in_first)
        self._computer.paired.connect(self._look_for_server)
        self._computer.done.connect(self._show_done)
        self._computer.failed.connect(self._not_opened)
        self._looking.timeout.connect(self._look_for_server)

    # --- who and whether -------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show Вход with the people of this PC."""
        waiting = undelivered(paths.outgoing_folder())
        found = sorted(self.known_desks(), key=lambda desk: (not desk.person_name, russian.sort_key(desk.person_name)))
        place = self._computer.workstation
        self._sign_in.set_paired(paired=place is not None)
        if self._computer.is_disowned:
            self._sign_in.people.offer_pairing_again()
        self._sign_in.set_school(place.school_name if place else "")
        choices = [_choice(desk, waiting.get(desk.id, 0)) for desk in found]
        self._shown = {desk.id for desk in found}
        self._window.show_sign_in(choices, settings.load(paths.settings_file()).last_desk)
        self._sign_in.people.set_undelivered(sum(waiting.values()))  # also of people who have no journal here any more
        self._look_for_server()
        self._looking.start()
        self.shown.emit()

    def _show_done(self, sentence: str) -> None:
        self.show()
        self._sign_in.people.say(sentence)

    def known_desks(self) -> list[vault.Desk]:
        """Return the desks of this PC."""
        return vault.list_desks(paths.desks_folder())

    def _look_for_server(self) -> None:
        place = self._computer.workstation
        if place is None:
            return

        def look(report: Report) -> None:
            with place.connect() as server:
                report.on_cancel(server.cut)  # a window that closes waits for nobody
                server.hello()

        def found(_: object) -> None:
            self._sign_in.set_server(reachable=True)

        def missed(error: BaseException) -> None:
            known = errors.explain(error)
            sentence = "" if known.code == "EJ-320" else known.text
            self._sign_in.set_server(reachable=False, sentence=sentence)

        self._look = self._window.jobs.run(look, lane="network", done=found, failed=missed, quiet=True).report

    # --- opening a desk --------------------------------------------------------------------------------------------

    def sign_in(self, desk_id: str, password: str, old_password: str = "") -> None:
        """Open a desk that this PC holds; `old_password` is what it was here until it was changed on another PC."""
        desk = next((desk for desk in self.known_desks() if desk.id == desk_id), None)
        if desk is None:
            self.show()
            return
        known: vault.Desk = desk
        place = self._computer.workstation

        def work(_: Report) -> OpenDesk:
            from ejournal_desktop.sync import anew  # Вход is painted without journal and network

            return anew.sign_in(known, password, place, self._clock, old_password)

        self._open(work)

    def sign_in_first(self, wanted: FirstSignIn) -> None:
        """Make a desk for somebody who has none here."""
        place = self._computer.workstation
        if place is None:
            self._sign_in.show_pairing()
            return

        def work(report: Report) -> OpenDesk:
            from ejournal_desktop.sync import desks

            with place.connect() as server:
                person = desks.find_person(server.people(), wanted.name)
            secret, fresh = wanted.password, ""
            if wanted.activation_code:
                secret, fresh = wanted.activation_code, wanted.password
            desk = desks.open_first(
                place, person, secret, fresh, self._clock, lambda come: report.step(come.done, come.total)
            )
            with suppress(Trouble):  # what a journal before it had not sent; else it goes from Вход by its button
                desks.deliver_sealed(place, paths.outgoing_folder())
            return desk

        self._open(work).progressed.connect(self._sign_in.newcomer.show_progress)

    def _open(self, work: Callable[[Report], OpenDesk]) -> Job:
        if self._look is not None:
            self._look.cancel()  # signing in waits for no server that keeps silent
        self.is_opening = True
        return self._window.jobs.run(work, lane="network", done=self._opened, failed=self._not_opened, quiet=True)

    def _opened(self, desk: OpenDesk) -> None:
        self.is_opening = False
        self._looking.stop()
        settings.remember(paths.settings_file(), last_desk=desk.unlocked.desk.id)
        self.opened.emit(desk)

    def _not_opened(self, error: BaseException) -> None:
        from ejournal_desktop.sync.anew import PasswordChangedElsewhere

        self.is_opening = False
        explained = errors.explain(full_disk.at_opening(error))
        if isinstance(error, EjournalError) and WORKSTATION_REVOKED in (explained.code, error.details.get("why")):
            self._computer.is_disowned = True
            self._sign_in.people.offer_pairing_again()
        if isinstance(error, PasswordChangedElsewhere):
            self._sign_in.people.ask_old_password(explained.text)
            return
        if {desk.id for desk in self.known_desks()} - self._shown:
            self._offer_fresh_desk(explained.text)
            return
        self._sign_in.refuse(explained.text, wrong_password=isinstance(error, vault.WrongPassword))
        if explained.place == "window":
            self._window.show_bug(error)

    def _offer_fresh_desk(self, sentence: str) -> None:
        """Something stopped a first sign-in when the desk was made: its password opens it, and the code is used up."""
        fresh = next(desk for desk in self.known_desks() if desk.id not in self._shown)
        settings.remember(paths.settings_file(), last_desk=fresh.id)
        self.show()
        there = self.tr("Журнал на этом компьютере уже заведён: введите пароль, остальное догрузится.")
        self._sign_in.refuse(f"{sentence} {there}", wrong_password=False)

    def close(self) -> None:
        """Look for the server no more."""
        self._looking.stop()


def person_of(desk: vault.Desk) -> PersonRow:
    """Return whose desk it is as the window names them."""
    last_name, first_name, patronymic = (*desk.person_name.split(" ", 2), "", "", "")[:3]
    roles = tuple(role for role in ROLES if role in desk.roles)
    return PersonRow(desk.person_id, desk.person_name, russian.short_name(last_name, first_name, patronymic), roles)


def _choice(desk: vault.Desk, undelivered: int) -> DeskChoice:
    return DeskChoice(desk.id, person_of(desk), undelivered)
