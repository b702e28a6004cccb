"""Find the member of staff behind each teacher's name of a timetable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ejournal_desktop.exchange.fet import SolvedTimetable
from ejournal_desktop.exchange.office import OfficePeople, StaffMember
from ejournal_desktop.exchange.sheets import fold
from ejournal_desktop.exchange.troubles import Problem

_COLUMN = "впишите имя из расписания в столбец «В расписании» листа «Сотрудники»"


def match_teachers(solved: SolvedTimetable, people: OfficePeople) -> tuple[dict[str, StaffMember], list[Problem]]:
    """Return the staff by the timetable's teacher names, and a problem for each name that fits nobody or several.

    A name is sought in the column «В расписании» first, then among «Фамилия Имя Отчество», «Фамилия И. О.»,
    «И. О. Фамилия» and «Фамилия», without regard to case, stops and Ё.
    """
    known = _names(people.staff)
    matched: dict[str, StaffMember] = {}
    problems: list[Problem] = []
    for name in _teaching(solved):
        found = known.get(fold(name), [])
        if len(found) == 1:
            matched[name] = found[0]
            continue
        what = (
            f"имя подходит нескольким сотрудникам файла «{people.file}»"
            if found
            else f"такого сотрудника нет в файле «{people.file}»"
        )
        problems.append(Problem(solved.timetable.file, f"учитель «{name}»", what, _COLUMN))
    return matched, problems


def _teaching(solved: SolvedTimetable) -> list[str]:
    """Return the teachers who have lessons, in the timetable's order."""
    busy = {name for activity in solved.timetable.activities if activity.students for name in activity.teachers}
    return [name for name in solved.timetable.teachers if name in busy]


def _names(staff: Sequence[StaffMember]) -> Mapping[str, list[StaffMember]]:
    own = {fold(member.timetable_name): [member] for member in staff if member.timetable_name}
    known: dict[str, list[StaffMember]] = defaultdict(list)
    for member in staff:
        for name in {fold(spelling) for spelling in _spellings(member)}:
            known[name].append(member)
    return known | own


def _spellings(member: StaffMember) -> Iterator[str]:
    last, first, patronymic = member.last_name, member.first_name, member.patronymic
    initials = f"{first[0]} {patronymic[0]}" if patronymic else first[0]
    yield from (last, f"{last} {first}", f"{last} {first} {patronymic}", f"{last} {initials}", f"{initials} {last}")
    yield from (f"{last} {first[0]}", f"{first[0]} {last}")
