"""The rules' reading interface over plain records in memory: the third implementation beside desk and server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import TypeVar

from ejournal_core.cases import page_of
from ejournal_core.changes import Change
from ejournal_core.facts import Waiting
from ejournal_core.kinds import (
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
    PupilRemark,
    Record,
    RoleGrant,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_core.policy import Policy

K = TypeVar("K", bound=Record)
AT_A_LESSON = (Mark, Attendance, PupilRemark, HomeworkFile)
MOSCOW = timezone(timedelta(hours=3))


class PlainFacts:
    """Facts over a list of records; the last record with an id counts."""

    def __init__(self, records: Iterable[Record], now: datetime, policy: Policy | None = None) -> None:
        self.records = {(type(record), record.id): record for record in records}
        self.moment = now
        self.school_policy = policy or Policy.default()
        self.entered: dict[tuple[str, str], datetime] = {}
        self.disputes: dict[tuple[str, str], Sequence[Change]] = {}
        self.pending: dict[str, Waiting] = {}
        self.ahead: set[tuple[str, str]] = set()

    def put(self, *records: Record) -> None:
        """Add or replace records."""
        self.records.update({(type(record), record.id): record for record in records})

    def get(self, kind: type[K], record_id: str) -> K | None:
        found = self.records.get((kind, record_id))
        return found if isinstance(found, kind) and not found.voided else None

    def _all(self, kind: type[K], **equal: str) -> list[K]:
        return [
            record
            for record in self.records.values()
            if isinstance(record, kind)
            and not record.voided
            and all(getattr(record, name) == value for name, value in equal.items())
        ]

    def policy(self) -> Policy:
        return self.school_policy

    def roles(self, person_id: str) -> Sequence[RoleGrant]:
        return self._all(RoleGrant, person_id=person_id)

    def loads(self, journal_page_id: str) -> Sequence[TeachingLoad]:
        return self._all(TeachingLoad, journal_page_id=journal_page_id)

    def enrolments(self, pupil_id: str) -> Sequence[Enrolment]:
        return self._all(Enrolment, pupil_id=pupil_id)

    def memberships(self, subgroup_id: str, pupil_id: str) -> Sequence[SubgroupMember]:
        return self._all(SubgroupMember, subgroup_id=subgroup_id, pupil_id=pupil_id)

    def slots(self, journal_page_id: str) -> Sequence[TimetableSlot]:
        return self._all(TimetableSlot, journal_page_id=journal_page_id)

    def periods(self, school_year_id: str) -> Sequence[GradingPeriod]:
        return self._all(GradingPeriod, school_year_id=school_year_id)

    def closings(self, class_group_id: str) -> Sequence[PeriodClosing]:
        return self._all(PeriodClosing, class_group_id=class_group_id)

    def attendance(self, lesson_id: str, pupil_id: str) -> Attendance | None:
        return next(iter(self._all(Attendance, lesson_id=lesson_id, pupil_id=pupil_id)), None)

    def mark_columns(self, lesson_id: str) -> Sequence[MarkColumn]:
        return self._all(MarkColumn, lesson_id=lesson_id)

    def homework_files(self, lesson_id: str) -> Sequence[HomeworkFile]:
        return self._all(HomeworkFile, lesson_id=lesson_id)

    def planned_lessons(self, journal_page_id: str) -> Sequence[PlannedLesson]:
        return self._all(PlannedLesson, journal_page_id=journal_page_id)

    def planned_rows(self, journal_page_id: str) -> int:
        return len(self.planned_lessons(journal_page_id))

    def marks_at(self, lesson_id: str, pupil_id: str) -> Sequence[Mark]:
        columns = {column.id for column in self._all(MarkColumn, lesson_id=lesson_id)}
        marks = self._all(Mark, pupil_id=pupil_id)
        return [mark for mark in marks if mark.mark_column_id in columns and mark.value is not None]

    def entries(self, lesson_id: str) -> frozenset[str]:
        standing = [each for (_, record), each in self.records.items() if record.startswith(f"{lesson_id}.")]
        plain = {"value": None, "presence": "present"}
        entered = [each for each in standing if not each.voided and isinstance(each, AT_A_LESSON)
                   and not any(getattr(each, name, plain) == value for name, value in plain.items())]  # fmt: skip
        return frozenset(type(each).__name__ for each in entered)

    def first_entered_at(self, kind: str, record_id: str) -> datetime | None:
        return self.entered.get((kind, record_id))

    def disputed(self, kind: str, record_id: str) -> Sequence[Change]:
        return self.disputes.get((kind, record_id), ())

    def waiting(self, change_id: str) -> Waiting | None:
        return self.pending.get(change_id)

    def unsettled(self, class_group_id: str) -> Sequence[tuple[str, str]]:
        open_ = [(w.change.kind, w.change.record) for w in self.pending.values() if not w.decided]
        found = [*self.disputes, *open_]
        pages = {page.id: page.class_group_id for page in self._all(JournalPage)}
        return [(kind, record) for kind, record in found if pages.get(page_of(kind, record) or "") == class_group_id]

    def is_ahead(self, kind: str, record_id: str) -> bool:
        return (kind, record_id) in self.ahead

    def bells(self) -> Sequence[BellSlot]:
        return self._all(BellSlot)

    def today(self) -> date:
        return self.moment.date()

    def now(self) -> datetime:
        return self.moment
