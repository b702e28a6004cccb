"""The numbered log and its tree: the head row that is locked, changes, receipts, tree heads, disputes, quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core import tree, wire
from ejournal_core.changes import Change, Verdict
from ejournal_core.errors import Trouble
from ejournal_server.store import tables as t
from ejournal_server.store.among import among, led_by
from ejournal_server.store.database import Transaction

#: Perfect subtrees are kept at every eighth level: 1/255 of the leaves instead of one row for each.
KEPT_LEVELS = 8

#: So many slices are looked up one by one; more of them are most of the log, which is then read in its order.
FEW_SLICES = 64


class Head(Struct, frozen=True):
    """The head row: number of the last line, epoch, tree, number of the last ruling change, signed head (JSON)."""

    name: str
    number: int
    epoch: int
    frontier: tree.Frontier
    ruling: int
    signed: str


class Line(Struct, frozen=True):
    """One line of the log: a change, the hashes before and of it, how it ended, and where it stood in its batch."""

    change: Change
    slice: str
    prev: bytes
    hash: bytes
    verdict: Verdict
    leaf: bytes
    batch: str
    position: int


class SentLine(Struct, frozen=True):
    """One line of the log as it is sent: the change as its stored JSON text, hashes in hexadecimal."""

    number: int
    desk: str
    n: int
    text: str
    prev: str
    verdict: Verdict
    batch: str
    position: int


class StoredReceipt(Struct, frozen=True):
    """A batch's signed head (JSON), its change hashes side by side, and the receipt (JSON)."""

    root: str
    desk: str
    first: int
    last: int
    head: str
    hashes: bytes
    body: str


class SchoolMoved(Trouble):
    """The school has moved to another store; this one stays as it was."""

    code: ClassVar[str] = "EJ-421"


# --- the head row ------------------------------------------------------------------------------------------------

_SCHOOL = t.school.c
_HEAD = select(t.school).where(_SCHOOL.school == bind("school"))
_HEAD_LOCKED = _HEAD.with_for_update()
_MOVE_HEAD = t.school.update().where(_SCHOOL.school == bind("school_"))


def add_school(tx: Transaction, name: str) -> None:
    """Make the head row of a new school."""
    tx.run(t.school.insert(), name=name, peaks=b"")


def schools(tx: Transaction) -> list[str]:
    """Return the ids of all schools in this store."""
    return list(tx.connection.execute(select(_SCHOOL.school)).scalars())


def read_head(tx: Transaction, *, lock: bool = False, left_too: bool = False) -> Head:
    """Return the head row; `lock` makes every other writer wait until this transaction ends.

    Raises:
        SchoolMoved: the school has left this store, and `left_too` was not said: two stores would go two ways.
    """
    row = tx.run(_HEAD_LOCKED if lock else _HEAD).one()
    if row.moved and not left_too:
        raise SchoolMoved("the school has left this store")
    frontier = tree.Frontier.from_bytes(row.number, row.peaks)
    return Head(row.name, row.number, row.epoch, frontier, row.ruling, row.head)


def mark_moved(tx: Transaction, at: str) -> None:
    """Let nobody write here any more: the school lives in another store since `at`."""
    tx.alter(_MOVE_HEAD, {"moved": at})


def move_head(tx: Transaction, frontier: tree.Frontier, ruling: int, signed: str) -> None:
    """Write the head row after lines were appended."""
    values = {"number": frontier.size, "peaks": frontier.to_bytes(), "ruling": ruling, "head": signed}
    tx.alter(_MOVE_HEAD, values)


def set_epoch(tx: Transaction, epoch: int) -> None:
    """Begin an epoch of the log; the next signed head names it."""
    tx.alter(_MOVE_HEAD, {"epoch": epoch})


_ADD_HEAD = sa.text(
    "INSERT INTO head (school, hash, size, at, body) VALUES (:school, :hash, :size, :at, :body) "
    "ON CONFLICT (school, hash) DO NOTHING"
)
_HEAD_SIZE = select(t.head.c.size, t.head.c.at).where(t.head.c.school == bind("school"), t.head.c.hash == bind("hash"))


def keep_tree_head(tx: Transaction, hash_: str, size: int, at: str, body: str) -> None:
    """Keep a signed tree head, so that changes may name it."""
    tx.run(_ADD_HEAD, hash=hash_, size=size, at=at, body=body)


def tree_head(tx: Transaction, hash_: str) -> tuple[int, str] | None:
    """Return (size, time) of the tree head with this hash, None when the school never signed it."""
    row = tx.run(_HEAD_SIZE, hash=hash_).first()
    return (row.size, row.at) if row else None


# --- lines -------------------------------------------------------------------------------------------------------

_CHANGE = t.change.c
_LINES = (
    select(t.change)
    .where(_CHANGE.school == bind("school"), _CHANGE.number > bind("after"), _CHANGE.number <= bind("upto"))
    .order_by(_CHANGE.number)
    .limit(bind("limit"))
)
#: "" behind the slice: new lines are found by their numbers; the index by slice is for what lies long behind.
_LINES_SEEN = _LINES.where(among(_CHANGE.slice + "", "slices")).where(
    ~sa.and_(_CHANGE.desk == bind("desk"), _CHANGE.n.between(bind("first"), bind("last")))
)
_NUMBERS_OF_SLICE = (
    select(_CHANGE.number)
    .where(_CHANGE.school == bind("school"), _CHANGE.slice == bind("slice"))
    .where(_CHANGE.number > bind("after"), _CHANGE.number <= bind("upto"))
    .order_by(_CHANGE.number)
    .limit(bind("limit"))
)
_OF_RECORD = led_by(
    t.change_by_slice,
    select(t.change)
    .where(_CHANGE.school == bind("school"), _CHANGE.slice == bind("slice"), _CHANGE.body.contains(bind("said")))
    .order_by(_CHANGE.number.desc())
    .limit(bind("limit")),
)
_OF_DESK = select(t.change).where(
    _CHANGE.school == bind("school"), _CHANGE.desk == bind("desk"), _CHANGE.n.between(bind("first"), bind("last"))
)
_NUMBERS_OF_DESK = select(_CHANGE.number).where(
    _CHANGE.school == bind("school"), _CHANGE.desk == bind("desk"), _CHANGE.n.between(bind("first"), bind("last"))
)
_LAST_COUNTER = select(sa.func.coalesce(sa.func.max(_CHANGE.n), 0)).where(
    _CHANGE.school == bind("school"), _CHANGE.desk == bind("desk"), _CHANGE.number <= bind("number")
)
_KNOWN_IDS = select(_CHANGE.id).where(_CHANGE.school == bind("school"), among(_CHANGE.id, "ids"))
_BY_NUMBERS = select(t.change).where(_CHANGE.school == bind("school"), among(_CHANGE.number, "numbers"))


def append(tx: Transaction, lines: Sequence[Line]) -> None:
    """Write lines; their numbers follow the head row."""
    tx.add(t.change, _COLUMNS, map(_values, lines))


_COLUMNS = (
    "number", "desk", "n", "id", "slice", "body", "prev", "hash", "outcome", "reason", "at", "leaf", "batch",
    "position",
)  # fmt: skip


def _values(line: Line) -> tuple[Any, ...]:
    """Return the values of `_COLUMNS`."""
    change, verdict = line.change, line.verdict
    body = wire.encode(change).decode()
    return (
        verdict.number, change.desk, change.n, change.id, line.slice, body, line.prev, line.hash, verdict.outcome,
        verdict.reason, verdict.at, line.leaf, line.batch, line.position,
    )  # fmt: skip


def lines(tx: Transaction, after: int, upto: int, limit: int) -> list[Line]:
    """Return the first `limit` lines with after < number <= upto."""
    return [_line(row) for row in tx.run(_LINES, after=after, upto=upto, limit=limit)]


def lines_to_send(
    tx: Transaction, after: int, upto: int, limit: int, slices: Iterable[str], own: tuple[str, int, int] = ("", 0, 0)
) -> list[SentLine]:
    """Return the first `limit` lines of the named slices with after < number <= upto, but those of `own`.

    `own` is a desk with the first and the last counter of what it knows already.
    """
    values = {"desk": own[0], "first": own[1], "last": own[2], "slices": list(slices)}
    return [_sent(row) for row in tx.run(_LINES_SEEN, after=after, upto=upto, limit=limit, **values)]


def numbered_to_send(tx: Transaction, numbers: Sequence[int]) -> list[SentLine]:
    """Return the lines with these numbers as they are sent, in no order."""
    return [_sent(row) for row in tx.run(_BY_NUMBERS, numbers=list(numbers))] if numbers else []


def lines_of_slices(tx: Transaction, after: int, upto: int, limit: int, slices: Sequence[str]) -> list[SentLine]:
    """Return what `lines_to_send` does, of few slices in a long log."""
    if len(slices) > FEW_SLICES:
        return lines_to_send(tx, after, upto, limit, slices)
    span = {"after": after, "upto": upto, "limit": limit}
    each = [tx.run(_NUMBERS_OF_SLICE, slice=slice_, **span).scalars() for slice_ in slices]
    numbers = sorted(number for found in each for number in found)[:limit]
    return sorted(map(_sent, tx.run(_BY_NUMBERS, numbers=numbers)), key=lambda line: line.number)


def lines_of_record(tx: Transaction, kind: str, record: str, slices: Iterable[str], limit: int) -> list[SentLine]:
    """Return the newest `limit` lines of one record, in order; `slices` are those in which they may stand."""
    said = f'"record":{msgspec.json.encode(record).decode()}'
    rows = [row for slice_ in slices for row in tx.run(_OF_RECORD, slice=slice_, said=said, limit=limit)]
    newest = sorted((row for row in rows if _is_of(row.body, kind, record)), key=lambda row: row.number)[-limit:]
    return [_sent(row) for row in newest]


class _About(Struct):
    kind: str
    record: str


def _is_of(body: str, kind: str, record: str) -> bool:
    about = msgspec.json.decode(body, type=_About)
    return (about.kind, about.record) == (kind, record)


def _sent(row: sa.Row[tuple[object, ...]]) -> SentLine:
    return SentLine(row.number, row.desk, row.n, row.body, row.prev.hex(), _verdict(row), row.batch, row.position)


def lines_of_desk(tx: Transaction, desk: str, first: int, last: int) -> dict[int, Line]:
    """Return the desk's lines with counters first … last, by counter."""
    return {row.n: _line(row) for row in tx.run(_OF_DESK, desk=desk, first=first, last=last)}


def last_counter(tx: Transaction, desk: str, number: int) -> int:
    """Return the desk's last counter among the lines up to a number, 0 when it has none there."""
    return int(tx.run(_LAST_COUNTER, desk=desk, number=number).scalar_one())


def numbers_of_desk(tx: Transaction, desk: str, first: int, last: int) -> frozenset[int]:
    """Return the numbers of the desk's lines with counters first … last."""
    return frozenset(tx.run(_NUMBERS_OF_DESK, desk=desk, first=first, last=last).scalars()) if first else frozenset()


def lines_numbered(tx: Transaction, numbers: Sequence[int]) -> list[Line]:
    """Return the lines with these numbers."""
    return [_line(row) for row in tx.run(_BY_NUMBERS, numbers=list(numbers))] if numbers else []


def known_ids(tx: Transaction, change_ids: Sequence[str]) -> set[str]:
    """Return which of these change ids the log holds."""
    return set(tx.run(_KNOWN_IDS, ids=list(change_ids)).scalars())


def _line(row: sa.Row[tuple[object, ...]]) -> Line:
    change = wire.decode(Change, row.body.encode())
    return Line(change, row.slice, row.prev, row.hash, _verdict(row), row.leaf, row.batch, row.position)


def _verdict(row: sa.Row[tuple[object, ...]]) -> Verdict:
    return Verdict(id=row.id, number=row.number, outcome=row.outcome, reason=row.reason, at=row.at)


# --- the tree ----------------------------------------------------------------------------------------------------

_NODE = select(t.tree.c.hash).where(
    t.tree.c.school == bind("school"), t.tree.c.level == bind("level"), t.tree.c.position == bind("position")
)
_LEAVES = (
    select(_CHANGE.leaf)
    .where(_CHANGE.school == bind("school"), _CHANGE.number.between(bind("first"), bind("last")))
    .order_by(_CHANGE.number)
)
_NODES = (
    select(t.tree.c.hash)
    .where(
        t.tree.c.school == bind("school"),
        t.tree.c.level == bind("level"),
        t.tree.c.position.between(bind("first"), bind("last")),
    )
    .order_by(t.tree.c.position)
)


def grow(tx: Transaction, growth: tree.Growth) -> None:
    """Keep the completed subtrees of the levels that are kept; the leaves stand in the log."""
    kept = ((level, index, value) for level, index, value in growth.completed if level and level % KEPT_LEVELS == 0)
    tx.add(t.tree, ("level", "position", "hash"), kept)


def node_reader(tx: Transaction) -> tree.NodeReader:
    """Return a reader of perfect subtrees for proofs: from what is kept, and from up to 256 nodes below."""

    def node(level: int, index: int) -> bytes:
        kept = level - level % KEPT_LEVELS
        width = 1 << level - kept
        first, last = index * width, (index + 1) * width - 1
        if kept == 0:  # line number k + 1 is leaf k
            below = tx.run(_LEAVES, first=first + 1, last=last + 1).scalars().all()
        else:
            below = tx.run(_NODES, level=kept, first=first, last=last).scalars().all()
        if len(below) != width:
            raise LookupError(f"no complete subtree {level}/{index}")
        return tree.root_of(below)

    return node


# --- receipts ----------------------------------------------------------------------------------------------------

_RECEIPT = t.receipt.c
_ADD_RECEIPT = t.receipt.insert()
_RECEIPTS = select(t.receipt).where(_RECEIPT.school == bind("school"), among(_RECEIPT.root, "roots"))
_RECEIPTS_FROM = (
    select(t.receipt)
    .where(_RECEIPT.school == bind("school"), _RECEIPT.desk == bind("desk"), _RECEIPT.last >= bind("first"))
    .order_by(_RECEIPT.last)
    .limit(bind("limit"))
)


def keep_receipt(tx: Transaction, receipt: StoredReceipt) -> None:
    """Keep a receipt, so that the same batch gets it again."""
    tx.run(_ADD_RECEIPT, root=receipt.root, desk=receipt.desk, first=receipt.first, last=receipt.last,
           head=receipt.head, hashes=receipt.hashes, body=receipt.body)  # fmt: skip


def receipts(tx: Transaction, roots: Iterable[str]) -> dict[str, StoredReceipt]:
    """Return the receipts of these batches, by root."""
    rows = tx.run(_RECEIPTS, roots=list(set(roots)))
    return {row.root: _receipt(row) for row in rows}


def receipts_from(tx: Transaction, desk: str, first: int, limit: int) -> list[StoredReceipt]:
    """Return the desk's receipts that hold its change `first` or later ones, in order."""
    return [_receipt(row) for row in tx.run(_RECEIPTS_FROM, desk=desk, first=first, limit=limit)]


def _receipt(row: sa.Row[tuple[object, ...]]) -> StoredReceipt:
    return StoredReceipt(row.root, row.desk, row.first, row.last, row.head, row.hashes, row.body)
