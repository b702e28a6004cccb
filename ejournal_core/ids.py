"""Identifiers: random ones for things people invent, derived ones for facts, so that two desks make one record.

An invented thing (pupil, person, class group, subject) gets a UUIDv7 (RFC 9562, section 5.7) written as 32
hexadecimal digits. A fact gets the ids of its parts side by side, joined by ".": the id of a mark is the id of its
column and of its pupil. The parts are ordered by time and stay so, which keeps database indexes compact.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date

SEPARATOR = "."

Entropy = Callable[[int], bytes]
MillisecondClock = Callable[[], int]


def new_id(now_ms: MillisecondClock | None = None, entropy: Entropy = os.urandom) -> str:
    """Return a fresh UUIDv7 as 32 hexadecimal digits.

    Its time part is for locality only and decides nothing. Clock and entropy are parameters so that simulations
    can replay them.
    """
    milliseconds = (now_ms or _wall_clock_ms)() & 0xFFFF_FFFF_FFFF
    random = int.from_bytes(entropy(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    return f"{value:032x}"


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


def join(*parts: str) -> str:
    """Return the derived id made of `parts`."""
    return SEPARATOR.join(parts)


def journal_page(subject_id: str, group_id: str) -> str:
    """Return the id of a journal page: a subject and a class group or subgroup, both of one year."""
    return join(subject_id, group_id)


def lesson(journal_page_id: str, planned_on: date, planned_number: int) -> str:
    """Return the id of a lesson: its page, planned date and planned number, frozen at birth."""
    return join(journal_page_id, f"{planned_on:%Y%m%d}", str(planned_number))


def lesson_parts(lesson_id: str) -> tuple[str, date, int]:
    """Return (journal page id, planned date, planned number) of a lesson id."""
    page, day, number = lesson_id.rsplit(SEPARATOR, 2)
    return page, date(int(day[:4]), int(day[4:6]), int(day[6:8])), int(number)


def is_lesson(lesson_id: str, journal_page_id: str) -> bool:
    """Say whether the id is one that `lesson` makes of this page: others, built upon it, would lie elsewhere."""
    try:
        page, day, number = lesson_parts(lesson_id)
    except ValueError:
        return False
    return page == journal_page_id and number >= 0 and lesson(page, day, number) == lesson_id


def mark_column(lesson_id: str, work_kind_id: str, ordinal: int) -> str:
    """Return the id of a mark column: the lesson, the kind of work and the ordinal (from 1) within that kind."""
    return join(lesson_id, work_kind_id, str(ordinal))


def mark_column_parts(mark_column_id: str) -> tuple[str, str, int]:
    """Return (lesson id, work kind id, ordinal) of a mark column id."""
    lesson_id, work_kind_id, ordinal = mark_column_id.rsplit(SEPARATOR, 2)
    return lesson_id, work_kind_id, int(ordinal)


def mark(mark_column_id: str, pupil_id: str) -> str:
    """Return the id of a mark: its column and its pupil."""
    return join(mark_column_id, pupil_id)


def attendance(lesson_id: str, pupil_id: str) -> str:
    """Return the id of the attendance of one pupil at one lesson."""
    return join(lesson_id, pupil_id)


def mark_parts(mark_id: str) -> tuple[str, str]:
    """Return (mark column id, pupil id) of a mark id."""
    column_id, pupil_id = mark_id.rsplit(SEPARATOR, 1)
    return column_id, pupil_id


def attendance_parts(attendance_id: str) -> tuple[str, str]:
    """Return (lesson id, pupil id) of an attendance id."""
    lesson_id, pupil_id = attendance_id.rsplit(SEPARATOR, 1)
    return lesson_id, pupil_id


def lesson_of(kind: str, record_id: str) -> str | None:
    """Return the lesson that a fact belongs to, None for what is not about one lesson."""
    if kind == "Lesson":
        return record_id
    if kind == "MarkColumn":
        return mark_column_parts(record_id)[0]
    if kind == "Mark":
        return mark_column_parts(record_id.rsplit(SEPARATOR, 1)[0])[0]
    if kind in ("Attendance", "HomeworkFile", "PupilRemark"):
        return record_id.rsplit(SEPARATOR, 1)[0]
    return None


def homework_file(lesson_id: str, own: str) -> str:
    """Return the id of a file attached to a lesson: the lesson and an id of its own (`new_id`)."""
    return join(lesson_id, own)


def pupil_remark(lesson_id: str, own: str) -> str:
    """Return the id of a remark about a pupil at a lesson: the lesson and an id of its own (`new_id`)."""
    return join(lesson_id, own)


def special_group(journal_page_id: str, pupil_id: str) -> str:
    """Return the id of a pupil's time in the special medical group on a page."""
    return join(journal_page_id, pupil_id)


def period_mark(journal_page_id: str, pupil_id: str, period_kind: str, period_number: int) -> str:
    """Return the id of a period mark: page, pupil, kind and number of the period."""
    return join(journal_page_id, pupil_id, period_kind, str(period_number))


def period_mark_parts(period_mark_id: str) -> tuple[str, str, str, int]:
    """Return (journal page id, pupil id, kind of period, its number) of a period mark id."""
    page_id, pupil_id, period_kind, number = period_mark_id.rsplit(SEPARATOR, 3)
    return page_id, pupil_id, period_kind, int(number)


def page_completion(journal_page_id: str, period_kind: str, period_number: int) -> str:
    """Return the id of the statement that a page's period marks are complete: page, kind and number of the period."""
    return join(journal_page_id, period_kind, str(period_number))


def curriculum_hours(subject_id: str, class_group_id: str) -> str:
    """Return the id of the yearly hours of a subject for a class."""
    return join(subject_id, class_group_id)


def lesson_plan(journal_page_id: str) -> str:
    """Return the id of the plan of a page: there is one."""
    return join(journal_page_id, "plan")


def planned_lesson(journal_page_id: str, own: str) -> str:
    """Return the id of a row of a page's plan: the page and an id of its own (`new_id`)."""
    return join(journal_page_id, own)


def epoch(number: int) -> str:
    """Return the id of the record that opens an epoch of the log."""
    return join("epoch", str(number))


def epoch_number(epoch_id: str) -> int:
    """Return the number of an epoch from the id of its record.

    Raises:
        ValueError: it is no such id.
    """
    return int(epoch_id.removeprefix("epoch" + SEPARATOR))


def period_closing(class_group_id: str, grading_period_id: str) -> str:
    """Return the id of the closing of a grading period for a class group."""
    return join(class_group_id, grading_period_id)


def pupil_file(class_group_id: str, pupil_id: str) -> str:
    """Return the id of what a class's office keeps about a pupil."""
    return join(class_group_id, pupil_id)


def guardian(class_group_id: str, pupil_id: str, own: str) -> str:
    """Return the id of a guardian: the class whose office keeps it, the pupil, an id of its own (`new_id`)."""
    return join(class_group_id, pupil_id, own)


def bell_of_day(day: date, lesson_number: int) -> str:
    """Return the id of a lesson of a day's own bells: two desks that enter them enter the same."""
    return join(f"{day:%Y%m%d}", "bell", str(lesson_number))


def subgroup_member(subgroup_id: str, pupil_id: str) -> str:
    """Return the id of a pupil's membership in a subgroup."""
    return join(subgroup_id, pupil_id)
