"""The copies that a former recovery key opens go from a drive whole, and only beside a proved one for today's key."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_core.errors import Trouble
from ejournal_desktop.backup import old_copies, write
from ejournal_desktop.backup.drives import Drive, plugged_in
from ejournal_desktop.backup.old_copies import Destroyed, NoProvedCopy, NotPluggedIn, destroy_former
from ejournal_desktop.backup.troubles import DriveFailed
from ejournal_server import folder, generations
from ejournal_server.generations import Recipients
from tests.desktop.backup.drive_world import Made, Quiet, names, new_drive
from tools.folder_volumes import FolderVolumes

TODAY = BackupIdentity.new()
SHEET = key_sheet.fingerprint(TODAY.recipient)


@pytest.fixture(scope="session")
def renewed(generations: list[Made], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Give a generation of the same school, sealed to the key that took the place of the lost one."""
    made = generations[1]
    place = tmp_path_factory.mktemp("renewed")
    for each in generations:  # of several in one second each has its number
        (place / each.catalogue.generation).mkdir()
    with contextlib.closing(folder.open_office(made.folder.parent.parent / "data", None)) as office:
        return _renewed(office, place, made.signing)


def _renewed(office: folder.Office, place: Path, signing: bytes) -> Made:
    recipients = Recipients(recovery=TODAY.recipient)
    catalogue = generations.make_generation(office.authority, place, recipients, office.ca_pem)
    return Made(place / catalogue.generation, catalogue, signing)


@pytest.fixture
def drive(tmp_path: Path, made: Made, older: Made, renewed: Made) -> Drive:
    """Give a drive with two generations of the former key and the proved one of today's."""
    found = new_drive(tmp_path, made.school, "Синяя")
    for each in (older, made, renewed):
        shutil.copytree(each.folder, found.folder / each.catalogue.generation)
    return found


def destroy(drive: Drive, renewed: Made, card: str = "", generation: str = "") -> Destroyed:
    """Destroy as the administrator's desk does."""
    return destroy_former(
        renewed.school, card or drive.card.id, SHEET, generation or renewed.catalogue.generation, renewed.server_key,
        Quiet(), FolderVolumes(drive.folder),
    )  # fmt: skip


def copies(drive: Drive) -> list[str]:
    return write.generations(drive.folder)


def test_what_the_former_key_opens_goes_and_the_proved_copy_and_everything_else_stay(
    drive: Drive, made: Made, older: Made, renewed: Made
) -> None:
    (drive.folder / "Отпуск.jpg").write_bytes(b"mine")
    gone = destroy(drive, renewed)
    assert set(gone.names) == {made.catalogue.generation, older.catalogue.generation}
    assert (gone.held, copies(drive)) == (1, [renewed.catalogue.generation])
    assert "Отпуск.jpg" in names(drive.folder)
    assert [each for each in names(drive.folder) if each.endswith(".new")] == []
    assert destroy(drive, renewed).names == ()


@pytest.mark.parametrize("how", ["missing", "damaged", "of the former key"])
def test_without_the_proved_copy_nothing_is_destroyed(drive: Drive, made: Made, renewed: Made, how: str) -> None:
    place, generation = drive.folder / renewed.catalogue.generation, ""
    if how == "missing":
        shutil.rmtree(place)
    elif how == "damaged":
        content = (place / "base.age").read_bytes()
        (place / "base.age").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    else:
        generation = made.catalogue.generation
    before = copies(drive)
    with pytest.raises(NoProvedCopy):
        destroy(drive, renewed, generation=generation)
    assert copies(drive) == before


def test_another_drive_is_left_alone(drive: Drive, renewed: Made) -> None:
    before = copies(drive)
    with pytest.raises(NotPluggedIn):
        destroy(drive, renewed, card="another-card")
    assert copies(drive) == before


def test_what_cannot_be_read_as_the_schools_stays(drive: Drive, made: Made, renewed: Made) -> None:
    (drive.folder / made.catalogue.generation / "catalogue.json").write_bytes(b"{}")
    gone = destroy(drive, renewed)
    assert made.catalogue.generation not in gone.names
    assert set(copies(drive)) == {made.catalogue.generation, renewed.catalogue.generation}


def test_a_drive_that_fails_in_the_middle_has_every_copy_whole_or_not_at_all(
    drive: Drive, made: Made, renewed: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(name: Path) -> None:
        if name.name == made.catalogue.generation:
            raise OSError(5, "gone")
        write.remove_generation(name)

    with monkeypatch.context() as failing:
        failing.setattr(old_copies, "remove_generation", fails)
        with pytest.raises(DriveFailed) as told:
            destroy(drive, renewed)
    assert isinstance(told.value, Trouble)
    assert set(copies(drive)) == {made.catalogue.generation, renewed.catalogue.generation}
    assert plugged_in(renewed.school, FolderVolumes(drive.folder))[0].trouble is None
    assert destroy(drive, renewed).names == (made.catalogue.generation,)
