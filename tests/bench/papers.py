"""Official paper against bare reportlab canvas calls that draw as many cells: rules around and a text in each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.forms.summary_sheet import build_summary_sheet
from ejournal_desktop.documents.forms.year_book import build_year_book
from ejournal_desktop.models.pages import YearBook
from tests.bench.rows import Amounts, Bench, Row, in_turns, median, seconds
from tests.helpers import paper_samples

A4_ACROSS = (842.0, 595.0)
ROWS, COLUMNS = 35, 28  # cells of a bare page
TEXTS = ("5", "4", "", "н", "3", "", "зач")


def summary_sheet(amounts: Amounts) -> Iterator[Row]:
    """Build the sheet of a class for a quarter: 35 pupils, 18 subjects."""
    data = paper_samples.summary_sheet(pupils=amounts.pupils, subjects=paper_samples.SUBJECTS[: amounts.subjects])
    cells = (len(data.pupils) + 1) * (len(data.subjects) + 3)
    build_summary_sheet(data)  # fonts are read once in a program's life
    ours, bare = in_turns(amounts.sheets, lambda: seconds(lambda: build_summary_sheet(data)), lambda: _bare(cells))
    ratio = median(ours) / median(bare)
    yield Row("summary_sheet", median(ours) * 1e3, "ms", ratio, "bare canvas", "≤ 500 ms", f"{cells} cells")


def year_book(amounts: Amounts) -> Iterator[Row]:
    """Build the bound copy of a class: a year of 18 subjects."""
    data = _book(amounts)
    cells = _cells(data)
    pages = [0]

    def build() -> float:
        def work() -> None:
            pages[0] = build_year_book(data).pages

        return seconds(work)

    ours, bare = in_turns(amounts.books, build, lambda: _bare(cells))
    note = f"{pages[0]} pages, {cells} cells"
    yield Row("year_book", median(ours), "s", median(ours) / median(bare), "bare canvas", "≤ 2", note)


def _book(amounts: Amounts) -> YearBook:
    whole = paper_samples.year_book()
    if amounts.subjects >= len(whole.pages):
        return whole
    return paper_samples.year_book(whole.pages[: amounts.subjects])


def _cells(data: YearBook) -> int:
    """Count the cells with a rule around them: left pages, right pages, the summary."""
    left = sum(len(page.pupils) * (len(page.columns) + 2) for page in data.pages)
    right = sum(4 * len(page.lessons) for page in data.pages)
    summary = len(data.summary.pupils) * len(data.summary.period_titles) * (len(data.summary.subjects) + 3)
    return left + right + summary


def _bare(cells: int) -> float:
    return seconds(lambda: bare_canvas(cells))


def bare_canvas(cells: int) -> bytes:
    """Draw so many cells with the canvas alone: a rectangle and, mostly, a centred text for each."""
    fonts.width("5", fonts.NARROW, 8)  # makes the face known
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4_ACROSS, invariant=1)
    wide, high = (A4_ACROSS[0] - 80) / COLUMNS, (A4_ACROSS[1] - 80) / ROWS
    for page in range(math.ceil(cells / (ROWS * COLUMNS))):
        canvas.setFont(fonts.NARROW, 8)
        canvas.setLineWidth(0.35)
        for number in range(min(ROWS * COLUMNS, cells - page * ROWS * COLUMNS)):
            x, y = 40 + number % COLUMNS * wide, 40 + number // COLUMNS * high
            canvas.rect(x, y, wide, high)
            canvas.drawCentredString(x + wide / 2, y + 4, TEXTS[number % len(TEXTS)])
        canvas.showPage()
    canvas.save()
    return file.getvalue()


BENCHES: tuple[Bench, ...] = (summary_sheet, year_book)
