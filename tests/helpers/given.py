"""Every set of things that can stand at a lesson: desk, server and rules have to say the same of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, combinations

from ejournal_core import ids
from ejournal_core.kinds import Attendance, HomeworkFile, Lesson, Mark, MarkColumn, PupilRemark, Record

#: What can stand there → the kind that is entered by it, "" where it says nothing.
THINGS = {
    "column": "", "emptied mark": "", "mark": "Mark", "struck mark": "", "present": "", "late": "Attendance",
    "struck absence": "", "remark": "PupilRemark", "file": "HomeworkFile",
}  # fmt: skip
#: Sets of things: none, each alone, each two, and all.
SETS = tuple(chain.from_iterable(combinations(THINGS, number) for number in (0, 1, 2, len(THINGS))))


def standing(page: str, first: date, pupils: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str], list[Record]]]:
    """Yield lesson id, the kinds that are entered there, and its records; lessons 1 and 11 lie side by side."""
    for number, things in enumerate(SETS):
        day, hour = first + timedelta(days=number // 2), 1 if number % 2 else 11
        lesson = Lesson(id=ids.lesson(page, day, hour), journal_page_id=page, held_on=day, lesson_number=hour)
        told = frozenset(THINGS[each] for each in things) - {""}
        yield lesson.id, told, [lesson, *(record for each in things for record in _records(each, lesson.id, pupils))]


def _records(thing: str, lesson: str, pupils: tuple[str, ...]) -> list[Record]:
    """Return the records of one thing; each speaks of another pupil and of a column of its own."""
    pupil, ordinal = pupils[list(THINGS).index(thing) % len(pupils)], list(THINGS).index(thing) + 1
    column = MarkColumn(id=ids.mark_column(lesson, "oral", ordinal), lesson_id=lesson, work_kind_id="oral",
                        ordinal=ordinal)  # fmt: skip
    absence = Attendance(id=ids.attendance(lesson, pupil), lesson_id=lesson, pupil_id=pupil)
    match thing:
        case "column":
            return [column]
        case "emptied mark" | "mark" | "struck mark":
            value = None if thing == "emptied mark" else "5"
            return [column, Mark(id=ids.mark(column.id, pupil), mark_column_id=column.id, pupil_id=pupil, value=value,
                                 voided=thing == "struck mark")]  # fmt: skip
        case "present":
            return [absence]
        case "late":
            return [Attendance(id=absence.id, lesson_id=lesson, pupil_id=pupil, presence="late")]
        case "struck absence":
            return [Attendance(id=absence.id, lesson_id=lesson, pupil_id=pupil, presence="absent", voided=True)]
        case "remark":
            return [PupilRemark(id=f"{lesson}.{ids.new_id()}", lesson_id=lesson, pupil_id=pupil, remark_kind="praise",
                                text="Помогла новенькой.")]  # fmt: skip
        case _:
            return [HomeworkFile(id=f"{lesson}.{ids.new_id()}", lesson_id=lesson, title="задание.pdf", size=10,
                                 sha256="0" * 64, media_type="application/pdf")]  # fmt: skip
