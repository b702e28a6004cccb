"""What is mounted on Linux: proc says what and where, sysfs on which device, udev's links the UUID and the label.

No service is asked, so it works the same on a bare system; see proc_pid_mountinfo(5) and the kernel's
`Documentation/ABI/testing/sysfs-block`.
"""

from __future__ import annotations

import fcntl
import os
import re
import uuid
from pathlib import Path

from msgspec import Struct

from ejournal_desktop.backup.volumes import NETWORK, Volume, is_own, room

#: Where a computer keeps itself; whatever shares a device with one of them is the computer's own disk.
SYSTEM_PLACES = frozenset(map(Path, ("/", "/boot", "/boot/efi", "/usr", "/var", "/home")))
_GET_UUID = 0x80111500  # FS_IOC_GETFSUUID of linux/fs.h: a byte of length and 16 of UUID, since Linux 6.9
_OCTAL = re.compile(r"\\([0-7]{3})")
_HEXADECIMAL = re.compile(r"\\x([0-9a-f]{2})")


class _Mount(Struct, frozen=True):
    """One line of mountinfo."""

    number: str  # of the device, "8:17"
    root: Path
    options: frozenset[str]
    file_system: str
    source: str


class LinuxVolumes:
    """Reads proc, sys and dev below a root of its own, so that recorded computers can be looked at as well."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def mounted(self) -> tuple[Volume, ...]:
        """Return what is mounted now; where proc cannot be read, nothing."""
        mounts = self._mounts()
        disks = {mount: self._disks(self._block(mount), mounts) for mount in mounts}
        own = {disk for mount in mounts if mount.root in SYSTEM_PLACES for disk in disks[mount]}
        uuids, labels = self._links("by-uuid"), self._links("by-label")
        return tuple(self._volume(mount, disks[mount], own, uuids, labels) for mount in mounts)

    def _volume(
        self, mount: _Mount, disks: set[Path], own: set[Path], uuids: dict[str, str], labels: dict[str, str]
    ) -> Volume:
        block = self._block(mount)
        name = block.name if block else ""
        # A share whose server is away does not answer for minutes: only devices are asked for their room.
        size, free = room(mount.root) if disks else (0, 0)
        removable = any(map(_is_removable, disks))
        return Volume(
            root=mount.root,
            uuid=uuids.get(name) or (_uuid_of_kernel(mount.root) if disks else ""),
            label=labels.get(name, ""),
            file_system=mount.file_system,
            size=size,
            free=free,
            read_only="ro" in mount.options,
            devices=tuple(sorted(disk.name for disk in disks)),
            removable=removable,
            network=mount.file_system in NETWORK,
            system=is_own(disks, own, removable=removable),
            model=" ".join(filter(None, map(_model, sorted(disks)))),
        )

    def _mounts(self) -> list[_Mount]:
        try:
            text = (self._root / "proc/self/mountinfo").read_bytes().decode(errors="surrogateescape")
        except OSError:
            return []
        return [mount for mount in map(_read_line, text.split("\n")) if mount]

    def _block(self, mount: _Mount) -> Path | None:
        """Return the device's folder in sysfs: by its number, or by its name where the number is the file system's."""
        blocks = self._root / "sys/dev/block"
        by_name = self._root / "sys/class/block" / Path(os.path.realpath(mount.source)).name
        for folder in (blocks / mount.number, *([by_name] if mount.source.startswith("/dev/") else [])):
            if folder.exists():
                return folder.resolve()
        return None

    def _disks(self, block: Path | None, mounts: list[_Mount]) -> set[Path]:
        """Return the whole disks below a device: of a partition, of an encrypted or joined volume, of a file."""
        if block is None:
            return set()
        if (block / "partition").exists():
            return self._disks(block.parent, mounts)
        below = [each.resolve() for each in (block / "slaves").glob("*")]
        if below:
            return set().union(*(self._disks(each, mounts) for each in below))
        if file := _text(block / "loop/backing_file"):
            holders = [mount for mount in mounts if Path(file).is_relative_to(mount.root)]
            holder = max(holders, key=lambda mount: len(mount.root.parts), default=None)
            return self._disks(self._block(holder), mounts) if holder else set()
        return {block}

    def _links(self, kind: str) -> dict[str, str]:
        """Return what udev noted of each device: its name → UUID or label."""
        try:
            links = list((self._root / "dev/disk" / kind).iterdir())
        except OSError:
            return {}
        return {Path(os.path.realpath(link)).name: _plain(_HEXADECIMAL, 16, link.name) for link in links}


def _read_line(line: str) -> _Mount | None:
    """Read a line of mountinfo, None where it is not one."""
    before, dash, after = line.partition(" - ")
    parts, rest = before.split(" "), after.split(" ")
    if not dash or len(parts) < 6 or len(rest) < 3 or "\0" in line or "\\000" in line:
        return None
    options = frozenset(parts[5].split(",")) | frozenset(rest[2].split(","))
    return _Mount(parts[2], Path(_plain(_OCTAL, 8, parts[4])), options, rest[0], _plain(_OCTAL, 8, rest[1]))


def _plain(escaped: re.Pattern[str], base: int, text: str) -> str:
    """Undo escapes of single bytes in a name."""
    raw = os.fsencode(text).decode("latin-1")
    return os.fsdecode(escaped.sub(lambda found: chr(int(found[1], base)), raw).encode("latin-1", "replace"))


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def _is_removable(disk: Path) -> bool:
    """Say whether the medium can be taken out or anything above it unplugged; SD cards do not say so of themselves."""
    if _text(disk / "device/type") == "SD":
        return True
    upwards = (disk, *disk.parents)
    return any((each / "idVendor").exists() or _text(each / "removable") in ("1", "removable") for each in upwards)


def _model(disk: Path) -> str:
    """Return what the maker calls a device: by USB the words of the stick, else those of the disk."""
    for each in disk.parents:
        if (each / "idVendor").exists():
            return " ".join(filter(None, (_text(each / "manufacturer"), _text(each / "product"))))
    return " ".join(filter(None, (_text(disk / "device/vendor"), _text(disk / "device/model"))))


def _uuid_of_kernel(root: Path) -> str:
    """Ask the kernel for the UUID where no udev has noted it; "" where it does not know or is too old."""

    answer = bytearray(17)
    try:
        descriptor = os.open(root, os.O_RDONLY)
    except OSError:
        return ""
    try:
        fcntl.ioctl(descriptor, _GET_UUID, answer)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return str(uuid.UUID(bytes=bytes(answer[1:]))) if answer[0] == 16 and any(answer[1:]) else ""
