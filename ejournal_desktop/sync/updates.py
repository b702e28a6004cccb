"""A newer program that the school offers: asked for once a day, fetched in pieces, proved twice, never installed here.

An old desk keeps working meanwhile; who may install a program on this PC decides when.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from ejournal_core import release
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_core.release import NotReleased, Package, Release
from ejournal_desktop import paths
from ejournal_desktop.sync.pairing import Workstation

if TYPE_CHECKING:
    from ejournal_desktop.sync.server import SchoolServer

logger = logging.getLogger(__name__)

ASK_EVERY = timedelta(days=1)
PIECES_AT_ONCE = 2  # between two meetings, so that marks never wait long behind a package
STATE = "state.json"
ROOM_LEFT = 256 * 1024 * 1024  # bytes of the disk that a package never takes: marks are saved there


class UpdateBroken(Trouble):
    """What was fetched is not the package that was promised; it was removed. The school is asked again in a day."""

    code: ClassVar[str] = "EJ-430"


class UpdateUnsaved(Trouble):
    """A package cannot be kept on this PC's disk."""

    code: ClassVar[str] = "EJ-431"


class Offer(Struct, frozen=True):
    """A newer program that lies ready on this PC, proved: its version, the file that installs it, what is new in it."""

    version: str
    file: Path
    news: str = ""


class _State(Struct, frozen=True):
    """When the school was last asked, what it offered then, and the code of what was found wrong with that.

    What was wrong is not tried before the school is asked again: a day of meetings would fetch it a thousand times.
    """

    asked: Annotated[datetime, Meta(tz=True)]
    offered: Release | None = None
    fault: Literal["", "EJ-426", "EJ-430"] = ""


class Updates:
    """The updates of one workstation.

    Args:
        folder: where packages are kept.
        school: id of the paired school; `server_key` its server's public key (hexadecimal).
        installed: version of this program.
        publisher: the publisher's public key (hexadecimal); "" means that nothing is accepted, nor asked for.
    """

    def __init__(
        self, folder: Path, school: str, server_key: str, installed: str, publisher: str | None = None
    ) -> None:
        self._folder = folder
        self._school = school
        self._server_key = server_key
        self._installed = installed
        self._publisher = release.PUBLISHER if publisher is None else publisher

    def look(self, server: SchoolServer, now: datetime) -> None:
        """Ask once a day; fetch a little of what is offered.

        Args:
            server: a connection that the workstation signs.

        Raises:
            NotReleased: what is offered is not to be trusted; nothing is fetched.
            UpdateBroken: what was fetched is something else.
            UpdateUnsaved: the disk does not take it.
            Trouble: as every call.
        """
        if not self._publisher:
            return
        try:
            state = self._asked(server, now)
            if state.fault:
                raise {each.code: each for each in (NotReleased, UpdateBroken)}[state.fault]("found when it was asked")
            if state.offered is not None and self._is_wanted(state.offered.package):
                self._fetch(server, state, state.offered.package)
        except OSError as error:
            self._make_room()
            raise UpdateUnsaved("the disk does not take it", errno=error.errno or 0) from None

    def offer(self, but: str = "") -> Offer | None:
        """Return what lies ready and is newer than this program; it is proved once more, for a disk can be written to.

        Args:
            but: a version that nobody wants to hear of, so that it need not be proved.

        Raises:
            UpdateBroken: somebody has changed it; it is removed.
        """
        state = self._state()
        if not self._publisher or state is None or state.offered is None or not self._is_wanted(state.offered.package):
            return None
        package, file = state.offered.package, self._folder / state.offered.package.name
        if package.version == but or not file.exists():
            return None
        self._check(state.offered)
        if _digest(file) != (package.size, package.sha256):
            file.unlink()
            raise UpdateBroken("the package was changed on the disk")
        return Offer(package.version, file, package.news)

    def _is_wanted(self, package: Package) -> bool:
        return release.is_newer(package.version, self._installed)

    def _asked(self, server: SchoolServer, now: datetime) -> _State:
        """Return what the school said today, and ask it if it was not asked yet; a clock that went back asks too."""
        known = self._state()
        if known is not None and timedelta(0) <= now - known.asked < ASK_EVERY:
            return known
        offered = server.offered_release(release.this_system())
        try:
            if offered is not None:
                self._check(offered)
        except NotReleased:
            return self._keep(_State(now, fault="EJ-426"))
        return self._keep(_State(now, offered))

    def _keep(self, state: _State) -> _State:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._drop_others(state.offered)
        _write(self._folder / STATE, msgspec.json.encode(state))
        return state

    def _check(self, offered: Release) -> None:
        release.check_package(offered.package, self._publisher)
        if offered.school != self._school or not release.is_signed(self._server_key, offered):
            raise NotReleased("not offered by this school", why="not-signed")
        if offered.package.system != release.this_system():
            raise NotReleased("a package for another system", why="not-signed")

    def _drop_others(self, offered: Release | None) -> None:
        kept = {STATE} if offered is None else {STATE, offered.package.name, _part(offered.package)}
        for file in self._folder.iterdir():
            if file.name not in kept:
                file.unlink()

    def _make_room(self) -> None:
        """Keep no half of a package on a full disk: it belongs to the journal."""
        with suppress(OSError):
            for part in self._folder.glob("*.part"):
                part.unlink()

    def _fetch(self, server: SchoolServer, state: _State, package: Package) -> None:
        """Go on where the last one ended; only the proved whole gets its name."""
        whole, part = self._folder / package.name, self._folder / _part(package)
        if whole.exists() or not self._fetch_some(server, package, part):
            return
        if _digest(part) != (package.size, package.sha256):
            self._keep(_State(state.asked, fault="EJ-430"))
            raise UpdateBroken("the package is another one than promised, or shorter")
        part.replace(whole)
        logger.info("a newer program lies ready", extra={"version": package.version})

    def _fetch_some(self, server: SchoolServer, package: Package, part: Path) -> bool:
        """Fetch a few pieces; say whether there is nothing more to come."""
        for _ in range(PIECES_AT_ONCE):
            done = part.stat().st_size if part.exists() else 0
            if done >= package.size:
                return True
            if shutil.disk_usage(self._folder).free < package.size - done + ROOM_LEFT:
                raise OSError(errno.ENOSPC, "no room for a package")
            piece = server.fetch_release(package.sha256, done)
            with part.open("ab") as sink:
                sink.write(piece)
            if not piece:
                return True
        return part.stat().st_size >= package.size

    def _state(self) -> _State | None:
        try:
            return msgspec.json.decode((self._folder / STATE).read_bytes(), type=_State)
        except (OSError, *NOT_JSON):
            return None


def _part(package: Package) -> str:
    return f"{package.sha256}.part"


def _digest(file: Path) -> tuple[int, str]:
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        return source.tell(), digest


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(file)


def updates_of(workstation: Workstation) -> Updates:
    """Return the updates of this PC: for its meetings, and for the screens that say «доступна версия …»."""
    folder = paths.data_folder() / "updates"
    return Updates(folder, workstation.school, workstation.server_key, version("ejournal"))
