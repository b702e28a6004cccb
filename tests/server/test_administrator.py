"""The administrator at the keyboard: typing errors, a drive that is not plugged in, a folder that is not empty."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
import pytest

from ejournal_server import __main__ as command
from ejournal_server import admin, backups, folder, moving, revocation
from ejournal_server.folder import Office
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
        (["leave", "--data", "x", "p", "--last-day", "31.12.2026"], "--last-day: «31.12.2026» не подходит"),
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
