"""When the school's rules (P25) ask for a copy on the server itself, and when copies were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec

from ejournal_core import backup_register
from ejournal_core.archive import Catalogue
from ejournal_core.bounds import is_moment
from ejournal_core.errors import NOT_JSON
from ejournal_core.kinds import GradingPeriod
from ejournal_server import generations
from ejournal_server.authority import Authority
from ejournal_server.facts import Known


def made_at(folder: Path) -> Iterator[str]:
    """Yield when each generation of a folder was made (RFC 3339, UTC), the one that reaches farthest last.

    A spoilt catalogue has "": what is no moment is said by nobody, and must not keep the next copy from being made.
    """
    for name in generations.generations(folder):
        try:
            at = msgspec.json.decode((folder / name / generations.CATALOGUE).read_bytes(), type=Catalogue).made_at
        except (OSError, *NOT_JSON):
            at = ""
        yield at if is_moment(at) else ""


def newest(folder: Path) -> str:
    """Return when the generation that reaches farthest was made, "" when there is none or its catalogue is spoilt."""
    return next(reversed([*made_at(folder)]), "")


def daily_due_on(authority: Authority, data: Path) -> date | None:
    """Return the day from which the rules ask for the next copy in the daily folder, None where they ask for none.

    The interval counts from the last copy that is not dated ahead: a clock that was once a year fast would else keep
    the server from making any for a year.
    """
    with authority.store.read() as tx:
        known = Known(tx)
        schedule, periods = known.policy(None).backup_schedule, known.all_of(GradingPeriod)
    if schedule.local == "none":
        return None
    today = authority.today()
    days = [day for day in _days(generations.daily_folder(data)) if day <= today]
    local = msgspec.structs.replace(schedule, drives=schedule.local)
    return backup_register.copy_due_on(local, max(days, default=None), today, periods)


def _days(folder: Path) -> Iterator[date]:
    return (datetime.fromisoformat(moment).astimezone().date() for moment in made_at(folder) if moment)
