"""Divide one journal page between spreads: which lessons, columns and lines of text stand on which pair of pages.

Left and right page of a spread always show the same lessons. Homework is never shortened: rows grow, a spread then
holds fewer lessons, and a lesson longer than a page goes on over the next spread.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.paper import LEADING, MM
from ejournal_desktop.models.pages import BookColumn, BookLesson, BookPage

MOST_LESSONS: Final = 11  # as printed class journals have
LEAST_COLUMN_WIDTH: Final = 5.6 * MM
TEXT_SIZE: Final = 9.0
CELL_PAD: Final = 1.2 * MM
LEAST_ROW: Final = 9 * MM

DATE_WIDTH: Final = 13 * MM
LESSON_NUMBER_WIDTH: Final = 9 * MM
TOPIC_WIDTH: Final = 58 * MM
HOMEWORK_WIDTH: Final = 66 * MM
NOTE_WIDTH: Final = 24 * MM
RIGHT_WIDTHS: Final = (DATE_WIDTH, LESSON_NUMBER_WIDTH, TOPIC_WIDTH, HOMEWORK_WIDTH, NOTE_WIDTH)

Column = tuple[int, BookColumn]  # index into the page's columns, -1 for one made up for a lesson that has none


class Piece(Struct, frozen=True):
    """A lesson's row of the right page, or the part of it that fits one spread."""

    lesson_index: int
    topic: tuple[str, ...]
    homework: tuple[str, ...]
    note: tuple[str, ...]
    continued: bool = False

    @property
    def lines(self) -> int:
        """Return the number of lines of the longest cell."""
        return max(len(self.topic), len(self.homework), len(self.note), 1)

    @property
    def height(self) -> float:
        """Return the height of the row."""
        return max(self.lines * TEXT_SIZE * LEADING + 2 * CELL_PAD, LEAST_ROW)


class Spread(Struct, frozen=True):
    """What a pair of facing pages shows; `last` carries the end of the subject."""

    pieces: tuple[Piece, ...]
    columns: tuple[Column, ...]
    last: bool = False


class Room(Struct, frozen=True):
    """What a pair of pages has to give."""

    height: float  # for the rows of the right page
    closing: float  # of it, for the end of the subject on the last spread
    columns: int  # on the left page


def divide(page: BookPage, room: Room) -> list[Spread]:
    """Return the spreads of one journal page, at least one."""
    columns, left_over = _columns_by_lesson(page)
    groups = _group(_pieces(page, room.height - room.closing), columns, room)
    _leave_room_for_closing(groups, room)
    spreads = [
        Spread(tuple(group), tuple(column for piece in group for column in _shown(piece, group, columns)))
        for group in groups
    ]
    last = spreads[-1]
    spreads[-1] = Spread(last.pieces, (*last.columns, *left_over), last=True)
    return spreads


def _columns_by_lesson(page: BookPage) -> tuple[dict[int, list[Column]], list[Column]]:
    """Return each lesson's columns with the period columns after it, and the columns of a page without lessons."""
    by_lesson: defaultdict[int, list[Column]] = defaultdict(list)
    before: list[Column] = []
    at = -1
    for index, column in enumerate(page.columns):
        at = column.lesson_index if column.lesson_index >= 0 else at
        (by_lesson[at] if at >= 0 else before).append((index, column))
    for index, lesson in enumerate(page.lessons):
        if all(column.lesson_index < 0 for _, column in by_lesson[index]):
            by_lesson[index].insert(0, (-1, _empty_column(index, lesson)))
    if page.lessons:
        by_lesson[0][:0] = before
        before = []
    return by_lesson, before


def _empty_column(index: int, lesson: BookLesson) -> BookColumn:
    return BookColumn(lesson.held_on, str(lesson.held_on.day), lesson_index=index)


def _pieces(page: BookPage, room: float) -> list[Piece]:
    """Break the texts into lines, and a lesson higher than `room` into pieces."""
    most = max(1, int((room - 2 * CELL_PAD) / (TEXT_SIZE * LEADING)))
    pieces: list[Piece] = []
    for index, lesson in enumerate(page.lessons):
        whole = Piece(
            index, _lines(lesson.topic, TOPIC_WIDTH), _lines(lesson.homework, HOMEWORK_WIDTH),
            _lines(lesson.note, NOTE_WIDTH),
        )  # fmt: skip
        for at in range(0, whole.lines, most):
            cut = slice(at, at + most)
            pieces.append(Piece(index, whole.topic[cut], whole.homework[cut], whole.note[cut], at > 0))
    return pieces


def _lines(text: str, width: float) -> tuple[str, ...]:
    return fonts.wrap(text, fonts.NARROW, TEXT_SIZE, width - 2 * CELL_PAD) if text else ()


def _group(pieces: list[Piece], columns: dict[int, list[Column]], room: Room) -> list[list[Piece]]:
    groups: list[list[Piece]] = [[]]
    height = wide = 0.0
    for piece in pieces:
        needs = len(columns[piece.lesson_index])
        full = len(groups[-1]) == MOST_LESSONS or height + piece.height > room.height or wide + needs > room.columns
        if groups[-1] and (full or piece.continued):
            groups.append([])
            height = wide = 0.0
        groups[-1].append(piece)
        height += piece.height
        wide += needs
    return groups


def _leave_room_for_closing(groups: list[list[Piece]], room: Room) -> None:
    """Move rows from the last spread to a new one until the end of the subject fits under them."""
    moved: list[Piece] = []
    while len(groups[-1]) > 1 and sum(piece.height for piece in groups[-1]) + room.closing > room.height:
        moved.insert(0, groups[-1].pop())
    if moved:
        groups.append(moved)


def _shown(piece: Piece, group: list[Piece], columns: dict[int, list[Column]]) -> list[Column]:
    """Return a lesson's columns once in a spread; a continued lesson shows them again on the next spread."""
    first = next(one for one in group if one.lesson_index == piece.lesson_index)
    return columns[piece.lesson_index] if first is piece else []
