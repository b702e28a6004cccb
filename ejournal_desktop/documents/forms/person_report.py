"""Справка обо всех сведениях о человеке (152-ФЗ, ст. 14): what the journal holds of one person, and what it does not.

The attached copy is the same data for a machine; its hash stands in the code on the first sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from ejournal_core import russian
from ejournal_desktop.documents import archive_pdf, data_copy, fonts, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import requisites
from ejournal_desktop.documents.forms.requisites import SignatureLine
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import MM, Built, Paper, frame

FORM: Final = "person-report"
DOCUMENT_TYPE: Final = "СВЕДЕНИЯ О ЧЕЛОВЕКЕ В ШКОЛЬНОМ ЖУРНАЛЕ"
GROUND: Final = "Составлено по запросу субъекта персональных данных (Федеральный закон № 152-ФЗ, статья 14)."
OF_THE_DESK: Final = "Названо всё, что хранит журнал на рабочем месте, где составлена справка."
OF_THE_SCHOOL: Final = (
    "Названо всё, что хранит школьный журнал: сведения собрал сервер школы по записи № {number} включительно. Чего "
    "рабочие места к этому времени ещё не передали, здесь нет."
)
NOT_KEPT: Final = (
    "В журнале нет и в справку не входят: пароль (хранится только его отпечаток); содержание файлов к урокам (названы "
    "имена); служебный журнал сервера (номера без имён) и время последнего обращения рабочих мест; записи, которые "
    "сервер отложил, пока неизвестно, чьи они; сведения о других людях в тех же записях. Резервные копии повторяют те "
    "же сведения."
)
HEADS: Final = ("День", "Где", "Что записано", "Кто и когда внёс")
SHARES: Final = (0.14, 0.2, 0.46, 0.2)
EARLIER_HEADS: Final = ("Когда", "Где", "Что было внесено", "Кто; чем кончилось")
ROW: Final = 6 * MM
LONGEST_CELL: Final = 1200  # characters: a row has to stand on one page
LEAST_ROOM: Final = 30 * MM


class ReportLine(Struct, frozen=True):
    """One record: of which day, where, every field as (name, value), who entered it."""

    day: str
    place: str
    said: tuple[tuple[str, str], ...]
    entered: str


class ReportSection(Struct, frozen=True):
    """All records of one kind."""

    kind: str
    title: str
    lines: tuple[ReportLine, ...]


class PersonReport(Struct, frozen=True, kw_only=True):
    """What the paper says.

    Attributes:
        whom: «Котов Илья Петрович, 7 «Б», № 7 по списку».
        person_id: of the pupil or member of staff in the journal.
        earlier: what stood in the records before.
        not_held: what may be held elsewhere and is not in this report.
        number: up to which line of the school's log the server told all; 0: this is what one desk holds.
    """

    school_name: str
    made_on: date
    made_by: str
    whom: str
    person_id: str
    sections: tuple[ReportSection, ...]
    earlier: tuple[ReportLine, ...] = ()
    not_held: tuple[str, ...] = ()
    number: int = 0


def report_json(data: PersonReport) -> bytes:
    """Return the report for a machine: canonical JSON, the same bytes as are attached to the paper."""
    return data_copy.canonical(FORM, data)


def build_person_report(data: PersonReport) -> Built:
    """Draw the report; the same data give the same bytes."""
    copy = report_json(data)
    mark = CodeMark(FORM, data.made_on.isoformat(), data_copy.sha256(copy))
    paper = Paper()
    text = RunningText(paper, frame(landscape=True), mark)
    _draw_head(text, data)
    below = _foot_height(data)
    for at, section in enumerate(data.sections, 1):
        is_last = at == len(data.sections) and not data.earlier
        title = f"{section.title}: {len(section.lines)}"
        _draw_table(text, title, HEADS, section.lines, below if is_last else 0)
    if data.earlier:
        _draw_table(text, f"Прежние значения и заявки: {len(data.earlier)}", EARLIER_HEADS, data.earlier, below)
    _draw_foot(text, data)
    text.end_page()
    about = About(f"Сведения о человеке, {words.day_in_words(data.made_on)}", data.school_name, data.made_on,
                  f"{FORM}.json", copy)  # fmt: skip
    return Built(archive_pdf.conforming(paper.finish(), about, ()), mark.data_sha256, paper.pages, paper.leaves)


def _draw_head(text: RunningText, data: PersonReport) -> None:
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(2 * MM)
    text.paragraph(DOCUMENT_TYPE, fonts.SERIF_BOLD, 13, "centre")
    text.paragraph(data.whom, size=12, align="centre")
    text.gap(3 * MM)
    whole = OF_THE_SCHOOL.format(number=data.number) if data.number else OF_THE_DESK
    text.paragraph(f"{GROUND} {whole}", size=9)
    text.gap(2 * MM)
    text.paragraph("Чего в этой справке нет", fonts.SERIF_BOLD, 10)
    _draw_not_held(text, data)
    text.paragraph(NOT_KEPT, size=9)


def _draw_not_held(text: RunningText, data: PersonReport) -> None:
    if not data.not_held:
        return
    if data.number:
        text.points([f"{each}." for each in data.not_held], 10)
        return
    text.paragraph("На рабочем месте, где она составлена, не хранятся:", size=10)
    text.points([f"{each}." for each in data.not_held], 10)
    text.paragraph("Всё, что хранит школа, собирает сервер школы: «Сведения о человеке», «Собрать всё на сервере».",
                   size=10)  # fmt: skip


def _draw_table(
    text: RunningText, title: str, heads: tuple[str, ...], lines: tuple[ReportLine, ...], below: float
) -> None:
    text.room(LEAST_ROOM)
    text.head(title, 11)
    text.table(heads, SHARES, [row for line in lines for row in _rows(line)], ROW, below)


def _rows(line: ReportLine) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row, and its continuations where it is longer than a page takes."""
    first, *more = _parts("; ".join(f"{name}: {value}" for name, value in line.said))
    yield line.day, line.place, first, line.entered
    for part in more:
        yield "", "продолжение", part, ""


def _parts(told: str) -> Iterator[str]:
    while len(told) > LONGEST_CELL:
        at = told.rfind(" ", 0, LONGEST_CELL)
        at = at if at > 0 else LONGEST_CELL
        yield told[:at]
        told = told[at:].lstrip()
    yield told


def _signers(data: PersonReport) -> tuple[SignatureLine, ...]:
    return SignatureLine("", "Составлено", data.made_by), SignatureLine("", "Получено", requisites.NAME_BY_HAND)


def _foot_height(data: PersonReport) -> float:
    return requisites.signatures_height(_signers(data)) + 12 * MM


def _draw_foot(text: RunningText, data: PersonReport) -> None:
    lines = _signers(data)
    text.room(_foot_height(data))
    text.gap(4 * MM)
    count = russian.counted(sum(len(section.lines) for section in data.sections), "запись", "записи", "записей")
    text.paragraph(f"Всего: {count}. Составлено {words.day_in_words(data.made_on)}", size=10)  # «2026 г.» ends in a dot
    requisites.draw_signatures(text.paper, text.page.left, text.y, lines)
    text.gap(requisites.signatures_height(lines))
