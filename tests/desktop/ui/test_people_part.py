"""Люди of Администрирование with real keys: search, a new colleague, roles, leaving, codes and who confirms them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.handouts import CodesHandout, SlipLine
from ejournal_core.kinds import Certificate, CredentialIssue, Person, Record, Role, RoleGrant, TeachingLoad
from ejournal_core.wire import AccountLine, CodesRequest
from ejournal_desktop.models.commands.staff import add_person
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.widgets import codes_sheet
from ejournal_desktop.ui.widgets.people_part import PeoplePart
from tests.helpers.school import NOW, YEAR_START, desk_of, small_school
from tests.helpers.typing import type_text

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
TODAY = NOW.date()


def signed_in(person: str) -> Certificate:
    return Certificate(id=f"desk-{person}", subject_kind="desk", person_id=person, public_key="00" * 32,
                       issued_at="2026-09-02T09:00:00Z")  # fmt: skip


def issue(person: str, made_on: date, handed_on: date | None = None) -> CredentialIssue:
    return CredentialIssue(id=f"issue-{person}", person_id=person, reason="first", made_on=made_on,
                           valid_until=date(2026, 12, 31), handed_on=handed_on)  # fmt: skip


def office() -> list[Record]:
    roles: list[tuple[str, Role]] = [("p-admin", "administrator"), ("p-officer", "personnel_officer")]
    return [
        Person(id="p-admin", last_name="Админов", first_name="Олег", patronymic="Олегович", position="инженер"),
        Person(id="p-officer", last_name="Кадрова", first_name="Инна", position="специалист по кадрам"),
        Person(id="p-twin", last_name="Иванова", first_name="Мария", patronymic="Петровна", position="психолог"),
        *[RoleGrant(id=f"r-{person}", person_id=person, role=role, since=YEAR_START) for person, role in roles],
        *[signed_in(person) for person in ("p-admin", "p-deputy", "p-teacher")],
        issue("p-colleague", date(2026, 8, 28)),
        issue("p-class-teacher", TODAY),
    ]


class Asked:
    """The school's server as the part speaks with it: what was asked, and what it answers."""

    def __init__(self) -> None:
        self.away = False
        signs_in = ("p-admin", "p-deputy", "p-teacher")
        self.lines = [AccountLine(person=person, state="active") for person in signs_in]
        self.codes: list[CodesRequest] = []
        self.closed: list[str] = []
        self.refusal: ServerRefused | None = None

    def __call__(self, ask: Callable[[Any], Any], /) -> Any:
        if self.away:
            raise ServerAway("nobody")
        return ask(self)

    def ways_in(self) -> list[AccountLine]:
        return self.lines

    def give_codes(self, wanted: CodesRequest) -> CodesHandout:
        self.codes.append(wanted)
        if self.refusal is not None:
            raise self.refusal
        slips = tuple(SlipLine(name="Петров Семён", position="учитель", code="ABCD-EFGH-2345") for _ in wanted.people)
        return CodesHandout(school_name="Школа № 1", made_on=TODAY, valid_until=TODAY, issue_until=TODAY,
                            working_days=10, by_director=False, clause="", slips=slips)  # fmt: skip

    def close_entry(self, person: str) -> None:
        self.closed.append(person)


class Desk:
    """The part of an administrator, or of whoever else."""

    def __init__(self, part: PeoplePart, journal: Journal, server: Asked, jobs: Jobs, qtbot: QtBot) -> None:
        self.part, self.journal, self.server, self.jobs, self.qtbot = part, journal, server, jobs, qtbot

    def settled(self) -> None:
        """Wait until nothing runs in the background."""
        self.qtbot.waitUntil(lambda: not self.jobs.busy(), timeout=60_000)

    def go_to(self, person_id: str) -> None:
        at = [row.id for row in self.part.lines.rows].index(person_id)
        self.part.table.setCurrentIndex(self.part.lines.index(at, 0))

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL) -> None:
        QTest.keyClick(self.part.table, key, modifiers)

    def way(self, person_id: str) -> str:
        at = self.names().index(person_id)
        return str(self.part.lines.data(self.part.lines.index(at, 3)))

    def names(self) -> list[str]:
        return [row.id for row in self.part.lines.rows]

    def kept(self, kind: type[Record], **equal: str) -> list[Any]:
        with self.journal.reading() as connection:
            return select_records(connection, kind, **equal)


@contextmanager
def opened(qtbot: QtBot, folder: Path, person: str) -> Iterator[Desk]:
    journal = desk_of(small_school(extra=office()), person, folder)
    jobs, server = Jobs(), Asked()
    part = PeoplePart(journal, jobs, server, journal.clock)
    screen = AdministrationScreen(journal, [part])
    qtbot.addWidget(screen)
    screen.resize(1180, 640)
    screen._show_part()
    screen.show()
    screen.enter()
    desk = Desk(part, journal, server, jobs, qtbot)
    desk.settled()
    yield desk
    desk.settled()
    screen.close_screen()
    jobs.close()
    journal.close()


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    with opened(qtbot, tmp_path, "p-admin") as made:
        yield made


def test_the_list_says_who_works_here_and_how_each_way_in_stands(desk: Desk) -> None:
    assert desk.names() == ["p-admin", "p-deputy", "p-teacher", "p-twin", "p-officer", "p-colleague", "p-class-teacher"]
    assert desk.way("p-teacher") == "входит с 02.09.2026"
    assert desk.way("p-twin") == "входа нет"


def test_without_the_server_the_ledger_of_the_journal_is_shown(qtbot: QtBot, tmp_path: Path, desk: Desk) -> None:
    desk.server.away = True
    desk.part.ways.accounts = None
    desk.part.enter()
    desk.settled()
    assert desk.way("p-colleague") == "код не отдан до 11.09"
    assert desk.way("p-class-teacher").startswith("отдать код до ")
    desk.go_to("p-colleague")
    assert "просрочено: код по 31.12, на руки до 11.09" in desk.part.sheet.way.text()
    assert desk.part.message.text.startswith("Сервер не отвечает")


@pytest.mark.parametrize("typed", ["психолог", "псих ив", "gcb[jkju", "Gcb["])
def test_a_person_is_found_by_name_position_or_role_in_any_layout(desk: Desk, typed: str) -> None:
    desk.press(Qt.Key.Key_F)
    type_text(desk.part.search, typed)
    assert desk.names() == ["p-twin"]


def test_namesakes_are_told_apart(desk: Desk) -> None:
    texts = [desk.part.lines.data(desk.part.lines.index(at, 0)) for at in range(len(desk.part.lines.rows))]
    assert [text for text in texts if text.startswith("Иванова")] == [
        "Иванова Мария Петровна (№ 1)", "Иванова Мария Петровна (№ 2)"
    ]  # fmt: skip


def test_a_new_colleague_is_entered_and_taken_back_by_the_keyboard(desk: Desk) -> None:
    desk.press(Qt.Key.Key_N)
    form = desk.part.person_form
    for name, text in (("last_name", "Яшина"), ("first_name", "Зоя"), ("position", "учитель")):
        type_text(form.lines[name], text)
    QTest.keyClick(form.lines["position"], Qt.Key.Key_Return)
    assert desk.part.current is not None
    assert desk.part.current.name == "Яшина Зоя"
    assert not form.isVisible()
    desk.press(Qt.Key.Key_Z)
    assert "Яшина Зоя" not in [row.name for row in desk.part.lines.rows]


def test_tab_leads_from_the_last_field_to_the_button_and_enter_writes_from_a_list(desk: Desk) -> None:
    desk.go_to("p-twin")
    for key, form in ((Qt.Key.Key_N, desk.part.person_form), (Qt.Key.Key_R, desk.part.role_form)):
        desk.press(key)
        form.last_field.setFocus()
        QTest.keyClick(form.last_field, Qt.Key.Key_Tab)
        assert form.enter.hasFocus()
        QTest.keyClick(form.enter, Qt.Key.Key_Escape)
    desk.press(Qt.Key.Key_R)
    assert desk.part.role_form.role.hasFocus()
    QTest.keyClick(desk.part.role_form.role, Qt.Key.Key_Return)
    (grant,) = desk.kept(RoleGrant, person_id="p-twin")
    assert grant.role == desk.part.role_form.role.itemData(0)


def test_a_name_that_is_missing_is_asked_for_in_the_form(desk: Desk) -> None:
    desk.press(Qt.Key.Key_N)
    form = desk.part.person_form
    type_text(form.lines["last_name"], "Яшина")
    QTest.keyClick(form.lines["last_name"], Qt.Key.Key_Return)
    assert "нужны фамилия и имя" in form.note.text
    assert form.lines["last_name"].text() == "Яшина"
    assert len(desk.names()) == 7


def test_a_name_is_mended_in_place(desk: Desk) -> None:
    desk.go_to("p-twin")
    desk.press(Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    desk.part.person_form.lines["patronymic"].selectAll()
    type_text(desk.part.person_form.lines["patronymic"], "Павловна")
    QTest.keyClick(desk.part.person_form.lines["patronymic"], Qt.Key.Key_Return)
    (kept,) = desk.kept(Person, id="p-twin")
    assert kept.patronymic == "Павловна"
    assert desk.part.current is not None
    assert desk.part.current.id == "p-twin"


def test_a_role_is_given_for_a_class_and_says_what_it_shows(desk: Desk) -> None:
    desk.go_to("p-twin")
    assert "журналов не видит" in desk.part.sheet.way.text()
    desk.press(Qt.Key.Key_R)
    form = desk.part.role_form
    form.role.setCurrentIndex(form.role.findData("class_teacher"))
    QTest.keyClick(form.since, Qt.Key.Key_Return)
    assert "нужен класс" in form.note.text
    form.group.setCurrentIndex(form.group.findData("c-7b"))
    QTest.keyClick(form.since, Qt.Key.Key_Return)
    (grant,) = desk.kept(RoleGrant, person_id="p-twin")
    assert (grant.class_group_id, grant.since, grant.until) == ("c-7b", TODAY, None)
    assert "2\u00a0страницы" in desk.part.sheet.way.text()
    rights = [right.what for right in desk.part.sheet._rights.rows]
    assert "указывает причины пропусков 7 «Б»" in rights


def test_a_role_ends_with_a_day_and_its_reason_stands_in_the_history(desk: Desk) -> None:
    desk.go_to("p-colleague")
    desk.press(Qt.Key.Key_R, CTRL | SHIFT)
    type_text(desk.part.end_form.why, "приказ № 5")
    QTest.keyClick(desk.part.end_form.why, Qt.Key.Key_Return)
    (grant,) = desk.kept(RoleGrant, person_id="p-colleague")
    assert grant.until == TODAY
    assert desk.part.sheet.role is not None


def test_who_leaves_loses_roles_and_loads_with_the_day_and_all_of_it_comes_back(desk: Desk) -> None:
    desk.go_to("p-colleague")
    desk.press(Qt.Key.Key_U, CTRL | SHIFT)
    QTest.keyClick(desk.part.end_form.day, Qt.Key.Key_Return)
    held = [*desk.kept(RoleGrant, person_id="p-colleague"), *desk.kept(TeachingLoad, person_id="p-colleague")]
    assert {each.until for each in held} == {TODAY}
    assert len(held) == 3
    assert "закройте вход" in desk.part.message.text
    desk.press(Qt.Key.Key_Z)
    held = [*desk.kept(RoleGrant, person_id="p-colleague"), *desk.kept(TeachingLoad, person_id="p-colleague")]
    assert {each.until for each in held} == {None}


def test_codes_for_all_without_a_way_in_are_shown_to_be_printed_and_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[bytes] = []

    def agreed(pdf: bytes, *_: object) -> bool:
        printed.append(pdf)
        return True

    monkeypatch.setattr(codes_sheet, "ask_and_print", agreed)
    desk.press(Qt.Key.Key_K, CTRL | SHIFT)
    desk.settled()
    (wanted,) = desk.server.codes  # not for the namesake, who has no role and does not work here
    assert set(wanted.people) == {"p-colleague", "p-class-teacher", "p-officer"}
    assert desk.part.paper.is_full
    assert not desk.part.table.isVisible()
    QTest.keyClick(desk.part.paper.view, Qt.Key.Key_P, CTRL)
    assert printed[0].startswith(b"%PDF")
    desk.settled()
    QTest.keyClick(desk.part.paper.view, Qt.Key.Key_Escape)
    assert desk.part.table.isVisible()


def test_codes_that_nobody_printed_go_only_when_that_is_asked_for_twice(desk: Desk) -> None:
    desk.press(Qt.Key.Key_K, CTRL | SHIFT)
    desk.settled()
    shown = []
    for _ in range(2):
        QTest.keyClick(desk.part.paper.view, Qt.Key.Key_Escape)
        shown.append((desk.part.paper.is_full, desk.part.table.isVisible()))
    assert shown == [(True, False), (False, True)]
    assert desk.part.paper.note.text().startswith("Ещё не напечатано: 3")


def test_a_new_code_over_a_password_asks_for_a_second_person_and_a_wrong_password_says_when_to_try_again(
    desk: Desk,
) -> None:
    desk.go_to("p-teacher")
    desk.press(Qt.Key.Key_K)
    form = desk.part.second_form
    assert [form.second.itemData(at) for at in range(form.second.count())] == ["p-deputy"]
    desk.server.refusal = ServerRefused("EJ-374", 403, "", retry_after=8)
    type_text(form.password, "не тот")
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    assert form.password.text() == ""
    desk.settled()
    assert desk.server.codes == [CodesRequest(people=("p-teacher",), second="p-deputy", second_password="не тот")]
    assert "не подошли" in form.note.text
    assert "через 8 с" in form.note.text
    assert not desk.part.paper.is_full
    desk.server.refusal = None
    type_text(form.password, "верный")
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    desk.settled()
    assert desk.part.paper.is_full


def test_a_door_is_closed_and_one_s_own_is_not(desk: Desk) -> None:
    desk.go_to("p-admin")
    desk.press(Qt.Key.Key_L, CTRL | SHIFT)
    assert "Собственный вход" in desk.part.message.text
    desk.server.lines = [AccountLine(person="p-teacher", state="closed")]  # when it is asked again
    desk.go_to("p-teacher")
    desk.press(Qt.Key.Key_L, CTRL | SHIFT)
    desk.settled()
    assert desk.server.closed == ["p-teacher"]
    assert desk.way("p-teacher") == "вход закрыт"


def test_a_code_for_somebody_still_on_the_way_says_to_wait_and_for_one_unknown_to_the_server_that_it_is(
    desk: Desk,
) -> None:
    desk.server.refusal = ServerRefused("EJ-376", 404, "")
    desk.go_to("p-twin")
    desk.press(Qt.Key.Key_K)
    desk.settled()
    assert "ещё не дошёл" not in desk.part.message.text
    add_person(desk.journal, last_name="Яшина", first_name="Зоя")
    desk.part.refresh()
    desk.go_to(next(row.id for row in desk.part.lines.rows if row.name == "Яшина Зоя"))
    desk.press(Qt.Key.Key_K)
    desk.settled()
    assert "ещё не дошёл до сервера" in desk.part.message.text


def test_a_code_that_waits_is_noted_as_handed_over(desk: Desk) -> None:
    desk.server.lines = [AccountLine(person="p-colleague", state="invited", code_until="2027-01-01T12:00:00Z")]
    desk.part.enter()
    desk.settled()
    desk.part.filter.setCurrentIndex(desk.part.filter.findData("wait"))
    assert desk.names() == ["p-colleague"]
    desk.press(Qt.Key.Key_D)
    (entry,) = desk.kept(CredentialIssue, person_id="p-colleague")
    assert entry.handed_on == TODAY
    assert desk.names() == []
    desk.part.filter.setCurrentIndex(0)
    assert desk.way("p-colleague").startswith(f"код выдан {TODAY:%d.%m}")


def test_a_personnel_officer_keeps_people_and_gives_no_role_and_no_code(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, "p-officer") as desk:
        offered = {action.id for action in desk.part.actions()}
        assert "people.add" in offered
        assert offered.isdisjoint({"people.role", "people.code", "people.codes", "people.close", "people.leave"})
        assert desk.server.codes == []
