"""What one person still has to enter besides the lessons of today: earlier lessons, marks of works, period marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, deadlines, ids
from ejournal_core.calendar import period_title
from ejournal_core.day_changes import takes_place
from ejournal_core.kinds import GradingPeriod, JournalPage, Lesson, PeriodKind, WorkKind
from ejournal_core.policy import Policy
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import DueItem, DueWhat, PageRef, PupilRow
from ejournal_desktop.models.queries.cells import rows_of_page
from ejournal_desktop.models.queries.class_reports import ReportDue, reports_due
from ejournal_desktop.models.queries.contradictions import contradictory
from ejournal_desktop.models.queries.drives import BackupDue, backups_due
from ejournal_desktop.models.queries.lateness import entered_late
from ejournal_desktop.models.queries.pupil_data import CheckDue, checks_due, data_reports
from ejournal_desktop.models.queries.readiness import NEVER, statements
from ejournal_desktop.models.queries.reconciliation import CorrectionDue, corrections_due
from ejournal_desktop.models.queries.school_days import Moments, missing
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES


class DueRow(Struct, frozen=True, kw_only=True):
    """Something that waits to be entered.

    Attributes:
        id: stable while it waits.
        what: lessons: earlier lessons of a page that are not filled in (one line a page; homework is not asked for:
            nobody knows whether any was set) · marks: a work without marks (P04, P05) · period: marks of a period and
            the word that they are complete (P09) · exam: the same of an examination whose results were received (P11) ·
            late: lessons that were entered after their term, where the school asks why (P02, P03) ·
            wrong: entries of a lesson that cannot all be true · register: days
            of a class for its class teacher to correct (P18) · report: the preliminary report of a class (P24) · list:
            the list of a class to look through (P34) · data: reports of wrong data that the office answers (P33)
            · copy, sheet, daily: backups on the drives (P25), a look at the recovery sheet, the server's own copies
            that are made no more (P25).
        lesson_id, held_on, lesson_number: the lesson to open, the earliest of several.
        number: lessons that wait, pupils' days of a register, or reports without an answer.
        items: what is missing of the earliest lesson.
        work: code of the kind of work.
        pupils: who was there and has no mark, empty where the work has none at all; of whom something does not fit;
            whom the report names.
        period_kind, period_number, period: the period, and its title.
        due_at: until when it is in time, None where there is no term.
        allowed_until: until when it is still lawful with a reason, where that is later.
    """

    id: str
    what: Literal["lessons", "marks", "period", "exam", "late", "wrong", "register", "report", "list", "data",
                  "copy", "sheet", "daily"]  # fmt: skip
    page: PageRef
    lesson_id: str = ""
    held_on: date | None = None
    lesson_number: int = 0
    number: int = 0
    items: tuple[DueWhat, ...] = ()
    work: str = ""
    pupils: tuple[str, ...] = ()
    period_kind: PeriodKind | None = None
    period_number: int = 0
    period: str = ""
    due_at: datetime | None = None
    allowed_until: datetime | None = None

    @property
    def done(self) -> bool:
        """Return False: what is done stands in no line."""
        return False


def due(journal: Journal) -> tuple[DueRow, ...]:
    """Return what this person has to enter besides today's lessons, the nearest first; what is overdue comes last."""
    now, policy = journal.clock(), journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, now.date())
        moments = Moments(around, policy, now.tzinfo)
        given = {lesson.journal_page_id for lesson in around.given}
        own = [page for page in around.pages.values()
               if page.id in given or _teaches(around, page)]  # fmt: skip
        rows = [row for page in own for row in _OwnPage(around, policy, moments, page).rows()]
    rows += [_correction(each, now) for each in corrections_due(journal)]
    rows += [_report(each, now) for each in reports_due(journal)]
    rows += [_list_check(each, now) for each in checks_due(journal)]
    rows += _unanswered(journal)
    rows += [_backup(each, now) for each in backups_due(journal)]
    return tuple(sorted(rows, key=lambda row: _urgency(row, now)))


def _teaches(around: Surroundings, page: JournalPage) -> bool:
    return access.teaches(around.loads.get(page.id, ()), around.person_id, around.day)


def _correction(correction: CorrectionDue, now: datetime) -> DueRow:
    """Return the correction of a class's attendance as a line; its day is in time until midnight."""
    group = correction.group
    page = PageRef(id="", class_group_id=group.id, subject_id="", class_title=group.title,
                   subject_title="Посещаемость", mine=True)  # fmt: skip
    midnight = datetime.combine(correction.due_on + timedelta(days=1), time(0), now.tzinfo)
    return DueRow(id=f"register.{group.id}", what="register", page=page, number=correction.number, due_at=midnight)


def _report(report: ReportDue, now: datetime) -> DueRow:
    """Return the preliminary report of a class as a line; its day is in time until midnight."""
    group = report.group
    page = PageRef(id="", class_group_id=group.id, subject_id="", class_title=group.title,
                   subject_title="Успеваемость", mine=True)  # fmt: skip
    midnight = datetime.combine(report.due_on + timedelta(days=1), time(0), now.tzinfo)
    return DueRow(id=f"report.{group.id}", what="report", page=page, pupils=report.pupils, period=report.period,
                  number=len(report.pupils), due_at=midnight)  # fmt: skip


def _list_check(check: CheckDue, now: datetime) -> DueRow:
    """Return the list of a class that is to be looked through as a line; its day is in time until midnight."""
    group = check.group
    page = PageRef(id="", class_group_id=group.id, subject_id="", class_title=group.title,
                   subject_title="Список класса", mine=True)  # fmt: skip
    midnight = datetime.combine(check.due_on + timedelta(days=1), time(0), now.tzinfo)
    return DueRow(id=f"list.{group.id}", what="list", page=page, due_at=midnight)


def _backup(backup: BackupDue, now: datetime) -> DueRow:
    """Return what is due about backups as a line; its day is in time until midnight."""
    page = PageRef(id="", class_group_id="", subject_id="", class_title="Резервные копии", subject_title="", mine=True)
    midnight = datetime.combine(backup.due_on + timedelta(days=1), time(0), now.tzinfo)
    return DueRow(id=f"backup.{backup.what}", what=backup.what, page=page, due_at=midnight)


def _unanswered(journal: Journal) -> Iterator[DueRow]:
    """Yield one line for all reports of wrong data that wait for this person's answer."""
    reports = data_reports(journal)
    if reports.answers and reports.waiting:
        page = PageRef(id="", class_group_id="", subject_id="", class_title="Сведения", subject_title="", mine=True)
        first = reports.waiting[0]
        yield DueRow(id="data", what="data", page=page, number=len(reports.waiting), pupils=(first.whom,),
                     due_at=first.due_at)  # fmt: skip


def _urgency(row: DueRow, now: datetime) -> tuple[int, float, str]:
    if row.due_at is None:
        return 1, 0, row.id
    seconds = (row.due_at - now).total_seconds()
    return (0 if seconds >= 0 else 2), abs(seconds), row.id


class _OwnPage:
    """What waits on one page, from the first of its periods that has begun and is not closed.

    On a page of another teacher: at the lessons that the person gives there.
    """

    def __init__(self, around: Surroundings, policy: Policy, moments: Moments, page: JournalPage) -> None:
        self._around = around
        self._policy = policy
        self._moments = moments
        self._page = page
        self._group = around.class_groups[page.class_group_id]
        self._ref = around.page_ref(page)
        self._loads = around.loads.get(page.id, ())
        closed = {closing.grading_period_id for closing in around.closings.values()
                  if closing.closed and closing.class_group_id == self._group.id}  # fmt: skip
        self._open = [period for period in around.periods_of(self._group)
                      if period.starts_on <= around.day and period.id not in closed]  # fmt: skip

    def rows(self) -> Iterator[DueRow]:
        """Yield what waits."""
        if self._group.grade_level not in self._policy.grades_covered:
            return
        yield from self._examination()  # its results may come when the last period is closed
        if not self._open:
            return
        lessons = self._lessons(self._open[0].starts_on)
        entered = [lesson for lesson in lessons if lesson.id in self._entered]  # what was entered of others counts not
        yield from self._earlier(lessons)
        yield from self._late(entered)
        yield from self._wrong(entered)
        if self._group.grade_level not in self._policy.markless_grades:
            yield from self._works({lesson.id: lesson for lesson in entered})
            if _teaches(self._around, self._page):
                yield from self._periods(lessons)

    # --- lessons -------------------------------------------------------------------------------------------------

    def _lessons(self, first: date) -> list[Lesson]:
        """Return own lessons from a day to the end of the open periods, entered and foreseen, in order."""
        last = max(period.ends_on for period in self._open)
        entered = {
            row.id: Lesson(id=row.id, journal_page_id=self._page.id, held_on=date.fromisoformat(row.held_on),
                           lesson_number=row.lesson_number, teacher_id=row.teacher_id, held=row.held, topic=row.topic,
                           late_reason=row.late_reason, cancelled=row.cancelled)
            for row in self._entered.values()
        }  # fmt: skip
        foreseen = (
            Lesson(id=ids.lesson(self._page.id, each.day, each.lesson_number), journal_page_id=self._page.id,
                   held_on=each.day, lesson_number=each.lesson_number)
            for each in self._moments.days.foreseen(self._page, first, last)
        )  # fmt: skip
        both = [*entered.values(), *(lesson for lesson in foreseen if lesson.id not in entered)]
        own = [
            lesson
            for lesson in both
            if first <= lesson.held_on <= last and self._is_own(lesson) and takes_place(lesson)
        ]
        return sorted(own, key=lambda lesson: (lesson.held_on, lesson.lesson_number))

    @cached_property
    def _entered(self) -> dict[str, Any]:
        """The rows of the lessons that were entered, by id."""
        return {row.id: row for row in rows_of_page(self._around.connection, "Lesson", self._page.id)}

    def _is_own(self, lesson: Lesson) -> bool:
        person = self._around.person_id
        given = lesson.teacher_id
        return given == person or (given is None and access.teaches(self._loads, person, lesson.held_on))

    def _earlier(self, lessons: Sequence[Lesson]) -> Iterator[DueRow]:
        """Yield one line for all lessons before today that are not filled in."""
        waiting = [lesson for lesson in lessons
                   if lesson.held_on < self._around.day and not (lesson.held and lesson.topic)]  # fmt: skip
        if not waiting:
            return
        first = waiting[0]
        left = [item for item in missing(self._moments.items(self._page, first)) if item.what != "homework"]
        nearest = min(left, key=_due_at)
        yield DueRow(
            id=f"lessons {self._page.id}", what="lessons", page=self._ref, lesson_id=first.id, held_on=first.held_on,
            lesson_number=first.lesson_number, number=len(waiting), items=tuple(item.what for item in left),
            due_at=_due_at(nearest), allowed_until=nearest.allowed_until,
        )  # fmt: skip

    def _late(self, lessons: Sequence[Lesson]) -> Iterator[DueRow]:
        """Yield one line for all lessons that were entered after their term and do not say why."""
        silent = [lesson for lesson in lessons if not lesson.late_reason]
        late = entered_late(self._around.connection, self._policy, self._moments, self._page, silent)
        if late:
            first = late[0]
            yield DueRow(
                id=f"late {self._page.id}", what="late", page=self._ref, lesson_id=first.id, held_on=first.held_on,
                lesson_number=first.lesson_number, number=len(late),
            )  # fmt: skip

    def _wrong(self, lessons: Sequence[Lesson]) -> Iterator[DueRow]:
        """Yield the lessons in whose entries something does not fit, today's once they have been held."""
        begun = {lesson.id: lesson for lesson in lessons if lesson.held_on <= self._around.day}
        found = contradictory(self._around, self._policy, self._page, begun.values())
        for lesson_id, pupils in found.items():
            lesson = begun[lesson_id]
            yield DueRow(
                id=f"wrong {lesson_id}", what="wrong", page=self._ref, lesson_id=lesson_id, held_on=lesson.held_on,
                lesson_number=lesson.lesson_number, pupils=tuple(pupil.name for pupil in pupils),
            )  # fmt: skip

    # --- marks ---------------------------------------------------------------------------------------------------

    def _works(self, lessons: dict[str, Lesson]) -> Iterator[DueRow]:
        connection, page_id = self._around.connection, self._page.id
        columns = rows_of_page(connection, "MarkColumn", page_id)
        marked = {row.mark_column_id: row.number for row in connection.execute(_MARKED, _range(page_id))}
        for column in columns:
            lesson, kind = lessons.get(column.lesson_id), self._around.work_kinds.get(column.work_kind_id)
            if lesson is None or kind is None or lesson.held_on > self._around.day:
                continue
            number = marked.get(column.id, 0)
            pupils = self._unmarked(lesson, column.id) if number and kind.whole_class else []
            if not number or pupils:
                yield self._work(lesson, column.id, kind, pupils)

    def _work(self, lesson: Lesson, column_id: str, kind: WorkKind, pupils: Sequence[PupilRow]) -> DueRow:
        return DueRow(
            id=f"marks {column_id}", what="marks", page=self._ref, lesson_id=lesson.id, held_on=lesson.held_on,
            lesson_number=lesson.lesson_number, work=kind.code, pupils=tuple(pupil.name for pupil in pupils),
            due_at=self._moments.mark_due_at(self._page, lesson, written=kind.written),
        )  # fmt: skip

    def _unmarked(self, lesson: Lesson, column_id: str) -> list[PupilRow]:
        """Return who was at the lesson and has no mark for the work."""
        connection = self._around.connection
        marked = {row.pupil_id for row in rows_of_page(connection, "Mark", column_id) if row.value is not None}
        away = {row.pupil_id for row in rows_of_page(connection, "Attendance", lesson.id) if row.presence == "absent"}
        return [pupil for pupil in self._around.pupils_of(self._page)
                if pupil.present_in_class(lesson.held_on) and pupil.pupil_id not in marked | away]  # fmt: skip

    # --- period marks --------------------------------------------------------------------------------------------

    def _periods(self, lessons: Sequence[Lesson]) -> Iterator[DueRow]:
        """Yield the periods whose marks are due before long (P24 says how long before) and not said to be complete."""
        subject = self._around.subjects.get(self._page.subject_id)
        if self._policy.no_attestation and subject is not None and not subject.attested:
            return
        lead = timedelta(days=self._policy.preliminary_report_lead)
        for kind, number, period in self._kinds():
            held = [lesson.held_on for lesson in lessons if period.starts_on <= lesson.held_on <= period.ends_on]
            study = self._moments.days.calendar_of(self._group)
            last = deadlines.period_mark_due_on(self._policy, study, period, max(held, default=None))
            stated = statements(self._around, kind, number, self._page.id).get(self._page.id, NEVER)
            if last is not None and last - lead <= self._around.day and not stated.complete:
                yield DueRow(
                    id=f"{kind} {number} {self._page.id}", what="period", page=self._ref, period_kind=kind,
                    period_number=number, period=period_title(kind, number), due_at=self._moments.end_of(last),
                )  # fmt: skip

    def _examination(self) -> Iterator[DueRow]:
        """Yield the examination whose results were received and not said to be entered (P11)."""
        stated = statements(self._around, "exam", 1, self._page.id).get(self._page.id, NEVER)
        if stated.received_on is None or stated.complete or not _teaches(self._around, self._page):
            return
        yield DueRow(
            id=f"exam {self._page.id}", what="exam", page=self._ref, held_on=stated.received_on, period_kind="exam",
            period_number=1, period=period_title("exam"),
            due_at=self._moments.exam_due_at(stated.received_on, stated.received_at),
        )  # fmt: skip

    def _kinds(self) -> Iterator[tuple[PeriodKind, int, GradingPeriod]]:
        yield from ((period.kind, period.number, period) for period in self._open)
        if self._open[-1] == self._around.periods_of(self._group)[-1]:
            yield "year", 1, self._open[-1]


def _due_at(item: DueItem) -> datetime:
    assert item.due_at is not None  # a lesson's items have their moments
    return item.due_at


def _range(prefix: str) -> dict[str, str]:
    return {"first": prefix + ids.SEPARATOR, "last": prefix + chr(ord(ids.SEPARATOR) + 1)}


_MARK = TABLES["Mark"]
_MARKED = (
    sa.select(_MARK.c.mark_column_id, sa.func.count().label("number"))
    .where(
        _MARK.c.id >= sa.bindparam("first"), _MARK.c.id < sa.bindparam("last"), _MARK.c.voided.is_(False),
        _MARK.c.value.is_not(None),
    )
    .group_by(_MARK.c.mark_column_id)
)  # fmt: skip
