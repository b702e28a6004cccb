"""How often a class is tested as a whole (P55), and how long its homework may take (P54)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from ejournal_core.assessments import Assessment, collisions, homework_minutes
from ejournal_core.calendar import Occurrence
from ejournal_core.policy import Policy, from_settings

LIMITS = Policy.default().assessment_limits
TUESDAY = date(2026, 9, 15)
PLANNED = Assessment(TUESDAY, 3, "algebra", "s-algebra")
#: The class has lessons 1 to 5 on that day; algebra three times a week for 34 weeks.
DAY = [Occurrence(TUESDAY, number, f"page{number}") for number in range(1, 6)]
YEAR = [Occurrence(TUESDAY + timedelta(days=7 * week + day), 3, "algebra") for week in range(34) for day in (0, 1, 3)]


def work(days: int, subject: str = "s-algebra", number: int = 2) -> Assessment:
    """Return a work of the class so many days after the planned one."""
    return Assessment(TUESDAY + timedelta(days=days), number, subject, subject, "КР")


def rules(*others: Assessment, planned: Assessment = PLANNED) -> list[str]:
    return [each.rule for each in collisions(LIMITS, planned, others, DAY, YEAR)]


def test_a_work_in_the_middle_of_an_empty_day_meets_nothing() -> None:
    assert rules() == []


def test_another_work_of_the_class_on_the_same_day_is_named_whatever_its_subject() -> None:
    (met,) = collisions(LIMITS, PLANNED, [work(0, "s-russian")], DAY, YEAR)
    assert (met.rule, met.works, met.limit) == ("day", (work(0, "s-russian"),), 1)


@pytest.mark.parametrize(("days", "found"), [(16, ["days"]), (-16, ["days"]), (17, []), (-17, []), (1, ["days"])])
def test_works_of_one_subject_stand_seventeen_days_apart(days: int, found: list[str]) -> None:
    assert rules(work(days)) == found
    assert rules(work(days, "s-russian")) == []


@pytest.mark.parametrize(("number", "found"), [(1, ["first"]), (5, ["last"]), (4, [])])
def test_the_first_and_the_last_lesson_of_the_day_are_told(number: int, found: list[str]) -> None:
    assert rules(planned=msgspec.structs.replace(PLANNED, lesson_number=number)) == found


def test_a_subject_of_one_lesson_a_week_has_no_choice_of_place() -> None:
    weekly = [lesson for lesson in YEAR if lesson.day.weekday() == TUESDAY.weekday()]
    last = msgspec.structs.replace(PLANNED, lesson_number=5)
    assert collisions(LIMITS, last, [], DAY, weekly) == ()


def test_more_than_a_tenth_of_the_lessons_is_told_and_an_unknown_timetable_says_nothing() -> None:
    ten = [work(17 * number + 17) for number in range(10)]  # of 102 lessons; an eleventh is too many
    assert rules(*ten[:9]) == []
    assert rules(*ten) == ["share"]
    assert collisions(LIMITS, PLANNED, ten, DAY, []) == ()


def test_a_school_that_watches_none_of_it_hears_nothing() -> None:
    off = msgspec.structs.replace(LIMITS, enabled=False)
    assert collisions(off, PLANNED, [work(0), work(3)], DAY, YEAR) == ()


@pytest.mark.parametrize(("grade", "minutes"), [(1, 60), (3, 90), (5, 120), (8, 150), (11, 210)])
def test_the_time_for_homework_is_that_of_the_grade(grade: int, minutes: int) -> None:
    assert homework_minutes(Policy.default(), grade) == minutes


def test_a_policy_without_times_gives_no_advice() -> None:
    assert homework_minutes(from_settings("default", {"P54": "[]"}), 7) is None
