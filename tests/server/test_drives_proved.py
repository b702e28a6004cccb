"""What the server knows of drives that it never sees: the proofs that desks tell of, on its screen and for monitors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ejournal_core.kinds import BackupDrive, DriveStanding, Fields, to_fields
from ejournal_server import commands, measures, overview, own_lines
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from tests.server.test_daily_copy import ask_for
from tests.server.world import SettableClock

BLUE, RED, GONE = "d-blue", "d-red", "d-gone"


def keep(
    office: Office, drive: str, label: str, proved: datetime | None, standing: DriveStanding = "used", *,
    generation: str = "g-1",
) -> None:  # fmt: skip
    """Let a desk's record of a drive arrive."""
    made = BackupDrive(
        id=drive, school_id=office.authority.school, label=label, since=office.authority.today(),
        standing=standing, generation=generation if proved else "", proved_at=stamp(proved) if proved else "",
    )  # fmt: skip
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, [Wish("BackupDrive", drive, to_fields(made))])


def rings(office: Office) -> bool:
    return "drives" in overview.look(office).alarms


def test_a_drive_rings_until_a_copy_on_it_is_proved_and_again_when_its_term_of_the_rules_is_over(
    office: Office, clock: SettableClock
) -> None:
    ask_for(office, "none")  # of the server itself; the drives weekly
    assert not rings(office), "without a register there is the alarm for the first copy"
    keep(office, BLUE, "Синий", None)
    assert rings(office)
    proof: Fields = {"generation": "g-1", "proved_at": stamp(clock.moment)}
    nothing: Fields = dict.fromkeys(proof, "")
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, [Wish("BackupDrive", BLUE, proof, was=nothing, act="change")])
    assert not rings(office)
    clock.moment += timedelta(days=7)
    assert not rings(office), "the seventh day is in time"
    clock.moment += timedelta(days=1)
    assert rings(office)


def test_a_copy_that_is_proved_once_more_puts_the_next_one_off_by_nothing(office: Office, clock: SettableClock) -> None:
    keep(office, BLUE, "Синий", clock.moment, generation=f"{clock.moment.astimezone(UTC):%Y%m%d-%H%M%S}-00")
    clock.moment += timedelta(days=8)
    proof: Fields = {"proved_at": stamp(clock.moment)}
    with office.authority.store.write() as tx:
        before: Fields = {"proved_at": stamp(clock.moment - timedelta(days=8))}
        own_lines.write_own(office.authority, tx, [Wish("BackupDrive", BLUE, proof, was=before, act="change")])
    assert overview.look(office).drives[0].proved == stamp(clock.moment)
    assert rings(office)


def test_a_drive_that_is_used_no_more_is_not_missed(office: Office, clock: SettableClock) -> None:
    keep(office, GONE, "Потерянный", None, "lost")
    keep(office, BLUE, "Синий", clock.moment)
    assert not rings(office)
    assert [each.drive for each in overview.look(office).drives] == [BLUE]


def test_a_proof_of_a_day_to_come_proves_nothing(office: Office, clock: SettableClock) -> None:
    keep(office, BLUE, "Синий", clock.moment + timedelta(days=400))
    assert rings(office)


def test_the_screen_names_each_drive_with_its_proof_and_monitors_get_the_moment(
    office: Office, clock: SettableClock
) -> None:
    keep(office, RED, "Красный", None)
    keep(office, BLUE, "Синий", clock.moment - timedelta(days=30))
    seen = overview.look(office)
    told = [line for line in commands._screen(seen) if line.startswith("Носитель")]
    assert [line.split("«")[1].split("»")[0] for line in told] == ["Красный", "Синий"]
    assert told[0].endswith("проверен восстановлением: ни разу")
    assert told[1].endswith(", срок прошёл")
    lines = measures.report(lambda: overview.figures(office)).decode().splitlines()
    name = "ejournal_drive_proved_timestamp_seconds"
    assert f"# HELP {name} When a copy on each drive was last proved" in lines
    assert f"# TYPE {name} gauge" in lines
    values = {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if line.startswith(name)}
    moment = datetime.fromisoformat(seen.drives[1].proved).timestamp()
    assert values == {f'{name}{{drive="{BLUE}"}}': pytest.approx(moment)}
