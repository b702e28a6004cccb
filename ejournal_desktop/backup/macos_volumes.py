"""What is mounted on macOS: psutil says what, `diskutil info -plist` the rest; diskutil(8) names the keys."""

from __future__ import annotations

import plistlib
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from ejournal_desktop.backup.volumes import NETWORK, Partition, Volume, is_own, partitions, room

_PART = re.compile(r"(disk\d+)(s\d+)*")
_PATIENCE = 20  # seconds for a medium to be spun up; one that does not answer is on no device


class MacVolumes:
    """Asks psutil and diskutil; both can be others, so that recorded computers can be looked at as well."""

    def __init__(
        self,
        ask: Callable[[str], bytes] | None = None,
        mounted: Callable[[], Iterable[Partition]] = partitions,
    ) -> None:
        self._ask = ask or diskutil
        self._mounted = mounted

    def mounted(self) -> tuple[Volume, ...]:
        """Return what is mounted now."""
        own = set(devices_of(self._told("/")))
        return tuple(self._volume(each, own) for each in self._mounted())

    def _told(self, mountpoint: str) -> dict[str, Any]:
        return read_plist(self._ask(mountpoint))

    def _volume(self, partition: Partition, own: set[str]) -> Volume:
        root = Path(partition.mountpoint)
        if not partition.device.startswith("/dev/disk"):  # a share, whose server may be away, or none of the disks
            return Volume(root=root, file_system=partition.fstype, network=partition.fstype in NETWORK)
        told = self._told(partition.mountpoint)
        devices, (size, free) = devices_of(told), room(root)
        return Volume(
            root=root,
            uuid=f"mac:{told['VolumeUUID']}" if _text(told, "VolumeUUID") else "",
            label=_text(told, "VolumeName"),
            file_system=_text(told, "FilesystemType") or partition.fstype,
            size=size,
            free=free,
            read_only="ro" in partition.opts.split(",") or told.get("WritableVolume") is False,
            devices=devices,
            removable=is_removable(told),
            system=is_own(devices, own, removable=is_removable(told)),
            model=_text(told, "MediaName"),
        )


def diskutil(mountpoint: str) -> bytes:
    """Return what diskutil says of a mounted volume, b"" where it says nothing."""
    command = ["/usr/sbin/diskutil", "info", "-plist", mountpoint]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE)  # noqa: S603 (no shell)
        return done.stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""


def read_plist(text: bytes) -> dict[str, Any]:
    """Read diskutil's answer; of one that is cut or none, nothing is believed."""
    try:
        told = plistlib.loads(text)
    except (plistlib.InvalidFileException, ExpatError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def devices_of(told: dict[str, Any]) -> tuple[str, ...]:
    """Return the whole disks under a volume; below an APFS container the one that really is there, of an image none."""
    if _text(told, "BusProtocol") == "Disk Image":
        return ()
    names = [_text(told, "ParentWholeDisk")]
    if stores := told.get("APFSPhysicalStores"):
        entries = stores if isinstance(stores, list) else []
        names = [_text(each, "APFSPhysicalStore") for each in entries if isinstance(each, dict)]
    found = {part[1] for name in names if (part := _PART.fullmatch(name))}
    return tuple(sorted(found))


def is_removable(told: dict[str, Any]) -> bool:
    """Say whether a volume's medium can be taken out, or its disk is outside the computer."""
    return told.get("RemovableMedia") is True or told.get("Ejectable") is True or told.get("Internal") is False


def _text(told: dict[str, Any], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""
