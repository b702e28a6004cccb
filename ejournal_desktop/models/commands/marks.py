"""What a teacher does with marks."""

from __future__ import annotations

from itertools import count
from typing import Any

import sqlalchemy as sa

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Mark, MarkColumn, PeriodKind, PeriodMark
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import begin_lesson, ensure_lesson
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES
from ejournal_desktop.models.write import Write

#: Kind of work of the column that a first mark at a lesson makes.
USUAL_WORK_KIND = "oral"


def put_mark(
    journal: Journal,
    lesson_id: str,
    mark_column_id: str | None,
    pupil_id: str,
    value: str | None,
    comment: str | None = None,
    *,
    holds: bool = False,
) -> ChangeSet:
    """Поставить, изменить или снять отметку.

    Args:
        lesson_id: may be known from the timetable only; its record is made with the first entry.
        mark_column_id: None for the lesson's first column of the usual kind, made when missing.
        value: as on the scale ("5", "5/4", "зач"), None to take the mark away.
        comment: None leaves the present comment.
        holds: a mark is given at a lesson that took place: say so, where nobody has.

    Raises:
        Refusal: a rule says no; nothing was changed.
    """
    with journal.write() as write:
        enter_mark(write, lesson_id, mark_column_id, pupil_id, value, comment, holds=holds)
    return write.changes


def enter_mark(
    write: Write,
    lesson_id: str,
    mark_column_id: str | None,
    pupil_id: str,
    value: str | None,
    comment: str | None = None,
    *,
    holds: bool = False,
) -> None:
    """Do inside a write what `put_mark` does in one of its own."""
    column_id = mark_column_id or usual_column(write.connection, lesson_id)
    (begin_lesson if holds and value is not None else ensure_lesson)(write, lesson_id)
    ensure_column(write, column_id)
    fields: dict[str, Any] = {} if comment is None else {"comment": comment}
    fields |= {} if value else {"document": ""}  # the paper goes with the mark that it was brought for
    write.edit(Mark, ids.mark(column_id, pupil_id), mark_column_id=column_id, pupil_id=pupil_id, value=value, **fields)


def add_mark_column(journal: Journal, lesson_id: str, work_kind_id: str, title: str = "") -> ChangeSet:
    """Добавить столбец отметок за работу этого вида; второй работе того же вида достаётся следующий номер."""
    with journal.write() as write:
        ensure_lesson(write, lesson_id)
        make_column(write, next_column(write, lesson_id, work_kind_id), title)
    return write.changes


def next_column(write: Write, lesson_id: str, work_kind_id: str) -> str:
    """Return the id of the lesson's next column of a kind: those struck out keep their numbers."""
    ordinal = 1
    while write.exists(MarkColumn, ids.mark_column(lesson_id, work_kind_id, ordinal)):
        ordinal += 1
    return ids.mark_column(lesson_id, work_kind_id, ordinal)


def usual_column(connection: sa.Connection, lesson_id: str) -> str:
    """Return the id of the column that a first mark at the lesson stands in: the first that is not struck out."""
    struck_out = set(connection.execute(_STRUCK_OUT, {"lesson": lesson_id}).scalars())
    places = (ids.mark_column(lesson_id, USUAL_WORK_KIND, ordinal) for ordinal in count(1))
    return next(column for column in places if column not in struck_out)


def put_period_mark(
    journal: Journal,
    journal_page_id: str,
    pupil_id: str,
    period_kind: PeriodKind,
    period_number: int,
    value: str | None,
    justification: str = "",
) -> ChangeSet:
    """Поставить, изменить или снять отметку за период, год, экзамен или итоговую."""
    with journal.write() as write:
        enter_period_mark(write, journal_page_id, pupil_id, period_kind, period_number, value, justification)
    return write.changes


def enter_period_mark(
    write: Write,
    journal_page_id: str,
    pupil_id: str,
    period_kind: PeriodKind,
    period_number: int,
    value: str | None,
    justification: str = "",
) -> None:
    """Do inside a write what `put_period_mark` does in one of its own."""
    fields: dict[str, Any] = {} if value else {"document": ""}
    write.edit(
        PeriodMark,
        ids.period_mark(journal_page_id, pupil_id, period_kind, period_number),
        **fields,
        journal_page_id=journal_page_id,
        pupil_id=pupil_id,
        period_kind=period_kind,
        period_number=period_number,
        value=value,
        justification=justification,
    )


def name_document(journal: Journal, kind: type[Mark | PeriodMark], record_id: str, document: str) -> ChangeSet:
    """Назвать документ, с которым отметку принесли из другого учреждения (S1-2.3.5): номер, дата, откуда; "" — нет.

    Raises:
        Refusal: there is no mark to name it for (EJ-278), or a rule says no; nothing was changed.
    """
    with journal.write() as write:
        stands = write.facts.get(kind, record_id)
        if stands is None or not stands.value:
            raise Refusal("EJ-278", "Документ называют у поставленной отметки: сначала сама отметка.")
        write.edit(kind, record_id, document=document.strip())
    return write.changes


def ensure_column(write: Write, column_id: str) -> None:
    """Make the record of a column of marks when nobody has yet."""
    if write.facts.get(MarkColumn, column_id) is None:
        make_column(write, column_id)


def make_column(write: Write, column_id: str, title: str = "", why: str = "", **fields: Any) -> None:
    """Make the record of a column that is not there yet; `fields` are others than what its id says."""
    write.edit(MarkColumn, column_id, why=why, **column_identity(column_id), title=title, **fields)


def column_identity(column_id: str) -> dict[str, Any]:
    """Return the fields that a column is born with: they follow from its id."""
    lesson_id, work_kind_id, ordinal = ids.mark_column_parts(column_id)
    return {"lesson_id": lesson_id, "work_kind_id": work_kind_id, "ordinal": ordinal}


_COLUMN = TABLES["MarkColumn"]
_STRUCK_OUT = sa.select(_COLUMN.c.id).where(
    _COLUMN.c.lesson_id == sa.bindparam("lesson"), _COLUMN.c.work_kind_id == USUAL_WORK_KIND, _COLUMN.c.voided.is_(True)
)
