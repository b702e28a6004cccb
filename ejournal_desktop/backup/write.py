"""Write a generation to each drive, one after the other; each earns its own «проверено» or its own trouble.

What is on a drive under a generation's name has been read back from the medium; what has not bears a hidden name that
the next run removes. A failure on one drive leaves the other as it is.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ejournal_core.archive import Catalogue, DamagedArchive, reach
from ejournal_core.errors import Trouble
from ejournal_desktop.backup.drives import Drive, flush_folder, flush_renamed
from ejournal_desktop.backup.prove import CATALOGUE, GENERATION, Report, Trials, compare_files, read_catalogue, watched
from ejournal_desktop.backup.troubles import DriveFull, drive_trouble

KEPT = 8  # generations on a drive
_UNFINISHED = re.compile(rf"\.{GENERATION.pattern}\.new")
_PIECE = 1024 * 1024  # bytes written between two looks at «отмена»


class DriveResult(Struct, frozen=True):
    """What became of one drive: `proved` when the copy on it passed `Trials.prove`, else the trouble that says why."""

    drive: Drive
    generation: str
    proved: bool
    trouble: Trouble | None = None


def write_generation(
    source: Path,
    drives: Sequence[Drive],
    report: Report,
    secret: str,
    server_key: str,
    kept: int = KEPT,
    trials: Trials | None = None,
) -> tuple[DriveResult, ...]:
    """Write the generation in `source` to every drive and prove each copy there.

    The first copy is restored for trial. Each further one is read from its own medium, after it got its name, and is
    proved by being to the byte the one that was restored.

    Args:
        source: a folder with the generation's files, as `fetch.fetch_generation` gives it.
        drives: different drives, from `drives.open_drives`.
        secret: the administrator's backup identity, for the trial restore.
        server_key: the school's server key, hex.
        kept: how many generations stay on a drive; older ones go only after the newest is proved.
        trials: what was restored for trial a moment ago, where the drives of a round come one by one.

    Raises:
        DamagedArchive: the source itself is damaged; no drive was touched.
        Cancelled: whatever `report.check` raises; nothing half is left.
    """
    catalogue = read_catalogue(source, server_key)
    size = sum(file.size for file in catalogue.files)
    total = size * (1 + 3 * len(drives))
    compare_files(source, catalogue, report, 0, total)
    results: list[DriveResult] = []
    trials = Trials() if trials is None else trials
    for number, drive in enumerate(drives):
        job = _Job(source, catalogue, drive, report, size + 3 * size * number, total)
        results.append(job.result(secret, kept, trials))
    report.step(total, total)
    return tuple(results)


class _Job:
    """One generation on its way to one drive."""

    def __init__(self, source: Path, catalogue: Catalogue, drive: Drive, report: Report, done: int, total: int) -> None:
        self._source = source
        self._catalogue = catalogue
        self._drive = drive
        self._report = report
        self._done = done
        self._total = total
        self._size = sum(file.size for file in catalogue.files)
        self._target = drive.folder / catalogue.generation
        self._unfinished = unfinished_name(self._target)

    def result(self, secret: str, kept: int, trials: Trials) -> DriveResult:
        """Write, prove, make room for the next time; what goes wrong is this drive's alone."""
        name, label = self._catalogue.generation, self._drive.card.label
        try:
            self._write()
            self._prove(secret, trials)
            self._drive.see_it_plugged_in()  # what was read may lie where the drive was before it was pulled out
            drop_old(self._drive.folder, self._catalogue, kept)
        except Trouble as trouble:
            trouble.details["drive"] = label
            return DriveResult(self._drive, name, proved=False, trouble=self._gone() or trouble)
        except OSError as error:
            failed = drive_trouble(error, label, self._size, self._free())
            return DriveResult(self._drive, name, proved=False, trouble=self._gone() or failed)
        return DriveResult(self._drive, name, proved=True)

    def _gone(self) -> Trouble | None:
        """Return the trouble of a drive that is not there any more: its copy then seems damaged, or its folder full."""
        try:
            self._drive.see_it_plugged_in()
        except Trouble as trouble:
            return trouble
        return None

    def _free(self) -> int:
        try:
            return self._drive.free()
        except Trouble:
            return 0

    def _write(self) -> None:
        """Copy, read back from the medium, and only then give the copy its name."""
        self._drive.see_it_plugged_in()
        remove_unfinished(self._drive.folder)
        if self._target.exists() and self._is_written():
            return
        if self._drive.free() < self._size:
            raise DriveFull("the drive is full", needed=self._size, free=self._drive.free())
        try:
            self._copy()
            compare_files(self._unfinished, self._catalogue, self._report, self._done + self._size, self._total)
            read_catalogue(self._unfinished, self._catalogue.server_key)
            self._unfinished.rename(self._target)
        except BaseException:
            shutil.rmtree(self._unfinished, ignore_errors=True)
            raise
        flush_renamed(self._target)

    def _is_written(self) -> bool:
        """Say whether an earlier run has written the generation; a copy that went bad since then makes way."""
        try:
            read_catalogue(self._target, self._catalogue.server_key)
            compare_files(self._target, self._catalogue, self._report, self._done + self._size, self._total)
        except DamagedArchive:
            self._withdraw()
            remove_unfinished(self._drive.folder)
            return False
        return True

    def _withdraw(self) -> None:
        """Let a copy that does not hold be no generation any more."""
        flush_renamed(self._target.rename(self._unfinished))

    def _prove(self, secret: str, trials: Trials) -> None:
        try:
            trials.prove(self._target, self._catalogue, secret, self._report, self._done + 2 * self._size, self._total)
        except DamagedArchive:  # read well a moment ago: the medium is failing
            self._withdraw()
            raise

    def _copy(self) -> None:
        self._unfinished.mkdir()
        done = self._done
        for name in [*(file.name for file in self._catalogue.files), CATALOGUE]:
            with (self._source / name).open("rb") as source, (self._unfinished / name).open("xb") as sink:
                text = f"записывается на «{self._drive.card.label}»"
                shutil.copyfileobj(watched(source, self._report, done, self._total, text), sink, _PIECE)
                done += source.tell()
                sink.flush()
                os.fsync(sink.fileno())
        flush_folder(self._unfinished)


def unfinished_name(target: Path) -> Path:
    """Return the hidden name that a generation has while it is written or removed."""
    return target.with_name(f".{target.name}.new")


def remove_unfinished(folder: Path) -> None:
    """Remove what a run that was killed or pulled out left behind, and nothing else of the person's."""
    for each in folder.iterdir():
        if _UNFINISHED.fullmatch(each.name) and each.is_dir():
            shutil.rmtree(each)


def generations(folder: Path) -> list[str]:
    """Return the names of the generations in a folder."""
    return sorted(each.name for each in folder.iterdir() if GENERATION.fullmatch(each.name) and each.is_dir())


def drop_old(folder: Path, newest: Catalogue, kept: int) -> None:
    """Remove the school's generations that reach least far, each whole, so that `kept` stay, `newest` among them."""
    found = (_catalogue(folder / each, newest.server_key) for each in generations(folder))
    others = [each for each in found if each is not None and each.generation != newest.generation]
    for doomed in sorted(others, key=reach)[: max(0, len(others) - kept + 1)]:
        remove_generation(folder / doomed.generation)


def remove_generation(name: Path) -> None:
    """Remove a generation whole.

    Raises:
        OSError: the drive failed; it is whole, or no generation any more.
    """
    hidden = name.rename(unfinished_name(name))  # at once no generation any more
    flush_renamed(hidden)  # before anything of it goes: a stick pulled out now shows it whole or not at all
    shutil.rmtree(hidden)


def _catalogue(folder: Path, server_key: str) -> Catalogue | None:
    """Return the catalogue of a generation that is this school's and lies under its own name."""
    try:
        found = read_catalogue(folder, server_key)
    except DamagedArchive:
        return None
    return found if found.generation == folder.name else None
