"""The pages of the bound copy around its spreads: title, contents, heading of the summary, certification, edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import code_mark, fonts, words
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import requisites, summary_sheet
from ejournal_desktop.documents.forms.requisites import SignatureLine
from ejournal_desktop.documents.paper import LEADING, MM, RULE, Frame, Paper
from ejournal_desktop.models.pages import BookPage, SummarySheet, YearBook

SUMMARY_TITLE: Final = "Сводная ведомость учёта успеваемости"
CERTIFICATION_TITLE: Final = "Заверительная надпись"
EMPTY: Final = "Страница намеренно оставлена пустой"

CONTENTS_WIDTHS: Final = (9 * MM, 76 * MM, 65 * MM, 20 * MM)
CONTENTS_TITLES: Final = ("№", "Предмет", "Учитель", "Страницы")
CONTENTS_HEAD: Final = 7 * MM
CONTENTS_HEADING: Final = 14 * MM
CONTENTS_SIZE: Final = 10.0
_PAD: Final = 1.5 * MM


class ContentsRow(Struct, frozen=True):
    """A line of the contents."""

    title: tuple[str, ...]
    teachers: tuple[str, ...]
    pages: str = ""

    @property
    def height(self) -> float:
        """Return the height of the row."""
        return max(len(self.title), len(self.teachers), 1) * CONTENTS_SIZE * LEADING + 2 * _PAD


# --- title ---------------------------------------------------------------------------------------------------------


def draw_title(paper: Paper, page: Frame, data: YearBook, mark: CodeMark) -> None:
    """Draw the title page with the code of the document."""
    lines = fonts.wrap(data.school_full_name, fonts.SERIF, 12, page.width - 10 * MM)
    paper.put_lines(page.centre, page.top - 4 * MM, lines, fonts.SERIF, 12, "centre", 1.3)
    y = page.bottom + page.height * 0.62
    y = paper.put_lines(page.centre, y, ("КЛАССНЫЙ ЖУРНАЛ",), fonts.SERIF_BOLD, 26, "centre")
    y = paper.put_lines(page.centre, y - 5 * MM, (f"{data.class_title} класса",), fonts.SERIF, 20, "centre")
    year = words.school_year(data.year_title)
    y = paper.put_lines(page.centre, y - 3 * MM, (year,), fonts.SERIF, 16, "centre")
    kind = "Копия электронного журнала на бумажном носителе"
    y = paper.put_lines(page.centre, y - 12 * MM, (kind,), fonts.SERIF_ITALIC, 11, "centre")
    issued = f"№ {data.document_number} от {words.day_in_words(data.issued_on)}"
    paper.put_lines(page.centre, y - 2 * MM, (issued,), fonts.SERIF, 11, "centre")
    paper.put(page.centre, page.bottom, data.place, fonts.SERIF, 11, "centre")
    code_mark.draw(paper, mark, page.right, page.bottom)


# --- contents ------------------------------------------------------------------------------------------------------


def contents_row(page: BookPage) -> ContentsRow:
    """Return the line of one subject, its pages not known yet."""
    title = ", ".join(part for part in (page.subject_title, page.subgroup_title) if part)
    return ContentsRow(_lines(title, 1), tuple(line for name in page.teachers for line in _lines(name, 2)))


def service_rows() -> list[ContentsRow]:
    """Return the lines of what follows the subjects."""
    return [ContentsRow(_lines(title, 1), ()) for title in (SUMMARY_TITLE, CERTIFICATION_TITLE)]


def _lines(text: str, column: int) -> tuple[str, ...]:
    return fonts.wrap(text, fonts.SERIF, CONTENTS_SIZE, CONTENTS_WIDTHS[column] - 2 * _PAD)


def paginate_contents(rows: Sequence[ContentsRow], page: Frame) -> list[list[ContentsRow]]:
    """Divide the lines between pages; their heights do not depend on the page numbers."""
    pages: list[list[ContentsRow]] = [[]]
    room = page.height - CONTENTS_HEADING - CONTENTS_HEAD
    for row in rows:
        if row.height > room:
            pages.append([])
            room = page.height - CONTENTS_HEAD
        pages[-1].append(row)
        room -= row.height
    return pages


def with_pages(
    contents: Sequence[Sequence[ContentsRow]], spans: Sequence[tuple[int, int]]
) -> tuple[tuple[ContentsRow, ...], ...]:
    """Return the lines with first and last page of each."""
    waiting = iter(spans)
    return tuple(tuple(_numbered(row, *next(waiting)) for row in rows) for rows in contents)


def _numbered(row: ContentsRow, first: int, last: int) -> ContentsRow:
    return ContentsRow(row.title, row.teachers, str(first) if first == last else f"{first}–{last}")


def draw_contents(paper: Paper, page: Frame, rows: Sequence[tuple[int, ContentsRow]], *, first: bool) -> None:
    """Draw one page of the contents; each line comes with its number."""
    top = page.top
    if first:
        paper.put(page.centre, page.top - 6 * MM, "ОГЛАВЛЕНИЕ", fonts.SERIF_BOLD, 13, "centre")
        top -= CONTENTS_HEADING
    xs = [page.left]
    for width in CONTENTS_WIDTHS:
        xs.append(xs[-1] + width)
    y = top - CONTENTS_HEAD
    for at, title in enumerate(CONTENTS_TITLES):
        paper.put((xs[at] + xs[at + 1]) / 2, y + 2 * MM, title, fonts.SERIF, 9, "centre")
    paper.rule(xs[0], y, xs[-1], y, RULE)
    for number, row in rows:
        _draw_contents_row(paper, xs, y, number, row)
        y -= row.height
        paper.rule(xs[0], y, xs[-1], y)
    for x in xs:
        paper.rule(x, top, x, y)
    paper.box(xs[0], y, xs[-1], top)


def _draw_contents_row(paper: Paper, xs: list[float], top: float, number: int, row: ContentsRow) -> None:
    y = top - _PAD
    paper.put_lines((xs[0] + xs[1]) / 2, y, (str(number),), fonts.SERIF, CONTENTS_SIZE, "centre")
    paper.put_lines(xs[1] + _PAD, y, row.title, fonts.SERIF, CONTENTS_SIZE)
    paper.put_lines(xs[2] + _PAD, y, row.teachers, fonts.SERIF, CONTENTS_SIZE)
    paper.put_lines(xs[4] - _PAD, y, (row.pages,), fonts.SERIF, CONTENTS_SIZE, "right")


# --- summary -------------------------------------------------------------------------------------------------------


def summary_heading_height(data: SummarySheet) -> float:
    """Return the height of the heading of the summary."""
    return (13 + 11 * len(summary_sheet.subject_lines(data))) * LEADING + 4 * MM


def draw_summary_heading(paper: Paper, page: Frame, data: SummarySheet) -> float:
    """Draw the heading of the summary and return the y below it."""
    title = SUMMARY_TITLE.upper()
    y = paper.put_lines(page.centre, page.top, (title,), fonts.SERIF_BOLD, 13, "centre")
    y = paper.put_lines(page.centre, y, summary_sheet.subject_lines(data), fonts.SERIF, 11, "centre")
    return y - 4 * MM


def summary_signatures(data: SummarySheet) -> tuple[SignatureLine, ...]:
    """Return who signs the summary; the director's electronic signature stands under the certification alone."""
    class_teacher, deputy, director = summary_sheet.signature_lines(data)
    return class_teacher, deputy, SignatureLine("", director.office, director.name)


# --- certification and edges ---------------------------------------------------------------------------------------


def certification_sentence(leaves: int) -> str:
    """Return the words over the knot, the number of leaves in figures and in words."""
    count = words.counted(leaves, words.LEAF)
    return f"В настоящем журнале пронумеровано, прошнуровано и скреплено печатью {count}."


def draw_certification(paper: Paper, page: Frame, data: YearBook, leaves: int) -> None:
    """Draw the last page: how many leaves, who certifies it, and what state of the log it was printed from."""
    y = paper.put_lines(page.centre, page.top - 30 * MM, (CERTIFICATION_TITLE.upper(),), fonts.SERIF_BOLD, 13, "centre")
    lines = fonts.wrap(certification_sentence(leaves), fonts.SERIF, 12, page.width)
    y = paper.put_lines(page.left, y - 8 * MM, lines, fonts.SERIF, 12, "left", 1.4)
    signature = (SignatureLine("director", "Директор", data.director),)
    requisites.draw_signatures(paper, page.left, y - 6 * MM, signature)
    y -= 6 * MM + requisites.signatures_height(signature) + 4 * MM
    paper.put(page.left, y, words.day_in_words(data.issued_on), fonts.SERIF, 11)
    source = (
        f"Напечатано по журналу изменений школы: записей {data.log_size}, "
        f"корневой хеш {data.log_root}."
    )  # fmt: skip
    paper.put_lines(page.left, page.bottom + 20 * MM, fonts.wrap(source, fonts.NARROW, 8, page.width), fonts.NARROW, 8)


def draw_empty(paper: Paper, page: Frame) -> None:
    """Say that a page is empty on purpose, so that nothing can be added unseen."""
    paper.put(page.centre, (page.top + page.bottom) / 2, EMPTY, fonts.SERIF_ITALIC, 10, "centre")


def draw_edges(paper: Paper, page: Frame, data: YearBook, mark: CodeMark) -> None:
    """Write the number of the leaf in the upper right corner of its front, and below whose journal it is."""
    number = paper.pages + 1
    if number % 2:
        leaf = f"лист {(number + 1) // 2}"
        paper.put(page.right, page.top + 4 * MM, leaf, fonts.SERIF, 9, "right")
    line = f"{data.class_title} · {data.year_title} · № {data.document_number} · данные {mark.data_sha256[:16]}"
    paper.put(page.centre, page.bottom - 8 * MM, line, fonts.NARROW, 7, "centre")
