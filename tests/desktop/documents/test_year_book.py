"""The bound copy: spreads face each other, the contents are true, nothing is shortened, the leaves are counted."""

from __future__ import annotations

import contextlib
import ctypes
import re
from datetime import date

import msgspec
import pypdfium2
import pytest

from ejournal_desktop.documents import Built, build_year_book
from ejournal_desktop.documents.forms import spread_pages
from ejournal_desktop.documents.troubles import DoesNotFit
from ejournal_desktop.models.pages import BookLesson, BookPage, PupilLine, YearBook
from tests.helpers import paper_samples
from tests.helpers.paper_words import PlacedWord, joined, placed_words

MM = 72 / 25.4


@pytest.fixture(scope="module")
def words(year_book: Built) -> dict[int, list[PlacedWord]]:
    """Give the words of the year's book by page."""
    return by_page(year_book)


def by_page(book: Built) -> dict[int, list[PlacedWord]]:
    """Return the words of a book by page."""
    pages: dict[int, list[PlacedWord]] = {at: [] for at in range(1, book.pages + 1)}
    for word in placed_words(book.pdf):
        pages[word.page].append(word)
    return pages


def text_of(pages: dict[int, list[PlacedWord]], page: int) -> str:
    """Return the words of one page."""
    return joined(pages[page])


def one_subject(page: BookPage) -> YearBook:
    """Return a book of one subject."""
    return paper_samples.year_book((page,))


# --- facing pages --------------------------------------------------------------------------------------------------


def test_marks_are_on_even_pages_and_topics_on_the_odd_ones_facing_them(words: dict[int, list[PlacedWord]]) -> None:
    left = [page for page in words if "Предмет:" in text_of(words, page)]
    right = [page for page in words if "Тема урока" in text_of(words, page)]
    assert len(left) > 90
    assert all(page % 2 == 0 for page in left)
    assert right == [page + 1 for page in left]


def test_both_pages_of_every_spread_show_the_same_lessons(words: dict[int, list[PlacedWord]]) -> None:
    for page in words:
        if "Предмет:" not in text_of(words, page):
            continue
        assert days_on_left(words[page]) == days_on_right(words[page + 1]), page


def days_on_left(page: list[PlacedWord]) -> list[int]:
    """Return the day numbers over the columns, a day with several columns once per lesson kind shown."""
    first_name = next(word for word in page if word.text == "Абрамова")
    heads = [w for w in page if w.left > 67 * MM and 0 < w.bottom - first_name.top < 25 and w.text.isdigit()]
    return sorted({int(word.text) for word in heads})


def days_on_right(page: list[PlacedWord]) -> list[int]:
    """Return the days of the lessons of the right page."""
    dates = [word.text for word in page if word.right < 44 * MM and re.fullmatch(r"\d\d\.\d\d", word.text)]
    return sorted({int(text[:2]) for text in dates})


def test_the_wide_margin_is_at_the_binding_on_every_page(words: dict[int, list[PlacedWord]]) -> None:
    for page, found in words.items():
        inside = [word for word in found if word.bottom > 15 * MM]
        left, right = min(word.left for word in inside), max(word.right for word in inside)
        if page % 2:
            assert left >= 30 * MM - 1, page
            assert right <= 200 * MM + 1, page
        else:
            assert left >= 10 * MM - 1, page
            assert right <= 180 * MM + 1, page


def test_pages_left_empty_for_parity_say_so(words: dict[int, list[PlacedWord]]) -> None:
    for page, found in words.items():
        assert len([word for word in found if word.bottom > 15 * MM]) >= 4, f"page {page} is bare"
    assert "Страница намеренно оставлена пустой" in text_of(words, 2)


# --- contents, numbers, certification ------------------------------------------------------------------------------


def test_the_contents_name_the_pages_where_the_subjects_really_are(words: dict[int, list[PlacedWord]]) -> None:
    contents = text_of(words, 3)
    for subject in paper_samples.SUBJECTS:
        first, last = map(int, re.search(rf"\d {re.escape(subject)}[ ,].*?(\d+)–(\d+)", contents).groups())  # type: ignore[union-attr]
        small = subject[0].lower() + subject[1:]
        held = [page for page in words if f"Предмет: {small}" in text_of(words, page)]
        ends = [page for page in words if "По плану" in text_of(words, page) and first <= page <= last]
        assert (held[0], held[-1] + 1) == (first, last), subject
        assert ends == [last], subject


def test_the_contents_name_the_summary_and_the_certification(words: dict[int, list[PlacedWord]]) -> None:
    contents = text_of(words, 3)
    first, last = map(int, re.search(r"успеваемости (\d+)–(\d+)", contents).groups())  # type: ignore[union-attr]
    certification = int(re.search(r"надпись (\d+)", contents).group(1))  # type: ignore[union-attr]
    assert "СВОДНАЯ ВЕДОМОСТЬ" in text_of(words, first)
    assert "Классный руководитель" in text_of(words, last)
    assert "В настоящем журнале" in text_of(words, certification)


def test_pages_are_numbered_from_the_second_and_leaves_on_their_fronts(words: dict[int, list[PlacedWord]]) -> None:
    for page, found in words.items():
        over = [word.text for word in sorted(found, key=lambda w: w.left) if word.bottom > 297 * MM - 18 * MM]
        expected = [str(page)] if page > 1 else []
        if page % 2:
            expected += ["лист", str((page + 1) // 2)]
        assert over == expected


def test_the_certification_counts_the_leaves_that_are_printed(
    year_book: Built, words: dict[int, list[PlacedWord]]
) -> None:
    assert len(words) == year_book.pages == 2 * year_book.leaves
    last = text_of(words, year_book.pages)
    assert f"скреплено печатью {year_book.leaves} (сто " in last
    assert "М.П." in last
    assert "Директор" in last
    assert f"листов {year_book.leaves}" not in last


@pytest.mark.parametrize("lessons", [1, 11, 12, 40, 80, 130])
def test_the_number_of_leaves_is_true_for_books_of_any_size(lessons: int) -> None:
    page = paper_samples.book_page(weekdays=(0, 1, 2, 3, 4))
    kept = page.columns[: next(at for at, c in enumerate(page.columns) if c.lesson_index == lessons - 1) + 1]
    book = build_year_book(one_subject(msgspec.structs.replace(page, lessons=page.lessons[:lessons], columns=kept)))
    text = text_of(by_page(book), book.pages)
    assert re.search(rf"скреплено печатью {book.pages // 2} \(", text)


# --- nothing is shortened ------------------------------------------------------------------------------------------


def test_every_topic_and_homework_is_printed_whole(year_book: Built, words: dict[int, list[PlacedWord]]) -> None:
    rows = " ".join(text_of(words, page) for page in words if "Тема урока" in text_of(words, page))
    whole = re.sub(r"\s+", "", rows)
    data = paper_samples.year_book()
    longest = sum(lesson.homework == paper_samples.LONG_HOMEWORK for page in data.pages for lesson in page.lessons)
    assert len(paper_samples.LONG_HOMEWORK) > 400
    assert longest > 20
    assert whole.count(re.sub(r"\s+", "", paper_samples.LONG_HOMEWORK)) == longest
    for topic in paper_samples.TOPICS:
        assert re.sub(r"\s+", "", topic) in whole


def test_a_homework_longer_than_a_page_goes_on_over_the_next_spreads() -> None:
    words_given = [f"слово{at}" for at in range(2500)]
    lesson = BookLesson(date(2026, 9, 1), 1, "Очень длинное задание", " ".join(words_given))
    page = msgspec.structs.replace(paper_samples.book_page(), lessons=(lesson,), columns=(), cells={})
    book = build_year_book(one_subject(page))
    read = [word.text for word in placed_words(book.pdf) if word.text.startswith("слово")]
    assert read == words_given
    assert "продолж." in joined(placed_words(book.pdf))


def test_a_subject_without_lessons_still_has_its_spread_and_end() -> None:
    page = msgspec.structs.replace(paper_samples.book_page(), lessons=(), columns=(), cells={}, given=0, planned=34)
    pages = by_page(build_year_book(one_subject(page)))
    assert "Предмет: алгебра" in text_of(pages, 4)
    assert "По плану — 34 урока, дано — 0 уроков. Отставание — 34 урока." in text_of(pages, 5)


def test_signs_of_mathematics_and_signs_no_font_has_are_not_lost() -> None:
    lesson = BookLesson(date(2026, 9, 1), 1, "∠α и ∠β, a ∥ b ⇒ c ⊥ d", "смайлик 🙂, √2")
    page = msgspec.structs.replace(paper_samples.book_page(), lessons=(lesson,), columns=(), cells={})
    text = joined(placed_words(build_year_book(one_subject(page)).pdf))
    assert "∠α и ∠β, a ∥ b ⇒ c ⊥ d" in text
    assert "смайлик [U+1F642], √2" in text


# --- marks and people ----------------------------------------------------------------------------------------------


def test_a_pupil_has_dashes_before_arriving_and_after_leaving_with_the_order(
    words: dict[int, list[PlacedWord]],
) -> None:
    september = text_of(words, 4)
    assert "прибыл, приказ № 14-у от 01.02.2027" in september
    assert "выбыл, приказ № 112-у от 16.11.2026" in september
    assert cells_of(words[4], 35).count("—") >= 11  # not arrived before February
    assert "—" not in cells_of(words[4], 9)
    last_spread = max(page for page in words if "Предмет: русский язык" in text_of(words, page))
    assert set(cells_of(words[last_spread], 9)) == {"—"}
    assert "—" not in cells_of(words[last_spread], 35)


def cells_of(page: list[PlacedWord], position: int) -> list[str]:
    """Return what stands in the grid in the row of a position number."""
    number = next(word for word in page if word.text == str(position) and word.right < 17.5 * MM)
    level = [w for w in page if w.left > 67 * MM and abs(w.middle - number.middle) < 3]
    return [w.text for w in sorted(level, key=lambda w: w.left)]  # faces are written one after another


def test_marks_stand_in_the_column_of_their_lesson() -> None:
    page = paper_samples.book_page()
    pages = by_page(build_year_book(one_subject(page)))
    shown = [(at, column) for at, column in enumerate(page.columns) if column.lesson_index < 10][:11]
    for position in (1, 2, 19, 34):
        expected = [page.cells[position, at] for at, _ in shown if (position, at) in page.cells]
        assert cells_of(pages[4], position)[: len(expected)] == expected


def test_absences_are_set_in_another_face_than_marks_so_that_the_letter_is_no_six() -> None:
    whole = paper_samples.book_page()
    cells = {(1, 0): "б", (2, 0): "5 б", (3, 0): "оп", (4, 0): "5", (5, 0): "зач", (6, 0): "нз", (7, 0): "н/а"}
    book = build_year_book(one_subject(msgspec.structs.replace(whole, cells=cells)))
    with contextlib.closing(pypdfium2.PdfDocument(book.pdf)) as document:
        page = document[3].get_textpage()
        faces = [(page.get_text_range(at, 1), _face(page, at)) for at in range(page.count_chars())
                 if 67 * MM < page.get_charbox(at)[0] < 80 * MM and 120 < page.get_charbox(at)[1] < 730]  # fmt: skip
    in_italic = "".join(letter for letter, face in faces if "Italic" in face)
    in_narrow = "".join(letter for letter, face in faces if "Narrow" in face)
    assert in_italic == "ббоп"
    assert "".join(in_narrow.split()).endswith("55зачнзн/а")
    assert cells_of(by_page(book)[4], 2) == ["5", "б"]


def _face(page: pypdfium2.PdfTextPage, at: int) -> str:
    buffer = ctypes.create_string_buffer(128)
    pypdfium2.raw.FPDFText_GetFontInfo(page, at, buffer, 128, ctypes.c_int())
    return buffer.value.decode()


def test_a_period_column_follows_the_last_lesson_of_the_period(words: dict[int, list[PlacedWord]]) -> None:
    spreads = (page for page in words if "Предмет: русский" in text_of(words, page))
    page = next(page for page in spreads if {"октябрь", "ноябрь"} <= {word.text for word in words[page]})

    def left(text: str) -> float:
        return next(word.left for word in words[page] if word.text == text)

    assert left("октябрь") < left("четв.") < left("ноябрь")


def test_a_list_too_long_for_any_type_is_refused_by_name() -> None:
    many = tuple(PupilLine(at, f"Ученик {at}") for at in range(1, 140))
    page = msgspec.structs.replace(paper_samples.book_page(), pupils=many, cells={})
    with pytest.raises(DoesNotFit) as trouble:
        build_year_book(one_subject(page))
    assert (trouble.value.code, trouble.value.details) == ("EJ-360", {"pupils": 139})


@pytest.mark.parametrize(
    ("planned", "given", "sentence"),
    [
        (68, 66, "По плану — 68 уроков, дано — 66 уроков. Отставание — 2 урока."),
        (34, 34, "По плану — 34 урока, дано — 34 урока. Программа выполнена."),
        (0, 21, "Дано — 21 урок."),
    ],
)
def test_the_end_of_a_subject_compares_the_plan_with_what_was_given(planned: int, given: int, sentence: str) -> None:
    page = msgspec.structs.replace(paper_samples.book_page(), planned=planned, given=given)
    assert spread_pages.closing_sentence(page) == sentence


def test_abbreviations_keep_their_capitals_in_the_body() -> None:
    page = paper_samples.book_page()
    assert spread_pages.subject_of(page) == "алгебра"
    assert spread_pages.subject_of(msgspec.structs.replace(page, subject_title="ОБЗР")) == "ОБЗР"
    named = msgspec.structs.replace(page, subject_title="История России", subgroup_title="2 группа")
    assert spread_pages.subject_of(named) == "история России, 2 группа"
