"""The administrator at the keyboard: typing errors, a drive that is not plugged in, a folder that is not empty."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO

import msgspec
import pytest

from ejournal_server import __main__ as command
from ejournal_server import accounts, admin, backups, folder, generations, keys, messages, moving, revocation, trust
from ejournal_server.folder import Office
from ejournal_server.store import database as databases
from ejournal_server.store import people
from tests.server import world

EVERY = sorted(set(re.findall(r"^    ([a-z-]+)", command._parser().format_help(), re.MULTILINE)) - {"-h"})
ENGLISH = re.compile(r"usage|options|positional|show this|arguments?:|invalid|required|error|expected|choose")


def run(*arguments: str, stdout: IO[str] | int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Run a command where nobody types anything."""
    line = [sys.executable, "-m", "ejournal_server", *arguments]
    return subprocess.run(line, text=True, check=False, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Office]:
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME)
    world.settle(office)
    yield office
    office.close()


# --- founding ------------------------------------------------------------------------------------------------------


def test_a_school_whose_configuration_was_lost_is_not_founded_over(office: Office) -> None:
    (office.folder / folder.CONFIG).rename(office.folder.parent / "lost")
    before = {file.name: file.read_bytes() for file in office.folder.iterdir()}
    with pytest.raises(folder.SchoolExists):
        folder.found(office.folder, "Школа № 2")
    assert {file.name: file.read_bytes() for file in office.folder.iterdir()} == before


def test_nothing_is_founded_among_files_of_others(tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("root")
    with pytest.raises(folder.SchoolExists):
        folder.found(tmp_path, "Школа № 2")
    assert [file.name for file in tmp_path.iterdir()] == ["passwd"]


def test_a_founding_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    folder.found(tmp_path / "data", "Школа № 2").close()
    (tmp_path / "data" / folder.CONFIG).rename(tmp_path / "data" / folder.FOUNDING)  # all but its last step
    folder.found(tmp_path / "data", "Школа № 3").close()
    office = folder.open_office(tmp_path / "data")
    assert office.school_name == "Школа № 3"
    assert not (tmp_path / "data" / folder.FOUNDING).exists()
    office.close()


# --- the line ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_the_help_of_every_command_is_russian(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"])
    assert ended.value.code == 0
    assert not ENGLISH.search(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["create-shool"], "нет такой команды: create-shool"),
        ([], "не хватает: КОМАНДА"),
        (["status"], "не хватает: --data"),
        (["status", "--data"], "после --data нужно значение"),
        (["status", "--data", "x", "--jsn"], "непонятно: --jsn"),
        (["create-school", "--data", "x", "--name", "  "], "--name: «  » не подходит"),
        (["revoke", "--data", "x", "--person", "p", "--why", ""], "--why: «» не подходит"),
        (["revoke", "--data", "x", "--why", "украли"], "нужно одно из: --desk --workstation --person"),
        (["revoke", "--data", "x", "--desk", "d", "--person", "p"], "--person и --desk вместе не бывают"),
        (["release", "--data", "x", "--withdraw", "dos"], "--withdraw: «dos» не подходит, можно: 'linux'"),
        (["leave", "--data", "x", "p", "--last-day", "31.12"], "--last-day: «31.12» не подходит"),
        (["move", "--data", "x", "--to", "store.db"], "--to: «store.db» не подходит"),
        (["serve", "--data", "x", "--workers", "0"], "--workers: «0» не подходит"),
        (["serve", "--data", "x", "--listen", "banana"], "--listen: «banana» не подходит"),
        (["status", "--d", "x"], "--d можно понять по-разному: --data, --database"),
    ],
)
def test_a_line_that_was_mistyped_is_told_in_russian(
    line: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(line)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert f"Команда набрана неверно: {said}" in told
    assert "Ничего не сделано." in told
    assert not ENGLISH.search(told)


def test_where_nobody_can_type_a_password_nothing_is_done_and_it_says_so(embedded: Office) -> None:
    done = run("return", "--data", str(embedded.folder), world.TEACHER, "--second", world.DEPUTY)
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-402: ")
    assert "Warning" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_nobody_can_take_is_told_as_a_full_disk(embedded: Office) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("people", "--data", str(embedded.folder), stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-359: ")
    assert "нет места" in done.stderr


def test_a_last_day_is_taken_as_people_write_it_and_as_programs_do() -> None:
    assert trust.day("31.12.2026") == trust.day("2026-12-31") == date(2026, 12, 31)


def at_a_terminal(*arguments: str) -> str:
    """Run a command whose complaints go to a terminal; return what was to be read there."""
    seen, shown = os.openpty()
    line = [sys.executable, "-m", "ejournal_server", *arguments]
    subprocess.run(line, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=shown)
    os.close(shown)
    with contextlib.closing(io.FileIO(seen)) as reader:
        return reader.read(65536).decode()


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_at_a_terminal_a_person_reads_sentences_and_no_lines_for_programs(embedded: Office) -> None:
    line = ["people", "--codes", "--data", str(embedded.folder)]
    told = at_a_terminal(*line)
    assert told.startswith("Кодов выдано: ")
    assert "{" not in told
    assert '"what": "activation code issued"' in run(*line, "--again").stderr


def test_where_nobody_needs_a_code_it_says_so_and_what_to_do(embedded: Office) -> None:
    run("people", "--codes", "--data", str(embedded.folder))
    done = run("people", "--codes", "--data", str(embedded.folder))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("Новых кодов нет")
    assert "--again" in done.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("desks", messages.NO_DESKS), ("release", messages.NO_RELEASES), ("people", messages.NO_STAFF),
        ("people --codes", messages.NO_STAFF), ("pair --all", messages.NO_PLACES),
    ],
)  # fmt: skip
def test_an_empty_list_is_told_to_a_person_and_empty_for_a_program(tmp_path: Path, line: str, said: str) -> None:
    folder.found(tmp_path / "data", world.SCHOOL_NAME).close()
    done = run(*line.split(), "--data", str(tmp_path / "data"))
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (0, "", said)


def test_a_second_server_of_a_school_in_a_file_is_told_to_move_it_first(embedded: Office, tmp_path: Path) -> None:
    done = run("join", "--data", str(tmp_path / "second"), "--from", str(embedded.folder))
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-420: ")
    assert "ejournal-server move" in done.stderr
    assert not (tmp_path / "second").exists()


# --- drives, stores, people, places --------------------------------------------------------------------------------


def test_a_drive_that_is_not_plugged_in_is_not_made_on_the_servers_own_disk(embedded: Office, tmp_path: Path) -> None:
    backups.new_recovery_key(embedded)
    data, missing = str(embedded.folder), tmp_path / "media" / "disk1"
    done = run("backup", "--data", data, "--to", str(missing))
    assert (done.returncode, done.stdout) == (1, "")
    assert str(missing) in done.stderr
    assert "нет такого файла или каталога" in done.stderr
    assert not missing.parent.exists()


def test_a_copy_beside_the_school_itself_is_made_and_warned_of(embedded: Office, tmp_path: Path) -> None:
    backups.new_recovery_key(embedded)
    (tmp_path / "beside").mkdir()
    done = run("backup", "--data", str(embedded.folder), "--to", str(tmp_path / "beside"))
    assert done.returncode == 0
    assert "на том же диске" in done.stderr


def test_two_folders_on_one_drive_are_not_two_copies(embedded: Office, tmp_path: Path) -> None:
    backups.new_recovery_key(embedded)
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (tmp_path / "link").symlink_to(one)
    for other in (one, two, tmp_path / "link", one / ".." / "two"):
        done = run("backup", "--data", str(embedded.folder), "--to", str(one), "--to", str(other))
        assert done.returncode == 1
        assert "EJ-439: " in done.stderr
        assert list(one.iterdir()) == list(two.iterdir()) == []
    assert not generations.own_folder(embedded.folder).exists()


def test_folders_on_two_drives_are_told_apart(tmp_path: Path) -> None:
    if not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has one file system")
    backups.check_media([tmp_path, Path("/dev/shm")])


def test_two_partitions_are_one_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sda1", "sda2"):
        (tmp_path / "sda" / name).mkdir(parents=True)
        (tmp_path / "sda" / name / "partition").touch()
    device = tmp_path.stat().st_dev
    monkeypatch.setattr(backups, "BLOCKS", tmp_path)  # as sysfs has it
    block = tmp_path / f"{os.major(device)}:{os.minor(device)}"
    found = []
    for name in ("sda1", "sda2"):
        block.unlink(missing_ok=True)
        block.symlink_to(tmp_path / "sda" / name)
        found.append(backups.drive_of(tmp_path))
    assert found == ["sda", "sda"]


# --- who may read the data folder ----------------------------------------------------------------------------------


def rights(folder_: Path) -> dict[str, int]:
    return {place.name: place.stat().st_mode & 0o777 for place in folder_.iterdir()}


def test_nobody_else_reads_anything_of_a_new_school(embedded: Office) -> None:
    assert embedded.folder.stat().st_mode & 0o777 == 0o700
    assert {name: mode for name, mode in rights(embedded.folder).items() if mode & 0o077} == {}
    assert {"store.db", "store.db-wal", "store.db-shm"} <= rights(embedded.folder).keys()


def test_what_an_earlier_version_left_open_is_closed_at_the_next_start(embedded: Office) -> None:
    embedded.close()
    embedded.folder.chmod(0o755)
    for place in embedded.folder.iterdir():
        if place.name != keys.KEY_FILE:
            place.chmod(0o644)
    (embedded.folder / "copies").mkdir(mode=0o755)
    folder.open_office(embedded.folder).close()
    assert embedded.folder.stat().st_mode & 0o777 == 0o700
    assert {name: mode for name, mode in rights(embedded.folder).items() if mode & 0o077} == {}
    assert rights(embedded.folder)["copies"] == 0o700


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresqlx", "названное — не её адрес"),
        ("postgresql+psycopg://one:two@127.0.0.1:1/school", "никто не отвечает"),
    ],
)
def test_a_mistyped_database_is_said_with_what_to_check_and_the_school_stays_where_it_is(
    embedded: Office, address: str, why: str
) -> None:
    embedded.close()
    done = run("move", "--data", str(embedded.folder), "--to", address)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith("EJ-545: База PostgreSQL не открывается: ")
    assert why in told
    assert "two" not in told  # no password on a screen
    assert run("status", "--data", str(embedded.folder), "--json").returncode == 3  # only the backup is missing


def test_a_last_day_of_another_century_is_taken_for_a_slip(embedded: Office) -> None:
    for day in ("31.12.2206", "31.12.1026"):
        done = run("leave", "--data", str(embedded.folder), world.TEACHER, "--why", "приказ 7", "--last-day", day)
        assert (done.returncode, done.stderr[:6]) == (1, "EJ-546")
        assert day in done.stderr
    assert accounts.without_roles(embedded.authority) == frozenset()


def test_a_store_that_is_gone_is_not_made_anew_and_empty(embedded: Office) -> None:
    embedded.close()
    kept = (embedded.folder / folder.STORE).rename(embedded.folder.parent / "kept.db")
    done = run("status", "--data", str(embedded.folder))
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-371: ")
    assert not (embedded.folder / folder.STORE).exists()
    kept.rename(embedded.folder / folder.STORE)
    assert run("people", "--data", str(embedded.folder)).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_makes_nothing_in_the_folder_of_the_service(embedded: Office) -> None:
    embedded.close()
    os.chown(embedded.folder, 65534, 65534)
    before = rights(embedded.folder)
    done = run("status", "--data", str(embedded.folder))
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-445: ")
    assert "sudo -u nobody" in done.stderr
    assert rights(embedded.folder) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")
def test_another_user_is_told_that_there_are_no_rights(embedded: Office) -> None:
    embedded.close()
    shutil.copytree(embedded.folder, elsewhere := Path(tempfile.mkdtemp(dir="/tmp")) / "data")
    try:
        elsewhere.parent.chmod(0o755)
        os.chown(elsewhere, 0, 0)
        line = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-m", "ejournal_server"]
        done = subprocess.run([*line, "status", "--data", str(elsewhere)], text=True, check=False, capture_output=True)
    finally:
        shutil.rmtree(elsewhere.parent)
    if "EJ-" not in done.stderr:
        pytest.skip("another user cannot even start this Python")
    assert done.stderr.startswith("EJ-359: ")
    assert "нет прав" in done.stderr


def test_while_somebody_writes_the_school_is_looked_at_without_waiting(embedded: Office) -> None:
    with embedded.authority.store.write():
        done = run("people", "--data", str(embedded.folder))
    assert done.returncode == 0
    assert "Завучева Ольга Львовна" in done.stdout


def test_a_store_that_somebody_keeps_too_long_is_said_to_be_busy(
    embedded: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.1)
    with embedded.authority.store.write():
        other = databases.open_store(
            None, embedded.folder / folder.STORE, keys.derive(embedded.master.key, "store"), embedded.authority.school
        )
        with contextlib.closing(other), pytest.raises(databases.StoreBusy), other.write():
            pass


def test_a_configuration_that_is_no_json_is_no_school_and_nothing_is_made(embedded: Office) -> None:
    (embedded.folder / folder.CONFIG).write_bytes(b"\x00" * 60)  # a power cut on a cheap disk
    done = run("status", "--data", str(embedded.folder))
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-378: ")


def test_a_school_is_not_moved_to_where_it_is(embedded: Office) -> None:
    embedded.close()
    with pytest.raises(folder.StoreElsewhere) as told:
        moving.move(embedded.folder, None, None)
    assert told.value.details["why"] == "there-already"
    folder.open_office(embedded.folder).close()


def test_whose_way_in_is_closed_is_seen_among_the_people(office: Office) -> None:
    world.new_hand(office, world.TEACHER)
    revocation.leave(office.authority, world.TEACHER, office.authority.today(), "уволилась")
    assert {line.person: line.state for line in admin.staff(office)}[world.TEACHER] == "closed"


def test_a_stolen_pc_is_found_by_its_name_and_revoked_by_its_id(office: Office) -> None:
    hand = world.new_hand(office, world.TEACHER)
    pc = people.Workstation(
        id="pc", name="Кабинет 12", public_key="", state="approved", commitment="", server_nonce="", until=0, at=""
    )
    with office.authority.store.write() as tx:
        people.put_workstation(tx, pc)
        people.set_desk(tx, msgspec.structs.replace(world.desk_of(office, hand), workstation="pc"))
    place = next(each for each in admin.places(office) if each.desks)
    assert (place.state, place.desks) == ("approved", 1)
    assert [each.desk for each in revocation.revoke_workstation(office.authority, place.workstation, "украли")] == [
        hand.desk
    ]
    assert [each.state for each in admin.places(office) if each.workstation == place.workstation] == ["revoked"]
