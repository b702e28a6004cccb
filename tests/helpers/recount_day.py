"""What Сегодня counts beside what `tests.helpers.recount` counts: lessons, works, who does not fit, who is away."""

from __future__ import annotations

from collections import Counter
from datetime import date
from types import SimpleNamespace as Row
from typing import Any

from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from tests.helpers.recount import END_OF_TIME, Recount
from tests.helpers.recount_screens import differences


def today(journal: Journal, count: Recount) -> list[str]:
    """Compare the counts of all lines of Сегодня on the desk of a teacher."""
    person = journal.identity.person_id
    rows = [row for row in queries.due(journal) if row.page.id in count.pages]
    shown = {
        "lessons": {row.page.id: row.number for row in rows if row.what == "lessons"},
        "works": {row.id.removeprefix("marks "): len(row.pupils) for row in rows if row.what == "marks"},
        "what does not fit": {row.lesson_id: len(row.pupils) for row in rows if row.what == "wrong"},
    }
    counted: dict[str, dict[str, int]] = {name: {} for name in shown}
    for page in own_pages(count, person):
        lessons = own_lessons(count, page, person)
        waiting = sum(day < count.today and not (lesson is not None and lesson.held and lesson.topic)
                      for day, lesson in lessons)  # fmt: skip
        entered = [lesson for day, lesson in lessons if lesson is not None and day <= count.today]
        counted["lessons"] |= {page: waiting} if waiting else {}
        counted["works"] |= dict(item for lesson in entered for item in works(count, lesson))
        wrong = {lesson.id: doubtful(count, lesson) for lesson in entered}
        counted["what does not fit"] |= {lesson_id: number for lesson_id, number in wrong.items() if number}
    sides: list[tuple[str, Any, Any]] = [
        (f"{name} {place}", shown[name].get(place), counted[name].get(place))
        for name in shown
        for place in sorted(shown[name].keys() | counted[name].keys())
    ]
    return differences("Сегодня", iter([*sides, *_day(journal, count)]))


def _day(journal: Journal, count: Recount) -> list[tuple[str, Any, Any]]:
    sides: list[tuple[str, Any, Any]] = []
    lessons = queries.today(journal, date.fromisoformat(count.today)).lessons
    for lesson in (each for each in lessons if each.page.id in count.pages):
        place = Row(id=lesson.lesson_id, held_on=count.today, lesson_number=lesson.lesson_number)
        listed = [p.id for p in count.rows["Pupil"] if count.on_page(p.id, lesson.page.id, count.today)]
        absent = [a for a in count.attendance if a.lesson_id == place.id and a.presence == "absent"]
        sides += [
            (f"{place.id}, absent", len(lesson.absent), sum(a.pupil_id in listed for a in absent)),
            (f"{place.id}, known", len(lesson.known_absent), sum(bool(count.register_says(p, place)) for p in listed)),
        ]
    return sides


def own_pages(count: Recount, person: str) -> list[str]:
    """Return the pages that a person teaches today, and those of which he or she gives a lesson."""
    given = {lesson.journal_page_id for lesson in count.lessons.values() if lesson.teacher_id == person}
    return sorted(given | {page for page in count.pages if teaches(count, page, person, count.today)})


def teaches(count: Recount, page: str, person: str, day: str) -> bool:
    """Say whether a person has the load of a page on a day."""
    return any(load.journal_page_id == page and load.person_id == person
               and load.since <= day <= (load.until or END_OF_TIME) for load in count.rows["TeachingLoad"])  # fmt: skip


def own_lessons(count: Recount, page: str, person: str) -> list[tuple[str, Row | None]]:
    """Return the lessons of the periods that have begun which the person gives, entered and foreseen."""
    begun = [days for days in count.periods.values() if days[0] <= count.today]
    first, last = min(days[0] for days in begun), max(days[1] for days in begun)
    return [(day, lesson) for day, lesson in count.in_time(page) if first <= day <= last
            and ((lesson is not None and lesson.teacher_id == person)
                 or ((lesson is None or lesson.teacher_id is None) and teaches(count, page, person, day)))]  # fmt: skip


def works(count: Recount, lesson: Row) -> list[tuple[str, int]]:
    """Return the works of a lesson that wait: without any mark, or with who was there and has none in a work of all."""
    found = []
    for column in (each for each in count.columns.values() if each.lesson_id == lesson.id):
        marked = {mark.pupil_id for mark in count.marks if mark.mark_column_id == column.id}
        away = {row.pupil_id for row in count.attendance if row.lesson_id == lesson.id and row.presence == "absent"}
        lacking = [pupil.id for pupil in count.rows["Pupil"] if pupil.id not in marked | away
                   and count.on_page(pupil.id, lesson.journal_page_id, lesson.held_on)]  # fmt: skip
        if not marked:
            found.append((column.id, 0))
        elif count.kinds[column.work_kind_id].whole_class and lacking:
            found.append((column.id, len(lacking)))
    return found


def doubtful(count: Recount, lesson: Row) -> int:
    """Return of how many pupils the entries at a lesson cannot all be true."""
    of_lesson = [mark.pupil_id for mark in count.marks if count.columns[mark.mark_column_id].lesson_id == lesson.id]
    marked, number = Counter(of_lesson), 0
    entered = {row.pupil_id: row for row in count.attendance if row.lesson_id == lesson.id}
    for pupil in (each.id for each in count.rows["Pupil"]):
        if not count.on_page(pupil, lesson.journal_page_id, lesson.held_on):
            continue
        row = entered.get(pupil)
        if row is None or row.presence == "present":
            number += bool(count.register_says(pupil, lesson)) and bool(marked[pupil] or lesson.held)
            continue
        code = count.codes.get(row.reason)
        absent_with_a_mark = row.presence == "absent" and marked[pupil] and not count.policy.allow_mark_when_absent
        number += bool(absent_with_a_mark or (code is not None and code.late != (row.presence == "late")))
    return number
