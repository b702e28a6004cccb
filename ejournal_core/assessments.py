"""How much a class is asked to do: how often it is tested as a whole (P55), how long its homework may take (P54).

Both are advice: nothing here refuses an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from ejournal_core.calendar import Occurrence
from ejournal_core.policy import Policy
from ejournal_core.policy_values import AssessmentLimits


class Assessment(Struct, frozen=True, order=True):
    """A work that a whole class writes (оценочная процедура): when, on which page, and what it is called."""

    day: date
    lesson_number: int
    journal_page_id: str
    subject_id: str
    title: str = ""


class Collision(Struct, frozen=True):
    """What a planned work meets.

    Attributes:
        rule: day: so many on one day · days: too soon after or before another one of the subject · first, last: its
            place in the day · share: too many of the subject's lessons.
        works: those it meets, in order; empty for its place in the day.
        limit: works a day, days between, or percent.
    """

    rule: Literal["day", "days", "first", "last", "share"]
    works: tuple[Assessment, ...] = ()
    limit: int = 0


def collisions(
    limits: AssessmentLimits,
    planned: Assessment,
    others: Iterable[Assessment],
    of_class: Sequence[Occurrence],
    of_page: Sequence[Occurrence],
) -> tuple[Collision, ...]:
    """Return what a planned work meets, nothing where the school watches none of it.

    Args:
        others: the class's works known here, the planned one left out.
        of_class: lessons of the class on the day of the work.
        of_page: lessons of the page in its year.
    """
    if not limits.enabled:
        return ()
    known = sorted(others)
    same_day = tuple(work for work in known if work.day == planned.day)
    of_subject = tuple(work for work in known if work.subject_id == planned.subject_id)
    near = tuple(work for work in of_subject
                 if work.day != planned.day and abs((work.day - planned.day).days) < limits.days_between)  # fmt: skip
    found = []
    if len(same_day) >= limits.per_day:
        found.append(Collision("day", same_day, limits.per_day))
    if near:
        found.append(Collision("days", near, limits.days_between))
    found += _place(limits, planned, of_class, of_page)
    if 100 * (len(of_subject) + 1) > limits.max_share_percent * len(of_page) > 0:
        found.append(Collision("share", of_subject, limits.max_share_percent))
    return tuple(found)


def _place(
    limits: AssessmentLimits, planned: Assessment, of_class: Sequence[Occurrence], of_page: Sequence[Occurrence]
) -> list[Collision]:
    """Return whether it is the first or last lesson of the day; a subject of one lesson a week has no choice."""
    week = planned.day.isocalendar()[:2]
    numbers = {lesson.lesson_number for lesson in of_class} | {planned.lesson_number}
    if not limits.not_first_or_last or sum(lesson.day.isocalendar()[:2] == week for lesson in of_page) <= 1:
        return []
    place = planned.lesson_number
    return [Collision("first")] * (place == min(numbers)) + [Collision("last")] * (place == max(numbers))


def homework_minutes(policy: Policy, grade_level: int) -> int | None:
    """Return how long the homework of a whole day may take a pupil (P54), None where the policy names no time."""
    return next((band.minutes for band in policy.homework_minutes_by_grade if band.holds(grade_level)), None)
