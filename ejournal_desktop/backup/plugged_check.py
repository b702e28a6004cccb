"""Check the newest copy on a drive that is plugged in, whoever registered it; nothing is written on it.

Where the newest does not hold, the ones before it are checked until one does: what a person has to know then is whether
there is anything to restore from.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from msgspec import Struct

from ejournal_core.archive import Catalogue, DamagedArchive, reach
from ejournal_desktop.backup.check import Finding, look_at
from ejournal_desktop.backup.drives import Drive, Plugged, plugged_in
from ejournal_desktop.backup.prove import Report, read_catalogue
from ejournal_desktop.backup.rounds import named
from ejournal_desktop.backup.troubles import CopiedCard, DriveFailed, UnknownDrive, drive_trouble
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.backup.write import generations


class Checked(Struct, frozen=True, kw_only=True):
    """What was found on a drive.

    Attributes:
        card: the id of its card, "" where it has none of its own.
        findings: of its generations, the newest first, down to the first that is whole; empty where it has none.
        names: of all its generations.
        free: bytes left on it.
    """

    card: str
    label: str
    findings: tuple[Finding, ...]
    names: tuple[str, ...]
    free: int

    @property
    def good(self) -> Finding | None:
        """Return the newest generation from which a school can be restored."""
        return next((each for each in self.findings if each.good), None)

    def has_lost(self, generation: str) -> bool:
        """Say whether a generation that was on the drive is not there, or not whole, any more."""
        broken = {each.generation for each in self.findings if not each.good and each.state != "newer"}
        return bool(generation) and (generation in broken or generation not in self.names)


def meant(school: str, card: str, volumes: Volumes) -> tuple[Plugged, ...]:
    """Return the drive with that card, where it is plugged in; else everything that is."""
    found = plugged_in(school, volumes)
    return tuple(each for each in found if each.card is not None and each.card.id == card) or found


def check_plugged(plugged: Plugged, server_key: str, report: Report, secret: str = "") -> Checked:
    """Check the newest generation on a drive, and the ones before it while none is whole.

    Args:
        plugged: one without a card, or with another file system's, is checked too.
        server_key: the school's server key, hex.
        secret: an age identity for a trial restore; "" compares files only.

    Raises:
        ForeignDrive: it is another school's.
        DriveFailed: it was pulled out meanwhile: nothing is known of it.
        Trouble: of `drives.plugged_in`.
        Cancelled: whatever `report.check` raises.
    """
    if plugged.trouble is not None and not isinstance(plugged.trouble, UnknownDrive | CopiedCard):
        raise plugged.trouble
    label = named(plugged)
    try:
        stick = _Stick(plugged)
        names = tuple(generations(stick.root))
        findings = _findings(stick, names, server_key, report, secret)
        stick.see_it_plugged_in()  # of a drive that is gone every file seems missing
        free = shutil.disk_usage(stick.root).free
    except OSError as error:
        raise drive_trouble(error, label) from None
    card = plugged.card.id if plugged.card is not None else ""
    return Checked(card=card, label=label, findings=findings, names=names, free=free)


class _Stick:
    """The drive as it was plugged in when the check began."""

    def __init__(self, plugged: Plugged) -> None:
        self.root, self._label = plugged.volume.root, named(plugged)
        self._number = self.root.stat().st_dev
        self._drive = Drive(self.root, plugged.card, plugged.volume, self._number) if plugged.card else None

    def see_it_plugged_in(self) -> None:
        """Raise DriveFailed where it was pulled out."""
        if self._drive is not None:
            self._drive.see_it_plugged_in()
        elif self.root.stat().st_dev != self._number:
            raise DriveFailed("the drive is not there any more", drive=self._label, reason="ENODEV")


def _findings(
    stick: _Stick, names: tuple[str, ...], server_key: str, report: Report, secret: str
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for name in _newest_first(stick.root, names, server_key):
        found.append(_look(stick, name, server_key, report, secret))
        if found[-1].good:
            break
    return tuple(found)


def _look(stick: _Stick, name: str, server_key: str, report: Report, secret: str) -> Finding:
    try:
        return look_at(stick.root / name, server_key, report, secret)
    except OSError as error:
        stick.see_it_plugged_in()
        return Finding(generation=name, state="unreadable", note=type(error).__name__)


def _newest_first(folder: Path, names: tuple[str, ...], server_key: str) -> list[str]:
    """Return the generations in the order in which they are wanted.

    One whose catalogue says nothing has only its name to tell its time: later than all others, it may be the newest.
    """
    read = {name: _catalogue(folder / name, server_key) for name in names}
    known = sorted((reach(each), name) for name, each in read.items() if each is not None)
    ordered = [name for _, name in reversed(known)]
    unknown = sorted((name for name, each in read.items() if each is None), reverse=True)
    last = max(ordered, default="")
    return [*(name for name in unknown if name > last), *ordered, *(name for name in unknown if name <= last)]


def _catalogue(folder: Path, server_key: str) -> Catalogue | None:
    with contextlib.suppress(DamagedArchive, OSError):  # said when it is looked at
        return read_catalogue(folder, server_key)
    return None
