"""Look at a drive and name what is on it: proved, damaged, cut, missing, foreign, newer than this program, or old."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct

from ejournal_core.age_file import NoMatchingKey
from ejournal_core.archive import Catalogue, DamagedArchive, ForeignArchive, NewerArchive, reach
from ejournal_desktop.backup.drives import Drive, open_drive
from ejournal_desktop.backup.prove import Report, compare_files, prove, read_catalogue
from ejournal_desktop.backup.troubles import NoBackupHere, drive_trouble
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.backup.write import generations

State = Literal["proved", "whole", "other_key", "damaged", "cut", "missing", "unreadable", "foreign", "newer"]


class Finding(Struct, frozen=True, kw_only=True):
    """One generation on a drive.

    Attributes:
        state: "proved" by a trial restore; "whole": the files are as written, no key was at hand; "other_key": whole,
            but sealed to other keys than the one at hand; else what is wrong.
        file: the file that shows it, "" where none is wrong.
        catalogue: what the generation says of itself, where that could be read.
    """

    generation: str
    state: State
    file: str = ""
    note: str = ""
    catalogue: Catalogue | None = None

    @property
    def good(self) -> bool:
        """Say whether a school can be restored from it."""
        return self.state in ("proved", "whole", "other_key")


class DriveCheck(Struct, frozen=True, kw_only=True):
    """What was found on a drive: its generations, newest first, and whether a newer good one is known elsewhere."""

    drive: Drive
    findings: tuple[Finding, ...]
    older: bool = False


def check_drive(
    folder: Path,
    school: str,
    server_key: str,
    report: Report,
    secret: str = "",
    newest: Catalogue | None = None,
    volumes: Volumes | None = None,
) -> DriveCheck:
    """Check every generation on a drive.

    Args:
        folder: the folder that stands for the drive.
        school, server_key: whose backups are looked for: the school's id and its server's key, hex.
        secret: an age identity for trial restores; "" compares files only.
        newest: the newest generation known elsewhere; a drive without it holds older ones only.
        volumes: who says what is mounted; None asks the system that the program runs on.

    Raises:
        UnknownDrive, CopiedCard, ForeignDrive, NetworkDrive, OwnDisk, NoDevice, DriveFailed: as `drives.open_drive`.
        NoBackupHere: there is no generation on it.
    """
    drive = open_drive(folder, school, volumes)
    try:
        findings = [look_at(folder / name, server_key, report, secret) for name in generations(folder)]
    except OSError as error:
        raise drive_trouble(error, drive.card.label) from None
    if not findings:
        raise NoBackupHere("there is no backup on the drive", drive=drive.card.label)
    findings.sort(key=_reach, reverse=True)
    best = max((_reach(finding) for finding in findings if finding.good), default=_NOWHERE)
    return DriveCheck(drive=drive, findings=tuple(findings), older=newest is not None and best < reach(newest))


_NOWHERE = (0, -1, "", "")


def _reach(finding: Finding) -> tuple[int, int, str, str]:
    return reach(finding.catalogue) if finding.catalogue else (*_NOWHERE[:3], finding.generation)


def look_at(folder: Path, server_key: str, report: Report, secret: str) -> Finding:
    """Check one generation; progress is told in bytes.

    Raises:
        OSError: the drive cannot be read.
    """
    catalogue = None
    try:
        catalogue = read_catalogue(folder, server_key)
        size = sum(file.size for file in catalogue.files)
        total = 2 * size if secret else size
        compare_files(folder, catalogue, report, 0, total)
        if secret:
            prove(folder, catalogue, secret, report, size, total)
    except NoMatchingKey as trouble:
        return Finding(generation=folder.name, state="other_key", note=trouble.message, catalogue=catalogue)
    except DamagedArchive as trouble:
        file = str(trouble.details.get("file", ""))
        return Finding(
            generation=folder.name, state=_state(trouble), file=file, note=trouble.message, catalogue=catalogue
        )
    return Finding(generation=folder.name, state="proved" if secret else "whole", catalogue=catalogue)


def _state(trouble: DamagedArchive) -> State:
    if isinstance(trouble, NewerArchive):
        return "newer"
    if isinstance(trouble, ForeignArchive):
        return "foreign"
    if "missing" in trouble.message and "file" in trouble.details:
        return "missing"
    return "cut" if "cut" in trouble.message else "damaged"
