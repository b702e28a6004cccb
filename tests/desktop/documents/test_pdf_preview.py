"""Pictures of pages for the screen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from ejournal_desktop.documents import Built, preview
from ejournal_desktop.documents.troubles import NotADocument


def test_a_page_is_drawn_at_the_asked_size_with_ink_on_white(quarter_sheet: Built) -> None:
    page = preview.render_page(quarter_sheet.pdf, 0, 72)
    assert (page.width, page.height) == (842, 596)
    assert len(page.rgba) == page.width * page.height * 4
    picture = Image.frombytes("RGBA", (page.width, page.height), page.rgba)
    assert picture.getpixel((2, 2)) == (255, 255, 255, 255)
    dark = sum(1 for level in picture.convert("L").tobytes() if level < 100)
    assert dark > 3000


def test_the_stamp_of_a_signature_shows_in_its_own_colour(once_signed: bytes) -> None:
    page = preview.render_page(once_signed, 0, 144)
    picture = Image.frombytes("RGBA", (page.width, page.height), page.rgba)
    red, _, blue_, _ = picture.split()
    blue = sum(b > r + 40 for r, b in zip(red.tobytes(), blue_.tobytes(), strict=True))
    assert blue > 500


def test_pages_can_be_asked_for_from_several_threads(quarter_sheet: Built) -> None:
    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(lambda at: preview.render_page(quarter_sheet.pdf, at % 2, 40), range(12)))
    assert len({page.rgba for page in pages}) == 2


def test_the_number_of_pages_is_known(year_book: Built) -> None:
    assert preview.page_count(year_book.pdf) == year_book.pages


def test_what_is_no_pdf_is_named_so() -> None:
    with pytest.raises(NotADocument) as trouble:
        preview.render_page(b"no PDF", 0)
    assert trouble.value.code == "EJ-364"
