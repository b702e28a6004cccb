"""Entries of a journal page that cannot all be true, lesson by lesson."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from ejournal_core import ids
from ejournal_core.contradictions import contradiction
from ejournal_core.kinds import JournalPage, Lesson
from ejournal_core.policy import Policy
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.cells import Absences, rows_of_page
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES


def contradictory(
    around: Surroundings, policy: Policy, page: JournalPage, lessons: Iterable[Lesson]
) -> dict[str, list[PupilRow]]:
    """Return the pupils of whom something does not fit, by lesson id; lessons without any are left out."""
    pupils = around.pupils_of(page)
    entered = {(row.lesson_id, row.pupil_id): row for row in rows_of_page(around.connection, "Attendance", page.id)
               if row.presence != "present"}  # fmt: skip
    register = Absences(around, [pupil.pupil_id for pupil in pupils])
    doubtful = register.pupils | {pupil_id for _lesson, pupil_id in entered}
    if not doubtful:
        return {}
    marked = _marked(around.connection, page.id, doubtful)
    found: dict[str, list[PupilRow]] = defaultdict(list)
    for lesson in lessons:
        for pupil in pupils:
            key = lesson.id, pupil.pupil_id
            row = entered.get(key)
            if row is None and pupil.pupil_id not in register.pupils:
                continue  # there as everybody is, and nobody says otherwise
            wrong = contradiction(
                policy, row.presence if row else "present", row.reason if row else "", has_marks=key in marked,
                known_away=register.known(pupil.pupil_id, lesson.held_on, lesson.lesson_number) is not None,
                held=lesson.held,
            )  # fmt: skip
            if wrong and pupil.present_in_class(lesson.held_on):
                found[lesson.id].append(pupil)
    return found


def _marked(connection: sa.Connection, page_id: str, pupil_ids: Iterable[str]) -> set[tuple[str, str]]:
    between = {"first": page_id + ids.SEPARATOR, "last": page_id + chr(ord(ids.SEPARATOR) + 1)}
    rows = connection.execute(_MARKS, between | {"pupils": list(pupil_ids)})
    return {(ids.mark_column_parts(row.mark_column_id)[0], row.pupil_id) for row in rows}


_MARK = TABLES["Mark"]
_MARKS = sa.select(_MARK.c.mark_column_id, _MARK.c.pupil_id).where(
    _MARK.c.id >= sa.bindparam("first"),
    _MARK.c.id < sa.bindparam("last"),
    _MARK.c.voided.is_(False),
    _MARK.c.value.is_not(None),
    _MARK.c.pupil_id.in_(sa.bindparam("pupils", expanding=True)),
)
