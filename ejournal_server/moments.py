"""When a change was entered, as far as the log proves it: a desk's clock counts between what it had seen and now."""

from __future__ import annotations

from datetime import datetime, timedelta

from ejournal_server.store import contacts, log, people
from ejournal_server.store.database import Transaction

NEAR = timedelta(hours=3)
EASTWARD = (timedelta(hours=2), timedelta(hours=12))  # from Kaliningrad to Kamchatka


def known_before(tx: Transaction, desk_id: str) -> tuple[int, datetime]:
    """Return how much of the log a desk is known to have held, and since when: by naming it or by asking for more."""
    desk = people.desk(tx, desk_id)
    assert desk is not None, "only a certified desk has lines"
    size, at = desk.named_size, datetime.fromisoformat(desk.named_at or desk.at)
    confirmed = contacts.confirmed(tx, desk_id)
    lines = log.lines_numbered(tx, [confirmed]) if confirmed > size else []
    return (confirmed, max(at, datetime.fromisoformat(lines[0].verdict.at))) if lines else (size, at)


def entry_time(at: str, seen_at: datetime, now: datetime) -> datetime:
    """Return when a change was entered: the desk's clock where it lies between what the desk had seen and the arrival.

    The offset of the desk's clock is kept, because days are reckoned where the school is; an offset from elsewhere
    would move "today", and gives way to the server's own.
    """
    claimed = datetime.fromisoformat(at)
    bounded = min(max(claimed, seen_at), now)
    return bounded.astimezone(claimed.tzinfo if _is_near(claimed, now) else None)


def _is_near(claimed: datetime, now: datetime) -> bool:
    """Say whether a clock's offset may be the school's: within three hours of this machine's.

    A machine that was left in UTC does not know where it stands; then any offset of Russia will do.
    """
    here, there = now.astimezone().utcoffset(), claimed.utcoffset()
    assert here is not None, "local time has an offset"
    assert there is not None, "moments are aware"
    if not here and there:
        return EASTWARD[0] <= there <= EASTWARD[1]
    return abs(there - here) <= NEAR
