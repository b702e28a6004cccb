"""Who comes in, by what, and what that gives: codes, new desks, several roles, leaving and coming back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import RoleGrant, TeachingLoad
from ejournal_desktop.exchange.command import write_records
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import staff as commands
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.workplaces import answer_for_workplace
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.notices import Notice
from ejournal_desktop.models.queries.rights import rights
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_desktop.sync.server import ServerRefused
from ejournal_server import accounts, admin, revocation
from tests.helpers.school import NOW, YEAR_START
from tests.together.town import PASSWORD, Town

OFFICE, STAFFROOM, HOME = "office", "staffroom", "home"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the rules are the same on the other."""
    with Town(tmp_path) as made:
        yield made


def load(town: Town, *records: object) -> None:
    file = town.root / f"more-{len(list(town.root.iterdir()))}.jsonl"
    write_records(records, file)  # type: ignore[arg-type]
    admin.load_records(town.office, file)


def open_by_code(town: Town, person: str, code: str, password: str, name: str = HOME) -> OpenDesk:
    with town.on(name):
        place = town.workstation(name)
        with place.connect() as server:
            line = next(line for line in server.people() if line.id == person)
        return town._kept(desks.open_first(place, line, code, password, town.clock))


def workplaces(journal: Journal) -> list[Notice]:
    return [each for each in queries.news(journal).notices if each.kind == "workplace"]


def titles(journal: Journal) -> list[str]:
    return sorted(page.title for page in queries.journal_pages(journal))


def test_a_code_opens_nothing_without_a_new_password_and_is_worth_nothing_afterwards(town: Town) -> None:
    person, code = town.school.teacher, town.codes[town.school.teacher]
    with town.on(STAFFROOM):
        place = town.workstation(STAFFROOM)
        with place.connect() as server:
            line = next(line for line in server.people() if line.id == person)
        for password in ("", "коротко"):
            with pytest.raises(ServerRefused):
                desks.open_first(place, line, code, password, town.clock)
        with pytest.raises(ServerRefused):  # as if it were a password
            desks.open_first(place, line, code, clock=town.clock)
    desk = open_by_code(town, person, code, PASSWORD, STAFFROOM)
    assert desk.journal.identity.person_id == person
    with pytest.raises(ServerRefused):
        open_by_code(town, person, code, "ещё один пароль 17")


def test_a_new_desk_is_told_at_the_other_desk_and_to_the_deputy_until_one_of_them_answers(town: Town) -> None:
    teacher = town.sit_down(STAFFROOM, town.school.teacher)
    deputy = town.sit_down(OFFICE, town.school.deputy)
    colleague = town.sit_down(STAFFROOM, town.school.colleague)
    town.sit_down(HOME, town.school.teacher)
    for desk, name in ((teacher, STAFFROOM), (deputy, OFFICE), (colleague, STAFFROOM)):
        town.meet(desk, name)
    (own,) = [each for each in workplaces(teacher.journal) if each.where == HOME]
    assert (own.own, own.who) == (True, "Иванова М. П.")
    (seen,) = [each for each in workplaces(deputy.journal) if each.where == HOME]
    assert (seen.own, seen.who, seen.desk_id) == (False, "Иванова М. П.", own.desk_id)
    assert [each for each in workplaces(colleague.journal) if each.where == HOME] == []
    answer_for_workplace(teacher.journal, own.desk_id, is_mine=True)
    town.meet(teacher, STAFFROOM)
    town.meet(deputy, OFFICE)
    assert [each for each in workplaces(deputy.journal) if each.where == HOME] == []


def test_what_is_entered_after_a_reset_is_flagged_in_the_history_until_it_is_confirmed(town: Town) -> None:
    teacher = town.sit_down(STAFFROOM, town.school.teacher)
    deputy = town.sit_down(OFFICE, town.school.deputy)
    code = accounts.new_activation_code(town.office.authority, town.school.teacher, town.school.deputy, PASSWORD)
    fresh = open_by_code(town, town.school.teacher, code, "другой пароль 16")
    put_mark(fresh.journal, town.school.today_lesson, None, "u-04", "5")
    mark = ids.mark(ids.mark_column(town.school.today_lesson, "oral", 1), "u-04")
    town.meet(fresh, HOME)
    town.meet(deputy, OFFICE)
    assert [row.is_flagged for row in queries.cell_history(deputy.journal, "Mark", mark)] == [True]
    town.meet(teacher, STAFFROOM)
    (asked,) = [each for each in workplaces(teacher.journal) if each.where == HOME]
    assert asked.number == 1  # by a code, not by the password
    answer_for_workplace(teacher.journal, asked.desk_id, is_mine=True)
    town.meet(teacher, STAFFROOM)
    town.meet(deputy, OFFICE)
    assert [row.is_flagged for row in queries.cell_history(deputy.journal, "Mark", mark)] == [False]


def test_several_roles_of_one_person_add_up_and_each_ends_alone(town: Town) -> None:
    """Algebra is taught; as class teacher of 7 «Б» the same person sees English too; as administrator no more marks."""
    load(town, RoleGrant(id="r-class", person_id="p-teacher", role="class_teacher", class_group_id="c-7b",
                         since=YEAR_START, until=NOW.date()),
         RoleGrant(id="r-adm", person_id="p-teacher", role="administrator", since=YEAR_START))  # fmt: skip
    teacher = town.sit_down(STAFFROOM, town.school.teacher)
    assert len(titles(teacher.journal)) == 2
    whys = {line.why for line in rights(teacher.journal, town.school.teacher).lines}
    assert len(whys) >= 3, "teaching, the class, the office"
    commands.add_person(teacher.journal, last_name="Новикова", first_name="Зоя")  # as administrator
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")  # as teacher
    town.meet(teacher, STAFFROOM)
    assert teacher.journal.count_held_back("refused") == 0
    town.clock.now += timedelta(days=1)
    town.server.stop()
    town.server.moment += timedelta(days=1)
    town.server.start()
    town.meet(teacher, STAFFROOM)
    assert titles(teacher.journal) == ["7 «Б» · Алгебра"]
    commands.add_person(teacher.journal, last_name="Орлова", first_name="Ия")
    town.meet(teacher, STAFFROOM)
    assert teacher.journal.count_held_back("refused") == 0


def test_who_leaves_is_let_in_nowhere_and_comes_back_with_two_people_to_the_same_name(town: Town) -> None:
    teacher = town.sit_down(STAFFROOM, town.school.teacher)
    deputy = town.sit_down(OFFICE, town.school.deputy)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    authority = town.office.authority
    revocation.leave(authority, town.school.teacher, NOW.date() - timedelta(days=1), "уволена по приказу № 7")
    with pytest.raises(ServerRefused) as refused:
        town.meet(teacher, STAFFROOM)
    assert refused.value.answer == "EJ-394"
    with town.on(HOME), town.workstation(HOME).connect() as server:
        assert town.school.teacher not in {line.id for line in server.people()}
    town.meet(deputy, OFFICE)
    with deputy.journal.reading() as connection:
        loads = select_records(connection, TeachingLoad, person_id="p-teacher")
    assert [each.until for each in loads] == [NOW.date() - timedelta(days=1)]
    code = accounts.new_activation_code(authority, town.school.teacher, town.school.deputy, PASSWORD)
    load(town, RoleGrant(id="r-again", person_id="p-teacher", role="subject_teacher", since=NOW.date()),
         TeachingLoad(id="l-again", journal_page_id=town.school.page, person_id="p-teacher", since=NOW.date(),
                      weekly_hours=Decimal(3)))  # fmt: skip
    back = open_by_code(town, town.school.teacher, code, "новый пароль 18")
    assert back.journal.identity.person_id == town.school.teacher
    assert titles(back.journal) == ["7 «Б» · Алгебра"]
