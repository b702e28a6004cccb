"""What did not simply become the value: open disputes, and what cannot be attributed (quarantine)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import func, select

from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction


class Dispute(Struct, frozen=True, kw_only=True):
    """A unit of a record for which two people want different values."""

    number: int
    unit: str
    kind: str
    record: str
    author: str
    standing: int
    closed_by: int = 0


class Quarantined(Struct, frozen=True, kw_only=True):
    """Something that arrived and cannot be attributed, kept whole; `n` and `hash` where it has a place in a chain.

    `state` is "waiting", "readmitted" or "dismissed"; `decision` then tells who decided and how, as JSON.
    """

    sha256: str
    desk: str
    n: int = 0
    hash: str = ""
    reason: str
    at: str
    body: str
    size: int = 0
    state: str = "waiting"
    decision: str = ""


_D, _Q = t.dispute.c, t.quarantine.c
_DISPUTES = select(t.dispute).where(_D.school == bind("school")).order_by(_D.number)
_OPEN = _DISPUTES.where(_D.closed_by == 0)
_OF_RECORD = _DISPUTES.where(_D.kind == bind("kind"), _D.record == bind("record"))
_CLOSE = t.dispute.update().where(_D.school == bind("school_"), _D.number == bind("number_"), _D.unit == bind("unit_"))
_HELD = select(t.quarantine).where(_Q.school == bind("school")).order_by(_Q.at, _Q.desk, _Q.n)
_ONE = _HELD.where(_Q.sha256 == bind("sha256"))
_OF_DESK = _HELD.where(_Q.desk == bind("desk"), _Q.n.between(bind("first"), bind("last")))
_WAITING = (_Q.school == bind("school"), _Q.state == "waiting")
_COUNT = select(func.count()).select_from(t.quarantine).where(*_WAITING, _Q.desk == bind("desk"))
_LOAD = select(func.count().label("things"), func.coalesce(func.sum(_Q.size), 0).label("size")).where(*_WAITING)
_LOAD_OF = _LOAD.where(_Q.reason == bind("reason"))
_DECIDE = t.quarantine.update().where(_Q.school == bind("school_"), _Q.sha256 == bind("sha256_"))


def _fields(row: sa.Row[tuple[object, ...]]) -> dict[str, Any]:
    values = dict(row._mapping)
    del values["school"]
    return values


def open_disputes(tx: Transaction) -> list[Dispute]:
    """Return all open disputes, oldest first."""
    return [Dispute(**_fields(row)) for row in tx.run(_OPEN)]


def disputes_of(tx: Transaction, kind: str, record: str) -> list[Dispute]:
    """Return the disputes of a record, decided ones included."""
    return [Dispute(**_fields(row)) for row in tx.run(_OF_RECORD, kind=kind, record=record)]


def open_disputes_of(tx: Transaction, kind: str, record: str) -> list[Dispute]:
    """Return the open disputes of a record."""
    return [dispute for dispute in disputes_of(tx, kind, record) if not dispute.closed_by]


def add_disputes(tx: Transaction, disputes: Sequence[Dispute]) -> None:
    """Open disputes."""
    tx.run_many(t.dispute.insert(), [msgspec.structs.asdict(dispute) for dispute in disputes])


def close_dispute(tx: Transaction, dispute: Dispute, number: int) -> None:
    """Close a dispute by the change with this number."""
    tx.alter(_CLOSE, {"closed_by": number}, number=dispute.number, unit=dispute.unit)


def quarantine(tx: Transaction, held: Quarantined) -> None:
    """Keep something in quarantine; the same thing twice is one."""
    if tx.run(_ONE, sha256=held.sha256).first() is None:
        tx.run(t.quarantine.insert(), **msgspec.structs.asdict(held) | {"size": len(held.body)})


def quarantined(tx: Transaction) -> list[Quarantined]:
    """Return everything in quarantine, oldest first."""
    return [Quarantined(**_fields(row)) for row in tx.run(_HELD)]


def quarantined_of_desk(tx: Transaction, desk: str, first: int, last: int) -> dict[int, Quarantined]:
    """Return what a desk's chain has in quarantine at counters first … last, by counter."""
    rows = tx.run(_OF_DESK, desk=desk, first=first, last=last)
    return {row.n: Quarantined(**_fields(row)) for row in rows}


def quarantine_size(tx: Transaction, desk: str) -> int:
    """Return how many things of a desk wait in quarantine."""
    return int(tx.run(_COUNT, desk=desk).scalar_one())


def quarantine_load(tx: Transaction, reason: str = "") -> tuple[int, int]:
    """Return how many things wait in quarantine and how many characters they hold: all, or those of one reason."""
    row = tx.run(_LOAD_OF if reason else _LOAD, reason=reason).one()
    return int(row.things), int(row.size)


def decide_quarantined(tx: Transaction, sha256: str, state: str, decision: str) -> None:
    """Keep what was decided about a thing in quarantine; it stays stored."""
    tx.alter(_DECIDE, {"state": state, "decision": decision}, sha256=sha256)
