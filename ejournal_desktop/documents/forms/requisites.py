"""Requisites that several forms share: heading, approval stamp, signature lines, page numbers."""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import fonts, words
from ejournal_desktop.documents.paper import HAIRLINE, MM, Frame, Paper

CORNER_WIDTH: Final = 80 * MM  # ГОСТ Р 7.0.97-2025: lines of corner requisites are at most 8 cm
SIGNATURE_STEP: Final = 13.5 * MM
SIGNATURE_BOX: Final = (62 * MM, 10.5 * MM)
NAME_BY_HAND: Final = "____________________________"  # of whoever signs, where the name is not known yet
SEAL_LEFT: Final = 160 * MM  # of «М.П.», from the left edge of the text


class Heading(Struct, frozen=True):
    """What stands above the table of a form."""

    school_full_name: str
    place: str
    document_type: str  # «СВОДНАЯ ВЕДОМОСТЬ …»
    subject_lines: tuple[str, ...]  # «обучающихся 7 «Б» класса за I четверть …»
    issued_on: date
    number: str
    approved_by: str = ""  # the director's name puts the stamp УТВЕРЖДАЮ


class SignatureLine(Struct, frozen=True):
    """A place to sign: who by office, who by name, and the name of the electronic field ("" for ink only)."""

    field: str
    office: str
    name: str


def draw_heading(paper: Paper, page: Frame, heading: Heading) -> float:
    """Draw the heading from the top of the page and return the y below it."""
    y = _draw_approval(paper, page, heading) if heading.approved_by else page.top
    lines = fonts.wrap(heading.school_full_name, fonts.SERIF, 10, page.width)
    y = paper.put_lines(page.centre, y, lines, fonts.SERIF, 10, "centre") - 2 * MM
    y = paper.put_lines(page.centre, y, (heading.document_type,), fonts.SERIF_BOLD, 13, "centre")
    for line in heading.subject_lines:
        y = paper.put_lines(page.centre, y, (line,), fonts.SERIF, 11, "centre")
    y -= 6.5 * MM
    paper.put(page.left, y, words.day_in_words(heading.issued_on), fonts.SERIF, 10)
    paper.put(page.centre, y, heading.place, fonts.SERIF, 10, "centre")
    paper.put(page.right, y, f"№ {heading.number}", fonts.SERIF, 10, "right")
    return y - 3 * MM


def _draw_approval(paper: Paper, page: Frame, heading: Heading) -> float:
    left, y = page.right - CORNER_WIDTH, page.top
    for line in ("УТВЕРЖДАЮ", "Директор"):
        y = paper.put_lines(left, y, (line,), fonts.SERIF, 10)
    y -= 6 * MM
    paper.rule(left, y, left + 34 * MM, y, HAIRLINE)
    paper.put(left + 36 * MM, y + 1, heading.approved_by, fonts.SERIF, 10)
    paper.put(left, y - 6 * MM, "«____» ______________ 20___ г.", fonts.SERIF, 10)
    return y - 10 * MM


def signatures_height(lines: tuple[SignatureLine, ...]) -> float:
    """Return the height that `draw_signatures` takes."""
    return len(lines) * SIGNATURE_STEP + 5 * MM


def draw_signatures(paper: Paper, left: float, top: float, lines: tuple[SignatureLine, ...]) -> None:
    """Draw a line to sign on for each person, with room for a visible electronic signature, and «М.П.»."""
    office_width = max(fonts.width(line.office, fonts.SERIF, 10) for line in lines) + 4 * MM
    width, height = SIGNATURE_BOX
    y = top
    for line in lines:
        y -= SIGNATURE_STEP
        box_left = left + office_width
        paper.put(left, y + 1, line.office, fonts.SERIF, 10)
        paper.rule(box_left, y, box_left + width, y)
        paper.put(box_left + width / 2, y - 6.5, "подпись", fonts.NARROW, 6, "centre")
        room = SEAL_LEFT - office_width - width - 5 * MM
        size = fonts.fitted(line.name, fonts.SERIF, 10, room)
        paper.put(box_left + width + 3 * MM, y + 1, line.name, fonts.SERIF, size)
        if line.field:
            paper.signature_field(line.field, box_left, y + 0.5, box_left + width, y + 0.5 + height)
    paper.put(left + SEAL_LEFT, y + 1, "М.П.", fonts.SERIF, 10)


def draw_page_number(paper: Paper, page: Frame) -> None:
    """Number every page but the first at the top, in the middle (ГОСТ Р 7.0.97)."""
    number = paper.pages + 1
    if number > 1:
        paper.put(page.page_width / 2, page.top + 4 * MM, str(number), fonts.SERIF, 10, "centre")
