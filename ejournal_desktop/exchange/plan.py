"""Everything that an import would create, shown before anything is created: all of it, or nothing.

`plan_files` reads the files of a school and never raises for what is in them: whatever is wrong becomes a `Problem`.
A plan with problems holds no records at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.kinds import KINDS, Record
from ejournal_core.russian import counted
from ejournal_desktop.exchange.classes import SchoolClasses, school_classes
from ejournal_desktop.exchange.drafting import Draft
from ejournal_desktop.exchange.fet import SolvedTimetable, read_fet, read_solution
from ejournal_desktop.exchange.office import OfficePeople, class_title, read_office
from ejournal_desktop.exchange.rooms import with_rooms
from ejournal_desktop.exchange.sections import sections, subject_titles
from ejournal_desktop.exchange.staff import match_teachers
from ejournal_desktop.exchange.titles import Titles, read_titles
from ejournal_desktop.exchange.troubles import FileTrouble, ImportRefused, Problem
from ejournal_desktop.exchange.year import SchoolYearSettings, read_year

K = TypeVar("K", bound=Record)
T = TypeVar("T")

MakeId = Callable[[], str]


class Preview(Struct, frozen=True):
    """What a person looks at before saying yes.

    Attributes:
        counts: how many records of each kind would be made, in the order of `kinds.KINDS`.
        classes: titles of the classes with the number of pupils in each.
        teachers: the timetable's name and the member of staff it was matched with.
        guessed: sentences about everything that the files do not say and the program assumed.
    """

    counts: dict[str, int]
    classes: tuple[tuple[str, int], ...]
    teachers: tuple[tuple[str, str], ...]
    guessed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A whole school as it would be created. `problems` is empty exactly when there are records to create."""

    problems: tuple[Problem, ...]
    preview: Preview
    drafted: tuple[Record, ...] = ()

    def records(self) -> tuple[Record, ...]:
        """Return every record, parents before children.

        Raises:
            ImportRefused: the plan has problems.
        """
        if self.problems:
            raise ImportRefused(self.problems)
        return self.drafted

    def of(self, kind: type[K]) -> list[K]:
        """Return the records of one kind in order.

        Raises:
            ImportRefused: the plan has problems.
        """
        return [record for record in self.records() if type(record) is kind]


class SchoolFiles(Struct, frozen=True):
    """Where the files of a school lie: FET's file and its solution, the office's book, the year, the titles."""

    timetable: Path
    solution: Path
    people: Path
    year: Path
    titles: Path


def plan_files(files: SchoolFiles, make_id: MakeId = ids.new_id) -> ImportPlan:
    """Return the plan of a school's files; every file that cannot be taken is a problem of the plan."""
    problems: list[Problem] = []
    timetable = _taken(lambda: read_fet(files.timetable), problems)
    solved = _taken(lambda: read_solution(files.solution, timetable), problems) if timetable else None
    people = _taken(lambda: read_office(files.people), problems)
    year = _taken(lambda: read_year(files.year), problems)
    titles = _taken(lambda: read_titles(files.titles), problems)
    if solved and people and year and titles:
        return plan_school(solved, people, year, titles, make_id)
    return _refused([*problems, *(people.problems if people else ())])


def plan_school(
    solved: SolvedTimetable,
    people: OfficePeople,
    year: SchoolYearSettings,
    titles: Titles,
    make_id: MakeId = ids.new_id,
) -> ImportPlan:
    """Return the plan of a school: classes, subgroups, subjects, staff with loads, pupils, rooms and a week.

    Args:
        make_id: gives the ids of invented things, in a fixed order, so that a replayed factory gives the same plan.
    """
    classes = school_classes(solved.timetable.years)
    matched, unmatched = match_teachers(solved, people)
    # a row that could not be read is no reason to say that its teacher is missing as well
    problems = [*(people.problems or unmatched), *_contradictions(solved, people, year, classes)]
    if problems:
        return _refused(problems)
    found, guessed_rooms = with_rooms(sections(solved, classes, titles), _rooms(solved, titles))
    draft = Draft(year, titles, classes, make_id)
    draft.add_people(people)
    draft.add_pages(found, subject_titles(solved, titles), matched)
    drafted = in_order(draft.records)
    preview = Preview(
        counts=_counts(drafted),
        classes=tuple((class_title(name), draft.class_size(name)) for name in classes.classes),
        teachers=tuple((name, f"{m.last_name} {m.first_name} {m.patronymic}".strip()) for name, m in matched.items()),
        guessed=(*_guesses(solved, classes, guessed_rooms), *draft.guessed),
    )
    return ImportPlan((), preview, drafted)


def in_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return the records sorted by kind, parents before children, and otherwise as they came."""
    by_kind: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_kind[type(record).__name__].append(record)
    return tuple(record for kind in KINDS for record in by_kind[kind])


def _taken(read: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return read()
    except FileTrouble as trouble:
        problems.append(trouble.problem)
        return None


def _refused(problems: Sequence[Problem]) -> ImportPlan:
    return ImportPlan(tuple(problems), Preview({}, (), (), ()))


def _counts(records: Sequence[Record]) -> dict[str, int]:
    counted = Counter(type(record).__name__ for record in records)
    return {kind: counted[kind] for kind in KINDS if counted[kind]}


def _rooms(solved: SolvedTimetable, titles: Titles) -> list[str]:
    return [titles.rooms.get(room, room) for room in solved.timetable.rooms]


def _contradictions(
    solved: SolvedTimetable, people: OfficePeople, year: SchoolYearSettings, classes: SchoolClasses
) -> Iterable[Problem]:
    """Find what each file says rightly by itself, and wrongly together with the others."""
    known = set(classes.classes)
    there = ", ".join(class_title(name) for name in classes.classes) or "нет ни одного"
    for pupil in people.pupils:
        if pupil.class_name not in known:
            what = f"класса {class_title(pupil.class_name)} нет в расписании (есть: {there})"
            yield pupil.row.problem(what, "исправьте класс или добавьте его в расписание", "Класс")
    for member in people.staff:
        for name in member.classes:
            if name not in known:
                what = f"класса {class_title(name)} нет в расписании (есть: {there})"
                yield member.row.problem(what, "исправьте класс", "Классное руководство")
    yield from _beyond_bells(solved, year)


def _beyond_bells(solved: SolvedTimetable, year: SchoolYearSettings) -> Iterable[Problem]:
    days = solved.timetable.days
    for weekday in sorted({one.weekday for one in solved.placed}):
        latest = max(one.hour for one in solved.placed if one.weekday == weekday)
        if weekday > year.study_days:
            what = f"учебных дней в неделе {year.study_days}, а в расписании есть уроки в день «{days[weekday - 1]}»"
            yield Problem(year.file, "поле study_days", what, "исправьте число дней или расписание")
        elif latest > year.last_hour(weekday):
            what = f"нет звонков на {latest}-й урок дня «{days[weekday - 1]}», а в расписании он есть"
            yield Problem(year.file, "раздел [[bells]]", what, "добавьте время урока")


def _guesses(solved: SolvedTimetable, classes: SchoolClasses, guessed_rooms: int) -> Iterable[str]:
    if classes.lowered_by:
        named = ", ".join(f"{called} → {class_title(name)}" for name, called in sorted(classes.fet_names.items()))
        yield f"Параллели понижены на {classes.lowered_by}, чтобы старшая была 11-й: {named}."
    if guessed_rooms:
        lessons = counted(guessed_rooms, "урока", "уроков", "уроков")
        yield f"Для {lessons} в расписании нет кабинета: назначены кабинеты учителей."
    alone = [activity.id for activity in solved.timetable.activities if activity.students and not activity.teachers]
    if alone:
        yield f"У занятий нет учителя, страницы останутся без нагрузки: {', '.join(map(str, alone[:10]))}."
    empty = [activity.id for activity in solved.timetable.activities if not activity.students]
    if empty:
        yield f"Занятия без учеников пропущены: {', '.join(map(str, empty[:10]))}."
