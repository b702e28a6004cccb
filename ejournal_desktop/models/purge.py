"""Take from the disk what a person may no longer see: a load that ended, a role that was taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as bind

from ejournal_desktop.models import slices
from ejournal_desktop.models.records import Address
from ejournal_desktop.models.tables import (
    NEVER_BORN,
    TABLES,
    ahead,
    desk,
    dispute,
    held_back,
    history,
    metadata,
    outbox,
    request,
    shadow,
)

AT_ONCE = 500  # rows in one transaction: nobody waits for a purge with a key pressed

#: A piece of a purge: a few statements for one transaction.
Step = list[tuple[Any, list[dict[str, str]]]]


def steps(connection: sa.Connection, slice_: str, kept: Collection[Address] = ()) -> Iterator[Step]:
    """Yield what takes a slice from the disk, piece by piece: rows, children before parents, then what is told.

    What became of this person's own changes stays until it is put aside, what waits of them until it is decided; of
    `kept` records, at which the person is still at work, all but what others said of them. A piece that is done twice
    is done once.
    """
    for kind in reversed(slices.kinds_of(slice_)):
        told = slices.told_of(connection, kind, slice_)
        known = dict.fromkeys([*slices.row_ids(connection, kind, slice_), *told])
        for ids in _in_pieces([record for record in known if (kind, record) not in kept]):
            rows = [{"k": kind, "r": record} for record in ids]
            yield [(_delete_row(kind), [{"r": record} for record in ids]), *_forget(rows)]
    if kept:
        rows = [{"k": kind, "r": record} for kind, record in sorted(kept)]
        yield [(statement, rows) for statement in _SAID_BY_OTHERS]


def sweep(connection: sa.Connection, names: Iterable[str], number: int) -> list[Address]:
    """Remove what slices loaded at `number` do not hold, unless own changes of it are on their way; say what went.

    A row that another one names, of an own change on its way, stays as one that counts nowhere.
    """
    gone: list[Address] = []
    for slice_ in names:
        for kind in reversed(slices.kinds_of(slice_)):
            for sweeping in _swept(kind):
                within = sweeping.where(slices.rows_where(kind, slice_))
                swept = connection.execute(within, {"loaded": number, "of_kind": kind})
                gone += [(kind, record) for record in swept.scalars()]
    for statement, rows in _forget([{"k": kind, "r": record} for kind, record in gone]):
        connection.execute(statement, rows)
    return gone


def _forget(rows: list[dict[str, str]]) -> Step:
    return [(statement, rows) for statement in _FORGET] if rows else []


def _in_pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


@cache
def _delete_row(kind: str) -> sa.Delete:
    return TABLES[kind].delete().where(TABLES[kind].c.id == bind("r"))


@cache
def _swept(kind: str) -> tuple[Any, Any]:
    """Delete rows older than the snapshot that nobody is at work on; those that other rows name are let be unborn."""
    table = TABLES[kind]
    at_work = sa.exists().where(shadow.c.kind == bind("of_kind"), shadow.c.record == table.c.id)
    named = [
        sa.exists().where(key.parent == table.c.id)
        for other in metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table is table
    ]
    stale = sa.and_(table.c.log_number < bind("loaded"), ~at_work)
    unborn = table.update().where(stale, table.c.log_number != NEVER_BORN).values(voided=True, log_number=NEVER_BORN)
    return table.delete().where(stale, *(~each for each in named)).returning(table.c.id), unborn.returning(table.c.id)


def _of_record(table: sa.Table) -> Any:
    return table.delete().where(table.c.kind == bind("k"), table.c.record == bind("r"))


_ONESELF = sa.select(desk.c.person_id).limit(1).scalar_subquery()
#: What this person asked for and nobody has decided: it is the person's to see wherever it was asked.
_ASKED = sa.and_(request.c.decided_by.is_(None), request.c.author == _ONESELF)
#: What others decided about own requests that are still told of: why is part of the answer.
_DECIDED = sa.exists().where(request.c.decided_by == history.c.change_id, request.c.author == _ONESELF)
#: Own changes that wait or did not become official keep their text for Состояние; unsent ones have an outbox entry.
_KEPT = (
    sa.exists().where(request.c.change_id == history.c.change_id, _ASKED),
    sa.exists().where(held_back.c.change_id == history.c.change_id, ~held_back.c.seen),
    sa.exists().where(outbox.c.change_id == history.c.change_id),
    _DECIDED,
)
_FORGET: tuple[Any, ...] = (
    _of_record(shadow),
    _of_record(ahead),
    _of_record(dispute),
    _of_record(request).where(
        ~sa.exists().where(held_back.c.change_id == request.c.change_id, ~held_back.c.seen),
        ~_ASKED,
    ),
    _of_record(held_back).where(held_back.c.seen),
    _of_record(history).where(*(~each for each in _KEPT)),
)
_SAID_BY_OTHERS: tuple[Any, ...] = (
    _of_record(dispute),
    _of_record(request).where(request.c.author != _ONESELF),
    _of_record(history).where(history.c.author != _ONESELF, ~_DECIDED),
)
