"""The same work once, four times and sixteen times: what each part of it costs must not grow with the whole."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Amounts, Bench, Row
from tests.bench.server_intake import postgres_and_raw, raw_file, taken
from tests.bench.sync_bulk import desks, up_and_down

TIMES = (1, 4, 16)


def sync(amounts: Amounts) -> Iterator[Row]:
    """Up from the teacher's desk and down to the deputy's, beside the physical floor."""
    first: dict[str, float] = {}
    for times in TIMES:
        changes = amounts.scaled * times
        with contextlib.ExitStack() as stack:
            teacher, deputy, floor, edits = desks(stack)
            spent = up_and_down(teacher, deputy, floor, edits, changes, rounds=1)
        for way, target in (("up", "≤ 3"), ("down", "≤ 2.5")):
            each = sum(spent[way]) / changes
            growth = each / first.setdefault(way, each)
            bare = sum(spent[f"bare {way}"])
            yield Row(f"scale_{changes}_{way}", sum(spent[way]), "s", sum(spent[way]) / bare, "floor", target,
                      f"{each * 1e6:,.0f} µs a change, {growth:.2f} of the first")  # fmt: skip
            yield Row(
                f"scale_{changes}_{way}_growth", growth, "times", growth, f"a change of {amounts.scaled}", "≤ 1.2"
            )


def server(amounts: Amounts) -> Iterator[Row]:
    """Into the embedded store and into PostgreSQL."""
    for times in TIMES:
        changes = amounts.intake * times
        with tempfile.TemporaryDirectory() as place:
            ours, bare = taken(Path(place), None, changes, raw_file(Path(place)))
        yield _speed("file", changes, ours, bare)
    with contextlib.ExitStack() as stack:
        for times in TIMES:
            changes = amounts.intake * times
            url, raw = postgres_and_raw(stack)
            ours, bare = taken(Path(stack.enter_context(tempfile.TemporaryDirectory())), url, changes, raw)
            yield _speed("postgres", changes, ours, bare)


def _speed(store: str, changes: int, ours: list[float], bare: list[float]) -> Row:
    name = f"scale_{store}_{changes}"
    return Row(name, changes / sum(ours), "a second", sum(ours) / sum(bare), "raw inserts", "≥ 8,000/s a worker")


BENCHES: tuple[Bench, ...] = (sync, server)
