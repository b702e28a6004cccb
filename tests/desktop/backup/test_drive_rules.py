"""Two drives are two cards, two file systems and two devices; what is no drive is refused with its own sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ejournal_core.changes import canonical
from ejournal_core.errors import Trouble
from ejournal_desktop.backup.drives import CARD, Drive, open_drive, open_drives, plugged_in, register_drive
from ejournal_desktop.backup.troubles import (
    ClonedDrive,
    CopiedCard,
    DriveFailed,
    ForeignDrive,
    NetworkDrive,
    NoDevice,
    OneDevice,
    OwnDisk,
    SameDrive,
    UnknownDrive,
)
from ejournal_desktop.backup.volumes import Volume, is_other, is_own
from tests.desktop.backup.computers import Told
from tests.desktop.backup.drive_world import names


def stick(root: Path, uuid: str, *devices: str) -> Volume:
    root.mkdir(exist_ok=True)
    return Volume(root=root, uuid=uuid, devices=devices, removable=True)


def registered(volume: Volume, label: str) -> Drive:
    return register_drive(volume.root, "school", label, volumes=Told(volume))


def refusal(told: Told) -> Trouble:
    with pytest.raises(Trouble) as refused:
        open_drives([each.root for each in told.volumes], "school", told)
    return refused.value


def test_two_sticks_are_two_drives_and_their_cards_note_the_uuid(tmp_path: Path) -> None:
    told = Told(stick(tmp_path / "one", "1A2B-3C4D", "sdb"), stick(tmp_path / "two", "5E6F-7081", "sdc"))
    for volume, label in zip(told.volumes, ("Синяя", "Красная"), strict=True):
        registered(volume, label)
    drives = open_drives([each.root for each in told.volumes], "school", told)
    assert [(drive.card.label, drive.card.uuid) for drive in drives] == [
        ("Синяя", "1A2B-3C4D"), ("Красная", "5E6F-7081")
    ]  # fmt: skip


def test_two_partitions_of_one_stick_are_one_drive(tmp_path: Path) -> None:
    told = Told(stick(tmp_path / "one", "1A2B-3C4D", "sdb"), stick(tmp_path / "two", "5E6F-7081", "sda", "sdb"))
    for volume, label in zip(told.volumes, ("Синяя", "Красная"), strict=True):
        registered(volume, label)
    found = refusal(told)
    assert isinstance(found, OneDevice)
    assert found.details == {"drive": "Красная", "other": "Синяя"}


def test_two_folders_of_one_stick_are_one_drive(tmp_path: Path) -> None:
    told = Told(stick(tmp_path, "1A2B-3C4D", "sdb"))
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        register_drive(folder, "school", folder.name, volumes=told)
    with pytest.raises(SameDrive):
        open_drives(folders, "school", told)


def test_a_clone_of_a_drive_is_told_even_after_it_was_registered(tmp_path: Path) -> None:
    one, two = stick(tmp_path / "one", "1A2B-3C4D", "sdb"), stick(tmp_path / "two", "1A2B-3C4D", "sdc")
    registered(one, "Синяя")
    shutil.copy(one.root / CARD, two.root / CARD)
    assert isinstance(refusal(Told(one, two)), ClonedDrive)
    registered(two, "Красная")
    assert isinstance(refusal(Told(one, two)), ClonedDrive)


def test_a_copied_card_is_told_and_registering_it_makes_it_a_drive_of_its_own(tmp_path: Path) -> None:
    one, two = stick(tmp_path / "one", "1A2B-3C4D", "sdb"), stick(tmp_path / "two", "5E6F-7081", "sdc")
    first = registered(one, "Синяя")
    shutil.copy(one.root / CARD, two.root / CARD)
    told = Told(one, two)
    with pytest.raises(CopiedCard) as refused:
        open_drive(two.root, "school", told)
    assert refused.value.details["drive"] == "Синяя"
    second = registered(two, "Красная")
    assert second.card.id != first.card.id
    assert open_drive(one.root, "school", told).card == first.card
    assert len(open_drives((one.root, two.root), "school", told)) == 2


def test_a_share_the_computer_s_own_disk_and_memory_are_no_drives_with_or_without_a_card(tmp_path: Path) -> None:
    registered(stick(tmp_path, "1A2B-3C4D", "sdb"), "Синяя")
    for volume, kind in (
        (Volume(root=tmp_path, network=True), NetworkDrive),
        (Volume(root=tmp_path, uuid="1A2B-3C4D", devices=("sda",), system=True), OwnDisk),
        (Volume(root=tmp_path), NoDevice),
        (Volume(root=tmp_path / "elsewhere", devices=("sdb",)), NoDevice),
    ):
        before = (tmp_path / CARD).read_bytes()
        with pytest.raises(kind):
            open_drive(tmp_path, "school", Told(volume))
        with pytest.raises(kind):
            register_drive(tmp_path, "school", "Новая", volumes=Told(volume))
        assert (tmp_path / CARD).read_bytes() == before
    with pytest.raises(DriveFailed):
        register_drive(tmp_path / "gone", "school", "Новая", volumes=Told())


def test_the_folders_of_this_test_are_no_drives_to_the_program_itself(tmp_path: Path) -> None:
    with pytest.raises((OwnDisk, NoDevice, NetworkDrive)):
        register_drive(tmp_path, "school", "Папка")
    assert names(tmp_path) == []


def test_what_can_be_unplugged_is_offered_with_its_card_or_with_why_not(tmp_path: Path) -> None:
    ours, new, theirs, copied = (
        stick(tmp_path / name, f"0000-000{digit}", f"sd{name}") for digit, name in enumerate(("b", "c", "d", "e"))
    )
    own = Volume(root=tmp_path, devices=("sda",), system=True, removable=True)
    inner = Volume(root=tmp_path / "f", devices=("sdf",))
    registered(ours, "Синяя")
    register_drive(theirs.root, "another", "Их флешка", volumes=Told(theirs))
    shutil.copy(ours.root / CARD, copied.root / CARD)
    gone = Volume(root=tmp_path / "gone", devices=("sdg",), removable=True)
    offered = plugged_in("school", Told(own, inner, ours, new, theirs, copied, gone))
    assert [each.volume for each in offered] == [ours, new, theirs, copied, gone]
    assert [each.card.label if each.card else type(each.trouble) for each in offered] == [
        "Синяя", UnknownDrive, ForeignDrive, CopiedCard, UnknownDrive
    ]  # fmt: skip


def test_whatever_lies_on_a_stranger_s_stick_is_no_card_and_leads_nowhere(tmp_path: Path) -> None:
    volume, own = stick(tmp_path / "stick", "1A2B-3C4D", "sdb"), tmp_path / "own.txt"
    card = volume.root / CARD
    own.write_text("моё")
    good = canonical(registered(volume, "Синяя").card)
    (volume.root / f".{CARD}.new").symlink_to(own)
    for content in (b"", b"\0" * 100, b'{"v":1}', b"[" * 100_000, b" " * 70_000 + good, b'{"uuid":7}'):
        card.write_bytes(content)
        with pytest.raises(UnknownDrive):
            open_drive(volume.root, "school", Told(volume))
    assert registered(volume, "Синяя").card.label == "Синяя"
    assert own.read_text() == "моё"
    assert names(volume.root) == [CARD]


def test_a_drive_that_another_took_the_place_of_is_not_there_any_more(tmp_path: Path) -> None:
    drive = registered(stick(tmp_path, "1A2B-3C4D", "sdb"), "Синяя")
    drive.see_it_plugged_in()
    card = (tmp_path / CARD).read_bytes()
    (tmp_path / CARD).unlink()
    registered(stick(tmp_path, "5E6F-7081", "sdb"), "Красная")
    with pytest.raises(DriveFailed):
        drive.see_it_plugged_in()
    (tmp_path / CARD).unlink()
    with pytest.raises(DriveFailed):
        drive.free()
    (tmp_path / CARD).write_bytes(card)
    drive.see_it_plugged_in()


def test_a_computer_that_does_not_say_what_it_works_from_writes_only_on_what_can_be_unplugged() -> None:
    assert is_own(["sda"], [], removable=False)
    assert not is_own(["sdb"], [], removable=True)
    assert not is_own([], [], removable=False)
    assert is_own(["sda", "sdb"], ["sdb"], removable=True)
    assert not is_own(["sda"], ["sdb"], removable=False)


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("1A2B-3C4D", "1A2B-3C4D", False),
        ("1A2B-3C4D", "1A2B-3C4E", True),
        ("", "1A2B-3C4E", False),  # nobody knows
        ("5E6F708112345678", "1234-5678", False),  # NTFS as Linux and as Windows tell it
        ("1234-5678", "5E6F708112345679", True),
        ("5E6F708112345678", "AAAA708112345678", True),
        ("0dd5b0aa-1111-4222-8333-444455556666", "0DD5B0AA-1111-4222-8333-444455556666", False),
        ("0dd5b0aa-1111-4222-8333-444455556666", "1A2B-3C4E", True),
        ("mac:0DD5B0AA-1111-3222-8333-444455556666", "1A2B-3C4E", False),  # macOS reckons its own
        ("mac:0DD5B0AA-1111-3222-8333-444455556666", "mac:0DD5B0AA-1111-3222-8333-444455556667", True),
    ],
)
def test_uuids_are_compared_across_systems_where_they_can_be(one: str, other: str, differ: bool) -> None:
    assert is_other(one, other) is differ
    assert is_other(other, one) is differ
