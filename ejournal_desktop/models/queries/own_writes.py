"""The last steps of this person where rows come and go, read from the history: КТП, Итоги, Мой класс.

A step is what one write did. As on a page (`own_steps`) one that a later write has taken back is none any more; here
what was struck out comes back as another record, so that steps are told of the records that stand in their place now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import sqlalchemy as sa

from ejournal_core import ids, merge
from ejournal_core.changes import Change
from ejournal_core.kinds import Fields
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.way_back import TAKEN_AWAY, UNDONE, content, moved
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.own_steps import as_step, is_of_one_step, recent_changes, takes_back

Belongs = Callable[[sa.Connection, Change], bool]
Write = list[Change]
Anew = dict[str, str]  # id of what was struck out → id of what came in its place

_RESULTS = frozenset({"PeriodMark", "PageCompletion"})
_REGISTER = frozenset({"RegisteredAbsence", "AbsenceDocument"})
_REASON = frozenset({"reason", "document_id"})
_STAFF = frozenset({"Person", "RoleGrant", "TeachingLoad", "CredentialIssue"})
_OF_A_DAY = frozenset({"journal_page_id", "teacher_id", "cancelled", "held_on", "lesson_number"})
_GROUPS = frozenset({"Subgroup", "JournalPage"})


def plan_steps(journal: Journal, page_id: str, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return what this person did of late to the rows of a plan and what still stands, the latest step last."""
    below = page_id + ids.SEPARATOR

    def belongs(_connection: sa.Connection, change: Change) -> bool:
        return change.kind == "PlannedLesson" and change.record.startswith(below)

    return _steps(journal, belongs, given_up)


def result_steps(journal: Journal, page_id: str, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of the period marks of a page, and of what was said of their being complete."""
    below = page_id + ids.SEPARATOR

    def belongs(_connection: sa.Connection, change: Change) -> bool:
        return change.kind in _RESULTS and change.record.startswith(below)

    return _steps(journal, belongs, given_up)


def register_steps(journal: Journal, class_group_id: str, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of the register of a class, its papers, and reasons given to absences at its lessons."""

    def belongs(connection: sa.Connection, change: Change) -> bool:
        if change.kind == "Attendance":
            return _REASON.issuperset(change.set) and _class_of_lesson(connection, change) == class_group_id
        return change.kind in _REGISTER and _is_of_class(connection, change, class_group_id)

    return _steps(journal, belongs, given_up)


def family_steps(journal: Journal, class_group_id: str, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of the families of a class, and of looks through its list."""

    def belongs(connection: sa.Connection, change: Change) -> bool:
        return change.kind in ("Guardian", "ListCheck") and _is_of_class(connection, change, class_group_id)

    return _steps(journal, belongs, given_up)


def report_steps(journal: Journal, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of reports of wrong data, told and answered."""
    return _steps(journal, lambda _connection, change: change.kind == "DataReport", given_up)


def staff_steps(journal: Journal, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of the school's own people, their roles, and codes handed over."""
    return _steps(journal, lambda _connection, change: change.kind in _STAFF, given_up)


def substitution_steps(journal: Journal, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of substitutes named for lessons, and of lessons called off or moved."""

    def belongs(_connection: sa.Connection, change: Change) -> bool:
        return change.kind == "Lesson" and _OF_A_DAY.issuperset(change.set)

    return _steps(journal, belongs, given_up)


def group_steps(journal: Journal, class_group_id: str, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return the same of the groups of a class and of who is in them."""

    def belongs(connection: sa.Connection, change: Change) -> bool:
        if change.kind == "SubgroupMember":
            group = str(_field(connection, "SubgroupMember", change.record, "subgroup_id"))
            return _field(connection, "Subgroup", group, "class_group_id") == class_group_id
        return change.kind in _GROUPS and _is_of_class(connection, change, class_group_id)

    return _steps(journal, belongs, given_up)


# --- which write is of which part ------------------------------------------------------------------------------------


def _field(connection: sa.Connection, kind: str, record_id: str, field: str) -> object:
    return (records.read(connection, kind, record_id).fields or {}).get(field)


def _is_of_class(connection: sa.Connection, change: Change, class_group_id: str) -> bool:
    return _field(connection, change.kind, change.record, "class_group_id") == class_group_id


def _class_of_lesson(connection: sa.Connection, change: Change) -> object:
    page_id, _day, _number = ids.lesson_parts(ids.attendance_parts(change.record)[0])
    return _field(connection, "JournalPage", page_id, "class_group_id")


# --- what of it still stands -----------------------------------------------------------------------------------------


def _steps(journal: Journal, belongs: Belongs, given_up: Collection[str]) -> list[ChangeSet]:
    with journal.reading() as connection:
        writes = _writes(reversed(list(recent_changes(connection, journal))))
        own = [_said(write) for write in writes if all(belongs(connection, change) for change in write)]
        steps, anew = _standing(connection, filter(None, own))
    steps = [step for step in steps if not any(change.id in given_up for change in step)]
    return [as_step([moved(change, anew) for change in step]) for step in steps]


def _said(write: Write) -> Write:
    """Return a write without the bare births of lessons and columns, of which nothing is ever taken back."""
    bare = [change.act == "create" and records.is_parent(change.kind)
            and change.set.keys() <= set(records.required_fields(change.kind)) for change in write]  # fmt: skip
    return [change for change, is_bare in zip(write, bare, strict=True) if not is_bare]


def _writes(changes: Iterable[Change]) -> list[Write]:
    writes: list[Write] = []
    for change in changes:
        if writes and is_of_one_step(writes[-1][-1], change):
            writes[-1].append(change)
        else:
            writes.append([change])
    return writes


def _standing(connection: sa.Connection, writes: Iterable[Write]) -> tuple[list[Write], Anew]:
    """Let each write that has taken an earlier one back cancel it; return what is left, and what came in whose place.

    A row that its person has deleted looks like one whose birth was taken back: the reason kept with it tells.
    """
    steps: list[Write] = []
    anew: Anew = {}
    for write in writes:
        is_back = write[0].why == UNDONE or write[0].kind == "Attendance"  # whose steps Журнал takes back too
        undone = _undone_by(connection, write, steps, anew) if is_back else None
        if undone is None:
            steps.append(write)
        else:
            steps.remove(undone[0])
            anew.update(undone[1])
    return steps, anew


def _undone_by(connection: sa.Connection, write: Write, steps: list[Write], anew: Anew) -> tuple[Write, Anew] | None:
    for step in reversed(steps):
        came = _taken_back(connection, write, step, anew)
        if came is not None:
            return step, came
    return None


def _taken_back(connection: sa.Connection, write: Write, step: Write, anew: Anew) -> Anew | None:
    """Return what a write entered anew if it takes a step back, change by change and the last one first."""
    came: Anew = {}
    if len(write) != len(step):
        return None
    for change, before in zip(write, reversed(step), strict=True):
        if change.kind != before.kind:
            return None
        if before.act == "void":
            if not _is_the_same_anew(connection, change, before, came):
                return None
            came[moved(before, anew).record] = change.record
        elif not _undoes(change, moved(before, anew | came)):
            return None
    return came


def _undoes(change: Change, before: Change) -> bool:
    if change.record != before.record:
        return False
    if before.act == "create" and before.kind in TAKEN_AWAY:
        return change.act == "void"
    return takes_back(change, before)


def _is_the_same_anew(connection: sa.Connection, change: Change, voided: Change, came: Anew) -> bool:
    """Say whether a birth holds what was struck out."""
    gone = records.read(connection, voided.kind, voided.record).fields
    if change.act != "create" or gone is None:
        return False
    held: Fields = {**merge.defaults(change.kind), **change.set}
    kept = content(voided.kind, gone)
    kept |= {"document_id": came.get(paper, paper)} if (paper := str(kept.get("document_id") or "")) else {}
    return all(held[name] == value for name, value in kept.items())
