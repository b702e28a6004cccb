"""The year of a class by weeks: how many lessons each pupil missed of those that were given."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.class_attendance import AttendanceBuilder, PupilDay
from ejournal_desktop.models.queries.surroundings import Surroundings


class WeekCount(Struct, frozen=True):
    """A pupil's week: lessons given and missed, whole days missed (P50), late arrivals, absences without a reason."""

    lessons: int = 0
    missed: int = 0
    days: int = 0
    late: int = 0
    unexplained: int = 0

    def __add__(self, other: WeekCount) -> WeekCount:
        """Return both together."""
        mine, theirs = self.__struct_fields__, other
        return WeekCount(*(getattr(self, name) + getattr(theirs, name) for name in mine))

    @property
    def share(self) -> float:
        """Return the missed part of the lessons, 0 to 1."""
        return self.missed / self.lessons if self.lessons else 0.0

    @property
    def attendance(self) -> Decimal | None:
        """Return посещаемость in per cent: (1 − missed / lessons) × 100; None without lessons."""
        return Decimal(100 * (self.lessons - self.missed)) / self.lessons if self.lessons else None


class ClassWeeks(Struct, frozen=True):
    """A class by weeks.

    Attributes:
        weeks: the Mondays of the weeks with study days, up to today's, and of those in which a lesson was given.
        cells: by (pupil id, Monday); a week without lessons is absent.
    """

    class_group_id: str
    title: str
    today: date
    weeks: tuple[date, ...]
    pupils: tuple[PupilRow, ...]
    cells: dict[tuple[str, date], WeekCount]

    def cell(self, pupil_id: str, monday: date) -> WeekCount:
        """Return a pupil's week."""
        return self.cells.get((pupil_id, monday), WeekCount())

    def of_pupil(self, pupil_id: str) -> WeekCount:
        """Return all weeks of a pupil together."""
        return sum((self.cell(pupil_id, week) for week in self.weeks), WeekCount())

    def of_week(self, monday: date) -> WeekCount:
        """Return the week of all pupils together."""
        return sum((self.cell(pupil.pupil_id, monday) for pupil in self.pupils), WeekCount())


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.isoweekday() - 1)


def class_weeks(journal: Journal, class_group_id: str) -> ClassWeeks:
    """Return the year of a class by weeks, up to today."""
    now, policy = journal.clock(), journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, now.date())
        year = around.year_of(around.class_groups[class_group_id])
        last = max(min(around.day, year.ends_on), year.starts_on)
        whole = AttendanceBuilder(around, policy, class_group_id, year.starts_on, last).build()
    cells: dict[tuple[str, date], WeekCount] = defaultdict(WeekCount)
    for (pupil_id, day), cell in whole.cells.items():
        cells[pupil_id, monday_of(day)] += _count(cell)
    taught = {monday for (_pupil, monday), week in cells.items() if week.lessons or week.missed}
    weeks = tuple(sorted(taught | {monday_of(day) for day in whole.days}))
    return ClassWeeks(class_group_id, whole.title, around.day, weeks, whole.pupils, dict(cells))


def _count(cell: PupilDay) -> WeekCount:
    return WeekCount(len(cell.lessons), cell.missed, int(cell.is_missed), len(cell.late), len(cell.unexplained))
