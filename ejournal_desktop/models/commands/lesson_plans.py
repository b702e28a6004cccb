"""What is done with a lesson plan: rows are written, moved and dated, the plan is given in and approved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from ejournal_core import ids, lesson_plans
from ejournal_core.kinds import CurriculumHours, LessonPlan, PlannedLesson
from ejournal_core.lesson_plans import GAP, in_order, place_between
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

#: Given in again, or approved, a plan is not given back any more.
_NOT_RETURNED: Mapping[str, Any] = {"returned_by": None, "returned_why": ""}


class RowDraft(Struct, frozen=True):
    """What a new row of a plan says; the place in the plan is its place in the list."""

    topic: str
    section: str = ""
    hours: int = 1
    planned_on: date | None = None
    homework: str = ""
    control: str = ""


def insert_row(journal: Journal, journal_page_id: str, draft: RowDraft, after: str | None = None) -> ChangeSet:
    """Вставить строку КТП после другой; без неё — первой."""
    with journal.write() as write:
        rows = _rows(write, journal_page_id)
        place = next((n for n, row in enumerate(rows, 1) if row.id == after), 0)
        _put_at(write, journal_page_id, rows, place, draft)
    return write.changes


def append_rows(journal: Journal, journal_page_id: str, drafts: Sequence[RowDraft], *, replace: bool) -> ChangeSet:
    """Записать строки в конец КТП, или вместо прежних: все или ни одной.

    Raises:
        Refusal: a row cannot be taught, or the page is another teacher's; nothing was changed.
    """
    with journal.write() as write:
        rows = _rows(write, journal_page_id)
        if replace:
            _strike(write, rows)
        start = rows[-1].position if rows and not replace else 0
        for number, draft in enumerate(drafts, 1):
            _bear(write, journal_page_id, start + number * GAP, draft)
    return write.changes


def change_row(journal: Journal, row_id: str, **fields: Any) -> ChangeSet:
    """Исправить строку КТП: `section`, `topic`, `hours`, `planned_on`, `homework`, `control`."""
    with journal.write() as write:
        write.edit(PlannedLesson, row_id, **fields)
    return write.changes


def delete_rows(journal: Journal, row_ids: Iterable[str]) -> ChangeSet:
    """Убрать строки КТП; отменяется."""
    with journal.write() as write:
        for row_id in row_ids:
            write.edit(PlannedLesson, row_id, act="void", voided=True)
    return write.changes


def move_row(journal: Journal, journal_page_id: str, row_id: str, step: int) -> ChangeSet:
    """Передвинуть строку КТП на `step` мест: вверх (меньше нуля) или вниз; за край — ничего не меняется."""
    with journal.write() as write:
        rows = list(_rows(write, journal_page_id))
        place = next(n for n, row in enumerate(rows) if row.id == row_id)
        target = min(max(place + step, 0), len(rows) - 1)
        if target != place:
            moved = rows.pop(place)
            rows.insert(target, moved)
            _settle_position(write, rows, target)
    return write.changes


def move_block(journal: Journal, journal_page_id: str, row_ids: Collection[str], *, up: bool) -> ChangeSet:
    """Передвинуть строки КТП, которые стоят подряд, на одно место; у края ничего не меняется.

    The row that they pass goes to their other side: one record changes, however many are moved.
    """
    with journal.write() as write:
        rows = list(_rows(write, journal_page_id))
        places = [place for place, row in enumerate(rows) if row.id in row_ids]
        passed = (places[0] - 1 if up else places[-1] + 1) if places else -1
        if 0 <= passed < len(rows):
            target = places[-1] if up else places[0]
            rows.insert(target, rows.pop(passed))
            _settle_position(write, rows, target)
    return write.changes


def set_dates(journal: Journal, dates: Mapping[str, date | None]) -> ChangeSet:
    """Записать даты строк КТП по номеру строки: после пропавших уроков, или впервые по расписанию."""
    with journal.write() as write:
        for row_id, day in dates.items():
            write.edit(PlannedLesson, row_id, planned_on=day)
    return write.changes


def submit_plan(journal: Journal, journal_page_id: str, submitted: bool = True) -> ChangeSet:
    """Сдать КТП на утверждение, или взять назад."""
    with journal.write() as write:
        if submitted:
            now = lesson_plans.content(_rows(write, journal_page_id))
            _set_plan(write, journal_page_id, submitted_by=journal.identity.person_id, given_in=now, **_NOT_RETURNED)
        else:
            _set_plan(write, journal_page_id, submitted_by=None, given_in="")
    return write.changes


def return_plan(journal: Journal, journal_page_id: str, why: str) -> ChangeSet:
    """Вернуть КТП учителю с причиной; утверждённое раньше остаётся утверждённым.

    Raises:
        Refusal: other rights (EJ-261), no reason, or nothing was given in (EJ-502).
    """
    with journal.write() as write:
        who = journal.identity.person_id
        _set_plan(write, journal_page_id, returned_by=who, returned_why=why.strip())
    return write.changes


def approve_plan(journal: Journal, journal_page_id: str) -> ChangeSet:
    """Утвердить КТП, как оно стоит сейчас.

    Raises:
        Refusal: one's own plan, or other rights (EJ-261), hours are not those of the curriculum (EJ-264, P30).
    """
    with journal.write() as write:
        rows = _rows(write, journal_page_id)
        _set_plan(
            write, journal_page_id, approved_by=journal.identity.person_id, approved_on=journal.clock().date(),
            content=lesson_plans.content(rows), hours=lesson_plans.total_hours(rows), **_NOT_RETURNED,
        )  # fmt: skip
    return write.changes


def withdraw_approval(journal: Journal, journal_page_id: str) -> ChangeSet:
    """Снять утверждение КТП."""
    with journal.write() as write:
        _set_plan(write, journal_page_id, approved_by=None, approved_on=None, content="", hours=0)
    return write.changes


def set_curriculum_hours(journal: Journal, subject_id: str, class_group_id: str, hours: int) -> ChangeSet:
    """Записать часы учебного плана на год по предмету для класса."""
    with journal.write() as write:
        record_id = ids.curriculum_hours(subject_id, class_group_id)
        write.edit(CurriculumHours, record_id, subject_id=subject_id, class_group_id=class_group_id, hours=hours)
    return write.changes


# --- inside one transaction ------------------------------------------------------------------------------------------


def _rows(write: Write, journal_page_id: str) -> tuple[PlannedLesson, ...]:
    return in_order(select_records(write.connection, PlannedLesson, journal_page_id=journal_page_id))


def _set_plan(write: Write, journal_page_id: str, **fields: Any) -> None:
    write.edit(LessonPlan, ids.lesson_plan(journal_page_id), journal_page_id=journal_page_id, **fields)


def _strike(write: Write, rows: Iterable[PlannedLesson]) -> None:
    for row in rows:
        write.edit(PlannedLesson, row.id, act="void", voided=True)


def _bear(write: Write, journal_page_id: str, position: int, draft: RowDraft) -> str:
    row_id = ids.planned_lesson(journal_page_id, write.new_id())
    write.edit(
        PlannedLesson, row_id, journal_page_id=journal_page_id, position=position, topic=draft.topic,
        section=draft.section, hours=draft.hours, planned_on=draft.planned_on, homework=draft.homework,
        control=draft.control,
    )  # fmt: skip
    return row_id


def _put_at(write: Write, journal_page_id: str, rows: Sequence[PlannedLesson], place: int, draft: RowDraft) -> None:
    before = rows[place - 1] if place else None
    after = rows[place] if place < len(rows) else None
    position = place_between(before, after)
    if position is None:  # no room: the rows behind make some
        for number, row in enumerate(rows[place:], 2):
            write.edit(PlannedLesson, row.id, position=(before.position if before else 0) + number * GAP)
        position = (before.position if before else 0) + GAP
    _bear(write, journal_page_id, position, draft)


def _settle_position(write: Write, rows: Sequence[PlannedLesson], place: int) -> None:
    """Give the row at `place` a position between its neighbours; number all anew when there is no room."""
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    position = place_between(before, after)
    if position is not None:
        write.edit(PlannedLesson, rows[place].id, position=position)
        return
    for number, row in enumerate(rows, 1):
        write.edit(PlannedLesson, row.id, position=number * GAP)
