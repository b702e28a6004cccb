"""Bring a store's tables to this program's version: first a copy that opens, then the whole change or nothing."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from ejournal_core.errors import Trouble
from ejournal_server import folder as folders
from ejournal_server import keys
from ejournal_server.generations import flush_folder
from ejournal_server.store import copying
from ejournal_server.store.database import SchemaOld, Store, StoreFailure, StoreUnusable, migrate, open_store

logger = logging.getLogger(__name__)

COPIES = "copies"
STALE_SECONDS = 10 * 60  # without a write: nobody is at work on such a file any more


class NoCopy(Trouble):
    """The copy that comes before an upgrade could not be made, so nothing was upgraded; `details["why"]`."""

    code: ClassVar[str] = "EJ-423"


def bring_up(data: Path, database: str | None) -> Path | None:
    """Upgrade a school's store if it is older than the program; return the copy made before, None when it was not.

    Raises:
        NoSchool, KeyMissing, StoreUnusable: it does not open.
        NoCopy: there is no copy, so nothing was touched.
    """
    config = folders.read_config(data, database)
    master = keys.find_master(data, config.school)
    key = keys.derive(master.key, "store")
    with contextlib.closing(open_store(database, data / folders.STORE, key, config.school)) as store:
        try:
            migrate(store)
        except SchemaOld:
            copy = _copy(store, data, database, key)
            migrate(store, upgrade=True)
            logger.info("store upgraded", extra={"copy": copy.name})
            return copy
    return None


def _copy(store: Store, data: Path, database: str | None, key: bytes) -> Path:
    place = data / COPIES
    place.mkdir(mode=0o700, exist_ok=True)
    _sweep(place)
    name = f"store-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    made = place / (f"{name}.dump" if database else f"{name}.db")
    unfinished = made.with_name(made.name + ".new")
    unfinished.unlink(missing_ok=True)
    try:
        _dump(database, unfinished) if database else _copy_file(store, unfinished, key)
        unfinished.chmod(0o600)
        unfinished.rename(made)
    finally:
        unfinished.unlink(missing_ok=True)
    flush_folder(place)
    return made


def _sweep(place: Path) -> None:
    """Remove what killed upgrades left: a copy of a large school each time would fill the disk."""
    for left in place.glob("*.new"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:  # another process may be writing its own
            left.unlink(missing_ok=True)


def _copy_file(store: Store, copy: Path, key: bytes) -> None:
    """Write an encrypted file under the same key, and see that it opens and is whole."""
    try:
        copying.copy_file(store, copy)
        with contextlib.closing(open_store(None, copy, key, store.school)) as opened:
            copying.check_file(opened)
    except (StoreUnusable, StoreFailure) as error:
        raise NoCopy(type(error).__name__, why="copy-failed") from None


def _dump(database: str, copy: Path) -> None:
    """Let PostgreSQL's own tool write the database; the address goes by the environment, where `ps` shows nothing."""
    tool = shutil.which("pg_dump")
    if tool is None:
        raise NoCopy("pg_dump is not installed", why="no-tool")
    environment = os.environ | copying.libpq_environment(database)
    command = [tool, "--format=custom", "--no-password", f"--file={copy}"]
    copy.touch(0o600)
    done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - no shell, own words
    if done.returncode != 0:
        raise NoCopy(f"pg_dump ended with {done.returncode}", why="dump-failed")
