"""A year's plan of algebra in 7 «Б», followed for two weeks: what КТП, Урок and Журнал show of it.

Three lessons were given by plan, one was lost, one topic was the teacher's own; the clock stands at 15 September.
"""

from __future__ import annotations

from datetime import date

from ejournal_core import ids, lesson_plans
from ejournal_core.calendar import occurrences, study_calendar
from ejournal_core.kinds import (
    CalendarDay,
    ClassGroup,
    CurriculumHours,
    GradingPeriod,
    JournalPage,
    Lesson,
    LessonPlan,
    PlannedLesson,
    Record,
    SchoolYear,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_desktop.exchange.invented_plans import invented_rows
from ejournal_desktop.exchange.topics import read_topics
from ejournal_desktop.paths import resources_folder
from tests.helpers.school import YEAR_END, YEAR_START, SmallSchool, small_school

PAGE = ids.journal_page("s-algebra", "c-7b")
PARALLEL = ids.journal_page("s-algebra", "c-7v")
GIVEN = ((date(2026, 9, 1), 3, 0), (date(2026, 9, 4), 1, 1), (date(2026, 9, 8), 3, 2))
OWN = (date(2026, 9, 11), 1, "Экскурсия в музей занимательных наук")


def year_plan(page: str = PAGE) -> tuple[PlannedLesson, ...]:
    """Return a row for every lesson of algebra in the year."""
    taught = read_topics(resources_folder() / "demo" / "topics.toml").of("Алгебра", 7)
    return tuple(invented_rows(page, taught, days_of_algebra()))


def days_of_algebra() -> list[date]:
    """Return the days of the year on which the small school has algebra."""
    records = small_school().records
    slots = [record for record in records if isinstance(record, TimetableSlot)]
    year = next(record for record in records if isinstance(record, SchoolYear))
    periods = [record for record in records if isinstance(record, GradingPeriod)]
    days = [record for record in records if isinstance(record, CalendarDay)]
    calendar = study_calendar(year, "quarter", periods, days, slots)
    own = [slot for slot in slots if slot.journal_page_id == PAGE]
    return [each.day for each in occurrences(own, calendar, YEAR_START, YEAR_END)]


def planned_school(*extra: Record, lacking: int = 0, approved: bool = False) -> SmallSchool:
    """Return the small school with its plan.

    Args:
        lacking: hours that the plan has less than the curriculum.
        approved: the deputy has approved it; else its teacher has given it in.
    """
    rows = year_plan()
    plan = LessonPlan(id=ids.lesson_plan(PAGE), journal_page_id=PAGE, submitted_by="p-teacher")
    hours = CurriculumHours(id=ids.curriculum_hours("s-algebra", "c-7b"), subject_id="s-algebra",
                            class_group_id="c-7b", hours=len(rows) + lacking)  # fmt: skip
    if approved:
        plan = approved_plan(rows)
    return small_school(extra=(*_parallel(), *rows, plan, hours, *_lessons(rows), *extra))


def approved_plan(rows: tuple[PlannedLesson, ...]) -> LessonPlan:
    """Return a plan that the deputy approved as it stands."""
    return LessonPlan(
        id=ids.lesson_plan(PAGE), journal_page_id=PAGE, submitted_by="p-teacher", approved_by="p-deputy",
        approved_on=date(2026, 8, 28), content=lesson_plans.content(rows), hours=lesson_plans.total_hours(rows),
    )  # fmt: skip


def _parallel() -> tuple[Record, ...]:
    """Return a parallel class with a colleague's plan."""
    return (
        ClassGroup(id="c-7v", school_year_id="y-2026", grade_level=7, letter="В"),
        JournalPage(id=PARALLEL, subject_id="s-algebra", class_group_id="c-7v"),
        TeachingLoad(id="l-9", journal_page_id=PARALLEL, person_id="p-colleague", since=YEAR_START),
        *year_plan(PARALLEL)[:30],
    )


def _lessons(rows: tuple[PlannedLesson, ...]) -> tuple[Lesson, ...]:
    given = ((day, number, rows[place].topic) for day, number, place in GIVEN)
    return tuple(
        Lesson(id=ids.lesson(PAGE, day, number), journal_page_id=PAGE, held_on=day, lesson_number=number, held=True,
               topic=topic)
        for day, number, topic in (*given, OWN)
    )  # fmt: skip
