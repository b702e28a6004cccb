"""Invented Linux computers, as proc, sysfs and udev's links would show them; and a list of volumes to be told."""

from __future__ import annotations

from pathlib import Path

from ejournal_desktop.backup.volumes import Volume

PCI = Path("sys/devices/pci0000:00")


class Told:
    """Says that these volumes are mounted; they may be changed, as a person unplugs and plugs in."""

    def __init__(self, *volumes: Volume) -> None:
        self.volumes = volumes

    def mounted(self) -> tuple[Volume, ...]:
        """Return the volumes."""
        return self.volumes


class Computer:
    """Writes the folders of one computer below `root`, device by device."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "proc/self").mkdir(parents=True)
        (root / "sys/dev/block").mkdir(parents=True)
        self.blocks: dict[str, Path] = {}

    def stick(self, name: str, number: str, product: str = "DataTraveler 3.0") -> None:
        """Plug in a USB stick."""
        port = self.root / PCI / "0000:00:14.0/usb1" / f"1-{len(self.blocks) + 1}"
        port.mkdir(parents=True)
        for file, text in (
            ("idVendor", "0951"),
            ("serial", "0001"),
            ("manufacturer", "Kingston"),
            ("product", product),
        ):
            (port / file).write_text(f"{text}\n")
        self._block(port / "host4/target4:0:0/4:0:0:0/block" / name, number, removable="1")

    def disk(self, name: str, number: str, model: str = "SAMSUNG MZVL2512", kind: str = "0") -> None:
        """Build in a disk; `kind` is what the device says of its type ("SD" of a card)."""
        device = self.root / PCI / f"0000:00:{len(self.blocks):02x}.0/{name}-device"
        block = device / "block" / name
        self._block(block, number, removable="0")
        (device / "model").write_text(f"{model}\n")
        (device / "type").write_text(f"{kind}\n")
        (block / "device").symlink_to(device)

    def partition(self, disk: str, name: str, number: str) -> None:
        """Divide a disk."""
        self._block(self.blocks[disk] / name, number)
        (self.blocks[name] / "partition").write_text("1\n")

    def joined(self, name: str, number: str, *below: str) -> None:
        """Lay an encrypted or joined volume over other devices."""
        self._block(self.root / "sys/devices/virtual/block" / name, number)
        for each in below:
            (self.blocks[name] / "slaves" / each).symlink_to(self.blocks[each])

    def image(self, name: str, number: str, file: str) -> None:
        """Let a file be a device."""
        self._block(self.root / "sys/devices/virtual/block" / name, number)
        (self.blocks[name] / "loop").mkdir()
        (self.blocks[name] / "loop/backing_file").write_text(f"{file}\n")

    def mount(
        self, number: str, place: str | Path, file_system: str = "ext4", source: str = "none", options: str = "rw"
    ) -> None:
        """Mount something."""
        place = str(place).replace("\\", "\\134").replace(" ", "\\040")
        with (self.root / "proc/self/mountinfo").open("a") as file:
            file.write(f"36 35 {number} / {place} rw,relatime shared:1 - {file_system} {source} {options}\n")

    def note(self, kind: str, name: str, device: str) -> None:
        """Let udev note a UUID ("by-uuid") or a label ("by-label") of a device."""
        folder = self.root / "dev/disk" / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(f"../../{device}")

    def _block(self, block: Path, number: str, **attributes: str) -> None:
        (block / "slaves").mkdir(parents=True)
        for name, text in attributes.items():
            (block / name).write_text(f"{text}\n")
        (self.root / "sys/dev/block" / number).symlink_to(block)
        classes = self.root / "sys/class/block"
        classes.mkdir(parents=True, exist_ok=True)
        (classes / block.name).symlink_to(block)
        self.blocks[block.name] = block
