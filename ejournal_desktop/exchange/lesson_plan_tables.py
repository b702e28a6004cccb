"""Read the tables of a lesson plan's file as texts: XLSX, CSV as any program writes it, tables of a DOCX."""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from ejournal_desktop.exchange import opening
from ejournal_desktop.exchange.troubles import BrokenFile, FileTrouble, ForeignFile, UnsafeFile, WrongShape

MAX_ROWS = 2_000  # three hundred is a long plan
MAX_COLUMNS = 40
MAX_CELL = 4_000  # characters
MAX_TABLES = 50
MAX_MARKUP = 48 * 1024 * 1024  # bytes of a document without its pictures: read whole, they take ten times as much
MAX_TEXT = 2_000_000  # characters on the clipboard
DELIMITERS = ";\t,"
_SAVE_AS = (
    "сохраните план как книгу Excel (*.xlsx), документ Word (*.docx) или таблицу CSV (*.csv) и выберите новый файл"
)
MOST_STRANGE = 0.05  # of the signs of a text: more of them come from a lost byte or a wrong encoding
FIRST_STRANGE = 0x2E80  # here begin the scripts of which no topic is written


class TextRow(Struct, frozen=True):
    """One row: its number in its table as a person counts (from 1), and its cells; a merged cell speaks once."""

    number: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> tuple[str, ...]:
        """The cells that say something."""
        return tuple(cell for cell in self.cells if cell)


class TextTable(Struct, frozen=True):
    """A sheet or a table of a document; `place` is its name («лист «7 класс»»). Empty rows are left out."""

    file: str
    place: str
    rows: tuple[TextRow, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max((len(row.cells) for row in self.rows), default=0)


def read_tables(path: Path) -> tuple[TextTable, ...]:
    """Return the tables of a file that hold anything, in their order; the content decides what it is, not the name.

    Raises:
        FileTrouble: it is unreadable, foreign, damaged, protected, too large, or holds no table.
    """
    content = opening.read_bytes(path)
    if content.startswith(b"PK"):
        tables = _read_docx(path, content) if _is_docx(path, content) else _read_xlsx(path, content)
    elif opening.looks_like(content) == "это текст (например, CSV)" or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tables = [_table(path, "таблица", _lines_of_csv(path, content))]
    else:
        _require_known(path, content)
        raise ForeignFile(path, "такие файлы программа не читает", _SAVE_AS)
    found = tuple(table for table in tables if table.rows)
    if not found:
        raise WrongShape(path, "в файле нет ни одной заполненной таблицы", "проверьте, тот ли это файл")
    return found


def _require_known(path: Path, content: bytes) -> None:
    """Raise unless it is a whole book: a protected one is named, and of any other file, what a plan may be saved as."""
    try:
        opening.check_workbook(path, content)
    except ForeignFile as foreign:
        old = opening.looks_like(content) == "это файл старого Office"
        what = "это файл старого Office (XLS или DOC)" if old else "такие файлы программа не читает"
        raise ForeignFile(path, what, _SAVE_AS) from foreign


def table_of_text(text: str, name: str) -> TextTable:
    """Return the table that a spreadsheet put on the clipboard: tabs between cells, lines between rows.

    Args:
        name: what it is called where something is wrong with it.

    Raises:
        FileTrouble: it is larger than any plan, or holds nothing.
    """
    if len(text) > MAX_TEXT:
        raise UnsafeFile(name, "скопировано больше, чем бывает в плане", "скопируйте только строки плана")
    try:
        table = _table(Path(name), "таблица", csv.reader(io.StringIO(text, newline=""), dialect="excel-tab"))
    except csv.Error as error:
        raise BrokenFile(name, "строки не разобрать", "скопируйте их заново") from error
    if not table.rows:
        raise WrongShape(name, "в нём нет таблицы", "скопируйте строки плана в Excel или Word и вставьте снова")
    return table


def _table(path: Path, place: str, lines: Iterable[Iterable[Any]]) -> TextTable:
    rows = []
    for number, line in enumerate(lines, 1):
        if number > MAX_ROWS:
            raise UnsafeFile(path, f"строк больше {MAX_ROWS}", "оставьте в файле план одного класса", place)
        cells = _without_empty_end(cell_text(cell) for cell in list(line)[:MAX_COLUMNS])
        if any(len(cell) > MAX_CELL for cell in cells):
            raise UnsafeFile(path, "слишком длинный текст в ячейке", "сократите его", f"{place}, строка {number}")
        if any(cells):
            rows.append(TextRow(number, cells))
    return TextTable(path.name, place, tuple(rows))


def _without_empty_end(cells: Iterable[str]) -> tuple[str, ...]:
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def cell_text(value: Any) -> str:
    """Return a cell as a person reads it: one space between words, whole numbers without «.0», days as 03.09.2026."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return f"{value:%d.%m.%Y}"
    text = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf") else sign for sign in str(value))
    return " ".join(unicodedata.normalize("NFC", text).split())


# --- CSV -------------------------------------------------------------------------------------------------------------


def _lines_of_csv(path: Path, content: bytes) -> Iterator[list[str]]:
    text = _decoded(path, content)
    delimiter = max(DELIMITERS, key=lambda sign: sum(min(line.count(sign), 8) for line in text.splitlines()[:50]))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise BrokenFile(path, "таблица CSV повреждена: её строки не разобрать", "сохраните её заново") from error


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_readable(text):
            return text
    raise BrokenFile(path, "текст записан в неизвестной кодировке", "сохраните его в кодировке UTF-8")


def _is_readable(text: str) -> bool:
    """Say whether hardly anything in it is Chinese or no sign at all: so a text looks whose bytes are out of step."""
    strange = sum(sign >= chr(FIRST_STRANGE) or (sign < " " and sign not in "\t\r\n\f\v") for sign in text)
    return strange <= MOST_STRANGE * len(text)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def _read_xlsx(path: Path, content: bytes) -> list[TextTable]:
    import openpyxl  # loads with the first file, not with the window

    _require_known(path, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that do not concern the cells
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                return [_table(path, f"лист «{s.title}»", _lines_of_sheet(s)) for s in book.worksheets[:MAX_TABLES]]
            finally:
                book.close()
    except FileTrouble:
        raise
    except Exception as error:  # a damaged book may raise anything from inside openpyxl
        raise BrokenFile(path, "книга повреждена: её части не читаются", "сохраните её заново в Excel") from error


def _lines_of_sheet(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # some programs write a wrong size, and openpyxl would believe it
    yield from sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_ROWS + 1)


# --- DOCX ------------------------------------------------------------------------------------------------------------


def _is_docx(path: Path, content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "word/document.xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise BrokenFile(path, "файл повреждён или скопирован не до конца", "получите его заново") from error


def _read_docx(path: Path, content: bytes) -> list[TextTable]:
    import docx  # loads with the first file, not with the window

    opening.check_parts(path, content)
    if _markup_size(content) > MAX_MARKUP:
        raise UnsafeFile(path, "в документе больше текста, чем бывает в плане", "оставьте в нём только таблицу плана")
    try:
        tables = docx.Document(io.BytesIO(content)).tables
        return [_table(path, f"таблица {n}", _lines_of_table(t)) for n, t in enumerate(tables[:MAX_TABLES], 1)]
    except FileTrouble:
        raise
    except Exception as error:  # a damaged document may raise anything from inside the library
        raise BrokenFile(path, "документ повреждён: его части не читаются", "сохраните его заново в Word") from error


def _markup_size(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(
            part.file_size for part in archive.infolist() if part.filename.casefold().endswith((".xml", ".rels"))
        )


def _lines_of_table(table: Any) -> Iterator[list[str]]:
    """Yield the rows; a cell that spans several columns or rows speaks at its first place only.

    The library's own cells are walked past: it repeats a cell as often as the file says it is wide, be it a milliard of
    times, and looks for the beginning of a tall one anew from each of its rows.
    """
    from docx.table import _Cell

    for row in table._tbl.tr_lst:
        line = [""] * min(row.grid_before, MAX_COLUMNS)
        for cell in row.tc_lst[:MAX_COLUMNS]:
            line.append("" if cell.vMerge == "continue" else _Cell(cell, table).text)
            line += [""] * (min(cell.grid_span, MAX_COLUMNS) - 1)
        yield line
