"""A deputy's new desk: a whole school over TLS from a real server process, beside raw inserts of the same rows."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlcipher3 import dbapi2

from ejournal_core import ids, seal
from ejournal_core.kinds import (
    Attendance,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    Record,
    Subject,
    TeachingLoad,
    to_fields,
)
from ejournal_desktop.models.database import create_database
from ejournal_desktop.models.desk import create_journal
from ejournal_desktop.models.state import Identity
from ejournal_desktop.sync import holding
from ejournal_desktop.sync.server import Identity as Caller
from ejournal_desktop.sync.server import SchoolServer
from ejournal_server import admin, folder
from ejournal_server.folder import Office
from ejournal_server.store import records, slices
from ejournal_server.store.records import Row as Stored
from tests.bench.rows import Amounts, Bench, Row, seconds
from tests.helpers.certified import certify
from tests.helpers.school import NOW, Clock, SmallSchool, small_school
from tests.together.town import Server

TIMES = (1, 4, 16)
LESSONS_OF_PAGE = 80
RECORDS_OF_LESSON = 25  # a lesson, a column, 20 marks, 3 absences
AT_ONCE = 5_000


def new_desk(amounts: Amounts) -> Iterator[Row]:
    """Once, four and sixteen times a base of records: how time grows, and that memory does not."""
    yield from measured("new_desk", amounts.new_desk, TIMES)


def measured(name: str, base: int, times: Sequence[int]) -> Iterator[Row]:
    """Load schools of so many times the base, each with the rows of its figures."""
    first = 0.0
    for each in times:
        with contextlib.ExitStack() as stack:
            one = _Loaded(stack, base * each)
        first = first or one.seconds
        note = f"{one.records:,} records, {one.records / one.seconds:,.0f}/s"
        yield Row(f"{name}_{each}", one.seconds, "s", one.seconds / one.bare, "raw inserts", "≤ 6", note)
        if each > 1:
            grown = one.seconds / first
            yield Row(f"{name}_{each}_growth", grown, "times", grown / each, f"{each} times the work", "≤ 1.2")
        yield Row(f"{name}_{each}_desk_memory", one.desk_memory, "MiB", one.desk_memory / one.empty, "before", "flat")
        yield Row(
            f"{name}_{each}_server_memory", one.server_memory, "MiB", one.server_memory / one.idle, "before", "flat"
        )


class _Loaded:
    """A school of so many records, loaded by a new desk; memory is the largest resident set."""

    def __init__(self, stack: contextlib.ExitStack, count: int) -> None:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        school, pages = small_school(30), max(1, count // (LESSONS_OF_PAGE * RECORDS_OF_LESSON))
        office = folder.found(root / "server", "Школа № 1", None, lambda: NOW)
        stack.callback(office.close)
        self.records = fill_pages(office, root, school, pages)
        server = Server(root / "server", NOW + timedelta(seconds=2))
        server.start()
        stack.callback(server.stop)
        self.idle, self.empty = _largest(server.process), _largest(None)
        desk = _Desk(office, root, school, server)
        stack.callback(desk.close)
        self.seconds = seconds(desk.load)
        self.server_memory, self.desk_memory = _largest(server.process), _largest(None)
        self.bare = _raw(root, desk)


def _largest(process: subprocess.Popen[bytes] | None) -> float:
    """Return the largest resident set of a process so far, of this one when none is given, in MiB."""
    status = Path(f"/proc/{process.pid if process else 'self'}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


# --- the school ------------------------------------------------------------------------------------------------------


def fill_pages(office: Office, root: Path, school: SmallSchool, pages: int) -> int:
    """Give the school so many pages with 2,000 records each; return how many records there are in all."""
    directory: list[Record] = [*school.records]
    for number in range(pages):
        subject = Subject(id=f"s-{number:04}", title=f"Предмет {number}")
        page = JournalPage(id=ids.journal_page(subject.id, school.class_group), subject_id=subject.id,
                           class_group_id=school.class_group)  # fmt: skip
        load = TeachingLoad(id=f"l-{number:04}", journal_page_id=page.id, person_id=school.teacher, since=NOW.date())
        directory += [subject, page, load]
    file = root / "school.jsonl"
    lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in directory)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    admin.load_records(office, file)
    for number in range(pages):
        page_id = ids.journal_page(f"s-{number:04}", school.class_group)
        rows = [_stored(record, page_id) for record in _page(page_id, school)]
        with office.authority.store.write() as tx:  # records alone: the log behind them is another row's affair
            records.put(tx, rows)
            slices.move(tx, [(f"page:{page_id}", 1)])
    return len(directory) + pages * LESSONS_OF_PAGE * RECORDS_OF_LESSON


def _page(page_id: str, school: SmallSchool) -> Iterator[Record]:
    for number in range(LESSONS_OF_PAGE):
        day = date(2026, 9, 1) + timedelta(days=number)
        lesson = Lesson(id=ids.lesson(page_id, day, 2), journal_page_id=page_id, held_on=day, lesson_number=2,
                        held=True, topic=f"Тема урока {number}", homework="§ 4, № 82–87")  # fmt: skip
        column = MarkColumn(id=ids.mark_column(lesson.id, "oral", 1), lesson_id=lesson.id, work_kind_id="oral")
        yield lesson
        yield column
        for pupil in school.pupils[:20]:
            yield Mark(id=ids.mark(column.id, pupil), mark_column_id=column.id, pupil_id=pupil, value="4")
        for pupil in school.pupils[20:23]:
            yield Attendance(id=ids.attendance(lesson.id, pupil), lesson_id=lesson.id, pupil_id=pupil,
                             presence="absent")  # fmt: skip


def _stored(record: Record, page_id: str) -> Stored:
    at = NOW.isoformat(timespec="seconds")
    return Stored(type(record).__name__, record.id, to_fields(record), 1, "d", "p-teacher", at, at,
                  f"page:{page_id}", False)  # fmt: skip


# --- the desk --------------------------------------------------------------------------------------------------------


class _Desk:
    """A certified desk that holds nothing yet, and its line to the server."""

    def __init__(self, office: Office, root: Path, school: SmallSchool, server: Server) -> None:
        key = seal.new_signing_key()
        desk = certify(office.authority, school.deputy, seal.signing_public_key(key))
        self.path, self.key = root / "new.journal", os.urandom(32)
        identity = Identity(desk, school.deputy, "Громова", office.authority.school, key)
        self.journal = create_journal(self.path, self.key, identity, clock=Clock(NOW))
        self._server_key = bytes.fromhex(office.authority.keys.signing_public)
        self.server = SchoolServer(server.address, office.ca_pem, Caller(f"desk:{desk}", key))

    def load(self) -> None:
        """Load everything that the deputy may see."""
        holding.follow_scope(self.journal, self.server, self._server_key)

    def close(self) -> None:
        """End it."""
        self.server.close()
        self.journal.close()


# --- the floor -------------------------------------------------------------------------------------------------------


def _raw(root: Path, desk: _Desk) -> float:
    """Insert the loaded desk's rows into the same tables of a fresh encrypted file; return seconds."""
    create_database(root / "raw.journal", desk.key).dispose()
    target = dbapi2.connect(str(root / "raw.journal"), isolation_level=None)
    for pragma in (f"key = \"x'{desk.key.hex()}'\"", "journal_mode = WAL", "synchronous = FULL"):
        target.execute(f"PRAGMA {pragma}")
    with desk.journal.reading() as connection:
        spent = sum(_raw_table(target, connection, table) for table in ("lesson", "mark_column", "mark", "attendance"))
    target.close()
    return spent


def _raw_table(target: dbapi2.Connection, connection: sa.Connection, table: str) -> float:
    found, spent = connection.exec_driver_sql(f"SELECT * FROM {table}"), 0.0
    while rows := [tuple(row) for row in found.fetchmany(AT_ONCE)]:
        spent += seconds(lambda: _insert(target, table, rows))
    return spent


def _insert(target: dbapi2.Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    target.execute("BEGIN")
    target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    target.execute("COMMIT")


BENCHES: tuple[Bench, ...] = (new_desk,)
