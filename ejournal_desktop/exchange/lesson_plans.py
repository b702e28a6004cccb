"""Rows of a lesson plan from a teacher's table: which column is what, guessed and changeable; what each row says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal, get_args

from msgspec import Struct

from ejournal_core.lesson_plans import LONGEST_HOMEWORK, LONGEST_TOPIC, MOST_HOURS
from ejournal_desktop.exchange.lesson_plan_tables import TextRow, TextTable
from ejournal_desktop.exchange.sheets import fold
from ejournal_desktop.exchange.troubles import Problem
from ejournal_desktop.models.commands.lesson_plans import RowDraft

Field = Literal["number", "section", "topic", "hours", "date", "homework", "control"]
FIELDS: tuple[Field, ...] = get_args(Field)
TITLES: Mapping[Field, str] = {
    "number": "№", "section": "Раздел", "topic": "Тема", "hours": "Часы", "date": "Дата",
    "homework": "Домашнее задание", "control": "Вид контроля",
}  # fmt: skip
#: A head is a field's by the first of these that stands in it; «Наименование разделов и тем» is the topic's.
_HEADS: tuple[tuple[Field, str], ...] = (
    ("homework", r"домашн|д/з|\bдз\b"), ("control", r"контрол|форма аттест"), ("hours", r"\bчас|кол-во|количество"),
    ("date", r"дата|срок|\bпо плану|^план$"), ("topic", r"\bтем|содержание урока|содержание материала"),
    ("section", r"раздел|модул|\bглав"), ("number", r"^no\b|^n п/п|^номер|^п/п$"),
)  # fmt: skip
_FACT = re.compile(r"факт|коррекц")
_HEAD_ROWS = 15
_NUMBER = re.compile(r"(\d{1,4})(?:[.,]\d+)?\s*(?:ч|час\w*)?\.?")
_TOTAL = re.compile(r"(итого|всего)\b")
_SECTION = re.compile(r"(раздел|глава|модуль)\s+[\dIVXivx]+")
_EXERCISE = re.compile(r"§|№\s*\d|\b(стр|упр|карточк|параграф|учить|повторить|задани)")
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")

Columns = Mapping[Field, int]


class PlanLine(Struct, frozen=True):
    """One row of the file in the preview: its number there, what would be entered, or why it is refused."""

    number: int
    draft: RowDraft | None
    problem: Problem | None = None


class PlanPreview(Struct, frozen=True):
    """What an import would do: rows in order; what was passed over (heads, sections, totals) counts in `skipped`."""

    lines: tuple[PlanLine, ...]
    skipped: int

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has to be mended first: nothing is entered while there is any."""
        return tuple(line.problem for line in self.lines if line.problem)

    @property
    def drafts(self) -> tuple[RowDraft, ...]:
        """The rows that would be entered."""
        return tuple(line.draft for line in self.lines if line.draft)

    @property
    def hours(self) -> int:
        """The sum of their hours."""
        return sum(draft.hours for draft in self.drafts)


# --- which column is what --------------------------------------------------------------------------------------------


def guess_columns(table: TextTable) -> dict[Field, int]:
    """Return which column is what, by heads, and where those are silent by contents; the topic is always found."""
    head = _head_of(table)
    end = head.stop
    found: dict[Field, int] = {}
    for row in table.rows[head.start : end]:  # not the titles above: «Календарно-тематическое планирование»
        for field, place in _named(row).items():
            found.setdefault(field, place)
    return _by_contents(table.rows[end:], found, table.width)


def _head_of(table: TextTable) -> range:
    """Return which rows are the head, a second row of it («план», «факт») too; the plan begins where it stops."""
    rows = table.rows[:_HEAD_ROWS]
    scores = [len(_named(row)) for row in rows]
    best = max(scores, default=0)
    if best < 2 and not (rows and all(_is_of_head(cell) for cell in rows[0].filled) and rows[0].number == 1):
        return range(0)  # one word that looks like a head may as well be a topic
    end = scores.index(best) + 1
    while end < len(rows) and rows[end].filled and all(_is_of_head(cell) for cell in rows[end].filled):
        end += 1
    return range(scores.index(best), end)


def _is_of_head(cell: str) -> bool:
    return _field_of(cell) is not None or _FACT.search(fold(cell)) is not None


def _named(row: TextRow) -> dict[Field, int]:
    named: dict[Field, int] = {}
    for place, cell in enumerate(row.cells):
        field = _field_of(cell)
        if field is not None:
            named.setdefault(field, place)
    return named


def _field_of(head: str) -> Field | None:
    folded = fold(head)
    if not folded or len(folded) > 60 or _FACT.search(folded) or re.match(_SECTION, folded):
        return None
    return next((field for field, pattern in _HEADS if re.search(pattern, folded)), None)


def _by_contents(rows: Sequence[TextRow], found: dict[Field, int], width: int) -> dict[Field, int]:
    columns = {place: [row.cells[place] for row in rows if place < len(row.cells)] for place in range(width)}
    free = [place for place in columns if place not in found.values()]
    silent = not found
    if "topic" not in found and free:
        found["topic"] = max(free, key=lambda place: sum(sign.isalpha() for cell in columns[place] for sign in cell))
        free.remove(found["topic"])
    for place in free:
        filled = [cell for cell in columns[place] if cell]
        field = _kind_of_column(filled, len(rows), behind=place > found["topic"])
        if field is None and silent and sum(bool(_EXERCISE.search(cell.casefold())) for cell in filled) * 2 > len(rows):
            field = "homework"
        if field is not None and field not in found:
            found[field] = place
    return found


def _kind_of_column(filled: Sequence[str], rows: int, *, behind: bool) -> Field | None:
    """Say what a column holds; behind the topics no rows are counted: what rises there by chance is hours."""
    if len(filled) * 2 <= rows:
        return None
    numbers = [int(cell.rstrip(".")) for cell in filled if cell.rstrip(".").isdecimal() and len(cell) < 5]
    if len(numbers) == len(filled):
        rising = not behind and all(a < b for a, b in pairwise(numbers))
        return "number" if rising else "hours" if max(numbers) <= MOST_HOURS else None
    return "date" if all(day_of(cell, date(2000, 9, 1)) for cell in filled) else None


# --- what each row says ----------------------------------------------------------------------------------------------


def preview(table: TextTable, columns: Columns, year_starts_on: date) -> PlanPreview:
    """Return what an import of the table would do.

    Args:
        columns: which column is what, the topic's among them; as guessed or as a person corrected it.
        year_starts_on: dates without a year are of the school year that begins then.
    """
    lines: list[PlanLine] = []
    end = _head_of(table).stop
    heads, rows = {row.cells for row in table.rows[:end]}, table.rows[end:]
    section, skipped, seen = "", end, set[tuple[str, str]]()
    for place, row in enumerate(rows):
        said = {field: _cell(row, columns.get(field)) for field in FIELDS}
        heading = "" if row.cells in heads else _heading(rows[place:], said, columns)
        if heading is not None:
            section, skipped = heading or section, skipped + 1
            continue
        section = said["section"] or section
        line = _line(table, row, {**said, "section": section}, year_starts_on)
        key = said["number"], said["topic"]
        if said["number"] and line.problem is None and key in seen:
            line = _refused(table, row, "строка повторяется: такая уже есть выше", "удалите одну из них")
        seen.add(key)
        lines.append(line)
    return PlanPreview(tuple(lines), skipped)


def _cell(row: TextRow, place: int | None) -> str:
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _heading(rows: Sequence[TextRow], said: Mapping[Field, str], columns: Columns) -> str | None:
    """Return the section that the first row opens, "" for a total, None for a topic: in doubt it is a topic."""
    filled = rows[0].filled
    texts = [cell for cell in filled if not _NUMBER.fullmatch(cell.casefold())]
    if said["number"][:1].isdecimal() or len(texts) != 1:  # a merged section stands in the column of numbers
        return None
    if _TOTAL.match(fold(texts[0])):
        return ""
    if _SECTION.match(fold(texts[0])) or (len(filled) == 1 and ("number" in columns or "hours" in columns)):
        return texts[0]
    return texts[0] if "number" in columns and _sums_up(rows, said["hours"], columns) else None


def _sums_up(rows: Sequence[TextRow], hours: str, columns: Columns) -> bool:
    """Say whether the hours of the first row are those of the numbered rows that follow it."""
    total = 0
    for row in rows[1:]:
        if not _cell(row, columns.get("number")):
            break
        total += hours_of(_cell(row, columns.get("hours"))) or 0
    match = _NUMBER.fullmatch(hours.casefold())
    return match is not None and total > 0 and match[1] == str(total)


def _line(table: TextTable, row: TextRow, said: Mapping[Field, str], year_starts_on: date) -> PlanLine:
    hours, day = hours_of(said["hours"]), day_of(said["date"], year_starts_on)
    if not said["topic"]:
        return _refused(table, row, "нет темы", "впишите тему или удалите строку", "topic")
    if hours is None:
        advice = f"нужно целое число от 1 до {MOST_HOURS}"
        return _refused(table, row, f"часы «{said['hours'][:30]}» не понять", advice, "hours")
    if said["date"] and day is None:
        advice = "пишите день и месяц, например 03.09, или не загружайте столбец с датами"
        return _refused(table, row, f"дату «{said['date'][:30]}» не понять", advice, "date")
    for field, longest in (("topic", LONGEST_TOPIC), ("section", LONGEST_TOPIC), ("control", LONGEST_TOPIC),
                           ("homework", LONGEST_HOMEWORK)):  # fmt: skip
        if len(said[field]) > longest:  # type: ignore[index]  # the names are fields
            return _refused(table, row, "слишком длинный текст", f"оставьте до {longest} знаков", field)  # type: ignore[arg-type]
    draft = RowDraft(said["topic"], said["section"], hours, day, said["homework"], said["control"])
    return PlanLine(row.number, draft)


def _refused(table: TextTable, row: TextRow, what: str, advice: str, field: Field | None = None) -> PlanLine:
    place = f"{table.place}, строка {row.number}" + (f", столбец «{TITLES[field]}»" if field else "")
    return PlanLine(row.number, None, Problem(table.file, place, what, advice, "EJ-500"))


def hours_of(text: str) -> int | None:
    """Return the lessons of a row: «2», «2 ч», «1,0»; one where nothing is said; None for what is no number of them."""
    if not text:
        return 1
    match = re.fullmatch(r"(\d{1,3})(?:[.,]0+)?\s*(?:ч|час|часа|часов|урок\w*)?\.?", text.casefold())
    hours = int(match[1]) if match else 0
    return hours if 1 <= hours <= MOST_HOURS else None


def day_of(text: str, year_starts_on: date) -> date | None:
    """Return a day written by hand: «03.09», «3.9.26», «3 сентября», «2026-09-03»; of several the first; else None."""
    folded = text.casefold().strip()
    if match := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", folded):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := re.match(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2})\b)?", folded):
        return _in_year(int(match[1]), int(match[2]), match[3], year_starts_on)
    if match := re.match(r"(\d{1,2})\s+([а-я]{3,})\.?\s*(\d{4})?", folded):
        month = next((n for n, name in enumerate(_MONTHS, 1) if n != 5 and match[2].startswith(name[:3])), 0)
        month = month or (5 if match[2] in ("май", "мая") else 0)
        return _in_year(int(match[1]), month, match[3], year_starts_on)
    return None


def _in_year(day: int, month: int, year: str | None, year_starts_on: date) -> date | None:
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    later = month < min(year_starts_on.month, 8)
    return _day(year_starts_on.year + later, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None
