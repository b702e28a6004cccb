"""The spread of the journal: pupils × lessons on the left, topics and homework on the right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

import msgspec

from ejournal_core import access, calendar, ids
from ejournal_core.kinds import GradingPeriod, JournalPage, PeriodClosing, PeriodKind, RemarkKind, WorkKind
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridCell, GridColumn, JournalSpread, LessonRow, PupilRow
from ejournal_desktop.models.queries.attestation import LEAVING_GRADES, why_no_period_marks
from ejournal_desktop.models.queries.cells import (
    DELIVERED,
    GRAVITY,
    Absences,
    Way,
    Ways,
    corrected_records,
    rows_of_page,
)
from ejournal_desktop.models.queries.counting import Counting
from ejournal_desktop.models.queries.proposals import Proposals, period_key
from ejournal_desktop.models.queries.school_days import moved_from
from ejournal_desktop.models.queries.surroundings import Surroundings


def journal_spread(journal: Journal, page_id: str, today: date | None = None) -> JournalSpread:
    """Return the whole spread of one page of the journal, the year's foreseen lessons included.

    Args:
        today: the day that counts as today; by default the desk's.
    """
    day = today or journal.clock().date()
    policy = journal.policy()
    with journal.reading() as connection:
        return SpreadBuilder(Surroundings(connection, journal.identity.person_id, day), page_id, policy).build()


class SpreadBuilder:
    """Builds the spread of one page from one consistent view of the file."""

    def __init__(self, around: Surroundings, page_id: str, policy: Policy) -> None:
        self.around = around
        self.policy = policy
        self.page: JournalPage = around.page(page_id)
        self.group = around.class_groups[self.page.class_group_id]
        self.periods = around.periods_of(self.group)
        self.year = around.year_of(self.group)
        self.ways = Ways(around.connection, page_id)
        groups = rows_of_page(around.connection, "SpecialGroup", page_id)
        self.pupils = _with_groups(around.pupils_of(self.page), groups)
        self.counting = Counting(around, policy, [pupil.pupil_id for pupil in self.pupils])
        self.absences = self.counting.absences
        self.files = Counter(row.lesson_id for row in rows_of_page(around.connection, "HomeworkFile", page_id))
        self.nothing_due = why_no_period_marks(self.group, around.subjects.get(self.page.subject_id), policy)
        self.decided = {
            period_key(row.period_kind, row.period_number)
            for row in rows_of_page(around.connection, "PeriodMark", page_id)
            if row.value is not None
        }
        grace = timedelta(minutes=policy.entry_grace.minutes)
        self.corrected = corrected_records(around.connection, page_id, grace)

    def build(self) -> JournalSpread:
        """Return the spread."""
        lessons = self.lessons()
        columns = tuple(self.columns(lessons))
        cells = self.cells(columns)
        return JournalSpread(
            page=self.around.page_ref(self.page),
            pupils=self.pupils,
            columns=columns,
            lessons=lessons,
            cells=cells,
            proposals=self._proposals(columns, cells),
            today=self.around.day,
            read_only=self.read_only(),
            nothing_due=self.nothing_due,
            given=tuple(row.lesson_id for row in lessons if row.lesson_id in self.given),
        )

    def _proposals(self, columns: Sequence[GridColumn], cells: dict[tuple[str, str], GridCell]) -> Proposals:
        hours = max((load.weekly_hours for load in self.around.loads.get(self.page.id, ())), default=Decimal(0))
        return Proposals(self.pupils, columns, cells, self.periods, self.policy, hours, self.around.day)

    def read_only(self) -> str:
        """Return why the person may only look, "" when she may write."""
        around = self.around
        if access.teaches(around.loads.get(self.page.id, ()), around.person_id, around.day):
            return ""
        teachers = around.teachers_of(self.page)
        return (
            f"Эту страницу ведёт {teachers}: здесь можно только смотреть." if teachers else "Страницу никто не ведёт."
        )

    @cached_property
    def given(self) -> frozenset[str]:
        """The lessons that the person gives instead of their teachers: she may fill them in on anybody's page."""
        return frozenset(lesson.id for lesson in self.around.given)

    # --- the right page --------------------------------------------------------------------------------------------

    def lessons(self) -> tuple[LessonRow, ...]:
        """Return the lessons entered and foreseen, in order of date and number."""
        entered = {lesson_id: self._entered_lesson(row) for lesson_id, row in self._entered.items()}
        foreseen = self.around.foreseen(self.page, self.year.starts_on, self.year.ends_on)
        rooms = {ids.lesson(self.page.id, o.day, o.lesson_number): o for o in foreseen}
        rows = [*entered.values(), *(self._foreseen_lesson(lesson_id, o) for lesson_id, o in rooms.items()
                                     if lesson_id not in entered)]  # fmt: skip
        rows = [msgspec.structs.replace(row, room=rooms[row.lesson_id].room) if row.lesson_id in rooms else row
                for row in rows]  # fmt: skip
        return tuple(sorted(rows, key=lambda row: (row.held_on, row.lesson_number, row.lesson_id)))

    @cached_property
    def _entered(self) -> dict[str, Any]:
        """The rows of the lessons that were entered, by id."""
        return {row.id: row for row in rows_of_page(self.around.connection, "Lesson", self.page.id)}

    def _entered_lesson(self, row: Any) -> LessonRow:
        day = date.fromisoformat(row.held_on)
        return self.lesson_row(
            row.id, day, row.lesson_number, exists=True, held=row.held, topic=row.topic,
            homework=row.homework, teacher=self._substitute(row.teacher_id), late_reason=row.late_reason,
            cancelled="" if row.held else row.cancelled,
        )  # fmt: skip

    def _foreseen_lesson(self, lesson_id: str, occurrence: calendar.Occurrence) -> LessonRow:
        return self.lesson_row(lesson_id, occurrence.day, occurrence.lesson_number)

    def lesson_row(self, lesson_id: str, day: date, number: int, *, exists: bool = False, held: bool = False,
                    topic: str = "", homework: str = "", teacher: str = "",
                    late_reason: str = "", cancelled: str = "") -> LessonRow:  # fmt: skip
        times = calendar.lesson_times(self.around.bells.values(), day, number)
        period = calendar.period_of(day, self.periods, self.group.period_scheme)
        return LessonRow(
            lesson_id=lesson_id,
            held_on=day,
            lesson_number=number,
            period_number=period.number if period else None,
            exists=exists,
            held=held,
            topic=topic,
            homework=homework,
            starts_at=f"{times[0]:%H:%M}" if times else "",
            ends_at=f"{times[1]:%H:%M}" if times else "",
            teacher=teacher,
            topic_delivery=self.ways.delivery_of("Lesson", lesson_id, "topic"),
            homework_delivery=self.ways.delivery_of("Lesson", lesson_id, "homework"),
            files=self.files[lesson_id],
            late_reason=late_reason,
            cancelled=cancelled,
            moved_from=moved_from(lesson_id, day, number),
        )

    def _substitute(self, teacher_id: str | None) -> str:
        if teacher_id != self.around.person_id:
            return f"замена: {self.around.short_name(teacher_id)}" if teacher_id else ""
        return f"вы вместо: {self.around.teachers_of(self.page)}"

    # --- columns ---------------------------------------------------------------------------------------------------

    def columns(self, lessons: Sequence[LessonRow]) -> Iterator[GridColumn]:
        """Yield the columns of lessons and, after the last lesson of each period, of period marks (P10)."""
        by_lesson = self._mark_columns()
        closed = {c.grading_period_id for c in select_records(
            self.around.connection, PeriodClosing, class_group_id=self.group.id) if c.closed}  # fmt: skip
        left = [period for period in self.periods if self._has_column(period.kind, period.number)]
        days = Counter(lesson.held_on for lesson in lessons)
        for lesson in lessons:
            while left and left[0].ends_on < lesson.held_on:
                yield self._period_column(left.pop(0), closed)
            twin = days[lesson.held_on] > 1
            yield from self._lesson_columns(lesson, by_lesson.get(lesson.lesson_id, []), twin=twin)
        for period in left:
            yield self._period_column(period, closed)
        for kind in ("year", "exam", "final"):
            if self._has_column(kind, 1):
                yield GridColumn(kind="period", key=period_key(kind, 1), period_kind=kind, period_number=1,
                                 period_title=calendar.period_short_title(kind))  # fmt: skip

    def _has_column(self, kind: PeriodKind, number: int) -> bool:
        """Say whether marks of a period are put here, or stand here whatever the rules have become since."""
        if period_key(kind, number) in self.decided:
            return True
        leaving = self.group.grade_level in LEAVING_GRADES
        return not self.nothing_due and (kind not in ("exam", "final") or leaving)

    def _mark_columns(self) -> dict[str, list[tuple[str, WorkKind, int, str, Decimal]]]:
        found: dict[str, list[tuple[str, WorkKind, int, str, Decimal]]] = {}
        for row in rows_of_page(self.around.connection, "MarkColumn", self.page.id):
            if row.lesson_id not in self._entered:
                continue  # a lesson that was taken away takes its works along
            kind = self.around.work_kinds.get(row.work_kind_id) or WorkKind(id=row.work_kind_id, code="", title="")
            weight = Decimal(row.weight) if row.weight is not None else kind.weight
            found.setdefault(row.lesson_id, []).append((row.id, kind, row.ordinal, row.title or kind.title, weight))
        for columns in found.values():
            columns.sort(key=lambda column: (column[1].position, column[1].id, column[2]))
        return found

    def _lesson_columns(
        self, lesson: LessonRow, columns: list[tuple[str, WorkKind, int, str, Decimal]], *, twin: bool
    ) -> Iterator[GridColumn]:
        shared: dict[str, Any] = {"kind": "lesson", "lesson_id": lesson.lesson_id, "held_on": lesson.held_on,
                  "lesson_number": lesson.lesson_number, "period_number": lesson.period_number or 0,
                  "twin": twin}  # fmt: skip
        if not columns:
            yield GridColumn(key=lesson.lesson_id, **shared)
        for place, (column_id, kind, _ordinal, title, weight) in enumerate(columns):
            yield GridColumn(
                key=column_id, mark_column_id=column_id, first_of_lesson=place == 0, work_kind_id=kind.id,
                work_code=kind.code, work_title=title, weight=weight, **shared,
            )  # fmt: skip

    def _period_column(self, period: GradingPeriod, closed: set[str]) -> GridColumn:
        return GridColumn(
            kind="period",
            key=period_key(period.kind, period.number),
            period_kind=period.kind,
            period_number=period.number,
            period_title=calendar.period_short_title(period.kind, period.number),
            closed=period.id in closed,
        )

    # --- cells -----------------------------------------------------------------------------------------------------

    def cells(self, columns: Iterable[GridColumn]) -> dict[tuple[str, str], GridCell]:
        """Return what each cell shows, by (column key, pupil id)."""
        by_column = {column.mark_column_id: column for column in columns if column.mark_column_id}
        first = {column.lesson_id: column for column in columns if column.kind == "lesson" and column.first_of_lesson}
        cells = self._mark_cells(by_column)
        for key, cell in self._period_cells():
            cells[key] = cell
        for lesson_id, pupil_id, absence in self._absence_cells(first):
            key = (first[lesson_id].key, pupil_id)
            cells[key] = _with_absence(cells[key], absence) if key in cells else absence
        for lesson_id, pupil_id, kinds in self._remarks(first):
            key = (first[lesson_id].key, pupil_id)
            cells[key] = msgspec.structs.replace(cells.get(key, _EMPTY), remarks=kinds)
        return cells

    def _remarks(self, first: dict[str, GridColumn]) -> Iterator[tuple[str, str, tuple[RemarkKind, ...]]]:
        """Yield (lesson, pupil, kinds of what was written there) of the lessons that are shown."""
        found: dict[tuple[str, str], list[RemarkKind]] = {}
        for row in rows_of_page(self.around.connection, "PupilRemark", self.page.id):
            if row.lesson_id in first:
                found.setdefault((row.lesson_id, row.pupil_id), []).append(row.remark_kind)
        return ((*where, tuple(kinds)) for where, kinds in found.items())

    def _mark_cells(self, by_column: dict[str, GridColumn]) -> dict[tuple[str, str], GridCell]:
        """Return the marks; the inner loop of the spread, so what many cells share is looked up once."""
        names = _Names(self.around)
        moments = _Moments({None: None})
        last_days = {key: self._editable_until(column.held_on) for key, column in by_column.items()}
        corrected = {record for kind, record in self.corrected if kind == "Mark"}
        special = corrected | {record for kind, record, _ in self.ways.items() if kind == "Mark"}
        rows = rows_of_page(self.around.connection, "Mark", self.page.id)
        cells = self._unborn_marks({row.id for row in rows}, by_column) if special else {}
        for mark_id, column_id, pupil_id, value, comment, author, at, document in rows:
            if column_id not in last_days:
                continue
            if mark_id in special or document:
                cell = GridCell(
                    value=value or "", comment=comment, document=document, author=names[author], entered_at=moments[at],
                    corrected=mark_id in corrected, editable_until=last_days[column_id],
                    **self._way_shown(self.ways.of("Mark", mark_id)),
                )  # fmt: skip
            elif value is None and not comment:
                continue
            else:
                cell = GridCell(value or "", "", comment, "delivered", "", "", "", names[author], moments[at], False,
                                last_days[column_id])  # fmt: skip
            cells[column_id, pupil_id] = cell
        return cells

    def _unborn_marks(self, there: Container[str], by_column: dict[str, GridColumn]) -> dict[tuple[str, str], GridCell]:
        """Return the cells of marks that were asked for or not taken where none had been."""
        wanted = ((ids.mark_parts(mark_id), way) for mark_id, way in self.ways.without_row("Mark", there))
        return {key: GridCell(**self._way_shown(way)) for key, way in wanted if key[0] in by_column}

    def _period_cells(self) -> Iterator[tuple[tuple[str, str], GridCell]]:
        rows = rows_of_page(self.around.connection, "PeriodMark", self.page.id)
        for period_mark_id, way in self.ways.without_row("PeriodMark", {row.id for row in rows}):
            _page, pupil_id, kind, number = ids.period_mark_parts(period_mark_id)
            yield (period_key(cast(PeriodKind, kind), number), pupil_id), GridCell(**self._way_shown(way))
        for row in rows:
            way = self.ways.of("PeriodMark", row.id)
            if row.value is None and way is DELIVERED:
                continue
            yield (
                (period_key(row.period_kind, row.period_number), row.pupil_id),
                GridCell(
                    value=row.value or "",
                    comment=row.justification,
                    document=row.document,
                    author=self.around.short_name(row.author),
                    entered_at=datetime.fromisoformat(row.entered_at) if row.entered_at else None,
                    corrected=("PeriodMark", row.id) in self.corrected,
                    **self._way_shown(way),
                ),
            )

    def _absence_cells(self, first: dict[str, GridColumn]) -> Iterator[tuple[str, str, GridCell]]:
        rows = rows_of_page(self.around.connection, "Attendance", self.page.id)
        for attendance_id, way in self.ways.without_row("Attendance", {row.id for row in rows}):
            lesson_id, pupil_id = ids.attendance_parts(attendance_id)
            if lesson_id in first:
                yield lesson_id, pupil_id, GridCell(**self._way_shown(way, self.absences, pupil_id))
        for row in rows:
            way = self.ways.of("Attendance", row.id)
            if row.lesson_id not in first or row.lesson_id not in self._entered:
                continue
            if row.presence == "present" and way is DELIVERED:
                continue
            at = first[row.lesson_id]
            assert at.held_on is not None  # a lesson's column
            told = self.counting.of(
                row.presence, row.reason, row.late_minutes, row.pupil_id, at.held_on, at.lesson_number
            )
            counts = told.missed and self._is_listed(row.pupil_id, at.held_on)
            yield (
                row.lesson_id,
                row.pupil_id,
                GridCell(
                    absence=told.letter,
                    missed=counts,
                    excused=counts and told.excused,
                    author=self.around.short_name(row.author),
                    entered_at=datetime.fromisoformat(row.entered_at) if row.entered_at else None,
                    **self._way_shown(way, self.absences, row.pupil_id),
                ),
            )

    def _is_listed(self, pupil_id: str, day: date) -> bool:
        row = self._rows_by_pupil.get(pupil_id)
        return row is not None and row.present_in_class(day)

    @cached_property
    def _rows_by_pupil(self) -> dict[str, PupilRow]:
        return {pupil.pupil_id: pupil for pupil in self.pupils}

    def _way_shown(self, way: Way, absences: Absences | None = None, pupil_id: str = "") -> dict[str, Any]:
        if way is DELIVERED:
            return _PLAIN
        shown: dict[str, Any] = {"delivery": way.delivery, "reason": way.sentence}
        if way.delivery not in ("waiting", "entered", "saving", "delivered"):
            wanted = way.wanted.get("value")
            if absences is not None:
                presence = str(way.wanted.get("presence", "absent"))
                wanted = absences.letter(presence, str(way.wanted.get("reason", "")), pupil_id, None)
            shown |= {"other_value": str(wanted or ""), "other_author": self.around.short_name(way.author)}
        return shown

    def _editable_until(self, held_on: date | None) -> date | None:
        return self.policy.edit_window.last_day(held_on, self.year.ends_on) if held_on else None


_EMPTY = GridCell()

#: What a plainly delivered cell shows of its way to the server.
_PLAIN: dict[str, Any] = {}


class _Moments(dict[str | None, datetime | None]):
    """Moments of entry, each read once: a whole roll is often entered in the same minute."""

    def __missing__(self, text: str | None) -> datetime | None:
        self[text] = moment = datetime.fromisoformat(text) if text else None
        return moment


class _Names(dict[str | None, str]):
    """Short names of authors, each made once."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around

    def __missing__(self, person_id: str | None) -> str:
        self[person_id] = name = self._around.short_name(person_id)
        return name


def _with_groups(pupils: Sequence[PupilRow], groups: Iterable[Any]) -> tuple[PupilRow, ...]:
    """Return the rows with who is in the special medical group of this page, and when."""
    spans = {
        row.pupil_id: (date.fromisoformat(row.since), date.fromisoformat(row.until) if row.until else None)
        for row in groups
        if row.since
    }
    return tuple(
        msgspec.structs.replace(pupil, special=spans[pupil.pupil_id]) if pupil.pupil_id in spans else pupil
        for pupil in pupils
    )


def _with_absence(cell: GridCell, absence: GridCell) -> GridCell:
    worse = max(cell, absence, key=lambda each: GRAVITY.index(each.delivery))
    return msgspec.structs.replace(
        cell, absence=absence.absence, missed=absence.missed, excused=absence.excused, delivery=worse.delivery,
        reason=worse.reason, other_value=worse.other_value,
        other_author=worse.other_author,
    )  # fmt: skip
