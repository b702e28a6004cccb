"""What only PostgreSQL has: several schools in one database, parts by school, connections that end, locks that wait."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from ejournal_core import ids, seal
from ejournal_server import delivery, folder, intake, own_lines, scopes, signing
from ejournal_server.folder import Office
from ejournal_server.store import log, records, whole
from ejournal_server.store.database import Store, StoreAway, StoreBusy, StoreUnusable, open_store
from tests.helpers.processes import wait_until
from tests.server import world
from tests.server.world import PUPILS, Hand, SettableClock

pytestmark = pytest.mark.postgres

MARK = ids.mark(world.COLUMN, PUPILS[0])


def found(place: Path, url: str, **settings: int) -> Office:
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    joint = "&" if "?" in url else "?"
    return folder.found(place, world.SCHOOL_NAME, f"{url}{joint}{query}" if query else url, SettableClock())


@pytest.fixture
def two(tmp_path: Path, postgres_url: str) -> Iterator[tuple[Office, Office]]:
    """Give two schools of the same people, classes and pages in one database."""
    with contextlib.ExitStack() as stack:
        offices = [stack.enter_context(contextlib.closing(found(tmp_path / name, postgres_url))) for name in "ab"]
        for office in offices:
            world.settle(office)
        yield offices[0], offices[1]


def at_work(office: Office) -> Hand:
    """Give the teacher's desk with lesson and column delivered."""
    hand = world.new_hand(office, world.TEACHER)
    intake.accept(office.authority, hand.batch(hand.lesson(), hand.column()))
    return hand


def one(office: Office, sql: str) -> Any:
    with office.authority.store.engine.connect() as connection:
        return connection.exec_driver_sql(sql).scalar_one()


# --- several schools -------------------------------------------------------------------------------------------------


def test_two_schools_in_one_database_know_nothing_of_each_other(two: tuple[Office, Office]) -> None:
    hands = [at_work(office) for office in two]
    for hand, office, value in zip(hands, two, ("5", "2"), strict=True):
        intake.accept(office.authority, hand.batch(hand.mark(PUPILS[0], value)))
    for office, hand, value in zip(two, hands, ("5", "2"), strict=True):
        with office.authority.store.read() as tx:
            head = log.read_head(tx)
            lines = log.lines(tx, 0, head.number, 10**6)
            assert [line.verdict.number for line in lines] == list(range(1, head.number + 1))
            assert {line.change.desk for line in lines} == {hand.desk, "server"}
            assert records.fetch(tx, "Mark", [MARK])[MARK].fields["value"] == value
    assert one(two[0], "SELECT count(DISTINCT school) FROM change") == 2


@pytest.mark.logs("batch quarantined")
def test_a_desk_of_one_school_is_a_stranger_to_the_other(two: tuple[Office, Office]) -> None:
    hand = at_work(two[0])
    lost = intake.accept(two[1].authority, hand.batch(hand.mark(PUPILS[0], "5")))
    assert [(verdict.outcome, verdict.number) for verdict in lost.verdicts] == [("quarantined", 0)]
    assert one(two[1], f"SELECT count(*) FROM change WHERE desk = '{hand.desk}' AND school = "
                       f"'{two[1].authority.school}'") == 0  # fmt: skip


def test_a_school_that_writes_makes_no_other_wait(two: tuple[Office, Office]) -> None:
    hand = at_work(two[1])
    with two[0].authority.store.write() as tx:
        log.read_head(tx, lock=True)
        receipt = intake.accept(two[1].authority, hand.batch(hand.mark(PUPILS[0], "5")))  # who waits gets StoreBusy
    assert receipt.verdicts[0].outcome == "taken"


def test_many_schools_write_at_once_and_each_has_its_own_order(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.ExitStack() as stack:
        offices = [stack.enter_context(contextlib.closing(found(tmp_path / str(i), postgres_url))) for i in range(4)]
        failures: list[BaseException] = []
        threads = [threading.Thread(target=_mark_all, args=(office, failures)) for office in offices for _ in range(2)]
        for office in offices:
            world.settle(office)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        for office in offices:
            with office.authority.store.read() as tx:
                head = log.read_head(tx)
                numbers = [line.verdict.number for line in log.lines(tx, 0, 10**9, 10**6)]
            assert numbers == list(range(1, head.number + 1))


def _mark_all(office: Office, failures: list[BaseException]) -> None:
    try:
        hand = at_work(office)
        for value in ("5", "4", "3"):
            for pupil in PUPILS:
                intake.accept(office.authority, hand.batch(hand.mark(pupil, value)))
    except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
        failures.append(error)


def test_schools_founded_at_the_same_moment_make_the_tables_once(tmp_path: Path, postgres_url: str) -> None:
    made: list[Office] = []
    failures: list[BaseException] = []

    def make(name: str) -> None:
        try:
            made.append(found(tmp_path / name, postgres_url))
        except BaseException as error:  # noqa: BLE001 - as above
            failures.append(error)

    threads = [threading.Thread(target=make, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert one(made[0], "SELECT count(*) FROM alembic_version") == 1
    assert one(made[0], "SELECT count(*) FROM school") == 3
    for office in made:
        office.close()


def test_a_database_with_other_schools_is_empty_for_a_new_one(two: tuple[Office, Office]) -> None:
    engine = two[0].authority.store.engine
    with Store(engine, ids.new_id()).read() as tx:
        assert whole.is_empty(tx)
    with two[1].authority.store.read() as tx:
        assert not whole.is_empty(tx)


# --- parts and plans -------------------------------------------------------------------------------------------------

GROWN = """
INSERT INTO change (school, number, desk, n, id, slice, body, prev, hash, outcome, reason, at, leaf, batch, position)
SELECT 'school-' || s, n, 'desk-' || n % 20, n / 20, 'id-' || n, 'page:' || n % 40, '{}', '', '', 'taken', '', '', '',
       'batch-' || n / 500, n % 500
FROM generate_series(1, 40) s, generate_series(1, 4000) n;
INSERT INTO record (school, kind, id, fields, number, desk, author, at, first_at, slice, parent, voided)
SELECT 'school-' || s, (ARRAY['Mark', 'Pupil', 'Lesson'])[1 + n % 3], 'id-' || n, '{}', n, '', '', '', '',
       'page:' || n % 40, 'parent-' || n % 90, false
FROM generate_series(1, 40) s, generate_series(1, 4000) n;
INSERT INTO receipt (school, root, desk, first, last, head, hashes, body)
SELECT 'school-' || s, 'root-' || n, 'desk-' || n % 20, n, n + 500, '{}', '', '{}'
FROM generate_series(1, 40) s, generate_series(1, 1000) n;
INSERT INTO head (school, hash, size, at, body)
SELECT 'school-' || s, 'hash-' || n, n, '', '{}' FROM generate_series(1, 40) s, generate_series(1, 1000) n;
ANALYZE;
"""
GROWING = ("change", "record", "receipt", "head")
_FILLED = "SELECT count(DISTINCT tableoid) FROM change"


def test_no_hot_question_walks_through_a_part_or_looks_into_another_schools(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.closing(found(tmp_path / "a", postgres_url)) as office:
        world.settle(office)
        hand = at_work(office)
        _grow(office)
        asked = _asked(office, hand)
        assert {name for name in GROWING for sql in asked if _reads(sql, name)} == set(GROWING)
        for sql, values in asked.items():
            plan = _generic_plan(office, sql, values)
            parts = set(re.findall(r" on ((?:change|record|receipt|head)_\d\d)", plan))
            assert len(parts) <= sum(_reads(sql, name) for name in GROWING), f"{sql}\n{plan}"
            assert not re.search(r"Seq Scan on (change|record|receipt|head)_", plan), f"{sql}\n{plan}"


def _grow(office: Office) -> None:
    with office.authority.store.engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(GROWN)
    # the school's own id is chance: in a part with nobody else the planner would rightly read the few rows through
    assert one(office, _FILLED) == 16


def _reads(sql: str, table: str) -> bool:
    return bool(re.search(rf"\b(FROM|JOIN) {table}\b", sql))


def _asked(office: Office, hand: Hand) -> dict[str, Any]:
    """Return what the server asks for a push, the same push again, a pull, receipts and a snapshot; with its values."""
    asked: dict[str, Any] = {}
    engine = office.authority.store.engine

    def note(_: object, __: object, sql: str, values: Any, *rest: object) -> None:
        if sql.startswith("SELECT") and any(_reads(sql, name) for name in GROWING):
            asked[sql] = values

    event.listen(engine, "before_cursor_execute", note)
    with office.authority.store.read() as tx:
        hand.head = seal.head_hash(signing.current_head(tx))
    batch = hand.batch(hand.mark(PUPILS[0], "5"), hand.mark(PUPILS[1], "4"))
    for _ in range(2):
        intake.accept(office.authority, batch)
    desk = world.desk_of(office, hand)
    with office.authority.store.read() as tx:
        scope = scopes.scope_of(office.authority, tx, desk.person).fingerprint
    delivery.pull(office.authority, desk, 0, scope)
    delivery.receipts(office.authority, desk, 1)
    event.remove(engine, "before_cursor_execute", note)
    return asked


def _generic_plan(office: Office, sql: str, values: Any) -> str:
    """Return the plan that a prepared statement has in the long run, when it no longer knows its values."""
    with office.authority.store.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            found = cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + sql, values, prepare=True).fetchall()
    lines = [line for (line,) in found]
    return "\n".join(line for line in lines if "never executed" not in line)


def test_rewriting_the_head_row_leaves_the_indexes_alone(two: tuple[Office, Office]) -> None:
    office = two[0]
    hand = at_work(office)
    for i in range(40):
        intake.accept(office.authority, hand.batch(hand.mark(PUPILS[0], str(2 + i % 4), born=i == 0,
                                                             was=str(2 + (i - 1) % 4))))  # fmt: skip
    office.authority.store.engine.dispose()  # a connection that ends writes down its part of the statistics
    for table in ("school", "desk", "record_%%"):
        _see_that_rewriting_stays_in_place(office, table)


def _see_that_rewriting_stays_in_place(office: Office, table: str) -> None:
    def count(of: str) -> int:
        return int(one(office, f"SELECT sum({of}) FROM pg_stat_user_tables WHERE relname LIKE '{table}'") or 0)

    wait_until(lambda: count("n_tup_upd") >= 39, f"the statistics of {table}")
    assert count("n_tup_hot_upd") > 0.8 * count("n_tup_upd"), table


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_lock_that_is_not_given_in_time_is_said_and_nothing_is_kept(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.closing(found(tmp_path / "a", postgres_url, lock_seconds=1)) as office:
        world.settle(office)
        hand = at_work(office)
        batch = hand.batch(hand.mark(PUPILS[0], "5"))
        with office.authority.store.write() as tx:
            log.read_head(tx, lock=True)
            with pytest.raises(StoreBusy) as busy:
                intake.accept(office.authority, batch)
        assert busy.value.code == "EJ-435"
        assert busy.value.details["retry_after"] == 5
        assert intake.accept(office.authority, batch).verdicts[0].outcome == "taken"


def test_a_pool_that_is_used_up_is_said(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.closing(found(tmp_path / "a", postgres_url, connections=1, lock_seconds=1)) as office:
        with office.authority.store.read(), pytest.raises(StoreBusy):
            world.desk_of(office, Hand(office.authority.school, "no", "no", b""))
        with office.authority.store.read() as tx:
            assert log.read_head(tx).number == 0


def test_a_statement_that_takes_too_long_is_ended(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.closing(found(tmp_path / "a", postgres_url, statement_seconds=1)) as office:
        store = office.authority.store
        with pytest.raises(StoreBusy), store.read() as tx:
            tx.run(sa.text("SELECT pg_sleep(30)"))


def test_connections_that_the_database_has_ended_cost_no_push(two: tuple[Office, Office]) -> None:
    hand = at_work(two[0])
    _end_connections(two)
    assert intake.accept(two[0].authority, hand.batch(hand.mark(PUPILS[0], "5"))).verdicts[0].outcome == "taken"


def test_a_connection_that_ends_in_the_middle_of_a_push_leaves_nothing(two: tuple[Office, Office]) -> None:
    with two[0].authority.store.read() as tx:
        before = log.read_head(tx)
    with pytest.raises(StoreAway) as away:
        _write_and_lose_the_database(two)
    assert away.value.code == "EJ-436"
    with two[0].authority.store.read() as tx:
        assert log.read_head(tx) == before


def _write_and_lose_the_database(two: tuple[Office, Office]) -> None:
    with two[0].authority.store.write() as tx:
        own_lines.write_own(two[0].authority, tx, [own_lines.Wish("Subject", "physics", {"title": "Физика"})])
        _end_connections(two)
        log.read_head(tx)


def _end_connections(two: tuple[Office, Office]) -> None:
    with two[1].authority.store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                   "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip


def test_a_line_that_is_there_already_fails_the_whole_copy(two: tuple[Office, Office]) -> None:
    hand = at_work(two[0])
    with two[0].authority.store.read() as tx:
        lines = log.lines(tx, 0, 10**9, 10**6)
    assert lines
    with pytest.raises(Exception, match="duplicate key"), two[0].authority.store.write() as tx:
        log.append(tx, lines[-1:])
    assert intake.accept(two[0].authority, hand.batch(hand.mark(PUPILS[0], "5"))).verdicts[0].outcome == "taken"


@pytest.mark.parametrize("query", ["connections=0", "lock_seconds=soon", "connections=-3"])
def test_a_setting_that_is_no_number_is_refused(tmp_path: Path, postgres_url: str, query: str) -> None:
    joint = "&" if "?" in postgres_url else "?"
    with pytest.raises(StoreUnusable, match="not an address"):
        open_store(f"{postgres_url}{joint}{query}", tmp_path / "none", bytes(32), "school")
