"""Read staff and pupils from the XLSX that a school office keeps: sheets «Сотрудники» and «Ученики»."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal, TypeVar

from msgspec import Struct

from ejournal_core.kinds import Role
from ejournal_desktop.exchange.sheets import Columns, Row, fold, read_book
from ejournal_desktop.exchange.troubles import Problem

Sex = Literal["", "m", "f"]
ClassName = tuple[int, str]  # grade level and letter: (7, "Б")

STAFF = Columns(
    sheet="Сотрудники",
    required=("Фамилия", "Имя", "Отчество", "Должность"),
    optional=("Роли", "Классное руководство", "В расписании", "Пол"),
    spellings={"Роль": "Роли", "Класс": "Классное руководство", "Кл. рук.": "Классное руководство"},
)
PUPILS = Columns(
    sheet="Ученики",
    required=("Класс", "Фамилия", "Имя", "Дата рождения"),
    optional=("Отчество", "Пол", "№ личного дела", "Дата зачисления", "Приказ", "Подгруппы"),
    spellings={
        "Номер личного дела": "№ личного дела",
        "Личное дело": "№ личного дела",
        "Приказ о зачислении": "Приказ",
        "Подгруппа": "Подгруппы",
        "Зачислен": "Дата зачисления",
    },
)
ROLES: Mapping[str, Role] = {
    "учитель": "subject_teacher",
    "учитель-предметник": "subject_teacher",
    "классный руководитель": "class_teacher",
    "завуч": "deputy_director",
    "заместитель директора": "deputy_director",
    "зам. директора": "deputy_director",
    "администратор": "administrator",
    "диспетчер": "timetable_dispatcher",
    "диспетчер расписания": "timetable_dispatcher",
    "секретарь": "secretary",
    "секретарь учебной части": "secretary",
    "кадры": "personnel_officer",
    "специалист по кадрам": "personnel_officer",
    "директор": "director",
}
_ROLES = {fold(title): role for title, role in ROLES.items()}
_SEXES: Mapping[str, Sex] = {"": "", "м": "m", "муж": "m", "мужской": "m", "ж": "f", "жен": "f", "женский": "f"}

_CLASS = re.compile(r"(\d{1,2})\s*[-–]?\s*[«\"“„]?\s*([^\W\d_]{0,15})\s*[»\"”“]?\s*(?:класс|кл\.?)?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_]+(?:[ .'’‑-]+[^\W\d_]+)*\.?(?: \([^\W\d_]+\))?")
_LATIN = str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")  # typed with the wrong layout they look the same


class StaffMember(Struct, frozen=True):
    """One row of «Сотрудники». `timetable_name` is how the timetable calls this person, when it differs."""

    row: Row
    last_name: str
    first_name: str
    patronymic: str = ""
    position: str = ""
    sex: Sex = ""
    roles: tuple[Role, ...] = ()
    classes: tuple[ClassName, ...] = ()  # классное руководство
    timetable_name: str = ""


class EnrolledPupil(Struct, frozen=True):
    """One row of «Ученики»."""

    row: Row
    class_name: ClassName
    last_name: str
    first_name: str
    patronymic: str = ""
    sex: Sex = ""
    born_on: date | None = None
    file_number: str = ""
    enrolled_on: date | None = None
    order: str = ""
    subgroups: tuple[str, ...] = ()


class OfficePeople(Struct, frozen=True):
    """The people of a school, and what is wrong with their rows. Rows with a problem are left out."""

    file: str
    staff: tuple[StaffMember, ...]
    pupils: tuple[EnrolledPupil, ...]
    problems: tuple[Problem, ...] = ()


def read_office(path: Path) -> OfficePeople:
    """Return the staff and pupils of an office book; every row that makes no sense becomes a problem.

    Raises:
        FileTrouble: the book as a whole cannot be taken.
    """
    tables = read_book(path, (STAFF, PUPILS))
    problems: list[Problem] = []
    staff = [member for row in tables[STAFF.sheet] if (member := _staff_member(row, problems))]
    pupils = [pupil for row in tables[PUPILS.sheet] if (pupil := _pupil(row, problems))]
    problems += _repeated(staff, _staff_key, "этот сотрудник уже есть")
    problems += _repeated(pupils, _pupil_key, "этот ученик уже есть")
    problems += _repeated([p for p in pupils if p.file_number], lambda p: p.file_number, "этот № личного дела уже есть")
    for table, people in ((STAFF, tables[STAFF.sheet]), (PUPILS, tables[PUPILS.sheet])):
        if not people:
            problems.append(Problem(path.name, f"лист «{table.sheet}»", "список пуст", "впишите людей"))
    return OfficePeople(path.name, tuple(staff), tuple(pupils), tuple(problems))


def class_name(text: str) -> ClassName | None:
    """Return (grade level, letter) of a class as people write it: 7 «Б», 7Б, 7-б, 7 класс; None if it is not one."""
    found = _CLASS.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= 11:
        return None
    return int(found[1]), found[2].upper().translate(_LATIN)


def class_title(name: ClassName) -> str:
    """Return the class as it is printed: 7 «Б»."""
    grade, letter = name
    return f"{grade} «{letter}»" if letter else str(grade)


class _Reading:
    """One row being read: values, and whether anything in it was wrong."""

    def __init__(self, row: Row, problems: list[Problem]) -> None:
        self._row = row
        self._problems = problems
        self._before = len(problems)

    @property
    def good(self) -> bool:
        return len(self._problems) == self._before

    def wrong(self, what: str, advice: str, column: str) -> None:
        self._problems.append(self._row.problem(what, advice, column))

    def name(self, column: str, *, required: bool = True) -> str:
        text = self._row.text(column)
        if not text and required:
            self.wrong("пусто", f"впишите: {column.lower()}", column)
        elif text and not _NAME.fullmatch(text):
            self.wrong(f"«{text[:40]}» не похоже на имя человека", "исправьте ячейку", column)
        return text

    def date(self, column: str, years: range, *, required: bool) -> date | None:
        value = self._row.cells.get(column)
        if value is None:
            if required:
                self.wrong("пусто", "впишите дату в виде ДД.ММ.ГГГГ", column)
            return None
        day = _day(value)
        if day is None:
            self.wrong(f"такой даты не бывает: «{self._row.text(column)[:40]}»", "впишите её в виде ДД.ММ.ГГГГ", column)
        elif day.year not in years:
            self.wrong(f"год {day.year} невозможен", f"проверьте дату: ждём {years.start}–{years.stop - 1}", column)
        return day

    def sex(self) -> Sex:
        text = self._row.text("Пол")
        if fold(text) not in _SEXES:
            self.wrong(f"«{text[:20]}» не понято", "впишите М или Ж", "Пол")
        return _SEXES.get(fold(text), "")

    def class_names(self, column: str) -> tuple[ClassName, ...]:
        return tuple(name for part in _parts(self._row.text(column)) if (name := self.class_name(part, column)))

    def class_name(self, text: str, column: str) -> ClassName | None:
        name = class_name(text)
        if name is None:
            self.wrong(f"«{text[:30]}» не похоже на класс" if text else "пусто", "впишите класс в виде 7 «Б»", column)
        return name

    def roles(self) -> tuple[Role, ...]:
        found: list[Role] = []
        for part in _parts(self._row.text("Роли")):
            if role := _ROLES.get(fold(part)):
                found.append(role)
            else:
                self.wrong(f"роль «{part[:40]}» неизвестна", f"возможны: {', '.join(ROLES)}", "Роли")
        return tuple(found)


def _staff_member(row: Row, problems: list[Problem]) -> StaffMember | None:
    reading = _Reading(row, problems)
    member = StaffMember(
        row=row,
        last_name=reading.name("Фамилия"),
        first_name=reading.name("Имя"),
        patronymic=reading.name("Отчество", required=False),
        position=row.text("Должность"),
        sex=reading.sex(),
        roles=reading.roles(),
        classes=reading.class_names("Классное руководство"),
        timetable_name=row.text("В расписании"),
    )
    return member if reading.good else None


def _pupil(row: Row, problems: list[Problem]) -> EnrolledPupil | None:
    reading = _Reading(row, problems)
    name = reading.class_name(row.text("Класс"), "Класс")
    pupil = EnrolledPupil(
        row=row,
        class_name=name or (0, ""),
        last_name=reading.name("Фамилия"),
        first_name=reading.name("Имя"),
        patronymic=reading.name("Отчество", required=False),
        sex=reading.sex(),
        born_on=reading.date("Дата рождения", range(1990, 2024), required=True),
        file_number=row.text("№ личного дела"),
        enrolled_on=reading.date("Дата зачисления", range(2000, 2100), required=False),
        order=row.text("Приказ"),
        subgroups=_parts(row.text("Подгруппы")),
    )
    return pupil if reading.good else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for pattern in ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(value).strip(), pattern).date()  # noqa: DTZ007  # a birthday has no zone
        except ValueError:
            continue
    return None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[,;\n]", text) if part.strip())


def _staff_key(member: StaffMember) -> object:
    return tuple(fold(part) for part in (member.last_name, member.first_name, member.patronymic, member.timetable_name))


def _pupil_key(pupil: EnrolledPupil) -> object:
    """Namesakes are told apart by their birthday."""
    return (*(fold(part) for part in (pupil.last_name, pupil.first_name, pupil.patronymic)), pupil.born_on)


_P = TypeVar("_P", StaffMember, EnrolledPupil)


def _repeated(people: Iterable[_P], key: Callable[[_P], object], what: str) -> Iterable[Problem]:
    seen: dict[object, Row] = {}
    for person in people:
        first = seen.setdefault(key(person), person.row)
        if first is not person.row:
            yield person.row.problem(f"{what} в строке {first.number}", "удалите или исправьте одну из двух строк")
