"""Ведомость выдачи учётных данных (P32): who got a code when, against signature. No code stands on it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from ejournal_core import russian
from ejournal_core.handouts import CodesHandout
from ejournal_desktop.documents import archive_pdf, data_copy, fonts, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import requisites
from ejournal_desktop.documents.forms.requisites import SignatureLine
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import MM, Built, Paper, frame

FORM: Final = "credential-ledger"
DOCUMENT_TYPE: Final = "ВЕДОМОСТЬ ВЫДАЧИ УЧЁТНЫХ ДАННЫХ"
HEADS: Final = ("№", "Фамилия, имя, отчество", "Должность", "Дата выдачи", "Подпись в получении")
SHARES: Final = (0.06, 0.32, 0.29, 0.13, 0.20)
ROW: Final = 8.5 * MM
SIGNERS: Final = (
    SignatureLine("", "Коды выданы, администратор", requisites.NAME_BY_HAND),
    SignatureLine("", "Ведомость принята, директор", requisites.NAME_BY_HAND),
)
FOOT: Final = requisites.signatures_height(SIGNERS) + 10 * MM


class CredentialLedger(Struct, frozen=True, kw_only=True):
    """What the ledger says; persons as (name, position)."""

    school_name: str
    made_on: str
    valid_until: str
    issue_until: str
    clause: str
    by_director: bool
    persons: tuple[tuple[str, str], ...]


def build_credential_ledger(data: CodesHandout) -> Built:
    """Draw the ledger of the codes of one print; the same data give the same bytes."""
    copy = data_copy.canonical(FORM, _without_codes(data))
    mark = CodeMark(FORM, data.made_on.isoformat(), data_copy.sha256(copy))
    paper, page = Paper(), frame()
    text = RunningText(paper, page, mark)
    _draw_head(text, data)
    rows = [(str(at), slip.name, slip.position, "", "") for at, slip in enumerate(data.slips, 1)]
    text.table(HEADS, SHARES, rows, ROW, FOOT)
    _draw_foot(text, data)
    text.end_page()
    about = About(f"{DOCUMENT_TYPE.capitalize()} от {words.day_in_words(data.made_on)}", data.school_name, data.made_on,
                  f"{FORM}.json", copy)  # fmt: skip
    return Built(archive_pdf.conforming(paper.finish(), about, ()), mark.data_sha256, paper.pages, paper.leaves)


def _without_codes(data: CodesHandout) -> CredentialLedger:
    return CredentialLedger(
        school_name=data.school_name,
        made_on=data.made_on.isoformat(),
        valid_until=data.valid_until.isoformat(),
        issue_until=data.issue_until.isoformat(),
        clause=data.clause,
        by_director=data.by_director,
        persons=tuple((slip.name, slip.position) for slip in data.slips),
    )


def _draw_head(text: RunningText, data: CodesHandout) -> None:
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(2 * MM)
    text.paragraph(DOCUMENT_TYPE, fonts.SERIF_BOLD, 13, "centre")
    text.paragraph("коды для первого входа в электронный журнал", align="centre")
    text.gap(4 * MM)
    text.paragraph(f"Коды напечатаны {words.day_in_words(data.made_on)}, действуют по "
                   f"{words.day_in_words(data.valid_until)} включительно.", size=10)  # fmt: skip
    days = russian.counted(data.working_days, "рабочий день", "рабочих дня", "рабочих дней")
    clause = ", так велит положение школы" if data.clause else ""  # its code is for docs/policies.md
    text.paragraph(f"Выдать лично, под подпись, не позднее {words.day_in_words(data.issue_until)} ({days}{clause}).",
                   size=10)  # fmt: skip
    if data.by_director:
        text.gap(2 * MM)
        text.paragraph("Выдать разрешаю. Директор ______________________  «____» ______________ 20___ г.", size=10)
    text.gap(3 * MM)


def _draw_foot(text: RunningText, data: CodesHandout) -> None:
    lines = SIGNERS
    text.room(FOOT)
    text.gap(4 * MM)
    count = russian.counted(len(data.slips), "код", "кода", "кодов")
    text.paragraph(f"Всего напечатано: {count}. Выдано: ______. Не выдано и уничтожено: ______.", size=10)
    requisites.draw_signatures(text.paper, text.page.left, text.y, lines)
    text.gap(requisites.signatures_height(lines))
