"""Thirty desks that are away for days and meet again: clashes in a known share of the cells, and what a year leaves."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psutil
from msgspec import Struct

from ejournal_core import ids
from ejournal_desktop.models.commands.marks import put_mark
from tests.campaigns.checker import Checker
from tests.campaigns.ledger_copy import ACCEPTED, Line, Raw, lines_of
from tests.campaigns.play import come_to_rest
from tests.campaigns.roster import SCHOOL, TEACHERS
from tests.campaigns.story import Plan, Step
from tests.campaigns.world import Seat, World, living

DESKS = 30
OVERLAP = 0.02

#: Teachers of algebra, whose page all of them may keep: the ones who can clash.
KEEPERS = frozenset((SCHOOL.teacher, SCHOOL.colleague, *(t for i, t in enumerate(TEACHERS) if i % 6 != 5)))


class Size(Struct, frozen=True):
    """What a day leaves behind: changes in the log, bytes of the process, of the store and of all desks together."""

    day: int
    changes: int
    memory: int
    store: int
    desks: int


class Outcome(Struct, frozen=True):
    """How a time of long partitions ended."""

    broken: tuple[str, ...]
    cells: int
    shared: int
    clashes: int
    listed: int
    sizes: tuple[Size, ...]


def live(seed: int, days: int, entries: int = 20, longest_away: int = 1, measure_every: int = 10) -> Outcome:
    """Let 30 desks enter marks for so many school days, each away for up to `longest_away` days.

    Two in a hundred cells are entered by two people, each with a value of their own.
    """
    plan = Plan(seed, tuple(range(DESKS)), loss=0.0, beside=0.0, faults=False)
    with living(plan, DESKS, open_policy=True) as world:
        world.calm = True
        checker = Checker(world)
        draw = random.Random(f"year {seed}")
        sizes = [size for day in range(days) if (size := _day(world, draw, day, entries, longest_away, measure_every))]
        come_to_rest(world)
        sizes.append(_size(world, days))
        broken = checker.at_the_end()
        with Raw(world.ground.server_disk.path, world.ground.store_key) as raw:
            return _outcome(broken, lines_of(raw), raw, tuple(sizes))


def _day(
    world: World, draw: random.Random, day: int, entries: int, longest_away: int, measure_every: int
) -> Size | None:
    world.begin(Step(day + 1, 0, "day", 0, 0, 0, 86_400 if day else 0))
    keepers = [seat for seat in world.seats if seat.person in KEEPERS]
    for number in range(entries):
        for place, seat in enumerate(keepers):
            cell = _cell(day, place, number)
            _enter(world, draw, seat, cell)
            if draw.random() < OVERLAP:
                _enter(world, draw, draw.choice(keepers), cell)
    order = list(world.seats)
    draw.shuffle(order)
    for seat in order:
        if draw.randrange(longest_away) == 0:
            seat.meet()
    return _size(world, day) if day % measure_every == 0 else None


def _enter(world: World, draw: random.Random, seat: Seat, cell: tuple[str, str]) -> None:
    lesson, pupil = cell
    seat.do(put_mark, lesson, None, pupil, draw.choice("2345"))
    world.now += timedelta(seconds=1)


def _cell(day: int, place: int, number: int) -> tuple[str, str]:
    """Return lesson and pupil: each desk has lessons of its own every day."""
    on = date(2026, 9, 1) + timedelta(days=day)
    pupils = SCHOOL.pupils
    lesson = ids.lesson(SCHOOL.page, on, 1 + place * 10 + number // len(pupils))
    return lesson, pupils[number % len(pupils)]


def _size(world: World, day: int) -> Size:
    with world.office.authority.store.read() as tx:
        number = tx.connection.exec_driver_sql("SELECT number FROM school").scalar_one()
    store = world.ground.server_disk.path
    return Size(day, number, psutil.Process().memory_info().rss, _bytes(store), sum(map(_bytes, _desk_files(world))))


def _desk_files(world: World) -> Iterator[Path]:
    return (seat.disk.path for seat in world.seats)


def _bytes(path: Path) -> int:
    return path.stat().st_size


# --- clashes -------------------------------------------------------------------------------------------------------


def _outcome(broken: list[str], lines: list[Line], raw: Raw, sizes: tuple[Size, ...]) -> Outcome:
    of_cell: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.body["kind"] == "Mark":
            of_cell[line.body["record"]].append(line)
    shared = {cell: found for cell, found in of_cell.items() if len({line.body["author"] for line in found}) > 1}
    clashing = {line.number for found in shared.values() for line in clashes(found)}
    listed = {row["number"] for row in raw.rows("SELECT number FROM dispute WHERE kind = 'Mark'")}
    wrong = [f"I3: the clash at {number} was not listed" for number in sorted(clashing - listed)]
    return Outcome((*broken, *wrong), len(of_cell), len(shared), len(clashing), len(listed), sizes)


def clashes(lines: list[Line]) -> Iterator[Line]:
    """Yield the changes of one cell that wanted another value than stood there and had not seen it."""
    standing: object = None
    for line in lines:
        seen, wanted = line.body["was"].get("value"), line.body["set"].get("value")
        if standing not in (seen, wanted):
            yield line
        elif line.outcome in ACCEPTED:
            standing = wanted


def per_change(sizes: tuple[Size, ...]) -> list[float]:
    """Return the bytes that store and desks grew by per change, between the measurements."""
    return [
        (b.store + b.desks - a.store - a.desks) / max(1, b.changes - a.changes) for a, b in itertools.pairwise(sizes)
    ]
