"""Fit for the archive: PDF/A by the reference validator, embedded fonts, the data inside, the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import msgspec
import pikepdf
import pytest

from ejournal_desktop.documents import Built, build_summary_sheet, build_year_book
from ejournal_desktop.models.pages import BookLesson
from tests.helpers import paper_samples
from tests.helpers.paper_words import attachment
from tests.helpers.verapdf import conformance


def test_documents_are_pdf_a_and_stay_so_under_three_signatures(
    quarter_sheet: Built, signed_sheet: bytes, tmp_path: Path
) -> None:
    lesson = BookLesson(date(2026, 9, 1), 1, "∠ABC, △ABC, a ∥ b ⇒ c ⊥ d, A ∩ B = ∅", "[ˈæpəl] 🙂")
    page = paper_samples.book_page()
    page = msgspec.structs.replace(page, lessons=(lesson, *page.lessons[1:]))
    book = build_year_book(paper_samples.year_book((page,)))
    verdicts = conformance({"sheet": quarter_sheet.pdf, "signed": signed_sheet, "book": book.pdf}, tmp_path)
    assert verdicts == {"sheet": "PASS 3u", "signed": "PASS 3u", "book": "PASS 3u"}


def test_the_validator_does_find_a_fault(quarter_sheet: Built, tmp_path: Path) -> None:
    with pikepdf.open(BytesIO(quarter_sheet.pdf)) as pdf:
        del pdf.Root.OutputIntents
        broken = BytesIO()
        pdf.save(broken)
    assert conformance({"broken": broken.getvalue()}, tmp_path)["broken"].startswith("FAIL 3u")


@pytest.mark.parametrize("document", ["quarter_sheet", "year_book"])
def test_all_fonts_are_embedded(document: str, request: pytest.FixtureRequest, run_tool: Callable[..., str]) -> None:
    rows = run_tool(request.getfixturevalue(document).pdf, "pdffonts", "{}").splitlines()[2:]
    assert rows
    for row in rows:
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], row  # embedded, a subset, with Unicode
        assert "Helvetica" not in row


@pytest.mark.parametrize(("document", "name"), [("quarter_sheet", "summary-sheet"), ("year_book", "year-book")])
def test_the_printed_hash_is_the_hash_of_the_attached_data(
    document: str, name: str, request: pytest.FixtureRequest
) -> None:
    built = request.getfixturevalue(document)
    assert hashlib.sha256(attachment(built.pdf, f"{name}.json")).hexdigest() == built.data_sha256


def test_a_public_tool_takes_the_data_out(quarter_sheet: Built, run_tool: Callable[..., str], tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    run_tool(quarter_sheet.pdf, "pdfdetach", "-save", "1", "-o", str(copy), "{}")
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == quarter_sheet.data_sha256


BUILD_AND_HASH = """
import hashlib
from ejournal_desktop.documents import build_summary_sheet, build_year_book
from tests.helpers import paper_samples
book = paper_samples.year_book((paper_samples.book_page(), paper_samples.book_page("Геометрия", (1, 3), "1 группа")))
for built in (build_summary_sheet(paper_samples.summary_sheet()), build_year_book(book)):
    print(hashlib.sha256(built.pdf).hexdigest())
"""


def test_the_same_data_give_the_same_bytes_in_every_process() -> None:
    hashes = [_hashes_in_a_process(seed) for seed in ("0", "1", "4242")]
    assert hashes[0] == hashes[1] == hashes[2]
    assert len(set(hashes[0])) == 2


def _hashes_in_a_process(seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Kamchatka" if seed == "1" else "UTC"}
    done = subprocess.run(
        [sys.executable, "-c", BUILD_AND_HASH], check=True, capture_output=True, text=True, env=environment, timeout=120
    )
    return done.stdout.split()


def test_a_second_document_in_one_process_does_not_depend_on_the_first() -> None:
    data = paper_samples.summary_sheet()
    first = build_summary_sheet(data).pdf
    build_year_book(paper_samples.year_book((paper_samples.book_page(),)))
    assert build_summary_sheet(data).pdf == first


def test_the_file_says_what_it_is(quarter_sheet: Built) -> None:
    with pikepdf.open(BytesIO(quarter_sheet.pdf)) as pdf, pdf.open_metadata() as xmp:
        assert xmp["dc:title"].startswith("Сводная ведомость учёта успеваемости обучающихся 7 «Б» класса")
        assert paper_samples.SCHOOL in xmp["dc:creator"]
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "U")
