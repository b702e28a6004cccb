"""What every test stands on: a quiet log, nothing left running, and the real services a test may ask for."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import alembic.command
import hypothesis
import keyring.core
import pytest
from keyring.backend import get_all_keyring
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.helpers import postgres, secret_service
from tests.helpers.dangling import delete_what_waits_for_it, nothing_left_running
from tests.helpers.laid_tables import laying
from tests.helpers.light_passwords import decided_cost, light_passwords
from tests.helpers.logfail import no_unexpected_log
from tests.helpers.patient_bot import PatientBot

__all__ = ["decided_cost", "light_passwords", "no_unexpected_log", "nothing_left_running"]

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# No test reaches the keyring of the person who runs it; one that wants a keyring asks for `system_keyring`.
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"

# The test command repeats the same examples every time, campaigns take new ones; no test fails by slowness.
hypothesis.settings.register_profile("house", deadline=None, derandomize="EJOURNAL_CAMPAIGN" not in os.environ)
hypothesis.settings.load_profile("house")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case with bytes by their length: random ones would give each worker process other tests."""
    return f"{argname}-of-{len(val)}-bytes" if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    """Pass over all tests and modules from now on when garbage is collected: they stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """After the last test of a file, pass over what it leaves as well: the program's caches, what it imported."""
    yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


MIGRATE = alembic.command.upgrade


@pytest.fixture(scope="session", autouse=True)
def laid_tables() -> Iterator[None]:
    """Let Alembic make each kind of tables once; further empty stores get the same by the same statements."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alembic.command, "upgrade", laying(MIGRATE))
        yield


@pytest.fixture
def real_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give one test what people get: every store is made by the migrations."""
    monkeypatch.setattr(alembic.command, "upgrade", MIGRATE)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> Iterator[QtBot]:
    """Give the library's bot, with more patience; leave nothing on the clipboard and no widget to be freed later.

    What a test copied must not reach the next one, and a table made in Python that outlives Python ends the process
    with a segmentation fault: Qt's offscreen platform throws its clipboard away last. Python's collecting stands still
    as it does in the program (`ui/collecting.py`): by itself it frees widgets at any moment, on any thread.
    """
    gc.disable()
    yield PatientBot(request)
    QGuiApplication.clipboard().clear()
    delete_what_waits_for_it()
    gc.collect()
    gc.enable()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """Give the libpq address of a real PostgreSQL, one for all tests of this process."""
    with postgres.cluster() as address:
        yield address


@pytest.fixture(scope="session")
def postgres_tables(postgres_cluster: str) -> str:
    """Give the name of a database with the server's empty tables."""
    return postgres.with_tables(postgres_cluster)


@pytest.fixture
def postgres_url(postgres_cluster: str, postgres_tables: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the SQLAlchemy URL (postgresql+psycopg://…) of a database of this test's own, which holds no record.

    The server's tables are there, unless the test asks for `real_migrations`.
    """
    like = "template1" if "real_migrations" in request.fixturenames else postgres_tables
    with postgres.fresh_database(postgres_cluster, like=like) as url:
        yield url


@pytest.fixture(scope="session")
def keyring_environment() -> Iterator[dict[str, str]]:
    """Give the environment variables that lead a process to a real, unlocked SecretService keyring."""
    with secret_service.unlocked_keyring() as environment:
        yield environment


@pytest.fixture
def system_keyring(keyring_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Let this test's process find the real keyring; give the variables for processes that it starts."""
    for name, value in keyring_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)  # the library remembers what it found before
    monkeypatch.delitem(vars(get_all_keyring), "saved_result", raising=False)
    return keyring_environment
