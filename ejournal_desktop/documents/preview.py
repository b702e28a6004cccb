"""Turn pages of a PDF into pictures for the screen, without Qt: raw pixels that any toolkit can show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ejournal_desktop.documents.troubles import NotADocument

if TYPE_CHECKING:
    import pypdfium2

POINTS_PER_INCH: Final = 72

#: PDFium may be used by one thread at a time in a process.
_one_at_a_time = threading.Lock()


class PageImage(Struct, frozen=True):
    """One page as RGBA, 4 bytes a pixel, rows from the top, `width * 4` bytes a row."""

    width: int
    height: int
    rgba: bytes


def page_count(pdf: bytes) -> int:
    """Return the number of pages.

    Raises:
        NotADocument: EJ-364, the bytes are no PDF.
    """
    with _opened(pdf) as document:
        return len(document)


def render_page(pdf: bytes, page: int, dots_per_inch: float = 96) -> PageImage:
    """Draw one page (from 0) with its form fields, so that signature stamps show.

    Raises:
        NotADocument: EJ-364, the bytes are no PDF.
    """
    import pypdfium2.raw as pdfium_c

    with _opened(pdf) as document:
        document.init_forms()
        bitmap = document[page].render(
            scale=dots_per_inch / POINTS_PER_INCH, force_bitmap_format=pdfium_c.FPDFBitmap_BGRA, rev_byteorder=True
        )
        return PageImage(bitmap.width, bitmap.height, _rows(bitmap))


def _rows(bitmap: pypdfium2.PdfBitmap) -> bytes:
    """Return the pixels without the padding that may end each row."""
    raw, used = bytes(bitmap.buffer), bitmap.width * 4
    if bitmap.stride == used:
        return raw
    return b"".join(raw[at : at + used] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    import pypdfium2  # a fifth of a second: with the first document, not with the window

    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise NotADocument from error
        try:
            yield document
        finally:
            document.close()
