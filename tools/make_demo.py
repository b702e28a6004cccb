"""Make the demo school's files in resources/demo: a FET file, its solved timetable, the office's book of people.

    python tools/make_demo.py

The same run gives the same files. FET's solver (Debian package `fet`) is needed only for the timetable; without it the
committed one is kept. `year.toml`, `titles.toml` and `names.toml` are written by hand.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from ejournal_desktop.exchange.fet import SOLVER, solve_fet
from ejournal_desktop.exchange.invented import InventedName, invented_names, read_names
from ejournal_desktop.exchange.people_book import Line, write_people
from ejournal_desktop.exchange.schools import birthday, demo_files

DAYS = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота")
HOURS = tuple(str(number) for number in range(1, 8))
SIZES = {"7 А": 16, "7 Б": 24, "7 В": 15, "8 А": 16, "10 А": 13}
SEED = 2026

IVANOVA, PETROVA, YOLKINA, SOKOLOVA = "Иванова М. П.", "Петрова С. И.", "Ёлкина В. А.", "Соколова-Мирская Н. Ю."
KUZNETSOVA, GADZHIEVA, MOROZOV = "Кузнецова О. Д.", "Гаджиева Л. Р.", "Морозов А. В."
LEBEDEVA, ORLOV, ZAITSEVA, FYODOROV = "Лебедева Т. С.", "Орлов П. И.", "Зайцева И. О.", "Фёдоров Д. А."
BELOV, SHCHERBAKOVA, TIKHONOVA, YAKOVLEV = "Белов С. Н.", "Щербакова Г. П.", "Тихонова Е. М.", "Яковлев Р. Б."

#: Name, position, roles, class of which she is the class teacher; all invented.
STAFF = (
    ("Морозов Андрей Викторович", "директор, учитель истории", "директор, учитель", ""),
    ("Зайцева Ирина Олеговна", "заместитель директора по УВР, учитель химии", "завуч, учитель", ""),
    ("Соколова-Мирская Наталья Юрьевна", "заместитель директора по ВР, учитель русского языка", "завуч, учитель", ""),
    ("Фёдоров Денис Алексеевич", "учитель информатики", "администратор, учитель", ""),
    ("Никитина Алла Степановна", "секретарь учебной части", "секретарь", ""),
    ("Воробьёва Жанна Львовна", "методист", "диспетчер расписания", ""),
    ("Котова Нина Ивановна", "специалист по кадрам", "кадры", ""),
    ("Иванова Мария Петровна", "учитель математики", "учитель", "7 «Б»"),
    ("Петрова Светлана Игоревна", "учитель математики", "учитель", "7 «А»"),
    ("Ёлкина Вера Андреевна", "учитель русского языка и литературы", "учитель", "7 «В»"),
    ("Кузнецова Ольга Дмитриевна", "учитель английского языка", "учитель", "10 «А»"),
    ("Гаджиева Лейла Руслан кызы", "учитель английского языка", "учитель", ""),
    ("Лебедева Татьяна Сергеевна", "учитель географии и биологии", "учитель", "8 «А»"),
    ("Орлов Пётр Ильич", "учитель физики", "учитель", ""),
    ("Белов Сергей Николаевич", "учитель труда (технологии), преподаватель-организатор ОБЗР", "учитель", ""),
    ("Щербакова Галина Павловна", "учитель труда (технологии)", "учитель", ""),
    ("Тихонова Елена Марковна", "учитель изобразительного искусства и музыки", "учитель", ""),
    ("Яковлев Роман Борисович", "учитель физической культуры", "учитель", ""),
)
MATHS = {"7 А": PETROVA, "7 Б": IVANOVA, "7 В": PETROVA, "8 А": IVANOVA, "10 А": PETROVA}
RUSSIAN = {"7 А": YOLKINA, "7 Б": SOKOLOVA, "7 В": YOLKINA, "8 А": SOKOLOVA, "10 А": YOLKINA}
CLASS_TEACHERS = {"7 А": PETROVA, "7 Б": IVANOVA, "7 В": YOLKINA, "8 А": LEBEDEVA, "10 А": KUZNETSOVA}

#: Weekly hours in grade levels 7, 8 and 10, and who teaches: one teacher, one by class, or a pair for two subgroups.
CURRICULUM: tuple[tuple[str, tuple[int, int, int], str | dict[str, str] | tuple[str, str]], ...] = (
    ("Русский язык", (4, 3, 2), RUSSIAN),
    ("Литература", (2, 2, 3), RUSSIAN),
    ("Английский язык", (3, 3, 3), (KUZNETSOVA, GADZHIEVA)),
    ("Алгебра", (3, 3, 3), MATHS),
    ("Геометрия", (2, 2, 2), MATHS),
    ("Вероятность и статистика", (1, 1, 1), MATHS),
    ("Информатика", (1, 1, 1), (FYODOROV, ORLOV)),
    ("История", (2, 2, 2), MOROZOV),
    ("Обществознание", (0, 1, 2), MOROZOV),
    ("География", (2, 2, 1), LEBEDEVA),
    ("Физика", (2, 2, 2), ORLOV),
    ("Химия", (0, 2, 1), ZAITSEVA),
    ("Биология", (1, 2, 1), LEBEDEVA),
    ("Изобразительное искусство", (1, 0, 0), TIKHONOVA),
    ("Музыка", (1, 1, 0), TIKHONOVA),
    ("Труд (технология)", (2, 1, 0), (BELOV, SHCHERBAKOVA)),
    ("Физическая культура", (2, 2, 2), YAKOVLEV),
    ("Основы безопасности и защиты Родины", (0, 1, 1), BELOV),
    ("Индивидуальный проект", (0, 0, 1), ZAITSEVA),
    ("Разговоры о важном", (1, 1, 1), CLASS_TEACHERS),
    ("Россия – мои горизонты", (1, 1, 1), CLASS_TEACHERS),
)
GRADES = ("7", "8", "10")

ROOMS = {
    IVANOVA: "21", PETROVA: "22", YOLKINA: "31", SOKOLOVA: "32", KUZNETSOVA: "33", GADZHIEVA: "34", MOROZOV: "24",
    LEBEDEVA: "25", ORLOV: "26", ZAITSEVA: "27", FYODOROV: "28", BELOV: "мастерская 1", SHCHERBAKOVA: "мастерская 2",
    TIKHONOVA: "35", YAKOVLEV: "спортивный зал",
}  # fmt: skip

#: Lessons that stand at a fixed hour: subject, class, [(weekday from 1, hour)].
FIXED = (
    ("Алгебра", "7 Б", ((3, 3), (5, 4), (6, 1))),
    ("Геометрия", "8 А", ((6, 2),)),
    ("Алгебра", "7 В", ((6, 3),)),
    *(("Разговоры о важном", name, ((1, 1),)) for name in SIZES),
    *(("Россия – мои горизонты", name, ((4, 1),)) for name in SIZES),
)

#: Pupils whose names show what a journal must bear; the rest are put together. Class, name, sex, birthday.
NAMED = (
    ("7 Б", "Абрамова Анна Сергеевна", "Ж", date(2013, 3, 14)),
    ("7 Б", "Ёлкин Пётр Семёнович", "М", date(2013, 6, 2)),
    ("7 Б", "Котов Егор Денисович", "М", date(2013, 1, 29)),
    ("7 Б", "Мамедов Эльчин Теймур оглы", "М", date(2012, 11, 5)),
    ("7 Б", "Белова-Загорская Александра-Виктория Константиновна", "Ж", date(2013, 8, 19)),
    ("7 Б", "Соловьёв Александр Иванович", "М", date(2013, 2, 11)),
    ("7 Б", "Соловьёв Александр Иванович", "М", date(2013, 5, 23)),
    ("7 Б", "Цой Арина", "Ж", date(2013, 7, 7)),
    ("7 А", "Алиева Сабина Рашид кызы", "Ж", date(2013, 4, 30)),
    ("7 А", "Ершов Тимофей Ильич", "М", date(2013, 9, 1)),
    ("7 А", "Ёршова Таисия Ильинична", "Ж", date(2013, 9, 1)),
    ("8 А", "Ахундова-Преображенская Анна-Мария Эльдар кызы", "Ж", date(2012, 2, 29)),
    ("10 А", "Чудновских Евдокия Ильинична", "Ж", date(2010, 10, 10)),
)
#: Came in the middle of the quarter.
LATE = ("7 Б", "Юдин Ярослав Романович", "М", date(2013, 3, 3), date(2026, 10, 5), "№ 118 от 02.10.2026")


def grade(name: str) -> str:
    """Return the year of FET to which a class belongs."""
    return name.split()[0]


def activities() -> Iterator[tuple[str, str, str, str]]:
    """Yield class, subject, students and teacher of every single hour of the week; pairs follow one another."""
    for name in SIZES:
        for subject, hours, teaching in CURRICULUM:
            for _ in range(hours[GRADES.index(grade(name))]):
                if isinstance(teaching, tuple):
                    for number, teacher in enumerate(teaching, 1):
                        yield name, subject, f"{name} {number} группа", teacher
                else:
                    yield name, subject, name, teaching if isinstance(teaching, str) else teaching[name]


def fet_tree() -> ElementTree[Element]:
    """Return the demo school as a FET file."""
    root = Element("fet", version="6.8.5")
    add(root, Institution_Name="СОШ № 27 г. Заречинска", Comments="Вымышленная школа")
    add_names(root, "Days", "Day", DAYS)
    add_names(root, "Hours", "Hour", HOURS)
    add_names(root, "Subjects", "Subject", [subject for subject, _, _ in CURRICULUM])
    add_names(root, "Activity_Tags", "Activity_Tag", ())
    add_names(root, "Teachers", "Teacher", list(ROOMS))
    add_students(root)
    numbered = list(enumerate(activities(), 1))
    box = SubElement(root, "Activities_List")
    for number, (_, subject, students, teacher) in numbered:
        one = add(SubElement(box, "Activity"), Teacher=teacher, Subject=subject, Students=students)
        add(one, Duration="1", Total_Duration="1", Id=str(number), Activity_Group_Id="0", Active="true")
    add_names(root, "Buildings", "Building", ())
    add_rooms(root)
    add_time_constraints(root, numbered)
    add_space_constraints(root)
    indent(root, "\t")
    return ElementTree(root)


def add(parent: Element, **texts: str) -> Element:
    """Add a child for each text and return the parent."""
    for tag, text in texts.items():
        SubElement(parent, tag).text = text
    return parent


def add_names(root: Element, plural: str, tag: str, names: Sequence[str]) -> None:
    """Add one of FET's lists of names."""
    box = SubElement(root, f"{plural}_List")
    if plural in ("Days", "Hours"):
        add(box, **{f"Number_of_{plural}": str(len(names))})
    for name in names:
        add(SubElement(box, tag), Name=name)


def add_students(root: Element) -> None:
    """Add grade levels as years, classes as groups, halves of classes as subgroups."""
    box = SubElement(root, "Students_List")
    for number in GRADES:
        year = add(SubElement(box, "Year"), Name=number, Number_of_Students="0", Separator=" ")
        for name in (name for name in SIZES if grade(name) == number):
            group = add(SubElement(year, "Group"), Name=name, Number_of_Students="0")
            for half in (1, 2):
                add(SubElement(group, "Subgroup"), Name=f"{name} {half} группа", Number_of_Students="0")


def add_rooms(root: Element) -> None:
    """Add the teachers' rooms."""
    box = SubElement(root, "Rooms_List")
    for name in ROOMS.values():
        add(SubElement(box, "Room"), Name=name, Building="", Capacity="30", Virtual="false")


def constraint(box: Element, kind: str, **texts: str) -> Element:
    """Add a constraint that must always hold."""
    return add(SubElement(box, f"Constraint{kind}"), Weight_Percentage="100", **texts, Active="true")


def add_time_constraints(root: Element, numbered: Sequence[tuple[int, tuple[str, str, str, str]]]) -> None:
    """Add what the week must keep: no gaps, short Saturdays, halves at one time, one subject once a day."""
    box = SubElement(root, "Time_Constraints_List")
    constraint(box, "BasicCompulsoryTime")
    constraint(box, "StudentsMaxGapsPerWeek", Max_Gaps="0")
    constraint(box, "StudentsEarlyMaxBeginningsAtSecondHour", Max_Beginnings_At_Second_Hour="0")
    constraint(box, "StudentsMaxHoursDaily", Maximum_Hours_Daily="6")
    for number in GRADES:
        blocked = SubElement(box, "ConstraintStudentsSetNotAvailableTimes")
        add(blocked, Weight_Percentage="100", Students=number, Number_of_Not_Available_Times="3")
        for hour in HOURS[4:]:
            add(SubElement(blocked, "Not_Available_Time"), Day=DAYS[5], Hour=hour)
        add(blocked, Active="true")
    add_pairs(box, numbered)
    add_fixed(box, numbered)
    add_spread(box, numbered)


def add_pairs(box: Element, numbered: Sequence[tuple[int, tuple[str, str, str, str]]]) -> None:
    """Put the two halves of a class at the same time."""
    for number, (_, _, students, _) in numbered:
        if students.endswith("1 группа"):
            same = SubElement(box, "ConstraintActivitiesSameStartingTime")
            add(same, Weight_Percentage="100", Number_of_Activities="2")
            for one in (number, number + 1):
                add(same, Activity_Id=str(one))
            add(same, Active="true")


def add_fixed(box: Element, numbered: Sequence[tuple[int, tuple[str, str, str, str]]]) -> None:
    """Put the lessons of `FIXED` at their hours."""
    for subject, name, places in FIXED:
        found = [number for number, activity in numbered if activity[:2] == (name, subject)]
        for number, (day, hour) in zip(found, places, strict=False):
            constraint(
                box,
                "ActivityPreferredStartingTime",
                Activity_Id=str(number),
                Preferred_Day=DAYS[day - 1],
                Preferred_Hour=HOURS[hour - 1],
                Permanently_Locked="true",
            )


def add_spread(box: Element, numbered: Sequence[tuple[int, tuple[str, str, str, str]]]) -> None:
    """Keep the hours of a subject on different days."""
    spread: dict[tuple[str, str], list[int]] = {}
    for number, (_, subject, students, _) in numbered:
        spread.setdefault((subject, students), []).append(number)
    for found in (numbers for numbers in spread.values() if len(numbers) > 1):
        apart = SubElement(box, "ConstraintMinDaysBetweenActivities")
        add(apart, Weight_Percentage="100", Consecutive_If_Same_Day="true", Number_of_Activities=str(len(found)))
        for number in found:
            add(apart, Activity_Id=str(number))
        add(apart, MinDays="1", Active="true")


def add_space_constraints(root: Element) -> None:
    """Give each teacher her room."""
    box = SubElement(root, "Space_Constraints_List")
    constraint(box, "BasicCompulsorySpace")
    for teacher, room in ROOMS.items():
        constraint(box, "TeacherHomeRoom", Teacher=teacher, Room=room)


def staff_lines() -> Iterator[Line]:
    """Yield the rows of «Сотрудники»."""
    for name, position, roles, own_class in STAFF:
        last, first, patronymic = name.split(" ", 2)
        sex = "М" if patronymic.endswith(("ич", "оглы")) else "Ж"
        cells = {"Фамилия": last, "Имя": first, "Отчество": patronymic, "Пол": sex, "Должность": position}
        yield {**cells, "Роли": roles, "Классное руководство": own_class}


def pupil_lines(names: Iterator[InventedName], random: Random) -> Iterator[Line]:
    """Yield the rows of «Ученики»: class by class, as an office writes them down, not in alphabetical order."""
    for name, size in SIZES.items():
        people: list[tuple[str, str, date, date, str]] = [
            (whole, sex, born, date(2026, 9, 1), "№ 84 от 28.08.2026") for own, whole, sex, born in NAMED if own == name
        ]
        people += [LATE[1:]] if LATE[0] == name else []
        for invented in (next(names) for _ in range(size - len(people))):
            whole = f"{invented.last_name} {invented.first_name} {invented.patronymic}".strip()
            sex = "М" if invented.sex == "m" else "Ж"
            people.append((whole, sex, birthday(int(grade(name)), random), date(2026, 9, 1), "№ 84 от 28.08.2026"))
        for number, (whole, sex, born, since, order) in enumerate(people, 1):
            last, first, patronymic = (*whole.split(" ", 2), "")[:3]
            yield {
                "Класс": f"{grade(name)} «{name.split()[1]}»",
                "Фамилия": last,
                "Имя": first,
                "Отчество": patronymic,
                "Пол": sex,
                "Дата рождения": born,
                "№ личного дела": f"{last[0]}-{name.replace(' ', '')}-{number:02}",
                "Дата зачисления": since,
                "Приказ": order,
                "Подгруппы": f"{1 + number % 2} группа",
            }


def main() -> int:
    """Write the files; say what was kept because the solver is not there."""
    files = demo_files()
    names = invented_names(read_names(files.titles.parent / "names.toml"), Random(SEED))
    write_people(files.people, list(staff_lines()), list(pupil_lines(names, Random(SEED))))
    fet_tree().write(files.timetable, encoding="utf-8", xml_declaration=True)
    if shutil.which(SOLVER) is None:
        print(f"{SOLVER} is not installed: {files.solution.name} was kept as it is")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        solve_fet(files.timetable, Path(folder))
        solved = Path(folder) / "timetables" / files.timetable.stem / f"{files.timetable.stem}_activities.xml"
        shutil.copyfile(solved, files.solution)
    print(f"written: {', '.join(path.name for path in (files.people, files.timetable, files.solution))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
