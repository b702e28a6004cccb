"""The plans of the demo school: what its lessons teach, approved by another person where the hours are right."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from ejournal_core import lesson_plans
from ejournal_core.kinds import (
    CurriculumHours,
    JournalPage,
    Lesson,
    LessonPlan,
    PlannedLesson,
    RoleGrant,
)
from ejournal_desktop.exchange.invented_history import DemoEntry, demo_marks
from ejournal_desktop.exchange.invented_plans import demo_plans
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.schools import demo_school


@pytest.fixture(scope="module")
def plan() -> ImportPlan:
    return demo_school()


@pytest.fixture(scope="module")
def deputy(plan: ImportPlan) -> str:
    return next(grant.person_id for grant in plan.of(RoleGrant) if grant.role == "deputy_director")


@pytest.fixture(scope="module")
def entries(plan: ImportPlan, deputy: str) -> list[DemoEntry]:
    pages = [page.id for page in plan.of(JournalPage)]
    return demo_plans(plan, pages, deputy, pages[-1])


@pytest.fixture(scope="module")
def rows(entries: list[DemoEntry]) -> dict[str, list[PlannedLesson]]:
    found: dict[str, list[PlannedLesson]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry.record, PlannedLesson):
            found[entry.record.journal_page_id].append(entry.record)
    return found


def test_the_rows_are_what_the_history_teaches_on_the_same_days(
    plan: ImportPlan, rows: dict[str, list[PlannedLesson]]
) -> None:
    given: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for entry in demo_marks(plan, date(2026, 11, 21)):
        if isinstance(entry.record, Lesson):
            given[entry.record.journal_page_id].append((entry.record.held_on, entry.record.topic))
    assert given.keys() == rows.keys()
    for page, lessons in given.items():
        assert [(row.planned_on, row.topic) for row in rows[page]][: len(lessons)] == sorted(
            lessons, key=lambda x: x[0]
        )


def test_approved_is_what_stands_by_the_deputy_with_the_hours_of_the_curriculum(
    plan: ImportPlan, entries: list[DemoEntry], rows: dict[str, list[PlannedLesson]], deputy: str
) -> None:
    hours = {each.record.id: each.record.hours for each in entries if isinstance(each.record, CurriculumHours)}
    approved = [each for each in entries if isinstance(each.record, LessonPlan) and each.record.approved_by]
    pages = {page.id: page for page in plan.of(JournalPage)}
    assert approved
    for each in approved:
        assert isinstance(each.record, LessonPlan)
        page = pages[each.record.journal_page_id]
        assert each.author == each.record.approved_by == deputy
        assert each.record.content == lesson_plans.content(rows[page.id])
        assert hours[f"{page.subject_id}.{page.class_group_id}"] == each.record.hours == len(rows[page.id])


def test_plans_stand_as_in_life_some_given_in_some_unfinished(plan: ImportPlan, entries: list[DemoEntry]) -> None:
    stands = [each.record for each in entries if isinstance(each.record, LessonPlan)]
    shown = plan.of(JournalPage)[-1].id
    assert [each.approved_by is not None for each in stands if each.journal_page_id == shown] == [True]
    assert any(each.submitted_by for each in stands)
    assert {page.id for page in plan.of(JournalPage)} - {each.journal_page_id for each in stands}, "no draft"


def test_sections_are_named_by_the_work_that_ends_them(plan: ImportPlan, rows: dict[str, list[PlannedLesson]]) -> None:
    works = [row for page in rows.values() for row in page if row.control == "контрольная работа" and "«" in row.topic]
    assert works
    assert all(row.section in row.topic for row in works)
    assert all(row.homework == "" for row in works)
