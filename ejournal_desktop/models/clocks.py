"""Watch the wall clock of this PC against a clock that nobody can set, and tell the log when it jumped.

Times of entry are shown to people, so a jump has to be explained; nothing is ordered, expired or deleted by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from ejournal_core.changes import Change
from ejournal_core.kinds import ClockJump
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import history

Steady = Callable[[], float]


def steady_seconds() -> float:
    """Return seconds of a clock that nobody sets and that goes on while the PC sleeps."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)  # Windows: its monotonic clock counts sleep already
    return time.clock_gettime(boottime) if boottime is not None else time.monotonic()


class ClockWatch:
    """Notices jumps of a desk's clock: against a steady clock while it runs, against its last entry at the start.

    Args:
        journal: the desk; its clock is watched.
        steady: seconds, never set and never going back.
    """

    def __init__(self, journal: Journal, steady: Steady = steady_seconds) -> None:
        self._journal = journal
        self._steady = steady
        self._base = journal.clock(), steady()
        self._began = False

    def look(self) -> Change | None:
        """Compare the clocks; return the line for the log when the wall clock jumped by more than P62 bears with."""
        shown, counted = self._journal.clock(), self._steady()
        expected = self._base[0] + timedelta(seconds=counted - self._base[1])
        self._base = shown, counted
        if not self._began:
            self._began = True
            expected = max(shown, self._last_entry() or shown)  # forward nobody can tell: the PC may have been off
        if abs(shown - expected) <= timedelta(minutes=self._journal.policy().clock_doubt.minutes):
            return None
        return self._tell(expected, shown)

    def _last_entry(self) -> datetime | None:
        with self._journal.reading() as connection:
            at = connection.execute(_LAST_ENTRY, {"desk": self._journal.identity.desk_id}).scalar()
        return datetime.fromisoformat(at) if at else None

    def _tell(self, expected: datetime, shown: datetime) -> Change | None:
        own = self._journal.identity
        with self._journal.write() as write:
            return write.edit(
                ClockJump, write.new_id(), person_id=own.person_id, desk_id=own.desk_id,
                expected_at=expected.isoformat(timespec="seconds"), shown_at=shown.isoformat(timespec="seconds"),
            )  # fmt: skip


_LAST_ENTRY = (
    sa.select(history.c.at).where(history.c.desk == sa.bindparam("desk")).order_by(history.c.n.desc()).limit(1)
)
