"""The code requisite of the first sheet (ГОСТ Р 7.0.97-2025): document id and data hash for camera and eye."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from msgspec import Struct
from reportlab.graphics.barcode import qrencoder

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.paper import MM, Paper

SIDE: Final = 22 * MM
_LEVEL = qrencoder.QRErrorCorrectLevel.M


class CodeMark(Struct, frozen=True):
    """What the code says."""

    form: str  # "summary-sheet"
    document_id: str
    data_sha256: str

    @property
    def text(self) -> str:
        """Return what a camera reads."""
        return f"ejournal:1:{self.form}:{self.document_id}:{self.data_sha256}"


def draw(paper: Paper, mark: CodeMark, right: float, bottom: float) -> None:
    """Draw the code with its lower right corner at (`right`, `bottom`) and its words to the left of it."""
    draw_modules(paper, mark.text, right - SIDE, bottom, SIDE)
    _draw_words(paper, mark, right - SIDE - 2 * MM, bottom + SIDE)


def draw_modules(paper: Paper, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code (correction level M) that a camera reads as `text`; (`x`, `y`) is its lower left corner."""
    code = qrencoder.QRCode(None, _LEVEL)
    code.addData(text)
    code.make()
    step = side / len(code.modules)
    for row, modules in enumerate(code.modules):
        column = 0
        for dark, stretch in groupby(map(bool, modules)):
            count = len(list(stretch))
            if dark:
                paper.square(x + column * step, y + side - (row + 1) * step, count * step, step)
            column += count


def _draw_words(paper: Paper, mark: CodeMark, right: float, top: float) -> None:
    digits = mark.data_sha256
    lines = ["Код документа", mark.document_id, "SHA-256 данных:"]
    lines += [" ".join(digits[at + n : at + n + 4] for n in range(0, 16, 4)) for at in range(0, 64, 16)]
    paper.put_lines(right, top, lines, fonts.NARROW, 6.5, "right")
