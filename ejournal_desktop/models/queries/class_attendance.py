"""Посещаемость of a class over some days: its register, what teachers entered, and how both add up by pupil and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import absences
from ejournal_core.kinds import AbsenceDocument, Presence, RegisteredAbsence
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import Delivery, PupilRow
from ejournal_desktop.models.queries.cells import as_saved
from ejournal_desktop.models.queries.class_entries import ClassEntries
from ejournal_desktop.models.queries.counting import Counting
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES, dispute, held_back, outbox


class RegisterEntry(Struct, frozen=True, kw_only=True):
    """An entry of the register as it is shown.

    Attributes:
        entry: the record.
        name: «Фамилия Имя».
        reason_title: what the code means in this school.
        lessons: «уроки 1–3», "" for whole days.
        number, told_by: of the paper behind it, for whoever may see that.
        author: short name of who entered it.
        delivery: its way to the server.
    """

    entry: RegisteredAbsence
    name: str
    reason_title: str
    lessons: str = ""
    number: str = ""
    told_by: str = ""
    author: str = ""
    delivery: Delivery = "delivered"


class LessonPlace(Struct, frozen=True):
    """A lesson of the class that has been given: where it is and who should have been there."""

    lesson_id: str
    day: date
    number: int
    subject: str
    minutes: int
    teacher_id: str | None
    page_id: str
    held: bool


class MissedLesson(Struct, frozen=True):
    """What a teacher entered of one pupil at one lesson, other than «был».

    Attributes:
        record_id: of the attendance.
        reason: code that stands in it, "" while unknown; `known`: what the register says of that lesson.
        letter: as painted; `missed`: counts as a missed lesson (P17, P58).
    """

    record_id: str
    lesson: LessonPlace
    pupil_id: str
    presence: Presence
    late_minutes: int | None
    reason: str
    known: str
    letter: str
    missed: bool


class PupilDay(Struct, frozen=True):
    """One pupil's day: lessons that were given, and what was entered of them.

    `known` is the code of the register for that day, `is_missed` says that the whole day counts as missed (P50).
    """

    pupil_id: str
    day: date
    lessons: tuple[LessonPlace, ...] = ()
    marked: tuple[MissedLesson, ...] = ()
    known: str = ""
    is_missed: bool = False

    @property
    def missed(self) -> int:
        """Return how many lessons count as missed."""
        return sum(each.missed for each in self.marked)

    @property
    def late(self) -> tuple[MissedLesson, ...]:
        """Return the late arrivals."""
        return tuple(each for each in self.marked if each.presence == "late")

    @property
    def unexplained(self) -> tuple[MissedLesson, ...]:
        """Return the absences of which nobody knows the reason."""
        return tuple(each for each in self.marked if each.presence == "absent" and not (each.reason or each.known))

    @property
    def letter(self) -> str:
        """Return the letter that stands for the day: of the absences that no reason explains first."""
        away = [each.letter for each in self.marked if each.presence == "absent"]
        late = [each.letter for each in self.marked if each.presence == "late"]
        return "н" if "н" in away else (away or [self.known.lower()] if self.known or away else late or [""])[0]


class ClassAttendance(Struct, frozen=True):
    """Attendance of one class between two days, both inclusive.

    Attributes:
        days: study days, in order.
        pupils: on the list at any time of these days.
        cells: by (pupil id, day); days on which nothing was entered and nothing is known are absent from it.
        entries: of the register that touch these days, in order of names and days.
        read_only: why this person only looks, "" for the class teacher.
    """

    class_group_id: str
    title: str
    first: date
    last: date
    today: date
    days: tuple[date, ...]
    pupils: tuple[PupilRow, ...]
    cells: dict[tuple[str, date], PupilDay]
    entries: tuple[RegisterEntry, ...]
    read_only: str = ""

    def cell(self, pupil_id: str, day: date) -> PupilDay:
        """Return a pupil's day."""
        return self.cells.get((pupil_id, day), PupilDay(pupil_id, day))


def class_attendance(journal: Journal, class_group_id: str, first: date, last: date) -> ClassAttendance:
    """Return the attendance of a class between two days."""
    now, policy = journal.clock(), journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, now.date())
        return AttendanceBuilder(around, policy, class_group_id, first, last).build()


def study_day(journal: Journal, class_group_id: str, day: date, step: int = 0) -> date:
    """Return the next (1) or previous (-1) study day of a class; with 0 this day, or the last study day before it.

    Where the year has none in that direction, the day itself.
    """
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        study = around.calendar_of(around.class_groups[class_group_id])
    if step > 0:
        return next(study.study_days(day + timedelta(days=1), study.year.ends_on), day)
    before = list(study.study_days(study.year.starts_on, day if step == 0 else day - timedelta(days=1)))
    return before[-1] if before else day


class AttendanceBuilder:
    """Builds the attendance of a class from one consistent view of the file."""

    def __init__(self, around: Surroundings, policy: Policy, class_group_id: str, first: date, last: date) -> None:
        self.around, self.policy = around, policy
        self.group = around.class_groups[class_group_id]
        self.first, self.last = first, last
        self.calendar = around.calendar_of(self.group)
        listed = around.class_list(class_group_id)
        self.pupils = tuple(p for p in listed if p.since <= last and (p.until is None or p.until >= first))
        self.counting = Counting(around, policy, [pupil.pupil_id for pupil in listed])
        self.entries = ClassEntries(around, self.group, self.pupils, first, last)
        self.pages = tuple(self.entries.pages)
        self.lessons = self._lessons()

    def build(self) -> ClassAttendance:
        """Return the attendance."""
        return ClassAttendance(
            class_group_id=self.group.id, title=self.group.title, first=self.first, last=self.last,
            today=self.around.day, days=tuple(self.calendar.study_days(self.first, self.last)), pupils=self.pupils,
            cells=self._cells(), entries=self._entries(), read_only=self._read_only(),
        )  # fmt: skip

    def _read_only(self) -> str:
        teacher = self.around.holder_of("class_teacher", self.group.id)
        mine = any(grant.role == "class_teacher" and grant.class_group_id == self.group.id
                   and grant.since <= self.around.day and (grant.until is None or self.around.day <= grant.until)
                   for grant in self.around.grants)  # fmt: skip
        if mine:
            return ""
        return (
            f"Реестр ведёт классный руководитель ({teacher}): здесь можно только смотреть."
            if teacher
            else ("Классного руководителя у класса нет: здесь можно только смотреть.")
        )

    # --- lessons and what was entered of them ------------------------------------------------------------------------

    def _lessons(self) -> dict[str, LessonPlace]:
        between = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        rows = self.around.connection.execute(_LESSONS, {**between, "pages": list(self.pages)})
        return {row.id: self._place(row) for row in rows}

    def _place(self, row: Any) -> LessonPlace:
        day = date.fromisoformat(row.held_on)
        subject = self.around.subjects.get(self.around.pages[row.journal_page_id].subject_id)
        return LessonPlace(
            row.id, day, row.lesson_number, subject.title if subject else "",
            self.counting.minutes(day, row.lesson_number), row.teacher_id, row.journal_page_id, bool(row.held),
        )  # fmt: skip

    def _cells(self) -> dict[tuple[str, date], PupilDay]:
        marked, attended = self._marked(), self._attended()
        known = {(pupil.pupil_id, day): found.reason for pupil in self.pupils
                 for day in self.calendar.study_days(max(self.first, pupil.since), self.last)
                 if (found := self.counting.absences.known(pupil.pupil_id, day)) is not None}  # fmt: skip
        return {key: self._day(key, attended.get(key, ()), marked.get(key, ()), known.get(key, ""))
                for key in attended.keys() | marked.keys() | known.keys()}  # fmt: skip

    def _day(
        self, key: tuple[str, date], lessons: Iterable[LessonPlace], marked: Iterable[MissedLesson], known: str
    ) -> PupilDay:
        in_order = tuple(sorted(lessons, key=lambda place: (place.number, place.lesson_id)))
        missed = tuple(sorted(marked, key=lambda each: (each.lesson.number, each.lesson.lesson_id)))
        number = sum(each.missed for each in missed)
        is_missed = absences.is_missed_day(self.policy.missed_day_rule, number, len(in_order))
        return PupilDay(*key, in_order, missed, known, is_missed)

    def _attended(self) -> dict[tuple[str, date], list[LessonPlace]]:
        """Return the lessons that were given, by pupil and day."""
        found: dict[tuple[str, date], list[LessonPlace]] = defaultdict(list)
        of_page: dict[str, list[LessonPlace]] = defaultdict(list)
        given = self.entries.given()
        for place in self.lessons.values():
            if place.lesson_id in given:
                of_page[place.page_id].append(place)
        for pupil_id, stays in self.entries.stays.items():
            for stay in stays:
                for place in of_page.get(stay.page.id, ()):
                    if stay.touches(place.day, place.day):
                        found[pupil_id, place.day].append(place)
        return found

    def _marked(self) -> dict[tuple[str, date], list[MissedLesson]]:
        found: dict[tuple[str, date], list[MissedLesson]] = defaultdict(list)
        between = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        rows = self.around.connection.execute(_AWAY, {**between, "pages": list(self.pages)})
        for row in rows:
            each = self._missed(row)
            if self.entries.is_listed(row.pupil_id, each.lesson.page_id, each.lesson.day):
                found[row.pupil_id, each.lesson.day].append(each)
        return found

    def _missed(self, row: Any) -> MissedLesson:
        place = self.lessons[row.lesson_id]
        told = self.counting.of(row.presence, row.reason, row.late_minutes, row.pupil_id, place.day, place.number)
        return MissedLesson(
            row.id, place, row.pupil_id, row.presence, row.late_minutes, row.reason, told.known, told.letter,
            told.missed,
        )  # fmt: skip

    # --- the register ------------------------------------------------------------------------------------------------

    def _entries(self) -> tuple[RegisterEntry, ...]:
        papers = {paper.id: paper for paper in select_records(
            self.around.connection, AbsenceDocument, class_group_id=self.group.id)}  # fmt: skip
        authors = {row.id: row.author for row in self.around.connection.execute(_AUTHORS, {"group": self.group.id})}
        names = {pupil.pupil_id: pupil for pupil in self.pupils}
        found = [
            entry for entry in select_records(self.around.connection, RegisteredAbsence, class_group_id=self.group.id)
            if entry.pupil_id in names and entry.since <= self.last and self.first <= entry.until
        ]  # fmt: skip
        found.sort(key=lambda entry: (names[entry.pupil_id].position, entry.since, entry.first_lesson or 0))
        return tuple(self._entry(entry, names, papers, authors) for entry in found)

    @cached_property
    def _deliveries(self) -> dict[str, Delivery]:
        """Return how entries stand that are not plainly delivered, by id."""
        rows = self.around.connection.execute(_UNDELIVERED).all()
        stands = as_saved(self.around.connection)
        return {record: stands(n, delivery) for record, delivery, n in rows}

    def _entry(
        self, entry: RegisteredAbsence, names: dict[str, PupilRow], papers: dict[str, AbsenceDocument],
        authors: dict[str, str | None],
    ) -> RegisterEntry:  # fmt: skip
        paper = papers.get(entry.document_id or "")
        code = self.policy.absence_code(entry.reason)
        return RegisterEntry(
            entry=entry, name=names[entry.pupil_id].name, reason_title=code.title if code else entry.reason,
            lessons=absences.lessons_named(entry), number=paper.number if paper else "",
            told_by=paper.told_by if paper else "", author=self.around.short_name(authors.get(entry.id)),
            delivery=self._deliveries.get(entry.id, "delivered"),
        )  # fmt: skip


_LESSON, _ATTENDANCE, _ENTRY = TABLES["Lesson"].c, TABLES["Attendance"].c, TABLES["RegisteredAbsence"].c
_IN_THESE_DAYS = sa.and_(
    _LESSON.held_on >= sa.bindparam("first"),
    _LESSON.held_on <= sa.bindparam("last"),
    _LESSON.journal_page_id.in_(sa.bindparam("pages", expanding=True)),
    _LESSON.voided.is_(False),
)
_LESSONS = sa.select(
    _LESSON.id, _LESSON.held_on, _LESSON.lesson_number, _LESSON.journal_page_id, _LESSON.teacher_id, _LESSON.held
).where(_IN_THESE_DAYS)
_AWAY = (
    sa.select(
        _ATTENDANCE.id, _ATTENDANCE.lesson_id, _ATTENDANCE.pupil_id, _ATTENDANCE.presence, _ATTENDANCE.late_minutes,
        _ATTENDANCE.reason,
    )
    .join(TABLES["Lesson"], _LESSON.id == _ATTENDANCE.lesson_id)
    .where(_IN_THESE_DAYS, _ATTENDANCE.voided.is_(False), _ATTENDANCE.presence != "present")
)  # fmt: skip
_AUTHORS = sa.select(_ENTRY.id, _ENTRY.author).where(_ENTRY.class_group_id == sa.bindparam("group"))
_UNDELIVERED = sa.union_all(
    sa.select(outbox.c.record, sa.literal("waiting"), outbox.c.n).where(outbox.c.kind == "RegisteredAbsence"),
    sa.select(held_back.c.record, held_back.c.outcome, sa.null()).where(
        held_back.c.kind == "RegisteredAbsence", held_back.c.seen.is_(False)
    ),
    sa.select(dispute.c.record, sa.literal("disputed"), sa.null()).where(
        dispute.c.kind == "RegisteredAbsence", dispute.c.resolved_by.is_(None)
    ),
)
