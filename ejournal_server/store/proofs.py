"""Read the tree for proofs: many subtrees at once, so that a pull over a long stretch costs a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core import tree
from ejournal_server.store import log
from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction

#: Leaves between two wanted ones that are read with them rather than in a query of their own.
_NEAR = 2_048

_LEAVES = (
    select(t.change.c.leaf)
    .where(t.change.c.school == bind("school"), t.change.c.number.between(bind("first"), bind("last")))
    .order_by(t.change.c.number)
)


def hidden(tx: Transaction, gaps: Iterable[tuple[int, int]]) -> list[bytes]:
    """Return the hashes of the subtrees covering each gap (first leaf, after the last), in order.

    Raises:
        LookupError: the log has not these lines.
    """
    wanted = [subtree for gap in gaps for subtree in tree.covering(*gap)]
    node = log.node_reader(tx)
    leaves = _Leaves(tx, (_range(*subtree) for subtree in wanted if subtree[0] < log.KEPT_LEVELS))
    return [leaves.subtree(*each) if each[0] < log.KEPT_LEVELS else node(*each) for each in wanted]


def _range(level: int, index: int) -> tuple[int, int]:
    return index << level, (index + 1) << level


class _Leaves:
    """The leaves under low subtrees, read in long runs; the subtrees are asked for in ascending order."""

    def __init__(self, tx: Transaction, ranges: Iterable[tuple[int, int]]) -> None:
        self._tx = tx
        self._runs = _runs(ranges)
        self._first, self._last = 0, 0
        self._read: list[bytes] = []

    def subtree(self, level: int, index: int) -> bytes:
        first, last = _range(level, index)
        while last > self._last:
            self._first, self._last = next(self._runs)
            self._read = list(self._tx.run(_LEAVES, first=self._first + 1, last=self._last).scalars())
            if len(self._read) != self._last - self._first:
                raise LookupError(f"leaves are missing between {self._first} and {self._last}")
        return _root(self._read[first - self._first : last - self._first])


def _root(leaves: list[bytes]) -> bytes:
    while len(leaves) > 1:
        leaves = [tree.node_hash(left, right) for left, right in zip(leaves[::2], leaves[1::2], strict=True)]
    return leaves[0]


def _runs(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join ranges that are near each other."""
    begin, end = -1, -1
    for first, last in ranges:
        if begin < 0:
            begin = first
        elif first - end > _NEAR:
            yield begin, end
            begin = first
        end = last
    if begin >= 0:
        yield begin, end
