"""A small school whose first quarter is closed, and the deputy's desk with teachers' requests about it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ejournal_core import ids
from ejournal_core.kinds import Lesson, Mark, MarkColumn, PeriodClosing
from ejournal_desktop.models.commands.requests import ask_correction
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool, desk_of, small_school

LESSON = ids.lesson(ids.journal_page("s-algebra", "c-7b"), date(2026, 9, 15), 3)
COLUMN = ids.mark_column(LESSON, "oral", 1)
CLOSED = PeriodClosing(
    id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1", closed=True
)
PUPILS = tuple(f"u-{number:02}" for number in range(1, 26))


def mark_id(pupil: str) -> str:
    """Return the id of a pupil's mark at the lesson."""
    return ids.mark(COLUMN, pupil)


def closed_school(pupils: tuple[str, ...] = PUPILS) -> SmallSchool:
    """Return the school with a lesson in the closed quarter at which these pupils have a four."""
    page, day = ids.lesson_parts(LESSON)[:2]
    return small_school(extra=(
        Lesson(id=LESSON, journal_page_id=page, held_on=day, lesson_number=3),
        MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral"),
        *(Mark(id=mark_id(each), mark_column_id=COLUMN, pupil_id=each, value="4") for each in pupils),
        CLOSED,
    ))  # fmt: skip


def deputy_with_requests(folder: Path, number: int, school: SmallSchool | None = None) -> Journal:
    """Return the deputy's desk after a teacher has asked for so many corrections, from the fourth pupil on."""
    school = school or closed_school()
    server = PocketServer(school)
    teacher = desk_of(school, school.teacher, folder / "teacher")
    for place in range(number):
        pupil = PUPILS[(place + 3) % len(PUPILS)]
        ask_correction(teacher, "Mark", mark_id(pupil), f"в тетради {pupil}", value="5")
    server.push(teacher.outbox())
    teacher.close()
    deputy = desk_of(school, school.deputy, folder / "deputy")
    deputy.apply(*server.pull(0))
    return deputy
