"""The act of destruction of data in the journal: its fields, the extract of the log, lines to be written on by hand."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from ejournal_desktop.documents.forms.carrier_acts import Signer
from ejournal_desktop.documents.forms.data_destruction_act import DataDestructionAct, build_data_destruction_act
from ejournal_desktop.documents.paper import MM
from tests.desktop.documents.test_administrators_papers import barcodes, text_of
from tests.helpers.paper_words import attachment, placed_words
from tests.helpers.verapdf import conformance

LONG = "Константинопольская-Рождественская Александра Владиславовна, 11 «АБВ», № 34 по списку"


def act(*, done: bool) -> DataDestructionAct:
    by = Signer(position="системный администратор", name="Петров Семён Ильич")
    first = ("15.09.2026 10:42", "2", "Петров Семён Ильич", "распоряжение об уничтожении")
    second = ("16.09.2026 09:00", "3", "Громова Вера Павловна", "уничтожение подтверждено")
    return DataDestructionAct(
        school_full_name="МБОУ «Школа № 7»", place="г. Заречный", number="7", acted_on=date(2026, 9, 15), whom=LONG,
        matter="сведения о специальной медицинской группе", basis="заявление родителя № 3", ordered=by,
        destroyed_on=date(2026, 9, 16) if done else None,
        confirmed=Signer(position="директор", name="Громова Вера Павловна") if done else Signer(),
        lines=(first, second) if done else (first,), copies="сделанные раньше хранят содержание",
    )  # fmt: skip


def test_the_act_is_pdf_a_within_the_sheet_and_checkable(tmp_path: Path) -> None:
    built = build_data_destruction_act(act(done=True))
    assert conformance({"act": built.pdf}, tmp_path) == {"act": "PASS 3u"}
    assert build_data_destruction_act(act(done=True)).pdf == built.pdf
    assert hashlib.sha256(attachment(built.pdf, "data-destruction-act.json")).hexdigest() == built.data_sha256
    (read,) = barcodes(built.pdf)
    assert read.endswith(built.data_sha256)
    assert all(word.left >= 29 * MM and word.right <= (210 - 9) * MM for word in placed_words(built.pdf))


def test_it_names_every_field_that_an_act_must_have() -> None:
    text = " ".join(text_of(build_data_destruction_act(act(done=True))).split())
    wanted = ("МБОУ «Школа № 7», г. Заречный", "Рождественская Александра", "специальной медицинской группе",
              "ejournal", "бумажных листов нет", "удаление содержания", "заявление родителя № 3", "16 сентября 2026",
              "системный администратор, Петров Семён Ильич", "директор, Громова Вера Павловна")  # fmt: skip
    assert [said for said in wanted if said not in text] == []


def test_an_act_that_nobody_has_confirmed_leaves_lines_and_says_no_day_of_destruction() -> None:
    text = text_of(build_data_destruction_act(act(done=False)))
    assert "16 сентября" not in text
    assert "Громова" not in text
    assert "другой человек" in text  # under the line to be written on
