"""Акт об уничтожении персональных данных in the journal, with an extract of the log that proves it (152-ФЗ, № 179).

The fields are those that such an act must have: operator, whose data, who destroyed them, which data, carrier and
number of leaves, system, method, reason, date. What is not known yet stays a line to be written on by hand.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import archive_pdf, data_copy, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import requisites
from ejournal_desktop.documents.forms.carrier_acts import SYSTEM, Signer
from ejournal_desktop.documents.forms.requisites import Heading, SignatureLine
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import MM, Built, Paper, frame

FORM: Final = "data-destruction-act"
CARRIER: Final = "базы данных сервера и рабочих мест; бумажных листов нет"
METHOD: Final = "удаление содержания программой на сервере и на всех рабочих местах; контрольные суммы записей остаются"
HEADS: Final = ("Когда", "№ записи", "Кто", "Что")
SHARES: Final = (0.2, 0.14, 0.26, 0.4)
ROW: Final = 6 * MM


class DataDestructionAct(Struct, frozen=True, kw_only=True):
    """The act.

    Attributes:
        whom, matter: whose data and which.
        basis: the law, request or term behind it.
        destroyed_on: the day on which the second person confirmed it, None while nobody has.
        ordered, confirmed: who entered it and who confirmed it; an empty name draws a line.
        lines: of the log: when, number, who, what.
        proof: what stands behind these numbers, in words.
        copies: what is said of backups.
    """

    school_full_name: str
    place: str = ""
    number: str
    acted_on: date
    whom: str
    matter: str
    basis: str
    destroyed_on: date | None = None
    ordered: Signer = Signer()
    confirmed: Signer = Signer()
    lines: tuple[tuple[str, str, str, str], ...] = ()
    proof: str = ""
    copies: str = ""


def build_data_destruction_act(data: DataDestructionAct) -> Built:
    """Draw the act; the same data give the same bytes."""
    copy = data_copy.canonical(FORM, data)
    mark = CodeMark(FORM, data.number, data_copy.sha256(copy))
    heading = Heading(data.school_full_name, data.place, "АКТ ОБ УНИЧТОЖЕНИИ", ("персональных данных",), data.acted_on,
                      data.number, "______________")  # fmt: skip
    paper, page = Paper(), frame()
    text = RunningText(paper, page, mark, requisites.draw_heading(paper, page, heading) - 3 * MM)
    _draw_fields(text, data)
    _draw_extract(text, data)
    _draw_signers(text, data)
    text.end_page()
    about = About(f"Акт об уничтожении № {data.number}", data.school_full_name, data.acted_on, f"{FORM}.json", copy)
    return Built(archive_pdf.conforming(paper.finish(), about, ()), mark.data_sha256, paper.pages, paper.leaves)


def _draw_fields(text: RunningText, data: DataDestructionAct) -> None:
    text.field("Оператор, адрес", ", ".join(filter(None, (data.school_full_name, data.place))))
    text.field("Чьи данные", data.whom, "фамилия, имя, отчество")
    text.field("Какие данные", data.matter, "перечень категорий")
    text.field("Информационная система", SYSTEM)
    text.field("Носитель, количество", CARRIER)
    text.field("Способ", METHOD)
    text.field("Основание, причина", data.basis, "закон, заявление, истёкший срок")
    text.field("Дата уничтожения", words.day_in_words(data.destroyed_on) if data.destroyed_on else "", "число")
    text.field("Внёс распоряжение", data.ordered.text, "должность, фамилия, имя, отчество")
    text.field("Подтвердил", data.confirmed.text, "должность, фамилия, имя, отчество: другой человек")
    text.field("Резервные копии", data.copies)
    text.field("Срок хранения акта", "", "по номенклатуре дел школы")


def _draw_extract(text: RunningText, data: DataDestructionAct) -> None:
    text.room(30 * MM)
    text.head("Выписка из журнала событий")
    text.table(HEADS, SHARES, data.lines, ROW, requisites.signatures_height(_signers(data)) + 14 * MM)
    text.gap(2 * MM)
    text.paragraph("Номер — место записи в журнале изменений школы; изменить или убрать запись нельзя. "
                   f"{data.proof}".strip(), size=9)  # fmt: skip


def _signers(data: DataDestructionAct) -> tuple[SignatureLine, ...]:
    return (SignatureLine("", "Внёс распоряжение", data.ordered.short_name),
            SignatureLine("", "Подтвердил", data.confirmed.short_name))  # fmt: skip


def _draw_signers(text: RunningText, data: DataDestructionAct) -> None:
    lines = _signers(data)
    text.room(requisites.signatures_height(lines))
    requisites.draw_signatures(text.paper, text.page.left, text.y, lines)
    text.gap(requisites.signatures_height(lines))
