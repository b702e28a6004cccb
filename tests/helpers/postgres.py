"""A real PostgreSQL cluster for the tests: made, started and removed by them, reachable only by a Unix socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg

from ejournal_server.store.database import migrate, open_store
from tests.helpers.processes import become, start_bound, wait_until

OWNER = "ejournal"
OWNING_USER = "postgres"


def programs() -> Path:
    """Return the folder with initdb and postgres of the newest PostgreSQL on this machine."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[4]))
    on_path = shutil.which("initdb")
    if not debian and on_path is None:
        raise FileNotFoundError("PostgreSQL is not installed: `make test` installs it (tools/system-packages.txt)")
    return debian[-1].parent if debian else Path(str(on_path)).resolve().parent


@contextlib.contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Make and start a cluster; give the libpq address of its maintenance database; stop and remove it afterwards.

    Args:
        durable: wait for the disk at each commit, as a school's database does.
    """
    # not pytest's own folder: that one is closed to the user the cluster runs as
    folder = Path(tempfile.mkdtemp(prefix="ejournal-postgres-", dir="/tmp"))  # short: a socket path has 107 bytes
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNING_USER, OWNING_USER)
        options = become(OWNING_USER)  # PostgreSQL refuses to run as root
        make_cluster(folder, options)
        with running(folder, options, durable=durable):
            yield f"postgresql://{OWNER}@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_cluster(folder: Path, options: list[str]) -> None:
    """Run initdb: trust everybody who reaches the socket, Unicode, and the C locale's plain order."""
    settings = ["-D", str(folder / "data"), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = ["setpriv", *options, str(programs() / "initdb"), *settings]
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed: {made.stderr}")


@contextlib.contextmanager
def running(folder: Path, options: list[str], *, durable: bool = False) -> Iterator[None]:
    """Run the server over `folder` until the block ends; unless `durable`, it may lose what it wrote with the power."""
    fsync = "on" if durable else "off"
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": fsync}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = start_bound(
            [str(programs() / "postgres"), "-D", str(folder / "data"), *words],
            signal="INT",
            stdout=log,
            stderr=log,
            options=options,
        )
    try:
        wait_until(lambda: answers(folder), f"PostgreSQL to start; its log:\n{(folder / 'log').read_text()}")
        yield
    finally:
        server.send_signal(signal.SIGINT)  # "fast": do not wait for those who are still connected
        server.wait(timeout=30)


def answers(folder: Path) -> bool:
    """Return whether the server over `folder` takes connections."""
    try:
        psycopg.connect(f"postgresql://{OWNER}@/postgres?host={folder}").close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def fresh_database(cluster_address: str, *, like: str = "template1") -> Iterator[str]:
    """Make a database, empty or `like` another one; give its SQLAlchemy URL; drop it and who uses it afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(cluster_address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        try:
            yield url_of(cluster_address, name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def with_tables(cluster_address: str) -> str:
    """Make a database with the server's empty tables, as its migrations make them; return the name: a copy is quick."""
    name = "with_tables"
    with psycopg.connect(cluster_address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    with contextlib.closing(open_store(url_of(cluster_address, name), Path(), b"", "")) as store:
        migrate(store)
    return name


def url_of(cluster_address: str, name: str) -> str:
    """Return SQLAlchemy's URL of one database of a cluster."""
    return cluster_address.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
