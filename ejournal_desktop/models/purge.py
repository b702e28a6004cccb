"""Take from the disk what a person may no longer see: a load that was voided, a role that ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as bind

from ejournal_desktop.models.records import Address
from ejournal_desktop.models.state import Identity
from ejournal_desktop.models.tables import TABLES, dispute, held_back, history, metadata, outbox, shadow

_CHUNK = 500


def purge(connection: sa.Connection, seen: Collection[Address], number: int, identity: Identity) -> None:
    """Remove records that a snapshot taken at `number` does not hold, with their history and disputes.

    What has changes on their way stays until they are settled, and so do the rows that it refers to: the next snapshot
    takes it. What became of this person's own changes stays too, until it is put aside.
    """
    moving = _on_their_way(connection, number, identity)
    gone: list[Address] = []
    for kind in reversed(TABLES):  # children before parents
        wanted = {record for seen_kind, record in seen if seen_kind == kind}
        wanted |= {record for moving_kind, record in moving if moving_kind == kind}
        present = connection.execute(sa.select(TABLES[kind].c.id)).scalars()
        extra = [record for record in present if record not in wanted]
        gone += [(kind, record) for record in _remove(connection, kind, extra)]
    for table in (shadow, dispute):
        _forget(connection, table, gone)
    _forget_history(connection, seen, moving)


def _on_their_way(connection: sa.Connection, number: int, identity: Identity) -> set[Address]:
    """Return the records with own changes that are unsent, or accepted after the snapshot."""
    unsent = connection.execute(sa.select(outbox.c.kind, outbox.c.record))
    later = connection.execute(_OWN_LATER, {"desk": identity.desk_id, "number": number})
    return {(row.kind, row.record) for row in (*unsent, *later)}


def _remove(connection: sa.Connection, kind: str, extra: Iterable[str]) -> list[str]:
    gone: list[str] = []
    for chunk in _chunks(list(extra)):
        gone += connection.execute(_removal(kind), {"ids": chunk}).scalars()
    return gone


@cache
def _removal(kind: str) -> Any:
    """Delete rows that no row of another table names."""
    table = TABLES[kind]
    named = [
        sa.exists().where(key.parent == table.c.id)
        for other in metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table is table
    ]
    which = table.c.id.in_(bind("ids", expanding=True))
    return table.delete().where(which, *(~each for each in named)).returning(table.c.id)


def _forget(connection: sa.Connection, table: sa.Table, gone: Iterable[Address]) -> None:
    rows = [{"k": kind, "r": record} for kind, record in gone]
    if rows:
        connection.execute(table.delete().where(table.c.kind == bind("k"), table.c.record == bind("r")), rows)


def _forget_history(connection: sa.Connection, seen: Collection[Address], moving: Collection[Address]) -> None:
    """Remove what the history tells of records that are out of sight, rows or not."""
    told = connection.execute(sa.select(history.c.kind, history.c.record).distinct())
    gone = [(row.kind, row.record) for row in told if row.kind in TABLES]
    gone = [address for address in gone if address not in seen and address not in moving]
    rows = [{"k": kind, "r": record} for kind, record in gone]
    if rows:
        connection.execute(_FORGET_HISTORY, rows)


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


_OWN_LATER = sa.select(history.c.kind, history.c.record).where(
    history.c.desk == bind("desk"), history.c.log_number > bind("number")
)
#: Own changes that did not become official keep their text for Состояние; unsent ones have an outbox entry.
_FORGET_HISTORY = history.delete().where(
    history.c.kind == bind("k"),
    history.c.record == bind("r"),
    ~sa.exists().where(held_back.c.change_id == history.c.change_id, ~held_back.c.seen),
    ~sa.exists().where(outbox.c.change_id == history.c.change_id),
    ~sa.exists().where(dispute.c.change_id == history.c.change_id, dispute.c.resolved_by.is_(None)),
)
