"""The school's time: study days, grading periods and their titles, the week's timetable laid over the year, bells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta

from msgspec import Struct

from ejournal_core.kinds import (
    BellSlot,
    CalendarDay,
    GradingPeriod,
    PeriodKind,
    PeriodScheme,
    SchoolYear,
    TimetableSlot,
)

MONDAY_TO_FRIDAY = frozenset(range(1, 6))
SUNDAY = 7

_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_TITLES: dict[PeriodKind, tuple[str, str, str]] = {  # full, short, row of a printed sheet
    "quarter": ("{} четверть", "{} ч", "{} четверть"),
    "half_year": ("{} полугодие", "{} п", "{} полугодие"),
    "trimester": ("{} триместр", "{} тр", "{} триместр"),
    "year": ("Год", "Год", "Годовая"),
    "exam": ("Экзамен", "Экз", "Экзамен"),
    "final": ("Итог", "Итог", "Итоговая"),
}


# --- study days --------------------------------------------------------------------------------------------------


class StudyCalendar(Struct, frozen=True):
    """The study days of one school year for classes of one period system.

    Attributes:
        year: its bounds, both inclusive.
        periods: the grading periods of that system; with none, the whole year counts.
        days: the stretches that differ from the ordinary week.
        weekdays: days of the ordinary school week, 1 = Monday.
    """

    year: SchoolYear
    periods: tuple[GradingPeriod, ...] = ()
    days: tuple[CalendarDay, ...] = ()
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY

    def is_study_day(self, day: date) -> bool:
        """Say whether there are lessons on that day.

        A holiday is never one; a working Saturday is one even in a vacation; else an ordinary weekday within a period
        and outside vacations.
        """
        kinds = {stretch.kind for stretch in self._stretches(day)}
        if "holiday" in kinds or not self.year.starts_on <= day <= self.year.ends_on:
            return False
        if "working_saturday" in kinds:
            return True
        return "vacation" not in kinds and day.isoweekday() in self.weekdays and self._in_a_period(day)

    def is_shortened(self, day: date) -> bool:
        """Say whether the lessons of that day are shortened."""
        return any(stretch.kind == "shortened" for stretch in self._stretches(day))

    def why_off(self, day: date) -> str:
        """Return why there are no lessons («Осенние каникулы», «Выходной»), "" on a study day."""
        if self.is_study_day(day):
            return ""
        if not self.year.starts_on <= day <= self.year.ends_on:
            return "Вне учебного года"
        titles = [s.title for kind in ("holiday", "vacation") for s in self._stretches(day) if s.kind == kind]
        if titles:
            return titles[0]
        return "Выходной" if day.isoweekday() not in self.weekdays else "Каникулы"

    def study_days(self, first: date, last: date) -> Iterator[date]:
        """Yield the study days between two dates, both inclusive."""
        return (day for day in days_between(first, last) if self.is_study_day(day))

    def last_study_day(self, period: GradingPeriod) -> date | None:
        """Return the last study day of a period, None when it has none."""
        length = (period.ends_on - period.starts_on).days
        backwards = (period.ends_on - timedelta(days=each) for each in range(length + 1))
        return next((day for day in backwards if self.is_study_day(day)), None)

    def vacation_after(self, period: GradingPeriod) -> tuple[date, date] | None:
        """Return the days without lessons between a period's last study day and the next study day, both inclusive."""
        last = self.last_study_day(period)
        if last is None:
            return None
        following = next(self.study_days(last + timedelta(days=1), self.year.ends_on), None)
        end = following - timedelta(days=1) if following else self.year.ends_on
        return (last + timedelta(days=1), end) if end > last else None

    def _stretches(self, day: date) -> Iterator[CalendarDay]:
        return (stretch for stretch in self.days if stretch.starts_on <= day <= stretch.ends_on)

    def _in_a_period(self, day: date) -> bool:
        return not self.periods or any(period.starts_on <= day <= period.ends_on for period in self.periods)


def study_calendar(
    year: SchoolYear,
    scheme: PeriodScheme,
    periods: Iterable[GradingPeriod],
    days: Iterable[CalendarDay],
    slots: Iterable[TimetableSlot] = (),
) -> StudyCalendar:
    """Return the calendar of a year from all records of the school, whatever year and system they belong to.

    The ordinary week is Monday to Friday, and each other day but Sunday that the timetable has lessons on.
    """
    return StudyCalendar(
        year,
        tuple(p for p in periods if p.school_year_id == year.id and p.kind == scheme and not p.voided),
        tuple(d for d in days if d.school_year_id == year.id and not d.voided),
        MONDAY_TO_FRIDAY | {slot.weekday for slot in slots if not slot.voided} - {SUNDAY},
    )


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every date from the first to the last, both inclusive; nothing when the last is earlier."""
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def working_day_after(day: date, count: int, days: Iterable[CalendarDay]) -> date:
    """Return the last of so many working days of staff after a day: Monday to Friday but holidays; vacations count."""
    stretches = [stretch for stretch in days if not stretch.voided]
    while count:
        day += timedelta(days=1)
        kinds = {stretch.kind for stretch in stretches if stretch.starts_on <= day <= stretch.ends_on}
        if "holiday" not in kinds and (day.isoweekday() in MONDAY_TO_FRIDAY or "working_saturday" in kinds):
            count -= 1
    return day


# --- grading periods ---------------------------------------------------------------------------------------------


def period_of(day: date, periods: Iterable[GradingPeriod], scheme: PeriodScheme) -> GradingPeriod | None:
    """Return the grading period of that system in which the day falls, None in vacations."""
    return next((p for p in periods if p.kind == scheme and p.starts_on <= day <= p.ends_on and not p.voided), None)


def period_title(kind: PeriodKind, number: int = 0) -> str:
    """Return «I четверть», «II полугодие», «Год»."""
    return _TITLES[kind][0].format(_roman(number))


def period_short_title(kind: PeriodKind, number: int = 0) -> str:
    """Return the title as it stands over a column: «I ч», «II п», «Год»."""
    return _TITLES[kind][1].format(_roman(number))


def period_mark_title(kind: PeriodKind, number: int = 0) -> str:
    """Return the title of a row of marks in a printed sheet: «I четверть», «Годовая», «Итоговая»."""
    return _TITLES[kind][2].format(_roman(number))


def _roman(number: int) -> str:
    return _ROMAN[number] if 0 <= number < len(_ROMAN) else str(number)


# --- the timetable over the year ---------------------------------------------------------------------------------


class Occurrence(Struct, frozen=True, order=True):
    """A lesson that the timetable foresees: ordered by day, number and page."""

    day: date
    lesson_number: int
    journal_page_id: str
    room: str = ""


def occurrences(slots: Iterable[TimetableSlot], calendar: StudyCalendar, first: date, last: date) -> list[Occurrence]:
    """Return the lessons that weekly slots give between two dates (both inclusive), in order.

    A slot holds from its `since` to its `until`, both inclusive. A working Saturday has the slots of Saturday.
    """
    by_weekday: dict[int, list[TimetableSlot]] = defaultdict(list)
    for slot in slots:
        if not slot.voided:
            by_weekday[slot.weekday].append(slot)
    return sorted(
        Occurrence(day, slot.lesson_number, slot.journal_page_id, slot.room)
        for day in days_between(first, last)
        if day.isoweekday() in by_weekday and calendar.is_study_day(day)
        for slot in by_weekday[day.isoweekday()]
        if slot.since <= day and (slot.until is None or day <= slot.until)
    )


# --- bells -------------------------------------------------------------------------------------------------------


def ringing_on(bells: Iterable[BellSlot], day: date) -> list[BellSlot]:
    """Return the slots that ring on a day: its own where it has any, else those of the ordinary week."""
    standing = [b for b in bells if not b.voided]
    own = [b for b in standing if b.day == day]
    return own or [b for b in standing if b.day is None and b.weekday in (0, day.isoweekday())]


def lesson_times(bells: Iterable[BellSlot], day: date, lesson_number: int) -> tuple[time, time] | None:
    """Return when a lesson starts and ends (local time), None when the bell schedule does not say.

    A day with slots of its own has no others; else the weekday's own slot comes before the slot for any day (weekday
    0). A shortened day whose bells nobody has entered gives the ordinary times: no deadline falls earlier than it may.
    """
    ringing = (b for b in ringing_on(bells, day) if b.lesson_number == lesson_number)
    slot = max(ringing, key=lambda b: b.weekday, default=None)
    return (time.fromisoformat(slot.starts_at), time.fromisoformat(slot.ends_at)) if slot else None


def last_lesson_end(bells: Sequence[BellSlot], day: date, lesson_numbers: Iterable[int]) -> time | None:
    """Return when the last of these lessons ends, None when there are none or the bells do not say."""
    times = (lesson_times(bells, day, number) for number in lesson_numbers)
    return max((ends for _, ends in filter(None, times)), default=None)
