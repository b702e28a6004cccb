"""Carry out an act of destruction in the store: no copy of the covered content stays, and every hash stays valid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core import wire
from ejournal_core.blobs import NAMES, named_file
from ejournal_core.changes import Change, destroyed
from ejournal_core.destruction import covers, emptied
from ejournal_core.kinds import Destruction
from ejournal_server.store import aside, blobs, records, slices
from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction
from ejournal_server.store.records import Row


class _Line(Struct, frozen=True):
    """A line of the log that hides something."""

    number: int
    change: Change


_C, _Q = t.change.c, t.quarantine.c
_HIDING = (
    select(_C.number, _C.body)
    .where(
        _C.school == bind("school"), _C.number <= bind("upto"), _C.body.contains('"hidden":['),
        _C.body.contains(bind("kind")),
    )
    .order_by(_C.number)
)  # fmt: skip
_EMPTY_LINE = t.change.update().where(_C.school == bind("school_"), _C.number == bind("number_"))
_HELD = select(_Q.sha256, _Q.body).where(_Q.school == bind("school"), _Q.body.contains(bind("kind")))
_EMPTY_HELD = t.quarantine.update().where(_Q.school == bind("school_"), _Q.sha256 == bind("sha256_"))


def carry_out(tx: Transaction, order: Destruction, upto: int) -> list[Row]:
    """Destroy what an order covers in everything entered up to this number; return the records as they stand then.

    Lines, records, quarantine, prepared snapshots and files lose it; open disputes about it are closed. Doing it twice
    is doing it once.
    """
    tx.scours = True
    kind = order.target_kind
    lines = list(_hiding_lines(tx, kind, upto))
    rows = [row for row in records.of_kind(tx, kind) if covers(order, kind, row.id, row.fields)]
    ids = {row.id for row in rows} | {line.change.record for line in lines if _names(order, line.change)}
    gone = [line for line in lines if line.change.record in ids and not line.change.content]
    for line in gone:
        _empty(tx, line)
    _empty_quarantine(tx, order, ids)
    made = [msgspec.structs.replace(row, fields=emptied(kind, row.fields)) for row in rows]
    records.put(tx, made)
    slices.move(tx, {row.slice: upto for row in made}.items())
    slices.drop_all_snapshots(tx)
    _close_disputes(tx, kind, ids, upto)
    _drop_files(tx, kind, [*(row.fields for row in rows), *(line.change.set for line in gone)])
    return made


def _names(order: Destruction, change: Change) -> bool:
    return covers(order, change.kind, change.record, {**change.was, **change.set})


def _hiding_lines(tx: Transaction, kind: str, upto: int) -> Iterator[_Line]:
    """Yield the lines of a kind with erasable content; a text may look like one, so each is read."""
    for row in tx.run(_HIDING, upto=upto, kind=f'"kind":"{kind}"'):
        change = wire.decode(Change, row.body.encode())
        if change.kind == kind and change.hidden:
            yield _Line(row.number, change)


def _empty(tx: Transaction, line: _Line) -> None:
    tx.alter(_EMPTY_LINE, {"body": wire.encode(destroyed(line.change)).decode()}, number=line.number)


def _empty_quarantine(tx: Transaction, order: Destruction, ids: set[str]) -> None:
    """What could not be attributed holds it too; its own hash stays the name of what once arrived."""
    for row in tx.run(_HELD, kind=f'"kind":"{order.target_kind}"').all():
        body = "\n".join(_without_content(line, order, ids) for line in row.body.split("\n"))
        if body != row.body:
            tx.alter(_EMPTY_HELD, {"body": body, "size": len(body)}, sha256=row.sha256)


def _without_content(line: str, order: Destruction, ids: set[str]) -> str:
    try:
        change = wire.decode(Change, line.encode())
    except wire.Malformed:  # the head of a batch
        return line
    meant = change.kind == order.target_kind and (change.record in ids or _names(order, change))
    return wire.encode(destroyed(change)).decode() if meant else line


def _close_disputes(tx: Transaction, kind: str, ids: Iterable[str], number: int) -> None:
    wanted = set(ids)
    for dispute in aside.open_disputes(tx):
        if dispute.kind == kind and dispute.record in wanted:
            aside.close_dispute(tx, dispute, number)


def _drop_files(tx: Transaction, kind: str, named: Sequence[dict[str, str | int | bool | None]]) -> None:
    """Remove the bytes of files that were named there and that no record names any more."""
    files = {file[0] for fields in named if (file := named_file(kind, fields))}
    for sha256 in files:
        if not any(records.children(tx, each, [sha256]).get(sha256) for each in NAMES):
            blobs.drop(tx, sha256)
