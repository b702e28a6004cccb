"""What proves the log without the server: receipts, tree heads, and the batches in which authors signed changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.sqlite import insert

from ejournal_core import seal, wire
from ejournal_core.changes import Change, Verdict
from ejournal_core.tree import HASH_BYTES
from ejournal_core.wire import BatchHead, Receipt, TreeHead
from ejournal_desktop.models.among import among
from ejournal_desktop.models.tables import batch, history, receipt, tree_head

DENSE_DAYS = 7  # before the newest head, in which all heads are kept; of earlier days the last


class SignedBatch(Struct, frozen=True):
    """An author's batch: its signed head, and all its change hashes side by side where it came as a whole."""

    head: BatchHead
    hashes: bytes = b""


class Told(Struct, frozen=True):
    """A change with a number in the log, the hash (hex) of its desk's change before it, and how it ended."""

    change: Change
    prev: str
    verdict: Verdict


class AuthorsProof(Struct, frozen=True):
    """That an author signed a change: the batch's signed head, the place in it, and the path (hex) from there."""

    head: BatchHead
    index: int
    path: tuple[str, ...]


# --- batches -------------------------------------------------------------------------------------------------------


def keep_batches(connection: sa.Connection, batches: Iterable[SignedBatch], roots: Iterable[str]) -> dict[str, int]:
    """Keep the batches with these roots and return their row numbers by root."""
    wanted = set(roots)
    rows = [
        {"root": each.head.root, "head": wire.encode(each.head).decode(), "hashes": each.hashes or None}
        for each in batches
        if each.head.root in wanted
    ]
    if not rows:
        return {}
    connection.execute(_KEEP_BATCH, rows)
    found = connection.execute(_BATCH_IDS, {"roots": [row["root"] for row in rows]})
    return {row.root: row.id for row in found}


def authors_proof(connection: sa.Connection, change_id: str) -> AuthorsProof | None:
    """Return what proves the author of a change that came from the log, None where nothing was kept."""
    row = connection.execute(_SIGNED, {"id": change_id}).first()
    if row is None:
        return None
    head = wire.decode(BatchHead, row.head.encode())
    if row.path is not None:
        return AuthorsProof(head, row.position, tuple(each.hex() for each in split(row.path)))
    paths = seal.batch_paths(split(row.hashes), [row.position])
    return AuthorsProof(head, row.position, paths[row.position])


def split(hashes: bytes) -> list[bytes]:
    """Return hashes that stand side by side."""
    return [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]


# --- receipts ------------------------------------------------------------------------------------------------------


def keep_receipt(connection: sa.Connection, answer: Receipt, first: int) -> None:
    """Keep a verified receipt; `first` is the counter of its first change."""
    row = {"root": answer.root, "first": first, "last": first + len(answer.verdicts) - 1,
           "body": wire.compress(wire.encode(answer))}  # fmt: skip
    connection.execute(_KEEP_RECEIPT, row)


def receipt_of(connection: sa.Connection, n: int) -> Receipt | None:
    """Return the newest receipt that answers for the own change with counter `n`."""
    body = connection.execute(_RECEIPT_OF, {"n": n}).scalar()
    return None if body is None else wire.decode(Receipt, wire.decompress(body))


def told(connection: sa.Connection, change_ids: Iterable[str]) -> dict[str, Verdict]:
    """Return how these changes ended as far as this desk was told, by id."""
    return {row.id: Verdict(**row._mapping) for row in connection.execute(_TOLD, {"ids": list(change_ids)})}


def line(connection: sa.Connection, change_id: str) -> Told | None:
    """Return a change with its place in the log, None where it has none or is not known."""
    row = connection.execute(_LINE, {"id": change_id}).first()
    if row is None:
        return None
    verdict = Verdict(id=change_id, number=row.log_number, outcome=row.outcome, reason=row.reason, at=row.judged_at)
    return Told(wire.decode(Change, row.body.encode()), row.prev, verdict)


# --- tree heads ----------------------------------------------------------------------------------------------------


def keep_head(connection: sa.Connection, head: TreeHead) -> None:
    """Keep a verified tree head; when a day is over, of the days long past only the last head stays."""
    newest = connection.execute(_NEWEST_DAY).scalar()
    row = {"hash": seal.head_hash(head), "size": head.size, "epoch": head.epoch, "at": head.at,
           "body": wire.encode(head).decode()}  # fmt: skip
    connection.execute(_KEEP_HEAD, row)
    if newest is not None and newest < head.at[:10]:
        dense = date.fromisoformat(head.at[:10]) - timedelta(days=DENSE_DAYS)
        connection.execute(_THIN, {"dense": dense.isoformat()})


def newest_head(connection: sa.Connection, upto: int) -> TreeHead | None:
    """Return the largest kept head of at most `upto` lines that no restore has left behind."""
    body = connection.execute(_HEAD_UPTO, {"upto": upto}).scalar()
    return None if body is None else wire.decode(TreeHead, body.encode())


def newest_of(connection: sa.Connection, epoch: int, upto: int, *, lost: bool) -> TreeHead | None:
    """Return the largest kept head of an epoch of at most `upto` lines; `lost` of those that a restore took back."""
    body = connection.execute(_HEAD_OF, {"epoch": epoch, "upto": upto, "lost": lost}).scalar()
    return None if body is None else wire.decode(TreeHead, body.encode())


def has_stood_in(connection: sa.Connection, epoch: int) -> bool:
    """Say whether this desk has seen a head of an epoch, be it of one that a restore took back."""
    return connection.execute(_ANY_OF, {"epoch": epoch}).first() is not None


def heads(connection: sa.Connection, *, lost: bool = False) -> list[TreeHead]:
    """Return the kept heads by size; `lost` those beyond a backup from which the school was restored."""
    bodies = connection.execute(_HEADS, {"lost": lost}).scalars()
    return [wire.decode(TreeHead, body.encode()) for body in bodies]


def lose_heads(connection: sa.Connection, beyond: int) -> None:
    """Set aside the heads of more than `beyond` lines as evidence of what the restored log does not hold."""
    connection.execute(_LOSE, {"beyond": beyond})


def columns(entry_batch: str, position: int, path: Sequence[str], ids: Mapping[str, int]) -> dict[str, object]:
    """Return the columns of a change's row in `history` that lead to its author's signature."""
    if entry_batch not in ids:
        return {"batch": None, "position": None, "path": None}
    return {"batch": ids[entry_batch], "position": position, "path": bytes.fromhex("".join(path)) if path else None}


_KEEP_BATCH = insert(batch)
_KEEP_BATCH = _KEEP_BATCH.on_conflict_do_update(
    index_elements=["root"], set_={"hashes": sa.func.coalesce(batch.c.hashes, _KEEP_BATCH.excluded.hashes)}
)
_BATCH_IDS = sa.select(batch.c.root, batch.c.id).where(among(batch.c.root, "roots"))
_SIGNED = (
    sa.select(batch.c.head, batch.c.hashes, history.c.position, history.c.path)
    .join(history, history.c.batch == batch.c.id)
    .where(history.c.change_id == sa.bindparam("id"))
)
_KEEP_RECEIPT = insert(receipt)
_KEEP_RECEIPT = _KEEP_RECEIPT.on_conflict_do_update(index_elements=["root"], set_={"body": _KEEP_RECEIPT.excluded.body})
_RECEIPT_OF = (
    sa.select(receipt.c.body)
    .where(receipt.c.first <= sa.bindparam("n"), receipt.c.last >= sa.bindparam("n"))
    .order_by(receipt.c.first.desc())
    .limit(1)
)
_TOLD = sa.select(
    history.c.change_id.label("id"),
    history.c.log_number.label("number"),
    history.c.outcome,
    history.c.reason,
    history.c.judged_at.label("at"),
).where(among(history.c.change_id, "ids"), history.c.log_number.is_not(None))
_LINE = sa.select(history).where(history.c.change_id == sa.bindparam("id"), history.c.log_number.is_not(None))
_KEEP_HEAD = insert(tree_head).on_conflict_do_nothing(index_elements=["hash"])
_day = sa.func.substr(tree_head.c.at, 1, 10)
_NEWEST_DAY = sa.select(sa.func.max(_day))
_later = tree_head.alias("later")
_THIN = tree_head.delete().where(
    ~tree_head.c.lost,
    _day < sa.bindparam("dense"),
    sa.exists().where(
        ~_later.c.lost,
        _later.c.epoch == tree_head.c.epoch,
        _later.c.size > tree_head.c.size,
        sa.func.substr(_later.c.at, 1, 10) == _day,
    ),
)
_HEAD_UPTO = (
    sa.select(tree_head.c.body)
    .where(~tree_head.c.lost, tree_head.c.size <= sa.bindparam("upto"))
    .order_by(tree_head.c.size.desc())
    .limit(1)
)
_HEAD_OF = (
    sa.select(tree_head.c.body)
    .where(
        tree_head.c.epoch == sa.bindparam("epoch"),
        tree_head.c.size <= sa.bindparam("upto"),
        tree_head.c.lost == sa.bindparam("lost"),
    )
    .order_by(tree_head.c.size.desc())
    .limit(1)
)
_ANY_OF = sa.select(tree_head.c.hash).where(tree_head.c.epoch == sa.bindparam("epoch")).limit(1)
_HEADS = sa.select(tree_head.c.body).where(tree_head.c.lost == sa.bindparam("lost")).order_by(tree_head.c.size)
_LOSE = tree_head.update().where(tree_head.c.size > sa.bindparam("beyond")).values(lost=True)
