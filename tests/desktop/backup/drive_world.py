"""A real generation of an invented school, folders that stand for drives, and small file systems of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import Catalogue
from ejournal_desktop.backup.drives import Drive, register_drive
from ejournal_server import folder, generations, intake
from ejournal_server.generations import Recipients
from tests.server import world
from tools.folder_volumes import FolderVolumes

SAFE, ADMINISTRATOR = BackupIdentity.new(), BackupIdentity.new()


class Quiet:
    """A report that remembers what it was told and may stop the job after so many looks."""

    def __init__(self, stop: Callable[[int], None] = lambda _: None) -> None:
        self.steps: list[tuple[int, int, str]] = []
        self.looks = 0
        self._stop = stop

    def step(self, done: int, total: int, text: str = "") -> None:
        """Remember the step."""
        self.steps.append((done, total, text))

    def check(self) -> None:
        """Count the look."""
        self.looks += 1
        self._stop(self.looks)


class Cancelled(Exception):
    """As `ui.jobs.Cancelled`."""


def cancel_at(look: int) -> Quiet:
    """Return a report that cancels at its n-th look."""

    def stop(looks: int) -> None:
        if looks == look:
            raise Cancelled

    return Quiet(stop)


class Made(Struct, frozen=True):
    """A generation as the server made it."""

    folder: Path
    catalogue: Catalogue
    signing: bytes  # the server's own key, for forgeries by somebody who has it

    @property
    def school(self) -> str:
        """The school's id."""
        return self.catalogue.school

    @property
    def server_key(self) -> str:
        """The school server's public key, hex."""
        return self.catalogue.server_key


def make_school(root: Path, marks: int = 60) -> list[Made]:
    """Found a school, let a teacher work, and return two generations, the older first."""
    office = folder.found(root / "data", world.SCHOOL_NAME)
    try:
        world.settle(office)
        hand = world.new_hand(office, world.TEACHER)
        intake.accept(office.authority, hand.batch(hand.lesson(), hand.column(), hand.mark(world.PUPILS[0], "5")))
        older = _made(office, root)
        old, new = "5", "4"
        for _ in range(marks):
            again = hand.mark(world.PUPILS[0], new, was=old, born=False)
            intake.accept(office.authority, hand.batch(again))
            old, new = new, old
        return [older, _made(office, root)]
    finally:
        office.close()


def _made(office: folder.Office, root: Path) -> Made:
    recipients = Recipients(recovery=SAFE.recipient, administrator=ADMINISTRATOR.recipient)
    catalogue = generations.make_generation(office.authority, root / "made", recipients, office.ca_pem)
    return Made(root / "made" / catalogue.generation, catalogue, office.authority.keys.signing)


def new_drive(root: Path, school: str, label: str) -> Drive:
    """Register a folder as a drive."""
    folder_ = root / label
    folder_.mkdir(parents=True, exist_ok=True)
    return register_drive(folder_, school, label, "Админов О. О.", "каб. 12", FolderVolumes(folder_))


def names(folder_: Path) -> list[str]:
    """Return everything that lies in a folder, hidden names too."""
    return sorted(each.name for each in folder_.iterdir())


def mount(*arguments: str) -> bool:
    """Mount something; say whether this process may."""
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
