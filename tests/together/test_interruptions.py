"""Lost answers, pulled plugs and killed processes, against the real server process: nothing is lost, nothing doubled.

`CUT_EVERY=1` cuts the wire at every single byte; `KILLS` and `KILL_SEED` say how often and when processes are killed.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator

import msgspec
import pytest

from ejournal_core import ids
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.server import ServerAway
from tests.helpers.chaos import Log, violations, who_sees_what
from tests.helpers.processes import start_bound
from tests.helpers.proxy import Wire
from tests.helpers.school import NOW
from tests.together.town import PASSWORD, Town, Watched, batch_of, mark_on

CUT_EVERY = int(os.environ.get("CUT_EVERY", "151"))
KILLS = int(os.environ.get("KILLS", "12"))
SEED = int(os.environ.get("KILL_SEED", "2026"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give one school for all these stories."""
    with Town(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def teacher(town: Town) -> Watched:
    return town.watch("staffroom", town.school.teacher)


@pytest.fixture(scope="module")
def colleague(town: Town) -> Watched:
    return town.watch("classroom", town.school.colleague)


def broken(town: Town, *watched: Watched) -> list[str]:
    """Return what is broken after everybody has met the server twice."""
    for _ in range(2):
        for each in watched:
            town.meet(each.desk, each.place)
    return violations(town.office, watched, who_sees_what(town.school))


def test_the_same_batch_again_gets_the_same_receipt(town: Town, teacher: Watched) -> None:
    put_mark(teacher.journal, town.school.today_lesson, None, "u-01", "4")
    batch = batch_of(teacher.journal)
    with town.on("staffroom"), town.workstation("staffroom").connect(desks.caller(teacher.journal)) as server:
        first, again = server.push(batch), server.push(batch)
    assert first == again
    assert broken(town, teacher) == []


def meet_through(town: Town, watched: Watched, up: int | None, down: int | None) -> tuple[dict[str, int], bool]:
    """Let a desk meet the server through a wire that breaks; return the bytes carried and whether it went well."""
    with town.on(watched.place), Wire(town.server.port, up, down) as wire:
        place = msgspec.structs.replace(town.workstation(watched.place), address=wire.address)
        try:
            desks.meet(watched.journal, place)
        except ServerAway:
            return wire.carried, False
    return wire.carried, True


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_wire_cut_at_any_byte_loses_and_doubles_nothing(
    town: Town, teacher: Watched, colleague: Watched, way: str
) -> None:
    """Each time one has something to push and something to pull; the next meeting begins where this one broke."""
    column = ids.mark_column(town.school.today_lesson, "oral", 1)

    def both_write(turn: int) -> None:
        put_mark(teacher.journal, town.school.today_lesson, None, "u-02", "2345"[turn % 4])
        put_mark(colleague.journal, town.school.today_lesson, None, "u-03", "2345"[turn % 4])
        town.meet(colleague.desk, colleague.place)

    both_write(0)
    whole, well = meet_through(town, teacher, None, None)
    assert well
    cuts = list(range(0, whole[way], CUT_EVERY))
    failed = 0
    for turn, cut in enumerate(cuts, 1):
        both_write(turn)
        failed += not meet_through(town, teacher, *((cut, None) if way == "up" else (None, cut)))[1]
    assert failed > len(cuts) // 2, "the wire was not cut"
    assert broken(town, teacher, colleague) == []
    assert mark_on(teacher.journal, column, "u-03") == mark_on(colleague.journal, column, "u-03")
    assert mark_on(teacher.journal, column, "u-02") == mark_on(colleague.journal, column, "u-02")


def test_desk_and_server_killed_at_random_moments_lose_nothing(town: Town) -> None:
    """A process types and syncs; the server dies under it, comes back, and then the process dies too."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    first = town.watch("library", town.school.teacher)
    first.desk.close()
    saved: set[str] = set()
    for kill in range(KILLS):
        with town.on("library"):
            environment = dict(os.environ) | {"EJOURNAL_TEST_PASSWORD": PASSWORD}
        command = [sys.executable, "-m", "tests.together.typist", town.school.teacher, NOW.isoformat(), str(kill)]
        process = start_bound(command, env=environment, stdout=-1, stderr=None, signal="KILL")
        assert process.stdout is not None
        assert process.stdout.readline() == b"typing\n"
        saved.update(process.stdout.readline().decode().strip() for _ in range(2))
        time.sleep(chance.uniform(0, 0.6))
        town.server.stop(kill=True)
        time.sleep(chance.uniform(0, 0.2))
        town.server.start()
        time.sleep(chance.uniform(0, 0.6))
        process.kill()
        # A torn last line was not said.
        saved.update(line.decode() for line in process.stdout.read().split(b"\n")[:-1])
        process.stdout.close()
        process.wait()
    again = town.watch("library", town.school.teacher)
    assert saved <= again.made.keys(), "a change that was saved is gone"
    assert broken(town, again) == []
    assert len(saved) > KILLS
    assert any(line["id"] in saved for line in Log(town.office).lines)
    again.desk.close()
