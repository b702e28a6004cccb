"""Open a full page: from the click until it is painted, against the bare queries for the same rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from sqlcipher3 import dbapi2

from tests.bench.classroom import Classroom, Painted, classroom, settle, until
from tests.bench.rows import Amounts, Bench, Row, in_turns, median, quantile, seconds

#: Tables whose rows carry the page's id in front of their own.
TABLES = ("lesson", "mark_column", "mark", "attendance", "period_mark")


def page_open(amounts: Amounts) -> Iterator[Row]:
    """Open the page of algebra coming from another one."""
    with classroom(amounts.pupils, amounts.lessons) as room:
        raw = _raw(room)
        low, high = f"{room.school.page}.", f"{room.school.page}/"

        def query() -> None:
            for table in TABLES:
                raw.execute(f"SELECT * FROM {table} WHERE id > ? AND id < ?", (low, high)).fetchall()
            raw.execute("SELECT * FROM history WHERE record > ? AND record < ?", (low, high)).fetchall()

        ours, floor = in_turns(amounts.page_opens, lambda: _open(room), lambda: seconds(query))
        raw.close()
        target = "≤ 60 ms, ≤ 3"
        yield Row("page_open_p50", median(ours) * 1e3, "ms", median(ours) / median(floor), "raw query", target)
        p95 = quantile(ours, 0.95)
        yield Row("page_open_p95", p95 * 1e3, "ms", p95 / quantile(floor, 0.95), "raw query")


def _open(room: Classroom) -> float:
    screen = room.screen
    screen.open_page(room.school.english)
    until(room.app, lambda: not screen.is_opening)
    settle(room.app, 0.05)
    painted = Painted(room.view.viewport())
    began = time.perf_counter()
    screen.open_page(room.school.page)
    until(room.app, lambda: not screen.is_opening)
    while not painted.count:
        room.app.processEvents()
    took = time.perf_counter() - began
    painted.deleteLater()
    return took


def _raw(room: Classroom) -> Any:
    connection = dbapi2.connect(str(room.file), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{room.key.hex()}'\"")
    return connection


BENCHES: tuple[Bench, ...] = (page_open,)
