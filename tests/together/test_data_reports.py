"""Wrong data on its way: from whoever saw it to the office and back with an answer, and to nobody else's disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ejournal_core.errors import Refusal
from ejournal_core.kinds import DataReport, ListCheck, RoleGrant
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.destruction import confirm_destruction, order_destruction
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.pupil_data import (
    answer_report,
    confirm_list,
    report_wrong_data,
    take_back_report,
)
from ejournal_desktop.models.commands.way_back import take_back
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.destruction import acts
from tests.helpers.chaos import House, Seat, meet
from tests.helpers.raw_pages import traces
from tests.helpers.school import YEAR_START, small_school

WRONG = "в документах Пётр Ильич"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    extra = [RoleGrant(id="r-office", person_id="p-colleague", role="administrator", since=YEAR_START),
             RoleGrant(id="r-head", person_id="p-deputy", role="secretary", since=YEAR_START)]  # fmt: skip
    house = House(tmp_path, small_school(8, extra))
    yield house
    house.close()


def reports(journal: Journal) -> list[DataReport]:
    with journal.reading() as connection:
        return select_records(connection, DataReport)


def checks(journal: Journal) -> list[ListCheck]:
    with journal.reading() as connection:
        return select_records(connection, ListCheck)


def tell(seat: Seat) -> str:
    done = report_wrong_data(seat.journal, "c-7b", "u-04", "pupil", WRONG, "Пётр Ильич", source="parent")
    return done.changes[0].record


def test_a_report_goes_to_the_office_and_its_answer_comes_back(house: House) -> None:
    teacher, office = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    class_teacher = house.sit_down(house.school.class_teacher)
    report_id = tell(teacher)
    meet(teacher, office, class_teacher)
    (seen,) = reports(office.journal)
    assert (seen.wrong, seen.reporter_id, seen.source, seen.told_on) == (
        WRONG, house.school.teacher, "parent", date(2026, 9, 15))  # fmt: skip
    assert traces(teacher._path, teacher._key, [WRONG]), "the search finds what is there"
    assert traces(class_teacher._path, class_teacher._key, [WRONG]) == []
    answer_report(office.journal, report_id, "unfounded", "в свидетельстве так")
    meet(office, teacher, class_teacher)
    (back,) = reports(teacher.journal)
    assert (back.answer, back.answer_reason, back.answered_by) == (
        "unfounded", "в свидетельстве так", house.school.colleague)  # fmt: skip
    with pytest.raises(Refusal, match="уже ответили"):
        take_back_report(teacher.journal, report_id)
    assert reports(class_teacher.journal) == []
    assert sum(seat.journal.count_held_back("refused") for seat in (teacher, office, class_teacher)) == 0


def test_a_report_that_was_taken_back_is_gone_from_the_office(house: House) -> None:
    teacher, office = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    report_id = tell(teacher)
    meet(teacher, office)
    assert len(reports(office.journal)) == 1
    take_back_report(teacher.journal, report_id)
    meet(teacher, office)
    assert reports(office.journal) == []


def test_two_of_the_office_that_answer_differently_meet_in_a_dispute(house: House) -> None:
    teacher, one, other = (house.sit_down(p) for p in (house.school.teacher, house.school.colleague, "p-deputy"))
    report_id = tell(teacher)
    meet(teacher, one, other)
    answer_report(one.journal, report_id, "fixed")
    answer_report(other.journal, report_id, "unfounded", "так и есть")
    meet(one, other)
    (dispute,) = queries.disputes(other.journal)
    assert "Ёлкин Пётр" in dispute.where
    resolve_dispute(other.journal, dispute.id, "standing")
    meet(one, other, teacher)
    assert {each.answer for seat in (teacher, one, other) for each in reports(seat.journal)} == {"fixed"}


def test_who_becomes_secretary_gets_what_was_told_before_and_loses_it_with_the_role(house: House) -> None:
    teacher, office = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    tell(teacher)
    meet(teacher, office)
    head = house.sit_down(house.school.class_teacher)
    assert reports(head.journal) == []
    with office.journal.write() as write:
        write.edit(RoleGrant, "r-new", person_id=head.person, role="secretary", class_group_id=None, since=YEAR_START)
    meet(office, head)
    assert [each.wrong for each in reports(head.journal)] == [WRONG]
    with office.journal.write() as write:
        write.edit(RoleGrant, "r-new", act="void", voided=True)
    meet(office, head)
    assert traces(head._path, head._key, [WRONG]) == []


def test_an_act_takes_the_words_of_a_report_out_of_every_desk(house: House) -> None:
    teacher, office = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    deputy = house.sit_down("p-deputy")
    tell(teacher)
    meet(teacher, office, deputy)
    order_destruction(office.journal, "DataReport", pupil_id="u-04", act_number="7", act_date=date(2026, 9, 15),
                      basis="152-ФЗ, ст. 21")  # fmt: skip
    meet(office, deputy)
    confirm_destruction(deputy.journal, acts(deputy.journal)[0].id)
    meet(deputy, office, teacher)
    for seat in (teacher, office, deputy):
        assert [(each.wrong, each.should_be) for each in reports(seat.journal)] == [("", "")]
        assert traces(seat._path, seat._key, [WRONG]) == []


def test_a_look_through_the_list_reaches_the_deputy_and_no_teacher(house: House) -> None:
    class_teacher, deputy = house.sit_down(house.school.class_teacher), house.sit_down("p-deputy")
    teacher = house.sit_down(house.school.teacher)
    looked = confirm_list(class_teacher.journal, "c-7b", pupils=True, families=False, number=8)
    meet(class_teacher, deputy, teacher)
    (seen,) = checks(deputy.journal)
    assert (seen.pupils, seen.families, seen.number, seen.checked_by) == (True, False, 8, class_teacher.person)
    assert checks(teacher.journal) == []
    take_back(class_teacher.journal, looked)
    confirm_list(class_teacher.journal, "c-7b", pupils=True, families=True, number=8)
    meet(class_teacher, deputy)
    assert [(each.pupils, each.families) for each in checks(deputy.journal)] == [(True, True)]
