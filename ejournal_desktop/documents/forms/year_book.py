"""The bound year-end copy of one class's journal: title, contents, spreads, progress summary, certification.

The whole book is planned before the first line is drawn, so the contents name real pages, every spread starts on an
even page, and the certification counts the leaves that are really printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from ejournal_desktop.documents import archive_pdf, data_copy
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import book_service, requisites, spread_pages, summary_sheet, summary_table
from ejournal_desktop.documents.forms.book_service import ContentsRow
from ejournal_desktop.documents.forms.spreads import Spread, divide
from ejournal_desktop.documents.forms.summary_table import Part
from ejournal_desktop.documents.paper import Built, Frame, Paper, frame
from ejournal_desktop.models.pages import BookPage, YearBook

FORM: Final = "year-book"
FIRST_CONTENTS_PAGE: Final = 3  # the leaf before it is the title


class Section(Struct, frozen=True):
    """One subject in the book: its spreads and the page the first one starts on, always even."""

    page: BookPage
    spreads: tuple[Spread, ...]
    first_page: int

    @property
    def last_page(self) -> int:
        """Return the last page."""
        return self.first_page + 2 * len(self.spreads) - 1


class Plan(Struct, frozen=True):
    """Where everything stands, pages counted from 1."""

    contents: tuple[tuple[ContentsRow, ...], ...]
    sections: tuple[Section, ...]
    summary: tuple[Part, ...]
    summary_page: int
    certification_page: int  # even: the back of the last leaf, where the knot is

    @property
    def leaves(self) -> int:
        """Return how many leaves the book has."""
        return self.certification_page // 2


def build_year_book(data: YearBook) -> Built:
    """Lay out, draw and seal for the archive the bound copy of one class's journal.

    The same data give the same bytes. The empty signature fields are `class_teacher`, `deputy` (under the summary) and
    `director` (under the certification).

    Raises:
        DoesNotFit: EJ-360, a list of pupils is too long for a page.
    """
    copy = data_copy.canonical(FORM, data)
    mark = CodeMark(FORM, data.document_id or data.document_number, data_copy.sha256(copy))
    paper = Paper()
    _draw(paper, data, plan(data), mark)
    title = f"Классный журнал {data.class_title} класса, {data.year_title}, № {data.document_number}"
    about = About(title, data.school_full_name, data.issued_on, f"{FORM}.json", copy)
    pdf = archive_pdf.conforming(paper.finish(), about, paper.signature_fields)
    return Built(pdf, mark.data_sha256, paper.pages, paper.leaves)


# --- planning ------------------------------------------------------------------------------------------------------


def plan(data: YearBook) -> Plan:
    """Decide what stands on which page."""
    rows = [book_service.contents_row(page) for page in data.pages] + book_service.service_rows()
    contents = book_service.paginate_contents(rows, leaf(FIRST_CONTENTS_PAGE))
    sections = _sections(data, _even(FIRST_CONTENTS_PAGE + len(contents)))
    summary_page = sections[-1].last_page + 1 if sections else _even(FIRST_CONTENTS_PAGE + len(contents))
    parts = _summary_parts(data)
    certification = _even(summary_page + len(parts))
    spans = [(section.first_page, section.last_page) for section in sections]
    spans += [(summary_page, summary_page + len(parts) - 1), (certification, certification)]
    numbered = book_service.with_pages(contents, spans)
    return Plan(numbered, sections, tuple(parts), summary_page, certification)


def leaf(page: int) -> Frame:
    """Return the frame of a page by its number: the wide margin is always at the binding."""
    binding: Literal["left", "right"] = "left" if page % 2 else "right"
    return frame(binding=binding)


def _even(page: int) -> int:
    return page + page % 2


def _sections(data: YearBook, first: int) -> tuple[Section, ...]:
    sections: list[Section] = []
    for page in data.pages:
        spreads = divide(page, spread_pages.room(page, leaf(first)))
        sections.append(Section(page, tuple(spreads), first))
        first += 2 * len(spreads)
    return tuple(sections)


def _summary_parts(data: YearBook) -> list[Part]:
    page = leaf(2)
    heading = book_service.summary_heading_height(data.summary)
    closing = requisites.signatures_height(summary_sheet.signature_lines(data.summary))
    return summary_table.paginate(data.summary, page, page.height - heading, page.height, closing)


# --- drawing -------------------------------------------------------------------------------------------------------


def _draw(paper: Paper, data: YearBook, book: Plan, mark: CodeMark) -> None:
    book_service.draw_title(paper, leaf(1), data, mark)
    _end(paper, data, mark)
    _fill_to(paper, data, mark, FIRST_CONTENTS_PAGE)
    number = 1
    for rows in book.contents:
        numbered = list(enumerate(rows, number))
        book_service.draw_contents(paper, leaf(paper.pages + 1), numbered, first=number == 1)
        number += len(rows)
        _end(paper, data, mark)
    for section in book.sections:
        _fill_to(paper, data, mark, section.first_page)
        _draw_section(paper, data, section, mark)
    _fill_to(paper, data, mark, book.summary_page)
    _draw_summary(paper, data, book.summary, mark)
    _fill_to(paper, data, mark, book.certification_page)
    book_service.draw_certification(paper, leaf(paper.pages + 1), data, book.leaves)
    _end(paper, data, mark)


def _draw_section(paper: Paper, data: YearBook, section: Section, mark: CodeMark) -> None:
    for spread in section.spreads:
        title = f"{data.class_title}, {data.year_title}"
        spread_pages.draw_left(paper, leaf(paper.pages + 1), section.page, spread, title)
        _end(paper, data, mark)
        spread_pages.draw_right(paper, leaf(paper.pages + 1), section.page, spread)
        _end(paper, data, mark)


def _draw_summary(paper: Paper, data: YearBook, parts: Sequence[Part], mark: CodeMark) -> None:
    for at, part in enumerate(parts):
        page = leaf(paper.pages + 1)
        top = book_service.draw_summary_heading(paper, page, data.summary) if at == 0 else page.top
        bottom = summary_table.draw(paper, data.summary, part, page.left, top)
        if at == len(parts) - 1:
            lines = book_service.summary_signatures(data.summary)
            requisites.draw_signatures(paper, page.left, bottom, lines)
        _end(paper, data, mark)


def _fill_to(paper: Paper, data: YearBook, mark: CodeMark, page: int) -> None:
    """Add pages marked as empty on purpose until the next page is `page`."""
    while paper.pages + 1 < page:
        book_service.draw_empty(paper, leaf(paper.pages + 1))
        _end(paper, data, mark)


def _end(paper: Paper, data: YearBook, mark: CodeMark) -> None:
    page = leaf(paper.pages + 1)
    requisites.draw_page_number(paper, page)
    book_service.draw_edges(paper, page, data, mark)
    paper.end_page(page)
