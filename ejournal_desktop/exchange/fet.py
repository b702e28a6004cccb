"""Read a FET timetable (https://lalescu.ro/liviu/fet/) and let FET's own command-line solver place its lessons.

A FET file holds the school (years, groups, subgroups, teachers, subjects, rooms) and *activities* that must happen;
the solver writes a second file with a day and an hour for each activity. Together they are a `SolvedTimetable`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from msgspec import Struct

from ejournal_desktop.exchange.opening import parse_xml, read_bytes
from ejournal_desktop.exchange.troubles import BrokenFile, NotSolved, ProgramMissing, WrongContent, WrongShape

MAX_DAYS = 7
MAX_HOURS = 16
SOLVE_SECONDS = 60
SOLVER = "fet-cl"
#: With the same file, the same version of FET and the same seeds the solver finds the same timetable.
_SEEDS = [f"--randomseeds{name}=1" for name in ("10", "11", "12", "20", "21", "22")]

_CHOOSE_FET = "выберите файл с расширением .fet, сохранённый программой FET"
_CHOOSE_SOLUTION = "выберите файл …_activities.xml из папки, которую FET записал вместе с расписанием"
_SAVE_AGAIN = "откройте файл в FET, исправьте и сохраните снова"


class StudentsGroup(Struct, frozen=True):
    """A group of a year with its subgroups' names."""

    name: str
    subgroups: tuple[str, ...] = ()


class StudentsYear(Struct, frozen=True):
    """A year: usually a grade level with classes as groups, in some schools a class with its parts as groups."""

    name: str
    groups: tuple[StudentsGroup, ...] = ()


class Activity(Struct, frozen=True):
    """A weekly lesson of `duration` hours in a row; `students` are names of years, groups or subgroups."""

    id: int
    subject: str
    teachers: tuple[str, ...]
    students: tuple[str, ...]
    duration: int = 1


class Placed(Struct, frozen=True):
    """One hour of an activity in the week: weekday 1 = Monday, hour from 1; the room is "" when FET was not asked."""

    activity_id: int
    weekday: int
    hour: int
    room: str = ""


class Timetable(Struct, frozen=True):
    """What a FET file says, with inactive activities left out. `file` is its bare name."""

    file: str
    institution: str
    days: tuple[str, ...]
    hours: tuple[str, ...]
    subjects: tuple[str, ...]
    teachers: tuple[str, ...]
    rooms: tuple[str, ...]
    years: tuple[StudentsYear, ...]
    activities: tuple[Activity, ...]


class SolvedTimetable(Struct, frozen=True):
    """A timetable with every hour of every activity placed, ordered by weekday, hour and activity."""

    timetable: Timetable
    placed: tuple[Placed, ...]


def read_fet(path: Path) -> Timetable:
    """Return what the FET file says.

    Raises:
        FileTrouble: it cannot be read, is something else, damaged, or contradicts itself.
    """
    root = parse_xml(path, read_bytes(path), "fet", "файлом расписания FET", _CHOOSE_FET)
    timetable = Timetable(
        file=path.name,
        institution=_text(root, "Institution_Name"),
        days=_names(path, root, "Days_List", "Day", MAX_DAYS),
        hours=_names(path, root, "Hours_List", "Hour", MAX_HOURS),
        subjects=_names(path, root, "Subjects_List", "Subject"),
        teachers=_names(path, root, "Teachers_List", "Teacher"),
        rooms=_names(path, root, "Rooms_List", "Room", required=False),
        years=tuple(_year(year) for year in _section(path, root, "Students_List").iterfind("Year")),
        activities=tuple(_activities(path, root)),
    )
    _check(path, timetable)
    return timetable


def read_solution(path: Path, timetable: Timetable) -> SolvedTimetable:
    """Return the timetable with the places that FET's file `…_activities.xml` gives.

    Raises:
        FileTrouble: the file is unreadable, foreign, damaged, or belongs to another timetable.
    """
    root = parse_xml(path, read_bytes(path), "Activities_Timetable", "файлом размещённых занятий FET", _CHOOSE_SOLUTION)
    known = {activity.id: activity for activity in timetable.activities}
    places: dict[int, list[Placed]] = {}
    for number, element in enumerate(root.iterfind("Activity"), 1):
        place = f"занятие {number} по порядку"
        activity = known.get(_number(path, element, "Id", place))
        if activity is None:
            raise WrongContent(
                path, f"такого занятия нет в файле {timetable.file}", "выберите решение этого же файла", place
            )
        places[activity.id] = _place(path, element, activity, timetable, place)
    return _solved(path, timetable, places)


def solve_fet(path: Path, out_dir: Path, seconds: int = SOLVE_SECONDS) -> SolvedTimetable:
    """Let `fet-cl` place the activities of a FET file; its files are left in `out_dir`.

    Raises:
        ProgramMissing: the solver is not installed.
        NotSolved: it found no timetable within `seconds`, or stopped with an error.
        FileTrouble: see `read_fet`.
    """
    timetable = read_fet(path)
    solver = shutil.which(SOLVER)
    if solver is None:
        raise ProgramMissing(path, "решатель FET не установлен", "установите пакет: apt install fet")
    command = [solver, f"--inputfile={path.resolve()}", f"--outputdir={out_dir.resolve()}"]
    command += ["--htmllevel=0", "--language=ru", f"--timelimitseconds={seconds}", *_SEEDS]
    output = _run(path, command, seconds)
    solution = out_dir / "timetables" / path.stem / f"{path.stem}_activities.xml"
    if not solution.exists():
        raise NotSolved(
            path, f"FET не составил расписание за {seconds} с", "проверьте условия в FET", _last_line(output)
        )
    return read_solution(solution, timetable)


def _run(path: Path, command: Sequence[str], seconds: int) -> str:
    """Run the solver and return what it said; it stops itself after `seconds`, and is stopped a little later."""
    try:
        done = subprocess.run(  # noqa: S603  # the program comes from PATH, its arguments are ours, no shell
            command, capture_output=True, timeout=seconds + 15, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise NotSolved(path, f"FET не остановился за {seconds} с", "проверьте условия в FET") from error
    except OSError as error:
        raise NotSolved(path, "решатель FET не запускается", "переустановите пакет fet") from error
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"ответ FET: {lines[-1][:200]}" if lines else ""


def _section(path: Path, root: Element, tag: str) -> Element:
    section = root.find(tag)
    if section is None:
        raise WrongShape(path, f"в файле нет раздела <{tag}>", _CHOOSE_FET)
    return section


def _names(
    path: Path, root: Element, tag: str, item: str, at_most: int | None = None, *, required: bool = True
) -> tuple[str, ...]:
    section = root.find(tag) if not required else _section(path, root, tag)
    names = tuple(_text(element, "Name") for element in (section.iterfind(item) if section is not None else ()))
    place = f"раздел <{tag}>"
    if required and not names:
        raise WrongContent(path, "раздел пуст", _SAVE_AGAIN, place)
    if at_most is not None and len(names) > at_most:
        raise WrongContent(path, f"записей {len(names)}, а в школьной неделе не больше {at_most}", _SAVE_AGAIN, place)
    if len(set(names)) != len(names) or "" in names:
        raise WrongContent(path, "есть пустое или повторяющееся название", _SAVE_AGAIN, place)
    return names


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()


def _number(path: Path, element: Element, tag: str, place: str) -> int:
    text = _text(element, tag)
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BrokenFile(path, f"в <{tag}> должно стоять целое число", _SAVE_AGAIN, place)
    return int(text)


def _year(element: Element) -> StudentsYear:
    return StudentsYear(
        name=_text(element, "Name"),
        groups=tuple(
            StudentsGroup(_text(group, "Name"), tuple(_text(part, "Name") for part in group.iterfind("Subgroup")))
            for group in element.iterfind("Group")
        ),
    )


def _activities(path: Path, root: Element) -> Iterable[Activity]:
    for number, element in enumerate(_section(path, root, "Activities_List").iterfind("Activity"), 1):
        place = f"занятие {number} по порядку"
        if _text(element, "Active") == "false":
            continue
        yield Activity(
            id=_number(path, element, "Id", place),
            subject=_text(element, "Subject"),
            teachers=_texts(element, "Teacher"),
            students=_texts(element, "Students"),
            duration=_number(path, element, "Duration", place),
        )


def _texts(element: Element, tag: str) -> tuple[str, ...]:
    return tuple((child.text or "").strip() for child in element.iterfind(tag))


def _check(path: Path, timetable: Timetable) -> None:
    """Raise unless every name that an activity uses is listed and every id is there once."""
    students = {name for year in timetable.years for name in _students_names(year)}
    seen: set[int] = set()
    for activity in timetable.activities:
        place = f"занятие с номером {activity.id}"
        if activity.id in seen:
            raise WrongContent(path, "такой номер занятия уже был", _SAVE_AGAIN, place)
        seen.add(activity.id)
        if not 1 <= activity.duration <= len(timetable.hours):
            raise WrongContent(path, f"длительность {activity.duration} ч не помещается в день", _SAVE_AGAIN, place)
        _check_listed(path, place, "предмета", [activity.subject], set(timetable.subjects))
        _check_listed(path, place, "учителя", activity.teachers, set(timetable.teachers))
        _check_listed(path, place, "класса или группы", activity.students, students)
    if not timetable.activities:
        raise WrongContent(path, "в файле нет ни одного занятия", _SAVE_AGAIN)


def _students_names(year: StudentsYear) -> Iterable[str]:
    yield year.name
    for group in year.groups:
        yield group.name
        yield from group.subgroups


def _check_listed(path: Path, place: str, what: str, names: Sequence[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise WrongContent(path, f"{what} «{name}» нет в списках этого файла", _SAVE_AGAIN, place)


def _place(path: Path, element: Element, activity: Activity, timetable: Timetable, place: str) -> list[Placed]:
    day, hour = _text(element, "Day"), _text(element, "Hour")
    if not day or not hour:
        raise NotSolved(path, f"занятие с номером {activity.id} не поставлено в расписание", _CHOOSE_SOLUTION, place)
    if day not in timetable.days or hour not in timetable.hours:
        raise WrongContent(
            path, f"нет такого дня или часа: «{day}», «{hour}»", "выберите решение этого же файла", place
        )
    weekday, first = timetable.days.index(day) + 1, timetable.hours.index(hour) + 1
    if first + activity.duration - 1 > len(timetable.hours):
        raise WrongContent(path, "занятие не помещается в день", "составьте расписание в FET заново", place)
    room = _text(element, "Room")
    return [Placed(activity.id, weekday, first + step, room) for step in range(activity.duration)]


def _solved(path: Path, timetable: Timetable, places: dict[int, list[Placed]]) -> SolvedTimetable:
    missing = [activity.id for activity in timetable.activities if activity.id not in places]
    if missing:
        what = f"не поставлено занятий: {len(missing)} (первое — с номером {missing[0]})"
        raise NotSolved(path, what, "составьте расписание в FET до конца и выберите его решение")
    placed = sorted(
        (one for hours in places.values() for one in hours), key=lambda p: (p.weekday, p.hour, p.activity_id)
    )
    return SolvedTimetable(timetable, tuple(placed))
