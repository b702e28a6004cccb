"""The school year 2026/27: its periods, vacations, public holidays and bells."""

from __future__ import annotations

import itertools
from datetime import date, time
from pathlib import Path

import msgspec
import pytest

from ejournal_core.calendar import StudyCalendar, lesson_times, study_calendar
from ejournal_core.kinds import BellSlot, CalendarDay, GradingPeriod, PeriodScheme, Record, SchoolYear, TimetableSlot
from ejournal_desktop.exchange.schools import demo_files
from ejournal_desktop.exchange.troubles import WrongContent
from ejournal_desktop.exchange.year import (
    Bells,
    SchoolYearSettings,
    ShortDays,
    Stretch,
    public_holidays,
    read_year,
    year_records,
)


@pytest.fixture
def year() -> SchoolYearSettings:
    return read_year(demo_files().year)


def records(year: SchoolYearSettings) -> list[Record]:
    numbers = itertools.count(1)
    return year_records(year, lambda: str(next(numbers)))


def calendar(made: list[Record], scheme: PeriodScheme = "quarter") -> StudyCalendar:
    school_year = next(record for record in made if isinstance(record, SchoolYear))
    periods = [record for record in made if isinstance(record, GradingPeriod)]
    days = [record for record in made if isinstance(record, CalendarDay)]
    saturday = TimetableSlot(id="s", journal_page_id="p", weekday=6, lesson_number=1, since=school_year.starts_on)
    return study_calendar(school_year, scheme, periods, days, [saturday])


def test_there_are_four_quarters_and_two_half_years(year: SchoolYearSettings) -> None:
    periods = [record for record in records(year) if isinstance(record, GradingPeriod)]
    assert [(one.kind, one.number) for one in periods] == [
        *(("quarter", number) for number in (1, 2, 3, 4)), ("half_year", 1), ("half_year", 2),
    ]  # fmt: skip
    assert periods[0].starts_on == date(2026, 9, 1)


def test_the_years_have_as_many_study_weeks_as_schools_have(year: SchoolYearSettings) -> None:
    days = list(calendar(records(year)).study_days(year.starts_on, year.ends_on))
    assert 33 <= len(days) / 6 <= 35


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2026, 11, 4), "День народного единства"),
        (date(2027, 2, 22), "Выходной (перенесено с 20.02.2027)"),
        (date(2027, 2, 23), "День защитника Отечества"),
        (date(2027, 3, 8), "Международный женский день"),
        (date(2027, 5, 3), "Праздник Весны и Труда (выходной)"),
        (date(2027, 5, 10), "День Победы (выходной)"),
    ],
)
def test_public_holidays_and_transfers_are_days_off(year: SchoolYearSettings, day: date, title: str) -> None:
    study = calendar(records(year))
    assert not study.is_study_day(day)
    assert study.why_off(day) == title


def test_a_saturday_that_is_worked_by_decree_is_a_study_day(year: SchoolYearSettings) -> None:
    assert any(
        isinstance(record, CalendarDay) and record.kind == "working_saturday" and record.starts_on == date(2027, 2, 20)
        for record in records(year)
    )


def test_new_years_days_in_a_row_are_one_stretch(year: SchoolYearSettings) -> None:
    stretches = [one for one in public_holidays(year) if one.starts_on == date(2027, 1, 1)]
    assert [one.last for one in stretches] == [date(2027, 1, 6)]


def test_the_file_may_add_a_day_and_strike_one_out(year: SchoolYearSettings) -> None:
    own = Stretch(date(2027, 4, 13), title="День города")
    changed = msgspec.structs.replace(year, holidays=[own], not_holidays=[date(2027, 2, 22)])
    titles = {one.starts_on: one.title for one in public_holidays(changed)}
    assert titles[date(2027, 4, 13)] == "День города"
    assert date(2027, 2, 22) not in titles


def test_without_a_country_only_the_files_own_days_are_off(year: SchoolYearSettings) -> None:
    assert public_holidays(msgspec.structs.replace(year, country="")) == []


def test_the_first_lesson_begins_at_half_past_eight_and_on_mondays_earlier(year: SchoolYearSettings) -> None:
    bells = [record for record in records(year) if isinstance(record, BellSlot)]
    friday, monday = lesson_times(bells, date(2026, 9, 4), 1), lesson_times(bells, date(2026, 9, 7), 1)
    assert friday
    assert monday
    assert [f"{time:%H:%M}" for time in (*friday, *monday)] == ["08:30", "09:15", "08:15", "08:45"]


def test_older_classes_have_half_years(year: SchoolYearSettings) -> None:
    assert [year.scheme(grade) for grade in (5, 9, 10, 11)] == ["quarter", "quarter", "half_year", "half_year"]


def test_a_weekday_with_its_own_bells_has_only_those(year: SchoolYearSettings) -> None:
    bells = [Bells([("08:30", "09:15")] * 3), Bells([("08:15", "08:45")], [1])]
    changed = msgspec.structs.replace(year, bells=bells)
    assert (changed.last_hour(1), changed.last_hour(2)) == (1, 3)


def test_a_shortened_day_may_bring_its_own_bells_and_one_without_keeps_the_usual(year: SchoolYearSettings) -> None:
    short = ShortDays(date(2026, 12, 15), date(2026, 12, 16), "Мороз", [("09:00", "09:30"), ("09:40", "10:10")])
    bells = [each for each in records(msgspec.structs.replace(year, shortened=[*year.shortened, short]))
             if isinstance(each, BellSlot)]  # fmt: skip
    for day in (date(2026, 12, 15), date(2026, 12, 16)):
        assert [lesson_times(bells, day, number) for number in (1, 2, 3)] == [
            (time(9), time(9, 30)), (time(9, 40), time(10, 10)), None,
        ]  # fmt: skip
    assert lesson_times(bells, date(2026, 12, 30), 1) == (time(8, 30), time(9, 15)), "shortened, its bells not said"
    assert len({each.id for each in bells}) == len(bells)


def test_bells_of_a_shortened_day_that_ring_in_no_order_are_named(tmp_path: Path) -> None:
    text = (
        demo_files()
        .year.read_text(encoding="utf-8")
        .replace("starts_on = 2026-12-30", 'starts_on = 2026-12-30\nlessons = [["09:00", "08:30"]]')
    )
    (tmp_path / "year.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongContent, match="звонки идут не по порядку"):
        read_year(tmp_path / "year.toml")
