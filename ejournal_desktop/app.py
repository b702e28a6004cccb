"""The composition root: the only place where window, desk, server and clock are put together.

Вход is painted without the journal, the network and the person's screens: what only a session needs is imported where
the session needs it, and loaded ahead while the person types their password.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from ejournal_core.errors import EjournalError, Trouble
from ejournal_desktop import paths, settings, vault
from ejournal_desktop.models.wall_clock import Clock, local_now
from ejournal_desktop.sync.updates import Offer, updates_of
from ejournal_desktop.ui import errors, full_disk, theme
from ejournal_desktop.ui.collecting import Collecting
from ejournal_desktop.ui.entrance import Entrance, person_of
from ejournal_desktop.ui.file_copies import forget_viewed, wipe_copies
from ejournal_desktop.ui.loading_ahead import LoadingAhead
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.newer_program import NewerProgram
from ejournal_desktop.ui.this_computer import ThisComputer
from ejournal_desktop.ui.widgets.stopped import WORKSTATION_REVOKED, is_for_good

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.sync.desks import OpenDesk
    from ejournal_desktop.sync.engine import Meeting
    from ejournal_desktop.sync.server import SchoolServer
    from ejournal_desktop.sync.session import Session
    from ejournal_desktop.ui.places import Places
    from ejournal_desktop.ui.saving_watch import SavingWatch
    from ejournal_desktop.ui.speaking import Answer

COUNT_MS = 100  # the pill counts once for all that was entered or came meanwhile, and never before the cell is painted


class Program(QObject):
    """One running program: shows Вход, opens a person's session, closes it again.

    Args:
        clock: wall clock, aware; tests and demos bring their own.
    """

    at_work = Signal(bool)  # a person's screens have opened, or are gone
    _met = Signal(object)  # Meeting or error, from the network thread to the window's
    _changed = Signal(object)  # ChangeSet, likewise
    _come = Signal()  # a part of a new journal, likewise
    _looked_up = Signal(str, str, object)  # kind, record, and why its history did not come (None: it did), likewise

    def __init__(self, clock: Clock = local_now) -> None:
        super().__init__()
        self._clock = clock
        self.window = MainWindow(settings.load(paths.settings_file()).window_place)
        self.computer = ThisComputer(self.window.sign_in, self.window.jobs)
        self.entrance = Entrance(self.window, self.computer, clock)
        self.newer = NewerProgram(self.window.jobs)
        self.ahead = LoadingAhead(self.window.jobs)
        self.session: Session | None = None
        self._places: Places | None = None
        self._disk: SavingWatch | None = None
        self._counting = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._wire()

    def _wire(self) -> None:
        window = self.window
        window.leave_wanted.connect(self.leave)
        window.locked.connect(self._lock)
        window.unlock_wanted.connect(self._unlock)
        window.sync_wanted.connect(self._sync_now)
        window.closing.connect(self.close)
        window.may_close = self._may_close
        self.entrance.opened.connect(self._opened)
        self.entrance.shown.connect(self._look_for_newer)
        self._counting.timeout.connect(self._show_state)
        self.newer.show_on(window.sign_in.update_line, at_work=False)
        self.newer.install_now.connect(self.install)
        self._met.connect(self._after_meeting)
        self._changed.connect(self._after_change)
        self._come.connect(self._counting.start)

    def show(self) -> None:
        """Show the window with Вход; no readable copy of a file outlives a power cut by more than this."""
        wipe_copies()
        forget_viewed()
        self.entrance.show()
        if self.computer.unpaired is not None:
            self.window.sign_in.refuse(errors.explain(self.computer.unpaired).text, wrong_password=False)
        self.window.show()
        self.ahead.begin_after_paint(self.window)

    def _look_for_newer(self) -> None:
        self.newer.look(self.computer.workstation)

    # --- at work ---------------------------------------------------------------------------------------------------

    def _opened(self, desk: OpenDesk) -> None:
        from ejournal_desktop.models import queries
        from ejournal_desktop.models.commands.audit_log import tell_sign_in
        from ejournal_desktop.sync.session import Session
        from ejournal_desktop.ui.saving_watch import SavingWatch

        self.session = Session(desk, self.computer.workstation, self._met.emit)
        desk.journal.go_on_here()
        desk.journal.listen(self._changed.emit)
        self._disk = SavingWatch(desk.journal, self)
        self._disk.refused.connect(self._after_flush)
        self._disk.changed.connect(self._show_state)
        self._disk.done.connect(self.window.close)
        desk.journal.watch_loading(lambda _: self._come.emit())
        tell_sign_in(desk.journal, desk.unlocked.wrong)
        self._show_places(desk)
        self._show_state()
        with suppress(Trouble, OSError):  # what stands under a name is worth no sentence
            vault.note_roles(desk.unlocked.desk, queries.roles_held(desk.journal))
        if desk.unlocked.without_keyring and not settings.load(paths.settings_file()).keyring_told:
            self.window.show_trouble(KeyringAbsent())
            settings.remember(paths.settings_file(), keyring_told=True)
        self.at_work.emit(True)

    def _show_places(self, desk: OpenDesk) -> None:
        """Show the person's screens; what they want of the server or of the whole program is joined here."""
        from ejournal_desktop.ui.places import Places

        journal = desk.journal
        places = self._places = Places(journal, self.window, self._sign, self._speak, self._clock)
        places.spread.past.can_fetch = self.computer.workstation is not None
        places.spread.past.wanted.connect(self._look_up)
        self._looked_up.connect(places.spread.past.came)
        for screen in (places.lesson, places.files, places.state):
            screen.sync_wanted.connect(self._sync_now)
        places.state.password_wanted.connect(self._change_password)
        places.state.sign_in_wanted.connect(self.leave)
        self.newer.show_on(places.state.update_line, at_work=True)
        minutes = journal.policy().auto_lock_minutes
        self.window.open_session(person_of(desk.unlocked.desk), places.listed(), minutes)

    def _sync_now(self) -> None:
        if self.session is None or self._places is None:
            return
        from ejournal_desktop.models import queries

        state = queries.sync_state(self.session.journal, rows=False)
        if is_for_good(state):  # it could only fail: Состояние says why, and the way out
            self.window.go("state")
            self._places.state.explain_stop()
        else:
            self.session.sync_now()

    def _change_password(self, old: str, new: str) -> None:
        session, place, places = self.session, self.computer.workstation, self._places
        if session is None or place is None or places is None:
            return
        from ejournal_desktop.models.commands.audit_log import tell_event
        from ejournal_desktop.sync import anew

        desk, screen = session.desk, places.state

        def done(_: object) -> None:
            if self.session is session:  # else the screen is gone
                tell_event(session.journal, "password_changed")
                screen.password_changed()

        def failed(error: BaseException) -> None:
            if self.session is session:
                screen.form.refuse(errors.explain(error))

        work = partial(anew.change_password, desk, old, new, place)
        self.window.jobs.run(lambda _: work(), lane="network", done=done, failed=failed, quiet=True)

    def _look_up(self, kind: str, record: str) -> None:
        if self.session is not None:
            self.session.look_up(kind, record, lambda why: self._looked_up.emit(kind, record, why))

    def _after_meeting(self, what: Meeting | EjournalError) -> None:
        if self.session is None or self.session.is_locked:
            return
        if isinstance(what, EjournalError):
            from ejournal_desktop.sync.desks import REVOKED
            from ejournal_desktop.sync.server import ServerRefused

            what = full_disk.at_meeting(what)
            explained = errors.explain(what)
            self.computer.is_disowned |= explained.code == WORKSTATION_REVOKED
            with suppress(Trouble):  # on a full disk not even this is kept; it is said all the same
                self.session.journal.note(problem=explained.text, problem_code=explained.code)
            self.window.show_trouble(what)
            if isinstance(what, ServerRefused) and what.answer == REVOKED:
                self.window.lock()
        else:
            self.window.banner.clear(full_disk.NoRoomForNews.code)
            self.newer.tell(what.update)
            self._look_for_newer()
        self._show_state()

    def _after_flush(self, trouble: Trouble | None) -> None:
        from ejournal_desktop.models.saving import NoRoomToSave, NotSaved

        if trouble is not None:
            self.window.show_trouble(trouble)
        else:
            self.window.banner.clear(NotSaved.code)
            self.window.banner.clear(NoRoomToSave.code)
        self._show_state()

    def _may_close(self) -> bool:
        """Say whether the window may go; else it goes by itself, once the disk has what was entered."""
        disk = self._disk
        if self.session is None or disk is None or disk.may_leave():
            return True
        from ejournal_desktop.ui.saving_watch import StillSaving

        self.window.show_trouble(StillSaving("the disk is writing"))
        return False

    def _after_change(self, changes: ChangeSet) -> None:
        if changes.saved:
            self.window.safe_as_of = self._clock()
        if not self._counting.isActive():
            self._counting.start()

    def _show_state(self) -> None:
        if self.session is not None and not self.session.is_locked:
            from ejournal_desktop.models import queries

            self.window.set_sync_state(queries.sync_state(self.session.journal, rows=False))

    def _speak(self, ask: Callable[[SchoolServer], Answer], /) -> Answer:
        """Ask the school's server as this person's desk; runs on a worker thread."""
        from ejournal_desktop.sync.desks import caller
        from ejournal_desktop.sync.server import ServerAway

        session, place = self.session, self.computer.workstation
        if session is None or place is None:
            raise ServerAway("no server is known here")
        with place.connect(caller(session.journal)) as server:
            return ask(server)

    def _sign(self, pdf: bytes, reason: str, field: str) -> bytes:
        """Sign at one place of a document; runs on a worker thread: only here are the libraries of signing loaded."""
        from ejournal_desktop.documents.own_signer import NoCertificateYet, ask_for_certificate, own_signer
        from ejournal_desktop.documents.sign import sign_pdf
        from ejournal_desktop.sync.desks import caller

        session, place = self.session, self.computer.workstation
        assert session is not None
        try:
            signer = own_signer(session.journal)
        except NoCertificateYet:
            if place is None:
                raise
            with place.connect(caller(session.journal)) as server:
                signer = ask_for_certificate(session.journal, server)
        return sign_pdf(pdf, signer, reason=reason, place=place.school_name if place else "", field=field)

    def _lock(self) -> None:
        wipe_copies()
        if self.session is not None:
            self.session.lock()

    def _unlock(self, password: str) -> None:
        session = self.session
        if session is None:
            return

        def opened(_: object) -> None:
            self.window.unlocked()
            self._show_state()

        def refused(error: BaseException) -> None:
            self.window.unlock_refused(
                errors.explain(full_disk.at_opening(error)).text, wrong_password=isinstance(error, vault.WrongPassword)
            )

        self.window.jobs.run(lambda _: session.unlock(password), done=opened, failed=refused, quiet=True)

    def leave(self) -> None:
        """Close the person's session and make room for somebody else."""
        wipe_copies()
        is_ending = self.session is not None and not self.window.is_locked  # else somebody else wants to sign in
        self.window.close_session()  # first: what is half typed is entered while the journal is still open
        self._end_session()
        self.entrance.show()
        if self.newer.standing.chosen and is_ending:
            self.install()
        else:
            self.newer.choose(wanted=False)

    def install(self) -> None:
        """Hand the newer program to the system's installer and end; where that fails, say so and stay."""
        if self.computer.workstation is not None:
            self.newer.prove(self.computer.workstation, self._proved, self._not_installed)

    def _proved(self, offer: Offer | None) -> None:
        if self.session is not None or self.entrance.is_opening:
            return  # somebody has begun to work meanwhile: it is offered again
        try:
            self.newer.hand_over(offer)
        except Trouble as trouble:
            self._not_installed(trouble)
        else:
            self.window.close()

    def _not_installed(self, error: BaseException) -> None:
        self.window.sign_in.refuse(errors.explain(error).text, wrong_password=False)

    def _end_session(self) -> None:
        if self._disk is not None:
            self._disk.close()
            self._disk = None
        self._places = None
        if self.session is not None:
            session, self.session = self.session, None
            session.close()
            self.at_work.emit(False)

    def close(self) -> None:
        """End everything; what was entered is in the desk's file since its key press."""
        for part in (self.entrance, self.computer, self.ahead):
            part.close()
        self._counting.stop()
        settings.remember(paths.settings_file(), window_place=self.window.geometry_text())
        if self.session is not None:
            self.window.close_session()
        self._end_session()
        if self.newer.standing.chosen and self.computer.workstation is not None:
            with suppress(Trouble):  # nobody is there to be told any more; it is offered again
                self.newer.hand_over(updates_of(self.computer.workstation).offer())
        self.window.jobs.close()
        wipe_copies()  # those too that were still being made


class KeyringAbsent(Trouble):
    """This PC has no usable keyring; a file of the account holds its half of the key. Said once."""

    code: ClassVar[str] = "EJ-319"


def run(arguments: list[str], clock: Clock = local_now) -> int:
    """Run the program until its window is closed; return the exit status."""
    app = QApplication(arguments)
    theme.apply(app, settings.load(paths.settings_file()).theme)
    program = Program(clock)
    collect_on_the_window_s_thread(program)
    program.show()
    return app.exec()


def collect_on_the_window_s_thread(program: Program) -> None:
    """Collect garbage from a timer only: Qt objects must not end on another thread."""
    program.at_work.connect(Collecting(program).follow)
