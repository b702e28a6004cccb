"""КТП from files as teachers keep them; all topics are invented or plain names of sections."""

from __future__ import annotations

import copy
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from ejournal_desktop.exchange.lesson_plan_tables import MAX_MARKUP, MAX_ROWS, read_tables
from ejournal_desktop.exchange.lesson_plans import PlanPreview, day_of, guess_columns, hours_of, preview
from ejournal_desktop.exchange.troubles import BrokenFile, FileTrouble, ForeignFile, UnsafeFile

YEAR = date(2026, 9, 1)
CSV = "№;Тема урока;Часов\n1;Числовые выражения;1\n2;Дроби;2\n"


def read(path: Path, table: int = 0) -> PlanPreview:
    found = read_tables(path)[table]
    return preview(found, guess_columns(found), YEAR)


def told(seen: PlanPreview) -> list[tuple[str, int]]:
    return [(draft.topic, draft.hours) for draft in seen.drafts]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_as_any_program_writes_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "план.csv"
    path.write_bytes(CSV.replace(";", delimiter).encode(encoding))
    assert told(read(path)) == [("Числовые выражения", 1), ("Дроби", 2)]


def test_a_comma_inside_a_topic_is_no_column(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text('№;Тема;Часы\n1;"Сложение, вычитание, умножение; деление";1\n2;Дроби, доли, части;1\n', "utf-8")
    assert told(read(path)) == [("Сложение, вычитание, умножение; деление", 1), ("Дроби, доли, части", 1)]


def test_a_book_with_titles_a_head_of_two_rows_sections_and_totals(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in (
        ["Календарно-тематическое планирование"],
        ["Алгебра, 7 класс"],
        [],
        ["№ п/п", "Наименование разделов и тем", "Кол-во часов", "Дата", None, "Домашнее задание", "Вид контроля"],
        [None, None, None, "план", "факт"],
        ["Глава 1. Выражения", None, 3],
        [1, "Числовые выражения", 1, "01.09", "02.09", "§ 1", "устный опрос"],
        [2, "Тождества", 2, date(2026, 9, 4), None, "§ 2"],
        [None, "Функции", 1],
        [3, "Что такое функция", 1, "11 января"],
        [None, "Резерв", 2],
        [None, "Итого", 6],
    ):
        sheet.append(line)
    sheet.merge_cells("A6:B6")
    book.save(tmp_path / "план.xlsx")
    seen = read(tmp_path / "план.xlsx")
    assert seen.problems == ()
    assert told(seen) == [("Числовые выражения", 1), ("Тождества", 2), ("Что такое функция", 1), ("Резерв", 2)]
    first, second, third, _ = seen.drafts
    assert (first.planned_on, first.homework, first.control) == (date(2026, 9, 1), "§ 1", "устный опрос")
    assert second.planned_on == date(2026, 9, 4)
    assert (third.section, third.planned_on) == ("Функции", date(2027, 1, 11))
    assert seen.hours == 6


def test_a_table_of_a_document_with_merged_cells(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Рабочая программа")
    table = document.add_table(rows=4, cols=4)
    for row, line in enumerate((("№", "Тема", "Часы", "Дата"), ("Раздел 1. Повторение", "", "", ""),
                                ("1", "Дроби", "2", "3.09"), ("2", "Проценты", "", "5 сентября"))):  # fmt: skip
        for column, text in enumerate(line):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(1, 3))
    document.save(str(tmp_path / "план.docx"))
    seen = read(tmp_path / "план.docx")
    assert told(seen) == [("Дроби", 2), ("Проценты", 1)]
    assert {draft.section for draft in seen.drafts} == {"Раздел 1. Повторение"}
    assert [draft.planned_on for draft in seen.drafts] == [date(2026, 9, 3), date(2026, 9, 5)]


def test_a_cell_as_wide_as_a_lie_takes_no_memory(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=2)
    for row, topic in enumerate(("Тема", "Дроби", "Доли")):
        table.cell(row, 0).text = topic
    for row, (part, name) in enumerate((("trPr", "gridBefore"), ("tcPr", "gridSpan")), 1):
        owner = table.rows[row]._tr if part == "trPr" else table.rows[row]._tr.tc_lst[0]
        wide = OxmlElement(f"w:{name}")
        wide.set(qn("w:val"), "20000000")
        getattr(owner, f"get_or_add_{part}")().append(wide)
    document.save(str(tmp_path / "план.docx"))
    tracemalloc.start()
    try:
        (found,) = read_tables(tmp_path / "план.docx")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [row.filled for row in found.rows] == [("Тема",), ("Доли",)]
    assert peak < 20_000_000, "twenty million columns cost 160 MB"


def test_a_section_that_is_merged_over_the_whole_year_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Алгебра", "Урок"
    first = table.rows[0]._tr
    for _ in range(1_200):
        below = copy.deepcopy(first)
        below.tc_lst[0].get_or_add_tcPr().append(OxmlElement("w:vMerge"))
        first.getparent().append(below)
    document.save(str(tmp_path / "план.docx"))
    (found,) = read_tables(tmp_path / "план.docx")
    assert [row.cells for row in found.rows] == [("Алгебра", "Урок"), *[("", "Урок")] * 1_200]


def test_a_table_without_a_head_is_understood_by_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text("".join(f"{n};Тема с длинным названием {n};{1 + n % 2};0{n}.09\n" for n in range(1, 8)), "utf-8")
    (table,) = read_tables(path)
    assert guess_columns(table) == {"number": 0, "topic": 1, "hours": 2, "date": 3}
    assert len(read(path).drafts) == 7


@pytest.mark.parametrize(
    ("lines", "columns"),
    [
        ("Дроби;1;01.09.2026\nДоли;2;04.09.2026\nДеление;1;07.09.2026\n", {"topic": 0, "hours": 1, "date": 2}),
        ("1;Дроби;1\n2;Доли;2\nсм. ниже\n", {"topic": 1, "hours": 2}),
        ("1;Дроби;§ 1, № 3\n2;Доли;№ 7\n3;Части;стр. 12\n", {"number": 0, "topic": 1, "homework": 2}),
    ],
    ids=["days are longer than topics", "hours rise by chance", "homework"],
)
def test_without_a_head_nothing_is_taken_for_something_else(
    tmp_path: Path, lines: str, columns: dict[str, int]
) -> None:
    path = tmp_path / "план.csv"
    path.write_text(lines, "utf-8")
    assert guess_columns(read_tables(path)[0]) == columns


def test_a_topic_that_sounds_like_a_head_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text("№;Тема;Часы;Контроль\n1;Контрольная работа;1;контроль\n2;Тема урока часть 2;1;тема\n", "utf-8")
    assert told(read(path)) == [("Контрольная работа", 1), ("Тема урока часть 2", 1)]


def test_every_bad_row_is_named_with_file_row_and_advice(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text(
        "№;Тема;Часы;Дата\n1;Дроби;0,5;\n2;;1;\n3;Доли;1;неделя 2\n4;Части;1;31.02\n5;А;1;\n5;А;1;\n", "utf-8"
    )
    seen = read(path)
    assert [line.number for line in seen.lines if line.problem] == [2, 3, 4, 5, 7]
    assert seen.problems[0].sentence == (
        "Файл «план.csv», таблица, строка 2, столбец «Часы»: часы «0,5» не понять. "
        "Нужно целое число от 1 до 40. Ничего не загружено."
    )
    assert all(problem.code == "EJ-500" and problem.advice for problem in seen.problems)


def test_columns_may_be_chosen_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text("№;Тема;Часы;Дата\n1;Дроби;1;неделя 2\n", "utf-8")
    (table,) = read_tables(path)
    columns = guess_columns(table)
    del columns["date"]
    assert preview(table, columns, YEAR).problems == ()


def test_three_hundred_rows_and_empty_ones_between(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    path.write_text("№;Тема;Часы\n" + "".join(f"{n};Тема {n};1\n;;\n" for n in range(1, 301)), "utf-8")
    assert len(read(path).drafts) == 300


@pytest.mark.parametrize(("name", "content", "code"), [
    ("a.csv", b"", "EJ-342"), ("a.csv", b";;;\n;;\n", "EJ-345"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EJ-341"),
    ("a.pdf", b"%PDF-1.7\n", "EJ-341"), ("a.xlsx", b"PK\x03\x04 torn", "EJ-342"),
    ("a.csv", b"\xd2;1\n" * (MAX_ROWS + 1), "EJ-344"), ("a.csv", b"a;" + b"x" * 5000, "EJ-344"),
    ("a.csv", b"a;b\n\x98\xff", "EJ-342"),
])  # fmt: skip
def test_a_file_that_is_no_plan_says_so(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileTrouble) as trouble:
        read_tables(path)
    assert trouble.value.code == code
    assert trouble.value.problem.advice


def test_a_damaged_document_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w:document")
    with pytest.raises(FileTrouble) as trouble:
        read_tables(path)
    assert trouble.value.code == "EJ-342"


def test_a_document_that_unpacks_to_a_library_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (MAX_MARKUP + 1))
    with pytest.raises(UnsafeFile):
        read_tables(path)


@pytest.mark.parametrize(("text", "hours"), [("", 1), ("2", 2), ("2 ч", 2), ("1,0", 1), ("3 часа", 3), ("0", None),
                                             ("0,5", None), ("два", None), ("41", None), ("1-2", None)])  # fmt: skip
def test_hours_as_they_are_written(text: str, hours: int | None) -> None:
    assert hours_of(text) == hours


@pytest.mark.parametrize(("text", "day"), [
    ("03.09", date(2026, 9, 3)), ("3.9.26", date(2026, 9, 3)), ("03.09.2026", date(2026, 9, 3)),
    ("14.01", date(2027, 1, 14)), ("3 сентября", date(2026, 9, 3)), ("3 мая", date(2027, 5, 3)),
    ("5 марта", date(2027, 3, 5)), ("2026-12-01", date(2026, 12, 1)), ("03.09, 05.09", date(2026, 9, 3)),
    ("03.09-05.09", date(2026, 9, 3)), ("сентябрь", None), ("31.02", None), ("1 неделя", None), ("99.99", None),
])  # fmt: skip
def test_dates_as_they_are_written_by_hand(text: str, day: date | None) -> None:
    assert day_of(text, YEAR) == day


def test_a_text_whose_bytes_are_out_of_step_is_refused_instead_of_chinese_signs(tmp_path: Path) -> None:
    path = tmp_path / "план.csv"
    whole = "№\tТема\tЧасы\r\n1\tСложение\t1\r\n2\tДроби\t1\r\n".encode("utf-16")
    path.write_bytes(whole[:20] + whole[21:-1])  # one byte was lost on the way, and the last
    assert path.read_bytes().decode("utf-16")[-3] >= "⺀", "it would be read, with Chinese signs"
    with pytest.raises(BrokenFile) as broken:
        read_tables(path)
    assert "в неизвестной кодировке" in broken.value.problem.sentence
    path.write_bytes(whole)
    assert read_tables(path)[0].rows[1].cells == ("1", "Сложение", "1")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "старого Office (XLS или DOC)"),
        (b"%PDF-1.7\n\0", "не читает"), (b"\x89PNG\r\n\x1a\n\0\0", "не читает"),
    ],
)  # fmt: skip
def test_of_a_foreign_file_it_is_said_what_a_plan_may_be_saved_as(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "план"
    path.write_bytes(content)
    with pytest.raises(ForeignFile) as foreign:
        read_tables(path)
    assert what in foreign.value.problem.sentence
    assert all(each in foreign.value.problem.sentence for each in ("*.xlsx", "*.docx", "*.csv"))


def test_a_document_of_another_program_is_told_the_three_formats_too(tmp_path: Path) -> None:
    path = tmp_path / "план.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")
    with pytest.raises(ForeignFile) as foreign:
        read_tables(path)
    assert all(each in foreign.value.problem.sentence for each in ("*.xlsx", "*.docx", "*.csv"))
