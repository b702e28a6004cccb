"""Листки с кодами для первого входа: ten on a sheet, to be cut apart and handed over in person.

A slip is a secret until it is used: no machine-readable copy lies inside. Who got one stands in the ledger
(`credential_ledger.py`), which holds no code.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from ejournal_core.handouts import CodesHandout, SlipLine
from ejournal_desktop.documents import archive_pdf, fonts, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.paper import A4, HAIRLINE, MM, RULE, Built, Frame, Paper

TITLE: Final = "Листки с кодами для первого входа"
MONO: Final = "FiraCode"
COLUMNS: Final = 2
ROWS: Final = 5
PAD: Final = 8 * MM  # printers leave the outermost millimetres white
CODE_SIZE: Final = 19.0
SMALL: Final = 8.2
SCHOOL_SIZE: Final = 6.6
NAME_SIZES: Final = (11.0, 10.0, 9.0, 8.0, 7.0)
NAME_LINES: Final = 2

STEPS: Final = (
    "На школьном компьютере: «Электронный журнал», там «Первый вход…» или «Другой человек…».",
    "Впишите фамилию, отметьте «У меня листок с кодом активации», наберите код.",
    "Придумайте пароль от 8 знаков, наберите его дважды, нажмите «Войти».",
)
ONCE: Final = "Код на один раз. Не показывайте его никому; после входа листок уничтожьте."


def build_activation_slips(data: CodesHandout) -> Built:
    """Draw a slip for each person; the same data give the same bytes."""
    paper = Paper()
    page = Frame(A4[0], A4[1], 0, A4[0], 0, A4[1])
    for start in range(0, len(data.slips), COLUMNS * ROWS):
        on_page = data.slips[start : start + COLUMNS * ROWS]
        for at, slip in enumerate(on_page):
            _draw_slip(paper, _place(page, at), data, slip)
        _draw_cuts(paper, page, len(on_page))
        paper.end_page(page)
    about = About(TITLE, data.school_name, data.made_on)
    return Built(archive_pdf.conforming(paper.finish(), about, ()), "", paper.pages, paper.leaves)


def _place(page: Frame, at: int) -> Frame:
    """Return the part of the page that a slip may be written on."""
    width, height = page.width / COLUMNS, page.height / ROWS
    left, top = at % COLUMNS * width, page.top - at // COLUMNS * height
    return Frame(page.page_width, page.page_height, left + PAD, left + width - PAD, top - height + 4 * MM, top - 4 * MM)


def _draw_slip(paper: Paper, place: Frame, data: CodesHandout, slip: SlipLine) -> None:
    school = fonts.wrap(
        data.school_name.replace("№ ", "№\u00a0"), fonts.register(fonts.NARROW), SCHOOL_SIZE, place.width
    )
    y = paper.put_lines(place.left, place.top, school, fonts.NARROW, SCHOOL_SIZE) - 0.8 * MM
    lines, size = _name_lines(slip.name, place.width)
    y = paper.put_lines(place.left, y, lines, fonts.SERIF_BOLD, size)
    if slip.position:
        size = fonts.fitted(slip.position, fonts.register(fonts.SERIF), SMALL, place.width)
        y = paper.put_lines(place.left, y, (slip.position,), fonts.SERIF, size)
    y -= 10.5 * MM
    paper.put(place.centre, y + 2.6 * MM, slip.code, fonts.register(MONO), CODE_SIZE, "centre")
    paper.box(place.left, y, place.right, y + 9 * MM, RULE)
    y -= 1.2 * MM
    for number, step in enumerate(STEPS, 1):
        lines = fonts.wrap(step, fonts.NARROW, SMALL, place.width - 4 * MM)
        paper.put_lines(place.left, y, (f"{number}.",), fonts.NARROW, SMALL)
        y = paper.put_lines(place.left + 4 * MM, y, lines, fonts.NARROW, SMALL)
    y -= 0.6 * MM
    y = paper.put_lines(place.left, y, (until(data.valid_until),), fonts.register(fonts.NARROW_BOLD), SMALL)
    paper.put_lines(place.left, y, fonts.wrap(ONCE, fonts.NARROW, SMALL, place.width), fonts.NARROW, SMALL)


def until(day: date) -> str:
    """Return the line that says how long a code counts."""
    return f"Действует по {words.day_in_words(day)} включительно."


def _name_lines(name: str, width: float) -> tuple[tuple[str, ...], float]:
    """Return a name in the largest type in which it takes two lines, and that type's size."""
    font = fonts.register(fonts.SERIF_BOLD)
    for size in NAME_SIZES:
        lines = fonts.wrap(name, font, size, width)
        if len(lines) <= NAME_LINES:
            break
    return lines, size


def _draw_cuts(paper: Paper, page: Frame, slips: int) -> None:
    """Draw dashed lines between the slips that there are."""
    rows = -(-slips // COLUMNS)
    bottom = page.top - rows * page.height / ROWS
    for row in range(1, rows + 1):
        y = page.top - row * page.height / ROWS
        if y > page.bottom + 1:
            _dashes(paper, (page.left, y), (page.right, y))
    _dashes(paper, (page.width / COLUMNS, bottom), (page.width / COLUMNS, page.top))


def _dashes(paper: Paper, first: tuple[float, float], last: tuple[float, float]) -> None:
    (x1, y1), (x2, y2) = first, last
    count = int(max(x2 - x1, y2 - y1) / (2 * MM))
    for at in range(0, count, 2):
        share, end = at / count, (at + 1) / count
        paper.rule(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share, x1 + (x2 - x1) * end, y1 + (y2 - y1) * end, HAIRLINE)
