"""What the rules need to know, read from the desk's tables on the connection of the edit that they judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from ejournal_core import ids, wire
from ejournal_core import policy as policy_
from ejournal_core.cases import page_of
from ejournal_core.changes import Change, sets_values
from ejournal_core.facts import Waiting
from ejournal_core.kinds import (
    KINDS,
    Attendance,
    BellSlot,
    Enrolment,
    GradingPeriod,
    HomeworkFile,
    JournalPage,
    Mark,
    MarkColumn,
    PeriodClosing,
    PlannedLesson,
    PolicySetting,
    Record,
    RoleGrant,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_core.policy import Policy
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import TABLES, ahead, dispute, history, request

K = TypeVar("K", bound=Record)


class DeskFacts:
    """`ejournal_core.facts.Facts` over the desk's tables; lives as long as one transaction.

    Args:
        connection: reads see what the transaction has written so far.
        now: the moment of entry, aware, in the school's time zone.
        policy: the school's policy when the caller has it at hand, else it is read.
    """

    def __init__(self, connection: sa.Connection, now: datetime, policy: Policy | None = None) -> None:
        self._connection = connection
        self._now = now
        self._policy = policy

    def get(self, kind: type[K], record_id: str) -> K | None:
        """Return one record or None."""
        return next(iter(self._records(kind, id=record_id)), None)

    def policy(self) -> Policy:
        """Return the school's policy."""
        if self._policy is None:
            self._policy = read_policy(self._connection)
        return self._policy

    def roles(self, person_id: str) -> Sequence[RoleGrant]:
        """Return all roles of a person, past ones included."""
        return self._records(RoleGrant, person_id=person_id)

    def loads(self, journal_page_id: str) -> Sequence[TeachingLoad]:
        """Return all teaching loads of a page, past ones included."""
        return self._records(TeachingLoad, journal_page_id=journal_page_id)

    def enrolments(self, pupil_id: str) -> Sequence[Enrolment]:
        """Return all enrolments of a pupil."""
        return self._records(Enrolment, pupil_id=pupil_id)

    def memberships(self, subgroup_id: str, pupil_id: str) -> Sequence[SubgroupMember]:
        """Return the pupil's times in a subgroup."""
        return self._records(SubgroupMember, subgroup_id=subgroup_id, pupil_id=pupil_id)

    def slots(self, journal_page_id: str) -> Sequence[TimetableSlot]:
        """Return the weekly lessons of a page, past ones included."""
        return self._records(TimetableSlot, journal_page_id=journal_page_id)

    def periods(self, school_year_id: str) -> Sequence[GradingPeriod]:
        """Return the grading periods of a year."""
        return self._records(GradingPeriod, school_year_id=school_year_id)

    def closings(self, class_group_id: str) -> Sequence[PeriodClosing]:
        """Return the closed and reopened periods of a class."""
        return self._records(PeriodClosing, class_group_id=class_group_id)

    def attendance(self, lesson_id: str, pupil_id: str) -> Attendance | None:
        """Return the attendance of a pupil at a lesson, None when nobody entered any."""
        return next(iter(self._records(Attendance, lesson_id=lesson_id, pupil_id=pupil_id)), None)

    def homework_files(self, lesson_id: str) -> Sequence[HomeworkFile]:
        """Return the files attached to a lesson."""
        return self._records(HomeworkFile, lesson_id=lesson_id)

    def planned_lessons(self, journal_page_id: str) -> Sequence[PlannedLesson]:
        """Return the rows of a page's lesson plan, in no order."""
        return self._records(PlannedLesson, journal_page_id=journal_page_id)

    def planned_rows(self, journal_page_id: str) -> int:
        """Return how many rows a page's lesson plan has."""
        return self._connection.execute(_PLANNED_ROWS, {"page": journal_page_id}).scalar_one()

    def mark_columns(self, lesson_id: str) -> Sequence[MarkColumn]:
        """Return the columns of marks of a lesson."""
        return self._records(MarkColumn, lesson_id=lesson_id)

    def marks_at(self, lesson_id: str, pupil_id: str) -> Sequence[Mark]:
        """Return the marks of a pupil in all columns of a lesson that have a value."""
        columns = self.mark_columns(lesson_id)
        marks = (mark for column in columns for mark in self._records(Mark, mark_column_id=column.id,
                                                                      pupil_id=pupil_id))  # fmt: skip
        return [mark for mark in marks if mark.value is not None]

    def entries(self, lesson_id: str) -> frozenset[str]:
        """Return the kinds of what is entered at a lesson, its own fields left aside."""
        below = {"low": lesson_id + ids.SEPARATOR, "high": lesson_id + _AFTER_SEPARATOR}
        return frozenset(self._connection.execute(_ENTRIES, below).scalars())

    def first_entered_at(self, kind: str, record_id: str) -> datetime | None:
        """Return when the record first got its value (entry time), None while it has none.

        From the history; for a record known only from a snapshot, when its present value was entered.
        """
        rows = self._connection.execute(_HISTORY_OF, {"k": kind, "r": record_id})
        for body, at in rows:
            change = wire.decode(Change, body.encode())
            if sets_values(change) and change.set.get("value") is not None:
                return datetime.fromisoformat(at)
        table = TABLES[kind]
        row = self._connection.execute(sa.select(table).where(table.c.id == record_id)).mappings().first()
        if row is None or row.get("value") is None or row["entered_at"] is None:
            return None
        return datetime.fromisoformat(row["entered_at"])

    def disputed(self, kind: str, record_id: str) -> Sequence[Change]:
        """Return the changes whose values of the record wait for a decision."""
        bodies = self._connection.execute(_OPEN_DISPUTES, {"k": kind, "r": record_id}).scalars()
        return [wire.decode(Change, body.encode()) for body in bodies]

    def waiting(self, change_id: str) -> Waiting | None:
        """Return a pending change, decided ones included, None when this desk knows of none."""
        row = self._connection.execute(_REQUEST, {"id": change_id}).first()
        return Waiting(wire.decode(Change, row.body.encode()), row.reason, row.decided) if row else None

    def unsettled(self, class_group_id: str) -> Sequence[tuple[str, str]]:
        """Return (kind, id) of what waits for a decision on the pages of a class, as far as this desk knows."""
        pages = {page.id for page in self._records(JournalPage, class_group_id=class_group_id)}
        found = self._connection.execute(_UNSETTLED)
        return [(row.kind, row.record) for row in found if page_of(row.kind, row.record) in pages]

    def is_ahead(self, kind: str, record_id: str) -> bool:
        """Say whether the record holds a change that only a newer version of the program can apply."""
        return self._connection.execute(_AHEAD, {"k": kind, "r": record_id}).first() is not None

    def bells(self) -> Sequence[BellSlot]:
        """Return the bell schedule of the school."""
        return self._records(BellSlot)

    def today(self) -> date:
        """Return the day of entry."""
        return self._now.date()

    def now(self) -> datetime:
        """Return the moment of entry."""
        return self._now

    def _records(self, kind: type[K], **equal: str) -> list[K]:
        return select_records(self._connection, kind, **equal)


#: What entries on a page make or change; everything else stands still as long as one transaction of them lasts.
ENTERED = frozenset({"Lesson", "MarkColumn", "Mark", "Attendance", "PeriodMark", "PageCompletion", "HomeworkFile"})


class RememberingFacts(DeskFacts):
    """Facts for many entries of one page in one transaction: what no entry changes is read once."""

    def __init__(self, connection: sa.Connection, now: datetime, policy: Policy) -> None:
        super().__init__(connection, now, policy)
        self._kept: dict[object, Any] = {}

    def is_ahead(self, kind: str, record_id: str) -> bool:
        """Say whether the record holds a change that only a newer version of the program can apply."""
        if "ahead" not in self._kept:
            rows = self._connection.execute(sa.select(ahead.c.kind, ahead.c.record))
            self._kept["ahead"] = {(row.kind, row.record) for row in rows}
        return (kind, record_id) in self._kept["ahead"]

    def _records(self, kind: type[K], **equal: str) -> list[K]:
        if kind.__name__ in ENTERED:
            return super()._records(kind, **equal)
        key = (kind, *equal.items())
        if key not in self._kept:
            self._kept[key] = super()._records(kind, **equal)
        found: list[K] = self._kept[key]
        return found


def read_policy(connection: sa.Connection) -> Policy:
    """Return the school's policy from its settings."""
    return policy_.from_records(select_records(connection, PolicySetting))


def select_records(connection: sa.Connection, kind: type[K], **equal: str) -> list[K]:
    """Return the records of a kind whose fields equal the given values, voided ones left out."""
    names = kind.__struct_fields__
    rows = connection.execute(_selection(kind.__name__, tuple(equal)), equal)
    return [msgspec.convert(dict(zip(names, row, strict=True)), kind) for row in rows]


def select_any(connection: sa.Connection, kind: type[K], field: str, values: Iterable[str]) -> list[K]:
    """Return the records of a kind whose field has one of the values, in one query."""
    rows = connection.execute(_selection_any(kind.__name__, field), {"values": list(values)})
    return [msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=True)), kind) for row in rows]


@cache
def _selection_any(kind: str, field: str) -> sa.Select[Any]:
    return _selection(kind, ()).where(TABLES[kind].c[field].in_(sa.bindparam("values", expanding=True)))


@cache
def _selection(kind: str, names: tuple[str, ...]) -> sa.Select[Any]:
    table = TABLES[kind]
    columns = [table.c[name] for name in KINDS[kind].__struct_fields__]
    conditions = [table.c[name] == sa.bindparam(name) for name in names]
    return sa.select(*columns).where(table.c.voided.is_(False), *conditions)


_PLANNED = TABLES["PlannedLesson"]
_PLANNED_ROWS = (
    sa.select(sa.func.count())
    .select_from(_PLANNED)
    .where(_PLANNED.c.journal_page_id == sa.bindparam("page"), _PLANNED.c.voided.is_(False))
)


def _stands(kind: str, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Select the kind's name if a record of it stands below the lesson; their ids lie side by side."""
    columns = TABLES[kind].c
    below = (columns.id > sa.bindparam("low"), columns.id < sa.bindparam("high"), columns.voided.is_(False))
    return sa.select(sa.literal(kind)).where(sa.exists().where(*below, *conditions))


_AFTER_SEPARATOR = chr(ord(ids.SEPARATOR) + 1)
_ENTRIES = sa.union_all(
    _stands("Mark", TABLES["Mark"].c.value.is_not(None)),
    _stands("Attendance", TABLES["Attendance"].c.presence != "present"),
    _stands("PupilRemark"),
    _stands("HomeworkFile"),
)
_OPEN_DISPUTES = (
    sa.select(history.c.body)
    .join(dispute, dispute.c.change_id == history.c.change_id)
    .where(dispute.c.kind == sa.bindparam("k"), dispute.c.record == sa.bindparam("r"), dispute.c.resolved_by.is_(None))
)
_REQUEST = (
    sa.select(history.c.body, request.c.reason, request.c.decided)
    .join(request, request.c.change_id == history.c.change_id)
    .where(request.c.change_id == sa.bindparam("id"))
)
_UNSETTLED = sa.union(
    sa.select(dispute.c.kind, dispute.c.record).where(dispute.c.resolved_by.is_(None)),
    sa.select(request.c.kind, request.c.record).where(request.c.decided_by.is_(None)),
)
_AHEAD = sa.select(ahead).where(ahead.c.kind == sa.bindparam("k"), ahead.c.record == sa.bindparam("r"))
_HISTORY_OF = (
    sa.select(history.c.body, history.c.at)
    .where(history.c.kind == sa.bindparam("k"), history.c.record == sa.bindparam("r"))
    .where(sa.or_(history.c.outcome.is_(None), history.c.outcome.in_(ACCEPTED)))
    .order_by(history.c.seq)
)
