"""«Рабочие места» against a real server: a computer is let in by its code, another one is shut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.desks import OpenDesk, caller
from ejournal_desktop.sync.pairing import Pairing
from ejournal_desktop.sync.server import SchoolServer, ServerRefused
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.workplaces_part import WorkplacesPart
from ejournal_desktop.ui.widgets.workplaces_row import PlaceRow
from ejournal_server import own_lines
from ejournal_server.own_lines import Wish
from tests.helpers.school import YEAR_START
from tests.helpers.typing import type_text
from tests.helpers.windows import DEPUTY, shown_window
from tests.together.town import Town

OFFICE, STAFF_ROOM = "office", "staffroom"


def appoint(town: Town, person: str) -> None:
    """Make a person an administrator, as the first one of a school is made: at the server."""
    fields: dict[str, Any] = {
        "person_id": person, "role": "administrator", "class_group_id": None, "since": YEAR_START.isoformat(),
        "until": None, "voided": False,
    }  # fmt: skip
    authority = town.office.authority
    with authority.store.write() as tx:
        own_lines.write_own(authority, tx, [Wish("RoleGrant", f"r-{person}", fields)])


class Office:
    """The administrator at the part."""

    def __init__(self, town: Town, desk: OpenDesk, window: MainWindow, qtbot: QtBot) -> None:
        self.town, self.journal, self._qtbot = town, desk.journal, qtbot
        place = town.workstation(OFFICE)

        def speak(ask: Callable[[SchoolServer], Any], /) -> Any:
            with place.connect(caller(desk.journal)) as server:
                return ask(server)

        self.part = WorkplacesPart(desk.journal, window.jobs, speak, desk.journal.clock)
        self.screen = AdministrationScreen(desk.journal, [self.part])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", self.screen)], 0)

    def wait_for(self, said: str) -> None:
        """Wait until the part says so."""
        self._qtbot.waitUntil(lambda: said in self.part.message.text and self.part.again.isEnabled(), timeout=30_000)

    def read_again(self) -> None:
        """Ask the server anew."""
        self.part.ask()
        self.wait_for("")

    def go_to(self, name: str, kind: str = "place") -> PlaceRow:
        """Stand at the row of that name."""
        rows: list[PlaceRow] = self.part.rows.rows
        at = next(number for number, row in enumerate(rows) if (row.name, row.kind) == (name, kind))
        self.part.rows.setFocus()
        self.part.rows.setCurrentRow(at)
        return rows[at]


@pytest.fixture
def office(town: Town, qtbot: QtBot) -> Iterator[Office]:
    appoint(town, town.school.deputy)
    desk = town.sit_down(OFFICE, town.school.deputy)
    town.meet(desk, OFFICE)
    with shown_window(qtbot) as window:
        made = Office(town, desk, window, qtbot)
        qtbot.waitUntil(lambda: bool(made.part.rows.rows) and made.part.again.isEnabled(), timeout=30_000)
        yield made


def told(journal: Journal) -> list[str]:
    with journal.reading() as connection:
        return [each.event for each in select_records(connection, AuditEvent)]


def test_a_computer_that_asks_is_let_in_by_the_code_on_both_screens(town: Town, office: Office) -> None:
    with town.on("new"):
        pairing = Pairing(town.server.address, "Кабинет 21")
        assert pairing.ask() == "waiting"
        office.read_again()
        row = office.go_to("Кабинет 21", "waiting")
        assert row.code == pairing.code
        QTest.keyClicks(office.part.rows, "+")
        office.wait_for("Впущено: Кабинет 21")
        assert pairing.ask() == "approved"
    assert office.go_to("Кабинет 21").state == "approved"


def test_one_that_nobody_knows_is_refused(town: Town, office: Office) -> None:
    with town.on("stranger"):
        pairing = Pairing(town.server.address, "чужой")
        assert pairing.ask() == "waiting"
        office.read_again()
        office.go_to("чужой", "waiting")
        QTest.keyClicks(office.part.rows, "-")
        office.wait_for("Отказано: чужой")
        assert pairing.ask() == "refused"
    assert "чужой" not in {row.name for row in office.part.rows.rows}


def test_a_computer_is_given_the_name_of_its_place_by_the_keyboard(office: Office) -> None:
    office.go_to(OFFICE)
    QTest.keyClick(office.part.rows, Qt.Key.Key_Return)
    office.part.form.field.selectAll()
    type_text(office.part.form.field, "Кабинет завуча")
    QTest.keyClick(office.part.form.field, Qt.Key.Key_Return)
    office.wait_for("Переименовано: Кабинет завуча")
    assert office.go_to("Кабинет завуча").state == "approved"


def test_revoking_a_computer_stops_the_journals_on_it_and_the_log_says_so(town: Town, office: Office) -> None:
    teacher = town.sit_down(STAFF_ROOM, town.school.teacher)
    town.meet(teacher, STAFF_ROOM)
    office.read_again()
    office.go_to(STAFF_ROOM)
    QTest.keyClick(office.part.rows, Qt.Key.Key_Delete)
    QTest.keyClick(office.part.form.field, Qt.Key.Key_Return)
    assert office.part.form.isVisible(), "without a reason nothing is revoked"
    type_text(office.part.form.field, "украден")
    QTest.keyClick(office.part.form.field, Qt.Key.Key_Return)
    office.wait_for("Отозвано: staffroom")
    with pytest.raises(ServerRefused) as refused:
        town.meet(teacher, STAFF_ROOM)
    assert refused.value.answer in ("EJ-392", "EJ-393")
    with town.on(OFFICE):
        town.meet(next(desk for desk in town._open if desk.journal is office.journal), OFFICE)
    assert "workstation_revoked" in told(office.journal)


def test_nobody_shuts_out_the_own_computer(office: Office) -> None:
    office.go_to(OFFICE)
    QTest.keyClick(office.part.rows, Qt.Key.Key_Delete)
    type_text(office.part.form.field, "по ошибке")
    QTest.keyClick(office.part.form.field, Qt.Key.Key_Return)
    office.wait_for("вы остались бы без связи")
    office.read_again()
    assert office.go_to(OFFICE).state == "approved"


def test_without_a_server_the_part_says_so_and_the_list_stays(town: Town, office: Office) -> None:
    before = office.part.rows.rows
    town.server.stop()
    office.part.ask()
    office.wait_for("ервер")
    assert office.part.rows.rows == before
