"""A drive is known by its own card; what is not this school's registered drive is not used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ejournal_desktop.backup.drives import CARD, open_drive, open_drives, register_drive
from ejournal_desktop.backup.troubles import ForeignDrive, SameDrive, UnknownDrive
from tests.desktop.backup.drive_world import names
from tools.folder_volumes import FolderVolumes


def test_a_registered_drive_is_known_again_with_its_holder_and_room(tmp_path: Path) -> None:
    made = register_drive(
        tmp_path, "school", "Синяя флешка", "Админов О. О.", "каб. 12", volumes=FolderVolumes(tmp_path)
    )
    again = open_drive(tmp_path, "school", volumes=FolderVolumes(tmp_path))
    assert again == made
    assert (again.card.label, again.card.holder, again.card.room) == ("Синяя флешка", "Админов О. О.", "каб. 12")
    assert again.free() == shutil.disk_usage(tmp_path).free
    assert names(tmp_path) == [CARD]


def test_a_drive_without_a_readable_card_is_offered_for_registration(tmp_path: Path) -> None:
    with pytest.raises(UnknownDrive):
        open_drive(tmp_path, "school", volumes=FolderVolumes(tmp_path))
    (tmp_path / CARD).write_text("{")
    with pytest.raises(UnknownDrive):
        open_drive(tmp_path, "school", volumes=FolderVolumes(tmp_path))
    register_drive(tmp_path, "school", "Синяя", volumes=FolderVolumes(tmp_path))
    assert open_drive(tmp_path, "school", volumes=FolderVolumes(tmp_path)).card.label == "Синяя"


def test_another_school_s_drive_is_neither_used_nor_registered_over(tmp_path: Path) -> None:
    register_drive(tmp_path, "another", "Их флешка", volumes=FolderVolumes(tmp_path))
    before = (tmp_path / CARD).read_bytes()
    with pytest.raises(ForeignDrive) as refused:
        open_drive(tmp_path, "school", volumes=FolderVolumes(tmp_path))
    assert refused.value.details["drive"] == "Их флешка"
    with pytest.raises(ForeignDrive):
        register_drive(tmp_path, "school", "Наша", volumes=FolderVolumes(tmp_path))
    assert (tmp_path / CARD).read_bytes() == before


def test_registering_again_keeps_the_drive_s_id(tmp_path: Path) -> None:
    first = register_drive(tmp_path, "school", "Синяя", room="каб. 12", volumes=FolderVolumes(tmp_path))
    second = register_drive(tmp_path, "school", "Синяя", room="каб. 14", volumes=FolderVolumes(tmp_path))
    assert (second.card.id, second.card.room) == (first.card.id, "каб. 14")


def test_one_folder_given_twice_or_a_copied_card_is_one_drive(tmp_path: Path) -> None:
    one, two, three = tmp_path / "one", tmp_path / "two", tmp_path / "three"
    for folder in (one, two, three):
        folder.mkdir()
    register_drive(one, "school", "Первая", volumes=FolderVolumes(one))
    register_drive(three, "school", "Третья", volumes=FolderVolumes(three))
    shutil.copy(one / CARD, two / CARD)
    (tmp_path / "link").symlink_to(one)
    for pair in ((one, one), (one, tmp_path / "link"), (one, two), (three, one, two)):
        with pytest.raises(SameDrive):
            open_drives(pair, "school", FolderVolumes(one, two, three))
    assert [drive.card.label for drive in open_drives((one, three), "school", FolderVolumes(one, three))] == [
        "Первая",
        "Третья",
    ]
