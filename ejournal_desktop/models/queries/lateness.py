"""Lessons that were entered after their term where the school allows that with a reason (P02, P03)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from ejournal_core import deadlines, ids, wire
from ejournal_core.changes import Change, sets_values
from ejournal_core.kinds import JournalPage, Lesson
from ejournal_core.policy import Policy
from ejournal_desktop.models.queries.school_days import Moments
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import history


def entered_late(
    connection: sa.Connection, policy: Policy, moments: Moments, page: JournalPage, lessons: Iterable[Lesson]
) -> list[Lesson]:
    """Return the lessons of a page that were said to be held after their term, where that needs a reason.

    A lesson whose first entry this desk does not know is left out: nobody is asked on a suspicion.
    """
    asked_for = deadlines.with_a_reason(policy)
    if not asked_for:
        return []
    first = _first_held_at(connection, page.id)
    held = ((lesson, first[lesson.id]) for lesson in lessons if lesson.held and lesson.id in first)
    if all(deadline.anchor == "end_of_day" for deadline in asked_for):  # no bells are needed to know who was in time
        held = ((lesson, at) for lesson, at in held if at.astimezone(moments.zone).date() > lesson.held_on)
    return [lesson for lesson, at in held if deadlines.needs_a_reason(policy, moments.of(page, lesson), at)]


def is_late_now(policy: Policy, moments: Moments, page: JournalPage, lesson: Lesson, now: datetime) -> bool:
    """Say whether the lesson waits to be entered and its term has passed, where that needs a reason."""
    return not lesson.held and deadlines.needs_a_reason(policy, moments.of(page, lesson), now)


def _first_held_at(connection: sa.Connection, page_id: str) -> dict[str, datetime]:
    """Return when each lesson of a page was first said to be held, by lesson id."""
    between = {"first": page_id + ids.SEPARATOR, "last": page_id + chr(ord(ids.SEPARATOR) + 1)}
    found: dict[str, datetime] = {}
    for record, body, at in connection.execute(_HELD, between):
        change = wire.decode(Change, body.encode())
        if record not in found and sets_values(change) and change.set.get("held") is True:
            found[record] = datetime.fromisoformat(at)
    return found


_HELD = (
    sa.select(history.c.record, history.c.body, history.c.at)
    .where(history.c.kind == "Lesson", history.c.record >= sa.bindparam("first"),
           history.c.record < sa.bindparam("last"))
    .where(sa.or_(history.c.outcome.is_(None), history.c.outcome.in_(ACCEPTED)))
    .where(history.c.body.contains('"held":true'))
    .order_by(history.c.seq)
)  # fmt: skip
