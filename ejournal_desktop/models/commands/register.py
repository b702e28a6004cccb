"""The class teacher's register of absentees: who is away, on which days and lessons, by which code, on whose word."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import Struct

from ejournal_core import absences, ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import AbsenceDocument, Attendance, RegisteredAbsence
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

ALREADY_THERE = "EJ-274"


class AbsenceDraft(Struct, frozen=True, kw_only=True):
    """An entry of the register as it was filled in; `number` and `told_by` go to the paper behind it."""

    pupil_id: str
    reason: str
    since: date
    until: date
    first_lesson: int | None = None
    last_lesson: int | None = None
    number: str = ""
    told_by: str = ""


def register_absence(journal: Journal, class_group_id: str, draft: AbsenceDraft) -> ChangeSet:
    """Внести в реестр отсутствующих; бумага и кто сообщил остаются у классного руководителя.

    Raises:
        Refusal: another entry speaks of the same lessons (EJ-274), or a rule says no.
    """
    with journal.write() as write:
        entry = _entry(write.new_id(), class_group_id, draft)
        _require_free(write, entry)
        document_id = _put_paper(write, None, class_group_id, draft)
        _put(write, entry, document_id)
    return write.changes


def change_absence(journal: Journal, entry_id: str, draft: AbsenceDraft) -> ChangeSet:
    """Исправить запись реестра и бумагу за ней: другие дни, код, уроки.

    Raises:
        Refusal: another entry speaks of the same lessons (EJ-274), or a rule says no.
    """
    with journal.write() as write:
        before = _known(write, entry_id)
        if before.pupil_id != draft.pupil_id:
            raise Refusal(ALREADY_THERE, "Запись о другом ученике: внесите новую, а эту уберите.")
        entry = _entry(entry_id, before.class_group_id, draft)
        _require_free(write, entry)
        document_id = _put_paper(write, before.document_id, before.class_group_id, draft)
        _put(write, entry, document_id)
    return write.changes


def remove_absence(journal: Journal, entry_id: str) -> ChangeSet:
    """Убрать запись реестра вместе с бумагой за ней; в истории обе остаются."""
    with journal.write() as write:
        _void(write, _known(write, entry_id))
    return write.changes


def release(journal: Journal, entry_id: str, day: date, lessons: tuple[int, ...] = ()) -> ChangeSet:
    """Принять слово учителя: в этот день ученик был, на этих уроках или на всех, и реестр о них больше не говорит.

    The entry gives them up and keeps what lies around, in as few entries as that takes.

    Args:
        lessons: numbers; none: the whole day.

    Raises:
        Refusal: the register says nothing of them any more (EJ-274), or a rule says no.
    """
    with journal.write() as write:
        before = _known(write, entry_id)
        pieces = _left_of(before, day, lessons)
        if pieces == [before]:
            raise Refusal(ALREADY_THERE, "В реестре об этих уроках уже ничего не сказано.")
        if not pieces:
            _void(write, before)
        for number, piece in enumerate(pieces):
            record = msgspec.structs.replace(piece, id=entry_id if number == 0 else write.new_id())
            _put(write, record, before.document_id)
    return write.changes


def _left_of(entry: RegisteredAbsence, day: date, lessons: tuple[int, ...]) -> list[RegisteredAbsence]:
    if not lessons:
        return absences.without_day(entry, day) if absences.covers(entry, day) else [entry]
    pieces = [entry]
    for number in lessons:
        pieces = [left for piece in pieces for left in absences.without_lesson(piece, day, number)]
    return pieces


def recode_day(journal: Journal, entry_id: str, day: date, reason: str) -> ChangeSet:
    """Указать для одного дня записи другой код; остальные её дни остаются с прежним."""
    with journal.write() as write:
        before = _known(write, entry_id)
        if not absences.covers(before, day):
            raise Refusal(ALREADY_THERE, "В реестре об этом дне уже ничего не сказано.")
        that_day = msgspec.structs.replace(before, since=day, until=day, reason=reason)
        for number, piece in enumerate([that_day, *absences.without_day(before, day)]):
            record = msgspec.structs.replace(piece, id=entry_id if number == 0 else write.new_id())
            _put(write, record, before.document_id)
    return write.changes


def mark_away(journal: Journal, lesson_ids: tuple[str, ...], pupil_id: str) -> ChangeSet:
    """Отметить ученика отсутствующим на нескольких уроках, которые ведёт этот же человек.

    Raises:
        Refusal: one of the lessons is another teacher's, or the pupil has a mark there; nothing was changed.
    """
    with journal.write() as write:
        for lesson_id in lesson_ids:
            write.edit(
                Attendance, ids.attendance(lesson_id, pupil_id), lesson_id=lesson_id, pupil_id=pupil_id,
                presence="absent", late_minutes=None,
            )  # fmt: skip
    return write.changes


def explain_absences(journal: Journal, attendance: tuple[tuple[str, str], ...], reason: str) -> ChangeSet:
    """Указать причину сразу для нескольких уроков, по (id записи, id урока); отменяется одним шагом."""
    with journal.write() as write:
        for record_id, lesson_id in attendance:
            pupil_id = record_id.removeprefix(f"{lesson_id}.")
            write.edit(Attendance, record_id, lesson_id=lesson_id, pupil_id=pupil_id, reason=reason)
    return write.changes


def _entry(entry_id: str, class_group_id: str, draft: AbsenceDraft) -> RegisteredAbsence:
    return RegisteredAbsence(
        id=entry_id, class_group_id=class_group_id, pupil_id=draft.pupil_id, reason=draft.reason, since=draft.since,
        until=draft.until, first_lesson=draft.first_lesson, last_lesson=draft.last_lesson,
    )  # fmt: skip


def _known(write: Write, entry_id: str) -> RegisteredAbsence:
    found = select_records(write.connection, RegisteredAbsence, id=entry_id)
    if not found:
        raise Refusal(ALREADY_THERE, "Этой записи в реестре уже нет: её убрали на другом компьютере.")
    return found[0]


def _require_free(write: Write, entry: RegisteredAbsence) -> None:
    others = select_records(write.connection, RegisteredAbsence, pupil_id=entry.pupil_id)
    clash = next((each for each in others if each.id != entry.id and absences.overlap(each, entry)), None)
    if clash is not None:
        days = _days(clash.since, clash.until)
        raise Refusal(ALREADY_THERE, f"Ученик уже в реестре {days}, код {clash.reason}: исправьте ту запись.")


def _days(since: date, until: date) -> str:
    return f"{since:%d.%m}" if since == until else f"с {since:%d.%m} по {until:%d.%m}"


def _put_paper(write: Write, document_id: str | None, class_group_id: str, draft: AbsenceDraft) -> str | None:
    """Keep the paper and the teller where there are any; return the document's id."""
    number, told_by = draft.number.strip(), draft.told_by.strip()[: absences.LONGEST_TELLER]
    if not (number or told_by or document_id):
        return None
    record = document_id or write.new_id()
    write.edit(
        AbsenceDocument, record, class_group_id=class_group_id, pupil_id=draft.pupil_id, reason=draft.reason,
        since=draft.since, until=draft.until, number=number, told_by=told_by,
    )  # fmt: skip
    return record


def _put(write: Write, entry: RegisteredAbsence, document_id: str | None) -> None:
    write.edit(
        RegisteredAbsence, entry.id, class_group_id=entry.class_group_id, pupil_id=entry.pupil_id,
        reason=entry.reason, since=entry.since, until=entry.until, first_lesson=entry.first_lesson,
        last_lesson=entry.last_lesson, document_id=document_id,
    )  # fmt: skip


def _void(write: Write, entry: RegisteredAbsence) -> None:
    write.edit(RegisteredAbsence, entry.id, act="void", voided=True)
    if not entry.document_id or select_records(write.connection, RegisteredAbsence, document_id=entry.document_id):
        return  # another part of what the paper explains still stands
    if write.exists(AbsenceDocument, entry.document_id):
        write.edit(AbsenceDocument, entry.document_id, act="void", voided=True)
