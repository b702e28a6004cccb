"""Read the store as it lies there, without believing it: what `ejournal_core.verify` compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core import wire
from ejournal_core.changes import Verdict
from ejournal_core.verify import StoredBatch, StoredLine, broken
from ejournal_core.wire import BatchHead, Malformed, Receipt, TreeHead
from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction

_PAGE = 2_000  # lines
_BEFORE_ALL = -(2**62)

_CHANGE = t.change.c
_LINES = (
    select(t.change)
    .where(_CHANGE.school == bind("school"), _CHANGE.number > bind("after"))
    .order_by(_CHANGE.number)
    .limit(_PAGE)
)
_RECEIPTS = select(t.receipt).where(
    t.receipt.c.school == bind("school"), t.receipt.c.root.in_(bind("roots", expanding=True))
)
_ALL_RECEIPTS = select(t.receipt).where(t.receipt.c.school == bind("school")).order_by(t.receipt.c.root)
_TOLD = select(_CHANGE.batch).where(_CHANGE.school == bind("school")).distinct()
_HEADS = select(t.head.c.body, t.head.c.size).where(t.head.c.school == bind("school")).order_by(t.head.c.size)
_SUBTREES = select(t.tree.c.level, t.tree.c.position, t.tree.c.hash).where(t.tree.c.school == bind("school"))
_DESKS = select(t.desk).where(t.desk.c.school == bind("school"))
_ASIDE = select(t.quarantine.c.desk, t.quarantine.c.n, t.quarantine.c.hash).where(
    t.quarantine.c.school == bind("school"), t.quarantine.c.n > 0
)


def batches(tx: Transaction) -> Iterator[tuple[StoredBatch, list[StoredLine]]]:
    """Yield the log batch by batch in order of numbers, then the batches of which no line is in the log.

    Raises:
        BrokenLog: a kept message cannot be read.
    """
    keys = {row.id: row.public_key for row in tx.run(_DESKS)}
    for root, rows in groupby(_rows(tx), key=lambda row: str(row.batch)):
        lines = list(rows)
        stored = next(iter(tx.run(_RECEIPTS, roots=[root])), None)
        key = keys.get(lines[0].desk, "")
        yield _batch(root, stored, key, lines[0].number), [_line(row) for row in lines]
    told = set(tx.run(_TOLD).scalars())
    for row in tx.run(_ALL_RECEIPTS):
        if row.root not in told:
            yield _batch(row.root, row, keys.get(row.desk, ""), 0), []


def _rows(tx: Transaction) -> Iterator[sa.Row[Any]]:
    after = _BEFORE_ALL
    while page := tx.run(_LINES, after=after).all():
        yield from page
        after = page[-1].number


def _batch(root: str, stored: sa.Row[Any] | None, public_key: str, number: int) -> StoredBatch:
    if stored is None:
        return StoredBatch(root=root, public_key=public_key, head=None, hashes=None, receipt=None)
    try:
        head = wire.decode(BatchHead, stored.head.encode())
        receipt = wire.decode(Receipt, stored.body.encode())
    except Malformed:
        raise broken("receipt", number) from None
    return StoredBatch(
        root=root,
        public_key=public_key,
        head=head,
        hashes=stored.hashes,
        receipt=receipt,
        first=stored.first,
        last=stored.last,
    )


def _line(row: sa.Row[Any]) -> StoredLine:
    verdict = Verdict(id=row.id, number=row.number, outcome=row.outcome, reason=row.reason, at=row.at)
    return StoredLine(
        number=row.number,
        body=row.body.encode(),
        prev=row.prev,
        verdict=verdict,
        position=row.position,
        hash=row.hash,
        leaf=row.leaf,
        desk=row.desk,
        n=row.n,
    )


def heads(tx: Transaction) -> Sequence[TreeHead]:
    """Return all kept tree heads by size.

    Raises:
        BrokenLog: one cannot be read.
    """
    found: list[TreeHead] = []
    for row in tx.run(_HEADS):
        try:
            head = wire.decode(TreeHead, row.body.encode())
        except Malformed:
            raise broken("head", row.size) from None
        if head.size != row.size:
            raise broken("head", row.size)
        found.append(head)
    return found


def subtrees(tx: Transaction) -> dict[tuple[int, int], bytes]:
    """Return the subtrees that are kept for proofs by (level, index)."""
    return {(row.level, row.position): row.hash for row in tx.run(_SUBTREES)}


def desks(tx: Transaction) -> dict[str, tuple[int, str, str]]:
    """Return where each desk stands: counter, hash there, public key."""
    return {row.id: (row.last_n, row.last_hash, row.public_key) for row in tx.run(_DESKS)}


def aside(tx: Transaction) -> list[tuple[str, int, str]]:
    """Return what lies in quarantine with a place in a chain: desk, counter, hash."""
    return [(row.desk, row.n, row.hash) for row in tx.run(_ASIDE)]
