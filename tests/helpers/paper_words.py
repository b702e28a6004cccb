"""Read a PDF back: its words with their places, its attached files."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple

import pikepdf
import pypdfium2


class PlacedWord(NamedTuple):
    """A word on a page; pages count from 1, points from the lower left corner."""

    page: int
    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """Return the height of its middle."""
        return (self.bottom + self.top) / 2


def placed_words(pdf: bytes, pages: Iterable[int] | None = None) -> list[PlacedWord]:
    """Return the words of all or some pages (from 1), as PDFium reads them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        wanted = range(1, len(document) + 1) if pages is None else pages
        return [word for page in wanted for word in _words(document, page)]
    finally:
        document.close()


def _words(document: pypdfium2.PdfDocument, number: int) -> list[PlacedWord]:
    page = document[number - 1].get_textpage()
    text = page.get_text_range()
    words, start = [], 0
    for at in range(len(text) + 1):
        if at == len(text) or text[at].isspace():
            if at > start:
                words.append(_placed(page, number, text[start:at], start, at))
            start = at + 1
    return words


def _placed(page: pypdfium2.PdfTextPage, number: int, text: str, start: int, end: int) -> PlacedWord:
    boxes = [page.get_charbox(at) for at in range(start, end)]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return PlacedWord(number, text, min(lefts), min(bottoms), max(rights), max(tops))


def joined(words: Iterable[PlacedWord]) -> str:
    """Return the words with single spaces between them."""
    return " ".join(word.text for word in words)


def attachment(pdf: bytes, name: str) -> bytes:
    """Return an attached file."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return document.attachments[name].get_file().read_bytes()
