"""Tables on the clipboard: what a spreadsheet put there as rows of cells, and rows as a spreadsheet takes them.

Excel and LibreOffice put a table there twice: as text parted by tabs and line ends, a cell with either of them in
quotes (RFC 4180 with tabs), and as HTML. Some programs give only the HTML.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser

from msgspec import Struct

#: More than any page of a journal holds; a clipboard may hold a book.
MOST_CHARACTERS = 1_000_000
MOST_ROWS, MOST_COLUMNS = 200, 400
LONGEST_CELL = 200

Rows = tuple[tuple[str, ...], ...]


class Table(Struct, frozen=True):
    """Rows of cells as they were copied; `cut` when the clipboard held more than any page can take."""

    rows: Rows
    cut: bool = False


def read_table(text: str, markup: str = "") -> Table:
    """Return the table on the clipboard.

    Args:
        text: the clipboard as plain text, "" when there is none.
        markup: the clipboard as HTML; read only where there is no text.
    """
    given = text or markup
    cut = len(given) > MOST_CHARACTERS
    given = given[:MOST_CHARACTERS]
    rows = _from_text(given) if text else _from_html(given)
    while rows and not any(rows[-1]):
        rows.pop()
    cut = cut or len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows[:MOST_ROWS])
    return Table(tuple(tuple(row[:MOST_COLUMNS]) for row in rows[:MOST_ROWS]), cut)


def as_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a spreadsheet takes them: tabs between cells, lines between rows."""
    out = io.StringIO()
    csv.writer(out, dialect="excel-tab", lineterminator="\n").writerows(rows)
    return out.getvalue()


def as_html(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as an HTML table whose cells are text, so that no spreadsheet makes a date of 5/4."""
    cell = "<td style=\"mso-number-format:'\\@'\">{}</td>"
    lines = ("".join(cell.format(html.escape(text)) for text in row) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _from_text(text: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab"))
    except csv.Error:  # a quote that is never closed makes one cell of all the rest
        rows = [line.split("\t") for line in text.splitlines()]
    return [[_plain(cell) for cell in row] for row in rows]


def _from_html(markup: str) -> list[list[str]]:
    reader = _Cells()
    reader.feed(markup)
    reader.close()
    return [[_plain(cell) for cell in row] for row in reader.rows]


def _plain(cell: str) -> str:
    """Return a cell on one line, without signs that nobody sees, no longer than anybody reads."""
    shown = "".join(sign if sign.isprintable() else " " for sign in cell[:LONGEST_CELL])
    return " ".join(shown.split())


class _Cells(HTMLParser):
    """The cells of all tables of a document; a merged one leaves the others it covers empty."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._inside = False
        self._covered: dict[int, int] = {}  # column → rows still covered by a cell from above

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell; the end of the one before may be left unsaid."""
        self._inside = self._inside and tag not in ("tr", "td", "th")
        if tag == "tr" and len(self.rows) <= MOST_ROWS:
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self._begin_cell(dict(attrs))
        elif tag == "br":
            self.handle_data(" ")

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        row = self.rows[-1]
        if len(row) > MOST_COLUMNS or len(self.rows) > MOST_ROWS + 1:
            return
        while self._covered.get(len(row), 0):
            self._covered[len(row)] -= 1
            row.append("")
        wide, high = (_span(attributes.get(name)) for name in ("colspan", "rowspan"))
        for place in range(len(row), len(row) + wide):
            self._covered[place] = high - 1
        row.extend([""] * wide)
        self._open = len(row) - wide
        self._inside = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in ("td", "th", "tr"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Take the words of a cell."""
        if self._inside and len(self.rows[-1][self._open]) <= LONGEST_CELL:
            self.rows[-1][self._open] += data


def _span(value: str | None) -> int:
    written = value if value and value.isascii() and value.isdecimal() and len(value) < 6 else "1"
    return max(1, min(int(written), MOST_COLUMNS))
