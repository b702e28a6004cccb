"""Read tables from an XLSX as an office keeps them: titles above the head, columns in any order, stray spaces."""

from __future__ import annotations

import io
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from ejournal_desktop.exchange.opening import check_workbook, read_bytes
from ejournal_desktop.exchange.troubles import BrokenFile, Problem, UnsafeFile, WrongShape

MAX_ROWS = 20_000  # a whole town's pupils
MAX_COLUMNS = 200
HEAD_ROWS = 15  # the head of the table stands within these

Cell = str | int | float | bool | date | datetime | None


class Columns(Struct, frozen=True):
    """The columns of one sheet: the Russian head of each, other spellings of it, and which must be there."""

    sheet: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    spellings: Mapping[str, str] = {}  # as met in offices → our head, both folded


class Row(Struct, frozen=True):
    """One row of a sheet: cells by the column's Russian head. `number` is the row's number on the screen."""

    file: str
    sheet: str
    number: int
    cells: Mapping[str, Cell]

    def text(self, column: str) -> str:
        """Return the cell as text: NFC, one space between words, whole numbers without «.0»."""
        value = self.cells.get(column)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, datetime):
            return f"{value:%d.%m.%Y}"
        return " ".join(unicodedata.normalize("NFC", str(value)).split())

    def problem(self, what: str, advice: str, column: str = "") -> Problem:
        """Return a problem at this row, and at the column when one is given."""
        place = f"лист «{self.sheet}», строка {self.number}" + (f", столбец «{column}»" if column else "")
        return Problem(self.file, place, what, advice)


def fold(text: object) -> str:
    """Return a head or sheet name without the differences that people do not see: case, spaces, stops, Ё."""
    words = "".join(" " if sign in ".:*" else sign for sign in unicodedata.normalize("NFKC", str(text)))
    return " ".join(words.casefold().replace("ё", "е").split())


def read_book(path: Path, tables: tuple[Columns, ...]) -> dict[str, list[Row]]:
    """Return the rows of each table's sheet, by the sheet's name in `tables`; empty rows are left out.

    Raises:
        FileTrouble: the file is unreadable, foreign, damaged, encrypted, too large, or lacks a sheet or column.
    """
    import openpyxl  # loads with the first workbook, not with the window

    content = read_bytes(path)
    check_workbook(path, content)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it does not know; they do not concern the cells
            warnings.simplefilter("ignore")
            # from memory: given a path, openpyxl would keep a damaged file open
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                return {table.sheet: list(_rows(path, book, table)) for table in tables}
            finally:
                book.close()
    except (UnsafeFile, WrongShape):
        raise
    except Exception as error:  # a damaged book may raise anything from inside openpyxl
        raise BrokenFile(path, "книга повреждена: её части не читаются", "сохраните её заново в Excel") from error


def _rows(path: Path, book: Any, table: Columns) -> Iterator[Row]:
    sheet = _sheet(path, book, table.sheet)
    sheet.reset_dimensions()  # some programs write a wrong size, and openpyxl would believe it
    lines = enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1)
    heads = _heads(path, lines, table)
    for number, line in lines:
        if number > MAX_ROWS:
            raise UnsafeFile(path, f"строк больше {MAX_ROWS}", "удалите лишние строки", f"лист «{table.sheet}»")
        cells = {head: _clean(line[index]) for head, index in heads.items() if index < len(line)}
        if any(cell is not None for cell in cells.values()):
            yield Row(path.name, table.sheet, number, cells)


def _clean(value: Any) -> Cell:
    """Return None for a cell that only looks filled."""
    if isinstance(value, str):
        return value if value.strip() else None
    return value if isinstance(value, int | float | bool | date | datetime) else (None if value is None else str(value))


def _sheet(path: Path, book: Any, wanted: str) -> Any:
    for sheet in book.worksheets:
        if fold(sheet.title) == fold(wanted):
            return sheet
    there = ", ".join(f"«{sheet.title}»" for sheet in book.worksheets[:6]) or "нет ни одного"
    raise WrongShape(path, f"нет листа «{wanted}» (есть: {there})", f"назовите лист со списком «{wanted}»")


def _heads(path: Path, lines: Iterator[tuple[int, tuple[Any, ...]]], table: Columns) -> dict[str, int]:
    """Find the head of the table in the first rows and return the place of each known column."""
    known = _dictionary(table)
    best: dict[str, int] = {}
    best_row = 0
    for number, line in lines:
        heads = {name: index for index, cell in reversed([*enumerate(line)]) if (name := known.get(fold(cell)))}
        if len(heads) > len(best):
            best, best_row = heads, number
        if not set(table.required) - set(best) or number >= HEAD_ROWS:
            break
    missing = [name for name in table.required if name not in best]
    if missing:
        place = f"лист «{table.sheet}»" + (f", строка {best_row}" if best else "")
        what = f"нет столбца «{missing[0]}»" + (f" (и ещё: {', '.join(missing[1:])})" if missing[1:] else "")
        raise WrongShape(path, what, f"подпишите столбцы так: {', '.join(table.required)}", place)
    return best


def _dictionary(table: Columns) -> dict[str, str]:
    ours = {fold(name): name for name in (*table.required, *table.optional)}
    return ours | {fold(met): name for met, name in table.spellings.items()}
