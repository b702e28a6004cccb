"""One of two drives is broken, older or another school's: each copy is judged as it is, the other restores, and the
next run mends what can be mended.
"""

from __future__ import annotations

import errno
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from ejournal_core import age_file
from ejournal_core.archive import Catalogue, CatalogueFile
from ejournal_core.errors import Trouble
from ejournal_desktop.backup import check as checking
from ejournal_desktop.backup.check import DriveCheck, check_drive
from ejournal_desktop.backup.drives import CARD, Drive
from ejournal_desktop.backup.prove import CATALOGUE
from ejournal_desktop.backup.write import write_generation
from ejournal_desktop.ui.errors import explain
from ejournal_server import backups, folder
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Made, Quiet, make_school, new_drive
from tests.faults.amounts import amount
from tests.faults.harm import harmed
from tools.folder_volumes import FolderVolumes

COPIES = amount("COPIES", 100)
RESTORED = 20  # every so many damaged copies a whole school is restored from the other drive
SEED = 2026


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Give two generations of a school, the older first."""
    return make_school(tmp_path_factory.mktemp("school"), marks=20)


@pytest.fixture
def drives(tmp_path: Path, school: list[Made]) -> tuple[Drive, Drive]:
    """Give two drives with both generations."""
    made = new_drive(tmp_path, school[0].school, "Синий"), new_drive(tmp_path, school[0].school, "Красный")
    for each in school:
        assert write(each, *made) == [True, True]
    return made


def write(made: Made, *drives: Drive) -> list[bool]:
    results = write_generation(made.folder, drives, Quiet(), ADMINISTRATOR.secret, made.server_key)
    return [result.proved for result in results]


def look(drive: Drive, made: Made) -> DriveCheck:
    volumes = FolderVolumes(drive.folder)
    return check_drive(
        drive.folder, made.school, made.server_key, Quiet(), ADMINISTRATOR.secret, made.catalogue, volumes
    )


def damages(copy: Path, number: int) -> Iterator[Path]:
    """Damage one file of a copy after another; each is whole again afterwards."""
    chance, files = random.Random(SEED), sorted(copy.iterdir())
    for _ in range(number):
        file = chance.choice(files)
        whole = file.read_bytes()
        file.write_bytes(harmed(whole, chance))
        yield file
        file.write_bytes(whole)


def sentence(trouble: Trouble) -> str:
    """Return what a person is told, held to the rules of a sentence."""
    text = explain(trouble).text
    assert text.count(".") >= 2, trouble
    return text


def is_as_made(copy: Path, made: Made) -> bool:
    """Say by itself whether a copy says what the server made: a catalogue may be written in other words."""
    for file in made.folder.iterdir():
        here = (copy / file.name).read_bytes()
        if file.name == CATALOGUE:
            if msgspec.json.decode(here, type=Catalogue) != made.catalogue:
                return False
        elif here != file.read_bytes():
            return False
    return True


def believed(drive: Drive, made: Made, number: int) -> list[str]:
    """Damage the newest copy on a drive; return which damages nobody saw or named."""
    copy, wrong = drive.folder / made.catalogue.generation, list[str]()
    for file in damages(copy, number):
        newest, older = sorted(look(drive, made).findings, key=lambda each: each.generation, reverse=True)
        if newest.good and not is_as_made(copy, made):
            wrong.append(f"{file.name} is damaged and called {newest.state}")
        if not newest.good and newest.file not in (file.name, ""):
            wrong.append(f"{file.name} is damaged and {newest.file} is named")
        if older.state != "proved":
            wrong.append("the older copy is not proved any more")
    return wrong


def test_a_damaged_copy_is_named_and_never_believed(
    school: list[Made], drives: tuple[Drive, Drive], record_property: Callable[[str, object], None]
) -> None:
    record_property("damaged copies", COPIES)
    assert believed(drives[0], school[1], COPIES) == []


def test_no_server_is_made_of_a_damaged_copy_and_the_other_drive_makes_one(
    school: list[Made], drives: tuple[Drive, Drive], tmp_path: Path
) -> None:
    made, new = school[1], tmp_path / "new"
    copies = [drive.folder / made.catalogue.generation for drive in drives]
    for number, _ in enumerate(damages(copies[0], COPIES)):
        try:
            backups.restore_school(copies[0], SAFE.secret, new)
        except Trouble as trouble:
            sentence(trouble)
            assert [each.name for each in tmp_path.iterdir() if "new" in each.name] == []
        else:
            assert is_as_made(copies[0], made)
            shutil.rmtree(new)
        if number % RESTORED == 0:
            assert backups.restore_school(copies[1], SAFE.secret, new) == made.catalogue.proof
            folder.open_office(new).close()
            shutil.rmtree(new)


def test_the_next_run_mends_a_damaged_copy(school: list[Made], drives: tuple[Drive, Drive]) -> None:
    made = school[1]
    copy = drives[0].folder / made.catalogue.generation
    for _ in damages(copy, max(15, COPIES // 10)):
        assert write(made, *drives) == [True, True]
        assert is_as_made(copy, made)
        assert not [each.name for each in drives[0].folder.iterdir() if each.name.startswith(".")]


def test_a_damaged_card_never_turns_a_drive_into_another(school: list[Made], drives: tuple[Drive, Drive]) -> None:
    card, chance, made = drives[0].folder / CARD, random.Random(SEED), school[1]
    whole = card.read_bytes()
    for _ in range(max(15, COPIES // 10)):
        card.write_bytes(harmed(whole, chance))
        try:
            assert look(drives[0], made).drive.card.school == made.school
        except Trouble as trouble:
            sentence(trouble)


def test_where_the_newest_is_broken_everywhere_the_older_restores_and_is_called_older(
    school: list[Made], drives: tuple[Drive, Drive]
) -> None:
    for drive in drives:
        base = drive.folder / school[1].catalogue.generation / "base.age"
        base.write_bytes(base.read_bytes()[:-1])
        looked = look(drive, school[1])
        assert looked.older
        assert [finding.state for finding in looked.findings] == ["cut", "proved"]
        kept = drive.folder / school[0].catalogue.generation
        assert backups.verify(kept, SAFE.secret)[1] == school[0].catalogue.proof


def test_another_school_s_copy_is_neither_believed_nor_removed(
    school: list[Made], drives: tuple[Drive, Drive], tmp_path: Path
) -> None:
    strange, made = make_school(tmp_path / "other", marks=2)[1], school[1]
    name = "20991231-000000-00"
    for drive in drives:
        shutil.copytree(strange.folder, drive.folder / name)
        states = {finding.generation: finding.state for finding in look(drive, made).findings}
        assert states.pop(name) == "foreign"
        assert set(states.values()) == {"proved"}
        assert write_generation(made.folder, [drive], Quiet(), ADMINISTRATOR.secret, made.server_key, kept=1)[0].proved
        assert (drive.folder / name / "base.age").read_bytes() == (strange.folder / "base.age").read_bytes()


def test_a_drive_that_dies_while_it_is_proved_is_named(
    school: list[Made], drives: tuple[Drive, Drive], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "a read names no file")

    monkeypatch.setattr(age_file, "prove_file", dies)
    with pytest.raises(backups.FolderFailed) as told:
        backups.verify(drives[0].folder, SAFE.secret)
    assert told.value.details["place"] == str(drives[0].folder)


# --- the negative controls -------------------------------------------------------------------------------------------


def _only_sizes(source: object, file: CatalogueFile) -> None:
    """Look at no byte of a file."""


def test_who_looks_at_no_byte_of_a_file_is_found(
    school: list[Made], drives: tuple[Drive, Drive], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(age_file, "check_file", _only_sizes)
    assert any("called proved" in each for each in believed(drives[0], school[1], 40))  # keys.age, README.txt


def test_who_proves_nothing_is_found(
    school: list[Made], drives: tuple[Drive, Drive], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(age_file, "check_file", _only_sizes)
    monkeypatch.setattr(checking, "prove", lambda *_: None)
    found = believed(drives[0], school[1], 40)
    assert any("base.age is damaged and called proved" in each for each in found)
