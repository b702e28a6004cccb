"""What the register says of the drives with backups: when a copy on each was proved, until when the next is in time.

Copies are proved at a desk, which tells of it by a record; so the server knows of drives that it has never seen.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from ejournal_core import russian
from ejournal_core.backup_register import copy_due_on, counts_from
from ejournal_core.kinds import BackupDrive, GradingPeriod
from ejournal_server.authority import Authority
from ejournal_server.facts import Known


class DriveLine(Struct, frozen=True, kw_only=True):
    """A drive in use.

    Args:
        drive: the id of its card. label: what is written on it.
        proved: when a copy on it was restored for trial last (RFC 3339), "" for never.
        due: the last day on which the next copy is in time (P25, ISO 8601).
        late: that day has passed, or nothing was proved on it yet.
    """

    drive: str
    label: str
    proved: str
    due: str
    late: bool


def drives(authority: Authority) -> list[DriveLine]:
    """Return the drives of the register that are in use, by label."""
    today = authority.today()
    with authority.store.read() as tx:
        known = Known(tx)
        schedule, periods = known.policy(None).backup_schedule, known.all_of(GradingPeriod)
        used = [each for each in known.all_of(BackupDrive) if each.standing == "used"]
    found = []
    for each in used:
        last = _counted_from(each, today)
        due = copy_due_on(schedule, last, today, periods)
        late = last is None or due < today
        found.append(
            DriveLine(drive=each.id, label=each.label, proved=each.proved_at, due=due.isoformat(), late=late)
        )  # fmt: skip
    return sorted(found, key=lambda line: (russian.sort_key(line.label), line.drive))


def _counted_from(drive: BackupDrive, today: date) -> date | None:
    """Return the day from which the proved copy counts; a proof still to come was told by a wrong clock: it is none."""
    proved = datetime.fromisoformat(drive.proved_at).astimezone() if drive.proved_at else None
    return counts_from(drive.generation, proved) if proved is not None and proved.date() <= today else None
