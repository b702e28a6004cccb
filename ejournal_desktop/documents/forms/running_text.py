"""Text from the top of a page down: paragraphs, points, lines to write on; a full page is ended, a new one begun."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from ejournal_desktop.documents import code_mark, fonts
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.paper import HAIRLINE, LEADING, MM, Align, Frame, Paper

SIZE: Final = 10.5
LABEL: Final = 56 * MM
CAPTION: Final = 7.0
_HAND: Final = 7 * MM  # a line on which somebody writes by hand


class RunningText:
    """A page being filled from `y` down; what does not fit goes on over the next one.

    Args:
        mark: the code requisite; it stands at the lower right of the first page, where room is left for it.
    """

    def __init__(self, paper: Paper, page: Frame, mark: CodeMark | None = None, y: float | None = None) -> None:
        self.paper, self.page = paper, page
        self.y = page.top if y is None else y
        self._mark = mark

    def room(self, height: float) -> None:
        """Begin a new page where less than `height` is left."""
        if self.y - height < self._bottom():
            self.end_page()

    def _bottom(self) -> float:
        return self.page.bottom + (code_mark.SIDE + 3 * MM if self._mark and not self.paper.pages else 0)

    def end_page(self) -> None:
        """Count and end the page, whatever is left of it."""
        if self._mark and not self.paper.pages:
            code_mark.draw(self.paper, self._mark, self.page.right, self.page.bottom)
        self.paper.end_page(self.page, counted=True)
        self.y = self.page.top

    def gap(self, height: float) -> None:
        """Leave some room."""
        self.y -= height

    def paragraph(
        self, text: str, font: str = fonts.SERIF, size: float = SIZE, align: Align = "left", indent: float = 0.0
    ) -> None:
        """Write a text over as many lines as it needs."""
        x = {"left": self.page.left + indent, "centre": self.page.centre, "right": self.page.right}[align]
        for line in fonts.wrap(text, fonts.register(font), size, self.page.width - indent):
            self.room(size * LEADING)
            self.y = self.paper.put_lines(x, self.y, (line,), font, size, align)

    def head(self, text: str, size: float = SIZE) -> None:
        """Write the head of what follows, which stays with its first lines."""
        self.room(4 * size)
        self.gap(2.2 * MM)
        self.paragraph(text, fonts.SERIF_BOLD, size)
        self.gap(0.6 * MM)

    def points(self, texts: Sequence[str], size: float = SIZE) -> None:
        """Write numbered points."""
        for number, text in enumerate(texts, 1):
            self.room(size * LEADING)
            self.paper.put_lines(self.page.left, self.y, (f"{number}.",), fonts.SERIF, size)
            self.paragraph(text, size=size, indent=5.5 * MM)
            self.gap(0.5 * MM)

    def field(self, label: str, value: str, caption: str = "", below: float = 0.0) -> None:
        """Write what is known beside its label; what is not known gets a line to be written on by hand.

        Args:
            below: the height of what follows and stays on one page with the whole of it.
        """
        names = fonts.wrap(label, fonts.register(fonts.SERIF), SIZE, LABEL - 3 * MM)
        least = len(names) * SIZE * LEADING
        said = fonts.wrap(value, fonts.register(fonts.SERIF), SIZE, self.page.width - LABEL) if below else ("",)
        known = max(least, len(said) * SIZE * LEADING)
        self.room((known if value else max(least, _HAND) + CAPTION + 2 * MM) + (below + 1.1 * MM if below else 0))
        lowest = self.paper.put_lines(self.page.left, self.y, names, fonts.SERIF, SIZE)
        if value:
            before = self.paper.pages
            self.paragraph(value, size=SIZE, indent=LABEL)
            if self.paper.pages == before:
                self.y = min(self.y, lowest)
        else:
            self.y -= max(least, _HAND)
            self._hand_line(caption)
        self.gap(1.1 * MM)

    def _hand_line(self, caption: str) -> None:
        left, right = self.page.left + LABEL, self.page.right
        self.paper.rule(left, self.y + 2, right, self.y + 2, HAIRLINE)
        if caption:
            font = fonts.register(fonts.NARROW)
            self.paper.put((left + right) / 2, self.y - 5.5, caption, font, CAPTION, "centre")
            self.gap(CAPTION)

    def table(
        self, heads: Sequence[str], shares: Sequence[float], rows: Sequence[Sequence[str]], least: float,
        below: float = 0.0, size: float = 10.0,
    ) -> None:  # fmt: skip
        """Draw a table with its heads on every page.

        Args:
            least: the height of a row at least, for writing by hand.
            below: the height of what follows and stays with the last row: signatures alone on a leaf prove nothing.
            size: of the letters, in points; the heads are a point smaller.
        """
        head = partial(self._row, heads, shares, least, font=fonts.SERIF_BOLD, size=size - 1)
        head()
        for number, row in enumerate(rows, 1):
            with_it = below if number == len(rows) else 0
            if self.y - self._row_height(row, shares, least, size=size) - with_it < self._bottom():
                self.end_page()
                head()
            self._row(row, shares, least, size=size)

    def _row_height(
        self, cells: Sequence[str], shares: Sequence[float], least: float, font: str = fonts.SERIF, size: float = 10.0
    ) -> float:
        lines = max(len(self._cell(text, share, font, size)) for text, share in zip(cells, shares, strict=True))
        return max(least, lines * size * LEADING + 2 * MM)

    def _cell(self, text: str, share: float, font: str, size: float) -> tuple[str, ...]:
        return fonts.wrap(text, fonts.register(font), size, share * self.page.width - 2.4 * MM)

    def _row(
        self, cells: Sequence[str], shares: Sequence[float], least: float, font: str = fonts.SERIF, size: float = 10.0
    ) -> None:
        height = self._row_height(cells, shares, least, font, size)
        left, bottom = self.page.left, self.y - height
        for text, share in zip(cells, shares, strict=True):
            right = left + share * self.page.width
            lines = self._cell(text, share, font, size)
            top = self.y - (height - len(lines) * size * LEADING) / 2
            self.paper.put_lines(left + 1.2 * MM, top, lines, font, size)
            self.paper.box(left, bottom, right, self.y, HAIRLINE)
            left = right
        self.y = bottom
