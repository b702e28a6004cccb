"""How the words of a timetable are printed in the journal: subjects in order, rooms, names of subgroups."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from ejournal_desktop.exchange.opening import read_bytes
from ejournal_desktop.exchange.sheets import fold
from ejournal_desktop.exchange.troubles import BrokenFile, WrongShape


class SubjectTitle(Struct, frozen=True, forbid_unknown_fields=True):
    """A subject as it is printed; `also` lists what a timetable may call it."""

    title: str
    short: str = ""
    attested: bool = True
    also: list[str] = []


class Titles(Struct, frozen=True, forbid_unknown_fields=True):
    """Printed titles by the words of a timetable. An empty one leaves every word as it is."""

    subjects: list[SubjectTitle] = []
    rooms: Mapping[str, str] = {}
    groups: Mapping[str, str] = {}

    def subject(self, name: str) -> tuple[int, SubjectTitle] | None:
        """Return the place in the summary sheet (from 1) and the printed title of a subject, None if it is unknown."""
        for position, subject in enumerate(self.subjects, 1):
            if fold(name) in map(fold, (subject.title, *subject.also)):
                return position, subject
        return None


def read_titles(path: Path) -> Titles:
    """Return the titles of a TOML file.

    Raises:
        FileTrouble: the file is unreadable, no TOML, or has an unknown or missing field.
    """
    try:
        return msgspec.convert(tomllib.loads(read_bytes(path).decode("utf-8-sig")), Titles)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenFile(path, "это не TOML", "исправьте указанное место", str(error)[:120]) from error
    except msgspec.ValidationError as error:
        raise WrongShape(
            path, "поле отсутствует или записано не так", "сверьте с docs/import.md", str(error)
        ) from error
