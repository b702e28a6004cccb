"""People kept from an administrator's desk, with a real server: a code given there lets a new teacher in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.handouts import CodesHandout
from ejournal_core.kinds import CredentialIssue, RoleGrant
from ejournal_core.wire import CodesRequest
from ejournal_desktop.exchange.command import write_records
from ejournal_desktop.models.commands import staff as commands
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.staff import staff
from ejournal_desktop.sync.desks import OpenDesk, caller
from ejournal_desktop.sync.server import SchoolServer, ServerRefused
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.widgets.people_part import PeoplePart
from ejournal_server import admin
from tests.helpers.school import NOW, YEAR_START
from tests.together.town import PASSWORD, Town

OFFICE, STAFFROOM = "office", "staffroom"


class Speaking:
    """The way of one desk to the server; remembers the codes that came."""

    def __init__(self, town: Town, place: str, journal: Journal) -> None:
        with town.on(place):
            self._place = town.workstation(place)
        self._journal = journal
        self.codes: list[str] = []

    def __call__(self, ask: Callable[[SchoolServer], Any], /) -> Any:
        with self._place.connect(caller(self._journal)) as server:
            answer = ask(server)
        if isinstance(answer, CodesHandout):
            self.codes += [slip.code for slip in answer.slips]
        return answer


@pytest.fixture
def administrator(town: Town) -> OpenDesk:
    records = town.root / "administrator.jsonl"
    write_records([RoleGrant(id="r-adm", person_id="p-colleague", role="administrator", since=YEAR_START)], records)
    admin.load_records(town.office, records)
    desk = town.sit_down(OFFICE, "p-colleague")
    town.meet(desk, OFFICE)
    return desk


def ledger(journal: Journal) -> list[CredentialIssue]:
    with journal.reading() as connection:
        return select_records(connection, CredentialIssue)


def test_a_new_teacher_signs_in_with_a_code_that_was_given_at_the_desk(
    town: Town, administrator: OpenDesk, qtbot: QtBot
) -> None:
    journal, speak, jobs = administrator.journal, Speaking(town, OFFICE, administrator.journal), Jobs()
    commands.add_person(journal, last_name="Новикова", first_name="Зоя")
    newcomer = next(row.id for row in staff(journal).rows if row.person.last_name == "Новикова")
    commands.give_role(journal, newcomer, "subject_teacher", NOW.date())
    town.meet(administrator, OFFICE)

    part = PeoplePart(journal, jobs, speak, journal.clock)
    screen = AdministrationScreen(journal, [part])
    qtbot.addWidget(screen)
    screen._show_part()
    screen.show()
    screen.enter()
    qtbot.waitUntil(lambda: not jobs.busy(), timeout=60_000)
    part.table.setCurrentIndex(part.lines.index([row.id for row in part.lines.rows].index(newcomer), 0))
    QTest.keyClick(part.table, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not jobs.busy(), timeout=60_000)
    assert part.paper.is_full
    (code,) = speak.codes

    town.codes[newcomer] = code
    teacher = town.sit_down(STAFFROOM, newcomer)
    assert teacher.journal.identity.person_id == newcomer

    town.meet(administrator, OFFICE)
    (entry,) = ledger(journal)
    assert (entry.person_id, entry.reason, entry.given_by) == (newcomer, "first", "p-colleague")
    commands.hand_over(journal, entry.id, entry.made_on)
    town.meet(administrator, OFFICE)
    town.meet(teacher, STAFFROOM)
    assert [each.handed_on for each in ledger(teacher.journal)] == [entry.made_on]
    assert journal.count_held_back("refused") == 0
    standing = {row.id: row.way for row in staff(journal, speak(lambda server: server.ways_in())).rows}
    assert standing[newcomer] == "open"
    screen.close_screen()
    jobs.close()


def test_the_server_refuses_a_teacher_a_reset_by_one_person_and_counts_wrong_passwords_of_the_second(
    town: Town, administrator: OpenDesk
) -> None:
    teacher = town.sit_down(STAFFROOM, "p-teacher")
    town.sit_down(STAFFROOM, "p-deputy")
    as_teacher = Speaking(town, STAFFROOM, teacher.journal)
    asked: list[Callable[[SchoolServer], Any]] = [
        lambda server: server.ways_in(),
        lambda server: server.give_codes(CodesRequest(people=("p-teacher",))),
        lambda server: server.close_entry("p-deputy"),
    ]
    for ask in asked:
        with pytest.raises(ServerRefused) as refused:
            as_teacher(ask)
        assert refused.value.answer == "EJ-507"

    as_administrator = Speaking(town, OFFICE, administrator.journal)

    def reset(second: str, password: str) -> ServerRefused:
        wanted = CodesRequest(people=("p-teacher",), second=second, second_password=password)
        with pytest.raises(ServerRefused) as refused:
            as_administrator(lambda server: server.give_codes(wanted))
        return refused.value

    assert reset("", "").answer == "EJ-381"
    told = [reset("p-deputy", "догадка о пароле") for _ in range(4)]
    assert {each.answer for each in told} == {"EJ-374"}
    assert [each.retry_after for each in told] == [0, 0, 0, 2]
    town.meet(administrator, OFFICE)
    assert ledger(administrator.journal) == []
    assert as_administrator.codes == []


def test_a_door_closed_at_the_desk_stops_the_person_and_opens_with_two_people(
    town: Town, administrator: OpenDesk
) -> None:
    teacher = town.sit_down(STAFFROOM, "p-teacher")
    town.sit_down(STAFFROOM, "p-deputy")
    speak = Speaking(town, OFFICE, administrator.journal)
    speak(lambda server: server.close_entry("p-teacher"))
    with pytest.raises(ServerRefused) as refused:
        Speaking(town, STAFFROOM, teacher.journal)(lambda server: server.scope())
    assert refused.value.answer == "EJ-394"
    wanted = CodesRequest(people=("p-teacher",), second="p-deputy", second_password=PASSWORD)
    speak(lambda server: server.give_codes(wanted))
    town.meet(administrator, OFFICE)
    (entry,) = ledger(administrator.journal)
    assert (entry.reason, entry.second_id) == ("reset", "p-deputy")
