"""Two whole schools to show and to test with: the small shipped one, and a real timetable with invented people."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from ejournal_core import ids
from ejournal_desktop.exchange.classes import SchoolClasses, school_classes
from ejournal_desktop.exchange.fet import SolvedTimetable, solve_fet
from ejournal_desktop.exchange.invented import InventedName, NamePool, invented_name, invented_names, read_names
from ejournal_desktop.exchange.office import ClassName, class_title, read_office
from ejournal_desktop.exchange.people_book import Line, write_people
from ejournal_desktop.exchange.plan import ImportPlan, MakeId, SchoolFiles, plan_files, plan_school
from ejournal_desktop.exchange.sections import subject_titles
from ejournal_desktop.exchange.titles import Titles, read_titles
from ejournal_desktop.exchange.troubles import ProgramMissing
from ejournal_desktop.exchange.year import read_year
from ejournal_desktop.paths import resources_folder

LOM = Path("/usr/share/doc/fet-data/examples/FET-5-official/Bulgaria/Lom_high_school_2007-2008.fet")
LOM_CLASS_SIZE = 25
_SEED = 27

#: Who works in an office besides the teachers: position, roles, sex.
_OFFICE = (
    ("директор", "директор", "f"),
    ("заместитель директора по УВР", "завуч", "f"),
    ("заместитель директора по ВР", "завуч", "f"),
    ("инженер", "администратор", "m"),
    ("секретарь учебной части", "секретарь", "f"),
    ("методист", "диспетчер расписания", "f"),
    ("специалист по кадрам", "кадры", "f"),
)


def demo_files() -> SchoolFiles:
    """Return the files of the demo school that is shipped with the program."""
    folder = resources_folder() / "demo"
    return SchoolFiles(
        timetable=folder / "school.fet",
        solution=folder / "school_activities.xml",
        people=folder / "people.xlsx",
        year=folder / "year.toml",
        titles=folder / "titles.toml",
    )


def demo_school(make_id: MakeId | None = None) -> ImportPlan:
    """Return the plan of the shipped demo school; with the default ids it is the same on every machine."""
    return plan_files(demo_files(), make_id or replayed_ids(_SEED))


def lom_school(workdir: Path, make_id: MakeId | None = None, source: Path = LOM) -> ImportPlan:
    """Return the plan of a real high school's timetable, solved now, with invented people written to `workdir`.

    Raises:
        ProgramMissing: Debian's `fet` or `fet-data` is not installed.
        FileTrouble: the timetable cannot be read or solved.
    """
    if not source.exists():
        raise ProgramMissing(source, "примеров FET на этом компьютере нет", "установите пакет: apt install fet-data")
    demo = demo_files()
    solved = solve_fet(source, workdir)
    titles = read_titles(demo.titles)
    people = workdir / "people.xlsx"
    write_invented_people(people, solved, titles, read_names(demo.titles.parent / "names.toml"))
    return plan_school(solved, read_office(people), read_year(demo.year), titles, make_id or replayed_ids(_SEED))


def replayed_ids(seed: int) -> MakeId:
    """Return a maker of ids that gives the same ones in the same order for the same seed."""
    random = Random(seed)  # noqa: S311  # ids of a demonstration are no secret
    first = int(datetime(2026, 8, 25, 9, tzinfo=UTC).timestamp() * 1000)
    clock = itertools.count(first)
    return lambda: ids.new_id(lambda: next(clock), random.randbytes)


def write_invented_people(path: Path, solved: SolvedTimetable, titles: Titles, pool: NamePool) -> None:
    """Write an office's book for a timetable: a member of staff for each teacher, a full class for each class.

    Nobody keeps the name that the timetable gives: it only stands in the column «В расписании» to be matched by.
    """
    random = Random(_SEED)  # noqa: S311  # nothing secret
    names = invented_names(pool, random)
    classes = school_classes(solved.timetable.years)
    staff = [*_office(pool, random), *_teachers(solved, classes, titles, pool, random)]
    pupils = [line for name in classes.classes for line in _pupils(name, names, random)]
    write_people(path, staff, pupils)


def _office(pool: NamePool, random: Random) -> Iterator[Line]:
    for position, roles, sex in _OFFICE:
        name = invented_name(pool, random, "m" if sex == "m" else "f")
        yield {**_name_cells(name), "Должность": position, "Роли": roles}


def _teachers(
    solved: SolvedTimetable, classes: SchoolClasses, titles: Titles, pool: NamePool, random: Random
) -> Iterator[Line]:
    subjects = subject_titles(solved, titles)
    class_teachers = _class_teachers(solved, classes)
    for teacher in solved.timetable.teachers:
        taught = [a.subject for a in solved.timetable.activities if teacher in a.teachers and a.subject in subjects]
        main = Counter(taught).most_common(1)
        own = [class_title(name) for name, called in class_teachers.items() if called == teacher]
        name = invented_name(pool, random, "f" if teacher.endswith(("а", "я")) else "m")
        yield {
            **_name_cells(name),
            "Должность": f"учитель ({subjects[main[0][0]][1].title})" if main else "учитель",
            "Роли": "учитель",
            "Классное руководство": ", ".join(own),
            "В расписании": teacher,
        }


def _class_teachers(solved: SolvedTimetable, classes: SchoolClasses) -> dict[ClassName, str]:
    """Give each class the teacher who has most lessons with it and no class yet."""
    lessons: dict[ClassName, Counter[str]] = {name: Counter() for name in classes.classes}
    for activity in solved.timetable.activities:
        for name in {part.class_name for students in activity.students for part in classes.parts[students]}:
            for teacher in activity.teachers:
                lessons[name][teacher] += activity.duration
    given: dict[ClassName, str] = {}
    for name in classes.classes:
        free = [teacher for teacher, _ in lessons[name].most_common() if teacher not in given.values()]
        if free:
            given[name] = free[0]
    return given


def _pupils(name: ClassName, names: Iterator[InventedName], random: Random) -> Iterator[Line]:
    size = LOM_CLASS_SIZE + random.randint(-3, 3)
    for number, pupil in enumerate(itertools.islice(names, size), 1):
        yield {
            "Класс": class_title(name),
            **_name_cells(pupil),
            "Дата рождения": birthday(name[0], random),
            "№ личного дела": f"{pupil.last_name[0]}-{name[0]}{name[1]}-{number:02}",
            "Дата зачисления": date(2026, 9, 1),
            "Приказ": "№ 84 от 28.08.2026",
        }


def birthday(grade_level: int, random: Random) -> date:
    """Return a day on which a pupil of that grade level in 2026/27 may have been born."""
    return date(2026 - grade_level - 7, 9, 1) + timedelta(days=random.randint(0, 400))


def _name_cells(name: InventedName) -> dict[str, str]:
    return {
        "Фамилия": name.last_name,
        "Имя": name.first_name,
        "Отчество": name.patronymic,
        "Пол": "М" if name.sex == "m" else "Ж",
    }
