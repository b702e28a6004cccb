"""What is mounted on Windows: psutil says what, the kernel which file system it is and on which device.

The structures are those of winioctl.h: STORAGE_DEVICE_NUMBER and STORAGE_DEVICE_DESCRIPTOR. Volumes are opened without
any access, which needs no administrator.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ejournal_desktop.backup.volumes import Partition, Volume, is_own, partitions, room

GET_DEVICE_NUMBER = 0x2D1080  # IOCTL_STORAGE_GET_DEVICE_NUMBER
QUERY_PROPERTY = 0x2D1400  # IOCTL_STORAGE_QUERY_PROPERTY
DEVICE_PROPERTY = struct.pack("<III", 0, 0, 0)  # StorageDeviceProperty, PropertyStandardQuery

_NUMBER = struct.Struct("<III")  # DeviceType, DeviceNumber, PartitionNumber
_DISK = 7  # FILE_DEVICE_DISK; a CD's and a virtual device's numbers are other devices'
#: Version, Size, DeviceType, its modifier, RemovableMedia, CommandQueueing, offsets of vendor, product, revision and
#: serial, BusType, RawPropertiesLength.
_DESCRIPTOR = struct.Struct("<IIBB??IIIIII")
_UNPLUGGED = frozenset({4, 7, 12, 13})  # BusType1394, BusTypeUsb, BusTypeSd, BusTypeMmc
_FILE_BACKED = 15  # BusTypeFileBackedVirtual: a mounted .vhd
_READ_ONLY = 0x80000  # FILE_READ_ONLY_VOLUME


class Information(Struct, frozen=True):
    """What GetVolumeInformation says of a volume."""

    label: str = ""
    serial: int = 0
    flags: int = 0


class Device(Struct, frozen=True):
    """What STORAGE_DEVICE_DESCRIPTOR says of a device."""

    removable: bool = False
    model: str = ""
    is_file: bool = False


class Kernel(Protocol):
    """The two questions that are put to Windows."""

    def information(self, root: str) -> Information:
        """Return what GetVolumeInformation says; nothing of a volume that does not answer."""

    def control(self, root: str, code: int, question: bytes) -> bytes:
        """Return what DeviceIoControl answers, b"" where it refuses."""


class WindowsVolumes:
    """Asks psutil and the kernel; both can be others, so that recorded computers can be looked at as well."""

    def __init__(
        self,
        kernel: Kernel | None = None,
        mounted: Callable[[], Iterable[Partition]] = partitions,
        system: str | None = None,
    ) -> None:
        self._kernel = kernel or this_kernel()
        self._mounted = mounted
        self._system = f"{system or os.environ.get('SYSTEMDRIVE', 'C:')}\\"

    def mounted(self) -> tuple[Volume, ...]:
        """Return what is mounted now; a drive letter without a medium is not."""
        own = tuple(filter(None, [self._device(self._system)]))
        return tuple(self._volume(each, own) for each in self._mounted() if each.fstype or _is_remote(each))

    def _device(self, root: str) -> str:
        return device_name(self._kernel.control(root, GET_DEVICE_NUMBER, b""))

    def _volume(self, partition: Partition, own: tuple[str, ...]) -> Volume:
        root = partition.mountpoint
        if _is_remote(partition):  # its server may be away: nothing else is asked of it
            return Volume(root=Path(root), file_system=partition.fstype, network=True)
        told = self._kernel.information(root)
        device = read_descriptor(self._kernel.control(root, QUERY_PROPERTY, DEVICE_PROPERTY))
        name = "" if device.is_file else self._device(root)
        devices = (name,) if name else ()
        removable = device.removable or "removable" in partition.opts.split(",")
        size, free = room(Path(root))
        return Volume(
            root=Path(root),
            uuid=f"{told.serial >> 16:04X}-{told.serial & 0xFFFF:04X}" if told.serial else "",
            label=told.label,
            file_system=partition.fstype.casefold(),
            size=size,
            free=free,
            read_only=bool(told.flags & _READ_ONLY),
            devices=devices,
            removable=removable,
            system=is_own(devices, own, removable=removable),
            model=device.model,
        )


def _is_remote(partition: Partition) -> bool:
    return "remote" in partition.opts.split(",")


def device_name(answer: bytes) -> str:
    """Return the name of the physical device in a STORAGE_DEVICE_NUMBER, "" where there is none or it is no disk."""
    if len(answer) < _NUMBER.size:
        return ""
    kind, number, _ = _NUMBER.unpack_from(answer)
    return f"PhysicalDrive{number}" if kind == _DISK and number != 0xFFFFFFFF else ""


def read_descriptor(answer: bytes) -> Device:
    """Read a STORAGE_DEVICE_DESCRIPTOR; of one that is cut or missing, nothing is believed."""
    if len(answer) < _DESCRIPTOR.size:
        return Device()
    _, _, _, _, removable, _, vendor, product, _, _, bus, _ = _DESCRIPTOR.unpack_from(answer)
    words = (_word(answer, vendor), _word(answer, product))
    return Device(removable or bus in _UNPLUGGED, " ".join(filter(None, words)), bus == _FILE_BACKED)


def _word(answer: bytes, offset: int) -> str:
    """Return the text at an offset of the descriptor; offset 0 means that there is none."""
    text = answer[offset:].partition(b"\0")[0] if 0 < offset < len(answer) else b""
    return text.decode("ascii", "replace").strip()


def this_kernel() -> Kernel:
    """Return the kernel of the Windows that the program runs on.

    Raises:
        OSError: it runs on another system.
    """
    if sys.platform == "win32":
        return _Kernel32()
    raise OSError("there is no kernel32 here")


if sys.platform == "win32":
    _SHARED, _EXISTING, _NO_HANDLE = 3, 3, ctypes.c_void_p(-1).value
    _NAME = 261  # MAX_PATH and the end, in characters

    def _with_end(root: str) -> str:
        """Return a root with the backslash at its end that both calls want."""
        return root.rstrip("\\") + "\\"

    class _Kernel32:
        def __init__(self) -> None:
            self._dll = ctypes.WinDLL("kernel32", use_last_error=True)
            self._dll.CreateFileW.restype = ctypes.c_void_p
            self._dll.CloseHandle.argtypes = (ctypes.c_void_p,)

        def information(self, root: str) -> Information:
            label, serial, flags = ctypes.create_unicode_buffer(_NAME), ctypes.c_uint32(), ctypes.c_uint32()
            place = _with_end(root)
            done = self._dll.GetVolumeInformationW(
                place, label, _NAME, ctypes.byref(serial), None, ctypes.byref(flags), None, 0
            )
            return Information(label.value, serial.value, flags.value) if done else Information()

        def control(self, root: str, code: int, question: bytes) -> bytes:
            name = ctypes.create_unicode_buffer(_NAME)
            if not self._dll.GetVolumeNameForVolumeMountPointW(_with_end(root), name, _NAME):
                return b""
            volume = name.value.rstrip("\\")
            handle = self._dll.CreateFileW(volume, 0, _SHARED, None, _EXISTING, 0, None)
            if handle == _NO_HANDLE:
                return b""
            try:
                return self._answer(ctypes.c_void_p(handle), code, question)
            finally:
                self._dll.CloseHandle(handle)

        def _answer(self, handle: ctypes.c_void_p, code: int, question: bytes) -> bytes:
            answer, length = ctypes.create_string_buffer(4096), ctypes.c_uint32()
            done = self._dll.DeviceIoControl(
                handle, code, question, len(question), answer, len(answer), ctypes.byref(length), None
            )
            return answer.raw[: length.value] if done else b""
