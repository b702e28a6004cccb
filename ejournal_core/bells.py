"""Bells: the rule for a lesson of the bell schedule, and the bells of a day that has its own.

Numbers of lessons run through the day: the second shift goes on counting where the first has ended. A shortened day
(before a holiday, in a frost, with lessons of thirty minutes) has slots of its own; then only those ring on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from ejournal_core.absences import LAST_LESSON
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import BellSlot

FORM = "EJ-285"
LONGEST_LESSON = 240  # minutes


def shortened(
    numbers: Iterable[int], begins: time, lesson_minutes: int, break_minutes: int
) -> dict[int, tuple[str, str]]:
    """Return the times of these lessons one after the other, with a break of the same length between two.

    Raises:
        ValueError: they would not end on that day.
    """
    times: dict[int, tuple[str, str]] = {}
    at = start = datetime.combine(date(2000, 1, 1), begins)
    for number in sorted(numbers):
        ends = at + timedelta(minutes=lesson_minutes)
        if ends.date() != start.date():
            raise ValueError("lessons end after midnight")
        times[number] = f"{at:%H:%M}", f"{ends:%H:%M}"
        at = ends + timedelta(minutes=break_minutes)
    return times


def a_lesson_has_its_time(case: Case) -> Judgement | None:
    """A lesson of a school day ends after it begins, by times in one form; a day's own bell is of no weekday."""
    slot = case.after
    assert isinstance(slot, BellSlot)
    if slot.voided:
        return None
    if not 1 <= slot.lesson_number <= LAST_LESSON or slot.weekday > 7 or (slot.day is not None and slot.weekday):
        return refused(FORM, "Звонок назван не так: ничего не изменено. Нужны номер урока и день.")
    begins, ends = _minutes(slot.starts_at), _minutes(slot.ends_at)
    if begins is None or ends is None or not 0 < ends - begins <= LONGEST_LESSON:
        return refused(FORM, "Урок кончается не раньше, чем начинается: звонки не изменены. Исправьте время.")
    return None


def _minutes(text: str) -> int | None:
    """Return the minutes since midnight of «08:30», None for what is written in another way."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        return None
    return at.hour * 60 + at.minute if f"{at:%H:%M}" == text else None
