"""Сводная ведомость учёта успеваемости of one class for a quarter or the whole year."""

from __future__ import annotations

from typing import Final

from ejournal_desktop.documents import archive_pdf, code_mark, data_copy, fonts, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import requisites, summary_table
from ejournal_desktop.documents.forms.requisites import Heading, SignatureLine
from ejournal_desktop.documents.forms.summary_table import Part
from ejournal_desktop.documents.paper import MM, Built, Frame, Paper, frame
from ejournal_desktop.models.pages import SummarySheet

FORM: Final = "summary-sheet"
DOCUMENT_TYPE: Final = "СВОДНАЯ ВЕДОМОСТЬ УЧЁТА УСПЕВАЕМОСТИ"
MOST_SUBJECTS_UPRIGHT: Final = 12
_CODE_BAND: Final = code_mark.SIDE + 3 * MM


def build_summary_sheet(data: SummarySheet) -> Built:
    """Lay out, draw and seal for the archive the summary sheet of one class.

    The same data give the same bytes. The sheet has empty signature fields `class_teacher`, `deputy`, `director`.
    """
    copy = data_copy.canonical(FORM, data)
    paper = Paper()
    mark = CodeMark(FORM, data.document_id or data.document_number, data_copy.sha256(copy))
    _draw(paper, data, mark)
    about = About(_title(data), data.school_full_name, data.issued_on, f"{FORM}.json", copy)
    pdf = archive_pdf.conforming(paper.finish(), about, paper.signature_fields)
    return Built(pdf, mark.data_sha256, paper.pages, paper.leaves)


def signature_lines(data: SummarySheet) -> tuple[SignatureLine, ...]:
    """Return who signs the summary sheet, in the order of signing."""
    return (
        SignatureLine("class_teacher", "Классный руководитель", data.class_teacher),
        SignatureLine("deputy", "Заместитель директора", data.deputy),
        SignatureLine("director", "Директор", data.director),
    )


def subject_lines(data: SummarySheet) -> tuple[str, str]:
    """Return the two lines that say whose marks these are and for what time."""
    whose = f"обучающихся {data.class_title} класса"
    if len(data.period_titles) == 1:
        return whose, f"за {data.period_titles[0]} {words.of_school_year(data.year_title)}"
    return whose, f"за {words.school_year(data.year_title)}"


def _title(data: SummarySheet) -> str:
    return f"{DOCUMENT_TYPE.capitalize()} {' '.join(subject_lines(data))} № {data.document_number}"


def _choose(data: SummarySheet) -> tuple[Frame, list[Part]]:
    """Return the page and what stands on each; a sheet of many subjects stands upright only where that saves a page."""
    upright, lying = frame(), frame(landscape=True)
    choices = [(page, _paginate(data, page)) for page in (lying, upright)]
    if len(data.subjects) <= MOST_SUBJECTS_UPRIGHT:
        return choices[1]
    return min(choices, key=lambda choice: len(choice[1]))  # of equals the first, the lying one


def _paginate(data: SummarySheet, page: Frame) -> list[Part]:
    below = requisites.draw_heading(Paper(), page, _heading(data))  # drawn aside, to know its height
    closing = requisites.signatures_height(signature_lines(data)) + 2 * MM
    first = below - page.bottom - _CODE_BAND
    # On a one-page lying sheet the code stands beside the signatures; upright it would stand on the names.
    beside = _CODE_BAND if page.page_width > page.page_height else 0.0
    parts = summary_table.paginate(data, page, first, page.height, max(0.0, closing - beside))
    return parts if len(parts) == 1 else summary_table.paginate(data, page, first, page.height, closing)


def _draw(paper: Paper, data: SummarySheet, mark: CodeMark) -> None:
    page, parts = _choose(data)
    below = requisites.draw_heading(paper, page, _heading(data))
    for at, part in enumerate(parts):
        top = below if at == 0 else page.top
        bottom = summary_table.draw(paper, data, part, page.left, top)
        if at == 0:
            code_mark.draw(paper, mark, page.right, page.bottom)
        if at == len(parts) - 1:
            requisites.draw_signatures(paper, page.left, bottom - 2 * MM, signature_lines(data))
        _draw_edges(paper, page, data, len(parts))
        paper.end_page(page)


def _heading(data: SummarySheet) -> Heading:
    return Heading(
        data.school_full_name, data.place, DOCUMENT_TYPE, subject_lines(data), data.issued_on, data.document_number,
        data.director if data.approval else "",
    )  # fmt: skip


def _draw_edges(paper: Paper, page: Frame, data: SummarySheet, pages: int) -> None:
    requisites.draw_page_number(paper, page)
    line = f"Ведомость № {data.document_number} · {data.class_title} · страница {paper.pages + 1} из {pages}"
    paper.put(page.left, page.bottom - 6 * MM, line, fonts.NARROW, 7.5)
