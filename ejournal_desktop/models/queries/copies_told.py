"""What the log of events tells an administrator of the server's own copies and of the recovery key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core.backup_register import DAILY_GRACE, copy_due_on
from ejournal_core.kinds import GradingPeriod
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.tables import TABLES


class DailyCopy(Struct, frozen=True, kw_only=True):
    """The copy that the server makes for itself by the rules (P25).

    Attributes:
        made_at: when the newest was made, None for never.
        due_on: from which day the next is due; None where the rules ask for none, or nothing is known yet.
        stopped: it has been due for longer than a server may be off.
    """

    made_at: datetime | None = None
    due_on: date | None = None
    stopped: bool = False


class RecoveryKeys(Struct, frozen=True, kw_only=True):
    """Fingerprints of the recovery key of today and of the one before, "" for none; `since` when today's was made."""

    present: str = ""
    former: str = ""
    since: date | None = None


class Registered(Protocol):
    """A drive of the register, as far as it says since when there are copies at all."""

    @property
    def since(self) -> date:
        """Return when it was registered."""


def daily_copy(connection: sa.Connection, policy: Policy, today: date, drives: Iterable[Registered]) -> DailyCopy:
    """Return how the server's own copies stand; where none was ever made, they count from the first drive on."""
    asked = policy.backup_schedule
    made = [datetime.fromisoformat(at) for _, at in _told(connection, "backup_made", "daily")]
    last = max(made, default=None)
    if asked.local == "none":
        return DailyCopy(made_at=last)
    due = min((each.since for each in drives), default=None)
    if last is not None:
        local = msgspec.structs.replace(asked, drives=asked.local)
        due = copy_due_on(local, last.astimezone().date(), today, select_records(connection, GradingPeriod))
    stopped = due is not None and (today - due).days > DAILY_GRACE
    return DailyCopy(made_at=last, due_on=due, stopped=stopped)


def recovery_keys(connection: sa.Connection) -> RecoveryKeys:
    """Return the keys that the server has made, as far as this desk has heard."""
    made = _told(connection, "recovery_key_made")
    if not made:
        return RecoveryKeys()
    present, at = made[-1]
    former = made[-2][0] if len(made) > 1 else ""
    return RecoveryKeys(present=present, former=former, since=datetime.fromisoformat(at).astimezone().date())


def _told(connection: sa.Connection, event: str, detail: str | None = None) -> list[tuple[str, str]]:
    """Return detail and moment of the events of a name, in the order in which the server told them."""
    rows = connection.execute(_EVENTS, {"event": event}).all()
    return [(row.detail, row.entered_at) for row in rows if row.entered_at and detail in (None, row.detail)]


_E = TABLES["AuditEvent"].c
_EVENTS = (
    sa.select(_E.detail, _E.entered_at)
    .where(_E.event == sa.bindparam("event"), _E.desk_id == "", _E.voided.is_not(True))
    .order_by(_E.log_number, _E.id)
)
