"""Names of staff, days of roles, and the ledger of codes: what a person may enter of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ejournal_core import staff
from ejournal_core.checks import check
from ejournal_core.errors import Refusal
from ejournal_core.kinds import ClassGroup, CredentialIssue, Fields, Person, Role, RoleGrant
from tests.core.test_checks import NOON, SEPTEMBER, edit
from tests.helpers.plain_facts import PlainFacts

ISSUE = CredentialIssue(
    id="issue", person_id="ivanova", reason="first", made_on=date(2026, 11, 2), valid_until=date(2026, 11, 15)
)


@pytest.fixture
def facts() -> PlainFacts:
    held: list[tuple[str, Role]] = [("admin", "administrator"), ("kadry", "personnel_officer")]
    return PlainFacts(
        [
            Person(id="ivanova", last_name="Иванова", first_name="Мария"),
            ClassGroup(id="7b", school_year_id="y", grade_level=7, letter="Б"),
            *[RoleGrant(id=f"r-{role}", person_id=person, role=role, since=SEPTEMBER) for person, role in held],
            ISSUE,
        ],
        NOON,
    )


def told(facts: PlainFacts, kind: str, record: str, set_: Fields, author: str = "admin", **more: Any) -> str:
    judgement = check(edit(kind, record, set_, author=author, **more), facts)
    return judgement.code or judgement.outcome


@pytest.mark.parametrize(
    ("set_", "expected"),
    [
        ({"last_name": "Новикова", "first_name": "Анна"}, "taken"),
        ({"last_name": "Новикова", "first_name": "Анна", "position": "учитель"}, "taken"),
        ({"last_name": "Новикова", "first_name": " "}, "EJ-504"),
        ({"last_name": "", "first_name": "Анна"}, "EJ-504"),
        ({"last_name": "Н" * 61, "first_name": "Анна"}, "EJ-286"),
        ({"last_name": "Нов\u202eикова", "first_name": "Анна"}, "EJ-286"),
    ],
)
def test_a_member_of_staff_has_a_name_that_can_be_read(facts: PlainFacts, set_: Fields, expected: str) -> None:
    assert told(facts, "Person", "new", set_, act="create") == expected
    assert told(facts, "Person", "new", set_, author="kadry", act="create") == expected


def test_a_teacher_enters_nobody_and_a_personnel_officer_gives_no_role(facts: PlainFacts) -> None:
    assert told(facts, "Person", "new", {"last_name": "Новикова", "first_name": "Анна"}, "ivanova", act="create") == (
        "EJ-213"
    )
    role: Fields = {"person_id": "ivanova", "role": "administrator", "since": "2026-11-19"}
    assert told(facts, "RoleGrant", "r9", role, "kadry", act="create") == "EJ-213"
    assert told(facts, "RoleGrant", "r9", role, act="create") == "taken"


@pytest.mark.parametrize(
    ("set_", "expected"),
    [
        ({"role": "secretary", "since": "2026-11-02", "until": "2026-11-02"}, "taken"),
        ({"role": "secretary", "since": "2026-11-02", "until": "2026-11-01"}, "EJ-505"),
        ({"role": "class_teacher", "since": "2026-11-02"}, "EJ-505"),
        ({"role": "class_teacher", "since": "2026-11-02", "class_group_id": "7b"}, "taken"),
        ({"role": "class_teacher", "since": "2026-11-02", "class_group_id": "9z"}, "EJ-505"),
    ],
)
def test_a_role_begins_before_it_ends_and_a_class_teacher_has_a_class(
    facts: PlainFacts, set_: Fields, expected: str
) -> None:
    assert told(facts, "RoleGrant", "r9", {"person_id": "ivanova", **set_}, act="create") == expected


def test_the_ledger_takes_the_day_of_handing_over_and_nothing_else(facts: PlainFacts) -> None:
    def handed(day: str | None, author: str = "admin", act: Any = "change") -> str:
        return told(facts, "CredentialIssue", "issue", {"handed_on": day}, author, was={"handed_on": None}, act=act)

    assert handed("2026-11-02") == "taken"
    assert handed("2026-11-01") == "EJ-506"  # before it was printed
    assert handed("2099-01-01") == "EJ-506"
    assert handed("2026-11-02", "ivanova") == "EJ-213"
    forged: Fields = {"person_id": "ivanova", "reason": "reset", "made_on": "2026-11-02", "valid_until": "2026-11-03"}
    assert told(facts, "CredentialIssue", "mine", forged, act="create") == "EJ-506"
    was: Fields = {"second_id": ""}
    assert told(facts, "CredentialIssue", "issue", {"second_id": "zavuch"}, was=was) == "EJ-506"


def test_a_nameless_record_of_old_can_still_be_given_a_position(facts: PlainFacts) -> None:
    facts.put(Person(id="old", last_name="Архивный", first_name=""))
    assert told(facts, "Person", "old", {"position": "учитель"}, was={"position": ""}) == "taken"


def administrator(id_: str, until: date | None = None, *, voided: bool = False) -> RoleGrant:
    return RoleGrant(id=id_, person_id=id_, role="administrator", since=SEPTEMBER, until=until, voided=voided)


@pytest.mark.parametrize(
    ("others", "ending", "goes"),
    [
        pytest.param([], ["own"], False, id="nobody else"),
        pytest.param([administrator("other")], ["own"], True, id="another one"),
        pytest.param([administrator("other")], ["own", "other"], False, id="both at once"),
        pytest.param([administrator("other", until=NOON.date())], ["own"], False, id="another one, until that day"),
        pytest.param([administrator("other", voided=True)], ["own"], False, id="another one, taken back"),
        pytest.param([], ["teacher"], True, id="somebody else's role"),
    ],
)
def test_the_last_administrator_does_not_go(others: list[RoleGrant], ending: list[str], goes: bool) -> None:
    teacher = RoleGrant(id="teacher", person_id="ivanova", role="subject_teacher", since=SEPTEMBER)
    grants = [administrator("own"), teacher, *others]
    if goes:
        staff.see_an_administrator_stays(grants, ending, NOON.date())
    else:
        with pytest.raises(Refusal) as refused:
            staff.see_an_administrator_stays(grants, ending, NOON.date())
        assert refused.value.code == "EJ-548"


def test_a_school_without_an_administrator_is_not_held_up() -> None:
    staff.see_an_administrator_stays([administrator("own", until=SEPTEMBER)], ["own"], NOON.date())
