"""Which absences count, and which lessons: every screen asks here, so that no two of them tell different numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import absences, calendar
from ejournal_core.kinds import Presence
from ejournal_core.policy import Policy
from ejournal_desktop.models.queries.cells import Absences
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES

LESSON_MINUTES = 40  # where the bells do not say


class Counted(Struct, frozen=True):
    """What becomes of an entry of attendance.

    Attributes:
        letter: as painted, "" for who was there.
        code: of the school in capitals, "" where it has none for this.
        known: what the register says of the lesson, "" for nothing.
        missed: it counts as a missed lesson (P17, P58).
        excused: for a valid reason.
    """

    letter: str
    code: str
    known: str
    missed: bool
    excused: bool


class Counting:
    """Judges the absences of some pupils; bells and register are read once."""

    def __init__(self, around: Surroundings, policy: Policy, pupil_ids: list[str]) -> None:
        self.absences = Absences(around, pupil_ids)
        self._policy = policy
        self._codes = {code.code.lower(): code for code in policy.absence_codes}
        self._bells = tuple(around.bells.values())
        self._minutes: dict[tuple[date, int], int] = {}

    def of(
        self, presence: Presence, reason: str, late_minutes: int | None, pupil_id: str, day: date, number: int
    ) -> Counted:
        """Return how an entry counts; an absence without a reason counts by what the register knows, else as Н."""
        known = self.absences.known(pupil_id, day, number)
        letter = self.absences.letter(presence, reason, pupil_id, day, number)
        code = self._codes.get(letter)
        name = code.code if code is not None else ""
        missed = absences.is_missed(self._policy, presence, name, late_minutes, self.minutes(day, number))
        return Counted(letter, name, known.reason if known else "", missed, code is not None and code.excused)

    def minutes(self, day: date, number: int) -> int:
        """Return how long a lesson is; on a shortened day it may be shorter than on others."""
        key = (day, number)
        if key not in self._minutes:
            times = calendar.lesson_times(self._bells, day, number)
            starts, ends = (datetime.combine(day, each) for each in times) if times else (None, None)
            self._minutes[key] = (ends - starts).seconds // 60 if starts and ends else LESSON_MINUTES
        return self._minutes[key]


def given_lessons(connection: sa.Connection, page_ids: Sequence[str], first: date, last: date) -> frozenset[str]:
    """Return the lessons that were given between two days: those held, and those of which anything was entered."""
    asked = {"pages": list(page_ids), "first": first.isoformat(), "last": last.isoformat()}
    return frozenset(connection.execute(_GIVEN, asked).scalars())


_LESSON, _COLUMN, _MARK, _AWAY = (TABLES[kind].c for kind in ("Lesson", "MarkColumn", "Mark", "Attendance"))
_IN_TIME = sa.and_(
    _LESSON.journal_page_id.in_(sa.bindparam("pages", expanding=True)),
    _LESSON.held_on.between(sa.bindparam("first"), sa.bindparam("last")),
    _LESSON.voided.is_(False),
)
_GIVEN = sa.union(
    sa.select(_LESSON.id).where(_IN_TIME, _LESSON.held.is_(True)),
    sa.select(_LESSON.id)
    .join(TABLES["Attendance"], _AWAY.lesson_id == _LESSON.id)
    .where(_IN_TIME, _AWAY.voided.is_(False)),
    sa.select(_LESSON.id)
    .join(TABLES["MarkColumn"], _COLUMN.lesson_id == _LESSON.id)
    .join(TABLES["Mark"], _MARK.mark_column_id == _COLUMN.id)
    .where(_IN_TIME, _COLUMN.voided.is_(False), _MARK.voided.is_(False), _MARK.value.is_not(None)),
)
