"""Which days have lessons that can be given instead of their teacher, looked for from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.requests import LessonToGive, lessons_to_substitute
from ejournal_desktop.models.queries.surroundings import Surroundings

MOST_DAYS = 12  # study days: a timetable without a lesson of others for two weeks has none


def nearest_to_substitute(journal: Journal, day: date, by: int) -> tuple[date, tuple[LessonToGive, ...]] | None:
    """Return the nearest day before (-1) or after (1) with lessons of others, and those; None where there is none.

    From a vacation, and from the summer, it is one step to the school days around it.
    """
    for each in islice(study_days(journal, day, by), MOST_DAYS):
        if lessons := lessons_to_substitute(journal, each):
            return each, lessons
    return None


def study_days(journal: Journal, day: date, by: int) -> Iterator[date]:
    """Yield the study days of any class after a day (1) or before it (-1), the nearest first, to the year's end."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        of_systems = {(group.school_year_id, group.period_scheme): group for group in around.class_groups.values()}
        calendars = [around.calendar_of(group) for group in of_systems.values()]
    if not calendars:
        return
    first, last = min(each.year.starts_on for each in calendars), max(each.year.ends_on for each in calendars)
    at = max(day + timedelta(days=1), first) if by > 0 else min(day - timedelta(days=1), last)
    while first <= at <= last:
        if any(each.is_study_day(at) for each in calendars):
            yield at
        at += timedelta(days=by)
