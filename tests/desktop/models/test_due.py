"""What waits to be entered besides today's lessons: until when, by the policy of the school and its real days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    CalendarDay,
    Lesson,
    Mark,
    MarkColumn,
    PageCompletion,
    PeriodClosing,
    PolicySetting,
    Record,
)
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.lessons import hold_lesson, set_late_reason, set_topic
from ejournal_desktop.models.commands.marks import add_mark_column, put_mark
from ejournal_desktop.models.commands.periods import decide_period_mark, receive_exam_results, state_complete
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.due import DueRow
from ejournal_desktop.models.queries.period_results import period_results
from tests.helpers.school import MOSCOW, SmallSchool, desk_of, small_school

Desk = Callable[..., tuple[Journal, SmallSchool]]
FIRST_LESSON = date(2026, 9, 1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give the algebra teacher's desk at a moment; nothing has been entered yet."""
    opened: list[Journal] = []

    def open_(now: datetime, *extra: Record, person: str = "p-teacher") -> tuple[Journal, SmallSchool]:
        school = small_school(extra=extra)
        opened.append(desk_of(school, person, tmp_path / str(len(opened)), now=now))
        return opened[-1], school

    yield open_
    for journal in opened:
        journal.close()


def at(day: int, hour: int = 10, minute: int = 42, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=MOSCOW)


def fill(journal: Journal, school: SmallSchool, *lessons: tuple[int, int]) -> None:
    """Enter what a lesson needs, at its own day."""
    now = journal.clock()
    for day, number in lessons:
        journal.clock.now = at(day, 12)  # type: ignore[attr-defined]
        lesson_id = school.lesson(date(2026, 9, day), number)
        set_topic(journal, lesson_id, "Дроби")
        hold_lesson(journal, lesson_id)
    journal.clock.now = now  # type: ignore[attr-defined]


def of(rows: tuple[DueRow, ...], what: str) -> list[DueRow]:
    return [row for row in rows if row.what == what]


# --- earlier lessons -------------------------------------------------------------------------------------------------


def test_earlier_lessons_of_a_page_are_one_line_that_leads_to_the_first(desk: Desk) -> None:
    journal, school = desk(at(8))
    fill(journal, school, (4, 1))
    (row,) = of(queries.due(journal), "lessons")
    # Tuesday the 1st and Monday the 7th wait; today's lesson stands in the list of the day
    assert (row.number, row.lesson_id) == (2, school.lesson(FIRST_LESSON, 3))
    assert row.items == ("held", "attendance", "topic")
    assert row.due_at == at(2, 0, 0)
    assert row.allowed_until is None


def test_a_lesson_half_filled_says_what_it_lacks(desk: Desk) -> None:
    journal, school = desk(at(2))
    set_topic(journal, school.lesson(FIRST_LESSON, 3), "Дроби")
    (row,) = of(queries.due(journal), "lessons")
    assert row.items == ("held", "attendance")
    hold_lesson(journal, school.lesson(FIRST_LESSON, 3))
    assert of(queries.due(journal), "lessons") == []


def test_where_the_next_day_is_lawful_with_a_reason_the_line_says_so(desk: Desk) -> None:
    journal, _school = desk(at(2), PolicySetting(id="preset", value='"sgo-tomsk-2021"'))
    (row,) = of(queries.due(journal), "lessons")
    assert (row.due_at, row.allowed_until) == (at(2, 0, 0), at(3, 0, 0))


TOMSK = PolicySetting(id="preset", value='"sgo-tomsk-2021"')


def test_a_lesson_that_was_entered_late_is_asked_why_until_it_says_so(desk: Desk) -> None:
    journal, school = desk(at(2, 9), TOMSK)
    first = school.lesson(FIRST_LESSON, 3)
    set_topic(journal, first, "Дроби")
    hold_lesson(journal, first)
    (row,) = of(queries.due(journal), "late")
    assert (row.lesson_id, row.number, row.due_at) == (first, 1, None)
    assert queries.lesson_sheet(journal, first).is_late
    set_late_reason(journal, first, " не было\n связи ")
    assert of(queries.due(journal), "late") == []
    assert queries.lesson_sheet(journal, first).lesson.late_reason == "не было связи"
    assert queries.cell_history(journal, "Lesson", first)[0].new == "не было связи"


def test_lateness_is_counted_from_the_first_word_that_the_lesson_was_held(desk: Desk) -> None:
    journal, school = desk(at(1, 12), TOMSK)
    first = school.lesson(FIRST_LESSON, 3)
    set_topic(journal, first, "Дроби")
    hold_lesson(journal, first)
    journal.clock.now = at(8)  # type: ignore[attr-defined]
    hold_lesson(journal, first, held=False)
    hold_lesson(journal, first)
    assert of(queries.due(journal), "late") == []
    assert not queries.lesson_sheet(journal, first).is_late


def test_a_lesson_of_a_school_without_that_exception_is_asked_nothing(desk: Desk) -> None:
    journal, school = desk(at(2, 9))
    first = school.lesson(FIRST_LESSON, 3)
    assert not queries.lesson_sheet(journal, first).is_late
    hold_lesson(journal, first)
    assert of(queries.due(journal), "late") == []
    assert not queries.lesson_sheet(journal, first).is_late


def test_a_term_by_the_clock_of_the_day_makes_a_lesson_late_on_the_same_day(desk: Desk) -> None:
    clock = PolicySetting(id="P02", value='{"anchor":"clock","clock":"15:00","exceptional_days":1}')
    for hour, late in ((14, False), (16, True)):
        journal, school = desk(at(1, hour), clock)
        lesson_id = school.lesson(FIRST_LESSON, 3)
        assert queries.lesson_sheet(journal, lesson_id).is_late is late
        hold_lesson(journal, lesson_id)
        assert queries.lesson_sheet(journal, lesson_id).is_late is late
        assert bool(of(queries.due(journal), "late")) is late


def test_nothing_is_asked_for_a_holiday_a_closed_period_or_a_grade_that_is_not_kept(desk: Desk) -> None:
    holiday = CalendarDay(id="h", school_year_id="y-2026", kind="holiday", starts_on=FIRST_LESSON,
                          ends_on=FIRST_LESSON, title="Праздник")  # fmt: skip
    closing = PeriodClosing(id="c", class_group_id="c-7b", grading_period_id="q-1", closed=True)
    grades = PolicySetting(id="P45", value="[8,9]")
    for extra in (holiday, closing, grades):
        journal, _school = desk(at(2), extra)
        assert queries.due(journal) == ()
    journal, _school = desk(at(2))
    assert len(queries.due(journal)) == 1


def test_the_lessons_of_the_evening_before_are_due_from_midnight_on(desk: Desk) -> None:
    journal, _school = desk(at(1, 23, 59))
    assert queries.due(journal) == ()
    journal.clock.now = at(2, 0, 0)  # type: ignore[attr-defined]
    assert len(queries.due(journal)) == 1


# --- marks of works --------------------------------------------------------------------------------------------------


def control(journal: Journal, school: SmallSchool, day: int, number: int) -> tuple[str, str]:
    """Plan a control work; return the ids of its lesson and column."""
    lesson_id = school.lesson(date(2026, 9, day), number)
    changes = add_mark_column(journal, lesson_id, "control")
    return lesson_id, changes.changes[-1].record


@pytest.mark.parametrize(
    ("preset", "due"),
    [("default", at(23, 0, 0)), ("avers-stavropol-2019", at(21, 0, 0)), ("dnevnikru-markovo-2016", at(23, 0, 0))],
)
def test_a_control_work_is_due_by_the_term_of_its_grade(desk: Desk, preset: str, due: datetime) -> None:
    journal, school = desk(at(15), PolicySetting(id="preset", value=f'"{preset}"'))
    lesson_id, _column = control(journal, school, 15, 3)
    (row,) = of(queries.due(journal), "marks")
    assert (row.work, row.lesson_id, row.pupils, row.due_at) == ("КР", lesson_id, (), due)


def test_an_oral_column_is_due_by_the_rule_for_the_lesson(desk: Desk) -> None:
    journal, school = desk(at(15), PolicySetting(id="preset", value='"portal-mo"'))
    add_mark_column(journal, school.today_lesson, "oral")
    (row,) = of(queries.due(journal), "marks")
    assert row.due_at == at(15, 21, 0)


def test_who_was_there_and_has_no_mark_of_a_work_for_all_is_named_and_who_was_away_is_not(desk: Desk) -> None:
    journal, school = desk(at(15))
    lesson_id, column = control(journal, school, 15, 3)
    set_presence(journal, lesson_id, school.pupils[0], "absent")
    for pupil in school.pupils[3:]:
        put_mark(journal, lesson_id, column, pupil, "4")
    (row,) = of(queries.due(journal), "marks")
    assert row.pupils == ("Воробьёв Никита", "Дятлова Софья")
    for pupil in school.pupils[1:3]:
        put_mark(journal, lesson_id, column, pupil, "5")
    assert of(queries.due(journal), "marks") == []


def test_a_few_oral_marks_are_enough_and_a_work_of_tomorrow_is_not_due(desk: Desk) -> None:
    journal, school = desk(at(15))
    put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
    add_mark_column(journal, school.lesson(date(2026, 9, 18), 1), "control")
    assert of(queries.due(journal), "marks") == []


def test_a_class_without_marks_owes_none(desk: Desk) -> None:
    journal, school = desk(at(15), PolicySetting(id="P14", value="[7]"))
    control(journal, school, 15, 3)
    assert of(queries.due(journal), "marks") == []


# --- what cannot be true ---------------------------------------------------------------------------------------------


def test_a_lesson_whose_entries_cannot_all_be_true_is_named_with_its_pupils(desk: Desk) -> None:
    paper = AbsenceDocument(id="d", class_group_id="c-7b", pupil_id="u-02", reason="Б", since=date(2026, 9, 14),
                            until=date(2026, 9, 20))  # fmt: skip
    journal, school = desk(at(16), paper, PolicySetting(id="P16", value="true"))
    set_presence(journal, school.today_lesson, school.pupils[0], "absent")
    put_mark(journal, school.today_lesson, None, school.pupils[0], "5")
    assert of(queries.due(journal), "wrong") == [], "this school allows marks of the absent"
    put_mark(journal, school.today_lesson, None, school.pupils[1], "4")
    (row,) = of(queries.due(journal), "wrong")
    assert (row.lesson_id, row.pupils, row.due_at) == (school.today_lesson, ("Воробьёв Никита",), None)
    hold_lesson(journal, school.lesson(date(2026, 9, 14), 2))
    assert [row.held_on for row in of(queries.due(journal), "wrong")] == [date(2026, 9, 14), date(2026, 9, 15)]
    set_presence(journal, school.lesson(date(2026, 9, 14), 2), school.pupils[1], "absent")
    put_mark(journal, school.today_lesson, None, school.pupils[1], None)
    assert of(queries.due(journal), "wrong") == []


def test_two_peoples_entries_that_met_on_the_server_are_told_where_the_school_forbids_them(desk: Desk) -> None:
    lesson_id = ids.lesson("s-algebra.c-7b", date(2026, 9, 15), 3)
    column = ids.mark_column(lesson_id, "oral", 1)
    met = (
        Lesson(id=lesson_id, journal_page_id="s-algebra.c-7b", held_on=date(2026, 9, 15), lesson_number=3, held=True),
        MarkColumn(id=column, lesson_id=lesson_id, work_kind_id="oral"),
        Mark(id=ids.mark(column, "u-05"), mark_column_id=column, pupil_id="u-05", value="5"),
        Attendance(id=ids.attendance(lesson_id, "u-05"), lesson_id=lesson_id, pupil_id="u-05", presence="absent"),
    )
    journal, _school = desk(at(15), *met)
    (row,) = of(queries.due(journal), "wrong")
    assert row.pupils == ("Журавлёв Артём",)


# --- period marks ----------------------------------------------------------------------------------------------------


def test_period_marks_are_told_as_long_before_as_the_policy_says_until_they_are_complete(desk: Desk) -> None:
    journal, school = desk(at(15, month=10))
    assert of(queries.due(journal), "period") == []
    journal.clock.now = at(16, month=10)  # type: ignore[attr-defined]
    (row,) = of(queries.due(journal), "period")
    assert (row.period, row.due_at) == ("I четверть", at(31, 0, 0, month=10))  # Friday the 30th is the last study day
    results = queries.period_results(journal, school.page, "quarter", 1)
    for pupil in results.rows:
        decide_period_mark(journal, results, pupil, "н/а", "болел всю четверть")
    state_complete(journal, school.page, "quarter", 1)
    assert of(queries.due(journal), "period") == []


@pytest.mark.parametrize(
    ("preset", "due"),
    [("paragraf-spb-2016", at(31, 0, 0, month=10)), ("portal-mo", at(9, 0, 0, month=11))],
)
def test_period_marks_are_due_after_the_last_lesson_or_in_the_vacation(desk: Desk, preset: str, due: datetime) -> None:
    journal, _school = desk(at(30, month=10), PolicySetting(id="preset", value=f'"{preset}"'))
    (row,) = of(queries.due(journal), "period")
    assert row.due_at == due


def test_the_year_is_due_with_its_last_quarter(desk: Desk) -> None:
    journal, _school = desk(datetime(2027, 5, 25, 12, tzinfo=MOSCOW))
    kinds = [(row.period_kind, row.period_number) for row in of(queries.due(journal), "period")]
    assert ("quarter", 4) in kinds
    assert ("year", 1) in kinds


# --- order and rights ------------------------------------------------------------------------------------------------


def test_the_nearest_stands_first_and_what_is_overdue_last(desk: Desk) -> None:
    journal, school = desk(at(15))
    control(journal, school, 8, 3)
    control(journal, school, 15, 3)
    add_mark_column(journal, school.today_lesson, "oral")
    told = [(row.what, row.work) for row in queries.due(journal)]
    assert told == [("marks", "КР"), ("marks", "У"), ("marks", "КР"), ("lessons", "")]
    assert queries.due(journal)[0].held_on == date(2026, 9, 8)


def test_who_teaches_nothing_owes_nothing(desk: Desk) -> None:
    for person in ("p-class-teacher", "p-deputy"):
        journal, _school = desk(at(20), person=person)
        assert queries.due(journal) == ()


def test_a_paper_about_a_pupil_asks_nothing_of_the_teacher(desk: Desk) -> None:
    paper = AbsenceDocument(id="d", class_group_id="c-7b", pupil_id="u-01", reason="Б", since=FIRST_LESSON,
                            until=FIRST_LESSON + timedelta(days=3))  # fmt: skip
    journal, _school = desk(at(1), paper)
    assert queries.due(journal) == ()


# --- examinations ----------------------------------------------------------------------------------------------------


def test_results_of_an_examination_are_asked_for_from_the_day_they_came_until_they_are_said_to_be_entered(
    desk: Desk,
) -> None:
    closed = tuple(PeriodClosing(id=f"c-7b.q-{n}", class_group_id="c-7b", grading_period_id=f"q-{n}", closed=True)
                   for n in range(1, 5))  # fmt: skip
    now = datetime(2027, 6, 11, 15, 0, tzinfo=MOSCOW)
    journal, school = desk(now, *closed, PolicySetting(id="P11", value="30"))
    assert queries.due(journal) == ()
    receive_exam_results(journal, school.page, date(2027, 6, 11), "10:30")
    (row,) = queries.due(journal)
    assert (row.what, row.period_kind, row.held_on) == ("exam", "exam", date(2027, 6, 11))
    assert row.due_at == datetime(2027, 6, 12, 16, 30, tzinfo=MOSCOW)
    results = period_results(journal, school.page, "exam")
    assert (results.due_at, results.late) == (row.due_at, False)
    journal.clock.now = now + timedelta(days=2)  # type: ignore[attr-defined]
    assert period_results(journal, school.page, "exam").late
    assert period_results(journal, school.page, "final").due_at is None
    state_complete(journal, school.page, "exam", 1)
    assert queries.due(journal) == ()
    assert period_results(journal, school.page, "exam").received_at == "10:30"


def test_who_does_not_teach_the_page_is_not_asked_for_its_examination(desk: Desk) -> None:
    page = ids.journal_page("s-algebra", "c-7b")
    exam = PageCompletion(id=ids.page_completion(page, "exam", 1), period_number=1, journal_page_id=page,
                          period_kind="exam", received_on=date(2026, 9, 7))  # fmt: skip
    journal, _school = desk(at(8), exam)
    assert of(queries.due(journal), "exam")[0].due_at == at(9, 0, 0)
    given = Lesson(id=ids.lesson(page, date(2026, 9, 7), 2), journal_page_id=page, held_on=date(2026, 9, 7),
                   lesson_number=2, teacher_id="p-class-teacher")  # fmt: skip
    journal, _school = desk(at(8), exam, given, person="p-class-teacher")
    assert of(queries.due(journal), "lessons"), "the substitute is asked for the lesson"
    assert of(queries.due(journal), "exam") == []


def test_a_time_that_is_still_ahead_is_not_taken_for_the_receipt(desk: Desk) -> None:
    journal, school = desk(at(8))
    for day, clock in ((8, "10:43"), (9, "")):
        with pytest.raises(Refusal) as refused:
            receive_exam_results(journal, school.page, date(2026, 9, day), clock)
        assert refused.value.code == "EJ-277"
    receive_exam_results(journal, school.page, date(2026, 9, 8), "10:42")
    receive_exam_results(journal, school.page, None)
    assert of(queries.due(journal), "exam") == []
