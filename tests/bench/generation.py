"""A backup: one generation of the whole school, written to two drives, read back and restored for trial."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ejournal_core.age_file import BackupIdentity
from ejournal_desktop.backup.drives import Drive, register_drive
from ejournal_desktop.backup.write import write_generation
from ejournal_server import folder, generations, intake
from ejournal_server.folder import Office
from ejournal_server.generations import Recipients
from tests.bench.lyceum import classes
from tests.bench.rows import Amounts, Bench, Row, seconds
from tests.bench.server_intake import load, week_of_batches
from tests.helpers.school import NOW, small_school
from tools.folder_volumes import FolderVolumes


class Silent:
    """A report that nobody reads."""

    def step(self, done: int, total: int, text: str = "") -> None:
        """Go on."""

    def check(self) -> None:
        """Go on."""


def backup(amounts: Amounts) -> Iterator[Row]:
    """Make a generation of a school with a week's work, and write and prove it on two drives."""
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        office = folder.found(place / "server", "Школа № 1", None, lambda: NOW)
        stack.callback(office.close)
        school = small_school(extra=classes())
        load(office, school, place)
        for batch in week_of_batches(office, school, place, amounts.intake):
            intake.accept(office.authority, batch)
        yield from _rows(office, place)


def _rows(office: Office, place: Path) -> Iterator[Row]:
    safe, own = BackupIdentity.new(), BackupIdentity.new()
    recipients = Recipients(recovery=safe.recipient, administrator=own.recipient)
    made: list[Path] = []

    def make() -> None:
        catalogue = generations.make_generation(office.authority, place / "made", recipients, office.ca_pem)
        made.append(place / "made" / catalogue.generation)

    sealing = seconds(make)
    size = sum(file.stat().st_size for file in made[0].iterdir())
    store = (place / "server").glob("*.db*")
    plain = seconds(lambda: durable_copy(list(store), place / "copies"))
    note = f"{size / 1024:,.0f} KiB sealed"
    yield Row("backup_generation", sealing * 1e3, "ms", sealing / plain, "copy of the store, verified", note=note)
    drives = tuple(new_drive(place, office, label) for label in ("А", "Б"))
    server_key = office.authority.keys.signing_public
    results: list[bool] = []

    def write() -> None:
        done = write_generation(made[0], drives, Silent(), own.secret, server_key)
        results.extend(each.proved for each in done)

    ours = seconds(write)
    assert results == [True, True]
    files = list(made[0].iterdir())
    bare = seconds(lambda: durable_copy(files, place / "bare-1")) + seconds(
        lambda: durable_copy(files, place / "bare-2")
    )
    yield Row("backup_two_drives_proved", ours * 1e3, "ms", ours / bare, "copies, verified", "≤ 1.3",
              "a trial restore of the first included")  # fmt: skip


def new_drive(place: Path, office: Office, label: str) -> Drive:
    """Register a folder of its own as a drive."""
    (place / label).mkdir()
    return register_drive(place / label, office.authority.school, label, volumes=FolderVolumes(place / label))


def durable_copy(files: list[Path], to: Path) -> None:
    """Copy durably, read back, compare."""
    to.mkdir()
    for file in files:
        content = file.read_bytes()
        with (to / file.name).open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        assert hashlib.sha256((to / file.name).read_bytes()).digest() == hashlib.sha256(content).digest()


BENCHES: tuple[Bench, ...] = (backup,)
