"""Итоги of one page on paper: the table with averages, marks and reasons, and both pictures under it.

A working copy without number, code or signatures: what is official is the summary sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.paper import MM, RULE, Align, Frame, Paper, frame

SIZE: Final = 9.0
TITLE: Final = 12.0
ROW: Final = 5.2 * MM
BAR: Final = 3.0 * MM
#: Shares of the width, in the order of `ResultLine.cells`, and how each column is set.
SHARES: Final = (0.05, 0.29, 0.09, 0.09, 0.09, 0.07, 0.07, 0.25)
ALIGNS: Final[tuple[Align, ...]] = ("left", "left", "centre", "centre", "centre", "centre", "centre", "left")
LABEL: Final = 55 * MM
FIGURE: Final = 18 * MM


class PrintedBar(Struct, frozen=True):
    """A bar of a picture: words, figure, and lengths between 0 and 1; `norm` 0 for none."""

    label: str
    figure: str
    length: float
    norm: float = 0.0


class ResultsPage(Struct, frozen=True):
    """What is printed: heads and lines of the table, then pictures by title."""

    title: str
    subtitle: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    pictures: tuple[tuple[str, tuple[PrintedBar, ...]], ...]


def build_results_page(data: ResultsPage) -> bytes:
    """Return the PDF; the same data give the same bytes."""
    drawing = _Drawing(Paper(), frame(), data)
    drawing.head()
    drawing.heads()
    for line in data.lines:
        drawing.row(line)
    for title, bars in data.pictures:
        drawing.picture(title, bars)
    return drawing.finish()


class _Drawing:
    """Rows from the top down; a full page is ended, and what goes on of the table begins with its heads."""

    def __init__(self, paper: Paper, page: Frame, data: ResultsPage) -> None:
        self._paper, self._page, self._data = paper, page, data
        self._y = page.top

    def head(self) -> None:
        font = fonts.register(fonts.NARROW)
        for text, size in ((self._data.title, TITLE), (self._data.subtitle, SIZE)):
            lines = fonts.wrap(text, font, size, self._page.width)
            self._y = self._paper.put_lines(self._page.left, self._y, lines, font, size)
        self._y -= 2 * MM

    def heads(self) -> None:
        self._put(self._data.heads, RULE)

    def row(self, cells: Sequence[str]) -> None:
        if self._room(self._height(self._wrapped(cells))):
            self.heads()
        self._put(cells)

    def _wrapped(self, cells: Sequence[str]) -> list[tuple[str, ...]]:
        font = fonts.register(fonts.NARROW)
        return [
            fonts.wrap(text, font, SIZE, share * self._page.width - 2 * MM)
            for text, share in zip(cells, SHARES, strict=True)
        ]

    @staticmethod
    def _height(wrapped: Sequence[Sequence[str]]) -> float:
        return max(ROW, max(map(len, wrapped)) * SIZE * 1.16 + 1 * MM)

    def _put(self, cells: Sequence[str], weight: float | None = None) -> None:
        font, x = fonts.register(fonts.NARROW), self._page.left
        wrapped = self._wrapped(cells)
        for lines, share, align in zip(wrapped, SHARES, ALIGNS, strict=True):
            width = share * self._page.width
            at = x + (width / 2 if align == "centre" else 1 * MM)
            self._paper.put_lines(at, self._y - 0.6 * MM, lines, font, SIZE, align)
            x += width
        self._y -= self._height(wrapped)
        if weight is None:
            self._paper.rule(self._page.left, self._y, self._page.right, self._y)
        else:
            self._paper.rule(self._page.left, self._y, self._page.right, self._y, weight)

    def picture(self, title: str, bars: Sequence[PrintedBar]) -> None:
        font = fonts.register(fonts.NARROW)
        whole = ROW + 2 * MM + ROW * len(bars)
        self._room(min(whole, self._page.top - self._page.bottom))  # a picture is seen whole where a sheet has room
        self._y -= ROW
        self._paper.put(self._page.left, self._y, title, font, TITLE)
        self._y -= 2 * MM
        for bar in bars:
            self._room(ROW)
            self._bar(bar, font)

    def _bar(self, bar: PrintedBar, font: str) -> None:
        left, right = self._page.left + LABEL, self._page.right - FIGURE
        self._y -= ROW
        size = fonts.fitted(bar.label, font, SIZE, LABEL - 2 * MM)
        self._paper.put(self._page.left, self._y + 1 * MM, bar.label, font, size)
        self._paper.put(self._page.right, self._y + 1 * MM, bar.figure, font, SIZE, "right")
        if bar.length > 0:
            self._paper.square(left, self._y + 0.6 * MM, (right - left) * bar.length, BAR)
        if bar.norm:
            at = left + (right - left) * bar.norm
            self._paper.rule(at, self._y, at, self._y + BAR + 1.2 * MM, RULE)

    def _room(self, height: float) -> bool:
        """End the page that has no such room; say whether that was done."""
        is_full = self._y - height < self._page.bottom
        if is_full:
            self._paper.end_page(self._page)
            self._y = self._page.top
            font = fonts.register(fonts.NARROW)  # a sheet alone says of what it is
            lines = fonts.wrap(self._data.title, font, SIZE, self._page.width)
            self._y = self._paper.put_lines(self._page.left, self._y, lines, font, SIZE) - 1 * MM
        return is_full

    def finish(self) -> bytes:
        self._paper.end_page(self._page)
        return self._paper.finish()
