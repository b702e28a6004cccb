"""Official paper: page frames, embedded fonts, batched drawing, and the same bytes for the same data.

Lengths are points, the origin is the lower left corner of the page. Everything put on a page is gathered first and
written in a few batches (all rules of one weight, all words of one font), which is what makes a book of a hundred
leaves quick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from typing import Final, Literal

from msgspec import Struct
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ejournal_desktop.documents import fonts

Align = Literal["left", "centre", "right"]
MM: Final = float(mm)
A4: Final = (210 * MM, 297 * MM)

#: ГОСТ Р 7.0.97: 20 above and below, 10 right; 30 at the binding edge because journals are kept over ten years.
BINDING_EDGE: Final = 30 * MM
OUTER_EDGE: Final = 10 * MM
TOP_EDGE: Final = 20 * MM
BOTTOM_EDGE: Final = 20 * MM

HAIRLINE: Final = 0.35
RULE: Final = 0.7
LEADING: Final = 1.16  # line height of table text over its size


class Frame(Struct, frozen=True):
    """The page and the part of it that may be written on."""

    page_width: float
    page_height: float
    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """Return the width that may be written on."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return the height that may be written on."""
        return self.top - self.bottom

    @property
    def centre(self) -> float:
        """Return the middle between the edges of the text."""
        return (self.left + self.right) / 2


def frame(*, landscape: bool = False, binding: Literal["left", "right"] = "left") -> Frame:
    """Return an A4 frame with the margins of ГОСТ Р 7.0.97 and the wide edge at `binding`."""
    width, height = reversed(A4) if landscape else A4
    left, right = (BINDING_EDGE, OUTER_EDGE) if binding == "left" else (OUTER_EDGE, BINDING_EDGE)
    return Frame(width, height, left, width - right, BOTTOM_EDGE, height - TOP_EDGE)


class SignatureField(Struct, frozen=True):
    """An empty place for a signature; `page` counts from 0, the box is x1, y1, x2, y2."""

    name: str
    page: int
    box: tuple[float, float, float, float]


class Built(Struct, frozen=True):
    """A finished document before its signatures."""

    pdf: bytes
    data_sha256: str  # of the attached machine-readable copy, as printed in the code
    pages: int
    leaves: int  # physical leaves when printed on both sides


class _Drawn(Struct):
    """Everything on one page, by what it is drawn with; `counted`: it says how many pages there are."""

    page: Frame
    counted: bool
    rules: defaultdict[float, list[tuple[float, float, float, float]]]
    words: defaultdict[tuple[str, float], list[tuple[float, float, str]]]
    upright: defaultdict[tuple[str, float], list[tuple[float, float, str]]]
    squares: list[tuple[float, float, float, float]]


class Paper:
    """A document being written, page after page; all of it goes into the file at its end, when its pages are known."""

    def __init__(self) -> None:
        self._file = BytesIO()
        self._canvas = Canvas(
            self._file,
            pagesize=A4,
            invariant=1,
            pageCompression=1,
            lang="ru-RU",
            # The library would name its unembedded Helvetica otherwise; the stub has a number here.
            initialFontName=fonts.register(fonts.NARROW),  # type: ignore[arg-type]
        )
        self._ended: list[_Drawn] = []
        self._begin_page()
        self.signature_fields: list[SignatureField] = []
        self.pages = 0

    def _begin_page(self) -> None:
        self._rules: defaultdict[float, list[tuple[float, float, float, float]]] = defaultdict(list)
        self._words: defaultdict[tuple[str, float], list[tuple[float, float, str]]] = defaultdict(list)
        self._upright: defaultdict[tuple[str, float], list[tuple[float, float, str]]] = defaultdict(list)
        self._squares: list[tuple[float, float, float, float]] = []

    @property
    def leaves(self) -> int:
        """Return the number of physical leaves, printed on both sides."""
        return (self.pages + 1) // 2

    def rule(self, x1: float, y1: float, x2: float, y2: float, weight: float = HAIRLINE) -> None:
        """Draw a straight line."""
        self._rules[weight].append((x1, y1, x2, y2))

    def box(self, x1: float, y1: float, x2: float, y2: float, weight: float = RULE) -> None:
        """Draw a frame."""
        edges = ((x1, y1, x2, y1), (x1, y2, x2, y2), (x1, y1, x1, y2), (x2, y1, x2, y2))
        self._rules[weight].extend(edges)

    def square(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle with black (a module of a code)."""
        self._squares.append((x, y, width, height))

    def put(self, x: float, y: float, text: str, font: str, size: float, align: Align = "left") -> None:
        """Write one line of text; `y` is the base line, `x` the edge or middle that `align` names."""
        if align != "left":
            x -= fonts.width(text, font, size) / (2 if align == "centre" else 1)
        for face, part in fonts.runs(text, font):
            self._words[face, size].append((x, y, part))
            x += fonts.width(part, face, size)

    def put_upright(self, x: float, y: float, text: str, font: str, size: float) -> None:
        """Write one line of text from the bottom up; `x` is the base line, `y` its lower end."""
        for face, part in fonts.runs(text, font):
            self._upright[face, size].append((x, y, part))
            y += fonts.width(part, face, size)

    def put_lines(
        self, x: float, y: float, lines: Sequence[str], font: str, size: float, align: Align = "left",
        leading: float = LEADING,
    ) -> float:  # fmt: skip
        """Write lines one under another; `y` is the top of the first. Return the bottom of the last."""
        for line in lines:
            y -= size * leading
            self.put(x, y + size * (leading - 0.82), line, font, size, align)
        return y

    def signature_field(self, name: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """Leave an empty signature field on the present page."""
        self.signature_fields.append(SignatureField(name, self.pages, (x1, y1, x2, y2)))

    def end_page(self, page: Frame, *, counted: bool = False) -> None:
        """Take everything gathered as one page of the size of `page`.

        Args:
            counted: where there are several pages, the first says how many, and the others «2 из 5» (ГОСТ Р 7.0.97
                numbers from the second on): of a loose leaf it is seen what it belongs to and whether all are there.
        """
        self._ended.append(_Drawn(page, counted, self._rules, self._words, self._upright, self._squares))
        self._begin_page()
        self.pages += 1

    def _count(self, page: Frame, number: int) -> None:
        y = page.top + 4 * MM
        if number == 1:
            self.put(page.right, y, f"Страниц: {self.pages}", fonts.SERIF, 10, "right")
        else:
            self.put(page.page_width / 2, y, f"{number} из {self.pages}", fonts.SERIF, 10, "centre")

    def _write_rules(self) -> None:
        for weight, lines in self._rules.items():
            self._canvas.setLineWidth(weight)
            self._canvas.lines(lines)
        if self._squares:
            path = self._canvas.beginPath()
            for x, y, width, height in self._squares:
                path.rect(x, y, width, height)
            self._canvas.drawPath(path, stroke=0, fill=1)

    def _write_words(self) -> None:
        text = self._canvas.beginText()
        for (font, size), words in self._words.items():
            text.setFont(font, size)
            for x, y, word in words:
                text.setTextOrigin(x, y)
                text.textOut(word)
        for (font, size), words in self._upright.items():
            text.setFont(font, size)
            for x, y, word in words:
                text.setTextTransform(0, 1, -1, 0, x, y)
                text.textOut(word)
        self._canvas.drawText(text)

    def finish(self) -> bytes:
        """Return the pages as a plain PDF; `archive_pdf.conforming` makes it fit for the archive."""
        for number, drawn in enumerate(self._ended, 1):
            self._rules, self._words = drawn.rules, drawn.words
            self._upright, self._squares = drawn.upright, drawn.squares
            if drawn.counted and self.pages > 1:
                self._count(drawn.page, number)
            self._canvas.setPageSize((drawn.page.page_width, drawn.page.page_height))
            self._write_rules()
            self._write_words()
            self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()
