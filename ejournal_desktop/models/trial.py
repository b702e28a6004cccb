"""Edits judged as if they were made, one after the other, and never made: what a paste would do before it does it."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.kinds import KINDS, Attendance, Mark, MarkColumn, Record, from_fields
from ejournal_core.policy import Policy
from ejournal_desktop.models import records
from ejournal_desktop.models.facts import RememberingFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.records import Stand
from ejournal_desktop.models.write import Write

K = TypeVar("K", bound=Record)


class _TrialFacts(RememberingFacts):
    """The same with what has been tried so far on top."""

    def __init__(self, connection: sa.Connection, now: datetime, policy: Policy) -> None:
        super().__init__(connection, now, policy)
        self._tried: dict[tuple[type[Record], str], Record] = {}

    def learn(self, change: Change, after: Stand) -> None:
        """Answer from now on as if the change had been made."""
        kind = KINDS[change.kind]
        self._tried[kind, change.record] = from_fields(kind, change.record, after.fields or {})

    def get(self, kind: type[K], record_id: str) -> K | None:
        """Return one record or None."""
        tried = self._tried.get((kind, record_id))
        return tried if isinstance(tried, kind) else super().get(kind, record_id)

    def attendance(self, lesson_id: str, pupil_id: str) -> Attendance | None:
        """Return the attendance of a pupil at a lesson, None when there is none."""
        return self.get(Attendance, ids.attendance(lesson_id, pupil_id))

    def marks_at(self, lesson_id: str, pupil_id: str) -> list[Mark]:
        """Return the marks of a pupil in all columns of a lesson that have a value."""
        columns = {column.id for column in self._records(MarkColumn, lesson_id=lesson_id)}
        columns |= {r.id for r in self._tried.values() if isinstance(r, MarkColumn) and r.lesson_id == lesson_id}
        found = (self.get(Mark, ids.mark(column, pupil_id)) for column in sorted(columns))
        return [mark for mark in found if mark is not None and mark.value is not None]


class Trial(Write):
    """A write that stores nothing: each edit meets the rules as if the ones before it had been made.

    Args:
        connection: only read.
    """

    def __init__(self, journal: Journal, connection: sa.Connection) -> None:
        super().__init__(journal, connection, journal.policy())
        self._so_far = _TrialFacts(connection, self._now, journal.policy())
        self.facts = self._so_far
        self._stands: dict[tuple[str, str], Stand] = {}

    def _stand(self, kind: str, record_id: str) -> Stand:
        return self._stands.get((kind, record_id)) or super()._stand(kind, record_id)

    def _store(self, change: Change, stand: Stand) -> None:
        after = records.replay(stand, [change])
        self._stands[change.kind, change.record] = after
        self._so_far.learn(change, after)
        self._changes.append(change)
