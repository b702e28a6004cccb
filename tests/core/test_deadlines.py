"""What holds of deadlines under every preset, with whatever bells and timetable."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import deadlines
from ejournal_core.calendar import Occurrence
from ejournal_core.deadlines import LessonDay
from ejournal_core.kinds import BellSlot
from ejournal_core.policy import PRESET_NAMES, Policy, preset
from ejournal_core.policy_values import Deadline

policies = st.sampled_from([*PRESET_NAMES, *(f"{name}+fop-2025" for name in PRESET_NAMES)]).map(preset)
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@st.composite
def schedules(draw: st.DrawFn) -> list[BellSlot]:
    """Draw bells of up to fourteen lessons (two shifts) in order of the clock, some of them unknown."""
    starts = sorted(draw(st.sets(st.integers(7 * 60, 22 * 60), min_size=1, max_size=14)))
    slots = []
    for number, start in enumerate(starts, 1):
        end = min([start + draw(st.integers(20, 45)), *(later for later in starts if later > start)])
        clocks = (f"{minute // 60:02}:{minute % 60:02}" for minute in (start, end))
        slots.append(BellSlot(id=str(number), weekday=0, lesson_number=number, starts_at=next(clocks),
                              ends_at=next(clocks)))  # fmt: skip
    return [slot for slot in slots if draw(st.booleans())]


@st.composite
def moments(draw: st.DrawFn) -> LessonDay:
    """Draw the moments of a lesson in a school with many classes."""
    day = draw(days)
    lessons = [
        Occurrence(day, number, page)
        for page in ("mine", "class", "other")
        for number in draw(st.sets(st.integers(1, 14), max_size=8))
    ]
    return deadlines.lesson_day(
        day, draw(st.integers(1, 14)), draw(schedules()), lessons, {"mine", "class"}, draw(zones)
    )  # fmt: skip


def all_deadlines(policy: Policy) -> list[Deadline]:
    return [policy.homework_deadline, policy.lesson_deadline, policy.absence_deadline, policy.oral_mark_deadline]


@given(policies, moments())
def test_no_deadline_passes_before_its_lesson_has_ended(policy: Policy, at: LessonDay) -> None:
    ended = datetime.combine(at.day, at.lesson_ends, at.zone) if at.lesson_ends else None
    for deadline in all_deadlines(policy):
        due = deadlines.due_at(deadline, at)
        assert due.tzinfo is at.zone
        late_clock = deadline.anchor == "clock" and ended is not None and ended > at.moment(deadline)
        assert ended is None or due >= ended or late_clock
        assert deadlines.exceptionally_due_at(deadline, at) >= due


@given(policies, moments())
def test_the_day_of_the_school_ends_after_the_pupils_and_theirs_after_the_lesson(policy: Policy, at: LessonDay) -> None:
    ends = [moment for moment in (at.lesson_ends, at.pupils_end, at.school_ends) if moment is not None]
    assert ends == sorted(ends)
    for anchor in ("lesson_end", "pupils_last_lesson", "school_last_lesson", "end_of_day"):
        assert at.moment(Deadline(anchor)) <= at.midnight
    same_day = policy.homework_deadline
    if same_day.same_day:
        assert deadlines.due_at(same_day, at) <= at.midnight


@given(schedules(), st.integers(1, 14), st.sets(st.integers(1, 14), max_size=8))
def test_a_last_lesson_without_bells_counts_from_midnight_and_never_from_an_earlier_lesson(
    bells: list[BellSlot], number: int, others: set[int]
) -> None:
    day = date(2026, 9, 8)
    at = deadlines.lesson_day(day, number, bells, [Occurrence(day, n, "mine") for n in others], {"mine"}, UTC)
    last = max({number, *others})
    rings = next((bell.ends_at for bell in bells if bell.lesson_number == last), None)
    assert (f"{at.pupils_end:%H:%M}" if at.pupils_end else None) == rings


@given(policies, moments(), st.integers(1, 11))
def test_a_written_work_has_its_days_whole_and_never_less_than_an_answer(
    policy: Policy, at: LessonDay, grade: int
) -> None:
    written = deadlines.mark_due_at(policy, at, grade, written=True)
    assert written == at.midnight + timedelta(days=policy.written_term_days(grade))
    assert written >= deadlines.mark_due_at(policy, at, grade, written=False) or policy.written_term_days(grade) < 1


@given(policies, moments(), st.integers(0, 10**6))
def test_the_grace_of_typing_never_ends_before_its_minutes(policy: Policy, at: LessonDay, minutes: int) -> None:
    first = datetime.combine(at.day, time(8), at.zone) + timedelta(minutes=minutes)
    due = deadlines.mark_due_at(policy, at, 7, written=False)
    ends = deadlines.grace_ends_at(policy, first, due)
    assert ends >= first + timedelta(minutes=policy.entry_grace.minutes)
    assert ends >= due or not policy.entry_grace.until_deadline


@given(policies, moments())
def test_a_zone_moves_the_moment_and_never_the_day(policy: Policy, at: LessonDay) -> None:
    elsewhere = LessonDay(at.day, UTC, at.lesson_ends, at.pupils_end, at.school_ends)
    for deadline in all_deadlines(policy):
        here, there = deadlines.due_at(deadline, at), deadlines.due_at(deadline, elsewhere)
        assert here.replace(tzinfo=None) == there.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("number", "pupils_end", "school_end"), [(2, time(12), time(19)), (9, time(19), time(19))]
)  # fmt: skip
def test_the_pupils_of_the_second_shift_have_a_last_lesson_of_their_own(
    number: int, pupils_end: time, school_end: time
) -> None:
    bells = [BellSlot(id=str(n), weekday=0, lesson_number=n, starts_at=f"{8 + n:02}:10", ends_at=f"{9 + n:02}:00")
             for n in range(1, 11)]  # fmt: skip
    day = date(2026, 9, 8)
    first_shift, second_shift = {"first"}, {"second"}
    lessons = [Occurrence(day, n, "first") for n in (1, 2, 3)] + [Occurrence(day, n, "second") for n in (8, 9, 10)]
    of_class = first_shift if number < 7 else second_shift
    at = deadlines.lesson_day(day, number, bells, lessons, of_class, UTC)
    assert (at.pupils_end, at.school_ends) == (pupils_end, school_end)
