"""Who was at the lesson (the teacher's fact) and why not (the class teacher's)."""

from __future__ import annotations

from collections.abc import Sequence

from ejournal_core import ids
from ejournal_core.kinds import Attendance, Presence
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import begin_lesson, ensure_lesson
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write


def set_presence(
    journal: Journal,
    lesson_id: str,
    pupil_id: str,
    presence: Presence,
    late_minutes: int | None = None,
    *,
    holds: bool = False,
) -> ChangeSet:
    """Отметить присутствие, отсутствие или опоздание на уроке.

    Args:
        late_minutes: only with "late".
        holds: who is away or late was away from a lesson that took place: say so, where nobody has.
    """
    with journal.write() as write:
        enter_presence(write, lesson_id, pupil_id, presence, late_minutes, holds=holds)
    return write.changes


def enter_presence(
    write: Write,
    lesson_id: str,
    pupil_id: str,
    presence: Presence,
    late_minutes: int | None = None,
    *,
    holds: bool = False,
) -> None:
    """Do inside a write what `set_presence` does in one of its own."""
    (begin_lesson if holds and presence != "present" else ensure_lesson)(write, lesson_id)
    write.edit(
        Attendance,
        ids.attendance(lesson_id, pupil_id),
        lesson_id=lesson_id,
        pupil_id=pupil_id,
        presence=presence,
        late_minutes=late_minutes if presence == "late" else None,
    )


def mark_known_absent(journal: Journal, lesson_id: str, pupil_ids: Sequence[str], *, holds: bool = False) -> ChangeSet:
    """Отметить отсутствующими тех, об отсутствии которых знает классный руководитель; отменяется одним шагом."""
    with journal.write() as write:
        (begin_lesson if holds else ensure_lesson)(write, lesson_id)
        for pupil_id in pupil_ids:
            record = ids.attendance(lesson_id, pupil_id)
            write.edit(Attendance, record, lesson_id=lesson_id, pupil_id=pupil_id, presence="absent", late_minutes=None)
    return write.changes


def set_reason(journal: Journal, lesson_id: str, pupil_id: str, reason: str) -> ChangeSet:
    """Указать причину пропуска кодом школы («Б», «У»); пустая строка снимает причину."""
    with journal.write() as write:
        enter_reason(write, lesson_id, pupil_id, reason)
    return write.changes


def enter_reason(write: Write, lesson_id: str, pupil_id: str, reason: str) -> None:
    """Do inside a write what `set_reason` does in one of its own."""
    write.edit(Attendance, ids.attendance(lesson_id, pupil_id), lesson_id=lesson_id, pupil_id=pupil_id, reason=reason)
