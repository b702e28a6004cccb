"""The server's data folder: what lies where, how a school is founded in it, and how it is opened again."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import stat
import sys
from pathlib import Path
from typing import ClassVar

import msgspec
from cryptography import x509
from msgspec import Struct

from ejournal_core import ids
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_server import keys, own_lines, tls
from ejournal_server.authority import Authority, Clock, utc_clock
from ejournal_server.store import log
from ejournal_server.store.database import Store, StoreUnusable, migrate, open_store

if sys.platform != "win32":
    import pwd

logger = logging.getLogger(__name__)

CONFIG = "server.json"
FOUNDING = "founding.json"  # the same, until the school is whole
STORE = "store.db"
CA = "ca.pem"
CERTIFICATE = "server.pem"


class NoSchool(Trouble):
    """There is no school in this folder yet."""

    code: ClassVar[str] = "EJ-378"


class SchoolExists(Trouble):
    """There is something in this folder already: a school, or files that are not ours to overwrite."""

    code: ClassVar[str] = "EJ-387"


class StoreElsewhere(Trouble):
    """The school lies in the other kind of store; opening this one would make a second, older school of it."""

    code: ClassVar[str] = "EJ-420"


class StrangeUser(Trouble):
    """The superuser is at work in the folder of another account, which could not read what is made there."""

    code: ClassVar[str] = "EJ-445"


class Config(Struct, frozen=True):
    """What must be known before the keys are: whose school this is, and where it lies ("file" or "postgresql")."""

    school: str
    store: str = ""

    @classmethod
    def of(cls, school: str, database: str | None) -> Config:
        """Return the configuration of a school in the database, or in the embedded file."""
        return cls(school, "postgresql" if database else "file")


class Office(Struct, frozen=True):
    """An open school: its authority, its name, and what proves it to workstations."""

    folder: Path
    authority: Authority
    school_name: str
    ca: x509.Certificate
    master: keys.Master

    @property
    def ca_pem(self) -> str:
        """The school's certificate authority as PEM."""
        return tls.to_pem(self.ca)

    @property
    def ca_sha256(self) -> str:
        """The fingerprint of the school's certificate authority."""
        return tls.fingerprint(self.ca)

    def close(self) -> None:
        """Close the store."""
        self.authority.store.close()


def found(folder: Path, school_name: str, database: str | None = None, clock: Clock = utc_clock) -> Office:
    """Found a school: keys, certificate authority, store. The configuration gets its name last.

    Raises:
        SchoolExists: there is something in this folder that no unfinished founding left there.
        StoreUnusable: the database cannot be reached.
    """
    if not _is_free(folder):
        raise SchoolExists("something is here already", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keep_private(folder)
    school = ids.new_id()
    keys.write_private(folder / FOUNDING, msgspec.json.encode(Config.of(school, database)))
    (folder / STORE).unlink(missing_ok=True)  # of a founding that did not come to its end
    master = keys.new_master(folder, school)
    own = keys.make_keys(folder, master.key)
    ca = tls.make_ca(own.ca, school_name, clock())
    keys.write_private(folder / CA, tls.to_pem(ca).encode())
    store = _open(folder, master, school, database)
    own_lines.found_school(Authority(store, own, clock), school_name)
    (folder / FOUNDING).replace(folder / CONFIG)
    logger.info("school founded", extra={"school": school, "key_in": master.place})
    return Office(folder, Authority(store, own, clock), school_name, ca, master)


def _is_free(folder: Path) -> bool:
    """Say whether a school may be founded here. A store whose configuration was lost is still somebody's school."""
    if (folder / CONFIG).exists():
        return False
    return not folder.exists() or (folder / FOUNDING).exists() or not any(folder.iterdir())


def open_office(
    folder: Path, database: str | None = None, clock: Clock = utc_clock, *, left_too: bool = False
) -> Office:
    """Open the school of a folder.

    Raises:
        NoSchool: there is none.
        StoreElsewhere: it lies in the other kind of store.
        StrangeUser: root asks for the folder of another account.
        SchoolMoved: it has left this store, and `left_too` was not said.
        KeyMissing, StoreUnusable: keys or store do not open.
    """
    school = read_config(folder, database).school
    keep_private(folder)
    master = keys.find_master(folder, school)
    own = keys.read_keys(folder, master.key)
    ca = x509.load_pem_x509_certificate((folder / CA).read_bytes())
    store = _open(folder, master, school, database)
    with store.read() as tx:
        name = log.read_head(tx, left_too=left_too).name
    return Office(folder, Authority(store, own, clock), name, ca, master)


def read_config(folder: Path, database: str | None) -> Config:
    """Return the configuration of a folder, as far as it lies where the caller thinks.

    Raises:
        NoSchool: there is no school here.
        StoreElsewhere: it lies in the other kind of store.
        StoreUnusable: its file is gone; opened all the same it would be an empty school.
    """
    if not (folder / CONFIG).exists():
        raise NoSchool("no configuration", folder=str(folder))
    try:
        config = msgspec.json.decode((folder / CONFIG).read_bytes(), type=Config)
    except NOT_JSON:
        raise NoSchool("the configuration is not readable", folder=str(folder)) from None
    if config.store not in ("", Config.of(config.school, database).store):
        raise StoreElsewhere("the school lies elsewhere", why=f"in-{config.store}")
    if not database and not (folder / STORE).exists():
        raise StoreUnusable("the store is gone")
    return config


def keep_private(folder: Path) -> None:
    """Close a data folder, and what lies open in it, to everybody else; what an earlier version left open too.

    The key of the store is left as it is: that others could read it has to be known (`keys.KeyMissing`).

    Raises:
        StrangeUser: root is at work in the folder of another account.
    """
    if os.name != "posix":
        return
    _check_owner(folder)
    for place in (folder, *folder.iterdir()):
        mode = place.lstat().st_mode
        if not mode & 0o077 or stat.S_ISLNK(mode) or place.name == keys.KEY_FILE:
            continue
        try:
            place.chmod(stat.S_IMODE(mode) & 0o700)
        except OSError as error:  # a file system without rights, or one that is read only
            logger.warning("others can read the data folder", extra={"place": place.name, "errno": error.errno})


def _check_owner(folder: Path) -> None:
    owner = folder.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        raise StrangeUser("run as the folder's owner", folder=str(folder), owner=_name_of(owner))


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def _open(folder: Path, master: keys.Master, school: str, database: str | None) -> Store:
    store = open_store(database, folder / STORE, keys.derive(master.key, "store"), school)
    with contextlib.ExitStack() as undo:
        undo.callback(store.close)
        migrate(store)
        undo.pop_all()
    return store


def server_certificate(office: Office, hosts: list[str]) -> Path:
    """Return the file of the server's certificate for loopback, this machine's name and `hosts`; renew it in time."""
    file = office.folder / CERTIFICATE
    wanted = [*hosts, socket.gethostname()]
    now = office.authority.clock()
    if file.exists():
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        if not tls.needs_renewal(certificate, now) and tls.is_for(certificate, wanted):
            return file
    own = office.authority.keys
    certificate = tls.make_server_certificate(own.ca, office.ca, own.tls, wanted, now)
    keys.write_private(file, tls.to_pem(certificate).encode() + office.ca_pem.encode())
    logger.info("server certificate issued", extra={"until": certificate.not_valid_after_utc.isoformat()})
    return file
