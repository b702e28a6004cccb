"""A school laid out once in this process and copied for each story, on disks that can be frozen and put back.

The files are the product's own: encrypted desks that have met the server once, and the server's encrypted store. What
costs time (keys, migrations, the first snapshot, compiled statements) is paid once, so a story costs a fraction of a
second.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import seal
from ejournal_core.kinds import Fields
from ejournal_desktop.models.database import create_database, open_database
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.state import Identity
from ejournal_server import folder, keys, own_lines
from ejournal_server.authority import Authority, stamp
from ejournal_server.authority import Clock as ServerClock
from ejournal_server.folder import Office
from ejournal_server.keys import ServerKeys
from ejournal_server.own_lines import Wish
from ejournal_server.store import people
from ejournal_server.store.database import Store
from tests.campaigns import roster
from tests.campaigns.lines import Direct
from tests.helpers.school import NOW, Clock

os.environ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"  # no story reaches the keyring of the person who runs it

#: Every desk of a story is opened with this key: its secrecy is not what the stories are about.
KEY = hashlib.sha256(b"desks of the campaigns").digest()


class Crash(BaseException):
    """The power goes: what the disk held at this moment is all that is left."""

    def __init__(self, disk: Disk, image: tuple[bytes, bytes]) -> None:
        super().__init__(disk.path.name)
        self.disk = disk
        self.image = image


class Disk:
    """One encrypted file, and the engine that stays with it from story to story.

    `fuse`: the power goes before so many more statements or commits; None: it does not.
    """

    def __init__(self, path: Path, engine: sa.Engine) -> None:
        self.path = path
        self.engine = engine
        self.fuse: int | None = None
        sa.event.listen(engine, "before_cursor_execute", self._burn)
        sa.event.listen(engine, "commit", self._burn)

    def _burn(self, *_: object) -> None:
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse < 0:
            self.fuse = None
            raise Crash(self, self.freeze())

    def freeze(self) -> tuple[bytes, bytes]:
        """Return what lies on the disk now: the file and its write-ahead log."""
        log = self._log
        return self.path.read_bytes(), log.read_bytes() if log.exists() else b""

    def lay(self, image: tuple[bytes, bytes]) -> None:
        """Put an earlier content back; nothing may be using the file."""
        self.fuse = None
        self.engine.dispose()
        for left in self.path.parent.glob(f"{self.path.name}*"):
            left.unlink()
        self.path.write_bytes(image[0])
        if image[1]:
            self._log.write_bytes(image[1])

    @property
    def _log(self) -> Path:
        return self.path.with_name(self.path.name + "-wal")


class Slot(Struct, frozen=True):
    """A desk that the school has certified: its id, its person, its key, and its file after the first meeting."""

    desk: str
    person: str
    signing: bytes
    image: bytes


class Stage(Struct, frozen=True):
    """Everything that stories of this process share.

    `empty` is a desk's file without anybody's name in it.
    """

    folder: Path
    office: Office
    store_key: bytes
    server_disk: Disk
    server_image: bytes
    empty: bytes
    slots: tuple[Slot, ...]

    def disk(self, number: int) -> Disk:
        """Return the disk of the `number`-th seat of a story."""
        return _disk(self.folder / f"seat-{number}.journal", self.empty)


@cache
def _disk(path: Path, empty: bytes) -> Disk:
    path.write_bytes(empty)
    return Disk(path, open_database(path, KEY))


@cache
def stage(size: int = 8, open_policy: bool = False) -> Stage:
    """Lay out the school with its first `size` desks; an open policy lets everything be entered at any time."""
    root = _scratch()
    clock = Clock(NOW)
    office = folder.found(root / "server", roster.SCHOOL_NAME, None, clock)
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, [Wish(*each) for each in roster.records(open_policy)])
    desks = roster.desks(size)
    signing = [hashlib.sha256(desk.encode()).digest() for desk, _ in desks]
    for (desk, person), key in zip(desks, signing, strict=True):
        certify(office.authority, desk, person, seal.signing_public_key(key))
    empty = _empty_desk(root / "empty.journal")
    slots = tuple(
        Slot(desk, person, key, _first_meeting(root, office, desk, person, key, empty))
        for (desk, person), key in zip(desks, signing, strict=True)
    )
    return _stage(root, office, empty, slots)


def _stage(root: Path, office: Office, empty: bytes, slots: Sequence[Slot]) -> Stage:
    store_file = root / "server" / folder.STORE
    office.close()
    return Stage(
        folder=root,
        office=office,
        store_key=keys.derive(office.master.key, "store"),
        server_disk=Disk(store_file, office.authority.store.engine),
        server_image=store_file.read_bytes(),
        empty=empty,
        slots=tuple(slots),
    )


def _scratch() -> Path:
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(prefix="ejournal-stage-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


def _empty_desk(path: Path) -> bytes:
    create_database(path, KEY).dispose()
    return path.read_bytes()


def certify(authority: Authority, desk: str, person: str, public_key: bytes, workstation: str = "pc") -> None:
    """Make a desk known to the school, as after a password; its certificate is a line of the log."""
    at = stamp(authority.clock())
    fields: Fields = {
        "subject_kind": "desk", "person_id": person, "workstation": workstation, "public_key": public_key.hex(),
        "algorithm": "ed25519", "voided": False,
    }  # fmt: skip
    with authority.store.write() as tx:
        known = people.Desk(id=desk, person=person, workstation=workstation, public_key=public_key.hex(), at=at)
        people.add_desk(tx, known)
        own_lines.write_own(authority, tx, [Wish("Certificate", desk, fields, act="issue")])


def name_desk(engine: sa.Engine, desk: str, person: str, school: str, signing: bytes) -> None:
    """Write into an empty desk's file whose it is."""
    with engine.begin() as connection:
        Identity(desk, person, person, school, signing).write(connection)


def _first_meeting(root: Path, office: Office, desk: str, person: str, signing: bytes, empty: bytes) -> bytes:
    path = root / f"{desk}.journal"
    path.write_bytes(empty)
    engine = open_database(path, KEY)
    name_desk(engine, desk, person, office.authority.school, signing)
    journal = Journal(engine, Clock(NOW))
    Direct(office, desk, signing).meet(journal)
    journal.close()
    return path.read_bytes()


def reopened(stage: Stage, clock: ServerClock) -> Office:
    """Return the school as a restarted server opens it."""
    store = Store(stage.server_disk.engine, stage.office.authority.school)
    own: ServerKeys = stage.office.authority.keys
    return Office(stage.folder, Authority(store, own, clock), roster.SCHOOL_NAME, stage.office.ca, stage.office.master)


def moment(at: datetime) -> int:
    """Return a moment as milliseconds since 1970."""
    return int(at.timestamp() * 1000)
