"""The register of the drives with backups (P26), the acts about them, and when the next copy is due (P25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from ejournal_core import access
from ejournal_core.bounds import is_moment
from ejournal_core.cases import Case, Judgement, also_as_it_stood, refused
from ejournal_core.kinds import BackupAct, BackupDrive, GradingPeriod
from ejournal_core.policy_values import BackupSchedule, Interval

FORM, WHOSE, KEPT = "EJ-530", "EJ-531", "EJ-533"

#: Days for which the server's own copy may be missing before anybody is troubled: a weekend with the server off.
DAILY_GRACE = 2

#: Days from one copy to the next; the other intervals end with the school's periods.
_DAYS: dict[Interval, int] = {"daily": 1, "weekly": 7, "two_weekly": 14, "monthly": 31, "yearly": 366}


def copy_due_on(schedule: BackupSchedule, last: date | None, today: date, periods: Iterable[GradingPeriod]) -> date:
    """Return the last day on which the next copy to a drive is in time (P25).

    Args:
        last: the day from which the copy proved on the drive counts (`counts_from`), None for none: it is due today.
        periods: of the school's years.

    Returns:
        The end of the interval, or the end of a period that comes earlier: what was copied before it lacks its marks.
    """
    if last is None:
        return today
    ends = [each.ends_on for each in periods if each.ends_on > last and _counts(schedule, each)]
    days = _DAYS.get(schedule.drives)
    return min([*ends, last + timedelta(days=days)] if days else [*ends, last + timedelta(days=_DAYS["yearly"])])


def counts_from(generation: str, proved_at: datetime) -> date:
    """Return the day from which a proved copy counts: that on which it was made, in the zone of the proof.

    A copy that is proved once more holds no more of the journal than before: it puts the next one off by nothing.

    Args:
        generation: its name, which tells the moment (UTC); one that tells none counts from its proof.
    """
    try:
        made = datetime.strptime(generation[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return proved_at.date()
    return min(proved_at, made.astimezone(proved_at.tzinfo)).date()


def _counts(schedule: BackupSchedule, period: GradingPeriod) -> bool:
    """Say whether a copy is wanted at the end of a period."""
    if schedule.drives in ("each_period", "before_year") or "period_end" in schedule.mandatory_at:
        return True
    quarter = period.kind == "quarter"
    return quarter and (schedule.drives == "quarterly" or "quarter_end" in schedule.mandatory_at)


@also_as_it_stood
def the_administrator_keeps_the_register(case: Case) -> Judgement | None:
    """P25, P26: whoever writes the drives keeps their register."""
    if access.keeps_drives(case.facts.roles(case.change.author), case.facts.today()):
        return None
    return refused(WHOSE, "Реестр носителей ведёт администратор: ничего не изменено.", "P26")


def a_drive_is_called_something(case: Case) -> Judgement | None:
    """A drive has a label that people can read on it; what was proved has its moment."""
    drive = case.after
    assert isinstance(drive, BackupDrive)
    if not drive.label.strip():
        return refused(FORM, "Напишите, как подписан носитель. Ничего не записано.", "P26")
    proved = bool(drive.proved_at)
    if proved != bool(drive.generation) or (proved and not is_moment(drive.proved_at)):
        return refused(FORM, "У проверки нет дня или имени копии. Ничего не записано.", "P26")
    return None


def an_act_says_what_was_done(case: Case) -> Judgement | None:
    """An act of a drive names a drive of the register, that of the sheet its key; its day is not ahead."""
    act = case.after
    assert isinstance(act, BackupAct)
    if act.voided:
        return None
    if act.acted_on > case.facts.today():
        return refused(FORM, "День акта ещё впереди. Ничего не записано.", "P26")
    if act.what == "sheet":
        return None if act.sheet else refused(FORM, "Не названо, чей это лист. Ничего не записано.", "P26")
    if case.facts.get(BackupDrive, act.drive_id) is None:
        return refused(FORM, "Такого носителя в реестре нет. Ничего не записано.", "P26")
    return None


def an_act_stays_as_it_was_written(case: Case) -> Judgement | None:
    """What was done on a day was done: an act is taken back, never rewritten."""
    if case.before is None or case.change.set == {"voided": True}:
        return None
    return refused(KEPT, "Акт не переписывают: снимите его и сделайте новый. Ничего не изменено.", "P26")
