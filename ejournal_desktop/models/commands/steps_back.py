"""Ctrl+Z over everything a page can hold: what was written is taken back, what was struck out is written anew.

A voided record never lives again, so its inverse is a record of its own with the same content.
"""

from __future__ import annotations

from collections.abc import Callable

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.errors import Refusal
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.mark_columns import (
    BROUGHT_BACK,
    bring_back_column,
    change_work_kind,
    remove_column,
    remove_column_if_empty,
)
from ejournal_desktop.models.commands.pupil_remarks import bring_back_remark, take_back_written
from ejournal_desktop.models.journal import Journal, uncounted


def take_back_step(journal: Journal, step: ChangeSet, count: Callable[[int], None] = uncounted) -> ChangeSet:
    """Отменить один шаг целиком или никак.

    Raises:
        Refusal: somebody has changed one of the values since (EJ-290), or a rule forbids the inverse edit.
    """
    for change in step.changes:
        if change.kind == "PupilRemark":
            void = change.act == "void"
            return bring_back_remark(journal, change.record) if void else take_back_written(journal, change)
    done = _column_taken_back(journal, step.changes)
    if done is not None:
        return done
    if any(_is_struck_out(journal, change) for change in step.changes):
        raise Refusal("EJ-290", "Эту запись с тех пор вычеркнули вместе со столбцом: отмена не выполнена.")
    return journal.undo(step, count)


def _is_struck_out(journal: Journal, change: Change) -> bool:
    with journal.reading() as connection:
        fields = records.read(connection, change.kind, change.record).fields
    return change.act != "void" and fields is not None and bool(fields["voided"])


def _column_taken_back(journal: Journal, changes: tuple[Change, ...]) -> ChangeSet | None:
    """Take back what was done with a column as a whole; None for a step that did nothing of that."""
    columns = [change for change in changes if change.kind == "MarkColumn"]
    gone = [change.record for change in columns if change.act == "void"]
    born = [change for change in columns if change.act == "create"]
    if gone and born:
        return change_work_kind(journal, born[0].record, ids.mark_column_parts(gone[0])[1])
    if gone:
        return bring_back_column(journal, gone[0])
    if born and born[0].why == BROUGHT_BACK:
        return remove_column(journal, born[0].record)
    if born and all(change.kind in ("Lesson", "MarkColumn") for change in changes):
        return remove_column_if_empty(journal, born[0].record)
    return None
