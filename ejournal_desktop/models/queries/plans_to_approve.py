"""КТП that wait for whoever approves them: given in, given in again, or changed since they were approved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, lesson_plans
from ejournal_core.kinds import JournalPage, LessonPlan, PlannedLesson
from ejournal_desktop.models.facts import select_any, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES

State = Literal["submitted", "changed", "resubmitted"]


class WaitingPlan(Struct, frozen=True):
    """A plan to look at, who gave it in or teaches its page, and when its state was last entered."""

    page: PageRef
    state: State
    teacher: str
    at: datetime | None = None


def plans_to_approve(journal: Journal) -> tuple[WaitingPlan, ...]:
    """Return the plans of the running year that this person may approve and should look at, by class and subject."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        plans = [plan for plan in select_records(connection, LessonPlan) if _is_asked(around, plan)]
        return _waiting_among(around, plans)


def plans_given_in(journal: Journal) -> tuple[WaitingPlan, ...]:
    """Return those of them that a teacher has given in and nobody has answered: quick, no other rows are read."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        if not access.holds_role(around.grants, access.OVERSEERS, around.day):
            return ()
        given = [
            plan for plan in select_records(connection, LessonPlan) if _is_given_in(plan) and _is_asked(around, plan)
        ]
        return tuple(plan for plan in _waiting_among(around, given) if plan.state != "changed")


def _is_given_in(plan: LessonPlan) -> bool:
    """Say by the plan alone whether it may have been given in and not answered."""
    answered = plan.approved_by is not None and plan.given_in in ("", plan.content)
    return plan.submitted_by is not None and plan.returned_by is None and not answered


def _waiting_among(around: Surroundings, plans: Iterable[LessonPlan]) -> tuple[WaitingPlan, ...]:
    plans = sorted(plans, key=lambda plan: around.page_order(plan.journal_page_id))
    contents = _contents(around.connection, [plan for plan in plans if plan.approved_by])
    stages = [(plan, lesson_plans.stage(plan, contents.get(plan.journal_page_id, ""))) for plan in plans]
    return tuple(_waiting(around, plan, stage) for plan, stage in stages
                 if stage in ("submitted", "changed", "resubmitted"))  # fmt: skip


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


def _contents(connection: sa.Connection, plans: Iterable[LessonPlan]) -> dict[str, str]:
    """Return what the rows of each page's plan say now."""
    rows: dict[str, list[PlannedLesson]] = {plan.journal_page_id: [] for plan in plans}
    for row in select_any(connection, PlannedLesson, "journal_page_id", rows):
        rows[row.journal_page_id].append(row)
    return {page_id: lesson_plans.content(found) for page_id, found in rows.items()}


def _waiting(around: Surroundings, plan: LessonPlan, state: State) -> WaitingPlan:
    page = around.page_ref(around.page(plan.journal_page_id))
    entered = around.connection.execute(_ENTERED, {"id": plan.id}).scalar()
    at = datetime.fromisoformat(entered) if entered else None
    return WaitingPlan(page, state, around.short_name(plan.submitted_by) or ", ".join(page.teachers), at)


_ENTERED = sa.select(TABLES["LessonPlan"].c.entered_at).where(TABLES["LessonPlan"].c.id == sa.bindparam("id"))
