"""Until when an entry about a lesson is in time: the policy's deadlines laid on a real day with its bells.

Pure: the lesson's day, the ends of lessons and the school's time zone go in, an aware moment comes out. 24:00 of a day
is 0:00 of the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from ejournal_core.calendar import Occurrence, StudyCalendar, last_lesson_end, lesson_times
from ejournal_core.kinds import BellSlot, GradingPeriod
from ejournal_core.policy import Policy
from ejournal_core.policy_values import Deadline


class LessonDay(Struct, frozen=True):
    """The moments of a lesson's day that deadlines are counted from.

    Attributes:
        day: the lesson's day.
        zone: the school's time zone.
        lesson_ends, pupils_end, school_ends: local times at which this lesson, the last lesson of these pupils and the
            last lesson of the whole school end; None when the bells or the timetable do not say: the deadline then
            counts from 24:00, in favour of the teacher.
    """

    day: date
    zone: tzinfo
    lesson_ends: time | None = None
    pupils_end: time | None = None
    school_ends: time | None = None

    @property
    def midnight(self) -> datetime:
        """Return 24:00 of the day."""
        return self._at(time(0)) + timedelta(days=1)

    def _at(self, clock: time) -> datetime:
        return datetime.combine(self.day, clock, self.zone)

    def moment(self, deadline: Deadline) -> datetime:
        """Return the moment that the deadline is counted from."""
        ends = {
            "lesson_end": self.lesson_ends,
            "pupils_last_lesson": self.pupils_end,
            "school_last_lesson": self.school_ends,
            "clock": time.fromisoformat(deadline.clock),
        }.get(deadline.anchor)
        return self._at(ends) if ends is not None else self.midnight


def lesson_day(
    day: date,
    lesson_number: int,
    bells: Sequence[BellSlot],
    lessons: Iterable[Occurrence],
    pages_of_class: Collection[str],
    zone: tzinfo,
) -> LessonDay:
    """Return the moments of a lesson's day.

    Args:
        day, lesson_number: when the lesson really is.
        bells: the bell schedule of the school.
        lessons: what the whole school's timetable has (other days are passed over).
        pages_of_class: ids of all journal pages of the lesson's class group, its subgroups included.
        zone: the school's time zone.
    """
    today = [lesson for lesson in lessons if lesson.day == day]
    of_class = {lesson.lesson_number for lesson in today if lesson.journal_page_id in pages_of_class}
    times = lesson_times(bells, day, lesson_number)
    return LessonDay(
        day,
        zone,
        times[1] if times else None,
        _end_of_last(bells, day, of_class | {lesson_number}),
        _end_of_last(bells, day, {lesson.lesson_number for lesson in today} | {lesson_number}),
    )


def _end_of_last(bells: Sequence[BellSlot], day: date, numbers: Collection[int]) -> time | None:
    """Return when the last of these lessons ends, None when the bells say nothing of that very lesson."""
    return last_lesson_end(bells, day, numbers) if lesson_times(bells, day, max(numbers)) else None


def due_at(deadline: Deadline, moments: LessonDay) -> datetime:
    """Return until when an entry is in time (P01–P04)."""
    due = moments.moment(deadline) + timedelta(hours=deadline.hours, days=deadline.days)
    return min(due, moments.midnight) if deadline.same_day else due


def exceptionally_due_at(deadline: Deadline, moments: LessonDay) -> datetime:
    """Return until when an entry is still lawful when a reason is given (S1-2.1b); the same where there is no grace."""
    return due_at(deadline, moments) + timedelta(days=deadline.exceptional_days)


def with_a_reason(policy: Policy) -> tuple[Deadline, ...]:
    """Return the deadlines of a lesson and its absences (P02, P03) after which an entry needs a reason, if any."""
    return tuple(each for each in (policy.lesson_deadline, policy.absence_deadline) if each.exceptional_days)


def needs_a_reason(policy: Policy, moments: LessonDay, entered_at: datetime) -> bool:
    """Say whether a lesson that was entered then is late by exception (S1-2.1b)."""
    return any(entered_at > due_at(deadline, moments) for deadline in with_a_reason(policy))


def mark_due_at(policy: Policy, moments: LessonDay, grade_level: int, *, written: bool) -> datetime:
    """Return until when the first mark of a work is in time: P05 for written works, else P04."""
    if written:
        return moments.midnight + timedelta(days=policy.written_term_days(grade_level))
    return due_at(policy.oral_mark_deadline, moments)


def exam_due_at(policy: Policy, received_on: date, received_at: str, zone: tzinfo) -> datetime:
    """Return until when the results of an examination are in time (P11).

    Args:
        received_at: local time "HH:MM"; "" counts from 24:00 of the day, in favour of the teacher.
    """
    hours = policy.exam_deadline
    deadline = Deadline("clock", hours, clock=received_at) if received_at else Deadline("end_of_day", hours)
    return due_at(deadline, LessonDay(received_on, zone))


def grace_ends_at(policy: Policy, first_entered_at: datetime, mark_due: datetime) -> datetime:
    """Return until when the author's corrections count as typing (P61)."""
    ends = first_entered_at + timedelta(minutes=policy.entry_grace.minutes)
    return max(ends, mark_due) if policy.entry_grace.until_deadline else ends


def period_mark_due_on(
    policy: Policy, calendar: StudyCalendar, period: GradingPeriod, last_lesson: date | None
) -> date | None:
    """Return the last day on which a period mark is in time (P09).

    Args:
        calendar: of the class's period system.
        last_lesson: day of the subject's last lesson in the period.

    Returns:
        None when the period has no study day.
    """
    last_day = calendar.last_study_day(period)
    if policy.period_mark_deadline == "after_last_lesson":
        return last_lesson or last_day
    vacation = calendar.vacation_after(period) if policy.period_mark_deadline == "vacation_after" else None
    return vacation[1] if vacation else last_day
