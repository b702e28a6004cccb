"""Program packages that the school offers to its desks: checked when they are put in, signed again, given in pieces."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import get_args

import msgspec

from ejournal_core import release, wire
from ejournal_core.changes import canonical
from ejournal_core.errors import NOT_JSON
from ejournal_core.release import NotReleased, Package, Release, System
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.generations import flush_folder
from ejournal_server.keys import write_private

logger = logging.getLogger(__name__)

FOLDER = "releases"
SIGNATURE_SUFFIX = ".sig"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def add(office: Office, file: Path, version: str, signature: Path | None = None) -> Release:
    """Offer a package from now on, in place of the one for the same system before it.

    Args:
        version: what the administrator means to release; the signature must say the same.
        signature: the publisher's `Package` as JSON; by default the file's name with ".sig" behind it.

    Raises:
        NotReleased: it is not what the publisher signed; what was offered before is offered on.
        OSError: a file cannot be read.
    """
    file.open("rb").close()  # first of all: whose name is mistyped is not told of a missing signature
    package = _read_signature(signature or file.with_name(file.name + SIGNATURE_SUFFIX))
    release.check_package(package, release.PUBLISHER)
    if package.version != version:
        raise NotReleased("signed as another version", why="other-version")
    place = office.folder / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    _copy(file, place / package.sha256, package)
    offered = release.sign(office.authority.keys.signing, _offer(office, package))
    write_private(_note(office.folder, package.system), canonical(offered) + b"\n")
    _sweep(place)
    flush_folder(place)
    logger.info("package released", extra={"version": package.version, "system": package.system})
    return offered


def _offer(office: Office, package: Package) -> Release:
    return Release(school=office.authority.school, package=package, at=stamp(office.authority.clock()))


def _read_signature(file: Path) -> Package:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Package)
    except NOT_JSON:
        raise NotReleased("no signature in the file", why="not-signed") from None


def _copy(file: Path, kept: Path, package: Package) -> None:
    """Copy what is hashed, so that nothing can change between."""
    unfinished = kept.with_name(kept.name + ".new")
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as source, unfinished.open("wb") as sink:
            while piece := source.read(release.PIECE):
                digest.update(piece)
                size += len(piece)
                sink.write(piece)
        if (size, digest.hexdigest()) != (package.size, package.sha256):
            raise NotReleased("the signature is another file's", why="other-file")
        unfinished.replace(kept)
    finally:
        unfinished.unlink(missing_ok=True)


def _sweep(place: Path) -> None:
    """Remove packages that are offered no longer."""
    named = {each.package.sha256 for each in offers(place.parent)}
    for file in place.iterdir():
        if _SHA256.fullmatch(file.name) and file.name not in named:
            file.unlink()


def _note(data: Path, system: System) -> Path:
    return data / FOLDER / f"{system}.json"


def offer(data: Path, system: str) -> Release | None:
    """Return what is offered for a system, None when nothing is."""
    file = _note(data, system) if system in get_args(System) else None  # type: ignore[arg-type]  # it is one then
    if file is None or not file.exists():
        return None
    return msgspec.json.decode(file.read_bytes(), type=Release)


def offers(data: Path) -> list[Release]:
    """Return all that is offered."""
    return [found for system in get_args(System) if (found := offer(data, system))]


def withdraw(data: Path, system: System) -> bool:
    """Offer nothing for a system any longer; say whether something was offered."""
    was = _note(data, system).exists()
    if was:
        _note(data, system).unlink()
        _sweep(data / FOLDER)
    return was


def piece(data: Path, sha256: str, offset: int) -> bytes:
    """Return the bytes of an offered package from an offset, a piece at most, none at its end.

    Raises:
        Malformed: no such package is offered.
    """
    if not any(each.package.sha256 == sha256 for each in offers(data)):
        raise wire.Malformed("no such package")
    with (data / FOLDER / sha256).open("rb") as file:
        file.seek(offset)
        return file.read(release.PIECE)
