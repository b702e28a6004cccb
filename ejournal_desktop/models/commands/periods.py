"""Close a grading period of a class."""

from __future__ import annotations

from ejournal_core import ids
from ejournal_core.kinds import PeriodClosing
from ejournal_desktop.models.journal import ChangeSet, Journal


def close_period(journal: Journal, class_group_id: str, grading_period_id: str) -> ChangeSet:
    """Закрыть учебный период класса: дальше — только по заявкам.

    Raises:
        Refusal: disputes or requests of the period wait for a decision (EJ-238), or other rights are needed.
    """
    with journal.write() as write:
        write.edit(
            PeriodClosing,
            ids.period_closing(class_group_id, grading_period_id),
            act="lock",
            class_group_id=class_group_id,
            grading_period_id=grading_period_id,
            closed=True,
        )
    return write.changes
