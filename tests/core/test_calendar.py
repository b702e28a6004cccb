"""Study days, periods, the timetable laid over the year, bells and the deadlines that stand on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import calendar, deadlines
from ejournal_core.calendar import Occurrence
from ejournal_core.deadlines import LessonDay
from ejournal_core.kinds import BellSlot, CalendarDay, DayKind, GradingPeriod, PeriodKind, SchoolYear, TimetableSlot
from ejournal_core.policy import Policy, preset
from ejournal_core.policy_values import Deadline

YEAR = SchoolYear(id="y", title="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 26))
ZONE = timezone(timedelta(hours=7))


def period(kind: PeriodKind, number: int, starts_on: date, ends_on: date) -> GradingPeriod:
    return GradingPeriod(
        id=f"{kind}{number}", school_year_id="y", kind=kind, number=number, starts_on=starts_on, ends_on=ends_on
    )


FIRST = period("quarter", 1, date(2026, 9, 1), date(2026, 10, 24))
SECOND = period("quarter", 2, date(2026, 11, 2), date(2026, 12, 30))
HALF = period("half_year", 1, date(2026, 9, 1), date(2026, 12, 30))


def stretch(kind: DayKind, starts_on: date, ends_on: date | None = None, title: str = "") -> CalendarDay:
    last = ends_on or starts_on
    return CalendarDay(
        id=f"{kind}{starts_on}", school_year_id="y", kind=kind, starts_on=starts_on, ends_on=last, title=title
    )


DAYS = (
    stretch("vacation", date(2026, 10, 25), date(2026, 11, 1), "Осенние каникулы"),
    stretch("holiday", date(2026, 11, 4), title="День народного единства"),
    stretch("working_saturday", date(2026, 10, 31), title="Рабочая суббота"),
    stretch("shortened", date(2026, 12, 30), title="Короткий день"),
)


def slot(page: str, weekday: int, number: int, room: str = "", until: date | None = None) -> TimetableSlot:
    return TimetableSlot(
        id=f"{page}{weekday}{number}", journal_page_id=page, weekday=weekday, lesson_number=number, room=room,
        since=date(2026, 9, 1), until=until,
    )  # fmt: skip


def bell(weekday: int, number: int, starts: str, ends: str) -> BellSlot:
    return BellSlot(id=f"{weekday}{number}", weekday=weekday, lesson_number=number, starts_at=starts, ends_at=ends)


def quarters(*slots: TimetableSlot) -> calendar.StudyCalendar:
    return calendar.study_calendar(YEAR, "quarter", (FIRST, SECOND, HALF), DAYS, slots)


# --- study days --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "why_off"),
    [
        (date(2026, 9, 1), ""),
        (date(2026, 8, 31), "Вне учебного года"),
        (date(2026, 9, 5), "Выходной"),
        (date(2026, 10, 26), "Осенние каникулы"),
        (date(2026, 10, 31), ""),
        (date(2026, 11, 4), "День народного единства"),
        (date(2027, 1, 4), "Каникулы"),
    ],
)
def test_a_day_is_a_study_day_or_says_why_not(day: date, why_off: str) -> None:
    study = quarters()
    assert study.why_off(day) == why_off
    assert study.is_study_day(day) is (why_off == "")


def test_a_timetable_with_saturday_lessons_makes_a_six_day_week() -> None:
    saturday = date(2026, 9, 5)
    assert not quarters().is_study_day(saturday)
    assert quarters(slot("a", 6, 1)).is_study_day(saturday)
    assert not quarters(slot("a", 7, 1)).is_study_day(date(2026, 9, 6))


def test_half_years_study_where_quarters_rest_only_outside_vacations() -> None:
    halves = calendar.study_calendar(YEAR, "half_year", (FIRST, SECOND, HALF), ())
    assert halves.is_study_day(date(2026, 10, 26))
    assert not quarters().is_study_day(date(2026, 10, 26))


def test_another_years_and_voided_records_count_nowhere() -> None:
    foreign = CalendarDay(
        id="x", school_year_id="z", kind="holiday", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 1), title="",
    )  # fmt: skip
    voided = CalendarDay(
        id="v", school_year_id="y", kind="holiday", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 1), title="",
        voided=True,
    )  # fmt: skip
    assert calendar.study_calendar(YEAR, "quarter", (), (foreign, voided)).is_study_day(date(2026, 9, 1))


def test_shortened_days_and_the_last_study_day_are_known() -> None:
    study = quarters()
    assert study.is_shortened(date(2026, 12, 30))
    assert not study.is_shortened(date(2026, 12, 29))
    assert study.last_study_day(FIRST) == date(2026, 10, 23)  # the 24th is a Saturday
    assert study.vacation_after(FIRST) == (date(2026, 10, 24), date(2026, 10, 30))
    assert study.vacation_after(SECOND) == (date(2026, 12, 31), YEAR.ends_on)


# --- periods -----------------------------------------------------------------------------------------------------


def test_a_date_falls_in_the_period_of_its_own_system() -> None:
    periods = (HALF, FIRST, SECOND)
    assert calendar.period_of(date(2026, 9, 1), periods, "quarter") == FIRST
    assert calendar.period_of(date(2026, 10, 28), periods, "quarter") is None
    assert calendar.period_of(date(2026, 10, 28), periods, "half_year") == HALF
    assert calendar.period_of(date(2026, 12, 30), periods, "quarter") == SECOND


@pytest.mark.parametrize(
    ("kind", "number", "titles"),
    [
        ("quarter", 1, ("I четверть", "I ч", "I четверть")),
        ("quarter", 4, ("IV четверть", "IV ч", "IV четверть")),
        ("half_year", 2, ("II полугодие", "II п", "II полугодие")),
        ("trimester", 3, ("III триместр", "III тр", "III триместр")),
        ("year", 0, ("Год", "Год", "Годовая")),
        ("exam", 0, ("Экзамен", "Экз", "Экзамен")),
        ("final", 0, ("Итог", "Итог", "Итоговая")),
    ],
)
def test_periods_have_russian_titles(kind: PeriodKind, number: int, titles: tuple[str, str, str]) -> None:
    said = (calendar.period_title, calendar.period_short_title, calendar.period_mark_title)
    assert tuple(title(kind, number) for title in said) == titles


# --- the timetable over the year ---------------------------------------------------------------------------------


def test_weekly_slots_become_lessons_in_order_and_stop_at_holidays() -> None:
    slots = (slot("algebra", 3, 2, "21"), slot("algebra", 2, 1), slot("geometry", 2, 1))
    lessons = calendar.occurrences(slots, quarters(*slots), date(2026, 11, 3), date(2026, 11, 11))
    assert lessons == [
        Occurrence(date(2026, 11, 3), 1, "algebra"),
        Occurrence(date(2026, 11, 3), 1, "geometry"),
        Occurrence(date(2026, 11, 10), 1, "algebra"),
        Occurrence(date(2026, 11, 10), 1, "geometry"),
        Occurrence(date(2026, 11, 11), 2, "algebra", "21"),
    ]


def test_a_slot_ends_with_its_last_day_and_voided_slots_give_nothing() -> None:
    ended = slot("a", 2, 1, until=date(2026, 9, 8))
    voided = TimetableSlot(id="v", journal_page_id="b", weekday=2, lesson_number=1, since=YEAR.starts_on, voided=True)
    lessons = calendar.occurrences((ended, voided), quarters(ended), YEAR.starts_on, date(2026, 9, 30))
    assert [lesson.day for lesson in lessons] == [date(2026, 9, 1), date(2026, 9, 8)]


def test_a_slot_gives_nothing_before_its_first_day() -> None:
    late = TimetableSlot(id="l", journal_page_id="a", weekday=2, lesson_number=1, since=date(2026, 9, 8))
    lessons = calendar.occurrences((late,), quarters(late), YEAR.starts_on, date(2026, 9, 15))
    assert [lesson.day for lesson in lessons] == [date(2026, 9, 8), date(2026, 9, 15)]


def test_a_working_saturday_has_the_lessons_of_saturday() -> None:
    slots = (slot("a", 6, 1), slot("b", 5, 1))
    lessons = calendar.occurrences(slots, quarters(*slots), date(2026, 10, 31), date(2026, 10, 31))
    assert [lesson.journal_page_id for lesson in lessons] == ["a"]


@given(st.dates(YEAR.starts_on, YEAR.ends_on), st.dates(YEAR.starts_on, YEAR.ends_on))
def test_two_stretches_side_by_side_hold_what_the_whole_holds(first: date, last: date) -> None:
    slots = tuple(slot("a", weekday, 1) for weekday in range(1, 6))
    study = quarters(*slots)
    whole = calendar.occurrences(slots, study, YEAR.starts_on, YEAR.ends_on)
    before = calendar.occurrences(slots, study, YEAR.starts_on, first - timedelta(days=1))
    assert before + calendar.occurrences(slots, study, first, YEAR.ends_on) == whole
    assert all(first <= lesson.day <= last for lesson in calendar.occurrences(slots, study, first, last))


# --- bells -------------------------------------------------------------------------------------------------------


def test_a_weekdays_own_bell_comes_before_the_one_for_any_day() -> None:
    bells = (bell(0, 1, "08:30", "09:15"), bell(1, 1, "08:15", "08:45"), bell(0, 2, "09:25", "10:10"))
    monday, tuesday = date(2026, 9, 7), date(2026, 9, 8)
    assert calendar.lesson_times(bells, monday, 1) == (time(8, 15), time(8, 45))
    assert calendar.lesson_times(bells, tuesday, 1) == (time(8, 30), time(9, 15))
    assert calendar.lesson_times(bells, monday, 2) == (time(9, 25), time(10, 10))
    assert calendar.lesson_times(bells, monday, 3) is None
    assert calendar.last_lesson_end(bells, monday, (1, 2, 9)) == time(10, 10)
    assert calendar.last_lesson_end(bells, monday, ()) is None


# --- deadlines ---------------------------------------------------------------------------------------------------

DAY = date(2026, 9, 8)
MOMENTS = LessonDay(DAY, ZONE, time(9, 15), time(14, 0), time(19, 30))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("default", at(DAY, 19, 30)),  # end of the school day
        ("fop-2025", at(DAY, 19, 30)),
        ("paragraf-spb-2016", at(date(2026, 9, 9), 0)),  # 24:00 of the lesson's day
        ("sgo-tomsk-2021", at(date(2026, 9, 9), 0)),  # 5 h after all classes, but the same day
        ("portal-mo", at(DAY, 12, 15)),  # 3 h after that lesson
        ("avers-stavropol-2019", at(DAY, 16)),  # 2 h after the pupils' last lesson
    ],
)
def test_homework_is_counted_from_another_moment_in_each_regulation(name: str, due: datetime) -> None:
    assert deadlines.due_at(preset(name).homework_deadline, MOMENTS) == due


def test_five_hours_after_all_classes_when_the_school_ends_at_two() -> None:
    early = LessonDay(DAY, ZONE, time(9, 15), time(14, 0), time(14, 0))
    assert deadlines.due_at(preset("sgo-tomsk-2021").homework_deadline, early) == at(DAY, 19)


def test_unknown_bells_count_from_midnight() -> None:
    unknown = LessonDay(DAY, ZONE)
    assert deadlines.due_at(Deadline("lesson_end", hours=3), unknown) == at(date(2026, 9, 9), 3)


def test_presence_in_two_days_marks_by_nine_and_the_exceptional_next_day() -> None:
    portal, tomsk = preset("portal-mo"), preset("sgo-tomsk-2021")
    assert deadlines.due_at(portal.absence_deadline, MOMENTS) == at(date(2026, 9, 11), 0)
    assert deadlines.due_at(portal.oral_mark_deadline, MOMENTS) == at(DAY, 21)
    assert deadlines.due_at(tomsk.lesson_deadline, MOMENTS) == at(date(2026, 9, 9), 0)
    assert deadlines.exceptionally_due_at(tomsk.lesson_deadline, MOMENTS) == at(date(2026, 9, 10), 0)


def test_due_moments_know_their_zone() -> None:
    due = deadlines.due_at(Policy.default().homework_deadline, MOMENTS)
    assert due.astimezone(UTC) == datetime(2026, 9, 8, 12, 30, tzinfo=UTC)


def test_written_works_have_their_own_term_by_grade() -> None:
    stavropol = preset("avers-stavropol-2019")
    assert deadlines.mark_due_at(stavropol, MOMENTS, 9, written=True) == at(date(2026, 9, 14), 0)
    assert deadlines.mark_due_at(stavropol, MOMENTS, 10, written=True) == at(date(2026, 9, 16), 0)
    assert deadlines.mark_due_at(stavropol, MOMENTS, 10, written=False) == at(date(2026, 9, 9), 0)
    assert deadlines.mark_due_at(Policy.default(), MOMENTS, 7, written=False) == at(date(2026, 9, 9), 9, 15)


def test_typing_is_not_correcting_until_the_deadline_or_half_an_hour() -> None:
    first, due = at(DAY, 10), at(date(2026, 9, 9), 0)
    assert deadlines.grace_ends_at(Policy.default(), first, due) == due
    assert deadlines.grace_ends_at(Policy.default(), at(date(2026, 9, 9), 8), due) == at(date(2026, 9, 9), 8, 30)
    assert deadlines.grace_ends_at(preset("sgo-tomsk-2021"), first, due) == at(DAY, 10, 30)


def test_a_period_mark_is_due_when_the_school_says() -> None:
    last_lesson = date(2026, 10, 21)
    due = {
        name: deadlines.period_mark_due_on(preset(name), quarters(), FIRST, last_lesson)
        for name in ("default", "paragraf-spb-2016", "portal-mo")
    }
    assert due == {
        "default": date(2026, 10, 23), "paragraf-spb-2016": last_lesson, "portal-mo": date(2026, 10, 30),
    }  # fmt: skip


def test_the_days_moments_come_from_the_timetable_of_class_and_school() -> None:
    bells = [bell(0, n, f"{7 + n:02}:30", f"{8 + n:02}:15") for n in range(1, 9)]
    lessons = [
        Occurrence(DAY, 1, "mine"), Occurrence(DAY, 4, "class"), Occurrence(DAY, 7, "other"),
        Occurrence(date(2026, 9, 9), 8, "class"),
    ]  # fmt: skip
    moments = deadlines.lesson_day(DAY, 1, bells, lessons, {"mine", "class"}, ZONE)
    assert (moments.lesson_ends, moments.pupils_end, moments.school_ends) == (time(9, 15), time(12, 15), time(15, 15))


# --- working days of staff -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "last"), [(0, date(2026, 4, 30)), (1, date(2026, 5, 4)), (2, date(2026, 5, 5)), (10, date(2026, 5, 15))]
)
def test_working_days_pass_over_weekends_and_holidays_and_not_over_vacations(count: int, last: date) -> None:
    days = [
        stretch("holiday", date(2026, 5, 1)),
        stretch("holiday", date(2026, 5, 11)),
        stretch("working_saturday", date(2026, 5, 9)),
        stretch("vacation", date(2026, 5, 4), date(2026, 5, 8)),
    ]
    assert calendar.working_day_after(date(2026, 4, 30), count, days) == last
