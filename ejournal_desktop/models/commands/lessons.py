"""What a teacher does with a lesson: its topic, its homework, that it was held."""

from __future__ import annotations

from typing import Any

from ejournal_core import ids
from ejournal_core.kinds import Lesson
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write


def set_topic(journal: Journal, lesson_id: str, topic: str) -> ChangeSet:
    """Записать тему урока."""
    return _set(journal, lesson_id, topic=topic)


def set_homework(journal: Journal, lesson_id: str, homework: str) -> ChangeSet:
    """Записать домашнее задание."""
    return _set(journal, lesson_id, homework=homework)


def set_late_reason(journal: Journal, lesson_id: str, reason: str) -> ChangeSet:
    """Записать, почему урок внесён позже срока."""
    return _set(journal, lesson_id, late_reason=" ".join(reason.split()))


def hold_lesson(journal: Journal, lesson_id: str, held: bool = True) -> ChangeSet:
    """Отметить, что урок проведён (или снять отметку)."""
    return _set(journal, lesson_id, held=held)


def ensure_lesson(write: Write, lesson_id: str) -> None:
    """Make the record of a lesson known from the timetable when nobody has entered anything yet."""
    if not write.exists(Lesson, lesson_id):
        write.edit(Lesson, lesson_id, **lesson_identity(lesson_id))


def begin_lesson(write: Write, lesson_id: str) -> None:
    """Make the record of a lesson at which somebody is marked, and say that it took place.

    A lesson of a day to come stays as it is.
    """
    known = write.facts.get(Lesson, lesson_id)
    if known is not None and known.held:
        return
    begins = (known.held_on if known is not None else ids.lesson_parts(lesson_id)[1]) <= write.facts.today()
    if known is None and not write.exists(Lesson, lesson_id):
        write.edit(Lesson, lesson_id, **lesson_identity(lesson_id), held=begins)
    elif begins:
        write.edit(Lesson, lesson_id, held=True)


def _set(journal: Journal, lesson_id: str, **fields: Any) -> ChangeSet:
    with journal.write() as write:
        born = {} if write.exists(Lesson, lesson_id) else lesson_identity(lesson_id)
        write.edit(Lesson, lesson_id, **born, **fields)
    return write.changes


def lesson_identity(lesson_id: str) -> dict[str, Any]:
    """Return the fields that a lesson is born with: they follow from its id."""
    page_id, day, number = ids.lesson_parts(lesson_id)
    return {"journal_page_id": page_id, "held_on": day, "lesson_number": number}
