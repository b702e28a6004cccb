"""A mark: key press → durable commit → cell repainted, against a bare commit of its rows; also while sync works."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from sqlcipher3 import dbapi2

from ejournal_desktop.models.database import create_database
from tests.bench.classroom import Classroom, Painted, classroom, colleague_changes, settle
from tests.bench.rows import Amounts, Bench, Row, median, quantile, seconds


def marks(amounts: Amounts) -> Iterator[Row]:
    """Press keys on an idle desk, then while pages of the log come in."""
    with classroom(amounts.pupils, amounts.lessons) as room:
        twin = Twin(room)
        pairs = [(_press(room, turn), twin.commit_the_same()) for turn in range(amounts.marks)]
        keys, raw = [key for key, _ in pairs], [floor for _, floor in pairs]
        yield Row("mark_key_to_painted_p50", median(keys) * 1e3, "ms", median(keys) / median(raw), "raw commit")
        p99 = quantile(keys, 0.99)
        yield Row("mark_key_to_painted_p99", p99 * 1e3, "ms", p99 / quantile(raw, 0.99), "raw commit", "≤ 3")
        yield Row("mark_raw_commit_p99", quantile(raw, 0.99) * 1e3, "ms", 1.0, "itself")
        settle(room.app)
        grid = room.view.grid
        refresh = median([seconds(grid.refresh) for _ in range(3)])
        yield Row("mark_page_read_again", refresh * 1e3, "ms", refresh / median(raw), "raw commit")
        with Incoming(room):
            busy = [_press(room, turn) for turn in range(amounts.marks_syncing)]
        p95 = quantile(busy, 0.95)
        yield Row("mark_while_sync_p95", p95 * 1e3, "ms", p95 / quantile(keys, 0.95), "idle", "≤ 50 ms")
        twin.close()


def _press(room: Classroom, turn: int) -> float:
    """Give a pupil a mark by one key; return the seconds until it is saved and seen (the sealed copy follows)."""
    view = room.view
    column, present = view.grid.first_column(room.lessons[-1]), _present(room)
    view.set_current(column, present[turn % len(present)])
    settle(room.app, 0.004)
    key = "5" if _holds(room) == "4" else "4"
    painted = Painted(view.viewport())
    began = time.perf_counter()
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, key)
    room.app.sendEvent(view, event)
    while not (painted.count and room.journal.is_saved()):
        room.app.processEvents()
    took = time.perf_counter() - began
    painted.deleteLater()
    assert _holds(room) == key, "the key was not taken"
    room.journal.flush()
    return took


def _present(room: Classroom) -> list[int]:
    """Return the rows of those who were at the last lesson: the absent get no mark."""
    grid = room.view.grid
    column = grid.first_column(room.lessons[-1])
    cells = ((row, grid.cell(column, row)) for row in range(len(grid.pupils)))
    return [row for row, cell in cells if cell is None or not cell.absence]


def _holds(room: Classroom) -> str:
    cell = room.view.grid.cell(*room.view.current)
    return cell.value if cell else ""


class Twin:
    """A file with the same tables, into which a bare connection writes what the desk has just written."""

    def __init__(self, room: Classroom) -> None:
        self._desk = _connect(room.file, room.key)
        path = room.file.with_name("twin.journal")
        create_database(path, room.key).dispose()
        self._raw = _connect(path, room.key)

    def commit_the_same(self) -> float:
        """Write the rows of the newest change in one durable transaction; return the seconds."""
        kind, record, change_id = self._desk.execute(
            "SELECT kind, record, change_id FROM history ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        assert kind == "Mark"
        statements = [
            self._copy("history", "change_id = ?", change_id),
            self._copy("outbox", "change_id = ?", change_id),
            self._copy("shadow", "record = ?", record),
            self._copy("mark", "id = ?", record),
            self._copy("desk", "1 = ?", 1),
        ]

        def commit() -> None:
            self._raw.execute("BEGIN IMMEDIATE")
            for sql, values in statements:
                self._raw.execute(sql, values)
            self._raw.execute("COMMIT")

        return seconds(commit)

    def _copy(self, table: str, where: str, value: object) -> tuple[str, Any]:
        row = self._desk.execute(f"SELECT * FROM {table} WHERE {where}", (value,)).fetchone()
        return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", row

    def close(self) -> None:
        """Let both files go."""
        self._desk.close()
        self._raw.close()


def _connect(path: Path, key: bytes) -> Any:
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class Incoming:
    """Sync at work: one page of 100 changes of a colleague after another, on a thread of its own."""

    def __init__(self, room: Classroom) -> None:
        self._room = room
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Incoming:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        room, number, n = self._room, self._room.journal.cursor + 1, 100_000
        while not self._end.is_set():
            entries = list(colleague_changes(room.school, room.lessons, room.journal.clock(), number - n + 1, n))[:100]
            room.journal.apply(entries, entries[-1].verdict.number)
            number, n = number + len(entries), n + len(entries)


BENCHES: tuple[Bench, ...] = (marks,)
