"""The school year as data: periods, vacations, bells from a TOML file; public holidays from the `holidays` library.

The library knows the official transfers of days off, but neither a region's own days nor shortened days: those stand in
the file, which may also strike out a day that the library names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import holidays
import msgspec
from msgspec import Struct

from ejournal_core import ids
from ejournal_core.calendar import days_between
from ejournal_core.kinds import (
    BellSlot,
    CalendarDay,
    DayKind,
    GradingPeriod,
    PeriodKind,
    PeriodScheme,
    Record,
    School,
    SchoolYear,
)
from ejournal_desktop.exchange.opening import looks_like, read_bytes
from ejournal_desktop.exchange.troubles import BrokenFile, ForeignFile, WrongContent, WrongShape

MakeId = Callable[[], str]


class SchoolName(Struct, frozen=True, forbid_unknown_fields=True):
    """What is printed at the head of documents."""

    full_name: str
    short_name: str
    place: str = ""
    founder: str = ""


class Stretch(Struct, frozen=True, forbid_unknown_fields=True):
    """Days from `starts_on` to `ends_on`, both inclusive; one day when `ends_on` is left out."""

    starts_on: date
    ends_on: date | None = None
    title: str = ""

    @property
    def last(self) -> date:
        """Return the last day."""
        return self.ends_on or self.starts_on


class ShortDays(Stretch, frozen=True, forbid_unknown_fields=True):
    """Shortened days; with lesson times of their own they ring by those alone."""

    lessons: list[tuple[str, str]] = []


class Bells(Struct, frozen=True, forbid_unknown_fields=True):
    """Lesson times of some weekdays (1 = Monday); an empty list means every day without times of its own."""

    lessons: list[tuple[str, str]]
    weekdays: list[int] = []


class SchoolYearSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A school year as the file gives it. `country` "" switches the library's public holidays off."""

    file: str
    school: SchoolName
    title: str
    starts_on: date
    ends_on: date
    study_days: int  # 5 or 6 days in a week
    quarters: list[Stretch]
    half_years: list[Stretch]
    bells: list[Bells]
    trimesters: list[Stretch] = []
    vacations: list[Stretch] = []
    holidays: list[Stretch] = []  # the region's own
    not_holidays: list[date] = []  # days that the library names and the school works
    working_saturdays: list[Stretch] = []
    shortened: list[ShortDays] = []
    country: str = "RU"
    half_years_from_grade: int = 10  # policy P39

    def scheme(self, grade_level: int) -> PeriodScheme:
        """Return how a grade level's year is divided."""
        if grade_level >= self.half_years_from_grade:
            return "half_year"
        return "quarter" if self.quarters else "trimester"

    def last_hour(self, weekday: int) -> int:
        """Return how many lessons the bells give on a weekday (1 = Monday)."""
        own = [bells for bells in self.bells if weekday in bells.weekdays]
        return max((len(bells.lessons) for bells in own or [b for b in self.bells if not b.weekdays]), default=0)


def read_year(path: Path) -> SchoolYearSettings:
    """Return the school year of a TOML file.

    Raises:
        FileTrouble: the file is unreadable, no TOML, lacks a field, or its dates contradict each other.
    """
    content = read_bytes(path)
    if looks_like(content).startswith(("это веб", "это XML", "это PDF", "это архив")):
        raise ForeignFile(path, f"{looks_like(content)}, а не описание учебного года (TOML)", "выберите year.toml")
    try:
        plain = tomllib.loads(content.decode("utf-8-sig"))
        year = msgspec.convert({**plain, "file": path.name}, SchoolYearSettings)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenFile(path, "это не TOML", "исправьте указанное место", str(error)[:120]) from error
    except msgspec.ValidationError as error:
        raise WrongShape(
            path, "поле отсутствует или записано не так", "сверьте с docs/import.md", str(error)
        ) from error
    _check(path, year)
    return year


def year_records(year: SchoolYearSettings, make_id: MakeId) -> list[Record]:
    """Return the school, the year, its periods, special days and bells as records, parents first."""
    school_year = SchoolYear(id=make_id(), title=year.title, starts_on=year.starts_on, ends_on=year.ends_on)
    school = School(id=make_id(), **msgspec.structs.asdict(year.school))
    divisions: tuple[tuple[PeriodKind, Sequence[Stretch]], ...] = (
        ("quarter", year.quarters),
        ("half_year", year.half_years),
        ("trimester", year.trimesters),
    )
    periods = [
        GradingPeriod(
            id=make_id(),
            school_year_id=school_year.id,
            kind=kind,
            number=number,
            starts_on=stretch.starts_on,
            ends_on=stretch.last,
        )
        for kind, stretches in divisions
        for number, stretch in enumerate(stretches, 1)
    ]
    return [school, school_year, *periods, *_special_days(year, school_year.id, make_id), *_bells(year, make_id)]


def public_holidays(year: SchoolYearSettings) -> list[Stretch]:
    """Return the days off within the year, neighbours with the same name joined: the library's and the file's own."""
    found = [*year.holidays]
    if year.country:
        known = holidays.country_holidays(
            year.country, years=range(year.starts_on.year, year.ends_on.year + 1), language="ru"
        )
        found += [Stretch(day, title=title) for day, title in sorted(known.items()) if _counts(year, day)]
    return _joined(found)


def working_weekends(year: SchoolYearSettings) -> list[Stretch]:
    """Return the Saturdays that are worked instead of a day off: officially, and by the file."""
    found = [*year.working_saturdays]
    if year.country:
        known = holidays.country_holidays(year.country, years=range(year.starts_on.year, year.ends_on.year + 1))
        days = sorted(getattr(known, "weekend_workdays", ()))
        found += [Stretch(day, title="Рабочий день (перенос)") for day in days if _counts(year, day)]
    return found


def _counts(year: SchoolYearSettings, day: date) -> bool:
    return year.starts_on <= day <= year.ends_on and day not in year.not_holidays


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda one: one.starts_on):
        last = joined[-1] if joined else None
        if last and last.title == stretch.title and stretch.starts_on - last.last == timedelta(days=1):
            joined[-1] = Stretch(last.starts_on, stretch.last, last.title)
        else:
            joined.append(stretch)
    return joined


def _special_days(year: SchoolYearSettings, school_year_id: str, make_id: MakeId) -> Iterable[CalendarDay]:
    lists: tuple[tuple[DayKind, Iterable[Stretch]], ...] = (
        ("vacation", year.vacations),
        ("holiday", public_holidays(year)),
        ("working_saturday", working_weekends(year)),
        ("shortened", year.shortened),
    )
    for kind, stretches in lists:
        for one in stretches:
            yield CalendarDay(
                id=make_id(),
                school_year_id=school_year_id,
                kind=kind,
                starts_on=one.starts_on,
                ends_on=one.last,
                title=one.title,
            )


def _bells(year: SchoolYearSettings, make_id: MakeId) -> Iterable[BellSlot]:
    for bells in year.bells:
        for weekday in bells.weekdays or [0]:
            for number, (starts_at, ends_at) in enumerate(bells.lessons, 1):
                yield BellSlot(
                    id=make_id(), weekday=weekday, lesson_number=number, starts_at=starts_at, ends_at=ends_at
                )
    for stretch in year.shortened:
        for day in days_between(stretch.starts_on, stretch.last):
            for number, (starts_at, ends_at) in enumerate(stretch.lessons, 1):
                yield BellSlot(id=ids.bell_of_day(day, number), weekday=0, lesson_number=number, starts_at=starts_at,
                               ends_at=ends_at, day=day)  # fmt: skip


def _check(path: Path, year: SchoolYearSettings) -> None:
    """Raise unless the dates lie in the year in order and the bells ring one after another."""
    if not year.starts_on < year.ends_on:
        raise WrongContent(path, "учебный год кончается раньше, чем начинается", "исправьте даты", "поле ends_on")
    if year.study_days not in (5, 6):
        raise WrongContent(path, f"учебных дней в неделе {year.study_days}", "впишите 5 или 6", "поле study_days")
    for name in ("quarters", "half_years", "trimesters", "vacations", "shortened", "holidays", "working_saturdays"):
        _check_order(path, name, getattr(year, name), year)
    if not (year.quarters or year.trimesters):
        raise WrongContent(path, "нет ни четвертей, ни триместров", "впишите их даты", "раздел [[quarters]]")
    for number, bells in enumerate(year.bells, 1):
        _check_bells(path, f"раздел [[bells]], запись {number}", bells)
    for number, days in enumerate(year.shortened, 1):
        _check_bells(path, f"раздел [[shortened]], запись {number}", Bells(days.lessons))


def _check_order(path: Path, name: str, stretches: Sequence[Stretch], year: SchoolYearSettings) -> None:
    before: date | None = None
    for number, one in enumerate(stretches, 1):
        place = f"раздел [[{name}]], запись {number}"
        if one.last < one.starts_on:
            raise WrongContent(path, "последний день раньше первого", "исправьте даты", place)
        if one.starts_on < year.starts_on or one.last > year.ends_on:
            raise WrongContent(path, "даты выходят за учебный год", "исправьте даты", place)
        if before and one.starts_on <= before:
            raise WrongContent(path, "даты пересекаются с предыдущей записью", "исправьте даты", place)
        before = one.last


def _check_bells(path: Path, place: str, bells: Bells) -> None:
    if any(day not in range(1, 8) for day in bells.weekdays):
        raise WrongContent(path, "день недели не от 1 до 7", "исправьте weekdays", place)
    times = [time for lesson in bells.lessons for time in lesson]
    if any(not _is_time(time) for time in times) or times != sorted(set(times)):
        raise WrongContent(path, "звонки идут не по порядку", "впишите время в виде 08:30, по возрастанию", place)


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    plain = len(text) == 5 and colon == ":" and (hours + minutes).isdecimal()
    return plain and int(hours) < 24 and int(minutes) < 60
