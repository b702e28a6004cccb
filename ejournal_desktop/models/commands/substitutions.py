"""Give a lesson instead of its teacher, and say who does."""

from __future__ import annotations

from typing import Any

from ejournal_core import ids
from ejournal_core.kinds import Lesson
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def declare_substitution(journal: Journal, lesson_id: str) -> ChangeSet:
    """Веду замену: открыть урок чужой страницы и заполнять его; официально — после подтверждения (P38).

    Needs the directory alone, so it works offline at any PC.

    Raises:
        Refusal: in this school the dispatcher records substitutions (EJ-239), or the day does not fit.
    """
    return assign_substitute(journal, lesson_id, journal.identity.person_id)


def assign_substitute(journal: Journal, lesson_id: str, person_id: str) -> ChangeSet:
    """Назначить замену: урок даёт другой человек; это делает тот, кто ведёт расписание.

    Raises:
        Refusal: another person's right (EJ-210), or the lesson was given already (EJ-246).
    """
    return _say_who_gives(journal, lesson_id, person_id)


def take_substitute_away(journal: Journal, lesson_id: str) -> ChangeSet:
    """Убрать замену: урок снова даёт его учитель.

    Raises:
        Refusal: as above.
    """
    return _say_who_gives(journal, lesson_id, None)


def _say_who_gives(journal: Journal, lesson_id: str, person_id: str | None) -> ChangeSet:
    page_id, day, number = ids.lesson_parts(lesson_id)
    with journal.write() as write:
        known = write.facts.get(Lesson, lesson_id)
        identity: dict[str, Any] = (
            {} if known else {"journal_page_id": page_id, "held_on": day, "lesson_number": number}
        )
        write.edit(Lesson, lesson_id, **identity, teacher_id=person_id)
    return write.changes
