"""Proofs on request: that a line stands in the log, that one tree begins another, that an epoch was opened."""

from __future__ import annotations

from typing import ClassVar

from ejournal_core import ids, tree, wire
from ejournal_core.errors import Trouble
from ejournal_core.wire import BatchHead, EpochLine, Pulled, TreeProof
from ejournal_server import scopes, signing
from ejournal_server.authority import Authority
from ejournal_server.store import log, records
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Line
from ejournal_server.store.people import Desk


class NothingToProve(Trouble):
    """The log has no such line or size, or the person may not see the line."""

    code: ClassVar[str] = "EJ-250"


def inclusion(authority: Authority, desk: Desk, number: int, size: int) -> bytes:
    """Return the proof that line `number` is in the tree of `size` lines.

    Raises:
        NothingToProve: there is no such line there, or the desk's person may not see it.
    """
    with authority.store.read() as tx:
        _check_size(tx, size)
        lines = log.lines_numbered(tx, [number]) if 1 <= number <= size else []
        seen = scopes.scope_of(authority, tx, desk.person).slices | {f"desk:{desk.id}"}
        if not lines or lines[0].slice not in seen:
            raise NothingToProve("no such line")
        return wire.encode(TreeProof(path=_path(tx, number, size)))


def consistency(authority: Authority, old: int, size: int) -> bytes:
    """Return the proof that the tree of `old` lines is the beginning of the tree of `size`.

    Raises:
        NothingToProve: the log is shorter, or the sizes are out of order.
    """
    with authority.store.read() as tx:
        _check_size(tx, size)
        if not 1 <= old <= size:
            raise NothingToProve("no such beginning")
        proof = tree.consistency_proof(old, size, log.node_reader(tx))
    return wire.encode(TreeProof(path=tuple(each.hex() for each in proof)))


def epochs(authority: Authority, after: int) -> bytes:
    """Return the body with the signed tree head and the lines that opened the epochs after number `after`."""
    with authority.store.read() as tx:
        head = signing.current_head(tx)
        later = [row for row in records.of_kind(tx, "Epoch") if ids.epoch_number(row.id) > after]
        numbers = sorted(row.number for row in later)
        lines = [_opening(tx, line, head.size) for line in sorted(log.lines_numbered(tx, numbers), key=_number)]
    return wire.compress(wire.encode_lines((head, *lines)))


def _number(line: Line) -> int:
    return line.verdict.number


def _opening(tx: Transaction, line: Line, size: int) -> EpochLine:
    stored = log.receipts(tx, [line.batch])[line.batch]
    pulled = Pulled(change=line.change, prev=line.prev.hex(), verdict=line.verdict, batch=line.batch,
                    index=line.position)  # fmt: skip
    batch = wire.decode(BatchHead, stored.head.encode())
    return EpochLine(opening=pulled, signed=batch, path=_path(tx, line.verdict.number, size))


def _path(tx: Transaction, number: int, size: int) -> tuple[str, ...]:
    return tuple(each.hex() for each in tree.inclusion_proof(number - 1, size, log.node_reader(tx)))


def _check_size(tx: Transaction, size: int) -> None:
    if size > log.read_head(tx).number:
        raise NothingToProve("the log is shorter")
