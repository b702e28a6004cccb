"""The register's arithmetic: what an entry covers and gives up, what is missed, until when a reason is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ejournal_core import absences, access
from ejournal_core.calendar import StudyCalendar
from ejournal_core.kinds import (
    CalendarDay,
    GradingPeriod,
    JournalPage,
    RegisteredAbsence,
    RoleGrant,
    SchoolYear,
    TeachingLoad,
)
from ejournal_core.policy import Policy, from_settings
from ejournal_core.policy_values import Interval

TUESDAY = date(2026, 9, 15)
YEAR = SchoolYear(id="y", title="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 31))


def entry(since: int = 0, until: int = 0, first: int | None = None, last: int | None = None) -> RegisteredAbsence:
    """Return an entry by days after Tuesday and lessons."""
    return RegisteredAbsence(
        id="e", class_group_id="c", pupil_id="p", reason="Б", since=TUESDAY + timedelta(days=since),
        until=TUESDAY + timedelta(days=until), first_lesson=first, last_lesson=last,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of", "day", "lesson", "expected"),
    [
        (entry(), 0, 5, True),
        (entry(), 1, None, False),
        (entry(0, 2), 2, 1, True),
        (entry(first=2, last=3), 0, 1, False),
        (entry(first=2, last=3), 0, 3, True),
        (entry(first=2, last=3), 0, 4, False),
        (entry(first=2, last=3), 0, None, True),
        (entry(first=4), 0, 9, True),
        (entry(last=2), 0, 3, False),
    ],
)
def test_an_entry_covers_its_days_and_lessons(
    of: RegisteredAbsence, day: int, lesson: int | None, expected: bool
) -> None:
    assert absences.covers(of, TUESDAY + timedelta(days=day), lesson) is expected


def test_what_is_given_up_is_exactly_one_lesson() -> None:
    whole = entry(-1, 2)
    for number in range(1, absences.LAST_LESSON + 1):
        pieces = absences.without_lesson(whole, TUESDAY, number)
        for day in range(-2, 4):
            for lesson in range(1, absences.LAST_LESSON + 1):
                at = TUESDAY + timedelta(days=day)
                gone = (day, lesson) == (0, number)
                held = [piece for piece in pieces if absences.covers(piece, at, lesson)]
                assert len(held) == (absences.covers(whole, at, lesson) and not gone)


def test_what_does_not_cover_a_lesson_gives_up_nothing() -> None:
    assert absences.without_lesson(entry(first=2, last=3), TUESDAY, 5) == [entry(first=2, last=3)]
    assert absences.without_day(entry(), TUESDAY) == []


def test_two_entries_overlap_where_one_lesson_is_in_both() -> None:
    assert absences.overlap(entry(0, 2), entry(2, 3))
    assert not absences.overlap(entry(0, 1), entry(2, 3))
    assert not absences.overlap(entry(last=3), entry(first=4))
    assert absences.overlap(entry(last=4), entry(first=4))


@pytest.mark.parametrize(("first", "last", "words"), [(None, None, ""), (3, 3, "урок 3"), (1, 3, "уроки 1–3"),
                                                      (4, None, "уроки с 4"), (None, 2, "уроки 1–2")])  # fmt: skip
def test_lessons_are_named(first: int | None, last: int | None, words: str) -> None:
    assert absences.lessons_named(entry(first=first, last=last)) == words


def test_codes_and_late_minutes_decide_what_is_missed() -> None:
    policy = Policy.default()
    assert absences.is_missed(policy, "absent", "", None, 40)
    assert absences.is_missed(policy, "absent", "Б", None, 40)
    assert not absences.is_missed(policy, "present", "", None, 40)
    assert not absences.is_missed(policy, "late", "", 20, 40), "exactly half is not more than half"
    assert absences.is_missed(policy, "late", "", 21, 40)
    five = from_settings("default", {"P58": '{"rule":"after_minutes","minutes":5}'})
    assert absences.is_missed(five, "late", "", 5, 40)
    assert not absences.is_missed(five, "late", "", 4, 40)
    never = from_settings("default", {"P58": '{"rule":"never"}'})
    assert not absences.is_missed(never, "late", "", 40, 40)


@pytest.mark.parametrize(
    ("rule", "missed", "lessons", "expected"),
    [
        ("all_lessons", 6, 6, True), ("all_lessons", 5, 6, False), ("all_lessons", 0, 0, False),
        ("three_lessons", 3, 6, True), ("three_lessons", 2, 6, False), ("three_lessons", 2, 2, True),
        ("more_than_half", 3, 6, False), ("more_than_half", 4, 6, True),
    ],
)  # fmt: skip
def test_the_rule_of_the_school_says_when_a_day_is_missed(rule: str, missed: int, lessons: int, expected: bool) -> None:
    assert absences.is_missed_day(rule, missed, lessons) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("every", "day", "due"),
    [
        ("none", TUESDAY, None),
        ("daily", TUESDAY, TUESDAY),
        ("weekly", TUESDAY, date(2026, 9, 18)),
        ("weekly", date(2026, 9, 18), date(2026, 9, 18)),
        ("two_weekly", date(2026, 9, 15), date(2026, 9, 18)),
        ("two_weekly", date(2026, 9, 22), date(2026, 10, 2)),
        ("monthly", TUESDAY, date(2026, 9, 30)),
        ("each_period", TUESDAY, date(2026, 10, 30)),
        ("yearly", TUESDAY, date(2027, 5, 31)),
    ],
)
def test_a_reason_is_due_by_the_last_study_day_of_its_stretch(every: Interval, day: date, due: date | None) -> None:
    quarter = GradingPeriod(id="q", school_year_id="y", kind="quarter", number=1, starts_on=date(2026, 9, 1),
                            ends_on=date(2026, 10, 30))  # fmt: skip
    rest = GradingPeriod(id="r", school_year_id="y", kind="quarter", number=2, starts_on=date(2026, 11, 9),
                         ends_on=date(2027, 5, 31))  # fmt: skip
    assert absences.reason_due_on(every, day, StudyCalendar(YEAR, (quarter, rest))) == due


def test_a_short_week_ends_with_its_last_study_day() -> None:
    holiday = CalendarDay(id="h", school_year_id="y", kind="holiday", starts_on=date(2026, 9, 17),
                          ends_on=date(2026, 9, 18), title="Праздник")  # fmt: skip
    assert absences.reason_due_on("weekly", TUESDAY, StudyCalendar(YEAR, (), (holiday,))) == date(2026, 9, 16)


def test_the_register_is_seen_by_who_teaches_the_class_and_its_papers_are_not() -> None:
    page = JournalPage(id="s.c", subject_id="s", class_group_id="c")
    load = TeachingLoad(id="l", journal_page_id="s.c", person_id="ivanova", since=YEAR.starts_on, until=TUESDAY)
    seen = access.slices("ivanova", (), [(page, (load,))], (), TUESDAY)
    assert "register:c" in seen
    assert "class:c" not in seen
    later = access.slices("ivanova", (), [(page, (load,))], (), TUESDAY + timedelta(days=1))
    assert "register:c" not in later, "with the load the register goes"
    secretary = RoleGrant(id="r", person_id="pisareva", role="secretary", since=YEAR.starts_on)
    assert "register:c" not in access.slices("pisareva", (secretary,), [(page, (load,))], (), TUESDAY)
