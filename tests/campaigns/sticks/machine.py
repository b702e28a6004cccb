"""A small machine with real USB ports, in QEMU: Debian's kernel, busybox, this Python and what the guest imports.

Nothing is installed: the kernel is downloaded and unpacked into `build/sticks/`, everything else is copied from where
it stands. No hardware help of the processor is used, so it runs wherever QEMU does.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import platform
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.campaigns.sticks.guest import BLUE, RED, SPLIT
from tests.desktop.backup.drive_world import ADMINISTRATOR, make_school
from tests.helpers.processes import start_bound

BUILT = Path("build/sticks")
ROOT = Path(__file__).resolve().parents[3]
GUEST = Path(__file__).with_name("guest.py")
MIB = 1024 * 1024
STICK = 16 * MIB
LONGEST = 1_200  # seconds that a story may take

#: Programs, and the Debian packages that have them.
PROGRAMS = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "mkfs.vfat": "dosfstools",
            "apt-get": "apt", "dpkg-deb": "dpkg", "gzip": "gzip"}  # fmt: skip
#: What the kernel needs for sticks as shops sell them; what these need in turn is read from them.
MODULES = ("xhci-pci", "crct10dif_common", "crct10dif_generic", "crc64_rocksoft_generic", "crc64-rocksoft", "sd_mod",
           "usb-storage", "vfat", "nls_cp437", "nls_ascii", "nls_utf8")  # fmt: skip

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules); do insmod /modules.d/$module || echo "no $module"; done
export PATH=/bin PYTHONHOME={home} PYTHONPATH={path} PYTHONDONTWRITEBYTECODE=1 LD_LIBRARY_PATH=/lib LANG=C.UTF-8
{python} {guest} /dev/ttyS1 {moments} {plant}
poweroff -f
"""


class Unavailable(Exception):
    """The machine cannot be built here; the text says why."""


def see_what_is_missing() -> None:
    """See that everything is here.

    Raises:
        Unavailable: something is not.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Unavailable("the small machine is built on Linux for x86-64 only")
    if lost := [package for program, package in PROGRAMS.items() if not shutil.which(program, path=_path())]:
        raise Unavailable(f"Debian packages are missing: {' '.join(lost)}")
    if b"/ld-linux" in Path(_program("busybox")).read_bytes():
        raise Unavailable("busybox is not the static one: package busybox-static")


def _path() -> str:
    return os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"


def _program(name: str) -> str:
    return shutil.which(name, path=_path()) or name


# --- building --------------------------------------------------------------------------------------------------------


def kernel() -> Path:
    """Return the folder of Debian's kernel, downloaded and unpacked once.

    Raises:
        Unavailable: it cannot be had.
    """
    folder = BUILT.resolve() / "kernel"
    if not (folder / "boot").is_dir():
        told = subprocess.run(
            ["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=False
        )
        name = re.search(r"Depends: (linux-image-\S+)", told.stdout)
        if not name:
            raise Unavailable("the package index knows no kernel: apt-get update")
        with tempfile.TemporaryDirectory(dir=_made(BUILT)) as place:
            done = subprocess.run(["apt-get", "-q", "download", name[1]], cwd=place, capture_output=True, check=False)
            packages = list(Path(place).glob("*.deb"))
            if done.returncode or not packages:
                raise Unavailable(f"the kernel cannot be downloaded: {name[1]}")
            subprocess.run(["dpkg-deb", "-x", str(packages[0]), f"{place}/unpacked"], check=True)
            shutil.rmtree(folder, ignore_errors=True)
            Path(f"{place}/unpacked").rename(folder)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _modules(folder: Path) -> list[Path]:
    """Return the wanted modules and what they need, in the order in which they are loaded."""
    files = {file.stem.replace("-", "_"): file for file in folder.glob("lib/modules/*/kernel/**/*.ko")}
    ordered: list[Path] = []

    def add(name: str) -> None:
        file = files.get(name.replace("-", "_"))
        if file is None or file in ordered:
            return  # built into the kernel, or there already
        needed = re.search(rb"\0depends=([^\0]*)\0", file.read_bytes())
        for each in filter(None, needed[1].decode().split(",") if needed else ()):
            add(each)
        ordered.append(file)

    for wanted in MODULES:
        add(wanted)
    return ordered


def _files_of_the_guest() -> list[Path]:
    """Return every file that the guest's program loads: modules of Python, their compiled form, libraries."""
    ask = (
        "import json, runpy, sys\n"
        "runpy.run_path(sys.argv[1], run_name='guest')\n"
        "maps = [line.split(None, 5)[-1].strip() for line in open('/proc/self/maps') if '/' in line]\n"
        "print(json.dumps([m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)] + maps))"
    )
    done = subprocess.run([sys.executable, "-c", ask, str(GUEST)], cwd=ROOT, capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    found = {Path(name) for name in json.loads(done.stdout) if Path(name).is_file()}
    encodings = importlib.util.find_spec("encodings")
    assert encodings is not None
    assert encodings.origin is not None
    found.update(Path(encodings.origin).parent.glob("*.py"))
    compiled = {Path(importlib.util.cache_from_source(str(each))) for each in found if each.suffix == ".py"}
    return sorted(found | {each for each in compiled if each.is_file()} | {Path(sys.executable).resolve(), GUEST})


def _copied(file: Path, root: Path) -> None:
    """Copy a file to where it stands outside; a library is also found by the shorter names that others ask for."""
    target = root / file.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, target)
    name = file.name
    while re.search(r"\.so\.\d", name):
        (root / "lib" / name).symlink_to(file)
        name = name.rpartition(".")[0]


def lay_out(root: Path, moments: int, plant: str) -> None:
    """Make the guest's file system in a folder."""
    for name in ("bin", "lib", "proc", "sys", "dev", "media", "modules.d", "tmp"):
        (root / name).mkdir()
    shutil.copy2(_program("busybox"), root / "bin/busybox")
    for file in _files_of_the_guest():
        _copied(file, root)
    loader = Path("/lib64/ld-linux-x86-64.so.2")
    (root / "lib64").mkdir(exist_ok=True)
    shutil.copy2(loader, root / loader.relative_to("/"))
    modules = _modules(kernel())
    for module in modules:
        shutil.copy2(module, root / "modules.d")
    (root / "modules").write_text("\n".join(module.name for module in modules) + "\n")
    site = next(each for each in sys.path if each.endswith("site-packages"))
    init = INIT.format(home=sys.base_prefix, path=f"{ROOT}:{site}", python=Path(sys.executable).resolve(),
                       guest=GUEST, moments=moments, plant=plant)  # fmt: skip
    (root / "init").write_text(init)
    (root / "init").chmod(0o755)


def _school(root: Path, work: Path) -> None:
    older, newer = make_school(work / "school")
    (root / "school").mkdir()
    for name, made in (("older", older), ("newer", newer)):
        shutil.copytree(made.folder, root / "school" / name)
    known = {"school": newer.school, "server_key": newer.server_key, "secret": ADMINISTRATOR.secret,
             "older": older.catalogue.generation, "newer": newer.catalogue.generation}  # fmt: skip
    (root / "school/school.json").write_text(json.dumps(known))


def _packed(root: Path, to: Path) -> Path:
    command = f"find . | {_program('busybox')} cpio -o -H newc 2>/dev/null | gzip -1 > {to}"
    subprocess.run(["sh", "-c", command], cwd=root, check=True)
    return to


def _sticks(folder: Path) -> dict[str, Path]:
    """Make the images of the sticks: two with one file system, one with two partitions."""
    images = {serial: folder / f"{serial}.img" for serial in (BLUE, RED, SPLIT)}
    for serial, image in images.items():
        with image.open("wb") as made:
            made.truncate(STICK)
        if serial != SPLIT:
            subprocess.run([_program("mkfs.vfat"), "-n", serial, str(image)], check=True, capture_output=True)
    _split(images[SPLIT])
    return images


def _split(image: Path) -> None:
    """Give an image two partitions of seven MiB."""
    starts, sectors = (2048, 2048 + 7 * MIB // 512), 7 * MIB // 512
    for start in starts:
        subprocess.run([_program("mkfs.vfat"), f"--offset={start}", str(image), str(sectors // 2)], check=True,
                       capture_output=True)  # fmt: skip
    table = b"".join(struct.pack("<B3sB3sII", 0, b"\0" * 3, 0x0C, b"\0" * 3, start, sectors) for start in starts)
    with image.open("r+b") as made:
        made.seek(446)
        made.write(table.ljust(64, b"\0") + b"\x55\xaa")


# --- running ---------------------------------------------------------------------------------------------------------


class Outside:
    """The outside of the machine: the hand that plugs and unplugs, by QEMU's own protocol (QMP)."""

    def __init__(self, line: socket.socket, images: dict[str, Path]) -> None:
        self._line = line.makefile("rw", encoding="utf-8")
        self._images = images
        self._nodes: dict[str, str] = {}
        self._plugs = 0
        self._read("QMP")
        self._say("qmp_capabilities")

    def plug(self, stick: str, *, read_only: bool) -> None:
        """Put a stick in."""
        self._plugs += 1
        node = self._nodes[stick] = f"n{self._plugs}"
        file = {"driver": "file", "filename": str(self._images[stick])}
        self._say("blockdev-add", **{"driver": "raw", "node-name": node, "read-only": read_only, "file": file})
        self._say("device_add", driver="usb-storage", id=stick, drive=node, serial=stick, removable=True, bus="usb.0")

    def unplug(self, stick: str) -> None:
        """Pull a stick out."""
        self._say("device_del", id=stick)
        while self._read("event").get("event") != "DEVICE_DELETED":
            pass
        self._say("blockdev-del", **{"node-name": self._nodes.pop(stick)})

    def close(self) -> None:
        """Say no more."""
        self._line.close()

    def _say(self, command: str, **arguments: Any) -> None:
        self._line.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._line.flush()
        self._read("return")

    def _read(self, what: str) -> dict[str, Any]:
        for text in self._line:
            told: dict[str, Any] = json.loads(text)
            if "error" in told:
                raise RuntimeError(f"QEMU: {told['error']}")
            if what in told:
                return told
        raise RuntimeError("QEMU has ended")


def tell_story(work: Path, moments: int, plant: str = "") -> list[dict[str, Any]]:
    """Build the machine in a folder, let the guest live through its story, and return what it told.

    Args:
        moments: at how many moments of a write the stick is pulled out, the last right after its end.
        plant: "careless" for a program that does not flush what it has renamed.

    Raises:
        Unavailable: it cannot be built here.
    """
    see_what_is_missing()
    root = work / "root"
    root.mkdir(parents=True)
    lay_out(root, moments, plant)
    _school(root, work)
    memory, images = _packed(root, work / "initramfs.gz"), _sticks(work)
    with _booted(work, memory) as (machine, line), contextlib.closing(Outside(line, images)) as outside:
        return _heard(machine, outside)


def _heard(machine: subprocess.Popen[bytes], outside: Outside) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    assert machine.stdout is not None
    for text in machine.stdout:
        facts = json.loads(text)
        match facts.get("ask"):
            case "plug":
                outside.plug(facts["stick"], read_only=facts["read_only"])
            case "unplug":
                outside.unplug(facts["stick"])
            case _:
                told.append(facts)
        if {"done", "failed"} & set(facts):
            break
    return told


@contextlib.contextmanager
def _booted(work: Path, memory: Path) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    with tempfile.TemporaryDirectory() as short:  # the name of a socket has a limit
        address = f"{short}/qmp"
        command = [
            _program("qemu-system-x86_64"), "-accel", "tcg", "-m", "768", "-nodefaults", "-display", "none",
            "-no-reboot", "-kernel", str(next((kernel() / "boot").glob("vmlinuz-*"))), "-initrd", str(memory),
            "-append", "console=ttyS0 quiet panic=-1", "-device", "qemu-xhci,id=usb",
            "-serial", f"file:{work / 'console.txt'}", "-serial", "stdio",
            "-qmp", f"unix:{address},server=on,wait=off",
        ]  # fmt: skip
        machine = start_bound(command, signal="KILL", stdout=subprocess.PIPE, stderr=None)
        watchdog = threading.Timer(LONGEST, machine.kill)
        watchdog.start()
        try:
            with _connected(address) as line:
                yield machine, line
        finally:
            watchdog.cancel()
            machine.kill()
            machine.communicate()


def _connected(address: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    for _ in range(200):
        with contextlib.suppress(OSError):
            line.connect(address)
            return line
        time.sleep(0.05)
    raise RuntimeError("QEMU does not answer")
