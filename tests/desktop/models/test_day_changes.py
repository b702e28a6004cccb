"""A lesson that is called off waits for nothing, and its topic goes on to the next one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import Lesson, PlannedLesson, Record
from ejournal_desktop.models import queries
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.models.queries.lesson_plans import lesson_plan, offers
from tests.helpers.school import SmallSchool, desk_of, small_school

MONDAY, FRIDAY = date(2026, 9, 14), date(2026, 9, 18)
REASON = "актированный день"


def school_with(**fields: object) -> SmallSchool:
    """Return the school; Monday's lesson of algebra, the last before today, and Friday's, the next one, are so."""
    page = ids.journal_page("s-algebra", "c-7b")
    days = [(MONDAY, 2), (FRIDAY, 1)]
    lessons = [
        Lesson(id=ids.lesson(page, day, number), journal_page_id=page, held_on=day, lesson_number=number, **fields)  # type: ignore[arg-type]
        for day, number in days
    ]
    rows = [PlannedLesson(id=ids.planned_lesson(page, f"{n:02}"), journal_page_id=page, position=n, topic=f"Тема {n}")
            for n in range(1, 90)]  # fmt: skip
    extra: list[Record] = [*lessons, *rows]
    return small_school(extra=extra)


@pytest.mark.parametrize(("fields", "is_due"), [({}, True), ({"cancelled": REASON}, False),
                                                ({"cancelled": REASON, "held": True}, True)],
                         ids=["stands", "called off", "given all the same"])  # fmt: skip
def test_nothing_of_a_lesson_called_off_is_due(tmp_path: Path, fields: dict[str, object], is_due: bool) -> None:
    school = school_with(**fields)
    journal = desk_of(school, school.teacher, tmp_path)
    (lesson,) = queries.today(journal, MONDAY).lessons
    lost = {row.lesson_id for row in lesson_plan(journal, school.page).lost}
    topic = offers(journal, school.lesson(FRIDAY, 1)).topic
    (waiting,) = [row.number for row in due(journal) if row.what == "lessons"]
    journal.close()
    assert bool(lesson.items) is is_due
    assert lesson.cancelled == ("" if is_due else REASON)
    assert waiting == (6 if is_due else 5), "Mondays, Tuesdays and Fridays of the month before today"
    assert (school.lesson(FRIDAY, 1) in lost) is not is_due, "one to come that is called off is lost already"
    assert (topic is not None) is is_due
