"""The register of drives with backups as a screen shows it: what is proved on each, what is due, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from ejournal_core import access
from ejournal_core.backup_register import copy_due_on, counts_from
from ejournal_core.kinds import BackupAct, BackupDrive, DriveStanding, GradingPeriod, RoleGrant, School
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.copies_told import DailyCopy, RecoveryKeys, daily_copy, recovery_keys

#: A recovery sheet that nobody has looked at for so long may be gone: our choice, no regulation names a term.
SHEET_EVERY = timedelta(days=365)
#: So long before its day the copy stands among what is due.
AHEAD = timedelta(days=3)

Lack = Literal["drives", "proof", "late", "key", "place", "room"]
Level = Literal["good", "soon", "bad"]
FormerKey = Literal["", "only", "also"]


class DriveRow(Struct, frozen=True, kw_only=True):
    """A drive of the register.

    Attributes:
        id: that of its card.
        proved_at: when a copy on it was restored for trial last, None for never. generation: that copy.
        due_on: the last day on which the next copy is in time; None for a drive that is used no more.
        late: that day has passed, or nothing was proved on it yet.
        former_key: "only": its newest copy opens with a recovery key before the present one alone · "also": older ones
            may lie on it that do, and no act says that they were destroyed.
    """

    id: str
    label: str
    serial: str
    holder: str
    room: str
    since: date
    standing: DriveStanding
    generation: str
    proved_at: datetime | None
    held: int
    free_mib: int
    sheet: str
    due_on: date | None
    late: bool
    former_key: FormerKey = ""


class ActRow(Struct, frozen=True, kw_only=True):
    """An act of the register; `sheet` is the recovery key whose sheet was seen, or whose copies were destroyed."""

    id: str
    what: Literal["custody", "destruction", "sheet"]
    label: str
    acted_on: date
    number: str
    gives: str
    takes: str
    room: str
    reason: str
    sheet: str = ""


class BackupState(Struct, frozen=True, kw_only=True):
    """How the school's backups stand.

    Attributes:
        drives: those in use first, then the others.
        wanted: how many the school wants (P26).
        due_on: until when the next copy is in time; the earliest of its drives.
        lacks: what else keeps it from being good, in the order of weight; empty when all is.
        sheet: fingerprint of the recovery key of today, "" while none is known. former: of the one before it.
        daily: how the copy on the server itself stands.
        sheet_seen_on: when its sheet was looked at last, None for never. sheet_late: longer ago than a year.
        keeps: this person makes the copies.
    """

    level: Level
    drives: tuple[DriveRow, ...]
    acts: tuple[ActRow, ...]
    wanted: int
    due_on: date
    lacks: tuple[Lack, ...]
    sheet: str
    former: str
    daily: DailyCopy
    sheet_seen_on: date | None
    sheet_late: bool
    keeps: bool

    @property
    def used(self) -> tuple[DriveRow, ...]:
        """Return the drives to which copies are written."""
        return tuple(each for each in self.drives if each.standing == "used")


def keeps_drives(journal: Journal) -> bool:
    """Say whether this person makes the school's backups today."""
    return access.keeps_drives(_grants(journal), journal.clock().date())


def sees_drives(journal: Journal) -> bool:
    """Say whether this person sees the register of drives today."""
    return access.sees_drives(_grants(journal), journal.clock().date())


def _grants(journal: Journal) -> list[RoleGrant]:
    with journal.reading() as connection:
        return select_records(connection, RoleGrant, person_id=journal.identity.person_id)


def school_name(journal: Journal) -> str:
    """Return the school's full name for a paper, "" where the journal does not know it."""
    with journal.reading() as connection:
        return next((each.full_name for each in select_records(connection, School)), "")


def drives_kept(journal: Journal) -> tuple[DriveRow, ...]:
    """Return the register: drives in use first, each group by label."""
    policy, today = journal.policy(), journal.clock().date()
    with journal.reading() as connection:
        periods, keys = select_records(connection, GradingPeriod), recovery_keys(connection)
        ended = {(each.drive_id, each.sheet) for each in select_records(connection, BackupAct)
                 if each.what == "destruction"}  # fmt: skip
        found = [_row(each, policy, today, periods) for each in select_records(connection, BackupDrive)]
    found = [msgspec.structs.replace(each, former_key=_former_key(each, keys, ended)) for each in found]
    return tuple(sorted(found, key=lambda row: (row.standing != "used", row.label.casefold(), row.id)))


def _row(drive: BackupDrive, policy: Policy, today: date, periods: Sequence[GradingPeriod]) -> DriveRow:
    proved = datetime.fromisoformat(drive.proved_at) if drive.proved_at else None
    used = drive.standing == "used"
    last = counts_from(drive.generation, proved) if proved is not None else None
    due = copy_due_on(policy.backup_schedule, last, today, periods) if used else None
    return DriveRow(
        id=drive.id, label=drive.label, serial=drive.serial, holder=drive.holder, room=drive.room,
        since=drive.since, standing=drive.standing, generation=drive.generation, proved_at=proved, held=drive.held,
        free_mib=drive.free_mib, sheet=drive.sheet, due_on=due,
        late=due is not None and (proved is None or due < today),
    )  # fmt: skip


def _former_key(drive: DriveRow, keys: RecoveryKeys, ended: Collection[tuple[str, str]]) -> FormerKey:
    """Say which copies on a drive open with a key that is not that of today."""
    if drive.proved_at is None or drive.standing == "destroyed":
        return ""
    if drive.sheet and keys.present and drive.sheet != keys.present:
        return "only"
    kept_before = keys.since is not None and drive.since <= keys.since
    return "also" if keys.former and kept_before and (drive.id, keys.former) not in ended else ""


def backup_state(journal: Journal) -> BackupState:
    """Return how the school's backups stand today, by P25 and P26."""
    drives, policy, today = drives_kept(journal), journal.policy(), journal.clock().date()
    used = [each for each in drives if each.standing == "used"]
    wanted = policy.backup_carriers.count
    lacks = tuple(_lacks(used, wanted, different_rooms=policy.backup_carriers.different_rooms))
    due = min((each.due_on for each in used if each.due_on is not None), default=today)
    due = today if len(used) < wanted else due
    newest = max((each for each in drives if each.proved_at), key=lambda each: each.generation, default=None)
    with journal.reading() as connection:
        keys, daily = recovery_keys(connection), daily_copy(connection, policy, today, drives)
    sheet = keys.present or (newest.sheet if newest is not None else "")
    acts, seen = _acts(journal, {each.id: each.label for each in drives}, sheet)
    level: Level = "bad" if {"drives", "proof", "late", "key"} & set(lacks) else "good"
    return BackupState(
        level="soon" if level == "good" and (lacks or due - AHEAD <= today) else level,
        drives=drives, acts=acts, wanted=wanted, due_on=due, lacks=lacks, sheet=sheet, sheet_seen_on=seen,
        sheet_late=bool(sheet) and (seen is None or seen + SHEET_EVERY < today), keeps=keeps_drives(journal),
        former=keys.former, daily=daily,
    )  # fmt: skip


def _lacks(used: Sequence[DriveRow], wanted: int, *, different_rooms: bool) -> list[Lack]:
    rooms = [each.room.casefold() for each in used if each.room]
    found: list[tuple[Lack, bool]] = [
        ("drives", len(used) < wanted),
        ("proof", any(each.proved_at is None for each in used)),
        ("late", any(each.late and each.proved_at is not None for each in used)),
        ("key", any(each.former_key == "only" for each in used)),
        ("place", any(not each.holder or not each.room for each in used)),
        ("room", different_rooms and len(set(rooms)) < len(rooms)),
    ]
    return [name for name, is_so in found if is_so]


def _acts(journal: Journal, labels: dict[str, str], sheet: str) -> tuple[tuple[ActRow, ...], date | None]:
    """Return the acts, newest first, and when the sheet of that key was looked at last."""
    with journal.reading() as connection:
        found = select_records(connection, BackupAct)
    found.sort(key=lambda act: (act.acted_on, act.id), reverse=True)
    seen = next((act.acted_on for act in found if act.what == "sheet" and act.sheet == sheet), None)
    rows = tuple(
        ActRow(
            id=act.id, what=act.what, label=labels.get(act.drive_id, ""), acted_on=act.acted_on, number=act.number,
            gives=act.gives, takes=act.takes, room=act.room, reason=act.reason,
            sheet=act.sheet,
        )
        for act in found
    )  # fmt: skip
    return rows, seen


class BackupDue(Struct, frozen=True, kw_only=True):
    """What the administrator has to do about backups: a copy, a look at the recovery sheet or at the server's own."""

    what: Literal["copy", "sheet", "daily"]
    due_on: date


def backups_due(journal: Journal) -> tuple[BackupDue, ...]:
    """Return what is due about backups for this person; nothing for whoever makes none."""
    if not keeps_drives(journal):
        return ()
    state, today = backup_state(journal), journal.clock().date()
    copy = state.due_on - AHEAD <= today or "key" in state.lacks
    due = [BackupDue(what="copy", due_on=min(state.due_on, today) if "key" in state.lacks else state.due_on)]
    due = due if copy else []
    if state.daily.stopped and state.daily.due_on is not None:
        due.append(BackupDue(what="daily", due_on=state.daily.due_on))
    if state.sheet_late:
        last = state.sheet_seen_on
        due.append(BackupDue(what="sheet", due_on=last + SHEET_EVERY if last is not None else today))
    return tuple(due)
