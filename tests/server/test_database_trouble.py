"""PostgreSQL in trouble under load: taken away at each statement, stopped and started again, its disk full.

Desks are told to come again, nothing is kept by half, and the service goes on by itself.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from ejournal_core import wire
from ejournal_core.wire import Problem
from ejournal_server import folder, intake
from ejournal_server.folder import Office
from ejournal_server.store import log
from ejournal_server.store.database import StoreAway
from ejournal_server.store.log import Head
from tests.helpers import postgres
from tests.helpers.processes import become, wait_until
from tests.server import world
from tests.server.test_process import Diligent, lines_of, wait_for_receipts
from tests.server.world import PUPILS, Caller, RunningServer

pytestmark = pytest.mark.postgres


def head_of(office: Office) -> Head:
    with office.authority.store.read() as tx:
        return log.read_head(tx)


# --- taken away at each statement ----------------------------------------------------------------------------------


class Axe:
    """Ends the connection of a transaction before its n-th statement."""

    def __init__(self, office: Office, url: str) -> None:
        self.left = 0
        self.said = 0
        self._other = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        event.listen(office.authority.store.engine, "before_cursor_execute", self._before)

    def _before(self, connection: sa.Connection, *_: Any) -> None:
        self.said += 1
        self.left -= 1
        if self.left == 0:
            driver = connection.connection.driver_connection
            assert driver is not None
            self._other.execute("SELECT pg_terminate_backend(%s, 10000)", (driver.info.backend_pid,))

    def close(self) -> None:
        self._other.close()


def test_a_database_that_goes_at_any_statement_keeps_nothing_by_half(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME, postgres_url)) as office:
        world.settle(office)
        hand = world.new_hand(office, world.TEACHER)
        intake.accept(office.authority, hand.batch(hand.lesson(), hand.column()))
        batch = hand.batch(hand.mark(PUPILS[0], "5"), hand.mark(PUPILS[1], "4"))
        before = head_of(office)
        receipt, n = None, 0
        with contextlib.closing(Axe(office, postgres_url)) as axe:
            while receipt is None:
                n += 1
                axe.left, axe.said = n, 0
                with contextlib.suppress(StoreAway):
                    receipt = intake.accept(office.authority, batch)
                axe.left = 0
                assert receipt is not None or head_of(office) == before
        assert n > 10  # all of its statements were in danger once
        assert axe.said < n
        assert [verdict.outcome for verdict in receipt.verdicts] == ["taken", "taken"]
        assert head_of(office).number == before.number + 2


# --- stopped and started again, its disk full ------------------------------------------------------------------------


class Database:
    """A cluster of a test's own that may be stopped; its database may lie on a small disk."""

    def __init__(self, place: Path, small: Path | None) -> None:
        self.place = place
        self._options = become(postgres.OWNING_USER)
        self._running = contextlib.ExitStack()
        postgres.make_cluster(place, self._options)
        self.start()
        with psycopg.connect(f"postgresql://{postgres.OWNER}@/postgres?host={place}", autocommit=True) as connection:
            if small:
                connection.execute(f"CREATE TABLESPACE small LOCATION '{small}'")
            connection.execute(f"CREATE DATABASE school {'TABLESPACE small' if small else ''}")
        self.url = f"postgresql+psycopg://{postgres.OWNER}@/school?host={place}"

    def start(self) -> None:
        self._running.enter_context(postgres.running(self.place, self._options))

    def stop(self) -> None:
        self._running.close()


@contextlib.contextmanager
def own_database(small: Path | None = None) -> Iterator[Database]:
    place = Path(tempfile.mkdtemp(prefix="ejournal-trouble-", dir="/tmp"))
    try:
        if become(postgres.OWNING_USER):
            shutil.chown(place, postgres.OWNING_USER, postgres.OWNING_USER)
        database = Database(place, small)
        try:
            yield database
        finally:
            database.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def served(database: Database, data: Path) -> Iterator[RunningServer]:
    with contextlib.closing(folder.found(data, world.SCHOOL_NAME, database.url)) as office:
        world.settle(office)
    with RunningServer(data, database.url) as server:
        yield server


def is_ready(server: RunningServer) -> bool:
    with httpx.Client(base_url=server.address, verify=False, timeout=30, trust_env=False) as http:
        return http.get("/readyz").status_code == 200


def asked_to_come_again(caller: Caller, body: bytes) -> Problem:
    answer = caller.call("POST", "/v1/push", body=body)
    assert answer.status_code == 503, answer.text
    return wire.decode(Problem, answer.content)


def test_a_database_that_is_restarted_under_load_costs_no_entry_and_no_restart(tmp_path: Path) -> None:
    with own_database() as database, served(database, tmp_path / "data") as server:
        first, hand = world.desk_at(server, world.TEACHER)
        first.push(hand.batch(hand.lesson(), hand.column()))
        second, other = world.desk_at(server, world.COLLEAGUE)
        desks = [Diligent(first, hand, PUPILS[0]), Diligent(second, other, PUPILS[1])]
        for desk in desks:
            desk.thread.start()
        for turn in range(3):
            wait_for_receipts(desks, 3 * turn)
            database.stop()
            assert not is_ready(server)
            database.start()
        wait_for_receipts(desks, max(len(desk.receipts) for desk in desks) + 3)
        for desk in desks:
            desk.enough.set()
        for desk in desks:
            desk.thread.join()
            desk.caller.http.close()
        assert is_ready(server)
        lines = lines_of(server)
        assert [line.verdict.number for line in lines] == list(range(1, len(lines) + 1))
        for desk in desks:
            kept = {line.change.id: line.verdict for line in lines if line.change.desk == desk.hand.desk}
            acknowledged = [verdict for receipt in desk.receipts for verdict in receipt.verdicts]
            assert all(kept[verdict.id] == verdict for verdict in acknowledged)
            assert {verdict.outcome for verdict in kept.values()} == {"taken"}


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Give a file system of a few megabytes that PostgreSQL may write to."""
    place = Path(tempfile.mkdtemp(prefix="ejournal-small-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=777", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        place.rmdir()
        pytest.skip("may not mount here")
    place.chmod(0o777)
    (place / "space").mkdir()
    shutil.chown(place / "space", postgres.OWNING_USER, postgres.OWNING_USER)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


def fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_database_without_room_asks_to_come_again_and_goes_on_when_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    with (
        own_database(small_disk / "space") as database,
        served(database, tmp_path / "data") as server,
        contextlib.ExitStack() as server_lines,
    ):
        caller, hand = world.desk_at(server, world.TEACHER)
        server_lines.callback(caller.http.close)
        caller.push(hand.batch(hand.lesson(), hand.column()))
        fill(small_disk / "ballast")
        problem: Problem | None = None
        value: str | None = None
        while problem is None:  # the pages that there are take a few more
            new = "4" if value == "5" else "5"
            batch = hand.batch(hand.mark(PUPILS[0], new, was=value, born=value is None))
            answer = caller.call("POST", "/v1/push", body=wire.encode_batch(batch))
            if answer.status_code == 200:
                value = new
            else:
                problem = wire.decode(Problem, answer.content)
        assert problem.code == "EJ-437"
        assert problem.retry_after
        before = len(lines_of(server))
        assert asked_to_come_again(caller, wire.encode_batch(batch)).code == "EJ-437"
        (small_disk / "ballast").unlink()
        receipt = caller.push(batch)
        assert [verdict.outcome for verdict in receipt.verdicts] == ["taken"]
        lines = lines_of(server)
        assert len(lines) == before + 1
        assert [line.verdict.number for line in lines] == list(range(1, len(lines) + 1))
        wait_until(lambda: is_ready(server), "the server to be ready")
