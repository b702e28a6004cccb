"""The invented school of the campaigns: two classes, four pages, everybody who has a say, and who sits where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec.structs import replace

from ejournal_core import ids
from ejournal_core.kinds import (
    KINDS,
    ClassGroup,
    Enrolment,
    Fields,
    JournalPage,
    Person,
    PolicySetting,
    Pupil,
    Record,
    RoleGrant,
    SchoolYear,
    Subject,
    TeachingLoad,
    to_fields,
)
from tests.helpers.school import YEAR_START, small_school

SCHOOL_NAME = "Школа № 1"
TEACHERS = tuple(f"p-t{i:02}" for i in range(1, 25))
GEOMETRY = ids.journal_page("s-geometry", "c-8a")
SCHOOL = small_school(6)
ADMINISTRATOR, STRANGER = "p-admin", "p-other"

#: Lessons of the first weeks as (page, day, number): few, so that people meet in them.
LESSONS = (
    ids.lesson(SCHOOL.page, date(2026, 9, 15), 3),
    ids.lesson(SCHOOL.page, date(2026, 9, 14), 2),
    ids.lesson(SCHOOL.page, date(2026, 9, 11), 1),
    ids.lesson(SCHOOL.english, date(2026, 9, 9), 4),
    ids.lesson(GEOMETRY, date(2026, 9, 15), 2),
)
PUPILS = (*SCHOOL.pupils, "u-91", "u-92")


def _extra() -> Iterator[Record]:
    yield ClassGroup(id="c-8a", school_year_id="y-2026", grade_level=8, letter="А")
    yield Subject(id="s-geometry", title="Геометрия", position=3)
    yield JournalPage(id=GEOMETRY, subject_id="s-geometry", class_group_id="c-8a")
    for number, pupil in enumerate(("u-91", "u-92"), 1):
        yield Pupil(id=pupil, last_name="Ужова", first_name=f"Инна {number}")
        yield Enrolment(id=f"e-{pupil}", pupil_id=pupil, class_group_id="c-8a", since=YEAR_START, position=number)
    yield Person(id=ADMINISTRATOR, last_name="Админов", first_name="Олег", patronymic="Ильич", sex="m")
    yield RoleGrant(id="r-admin", person_id=ADMINISTRATOR, role="administrator", since=YEAR_START)
    yield Person(id=STRANGER, last_name="Чужова", first_name="Нина", patronymic="Ильинична", sex="f")
    yield TeachingLoad(id="l-other", journal_page_id=GEOMETRY, person_id=STRANGER, since=YEAR_START)
    for number, person in enumerate(TEACHERS):
        yield Person(id=person, last_name=f"Учителев{number}", first_name="Иван", patronymic="Ильич", sex="m")
        page = GEOMETRY if number % 6 == 5 else SCHOOL.page
        yield TeachingLoad(id=f"l-{person}", journal_page_id=page, person_id=person, since=YEAR_START)


def _open_policy() -> Iterator[Record]:
    """No clock says no: everything may be entered ahead, and changed until the year ends."""
    ahead = {"topic_and_homework": True, "attendance_and_marks": True}
    yield PolicySetting(id="P36", value=json.dumps(ahead), basis="кампания")
    yield PolicySetting(id="P06", value='{"days": 5000}', basis="кампания")
    yield PolicySetting(id="P61", value='{"minutes": 90000000, "until_deadline": true}', basis="кампания")


def _endless(record: Record) -> Record:
    """Return the record; a school year as one that does not end while clocks jump."""
    return replace(record, ends_on=date(2099, 5, 31)) if isinstance(record, SchoolYear) else record


def records(open_policy: bool = False) -> list[tuple[str, str, Fields]]:
    """Return the school's records as (kind, id, fields), parents before children."""
    order = {kind: position for position, kind in enumerate(KINDS)}
    extra = (*_extra(), *(_open_policy() if open_policy else ()))
    known = map(_endless, SCHOOL.records) if open_policy else SCHOOL.records
    all_ = sorted((*known, *extra), key=lambda record: order[type(record).__name__])
    return [(type(record).__name__, record.id, to_fields(record)) for record in all_]


def desks(size: int) -> list[tuple[str, str]]:
    """Return (desk, person) of the first desks; one teacher has two PCs."""
    first = (SCHOOL.teacher, SCHOOL.colleague, SCHOOL.deputy, SCHOOL.class_teacher, ADMINISTRATOR, STRANGER,
             SCHOOL.teacher, *TEACHERS)  # fmt: skip
    return [(f"desk-{number:02}", person) for number, person in enumerate(first[:size])]


def name_of(person: str) -> str:
    """Return how a story calls a person."""
    return person.removeprefix("p-")


def parts(step_value: int, values: tuple[Any, ...]) -> Any:
    """Return one of the values by a number of any size."""
    return values[step_value % len(values)]
