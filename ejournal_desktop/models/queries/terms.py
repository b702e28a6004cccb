"""What the rules allow in one cell now, and until when: the entry is tried, not made."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ejournal_core.cases import Case
from ejournal_core.entry_times import open_until
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Mark
from ejournal_desktop.models.commands.asking import ASKABLE
from ejournal_desktop.models.commands.pasting import CellEntry, enter_cell
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridCell, GridColumn
from ejournal_desktop.models.trial import Trial

#: What the record belongs to is not on this desk: nothing that concerns whoever looks at a cell.
_NOT_HERE = "EJ-203"


class Terms(Struct, frozen=True):
    """What may be done in a cell.

    Attributes:
        until: when the mark in it closes, None where no rule sets a moment.
        refusal: why nothing may be entered now, None when something may.
        askable: another person may allow it all the same.
    """

    until: datetime | None = None
    refusal: Refusal | None = None
    askable: bool = False


ANYTHING = Terms()


def cell_terms(journal: Journal, page_id: str, column: GridColumn, pupil_id: str, cell: GridCell) -> Terms:
    """Return what the rules say of another value in a cell; of a cell with an absence only, of taking that back."""
    absent = bool(cell.absence) and not cell.value
    entry = CellEntry(
        pupil_id=pupil_id, lesson_id=column.lesson_id, mark_column_id=column.mark_column_id,
        period_kind=column.period_kind, period_number=column.period_number,
        marks=not absent, value="4" if cell.value == "5" else "5", presence="present" if absent else None,
    )  # fmt: skip
    with journal.reading() as connection:
        trial = Trial(journal, connection)
        try:
            enter_cell(trial, page_id, entry)
        except Refusal as refusal:
            return ANYTHING if refusal.code == _NOT_HERE else Terms(None, refusal, refusal.code in ASKABLE)
        changes = trial.changes.changes
        if not changes or changes[-1].kind != "Mark":
            return ANYTHING
        change = changes[-1]
        after = trial.facts.get(Mark, change.record)
        assert after is not None, "it has been tried"
        before = DeskFacts(connection, journal.clock(), journal.policy()).get(Mark, change.record)
        return Terms(open_until(Case(change, trial.facts, after, before, at_arrival=False)))
