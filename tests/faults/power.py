"""A school whose disks lose power: `python -m tests.faults.power FOLDER HOW IMAGES SEED`, under `preloaded`.

People enter marks and meet the server while every write and flush of all files is recorded. Then, for each image, the
power goes at some moment at one desk or at the server: what was flushed is there, of the rest some sectors. Everybody
starts again from such disks, meets the server, and the checker of the campaigns judges. Prints a line a violation.

HOW is the `synchronous` of all files; or LATER: people do not wait for the disk, which is slow, and are told
afterwards, as in the program's window. TOLD_EARLY and SENT_EARLY plant a fault in that: nothing
is flushed, and in the second one the desk sends at once.
"""

from __future__ import annotations

import random
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
import sqlalchemy as sa

from ejournal_core import wire
from ejournal_core.changes import Change
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.saving import LogFile
from tests.campaigns.checker import Checker
from tests.campaigns.ledger_copy import Raw
from tests.campaigns.lines import Reply
from tests.campaigns.play import come_to_rest
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import Disk, Stage, stage
from tests.campaigns.story import Plan, Step
from tests.campaigns.world import Seat, World
from tests.faults.disk import Event, Loss, Shim, read_record

ENTRIES = 60
PLANTED = ("TOLD_EARLY", "SENT_EARLY")
LATE = ("LATER", *PLANTED)
SLOW_MS = 60
PLAN = Plan(11, (0, 1, 2), loss=0.0, beside=0.0, faults=False)


class Said(msgspec.Struct, frozen=True):
    """Something a person or a desk was told: a change of a desk is saved, or how one that seat `by` sent has ended."""

    desk: str
    change: str
    number: int = 0
    outcome: str = ""
    by: int = 0


class RecordedWorld(World):
    """A world whose promises stand in the record between the writes they rely on."""

    shim: Shim | None = None
    later = False
    by: ClassVar[dict[str, int]] = {}  # the seat at which a change was entered

    def entered(self, seat: Seat, changes: tuple[Change, ...]) -> None:
        """Note that a person was told: saved; who does not wait for the disk is told afterwards."""
        super().entered(seat, changes)
        self.by.update({change.id: self.seats.index(seat) for change in changes})
        if not self.later:
            self._say(Said(seat.desk, change.id) for change in changes)

    def saved(self, seat: Seat, changes: ChangeSet) -> None:
        """Note that a person was told so when it was true."""
        if changes.saved:
            self._say(Said(seat.desk, change.id) for change in changes.changes if change.desk == seat.desk)

    def _acknowledged(self, reply: Reply) -> None:
        super()._acknowledged(reply)
        receipt = wire.decode(wire.Receipt, reply.body)
        self._say(Said("", each.id, each.number, each.outcome, self.by[each.id]) for each in receipt.verdicts)

    def _say(self, told: Iterator[Said]) -> None:
        for each in told if self.shim is not None else ():
            self.shim.mark(msgspec.json.encode(each).decode())  # type: ignore[union-attr]  # asked a line above


def main(folder: Path, how: str, images: int, seed: int) -> list[str]:
    """Record once, lose the power `images` times; return what was broken."""
    ground = stage(4, open_policy=True)
    _flush_like("FULL" if how in LATE else how, ground)
    record = folder / f"record-{how}"
    with RecordedWorld(PLAN, ground).injected(), _planted(how):
        world = RecordedWorld(PLAN, ground)
        world.later = how in LATE
        _live(world, record, seed)
    chance, events, found = random.Random(seed), read_record(record), []
    record.unlink()
    loss = Loss(events)
    for number, (moment, disk) in enumerate(sorted(_moment(events, chance, how) for _ in range(images))):
        victim = _disks(ground)[disk]
        broken = _after(ground, loss.at(moment, str(victim.path), chance), events[:moment])
        found += [f"image {number}, event {moment}, {victim.path.name}: {each}" for each in broken]
    return found


@contextmanager
def _planted(how: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if how in PLANTED:
            patch.setattr(LogFile, "flush", lambda _: None)
        if how == "SENT_EARLY":
            patch.setattr(Journal, "first_unsaved", lambda _: None)
        yield


def _flush_like(synchronous: str, ground: Stage) -> None:
    """Let every file be flushed as said, and its log enter the file often, so that both are caught at it."""
    for disk in _disks(ground):

        @sa.event.listens_for(disk.engine, "connect")
        def said(connection: Any, _: Any) -> None:
            if synchronous != "FULL":
                connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute("PRAGMA wal_autocheckpoint = 60")


def _disks(ground: Stage) -> list[Disk]:
    return [ground.server_disk, ground.disk(0), ground.disk(1)]


def _live(world: RecordedWorld, record: Path, seed: int) -> None:
    chance, shim = random.Random(seed), Shim()
    world.calm = True
    _close(world)
    shim.watch(world.ground.folder)
    shim.record(record)
    _start(world)
    world.shim = shim
    if world.later:
        shim.slow(SLOW_MS, "seat-")
        for seat in world.seats:
            seat.journal.listen(partial(world.saved, seat))
            seat.journal.go_on_here()
    for number in range(ENTRIES):
        seat = world.seats[number % 2]
        pupil, value = chance.choice(SCHOOL.pupils), chance.choice("2345")
        seat.do(put_mark, LESSONS[number % 3], None, pupil, value)
        if chance.random() < 0.2:
            seat.do(set_topic, LESSONS[number % 3], f"Тема {number} " + "слово " * 400)
        if chance.random() < 0.5:
            _meet(seat)
    shim.slow(0)
    shim.watch(Path("/nowhere"))
    world.shim = None
    _close(world)


def _meet(seat: Seat) -> None:
    """Meet the server on another thread than that of the entries, as the program does."""
    meeting = threading.Thread(target=seat.meet)
    meeting.start()
    meeting.join()


def _close(world: World) -> None:
    for seat in world.seats:
        seat.journal.close()
    world.ground.server_disk.engine.dispose()


def _moment(events: list[Event], chance: random.Random, how: str) -> tuple[int, int]:
    """Return any moment and disk; or a moment just after something was said, when it matters most, and whose disk."""
    said = {place: msgspec.json.decode(event.data, type=Said) for place, event in enumerate(events, 1)
            if event.what == "M"}  # fmt: skip
    if how in PLANTED:  # each image shows it
        moment = chance.choice([place for place, word in said.items() if bool(word.number) == (how == "SENT_EARLY")])
        return moment, _seat_disk(said[moment])
    if chance.random() < 0.5:
        return chance.randrange(min(said), len(events) + 1), chance.randrange(3)
    moment = chance.choice(list(said))
    return moment, chance.choice((0, _seat_disk(said[moment])))


def _seat_disk(word: Said) -> int:
    return 1 + (word.by if word.number else int(word.desk.removeprefix("desk-")))


def _after(ground: Stage, image: dict[str, bytes], before: list[Event]) -> list[str]:
    """Let everybody start again from what is left; return what is broken."""
    world = World(PLAN, ground)
    with world.injected():
        try:
            _lay(world, image)
            _remember(world, before)
            checker = Checker(world)
            found = checker.after_fault()
            world.begin(Step(9_999, 0, "mark", 0, 0, 0, 60))
            for seat in world.seats:  # a counter that was given already would be given once more
                seat.do(put_mark, LESSONS[0], None, SCHOOL.pupils[-1], "5")
            come_to_rest(world)
            return found + checker.at_the_end() + _given_twice(world)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            return [f"{type(error).__name__}: {error}"]
        finally:
            _close(world)


def _given_twice(world: World) -> list[str]:
    """Say whether the server holds something back: that a desk gave a counter once more, with another content."""
    with Raw(world.ground.server_disk.path, world.ground.store_key) as raw:
        return ["I5: a counter was given twice"] if raw.one("SELECT count(*) FROM quarantine") else []


def _lay(world: World, image: dict[str, bytes]) -> None:
    """Put what is left onto the disks and let everybody start again."""
    _close(world)
    for disk in _disks(world.ground):
        path = str(disk.path)
        disk.lay((image.get(path, b""), image.get(path + "-wal", b"")))
    _start(world)


def _start(world: World) -> None:
    world.start_server()
    world.ground.server_disk.engine.connect().close()
    for seat in world.seats:
        seat.open()


def _remember(world: World, events: list[Event]) -> None:
    made: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.what == "M":
            said = msgspec.json.decode(event.data, type=Said)
            if said.desk:
                made[said.desk].append(said.change)
            else:
                world.given[said.change] = (said.number, said.outcome)
    world.made.update(made)


if __name__ == "__main__":
    for line in main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])):
        print(line)
