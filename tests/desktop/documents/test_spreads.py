"""Dividing a subject between spreads: nothing lost, nothing twice, everything within the page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejournal_desktop.documents.forms.spreads import MOST_LESSONS, Room, Spread, divide
from ejournal_desktop.models.pages import BookColumn, BookLesson, BookPage

ROOM = Room(height=650.0, closing=62.0, columns=20)

lengths = st.one_of(st.integers(0, 80), st.integers(300, 900), st.integers(3000, 9000))
texts = lengths.map(lambda length: " ".join(f"слово{at}" for at in range(length // 8)))


@st.composite
def book_pages(draw: st.DrawFn) -> BookPage:
    """Return a page with any number of lessons, columns a lesson and periods."""
    lessons: list[BookLesson] = []
    columns: list[BookColumn] = []
    for index, homework in enumerate(draw(st.lists(texts, max_size=40))):
        day = date(2026, 9, 1) + timedelta(days=index)
        lessons.append(BookLesson(day, 1, f"Тема {index}", homework))
        for _ in range(draw(st.integers(0, 5))):
            columns.append(BookColumn(day, str(day.day), "", index))
        for period in range(draw(st.sampled_from([0, 0, 0, 1, 4]))):
            columns.append(BookColumn(None, f"п{period}"))
    return BookPage("Алгебра", "", ("Иванова",), (), tuple(columns), tuple(lessons), {})


def shown_lessons(spread: Spread) -> list[int]:
    """Return the lessons of the right page."""
    return [piece.lesson_index for piece in spread.pieces]


@settings(deadline=None, max_examples=60)
@given(book_pages())
def test_every_lesson_column_and_line_is_shown_once_and_in_order(page: BookPage) -> None:
    spreads = divide(page, ROOM)
    begun = [piece.lesson_index for spread in spreads for piece in spread.pieces if not piece.continued]
    assert begun == list(range(len(page.lessons)))
    for index, lesson in enumerate(page.lessons):
        pieces = [piece for spread in spreads for piece in spread.pieces if piece.lesson_index == index]
        assert " ".join(line for piece in pieces for line in piece.homework) == lesson.homework
    first_shown = dict.fromkeys(at for spread in spreads for at, _ in spread.columns if at >= 0)
    assert list(first_shown) == list(range(len(page.columns)))


@settings(deadline=None, max_examples=60)
@given(book_pages())
def test_left_and_right_page_show_the_same_lessons_within_the_room(page: BookPage) -> None:
    spreads = divide(page, ROOM)
    assert [spread.last for spread in spreads] == [False] * (len(spreads) - 1) + [True]
    for spread in spreads:
        left = dict.fromkeys(column.lesson_index for _, column in spread.columns if column.lesson_index >= 0)
        assert list(left) == shown_lessons(spread)
        closing = ROOM.closing if spread.last else 0.0
        assert sum(piece.height for piece in spread.pieces) + closing <= ROOM.height
        assert len(spread.pieces) <= MOST_LESSONS
        assert len(spread.columns) <= ROOM.columns or len(spread.pieces) == 1


@settings(deadline=None, max_examples=30)
@given(book_pages())
def test_a_period_column_stands_right_after_the_columns_of_the_lesson_before_it(page: BookPage) -> None:
    for spread in divide(page, ROOM):
        indexes = [at for at, _ in spread.columns if at >= 0]
        assert indexes == sorted(indexes)


@pytest.mark.parametrize("lessons", [2, 3, 5, 8])
def test_the_end_of_the_subject_never_runs_over_the_page(lessons: int) -> None:
    moved = 0
    for lines in range(1, 60):
        homework = "\n".join(f"строка {at}" for at in range(lines))
        rows = tuple(BookLesson(date(2026, 9, 1 + at), 1, "Тема", homework) for at in range(lessons))
        last = divide(BookPage("Алгебра", "", ("Иванова",), (), (), rows, {}), ROOM)[-1]
        height = sum(piece.height for piece in last.pieces)
        assert height + ROOM.closing <= ROOM.height, lines
        moved += len(last.pieces) < lessons
    assert moved
