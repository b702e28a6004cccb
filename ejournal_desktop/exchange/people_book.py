"""Write the XLSX of an office: the blank to be filled in, and the books of invented schools. Same rows, same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

STAFF_HEADS = ("Фамилия", "Имя", "Отчество", "Пол", "Должность", "Роли", "Классное руководство", "В расписании")
PUPIL_HEADS = (
    "Класс",
    "Фамилия",
    "Имя",
    "Отчество",
    "Пол",
    "Дата рождения",
    "№ личного дела",
    "Дата зачисления",
    "Приказ",
    "Подгруппы",
)

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WRITTEN = b"2026-08-25T09:00:00Z"
_MODIFIED = re.compile(rb"(?<=W3CDTF\">)[^<]+")  # openpyxl writes the clock whatever the properties say

Line = Mapping[str, str | date]


def write_people(path: Path, staff: Sequence[Line], pupils: Sequence[Line]) -> None:
    """Write the book of a school's people; each line is cells by the column's head, missing ones stay empty.

    Raises:
        OSError: the file cannot be written.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, heads, lines in (("Сотрудники", STAFF_HEADS, staff), ("Ученики", PUPIL_HEADS, pupils)):
        sheet = book.create_sheet(title)
        sheet.append(list(heads))
        for line in lines:
            sheet.append([line.get(head) for head in heads])
        for column, head in enumerate(heads, 1):
            cell = sheet.cell(1, column)
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = max(len(head) + 2, 16)
        _show_dates(sheet.iter_rows(min_row=2))
        sheet.freeze_panes = "A2"
    book.properties.creator = "ejournal"
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(_without_clock(content))


def _show_dates(rows: object) -> None:
    for row in rows:  # type: ignore[attr-defined]  # openpyxl's stubs do not say what iter_rows yields
        for cell in row:
            if isinstance(cell.value, date):
                cell.number_format = "DD.MM.YYYY"


def _without_clock(content: io.BytesIO) -> bytes:
    """Return the book with the time of writing taken out of it."""
    result = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = _MODIFIED.sub(_WRITTEN, old.read(part)) if part.filename == "docProps/core.xml" else old.read(part)
            new.writestr(zipfile.ZipInfo(part.filename, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return result.getvalue()
