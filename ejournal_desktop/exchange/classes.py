"""Find the classes of a school among FET's years, groups and subgroups.

The rule, the same every time for the same file:

1. A year is itself a class when its name reads like one («7Б», «7 «Б»») or when it has no groups; then its groups and
   their subgroups are parts of the class. Otherwise its groups are the classes, and their subgroups the parts. A part
   that is alone in its group is the whole class.
2. The grade level is the first number in the group's name, else in the year's, else the year's place in the file. When
   the highest is above 11 (schools abroad have 12 and 13), all are lowered by the same amount so that it becomes 11.
3. The letter is what follows the number in the name, as a capital; a name without one, or a letter already taken in its
   grade level, gets the next free letter of the alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ejournal_desktop.exchange.fet import StudentsYear
from ejournal_desktop.exchange.office import ClassName, class_name

HIGHEST_GRADE = 11
LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦШЩЭЮЯ"

_NUMBER = re.compile(r"\d{1,2}")
_BESIDE_LETTER = " «»\"'„“”.-–_()"


class Part(Struct, frozen=True):
    """The whole of a class (`name` is "") or a named part of it."""

    class_name: ClassName
    name: str = ""


class SchoolClasses(Struct, frozen=True):
    """Classes in order of grade level and letter, and what each students' name of the timetable stands for."""

    classes: tuple[ClassName, ...]
    parts: dict[str, tuple[Part, ...]]
    fet_names: dict[ClassName, str]
    lowered_by: int = 0


class _Found(Struct, frozen=True):
    fet_name: str
    grade: int
    letter: str
    year: str
    parts: tuple[tuple[str, ...], ...]  # names of each part: the part itself, then what lies wholly within it


def school_classes(years: Sequence[StudentsYear]) -> SchoolClasses:
    """Return the classes of a timetable by the rule above."""
    found = [one for place, year in enumerate(years, 1) for one in _classes_of(year, place)]
    lowered_by = max(0, max((one.grade for one in found), default=0) - HIGHEST_GRADE)
    names = _named(found, lowered_by)
    parts: dict[str, tuple[Part, ...]] = {}
    for one in found:
        name = names[one.fet_name]
        for part in one.parts:
            meant = Part(name) if len(one.parts) == 1 else Part(name, _bare(part[0], one.fet_name))
            for called in part:
                others = (other for other in parts.get(called, ()) if other.class_name != name)
                parts[called] = (*others, meant)
        parts[one.fet_name] = (Part(name),)
        if one.year != one.fet_name:
            parts[one.year] = (*parts.get(one.year, ()), Part(name))
    return SchoolClasses(
        classes=tuple(sorted(names.values())),
        parts=parts,
        fet_names={name: called for called, name in names.items()},
        lowered_by=lowered_by,
    )


def _classes_of(year: StudentsYear, place: int) -> Iterator[_Found]:
    if _letter(year.name) or not year.groups:
        parts = tuple((group.name, *group.subgroups) for group in year.groups)
        yield _Found(year.name, _grade(year.name) or place, _letter(year.name), year.name, parts)
        return
    for group in year.groups:
        grade = _grade(group.name) or _grade(year.name) or place
        subgroups = tuple((name,) for name in group.subgroups)
        yield _Found(group.name, grade, _letter(group.name), year.name, subgroups)


def _grade(name: str) -> int:
    number = _NUMBER.search(name)
    return int(number[0]) if number else 0


def _letter(name: str) -> str:
    number = _NUMBER.search(name)
    letter = name[number.end() :].strip(_BESIDE_LETTER) if number else ""
    known = class_name(f"7 {letter}") if letter else None
    return known[1] if known else ""


def _named(found: Sequence[_Found], lowered_by: int) -> dict[str, ClassName]:
    """Give each class its grade level and letter; those that bring a letter of their own come first."""
    names: dict[str, ClassName] = {}
    for one in sorted(found, key=lambda one: not one.letter):
        grade = max(1, one.grade - lowered_by)
        taken = set(names.values())
        free = (f"{letter}{round_}" for round_ in ("", *map(str, range(2, 99))) for letter in LETTERS)
        wanted = (one.letter,) if one.letter else ()
        names[one.fet_name] = next((grade, x) for x in (*wanted, *free) if (grade, x) not in taken)
    return {one.fet_name: names[one.fet_name] for one in found}


def _bare(part: str, fet_name: str) -> str:
    """Return a part's name without the class's: «10 б математици» → «математици»."""
    bare = part.removeprefix(fet_name).strip(_BESIDE_LETTER) if part != fet_name else ""
    return bare or part
