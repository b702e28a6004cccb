"""Where the demo happens: the school's server as a process, and PCs that are known to it."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ejournal_desktop import paths, vault
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.pairing import Pairing, Workstation, keep_workstation, read_workstation
from ejournal_server import admin, folder
from tools.demo_school import PASSWORD, Story

CLOCK = "clock.json"
LOCK = "in-use.lock"


class Days:
    """The school's clock: it begins at the story's moment and goes on where the last run ended."""

    def __init__(self, root: Path, story: Story) -> None:
        self._file = root / CLOCK
        kept = msgspec.json.decode(self._file.read_bytes(), type=datetime) if self._file.exists() else story.moment
        self._from, self._began = kept, time.monotonic()

    def __call__(self) -> datetime:
        """Return the moment, aware."""
        return self._from + timedelta(seconds=time.monotonic() - self._began)

    def keep(self) -> None:
        """Remember how far the day has come."""
        self._file.write_bytes(msgspec.json.encode(self() + timedelta(seconds=5)))


class InUse(Exception):
    """Another demo works in this folder."""


@contextlib.contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Keep a demo's folder to oneself; a process that is killed lets it go.

    Raises:
        InUse: another demo has it.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCK).open("ab") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(str(root)) from None
        yield


def _bound() -> list[str]:
    """Return what makes the kernel end a process with its parent, however that ends; nothing where it cannot."""
    setpriv = shutil.which("setpriv") if sys.platform.startswith("linux") else None
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


class DemoServer:
    """`ejournal-server serve` on loopback, with the school's clock."""

    def __init__(self, root: Path, clock: Days) -> None:
        self.data = root / "server"
        self._log = root / "server.log"
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until requests are taken; the port stays the same within a run."""
        command = [sys.executable, "-m", "tools.shifted_server", str(self.data), str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_bound(), *command, self._clock().isoformat()], stdout=subprocess.PIPE, stderr=log,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        atexit.register(self.stop)
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        found = re.fullmatch(r"listening https://127\.0\.0\.1:(\d+)\n", line)
        if found is None:
            raise RuntimeError(f"the server did not start; see {self._log}")
        self.port = int(found[1])

    def stop(self) -> None:
        """End the process that was started here."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def pair(self, name: str) -> Workstation:
        """Make the PC whose data folder is set known to the school, or tell it the server's present address."""
        known = read_workstation()
        if known is not None:
            known = msgspec.structs.replace(known, address=self.address)
            keep_workstation(known)
            return known
        pairing = Pairing(self.address, name)
        pairing.ask()
        with contextlib.closing(folder.open_office(self.data, clock=self._clock)) as office:
            admin.approve(office, pairing.code)
        pairing.ask()
        known = read_workstation()
        assert known is not None
        return known


@contextlib.contextmanager
def at_pc(folder_: Path) -> Iterator[None]:
    """Be at a PC: its data folder is the program's."""
    before = os.environ.get(paths.OVERRIDE)
    os.environ[paths.OVERRIDE] = str(folder_)
    try:
        yield
    finally:
        if before is None:
            del os.environ[paths.OVERRIDE]
        else:
            os.environ[paths.OVERRIDE] = before


def seat(place: Workstation, people: list[str], clock: Days) -> None:
    """Make the desks that these people do not have yet on this PC."""
    known = {desk.person_id for desk in vault.list_desks(paths.desks_folder())}
    if known >= set(people):
        return
    with place.connect() as server:
        lines = {line.id: line for line in server.people()}
    for person in people:
        if person not in known:
            desks.open_first(place, lines[person], PASSWORD, clock=clock).close()
