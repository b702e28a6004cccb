"""What whoever keeps the timetable does with the bells of one day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from ejournal_core import bells, calendar, ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import BellSlot
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

TOO_LONG = "Такие уроки не кончатся в этот день: звонки не изменены. Исправьте время."


def shorten_day(journal: Journal, day: date, begins: time, lesson_minutes: int, break_minutes: int) -> ChangeSet:
    """Дать дню свои звонки: уроки такой длины один за другим; сроки этого дня считаются по ним.

    Raises:
        Refusal: the lessons would not end on that day, or a rule says no (EJ-213, EJ-285); nothing was changed.
    """
    with journal.write() as write:
        try:
            times = bells.shortened(_numbers(write, day), begins, lesson_minutes, break_minutes)
        except ValueError as error:
            raise Refusal("EJ-285", TOO_LONG) from error
        _ring(write, day, times)
    return write.changes


def ring_as_usual(journal: Journal, day: date) -> ChangeSet:
    """Вернуть дню обычные звонки.

    Raises:
        Refusal: this person does not keep the bells (EJ-213); nothing was changed.
    """
    with journal.write() as write:
        _ring(write, day, _usual(write, day))
    return write.changes


def _numbers(write: Write, day: date) -> list[int]:
    own = (slot.lesson_number for slot in select_records(write.connection, BellSlot, day=day.isoformat()))
    return sorted({*_usual(write, day), *own})


def _usual(write: Write, day: date) -> dict[int, tuple[str, str]]:
    ordinary = [slot for slot in select_records(write.connection, BellSlot) if slot.day is None]
    ringing = sorted(calendar.ringing_on(ordinary, day), key=lambda slot: slot.weekday)  # the weekday's own comes last
    return {slot.lesson_number: (slot.starts_at, slot.ends_at) for slot in ringing}


def _ring(write: Write, day: date, times: Mapping[int, tuple[str, str]]) -> None:
    for number, (starts_at, ends_at) in times.items():
        write.edit(BellSlot, ids.bell_of_day(day, number), weekday=0, lesson_number=number, starts_at=starts_at,
                   ends_at=ends_at, day=day)  # fmt: skip
