"""One round of a copy over the school's drives, a drive at a time: what is plugged in, what is written, what is left.

A round is one generation, fetched once and kept sealed on this computer until the next round; whoever stops in the
middle goes on from there with the drives that lack it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
from msgspec import Struct

from ejournal_core.archive import Catalogue, DamagedArchive
from ejournal_core.errors import Trouble
from ejournal_core.key_sheet import fingerprint
from ejournal_desktop import paths
from ejournal_desktop.backup.drives import Drive, Plugged, open_drive, plugged_in
from ejournal_desktop.backup.fetch import fetch_generation
from ejournal_desktop.backup.prove import Report, Trials
from ejournal_desktop.backup.troubles import ClonedDrive, CopiedCard, DriveReadOnly, OneDevice, UnknownDrive
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.backup.write import KEPT, DriveResult, drop_old, generations, write_generation
from ejournal_desktop.sync.pairing import read_workstation
from ejournal_desktop.sync.server import ServerAway

if TYPE_CHECKING:
    from ejournal_desktop.sync.server import SchoolServer

KEYS = "keys.age"

#: ready: a drive of the register that still lacks the copy · unknown: one that may be registered · written: it has
#: the copy and may be taken out · trouble: it cannot be used · nothing: no drive is plugged in.
What = Literal["nothing", "ready", "unknown", "written", "trouble"]


class SpoiltHere(Trouble):
    """The copy that lies on this computer is not what the server sealed; the drives were not touched."""

    code: ClassVar[str] = "EJ-534"


class NoHome(Trouble):
    """The copy could not be kept on this computer on its way to the drives."""

    code: ClassVar[str] = "EJ-535"


class Seen(Struct, frozen=True):
    """What is plugged in, for the next step; `plugged` is the drive that the step is about."""

    what: What
    plugged: Plugged | None = None
    trouble: Trouble | None = None


def sheet_of(catalogue: Catalogue) -> str:
    """Return the fingerprint of the recovery key that opens a generation, "" where its catalogue names none."""
    keys = next((file for file in catalogue.files if file.name == KEYS), None)
    return fingerprint(keys.recipients[0]) if keys is not None and keys.recipients else ""


class Fetched(Struct, frozen=True):
    """The generation of a round as it lies on this computer; `trials` knows whether it was restored from a drive."""

    folder: Path
    catalogue: Catalogue
    trials: Trials = msgspec.field(default_factory=Trials)

    @property
    def sheet(self) -> str:
        """Return the fingerprint of the recovery key that opens it, "" where the catalogue names none."""
        return sheet_of(self.catalogue)


class Proved(Struct, frozen=True):
    """A drive that has the copy, proved there (`prove.Trials`); `held` generations are on it, `free` bytes are left."""

    drive: Drive
    generation: str
    held: int
    free: int


def look(school: str, used: Collection[str], written: Sequence[Drive], volumes: Volumes) -> Seen:
    """Return what the next step is about.

    Args:
        school: whose drives.
        used: ids of the cards that the register says are in use.
        written: drives that have the round's copy already.
    """
    found = plugged_in(school, volumes)
    done = {drive.card.id for drive in written}
    here = [each for each in found if each.card is not None and each.card.id in done]
    others = [each for each in found if each not in here]
    steps = [_step(each, used, here, written) for each in others]
    for what in ("ready", "unknown", "trouble"):
        step = next((each for each in steps if each.what == what), None)
        if step is not None and not (here and what != "trouble"):
            return step
    return Seen("written", here[0]) if here else Seen("nothing")


def _step(each: Plugged, used: Collection[str], here: Sequence[Plugged], written: Sequence[Drive]) -> Seen:
    """Say what one drive is good for, beside those of the round that are still plugged in."""
    trouble = _twin(each, here, written) or each.trouble
    if trouble is None and each.volume.read_only:
        trouble = DriveReadOnly("the drive is closed for writing", drive=each.card.label if each.card else "")
    if isinstance(trouble, UnknownDrive | CopiedCard):
        if each.volume.read_only:
            return Seen("trouble", each, DriveReadOnly("closed for writing", drive=named(each)))
        return Seen("unknown", each, trouble)
    if trouble is not None:
        return Seen("trouble", each, trouble)
    return Seen("ready" if each.card is not None and each.card.id in used else "unknown", each)


def _twin(each: Plugged, here: Sequence[Plugged], written: Sequence[Drive]) -> Trouble | None:
    """Return why a drive is not another one than those that have the copy."""
    for other in here:
        if set(other.volume.devices) & set(each.volume.devices):
            return OneDevice("two partitions are one drive", drive=named(each), other=named(other))
    for drive in written:
        if drive.card.uuid and drive.card.uuid == each.volume.uuid:
            return ClonedDrive("one drive is a copy of the other", drive=named(each), other=drive.card.label)
    return None


def named(plugged: Plugged) -> str:
    """Return what a person calls a plugged drive: its label in the register, else what the system shows."""
    if plugged.card is not None:
        return plugged.card.label
    return plugged.volume.label or plugged.volume.model or str(plugged.volume.root)


def kept_here() -> Path:
    """Return the folder of this computer in which the newest generation lies, sealed."""
    return paths.data_folder() / "backups"


def last_here() -> str:
    """Return the name of the newest generation on this computer, "" where there is none."""
    try:
        return max(generations(kept_here()), default="")
    except OSError:
        return ""


def fetch(ask: Callable[[Callable[[SchoolServer], Fetched]], Fetched], recipient: str, report: Report) -> Fetched:
    """Let the server seal the school and bring it here; older generations on this computer go.

    Args:
        ask: speaks with the server (`ui.speaking.Speak`).
        recipient: of the administrator's backup identity.

    Raises:
        ServerAway, ServerRefused: as every call.
        DamagedArchive: what arrived is not what the server's catalogue says.
        NoHome: it cannot be kept here.
    """
    known = read_workstation()
    if known is None:
        raise ServerAway("no server is known here")

    def bring(server: SchoolServer) -> Fetched:
        return Fetched(*fetch_generation(server, kept_here(), recipient, known.server_key, report))

    try:
        made = ask(bring)
    except OSError as error:
        raise NoHome("the copy cannot be kept here", reason=type(error).__name__) from error
    with contextlib.suppress(OSError):  # what stays is sealed and goes at the next round
        drop_old(kept_here(), made.catalogue, 1)
    return made


def write(fetched: Fetched, folder: Path, secret: str, report: Report, volumes: Volumes) -> Proved:
    """Write the copy to one drive, read it back and prove it there.

    Raises:
        Trouble: why this drive did not earn its «проверено»; nothing half is to be seen on it.
        SpoiltHere: the copy on this computer is damaged; no drive was touched.
        Cancelled: whatever `report.check` raises.
    """
    catalogue = fetched.catalogue
    drive = open_drive(folder, catalogue.proof.school, volumes)
    try:
        (result,) = write_generation(
            fetched.folder, [drive], report, secret, catalogue.server_key, KEPT, fetched.trials
        )
    except (DamagedArchive, FileNotFoundError) as damaged:
        raise SpoiltHere("the fetched copy is damaged") from damaged
    return _proved(result)


def _proved(result: DriveResult) -> Proved:
    if result.trouble is not None:
        raise result.trouble
    return Proved(result.drive, result.generation, len(generations(result.drive.folder)), result.drive.free())
