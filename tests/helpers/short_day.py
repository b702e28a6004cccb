"""A shortened day: the bells of its own that whoever keeps the timetable enters for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from ejournal_core.bells import Times
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.bells import ring
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.day_bells import day_bells


def shortened(numbers: Iterable[int], begins: time, lesson_minutes: int, break_minutes: int) -> Times:
    """Return the times of these lessons one after the other, with a break of the same length between two."""
    times: dict[int, tuple[str, str]] = {}
    at = datetime.combine(date(2000, 1, 1), begins)
    for number in sorted(numbers):
        ends = at + timedelta(minutes=lesson_minutes)
        times[number] = f"{at:%H:%M}", f"{ends:%H:%M}"
        at = ends + timedelta(minutes=break_minutes)
    return times


def shorten_day(journal: Journal, day: date, begins: time, lesson_minutes: int, break_minutes: int) -> ChangeSet:
    """Give a day lessons of that length, as many as it has by the ordinary bells."""
    return ring(journal, day, shortened(day_bells(journal, day).usual, begins, lesson_minutes, break_minutes))


def ring_as_usual(journal: Journal, day: date) -> ChangeSet:
    """Give a day the ordinary bells again."""
    return ring(journal, day, day_bells(journal, day).usual)
