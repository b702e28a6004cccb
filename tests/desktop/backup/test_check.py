"""Whatever is wrong with a drive is named: damaged, cut, missing, foreign, too new, older, sealed to other keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from ejournal_core import archive, seal
from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import Catalogue
from ejournal_core.changes import canonical
from ejournal_desktop.backup.check import DriveCheck, check_drive
from ejournal_desktop.backup.drives import Drive
from ejournal_desktop.backup.prove import prove
from ejournal_desktop.backup.troubles import DriveFailed, ForeignDrive, NoBackupHere, UnknownDrive
from ejournal_desktop.backup.write import write_generation
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Made, Quiet, cancel_at, new_drive
from tests.desktop.backup.drive_world import Cancelled as CancelledJob
from tools.folder_volumes import FolderVolumes


def put(made: Made, *drives: Drive) -> None:
    results = write_generation(made.folder, drives, Quiet(), ADMINISTRATOR.secret, made.server_key)
    assert all(result.proved for result in results)


def check(drive: Drive, made: Made, secret: str = ADMINISTRATOR.secret, newest: Catalogue | None = None) -> DriveCheck:
    return check_drive(drive.folder, made.school, made.server_key, Quiet(), secret, newest, FolderVolumes(drive.folder))


def state(drive: Drive, made: Made, secret: str = ADMINISTRATOR.secret) -> tuple[str, str]:
    (finding,) = check(drive, made, secret).findings
    return finding.state, finding.file


def test_a_good_drive_is_proved_with_a_key_and_whole_without(made: Made, drives: tuple[Drive, Drive]) -> None:
    put(made, drives[0])
    assert state(drives[0], made) == ("proved", "")
    assert state(drives[0], made, "") == ("whole", "")
    assert state(drives[0], made, BackupIdentity.new().secret) == ("other_key", "")


@pytest.mark.parametrize("name", ["base.age", "keys.age", "README.txt", "catalogue.json"])
def test_damage_anywhere_in_any_file_is_named_and_the_other_drive_restores(
    made: Made, drives: tuple[Drive, Drive], name: str
) -> None:
    put(made, *drives)
    file = drives[0].folder / made.catalogue.generation / name
    whole = file.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 40)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        found = state(drives[0], made, "")
        assert found in {("damaged", name), ("foreign", "")}, (place, found)
        file.write_bytes(whole[:place])
        found = state(drives[0], made, "")
        assert found in {("cut", name), ("damaged", name)}, (place, found)
    file.unlink()
    assert state(drives[0], made) == ("missing", name)
    other = drives[1].folder / made.catalogue.generation
    assert prove(other, made.catalogue, SAFE.secret, Quiet()) == made.catalogue.proof


@pytest.mark.parametrize("stranger", [False, True])
def test_the_damage_that_hides_from_the_catalogue_is_found_by_the_trial_restore(
    made: Made, older: Made, drives: tuple[Drive, Drive], stranger: bool
) -> None:
    """Whoever has a signing key can sign a catalogue over another archive; the proof does not agree."""
    put(made, drives[0])
    volumes = FolderVolumes(drives[0].folder)
    source, key = (made, b"\x07" * 32) if stranger else (older, made.signing)
    copy = drives[0].folder / made.catalogue.generation
    shutil.copy(source.folder / "base.age", copy / "base.age")
    files = (source.catalogue.files[0], *made.catalogue.files[1:])
    forged = msgspec.structs.replace(made.catalogue, files=files, server_key=seal.signing_public_key(key).hex())
    (copy / "catalogue.json").write_bytes(canonical(archive.sign_catalogue(key, forged)))
    assert (
        check_drive(drives[0].folder, made.school, forged.server_key, Quiet(), volumes=volumes).findings[0].state
        == "whole"
    )
    looked = check_drive(
        drives[0].folder, made.school, forged.server_key, Quiet(), ADMINISTRATOR.secret, volumes=volumes
    )
    assert [(finding.state, finding.file) for finding in looked.findings] == [("damaged", "base.age")]


def test_an_older_drive_says_that_it_is_older(made: Made, older: Made, drives: tuple[Drive, Drive]) -> None:
    put(older, *drives)
    put(made, drives[1])
    assert check(drives[0], made, newest=made.catalogue).older
    assert not check(drives[1], made, newest=made.catalogue).older
    assert not check(drives[0], made).older
    assert [finding.generation for finding in check(drives[1], made).findings] == [
        made.catalogue.generation, older.catalogue.generation,
    ]  # fmt: skip
    newest = drives[1].folder / made.catalogue.generation / "base.age"
    newest.write_bytes(newest.read_bytes()[:-1])
    looked = check(drives[1], made, newest=made.catalogue)
    assert [finding.state for finding in looked.findings] == ["cut", "proved"]
    assert looked.older  # the newest that is good is the older one


def test_another_school_s_and_a_newer_program_s_generation_are_named(
    made: Made, drives: tuple[Drive, Drive], tmp_path: Path
) -> None:
    put(made, drives[0])
    copy = drives[0].folder / made.catalogue.generation
    key = b"\x07" * 32
    foreign = msgspec.structs.replace(made.catalogue, server_key=seal.signing_public_key(key).hex())
    (copy / "catalogue.json").write_bytes(canonical(archive.sign_catalogue(key, foreign)))
    assert state(drives[0], made)[0] == "foreign"
    text = (made.folder / "catalogue.json").read_bytes()
    (copy / "catalogue.json").write_bytes(text.replace(b'"v":1', b'"v":2').replace(b'{"files"', b'{"added":1,"files"'))
    assert state(drives[0], made)[0] == "newer"


def test_a_drive_without_a_backup_without_a_card_or_of_another_school_says_so(made: Made, tmp_path: Path) -> None:
    empty, foreign = new_drive(tmp_path, made.school, "Пустой"), new_drive(tmp_path, "another", "Чужой")
    with pytest.raises(NoBackupHere):
        check(empty, made)
    with pytest.raises(ForeignDrive):
        check(foreign, made)
    (empty.folder / "ejournal-drive.json").unlink()
    with pytest.raises(UnknownDrive):
        check(empty, made)
    with pytest.raises((UnknownDrive, DriveFailed)):
        check(Drive(tmp_path / "gone", empty.card), made)


def test_checking_can_be_cancelled(made: Made, drives: tuple[Drive, Drive]) -> None:
    put(made, drives[0])
    counted, volumes = Quiet(), FolderVolumes(drives[0].folder)
    check_drive(drives[0].folder, made.school, made.server_key, counted, ADMINISTRATOR.secret, volumes=volumes)
    for look in range(1, counted.looks + 1):
        with pytest.raises(CancelledJob):
            check_drive(
                drives[0].folder, made.school, made.server_key, cancel_at(look), ADMINISTRATOR.secret, volumes=volumes
            )
