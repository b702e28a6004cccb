"""A school whose every weekday is full: eight classes more with six lessons a day, ten teachers who are free in turn.

In class `n` the lesson `m` is given by teacher `(n + m) % 10`, so that two of the ten are free in every hour and nobody
is in two places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ejournal_core import ids
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Person,
    Pupil,
    Record,
    RoleGrant,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from tests.helpers.school import YEAR_START, SmallSchool, small_school

CLASSES = ("5А", "5Б", "6А", "6Б", "8А", "8Б", "9А", "9Б")
LESSONS = range(1, 7)
TEACHERS = (
    ("Абросимова", "Нина", "Олеговна", "Русский язык"), ("Белова", "Ирина", "Олеговна", "Литература"),
    ("Гусев", "Фёдор", "Ильич", "История"), ("Дёмина", "Ольга", "Викторовна", "География"),
    ("Константинопольская-Преображенская", "Александра", "Вениаминовна", "Вероятность и статистика"),
    ("Жданова", "Лариса", "Юрьевна", "Физика"), ("Ким", "Нина", "Сергеевна", "Биология"),
    ("Ломов", "Юрий", "Петрович", "Физическая культура"), ("Носова", "Анна", "Львовна", "Русский язык"),
    ("Орлова", "Вера", "Ильинична", "Информатика"),
)  # fmt: skip


def full_day_school(extra: Iterable[Record] = ()) -> SmallSchool:
    """Return the school; a teacher's id is `t-0` … `t-9`, a page's that of `page_of(class number, lesson number)`."""
    return small_school(6, extra=(*_records(), *extra))


def page_of(class_number: int, lesson_number: int) -> str:
    """Return the id of the page that a class has at a lesson."""
    return ids.journal_page(f"f-{(class_number + lesson_number) % 10}", f"f-{CLASSES[class_number]}")


def _records() -> Iterator[Record]:
    for at, (last, first, patronymic, title) in enumerate(TEACHERS):
        yield Person(id=f"t-{at}", last_name=last, first_name=first, patronymic=patronymic)
        yield RoleGrant(id=f"r-t-{at}", person_id=f"t-{at}", role="subject_teacher", since=YEAR_START)
        yield Subject(id=f"f-{at}", title=title, position=at + 5)
    for number, title in enumerate(CLASSES):
        group = f"f-{title}"
        yield ClassGroup(id=group, school_year_id="y-2026", grade_level=int(title[0]), letter=title[1])
        yield Pupil(id=f"u-{title}", last_name="Ученик", first_name="Ян")
        yield Enrolment(id=f"e-{title}", pupil_id=f"u-{title}", class_group_id=group, since=YEAR_START, position=1)
        for lesson in LESSONS:
            yield from _weekly(page_of(number, lesson), group, (number + lesson) % 10, lesson)


def _weekly(page: str, group: str, teacher: int, lesson: int) -> Iterator[Record]:
    yield JournalPage(id=page, subject_id=f"f-{teacher}", class_group_id=group)
    yield TeachingLoad(id=f"l-{page}", journal_page_id=page, person_id=f"t-{teacher}", since=YEAR_START,
                       weekly_hours=Decimal(5))  # fmt: skip
    for weekday in range(1, 6):
        yield TimetableSlot(id=f"s-{page}-{weekday}", journal_page_id=page, weekday=weekday, lesson_number=lesson,
                            room=str(20 + lesson + teacher), since=YEAR_START)  # fmt: skip
