"""Which columns the spread of a page has: of periods where marks are put, of two lessons on one day, of substitutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Lesson,
    PeriodMark,
    PolicySetting,
    Record,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_desktop.models import queries
from ejournal_desktop.models.pages import JournalSpread
from tests.helpers.school import YEAR_START, desk_of, small_school

ARTS = ids.journal_page("s-arts", "c-1a")
CIRCLE = ids.journal_page("s-circle", "c-7b")
LAST = ids.journal_page("s-algebra", "c-9a")


def page_of_class(grade: int, page: str, subject: str, group: str) -> tuple[Record, ...]:
    """Return a class with one pupil and one page of the teacher's."""
    return (
        ClassGroup(id=group, school_year_id="y-2026", grade_level=grade, letter="А"),
        JournalPage(id=page, subject_id=subject, class_group_id=group),
        TeachingLoad(id=f"l-{group}", journal_page_id=page, person_id="p-teacher", since=YEAR_START),
        Enrolment(
            id=f"e-{group}", pupil_id="u-01", class_group_id=group, since=YEAR_START, arrival_order="№ 8 от 28.08.2026"
        ),
    )


@contextmanager
def spread_of(folder: Path, page: str, *extra: Record) -> Iterator[JournalSpread]:
    school = small_school(4, extra=extra)
    journal = desk_of(school, school.teacher, folder)
    yield queries.journal_spread(journal, page or school.page)
    journal.close()


def periods(spread: JournalSpread) -> list[str]:
    return [column.key for column in spread.columns if column.kind == "period"]


def test_grade_1_has_no_columns_of_periods_and_says_why(tmp_path: Path) -> None:
    extra = (Subject(id="s-arts", title="Рисование"), *page_of_class(1, ARTS, "s-arts", "c-1a"))
    with spread_of(tmp_path, ARTS, *extra) as spread:
        assert periods(spread) == []
        assert "безотметочное" in spread.nothing_due


def test_a_subject_without_attestation_has_no_columns_of_periods_unless_marks_stand_there(tmp_path: Path) -> None:
    circle = (
        Subject(id="s-circle", title="Разговоры о важном", attested=False),
        JournalPage(id=CIRCLE, subject_id="s-circle", class_group_id="c-7b"),
        TeachingLoad(id="l-c", journal_page_id=CIRCLE, person_id="p-teacher", since=YEAR_START),
        PolicySetting(id="P41", value="true", basis="приказ"),
    )
    stands = PeriodMark(
        id=ids.period_mark(CIRCLE, "u-01", "quarter", 1), journal_page_id=CIRCLE, pupil_id="u-01",
        period_kind="quarter", period_number=1, value="зач",
    )  # fmt: skip
    with spread_of(tmp_path / "a", CIRCLE, *circle) as spread:
        assert periods(spread) == []
        assert "аттестации нет" in spread.nothing_due
    with spread_of(tmp_path / "b", CIRCLE, *circle, stands) as spread:
        assert periods(spread) == ["quarter.1"]


@pytest.mark.parametrize(("grade", "ends"), [(7, ["year"]), (9, ["year", "exam.1", "final.1"])])
def test_grades_that_end_with_an_examination_have_its_columns_behind_the_year(
    tmp_path: Path, grade: int, ends: list[str]
) -> None:
    extra = () if grade == 7 else page_of_class(9, LAST, "s-algebra", "c-9a")
    with spread_of(tmp_path, LAST if grade == 9 else "", *extra) as spread:
        assert periods(spread)[-len(ends) :] == ends
        assert spread.nothing_due == ""


def test_two_lessons_of_one_day_are_told_apart_and_other_days_are_not(tmp_path: Path) -> None:
    page = ids.journal_page("s-algebra", "c-7b")
    second = TimetableSlot(id="t-9", journal_page_id=page, weekday=2, lesson_number=4, since=YEAR_START)
    with spread_of(tmp_path, "", second) as spread:
        by_day = {c.held_on: c.twin for c in spread.columns if c.kind == "lesson"}
        assert {day.isoweekday() for day, twin in by_day.items() if day and twin} == {2}
        tuesday = [c.lesson_number for c in spread.columns if c.held_on == date(2026, 9, 15)]
        assert tuesday == [3, 4]


def test_a_substitute_is_named_at_the_lesson(tmp_path: Path) -> None:
    page = ids.journal_page("s-algebra", "c-7b")
    day = date(2026, 9, 14)
    given = Lesson(id=ids.lesson(page, day, 2), journal_page_id=page, held_on=day, lesson_number=2,
                   teacher_id="p-colleague")  # fmt: skip
    with spread_of(tmp_path, "", given) as spread:
        assert [row.teacher for row in spread.lessons if row.held_on == day] == ["замена: Петров С. И."]


def test_who_came_by_an_order_has_it_at_the_name(tmp_path: Path) -> None:
    extra = page_of_class(9, LAST, "s-algebra", "c-9a")
    with spread_of(tmp_path, LAST, *extra) as spread:
        assert spread.pupils[0].arrival_order == "№ 8 от 28.08.2026"
