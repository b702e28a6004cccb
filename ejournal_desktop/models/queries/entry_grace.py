"""Typing is not correcting (P61): whether a value was changed by who had first entered it, and within the grace."""

from __future__ import annotations

from datetime import datetime, tzinfo

import sqlalchemy as sa

from ejournal_core import cases, deadlines, ids, wire
from ejournal_core.changes import Change, entered_by, sets_values
from ejournal_core.kinds import JournalPage, Lesson, WorkKind
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.queries.school_days import Moments
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import history

#: The kinds that hold a value with a grace.
MARKS = frozenset({"Mark", "PeriodMark"})


class EntryGrace:
    """Judges changes of marks by the history that this desk holds.

    Args:
        around: one consistent view of the file.
        policy: of the school.
        zone: the school's time zone.
    """

    def __init__(self, around: Surroundings, policy: Policy, zone: tzinfo | None) -> None:
        self._around, self._policy = around, policy
        self._moments = Moments(around, policy, zone)

    def covers(self, change: Change) -> bool:
        """Say whether a change is its author's own typing; of a mark whose first entry is not here nobody is sure."""
        first = self._first(change) if change.kind in MARKS else None
        if first is None or entered_by(first) != entered_by(change):
            return False
        entered, changed = datetime.fromisoformat(first.at), datetime.fromisoformat(change.at)
        if changed <= deadlines.grace_ends_at(self._policy, entered, entered):
            return True
        return self._policy.entry_grace.until_deadline and changed <= self._due_at(first, entered)

    def _first(self, change: Change) -> Change | None:
        """Return the change by which the record got its first value, None where the history begins later."""
        bodies = self._around.connection.execute(_LINES, {"kind": change.kind, "record": change.record}).scalars()
        for body in bodies:
            line = wire.decode(Change, body.encode())
            if sets_values(line) and line.set.get("value") is not None:
                return line if line.was.get("value") is None else None
        return None

    def _due_at(self, first: Change, entered: datetime) -> datetime:
        """Return until when the first entry is in time (P04, P05); a mark for a period has the day it was entered."""
        page = self._around.pages.get(cases.page_of(first.kind, first.record) or "")
        if page is None:
            return entered
        if first.kind == "PeriodMark":
            return self._moments.end_of(entered.astimezone(self._moments.zone).date())
        return self._mark_due_at(page, ids.mark_parts(first.record)[0])

    def _mark_due_at(self, page: JournalPage, column_id: str) -> datetime:
        lesson_id, kind_id, _ordinal = ids.mark_column_parts(column_id)
        _page, day, number = ids.lesson_parts(lesson_id)
        planned = Lesson(id=lesson_id, journal_page_id=page.id, held_on=day, lesson_number=number)
        lesson = next(iter(select_records(self._around.connection, Lesson, id=lesson_id)), planned)
        work: WorkKind | None = self._around.work_kinds.get(kind_id)
        return self._moments.mark_due_at(page, lesson, written=work is not None and work.written)


_LINES = (
    sa.select(history.c.body)
    .where(
        history.c.kind == sa.bindparam("kind"),
        history.c.record == sa.bindparam("record"),
        history.c.outcome.is_(None) | history.c.outcome.in_(ACCEPTED),
    )
    .order_by(history.c.log_number.asc().nulls_last(), history.c.seq)
)
