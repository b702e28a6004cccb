"""The extract from the log of events: a PDF/A that says all of it and can be checked against its own data."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from ejournal_desktop.documents.forms.event_list import EventList, build_event_list
from ejournal_desktop.documents.paper import MM, Built
from tests.desktop.documents.test_administrators_papers import barcodes, text_of
from tests.helpers.paper_words import attachment, placed_words
from tests.helpers.verapdf import conformance

LONG = "Константинопольская-Преображенская А. В."


def extract(lines: int) -> EventList:
    told = (
        (
            "15.09.2026 10:42",
            str(4_711 + at),
            LONG,
            "назначена роль: заместитель директора (завуч), " + LONG,
            "Учительская, второй этаж, левый компьютер у окна",
            "приказ № 12 «О назначении»",
        )
        for at in range(lines)
    )
    return EventList(school_name="МБОУ «Школа № 7»", made_on=date(2026, 9, 15), made_by="Петров Семён Ильич",
                     made_by_position="заместитель директора по информационным технологиям",
                     chosen="с 17.08.2026 по 15.09.2026; Входы и пароли", lines=tuple(told))  # fmt: skip


@pytest.fixture(scope="module")
def built() -> Built:
    """Give an extract of several pages."""
    return build_event_list(extract(70))


def test_the_extract_is_pdf_a_and_the_same_data_give_the_same_bytes(built: Built, tmp_path: Path) -> None:
    assert conformance({"events": built.pdf}, tmp_path) == {"events": "PASS 3u"}
    assert build_event_list(extract(70)).pdf == built.pdf


def test_every_line_stands_within_the_sheet_with_its_number(built: Built) -> None:
    text = text_of(built)
    assert built.pages > 1
    assert all(str(4_711 + at) in text for at in range(70))
    assert "с 17.08.2026 по 15.09.2026; Входы и пароли" in text
    assert "Всего: 70 записей." in text
    for word in placed_words(built.pdf):
        assert word.left >= 29 * MM, word
        assert word.right <= (297 - 9) * MM, word
        assert word.bottom > 7 * MM, word


def test_heads_of_two_lines_have_the_room_that_they_need(built: Built) -> None:
    words = [word for word in placed_words(built.pdf) if word.page == 1]
    when = next(word for word in words if word.text == "Когда")
    number, below = (
        next(word for word in words if word.text == text and abs(word.bottom - when.bottom) < 15)
        for text in ("№", "записи")
    )
    assert below.top < number.bottom
    assert (number.top + below.bottom) / 2 == pytest.approx((when.top + when.bottom) / 2, abs=2)
    (above,) = {word.bottom for word in words if word.text == "Номер"}
    row = max(word.top for word in words if word.text == "15.09.2026")
    assert above - number.top > 6, "the head has room above its words"
    assert below.bottom - row > 6, "and below them"


def test_the_code_of_the_extract_is_the_hash_of_its_data(built: Built) -> None:
    assert hashlib.sha256(attachment(built.pdf, "event-list.json")).hexdigest() == built.data_sha256
    (read,) = barcodes(built.pdf)
    assert read.endswith(built.data_sha256)


def test_an_extract_of_nothing_says_that_there_was_nothing() -> None:
    text = text_of(build_event_list(extract(0)))
    assert "Таких записей в журнале событий нет." in text
    assert "Всего: 0 записей." in text


def test_who_made_the_extract_is_named_with_position_and_day_in_one_sentence(built: Built) -> None:
    made = "Сделано 15 сентября 2026 г.: заместитель директора по информационным технологиям, Петров Семён Ильич."
    assert made in text_of(built)


def test_of_a_loose_leaf_is_seen_what_it_belongs_to_and_whether_all_are_there(built: Built) -> None:
    words = placed_words(built.pdf)
    pages = {
        number: " ".join(word.text for word in words if word.page == number) for number in range(1, 1 + built.pages)
    }
    assert f"Страниц: {built.pages}" in pages[1]
    assert all(f"{number} из {built.pages}" in text for number, text in pages.items() if number > 1)
    assert "Страниц" not in text_of(build_event_list(extract(0))), "one page has nothing to lose"


@pytest.mark.parametrize("lines", range(17, 20))
def test_the_signature_never_stands_alone_on_its_leaf(lines: int) -> None:
    made = build_event_list(extract(lines))
    last = {word.text for word in placed_words(made.pdf) if word.page == made.pages}
    assert {"Выписка", str(4_711 + lines - 1)} <= last
