"""Change one day: a lesson is called off, put back, or moved to another hour or day."""

from __future__ import annotations

from datetime import date

from ejournal_core.kinds import Lesson
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import ensure_lesson, lesson_identity
from ejournal_desktop.models.journal import Journal


def call_off(journal: Journal, lesson_id: str, reason: str) -> ChangeSet:
    """Отменить урок: его не будет; что к нему записано заранее, остаётся.

    Raises:
        Refusal: another person's right (EJ-571), no reason (EJ-572), or the lesson was given already (EJ-570).
    """
    with journal.write() as write:
        born = {} if write.exists(Lesson, lesson_id) else lesson_identity(lesson_id)
        write.edit(Lesson, lesson_id, **born, cancelled=" ".join(reason.split()) or " ")
    return write.changes


def put_back(journal: Journal, lesson_id: str) -> ChangeSet:
    """Вернуть отменённый урок в расписание.

    Raises:
        Refusal: another person's right (EJ-571).
    """
    with journal.write() as write:
        write.edit(Lesson, lesson_id, cancelled="")
    return write.changes


def move_lesson(journal: Journal, lesson_id: str, day: date, lesson_number: int) -> ChangeSet:
    """Перенести урок на другой час или день; его запись остаётся той же, и всё при ней.

    Raises:
        Refusal: another person's right (EJ-210), the lesson was given already (EJ-570), or the day does not fit.
    """
    with journal.write() as write:
        ensure_lesson(write, lesson_id)
        write.edit(Lesson, lesson_id, held_on=day, lesson_number=lesson_number)
    return write.changes
