"""Open the store: an SQLCipher file with one writer, or PostgreSQL; one transaction at a time through one door."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.pool import QueuePool

from ejournal_core.errors import Trouble
from ejournal_server.store import postgres

logger = logging.getLogger(__name__)

BUSY_SECONDS = 30
LOOK_SECONDS = 0.25  # of waiting inside SQLite, which hears of no Ctrl+C
MIGRATIONS = "ejournal_server:migrations"
SCHEMA = "0002"  # of this program: the newest of the migrations


#: Whatever a store in trouble raises.
StoreFailure = sa.exc.SQLAlchemyError


class StoreUnusable(Trouble):
    """The store cannot be opened: wrong key, foreign or newer file, database out of reach."""

    code: ClassVar[str] = "EJ-371"


class DatabaseUnreachable(StoreUnusable):
    """No database opens at the address that was named; `details["why"]` says whether it is an address at all."""

    code: ClassVar[str] = "EJ-545"


class StoreNewer(StoreUnusable):
    """The tables were made by a newer program; this one touches nothing."""

    code: ClassVar[str] = "EJ-432"


class SchemaOld(StoreUnusable):
    """The tables were made by an older program; they are altered only after a copy."""

    code: ClassVar[str] = "EJ-422"


class StoreBusy(Trouble):
    """The database did not come to it in time, or gave way to another transaction; nothing was kept, repeat."""

    code: ClassVar[str] = "EJ-435"


class StoreAway(Trouble):
    """The database does not answer now; nothing was kept, repeat when it does."""

    code: ClassVar[str] = "EJ-436"


class StoreFull(Trouble):
    """There is no room on the disk of the database; nothing was kept."""

    code: ClassVar[str] = "EJ-437"


class StoreDiskFailed(Trouble):
    """The disk of the school's file does not read or write, or is closed for writing; nothing was kept."""

    code: ClassVar[str] = "EJ-440"


class StoreDamaged(Trouble):
    """The school's file is not what was written there; nothing was kept."""

    code: ClassVar[str] = "EJ-441"


AGAIN_SECONDS = 5


@contextlib.contextmanager
def sorted_errors() -> Iterator[None]:
    """Say what a database's failure means; what is no failure of the surroundings goes through as it is."""
    try:
        yield
    except sa.exc.TimeoutError:
        raise StoreBusy("no connection became free", retry_after=AGAIN_SECONDS) from None
    except (sa.exc.DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        trouble = _trouble(cause) if cause is not None else None
        if trouble is None:
            raise
        raise trouble from None


def _trouble(cause: BaseException) -> Trouble | None:
    state = getattr(cause, "sqlstate", None) or ""
    text = str(cause) if isinstance(cause, sqlcipher.Error) else ""
    if state in _BUSY or "database is locked" in text:
        return StoreBusy("the database is busy", retry_after=AGAIN_SECONDS, state=state)
    if state in _FULL or "disk is full" in text:
        return StoreFull("no room for the database", retry_after=12 * AGAIN_SECONDS, state=state)
    if any(sign in text for sign in _DISK):
        return StoreDiskFailed("the disk of the store fails", retry_after=12 * AGAIN_SECONDS)
    if any(sign in text for sign in _DAMAGE):
        return StoreDamaged("the store is damaged", retry_after=12 * AGAIN_SECONDS)
    if state[:2] in _AWAY or (not state and isinstance(cause, psycopg.OperationalError)):
        return StoreAway("the database does not answer", retry_after=AGAIN_SECONDS, state=state)
    return None


#: States of PostgreSQL: cancelled by a time-out, not locked in time, ended while idle, deadlock, serialization.
_BUSY = frozenset({"57014", "55P03", "25P03", "40P01", "40001"})
_FULL = frozenset({"53100"})
_AWAY = frozenset({"08", "57", "53"})  # by class: connection, operator intervention, no resources


#: What SQLite says of a disk that fails, and of a file that is not what it wrote.
_DISK = ("disk I/O error", "readonly database", "unable to open database file")
_DAMAGE = ("malformed", "not a database", "out of memory")  # a bent key header shows as the last


class InTurn:
    """Lets threads through one at a time in the order in which they came, so that none of them starves."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next = 0
        self._serving = 0

    def __enter__(self) -> None:
        with self._changed:
            turn = self._next
            self._next += 1
            self._changed.wait_for(lambda: self._serving == turn)

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._serving += 1
            self._changed.notify_all()


class Store:
    """One school's store. Threads may share it; each transaction has its own connection."""

    def __init__(self, engine: sa.Engine, school: str) -> None:
        self.engine = engine
        self.school = school
        # PostgreSQL queues writers at the head row; the file's busy handler only tries again and again.
        self._turns = contextlib.nullcontext() if engine.dialect.name == "postgresql" else InTurn()

    @contextlib.contextmanager
    def write(self) -> Iterator[Transaction]:
        """Run a transaction that may write: all of it is kept, flushed to disk, or nothing."""
        with sorted_errors(), self._turns:
            with self._connected(ejournal_write=True) as connection, connection.begin():
                tx = Transaction(connection, self.school)
                yield tx
            if tx.scours:
                self._scour()

    def _scour(self) -> None:
        """Leave no old copy of rows that were emptied: neither in the file's journal nor as PostgreSQL's dead rows."""
        postgres = self.engine.dialect.name == "postgresql"
        options = {"isolation_level": "AUTOCOMMIT"} if postgres else {}
        try:
            with self._connected(**options) as connection:
                if postgres:
                    connection.exec_driver_sql("VACUUM change, record, quarantine, snapshot, blob_part")
                else:
                    connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        except sa.exc.DBAPIError as error:
            logger.warning("old copies of destroyed content stay for a while", extra={"kind": type(error).__name__})

    @contextlib.contextmanager
    def read(self) -> Iterator[Transaction]:
        """Run a transaction that sees one moment of the store and writes nothing."""
        options: dict[str, Any] = {"ejournal_write": False}
        if self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with sorted_errors(), self._connected(**options) as connection, connection.begin():
            yield Transaction(connection, self.school)

    def _connected(self, **options: Any) -> sa.Connection:
        return self.engine.connect().execution_options(**options)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class Transaction:
    """A transaction on one school: the connection and the school's id, which begins every key."""

    def __init__(self, connection: sa.Connection, school: str) -> None:
        self.connection = connection
        self.school = school
        self.wrote_records = False
        self.scours = False  # content was destroyed: old copies of rows must not stay behind the commit

    def run(self, statement: sa.Executable, **values: Any) -> sa.CursorResult[Any]:
        """Run one statement; `school` is always bound."""
        return self.connection.execute(statement, {"school": self.school, **values})

    def alter(self, update: sa.Update, values: dict[str, Any], **where: Any) -> None:
        """Run an update; `school_` and the names in `where`, with "_" behind them, are bound in its condition."""
        bound = {f"{name}_": value for name, value in where.items()}
        # Named by the parameters, the columns to set are compiled once; named by `values()`, each time anew.
        self.connection.execute(update, {"school_": self.school, **bound, **values})

    def add(self, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert many rows, as values in the order of `columns`; the school's id stands before them.

        PostgreSQL takes them as one COPY; neither way makes SQLAlchemy look at every value.
        """
        names = ", ".join(f'"{name}"' for name in ("school", *columns))
        whole = [(self.school, *row) for row in rows]
        if self.is_postgres:
            with self._cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in whole:
                    copy.write_row(row)
        elif whole:
            places = ", ".join("?" * (len(columns) + 1))
            insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608 - names of our own tables
            self.connection.exec_driver_sql(insert, whole)

    @property
    def is_postgres(self) -> bool:
        """Whether the store is PostgreSQL."""
        return self.connection.dialect.name == "postgresql"

    def _cursor(self) -> psycopg.Cursor[Any]:
        driver: psycopg.Connection[Any] = self.connection.connection.driver_connection  # type: ignore[assignment]
        return driver.cursor()

    def run_many(self, statement: sa.Executable, rows: list[dict[str, Any]]) -> None:
        """Run one statement for each row; `school` is added to every row."""
        if rows:
            self.connection.execute(statement, [{"school": self.school, **row} for row in rows])


def open_store(url: str | None, file: Path, key: bytes, school: str) -> Store:
    """Open the store: PostgreSQL at `url` (postgresql+psycopg://…), else the SQLCipher file under the 32-byte key.

    Raises:
        DatabaseUnreachable: no database opens at `url`.
        StoreUnusable: the file cannot be opened.
    """
    try:
        engine = postgres.engine(url) if url else _sqlcipher(file, key)
    except (ValueError, sa.exc.ArgumentError) as error:
        told = f"not an address of a database: {type(error).__name__}"
        raise DatabaseUnreachable(told, why="no-address") from None
    try:
        with engine.connect():
            pass
    except (sa.exc.DBAPIError, sqlcipher.Error) as error:
        engine.dispose()
        if url:
            raise DatabaseUnreachable(type(error).__name__, why="not-opened") from None
        raise StoreUnusable(f"the store does not open: {type(error).__name__}") from None
    return Store(engine, school)


class _LedCompiler(SQLiteCompiler):
    """Writes down which index leads a question (`among.led_by`)."""

    def get_from_hint_text(self, _table: sa.FromClause, text: str | None) -> str | None:
        """Return what stands behind the table's name."""
        return text


def _sqlcipher(file: Path, key: bytes) -> sa.Engine:
    if not file.exists():
        with contextlib.suppress(OSError):  # SQLite fails too then, and says so
            file.touch(mode=0o600)  # for nobody else to read; SQLite gives its rights to the files beside it

    def connect() -> Any:
        connection = sqlcipher.connect(str(file), isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        try:
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
        except sqlcipher.Error:
            connection.close()
            raise
        return connection

    engine = sa.create_engine("sqlite://", module=sqlcipher, creator=connect, poolclass=QueuePool, pool_size=8)
    engine.dialect.statement_compiler = _LedCompiler

    @event.listens_for(engine, "handle_error")
    def begin_anew(context: sa.engine.ExceptionContext) -> None:
        # A file that could not be written for a moment was opened for reading only: no connection stays so.
        text = str(context.original_exception)
        context.is_disconnect = context.is_disconnect or any(sign in text for sign in _DISK)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: upgrading a reader later fails when another has written meanwhile.
        write = connection.get_execution_options().get("ejournal_write", True)
        if not (write and _has_begun(connection.connection.driver_connection)):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _has_begun(driver: Any) -> bool:
    """Begin to write once no other process does, in short waits: between them Ctrl+C and other signals are heard.

    Returns:
        False when something else than another writer is in the way.

    Raises:
        StoreBusy: it took too long.
    """
    until = time.monotonic() + BUSY_SECONDS
    driver.execute(f"PRAGMA busy_timeout = {int(min(LOOK_SECONDS, BUSY_SECONDS) * 1000)}")
    try:
        while not (begun := _tried_to_begin(driver)):
            if begun is None:
                return False
            if time.monotonic() >= until:
                raise StoreBusy("the database is busy", retry_after=AGAIN_SECONDS)
        return True
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _tried_to_begin(driver: Any) -> bool | None:
    """Return whether the writer's place was free, None when that is not what is wrong."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlcipher.Error as error:
        return False if "database is locked" in str(error) else None
    return True


def migrate(store: Store, *, upgrade: bool = False) -> None:
    """Make the tables where there are none; bring older ones to this program's version only on demand, all or nothing.

    Raises:
        SchemaOld: they are older, and `upgrade` was not said: a copy of the store comes first.
        StoreNewer: they were made by a newer program.
        StoreBusy, StoreAway: somebody else keeps the store for too long, or it does not answer.
    """
    if _revision(store) == SCHEMA:  # as nearly always: then nobody has to wait for a writer
        return
    with sorted_errors(), store.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")  # a large school's tables take their time
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7353)")  # two workers may start at once
        _migrate(connection, upgrade=upgrade)


def _migrate(connection: sa.Connection, *, upgrade: bool) -> None:
    """Run what is missing. Alembic is imported only here: an ordinary start does without it."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    current = _version(connection)
    if current is not None:
        if current not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
            raise StoreNewer("the store was made by a newer version of this program")
        if current != SCHEMA and not upgrade:
            raise SchemaOld("the store was made by an older version of this program")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(store: Store) -> str | None:
    """Return the version of the tables without keeping anybody from writing, None where there are none."""
    options = {"ejournal_write": False}
    with sorted_errors(), store.engine.connect().execution_options(**options) as connection, connection.begin():
        return _version(connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
