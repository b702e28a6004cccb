"""The report about a person on paper: whole, within the sheet, checkable, the same as its copy for a machine."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from ejournal_desktop.documents.forms.person_report import (
    LONGEST_CELL,
    PersonReport,
    ReportLine,
    ReportSection,
    build_person_report,
    report_json,
)
from ejournal_desktop.documents.paper import MM, Built
from tests.desktop.documents.test_administrators_papers import barcodes, text_of
from tests.helpers.paper_words import attachment, placed_words
from tests.helpers.verapdf import conformance

WHOM = "Константинопольская-Рождественская Александра Владиславовна, 11 «АБВ», № 34 по списку"
MISSING = "отметки, посещаемость, записи на уроках: 7 «Б» · Алгебра, 7 «Б» · Английский язык · 2 группа"


def report(lines: int, text: str = "без черновика") -> PersonReport:
    place = "7 «Б» · Иностранный язык (английский) · 2 группа · Контрольная работа"
    told = tuple(
        ReportLine(f"{1 + at % 28:02}.09.2026", place, (("отметка", "4"), ("примечание", f"{text} {at}")),
                   "Преображенская А. В., 15.09.2026 10:42")
        for at in range(lines)
    )  # fmt: skip
    earlier = (ReportLine("08.09.2026 10:30", place, (("отметка", "3"),), "Иванова М. П., принято"),)
    return PersonReport(
        school_name="МБОУ «Школа № 7»", made_on=date(2026, 9, 15), made_by="Петров Семён Ильич", whom=WHOM,
        person_id="u-02", sections=(ReportSection("Mark", "Текущие отметки", told),) if told else (),
        earlier=earlier if told else (), not_held=(MISSING,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def built() -> Built:
    """Give a report of several pages."""
    return build_person_report(report(60))


def test_the_report_is_pdf_a_and_the_same_data_give_the_same_bytes(built: Built, tmp_path: Path) -> None:
    assert conformance({"report": built.pdf}, tmp_path) == {"report": "PASS 3u"}
    assert build_person_report(report(60)).pdf == built.pdf


def test_every_line_stands_within_the_sheet_and_what_is_not_here_on_the_first(built: Built) -> None:
    text = " ".join(text_of(built).split())
    assert built.pages > 2
    assert all(f"без черновика {at}" in text for at in range(60))
    assert MISSING in text
    assert "Всего: 60 записей. Составлено 15 сентября 2026 г." in text
    assert "г.." not in text
    assert text.index(MISSING) < text.index("Текущие отметки: 60")
    assert "Прежние значения и заявки: 1" in text
    for word in placed_words(built.pdf):
        assert word.left >= 29 * MM, word
        assert word.right <= (297 - 9) * MM, word
        assert word.bottom > 7 * MM, word


def test_a_text_longer_than_a_page_goes_on_and_nothing_of_it_is_lost() -> None:
    words = " ".join(f"слово{at}" for at in range(LONGEST_CELL))
    built = build_person_report(report(1, words))
    text = text_of(built)
    assert all(f"слово{at}" in text for at in range(LONGEST_CELL))
    assert all(word.bottom > 7 * MM for word in placed_words(built.pdf))


def test_the_copy_for_a_machine_is_the_one_that_the_code_on_paper_names(built: Built) -> None:
    copy = report_json(report(60))
    assert attachment(built.pdf, "person-report.json") == copy
    assert hashlib.sha256(copy).hexdigest() == built.data_sha256
    (read,) = barcodes(built.pdf)
    assert read.endswith(built.data_sha256)
    document = json.loads(copy)["document"]
    assert document["sections"][0]["lines"][0]["said"] == [["отметка", "4"], ["примечание", "без черновика 0"]]


def test_a_report_of_nothing_says_so() -> None:
    assert "Всего: 0 записей." in text_of(build_person_report(report(0)))
