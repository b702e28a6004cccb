"""The register of drives with backups: the administrator's, seen by the director, and its acts are never rewritten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec
import pytest

from ejournal_core import access
from ejournal_core.backup_register import copy_due_on, counts_from
from ejournal_core.checks import check
from ejournal_core.kinds import BackupAct, BackupDrive, Fields, GradingPeriod, RoleGrant, from_fields
from ejournal_core.policy_values import BackupSchedule, Interval
from tests.core.test_checks import SEPTEMBER, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

DRIVE: Fields = {"school_id": "s", "label": "Синяя", "since": "2026-11-19"}
PROVED: Fields = {"generation": "20261119-120000-00", "proved_at": "2026-11-19T15:00:00+03:00", "held": 1}
ACT: Fields = {"school_id": "s", "what": "custody", "drive_id": "d", "acted_on": "2026-11-19", "takes": "завуч"}


def kept(facts: PlainFacts, kind: str, fields: Fields, author: str = "admin") -> str:
    """Return how a new record of the register is judged."""
    return code(check(edit(kind, "new", fields, author=author, act="create"), facts))


@pytest.fixture
def drive(facts: PlainFacts) -> BackupDrive:
    """Give a drive that stands in the register already."""
    made = from_fields(BackupDrive, "d", DRIVE)
    facts.put(made)
    return made


def test_the_administrator_keeps_the_register_and_nobody_else(facts: PlainFacts, drive: BackupDrive) -> None:
    assert (kept(facts, "BackupDrive", DRIVE), kept(facts, "BackupAct", ACT)) == ("taken", "taken")
    for author in ("ivanova", "petrova", "zavuch"):
        assert kept(facts, "BackupDrive", DRIVE, author) == "EJ-531"
        assert kept(facts, "BackupAct", ACT, author) == "EJ-531"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"label": " "}, "EJ-530"),
        ({"label": "ы" * 61}, "EJ-286"),
        ({"standing": "eaten"}, "EJ-201"),
        ({"free_mib": -1}, "EJ-201"),
        ({**PROVED}, "taken"),
        ({**PROVED, "proved_at": "yesterday"}, "EJ-530"),
        ({**PROVED, "proved_at": ""}, "EJ-530"),
        ({**PROVED, "generation": ""}, "EJ-530"),
    ],
)
def test_a_drive_has_a_label_and_its_proof_a_moment(facts: PlainFacts, changed: Fields, expected: str) -> None:
    assert kept(facts, "BackupDrive", {**DRIVE, **changed}) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"drive_id": "nobody"}, "EJ-530"),
        ({"acted_on": "2026-11-20"}, "EJ-530"),
        ({"what": "sheet", "drive_id": ""}, "EJ-530"),
        ({"what": "sheet", "drive_id": "", "sheet": "0123 4567 89AB CDEF"}, "taken"),
        ({"what": "destruction", "reason": "не читается"}, "taken"),
        ({"reason": "ы" * 301}, "EJ-286"),
    ],
)
def test_an_act_says_what_was_done(
    facts: PlainFacts, drive: BackupDrive, changed: Fields, expected: str
) -> None:  # fmt: skip
    assert kept(facts, "BackupAct", {**ACT, **changed}) == expected


def test_an_act_is_taken_back_and_never_rewritten(facts: PlainFacts, drive: BackupDrive) -> None:
    facts.put(from_fields(BackupAct, "a", ACT))
    other = edit("BackupAct", "a", {"takes": "сторож"}, was={"takes": "завуч"}, author="admin")
    assert code(check(other, facts)) == "EJ-533"
    back = edit("BackupAct", "a", {"voided": True}, was={"voided": False}, author="admin", act="void")
    assert code(check(back, facts)) == "taken"


@pytest.mark.parametrize(
    ("role", "group", "sees"),
    [
        ("administrator", None, True),
        ("director", None, True),
        ("deputy_director", None, False),
        ("secretary", None, False),
        ("administrator", "7b", False),
    ],
)
def test_where_the_drives_are_kept_is_not_told_to_every_desk(role: str, group: str | None, sees: bool) -> None:
    assert access.slice_of("BackupDrive", DRIVE) == access.slice_of("BackupAct", ACT) == "drives:s"
    grant = msgspec.convert(
        {"id": "g", "person_id": "p", "role": role, "since": "2026-09-01", "class_group_id": group}, RoleGrant
    )
    assert ("drives:s" in access.slices("p", [grant], [], [], SEPTEMBER, school="s")) is sees


def period(kind: str, ends_on: date, number: int = 1) -> GradingPeriod:
    fields: Fields = {"school_year_id": "y", "kind": kind, "number": number, "starts_on": "2026-09-01",
                      "ends_on": ends_on.isoformat()}  # fmt: skip
    return from_fields(GradingPeriod, f"p-{kind}-{number}", fields)


@pytest.mark.parametrize(
    ("drives", "mandatory", "due"),
    [
        ("weekly", (), date(2026, 11, 27)),
        ("monthly", (), date(2026, 12, 21)),
        ("weekly", ("period_end",), date(2026, 11, 22)),
        ("weekly", ("quarter_end",), date(2026, 11, 25)),
        ("each_period", (), date(2026, 11, 22)),
        ("quarterly", (), date(2026, 11, 25)),
        ("none", (), date(2027, 11, 21)),
    ],
)
def test_the_next_copy_is_due_as_the_school_says_and_at_the_end_of_a_period(
    drives: Interval, mandatory: tuple[Literal["quarter_end", "period_end"], ...], due: date
) -> None:
    periods = [period("trimester", date(2026, 11, 22)), period("quarter", date(2026, 11, 25)),
               period("quarter", date(2026, 11, 1), 2)]  # fmt: skip
    schedule = BackupSchedule(local="daily", drives=drives, mandatory_at=mandatory)
    assert copy_due_on(schedule, date(2026, 11, 20), date(2026, 11, 21), periods) == due
    assert copy_due_on(schedule, None, date(2026, 11, 21), periods) == date(2026, 11, 21), "never: today"


@pytest.mark.parametrize(
    ("generation", "proved_at", "day"),
    [
        ("20261119-120000-00", "2026-11-19T15:01:00+03:00", date(2026, 11, 19)),
        ("20261119-120000-00", "2026-11-30T09:00:00+03:00", date(2026, 11, 19)),  # proved once more
        ("20261119-220000-00", "2026-11-20T01:30:00+03:00", date(2026, 11, 20)),  # made and proved at night
        ("20261130-120000-00", "2026-11-19T15:00:00+03:00", date(2026, 11, 19)),  # by a server whose clock is ahead
        ("by hand", "2026-11-19T15:00:00+03:00", date(2026, 11, 19)),
    ],
)
def test_a_copy_counts_from_the_day_on_which_it_was_made(generation: str, proved_at: str, day: date) -> None:
    assert counts_from(generation, datetime.fromisoformat(proved_at)) == day
