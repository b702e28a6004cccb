"""What happens inside the small machine with real USB ports: sticks are registered, written, pulled out, put in again.

Runs as root of a system that has nothing else (`machine.py` builds it). It tells the machine's outside what to plug and
unplug, one JSON line each, and waits until the kernel has seen it; what it finds it tells in the same way, and judges
nothing but whether what lies on a stick is byte for byte what the server made.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from ejournal_core.errors import Trouble
from ejournal_desktop.backup import write as writing
from ejournal_desktop.backup.check import check_drive
from ejournal_desktop.backup.drives import Drive, flush_folder, open_drives, plugged_in, register_drive
from ejournal_desktop.backup.linux_volumes import LinuxVolumes
from ejournal_desktop.backup.write import write_generation
from ejournal_desktop.ui.errors import explain

MEDIA = Path("/media")
BLUE, RED, SPLIT = "AA0001", "BB0002", "CC0003"  # serial numbers of the sticks
LONGEST = 120  # seconds to wait for the kernel

Facts = dict[str, Any]


class Report:
    """Calls somebody at every look of a job."""

    def __init__(self, at_look: Callable[[int], None] = lambda _: None) -> None:
        self.looks = 0
        self._at_look = at_look

    def step(self, done: int, total: int, text: str = "") -> None:
        """Nobody watches."""

    def check(self) -> None:
        """Count the look."""
        self.looks += 1
        self._at_look(self.looks)


class Machine:
    """The machine from within: its ports, its mounts, and the line to its outside."""

    def __init__(self, line: TextIO) -> None:
        self._line = line
        self.places: dict[str, Path] = {}

    def tell(self, **facts: Any) -> None:
        """Tell the outside something."""
        self._line.write(json.dumps(facts) + "\n")
        self._line.flush()

    def plug(self, serial: str, *, read_only: bool = False) -> None:
        """Have a stick put in."""
        self.tell(ask="plug", stick=serial, read_only=read_only)
        _wait(lambda: bool(_disk(serial)), f"stick {serial} to appear")

    def unplug(self, serial: str) -> None:
        """Have a stick pulled out, whatever is going on."""
        self.tell(ask="unplug", stick=serial)
        _wait(lambda: not _disk(serial), f"stick {serial} to vanish")

    def mount(self, serial: str, partition: str = "") -> Path:
        """Mount a stick as a desktop does, with its UUID noted as udev would; return where."""
        device = Path("/dev") / (_disk(serial) + partition)
        _wait(device.exists, f"{device} to appear")
        place = MEDIA / (serial + partition)
        place.mkdir(parents=True, exist_ok=True)
        links = Path("/dev/disk/by-uuid")
        links.mkdir(parents=True, exist_ok=True)
        link = links / _uuid_of_fat(device)
        link.unlink(missing_ok=True)
        link.symlink_to(device)
        subprocess.run(["mount", "-t", "vfat", "-o", "iocharset=utf8", str(device), str(place)], check=True)
        self.places[serial + partition] = place
        return place

    def unmount(self, serial: str) -> None:
        """Let go of a stick that may be gone."""
        subprocess.run(["umount", "-l", str(self.places.pop(serial))], check=True)


def _wait(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.02)


def _uuid_of_fat(device: Path) -> str:
    """Return the number of a FAT file system as udev writes it; FAT32 keeps it elsewhere than the smaller ones."""
    with device.open("rb") as medium:
        sector = medium.read(512)
    at = 39 if sector[54:57] == b"FAT" else 67
    number = int.from_bytes(sector[at : at + 4], "little")
    return f"{number >> 16:04X}-{number & 0xFFFF:04X}"


def _disk(serial: str) -> str:
    """Return the kernel's name of the disk of a stick, "" where it is not there."""
    for disk in Path("/sys/block").glob("sd*"):
        for above in disk.resolve().parents:
            with contextlib.suppress(OSError):
                if (above / "serial").read_text().strip() == serial and int((disk / "size").read_text()):
                    return disk.name
    return ""


class Story:
    """The administrator's drives, from the first registration to the read-only stick."""

    def __init__(self, machine: Machine, school: Facts, moments: int) -> None:
        self._machine = machine
        self._school = school
        self._moments = moments
        self._volumes = LinuxVolumes()
        self._folders = {name: Path("/school") / name for name in ("older", "newer")}
        self._names = {name: str(school[name]) for name in self._folders}

    def tell(self) -> None:
        """Live through everything."""
        for serial in (BLUE, RED):
            self._machine.plug(serial)
            self._machine.mount(serial)
        self._two_devices()
        self._one_device()
        looks = self._both_written()
        for number in range(self._moments):
            self._pulled(1 + number * looks // max(1, self._moments - 1))
        self._full()
        self._read_only()
        self._machine.tell(done=True)

    def _register(self, serial: str, label: str) -> Drive:
        place = self._machine.places[serial]
        return register_drive(place, self._school["school"], label, volumes=self._volumes)

    def _two_devices(self) -> None:
        offered = plugged_in(self._school["school"], self._volumes)
        self._machine.tell(step="offered", volumes=[
            {"root": str(each.volume.root), "devices": each.volume.devices, "removable": each.volume.removable,
             "uuid": each.volume.uuid, "file_system": each.volume.file_system, "model": each.volume.model,
             "system": each.volume.system, "trouble": each.trouble.code if each.trouble else ""}
            for each in offered
        ])  # fmt: skip
        self._register(BLUE, "Синий")
        self._register(RED, "Красный")

    def _one_device(self) -> None:
        """Try to use two partitions of a third stick as two drives."""
        self._machine.plug(SPLIT)
        for partition in ("1", "2"):
            self._machine.mount(SPLIT, partition)
            self._register(SPLIT + partition, f"Раздел {partition}")
        try:
            self._open(SPLIT + "1", SPLIT + "2")
            self._machine.tell(step="partitions", code="", text="taken for two drives")
        except Trouble as trouble:
            self._machine.tell(step="partitions", **_told(trouble))
        for partition in ("1", "2"):
            self._machine.unmount(SPLIT + partition)
        self._machine.unplug(SPLIT)

    def _open(self, *serials: str) -> tuple[Drive, ...]:
        places = [self._machine.places[serial] for serial in serials]
        return open_drives(places, self._school["school"], self._volumes)

    def _write(self, name: str, drives: tuple[Drive, ...], report: Report | None = None) -> list[Facts]:
        school = self._school
        results = write_generation(
            self._folders[name], drives, report or Report(), school["secret"], school["server_key"]
        )
        return [
            {"drive": each.drive.card.label, "proved": each.proved, **(_told(each.trouble) if each.trouble else {})}
            for each in results
        ]

    def _both_written(self) -> int:
        """Write both generations to both sticks; return how often the second job looked up."""
        report = Report()
        drives = self._open(BLUE, RED)
        self._machine.tell(step="older", results=self._write("older", drives), sticks=self._sticks())
        self._machine.tell(step="newer", results=self._write("newer", drives, report), sticks=self._sticks())
        return report.looks

    def _pulled(self, look: int) -> None:
        """Pull the red stick out at a look of the job, or right after its last one; put it in again, and let the next
        run make it good.
        """
        self._forget_newer()
        report = Report(lambda looks: self._machine.unplug(RED) if looks == look else None)
        results = self._write("newer", self._open(BLUE, RED), report)
        if report.looks < look:
            self._machine.unplug(RED)  # whoever reads «проверено» takes the stick
        self._machine.tell(step="said", look=look, of=report.looks, results=results)

        self._machine.unmount(RED)
        left = [each.name for each in (MEDIA / RED).iterdir()]
        self._machine.plug(RED)
        self._machine.mount(RED)
        sticks = self._sticks()
        again = self._write("newer", self._open(BLUE, RED))
        self._machine.tell(
            step="pulled", look=look, results=results, left=left, sticks=sticks, again=again, mended=self._sticks()
        )

    def _forget_newer(self) -> None:
        for serial in (BLUE, RED):
            shutil.rmtree(self._machine.places[serial] / self._names["newer"])
        os.sync()

    def _full(self) -> None:
        self._forget_newer()
        ballast = self._machine.places[RED] / "Фотографии.zip"
        ballast.write_bytes(b"x" * (shutil.disk_usage(ballast.parent).free - 16_384))
        results = self._write("newer", self._open(BLUE, RED))
        self._machine.tell(step="full", results=results, sticks=self._sticks())
        ballast.unlink()

    def _read_only(self) -> None:
        self._machine.unmount(RED)
        self._machine.unplug(RED)
        self._machine.plug(RED, read_only=True)
        self._machine.mount(RED)
        drives = self._open(BLUE, RED)
        is_closed = drives[1].volume is not None and drives[1].volume.read_only
        self._machine.tell(
            step="read_only", known=is_closed, results=self._write("newer", drives), sticks=self._sticks()
        )

    def _sticks(self) -> dict[str, Facts]:
        """Return of each stick what lies on it, what is whole, and what the program says of it."""
        return {serial: self._stick(self._machine.places[serial]) for serial in (BLUE, RED)}

    def _stick(self, place: Path) -> Facts:
        names = sorted(each.name for each in place.iterdir())
        looked = check_drive(
            place, self._school["school"], self._school["server_key"], Report(), self._school["secret"],
            volumes=self._volumes,
        )  # fmt: skip
        return {
            "names": names,
            "whole": [name for name, known in self._names.items() if self._is_whole(place / known, name)],
            "states": {each.generation: each.state for each in looked.findings},
        }

    def _is_whole(self, copy: Path, name: str) -> bool:
        made = {each.name: each.read_bytes() for each in self._folders[name].iterdir()}
        return copy.is_dir() and {each.name: each.read_bytes() for each in copy.iterdir()} == made


def _told(trouble: Trouble) -> Facts:
    return {"code": trouble.code, "text": explain(trouble).text}


def main() -> None:
    """Tell the story over the second serial line."""
    if "careless" in sys.argv:  # the planted fault: a new name is left to the system to write when it likes
        setattr(writing, "flush_renamed", lambda path: flush_folder(path.parent))  # noqa: B010
    school = json.loads(Path("/school/school.json").read_text())
    with open(sys.argv[1], "w", encoding="utf-8") as line:  # noqa: PTH123  # a line, no file
        machine = Machine(line)
        try:
            Story(machine, school, int(sys.argv[2])).tell()
        except BaseException as error:
            machine.tell(failed=f"{type(error).__name__}: {error}")
            raise


if __name__ == "__main__":
    main()
