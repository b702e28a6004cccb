"""Bells: the rule for a lesson of the bell schedule.

Numbers of lessons run through the day: the second shift goes on counting where the first has ended. A shortened day
(before a holiday, in a frost, with lessons of thirty minutes) has slots of its own; then only those ring on it.
"""

from __future__ import annotations

from datetime import time

from ejournal_core.absences import LAST_LESSON
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import BellSlot

FORM = "EJ-285"
LONGEST_LESSON = 240  # minutes


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
