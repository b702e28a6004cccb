"""Bells: the rule for a lesson of the bell schedule.

Numbers of lessons run through the day: the second shift goes on counting where the first has ended. A shortened day
(before a holiday, in a frost, with lessons of thirty minutes) has slots of its own; then only those ring on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from itertools import pairwise

from ejournal_core.absences import LAST_LESSON
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import BellSlot

FORM = "EJ-285"
LONGEST_LESSON = 240  # minutes

#: Number of a lesson → when it starts and ends, "HH:MM".
Times = Mapping[int, tuple[str, str]]

_TYPED = re.compile(r"(\d{1,2})\s*[:.,\- ]\s*(\d{2})|(\d{1,2})(\d{2})")


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


# --- what a shortened day may look like ------------------------------------------------------------------------------


def with_lessons_of(usual: Times, lesson_minutes: int, begins: str = "") -> Times:
    """Return the bells of a day whose lessons are that long and whose breaks are the usual ones.

    Args:
        begins: when the first lesson begins ("10:00"); "" at its usual time.
    """
    times: dict[int, tuple[str, str]] = {}
    at, ended = _minutes(begins), 0
    for number in sorted(usual):
        starts, ends = (_minutes(text) or 0 for text in usual[number])
        if times:
            at = (at or 0) + starts - ended
        elif at is None:
            at = starts
        times[number] = _clock(at), _clock(at + lesson_minutes)
        at, ended = at + lesson_minutes, ends
    return times


def read_clock(typed: str) -> str:
    """Return «09:05» for «9:05», «9.05» and «905», "" for what is no time of day."""
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        return ""
    hours, minutes = (int(part) for part in (found[1] or found[3], found[2] or found[4]))
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else ""


def overlapping(times: Times) -> tuple[int, int] | None:
    """Return the first two lessons of which the later begins before the earlier has ended, None where none does."""
    numbers = sorted(times)
    return next(((one, other) for one, other in pairwise(numbers) if times[other][0] < times[one][1]), None)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
