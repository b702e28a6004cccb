"""Ten thousand changes up and down between a desk and a real server process over TLS, beside the physical floor."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx

from ejournal_core import seal, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import to_fields
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.desks import OpenDesk, caller
from ejournal_desktop.sync.engine import sync_once
from ejournal_desktop.sync.server import SchoolServer
from ejournal_server import admin
from tests.bench.bare_client import BareSync
from tests.bench.lyceum import Edit, classes, enter, term
from tests.bench.rows import Amounts, Bench, Row, in_turns, median, seconds
from tests.together.town import Town

ALL = 10_000_000


class Meetings:
    """One desk with a connection that stays open, as a session holds its meetings."""

    def __init__(self, town: Town, desk: OpenDesk, name: str) -> None:
        workstation = town.workstation(name)
        self.journal: Journal = desk.journal
        self.server: SchoolServer = workstation.connect(caller(desk.journal))
        self._keys = bytes.fromhex(workstation.server_key), workstation.seal_key

    def meet(self) -> None:
        """Meet the server once."""
        sync_once(self.journal, self.server, *self._keys)


def desks(stack: contextlib.ExitStack) -> tuple[Meetings, Meetings, BareSync, Iterator[Edit]]:
    """Give a teacher's and a deputy's desk with a real server process, the bare server, and what the teacher enters."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    town = Town(folder)
    stack.callback(town.close)
    _load_classes(town, folder)
    town.server.start()
    teacher = Meetings(town, town.sit_down("staffroom", town.school.teacher), "staffroom")
    deputy = Meetings(town, town.sit_down("office", town.school.deputy), "office")
    floor = stack.enter_context(BareSync(folder / "floor"))
    for each in (teacher, deputy):
        stack.callback(each.server.close)
    return teacher, deputy, floor, term()


def sync(amounts: Amounts) -> Iterator[Row]:
    """Up in rounds from the teacher's desk, down in the same rounds to the deputy's."""
    with contextlib.ExitStack() as stack:
        teacher, deputy, floor, edits = desks(stack)
        yield from _bulk(teacher, deputy, floor, edits, amounts)
        yield from _trips(teacher, floor, edits, amounts)


def _load_classes(town: Town, folder: Path) -> None:
    file = folder / "classes.jsonl"
    lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in classes())
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    admin.load_records(town.office, file)


def _bulk(
    teacher: Meetings, deputy: Meetings, floor: BareSync, edits: Iterator[Edit], amounts: Amounts
) -> Iterator[Row]:
    whole = amounts.changes // amounts.rounds * amounts.rounds
    times = up_and_down(teacher, deputy, floor, edits, whole, amounts.rounds)
    sent, plain = sum(times["bytes"]), sum(times["plain bytes"])
    for way, target in (("up", "≤ 3"), ("down", "≤ 2.5")):
        ours, bare = sum(times[way]), sum(times[f"bare {way}"])
        yield Row(f"sync_{whole}_{way}", ours, "s", ours / bare, "floor", target, f"{whole / ours:,.0f} changes/s")
        yield Row(f"sync_{whole}_{way}_floor", bare, "s", 1.0, "itself")
    yield Row("bytes_per_change_bulk", sent / whole, "bytes", sent / plain, "the changes' JSON", "≤ 47 bytes")


def up_and_down(
    teacher: Meetings, deputy: Meetings, floor: BareSync, edits: Iterator[Edit], whole: int, rounds: int
) -> dict[str, list[float]]:
    """Bring changes up and down in rounds; return seconds and bytes of each round by what they are of."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        enter(teacher.journal, edits, whole // rounds)
        changes = [each.change for each in teacher.journal.outbox(ALL)]
        assert len(changes) == whole // rounds
        found["bytes"].append(_bytes(teacher.journal))
        found["plain bytes"].append(sum(len(wire.encode(change)) for change in changes))
        found["bare up"].append(seconds(lambda: floor.up(changes)))  # noqa: B023 - called at once
        found["up"].append(seconds(teacher.meet))
        found["bare down"].append(seconds(floor.down))
        found["down"].append(seconds(deputy.meet))
        assert not teacher.journal.outbox(1)
        assert deputy.journal.cursor == teacher.journal.cursor
    return found


def _bytes(journal: Journal, batch: int = wire.BATCH_CHANGES) -> int:
    """Return the bytes of the bodies in which the desk would push what waits."""
    unsent, own = journal.outbox(ALL), journal.identity
    parts = [unsent[start : start + batch] for start in range(0, len(unsent), batch)]
    batches = (seal.sign_batch(own.signing_key, own.school, own.desk_id, part[0].prev, [u.change for u in part])
               for part in parts)  # fmt: skip
    return sum(len(wire.encode_batch(each)) for each in batches)


def _trips(teacher: Meetings, floor: BareSync, edits: Iterator[Edit], amounts: Amounts) -> Iterator[Row]:
    changes: list[Change] = []
    small = plain = 0

    def trip() -> float:
        nonlocal changes, small, plain
        enter(teacher.journal, edits, 50)
        changes = [each.change for each in teacher.journal.outbox(ALL)]
        assert len(changes) == 50
        small += _bytes(teacher.journal)
        plain += sum(len(wire.encode(change)) for change in changes)
        return seconds(teacher.meet)

    ours, bare = in_turns(amounts.trips, trip, lambda: seconds(lambda: floor.up(changes)))
    target = "≤ 6 ms"
    yield Row("sync_50_changes", median(ours) * 1e3, "ms", median(ours) / median(bare), "bare POST of the same", target)
    each = small / amounts.trips / 50
    yield Row("bytes_per_change_of_50", each, "bytes", small / plain, "the changes' JSON", "≤ 60 bytes")
    ours, bare = in_turns(amounts.trips, lambda: seconds(teacher.meet), lambda: seconds(lambda: floor.up([])))
    yield Row(
        "sync_nothing", median(ours) * 1e3, "ms", median(ours) / median(bare), "bare empty POST", "≤ 1 ms of server"
    )
    with _counted() as counts:
        teacher.meet()
    yield Row("sync_nothing_bytes", counts[0], "bytes", counts[0] / 400, "400 bytes", "≤ 1", "bodies only")


@contextlib.contextmanager
def _counted() -> Iterator[list[int]]:
    """Count the bytes of bodies that httpx sends and receives meanwhile."""
    counts, real = [0], httpx.Response.iter_raw

    def counting(response: httpx.Response, chunk_size: int | None = None) -> Iterator[bytes]:
        counts[0] += len(response.request.content)
        for chunk in real(response, chunk_size):
            counts[0] += len(chunk)
            yield chunk

    httpx.Response.iter_raw = counting  # type: ignore[method-assign, assignment]
    try:
        yield counts
    finally:
        httpx.Response.iter_raw = real  # type: ignore[method-assign]


BENCHES: tuple[Bench, ...] = (sync,)
