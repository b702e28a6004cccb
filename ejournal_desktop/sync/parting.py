"""What a person may no longer see leaves this disk, once no clock is in doubt by which that was reckoned.

Loads and roles have dates, and the server reckons by its clock. One that fell back by years after its battery had died
would tell every desk that no load has begun yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ejournal_core import wire
from ejournal_desktop.models import leaving, slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import trust
from ejournal_desktop.sync.holding import SliceServer, fingerprint

BEARABLE = timedelta(days=1)  # of difference between two clocks: a load that ends today ends tomorrow at the latest


def let_leave(journal: Journal, server: SliceServer, server_key: bytes) -> None:
    """Take from the disk what has to leave and is not on its way, and tell the server what is held.

    While the clocks are in doubt nothing leaves, and the person is told how far they are apart.

    Raises:
        Trouble: the server is away or contradicts itself; the next meeting goes on.
    """
    apart = _apart(journal, server, server_key) if _is_anything_leaving(journal) else timedelta()
    if not apart:
        leaving.let_leave(journal)
    if journal.state().clocks_apart != int(apart.total_seconds()):
        journal.note(clocks_apart=int(apart.total_seconds()))
    names = sorted(journal.ask(slices.held))
    if fingerprint(names) != journal.state().confirmed:
        server.confirm_scope(names)
        journal.note(confirmed=fingerprint(names))


def _is_anything_leaving(journal: Journal) -> bool:
    return any(each.leaving for each in journal.ask(slices.held).values())


def _apart(journal: Journal, server: SliceServer, server_key: bytes) -> timedelta:
    told = server.scope()
    trust.check_head(journal.head, told.head, journal.identity.school, server_key)
    return doubt(told, journal.clock())


def doubt(told: wire.Scope, here: datetime) -> timedelta:
    """Return by how much the server's clock is off where that puts its word in doubt, else nothing.

    It may not stand before the end of its own log, nor far from this computer's clock. Which of two clocks is wrong
    nobody can tell here: the server dates the log itself.

    Args:
        told: the server's word with its time and the head of its log.
        here: this computer's time, aware.
    """
    there, log_end = datetime.fromisoformat(told.time), datetime.fromisoformat(told.head.at)
    off = there - log_end if there < log_end - BEARABLE else there - here
    return off if abs(off) > BEARABLE else timedelta()
