"""A small invented school on both stores, in this process or behind a real server process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_server import folder
from ejournal_server.folder import Office
from tests.server import world
from tests.server.world import RunningServer, SettableClock

STORES = ["sqlcipher", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=STORES)
def database(request: pytest.FixtureRequest) -> str | None:
    """Give the PostgreSQL URL of an empty database, None for the embedded file: every test runs on both."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else None


@pytest.fixture
def clock() -> SettableClock:
    """Give the server's clock, which a test may set."""
    return SettableClock()


@pytest.fixture
def office(tmp_path: Path, database: str | None, clock: SettableClock) -> Iterator[Office]:
    """Give a founded school with its people, classes and pages."""
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME, database, clock)
    world.settle(office)
    yield office
    office.close()


@pytest.fixture
def server(tmp_path: Path, database: str | None) -> Iterator[RunningServer]:
    """Give a real server process over the small school."""
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME, database)
    world.settle(office)
    office.close()
    with RunningServer(tmp_path / "data", database) as running:
        yield running
