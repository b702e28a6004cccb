"""Draw a spread of the bound copy: marks on the left page, topics and homework on the right one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

from msgspec import Struct

from ejournal_core import marks
from ejournal_desktop.documents import fonts, words
from ejournal_desktop.documents.forms.spreads import (
    CELL_PAD,
    LEAST_COLUMN_WIDTH,
    MOST_LESSONS,
    RIGHT_WIDTHS,
    TEXT_SIZE,
    Column,
    Piece,
    Room,
    Spread,
)
from ejournal_desktop.documents.paper import HAIRLINE, LEADING, MM, RULE, Frame, Paper
from ejournal_desktop.documents.troubles import DoesNotFit
from ejournal_desktop.models.pages import BookColumn, BookLesson, BookPage, PupilLine

NUMBER_WIDTH: Final = 7 * MM
NAME_WIDTH: Final = 50 * MM
HEADING_HEIGHT: Final = 9 * MM
MONTH_HEIGHT: Final = 5 * MM
DAY_HEIGHT: Final = 9 * MM
RIGHT_HEAD_HEIGHT: Final = 9 * MM
MOST_PUPIL_ROW: Final = 6.4 * MM
MOST_LESSON_ROW: Final = 15 * MM
NAME_SIZES: Final = (8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
DASH: Final = "—"
RIGHT_TITLES: Final = ("Дата", "№ урока", "Тема урока (что пройдено)", "Домашнее задание", "Примечание")
SIGN_STEP: Final = 10 * MM
_SHORT_MONTHS: Final = (
    "янв.", "февр.", "март", "апр.", "май", "июнь", "июль", "авг.", "сент.", "окт.", "нояб.", "дек.",
)  # fmt: skip


class NameRow(Struct, frozen=True):
    """A pupil's row of the left page."""

    pupil: PupilLine
    name: tuple[str, ...]
    note: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        """Return the least height of the row."""
        return self.text_height + 2

    @property
    def text_height(self) -> float:
        """Return the height of the lines."""
        return (len(self.name) * self.size + len(self.note) * (self.size - 1.5)) * LEADING


def room(page: BookPage, frame: Frame) -> Room:
    """Return what a pair of pages has to give for one subject."""
    height = frame.height - HEADING_HEIGHT - RIGHT_HEAD_HEIGHT
    columns = int((frame.width - NUMBER_WIDTH - NAME_WIDTH) / LEAST_COLUMN_WIDTH)
    return Room(height, closing_height(page), columns)


def subject_of(page: BookPage) -> str:
    """Return «алгебра, 2 группа»: subjects are written small in the body, abbreviations stay as they are."""
    title = page.subject_title
    small = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    return ", ".join(part for part in (small, page.subgroup_title) if part)


# --- left page -----------------------------------------------------------------------------------------------------


def draw_left(paper: Paper, frame: Frame, page: BookPage, spread: Spread, class_and_year: str) -> None:
    """Draw pupils × columns."""
    _draw_heading(paper, frame, f"Предмет: {subject_of(page)}", class_and_year)
    top = frame.top - HEADING_HEIGHT
    below = top - MONTH_HEIGHT - DAY_HEIGHT
    xs = _left_edges(frame, len(spread.columns))
    _draw_left_head(paper, spread, xs, top, below)
    y = _draw_pupils(paper, page, spread, xs, below, frame.bottom)
    for x in (*xs[:2], xs[-1]):
        paper.rule(x, top, x, y)
    for at, (_, column) in enumerate(spread.columns, 2):
        paper.rule(xs[at], top - _head_depth(spread, at - 2), xs[at], y, HAIRLINE)
        if column.lesson_index < 0:
            paper.rule(xs[at], top, xs[at], y, RULE)
    paper.box(xs[0], y, xs[-1], top)


def _head_depth(spread: Spread, at: int) -> float:
    """Return how far below the top a column's left edge starts: month names span their days."""
    here, before = spread.columns[at][1], spread.columns[at - 1][1] if at else None
    if before is None or before.lesson_index < 0 or here.lesson_index < 0 or _month(here) != _month(before):
        return 0.0
    return MONTH_HEIGHT


def _left_edges(frame: Frame, columns: int) -> list[float]:
    grid = frame.width - NUMBER_WIDTH - NAME_WIDTH
    width = grid / max(columns, MOST_LESSONS)
    start = frame.left + NUMBER_WIDTH + NAME_WIDTH
    return [frame.left, frame.left + NUMBER_WIDTH, *(start + width * at for at in range(columns + 1))]


def _draw_heading(paper: Paper, frame: Frame, left: str, right: str) -> None:
    room = frame.width - fonts.width(right, fonts.SERIF, 10) - 6 * MM
    size = fonts.fitted(left, fonts.SERIF_BOLD, 11, room)
    paper.put(frame.left, frame.top - 5 * MM, left, fonts.SERIF_BOLD, size)
    paper.put(frame.right, frame.top - 5 * MM, right, fonts.SERIF, 10, "right")


def _draw_left_head(paper: Paper, spread: Spread, xs: list[float], top: float, below: float) -> None:
    middle = (top + below) / 2 - 3
    paper.put((xs[0] + xs[1]) / 2, middle, "№", fonts.NARROW, 8.5, "centre")
    paper.put((xs[1] + xs[2]) / 2, middle, "Фамилия, имя, отчество", fonts.NARROW, 8.5, "centre")
    _draw_months(paper, spread, xs, top)
    for at, (_, column) in enumerate(spread.columns, 2):
        if column.lesson_index < 0:
            _draw_period_title(paper, column.title, xs[at], xs[at + 1], top, below)
        else:
            _draw_day(paper, column, xs[at], xs[at + 1], below)
    paper.rule(xs[0], below, xs[-1], below, RULE)


def _draw_months(paper: Paper, spread: Spread, xs: list[float], top: float) -> None:
    places = enumerate(spread.columns, 2)
    for month, group in groupby(places, lambda place: _month(place[1][1]) if place[1][1].lesson_index >= 0 else None):
        if month is None:
            continue
        held = [at for at, _ in group]
        x1, x2 = xs[held[0]], xs[held[-1] + 1]
        name = words.MONTHS[month[1] - 1]
        if fonts.width(name, fonts.NARROW, 8) > x2 - x1 - 2:
            name = _SHORT_MONTHS[month[1] - 1]
        size = fonts.fitted(name, fonts.NARROW, 8, x2 - x1 - 1)
        paper.put((x1 + x2) / 2, top - MONTH_HEIGHT + 4, name, fonts.NARROW, size, "centre")
        paper.rule(x1, top - MONTH_HEIGHT, x2, top - MONTH_HEIGHT)


def _month(column: BookColumn) -> tuple[int, int] | None:
    return (column.held_on.year, column.held_on.month) if column.held_on else None


def _draw_day(paper: Paper, column: BookColumn, x1: float, x2: float, below: float) -> None:
    middle, width = (x1 + x2) / 2, x2 - x1 - 1
    y = below + (5.2 * MM if column.work_code else 3.2 * MM)
    size = fonts.fitted(column.title, fonts.NARROW_BOLD, 9, width)
    paper.put(middle, y, column.title, fonts.NARROW_BOLD, size, "centre")
    if column.work_code:
        size = fonts.fitted(column.work_code, fonts.NARROW, 7, width)
        paper.put(middle, below + 1.6 * MM, column.work_code, fonts.NARROW, size, "centre")


def _draw_period_title(paper: Paper, title: str, x1: float, x2: float, top: float, below: float) -> None:
    size = fonts.fitted(title, fonts.NARROW_BOLD, 8.5, top - below - 4)
    lower = (top + below - fonts.width(title, fonts.NARROW_BOLD, size)) / 2
    paper.put_upright((x1 + x2) / 2 + size * 0.34, lower, title, fonts.NARROW_BOLD, size)


def _draw_pupils(
    paper: Paper, page: BookPage, spread: Spread, xs: list[float], top: float, bottom: float
) -> float:  # fmt: skip
    rows = name_rows(page.pupils, top - bottom)
    spare = (top - bottom - sum(row.height for row in rows)) / max(1, len(rows))
    y = top
    for row in rows:
        height = max(row.height, min(row.height + spare, MOST_PUPIL_ROW))
        _draw_pupil(paper, page, spread, row, xs, y, height)
        y -= height
        paper.rule(xs[0], y, xs[-1], y)
    return y


def name_rows(pupils: Sequence[PupilLine], height: float) -> list[NameRow]:
    """Return the pupils' rows in the largest type in which all of them fit `height`.

    Raises:
        DoesNotFit: EJ-360, the list is too long even in the smallest type.
    """
    for size in NAME_SIZES:
        rows = [_name_row(pupil, size) for pupil in pupils]
        if sum(row.height for row in rows) <= height:
            return rows
    raise DoesNotFit(pupils=len(pupils))


def _name_row(pupil: PupilLine, size: float) -> NameRow:
    inner = NAME_WIDTH - 2 * CELL_PAD
    note = fonts.wrap(pupil.note, fonts.NARROW, size - 1.5, inner) if pupil.note else ()
    return NameRow(pupil, fonts.wrap(pupil.name, fonts.NARROW, size, inner), note, size)


def _draw_pupil(
    paper: Paper, page: BookPage, spread: Spread, row: NameRow, xs: list[float], top: float, height: float
) -> None:
    middle = top - height / 2
    base = middle - 3
    paper.put((xs[0] + xs[1]) / 2, base, str(row.pupil.position), fonts.NARROW, row.size, "centre")
    y = paper.put_lines(xs[1] + CELL_PAD, middle + row.text_height / 2, row.name, fonts.NARROW, row.size)
    paper.put_lines(xs[1] + CELL_PAD, y, row.note, fonts.NARROW, row.size - 1.5)
    width = xs[3] - xs[2] - 1 if len(xs) > 3 else 0.0
    for at, column in enumerate(spread.columns, 2):
        text = cell_text(page, row.pupil, column)
        if text:
            face = fonts.NARROW if column[1].lesson_index >= 0 else fonts.NARROW_BOLD
            _put_cell(paper, (xs[at] + xs[at + 1]) / 2, base, text, face, width)


def _put_cell(paper: Paper, middle: float, base: float, text: str, face: str, width: float) -> None:
    """Write a mark and an absence side by side, each in its own face: a narrow «б» would read as 6."""
    *first, last = text.split(" ")
    parts = [(part, face_of(part.strip(), face)) for part in (*(f"{part} " for part in first), last)]
    whole = sum(fonts.width(part, own, 9) for part, own in parts)
    size = 9 * min(1.0, width / whole) if width else 9.0
    x = middle - whole * size / 18
    for part, own in parts:
        paper.put(x, base, part, own, size)
        x += fonts.width(part, own, size)


def face_of(text: str, face: str) -> str:
    """Return the face of a cell's text: absences (letters that are no mark) in a serif italic, all else in `face`."""
    is_absence = text.isalpha() and text not in marks.SCALE
    return fonts.SERIF_ITALIC if is_absence else face


def cell_text(page: BookPage, pupil: PupilLine, column: Column) -> str:
    """Return what a cell shows: the entered value, or a dash while the pupil was not in the class."""
    index, about = column
    text = page.cells.get((pupil.position, index), "")
    if text:
        return text
    day = about.held_on or _last_lesson_day(page, index)
    away = day is not None and not _in_class(pupil, day)
    return DASH if away else ""


def _in_class(pupil: PupilLine, day: date) -> bool:
    return (pupil.since is None or pupil.since <= day) and (pupil.until is None or day <= pupil.until)


def _last_lesson_day(page: BookPage, index: int) -> date | None:
    """Return the day of the last lesson before a period column: the period is judged by it."""
    before = (column.held_on for column in reversed(page.columns[:index]) if column.lesson_index >= 0)
    return next(before, None)


# --- right page ----------------------------------------------------------------------------------------------------


def draw_right(paper: Paper, frame: Frame, page: BookPage, spread: Spread) -> None:
    """Draw dates, topics and homework, and the end of the subject on its last spread."""
    teachers = ", ".join(page.teachers) or "не назначен"
    _draw_heading(paper, frame, f"{'Учителя' if len(page.teachers) > 1 else 'Учитель'}: {teachers}", "")
    top = frame.top - HEADING_HEIGHT
    xs = [frame.left]
    for width in RIGHT_WIDTHS:
        xs.append(xs[-1] + width)
    y = _draw_right_head(paper, xs, top)
    closing = closing_height(page) if spread.last else 0.0
    spare = (y - frame.bottom - closing - sum(piece.height for piece in spread.pieces)) / max(1, len(spread.pieces))
    for piece in spread.pieces:
        height = max(piece.height, min(piece.height + spare, MOST_LESSON_ROW))
        _draw_lesson(paper, page.lessons[piece.lesson_index], piece, xs, y)
        y -= height
        paper.rule(xs[0], y, xs[-1], y)
    for x in xs:
        paper.rule(x, top, x, y)
    paper.box(xs[0], y, xs[-1], top)
    if spread.last:
        _draw_closing(paper, frame, page, y)


def _draw_right_head(paper: Paper, xs: list[float], top: float) -> float:
    below = top - RIGHT_HEAD_HEIGHT
    for at, title in enumerate(RIGHT_TITLES):
        lines = fonts.wrap(title, fonts.NARROW, 8.5, xs[at + 1] - xs[at] - 2)
        start = (top + below + len(lines) * 8.5 * LEADING) / 2
        paper.put_lines((xs[at] + xs[at + 1]) / 2, start, lines, fonts.NARROW, 8.5, "centre")
    paper.rule(xs[0], below, xs[-1], below, RULE)
    return below


def _draw_lesson(paper: Paper, lesson: BookLesson, piece: Piece, xs: list[float], top: float) -> None:
    y = top - CELL_PAD
    middle = (xs[0] + xs[1]) / 2
    after = paper.put_lines(middle, y, (f"{lesson.held_on:%d.%m}",), fonts.NARROW, TEXT_SIZE, "centre")
    if piece.continued:
        paper.put_lines(middle, after, ("продолж.",), fonts.NARROW, 7, "centre")
    number = str(lesson.lesson_number) if lesson.lesson_number else ""
    paper.put_lines((xs[1] + xs[2]) / 2, y, (number,), fonts.NARROW, TEXT_SIZE, "centre")
    for at, lines in enumerate((piece.topic, piece.homework, piece.note), 2):
        paper.put_lines(xs[at] + CELL_PAD, y, lines, fonts.NARROW, TEXT_SIZE)


def closing_height(page: BookPage) -> float:
    """Return the height of the end of the subject."""
    return 12 * MM + SIGN_STEP * max(1, len(page.teachers))


def closing_sentence(page: BookPage) -> str:
    """Return «По плану — 68 уроков, дано — 66 уроков. Отставание — 2 урока.»."""
    if not page.planned:
        return f"Дано — {page.given} {words.noun(page.given, words.LESSON)}."
    behind = page.planned - page.given
    done = f"Отставание — {behind} {words.noun(behind, words.LESSON)}." if behind > 0 else "Программа выполнена."
    return (
        f"По плану — {page.planned} {words.noun(page.planned, words.LESSON)}, "
        f"дано — {page.given} {words.noun(page.given, words.LESSON)}. {done}"
    )


def _draw_closing(paper: Paper, frame: Frame, page: BookPage, top: float) -> None:
    y = top - 8 * MM
    paper.put(frame.left, y, closing_sentence(page), fonts.SERIF, 10.5)
    for teacher in page.teachers or ("",):
        y -= SIGN_STEP
        paper.put(frame.left, y, "Учитель", fonts.SERIF, 10)
        paper.rule(frame.left + 22 * MM, y - 1, frame.left + 74 * MM, y - 1)
        paper.put(frame.left + 48 * MM, y - 8, "подпись", fonts.NARROW, 6, "centre")
        size = fonts.fitted(teacher, fonts.SERIF, 10, frame.width - 78 * MM)
        paper.put(frame.left + 78 * MM, y, teacher, fonts.SERIF, size)
