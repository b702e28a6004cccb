"""A whole class in one line: 7 «Б» with eighteen subjects, English in two groups, and marks up to a day.

The dice are seeded and all people are invented, so that two machines show the same class.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from ejournal_core import ids
from ejournal_core.kinds import (
    Attendance,
    Guardian,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PeriodMark,
    Pupil,
    Record,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    WorkKind,
)
from tests.helpers.sample_pages import NAMES
from tests.helpers.school import YEAR_START, SmallSchool, small_school

SUBJECTS = (
    ("Русский язык", "Рус. яз."), ("Литература", "Литер."), ("Геометрия", ""),
    ("Вероятность и статистика", "Вер. и ст."), ("Информатика", "Информ."), ("История", ""), ("Обществознание", "Общ."),
    ("География", "Геогр."), ("Физика", ""), ("Биология", ""), ("Химия", ""), ("Музыка", ""),
    ("Изобразительное искусство", "ИЗО"),
    ("Технология", "Техн."), ("Физическая культура", "Физ-ра"), ("Основы безопасности", "ОБЗР"),
)  # fmt: skip
VACATION = (date(2026, 10, 31), date(2026, 11, 8))


def full_class(until: date, pupils: int = 35, *, marks: bool = True) -> SmallSchool:
    """Return the school whose class has been taught up to a day: two lessons of each subject a week."""
    known = small_school(25)
    school = small_school(pupils)
    added = tuple(each for each in (*_directory(school), *(_lessons(school, until) if marks else ())))
    renamed = {each.id: each for each in _pupils(school)}
    records = tuple(renamed.get(each.id, each) if isinstance(each, Pupil) else each for each in school.records)
    assert known.class_group == school.class_group
    return SmallSchool((*records, *added), school.pupils, school.class_group, school.subgroup, school.page,
                       school.english)  # fmt: skip


def _pupils(school: SmallSchool) -> Iterator[Pupil]:
    for pupil_id, (last, first, patronymic) in zip(school.pupils, NAMES, strict=False):
        yield Pupil(id=pupil_id, last_name=last, first_name=first, patronymic=patronymic)


def pages(school: SmallSchool) -> list[str]:
    """Return the ids of the pages of the class, algebra and English first."""
    return [school.page, school.english, ids.journal_page("s-english", "g-1"),
            *(ids.journal_page(f"s-{number:02}", school.class_group) for number in range(len(SUBJECTS)))]  # fmt: skip


def _directory(school: SmallSchool) -> Iterator[Record]:
    yield Subgroup(id="g-1", class_group_id=school.class_group, title="1 группа")
    for pupil in school.pupils[::2]:
        yield SubgroupMember(id=ids.subgroup_member("g-1", pupil), subgroup_id="g-1", pupil_id=pupil, since=YEAR_START)
    english = ids.journal_page("s-english", "g-1")
    yield JournalPage(id=english, subject_id="s-english", class_group_id=school.class_group, subgroup_id="g-1")
    for number, (title, short) in enumerate(SUBJECTS):
        subject, page = f"s-{number:02}", ids.journal_page(f"s-{number:02}", school.class_group)
        yield Subject(id=subject, title=title, short_title=short, position=number + 3)
        yield JournalPage(id=page, subject_id=subject, class_group_id=school.class_group)
        yield TeachingLoad(id=f"l-{number + 9}", journal_page_id=page, person_id=school.colleague, since=YEAR_START,
                           weekly_hours=Decimal(2))  # fmt: skip
    yield WorkKind(id="test", code="Т", title="Тест", weight=Decimal("1.5"), position=3)


def _lessons(school: SmallSchool, until: date) -> Iterator[Record]:
    dice = random.Random(5)
    strength = {pupil: dice.choice((5, 5, 4, 4, 4, 3, 3, 2)) for pupil in school.pupils}
    for place, page in enumerate(pages(school)):
        day = YEAR_START + timedelta(days=place % 3)
        while day <= until:
            if not VACATION[0] <= day <= VACATION[1] and day.isoweekday() < 6:
                yield from _lesson(page, _listed(school, page), day, 1 + place % 6, strength, dice)
            day += timedelta(days=3 if dice.random() < 0.5 else 4)
        if until > date(2026, 10, 30):
            yield from _first_quarter(page, _listed(school, page), strength, dice)


def _listed(school: SmallSchool, page: str) -> tuple[str, ...]:
    return {"g-1": school.pupils[::2], "g-2": school.pupils[1::2]}.get(page.rpartition(".")[2], school.pupils)


def _lesson(
    page: str, pupils: tuple[str, ...], day: date, number: int, strength: dict[str, int], dice: random.Random
) -> Iterator[Record]:
    lesson = ids.lesson(page, day, number)
    kind = dice.choice(("oral", "oral", "control", "test"))
    column = ids.mark_column(lesson, kind, 1)
    yield Lesson(
        id=lesson, journal_page_id=page, held_on=day, lesson_number=number, held=True, topic=f"Тема {day:%d.%m}"
    )
    yield MarkColumn(id=column, lesson_id=lesson, work_kind_id=kind)
    for pupil in pupils:
        fate = dice.random()
        if fate < 0.06:
            yield Attendance(id=ids.attendance(lesson, pupil), lesson_id=lesson, pupil_id=pupil, presence="absent",
                             reason=dice.choice(("Б", "У", "")))  # fmt: skip
        elif fate < 0.08:
            yield Attendance(id=ids.attendance(lesson, pupil), lesson_id=lesson, pupil_id=pupil, presence="late",
                             late_minutes=dice.choice((5, 10, 30)))  # fmt: skip
        elif fate < 0.5:
            value = "." if fate > 0.495 else str(max(2, min(5, strength[pupil] + dice.choice((-1, 0, 0, 1)))))
            yield Mark(id=ids.mark(column, pupil), mark_column_id=column, pupil_id=pupil, value=value)


def _first_quarter(
    page: str, pupils: tuple[str, ...], strength: dict[str, int], dice: random.Random
) -> Iterator[Record]:
    for pupil in pupils:
        value = str(max(2, min(5, strength[pupil] + dice.choice((0, 0, 0, 0, 1, -1)))))
        yield PeriodMark(id=ids.period_mark(page, pupil, "quarter", 1), journal_page_id=page, pupil_id=pupil,
                         period_kind="quarter", period_number=1, value=value)  # fmt: skip


def guardians(school: SmallSchool) -> Iterator[Guardian]:
    """Yield families: two parents, one, none; a consent given, missing and withdrawn."""
    for number, pupil in enumerate(school.pupils):
        given = date(2026, 9, 1) if number % 5 != 3 else None
        parents = (("mother", "Ольга"), ("father", "Игорь"))[: (2, 1, 1, 2, 0)[number % 5]]
        for own, (relation, name) in enumerate(parents):
            yield Guardian(
                id=ids.guardian(school.class_group, pupil, f"g{own}"),
                class_group_id=school.class_group,
                pupil_id=pupil,
                last_name=NAMES[number][0],
                first_name=name,
                patronymic=("Ивановна", "Львович")[own],
                relation=relation,  # type: ignore[arg-type]
                phone=f"+7 900 000-{number:02}-{own:02}" if given else "",
                consent_on=given,
                consent_by=f"{NAMES[number][0]} {name}" if given else "",
                withdrawn_on=date(2026, 9, 10) if number == 7 else None,
            )
