"""A class with a term of lessons behind it: who was away at them, and what the register says. All invented.

The clock belongs to Friday, 20 November 2026, noon; six lessons a day since the first of September.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime

from ejournal_core import ids
from ejournal_core.calendar import days_between
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    JournalPage,
    Lesson,
    Record,
    RegisteredAbsence,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from tests.helpers.school import MOSCOW, YEAR_START, SmallSchool, small_school

FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=MOSCOW)
SUBJECTS = ("Русский язык", "Литература", "История", "Биология", "Физика", "География")
KNOWN = "known"  # away without a reason in the lessons: the register gives it
#: Whom teachers marked away as the register says; of the others in it they marked nothing.
REGISTERED = (
    ("u-04", date(2026, 11, 17), date(2026, 11, 20)),
    ("u-12", date(2026, 11, 19), date(2026, 11, 20)),
)
VACATION = (date(2026, 10, 31), date(2026, 11, 8))


def class_with_a_past(pupils: int = 25, *extra: Record) -> SmallSchool:
    """Return a school whose class has been taught since September, with absences of every sort."""
    school = small_school(pupils)
    return small_school(pupils, (*_pages(), *_lessons(school), *_register(), *extra))


def two_groups() -> Iterator[Record]:
    """Yield the first group of English beside the second; one pupil changed over on the first of October."""
    page = ids.journal_page("s-english", "g-1")
    yield Subgroup(id="g-1", class_group_id="c-7b", title="1 группа")
    yield JournalPage(id=page, subject_id="s-english", class_group_id="c-7b", subgroup_id="g-1")
    yield TeachingLoad(id="l-g1", journal_page_id=page, person_id="p-teacher", since=YEAR_START)
    for number in range(3, 36, 2):
        pupil = f"u-{number:02}"
        yield SubgroupMember(id=ids.subgroup_member("g-1", pupil), subgroup_id="g-1", pupil_id=pupil, since=YEAR_START)
    yield SubgroupMember(id="m-1", subgroup_id="g-1", pupil_id="u-01", since=YEAR_START, until=date(2026, 9, 30))
    yield SubgroupMember(id="m-2", subgroup_id="g-2", pupil_id="u-01", since=date(2026, 10, 1))


def _pages() -> Iterator[Record]:
    for number, title in enumerate(SUBJECTS):
        subject = f"s-{number}"
        yield Subject(id=subject, title=title, position=10 + number)
        yield JournalPage(id=f"{subject}.c-7b", subject_id=subject, class_group_id="c-7b")
        yield TeachingLoad(
            id=f"l-x{number}", journal_page_id=f"{subject}.c-7b", person_id="p-colleague", since=YEAR_START
        )
        for weekday in range(1, 6):
            yield TimetableSlot(id=f"t-x{number}{weekday}", journal_page_id=f"{subject}.c-7b", weekday=weekday,
                                lesson_number=number + 1, since=YEAR_START)  # fmt: skip


def _lessons(school: SmallSchool) -> Iterator[Record]:
    dice = random.Random(11)
    for day in days_between(YEAR_START, FRIDAY.date()):
        if day.isoweekday() > 5 or VACATION[0] <= day <= VACATION[1]:
            continue
        away = {pupil: dice.choice(("", "Б", "У")) for pupil in school.pupils if dice.random() < 0.05}
        away |= {pupil: KNOWN for pupil, first, last in REGISTERED if first <= day <= last}
        for number in range(len(SUBJECTS)):
            page = f"s-{number}.c-7b"
            lesson = ids.lesson(page, day, number + 1)
            yield Lesson(id=lesson, journal_page_id=page, held_on=day, lesson_number=number + 1, held=True, topic="Т")
            yield from _roll(dice, lesson, school, away, number)


def _roll(dice: random.Random, lesson: str, school: SmallSchool, away: dict[str, str], number: int) -> Iterator[Record]:
    for pupil in school.pupils:
        record = ids.attendance(lesson, pupil)
        if pupil in away and (away[pupil] or number > 2):
            reason = "" if away[pupil] == KNOWN else away[pupil]
            yield Attendance(id=record, lesson_id=lesson, pupil_id=pupil, presence="absent", reason=reason)
        elif number == 0 and dice.random() < 0.01:
            yield Attendance(id=record, lesson_id=lesson, pupil_id=pupil, presence="late", late_minutes=10)


def _register() -> Iterator[Record]:
    day = FRIDAY.date()
    rows = (
        ("u-04", "Б", date(2026, 11, 17), date(2026, 11, 24), None, None, "Справка № 214", "мама, по телефону"),
        ("u-07", "У", day, day, 4, None, "Заявление", "отец"),
        ("u-12", "У", date(2026, 11, 19), day, None, None, "Приказ № 87 об участии в соревнованиях", ""),
        ("u-19", "Б", day, day, None, None, "", "бабушка, сообщением"),
    )
    for number, (pupil, code, since, until, first, last, paper, teller) in enumerate(rows):
        yield AbsenceDocument(id=f"paper-{number}", class_group_id="c-7b", pupil_id=pupil, reason=code, since=since,
                              until=until, number=paper, told_by=teller)  # fmt: skip
        yield RegisteredAbsence(id=f"away-{number}", class_group_id="c-7b", pupil_id=pupil, reason=code, since=since,
                                until=until, first_lesson=first, last_lesson=last,
                                document_id=f"paper-{number}")  # fmt: skip
