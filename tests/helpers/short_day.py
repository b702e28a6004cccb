"""A shortened day: the bells of its own that whoever keeps the timetable enters for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from ejournal_core import calendar, ids
from ejournal_core.kinds import BellSlot
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

Times = Mapping[int, tuple[str, str]]


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
    with journal.write() as write:
        _ring(write, day, shortened(_usual(write, day), begins, lesson_minutes, break_minutes))
    return write.changes


def ring_as_usual(journal: Journal, day: date) -> ChangeSet:
    """Give a day the ordinary bells again."""
    with journal.write() as write:
        _ring(write, day, _usual(write, day))
    return write.changes


def _usual(write: Write, day: date) -> dict[int, tuple[str, str]]:
    ordinary = [slot for slot in select_records(write.connection, BellSlot) if slot.day is None]
    ringing = sorted(calendar.ringing_on(ordinary, day), key=lambda slot: slot.weekday)  # the weekday's own comes last
    return {slot.lesson_number: (slot.starts_at, slot.ends_at) for slot in ringing}


def _ring(write: Write, day: date, times: Times) -> None:
    for number, (starts_at, ends_at) in times.items():
        write.edit(BellSlot, ids.bell_of_day(day, number), weekday=0, lesson_number=number, starts_at=starts_at,
                   ends_at=ends_at, day=day)  # fmt: skip
