"""Сверка посещаемости: where the register and the lessons do not agree, who can decide, and until when (P18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from ejournal_core import absences, access
from ejournal_core.kinds import RegisteredAbsence
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import AttendanceBuilder, LessonPlace, MissedLesson, PupilDay
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.surroundings import Surroundings

#: Days that are compared: further back the period's own checks look.
LOOKS_BACK = timedelta(days=28)

#: "present": the register says away, the teacher was silent or marked present · "unexplained": absent, and nobody
#: knows why · "code": the lesson has one code and the register another.
Clash = Literal["present", "unexplained", "code"]


class Discrepancy(Struct, frozen=True, kw_only=True):
    """One pupil's day on which register and lessons do not agree, for lessons that disagree in the same way.

    Attributes:
        id: stable while it stands.
        lessons: those concerned, in order.
        whole_day: they are all lessons that were given to the pupil on that day.
        marked: what stands in them; of "present" nothing does.
        code, lesson_code: of the register and of the lessons, "" for none.
        entry_id: of the register, "" where it has none.
        teachers: who gave the lessons, short names.
        mine: this person gave all of them: presence is hers to enter.
        due_on: until when the reason is in time.
    """

    id: str
    clash: Clash
    pupil_id: str
    name: str
    position: int
    day: date
    lessons: tuple[LessonPlace, ...]
    whole_day: bool
    marked: tuple[MissedLesson, ...] = ()
    code: str = ""
    lesson_code: str = ""
    entry_id: str = ""
    teachers: tuple[str, ...] = ()
    mine: bool = False
    due_on: date | None = None


def discrepancies(journal: Journal, class_group_id: str, today: date | None = None) -> tuple[Discrepancy, ...]:
    """Return what does not agree in the last four weeks: the oldest day first, then in order of the class list."""
    day, policy = today or journal.clock().date(), journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        builder = AttendanceBuilder(around, policy, class_group_id, day - LOOKS_BACK, day)
        found = list(_Comparison(builder).rows())
    return tuple(sorted(found, key=lambda row: (row.day, row.position, row.clash)))


class _Comparison:
    """The lessons of a class beside its register."""

    def __init__(self, builder: AttendanceBuilder) -> None:
        self._builder = builder
        self._around = builder.around
        self._names = {pupil.pupil_id: pupil for pupil in builder.pupils}
        self._entries: dict[str, list[RegisteredAbsence]] = defaultdict(list)
        for entry in select_records(self._around.connection, RegisteredAbsence, class_group_id=builder.group.id):
            self._entries[entry.pupil_id].append(entry)

    def rows(self) -> Iterator[Discrepancy]:
        for cell in self._builder.build().cells.values():
            yield from self._present(cell)
            yield from self._unexplained(cell)
            yield from self._codes(cell)

    def _present(self, cell: PupilDay) -> Iterator[Discrepancy]:
        marked = {each.lesson.lesson_id for each in cell.marked}
        for entry in self._entries.get(cell.pupil_id, ()):
            there = tuple(place for place in cell.lessons if place.held and place.lesson_id not in marked
                          and absences.covers(entry, cell.day, place.number))  # fmt: skip
            if there:
                yield self._row("present", cell, there, code=entry.reason, entry_id=entry.id)

    def _unexplained(self, cell: PupilDay) -> Iterator[Discrepancy]:
        if cell.unexplained:
            yield self._row("unexplained", cell, tuple(each.lesson for each in cell.unexplained), cell.unexplained)

    def _codes(self, cell: PupilDay) -> Iterator[Discrepancy]:
        for entry in self._entries.get(cell.pupil_id, ()):
            differing: dict[str, list[MissedLesson]] = defaultdict(list)
            for each in cell.marked:
                covered = absences.covers(entry, cell.day, each.lesson.number)
                if each.presence == "absent" and covered and each.reason not in ("", entry.reason):
                    differing[each.reason].append(each)
            for code, those in differing.items():
                yield self._row("code", cell, tuple(each.lesson for each in those), tuple(those),
                                code=entry.reason, lesson_code=code, entry_id=entry.id)  # fmt: skip

    def _row(
        self, clash: Clash, cell: PupilDay, lessons: tuple[LessonPlace, ...], marked: tuple[MissedLesson, ...] = (),
        *, code: str = "", lesson_code: str = "", entry_id: str = "",
    ) -> Discrepancy:  # fmt: skip
        around, builder = self._around, self._builder
        teachers = {person for place in lessons for person in self._teachers(place)}
        mine = all(access.teaches(around.loads.get(place.page_id, ()), around.person_id, place.day)
                   or place.teacher_id == around.person_id for place in lessons)  # fmt: skip
        pupil = self._names[cell.pupil_id]
        return Discrepancy(
            id=f"{clash}.{cell.pupil_id}.{cell.day:%Y%m%d}.{entry_id}.{lesson_code}", clash=clash,
            pupil_id=cell.pupil_id, name=pupil.name, position=pupil.position, day=cell.day, lessons=lessons,
            whole_day=len(lessons) == len(cell.lessons), marked=marked, code=code, lesson_code=lesson_code,
            entry_id=entry_id, teachers=tuple(sorted(around.short_name(person) for person in teachers)), mine=mine,
            due_on=absences.reason_due_on(builder.policy.absence_reason_owner.every, cell.day, builder.calendar),
        )  # fmt: skip

    def _teachers(self, place: LessonPlace) -> list[str]:
        if place.teacher_id:
            return [place.teacher_id]
        return [load.person_id for load in self._around.loads.get(place.page_id, ()) if access.lasts(load, place.day)]


# --- for Сегодня -----------------------------------------------------------------------------------------------------


class CorrectionDue(Struct, frozen=True):
    """The correction of a class's attendance by its class teacher (P18): how much waits, and until which day.

    `number` counts pupils' days whose reason nobody knows or that do not agree; `due_on` is the nearest of their terms.
    """

    group: ClassRef
    number: int
    due_on: date


def corrections_due(journal: Journal) -> tuple[CorrectionDue, ...]:
    """Return what the class teacher still has to correct, class by class, the nearest term first.

    Nothing where the school set no term, or where it made the reasons the subject teachers' affair.
    """
    owner = journal.policy().absence_reason_owner
    if owner.owner != "class_teacher" or owner.every == "none":
        return ()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        own = [ClassRef(group.id, group.title, mine=True) for group in around.class_groups.values()
               if access.is_class_teacher(around.grants, group.id, around.day)]  # fmt: skip
    found = [_due(group, discrepancies(journal, group.id)) for group in own]
    return tuple(sorted((due for due in found if due is not None), key=lambda due: (due.due_on, due.group.title)))


def _due(group: ClassRef, rows: tuple[Discrepancy, ...]) -> CorrectionDue | None:
    terms = [row.due_on for row in rows if row.due_on is not None]
    return CorrectionDue(group, len(rows), min(terms)) if terms else None
