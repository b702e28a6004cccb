"""Shortened days: their own bells ring alone, and every deadline of the day counts from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import msgspec
import pytest

from ejournal_core import calendar, deadlines, ids
from ejournal_core.calendar import Occurrence
from ejournal_core.changes import Change
from ejournal_core.checks import check
from ejournal_core.kinds import (
    BellSlot,
    ClassGroup,
    Enrolment,
    Fields,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    Pupil,
    RoleGrant,
    SchoolYear,
    Subject,
    TeachingLoad,
    WorkKind,
)
from ejournal_core.policy import preset
from ejournal_core.policy_values import EditWindow
from tests.helpers.plain_facts import PlainFacts
from tests.helpers.short_day import shortened

KAMCHATKA = timezone(timedelta(hours=12))
FROST = date(2026, 12, 15)  # a Tuesday
NEXT = date(2026, 12, 16)
PAGE = ids.journal_page("algebra", "7b")
LESSON = ids.lesson(PAGE, FROST, 2)
COLUMN = ids.mark_column(LESSON, "oral", 1)
USUAL = [BellSlot(id=f"u{n}", weekday=0, lesson_number=n, starts_at=f"{7 + n:02}:30", ends_at=f"{8 + n:02}:15")
         for n in range(1, 13)]  # fmt: skip
SHORT = [
    BellSlot(id=ids.bell_of_day(FROST, n), weekday=0, lesson_number=n, starts_at=begins, ends_at=ends, day=FROST)
    for n, (begins, ends) in shortened(range(1, 13), time(9, 0), 30, 10).items()
]
#: The class has lessons 1–4 of that day, a class of the second shift 7–12.
LESSONS = [Occurrence(FROST, n, PAGE) for n in (1, 2, 3, 4)] + [Occurrence(FROST, n, "second") for n in range(7, 13)]


def moments(slots: list[BellSlot], number: int = 2, page: str = PAGE) -> deadlines.LessonDay:
    return deadlines.lesson_day(FROST, number, slots, LESSONS, {page}, KAMCHATKA)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=KAMCHATKA)


def test_a_day_with_bells_of_its_own_has_no_others() -> None:
    one = [*USUAL, SHORT[0]]
    assert calendar.lesson_times(one, FROST, 1) == (time(9), time(9, 30))
    assert calendar.lesson_times(one, FROST, 2) is None, "what nobody has entered does not ring"
    assert calendar.lesson_times(one, NEXT, 1) == (time(8, 30), time(9, 15))
    struck_out = BellSlot(
        id="x", weekday=0, lesson_number=1, starts_at="09:00", ends_at="09:30", day=FROST, voided=True
    )
    assert calendar.lesson_times([*USUAL, struck_out], FROST, 1) == (time(8, 30), time(9, 15))


@pytest.mark.parametrize(
    ("name", "usual", "frost"),
    [
        ("default", local(FROST, 20, 15), local(FROST, 16, 50)),  # end of the school day
        ("fop-2025", local(FROST, 20, 15), local(FROST, 16, 50)),
        ("paragraf-spb-2016", local(NEXT, 0), local(NEXT, 0)),
        ("sgo-tomsk-2021", local(NEXT, 0), local(FROST, 21, 50)),  # 5 h after all classes, the same day
        ("portal-mo", local(FROST, 13, 15), local(FROST, 13, 10)),  # 3 h after that lesson
        ("avers-stavropol-2019", local(FROST, 14, 15), local(FROST, 13, 30)),  # 2 h after the pupils' last lesson
    ],
)
def test_homework_of_a_shortened_day_is_due_by_its_own_bells(name: str, usual: datetime, frost: datetime) -> None:
    deadline = preset(name).homework_deadline
    assert deadlines.due_at(deadline, moments(USUAL)) == usual
    assert deadlines.due_at(deadline, moments([*USUAL, *SHORT])) == frost


@pytest.mark.parametrize("name", ["default", "fop-2025", "paragraf-spb-2016", "sgo-tomsk-2021", "portal-mo",
                                  "avers-stavropol-2019", "dnevnikru-markovo-2016"])  # fmt: skip
def test_no_deadline_of_any_preset_comes_before_the_end_of_its_shortened_lesson(name: str) -> None:
    policy, day = preset(name), moments([*USUAL, *SHORT], 12, "second")
    ends = local(FROST, 16, 50)
    found = [deadlines.due_at(each, day) for each in (policy.homework_deadline, policy.lesson_deadline,
             policy.absence_deadline, policy.oral_mark_deadline)]  # fmt: skip
    assert min(found) >= ends
    written = deadlines.mark_due_at(policy, day, 7, written=True)
    assert written == local(NEXT, 0) + timedelta(days=policy.written_term_days(7)), "whole days are no affair of bells"


def test_the_second_shift_goes_on_counting_on_a_shortened_day() -> None:
    stavropol = preset("avers-stavropol-2019").homework_deadline
    assert deadlines.due_at(stavropol, moments([*USUAL, *SHORT], 7, "second")) == local(FROST, 18, 50)
    assert deadlines.due_at(stavropol, moments(USUAL, 7, "second")) == local(FROST, 22, 15)


def test_a_lesson_that_was_moved_to_a_shortened_day_counts_by_that_day() -> None:
    portal = preset("portal-mo").homework_deadline
    there = deadlines.lesson_day(NEXT, 2, [*USUAL, *SHORT], [], {PAGE}, KAMCHATKA)
    assert deadlines.due_at(portal, there) == local(NEXT, 13, 15)
    assert deadlines.due_at(portal, moments([*USUAL, *SHORT])) == local(FROST, 13, 10)


# --- the rules -------------------------------------------------------------------------------------------------------


@pytest.fixture
def facts() -> PlainFacts:
    september = date(2026, 9, 1)
    return PlainFacts(
        [
            SchoolYear(id="y", title="2026/27", starts_on=september, ends_on=date(2027, 5, 31)),
            ClassGroup(id="7b", school_year_id="y", grade_level=7, letter="Б"),
            Subject(id="algebra", title="Алгебра"),
            JournalPage(id=PAGE, subject_id="algebra", class_group_id="7b"),
            TeachingLoad(id="l", journal_page_id=PAGE, person_id="ivanova", since=september),
            RoleGrant(id="r1", person_id="dispatcher", role="timetable_dispatcher", since=september),
            RoleGrant(id="r2", person_id="secretary", role="secretary", since=september),
            Pupil(id="yolkin", last_name="Ёлкин", first_name="Пётр"),
            Enrolment(id="e", pupil_id="yolkin", class_group_id="7b", since=september),
            WorkKind(id="oral", code="У", title="устный ответ"),
            Lesson(id=LESSON, journal_page_id=PAGE, lesson_number=2, held_on=FROST),
            MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral"),
            *USUAL,
        ],
        local(FROST, 9),
    )


def change(kind: str, record: str, set_: Fields, was: Fields | None = None, author: str = "dispatcher") -> Change:
    return Change(id="c", desk="d", n=1, author=author, kind=kind, record=record, was=was or {}, set=set_,
                  act="change" if was else "create", at="2026-12-15T09:00:00+12:00")  # fmt: skip


def bell_change(author: str = "dispatcher", record: str = "", **other: str | int) -> Change:
    fields: Fields = {"weekday": 0, "lesson_number": 1, "starts_at": "09:00", "ends_at": "09:30",
                      "day": FROST.isoformat(), **other}  # fmt: skip
    return change("BellSlot", record or ids.bell_of_day(FROST, 1), fields, author=author)


def test_bells_of_a_day_are_entered_by_whoever_keeps_the_timetable(facts: PlainFacts) -> None:
    assert check(bell_change(), facts).outcome == "taken"
    for author in ("secretary", "ivanova"):
        assert check(bell_change(author), facts).code == "EJ-213"


@pytest.mark.parametrize(
    "bent",
    [{"starts_at": "09:30"}, {"ends_at": "08:00"}, {"ends_at": "15:00"}, {"starts_at": "9:00"}, {"ends_at": "09:30:30"},
     {"weekday": 2}],
    ids=["no time", "ends before", "six hours", "one digit", "seconds", "a weekday beside the day"],
)  # fmt: skip
def test_a_lesson_without_its_time_is_refused(facts: PlainFacts, bent: dict[str, str | int]) -> None:
    assert check(bell_change("dispatcher", "", **bent), facts).code in ("EJ-285", "EJ-201")


def test_a_bell_of_another_name_or_number_is_refused(facts: PlainFacts) -> None:
    assert check(bell_change(record="anything"), facts).code == "EJ-202"
    assert check(bell_change(lesson_number=2), facts).code == "EJ-202"
    assert check(bell_change(record=ids.bell_of_day(FROST, 99), lesson_number=99), facts).code == "EJ-285"


def test_the_rule_of_a_late_mark_asks_the_day_s_own_bells(facts: PlainFacts) -> None:
    """A first answer is in time for 24 hours after its lesson; with the window at 0 days only that term counts."""
    facts.school_policy = msgspec.structs.replace(preset("default"), edit_window=EditWindow(0))
    mark = change("Mark", ids.mark(COLUMN, "yolkin"), {"mark_column_id": COLUMN, "pupil_id": "yolkin", "value": "5"},
                  author="ivanova")  # fmt: skip
    facts.moment = local(NEXT, 10, 12)
    assert check(mark, facts).outcome == "taken", "the second lesson ended at 10:15 by the usual bells"
    for slot in SHORT:
        facts.put(slot)
    assert check(mark, facts).code == "EJ-229", "and at 10:10 by those of the day"
    facts.moment = local(NEXT, 10, 9)
    assert check(mark, facts).outcome == "taken"
    facts.moment = facts.moment.astimezone(UTC)  # the same moment where nobody minds the zone
    assert facts.get(Mark, mark.record) is None
