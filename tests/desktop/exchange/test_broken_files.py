"""Broken and foreign files: one sentence that names the file, the place and what to do, and nothing is imported."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import openpyxl
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]  # it has no stubs

from ejournal_core.errors import Trouble
from ejournal_desktop.exchange.fet import read_fet, read_solution, solve_fet
from ejournal_desktop.exchange.office import read_office
from ejournal_desktop.exchange.plan import SchoolFiles, plan_files
from ejournal_desktop.exchange.schools import demo_files
from ejournal_desktop.exchange.titles import read_titles
from ejournal_desktop.exchange.troubles import NOTHING_IMPORTED, NotSolved
from ejournal_desktop.exchange.year import read_year
from tests.desktop.exchange.samples import Sample, member, pupil, rewritten

HTML = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
BILLION_LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE fet [<!ENTITY a "ха"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<fet><Institution_Name>&c;</Institution_Name></fet>"""


def replaced(old: str, new: str) -> Callable[[Path], Sample]:
    return lambda folder: Sample(folder, fet=Sample(folder).fet.replace(old, new))


FET_FAULTS: dict[str, tuple[Callable[[Path], Sample], str]] = {
    "cut off": (
        lambda folder: Sample(folder, fet=Sample(folder).fet[:900]),
        "Файл «week.fet», строка 13, знак 93: файл повреждён или обрезан: дальше этого места он не читается. Получите",
    ),
    "a web page": (lambda folder: Sample(folder, fet=HTML), "файл не является файлом расписания FET: это веб-страница"),
    "an entity bomb": (lambda folder: Sample(folder, fet=BILLION_LAUGHS), "в файле есть объявления DTD"),
    "a reference to another file": (
        lambda folder: Sample(
            folder, fet=Sample(folder).fet.replace("<fet v", '<!DOCTYPE fet SYSTEM "other.dtd"><fet v')
        ),
        "в файле есть объявления DTD",
    ),
    "another XML": (lambda folder: Sample(folder, fet="<?xml version='1.0'?><svg/>"), "он начинается с <svg>"),
    "empty": (lambda folder: Sample(folder, fet=""), "файл пуст"),
    "no days": (replaced("Days_List", "Days"), "в файле нет раздела <Days_List>"),
    "no lessons": (replaced("<Active>true", "<Active>false"), "в файле нет ни одного занятия"),
    "an unlisted teacher": (
        replaced("<Teacher>Кузнецова</Teacher><Subject>", "<Teacher>Кузнецов</Teacher><Subject>"),
        "занятие с номером 2: учителя «Кузнецов» нет в списках этого файла",
    ),
    "an unlisted class": (replaced("<Students>7 Б</", "<Students>7 Г</"), "класса или группы «7 Г» нет в списках"),
    "a number in words": (replaced("<Duration>2", "<Duration>два"), "занятие 1 по порядку: в <Duration> должно стоять"),
    "a lesson longer than a day": (replaced("<Duration>2", "<Duration>9"), "длительность 9 ч не помещается в день"),
    "the same number twice": (replaced("<Id>2", "<Id>1"), "занятие с номером 1: такой номер занятия уже был"),
    "a teacher whom the office does not know": (
        replaced("Кузнецова", "Цой Б. В."),
        "Файл «week.fet», учитель «Цой Б. В.»: такого сотрудника нет в файле «people.xlsx». Впишите имя",
    ),
}


@pytest.mark.parametrize("fault", FET_FAULTS)
def test_a_bad_timetable_is_named_with_its_place(tmp_path: Path, fault: str) -> None:
    spoil, said = FET_FAULTS[fault]
    sentence = spoil(tmp_path).sentence()
    assert said in sentence
    assert sentence.startswith("Файл «week.fet»")
    assert sentence.endswith(NOTHING_IMPORTED)


def solution(old: str, new: str) -> Callable[[Path], Sample]:
    return lambda folder: Sample(folder, solution=Sample(folder).solution.replace(old, new))


SOLUTION_FAULTS: dict[str, tuple[Callable[[Path], Sample], str]] = {
    "of another timetable": (solution("<Id>2", "<Id>77"), "такого занятия нет в файле week.fet"),
    "another day": (solution("<Day>Пн", "<Day>Понедельник"), "нет такого дня или часа: «Понедельник», «1»"),
    "unfinished": (solution("<Day>Пн</Day>", "<Day></Day>"), "занятие с номером 2 не поставлено в расписание"),
    "half of it": (
        lambda folder: Sample(folder, solution="<Activities_Timetable></Activities_Timetable>"),
        "не поставлено занятий: 2 (первое — с номером 1)",
    ),
    "beyond the day": (solution("<Hour>2", "<Hour>3"), "занятие не помещается в день"),
    "the timetable itself": (lambda folder: Sample(folder, solution=Sample(folder).fet), "он начинается с <fet>"),
}


@pytest.mark.parametrize("fault", SOLUTION_FAULTS)
def test_a_bad_solution_is_named_with_its_place(tmp_path: Path, fault: str) -> None:
    spoil, said = SOLUTION_FAULTS[fault]
    sentence = spoil(tmp_path).sentence()
    assert said in sentence
    assert sentence.startswith("Файл «week_activities.xml»")


def book(spoil: Callable[[Path], object]) -> Callable[[Path], Sample]:
    return lambda folder: Sample(folder, book=spoil)


def without_sheet(workbook: openpyxl.Workbook) -> None:
    workbook["Ученики"].title = "Лист1"


def without_column(workbook: openpyxl.Workbook) -> None:
    workbook["Ученики"]["B1"] = "ФИО"


def with_password(path: Path) -> None:
    sealed = io.BytesIO()
    with path.open("rb") as plain:
        OOXMLFile(plain).encrypt("тайна", sealed)
    path.write_bytes(sealed.getvalue())


def zip_of(**parts: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, text)

    return write


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"xl/sheet{number}.xml", bytes(30 * 1024 * 1024))


def locked_parts(path: Path) -> None:
    """Mark the parts of the archive as encrypted, in both places where a ZIP says so."""
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    path.write_bytes(content)


def flipped(path: Path) -> None:
    """Spoil one byte inside the compressed list of pupils."""
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("xl/worksheets/sheet2.xml").header_offset + 120
    content = bytearray(path.read_bytes())
    content[place] ^= 0x10
    path.write_bytes(content)


def entities_inside(path: Path) -> None:
    """Put an entity bomb where the list of pupils was."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet2.xml"].decode()
    parts["xl/worksheets/sheet2.xml"] = (
        '<!DOCTYPE x [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;">]>' + sheet.replace("Яшин", "&b;")
    ).encode()
    zip_of(**{name: content.decode() for name, content in parts.items()})(path)


BOOK_FAULTS: dict[str, tuple[Callable[[Path], Sample], str]] = {
    "a CSV with another name": (
        book(lambda path: path.write_text("Класс;Фамилия\n7Б;Ёлкин\n", encoding="utf-8")),
        "это текст (например, CSV), а не книга XLSX. Откройте его в Excel",
    ),
    "a web page": (book(lambda path: path.write_text(HTML)), "это веб-страница (HTML), а не книга XLSX"),
    "with a password": (book(with_password), "книга защищена паролем. Снимите пароль"),
    "with a locked archive": (book(locked_parts), "архив книги защищён паролем. Снимите пароль"),
    "cut off": (
        book(lambda path: path.write_bytes(path.read_bytes()[:-300])),
        "книга повреждена или скопирована не до конца",
    ),
    "one byte wrong": (book(flipped), "книга повреждена (часть "),
    "a document of another program": (book(zip_of(**{"word/document.xml": "<x/>"})), "документ другой программы"),
    "a workbook without its parts": (book(zip_of(**{"xl/workbook.xml": "<x/>"})), "её части не читаются"),
    "an entity bomb": (book(entities_inside), "её части не читаются"),
    "a zip bomb": (book(bomb), "распакованная книга неправдоподобно велика"),
    "absent": (book(Path.unlink), "файла нет. Проверьте путь"),
    "without a sheet": (
        book(rewritten(without_sheet)),
        "нет листа «Ученики» (есть: «Сотрудники», «Лист1»). Назовите лист со списком «Ученики»",
    ),
    "without a column": (
        book(rewritten(without_column)),
        "лист «Ученики», строка 1: нет столбца «Фамилия». Подпишите столбцы так: Класс, Фамилия",
    ),
}


@pytest.mark.parametrize("fault", BOOK_FAULTS)
def test_a_bad_book_is_named_with_what_to_do(tmp_path: Path, fault: str) -> None:
    spoil, said = BOOK_FAULTS[fault]
    sentence = spoil(tmp_path).sentence()
    assert said in sentence
    assert sentence.startswith("Файл «people.xlsx»")
    assert sentence.endswith(NOTHING_IMPORTED)


def test_a_refused_book_is_not_held_open(tmp_path: Path) -> None:
    """On Windows nobody could mend it otherwise."""
    files = Sample(tmp_path, book=zip_of(**{"xl/workbook.xml": "<x/>"})).files()
    trouble = trouble_of(lambda: read_office(files.people))  # held, as a window holds what it shows
    assert [file.path for file in psutil.Process().open_files() if file.path.endswith(".xlsx")] == []
    assert trouble is not None


ROW_FAULTS: dict[str, tuple[dict[str, str | date], str]] = {
    "a class that is not in the timetable": (
        pupil("Жукова", Класс="9 «Я»"),
        "столбец «Класс»: класса 9 «Я» нет в расписании (есть: 7 «Б»)",
    ),
    "no class at all": (pupil("Жукова", Класс="вечерняя группа"), "«вечерняя группа» не похоже на класс"),
    "a day that is not in the calendar": (
        pupil("Жукова", born="31.02.2013"),
        "столбец «Дата рождения»: такой даты не бывает: «31.02.2013». Впишите её в виде ДД.ММ.ГГГГ",
    ),
    "a year that cannot be": (pupil("Жукова", born=date(1913, 3, 4)), "год 1913 невозможен"),
    "no first name": (pupil("Жукова", ""), "столбец «Имя»: пусто. Впишите: имя"),
    "digits in a name": (pupil("Жукова 2"), "«Жукова 2» не похоже на имя человека"),
    "neither boy nor girl": (pupil("Жукова", Пол="x"), "столбец «Пол»: «x» не понято. Впишите М или Ж"),
}


@pytest.mark.parametrize("fault", ROW_FAULTS)
def test_a_bad_row_is_named_with_sheet_row_and_column(tmp_path: Path, fault: str) -> None:
    row, said = ROW_FAULTS[fault]
    sentence = Sample(tmp_path, pupils=[pupil("Ёлкина"), row]).sentence()
    assert sentence.startswith("Файл «people.xlsx», лист «Ученики», строка 3, столбец")
    assert said in sentence
    assert sentence.endswith(NOTHING_IMPORTED)


def test_a_pupil_listed_twice_is_named_with_both_rows(tmp_path: Path) -> None:
    twice = [pupil("Ёлкина"), pupil("Жукова"), pupil("Елкина ")]
    sentence = Sample(tmp_path, pupils=twice).sentence()
    assert "лист «Ученики», строка 4: этот ученик уже есть в строке 2" in sentence


def test_namesakes_with_different_birthdays_are_two_people(tmp_path: Path) -> None:
    plan = Sample(tmp_path, pupils=[pupil("Ёлкина"), pupil("Ёлкина", born=date(2013, 5, 6))]).plan()
    assert plan.problems == ()


def test_a_number_of_a_personal_file_belongs_to_one_pupil(tmp_path: Path) -> None:
    number = {"№ личного дела": "Е-17"}
    sentence = Sample(tmp_path, pupils=[pupil("Ёлкина", **number), pupil("Жукова", **number)]).sentence()
    assert "этот № личного дела уже есть в строке 2" in sentence


def test_an_unknown_role_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    sentence = (
        Sample(tmp_path, staff=[member("Иванова", Роли="царь"), member("Кузнецова")]).plan().problems[-1].sentence
    )
    assert "лист «Сотрудники», строка 2, столбец «Роли»: роль «царь» неизвестна. Возможны: учитель" in sentence


def test_a_name_that_fits_two_people_asks_for_the_column(tmp_path: Path) -> None:
    sentence = Sample(tmp_path, staff=[member("Иванова"), member("Иванова", "Марта"), member("Кузнецова")]).sentence()
    assert "учитель «Иванова М. П.»: имя подходит нескольким сотрудникам" in sentence
    assert "столбец «В расписании»" in sentence


def test_a_class_teacher_of_an_unknown_class_is_named(tmp_path: Path) -> None:
    own = {"Классное руководство": "5 А"}
    sentence = Sample(tmp_path, staff=[member("Иванова", **own), member("Кузнецова")]).sentence()
    assert "строка 2, столбец «Классное руководство»: класса 5 «А» нет в расписании" in sentence


def test_lessons_without_bells_are_named_in_the_years_file(tmp_path: Path) -> None:
    year = (
        Sample(tmp_path)
        .year.replace('["09:25", "10:10"], ["10:30", "11:15"], ["11:35", "12:20"],', "")
        .replace('["12:30", "13:15"], ["13:25", "14:10"], ["14:20", "15:05"], ["15:15", "16:00"],', "")
    )
    sentence = Sample(tmp_path, year=year).sentence()
    assert "Файл «year.toml», раздел [[bells]]: нет звонков на 3-й урок дня «Вт»" in sentence


YEAR_FAULTS = {
    "starts_on = 2026-09-01": ("starts_on = 2026-02-31", "это не TOML"),
    "study_days = 6": ("study_days = 9", "учебных дней в неделе 9. Впишите 5 или 6"),
    "ends_on = 2026-10-24": ("ends_on = 2026-08-24", "раздел [[quarters]], запись 1: последний день раньше первого"),
    "starts_on = 2026-11-02": ("starts_on = 2026-10-02", "раздел [[quarters]], запись 2: даты пересекаются"),
    'title = "2026/27"': ('titel = "2026/27"', "поле отсутствует или записано не так"),
    '["08:30", "09:15"]': ('["08:30", "25:15"]', "звонки идут не по порядку"),
}


@pytest.mark.parametrize("line", YEAR_FAULTS)
def test_a_bad_year_is_named_with_its_place(tmp_path: Path, line: str) -> None:
    wrong, said = YEAR_FAULTS[line]
    year = Sample(tmp_path).year
    assert line in year
    sentence = Sample(tmp_path, year=year.replace(line, wrong, 1)).sentence()
    assert said in sentence
    assert sentence.startswith("Файл «year.toml»")


def test_everything_wrong_is_said_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    sample = Sample(tmp_path, fet=HTML, pupils=[pupil("Ёлкина", born="31.02.2013")], year="")
    plan = sample.plan()
    assert [problem.file for problem in plan.problems] == ["week.fet", "year.toml", "people.xlsx"]
    assert plan.drafted == ()


def test_a_timetable_that_cannot_be_solved_says_so_in_bounded_time(tmp_path: Path) -> None:
    if shutil.which("fet-cl") is None:
        pytest.skip("Debian's fet is not installed")
    crowded = (
        Sample(tmp_path)
        .fet.replace("<Duration>1</Duration>", "<Duration>3</Duration>")
        .replace("<Students>7 Б 2 группа</Students>", "<Students>7 Б</Students>")
    )
    third = "<Activity><Teacher>Кузнецова</Teacher><Subject>Алгебра</Subject><Students>7 Б</Students>"
    third += "<Duration>3</Duration><Total_Duration>3</Total_Duration><Activity_Group_Id>0</Activity_Group_Id>"
    third += "<Id>3</Id><Active>true</Active></Activity></Activities_List>"
    path = tmp_path / "week.fet"
    path.write_text(crowded.replace("</Activities_List>", third), encoding="utf-8")
    with pytest.raises(NotSolved, match="FET не составил расписание за 3 с") as trouble:
        solve_fet(path, tmp_path / "out", seconds=3)
    assert trouble.value.code == "EJ-347"


# --- damage of every kind ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SchoolFiles:
    return Sample(tmp_path_factory.mktemp("whole")).files()


READERS: dict[str, Callable[[Path, SchoolFiles], object]] = {
    "timetable": lambda path, _: read_fet(path),
    "solution": lambda path, files: read_solution(path, read_fet(files.timetable)),
    "people": lambda path, _: read_office(path),
    "year": lambda path, _: read_year(path),
    "titles": lambda path, _: read_titles(path),
}


def trouble_of(read: Callable[[], object]) -> Trouble | None:
    """Return the trouble that reading ends in; any other exception is the test's failure."""
    try:
        read()
    except Trouble as trouble:
        return trouble
    return None


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_ends_in_a_sentence_or_does_no_harm(
    tmp_path: Path, whole: SchoolFiles, name: str, data: st.DataObject
) -> None:
    source: Path = getattr(whole, name)
    content = bytearray(source.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    damaged = tmp_path / source.name
    damaged.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    trouble = trouble_of(lambda: READERS[name](damaged, whole))
    if trouble is not None:
        assert trouble.code.startswith("EJ-34")
        assert f"«{source.name}»" in trouble.message
        assert trouble.message.endswith(NOTHING_IMPORTED)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.lists(st.one_of(st.text(max_size=12), st.integers(), st.dates(), st.none()), max_size=9)))
def test_any_cells_become_people_or_problems(tmp_path: Path, cells: list[list[str | int | date | None]]) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "Ученики"
    staff = workbook.create_sheet("Сотрудники")
    staff.append(["Фамилия", "Имя", "Отчество", "Должность"])
    sheet = workbook["Ученики"]
    sheet.append(["Класс", "Фамилия", "Имя", "Дата рождения", "Пол", "Дата зачисления", "Подгруппы"])
    for row in cells:
        sheet.append([openpyxl_safe(cell) for cell in row])
    path = tmp_path / "people.xlsx"
    workbook.save(path)
    people = read_office(path)
    assert all("лист «" in problem.place for problem in people.problems)


def openpyxl_safe(cell: str | int | date | None) -> str | int | date | None:
    """Leave out what no spreadsheet program could have written into a cell."""
    return "".join(sign for sign in cell if sign.isprintable()) if isinstance(cell, str) else cell


def test_the_shipped_files_survive_the_same_readers() -> None:
    assert plan_files(demo_files()).problems == ()


def test_any_bit_of_the_shipped_book_may_flip(tmp_path: Path) -> None:
    content = demo_files().people.read_bytes()
    path = tmp_path / "people.xlsx"
    random = Random(5)
    noticed = 0
    for _ in range(80):
        spoiled = bytearray(content)
        spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
        path.write_bytes(spoiled)
        trouble = trouble_of(lambda: read_office(path))
        noticed += trouble is not None
    assert noticed > 60  # the rest fell on dates and attributes inside the archive that mean nothing
