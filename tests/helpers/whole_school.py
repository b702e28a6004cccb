"""A school of many classes near the end of a quarter: pages finished, half done, without a word, empty. Invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from ejournal_core import ids
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Lesson,
    PageCompletion,
    PeriodMark,
    Person,
    Pupil,
    Record,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from tests.helpers.school import YEAR_START, SmallSchool, small_school

SUBJECTS = (
    "Русский язык", "Литература", "Геометрия", "Вероятность и статистика", "Информатика", "История", "Обществознание",
    "География", "Физика", "Биология", "Химия", "Музыка", "Изобразительное искусство", "Труд (технология)",
    "Физическая культура",
)  # fmt: skip
TEACHERS = (
    ("Белова", "Ирина", "Олеговна"), ("Гусев", "Фёдор", "Ильич"), ("Жданова", "Лариса", "Юрьевна"),
    ("Заболоцкая-Вознесенская", "Александра", "Константиновна"), ("Ким", "Нина", "Сергеевна"),
    ("Ломов", "Юрий", "Петрович"), ("Носова", "Анна", "Львовна"),
)  # fmt: skip
LETTERS = "АБВГДЕЖЗИКЛМ"
FINISHED, HALF, NO_WORD, EMPTY = range(4)


def whole_school(classes: int, subjects: int, pupils: int, until: date) -> SmallSchool:
    """Return the small school with so many classes more, each page in one of four states.

    Args:
        until: a lesson of each page was due on every Monday before it.
    """
    return small_school(extra=tuple(_records(classes, subjects, pupils, until)))


def state_of(number: int) -> int:
    """Return the state of the page of that number."""
    return number % 4


def _records(classes: int, subjects: int, pupils: int, until: date) -> Iterator[Record]:
    for at, (last, first, patronymic) in enumerate(TEACHERS):
        yield Person(id=f"t-{at}", last_name=last, first_name=first, patronymic=patronymic)
    for at in range(subjects):
        yield Subject(id=f"w-{at}", title=SUBJECTS[at], position=at + 5)
    number = 0
    for which in range(classes):
        group = f"k-{which}"
        yield ClassGroup(id=group, school_year_id="y-2026", grade_level=5 + which % 5, letter=LETTERS[which // 5])
        listed = [f"{group}p{at}" for at in range(pupils)]
        for at, pupil in enumerate(listed, 1):
            yield Pupil(id=pupil, last_name=f"Ученик{at}", first_name="Ян")
            yield Enrolment(id=f"e-{pupil}", pupil_id=pupil, class_group_id=group, since=YEAR_START, position=at)
        for subject in range(subjects):
            yield from _page(f"w-{subject}", group, listed, number, until)
            number += 1


def _page(subject: str, group: str, pupils: list[str], number: int, until: date) -> Iterator[Record]:
    page, teacher, state = ids.journal_page(subject, group), f"t-{number % len(TEACHERS)}", state_of(number)
    yield JournalPage(id=page, subject_id=subject, class_group_id=group)
    yield TeachingLoad(id=f"l-{page}", journal_page_id=page, person_id=teacher, since=YEAR_START,
                       weekly_hours=Decimal(1))  # fmt: skip
    yield TimetableSlot(id=f"s-{page}", journal_page_id=page, weekday=1, lesson_number=1 + number % 7, since=YEAR_START)
    if state == EMPTY:
        return
    day = date(2026, 9, 7)
    while day < until:
        lesson = ids.lesson(page, day, 1 + number % 7)
        yield Lesson(id=lesson, journal_page_id=page, held_on=day, lesson_number=1 + number % 7, held=True,
                     topic="" if state == HALF and day.day % 2 else "Повторение", homework="§ 1")  # fmt: skip
        day += timedelta(weeks=1)
    for at, pupil in enumerate(pupils):
        if state == HALF and at % 3 == 0:
            continue
        yield PeriodMark(id=ids.period_mark(page, pupil, "quarter", 1), journal_page_id=page, pupil_id=pupil,
                         period_kind="quarter", period_number=1,
                         value="н/а" if state == HALF and at == 1 else "4",
                         justification="" if state == HALF and at == 1 else "по итоговой работе")  # fmt: skip
    if state == FINISHED:
        yield PageCompletion(id=ids.page_completion(page, "quarter", 1), journal_page_id=page, period_kind="quarter",
                             period_number=1, complete=True)  # fmt: skip
