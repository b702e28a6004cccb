"""macOS, as `diskutil info -plist` and psutil answer: invented after diskutil(8); never run there."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any

import pytest

from ejournal_desktop.backup.macos_volumes import MacVolumes, devices_of, diskutil, read_plist
from ejournal_desktop.backup.volumes import Partition

STICK = {
    "BusProtocol": "USB", "DeviceIdentifier": "disk4s1", "Ejectable": True, "FilesystemType": "msdos",
    "Internal": False,
    "MediaName": "DataTraveler 3.0", "MountPoint": "/Volumes/СИНЯЯ", "ParentWholeDisk": "disk4", "RemovableMedia": True,
    "VolumeName": "СИНЯЯ", "VolumeUUID": "0DD5B0AA-1111-3222-8333-444455556666", "WritableVolume": True,
}  # fmt: skip
SYSTEM = {
    "APFSPhysicalStores": [{"APFSPhysicalStore": "disk0s2"}], "BusProtocol": "Apple Fabric", "Ejectable": False,
    "FilesystemType": "apfs", "Internal": True, "ParentWholeDisk": "disk3", "RemovableMedia": False,
    "VolumeName": "Macintosh HD", "VolumeUUID": "AAAAAAAA-1111-4222-8333-444455556666", "WritableVolume": False,
}  # fmt: skip
OUTSIDE = SYSTEM | {
    "APFSPhysicalStores": [{"APFSPhysicalStore": "disk6s1"}],
    "BusProtocol": "USB",
    "Internal": False,
    "ParentWholeDisk": "disk7",
    "VolumeName": "Красная",
    "WritableVolume": True,
}
IMAGE = STICK | {"BusProtocol": "Disk Image", "ParentWholeDisk": "disk8", "VolumeName": "Установка"}
ANSWERS: dict[str, dict[str, Any]] = {
    "/": SYSTEM, "/System/Volumes/Data": SYSTEM, "/Volumes/blue": STICK, "/Volumes/red": OUTSIDE,
    "/Volumes/image": IMAGE
}  # fmt: skip
PARTITIONS = (
    Partition("/dev/disk3s1s1", "/", "apfs", "ro,local"),
    Partition("/dev/disk3s5", "/System/Volumes/Data", "apfs", "rw,local"),
    Partition("/dev/disk4s1", "/Volumes/blue", "msdos", "rw,local"),
    Partition("/dev/disk7s1", "/Volumes/red", "apfs", "rw,local"),
    Partition("/dev/disk8s1", "/Volumes/image", "msdos", "rw,local"),
    Partition("//school@server/share", "/Volumes/share", "smbfs", "rw"),
    Partition("devfs", "/dev", "devfs", "rw"),
)


def answer(mountpoint: str) -> bytes:
    return plistlib.dumps(ANSWERS[mountpoint])


def test_every_volume_tells_its_device_its_file_system_and_whether_it_can_be_unplugged() -> None:
    found = {each.root.name: each for each in MacVolumes(answer, lambda: PARTITIONS).mounted()}
    blue, red = found["blue"], found["red"]
    assert (blue.uuid, blue.label, blue.file_system) == ("mac:" + str(STICK["VolumeUUID"]), "СИНЯЯ", "msdos")
    assert (blue.devices, blue.removable, blue.read_only, blue.system) == (("disk4",), True, False, False)
    assert (red.devices, red.removable, red.system) == (("disk6",), True, False)  # not the container made of it
    assert (found[""].devices, found[""].system, found[""].read_only) == (("disk0",), True, True)
    assert (found["Data"].system, found["Data"].removable) == (True, False)
    assert found["image"].devices == ()
    assert (found["share"].network, found["share"].devices) == (True, ())
    assert (found["dev"].network, found["dev"].devices) == (False, ())


def test_a_container_over_two_disks_lies_on_both() -> None:
    stores = [{"APFSPhysicalStore": "disk9s2"}, {"APFSPhysicalStore": "disk10s2"}]
    assert devices_of(SYSTEM | {"APFSPhysicalStores": stores}) == ("disk10", "disk9")


@pytest.mark.parametrize("text", [b"", b"Could not find disk: /x", b"<plist", b"bplist00\xff", plistlib.dumps([1])])
def test_an_answer_that_is_none_is_on_no_device(text: bytes) -> None:
    assert read_plist(text) == {}
    (found,) = MacVolumes(Always(text), lambda: PARTITIONS[2:3]).mounted()
    assert (found.root, found.devices, found.uuid) == (Path("/Volumes/blue"), (), "")


class Always:
    """A diskutil that says the same of everything."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def __call__(self, mountpoint: str) -> bytes:
        """Answer."""
        return self._text


@pytest.mark.parametrize("wrong", [None, 7, [], {}, "disk", ["disk4"], [{"APFSPhysicalStore": 4}]])
def test_values_of_another_sort_are_not_stumbled_over(wrong: object) -> None:
    for key in STICK | SYSTEM:
        told = plistlib.loads(plistlib.dumps(SYSTEM)) | {key: wrong}
        text = plistlib.dumps({name: value for name, value in told.items() if value is not None})
        (found,) = MacVolumes(Always(text), lambda: PARTITIONS[3:4]).mounted()
        assert set(found.devices) <= {"disk0", "disk3"}


def test_elsewhere_there_is_no_diskutil() -> None:
    assert diskutil("/") == b""
