"""Урок: roll, marks, topic and homework of one lesson in one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ejournal_core import ids
from ejournal_core.contradictions import contradiction
from ejournal_core.kinds import Lesson, Presence
from ejournal_core.policy_values import PlanningAhead
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridCell, GridColumn, LessonRow, LessonSheet, PupilRow, RollRow
from ejournal_desktop.models.queries.cells import rows_of_page
from ejournal_desktop.models.queries.lateness import entered_late, is_late_now
from ejournal_desktop.models.queries.lesson_plans import offers_among
from ejournal_desktop.models.queries.school_days import Moments
from ejournal_desktop.models.queries.spread import SpreadBuilder
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.workload import homework_advice


def lesson_sheet(journal: Journal, lesson_id: str) -> LessonSheet:
    """Return everything of one lesson; it may be known from the timetable only."""
    page_id, day, _number = ids.lesson_parts(lesson_id)
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        builder = SpreadBuilder(around, page_id, policy)
        lessons = builder.lessons()
        row = next((row for row in lessons if row.lesson_id == lesson_id), None)
        if row is None:
            number = ids.lesson_parts(lesson_id)[2]
            row = builder.lesson_row(lesson_id, day, number)
        columns = tuple(c for c in builder.columns([row]) if c.lesson_id == lesson_id)
        cells = builder.cells(columns)
        moments = Moments(around, policy, journal.clock().tzinfo)
        planned = offers_among(around, page_id, lessons, lesson_id)
        return LessonSheet(
            page=around.page_ref(builder.page),
            lesson=row,
            columns=columns,
            roll=tuple(_roll(builder, row, columns, cells)),
            cells=cells,
            items=moments.items(builder.page, _as_lesson(builder, row)),
            previous_homework=_previous_homework(lessons, row),
            read_only="" if lesson_id in builder.given else builder.read_only(),
            advice=homework_advice(around, policy, builder.page, row.held_on, row.lesson_number),
            ahead=_ahead(row.held_on > around.day, policy.allow_future_lessons),
            offered=planned.topic,
            planned_homework=planned.homework,
            is_late=_is_late(builder, moments, row, journal.clock()),
        )


def _ahead(is_ahead: bool, allowed: PlanningAhead) -> str:
    """Say what may be entered before the lesson's day (P36), "" on its day and after it."""
    if not is_ahead or allowed.attendance_and_marks:
        return ""
    if allowed.topic_and_homework:
        return "Урок ещё впереди: заранее можно записать тему, задание и файлы; перекличку и отметки — в его день."
    return "Урок ещё впереди: по правилам школы его заполняют в его день."


def _roll(
    builder: SpreadBuilder, lesson: LessonRow, columns: Sequence[GridColumn], cells: dict[tuple[str, str], GridCell]
) -> list[RollRow]:
    rows = {row.pupil_id: row for row in rows_of_page(builder.around.connection, "Attendance", lesson.lesson_id)}
    roll = []
    for pupil in builder.pupils:
        if not pupil.present_in_class(lesson.held_on):
            continue
        attendance = rows.get(pupil.pupil_id)
        first = cells.get((columns[0].key, pupil.pupil_id)) if columns else None
        given = _marks(pupil, columns, cells)
        known = _known_reason(builder, pupil, lesson)
        presence: Presence = attendance.presence if attendance else "present"
        roll.append(
            RollRow(
                pupil_id=pupil.pupil_id,
                position=pupil.position,
                name=pupil.name,
                full_name=pupil.whole_name,
                presence=presence,
                late_minutes=attendance.late_minutes if attendance else None,
                absence=first.absence if first else "",
                known_reason=known,
                marks=given,
                delivery=first.delivery if first else "delivered",
                contradiction=contradiction(
                    builder.policy,
                    presence,
                    attendance.reason if attendance else "",
                    has_marks=bool(given),
                    known_away=bool(known),
                    held=lesson.held,
                ),
            )
        )
    return roll


def _marks(
    pupil: PupilRow, columns: Sequence[GridColumn], cells: dict[tuple[str, str], GridCell]
) -> tuple[tuple[str, str], ...]:
    found = ((column.mark_column_id, cells.get((column.key, pupil.pupil_id))) for column in columns)
    return tuple((column_id, cell.value) for column_id, cell in found if column_id and cell and cell.value)


def _known_reason(builder: SpreadBuilder, pupil: PupilRow, lesson: LessonRow) -> str:
    known = builder.absences.known(pupil.pupil_id, lesson.held_on, lesson.lesson_number)
    if known is None:
        return ""
    code = builder.policy.absence_code(known.reason)
    title = code.title if code else known.reason
    until = f"{'документ ' if known.by_document else ''}до {known.until:%d.%m}"
    return ", ".join(part for part in (title.lower(), known.lessons, until) if part)


def _as_lesson(builder: SpreadBuilder, row: LessonRow) -> Lesson:
    return Lesson(
        id=row.lesson_id, journal_page_id=builder.page.id, held_on=row.held_on, lesson_number=row.lesson_number,
        held=row.held, topic=row.topic, homework=row.homework,
    )  # fmt: skip


def _is_late(builder: SpreadBuilder, moments: Moments, row: LessonRow, now: datetime) -> bool:
    lesson, page = _as_lesson(builder, row), builder.page
    return is_late_now(builder.policy, moments, page, lesson, now) or bool(
        entered_late(builder.around.connection, builder.policy, moments, page, [lesson])
    )


def _previous_homework(lessons: Sequence[LessonRow], row: LessonRow) -> str:
    before = [x for x in lessons if (x.held_on, x.lesson_number) < (row.held_on, row.lesson_number) and x.homework]
    return before[-1].homework if before else ""
