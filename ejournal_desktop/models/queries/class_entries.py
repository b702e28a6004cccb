"""What was entered for a whole class between two days, on all its pages at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core.cases import page_of
from ejournal_core.kinds import ClassGroup, JournalPage, Presence, SubgroupMember
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_any
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.counting import Counting, given_lessons
from ejournal_desktop.models.queries.surroundings import Surroundings, common
from ejournal_desktop.models.tables import TABLES, dispute

#: A pupil on a page: (page id, pupil id).
Place = tuple[str, str]


class Missed(Struct, frozen=True):
    """A lesson at which a pupil was not there all the time.

    Attributes:
        missed: it counts as missed (P17, P58); a late arrival may.
        reason: code of the school in capitals, "" where nobody knows it.
        excused: for a valid reason.
    """

    lesson_id: str
    page_id: str
    pupil_id: str
    held_on: date
    lesson_number: int
    presence: Presence
    minutes: int | None
    missed: bool
    reason: str
    excused: bool

    @property
    def late(self) -> bool:
        """Say whether the pupil came late."""
        return self.presence == "late"


class Stay(Struct, frozen=True):
    """A pupil's time on a page, both days inclusive; an open one has no last day."""

    page: JournalPage
    since: date
    until: date | None

    def touches(self, first: date, last: date) -> bool:
        """Say whether it has a day between two days."""
        return self.since <= last and (self.until is None or self.until >= first)


class ClassEntries:
    """Reads the entries of one class between two days, both inclusive; each kind at most once.

    Args:
        pupils: whose entries are wanted; pages of groups drawn from several classes hold those of others too.
    """

    def __init__(
        self, around: Surroundings, group: ClassGroup, pupils: Sequence[PupilRow], first: date, last: date
    ) -> None:
        self.around = around
        self.group = group
        self.first, self.last = first, last
        self.pupils = {pupil.pupil_id: pupil for pupil in pupils}
        self.stays = self._stays()
        self.pages = {stay.page.id: stay.page for stays in self.stays.values() for stay in stays}

    def _stays(self) -> dict[str, list[Stay]]:
        """Return the pages that each pupil was on between the days, of class and groups, in order of time."""
        pages = self.around.pages.values()
        seen = [page for page in pages if self._is_of_the_year(page) and self.around.may_see(page)]
        whole = [page for page in seen if page.class_group_id == self.group.id and not page.subgroup_id]
        of_group: dict[str, list[JournalPage]] = {}
        for page in seen:
            of_group.setdefault(page.subgroup_id or "", []).append(page)
        found = {pupil.pupil_id: [Stay(page, *time) for page in whole for time in pupil.times]
                 for pupil in self.pupils.values()}  # fmt: skip
        for member in select_any(self.around.connection, SubgroupMember, "pupil_id", self.pupils):
            times = common([(member.since, member.until)], self.pupils[member.pupil_id].times)
            found[member.pupil_id] += [Stay(page, *time) for page in of_group.get(member.subgroup_id, ())
                                       for time in times]  # fmt: skip
        for stays in found.values():
            stays.sort(key=lambda stay: stay.since)
        return {pupil: [stay for stay in stays if stay.touches(self.first, self.last)]
                for pupil, stays in found.items()}  # fmt: skip

    def _is_of_the_year(self, page: JournalPage) -> bool:
        other = self.around.class_groups.get(page.class_group_id)
        return other is not None and other.school_year_id == self.group.school_year_id

    def by_subject(self, pupil_id: str) -> dict[str, list[str]]:
        """Return the pages of each subject that a pupil was on; that of the last group comes last, be it a return."""
        found: dict[str, dict[str, None]] = {}
        for stay in self.stays[pupil_id]:
            pages = found.setdefault(stay.page.subject_id, {})
            pages.pop(stay.page.id, None)
            pages[stay.page.id] = None
        return {subject: list(pages) for subject, pages in found.items()}

    def marks(self) -> dict[Place, list[Any]]:
        """Return the marks by place in order of lessons: rows with lesson_id, held_on, value, weight, work_kind_id."""
        found: dict[Place, list[Any]] = {}
        for row in self.around.connection.execute(_MARKS, self._asked()):
            if row.pupil_id in self.pupils:
                found.setdefault((row.journal_page_id, row.pupil_id), []).append(row)
        return found

    def period_marks(self) -> list[Any]:
        """Return all period marks of the pages: rows with journal_page_id, pupil_id, period_kind, number and value."""
        asked = {"pages": list(self.pages)}
        return [row for row in self.around.connection.execute(_PERIOD_MARKS, asked) if row.pupil_id in self.pupils]

    def lessons(self) -> list[Any]:
        """Return the lessons in order of time: rows with id, journal_page_id, held_on, lesson_number, topic, held."""
        return list(self.around.connection.execute(_LESSONS, self._asked()))

    def missed(self, policy: Policy) -> list[Missed]:
        """Return who was away or late on days on which he or she was on the list, in order of time."""
        counting = Counting(self.around, policy, list(self.pupils))
        found = []
        for row in self.around.connection.execute(_ABSENCES, self._asked()):
            day = date.fromisoformat(row.held_on)
            if not self.is_listed(row.pupil_id, row.journal_page_id, day):
                continue
            told = counting.of(row.presence, row.reason, row.late_minutes, row.pupil_id, day, row.lesson_number)
            found.append(
                Missed(
                    row.lesson_id, row.journal_page_id, row.pupil_id, day, row.lesson_number, row.presence,
                    row.late_minutes, told.missed, told.code, told.excused,
                )
            )  # fmt: skip
        return found

    def is_listed(self, pupil_id: str, page_id: str, day: date) -> bool:
        """Say whether a pupil of the class is on the list of a page on a day."""
        stays = self.stays.get(pupil_id, ())
        return any(stay.page.id == page_id and stay.touches(day, day) for stay in stays)

    def given(self) -> frozenset[str]:
        """Return the ids of the lessons that were given: held, or with anything entered of them."""
        return given_lessons(self.around.connection, list(self.pages), self.first, self.last)

    def disputed(self) -> frozenset[Place]:
        """Return the places whose marks two people dispute."""
        rows = self.around.connection.execute(_DISPUTED).all()
        places = ((page_of(row.kind, row.record), _pupil_of(row.kind, row.record)) for row in rows)
        return frozenset((page, pupil) for page, pupil in places if page in self.pages and pupil in self.pupils)

    def _asked(self) -> Mapping[str, Any]:
        return {"pages": list(self.pages), "first": self.first.isoformat(), "last": self.last.isoformat()}


def _pupil_of(kind: str, record: str) -> str:
    return record.rsplit(".", 3)[1] if kind == "PeriodMark" else record.rsplit(".", 1)[1]


def by_place(entries: Iterable[Missed], places: Collection[Place] | None = None) -> dict[Place, list[Missed]]:
    """Return absences and late arrivals by place."""
    found: dict[Place, list[Missed]] = {}
    for entry in entries:
        place = (entry.page_id, entry.pupil_id)
        if places is None or place in places:
            found.setdefault(place, []).append(entry)
    return found


_LESSON, _COLUMN, _MARK = TABLES["Lesson"], TABLES["MarkColumn"], TABLES["Mark"]
_ATTENDANCE, _PERIOD_MARK = TABLES["Attendance"], TABLES["PeriodMark"]


def _of_pages(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.journal_page_id.in_(sa.bindparam("pages", expanding=True))


_IN_TIME = sa.and_(
    _of_pages(_LESSON),
    _LESSON.c.held_on.between(sa.bindparam("first"), sa.bindparam("last")),
    _LESSON.c.voided.is_(False),
)
_IN_ORDER = (_LESSON.c.held_on, _LESSON.c.lesson_number, _LESSON.c.id)
_LESSONS = (
    sa.select(
        _LESSON.c.id, _LESSON.c.journal_page_id, _LESSON.c.held_on, _LESSON.c.lesson_number, _LESSON.c.topic,
        _LESSON.c.held,
    )
    .where(_IN_TIME)
    .order_by(*_IN_ORDER)
)  # fmt: skip
_MARKS = (
    sa.select(
        _LESSON.c.journal_page_id, _LESSON.c.id.label("lesson_id"), _LESSON.c.held_on, _COLUMN.c.weight,
        _COLUMN.c.work_kind_id, _MARK.c.pupil_id, _MARK.c.value, _MARK.c.document,
    )
    .join(_COLUMN, _COLUMN.c.lesson_id == _LESSON.c.id)
    .join(_MARK, _MARK.c.mark_column_id == _COLUMN.c.id)
    .where(_IN_TIME, _COLUMN.c.voided.is_(False), _MARK.c.voided.is_(False), _MARK.c.value.is_not(None))
    .order_by(*_IN_ORDER, _COLUMN.c.id)
)  # fmt: skip
_ABSENCES = (
    sa.select(
        _LESSON.c.journal_page_id, _LESSON.c.id.label("lesson_id"), _LESSON.c.held_on, _LESSON.c.lesson_number,
        _ATTENDANCE.c.pupil_id, _ATTENDANCE.c.presence, _ATTENDANCE.c.late_minutes, _ATTENDANCE.c.reason,
    )
    .join(_ATTENDANCE, _ATTENDANCE.c.lesson_id == _LESSON.c.id)
    .where(_IN_TIME, _ATTENDANCE.c.voided.is_(False), _ATTENDANCE.c.presence != "present")
    .order_by(*_IN_ORDER)
)  # fmt: skip
_PERIOD_MARKS = sa.select(
    _PERIOD_MARK.c.journal_page_id, _PERIOD_MARK.c.pupil_id, _PERIOD_MARK.c.period_kind,
    _PERIOD_MARK.c.period_number, _PERIOD_MARK.c.value, _PERIOD_MARK.c.document,
).where(_of_pages(_PERIOD_MARK), _PERIOD_MARK.c.voided.is_(False), _PERIOD_MARK.c.value.is_not(None))  # fmt: skip
_DISPUTED = sa.select(dispute.c.kind, dispute.c.record).where(
    dispute.c.resolved_by.is_(None), dispute.c.kind.in_(("Mark", "PeriodMark"))
)
