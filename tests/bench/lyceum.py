"""A school of thirty-six classes for the rows that need many changes, and a week's work of one diligent teacher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count, islice
from typing import Any

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Pupil,
    Record,
    TeachingLoad,
)
from ejournal_desktop.models.journal import Journal
from tests.helpers.school import SURNAMES, YEAR_START

CLASSES, PUPILS = 36, 25
DAYS = (date(2026, 9, 8), date(2026, 9, 9), date(2026, 9, 10), date(2026, 9, 11), date(2026, 9, 14), date(2026, 9, 15))
COLUMNS = (("oral", 1), ("control", 1))


class Edit(Struct, frozen=True):
    """One edit of the door."""

    kind: str
    record: str
    fields: dict[str, Any]


def classes(count: int = CLASSES) -> Iterator[Record]:
    """Yield the records of the classes, taught by the teacher of the small school."""
    for number in range(1, count + 1):
        group = f"c-{number:02}"
        page = ids.journal_page("s-algebra", group)
        yield ClassGroup(id=group, school_year_id="y-2026", grade_level=5 + number % 7, letter="АБВГД"[number % 5])
        yield JournalPage(id=page, subject_id="s-algebra", class_group_id=group)
        yield TeachingLoad(id=f"l-{group}", journal_page_id=page, person_id="p-teacher", since=YEAR_START)
        for place in range(1, PUPILS + 1):
            pupil = f"u-{number:02}-{place:02}"
            last, first = SURNAMES[place - 1].split()
            yield Pupil(id=pupil, last_name=last, first_name=first)
            yield Enrolment(id=f"e-{pupil}", pupil_id=pupil, class_group_id=group, since=YEAR_START, position=place)


def week() -> Iterator[Edit]:
    """Yield a week of lessons, topics, homework and marks, class after class: about 12,000 edits."""
    for number in range(1, CLASSES + 1):
        page = ids.journal_page("s-algebra", f"c-{number:02}")
        for day in DAYS:
            lesson = ids.lesson(page, day, 2)
            yield Edit("Lesson", lesson, {"journal_page_id": page, "held_on": day.isoformat(), "lesson_number": 2})
            yield Edit("Lesson", lesson, {"topic": f"Тождества, урок {day:%d.%m}"})
            yield Edit("Lesson", lesson, {"homework": f"§ {day.day}, № {day.day * 7}–{day.day * 7 + 5}"})
            for kind, ordinal in COLUMNS:
                column = ids.mark_column(lesson, kind, ordinal)
                yield Edit("MarkColumn", column, {"lesson_id": lesson, "work_kind_id": kind, "ordinal": ordinal})
                for place in range(1, PUPILS + 1):
                    pupil = f"u-{number:02}-{place:02}"
                    fields = {"mark_column_id": column, "pupil_id": pupil, "value": str(3 + place % 3)}
                    yield Edit("Mark", ids.mark(column, pupil), fields)


def term() -> Iterator[Edit]:
    """Yield the week and then, without an end, its marks one after the other with another value."""
    entered = list(week())
    yield from entered
    marks = [edit for edit in entered if edit.kind == "Mark"]
    for round_ in count(1):
        for edit in marks:
            yield Edit("Mark", edit.record, {"value": str(2 + (int(edit.fields["value"]) + round_) % 4)})


def enter(journal: Journal, edits: Iterator[Edit], number: int) -> None:
    """Enter the next edits at the desk, five hundred to a transaction."""
    left = number
    while left:
        with journal.write() as write:
            for edit in islice(edits, min(left, 500)):
                assert write.put(edit.kind, edit.record, edit.fields) is not None
        left -= min(left, 500)
    journal.flush()
