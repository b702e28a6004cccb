"""The composition root: the only place where window, desk, server and clock are put together."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from ejournal_core import russian
from ejournal_core.errors import EjournalError, Trouble
from ejournal_core.kinds import PeriodKind
from ejournal_desktop import paths, settings, vault
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import ChangeSet, Journal, local_now
from ejournal_desktop.models.outgoing_folder import export_sealed, import_sealed
from ejournal_desktop.models.pages import PersonRow, StateRow
from ejournal_desktop.models.queries.my_class import classes_seen
from ejournal_desktop.models.saving import NoRoomToSave, NotSaved
from ejournal_desktop.sync import anew, desks
from ejournal_desktop.sync.desks import REVOKED, Delivery, OpenDesk, caller
from ejournal_desktop.sync.engine import Meeting
from ejournal_desktop.sync.pairing import Pairing, PairingDamaged, Workstation, read_workstation
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.sync.session import Session
from ejournal_desktop.sync.updates import Offer, updates_of
from ejournal_desktop.ui import errors, full_disk, theme
from ejournal_desktop.ui.file_copies import wipe_copies
from ejournal_desktop.ui.jobs import Job, Report
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.newer_program import NewerProgram
from ejournal_desktop.ui.saving_watch import SavingWatch, StillSaving
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.screens.documents import DocumentsScreen
from ejournal_desktop.ui.screens.first_sign_in import FirstSignIn
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.sign_in import DeskChoice
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.widgets.desk_list import ROLES
from ejournal_desktop.ui.widgets.files_sheet import FilesSheet
from ejournal_desktop.ui.widgets.stopped import WORKSTATION_REVOKED, is_for_good
from ejournal_desktop.ui.words import ENTRY, count

Clock = Callable[[], datetime]

ASK_AGAIN_MS = 2_000  # how often a pairing asks whether the administrator has decided
LOOK_MS = 20_000  # how often Вход looks for the server
COLLECT_MS = 10_000
COUNT_MS = 100  # the pill counts once for all that was entered or came meanwhile, and never before the cell is painted


class Program(QObject):
    """One running program: shows Вход, opens a person's session, closes it again.

    Args:
        clock: wall clock, aware; tests and demos bring their own.
    """

    _met = Signal(object)  # Meeting or error, from the network thread to the window's
    _changed = Signal(object)  # ChangeSet, likewise
    _come = Signal()  # a part of a new journal, likewise
    _looked_up = Signal(str, str, object)  # kind, record, and why its history did not come (None: it did), likewise

    def __init__(self, clock: Clock = local_now) -> None:
        super().__init__()
        self._clock = clock
        self.settings = settings.load(paths.settings_file())
        self.window = MainWindow(self.settings.window_place)
        self.workstation: Workstation | None = None
        self._unpaired: PairingDamaged | None = None
        self._remember_school()
        self.session: Session | None = None
        self._pairing: Pairing | None = None
        self._look: Report | None = None
        self._looking = QTimer(self, interval=LOOK_MS)
        self._shown: set[str] = set()  # the desks that Вход offers
        self._is_disowned = False  # the school has stopped to trust this PC
        self._is_opening = False  # somebody's password is being tried
        self.newer = NewerProgram(self.window.jobs)
        self._asking = QTimer(self, interval=ASK_AGAIN_MS)
        self._counting = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._disk: SavingWatch | None = None
        self._wire()

    def _remember_school(self) -> None:
        """Read how this PC is paired; where that is damaged, desks open all the same and the person is told."""
        try:
            self.workstation = read_workstation()
        except PairingDamaged as damaged:
            self._unpaired = damaged

    def _wire(self) -> None:
        window, sign_in = self.window, self.window.sign_in
        sign_in.sign_in_wanted.connect(self.sign_in)
        sign_in.sign_in_with_old_wanted.connect(self.sign_in)
        sign_in.first_sign_in_wanted.connect(self.sign_in_first)
        sign_in.pairing_wanted.connect(self.pair)
        sign_in.pairing_cancelled.connect(self._forget_pairing)
        sign_in.deliver_wanted.connect(self.deliver)
        sign_in.export_wanted.connect(lambda stick: self.carry(Path(stick), outward=True))
        sign_in.import_wanted.connect(lambda stick: self.carry(Path(stick), outward=False))
        window.leave_wanted.connect(self.leave)
        window.locked.connect(self._lock)
        window.unlock_wanted.connect(self._unlock)
        window.sync_wanted.connect(self._sync_now)
        window.closing.connect(self.close)
        window.may_close = self._may_close
        self._looking.timeout.connect(self._look_for_server)
        self._asking.timeout.connect(self._ask_about_pairing)
        self._counting.timeout.connect(self._show_state)
        self.newer.show_on(sign_in.update_line, at_work=False)
        self.newer.install_now.connect(self.install)
        self._met.connect(self._after_meeting)
        self._changed.connect(self._after_change)
        self._come.connect(self._counting.start)

    def show(self) -> None:
        """Show the window with Вход; no readable copy of a file outlives a power cut by more than this."""
        wipe_copies()
        self._show_sign_in()
        if self._unpaired is not None:
            self.window.sign_in.refuse(errors.explain(self._unpaired).text, wrong_password=False)
        self.window.show()

    # --- Вход ------------------------------------------------------------------------------------------------------

    def _show_sign_in(self) -> None:
        waiting = desks.undelivered(paths.outgoing_folder())
        found = sorted(self.known_desks(), key=lambda desk: (not desk.person_name, russian.sort_key(desk.person_name)))
        sign_in = self.window.sign_in
        sign_in.set_paired(paired=self.workstation is not None)
        if self._is_disowned:
            sign_in.people.offer_pairing_again()
        sign_in.set_school(self.workstation.school_name if self.workstation else "")
        choices = [_choice(desk, waiting.get(desk.id, 0)) for desk in found]
        self._shown = {desk.id for desk in found}
        self.window.show_sign_in(choices, self.settings.last_desk)
        sign_in.people.set_undelivered(sum(waiting.values()))  # also of people who have no journal here any more
        self._look_for_server()
        self._looking.start()
        self.newer.look(self.workstation)

    def known_desks(self) -> list[vault.Desk]:
        """Return the desks of this PC."""
        return vault.list_desks(paths.desks_folder())

    def _look_for_server(self) -> None:
        place = self.workstation
        if place is None:
            return

        def look(report: Report) -> None:
            with place.connect() as server:
                report.on_cancel(server.cut)  # a window that closes waits for nobody
                server.hello()

        def found(_: object) -> None:
            self.window.sign_in.set_server(reachable=True)

        def missed(error: BaseException) -> None:
            known = errors.explain(error)
            sentence = "" if known.code == "EJ-320" else known.text
            self.window.sign_in.set_server(reachable=False, sentence=sentence)

        self._look = self.window.jobs.run(look, lane="network", done=found, failed=missed, quiet=True).report

    def sign_in(self, desk_id: str, password: str, old_password: str = "") -> None:
        """Open a desk that this PC holds; `old_password` is what it was here until it was changed on another PC."""
        desk = next((desk for desk in self.known_desks() if desk.id == desk_id), None)
        if desk is None:
            self._show_sign_in()
            return
        known: vault.Desk = desk
        place = self.workstation
        self._open(lambda _: anew.sign_in(known, password, place, self._clock, old_password))

    def sign_in_first(self, wanted: FirstSignIn) -> None:
        """Make a desk for somebody who has none here."""
        place = self.workstation
        if place is None:
            self.window.sign_in.show_pairing()
            return

        def work(report: Report) -> OpenDesk:
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

        self._open(work).progressed.connect(self.window.sign_in.newcomer.show_progress)

    def _open(self, work: Callable[[Report], OpenDesk]) -> Job:
        if self._look is not None:
            self._look.cancel()  # signing in waits for no server that keeps silent
        self._is_opening = True
        return self.window.jobs.run(work, lane="network", done=self._opened, failed=self._not_opened, quiet=True)

    def _not_opened(self, error: BaseException) -> None:
        self._is_opening = False
        explained = errors.explain(full_disk.at_opening(error))
        if isinstance(error, EjournalError) and WORKSTATION_REVOKED in (explained.code, error.details.get("why")):
            self._is_disowned = True
            self.window.sign_in.people.offer_pairing_again()
        if isinstance(error, anew.PasswordChangedElsewhere):
            self.window.sign_in.people.ask_old_password(explained.text)
            return
        if {desk.id for desk in self.known_desks()} - self._shown:
            self._offer_fresh_desk(explained.text)
            return
        self.window.sign_in.refuse(explained.text, wrong_password=isinstance(error, vault.WrongPassword))
        if explained.place == "window":
            self.window.show_bug(error)

    def _offer_fresh_desk(self, sentence: str) -> None:
        """Something stopped a first sign-in when the desk was made: its password opens it, and the code is used up."""
        fresh = next(desk for desk in self.known_desks() if desk.id not in self._shown)
        self._remember(last_desk=fresh.id)
        self._show_sign_in()
        there = self.tr("Журнал на этом компьютере уже заведён: введите пароль, остальное догрузится.")
        self.window.sign_in.refuse(f"{sentence} {there}", wrong_password=False)

    def _opened(self, desk: OpenDesk) -> None:
        self._is_opening = False
        self._looking.stop()
        self._remember(last_desk=desk.unlocked.desk.id)
        self.session = Session(desk, self.workstation, self._met.emit)
        desk.journal.go_on_here()
        desk.journal.listen(self._changed.emit)
        self._disk = SavingWatch(desk.journal, self)
        self._disk.refused.connect(self._after_flush)
        self._disk.changed.connect(self._show_state)
        self._disk.done.connect(self.window.close)
        desk.journal.watch_loading(lambda _: self._come.emit())
        self.window.open_session(_person(desk.unlocked.desk), self._places(desk.journal), self._idle_minutes())
        self._show_state()
        with suppress(Trouble, OSError):  # what stands under a name is worth no sentence
            vault.note_roles(desk.unlocked.desk, queries.roles_held(desk.journal))
        if desk.unlocked.without_keyring and not self.settings.keyring_told:
            self.window.show_trouble(KeyringAbsent())
            self._remember(keyring_told=True)

    def _places(self, journal: Journal) -> list[Place]:
        jobs, clock = self.window.jobs, self._clock
        today, spread = TodayScreen(journal, clock), JournalScreen(journal, clock)
        lesson, results = LessonScreen(journal, jobs, clock), PeriodMarksScreen(journal, jobs, clock)
        plan = LessonPlanScreen(journal, jobs)
        papers, state = DocumentsScreen(journal, jobs, self._sign, clock), StateScreen(journal, clock)
        decides = queries.decides_about_others(journal) or queries.deals_with_destruction(journal)
        control = ControlScreen(journal, clock) if decides else None
        my_class = MyClassScreen(journal, jobs, clock) if classes_seen(journal) else None
        for screen in (today, spread, lesson, plan, results, papers, state):
            screen.troubled.connect(self.window.show_trouble)

        def open_lesson(lesson_id: str) -> None:
            lesson.open(lesson_id)
            self.window.go("lesson")

        def open_place(lesson_id: str) -> None:
            self.window.go("journal")
            spread.open_lesson(lesson_id)

        def open_entry(row: StateRow) -> None:
            if row.lesson_id:
                open_place(row.lesson_id)
            elif row.page_id:
                self.window.go("journal")
                spread.open_page(row.page_id)

        def open_cell(page_id: str, column_key: str, pupil_id: str) -> None:
            self.window.go("journal")
            spread.open_cell(page_id, column_key, pupil_id)

        def open_check(class_group_id: str) -> None:
            self.window.go("class")
            if my_class is not None:
                my_class.open_check(class_group_id)

        def open_report(class_group_id: str) -> None:
            self.window.go("class")
            if my_class is not None:
                my_class.open_report(class_group_id)

        def open_results(page_id: str, kind: PeriodKind, number: int) -> None:
            self.window.go("results")
            results.open_period(page_id, kind, number)

        results.cell_opened.connect(open_cell)
        if my_class is not None:
            my_class.troubled.connect(self.window.show_trouble)
            my_class.lesson_opened.connect(open_lesson)
            my_class.cell_opened.connect(open_cell)
            today.register_wanted.connect(open_check)
            today.report_wanted.connect(open_report)

        def open_contradiction(lesson_id: str) -> None:
            open_lesson(lesson_id)
            lesson.show_contradiction()

        today.lesson_opened.connect(open_lesson)
        today.contradiction_opened.connect(open_contradiction)
        today.place_opened.connect(open_place)
        today.results_wanted.connect(open_results)
        today.cell_wanted.connect(open_cell)
        today.decisions_wanted.connect(lambda: self.window.go("control"))
        spread.past.can_fetch = self.workstation is not None
        spread.past.wanted.connect(self._look_up)
        self._looked_up.connect(spread.past.came)
        if control is not None:
            control.troubled.connect(self.window.show_trouble)
            control.place_opened.connect(open_lesson)
        state.record_opened.connect(open_entry)
        lesson.left.connect(self.window.go_back)
        for place in (lesson, FilesSheet(journal, jobs, spread)):
            place.sync_wanted.connect(self._sync_now)
        state.sync_wanted.connect(self._sync_now)
        state.left.connect(self.window.go_back)
        state.password_wanted.connect(self._change_password)
        self.newer.show_on(state.update_line, at_work=True)
        state.sign_in_wanted.connect(self.leave)
        return [
            Place("today", self.tr("Сегодня"), today),
            Place("journal", self.tr("Журнал"), spread),
            Place("lesson", self.tr("Урок"), lesson),
            Place("plan", self.tr("КТП"), plan),
            Place("results", self.tr("Итоги"), results),
            *([Place("class", self.tr("Мой класс"), my_class)] if my_class is not None else []),
            Place("documents", self.tr("Документы"), papers),
            *([Place("control", self.tr("Контроль"), control)] if control is not None else []),
            Place("state", "", state),
        ]

    def _idle_minutes(self) -> int:
        return self.session.journal.policy().auto_lock_minutes if self.session else 0

    # --- at work ---------------------------------------------------------------------------------------------------

    def _sync_now(self) -> None:
        if self.session is None:
            return
        state = queries.sync_state(self.session.journal, rows=False)
        if is_for_good(state):  # it could only fail: Состояние says why, and the way out
            self.window.go("state")
            self._state_screen().explain_stop()
        else:
            self.session.sync_now()

    def _state_screen(self) -> StateScreen:
        screen = self.window.screen_of("state")
        assert isinstance(screen, StateScreen)
        return screen

    def _change_password(self, old: str, new: str) -> None:
        session, place = self.session, self.workstation
        if session is None or place is None:
            return
        desk, screen = session.desk, self._state_screen()

        def done(_: object) -> None:
            if self.session is session:  # else the screen is gone
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
            what = full_disk.at_meeting(what)
            explained = errors.explain(what)
            self._is_disowned |= explained.code == WORKSTATION_REVOKED
            with suppress(Trouble):  # on a full disk not even this is kept; it is said all the same
                self.session.journal.note(problem=explained.text, problem_code=explained.code)
            self.window.show_trouble(what)
            if isinstance(what, ServerRefused) and what.answer == REVOKED:
                self.window.lock()
        else:
            self.window.banner.clear(full_disk.NoRoomForNews.code)
            self.newer.tell(what.update)
            self.newer.look(self.workstation)
        self._show_state()

    def _after_flush(self, trouble: Trouble | None) -> None:
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
        self.window.show_trouble(StillSaving("the disk is writing"))
        return False

    def _after_change(self, changes: ChangeSet) -> None:
        if changes.saved:
            self.window.safe_as_of = self._clock()
        if not self._counting.isActive():
            self._counting.start()

    def _show_state(self) -> None:
        if self.session is not None and not self.session.is_locked:
            self.window.set_sync_state(queries.sync_state(self.session.journal, rows=False))

    def _sign(self, pdf: bytes, reason: str, field: str) -> bytes:
        """Sign at one place of a document; runs on a worker thread: only here are the libraries of signing loaded."""
        from ejournal_desktop.documents.own_signer import NoCertificateYet, ask_for_certificate, own_signer
        from ejournal_desktop.documents.sign import sign_pdf

        session, place = self.session, self.workstation
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
        self._show_sign_in()
        if self.newer.standing.chosen and is_ending:
            self.install()
        else:
            self.newer.choose(wanted=False)

    def install(self) -> None:
        """Hand the newer program to the system's installer and end; where that fails, say so and stay."""
        if self.workstation is not None:
            self.newer.prove(self.workstation, self._proved, self._not_installed)

    def _proved(self, offer: Offer | None) -> None:
        if self.session is not None or self._is_opening:
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
        if self.session is not None:
            session, self.session = self.session, None
            session.close()

    def close(self) -> None:
        """End everything; what was entered is in the desk's file since its key press."""
        for timer in (self._looking, self._asking, self._counting):
            timer.stop()
        self._remember(window_place=self.window.geometry_text())
        if self.session is not None:
            self.window.close_session()
        self._end_session()
        if self.newer.standing.chosen and self.workstation is not None:
            with suppress(Trouble):  # nobody is there to be told any more; it is offered again
                self.newer.hand_over(updates_of(self.workstation).offer())
        self.window.jobs.close()
        wipe_copies()  # those too that were still being made

    # --- this computer ---------------------------------------------------------------------------------------------

    def pair(self, address: str) -> None:
        """Begin to make this computer known to the school."""
        typed = address if "://" in address else f"https://{address}"

        def begin(_: Report) -> Pairing:
            pairing = Pairing(typed, socket.gethostname())
            pairing.ask()  # from here on the administrator's screen shows the code too
            return pairing

        def begun(pairing: Pairing) -> None:
            self._pairing = pairing
            self.window.sign_in.show_pairing_code(pairing.code)
            self._asking.start()

        self.window.jobs.run(begin, lane="network", done=begun, failed=self._not_opened, quiet=True)

    def _ask_about_pairing(self) -> None:
        pairing = self._pairing
        if pairing is None or self.window.jobs.busy():
            return
        self.window.jobs.run(
            lambda _: pairing.ask(), lane="network", done=self._pairing_answered, failed=self._not_opened, quiet=True
        )

    def _pairing_answered(self, state: str) -> None:
        if state == "waiting" or self._pairing is None:
            return
        self._forget_pairing()
        if state == "approved":
            self.workstation = read_workstation()
            self._is_disowned = False
            self.window.sign_in.pairing_done(self.workstation.school_name if self.workstation else "")
            self._look_for_server()
        else:
            self.window.sign_in.refuse(self.tr("Администратор не подтвердил этот компьютер. Начните ещё раз."))

    def _forget_pairing(self) -> None:
        self._asking.stop()
        self._pairing = None

    def deliver(self) -> None:
        """Send everybody's sealed work from this computer."""
        place = self.workstation
        if place is None:
            return
        self.window.jobs.run(
            lambda _: desks.deliver_sealed(place, paths.outgoing_folder()),
            title=self.tr("Отправляю записи этого компьютера"), lane="network",
            done=self._delivered, failed=self._not_opened,
        )  # fmt: skip

    def _delivered(self, done: Delivery) -> None:
        self._show_sign_in()
        told = [self.tr("Доставлено: {n}.").format(n=count(done.delivered, ENTRY))]
        if done.waiting:
            told.append(self.tr("Ждут более ранних записей: {n}.").format(n=done.waiting))
        if done.damaged:
            told.append(self.tr("Повреждено: {n}; скажите администратору.").format(n=done.damaged))
        self.window.sign_in.people.say(" ".join(told))

    def carry(self, stick: Path, *, outward: bool) -> None:
        """Write everybody's sealed work of this computer on a stick, or take what lies on one."""
        place, folder = self.workstation, paths.outgoing_folder()
        if place is None:
            return
        school = place.school

        def work(_: Report) -> int:
            return export_sealed(folder, school, stick) if outward else import_sealed(stick, school, folder)

        def done(records: int) -> None:
            self._show_sign_in()
            told = (
                self.tr("Записано на носитель: {n}. Отнесите его туда, где есть сеть; здесь записи тоже остались.")
                if outward
                else self.tr("Принято с носителя: {n}. Отправьте их, когда сервер будет на связи.")
            )
            self.window.sign_in.people.say(told.format(n=count(records, ENTRY)))

        title = self.tr("Записываю на носитель") if outward else self.tr("Читаю носитель")
        self.window.jobs.run(work, title=title, done=done, failed=self._not_opened)

    def _remember(self, **values: str | bool) -> None:
        with suppress(OSError):  # a full disk: the window will stand elsewhere next time, that is all
            self.settings = settings.change(paths.settings_file(), **values)


class KeyringAbsent(Trouble):
    """This PC has no usable keyring; a file of the account holds its half of the key. Said once."""

    code: ClassVar[str] = "EJ-319"


def _person(desk: vault.Desk) -> PersonRow:
    last_name, first_name, patronymic = (*desk.person_name.split(" ", 2), "", "", "")[:3]
    roles = tuple(role for role in ROLES if role in desk.roles)
    return PersonRow(desk.person_id, desk.person_name, russian.short_name(last_name, first_name, patronymic), roles)


def _choice(desk: vault.Desk, undelivered: int) -> DeskChoice:
    return DeskChoice(desk.id, _person(desk), undelivered)


def run(arguments: list[str], clock: Clock = local_now) -> int:
    """Run the program until its window is closed; return the exit status."""
    app = QApplication(arguments)
    theme.apply(app, settings.load(paths.settings_file()).theme)
    program = Program(clock)
    collect_on_the_window_s_thread(program)
    program.show()
    return app.exec()


def collect_on_the_window_s_thread(program: QObject) -> None:
    """Collect garbage from a timer only: Qt objects must not end on another thread."""
    gc.disable()
    timer = QTimer(program, interval=COLLECT_MS)
    timer.timeout.connect(gc.collect)
    timer.start()
