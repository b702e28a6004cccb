"""The daily copy on the server itself: made when the rules ask for it, by a real process, never instead of a drive."""

from __future__ import annotations

import configparser
import contextlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from ejournal_core.age_file import BackupIdentity, NoMatchingKey
from ejournal_core.archive import DamagedArchive
from ejournal_server import backups, daily, folder, generations, overview, own_lines, schedule
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.overview import Overview
from ejournal_server.own_lines import Wish
from tests.helpers.processes import start_bound
from tests.server import world
from tests.server.world import PUPILS, RunningServer, SettableClock

#: A copy of this week is one whatever the hour is, so that no test with a real clock looks at midnight.
WEEKLY, NONE = "weekly", "none"

UNIT = Path(__file__).parents[2] / "installer" / "linux" / "ejournal-server-daily.service"

HOLD = """
import sys, time
from pathlib import Path
from ejournal_server import daily
folder = Path(sys.argv[1])
folder.mkdir(exist_ok=True)
with daily._alone(folder), daily._unfinished(folder) as unfinished:
    (unfinished / "base.age").write_bytes(b"half")
    print("at it", flush=True)
    time.sleep(600)
"""


def ask_for(office: Office, local: str) -> None:
    """Let the school's rules say how often a copy is made on the server."""
    value = f'{{"local":"{local}","drives":"weekly","mandatory_at":[]}}'
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, [Wish("PolicySetting", "P25", {"value": value})])


def run(data: Path, database: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as the system's scheduler does."""
    command = [sys.executable, "-m", "ejournal_server", *(arguments or ("backup", "--daily")), "--data", str(data)]
    address = ["--database", database] if database else []
    return subprocess.run([*command, *address], capture_output=True, text=True, check=False)


def copies(data: Path) -> list[str]:
    """Return what lies in the daily folder, hidden things too, but for the lock."""
    place = generations.daily_folder(data)
    return sorted(each.name for each in place.iterdir() if each.name != ".lock") if place.exists() else []


# --- the command -----------------------------------------------------------------------------------------------------


def test_a_daily_copy_is_made_while_the_server_is_at_work_and_is_the_school(
    server: RunningServer, database: str | None, tmp_path: Path
) -> None:
    with contextlib.closing(folder.open_office(server.data, database)) as office:
        ask_for(office, WEEKLY)
        safe = backups.new_recovery_key(office)
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher:
        teacher.push(hand.batch(hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")))
        made = run(server.data, database)
        assert made.returncode == 0, made.stderr
        assert "файлы сверены" in made.stdout
        assert "от пожара" in made.stdout
        teacher.push(hand.batch(hand.mark(PUPILS[1], "4")))
    (name,) = copies(server.data)
    place = generations.daily_folder(server.data)
    catalogue, proof = backups.verify(place, safe.secret)
    assert (catalogue.generation, catalogue.proof) == (name, proof)
    assert backups.restore_school(place, safe.secret, tmp_path / "new") == proof
    again = run(server.data, database)
    assert (again.returncode, "уже есть" in again.stdout, copies(server.data)) == (0, True, [name]), again.stderr
    seen = msgspec.json.decode(run(server.data, database, "status", "--json").stdout, type=Overview)
    assert (seen.daily, seen.backup, seen.alarms) == (catalogue.made_at, "", ("backup",))
    told = run(server.data, database, "status").stdout
    assert "Копия для дисков:   ни разу" in told
    assert ", на этом же диске" in told


def test_where_the_rules_ask_for_no_copy_none_is_made_and_that_is_said(office: Office, database: str | None) -> None:
    ask_for(office, NONE)
    told = run(office.folder, database)
    assert (told.returncode, "не требуют" in told.stdout, told.stderr.count("EJ-")) == (0, True, 0), told.stderr
    assert not generations.daily_folder(office.folder).exists()
    assert "правила школы не требуют" in run(office.folder, database, "status").stdout


def test_without_a_recovery_key_the_daily_copy_says_what_comes_first(office: Office, database: str | None) -> None:
    told = run(office.folder, database)
    assert (told.returncode, "EJ-354" in told.stderr, "backup-keys" in told.stderr) == (1, True, True), told.stderr
    assert not generations.daily_folder(office.folder).exists()


def test_a_second_run_at_once_is_sent_away_and_what_a_killed_one_left_is_no_copy(
    office: Office, database: str | None
) -> None:
    safe, place = backups.new_recovery_key(office), generations.daily_folder(office.folder)
    first = start_bound([sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, signal="KILL")
    assert first.stdout is not None
    assert first.stdout.readline() == b"at it\n"
    refused = run(office.folder, database)
    assert (refused.returncode, "EJ-547" in refused.stderr) == (1, True), refused.stderr
    assert copies(office.folder) == [".making.new"]
    first.kill()
    first.wait(timeout=30)
    first.stdout.close()
    assert generations.generations(place) == []
    made = run(office.folder, database)
    assert made.returncode == 0, made.stderr
    assert copies(office.folder) == generations.generations(place)
    assert backups.verify(place, safe.secret)[1] is not None


@pytest.fixture
def small_disk(office: Office) -> Iterator[Path]:
    """Give the daily folder on a file system of one megabyte."""
    place = generations.daily_folder(office.folder)
    place.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount file systems")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def test_a_full_disk_costs_the_new_copy_and_no_older_one(
    office: Office, clock: SettableClock, database: str | None, small_disk: Path
) -> None:
    safe = backups.new_recovery_key(office)
    clock.moment -= timedelta(days=3000)  # the process has the real clock: to it this copy is an old one
    older = daily.make(office)
    assert older is not None
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as sink, contextlib.suppress(OSError):
        while True:
            sink.write(b"x" * 4096)
    with filler.open("r+b") as sink:
        sink.truncate(filler.stat().st_size - 8192)  # a beginning finds room
    told = run(office.folder, database)
    assert (told.returncode, "EJ-359" in told.stderr, "нет места" in told.stderr) == (1, True, True), told.stderr
    assert str(small_disk) in told.stderr
    assert copies(office.folder) == [older.generation, "filler"]
    assert backups.verify(small_disk, safe.secret)[0] == older
    filler.unlink()
    assert run(office.folder, database).returncode == 0
    assert len(generations.generations(small_disk)) == 2


def test_a_copy_that_would_fill_the_disk_of_the_school_is_not_begun(
    office: Office, database: str | None, tmp_path: Path
) -> None:
    backups.new_recovery_key(office)
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount file systems")
    try:
        data = shutil.copytree(office.folder, small / "data")
        told = run(data, database)
        assert (told.returncode, "EJ-359" in told.stderr, "нет места" in told.stderr) == (1, True, True), told.stderr
        assert copies(data) == []
        assert run(office.folder, database).returncode == 0, "the copy itself is small"
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True, capture_output=True)


@pytest.mark.parametrize("database", ["sqlcipher"], indirect=True)
def test_the_line_that_systemd_runs_makes_the_copy_and_a_second_call_on_the_day_makes_none(office: Office) -> None:
    backups.new_recovery_key(office)
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.read(UNIT, encoding="utf-8")
    program, *arguments = shlex.split(unit["Service"]["ExecStart"].replace("%S/ejournal-server", str(office.folder)))
    assert program == "/usr/bin/ejournal-server"
    command = [sys.executable, "-m", "ejournal_server", *arguments]
    for _ in range(2):
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert len(copies(office.folder)) == 1


@pytest.mark.parametrize("away", [1, 2, 30, 400])
def test_a_server_that_was_off_for_days_makes_one_copy_when_it_is_on_again(
    office: Office, clock: SettableClock, away: int
) -> None:
    backups.new_recovery_key(office)
    assert daily.make(office) is not None
    clock.moment += timedelta(days=away)
    assert daily.make(office) is not None
    assert daily.make(office) is None, "what was missed is not made up for day by day"
    assert len(copies(office.folder)) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param((), "нужно одно из", id="neither"),
        pytest.param(("--daily", "--to", "drive"), "--to", id="both"),
    ],
)
def test_a_copy_is_for_drives_or_for_the_day(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    told = run(tmp_path, None, "backup", *arguments)
    assert (told.returncode, said in told.stderr) == (2, True), told.stderr


# --- days ------------------------------------------------------------------------------------------------------------


def test_each_day_has_one_copy_and_the_last_seven_are_kept(office: Office, clock: SettableClock) -> None:
    safe, made = backups.new_recovery_key(office), []
    for _ in range(9):
        copy = daily.make(office)
        assert copy is not None
        made.append(copy.generation)
        assert daily.make(office) is None, "a second one of the same day"
        clock.moment += timedelta(days=1)
    assert copies(office.folder) == made[-7:]
    assert backups.verify(generations.daily_folder(office.folder), safe.secret)[1] is not None


@pytest.mark.parametrize("local", ["daily", "weekly"])
def test_the_next_copy_is_made_when_the_rules_ask_for_it(office: Office, clock: SettableClock, local: str) -> None:
    backups.new_recovery_key(office)
    ask_for(office, local)
    assert daily.make(office) is not None
    days = {"daily": 1, "weekly": 7}[local]
    clock.moment += timedelta(days=days - 1)
    assert daily.make(office) is None
    clock.moment += timedelta(days=1)
    assert daily.make(office) is not None


def test_a_clock_that_was_a_year_fast_does_not_keep_copies_from_being_made(
    office: Office, clock: SettableClock
) -> None:
    backups.new_recovery_key(office)
    right = clock.moment
    clock.moment += timedelta(days=365)
    assert daily.make(office) is not None
    clock.moment = right
    assert daily.make(office) is not None
    assert daily.make(office) is None


@pytest.mark.parametrize("name", ["base.age", "catalogue.json"])
def test_the_oldest_goes_only_when_the_newest_was_read_back(
    office: Office, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    backups.new_recovery_key(office)
    for _ in range(daily.KEPT):
        daily.make(office)
        clock.moment += timedelta(days=1)
    before, flushed = copies(office.folder), generations.flush_folder

    def forgetful(place: Path) -> None:
        flushed(place)
        if place.name.startswith(".2"):
            file = place / name
            file.write_bytes(file.read_bytes()[:-9] + b"forgotten")

    with monkeypatch.context() as spoilt:
        spoilt.setattr(generations, "flush_folder", forgetful)
        with pytest.raises(DamagedArchive) as damaged:
            daily.make(office)
    assert damaged.value.details["file"] == name
    assert copies(office.folder) == before
    assert daily.make(office) is not None
    assert copies(office.folder)[:-1] == before[1:]


def test_with_a_key_the_copy_is_rebuilt_and_a_foreign_key_is_refused_before_anything_is_made(office: Office) -> None:
    safe = backups.new_recovery_key(office)
    with pytest.raises(NoMatchingKey):
        daily.make(office, BackupIdentity.new().secret)
    assert not generations.daily_folder(office.folder).exists()
    assert daily.make(office, safe.secret) is not None


# --- what status says ------------------------------------------------------------------------------------------------


def test_a_daily_copy_does_not_silence_the_alarm_for_drives(office: Office, clock: SettableClock) -> None:
    backups.new_recovery_key(office)
    assert daily.make(office) is not None
    assert overview.look(office).alarms == ("backup",)
    generations.back_up(office.authority, office.folder, office.ca_pem)
    carried = stamp(clock.moment)
    for _ in range(8):
        clock.moment += timedelta(days=1)
        assert daily.make(office) is not None
    seen = overview.look(office)
    assert (seen.backup, seen.daily, seen.alarms) == (carried, stamp(clock.moment), ("backup",))


def test_a_copy_sealed_to_the_key_before_is_none_of_today(office: Office, clock: SettableClock) -> None:
    backups.new_recovery_key(office)
    generations.back_up(office.authority, office.folder, office.ca_pem)
    assert daily.make(office) is not None
    assert daily.make(office) is None
    safe = backups.new_recovery_key(office, replace=True)
    clock.moment += timedelta(minutes=1)
    assert daily.make(office) is not None
    assert backups.verify(generations.daily_folder(office.folder), safe.secret)[1] is not None
    assert daily.make(office) is None


def test_copies_that_are_made_no_more_ring(office: Office, clock: SettableClock) -> None:
    backups.new_recovery_key(office)
    generations.back_up(office.authority, office.folder, office.ca_pem)
    daily.make(office)
    clock.moment += timedelta(days=3)
    assert overview.look(office).alarms == ()
    clock.moment += timedelta(days=1)
    assert overview.look(office).alarms == ("daily",)
    ask_for(office, NONE)
    assert overview.look(office).alarms == ()
    assert overview.look(office).daily_due == ""


def test_copies_that_were_never_made_ring_when_the_drives_have_theirs_for_days(
    office: Office, clock: SettableClock
) -> None:
    backups.new_recovery_key(office)
    generations.back_up(office.authority, office.folder, office.ca_pem)
    assert overview.look(office).alarms == ()
    clock.moment += timedelta(days=2)
    generations.back_up(office.authority, office.folder, office.ca_pem)
    assert overview.look(office).alarms == ()
    clock.moment += timedelta(days=1)
    assert overview.look(office).alarms == ("daily",)
    assert daily.make(office) is not None
    assert overview.look(office).alarms == ()


@pytest.mark.parametrize(
    ("was", "spoilt"),
    [
        pytest.param(b"{", b"", id="no catalogue"),
        pytest.param(b'"made_at":"2026-11', b'"made_at":"2026-91', id="no day"),
    ],
)
def test_a_spoilt_catalogue_is_no_copy_of_today(
    office: Office, clock: SettableClock, was: bytes, spoilt: bytes
) -> None:
    backups.new_recovery_key(office)
    made = daily.make(office)
    assert made is not None
    place = generations.daily_folder(office.folder)
    catalogue = place / made.generation / "catalogue.json"
    whole = catalogue.read_bytes()
    catalogue.write_bytes(whole.replace(was, spoilt, 1))
    assert catalogue.read_bytes() != whole
    assert schedule.newest(place) == ""
    clock.moment += timedelta(minutes=1)
    assert daily.make(office) is not None
