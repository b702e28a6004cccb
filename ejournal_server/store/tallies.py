"""Figures of a school's store for who operates it: how many wait for a person, how much room is taken."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import func, select

from ejournal_server.store import tables as t
from ejournal_server.store.database import Store, Transaction


class Tally(Struct, frozen=True, kw_only=True):
    """What waits for a person, in numbers."""

    disputes: int
    pending: int
    quarantine: int


_DISPUTES = select(func.count()).where(t.dispute.c.school == bind("school"), t.dispute.c.closed_by == 0)
_PENDING = select(func.count()).where(t.request.c.school == bind("school"), t.request.c.decided_by == 0)
_QUARANTINE = select(func.count()).where(t.quarantine.c.school == bind("school"), t.quarantine.c.state == "waiting")


def tally(tx: Transaction) -> Tally:
    """Count what waits for a person."""
    return Tally(
        disputes=tx.run(_DISPUTES).scalar_one(),
        pending=tx.run(_PENDING).scalar_one(),
        quarantine=tx.run(_QUARANTINE).scalar_one(),
    )


def size(tx: Transaction, file: Path) -> int:
    """Return how many bytes the store takes: its file with what is not yet folded in, or the whole database."""
    if tx.is_postgres:
        return int(tx.connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def pool(store: Store) -> tuple[int, int]:
    """Return how many connections are at work in this process, and how many are kept open."""
    kept = store.engine.pool
    assert isinstance(kept, sa.QueuePool)
    return kept.checkedout(), kept.checkedout() + kept.checkedin()
