"""One school's server as everything here knows it: its store, its keys and its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from msgspec import Struct

from ejournal_server.keys import ServerKeys
from ejournal_server.store.database import Store

Clock = Callable[[], datetime]


def utc_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class Authority(Struct, frozen=True):
    """One school's server: its store, its keys and its clock. There is one order of changes, and it is kept here."""

    store: Store
    keys: ServerKeys
    clock: Clock = utc_clock

    @property
    def school(self) -> str:
        """The school's id."""
        return self.store.school

    def today(self) -> date:
        """Return the school's day by the time zone of this machine; in Kamchatka it begins at UTC's noon before."""
        return self.clock().astimezone().date()


def stamp(moment: datetime) -> str:
    """Return a moment as RFC 3339 text in UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
