"""Выписка из журнала событий: who did what, when and where, with the numbers of the lines in the school's log."""

from __future__ import annotations

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

FORM: Final = "event-list"
DOCUMENT_TYPE: Final = "ВЫПИСКА ИЗ ЖУРНАЛА СОБЫТИЙ"
HEADS: Final = ("Когда", "№ записи", "Кто", "Что", "Где", "Причина")
SHARES: Final = (0.12, 0.07, 0.16, 0.33, 0.17, 0.15)
ROW: Final = 6 * MM


class EventList(Struct, frozen=True, kw_only=True):
    """What the extract says; each line as (when, number, who, what, where, why)."""

    school_name: str
    made_on: date
    made_by: str
    made_by_position: str = ""
    chosen: str
    lines: tuple[tuple[str, str, str, str, str, str], ...]


def build_event_list(data: EventList) -> Built:
    """Draw the extract; the same data give the same bytes."""
    copy = data_copy.canonical(FORM, data)
    mark = CodeMark(FORM, data.made_on.isoformat(), data_copy.sha256(copy))
    paper = Paper()
    text = RunningText(paper, frame(landscape=True), mark)
    _draw_head(text, data)
    if data.lines:
        text.table(HEADS, SHARES, data.lines, ROW, _foot_height(data))
    else:
        text.paragraph("Таких записей в журнале событий нет.")
    _draw_foot(text, data)
    text.end_page()
    about = About(f"{DOCUMENT_TYPE.capitalize()} от {words.day_in_words(data.made_on)}", data.school_name, data.made_on,
                  f"{FORM}.json", copy)  # fmt: skip
    return Built(archive_pdf.conforming(paper.finish(), about, ()), mark.data_sha256, paper.pages, paper.leaves)


def _draw_head(text: RunningText, data: EventList) -> None:
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(2 * MM)
    text.paragraph(DOCUMENT_TYPE, fonts.SERIF_BOLD, 13, "centre")
    text.paragraph(data.chosen, align="centre")
    text.gap(3 * MM)
    text.paragraph("Номер — место записи в журнале изменений школы; изменить или убрать запись нельзя. Без номера — "
                   "запись ещё не дошла до сервера.", size=9)  # fmt: skip
    text.gap(2 * MM)


def _signers(data: EventList) -> tuple[SignatureLine, ...]:
    return (SignatureLine("", "Выписка сделана", data.made_by),)


def _foot_height(data: EventList) -> float:
    return requisites.signatures_height(_signers(data)) + 14 * MM


def _draw_foot(text: RunningText, data: EventList) -> None:
    lines = _signers(data)
    text.room(_foot_height(data))
    text.gap(4 * MM)
    count = russian.counted(len(data.lines), "запись", "записи", "записей")
    maker = ", ".join(part for part in (data.made_by_position, data.made_by) if part)
    text.paragraph(f"Всего: {count}. Сделано {words.day_in_words(data.made_on)}: {maker}.", size=10)
    requisites.draw_signatures(text.paper, text.page.left, text.y, lines)
    text.gap(requisites.signatures_height(lines))
