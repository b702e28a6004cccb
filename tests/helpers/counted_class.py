"""An autumn of a class in which everything happens that can make a count wrong: who comes, leaves and comes back,
groups that are changed, groups of two classes, two lessons a day, columns and entries taken away, lessons moved.

Seeded dice, invented people. The clock belongs to Friday, 13 November 2026, noon: the first quarter is over, the second
has begun. Nothing here is reckoned: `tests.helpers.recount` does that.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ejournal_core import ids
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    BellSlot,
    CalendarDay,
    ClassGroup,
    CurriculumHours,
    Enrolment,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PageCompletion,
    PeriodMark,
    PlannedLesson,
    PolicySetting,
    Pupil,
    Record,
    RegisteredAbsence,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
    WorkKind,
)
from tests.helpers.school import MOSCOW, YEAR_START, SmallSchool, small_school

FRIDAY = datetime(2026, 11, 13, 12, 0, tzinfo=MOSCOW)
#: Days of lessons of half an hour, with bells of their own.
SHORT = (date(2026, 9, 15), date(2026, 9, 16), date(2026, 10, 2))
CLASS, OTHER = "c-7b", "c-7v"
VACATION = (date(2026, 10, 31), date(2026, 11, 8))

#: Subject, group, teacher, hours a week, [(weekday, lesson number)]. Bells end with the sixth lesson.
PAGES = (
    ("s-algebra", CLASS, "p-teacher", "3", ((1, 2), (2, 3), (5, 1))),
    ("s-russian", CLASS, "p-teacher", "5", ((1, 3), (2, 2), (3, 1), (4, 2), (4, 3))),
    ("s-english", "g-1", "p-colleague", "2", ((3, 4), (5, 2))),
    ("s-english", "g-2", "p-colleague", "2", ((3, 4), (5, 2))),
    ("s-sport", CLASS, "p-colleague", "2.5", ((2, 7), (4, 5))),
    ("s-craft", "g-mixed", "p-teacher", "1", ((5, 4),)),
    ("s-talk", CLASS, "p-class-teacher", "1", ((1, 1),)),
)
TITLES = {"s-russian": "Русский язык", "s-sport": "Физическая культура", "s-craft": "Труд (технология)",
          "s-talk": "Разговоры о важном"}  # fmt: skip
#: Who is in which group, and when; `u-02` and `u-06` change, one of them goes back again.
GROUPS: dict[str, dict[str, tuple[tuple[date, date | None], ...]]] = {
    "g-1": {
        "u-01": ((YEAR_START, None),), "u-03": ((YEAR_START, None),), "u-05": ((YEAR_START, None),),
        "u-07": ((YEAR_START, None),), "u-09": ((YEAR_START, None),),
        "u-02": ((date(2026, 9, 21), date(2026, 10, 9)),), "u-06": ((date(2026, 10, 5), None),),
    },
    "g-2": {
        "u-02": ((YEAR_START, date(2026, 9, 20)), (date(2026, 10, 10), None)),
        "u-06": ((YEAR_START, date(2026, 10, 4)),), "u-04": ((YEAR_START, None),), "u-08": ((YEAR_START, None),),
        "u-10": ((date(2026, 10, 12), None),),
    },
    "g-mixed": {
        "u-01": ((YEAR_START, None),), "u-04": ((YEAR_START, None),), "u-05": ((YEAR_START, None),),
        "v-1": ((YEAR_START, None),), "u-10": ((YEAR_START, None),),
    },
}  # fmt: skip
#: `u-03` leaves, `u-04` comes, `u-05` leaves and comes back, `u-10` comes from the other class; the rest stay.
TIMES: dict[str, tuple[tuple[date, date | None], ...]] = {
    "u-03": ((YEAR_START, date(2026, 10, 9)),),
    "u-04": ((date(2026, 9, 21), None),),
    "u-05": ((YEAR_START, date(2026, 9, 25)), (date(2026, 10, 12), None)),
    "u-10": ((date(2026, 10, 12), None),),
}  # fmt: skip
ALL_YEAR: tuple[tuple[date, date | None], ...] = ((YEAR_START, None),)
PLAIN = ("5", "4", "4", "3", "3", "2")
ODD = (".", "зач", "нз", "н/а", "осв", "5")


def counted_class(seed: int, settings: dict[str, Any] | None = None, preset: str = "default") -> SmallSchool:
    """Return the school of one throw of the dice under a regulation.

    Args:
        settings: the school's own values by parameter ("P50"), as they are written in JSON.
    """
    dice = random.Random(seed)
    bare = small_school(9)
    kept = [record for record in bare.records
            if not isinstance(record, Enrolment | SubgroupMember | TeachingLoad | TimetableSlot)]  # fmt: skip
    policy = [PolicySetting(id="preset", value=json.dumps(preset))]
    policy += [PolicySetting(id=code, value=json.dumps(value)) for code, value in (settings or {}).items()]
    added = [*policy, *_directory(), *_people(), *_autumn(dice), *_register(dice), *_plan(dice)]
    known = {(type(record), record.id) for record in added}
    first = [record for record in kept if (type(record), record.id) not in known]
    return SmallSchool((*first, *added), (*bare.pupils, "u-10"), CLASS, "g-2", bare.page, bare.english)


def page_of(subject: str, group: str) -> str:
    """Return the id of a page."""
    return ids.journal_page(subject, group)


def lessons_until(day: date, slots: tuple[tuple[int, int], ...]) -> Iterator[tuple[date, int]]:
    """Yield the days and numbers on which a page has lessons by the timetable, up to a day."""
    at = YEAR_START
    while at <= day:
        if not VACATION[0] <= at <= VACATION[1]:
            yield from ((at, number) for weekday, number in slots if weekday == at.isoweekday())
        at += timedelta(days=1)


# --- the directory ---------------------------------------------------------------------------------------------------


def _directory() -> Iterator[Record]:
    yield ClassGroup(id=OTHER, school_year_id="y-2026", grade_level=7, letter="В")
    yield Subgroup(id="g-1", class_group_id=CLASS, title="1 группа")
    yield Subgroup(id="g-mixed", class_group_id=OTHER, title="Мастерская")
    for number, (subject, title) in enumerate(TITLES.items(), 3):
        yield Subject(id=subject, title=title, position=number, attested=subject != "s-talk")
    for number, (subject, group, teacher, hours, slots) in enumerate(PAGES):
        page = page_of(subject, group)
        of_class = OTHER if group == "g-mixed" else CLASS
        yield JournalPage(id=page, subject_id=subject, class_group_id=of_class,
                          subgroup_id=group if group.startswith("g-") else None)  # fmt: skip
        yield TeachingLoad(id=f"load-{number}", journal_page_id=page, person_id=teacher, since=YEAR_START,
                           weekly_hours=Decimal(hours))  # fmt: skip
        for weekday, place in slots:
            yield TimetableSlot(id=f"slot-{number}-{weekday}-{place}", journal_page_id=page, weekday=weekday,
                                lesson_number=place, since=YEAR_START)  # fmt: skip
    for day in SHORT:
        yield CalendarDay(id=f"short-{day}", school_year_id="y-2026", kind="shortened", starts_on=day, ends_on=day,
                          title="Сокращённые уроки")  # fmt: skip
        for place in range(1, 7):
            yield BellSlot(id=f"short-{day}-{place}", weekday=0, lesson_number=place, starts_at=f"{8 + place:02}:00",
                           ends_at=f"{8 + place:02}:30", day=day)  # fmt: skip
    yield WorkKind(id="test", code="Т", title="Тест", weight=Decimal("1.5"), position=3)
    yield WorkKind(id="glance", code="ПР", title="Проверка", weight=Decimal(0), position=4)


def _people() -> Iterator[Record]:
    for pupil, last in (("u-10", "Якунин"), ("v-1", "Вершинин"), ("v-2", "Ветров")):
        yield Pupil(id=pupil, last_name=last, first_name="Олег")
    for place, pupil in enumerate((*(f"u-{n:02}" for n in range(1, 11)),), 1):
        for number, (since, until) in enumerate(TIMES.get(pupil, ALL_YEAR)):
            yield Enrolment(id=f"time-{pupil}-{number}", pupil_id=pupil, class_group_id=CLASS, since=since, until=until,
                            position=place, departure_order="№ 7" if until else "")  # fmt: skip
    for pupil, until in (("v-1", None), ("v-2", None), ("u-10", date(2026, 10, 11))):
        yield Enrolment(id=f"time-v-{pupil}", pupil_id=pupil, class_group_id=OTHER, since=YEAR_START, until=until)
    for group, members in GROUPS.items():
        for pupil, stays in members.items():
            for number, (since, until) in enumerate(stays):
                yield SubgroupMember(id=f"{group}-{pupil}-{number}", subgroup_id=group, pupil_id=pupil, since=since,
                                     until=until)  # fmt: skip


# --- what was entered ------------------------------------------------------------------------------------------------


def _autumn(dice: random.Random) -> Iterator[Record]:
    for subject, group, _teacher, _hours, slots in PAGES:
        page = page_of(subject, group)
        pupils = sorted(GROUPS[group]) if group in GROUPS else [f"u-{n:02}" for n in range(1, 11)]
        for day, number in lessons_until(FRIDAY.date(), slots):
            if dice.random() < 0.9:
                yield from _lesson(dice, page, day, number, pupils)
        yield from _decided(dice, page, pupils)


def _lesson(dice: random.Random, page: str, day: date, number: int, pupils: list[str]) -> Iterator[Record]:
    lesson = ids.lesson(page, day, number)
    held_on = day + timedelta(days=dice.choice((-3, -1, 1, 2, 4))) if dice.random() < 0.06 else day
    held_on = min(held_on, FRIDAY.date())
    silent, gone = dice.random() < 0.08, dice.random() < 0.03
    yield Lesson(
        id=lesson, journal_page_id=page, held_on=held_on, lesson_number=number, held=dice.random() < 0.8 and not silent,
        topic=dice.choice(("Тема 1", "Тема 2", "Тема 3", "")), voided=gone,
        teacher_id="p-deputy" if dice.random() < 0.05 else None,
    )  # fmt: skip
    if silent:
        return
    columns = list(_columns(dice, lesson))
    yield from columns
    for pupil in pupils:
        yield from _entries(dice, lesson, columns, pupil, held_on)


def _columns(dice: random.Random, lesson: str) -> Iterator[MarkColumn]:
    kinds = dice.sample(("oral", "control", "test", "glance"), dice.choice((0, 1, 1, 1, 2, 3)))
    for kind in kinds:
        weight = dice.choice((None, None, None, Decimal("0.5"), Decimal(3)))
        yield MarkColumn(id=ids.mark_column(lesson, kind, 1), lesson_id=lesson, work_kind_id=kind, weight=weight,
                         voided=dice.random() < 0.08)  # fmt: skip


def _entries(dice: random.Random, lesson: str, columns: list[MarkColumn], pupil: str, day: date) -> Iterator[Record]:
    """Yield what stands of a pupil; now and then something that was entered of one who was not on the list."""
    listed = any(since <= day <= (until or day) for since, until in TIMES.get(pupil, ALL_YEAR))
    if not listed and dice.random() < 0.8:
        return
    fate = dice.random()
    if fate < 0.2:
        presence = "late" if fate < 0.06 else "present" if fate < 0.07 else "absent"
        yield Attendance(
            id=ids.attendance(lesson, pupil), lesson_id=lesson, pupil_id=pupil, presence=presence,  # type: ignore[arg-type]
            reason=dice.choice(("Б", "У", "", "", "Н")) if presence == "absent" else "",
            late_minutes=dice.choice((None, 5, 15, 20, 21, 30)) if presence == "late" else None,
            voided=dice.random() < 0.1,
        )  # fmt: skip
    for column in columns:
        if dice.random() < 0.45:
            value = dice.choice(PLAIN) if dice.random() < 0.9 else dice.choice(ODD)
            if "russian" in lesson and dice.random() < 0.2:
                value = f"{dice.choice(PLAIN)}/{dice.choice(PLAIN)}"
            yield Mark(id=ids.mark(column.id, pupil), mark_column_id=column.id, pupil_id=pupil,
                       value=value if dice.random() < 0.97 else None, comment=dice.choice(("", "", "к доске")),
                       voided=column.voided or dice.random() < 0.04)  # fmt: skip


def _decided(dice: random.Random, page: str, pupils: list[str]) -> Iterator[Record]:
    for pupil in pupils:
        if dice.random() < 0.75:
            yield PeriodMark(
                id=ids.period_mark(page, pupil, "quarter", 1), journal_page_id=page, pupil_id=pupil,
                period_kind="quarter", period_number=1, value=dice.choice((*PLAIN, "н/а", "зач", None)),
                justification=dice.choice(("", "контрольная")),
            )  # fmt: skip
    yield PageCompletion(id=ids.page_completion(page, "quarter", 1), journal_page_id=page, period_kind="quarter",
                         period_number=1, complete=dice.random() < 0.5)  # fmt: skip


def _register(dice: random.Random) -> Iterator[Record]:
    """Yield a register without overlaps, papers behind it, and papers that stand alone."""
    for number in range(1, 10):
        pupil, since = f"u-{number:02}", YEAR_START + timedelta(days=dice.randrange(60))
        until = since + timedelta(days=dice.randrange(6))
        first = dice.choice((None, None, 2, 3))
        paper = AbsenceDocument(id=f"paper-{number}", class_group_id=CLASS, pupil_id=pupil,
                                reason=dice.choice(("Б", "У")), since=since, until=until)  # fmt: skip
        if dice.random() < 0.8:
            yield RegisteredAbsence(
                id=f"away-{number}", class_group_id=CLASS, pupil_id=pupil, reason=dice.choice(("Б", "У")), since=since,
                until=until, first_lesson=first, last_lesson=dice.choice((None, 4)) if first else None,
                document_id=paper.id if dice.random() < 0.7 else None, voided=dice.random() < 0.1,
            )  # fmt: skip
        if dice.random() < 0.5:
            yield paper


def _plan(dice: random.Random) -> Iterator[Record]:
    page = page_of("s-algebra", CLASS)
    dated = dice.random() < 0.5
    for number in range(1, 61):
        yield PlannedLesson(
            id=ids.planned_lesson(page, f"r{number:02}"), journal_page_id=page, position=number * 1024,
            topic=f"Тема {dice.randrange(1, 9)}" if number < 9 else f"Дальше {number}", hours=dice.choice((1, 1, 2)),
            planned_on=YEAR_START + timedelta(days=4 * number) if dated else None, voided=dice.random() < 0.1,
        )  # fmt: skip
    yield CurriculumHours(id=ids.curriculum_hours("s-algebra", CLASS), subject_id="s-algebra", class_group_id=CLASS,
                          hours=102)  # fmt: skip
