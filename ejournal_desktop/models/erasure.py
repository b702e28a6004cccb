"""Carry out an act of destruction on this desk: rows, shadow, history, files and what was told about them lose it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as bind

from ejournal_core import wire
from ejournal_core.blobs import NAMES, named_file
from ejournal_core.changes import Change, destroyed
from ejournal_core.destruction import covers, emptied
from ejournal_core.kinds import Destruction, Fields, from_fields
from ejournal_desktop.models import blobs, records
from ejournal_desktop.models.records import Address, Stand
from ejournal_desktop.models.tables import TABLES, beyond, dispute, held_back, history


def order_of(connection: sa.Connection, order_id: str) -> Destruction | None:
    """Return a confirmed act that this desk knows, None for one that waits or is struck out."""
    fields = records.read(connection, "Destruction", order_id).fields
    in_force = fields and fields["confirmed_by"] and not fields["voided"]
    return from_fields(Destruction, order_id, fields) if fields and in_force else None


def carry_out(connection: sa.Connection, order: Destruction, upto: int, desk_id: str) -> set[Address]:
    """Destroy what an act covers in everything entered up to this number; return the records that look different now.

    What this desk has entered since and not sent yet stays. Doing it twice is doing it once.
    """
    kind = order.target_kind
    ids = _covered_rows(connection, order)
    told = [(row.change_id, wire.decode(Change, row.body.encode())) for row in _hiding(connection, kind, upto)]
    ids |= {change.record for _, change in told if covers(order, kind, change.record, {**change.was, **change.set})}
    gone = [(change_id, change) for change_id, change in told if change.record in ids and not change.content]
    files = _files_named(connection, kind, ids, [change.set for _, change in gone])
    _empty_history(connection, gone)
    _empty_rows(connection, kind, ids, upto, desk_id)
    _empty_what_is_told(connection, order, ids)
    _empty_beyond(connection, order, ids)
    _drop_files(connection, files)
    return {(kind, record_id) for record_id in ids}


def _covered_rows(connection: sa.Connection, order: Destruction) -> set[str]:
    table = TABLES[order.target_kind]
    if order.pupil_id is None:
        return {order.target_record}
    rows = connection.execute(sa.select(table.c.id).where(table.c.pupil_id == order.pupil_id))
    return set(rows.scalars())


def _hiding(connection: sa.Connection, kind: str, upto: int) -> Sequence[sa.Row[Any, Any]]:
    """Return the judged changes of a kind that hide something, up to a number or outside the log."""
    return connection.execute(_HIDING, {"k": kind, "upto": upto}).all()


def _empty_history(connection: sa.Connection, gone: Iterable[tuple[str, Change]]) -> None:
    rows = [{"id": change_id, "text": wire.encode(destroyed(change)).decode()} for change_id, change in gone]
    if rows:
        connection.execute(_REWRITE, rows)


def _empty_rows(connection: sa.Connection, kind: str, ids: Collection[str], upto: int, desk_id: str) -> None:
    """Empty what the server has said up to the number: the shadow where there is one, else the row."""
    wanted = list(ids)
    for start in range(0, len(wanted), records.AT_ONCE):
        part = wanted[start : start + records.AT_ONCE]
        shadows = records.read_shadows(connection, kind, part)
        rows = {
            record_id: stand
            for record_id, stand in records.read_many(connection, kind, part).items()
            if record_id not in shadows
        }
        records.write(connection, kind, list(_emptied(kind, rows, upto).items()))
        records.write_shadows(connection, kind, _emptied(kind, shadows, upto))
        records.rebuild(connection, desk_id, [(kind, record_id) for record_id in shadows])


def _emptied(kind: str, stands: dict[str, Stand], upto: int) -> dict[str, Stand]:
    return {
        record_id: Stand(emptied(kind, stand.fields), stand.author, stand.entered_at, stand.number)
        for record_id, stand in stands.items()
        if stand.fields is not None and stand.number is not None and stand.number <= upto
    }


def _empty_what_is_told(connection: sa.Connection, order: Destruction, ids: Collection[str]) -> None:
    """A refusal's sentence may name the value; a dispute about what is gone has nothing to decide."""
    rows = [{"k": order.target_kind, "r": record_id} for record_id in ids]
    if rows:
        sentence = f"Содержание уничтожено по акту № {order.act_number}."
        connection.execute(_SAY.values(sentence=sentence), rows)
        connection.execute(_CLOSE.values(resolved_by=order.id), rows)


def _empty_beyond(connection: sa.Connection, order: Destruction, ids: Collection[str]) -> None:
    """Batches that wait to be brought again after a restore: their hashes and signatures hold without the content."""
    for row in connection.execute(sa.select(beyond.c.root, beyond.c.body)).all():
        lines = list(wire.split_lines(wire.decompress(row.body)))
        made = [_line_without(line, order, ids) for line in lines]
        if made != lines:
            body = wire.compress(b"\n".join(made) + b"\n")
            connection.execute(beyond.update().where(beyond.c.root == row.root).values(body=body))


def _line_without(line: bytes, order: Destruction, ids: Collection[str]) -> bytes:
    try:
        change = wire.decode(Change, line)
    except wire.Malformed:  # the head of a batch
        return line
    meant = change.kind == order.target_kind and (
        change.record in ids or covers(order, change.kind, change.record, {**change.was, **change.set})
    )
    return wire.encode(destroyed(change)) if meant else line


def _files_named(connection: sa.Connection, kind: str, ids: Iterable[str], sets: Iterable[Fields]) -> set[str]:
    stands = records.read_many(connection, kind, list(ids)).values() if kind in NAMES else ()
    fields = [*(stand.fields or {} for stand in stands), *sets]
    return {file[0] for each in fields if (file := named_file(kind, each))}


def _drop_files(connection: sa.Connection, files: Iterable[str]) -> None:
    for sha256 in files:
        named = (sa.exists().where(TABLES[kind].c[name] == sha256) for kind, (name, _) in NAMES.items())
        if not connection.execute(sa.select(sa.or_(*named))).scalar():
            blobs.drop(connection, sha256)


_HIDING = sa.select(history.c.change_id, history.c.body).where(
    history.c.kind == bind("k"),
    history.c.outcome.is_not(None),
    sa.func.coalesce(history.c.log_number, 0) <= bind("upto"),
    history.c.body.contains('"hidden":['),
)
_REWRITE = history.update().where(history.c.change_id == bind("id")).values(body=bind("text"))
_SAY = held_back.update().where(held_back.c.kind == bind("k"), held_back.c.record == bind("r"))
_CLOSE = dispute.update().where(
    dispute.c.kind == bind("k"), dispute.c.record == bind("r"), dispute.c.resolved_by.is_(None)
)
