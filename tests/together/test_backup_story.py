"""The story of a lost server: a backup on two drives, one of them damaged, and a school that goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import Person, RoleGrant, to_fields
from ejournal_desktop.backup.check import Finding, check_drive
from ejournal_desktop.backup.drives import open_drives, register_drive
from ejournal_desktop.backup.fetch import fetch_generation
from ejournal_desktop.backup.identity import own_identity
from ejournal_desktop.backup.write import write_generation
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_desktop.sync.engine import BrokenHistory
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_server import accounts, admin, backups
from tests.helpers.school import YEAR_START
from tests.together.town import Server, Town, mark_on
from tools.folder_volumes import FolderVolumes

ADMINISTRATOR = "p-admin"


class Steps:
    """A report that remembers what it was told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def step(self, done: int, total: int, text: str = "") -> None:
        """Remember the step."""
        self.texts.append(text)

    def check(self) -> None:
        """Go on."""


@pytest.fixture
def column(town: Town) -> str:
    return ids.mark_column(town.school.today_lesson, "oral", 1)


def engage_administrator(town: Town) -> None:
    """Add the administrator, whom the small school lacks, and hand out a code."""
    person = Person(id=ADMINISTRATOR, last_name="Админов", first_name="Олег")
    grant = RoleGrant(id="r-admin", person_id=ADMINISTRATOR, role="administrator", since=YEAR_START)
    lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in (person, grant))
    file = town.root / "more.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    admin.load_records(town.office, file)
    town.codes[ADMINISTRATOR] = accounts.new_activation_code(town.office.authority, ADMINISTRATOR)


def bring_generation(town: Town, desk: OpenDesk, place: str) -> tuple[Path, str]:
    """Let the desk fetch a fresh generation; return where it lies and the server's key that the workstation pinned."""
    workstation = town.workstation(place)
    with workstation.connect(desks.caller(desk.journal)) as server:
        recipient = own_identity(desk.journal).recipient
        fetched, _ = fetch_generation(server, town.root / place / "backups", recipient, workstation.server_key, Steps())
    return fetched, workstation.server_key


def look_at(folder: Path, town: Town, server_key: str, secret: str) -> Finding:
    """Return what is found of the newest generation in a folder that stands for a drive."""
    volumes = FolderVolumes(folder)
    checked = check_drive(folder, town.office.authority.school, server_key, Steps(), secret, volumes=volumes)
    return checked.findings[0]


def server_program(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "EJOURNAL_DATABASE"}
    command = [sys.executable, "-m", "ejournal_server", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_school_goes_on_from_the_drive_that_is_left(town: Town, column: str) -> None:
    engage_administrator(town)
    safe = backups.new_recovery_key(town.office)
    teacher = town.sit_down("staffroom", town.school.teacher)
    administrator = town.sit_down("office", ADMINISTRATOR)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    town.meet(teacher, "staffroom")

    # The administrator writes a backup to two drives.
    fetched, server_key = bring_generation(town, administrator, "office")
    folders = [town.root / "usb1", town.root / "usb2"]
    for folder, label in zip(folders, ("Синяя", "Красная"), strict=True):
        folder.mkdir()
        register_drive(folder, town.office.authority.school, label, volumes=FolderVolumes(folder))
    secret = own_identity(administrator.journal).secret
    drives = open_drives(folders, town.office.authority.school, FolderVolumes(*folders))
    assert [r.proved for r in write_generation(fetched, drives, Steps(), secret, server_key)] == [True, True]

    # The server is lost; the teacher works on.
    town.server.stop(kill=True)
    town.office.close()
    shutil.rmtree(town.server.data)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-05", "4")
    with pytest.raises(ServerAway):
        town.meet(teacher, "staffroom")

    # One of the drives has been in the wash.
    base = folders[0] / fetched.name / "base.age"
    base.write_bytes(base.read_bytes()[:-100] + b"\0" * 100)
    looked = [look_at(folder, town, server_key, secret) for folder in folders]
    assert [(finding.state, finding.file) for finding in looked] == [("damaged", "base.age"), ("proved", "")]

    # From the other one, and the sheet in the safe, the school is there again.
    sheet, again = town.root / "sheet.txt", town.root / "server-again"
    sheet.write_text(safe.secret)
    order = ["--reason", "сгорел диск", "--first", "Директорова В. И.", "--second", "Админов О. О."]
    options = ["--identity", str(sheet), "--data", str(again), *order]
    refused = server_program("restore", "--from", str(folders[0]), *options)
    assert (refused.returncode, "EJ-351" in refused.stderr, again.exists()) == (1, True, False)
    restored = server_program("restore", "--from", str(folders[1]), *options)
    assert restored.returncode == 0, restored.stderr
    proof = looked[1].catalogue.proof if looked[1].catalogue else None
    assert proof is not None
    assert proof.root in restored.stdout
    assert proof.content_sha256 in restored.stdout

    # It answers where the old one did, and the desks notice nothing but that it is back.
    port = town.server.port
    town.server = Server(again, town.server.moment + timedelta(minutes=5))
    town.server.port = port
    town.server.start()
    town.meet(teacher, "staffroom")
    assert teacher.journal.outbox() == []
    deputy = town.sit_down("office", town.school.deputy)
    assert (mark_on(deputy.journal, column, "u-04"), mark_on(deputy.journal, column, "u-05")) == ("5", "4")
    later, _ = bring_generation(town, administrator, "office")
    assert look_at(folders[1], town, server_key, secret).good
    assert later.name != fetched.name


def test_a_desk_that_holds_more_than_the_backup_says_so_and_keeps_everything(town: Town, column: str) -> None:
    """A log that has become shorter without an epoch that says so is an alarm, not a new truth."""
    safe = backups.new_recovery_key(town.office)
    backups.back_up(town.office, [town.root / "usb1"])
    teacher = town.sit_down("staffroom", town.school.teacher)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    town.meet(teacher, "staffroom")
    town.server.stop(kill=True)
    again = town.root / "server-again"
    backups.restore_school(town.root / "usb1", safe.secret, again)
    port = town.server.port
    town.server = Server(again, town.server.moment + timedelta(minutes=5))
    town.server.port = port
    town.server.start()
    put_mark(teacher.journal, town.school.today_lesson, None, "u-05", "4")
    with pytest.raises((BrokenHistory, ServerRefused)):
        town.meet(teacher, "staffroom")
    assert (mark_on(teacher.journal, column, "u-04"), mark_on(teacher.journal, column, "u-05")) == ("5", "4")
    assert teacher.journal.outbox()


def test_a_teacher_s_desk_gets_no_backup(town: Town) -> None:
    backups.new_recovery_key(town.office)
    teacher = town.sit_down("staffroom", town.school.teacher)
    with pytest.raises(ServerRefused) as refused:
        bring_generation(town, teacher, "staffroom")
    assert refused.value.answer == "EJ-367"
    assert not list((town.root / "staffroom").rglob("*.age"))
