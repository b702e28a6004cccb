"""Wrong data is told by whoever sees it and answered by the office; a list is looked through by its class teacher."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from ejournal_core import access, pupil_data
from ejournal_core.calendar import StudyCalendar
from ejournal_core.checks import check
from ejournal_core.kinds import ClassGroup, DataReport, Fields, Json, ListCheck, SchoolYear, from_fields
from ejournal_core.policy import Policy, preset
from tests.core.test_checks import QUARTER, SEPTEMBER, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

REPORT: Fields = {
    "reporter_id": "ivanova", "told_on": "2026-11-19", "about": "pupil", "class_group_id": "7b", "pupil_id": "yolkin",
    "wrong": "отчество", "should_be": "Ильич", "source": "parent",
}  # fmt: skip
FIXED: Fields = {"answer": "fixed", "answered_by": "admin", "answered_on": "2026-11-19"}
LOOK = "0190"
LOOKED: Fields = {"class_group_id": "7b", "checked_on": "2026-11-19", "checked_by": "petrova", "pupils": True}


def told(facts: PlainFacts, changed: Fields | None = None, *, author: str = "ivanova", arrived: bool = False) -> str:
    """Return how a new report is judged."""
    fields: Fields = {**REPORT, "reporter_id": author, **(changed or {})}
    return code(check(edit("DataReport", "d", fields, author=author, act="create"), facts, at_arrival=arrived))


def answered(facts: PlainFacts, author: str = "admin", **changed: Json) -> str:
    """Return how an answer to a report that stands is judged."""
    fields: Fields = {**FIXED, "answered_by": author, **changed}
    return code(check(edit("DataReport", "d", fields, was={"answer": ""}, author=author), facts))


@pytest.mark.parametrize("author", ["ivanova", "petrova", "zavuch", "admin"])
def test_whoever_sees_wrong_data_reports_it(facts: PlainFacts, author: str) -> None:
    assert told(facts, author=author) == "taken"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"wrong": " "}, "EJ-522"),
        ({"wrong": "ы" * 501}, "EJ-522"),
        ({"should_be": "ы" * 501}, "EJ-522"),
        ({"told_on": "2026-11-20"}, "EJ-522"),
        ({"told_on": "2025-09-01"}, "EJ-522"),
        ({"pupil_id": "nobody"}, "EJ-522"),
        ({"pupil_id": None}, "EJ-522"),
        ({"pupil_id": None, "about": "departure"}, "EJ-522"),
        ({"pupil_id": None, "about": "arrival"}, "taken"),
        ({"pupil_id": None, "about": "class"}, "taken"),
        ({"pupil_id": "kotov"}, "taken"),
        ({"class_group_id": "1a"}, "EJ-522"),
        ({"class_group_id": "9z"}, "EJ-522"),
        ({"about": "weather"}, "EJ-201"),
        ({"source": "neighbour"}, "EJ-201"),
        (FIXED, "EJ-523"),
    ],
)
def test_a_report_says_what_is_wrong_of_whom_and_since_when(facts: PlainFacts, changed: Fields, expected: str) -> None:
    assert told(facts, changed) == expected
    assert told(facts, changed, arrived=True) == expected


def test_nobody_reports_in_anothers_name(facts: PlainFacts) -> None:
    assert code(check(edit("DataReport", "d", REPORT, author="petrova", act="create"), facts)) == "EJ-523"


def test_the_office_answers_and_nobody_else(facts: PlainFacts) -> None:
    facts.put(from_fields(DataReport, "d", REPORT))
    assert answered(facts) == "taken"
    assert answered(facts, answer="unfounded", answer_reason="в свидетельстве так") == "taken"
    assert answered(facts, answer="unfounded") == "EJ-522", "who told it learns why"
    assert answered(facts, answered_on="2026-11-20") == "EJ-522"
    assert answered(facts, answered_on=None) == "EJ-522"
    assert answered(facts, "zavuch") == answered(facts, "ivanova") == "EJ-523"
    assert answered(facts, voided=True) == "EJ-523", "an answer takes no report away"
    forged = edit("DataReport", "d", FIXED | {"answered_by": "zavuch"}, was={"answer": ""}, author="admin")
    assert code(check(forged, facts)) == "EJ-523"


def test_a_report_is_taken_back_until_it_is_answered_and_never_rewritten(facts: PlainFacts) -> None:
    facts.put(from_fields(DataReport, "d", REPORT))
    gone: Fields = {"voided": True}
    back = edit("DataReport", "d", gone, was={"voided": False}, act="void")
    assert code(check(back, facts)) == "taken"
    other = edit("DataReport", "d", gone, was={"voided": False}, act="void", author="admin")
    assert code(check(other, facts)) == "EJ-523"
    words = edit("DataReport", "d", {"wrong": "имя"}, was={"wrong": "отчество"})
    assert code(check(words, facts)) == "EJ-524"
    moved = edit("DataReport", "d", {"reporter_id": "petrova"}, was={"reporter_id": "ivanova"}, author="petrova")
    assert code(check(moved, facts)) == "EJ-524"
    facts.put(from_fields(DataReport, "d", REPORT | FIXED))
    assert code(check(back, facts)) == "EJ-524"
    assert code(check(back, facts, at_arrival=True)) == "taken", "nobody knew of the answer when it was taken back"


@pytest.mark.parametrize(
    ("author", "changed", "expected"),
    [
        ("petrova", {}, "taken"),
        ("petrova", {"pupils": False, "families": True, "number": 25}, "taken"),
        ("petrova", {"pupils": False}, "EJ-526"),
        ("petrova", {"number": -1}, "EJ-201"),
        ("petrova", {"checked_by": "ivanova"}, "EJ-526"),
        ("petrova", {"checked_on": "2026-11-18"}, "EJ-526"),
        ("ivanova", {"checked_by": "ivanova"}, "EJ-526"),
        ("zavuch", {"checked_by": "zavuch"}, "EJ-526"),
    ],
)
def test_the_class_teacher_says_what_was_looked_through(
    facts: PlainFacts, author: str, changed: Fields, expected: str
) -> None:
    change = edit("ListCheck", LOOK, {**LOOKED, **changed}, author=author, act="create")
    assert code(check(change, facts)) == expected


def test_a_list_is_looked_through_today_though_the_server_hears_of_it_later(facts: PlainFacts) -> None:
    for day, here, there in ((date(2026, 11, 18), "EJ-526", "taken"), (date(2026, 11, 20), "EJ-526", "EJ-526")):
        fields = LOOKED | {"checked_on": day.isoformat()}
        change = edit("ListCheck", LOOK, fields, author="petrova", act="create")
        assert code(check(change, facts)) == here
        assert code(check(change, facts, at_arrival=True)) == there


def test_a_look_through_the_list_is_taken_back_and_never_rewritten(facts: PlainFacts) -> None:
    facts.put(from_fields(ListCheck, LOOK, LOOKED))
    changes: tuple[tuple[Fields, str, str], ...] = (
        ({"voided": True}, "petrova", "taken"), ({"voided": True}, "zavuch", "EJ-526"),
        ({"number": 26}, "petrova", "EJ-526"), ({"class_group_id": "1a"}, "petrova", "EJ-526"),
    )  # fmt: skip
    for set_, author, expected in changes:
        was: Fields = {name: LOOKED.get(name, 0) for name in set_}
        assert code(check(edit("ListCheck", LOOK, set_, was=was, author=author), facts)) == expected


# --- terms ---------------------------------------------------------------------------------------------------------

YEAR = SchoolYear(id="y", title="2026/27", starts_on=SEPTEMBER, ends_on=date(2027, 5, 31))


def due(policy: Policy, last: date | None, today: date) -> date | None:
    return pupil_data.check_due_on(policy, last, today, StudyCalendar(YEAR, (QUARTER,)))


def test_a_list_is_looked_through_once_a_month(facts: PlainFacts) -> None:
    monthly, today = Policy.default(), date(2026, 11, 19)
    assert due(monthly, None, today) == date(2026, 11, 30)
    assert due(monthly, date(2026, 10, 31), today) == date(2026, 11, 30)
    assert due(monthly, date(2026, 9, 3), today) == date(2026, 10, 31), "a month went by without a look"
    assert due(monthly, date(2026, 11, 1), today) is None
    assert due(monthly, date(2026, 8, 28), date(2026, 8, 29)) is None, "before the year counts for September"
    assert due(monthly, None, date(2027, 6, 1)) is None


def test_before_the_year_means_by_its_first_day_and_once() -> None:
    stavropol = preset("avers-stavropol-2019")
    assert due(stavropol, None, date(2026, 8, 25)) == SEPTEMBER
    assert due(stavropol, None, date(2026, 9, 10)) == SEPTEMBER, "late, and still to be done"
    assert due(stavropol, date(2026, 8, 20), date(2026, 11, 19)) is None


def test_a_school_without_a_term_asks_for_nothing() -> None:
    free = msgspec.structs.replace(Policy.default(), contingent_check="on_request")
    assert due(free, None, date(2026, 11, 19)) is None


def test_an_answer_is_due_as_the_school_says() -> None:
    report = from_fields(DataReport, "d", REPORT)
    assert pupil_data.answer_due_on(Policy.default(), report) == date(2026, 11, 20)


# --- who sees it -----------------------------------------------------------------------------------------------------


def test_a_report_is_seen_by_its_author_and_the_office_of_the_whole_school(facts: PlainFacts) -> None:
    assert access.slice_of("DataReport", REPORT) == "reports:ivanova"
    assert access.slice_of("ListCheck", LOOKED) == "class:7b"
    group = facts.get(ClassGroup, "7b")
    assert group is not None

    def seen(person: str) -> frozenset[str]:
        return access.slices(person, facts.roles(person), [], [group], facts.today(), people=["ivanova", "petrova"])

    assert "reports:ivanova" in seen("ivanova")
    assert "reports:ivanova" not in seen("petrova") | seen("zavuch"), "not even the class teacher's or the deputy's"
    assert {"reports:ivanova", "reports:petrova"} <= seen("admin")
    (grant,) = facts.roles("admin")
    of_a_class = msgspec.structs.replace(grant, class_group_id="7b")
    assert not access.answers_reports([of_a_class], facts.today())


def test_a_look_through_the_list_counts_pupils_in_whole_numbers() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_fields(ListCheck, LOOK, {**LOOKED, "number": "25"})
