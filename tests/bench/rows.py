"""A row of figures: measured, put beside its floor, printed and kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

KEPT = Path("build/bench/rows.jsonl")
WIDTHS = (34, 12, 9)


class Row(Struct, frozen=True):
    """One figure.

    Attributes:
        name: stable, for scripts.
        value, unit: what was measured; None when it could not be.
        ratio: value over `against`, both measured in the same run; None where nothing is there to compare with.
        against: what the ratio is to.
        target: what performance should reach, in words.
        note: why there is no figure, or what a reader must know of it.
    """

    name: str
    value: float | None
    unit: str
    ratio: float | None
    against: str = ""
    target: str = ""
    note: str = ""


Bench = Callable[["Amounts"], Iterator[Row]]


class Amounts(Struct, frozen=True):
    """How much of everything is measured."""

    pupils: int = 35
    lessons: int = 80
    marks: int = 200  # keys pressed while idle
    keys: int = 600  # pressed ten a second on a slow disk
    marks_syncing: int = 100  # keys pressed while sync applies pages
    page_opens: int = 20
    block_lessons: int = 40  # of a pasted block
    columns: int = 200  # of the painted grid
    frames: int = 150
    starts: int = 4  # of each program
    cold: bool = True
    changes: int = 10_000  # up and down
    rounds: int = 4  # over which they are spread, floor and subject in turns
    trips: int = 20
    intake: int = 3_000  # changes into a server in this process
    scaled: int = 10_000  # changes up and down, and four and sixteen times as many
    new_desk: int = 6_000  # records that a new desk loads, and four and sixteen times as many
    new_desk_year: int = 350_000
    schools: int = 8  # that push at once
    load: int = 1_500  # changes of each of their desks
    backup_changes: int = 10_000  # of the school that is backed up beside other programs
    backup_kib: int = 32 * 1024  # of its files
    backup_rounds: int = 2
    backup_days: int = 170  # school days of the year that is backed up
    backup_classes: int = 40
    sheets: int = 5
    subjects: int = 18  # of the bound copy
    books: int = 2


FULL = Amounts()
TINY = Amounts(
    pupils=4, lessons=6, marks=3, keys=8, marks_syncing=2, page_opens=2, block_lessons=12, columns=80,
    frames=4, starts=1, cold=False, changes=60, rounds=2, new_desk=50, new_desk_year=50,
    trips=2, intake=60, scaled=20, schools=2, load=40, sheets=1, subjects=2, books=1,
    backup_changes=600, backup_kib=100, backup_rounds=1,
    backup_days=2, backup_classes=2,
)  # fmt: skip


def line(row: Row) -> str:
    """Return the row as printed: name, value, unit, ratio, what it is to."""
    name, value, unit = WIDTHS
    shown = "–" if row.value is None else f"{row.value:,.0f}" if row.value >= 1_000 else f"{row.value:.2f}"
    ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
    rest = [f"× {row.against}"] if row.against else []
    rest += [f"[{row.target}]"] if row.target else []
    rest += [row.note] if row.note else []
    return f"{row.name:<{name}}{shown:>{value}} {row.unit:<{unit}}{ratio:>7} {'  '.join(rest)}".rstrip()


def keep(rows: Sequence[Row], file: Path = KEPT) -> None:
    """Write the rows of a run as JSON lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def cannot(name: str, why: str) -> Row:
    """Return the row of a figure that cannot be had here."""
    return Row(name, None, "", None, note=f"not measured: {why}")


# --- measuring -----------------------------------------------------------------------------------------------------


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(rounds: int, *works: Callable[[], float]) -> tuple[list[float], ...]:
    """Let each work measure itself once a round, A B A B, so that a busy machine slows all of them alike."""
    found: tuple[list[float], ...] = tuple([] for _ in works)
    for _ in range(rounds):
        for times, work in zip(found, works, strict=True):
            times.append(work())
    return found


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` of the values lie, the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return quantile(values, 0.5)
