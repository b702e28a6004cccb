"""The office's book as it comes in life."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from ejournal_desktop.exchange.office import class_name, read_office
from ejournal_desktop.exchange.people_book import write_people
from tests.desktop.exchange.samples import member, pupil

HEADS = ("Примечание", "Приказ о зачислении", "дата  РОЖДЕНИЯ", "Имя", " Фамилия ", "Класс.", "Телефон")


def book(path: Path, *rows: tuple[object, ...]) -> Path:
    workbook = openpyxl.Workbook()
    staff = workbook.worksheets[0]
    staff.title = "сотрудники"
    staff.append(("Фамилия", "Имя", "Отчество", "Должность"))
    staff.append(("Иванова", "Мария", "Петровна", "учитель"))
    sheet = workbook.create_sheet(" Ученики ")
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return path


def test_columns_may_stand_in_any_order_under_a_title_with_others_between(tmp_path: Path) -> None:
    row = ("живёт далеко", "№ 84", datetime(2013, 3, 4), "Пётр ", "Ёлкин\u00a0", "7б", 89001234567)
    path = book(tmp_path / "people.xlsx", ("Список обучающихся",), (), HEADS, (), row)
    people = read_office(path)
    assert people.problems == ()
    found = people.pupils[0]
    assert (found.last_name, found.first_name, found.class_name) == ("Ёлкин", "Пётр", (7, "Б"))
    assert (found.born_on, found.order, found.row.number) == (date(2013, 3, 4), "№ 84", 5)


def test_the_row_is_counted_as_it_stands_on_the_screen(tmp_path: Path) -> None:
    rows = (("Список",), (), HEADS, (), ("", "", date(2013, 3, 4), "", "Ёлкин", "7б"))
    people = read_office(book(tmp_path / "people.xlsx", *rows))
    assert people.problems[0].place == "лист «Ученики», строка 5, столбец «Имя»"


def test_a_wrong_size_written_by_another_program_hides_nobody(tmp_path: Path) -> None:
    head = ("Класс", "Фамилия", "Имя", "Дата рождения")
    path = book(tmp_path / "people.xlsx", head, ("7 Б", "Ёлкин", "Пётр", "04.03.2013"))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet2.xml"]
    assert b'ref="A1:D2"' in sheet
    parts["xl/worksheets/sheet2.xml"] = sheet.replace(b'ref="A1:D2"', b'ref="A1:B1"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert [one.first_name for one in read_office(path).pupils] == ["Пётр"]


def test_dates_may_be_text_and_numbers_may_be_numbers(tmp_path: Path) -> None:
    head = ("Класс", "Фамилия", "Имя", "Дата рождения", "№ личного дела")
    path = book(tmp_path / "people.xlsx", head, ("7 Б", "Ёлкин", "Пётр", "04.03.2013", 1234.0))
    assert [(one.born_on, one.file_number) for one in read_office(path).pupils] == [(date(2013, 3, 4), "1234")]


@pytest.mark.parametrize(
    "text", ["7 «Б»", "7Б", "7б", "7-Б", "7 - б", '7 "Б"', "7 «Б» класс", "7 B кл.", " 7 Б "], ids=lambda text: text
)
def test_a_class_is_understood_however_it_is_written(text: str) -> None:
    expected = "В" if "B" in text else "Б"  # a Latin letter is the Cyrillic one that looks like it
    assert class_name(text) == (7, expected)


@pytest.mark.parametrize("text", ["", "Б", "0 Б", "12 А", "7 Б 1", "седьмой", "7 «Б»; 8 «А»"])
def test_what_is_no_class_is_not_taken_for_one(text: str) -> None:
    assert class_name(text) is None


@pytest.mark.parametrize(
    "name",
    ["Мамедов", "Белова-Загорская", "Д’Артеньев", "О'Коннор", "Ли", "Гюльмамедов", "Бек Назаров", "Ёрш (Щукина)"],
)
def test_names_of_all_shapes_are_names(tmp_path: Path, name: str) -> None:
    write_people(tmp_path / "people.xlsx", [member("Иванова")], [pupil(name, "Анна-Мария", Отчество="Эльдар кызы")])
    people = read_office(tmp_path / "people.xlsx")
    assert people.problems == ()
    assert people.pupils[0].last_name == name


def test_an_empty_list_is_a_problem(tmp_path: Path) -> None:
    write_people(tmp_path / "people.xlsx", [member("Иванова")], [])
    assert [problem.place for problem in read_office(tmp_path / "people.xlsx").problems] == ["лист «Ученики»"]


def test_the_same_people_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_people(tmp_path / name, [member("Иванова")], [pupil("Ёлкина")])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert set(re.findall(rb"[^<>]+Z(?=</dcterms)", archive.read("docProps/core.xml"))) == {b"2026-08-25T09:00:00Z"}
        assert {part.date_time[0] for part in archive.infolist()} == {1980}
