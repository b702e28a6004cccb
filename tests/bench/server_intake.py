"""The server's pipeline in one process, batch after batch: verify, judge, number, keep, sign; against raw inserts."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlcipher3 import dbapi2

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import to_fields
from ejournal_core.wire import Batch
from ejournal_desktop.models.desk import create_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.loading import load_whole
from ejournal_desktop.models.state import Identity
from ejournal_server import admin, folder, intake
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.bench.lyceum import classes, enter, term
from tests.bench.rows import Amounts, Bench, Row, cannot, quantile, seconds
from tests.helpers import postgres
from tests.helpers.school import NOW, Clock, SmallSchool, small_school, snapshot_lines

KEEP = "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
TABLE = (
    "CREATE TABLE change (number BIGINT PRIMARY KEY, id TEXT UNIQUE, desk TEXT, n BIGINT, body TEXT, "
    "prev TEXT, hash TEXT, leaf TEXT)"
)


def into_the_file(amounts: Amounts) -> Iterator[Row]:
    """Take a teacher's week into the embedded store."""
    with tempfile.TemporaryDirectory() as place:
        yield from _intake("server_file", Path(place), None, amounts, raw_file(Path(place)))


def into_postgres(amounts: Amounts) -> Iterator[Row]:
    """Take the same week into PostgreSQL."""
    with contextlib.ExitStack() as stack:
        try:
            url, raw = postgres_and_raw(stack)
        except (OSError, subprocess.SubprocessError, LookupError, StopIteration) as error:
            yield cannot("server_postgres", f"PostgreSQL cannot be started here ({type(error).__name__})")
            return
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield from _intake("server_postgres", place, url, amounts, raw)


def postgres_and_raw(stack: contextlib.ExitStack) -> tuple[str, Callable[[list[Any]], float]]:
    """Give the address of an empty database that waits for its disk, and raw inserts into another one beside it.

    Raises:
        OSError, SubprocessError, LookupError, StopIteration: PostgreSQL is not here.
    """
    address = stack.enter_context(postgres.cluster(durable=True))
    url = stack.enter_context(postgres.fresh_database(address))
    raw = stack.enter_context(psycopg.connect(address, autocommit=True))
    raw.execute(TABLE)
    return url, _raw_postgres(raw)


def _intake(
    name: str, place: Path, url: str | None, amounts: Amounts, raw: Callable[[list[Any]], float]
) -> Iterator[Row]:
    ours, bare = taken(place, url, amounts.intake, raw)
    speed = amounts.intake / sum(ours)
    target = "≥ 8,000/s a worker"
    yield Row(f"{name}_changes", speed, "a second", sum(ours) / sum(bare), "raw inserts", target)
    worst = quantile(ours, 0.99)
    yield Row(f"{name}_batch_p99", worst * 1e3, "ms", worst / quantile(bare, 0.99), "raw inserts", "≤ 150 ms",
              f"batches of {min(amounts.intake, wire.BATCH_CHANGES)}")  # fmt: skip


def taken(
    place: Path, url: str | None, changes: int, raw: Callable[[list[Any]], float]
) -> tuple[list[float], list[float]]:
    """Take so many changes into a new school, batch by batch, raw inserts in turns; return the seconds of each."""
    office = folder.found(place / "server", "Школа № 1", url, lambda: NOW)
    with contextlib.closing(office):
        school = small_school(extra=classes())
        load(office, school, place)
        batches = week_of_batches(office, school, place, changes)
        ours: list[float] = []
        bare: list[float] = []
        for batch in batches:
            rows = _rows(batch)
            bare.append(raw(rows))
            ours.append(seconds(lambda: intake.accept(office.authority, batch)))  # noqa: B023 - called at once
    return ours, bare


def load(office: Office, school: SmallSchool, place: Path) -> None:
    """Load the school's records through a record file."""
    file = place / "school.jsonl"
    lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in school.records)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    admin.load_records(office, file)


def week_of_batches(office: Office, school: SmallSchool, place: Path, changes: int) -> list[Batch]:
    """Return the batches of a certified desk on which the teacher entered so much."""
    identity = Identity(ids.new_id(), school.teacher, "Иванова Мария", office.authority.school, seal.new_signing_key())
    row = people.Desk(id=identity.desk_id, person=school.teacher,
                      public_key=seal.signing_public_key(identity.signing_key).hex(), at=stamp(NOW))  # fmt: skip
    with office.authority.store.write() as tx:
        people.add_desk(tx, row)
    with _desk(place, identity, school, changes) as journal:
        return list(_batches(journal))


def entered_changes(school: SmallSchool, place: Path, number: int) -> list[Change]:
    """Return so many changes of the teacher, made at some desk."""
    identity = Identity(ids.new_id(), school.teacher, "Иванова Мария", "school-1", seal.new_signing_key())
    with _desk(place, identity, school, number) as journal:
        return [each.change for each in journal.outbox(10_000_000)]


@contextlib.contextmanager
def _desk(place: Path, identity: Identity, school: SmallSchool, changes: int) -> Iterator[Journal]:
    journal = create_journal(place / "desk.journal", os.urandom(32), identity, clock=Clock(NOW))
    load_whole(journal, 1, snapshot_lines(school.records, 1), scope="all")
    enter(journal, term(), changes)
    yield journal
    journal.close()


def _batches(journal: Journal) -> Iterator[Batch]:
    unsent, own = journal.outbox(10_000_000), journal.identity
    for start in range(0, len(unsent), wire.BATCH_CHANGES):
        part = unsent[start : start + wire.BATCH_CHANGES]
        yield seal.sign_batch(own.signing_key, own.school, own.desk_id, part[0].prev, [each.change for each in part])


def _rows(batch: Batch) -> list[Any]:
    hashes = seal.chain(batch.head.prev, batch.changes)
    return [
        (
            change.n,
            change.id,
            change.desk,
            change.n,
            wire.encode(change).decode(),
            hash_.hex(),
            hash_.hex(),
            hash_.hex(),
        )
        for change, hash_ in zip(batch.changes, hashes, strict=True)
    ]


def raw_file(place: Path) -> Callable[[list[Any]], float]:
    connection = dbapi2.connect(str(place / "raw.db"), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{os.urandom(32).hex()}'\"")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(TABLE)

    def insert(rows: list[Any]) -> float:
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(KEEP, rows)
        connection.execute("COMMIT")
        return time.perf_counter() - began

    return insert


def _raw_postgres(connection: psycopg.Connection[Any]) -> Callable[[list[Any]], float]:
    def insert(rows: list[Any]) -> float:
        began = time.perf_counter()
        with connection.transaction(), connection.cursor() as cursor, cursor.copy("COPY change FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return time.perf_counter() - began

    return insert


BENCHES: tuple[Bench, ...] = (into_the_file, into_postgres)
