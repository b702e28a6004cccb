"""Many cells of a page entered at once: what a pasted block sets, what Delete takes from a chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from ejournal_core.kinds import PeriodKind, Presence
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.attendance import enter_presence, enter_reason
from ejournal_desktop.models.commands.marks import enter_mark, enter_period_mark
from ejournal_desktop.models.facts import RememberingFacts
from ejournal_desktop.models.journal import Journal, uncounted
from ejournal_desktop.models.write import Write


class CellEntry(Struct, frozen=True, kw_only=True):
    """What is to stand in one cell of a page.

    Attributes:
        lesson_id, mark_column_id: where a mark or an absence stands; no column: the lesson's first of the usual kind.
        period_kind, period_number: where a mark for a period stands.
        marks: whether `value` is entered (None takes the mark away).
        presence: None leaves it as it is; `reason` only with an absence, as a code of the school ("Б").
    """

    pupil_id: str
    lesson_id: str = ""
    mark_column_id: str | None = None
    period_kind: PeriodKind | None = None
    period_number: int = 0
    marks: bool = False
    value: str | None = None
    presence: Presence | None = None
    reason: str = ""


def enter_cells(
    journal: Journal, page_id: str, entries: Iterable[CellEntry], count: Callable[[int], None] = uncounted
) -> ChangeSet:
    """Внести несколько клеток страницы разом: все или ни одной; отменяется одним шагом.

    Args:
        count: called with how many cells are judged and set; what it raises leaves everything as it was.

    Raises:
        Refusal: the first entry to which a rule says no; nothing was changed.
    """
    with journal.write() as write:
        write.facts = RememberingFacts(write.connection, journal.clock(), journal.policy())
        for number, entry in enumerate(entries, 1):
            enter_cell(write, page_id, entry)
            count(number)
    return write.changes


def enter_cell(write: Write, page_id: str, entry: CellEntry) -> None:
    """Do inside a write what typing into one cell does.

    Raises:
        Refusal: a rule says no.
    """
    if entry.presence is not None:
        enter_presence(write, entry.lesson_id, entry.pupil_id, entry.presence)
        if entry.reason:
            enter_reason(write, entry.lesson_id, entry.pupil_id, entry.reason)
    if not entry.marks:
        return
    if entry.period_kind is not None:
        enter_period_mark(write, page_id, entry.pupil_id, entry.period_kind, entry.period_number, entry.value)
    else:
        enter_mark(write, entry.lesson_id, entry.mark_column_id, entry.pupil_id, entry.value)
