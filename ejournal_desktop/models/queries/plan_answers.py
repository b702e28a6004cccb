"""What was answered to a teacher's lesson plans of late: approved, given back with a reason, approval taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from ejournal_core import ids, lesson_plans
from ejournal_core.changes import Change, entered_by
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.others import KIND, lines_of_others, taken_from_others
from ejournal_desktop.models.queries.surroundings import Surroundings

Answer = Literal["approved", "returned", "withdrawn"]


class PlanAnswer(Struct, frozen=True):
    """An answer: about the plan of which page («7 «Б» · Алгебра»), what, by whom, why, and when the server took it."""

    change_id: str
    page_id: str
    where: str
    answer: Answer
    by: str
    why: str
    at: str


def plan_answers(journal: Journal, since: datetime) -> list[PlanAnswer]:
    """Return the answers of others to the plans of the pages that this person teaches, newest first.

    Args:
        since: by the server's time; the clock of whoever answers says nothing.
    """
    with journal.reading() as connection:
        lines = lines_of_others(connection, _LINES, journal.identity.person_id, since)
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        found = [_answer(around, change, at) for change, at in lines]
    return [each for each in found if each is not None]


def _answer(around: Surroundings, change: Change, at: str) -> PlanAnswer | None:
    page_id = change.record.rsplit(ids.SEPARATOR, 1)[0]
    page, answer = around.pages.get(page_id), _told(change)
    own = page is not None and lesson_plans.may_write_plan(around.loads.get(page_id, ()), around.person_id, around.day)
    if page is None or answer is None or not own:
        return None
    why = str(change.set.get("returned_why", ""))
    by = around.short_name(entered_by(change))
    return PlanAnswer(change.id, page_id, around.page_ref(page).title, answer, by, why, at)


def _told(change: Change) -> Answer | None:
    if change.set.get("returned_by"):
        return "returned"
    if "approved_by" not in change.set:
        return None
    return "approved" if change.set["approved_by"] else "withdrawn"


_LINES = taken_from_others(KIND == "LessonPlan")
