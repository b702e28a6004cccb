"""Field by field: same, taken, or disputed. A clash is disputed by default; every exception is a line in a table."""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import Struct

from ejournal_core.changes import BLANK, Change, Outcome
from ejournal_core.kinds import KINDS, Fields, Json, field_names

#: Facts that stand or fall together. A field that is not named here is a unit of its own.
UNITS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Lesson": (("held_on", "lesson_number"),),
    "Mark": (("value", "comment", "document"),),
    "Attendance": (("presence", "late_minutes"), ("reason", "document_id")),
    "AbsenceDocument": (("reason", "since", "until", "number"),),
    "RegisteredAbsence": (("reason", "since", "until"), ("first_lesson", "last_lesson")),
    "PeriodMark": (("value", "justification", "document"),),
    "PageCompletion": (("received_on", "received_at"),),
    "GradingPeriod": (("starts_on", "ends_on"),),
    "CalendarDay": (("starts_on", "ends_on", "kind", "title"),),
    "PolicySetting": (("value", "basis"),),
    "HomeworkFile": (("size", "sha256", "media_type"),),
    "Guardian": (("last_name", "first_name", "patronymic"), ("consent_on", "consent_by", "withdrawn_on")),
    "DataReport": (("answer", "answer_reason", "answered_by", "answered_on"),),
    "SpecialGroup": (("since", "until", "basis"),),
    "BackupDrive": (("holder", "room"), ("generation", "proved_at", "held", "free_mib", "sheet")),
    "LessonPlan": (
        ("submitted_by", "given_in"),
        ("returned_by", "returned_why"),
        ("approved_by", "approved_on", "content", "hours"),
    ),
}

#: Two texts are both kept, joined, for the author to trim.
JOINED: frozenset[tuple[str, str]] = frozenset({("Lesson", "homework")})


class Merged(Struct, frozen=True):
    """What becomes of a record: how the change ends, the record's fields afterwards, and the units that clash."""

    outcome: Outcome
    fields: Fields
    clashes: tuple[tuple[str, ...], ...] = ()


@cache
def units(kind: str) -> tuple[tuple[str, ...], ...]:
    """Return the merge units of a kind; together they hold each of its fields once."""
    named = UNITS.get(kind, ())
    taken = {field for unit in named for field in unit}
    return named + tuple((field,) for field in field_names(KINDS[kind]) if field not in taken)


@cache
def defaults(kind: str) -> Fields:
    """Return the plain values that fields of a kind have while nobody entered any."""
    return {
        field.name: None if field.default is msgspec.NODEFAULT else msgspec.to_builtins(field.default)
        for field in msgspec.structs.fields(KINDS[kind])
        if field.name != "id"
    }


def merge(current: Fields | None, change: Change, *, moved: bool = False) -> Merged:
    """Judge a change that the rules allow against what the record holds now.

    Args:
        current: the record's fields, None when it does not exist yet.
        change: the edit.
        moved: whether the record changed after the tree head that the author had seen.

    Returns:
        taken (values were as the author saw them), converged (already so), merged (others moved, these did not, or
        texts joined) or disputed (a unit moved and the wanted value differs: nothing of the change is applied).
    """
    if current is None:
        return Merged("taken", {**defaults(change.kind), **blank(change), **change.set})
    wanted: Fields = {}
    clashes: list[tuple[str, ...]] = []
    joined = False
    for unit in units(change.kind):
        touched = [field for field in unit if field in change.set]
        if not touched or all(_now(current, change, field) == change.set[field] for field in touched):
            continue
        if all(_now(current, change, field) == _seen(change, field) for field in touched):
            wanted.update((field, change.set[field]) for field in touched)
        elif all((change.kind, field) in JOINED for field in touched):
            wanted.update((field, _join(current[field], change.set[field])) for field in touched)
            joined = True
        else:
            clashes.append(unit)
    if clashes:
        return Merged("disputed", current, tuple(clashes))
    if not wanted:
        return Merged("converged", current)
    return Merged("merged" if joined or moved else "taken", {**current, **wanted})


def blank(change: Change) -> Fields:
    """Return what stands in place of content that was destroyed by law; it lies in no later value's way."""
    return BLANK.get(change.kind, {}) if change.content else {}


def _now(current: Fields, change: Change, field: str) -> Json:
    return current.get(field, defaults(change.kind).get(field))


def _seen(change: Change, field: str) -> Json:
    return change.was.get(field, defaults(change.kind).get(field))


def _join(standing: Json, wanted: Json) -> str:
    return f"{standing}\n{wanted}" if standing and wanted else str(standing or wanted or "")
