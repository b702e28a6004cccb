"""Find what may be about one person, in the records and in the log; who asks looks closer at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, or_, select
from sqlalchemy import bindparam as bind

from ejournal_core.changes import Verdict
from ejournal_server.store import tables as t
from ejournal_server.store.among import among, led_by
from ejournal_server.store.database import Transaction
from ejournal_server.store.slices import Plain


class LineText(Struct, frozen=True):
    """A line of the log: its change as the stored JSON text, and how it ended."""

    text: str
    verdict: Verdict


_R, _C = t.record.c, t.change.c
_RECORD = select(_R.kind, _R.id, _R.fields, _R.number, _R.author, _R.at).where(_R.school == bind("school"))
_RECORDS = _RECORD.where(or_(_R.id.contains(bind("whose")), _R.fields.contains(bind("whose"))))
_RECORDS_OF = _RECORD.where(_R.kind == bind("kind"))
_LINE = (
    select(_C.number, _C.id, _C.body, _C.outcome, _C.reason, _C.at)
    .where(_C.school == bind("school"))
    .order_by(_C.number)
)
_LINES = _LINE.where(_C.body.contains(bind("whose")))
_LINES_OF = led_by(t.change_by_slice, _LINE.where(among(_C.slice, "slices")))


def records_with(tx: Transaction, whose: str) -> Iterator[Plain]:
    """Yield the records in whose id or fields the id of the person stands, in no order; reads all of the school's."""
    for row in tx.run(_RECORDS, whose=whose):
        yield Plain(row.kind, row.id, row.fields, row.number, row.author, row.at)


def records_of(tx: Transaction, kind: str) -> Iterator[Plain]:
    """Yield all records of a kind, in no order."""
    for row in tx.run(_RECORDS_OF, kind=kind):
        yield Plain(row.kind, row.id, row.fields, row.number, row.author, row.at)


def lines_with(tx: Transaction, whose: str) -> Iterator[LineText]:
    """Yield the lines in which the id of the person stands, in order; reads the whole log."""
    for row in tx.run(_LINES, whose=whose):
        yield LineText(row.body, _verdict(row))


def lines_of(tx: Transaction, slices: Iterable[str]) -> Iterator[LineText]:
    """Yield all lines of these slices, in order."""
    for row in tx.run(_LINES_OF, slices=list(slices)):
        yield LineText(row.body, _verdict(row))


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(id=row.id, number=row.number, outcome=row.outcome, reason=row.reason, at=row.at)
