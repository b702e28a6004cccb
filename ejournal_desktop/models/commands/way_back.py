"""The way back where rows come and go (КТП, Мой класс): what was entered goes, what was removed is entered anew."""

from __future__ import annotations

import msgspec

from ejournal_core import ids, merge
from ejournal_core.changes import Change
from ejournal_core.errors import Refusal
from ejournal_core.guardians import CONTACTS
from ejournal_core.kinds import Fields, Lesson
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

#: Reason of every change by which a step was taken back: the history tells a row so taken away from one deleted.
UNDONE = "отменено"

#: What goes when its entry is taken back: nobody else's records hang on it. Other births are emptied.
TAKEN_AWAY = frozenset({
    "RegisteredAbsence", "AbsenceDocument", "SubgroupMember", "Subgroup", "JournalPage", "PlannedLesson", "Guardian",
    "ListCheck", "DataReport", "Person", "RoleGrant",
})  # fmt: skip


def take_back(journal: Journal, done: ChangeSet, again: dict[str, str] | None = None, why: str = UNDONE) -> ChangeSet:
    """Отменить сделанное: внесённое убирается, исправленное становится прежним, убранное вносится заново.

    What was removed is born again under another id, since what is struck out stays so.

    Args:
        again: old id → new id of what earlier steps back have entered anew; what this one does is noted in it.
        why: kept with each change; "" where what was taken back is done again.

    Raises:
        Refusal: somebody has changed or removed it since (EJ-290), or a rule says no; nothing was changed.
    """
    known = {} if again is None else again
    anew: dict[str, str] = {}
    with journal.write() as write:
        for change in reversed(done.changes):
            _take_back(write, moved(change, known | anew), anew, why)
        if done.changes and not write.changes.changes:
            raise Refusal("EJ-290", "Этого здесь больше нет: отмена не выполнена.")
    known.update(anew)
    return write.changes


def moved(change: Change, again: dict[str, str]) -> Change:
    """Return a change of a record that was entered anew as one of the record that stands in its place now."""
    record = change.record
    while record in again:
        record = again[record]
    return change if record == change.record else msgspec.structs.replace(change, record=record)


def content(kind: str, fields: Fields) -> Fields:
    """Return what of a removed record is entered anew: contacts whose consent was withdrawn are not."""
    kept: Fields = {name: fields[name] for name in merge.defaults(kind) if name != "voided"}
    if kind == "Guardian" and kept["withdrawn_on"] is not None:
        kept |= dict.fromkeys(CONTACTS, "")
    return kept


def _take_back(write: Write, change: Change, anew: dict[str, str], why: str) -> None:
    if change.act == "void":
        _enter_anew(write, change, anew, why)
    elif change.act == "create" and change.kind in TAKEN_AWAY:
        _require_unused(write, change)
        write.edit(change.kind, change.record, act="void", why=why, voided=True)
    else:
        write.take_back(_of_a_day(change), why)


def _of_a_day(change: Change) -> Change:
    """Return the birth of a lesson whose day was changed as that change alone: the lesson itself stays."""
    said = {name: value for name, value in change.set.items() if name in ("teacher_id", "cancelled")}
    if change.act != "create" or change.kind != "Lesson" or not said:
        return change
    was = {name: merge.defaults("Lesson")[name] for name in said}
    return msgspec.structs.replace(change, act="change", was=was, set=said)


def _enter_anew(write: Write, voided: Change, anew: dict[str, str], why: str) -> None:
    """Enter what was removed as a new record. Papers come before what they explain."""
    stands = records.read(write.connection, voided.kind, voided.record).fields
    if stands is None:
        raise Refusal("EJ-290", "Этой записи на этом компьютере больше нет: отмена не выполнена.")
    fields = content(voided.kind, stands)
    paper = str(fields.get("document_id") or "")
    if paper in anew:
        fields["document_id"] = anew[paper]
    anew[voided.record] = _new_id(write, voided.kind, fields)
    write.put(voided.kind, anew[voided.record], fields, why=why)


def _new_id(write: Write, kind: str, fields: Fields) -> str:
    own = write.new_id()
    if kind == "PlannedLesson":
        return ids.planned_lesson(str(fields["journal_page_id"]), own)
    if kind == "Guardian":
        return ids.guardian(str(fields["class_group_id"]), str(fields["pupil_id"]), own)
    return own


def _require_unused(write: Write, born: Change) -> None:
    """Raise a refusal where something was entered on a page since it was opened."""
    if born.kind == "JournalPage" and select_records(write.connection, Lesson, journal_page_id=born.record):
        raise Refusal("EJ-290", "На странице этой группы уже есть уроки: отмена не выполнена, группа осталась.")
