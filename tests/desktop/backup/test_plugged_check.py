"""The drive that is plugged in is checked from its newest copy on; one that is pulled out meanwhile is not judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ejournal_core.age_file import BackupIdentity
from ejournal_desktop.backup.drives import Drive, plugged_in
from ejournal_desktop.backup.plugged_check import Checked, check_plugged, meant
from ejournal_desktop.backup.prove import Report
from ejournal_desktop.backup.troubles import DriveFailed, ForeignDrive
from tests.desktop.backup.drive_world import ADMINISTRATOR, Made, Quiet, cancel_at, new_drive
from tests.desktop.backup.drive_world import Cancelled as CancelledJob
from tools.folder_volumes import FolderVolumes


def carry(drive: Drive, *copies: Made) -> None:
    for each in copies:
        shutil.copytree(each.folder, drive.folder / each.catalogue.generation)


def check(drive: Drive, made: Made, secret: str = ADMINISTRATOR.secret, report: Report | None = None) -> Checked:
    (plugged,) = plugged_in(made.school, FolderVolumes(drive.folder))
    return check_plugged(plugged, made.server_key, report or Quiet(), secret)


def states(checked: Checked) -> list[tuple[str, str, str]]:
    return [(each.generation, each.state, each.file) for each in checked.findings]


def test_the_newest_copy_is_restored_for_trial_and_no_other_is_read(
    made: Made, older: Made, drives: tuple[Drive, Drive]
) -> None:
    carry(drives[0], made, older)
    (drives[0].folder / older.catalogue.generation / "base.age").unlink()
    checked = check(drives[0], made)
    assert states(checked) == [(made.catalogue.generation, "proved", "")]
    assert (checked.card, checked.label) == (drives[0].card.id, "Носитель-1")
    assert checked.names == (older.catalogue.generation, made.catalogue.generation)
    assert states(check(drives[0], made, ""))[0][1] == "whole"
    assert states(check(drives[0], made, BackupIdentity.new().secret))[0][1] == "other_key"


@pytest.mark.parametrize(("name", "state"), [("base.age", "damaged"), ("catalogue.json", "missing")])
def test_a_newest_copy_that_does_not_hold_is_named_and_the_one_before_it_checked(
    made: Made, older: Made, drives: tuple[Drive, Drive], name: str, state: str
) -> None:
    """Without its catalogue a copy is still the newest one: only its name can tell so."""
    carry(drives[0], made, older)
    file = drives[0].folder / made.catalogue.generation / name
    if state == "missing":
        file.unlink()
    else:
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    checked = check(drives[0], made)
    assert states(checked) == [
        (made.catalogue.generation, state, name), (older.catalogue.generation, "proved", ""),
    ]  # fmt: skip
    assert checked.good is checked.findings[1]
    assert checked.has_lost(made.catalogue.generation)
    assert not checked.has_lost(older.catalogue.generation)


def test_a_drive_without_copies_has_lost_what_the_register_tells_of(made: Made, drives: tuple[Drive, Drive]) -> None:
    checked = check(drives[0], made)
    assert (checked.findings, checked.good) == ((), None)
    assert checked.has_lost(made.catalogue.generation)
    assert not checked.has_lost("")


def test_a_copy_that_the_drive_does_not_give_back_is_not_readable_and_the_one_before_it_is(
    made: Made, older: Made, drives: tuple[Drive, Drive]
) -> None:
    carry(drives[0], made, older)
    worn = drives[0].folder / made.catalogue.generation / "base.age"
    worn.unlink()
    worn.mkdir()  # opening it is refused by the system, as reading a worn-out place is
    assert [state for _, state, _ in states(check(drives[0], made))] == ["unreadable", "proved"]


@pytest.mark.parametrize(("has_card", "leaves_a_folder"), [(True, True), (True, False), (False, False)])
def test_a_drive_pulled_out_in_the_middle_is_not_called_damaged(
    made: Made, drives: tuple[Drive, Drive], tmp_path: Path, *, has_card: bool, leaves_a_folder: bool
) -> None:
    """Where it was, an empty folder of the same name may be left, in which every file is missing."""
    carry(drives[0], made)
    if not has_card:
        (drives[0].folder / "ejournal-drive.json").unlink()

    def pull(look: int) -> None:
        if look == 2:
            drives[0].folder.rename(tmp_path / "pulled")
            if leaves_a_folder:
                drives[0].folder.mkdir()

    with pytest.raises(DriveFailed):
        check(drives[0], made, report=Quiet(pull))


def test_a_drive_without_a_card_is_checked_and_another_school_s_is_not(
    made: Made, drives: tuple[Drive, Drive], tmp_path: Path
) -> None:
    carry(drives[0], made)
    (drives[0].folder / "ejournal-drive.json").unlink()
    checked = check(drives[0], made)
    assert (checked.card, [state for _, state, _ in states(checked)]) == ("", ["proved"])
    with pytest.raises(ForeignDrive):
        check(new_drive(tmp_path, "another", "Чужой"), made)


def test_the_drive_of_the_row_is_meant_where_it_is_plugged_in_else_whatever_is(
    made: Made, drives: tuple[Drive, Drive]
) -> None:
    one, two = drives
    both = FolderVolumes(one.folder, two.folder)

    def cards(card: str, volumes: FolderVolumes) -> list[str]:
        return [each.card.id for each in meant(made.school, card, volumes) if each.card is not None]

    assert cards(two.card.id, both) == [two.card.id]
    assert cards(two.card.id, FolderVolumes(one.folder)) == [one.card.id]
    assert cards("", both) == [one.card.id, two.card.id]
    assert cards("", FolderVolumes()) == []


def test_a_check_can_be_stopped_at_any_moment_and_says_how_far_it_is(made: Made, drives: tuple[Drive, Drive]) -> None:
    carry(drives[0], made)
    counted = Quiet()
    check(drives[0], made, report=counted)
    assert all(0 <= done <= total for done, total, _ in counted.steps)
    for look in range(1, counted.looks + 1):
        with pytest.raises(CancelledJob):
            check(drives[0], made, report=cancel_at(look))
