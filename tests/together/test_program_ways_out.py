"""What stops a person at the window, and the way on: against a real server, real files and a real full disk."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from pytestqt.qtbot import QtBot

from ejournal_core import ids, release, seal, wire
from ejournal_desktop import paths, vault
from ejournal_desktop.app import Program
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.loading import Progress
from ejournal_desktop.models.outgoing_folder import undelivered
from ejournal_desktop.sync import anew, desks, updates
from ejournal_desktop.ui.screens.first_sign_in import FirstSignIn
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.widgets.loading_bar import LoadingBar
from ejournal_server import accounts, releases
from tests.bench.new_desk import fill_pages
from tests.campaigns.test_disk_full import SmallDisk
from tests.helpers.typing import press, type_text
from tests.together.conftest import Start
from tests.together.town import PASSWORD, Town, mark_on
from tools import sign_release

ENTER = Qt.Key.Key_Return
PC, HOME = "staffroom", "home"
KEY = seal.new_signing_key()
NEW = "три синих кита"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs."""
    with Town(tmp_path) as made:
        yield made


def sit(town: Town) -> vault.Desk:
    """Let the teacher have a desk on the PC; return it closed."""
    desk = town.sit_down(PC, town.school.teacher)
    desk.close()
    return desk.unlocked.desk


def is_in(program: Program) -> bool:
    return program.session is not None and program.window.place == "today"


def sign_in(program: Program, qtbot: QtBot, password: str = PASSWORD) -> None:
    program.entrance.sign_in(program.entrance.known_desks()[0].id, password)
    qtbot.waitUntil(lambda: is_in(program), timeout=30_000)


def state_of(program: Program) -> StateScreen:
    program.window.go("state")
    screen = program.window.screen_shown
    assert isinstance(screen, StateScreen)
    return screen


# --- the password ----------------------------------------------------------------------------------------------------


def test_a_password_is_changed_in_place_and_opens_the_lock_and_the_next_sign_in(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    desk = sit(town)
    program = start()
    sign_in(program, qtbot)
    screen = state_of(program)
    screen.change_password()
    for field, text in ((screen.form.old, "не тот"), (screen.form.new, NEW), (screen.form.again, NEW)):
        type_text(field, text)
        press(field, ENTER)
    qtbot.waitUntil(lambda: screen.form.message.startswith("Прежний пароль не подошёл."), timeout=20_000)
    screen.form.old.clear()
    type_text(screen.form.old, PASSWORD)
    press(screen.form.again, ENTER)
    qtbot.waitUntil(lambda: screen._message.text.startswith("Пароль изменён"), timeout=20_000)
    program.window.lock()
    lock = program.window.lock_screen
    type_text(lock.password, PASSWORD)
    press(lock.password, ENTER)
    qtbot.waitUntil(lambda: "Пароль не подошёл" in lock.message, timeout=20_000)
    lock.password.clear()
    type_text(lock.password, NEW)
    press(lock.password, ENTER)
    qtbot.waitUntil(lambda: not program.window.is_locked, timeout=20_000)
    anew._check_at_server(town.workstation(PC), desk.person_id, NEW)


def test_without_the_server_the_password_stays_and_the_person_hears_why(town: Town, start: Start, qtbot: QtBot) -> None:
    desk = sit(town)
    town.server.stop()
    program = start()
    sign_in(program, qtbot)
    screen = state_of(program)
    screen.change_password()
    screen.form.wanted.emit(PASSWORD, NEW)
    qtbot.waitUntil(lambda: "Здесь пароль прежний" in screen.form.message, timeout=20_000)
    vault.lock(vault.unlock(desk, PASSWORD))


def test_a_password_changed_on_another_computer_asks_for_the_old_one_in_place(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    sit(town)
    there = town.sit_down(HOME, town.school.teacher)
    there.close()
    with town.on(HOME):
        anew.change_password(there.unlocked.desk, PASSWORD, NEW, town.workstation(HOME))
    program = start()
    people = program.window.sign_in.people
    type_text(people.password, NEW)
    press(people.password, ENTER)
    qtbot.waitUntil(lambda: people.asks_old, timeout=20_000)
    type_text(people.old, "не тот")
    press(people.old, ENTER)
    qtbot.waitUntil(lambda: people.message.startswith("Прежний пароль не подошёл."), timeout=20_000)
    people.old.clear()
    type_text(people.old, PASSWORD)
    press(people.old, ENTER)
    qtbot.waitUntil(lambda: is_in(program), timeout=30_000)
    assert (people.password.text(), people.old.text()) == ("", "")


def test_by_the_code_for_a_forgotten_password_the_unsent_work_goes_by_itself(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    desk = town.sit_down(PC, town.school.teacher)
    town.sit_down("office", town.school.deputy).close()
    put_mark(desk.journal, town.school.today_lesson, None, "u-04", "5")
    desk.journal.flush()
    desk.close()
    code = accounts.new_activation_code(town.office.authority, town.school.teacher, town.school.deputy, PASSWORD)
    program = start()
    screen = program.window.sign_in
    screen.show_forgotten()
    assert "Неотправленное (1\u00a0запись) лежит запечатанным" in screen.forgotten.text
    press(screen.forgotten.code_button, ENTER)
    page = screen.newcomer
    for field, text in ((page.code, code), (page.password, NEW), (page.again, NEW)):
        type_text(field, text)
        press(field, ENTER)
    qtbot.waitUntil(lambda: is_in(program), timeout=30_000)
    qtbot.waitUntil(lambda: undelivered(paths.outgoing_folder()) == {}, timeout=60_000)  # its own sign-in goes too
    assert program.session is not None
    journal, column = program.session.journal, ids.mark_column(town.school.today_lesson, "oral", 1)
    qtbot.waitUntil(lambda: mark_on(journal, column, "u-04") == "5", timeout=60_000)


# --- a newer program -------------------------------------------------------------------------------------------------


@pytest.fixture
def released(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the school offer 1.2.0 to a program that was built with its publisher's key; return where it will lie."""
    monkeypatch.setattr(release, "PUBLISHER", seal.signing_public_key(KEY).hex())
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(updates, "version", lambda _: "1.1.0")
    file = tmp_path / "ejournal-desktop_1.2.0_amd64.deb"
    file.write_bytes(b"package" * 1000)
    sign_release.sign(KEY, file, "linux", "1.2.0", "Стало быстрее.")
    releases.add(town.office, file, "1.2.0")
    return town.root / PC / "updates" / file.name


def taken_by_the_system(program: Program) -> list[Path]:
    """Let a system take what is handed to it; return what it took. A real installer would change this machine."""
    taken: list[Path] = []

    def take(file: Path) -> bool:
        taken.append(file)
        return True

    program.newer._open = take
    return taken


def ready(program: Program, qtbot: QtBot) -> StateScreen:
    """Sign in and wait until the newer program is told of."""
    sign_in(program, qtbot)
    screen = state_of(program)
    qtbot.waitUntil(lambda: program.newer.standing.version == "1.2.0", timeout=30_000)
    return screen


def test_a_newer_program_is_told_and_handed_to_the_system_when_the_person_leaves(
    town: Town, start: Start, qtbot: QtBot, released: Path
) -> None:
    sit(town)
    program = start()
    opened = taken_by_the_system(program)
    screen = ready(program, qtbot)
    screen.update_line.news_button.click()
    assert screen.update_line.news == "Стало быстрее."
    screen.update_line.install_button.click()
    assert opened == []  # nothing behind a person's back
    program.leave()
    qtbot.waitUntil(lambda: not program.window.isVisible(), timeout=30_000)
    assert opened == [released]


@dataclass
class Chosen:
    """A program whose person has chosen to install what lies ready; what the system was handed, and where it lies."""

    program: Program
    opened: list[Path]
    file: Path

    def has_ended(self) -> bool:
        return not self.program.window.isVisible()


@pytest.fixture
def chosen(town: Town, start: Start, qtbot: QtBot, released: Path) -> Chosen:
    """Let a person choose to install the newer program when she leaves."""
    sit(town)
    program = start()
    opened = taken_by_the_system(program)
    ready(program, qtbot).update_line.install_button.click()
    return Chosen(program, opened, released)


def test_closing_the_window_is_leaving_too(chosen: Chosen) -> None:
    chosen.program.window.close()
    assert chosen.opened == [chosen.file]
    assert chosen.program.session is None


def test_who_leaves_the_pc_to_a_colleague_installs_nothing(chosen: Chosen, qtbot: QtBot) -> None:
    chosen.program.window.lock()
    chosen.program.leave()
    assert chosen.opened == []
    line = chosen.program.window.sign_in.update_line
    assert line.install_button.text() == "Установить сейчас"
    line.install_button.click()
    qtbot.waitUntil(chosen.has_ended, timeout=30_000)
    assert chosen.opened == [chosen.file]


def test_a_package_that_was_changed_on_the_disk_is_not_handed_over_and_the_program_stays(
    chosen: Chosen, qtbot: QtBot
) -> None:
    chosen.file.write_bytes(b"another" * 1000)
    chosen.program.leave()
    said = chosen.program.window.sign_in.people
    qtbot.waitUntil(lambda: bool(said.message), timeout=30_000)
    assert chosen.opened == []
    assert not chosen.has_ended()
    assert "оказалась не той, что обещана, и удалена" in said.message
    assert not chosen.file.exists()


def test_a_large_package_is_proved_while_the_window_answers_and_whoever_signs_in_meanwhile_works_on(
    town: Town, chosen: Chosen, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, read = chosen.program, threading.Event()
    real = updates._digest

    def slowly(file: Path) -> tuple[int, str]:
        assert read.wait(60)
        return real(file)

    monkeypatch.setattr(updates, "_digest", slowly)
    program.leave()
    line = program.window.sign_in.update_line
    assert line.text == "Проверяю версию 1.2.0 ещё раз: сейчас её откроет установщик системы."
    assert line.install_button.isHidden()
    sign_in(program, qtbot)
    read.set()
    qtbot.waitUntil(lambda: not program.newer.standing.proving, timeout=30_000)
    assert chosen.opened == []
    assert not chosen.has_ended()
    assert program.session is not None
    program.session.sync_now()
    qtbot.waitUntil(lambda: program.newer.standing.version == "1.2.0", timeout=30_000)  # it is offered again


def test_what_was_put_off_is_not_read_again_at_each_meeting(
    town: Town, start: Start, qtbot: QtBot, released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(town)
    program = start()
    ready(program, qtbot).update_line.later_button.click()
    proved: list[Path] = []

    def noted(file: Path) -> tuple[int, str]:
        proved.append(file)
        return 0, ""

    monkeypatch.setattr(updates, "_digest", noted)
    program.newer.look(program.computer.workstation)
    qtbot.waitUntil(lambda: not program.window.jobs.busy(), timeout=30_000)
    assert proved == []
    assert released.exists()


def test_a_system_without_an_installer_is_said_and_the_program_stays(
    town: Town, start: Start, qtbot: QtBot, released: Path
) -> None:
    sit(town)
    program = start()
    program.newer._open = lambda _: False
    ready(program, qtbot).update_line.install_button.click()
    program.leave()
    qtbot.waitUntil(lambda: bool(program.window.sign_in.people.message), timeout=30_000)
    assert program.window.isVisible()
    assert program.window.sign_in.people.message.startswith("Установщик новой версии не открылся. Записи целы")
    assert released.exists()


def test_a_release_that_is_not_the_publishers_is_told_in_one_sentence(
    town: Town, start: Start, qtbot: QtBot, released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit(town)
    monkeypatch.setattr(release, "PUBLISHER", seal.signing_public_key(seal.new_signing_key()).hex())
    program = start()
    sign_in(program, qtbot)
    line = state_of(program).update_line
    qtbot.waitUntil(lambda: "не подписана издателем программы" in line.text, timeout=30_000)
    assert line.install_button.isHidden()
    assert not released.exists()


# --- a journal that is closed, or still on its way -------------------------------------------------------------------


def test_a_frozen_journal_leads_whoever_asks_for_an_exchange_to_the_way_out(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    sit(town)
    shutil.copytree(town.root / PC, town.root / "clone")
    copy = town.sit_down("clone", town.school.teacher)
    put_mark(copy.journal, town.school.today_lesson, None, "u-03", "3")
    town.meet(copy, "clone")
    program = start()
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    put_mark(journal, town.school.today_lesson, None, "u-04", "5")
    program.session.sync_now()
    qtbot.waitUntil(lambda: journal.state().closed != "", timeout=20_000)
    program.window.go("today")
    program.window.sync_wanted.emit()
    assert program.window.place == "state"
    screen = program.window.screen_shown
    assert isinstance(screen, StateScreen)
    assert program.window.focusWidget() is screen.stopped.sign_in_button
    assert screen.sync_button.isHidden()


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Town]:
    """Give a town whose school has pages full of marks."""
    made = Town(tmp_path)
    fill_pages(made.office, tmp_path, made.school, 5)
    made.server.start()
    yield made
    made.close()


@contextmanager
def running(town: Town, qtbot: QtBot) -> Iterator[Program]:
    """Start the program on the PC of a town; it is closed at the end, however that comes."""
    with town.on(PC):
        program = Program(town.clock)
        program.show()
        try:
            yield program
        finally:
            program.window.close()
            program.deleteLater()
            qtbot.wait(10)


#: The marks were put beside the log, which a desk is right to tell.
BESIDE_THE_LOG = pytest.mark.logs("records differ from their history")


@BESIDE_THE_LOG
def test_a_first_sign_in_whose_line_breaks_opens_with_what_has_come_and_goes_on(filled: Town, qtbot: QtBot) -> None:
    told: list[Progress] = []

    def cut(come: Progress) -> None:
        told.append(come)
        filled.server.stop(kill=True)

    with filled.on(PC):
        place = filled.workstation(PC)
        person = next(line for line in _people(filled) if line.id == filled.school.deputy)
        code = filled.codes[filled.school.deputy]
        desk = desks.open_first(place, person, code, PASSWORD, filled.clock, cut)
        assert len(told) == 1
        assert 0 < told[0].done < told[0].total
        state = queries.sync_state(desk.journal)
        assert (state.partial, state.percent) == (True, told[0].percent)
        desk.close()
    with running(filled, qtbot) as program:
        sign_in(program, qtbot)
        bar = program.window.loading_bar
        qtbot.waitUntil(lambda: "Связь прервалась" in bar.text, timeout=20_000)
        filled.server.start()
        assert program.session is not None
        program.session.sync_now()
        qtbot.waitUntil(bar.isHidden, timeout=60_000)
        journal = program.session.journal
        assert journal.scope != ""
        qtbot.waitUntil(lambda: journal.state().problem_code == "EJ-266", timeout=60_000)  # see BESIDE_THE_LOG


def _people(town: Town) -> tuple[wire.PersonLine, ...]:
    with town.workstation(PC).connect() as server:
        return server.people()


class Told(QObject):
    """Notes every text that a bar of loading has shown, however briefly."""

    def __init__(self, bar: LoadingBar) -> None:
        super().__init__(bar)
        self.texts: list[str] = []
        bar.installEventFilter(self)

    def eventFilter(self, bar: QObject, event: QEvent) -> bool:
        """Note and let pass."""
        if event.type() == QEvent.Type.ToolTipChange and isinstance(bar, LoadingBar):
            self.texts.append(bar.text)
        return False


@BESIDE_THE_LOG
def test_the_first_sign_in_shows_how_much_has_come(filled: Town, qtbot: QtBot) -> None:
    filled.workstation(PC)
    with running(filled, qtbot) as program:
        sign_in_screen = program.window.sign_in
        sign_in_screen.show_newcomer()
        told = Told(sign_in_screen.newcomer.bar)
        program.entrance.sign_in_first(FirstSignIn("громова", PASSWORD, filled.codes[filled.school.deputy]))
        qtbot.waitUntil(lambda: is_in(program), timeout=60_000)
        assert [text for text in told.texts if text.startswith("Загружается: ")]
        assert program.session is not None
        journal = program.session.journal
        if not queries.sync_state(journal).unproved:  # see BESIDE_THE_LOG: it may come with a later meeting
            qtbot.waitUntil(lambda: journal.state().problem_code == "EJ-266", timeout=60_000)


def test_a_first_sign_in_that_stops_when_the_desk_is_made_leads_to_its_password(
    town: Town, start: Start, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.workstation(PC)
    program = start()
    meet = desks.meet

    def cut(*given: Any) -> None:
        town.server.stop(kill=True)
        meet(*given)

    monkeypatch.setattr(desks, "meet", cut)  # no other way to end the server between two calls of one function
    program.window.sign_in.show_newcomer()
    program.entrance.sign_in_first(FirstSignIn("иванова", PASSWORD, town.codes[town.school.teacher]))
    people = program.window.sign_in.people
    qtbot.waitUntil(lambda: "уже заведён: введите пароль" in people.message, timeout=30_000)
    monkeypatch.undo()
    town.server.start()
    assert program.window.focusWidget() is people.password
    type_text(people.password, PASSWORD)
    press(people.password, ENTER)
    qtbot.waitUntil(lambda: is_in(program), timeout=30_000)
    assert program.session is not None
    journal = program.session.journal
    qtbot.waitUntil(lambda: journal.scope != "", timeout=30_000)


# --- a full disk -----------------------------------------------------------------------------------------------------


@pytest.fixture
def small(town: Town) -> Iterator[SmallDisk]:
    """Let the PC's whole data folder lie on a small disk."""
    folder = town.root / PC
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount here")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_named_at_the_sign_in_and_room_lets_the_person_in(
    town: Town, small: SmallDisk, start: Start, qtbot: QtBot
) -> None:
    sit(town)
    program = start()
    small.fill(0)
    program.entrance.sign_in(program.entrance.known_desks()[0].id, PASSWORD)
    people = program.window.sign_in.people
    qtbot.waitUntil(lambda: "кончилось место, и журнал не открывается" in people.message, timeout=20_000)
    small.empty()
    sign_in(program, qtbot)


def test_what_does_not_fit_at_a_meeting_is_told_as_that_and_no_entry_is_called_lost(
    town: Town, small: SmallDisk, start: Start, qtbot: QtBot
) -> None:
    sit(town)
    program = start()
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    qtbot.waitUntil(lambda: journal.state().compared_at != "", timeout=30_000)
    put_mark(journal, town.school.today_lesson, None, "u-04", "5")
    small.fill(0)
    banner = program.window.banner
    program.session.sync_now()
    qtbot.waitUntil(lambda: "новое с сервера школы сюда не помещается" in banner.text, timeout=30_000)
    assert "не сохранена" not in banner.text
    small.empty()
    program.session.sync_now()
    qtbot.waitUntil(lambda: not banner.text, timeout=30_000)
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=30_000)
    assert paths.data_folder() == small.folder
