"""Finding a place on the page by a few letters or a date, and which pupils the filters leave.

Plain functions over what the page shows; letters are understood in either keyboard layout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from ejournal_core import marks
from ejournal_core.russian import text_key
from ejournal_desktop.models.pages import GridCell, GridColumn, JournalSpread, PupilRow
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.geometry import MONTHS_SHORT
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.words import tr

Filter = Literal["debts", "low", "unmarked", "disputed", "waiting"]

FILTERS: dict[Filter, str] = {
    "debts": "долги", "low": "двойки", "unmarked": "без отметок", "disputed": "спорные", "waiting": "мои ожидающие",
}  # fmt: skip
#: The filters that look at one period, that of the current column; the others look at the whole page.
OF_A_PERIOD: frozenset[Filter] = frozenset({"debts", "low", "unmarked"})
_ONCE = ("year", "exam", "final")
_LOW = frozenset({"2", "1"})
_DATE = re.compile(r"(\d{1,2})\s*[.,/ю]\s*(\d{1,2})(?:[.,/ю](?:\d\d){1,2})?")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})\s+([а-я]{3,8})")
_ROMAN = {"1": "i", "2": "ii", "3": "iii", "4": "iv"}


class Found(Struct, frozen=True):
    """A place that a typed text may mean: a row, a column, or a filter."""

    row: int = -1
    column: int = -1
    filter: Filter | None = None


def find(text: str, spread: JournalSpread) -> list[Found]:
    """Return the places that a text may mean, the likeliest first: days, pupils, columns, filters."""
    typed = text.strip().casefold()
    if not typed:
        return []
    return list(first_found(typed, lambda text: [*_days(text, spread), *_by_letters(text_key(text), spread)]))


def _by_letters(typed: str, spread: JournalSpread) -> list[Found]:
    if not typed:
        return []
    names = [text_key(pupil.whole_name) for pupil in spread.pupils]
    pupils = [Found(row=row) for row, name in enumerate(names) if f" {typed}" in f" {name}"]
    pupils.sort(key=lambda each: not names[each.row].startswith(typed))
    if len(typed) < 2:
        return pupils
    columns = [Found(column=number) for number, column in enumerate(spread.columns) if _is_called(column, typed)]
    filters = [Found(filter=name) for name, title in FILTERS.items() if len(typed) > 2 and title.startswith(typed)]
    inside = [Found(row=row) for row, name in enumerate(names) if typed in name]
    return [*pupils, *columns, *filters] or inside


def _days(typed: str, spread: JournalSpread) -> Iterator[Found]:
    wanted = _day_and_month(typed)
    for number, column in enumerate(spread.columns):
        if column.held_on and column.first_of_lesson and (column.held_on.day, column.held_on.month) == wanted:
            yield Found(column=number)


def _day_and_month(typed: str) -> tuple[int, int] | None:
    if figures := _DATE.fullmatch(typed):
        return int(figures[1]), int(figures[2])
    if words := _DAY_OF_MONTH.fullmatch(typed):
        months = [number for number, name in enumerate(MONTHS_SHORT, 1) if name[:3] == words[2][:3]]
        months = months or [5] * (words[2] == "мая")
        return (int(words[1]), months[0]) if months else None
    return None


def _is_called(column: GridColumn, typed: str) -> bool:
    """Say whether a column is called so: by its work or the code of it, or by its period («1 четверть», «год»)."""
    if column.kind == "period":
        first, _, rest = typed.partition(" ")
        key = f"{_ROMAN.get(first, first)} {rest}".strip()
        return text_key(spoken.column_name(column)).startswith(key) or text_key(column.period_title) == key
    title, code = text_key(column.work_title), text_key(column.work_code)
    return bool(code) and (code == typed or (len(typed) > 2 and title.startswith(typed)))


# --- filters ---------------------------------------------------------------------------------------------------------


def pupils_left(spread: JournalSpread, name: Filter, column: int) -> frozenset[str]:
    """Return the pupils whom a filter leaves, looking at the period of a column where it looks at one."""
    seen = [
        each for each in spread.columns if name not in OF_A_PERIOD or _is_of_one_period(each, spread.columns[column])
    ]
    return frozenset(pupil.pupil_id for pupil in spread.pupils if _stays(spread, name, pupil, seen))


def _is_of_one_period(one: GridColumn, other: GridColumn) -> bool:
    whole_year = other.period_kind in _ONCE
    return whole_year or (one.period_kind not in _ONCE and one.period_number == other.period_number)


def _stays(spread: JournalSpread, name: Filter, pupil: PupilRow, columns: list[GridColumn]) -> bool:
    cells = ((column, spread.cells.get((column.key, pupil.pupil_id))) for column in columns)
    lessons = [cell for column, cell in cells if cell is not None and (column.kind == "lesson" or name != "unmarked")]
    if name == "unmarked":
        return pupil.present_in_class(spread.today) and not any(_is_mark(cell) for cell in lessons)
    return any(_HOLDS[name](cell) for cell in lessons)


def _is_mark(cell: GridCell) -> bool:
    return bool(cell.value) and cell.value != marks.DEBT


def _is_low(cell: GridCell) -> bool:
    return cell.value == marks.FAIL or not _LOW.isdisjoint(cell.value.split("/"))


_HOLDS: dict[Filter, Callable[[GridCell], bool]] = {
    "debts": lambda cell: cell.value == marks.DEBT,
    "low": _is_low,
    "disputed": lambda cell: cell.delivery == "disputed",
    "waiting": lambda cell: cell.delivery in ("waiting", "pending"),
}


def filter_sentence(whole: JournalSpread, left: int, name: Filter, column: int) -> str:
    """Return «Показаны 4 из 25: двойки, I четверть»."""
    at = whole.columns[column]
    period = next((c for c in whole.columns if c.kind == "period" and _is_of_one_period(c, at)), None)
    scope = spoken.column_name(period) if period is not None and name in OF_A_PERIOD else tr("вся страница")
    return tr("Показаны {0} из {1}: {2}, {3}").format(left, len(whole.pupils), FILTERS[name], scope)
