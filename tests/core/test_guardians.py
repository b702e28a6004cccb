"""What may be kept of a family, by whom, and with whose consent."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from ejournal_core import access, guardians, ids
from ejournal_core.cases import Judgement
from ejournal_core.changes import ERASABLE
from ejournal_core.checks import check
from ejournal_core.destruction import covers, emptied
from ejournal_core.kinds import Destruction, Fields, Guardian, from_fields, to_fields
from ejournal_core.policy import Policy
from tests.core.test_checks import code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

RECORD = ids.guardian("7b", "yolkin", "g1")
NAME: Fields = {"class_group_id": "7b", "pupil_id": "yolkin", "last_name": "Ёлкина", "first_name": "Ольга"}
CONSENT: Fields = {"consent_on": "2026-09-01", "consent_by": "мать"}
PHONE: Fields = {"phone": "+7 921 000-00-00"}


def enter(facts: PlainFacts, fields: Fields, author: str = "petrova", record: str = RECORD, **other: Any) -> Judgement:
    stands = facts.get(Guardian, record) is not None
    return check(edit("Guardian", record, fields, author=author, act="change" if stands else "create"), facts, **other)


def put(facts: PlainFacts, *parts: Fields) -> None:
    fields: Fields = {}
    for part in parts:
        fields |= part
    facts.put(from_fields(Guardian, RECORD, fields))


@pytest.mark.parametrize(
    ("author", "expected"),
    [("petrova", "taken"), ("admin", "taken"), ("ivanova", "EJ-213"), ("zavuch", "EJ-213"), ("nobody", "EJ-213")],
)
def test_the_class_teacher_and_the_office_keep_families_and_nobody_else(
    facts: PlainFacts, author: str, expected: str
) -> None:
    assert code(enter(facts, NAME, author)) == expected


def test_contacts_need_a_consent_that_lasts(facts: PlainFacts) -> None:
    assert code(enter(facts, NAME | PHONE)) == "EJ-276"
    assert code(enter(facts, NAME | CONSENT | PHONE)) == "taken"
    put(facts, NAME, CONSENT, PHONE)
    assert code(enter(facts, {"consent_on": None})) == "EJ-276", "a consent is withdrawn, not denied"
    put(facts, NAME, CONSENT, PHONE, {"withdrawn_on": "2026-10-01"})
    assert code(enter(facts, {"phone": "112-00-00"})) == "EJ-276"
    assert code(enter(facts, {"phone": ""})) == "taken", "what is not wanted there goes at any time"
    assert code(enter(facts, {"patronymic": "Львовна"})) == "taken"


@pytest.mark.parametrize("at_arrival", [False, True])
def test_what_the_school_forbids_itself_is_refused_at_the_desk_and_at_arrival(
    facts: PlainFacts, at_arrival: bool
) -> None:
    address: Fields = {"home_address": "ул. Садовая, 1"}
    answer = enter(facts, NAME | CONSENT | address, at_arrival=at_arrival)
    assert (answer.outcome, answer.code, answer.clause) == ("refused", "EJ-275", "P49")
    facts.school_policy = msgspec.structs.replace(Policy.default(), forbidden_fields=("photo", "passport"))
    assert code(enter(facts, NAME | CONSENT | address, at_arrival=at_arrival)) == "taken"
    facts.school_policy = msgspec.structs.replace(Policy.default(), forbidden_fields=("phone",))
    assert code(enter(facts, NAME | CONSENT | PHONE, at_arrival=at_arrival)) == "EJ-275"


def test_what_was_kept_before_it_was_forbidden_lies_in_nobodys_way(facts: PlainFacts) -> None:
    put(facts, NAME, CONSENT, {"home_address": "ул. Садовая, 1"})
    assert code(enter(facts, PHONE)) == "taken"
    assert code(enter(facts, {"home_address": ""})) == "taken"


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_name": " "}, {"first_name": ""}, {"last_name": "Ё" * 61}, {"consent_by": ""},
        {"patronymic": "+7 921 000-00-00"}, {"first_name": "olga@example"},
        {"consent_on": "2026-11-20"}, {"withdrawn_on": "2026-08-31"}, {"withdrawn_on": "2026-11-20"},
        {"phone": "спросить у бабушки"}, {"phone": "+7"}, {"phone": "1" * 41}, {"email": "olga"},
        {"email": "a b@example.ru"}, {"email": "<b>@example.ru"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_what_stood_stays(facts: PlainFacts, wrong: Fields) -> None:
    assert code(enter(facts, NAME | CONSENT | wrong)) == "EJ-525"


@pytest.mark.parametrize("phone", ["112-00", "8 (812) 000-00-00", "+7 921 000-00-00, доб. 12", "89210000000"])
def test_telephones_are_taken_as_people_write_them(facts: PlainFacts, phone: str) -> None:
    assert code(enter(facts, NAME | CONSENT | {"phone": phone})) == "taken"


def test_a_name_that_was_kept_with_a_number_lies_in_nobodys_way(facts: PlainFacts) -> None:
    put(facts, NAME, {"patronymic": "тел. 112-00"})
    assert code(enter(facts, {"relation": "mother"})) == "taken"
    assert code(enter(facts, {"patronymic": "Львовна"})) == "taken"


def test_a_family_belongs_to_a_pupil_of_the_class(facts: PlainFacts) -> None:
    other = ids.guardian("1a", "yolkin", "g1")
    fields = NAME | {"class_group_id": "1a"}
    assert code(enter(facts, fields, "admin", other)) == "EJ-221"
    assert code(enter(facts, NAME, record=ids.guardian("7b", "kotov", "g1"))) == "EJ-202"
    nobody = ids.guardian("7b", "nobody", "g1")
    assert code(enter(facts, NAME | {"pupil_id": "nobody"}, record=nobody)) == "EJ-203"
    left = ids.guardian("7b", "kotov", "g1")
    assert code(enter(facts, NAME | {"pupil_id": "kotov"}, record=left)) == "taken", "who left is still the class's"


def test_a_family_is_seen_by_the_office_of_its_class_only() -> None:
    assert access.slice_of("Guardian", NAME) == "office:7b"


def test_an_act_about_a_pupil_empties_names_and_contacts(facts: PlainFacts) -> None:
    guardian = from_fields(Guardian, RECORD, NAME | CONSENT | PHONE)
    order = Destruction(id="d", target_kind="Guardian", pupil_id="yolkin", act_number="1", act_date=date(2026, 11, 1),
                        basis="152-ФЗ", ordered_by="admin")  # fmt: skip
    assert covers(order, "Guardian", RECORD, to_fields(guardian))
    left = {name: value for name, value in emptied("Guardian", to_fields(guardian)).items() if value}
    assert left.keys() == {"class_group_id", "pupil_id", "consent_on"}
    assert set(guardians.CONTACTS) | set(guardians.NAMES) <= ERASABLE["Guardian"]


def test_who_is_shown_what() -> None:
    policy = Policy.default()
    assert guardians.offered_contacts(policy) == ("phone", "email")
    assert guardians.hidden_names(CONSENT, policy) == {"home_address"}
    assert guardians.hidden_names({}, policy) == set(guardians.CONTACTS)
    assert guardians.hidden_names(CONSENT | {"withdrawn_on": "2026-10-01"}, policy) == set(guardians.CONTACTS)
