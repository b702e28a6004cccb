"""Many schools of a region in one PostgreSQL, pushing at once into one, two and four workers.

A worker is a process that takes bodies of pushes as they travel through the whole pipeline: unpack, verify, judge,
number, keep durably, sign, answer. Desks of one school may meet in different workers and then queue at its head row.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec
from msgspec import Struct

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change
from ejournal_server import folder, intake
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.bench.lyceum import classes
from tests.bench.rows import Amounts, Bench, Row, cannot, quantile
from tests.bench.server_intake import entered_changes, load
from tests.helpers import postgres
from tests.helpers.school import NOW, SmallSchool, small_school

WORKERS = (1, 2, 4)
DESKS = 2  # of each school, of one person
_spawn = multiprocessing.get_context("spawn")


class Task(Struct, frozen=True):
    """Bodies that one desk pushes, in order, and the data folder of its school."""

    school: Path
    bodies: list[bytes]


class Took(Struct, frozen=True):
    """What a worker did: seconds of each push, and its processor's seconds."""

    pushes: list[float]
    cpu: float


class Region(Struct, frozen=True):
    """A database with schools, each time fresh ones, and what their teachers enter."""

    place: Path
    database: str
    school: SmallSchool
    changes: list[Change]

    def tasks(self, name: str, schools: int) -> list[Task]:
        """Found so many schools and return what their desks push."""
        found = []
        for number in range(schools):
            data = self.place / f"{name}-{number}"
            office = folder.found(data, "Школа", self.database, lambda: NOW)
            with contextlib.closing(office):
                load(office, self.school, self.place)
                found += [Task(data, list(_bodies(office, self.school, part))) for part in _parts(self.changes)]
        return found


def _parts(changes: Sequence[Change]) -> list[list[Change]]:
    """Share the work out by classes, so that each desk's changes stand by themselves."""
    half = len(changes) // DESKS
    cut = next(
        (i for i, change in enumerate(changes) if i >= half and change.kind == "Lesson" and not change.was), half
    )
    return [list(changes[:cut]), list(changes[cut:])]


def _bodies(office: Office, school: SmallSchool, changes: Sequence[Change]) -> Iterator[bytes]:
    """Yield the pushes of a new desk that enters these changes."""
    key, desk, at = seal.new_signing_key(), ids.new_id(), stamp(NOW)
    public = seal.signing_public_key(key).hex()
    with office.authority.store.write() as tx:
        people.add_desk(tx, people.Desk(id=desk, person=school.teacher, public_key=public, at=at))
    own = [msgspec.structs.replace(change, id=ids.new_id(), desk=desk, n=n, head="") for n, change in
           enumerate(changes, 1)]  # fmt: skip
    prev = ""
    for start in range(0, len(own), wire.BATCH_CHANGES):
        part = own[start : start + wire.BATCH_CHANGES]
        hashes = seal.chain(prev, part)
        yield wire.encode_batch(seal.sign_batch(key, office.authority.school, desk, prev, part, hashes))
        prev = hashes[-1].hex()


def work(database: str, tasks: Sequence[Task], ready: Barrier) -> Took:
    """Take the tasks' pushes in turns, as they would come over the network."""
    with contextlib.ExitStack() as stack:
        offices = {
            task.school: stack.enter_context(contextlib.closing(folder.open_office(task.school, database, lambda: NOW)))
            for task in tasks
        }
        ready.wait()
        pushes: list[float] = []
        cpu = time.process_time()
        for turn in range(max(len(task.bodies) for task in tasks)):
            for task in tasks:
                if turn < len(task.bodies):
                    pushes.append(_push(offices[task.school], task.bodies[turn]))
        return Took(pushes, time.process_time() - cpu)


def _push(office: Office, body: bytes) -> float:
    began = time.perf_counter()
    receipt = intake.accept(office.authority, wire.decode_batch(body))
    wire.encode(receipt)
    seconds = time.perf_counter() - began
    assert all(verdict.outcome == "taken" for verdict in receipt.verdicts)
    return seconds


def _worker(database: str, tasks: Sequence[Task], ready: Barrier, answer: multiprocessing.SimpleQueue[Took]) -> None:
    answer.put(work(database, tasks, ready))


def _run(database: str, tasks: Sequence[Task], workers: int) -> tuple[float, list[Took]]:
    """Share the tasks out and return the seconds from the first push to the last, and what each worker did."""
    ready, answers = _spawn.Barrier(workers + 1), _spawn.SimpleQueue()
    processes = [
        _spawn.Process(target=_worker, args=(database, tasks[i::workers], ready, answers)) for i in range(workers)
    ]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    took = [answers.get() for _ in processes]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    return seconds, took


def region(amounts: Amounts) -> Iterator[Row]:
    """Let the desks of all schools push at once into more and more workers."""
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(postgres.cluster(durable=True))
        except (OSError, subprocess.SubprocessError, LookupError, StopIteration) as error:
            yield cannot("load_1_worker", f"PostgreSQL cannot be started here ({type(error).__name__})")
            return
        url = stack.enter_context(postgres.fresh_database(address))
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        school = small_school(extra=classes())
        made = Region(place, url, school, entered_changes(school, place, amounts.load * DESKS))
        alone = 0.0
        for workers in WORKERS:
            tasks = made.tasks(f"w{workers}", amounts.schools)
            changes = amounts.load * DESKS * amounts.schools
            seconds, took = _run(url, tasks, workers)
            speed = changes / seconds
            alone = alone or speed
            yield from _rows(workers, amounts, speed, alone, took, changes)


def _rows(
    workers: int, amounts: Amounts, speed: float, alone: float, took: Sequence[Took], changes: int
) -> Iterator[Row]:
    name = f"load_{workers}_worker" + ("s" if workers > 1 else "")
    pushes = [each for worker in took for each in worker.pushes]
    what = f"{amounts.schools} schools × {DESKS} desks, {speed / workers:,.0f} a worker"
    yield Row(f"{name}_changes", speed, "a second", speed / alone, "one worker", "≥ 8,000/s a worker", what)
    yield Row(f"{name}_push_p50", quantile(pushes, 0.5) * 1e3, "ms", None, "", "", "a push of up to 500 changes")
    yield Row(f"{name}_push_p99", quantile(pushes, 0.99) * 1e3, "ms", None, "", "≤ 150 ms")
    cpu = sum(worker.cpu for worker in took)
    yield Row(f"{name}_cpu", cpu / changes * 1e6, "µs", None, "", "", "of a worker's processor a change, database not "
              "counted")  # fmt: skip


BENCHES: tuple[Bench, ...] = (region,)
