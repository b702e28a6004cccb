"""A family on its way: from the class teacher to the office and the deputy, and to nobody else's disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ejournal_core.errors import Refusal
from ejournal_core.kinds import PolicySetting, RoleGrant
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import guardians
from ejournal_desktop.models.commands.destruction import confirm_destruction, order_destruction
from ejournal_desktop.models.commands.requests import approve_request
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.destruction import acts
from ejournal_desktop.models.queries.families import GuardianRow, families, guardian_history
from ejournal_desktop.models.tables import metadata
from tests.helpers.chaos import House, meet
from tests.helpers.raw_pages import traces
from tests.helpers.school import NOW, YEAR_START, small_school
from tests.together.town import Town, until_quiet

PHONE = "+7 921 471-14-71"
CONSENT = {"consent_on": NOW.date(), "consent_by": "мать"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    extra = [RoleGrant(id="r-admin", person_id="p-colleague", role="administrator", since=YEAR_START)]
    house = House(tmp_path, small_school(8, extra))
    yield house
    house.close()


def mother(journal: Journal, pupil: str = "u-04", **fields: object) -> None:
    guardians.add_guardian(journal, "c-7b", pupil, last_name="Ёлкина", first_name="Ольга", relation="mother",
                           **{"phone": PHONE, **CONSENT, **fields})  # fmt: skip


def all_rows(journal: Journal) -> list[GuardianRow]:
    return [each for family in families(journal, "c-7b").rows for each in family.guardians]


def told(journal: Journal) -> str:
    """Return every value of every table of a desk as text."""
    with journal.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    return "\n".join(str(value) for row in rows for value in row)


def test_a_family_reaches_the_deputy_over_the_wire(town: Town) -> None:
    class_teacher = town.sit_down("staffroom", town.school.class_teacher)
    deputy = town.sit_down("office", town.school.deputy)
    mother(class_teacher.journal)
    both = (lambda: town.meet(class_teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    until_quiet(*both)
    (seen,) = all_rows(deputy.journal)
    assert (seen.phone, seen.name, seen.consent) == (PHONE, "Ёлкина Ольга", "согласие 15.09.2026, мать")
    assert [each.author for each in guardian_history(deputy.journal, seen.id)] == ["Сидорова А. Л."]
    assert families(deputy.journal, "c-7b").read_only
    guardians.withdraw_consent(class_teacher.journal, seen.id, NOW.date())
    until_quiet(*both)
    (seen,) = all_rows(deputy.journal)
    assert (seen.phone, seen.hidden) == ("", True)
    assert "отозвано 15.09.2026" in seen.consent
    assert PHONE not in "".join(each.what for each in guardian_history(deputy.journal, seen.id))
    assert class_teacher.journal.count_held_back("refused") == 0


def test_the_telephone_is_on_no_disk_of_a_teacher_of_the_class(house: House) -> None:
    class_teacher, teacher = house.sit_down(house.school.class_teacher), house.sit_down(house.school.teacher)
    mother(class_teacher.journal)
    meet(class_teacher, teacher)
    assert traces(class_teacher._path, class_teacher._key, [PHONE]), "the search finds what is there"
    assert traces(teacher._path, teacher._key, [PHONE, "Ёлкина"]) == []
    assert families(teacher.journal, "c-7b").closed
    assert all_rows(teacher.journal) == []


def test_an_act_takes_the_family_out_of_every_desk(house: House) -> None:
    class_teacher = house.sit_down(house.school.class_teacher)
    administrator, deputy = house.sit_down(house.school.colleague), house.sit_down(house.school.deputy)
    mother(class_teacher.journal)
    mother(class_teacher.journal, "u-05", phone="555-05-05")
    meet(class_teacher, deputy, administrator)
    order_destruction(administrator.journal, "Guardian", pupil_id="u-04", act_number="7", act_date=date(2026, 9, 15),
                      basis="152-ФЗ, ст. 21")  # fmt: skip
    meet(administrator, deputy)
    confirm_destruction(deputy.journal, acts(deputy.journal)[0].id)
    meet(deputy, class_teacher, administrator)
    for seat in (class_teacher, administrator, deputy):
        assert PHONE not in told(seat.journal)
        gone, kept = all_rows(seat.journal)
        assert (gone.destroyed, gone.name, gone.consent) == (True, "", "сведения уничтожены по акту")
        assert (kept.destroyed, kept.phone) == (False, "555-05-05")
    assert guardian_history(deputy.journal, gone.id)[0].what == "содержание уничтожено по акту"


def test_what_the_school_has_forbidden_meanwhile_gets_in_by_nobodys_word(house: House) -> None:
    """It was lawful when it was entered, so it waits; but P49 is the school's own word, and no approval lifts it."""
    class_teacher, administrator = (house.sit_down(p) for p in (house.school.class_teacher, house.school.colleague))
    deputy = house.sit_down(house.school.deputy)
    mother(class_teacher.journal)
    forbidden = json.dumps(["photo", "passport", "home_address", "phone"])
    with administrator.journal.write() as write:
        write.edit(PolicySetting, "P49", value=forbidden, basis="приказ")
    meet(administrator, class_teacher, deputy)
    assert all_rows(class_teacher.journal) == []
    assert class_teacher.journal.count_held_back("pending") == 1
    (waiting,) = queries.waiting_decisions(deputy.journal)
    with pytest.raises(Refusal, match="не хранит"):
        approve_request(deputy.journal, waiting.change_id)
    with pytest.raises(Refusal, match="не хранит"):
        mother(class_teacher.journal)
    mother(class_teacher.journal, phone="")
    meet(class_teacher, deputy)
    assert [row.name for row in all_rows(deputy.journal)] == ["Ёлкина Ольга"]


def test_two_offices_that_change_one_telephone_meet_in_a_dispute(house: House) -> None:
    class_teacher, administrator = (house.sit_down(p) for p in (house.school.class_teacher, house.school.colleague))
    mother(class_teacher.journal)
    meet(class_teacher, administrator)
    (row,) = all_rows(class_teacher.journal)
    guardians.change_guardian(class_teacher.journal, row.id, phone="111-11-11")
    guardians.change_guardian(administrator.journal, row.id, phone="222-22-22")
    meet(class_teacher, administrator)
    (dispute,) = queries.disputes(class_teacher.journal)
    assert {dispute.standing_value, dispute.wanted_value} == {"111-11-11", "222-22-22"}
    assert "Ёлкин Пётр" in dispute.where
