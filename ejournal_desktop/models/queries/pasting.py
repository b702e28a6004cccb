"""What a pasted block would do to a page, cell by cell, judged by the rules that typing meets, before it does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from msgspec import Struct

from ejournal_core import marks
from ejournal_core.errors import Refusal
from ejournal_core.policy import Policy
from ejournal_core.policy_values import AbsenceCode
from ejournal_desktop.models.commands.pasting import CellEntry, enter_cell
from ejournal_desktop.models.journal import Journal, uncounted
from ejournal_desktop.models.pages import GridCell, GridColumn, JournalSpread
from ejournal_desktop.models.trial import Trial

Verdict = Literal["set", "same", "refused"]

#: What «late» is called by one key in the grid, besides the school's own code.
_LATE_LETTERS = frozenset({"о", "o", "j"})
_PLAIN_ABSENCE = "Н"
_NUMBER = re.compile(r"\d{2,}|\d+[.,]\d+")  # points or an average; typed by keys the same would be a double mark
_AS_NUMBER = re.compile(r"([1-5])[.,]0+")  # a spreadsheet may show 5 as 5,0
_SHOWN = 24  # of a text that is no mark
_NOTHING = GridCell()


class Wish(Struct, frozen=True):
    """A text meant for one cell (column and row of the spread); "" takes away what stands there, as Delete does."""

    column: int
    row: int
    text: str


class Planned(Struct, frozen=True):
    """What would become of one wish.

    Attributes:
        value, absence: what the cell would show; of a refused wish nothing.
        entry: what is entered when the plan is taken.
        refusal: why not.
    """

    column: int
    row: int
    text: str
    verdict: Verdict
    value: str = ""
    absence: str = ""
    entry: CellEntry | None = None
    refusal: Refusal | None = None


class _Meant(Struct, frozen=True):
    """A text understood: a mark, an absence, or an absence with a mark («оп 5»)."""

    value: str | None = None
    absence: AbsenceCode | None = None


def plan_cells(
    journal: Journal, spread: JournalSpread, wishes: Iterable[Wish], count: Callable[[int], None] = uncounted
) -> tuple[Planned, ...]:
    """Return what each wish would do if those before it were done; nothing is written. `count` hears how many are."""
    planned: list[Planned] = []
    with journal.reading() as connection:
        trial = Trial(journal, connection)
        policy = journal.policy()
        for wish in wishes:
            planned.append(_planned(trial, policy, spread, wish))
            count(len(planned))
    return tuple(planned)


def _planned(trial: Trial, policy: Policy, spread: JournalSpread, wish: Wish) -> Planned:
    column, pupil = spread.columns[wish.column], spread.pupils[wish.row]
    cell = spread.cells.get((column.key, pupil.pupil_id), _NOTHING)
    try:
        entry, value, absence = _entry(policy, spread, column, pupil.pupil_id, cell, wish.text)
        if (value, absence) == (cell.value, cell.absence):
            return Planned(wish.column, wish.row, wish.text, "same", value, absence)
        enter_cell(trial, spread.page.id, entry)
    except Refusal as refusal:
        return Planned(wish.column, wish.row, wish.text, "refused", refusal=refusal)
    return Planned(wish.column, wish.row, wish.text, "set", value, absence, entry)


def _entry(
    policy: Policy, spread: JournalSpread, column: GridColumn, pupil_id: str, cell: GridCell, text: str
) -> tuple[CellEntry, str, str]:
    """Return what is entered for a text, and the value and the letter that the cell shows then."""
    place: dict[str, Any] = {
        "pupil_id": pupil_id, "lesson_id": column.lesson_id, "mark_column_id": column.mark_column_id,
        "period_kind": column.period_kind, "period_number": column.period_number,
    }  # fmt: skip
    if not text:
        if cell.value or column.kind == "period":
            return CellEntry(**place, marks=True), "", cell.absence
        return CellEntry(**place, presence="present"), "", ""
    meant = _read(text, policy, spread.page.subject_title, column)
    value = cell.value if meant.value is None else meant.value
    absence = cell.absence if meant.absence is None else _letter(meant.absence)
    code = meant.absence if absence != cell.absence else None  # the same letter once more would forget its minutes
    entry = CellEntry(
        **place,
        marks=meant.value is not None,
        value=meant.value,
        presence=None if code is None else "late" if code.late else "absent",
        reason="" if code is None or code.late or code.code == _PLAIN_ABSENCE else code.code,
    )
    return entry, value, absence


def _read(text: str, policy: Policy, subject_title: str, column: GridColumn) -> _Meant:
    """Return what a text means in a column.

    Raises:
        Refusal: nothing that stands in a journal.
    """
    number = _AS_NUMBER.fullmatch(text)
    written = number[1] if number else text
    if _NUMBER.fullmatch(written):
        raise Refusal("EJ-220", f"«{text[:_SHOWN]}» — число, а не отметка: две отметки пишут через «/».")
    try:
        return _Meant(marks.parse_mark(written, policy, subject_title, column.kind == "period"))
    except Refusal as refusal:
        absence = _absence(written, policy) if column.kind == "lesson" else None
        if absence is not None:
            return _Meant(absence=absence)
        first, _, rest = written.partition(" ")
        absence = _absence(first, policy) if column.kind == "lesson" and rest else None
        if absence is not None and len(rest) < _SHOWN:
            return _Meant(marks.parse_mark(rest, policy, subject_title), absence)
        raise _named_shortly(refusal, text) from None


def _absence(text: str, policy: Policy) -> AbsenceCode | None:
    if text.casefold() in _LATE_LETTERS:
        return next((code for code in policy.absence_codes if code.late), None)
    try:
        return marks.parse_absence(text, policy)
    except Refusal:
        return None


def _letter(code: AbsenceCode) -> str:
    return code.code.casefold()


def _named_shortly(refusal: Refusal, text: str) -> Refusal:
    """Return the refusal of a text without the length of it; a formula is called one."""
    if text.startswith("="):
        return Refusal(refusal.code, "Это формула, а не отметка: скопируйте её значение.", refusal.clause)
    if len(text) <= _SHOWN:
        return refusal
    return Refusal(refusal.code, f"«{text[:_SHOWN]}…» — не отметка.", refusal.clause)


def taken(plan: Iterable[Planned]) -> Iterator[CellEntry]:
    """Yield what is entered when a plan is taken."""
    return (planned.entry for planned in plan if planned.verdict == "set" and planned.entry is not None)
