"""Destroy on a drive what opens with an earlier recovery key, once a copy for the key of today is proved there."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core.archive import Catalogue, DamagedArchive
from ejournal_core.errors import Trouble
from ejournal_desktop.backup.drives import open_drive, plugged_in
from ejournal_desktop.backup.prove import Report, compare_files, read_catalogue
from ejournal_desktop.backup.rounds import sheet_of
from ejournal_desktop.backup.troubles import drive_trouble
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.backup.write import generations, remove_generation, remove_unfinished


class NotPluggedIn(Trouble):
    """The drive that somebody speaks of is not in this computer; nothing was destroyed."""

    code: ClassVar[str] = "EJ-575"


class NoProvedCopy(Trouble):
    """The copy that was proved on this drive for the key of today is not there or not whole; nothing was destroyed."""

    code: ClassVar[str] = "EJ-576"


class Destroyed(Struct, frozen=True):
    """Which generations are gone from a drive, by their names; how many are left, and how many bytes."""

    names: tuple[str, ...]
    held: int
    free: int


def destroy_former(
    school: str, card: str, sheet: str, generation: str, server_key: str, report: Report, volumes: Volumes
) -> Destroyed:
    """Remove from a drive every generation of the school that the recovery key of today does not open.

    Each goes whole: it has no generation's name any more before anything of it is removed. What cannot be read as this
    school's stays: it is not ours to judge.

    Args:
        card: the id of the drive's card. sheet: fingerprint of the key of today.
        generation: the one that was proved on the drive; it has to be there, whole, and of that key.
        server_key: the school's server key, hex.

    Raises:
        NotPluggedIn: no such drive is here.
        NoProvedCopy: the proved copy is not there, is damaged, or is of another key.
        Trouble: of `open_drive`, or the drive failed meanwhile: what is gone by then is gone, the rest is whole.
    """
    drive = next((each for each in plugged_in(school, volumes) if each.card is not None and each.card.id == card), None)
    if drive is None or drive.card is None:
        raise NotPluggedIn("the drive is not plugged in")
    folder, label = drive.volume.root, drive.card.label
    opened = open_drive(folder, school, volumes)
    try:
        remove_unfinished(folder)
        found = {name: _catalogue(opened.folder / name, server_key) for name in generations(folder)}
        _see_it_is_proved(found.get(generation), sheet, report, opened.folder / generation, label)
        former = [name for name, each in found.items() if each is not None and sheet_of(each) != sheet]
        for name in former:
            opened.see_it_plugged_in()
            remove_generation(folder / name)
        return Destroyed(tuple(former), len(generations(folder)), opened.free())
    except OSError as error:
        raise drive_trouble(error, label) from None


def _see_it_is_proved(catalogue: Catalogue | None, sheet: str, report: Report, place: Path, label: str) -> None:
    if catalogue is None or sheet_of(catalogue) != sheet:
        raise NoProvedCopy("the proved copy is not on the drive", drive=label)
    try:
        compare_files(place, catalogue, report)
    except DamagedArchive as damaged:
        raise NoProvedCopy("the proved copy is damaged", drive=label) from damaged


def _catalogue(folder: Path, server_key: str) -> Catalogue | None:
    try:
        return read_catalogue(folder, server_key)
    except DamagedArchive:
        return None
