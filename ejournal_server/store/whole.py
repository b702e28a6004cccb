"""The store as a whole, page by page: what a backup reads in one transaction, and what a restore writes in one.

Nothing here holds more than a page, so a school of any size passes through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core.kinds import KINDS, Fields
from ejournal_server.store import log
from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Line, StoredReceipt

PAGE = 1_000  # rows
HELD_KIB = 128 * 1024  # of an embedded store, while a whole school is written into it

#: Tables that are not in the log, by their name in an archive.
ASIDE: dict[str, sa.Table] = {
    "head": t.head,
    "account": t.account,
    "workstation": t.workstation,
    "desk": t.desk,
    "quarantine": t.quarantine,
}

#: What no archive needs, but a school takes along when it moves.
TAKEN_ALONG: dict[str, sa.Table] = {"contact": t.contact, "desk_scope": t.desk_scope}
_ALL = ASIDE | TAKEN_ALONG

Row = dict[str, str | int | None]


# --- reading -------------------------------------------------------------------------------------------------------


def batched_lines(tx: Transaction, upto: int) -> Iterator[list[Line]]:
    """Yield the log in pages, number by number; no page ends in the middle of a batch."""
    held: list[Line] = []  # of a batch that may go on
    after = 0
    while read := log.lines(tx, after, upto, PAGE):
        after, page = read[-1].verdict.number, held + read
        held = [line for line in page if line.batch == page[-1].batch] if after < upto else []
        if page := page[: len(page) - len(held)]:
            yield page
    if held:  # the log ends before the signed head does: whoever proves it will say so
        yield held


_RECEIPTS = (
    select(t.receipt)
    .where(t.receipt.c.school == bind("school"), t.receipt.c.root > bind("after"))
    .order_by(t.receipt.c.root)
    .limit(PAGE)
)


def receipts(tx: Transaction) -> Iterator[StoredReceipt]:
    """Yield all receipts in order of their batches' roots."""
    after = ""
    while page := tx.run(_RECEIPTS, after=after).all():
        for row in page:
            yield StoredReceipt(row.root, row.desk, row.first, row.last, row.head, row.hashes, row.body)
        after = page[-1].root


def rows(tx: Transaction, table: str) -> Iterator[Row]:
    """Yield the rows of a table of `ASIDE` or `TAKEN_ALONG` in order of its key, without the school's id."""
    columns, key = _ALL[table].c, _key(table)
    page_after = (
        select(_ALL[table]).where(columns.school == bind("school"), key > bind("after")).order_by(key).limit(PAGE)
    )
    after = ""
    while page := tx.run(page_after, after=after).all():
        for row in page:
            values = dict(row._mapping)
            del values["school"]
            yield values
        after = page[-1]._mapping[key.name]


def _key(table: str) -> sa.Column[Any]:
    return next(column for column in _ALL[table].primary_key if column.name != "school")


_FIELDS: msgspec.json.Decoder[Fields] = msgspec.json.Decoder(Fields)
_RECORDS = (
    select(t.record.c.id, t.record.c.fields)
    .where(t.record.c.school == bind("school"), t.record.c.kind == bind("kind"), t.record.c.id > bind("after"))
    .order_by(t.record.c.id)
    .limit(PAGE)
)


def content(tx: Transaction) -> Iterator[tuple[str, str, Fields]]:
    """Yield (kind, id, fields) of every record in order of kind and id, as `ordered_content_hash` takes them."""
    for kind in sorted(KINDS):
        after = ""
        while page := tx.run(_RECORDS, kind=kind, after=after).all():
            for row in page:
                yield kind, row.id, _FIELDS.decode(row.fields)
            after = page[-1].id


_STAND_STILL = ", ".join(f'"{table.name}"' for table in t.metadata.sorted_tables)


def stand_still(tx: Transaction) -> None:
    """Let nobody else write until this transaction ends; the embedded file has one writer anyway."""
    if tx.is_postgres:
        tx.connection.execute(sa.text(f"LOCK TABLE {_STAND_STILL} IN SHARE ROW EXCLUSIVE MODE"))


# --- writing -------------------------------------------------------------------------------------------------------

_ANY = [select(sa.literal(1)).where(table.c.school == bind("school")).limit(1) for table in t.metadata.tables.values()]


def is_empty(tx: Transaction) -> bool:
    """Say whether the store holds nothing of this school; others may live in the same database."""
    return not any(tx.run(row).first() for row in _ANY)


def hold_more(tx: Transaction) -> None:
    """Let the embedded store keep more of its pages in memory while a whole school is written in this transaction.

    The ids of what is written fall all over the indexes; a page that was let go is sealed, written, read and opened
    anew for nearly every line. It holds for this connection.
    """
    if not tx.is_postgres:
        tx.connection.exec_driver_sql(f"PRAGMA cache_size = -{HELD_KIB}")


def add_school(tx: Transaction, name: str, epoch: int) -> None:
    """Make the head row of a school whose log is written again."""
    tx.run(t.school.insert(), name=name, peaks=b"", epoch=epoch)


def add_rows(tx: Transaction, table: str, page: Iterable[Row]) -> None:
    """Write rows of a table of `ASIDE` or `TAKEN_ALONG`.

    Raises:
        ValueError: a row has not the table's columns.
    """
    columns = {column.name for column in _ALL[table].columns} - {"school"}
    values = list(page)
    if any(row.keys() != columns for row in values):
        raise ValueError(f"not a row of the table {table}")
    tx.run_many(_ALL[table].insert(), values)
