"""When the school's rules (P25) ask for a copy on the server itself, and when copies were made."""

from __future__ import annotations

import contextlib
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
from ejournal_server.generations import NoRecipients


def _catalogues(folder: Path) -> Iterator[Catalogue | None]:
    """Yield the catalogue of each generation of a folder, the one that reaches farthest last; None for a spoilt one.

    What is no moment is said by nobody, and must not keep the next copy from being made.
    """
    for name in generations.generations(folder):
        try:
            found = msgspec.json.decode((folder / name / generations.CATALOGUE).read_bytes(), type=Catalogue)
        except (OSError, *NOT_JSON):
            found = None
        yield found if found is not None and is_moment(found.made_at) else None


def newest(folder: Path) -> str:
    """Return when the generation that reaches farthest was made, "" when there is none or its catalogue is spoilt."""
    last = next(reversed([*_catalogues(folder)]), None)
    return last.made_at if last is not None else ""


def daily_due_on(authority: Authority, data: Path) -> date | None:
    """Return the day from which the rules ask for the next copy in the daily folder, None where they ask for none.

    The interval counts from the last copy that is not dated ahead: a clock that was once a year fast would else keep
    the server from making any for a year. Only what opens with the key that is kept now counts: when the sheet was
    replaced, the older copies may open with nothing any more. Until there is one, the first has been due since the
    oldest copy for the drives.
    """
    with authority.store.read() as tx:
        known = Known(tx)
        schedule, periods = known.policy(None).backup_schedule, known.all_of(GradingPeriod)
    if schedule.local == "none":
        return None
    today = authority.today()
    days = [day for day in _days(data, generations.daily_folder(data)) if day <= today]
    if not days:
        return min([today, *_days(data, generations.own_folder(data))])
    local = msgspec.structs.replace(schedule, drives=schedule.local)
    return backup_register.copy_due_on(local, max(days), today, periods)


def _days(data: Path, folder: Path) -> Iterator[date]:
    """Yield the days of a folder's copies that open with the recovery key of today."""
    with contextlib.suppress(NoRecipients, *NOT_JSON):
        key = generations.read_recipients(data).recovery
        for each in _catalogues(folder):
            if each is not None and any(key in file.recipients for file in each.files):
                yield datetime.fromisoformat(each.made_at).astimezone().date()
