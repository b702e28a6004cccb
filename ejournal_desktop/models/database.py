"""Open the encrypted file: key, pragmas, version, migrations; and say in school words what went wrong with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from ejournal_core.errors import Bug, EjournalError, Trouble
from ejournal_desktop.guards import refuse_old_sqlite

if TYPE_CHECKING:
    from alembic.config import Config

Key = bytes | bytearray

#: The newest migration; opening a file that has it needs no Alembic.
SCHEMA = "0001_first_journal"

BUSY_TIMEOUT_MS = 5_000
LEAST_ROOM = 128 * 1024  # bytes that SQLite wants beside the file before the first entry
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "fuse.sshfs", "davfs", "fuse.davfs2"}
)

#: Execution option of a connection that is going to write: it takes the writer's place at once.
WRITE = {"ejournal_write": True}
#: Of one whose commit does not wait for the disk: who uses it sees to the flush (`saving.py`).
LATER = {"ejournal_write": True, "ejournal_later": True}


class DiskFull(Trouble):
    """There is no room to save; nothing was changed."""

    code = "EJ-301"


class ReadOnly(Trouble):
    """The file or its disk cannot be written."""

    code = "EJ-302"


class Damaged(Trouble):
    """The file is not what was written there, or the key is not its key."""

    code = "EJ-303"


class Busy(Trouble):
    """Another program holds the file for longer than the waiting time."""

    code = "EJ-304"


class TooNew(Trouble):
    """The file was written by a newer version of the program."""

    code = "EJ-305"


class OnNetworkShare(Trouble):
    """Databases on network shares get damaged; the file must lie on this PC."""

    code = "EJ-306"


class Missing(Trouble):
    """The file is not there."""

    code = "EJ-307"


class DiskFailed(Trouble):
    """The disk refused to read or write."""

    code = "EJ-308"


class Locked(Trouble):
    """The key is out of memory: the person locked the program while something was still reading or writing."""

    code = "EJ-310"


def create_database(path: Path, key: Key) -> sa.Engine:
    """Make a new encrypted file with the present schema and return its engine.

    Args:
        path: file that must not exist yet; its folder must.
        key: 32 raw bytes.

    Raises:
        Trouble: the folder is on a network share, full or read-only.
    """
    refuse_network_share(path)
    if path.exists():
        raise Bug("the desk's file exists already")
    with sorted_errors():
        engine = _engine(path, key)
        with engine.begin() as connection:
            _migrate(connection)
    path.chmod(0o600)
    return engine


def open_database(path: Path, key: Key) -> sa.Engine:
    """Open an encrypted file, bring it to the present schema and return its engine.

    Before a migration the file is copied beside itself (encrypted as it is, named after the schema it has).

    Raises:
        Missing, Damaged, TooNew, OnNetworkShare, ReadOnly, DiskFull, Busy: as their names say; the file is unchanged.
    """
    refuse_network_share(path)
    _refuse_what_is_no_journal(path)
    engine = _engine(path, key)
    try:
        with sorted_errors():
            _upgrade(engine, path)
    except EjournalError:
        engine.dispose()
        raise
    return engine


def _refuse_what_is_no_journal(path: Path) -> None:
    if not path.is_file():
        raise Missing("no journal file", file=path.name)
    if path.stat().st_size == 0:  # SQLite would take it for a new one
        raise Damaged("the journal file is empty", file=path.name)
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise ReadOnly("the journal cannot be written here", file=path.name)


def refuse_network_share(path: Path) -> None:
    """Raise OnNetworkShare when the path lies on a network file system."""
    if file_system_of(path) in NETWORK_FILE_SYSTEMS:
        raise OnNetworkShare("the journal may not lie on a network share", file=path.name)


def file_system_of(path: Path) -> str:
    """Return the type of the file system that holds `path` ("ext4", "nfs4", "NTFS"), "" when it is not known."""
    resolved = path.resolve()
    if str(resolved).startswith("\\\\"):
        return "cifs"
    holders = [part for part in psutil.disk_partitions(all=True) if resolved.is_relative_to(part.mountpoint)]
    return max(holders, key=lambda part: len(part.mountpoint)).fstype if holders else ""


def check_integrity(engine: sa.Engine) -> None:
    """Verify every page against its authentication code and the structure of the file.

    Raises:
        Damaged: something differs; `details` name how many faults were found.
    """
    with sorted_errors(), engine.connect() as connection:
        faults = connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
        structure = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
    if faults or structure != ["ok"]:
        raise Damaged("the journal file is damaged", faults=len(faults) or len(structure))


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Turn errors of the database into Trouble or Bug; the only place where this is decided."""
    try:
        yield
    except exc.DBAPIError as error:
        raise sort_error(error.orig or error) from error
    except (dbapi2.Error, OSError) as error:
        raise sort_error(error) from error


def sort_error(error: BaseException) -> EjournalError:
    """Return the Trouble (surroundings) or Bug (ours) that a database or file error amounts to."""
    text = str(error).lower()
    if isinstance(error, OSError):
        return _sort_os_error(error)
    for words, trouble in _SIGNS:
        if any(word in text for word in words):
            return trouble(text)
    return Bug(f"{type(error).__name__}: {text}")


_SIGNS: tuple[tuple[tuple[str, ...], type[Trouble]], ...] = (
    (("database or disk is full",), DiskFull),
    (("readonly", "read-only"), ReadOnly),
    (("malformed", "not a database", "corrupt", "hmac"), Damaged),
    (("database is locked", "table is locked"), Busy),
    (("unable to open",), Missing),
    (("disk i/o error",), DiskFailed),
)


def _sort_os_error(error: OSError) -> EjournalError:
    by_number = {28: DiskFull, 122: DiskFull, 27: DiskFull, 30: ReadOnly, 13: ReadOnly, 2: Missing, 5: DiskFailed}
    return by_number.get(error.errno or 0, DiskFailed)(os.strerror(error.errno) if error.errno else str(error))


def _engine(path: Path, key: Key) -> sa.Engine:
    refuse_old_sqlite()

    def opened() -> Any:
        if not any(key):
            raise Locked("the key is out of memory")
        # isolation_level None: transactions begin where `_begin` says, not where the driver guesses.
        connection = dbapi2.connect(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None,
                                    check_same_thread=False)  # fmt: skip
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{bytes(key).hex()}'\"")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = sa.create_engine("sqlite://", module=dbapi2, creator=opened, poolclass=QueuePool, pool_size=4,
                              max_overflow=8)  # fmt: skip
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "handle_error", partial(_name_a_full_disk, path.parent))
    sa.event.listen(engine, "handle_error", _begin_anew)
    return engine


def _name_a_full_disk(folder: Path, context: sa.engine.ExceptionContext) -> DiskFull | None:
    """Tell a full disk from a failing one: SQLite calls both an I/O error where it makes its shared memory."""
    failed = isinstance(sort_error(context.original_exception), DiskFailed)
    return DiskFull("database or disk is full") if failed and _is_full(folder) else None


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < LEAST_ROOM
    except OSError:  # a disk that fails does not even say that
        return False


def _begin_anew(context: sa.engine.ExceptionContext) -> None:
    """Keep no connection to a disk that failed: one made while the file could not be written would only read."""
    failed = isinstance(sort_error(context.original_exception), ReadOnly | DiskFailed | Missing)
    context.is_disconnect = context.is_disconnect or failed


_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "temp_store = MEMORY",
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
)


def log_path(engine: sa.Engine) -> Path:
    """Return where the write-ahead log of an open file lies while there is one."""
    with sorted_errors(), engine.connect() as connection:
        file = connection.exec_driver_sql("SELECT file FROM pragma_database_list WHERE name = 'main'").scalar_one()
    return Path(f"{file}-wal")


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if "ejournal_write" in options:
        _set_pace(connection, later=options.get("ejournal_later", False))
    connection.exec_driver_sql("BEGIN IMMEDIATE" if "ejournal_write" in options else "BEGIN")


def _set_pace(connection: sa.Connection, *, later: bool) -> None:
    """Let the commit to come flush the log, or neither flush it nor let it enter the file."""
    if connection.info.get("later", False) == later:
        return
    run = connection.connection.driver_connection.execute  # type: ignore[union-attr]  # a transaction begins after it
    if later:
        connection.info["pages"] = run("PRAGMA wal_autocheckpoint").fetchone()[0]
    run(f"PRAGMA wal_autocheckpoint = {0 if later else connection.info['pages']}")
    run(f"PRAGMA synchronous = {'NORMAL' if later else 'FULL'}")
    connection.info["later"] = later


def _upgrade(engine: sa.Engine, path: Path) -> None:
    present = _present_schema(engine)
    if present == SCHEMA:
        return
    if present is not None and present not in _known_schemas():
        raise TooNew("the journal was written by a newer version", schema=present)
    _copy_before_migration(engine, path, present or "empty")
    with engine.connect().execution_options(**WRITE) as connection, connection.begin():
        _migrate(connection)


def _present_schema(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        versioned = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if versioned else None


def _known_schemas() -> set[str]:
    from alembic.script import ScriptDirectory

    return {revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()}


def _copy_before_migration(engine: sa.Engine, path: Path, schema: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # a checkpoint cannot run inside a transaction
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    copy = path.with_name(f"{path.stem}.before-{schema}{path.suffix}")
    shutil.copy2(path, copy)
    copy.chmod(0o600)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _migrate(connection: sa.Connection) -> None:
    """Run what is missing. Alembic is imported only here: an ordinary start does without it."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
