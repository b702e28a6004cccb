"""A lesson is called off, put back and moved by whoever keeps the timetable, and never once it was given."""

from __future__ import annotations

from typing import Any

import pytest

from ejournal_core import ids
from ejournal_core.checks import check
from ejournal_core.day_changes import takes_place
from ejournal_core.kinds import Fields, Lesson
from tests.core.test_checks import COLUMN, LESSON, LESSON_DAY, PAGE, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

REASON = "актированный день"
OFF: Fields = {"cancelled": REASON}
THURSDAY, FRIDAY = LESSON_DAY.isoformat(), "2026-11-20"


def stands(facts: PlainFacts, **fields: Any) -> None:
    fields = {"held_on": LESSON_DAY, "lesson_number": 3, **fields}
    facts.put(Lesson(id=LESSON, journal_page_id=PAGE, **fields))


def by(facts: PlainFacts, author: str, set_: Fields, was: Fields, **how: Any) -> str:
    return code(check(edit("Lesson", LESSON, set_, was=was, author=author), facts, **how))


@pytest.mark.parametrize(("author", "expected"), [("zavuch", "taken"), ("admin", "taken"), ("ivanova", "EJ-571"),
                                                  ("petrova", "EJ-210")])  # fmt: skip
def test_whoever_keeps_the_timetable_calls_a_lesson_off_and_puts_it_back(
    facts: PlainFacts, author: str, expected: str
) -> None:
    stands(facts)
    assert by(facts, author, OFF, {"cancelled": ""}) == expected
    stands(facts, cancelled=REASON)
    assert by(facts, author, {"cancelled": ""}, OFF) == expected


@pytest.mark.parametrize(("reason", "expected"), [(" ", "EJ-572"), ("р" * 301, "EJ-286"), ("р" * 300, "taken")],
                         ids=["nothing", "too long", "long"])  # fmt: skip
def test_a_lesson_is_called_off_for_a_reason(facts: PlainFacts, reason: str, expected: str) -> None:
    stands(facts)
    assert by(facts, "zavuch", {"cancelled": reason}, {"cancelled": ""}) == expected


def test_a_teacher_makes_a_lesson_whole_and_calls_none_off_by_it(facts: PlainFacts) -> None:
    free = ids.lesson(PAGE, LESSON_DAY, 5)
    whole: Fields = {"journal_page_id": PAGE, "held_on": THURSDAY, "lesson_number": 5, "held": True, "topic": "Дроби"}
    for reason, expected in (("", "taken"), (REASON, "EJ-571")):
        made = edit("Lesson", free, {**whole, "cancelled": reason}, was={}, author="ivanova")
        assert code(check(made, facts)) == expected, reason


def test_a_lesson_that_was_given_is_neither_called_off_nor_moved(facts: PlainFacts) -> None:
    stands(facts, held=True)
    both: list[tuple[Fields, Fields]] = [(OFF, {"cancelled": ""}), ({"lesson_number": 4}, {"lesson_number": 3})]
    for set_, was in both:
        for at_arrival in (False, True):
            assert by(facts, "zavuch", set_, was, at_arrival=at_arrival) == "EJ-570"
    assert by(facts, "ivanova", {"lesson_number": 4}, {"lesson_number": 3}) == "taken", "her own wrong number"


def test_a_lesson_is_moved_by_the_timetable_within_its_year_and_with_nothing_else(facts: PlainFacts) -> None:
    stands(facts)
    was: Fields = {"held_on": THURSDAY, "lesson_number": 3}
    assert by(facts, "zavuch", {"held_on": FRIDAY, "lesson_number": 5}, was) == "taken"
    assert by(facts, "petrova", {"held_on": FRIDAY, "lesson_number": 5}, was) == "EJ-210"
    assert by(facts, "zavuch", {"held_on": "2027-08-20"}, {"held_on": THURSDAY}) == "EJ-221"
    assert by(facts, "zavuch", {"held_on": FRIDAY, "topic": "Дроби"}, {"held_on": THURSDAY, "topic": ""}) == "EJ-210"


def test_a_lesson_that_is_called_off_is_not_held_until_it_is_put_back(facts: PlainFacts) -> None:
    stands(facts, cancelled=REASON)
    answer = check(edit("Lesson", LESSON, {"held": True}, was={"held": False}, author="ivanova"), facts)
    assert (answer.outcome, answer.code) == ("pending", "EJ-573")
    assert REASON in answer.sentence
    assert by(facts, "ivanova", {"topic": "Дроби"}, {"topic": ""}) == "taken", "a plan may be laid ready all the same"
    stands(facts)
    assert by(facts, "ivanova", {"held": True}, {"held": False}) == "taken"


def test_one_that_was_held_all_the_same_counts() -> None:
    off = Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3, topic="Дроби", cancelled=REASON)
    assert not takes_place(off)
    assert takes_place(Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3, held=True,
                              cancelled=REASON))  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "record", "set_"),
    [
        ("Mark", ids.mark(COLUMN, "yolkin"), {"mark_column_id": COLUMN, "pupil_id": "yolkin", "value": "5"}),
        ("Attendance", ids.attendance(LESSON, "yolkin"),
         {"lesson_id": LESSON, "pupil_id": "yolkin", "presence": "absent"}),
    ],
    ids=["mark", "absence"],
)  # fmt: skip
def test_nobody_is_marked_at_a_lesson_that_is_called_off_but_what_was_entered_unknowing_stays(
    facts: PlainFacts, kind: str, record: str, set_: Fields
) -> None:
    entered = edit(kind, record, set_, author="ivanova", act="create")
    assert code(check(entered, facts)) == "taken"
    stands(facts, cancelled=REASON)
    assert code(check(entered, facts)) == "EJ-573"
    assert code(check(entered, facts, at_arrival=True)) == "taken"
    stands(facts, cancelled=REASON, held=True)
    assert code(check(entered, facts)) == "taken"
