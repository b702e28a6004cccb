"""Which copy a school is restored from: whole, on a drive of its own school, and none that another drive outruns."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import archive, drive_note
from ejournal_core.archive import Catalogue, DamagedArchive, ForeignArchive, NewerArchive
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_server import generations, restore
from ejournal_server.generations import BASE, CATALOGUE


class OlderBackup(Trouble):
    """Another drive holds a newer generation; `place` is where, `newer` and `older` are the moments of both."""

    code: ClassVar[str] = "EJ-539"


class NoBackupHere(Trouble):
    """There is no backup in the folder that `place` names."""

    code: ClassVar[str] = "EJ-332"


class Choice(Struct, frozen=True):
    """A generation on a drive: its catalogue where its files are what that says, else why it is none."""

    folder: Path
    catalogue: Catalogue | None = None
    trouble: Trouble | None = None


class _Card(Struct):
    """What is asked of the card of a drive."""

    school: str
    label: str = ""


def read_whole(generation: Path) -> Catalogue:
    """Return the catalogue of a generation whose files are what it says, on a drive of the same school.

    Raises:
        DamagedArchive, NewerArchive: as `restore.read_generation`.
        ForeignArchive: the drive's card is another school's.
        OSError: the drive cannot be read.
    """
    catalogue = restore.read_generation(generation)
    _see_the_card_is_ours(generation.parent, catalogue.school)
    return catalogue


def see_it_is_ours(folder: Path, school: str) -> None:
    """Refuse a drive that another school keeps its backups on: the newest of a mixed drive would be anybody's.

    Raises:
        ForeignArchive: its card, or a generation on it, is another school's.
        OSError: the drive cannot be read.
    """
    if not folder.is_dir():
        return  # whoever writes there says so
    _see_the_card_is_ours(folder, school)
    for name in generations.generations(folder):
        try:
            theirs = archive.read_catalogue((folder / name / CATALOGUE).read_bytes()).school != school
        except DamagedArchive:
            continue  # nobody's: it is named when it is looked for
        if theirs:
            raise ForeignArchive("a generation is another school's", place=f" (каталог {folder / name})")


def _see_the_card_is_ours(drive: Path, school: str) -> None:
    try:
        card = msgspec.json.decode((drive / drive_note.CARD).read_bytes(), type=_Card)
    except (FileNotFoundError, *NOT_JSON):
        return
    if card.school != school:
        raise ForeignArchive("the card is another school's", place=f" (на носителе «{card.label}»)")


def nothing_found(folder: Path) -> Trouble:
    """Return why there is no generation in a folder: none was written, or one has lost its catalogue."""
    for base in (folder / BASE, *folder.glob(f"[!.]*/{BASE}")):
        if base.is_file():
            return DamagedArchive("catalogue.json is missing", file=str(base.parent / CATALOGUE))
    return NoBackupHere("there is no backup in this folder", place=str(folder))


def see_nothing_later_is_broken(generation: Path) -> None:
    """Refuse to take a generation for the newest of its drive where the catalogue of a later one cannot be read.

    How far that one reached nobody can tell any more; passed over in silence, an earlier day would come back for today.

    Raises:
        DamagedArchive, NewerArchive: the later one is named.
        OSError: the drive cannot be read.
    """
    drive = generation.parent
    for name in (*generations.generations(drive), *generations.without_catalogue(drive)):
        if name > generation.name:
            _see_it_is_readable(drive / name / CATALOGUE)


def _see_it_is_readable(catalogue: Path) -> None:
    try:
        archive.read_catalogue(catalogue.read_bytes())
    except NewerArchive:
        raise
    except (DamagedArchive, FileNotFoundError):
        raise DamagedArchive("the catalogue cannot be read", file=str(catalogue)) from None


def choices(folder: Path) -> list[Choice]:
    """Return the generations in a folder, or the folder itself where it is one, whoever reaches farthest first.

    Raises:
        OSError: the drive cannot be read.
    """
    names = [*generations.generations(folder), *generations.without_catalogue(folder)]
    places = [folder] if (folder / CATALOGUE).is_file() else [folder / each for each in names]
    found = [_look(place) for place in places]
    return sorted(found, key=lambda each: _order(each.catalogue), reverse=True)


def _look(generation: Path) -> Choice:
    try:
        return Choice(generation, catalogue=read_whole(generation))
    except DamagedArchive as damaged:
        return Choice(generation, trouble=damaged)


def _order(catalogue: Catalogue | None) -> tuple[int, int, str, str]:
    return archive.reach(catalogue) if catalogue is not None else (-1, -1, "", "")


def see_it_reaches_farthest(catalogue: Catalogue, other: Path) -> None:
    """Refuse a generation where another folder holds one of the same school that reaches farther.

    Raises:
        OlderBackup: as said.
        ForeignArchive: another school's lies there: one of the two drives is the wrong one, and nobody can tell which.
        OSError: the folder is not there or cannot be read.
    """
    next(other.iterdir(), None)  # a folder that is not there would look like one without a newer copy
    newest = _newest_of(other, catalogue.school)
    if newest is not None and archive.reach(newest) > archive.reach(catalogue):
        newer, older = told_moment(newest), told_moment(catalogue)
        raise OlderBackup("another drive reaches farther", place=str(other), newer=newer, older=older)


def told_moment(catalogue: Catalogue) -> str:
    """Return «22.11.2026 18:40», in the zone of this machine."""
    return f"{datetime.fromisoformat(catalogue.made_at).astimezone():%d.%m.%Y %H:%M}"


def _newest_of(folder: Path, school: str) -> Catalogue | None:
    found: list[Catalogue] = []
    for name in generations.generations(folder):
        with contextlib.suppress(DamagedArchive, FileNotFoundError):
            found.append(archive.read_catalogue((folder / name / CATALOGUE).read_bytes()))
    if any(each.school != school for each in found):
        raise ForeignArchive("two schools on two drives", place=f" (каталог {folder}), не той, что на первом носителе")
    return max(found, key=archive.reach, default=None)
