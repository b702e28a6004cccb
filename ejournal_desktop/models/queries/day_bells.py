"""The bells of one day beside the ordinary ones, and which lessons the school has then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from ejournal_core import access, calendar
from ejournal_core.bells import Times
from ejournal_core.kinds import BellSlot
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.school_days import SchoolDays
from ejournal_desktop.models.queries.surroundings import Surroundings


class DayBells(Struct, frozen=True):
    """How a day rings.

    Attributes:
        usual: number → (starts, ends), "HH:MM": the bells of that weekday.
        ringing: the same as it rings on this very day, with the day's own bells where it has any.
        lessons: number → how many lessons the school has in that hour.
    """

    day: date
    usual: Times
    ringing: Times
    lessons: dict[int, int]

    def last(self, times: Times) -> int | None:
        """Return the number of the school's last lesson that has a time, None without lessons or bells."""
        return max((number for number in self.lessons if number in times), default=None)


def keeps_bells(journal: Journal) -> bool:
    """Say whether the person of this desk enters bells: they are the whole school's."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.may_edit_directory(facts, journal.identity.person_id, "BellSlot", facts.today())


def day_bells(journal: Journal, day: date) -> DayBells:
    """Return the bells of a day."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        bells = tuple(around.bells.values())
        counted: dict[int, int] = {}
        for lesson in SchoolDays(around).whole_school(day):
            counted[lesson.lesson_number] = counted.get(lesson.lesson_number, 0) + 1
    ordinary = tuple(slot for slot in bells if slot.day is None)
    return DayBells(day, _times(ordinary, day), _times(bells, day), dict(sorted(counted.items())))


def _times(bells: Iterable[BellSlot], day: date) -> Times:
    """Return the times of a day in order of the lessons; the weekday's own bell comes before that of any day."""
    ringing = sorted(calendar.ringing_on(bells, day), key=lambda slot: (slot.lesson_number, slot.weekday))
    return {slot.lesson_number: (slot.starts_at, slot.ends_at) for slot in ringing}
