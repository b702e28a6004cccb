"""Linux: which device lies under a folder, through partitions, encryption, joined volumes and files."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from ejournal_desktop.backup.linux_volumes import LinuxVolumes
from ejournal_desktop.backup.volumes import Volume, volume_of
from tests.desktop.backup.computers import Computer


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    """Give a computer that works from /dev/nvme0n1."""
    made = Computer(tmp_path / "computer")
    made.disk("nvme0n1", "259:0")
    made.partition("nvme0n1", "nvme0n1p1", "259:1")
    made.partition("nvme0n1", "nvme0n1p2", "259:2")
    made.mount("259:2", "/", source="/dev/nvme0n1p2")
    return made


def at(computer: Computer, place: str | Path) -> Volume:
    (found,) = (each for each in LinuxVolumes(computer.root).mounted() if each.root == Path(place))
    return found


def test_a_stick_is_known_by_its_uuid_label_maker_and_device(computer: Computer, tmp_path: Path) -> None:
    place = tmp_path / "Синяя флешка"
    place.mkdir()
    computer.stick("sdb", "8:16")
    computer.partition("sdb", "sdb1", "8:17")
    computer.mount("8:17", place, "vfat", "/dev/sdb1", "rw,errors=remount-ro")
    computer.note("by-uuid", "1A2B-3C4D", "sdb1")
    computer.note("by-label", "\\xd0\\xa1\\xd0\\xb8\\xd0\\xbd\\xd1\\x8f\\xd1\\x8f\\x20флешка", "sdb1")
    found = at(computer, place)
    assert (found.uuid, found.label, found.file_system) == ("1A2B-3C4D", "Синяя флешка", "vfat")
    assert (found.devices, found.removable, found.system, found.network) == (("sdb",), True, False, False)
    assert (found.model, found.read_only) == ("Kingston DataTraveler 3.0", False)
    assert found.size >= found.free > 0
    below = volume_of(place / "копии", LinuxVolumes(computer.root).mounted())
    assert below is not None
    assert (below.root, below.uuid) == (found.root, found.uuid)  # its room is another one by now


def test_partitions_of_one_stick_name_one_device_and_two_sticks_of_one_serial_two(computer: Computer) -> None:
    computer.stick("sdb", "8:16")
    computer.stick("sdc", "8:32")
    for disk, name, number in (("sdb", "sdb1", "8:17"), ("sdb", "sdb2", "8:18"), ("sdc", "sdc1", "8:33")):
        computer.partition(disk, name, number)
        computer.mount(number, f"/media/{name}", source=f"/dev/{name}")
    devices = [at(computer, f"/media/{name}").devices for name in ("sdb1", "sdb2", "sdc1")]
    assert devices == [("sdb",), ("sdb",), ("sdc",)]


def test_below_encryption_and_joined_volumes_lie_the_devices_themselves(computer: Computer) -> None:
    computer.stick("sdb", "8:16")
    computer.partition("sdb", "sdb1", "8:17")
    computer.stick("sdc", "8:32")
    computer.joined("dm-0", "253:0", "sdb1")
    computer.joined("dm-1", "253:1", "dm-0", "sdc")
    computer.mount("253:0", "/media/secret", source="/dev/mapper/secret")
    computer.mount("253:1", "/media/joined", source="/dev/mapper/joined")
    assert at(computer, "/media/secret").devices == ("sdb",)
    assert at(computer, "/media/secret").removable
    assert at(computer, "/media/joined").devices == ("sdb", "sdc")


def test_whatever_shares_a_disk_with_the_computer_is_its_own(computer: Computer) -> None:
    computer.mount("259:1", "/media/data", source="/dev/nvme0n1p1")
    computer.image("loop0", "7:0", "/var/lib/stick.img")
    computer.mount("7:0", "/media/image", source="/dev/loop0")
    computer.disk("sda", "8:0", "Second disk")
    computer.mount("8:0", "/media/second", source="/dev/sda")
    assert at(computer, "/").system
    assert at(computer, "/media/data").system
    assert at(computer, "/media/image").system
    second = at(computer, "/media/second")
    assert (second.system, second.removable, second.devices, second.model) == (False, False, ("sda",), "Second disk")


def test_an_image_on_a_stick_lies_on_the_stick_and_a_card_in_a_slot_is_removable(computer: Computer) -> None:
    computer.stick("sdb", "8:16")
    computer.mount("8:16", "/media/stick", source="/dev/sdb")
    computer.image("loop0", "7:0", "/media/stick/inner.img")
    computer.mount("7:0", "/media/inner", source="/dev/loop0")
    computer.disk("mmcblk0", "179:0", kind="SD")
    computer.mount("179:0", "/media/card", source="/dev/mmcblk0")
    assert at(computer, "/media/inner").devices == ("sdb",)
    assert at(computer, "/media/card").removable


def test_a_file_system_with_numbers_of_its_own_is_found_by_the_name_of_its_device(computer: Computer) -> None:
    computer.stick("sdb", "8:16")
    computer.mount("0:45", "/media/btrfs", "btrfs", "/dev/sdb")
    computer.note("by-uuid", "0dd5b0aa-1111-4222-8333-444455556666", "sdb")
    found = at(computer, "/media/btrfs")
    assert (found.devices, found.uuid) == (("sdb",), "0dd5b0aa-1111-4222-8333-444455556666")


def test_shares_memory_and_phones_lie_on_no_device(computer: Computer) -> None:
    for place, kind, source in (
        ("/media/share", "cifs", "//server/school"),
        ("/media/nfs", "nfs4", "server:/school"),
        ("/run/memory", "tmpfs", "tmpfs"),
        ("/run/user/1000/gvfs", "fuse.gvfsd-fuse", "gvfsd-fuse"),
        ("/media/phone", "fuse.simple-mtpfs", "simple-mtpfs"),
    ):
        computer.mount("0:50", place, kind, source)
    found = {each.root.name: (each.network, each.devices, each.size) for each in LinuxVolumes(computer.root).mounted()}
    assert [found[name] for name in ("share", "nfs", "gvfs")] == [(True, (), 0)] * 3
    assert [found[name] for name in ("memory", "phone")] == [(False, (), 0)] * 2


def test_a_file_system_that_the_kernel_closed_is_read_only(computer: Computer) -> None:
    computer.stick("sdb", "8:16")
    computer.mount("8:16", "/media/stick", "vfat", "/dev/sdb", "ro,errors=remount-ro")
    assert at(computer, "/media/stick").read_only


def test_of_two_on_one_place_the_later_counts(computer: Computer, tmp_path: Path) -> None:
    computer.stick("sdb", "8:16")
    computer.mount("0:60", tmp_path, "tmpfs", "tmpfs")
    computer.mount("8:16", tmp_path, "vfat", "/dev/sdb")
    mounted = LinuxVolumes(computer.root).mounted()
    assert [found.devices for found in (volume_of(tmp_path, mounted), volume_of(Path("/etc"), mounted)) if found] == [
        ("sdb",), ("nvme0n1",)
    ]  # fmt: skip


def test_a_system_that_shows_nothing_or_garbage_names_nothing(computer: Computer, tmp_path: Path) -> None:
    assert LinuxVolumes(tmp_path / "nothing").mounted() == ()
    file = computer.root / "proc/self/mountinfo"
    line, chance = file.read_bytes(), random.Random(2026)
    for _ in range(300):
        spoiled = bytearray(line)
        for _ in range(chance.randrange(1, 6)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        file.write_bytes(spoiled[: chance.randrange(len(spoiled) + 1)])
        for found in LinuxVolumes(computer.root).mounted():
            assert set(found.devices) <= {"nvme0n1"}


def test_this_computer_answers_for_every_folder_of_its_own(tmp_path: Path) -> None:
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    if "/" not in mounted:  # a changed root: what stands under it is not told
        pytest.skip("inside this root the system does not say on which file system it stands")
    found = volume_of(tmp_path, LinuxVolumes().mounted())
    assert found is not None
    assert tmp_path.is_relative_to(found.root)
    assert found.read_only is bool(os.statvfs(tmp_path).f_flag & os.ST_RDONLY)
