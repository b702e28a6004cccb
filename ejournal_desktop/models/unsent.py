"""What of this desk still waits for the server: changes without a receipt, and own changes to be seen to."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import wire
from ejournal_core.changes import Change
from ejournal_desktop.models.tables import held_back, history, outbox, shadow


class Unsent(Struct, frozen=True):
    """One change that waits for its receipt, with the hash (hex) of the desk's change before it and its bytes."""

    change: Change
    prev: str
    size: int


def read(connection: sa.Connection, limit: int, after: int) -> list[Unsent]:
    """Return the oldest changes after this counter that wait for a receipt, in order of n."""
    rows = connection.execute(_OUTBOX, {"limit": limit, "after": after})
    bodies = [(body.encode(), prev) for body, prev in rows]
    return [Unsent(wire.decode(Change, body), prev, len(body)) for body, prev in bodies]


def count_held_back(connection: sa.Connection, outcome: str) -> int:
    """Return how many changes of this person ended so and are still to be seen to."""
    return int(connection.execute(_COUNT_HELD_BACK, {"o": outcome}).scalar_one())


def is_at_work(connection: sa.Connection) -> bool:
    """Say whether rows may not be what the server holds: changes wait, or lie on top of what came."""
    return connection.execute(_AT_WORK).first() is not None


def is_anything(connection: sa.Connection) -> bool:
    """Say whether a change waits for its receipt."""
    return connection.execute(_UNSENT).first() is not None


_OUTBOX = (
    sa.select(history.c.body, history.c.prev)
    .join(outbox, outbox.c.change_id == history.c.change_id)
    .where(outbox.c.n > sa.bindparam("after"))
    .order_by(outbox.c.n)
    .limit(sa.bindparam("limit"))
)
_COUNT_HELD_BACK = sa.select(sa.func.count()).select_from(held_back).where(held_back.c.outcome == sa.bindparam("o"))
_UNSENT = sa.select(outbox.c.n).limit(1)
_AT_WORK = sa.union_all(sa.select(outbox.c.record), sa.select(shadow.c.record)).limit(1)
