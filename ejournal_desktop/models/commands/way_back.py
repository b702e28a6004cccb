"""The way back from a deed of the class teacher: what was entered goes, what was removed is entered anew."""

from __future__ import annotations

from ejournal_core.changes import Change
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Lesson
from ejournal_desktop.models import records
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import ChangeSet, Journal, Write

#: What goes when its entry is taken back: nobody else's records hang on it. Other births are emptied.
TAKEN_AWAY = frozenset({"RegisteredAbsence", "AbsenceDocument", "SubgroupMember", "Subgroup", "JournalPage"})


def take_back(journal: Journal, done: ChangeSet) -> ChangeSet:
    """Отменить сделанное: внесённое убирается, исправленное становится прежним, убранное вносится заново.

    Raises:
        Refusal: somebody has changed it since (EJ-290), or a rule says no.
    """
    anew: dict[str, str] = {}
    with journal.write() as write:
        for change in reversed(done.changes):
            if change.act == "void":
                _enter_anew(write, change, anew)
            elif change.act == "create" and change.kind in TAKEN_AWAY:
                _require_unused(write, change)
                write.edit(change.kind, change.record, act="void", voided=True)
            else:
                write.take_back(change)
    return write.changes


def _enter_anew(write: Write, voided: Change, anew: dict[str, str]) -> None:
    """Enter what was removed as a new record: one that is void stays so. Papers come before what they explain."""
    fields = dict(records.read(write.connection, voided.kind, voided.record).fields or {})
    paper = str(fields.get("document_id") or "")
    if paper in anew:
        fields["document_id"] = anew[paper]
    anew[voided.record] = write.new_id()
    write.put(voided.kind, anew[voided.record], {**fields, "voided": False})


def _require_unused(write: Write, born: Change) -> None:
    """Raise a refusal where something was entered on a page since it was opened."""
    if born.kind == "JournalPage" and select_records(write.connection, Lesson, journal_page_id=born.record):
        raise Refusal("EJ-290", "На странице этой группы уже есть уроки: отмена не выполнена, группа осталась.")
