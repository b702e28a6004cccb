"""Windows, as its kernel and psutil answer: recorded structures of winioctl.h, laid out by hand; never run there."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from msgspec import Struct

from ejournal_desktop.backup.volumes import Partition
from ejournal_desktop.backup.windows_volumes import (
    DEVICE_PROPERTY,
    GET_DEVICE_NUMBER,
    QUERY_PROPERTY,
    Information,
    WindowsVolumes,
    device_name,
    read_descriptor,
    this_kernel,
)

USB, SATA, SD, VIRTUAL = 7, 11, 12, 15


def number(disk: int, partition: int = 1, kind: int = 7) -> bytes:
    """Lay out a STORAGE_DEVICE_NUMBER."""
    return struct.pack("<III", kind, disk, partition)


def descriptor(bus: int, vendor: bytes = b"", product: bytes = b"", removable: bool = False) -> bytes:
    """Lay out a STORAGE_DEVICE_DESCRIPTOR; a missing word has the offset 0."""
    head, words = 36, b""
    offsets = []
    for word in (vendor, product):
        offsets.append(head + len(words) if word else 0)
        words += word + b"\0" if word else b""
    fixed = struct.pack("<IIBBBBIIIIII", 40, head + len(words), 0, 0, removable, 0, *offsets, 0, 0, bus, 0)
    return fixed + words


class Letter(Struct, frozen=True):
    """What a recorded kernel says of a letter."""

    number: bytes = b""
    descriptor: bytes = b""
    told: Information = Information()


class Recorded:
    """A kernel that answers from a record."""

    def __init__(self, **letters: Letter) -> None:
        self._letters = letters

    def information(self, root: str) -> Information:
        """Answer as GetVolumeInformation."""
        return self._letters[root[0]].told

    def control(self, root: str, code: int, question: bytes) -> bytes:
        """Answer as DeviceIoControl."""
        letter = self._letters.get(root[0], Letter())
        if code == GET_DEVICE_NUMBER:
            return letter.number
        assert (code, question) == (QUERY_PROPERTY, DEVICE_PROPERTY)
        return letter.descriptor


PARTITIONS = (
    Partition("C:\\", "C:\\", "NTFS", "rw,fixed"),
    Partition("D:\\", "D:\\", "NTFS", "rw,fixed"),
    Partition("E:\\", "E:\\", "FAT32", "rw,removable"),
    Partition("F:\\", "F:\\", "exFAT", "rw,fixed"),
    Partition("G:\\", "G:\\", "", "removable"),
    Partition("V:\\", "V:\\", "NTFS", "rw,fixed"),
    Partition("Z:\\", "Z:\\", "NTFS", "rw,remote"),
)
KERNEL = Recorded(
    C=Letter(number(0, 3), descriptor(SATA, b"", b"KINGSTON SA400"), Information("Windows", 0xAABBCCDD)),
    D=Letter(number(0, 4), descriptor(SATA, b"", b"KINGSTON SA400"), Information("Данные", 0x11223344)),
    E=Letter(number(2), descriptor(USB, b"Kingston ", b"DataTraveler 3.0"), Information("СИНЯЯ", 0x1A2B3C4D, 0x80000)),
    F=Letter(number(2, 2), descriptor(USB, b"Kingston ", b"DataTraveler 3.0"), Information("", 0x00010002)),
    V=Letter(number(5), descriptor(VIRTUAL, b"Msft    ", b"Virtual Disk"), Information("Образ", 7)),
)


def test_every_letter_tells_its_device_its_file_system_and_whether_it_can_be_unplugged() -> None:
    mounted = WindowsVolumes(KERNEL, lambda: PARTITIONS, "C:").mounted()
    found = {str(each.root)[0]: each for each in mounted}
    assert sorted(found) == ["C", "D", "E", "F", "V", "Z"]  # a slot without a card is nothing mounted
    stick = found["E"]
    assert (stick.uuid, stick.label, stick.file_system, stick.read_only) == ("1A2B-3C4D", "СИНЯЯ", "fat32", True)
    assert (stick.devices, stick.removable, stick.system) == (("PhysicalDrive2",), True, False)
    assert stick.model == "Kingston DataTraveler 3.0"
    assert (found["F"].devices, found["F"].uuid, found["F"].removable) == (stick.devices, "0001-0002", True)
    assert [found[letter].system for letter in "CDEFVZ"] == [True, True, False, False, False, False]
    assert found["V"].devices == ()  # a file that is mounted as a disk
    assert (found["Z"].network, found["Z"].root) == (True, Path("Z:\\"))


def test_where_nobody_knows_the_system_s_own_device_nothing_unknown_is_called_a_drive() -> None:
    silent = Recorded(C=Letter(), E=Letter())
    for each in WindowsVolumes(silent, lambda: (PARTITIONS[0], PARTITIONS[2]), "C:").mounted():
        assert (each.devices, each.uuid) == ((), "")


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (number(0), "PhysicalDrive0"),
        (number(11, 0), "PhysicalDrive11"),
        (number(0, kind=2), ""),  # a CD's numbers are others
        (number(0xFFFFFFFF), ""),
        (number(1)[:11], ""),
        (b"", ""),
    ],
)
def test_a_device_number_names_a_disk_or_nothing(answer: bytes, name: str) -> None:
    assert device_name(answer) == name


def test_a_descriptor_that_is_cut_or_garbage_is_not_believed_and_not_stumbled_over() -> None:
    whole, chance = descriptor(SD, b"Generic", b"SD/MMC", removable=True), random.Random(2026)
    assert (read_descriptor(whole).removable, read_descriptor(whole).model) == (True, "Generic SD/MMC")
    for length in range(36):
        assert read_descriptor(whole[:length]) == read_descriptor(b"")
    for _ in range(300):
        assert len(read_descriptor(chance.randbytes(chance.randrange(80))).model) <= 161


def test_elsewhere_there_is_no_such_kernel() -> None:
    with pytest.raises(OSError, match="kernel32"):
        this_kernel()
