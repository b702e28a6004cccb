"""КТП that wait for whoever approves them: given in, or changed since they were approved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, lesson_plans
from ejournal_core.kinds import JournalPage, LessonPlan, PlannedLesson
from ejournal_desktop.models.facts import select_any, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.surroundings import Surroundings

State = Literal["submitted", "changed"]


class WaitingPlan(Struct, frozen=True):
    """A plan to look at, and who gave it in or teaches its page."""

    page: PageRef
    state: State
    teacher: str


def plans_to_approve(journal: Journal) -> tuple[WaitingPlan, ...]:
    """Return the plans of the running year that this person may approve and should look at, by class and subject."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        plans = [plan for plan in select_records(connection, LessonPlan) if _is_asked(around, plan)]
        changed = _changed(connection, [plan for plan in plans if plan.approved_by])
        found = [plan for plan in plans if not plan.approved_by or plan.journal_page_id in changed]
        found.sort(key=lambda plan: around.page_order(plan.journal_page_id))
        return tuple(_waiting(around, plan) for plan in found)


def _is_asked(around: Surroundings, plan: LessonPlan) -> bool:
    page = around.pages.get(plan.journal_page_id)
    asked = plan.submitted_by is not None or plan.approved_by is not None
    return asked and page is not None and _approves(around, page)


def _approves(around: Surroundings, page: JournalPage) -> bool:
    """Say what `lesson_plans.may_approve_plan` says, from what is read once."""
    oversees = access.holds_role(around.grants, access.OVERSEERS, around.day, page.class_group_id)
    is_over = around.year_of(around.class_groups[page.class_group_id]).ends_on < around.day
    loads = around.loads.get(page.id, ())
    return oversees and not is_over and not lesson_plans.may_write_plan(loads, around.person_id, around.day)


def _changed(connection: sa.Connection, approved: Iterable[LessonPlan]) -> set[str]:
    """Return the pages whose rows differ from what was approved."""
    contents = {plan.journal_page_id: plan.content for plan in approved}
    rows: dict[str, list[PlannedLesson]] = {page_id: [] for page_id in contents}
    for row in select_any(connection, PlannedLesson, "journal_page_id", contents):
        rows[row.journal_page_id].append(row)
    return {page_id for page_id, content in contents.items() if lesson_plans.content(rows[page_id]) != content}


def _waiting(around: Surroundings, plan: LessonPlan) -> WaitingPlan:
    state: State = "changed" if plan.approved_by else "submitted"
    page = around.page_ref(around.page(plan.journal_page_id))
    return WaitingPlan(page, state, around.short_name(plan.submitted_by) or ", ".join(page.teachers))
