"""The whole program at its window, against a real server: what a person does from the first start on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import PolicySetting
from ejournal_desktop import paths, vault
from ejournal_desktop.app import Program
from ejournal_desktop.documents.sign import places_of, verify_pdf
from ejournal_desktop.exchange.command import write_records
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.outgoing_folder import undelivered
from ejournal_desktop.ui.screens.documents import DocumentsScreen
from ejournal_desktop.ui.screens.first_sign_in import FirstSignIn
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_server import admin
from tests.together.conftest import Start
from tests.together.town import PASSWORD, Town, mark_on

SIGNED_BY = "Сидорова Анна Львовна"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


def sign_in(program: Program, qtbot: QtBot, password: str = PASSWORD) -> None:
    program.entrance.sign_in(program.entrance.known_desks()[0].id, password)
    qtbot.waitUntil(lambda: program.session is not None and program.window.place == "today", timeout=20_000)


def first_time(program: Program, town: Town, qtbot: QtBot) -> None:
    program.entrance.sign_in_first(FirstSignIn("иванова", PASSWORD, town.codes[town.school.teacher]))
    qtbot.waitUntil(lambda: program.session is not None, timeout=30_000)


def test_a_new_pc_is_paired_and_a_person_signs_in_for_the_first_time(town: Town, start: Start, qtbot: QtBot) -> None:
    program = start()
    page = program.window.sign_in.pairing
    program.computer.pair(town.server.address.removeprefix("https://"))
    qtbot.waitUntil(lambda: page.code != "", timeout=10_000)
    admin.approve(town.office, page.code.replace("\u00a0", " "))
    qtbot.waitUntil(lambda: program.computer.workstation is not None, timeout=15_000)
    first_time(program, town, qtbot)
    assert program.session is not None
    pages = queries.journal_pages(program.session.journal)
    assert [page.title for page in pages if page.mine] == ["7 «Б» · Алгебра"]


def test_what_was_entered_without_the_server_goes_by_itself_when_it_is_back(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    town.server.stop()
    program = start()
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    put_mark(journal, town.school.today_lesson, None, "u-04", "5")
    qtbot.waitUntil(lambda: "ждут связи" in program.window.header.pill.text(), timeout=10_000)
    town.server.start()
    program.session.sync_now()
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=20_000)
    qtbot.waitUntil(lambda: program.window.header.pill.text() == "Всё доставлено", timeout=10_000)
    deputy = town.sit_down("office", town.school.deputy)
    assert mark_on(deputy.journal, ids.mark_column(town.school.today_lesson, "oral", 1), "u-04") == "5"


def test_an_entry_that_waits_leads_to_its_place_in_the_journal(town: Town, start: Start, qtbot: QtBot) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    town.server.stop()
    program = start()
    sign_in(program, qtbot)
    assert program.session is not None
    put_mark(program.session.journal, town.school.today_lesson, None, "u-04", "5")
    qtbot.waitUntil(lambda: program.window.safe_as_of == town.clock())  # once the disk has it
    program.window.go("state")
    state = program.window.screen_shown
    assert isinstance(state, StateScreen)
    row = next(row for row in queries.sync_state(program.session.journal).rows if row.what.startswith("отметка"))
    state.record_opened.emit(row)
    assert program.window.place == "journal"
    spread = program.window.screen_shown
    assert isinstance(spread, JournalScreen)
    qtbot.waitUntil(lambda: spread.view is not None and not spread.is_opening, timeout=10_000)
    assert spread.view is not None
    assert spread.grid is not None
    assert spread.grid.columns[spread.view.current[0]].lesson_id == town.school.today_lesson


def test_a_paper_is_signed_at_the_place_of_the_office_held_and_at_no_other(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    town.sit_down("staffroom", town.school.class_teacher).close()
    program = start()
    sign_in(program, qtbot)
    program.window.go("documents")
    papers = program.window.screen_shown
    assert isinstance(papers, DocumentsScreen)
    papers.build()
    qtbot.waitUntil(lambda: papers.paper is not None and papers.view.drawn, timeout=30_000)
    papers.sign()
    qtbot.waitUntil(lambda: papers.paper is not None and papers.paper.signatures == 1, timeout=30_000)
    assert papers.paper is not None
    assert places_of(papers.paper.pdf) == {"class_teacher": True, "deputy": False, "director": False}
    assert verify_pdf(papers.paper.pdf, [town.office.ca_pem.encode()]).signers == (SIGNED_BY,)
    papers.sign()
    qtbot.waitUntil(lambda: "уже подписано" in papers.message.text, timeout=30_000)
    assert papers.paper.signatures == 1


def test_a_wrong_password_says_so_and_the_next_try_opens_the_journal(town: Town, start: Start, qtbot: QtBot) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    program = start()
    program.entrance.sign_in(program.entrance.known_desks()[0].id, "не тот пароль")
    people = program.window.sign_in.people
    qtbot.waitUntil(lambda: "Пароль не подошёл" in people.message, timeout=10_000)
    assert program.session is None
    sign_in(program, qtbot)


def test_the_lock_takes_the_key_out_of_memory_and_the_password_brings_everything_back(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    program = start()
    sign_in(program, qtbot)
    session = program.session
    assert session is not None
    program.window.go("journal")
    program.window.lock()
    assert session.is_locked
    with pytest.raises(Exception, match=r"not a database|key"), session.journal.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM mark")
    program.window.unlock_wanted.emit("не тот пароль")
    qtbot.waitUntil(lambda: "Пароль не подошёл" in program.window.lock_screen.message, timeout=10_000)
    assert session.is_locked
    program.window.unlock_wanted.emit(PASSWORD)
    qtbot.waitUntil(lambda: not program.window.is_locked, timeout=10_000)
    put_mark(session.journal, town.school.today_lesson, None, "u-04", "5")
    assert program.window.place == "journal"


def test_a_computer_that_sleeps_while_a_journal_is_being_opened_wakes_up_with_it_locked(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    program = start()
    window = program.window
    window._system.leaving.emit()  # at Вход: nobody's journal is open
    window.sign_in.sign_in_wanted.emit(program.entrance.known_desks()[0].id, PASSWORD)
    window._system.leaving.emit()
    assert window.place == ""
    qtbot.waitUntil(lambda: window.is_locked, timeout=30_000)
    session = program.session
    assert session is not None
    qtbot.waitUntil(lambda: session._desk.unlocked.is_locked)
    window.unlock_wanted.emit(PASSWORD)
    qtbot.waitUntil(lambda: not window.is_locked, timeout=30_000)
    put_mark(session.journal, town.school.today_lesson, None, "u-04", "5")
    window.leave_wanted.emit()
    window._system.leaving.emit()  # at Вход again: whoever types a password afterwards has come back
    window.sign_in.sign_in_wanted.emit(program.entrance.known_desks()[0].id, PASSWORD)
    qtbot.waitUntil(lambda: window.place == "today", timeout=30_000)
    qtbot.wait(50)
    assert not window.is_locked


def test_somebody_else_delivers_what_a_colleague_left_behind(town: Town, start: Start, qtbot: QtBot) -> None:
    desk = town.sit_down("staffroom", town.school.teacher)
    put_mark(desk.journal, town.school.today_lesson, None, "u-04", "5")
    desk.close()
    program = start()
    assert undelivered(paths.outgoing_folder()) == {desk.unlocked.desk.id: 1}
    program.computer.deliver()
    qtbot.waitUntil(lambda: not program.window.jobs.busy(), timeout=20_000)
    deputy = town.sit_down("office", town.school.deputy)
    assert mark_on(deputy.journal, ids.mark_column(town.school.today_lesson, "oral", 1), "u-04") == "5"


def test_without_the_server_a_newcomer_is_told_so(town: Town, start: Start, qtbot: QtBot) -> None:
    with town.on("staffroom"):
        town.workstation("staffroom")
    town.server.stop()
    program = start()
    program.window.sign_in.show_newcomer()
    program.entrance.sign_in_first(FirstSignIn("Иванова", PASSWORD, "КОД"))
    newcomer = program.window.sign_in.newcomer
    qtbot.waitUntil(lambda: newcomer.message != "", timeout=20_000)
    assert program.session is None
    assert vault.list_desks(paths.desks_folder()) == []


def test_sealed_work_goes_to_a_stick_and_from_it_through_another_pc(
    town: Town, start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = town.sit_down("staffroom", town.school.teacher)
    put_mark(desk.journal, town.school.today_lesson, None, "u-04", "5")
    desk.close()
    stick = tmp_path / "stick"
    stick.mkdir()
    program = start()
    people = program.window.sign_in.people
    program.computer.carry(stick, outward=True)
    qtbot.waitUntil(lambda: people.message.startswith("Записано на носитель: 1\u00a0запись"), timeout=10_000)
    with town.on("library"):
        town.workstation("library")
        other = Program(town.clock)
        other.show()
        other.computer.carry(tmp_path / "no such stick", outward=False)
        page = other.window.sign_in.people
        qtbot.waitUntil(lambda: "На носителе нет запечатанных записей" in page.message, timeout=10_000)
        other.computer.carry(stick, outward=False)
        qtbot.waitUntil(lambda: page.message.startswith("Принято с носителя: 1\u00a0запись"), timeout=10_000)
        assert page._deliver.text() == "Отправить с этого компьютера 1\u00a0запись"
        other.computer.deliver()
        qtbot.waitUntil(lambda: page.message == "Доставлено: 1\u00a0запись.", timeout=20_000)
        other.window.close()
        other.deleteLater()
    deputy = town.sit_down("office", town.school.deputy)
    assert mark_on(deputy.journal, ids.mark_column(town.school.today_lesson, "oral", 1), "u-04") == "5"


def test_the_roles_stand_under_a_name_from_the_second_sign_in_on(town: Town, start: Start, qtbot: QtBot) -> None:
    town.sit_down("staffroom", town.school.deputy).close()
    program = start()
    assert program.window.sign_in.people.list.current is not None
    assert program.window.sign_in.people.list.current.person.roles == ()
    sign_in(program, qtbot)
    program.leave()
    chosen = program.window.sign_in.people.list.current
    assert chosen is not None
    assert chosen.person.roles == ("deputy_director", "director")


def test_the_idle_minutes_are_those_of_the_school(town: Town, start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    """P48: the watch of the window counts what the school's own setting says, not what the program ships with."""
    setting = tmp_path / "setting.jsonl"
    write_records([PolicySetting(id="P48", value="12", basis="приказ")], setting)
    assert admin.load_records(town.office, setting) == 1
    town.sit_down("staffroom", town.school.teacher).close()
    program = start()
    sign_in(program, qtbot)
    assert program.window._idle._timer.interval() == 12 * 60_000
