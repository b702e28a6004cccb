"""The summary sheet: everything that was given stands on it, readable by public tools, and nothing is cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO

import msgspec
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from ejournal_desktop.documents import Built, build_summary_sheet, preview
from ejournal_desktop.documents.forms import summary_table
from ejournal_desktop.documents.paper import frame
from tests.helpers import paper_samples
from tests.helpers.paper_words import PlacedWord, attachment, joined, placed_words


def test_every_pupil_and_subject_can_be_read_back(quarter_sheet: Built) -> None:
    text = joined(placed_words(quarter_sheet.pdf))
    for pupil in paper_samples.pupil_lines():
        for part in (*pupil.name.replace("-", "- ").split(), *pupil.note.split()):
            assert part in text, part


def test_every_mark_stands_in_the_row_of_its_pupil(quarter_sheet: Built) -> None:
    data = paper_samples.summary_sheet()
    words = placed_words(quarter_sheet.pdf)
    for pupil in data.pupils:
        expected = [data.marks[pupil.position, "I четверть", subject] for subject in data.subjects]
        assert _row(words, pupil.position, len(data.subjects)) == expected, pupil.name


def _row(words: list[PlacedWord], position: int, columns: int) -> list[str]:
    """Return the texts level with a position number, from left to right, without the name."""
    number = next(word for word in words if word.text == str(position) and 88 < word.left < 108)
    level = [word for word in words if word.page == number.page and abs(word.middle - number.middle) < 2.5]
    in_order = sorted(level, key=lambda word: word.left)
    return [word.text for word in in_order][-columns:]


def test_a_year_has_all_periods_of_every_pupil() -> None:
    data = paper_samples.summary_sheet(paper_samples.YEAR)
    words = [word.text for word in placed_words(build_summary_sheet(data).pdf)]
    assert words.count("Экзаменационная") == 35
    assert words.count("протокол") == len(data.decisions) - 1  # the one who left was not promoted
    marks = [value for value in data.marks.values() if value == "н/а"]
    assert words.count("н/а") == len(marks)


def test_requisites_of_the_first_page_are_there(quarter_sheet: Built, run_tool: Callable[..., str]) -> None:
    text = run_tool(quarter_sheet.pdf, "pdftotext", "-layout", "{}", "-")
    for requisite in ("СВОДНАЯ ВЕДОМОСТЬ УЧЁТА УСПЕВАЕМОСТИ", "26 октября 2026 г.", "№ 17-СВ", "г. Приозёрный",
                      "7 «Б» класса", "I четверть 2026/27 учебного года", "страница 1 из 2", "страница 2 из 2",
                      "Классный руководитель", "Заместитель директора", "Директор", "М.П."):  # fmt: skip
        assert requisite in text, requisite
    assert "УТВЕРЖДАЮ" not in text


def test_the_approval_stamp_is_printed_when_the_school_wants_it(run_tool: Callable[..., str]) -> None:
    data = msgspec.structs.replace(paper_samples.summary_sheet(), approval=True)
    assert "УТВЕРЖДАЮ" in run_tool(build_summary_sheet(data).pdf, "pdftotext", "{}", "-")


def test_nothing_stands_outside_the_margins(quarter_sheet: Built) -> None:
    for word in placed_words(quarter_sheet.pdf):
        assert word.left >= 30 / 25.4 * 72 - 1, word
        assert word.right <= 841.9 - 10 / 25.4 * 72 + 1, word


@pytest.mark.parametrize("subjects", [9, 18])
@pytest.mark.parametrize("periods", [paper_samples.QUARTER, paper_samples.YEAR])
def test_the_places_to_sign_are_always_above_the_lower_margin(periods: tuple[str, ...], subjects: int) -> None:
    for pupils in range(1, 36, 2):
        data = paper_samples.summary_sheet(periods, pupils, paper_samples.SUBJECTS[:subjects])
        with pikepdf.open(BytesIO(build_summary_sheet(data).pdf)) as pdf:
            fields = [(str(field.T), float(field.Rect[1])) for field in pdf.Root.AcroForm.Fields]
        assert [name for name, _ in fields] == ["class_teacher", "deputy", "director"]
        assert all(lower >= 20 / 25.4 * 72 for _, lower in fields), pupils


@pytest.mark.parametrize("pupils", [1, 8, 24, 35])
@pytest.mark.parametrize("subjects", [1, 9, 18, 34, 60])
def test_any_class_fits_and_no_pupil_is_lost(pupils: int, subjects: int) -> None:
    names = tuple(f"{paper_samples.SUBJECTS[at % 18]} {at}" for at in range(subjects))
    built = build_summary_sheet(paper_samples.summary_sheet(pupils=pupils, subjects=names))
    words = placed_words(built.pdf)
    last = paper_samples.NAMES[pupils - 1].split()[0]
    assert last in {word.text for word in words}
    for at in range(subjects):
        assert str(at) in {word.text for word in words}


def test_the_code_on_the_first_sheet_is_read_by_a_camera(quarter_sheet: Built) -> None:
    image = preview.render_page(quarter_sheet.pdf, 0, 200)
    picture = Image.frombytes("RGBA", (image.width, image.height), image.rgba).convert("L")
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"ejournal:1:summary-sheet:0190a1b2c3d47e5f8a6b7c8d9e0f1a2b:{quarter_sheet.data_sha256}"
    assert code.position.top_left.x > image.width * 0.85
    assert code.position.top_left.y > image.height * 0.75


def test_the_hash_stands_beside_the_code_for_the_eye(quarter_sheet: Built) -> None:
    beside = [word.text for word in placed_words(quarter_sheet.pdf, [1]) if word.left > 600 and word.top < 130]
    assert "".join(word for word in beside if re.fullmatch("[0-9a-f]{4}", word)) == quarter_sheet.data_sha256


def test_the_order_of_filling_the_data_does_not_matter() -> None:
    data = paper_samples.summary_sheet()
    backwards = msgspec.structs.replace(data, marks=dict(reversed(list(data.marks.items()))))
    assert build_summary_sheet(backwards).pdf == build_summary_sheet(data).pdf


def test_one_changed_mark_changes_the_hash(quarter_sheet: Built) -> None:
    data = paper_samples.summary_sheet()
    changed = msgspec.structs.replace(data, marks={**data.marks, (1, "I четверть", "Алгебра"): "2"})
    assert build_summary_sheet(changed).data_sha256 != quarter_sheet.data_sha256


def test_the_attached_data_are_the_data_given(quarter_sheet: Built) -> None:
    copy = json.loads(attachment(quarter_sheet.pdf, "summary-sheet.json"))
    assert copy["format"] == "ejournal/summary-sheet/1"
    marks = {tuple(key): value for *key, value in copy["document"]["marks"]}
    assert marks == paper_samples.summary_sheet().marks


@pytest.mark.parametrize("closing", [0.0, 100.0, 200.0, 250.0])
def test_no_page_of_the_table_is_higher_than_its_room(closing: float) -> None:
    data = paper_samples.summary_sheet()
    for pupils in range(1, 36):
        some = msgspec.structs.replace(data, pupils=data.pupils[:pupils])
        parts = summary_table.paginate(some, frame(), 400.0, 400.0, closing)
        rooms = [*[400.0] * (len(parts) - 1), 400.0 - closing]
        assert all(part.height <= room for part, room in zip(parts, rooms, strict=True)), (pupils, closing)
        assert [block.pupil.position for part in parts for block in part.blocks] == list(range(1, pupils + 1))


@pytest.mark.parametrize(("pupils", "pages"), [(17, 1), (21, 1), (22, 2)])
def test_a_sheet_of_many_subjects_stands_upright_when_that_saves_a_page(pupils: int, pages: int) -> None:
    built = build_summary_sheet(paper_samples.summary_sheet(pupils=pupils))
    assert built.pages == pages
    image = preview.render_page(built.pdf, 0, 200)
    assert (image.height > image.width) is (pages == 1)
    picture = Image.frombytes("RGBA", (image.width, image.height), image.rgba).convert("L")
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.position.top_left.x > image.width * 0.75
    assert code.position.top_left.y > image.height * 0.75
    words = placed_words(built.pdf)
    (code_words,) = (word for word in words if word.text == "документа")
    signed = [word for word in words if word.page == code_words.page and word.text in ("Воскресенский", "М.П.")]
    assert all(word.bottom > code_words.top for word in signed), "the code stands clear of the signatures"


def test_one_subject_too_many_makes_columns_narrower_and_more_than_that_are_divided_evenly() -> None:
    def bands(count: int) -> list[int]:
        names = tuple(f"Предмет {at}" for at in range(count))
        data = paper_samples.summary_sheet(paper_samples.YEAR, subjects=names)
        return [len(layout.subjects) for layout in summary_table.layouts(data, frame())]

    roomy = next(count for count in range(10, 30) if _narrowest(count) < summary_table.LEAST_SUBJECT_WIDTH) - 1
    assert bands(roomy) == [roomy]
    assert bands(roomy + 1) == [roomy + 1]
    assert bands(30) == [15, 15]


def _narrowest(count: int) -> float:
    data = paper_samples.summary_sheet(paper_samples.YEAR, subjects=tuple(f"Предмет {at}" for at in range(count)))
    return summary_table.layouts(data, frame())[0].subject_width
