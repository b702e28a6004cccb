"""What a teacher does with the columns of a lesson: name, weigh, turn into another kind of work, remove, bring back.

A column that is removed is struck out together with its marks, and all of it stays in the history. What is struck out
never lives again: a column that is brought back is a new one with the same marks.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import sqlalchemy as sa

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Mark, MarkColumn, WorkKind
from ejournal_core.wording import LONGEST, is_weight
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.marks import make_column, next_column
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES
from ejournal_desktop.models.write import Write

#: Reason of the birth of a column that comes in place of one struck out: redo knows it by that.
BROUGHT_BACK = "столбец возвращён"
LONGEST_TITLE = LONGEST["MarkColumn"]["title"]


def read_weight(text: str) -> Decimal | None:
    """Return the weight that a person meant, with a comma or a point; None (that of the kind) for nothing.

    Raises:
        Refusal: it is no number between 0 and 100 (EJ-532).
    """
    if not text.strip():
        return None
    try:
        weight = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        weight = Decimal(-1)
    if not is_weight(weight):
        raise Refusal("EJ-532", f"«{text.strip()}» — не вес. Нужно число больше 0 и не больше 100, например 1,5.")
    return weight


def describe_column(journal: Journal, mark_column_id: str, title: str, weight: Decimal | None) -> ChangeSet:
    """Назвать работу и задать её вес; без веса действует вес вида работы.

    Raises:
        Refusal: a rule says no; nothing was changed.
    """
    with journal.write() as write:
        write.edit(MarkColumn, mark_column_id, title=title.strip()[:LONGEST_TITLE], weight=weight)
    return write.changes


def change_work_kind(journal: Journal, mark_column_id: str, work_kind_id: str) -> ChangeSet:
    """Сменить вид работы: столбец нужного вида с теми же отметками встаёт на место прежнего, который вычёркивается.

    Raises:
        Refusal: a rule says no; nothing was changed.
    """
    with journal.write() as write:
        column = _column(write, mark_column_id)
        marks = select_records(write.connection, Mark, mark_column_id=mark_column_id)
        _strike_out(write, mark_column_id, marks)
        _make_like(write, column, work_kind_id, marks)
    return write.changes


def remove_column(journal: Journal, mark_column_id: str) -> ChangeSet:
    """Убрать столбец вместе с отметками; в истории остаются и он, и они.

    Raises:
        Refusal: a rule says no, for the column or for one of its marks; nothing was changed.
    """
    with journal.write() as write:
        _strike_out(write, mark_column_id, select_records(write.connection, Mark, mark_column_id=mark_column_id))
    return write.changes


def remove_column_if_empty(journal: Journal, mark_column_id: str) -> ChangeSet:
    """Убрать столбец, в котором не стоит ни одной отметки; с отметками он остаётся.

    Raises:
        Refusal: a mark stands in it by now (EJ-290), or a rule says no.
    """
    with journal.write() as write:
        marks = select_records(write.connection, Mark, mark_column_id=mark_column_id)
        if any(mark.value for mark in marks):
            raise Refusal("EJ-290", "В столбце уже стоят отметки: он остаётся.")
        _strike_out(write, mark_column_id, marks)
    return write.changes


def bring_back_column(journal: Journal, mark_column_id: str) -> ChangeSet:
    """Вернуть убранный столбец с его отметками: новый столбец того же вида занимает его место.

    Raises:
        Refusal: a rule says no; nothing was changed.
    """
    with journal.write() as write:
        column = _column(write, mark_column_id)
        _make_like(write, column, column.work_kind_id, _struck_out(write, mark_column_id))
    return write.changes


# --- inside --------------------------------------------------------------------------------------------------------


def _column(write: Write, mark_column_id: str) -> MarkColumn:
    fields = records.read(write.connection, "MarkColumn", mark_column_id).fields
    if fields is None:
        raise Refusal("EJ-203", "Этого столбца здесь больше нет. Ничего не изменено: посмотрите на страницу ещё раз.")
    return msgspec.convert({**fields, "id": mark_column_id}, MarkColumn, strict=False)


def _strike_out(write: Write, mark_column_id: str, marks: list[Mark]) -> None:
    for mark in marks:
        write.edit(Mark, mark.id, act="void", voided=True)
    write.edit(MarkColumn, mark_column_id, act="void", voided=True)


def _struck_out(write: Write, mark_column_id: str) -> list[Mark]:
    table = TABLES["Mark"]
    rows = write.connection.execute(
        sa.select(*(table.c[name] for name in Mark.__struct_fields__)).where(
            table.c.mark_column_id == mark_column_id, table.c.voided.is_(True)
        )
    )
    return [msgspec.convert(dict(zip(Mark.__struct_fields__, row, strict=True)), Mark) for row in rows]


def _make_like(write: Write, column: MarkColumn, work_kind_id: str, marks: list[Mark]) -> None:
    """Make a column of a kind with another one's name, weight and marks."""
    if not any(kind.id == work_kind_id for kind in select_records(write.connection, WorkKind)):
        raise Refusal("EJ-226", "Такого вида работы в школе нет.", "P40")
    new = next_column(write, column.lesson_id, work_kind_id)
    more: dict[str, Any] = {"weight": column.weight} if column.weight is not None else {}
    make_column(write, new, column.title, why=BROUGHT_BACK, **more)
    for mark in marks:
        if mark.value is not None:
            fields: dict[str, Any] = {"comment": mark.comment} if mark.comment else {}
            fields |= {"document": mark.document} if mark.document else {}
            write.edit(Mark, ids.mark(new, mark.pupil_id), mark_column_id=new, pupil_id=mark.pupil_id,
                       value=mark.value, **fields)  # fmt: skip
