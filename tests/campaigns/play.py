"""Let a story happen and say what it broke."""

from __future__ import annotations

import traceback
from pathlib import Path

from msgspec import Struct

from ejournal_server.store import log
from tests.campaigns import hardships
from tests.campaigns.acts import perform
from tests.campaigns.checker import Checker
from tests.campaigns.story import Step, Story
from tests.campaigns.world import Seat, World, living

#: More meetings than any honest school needs to come to rest.
_ROUNDS = 6

_FAULTS = frozenset({"crash", "crash_meeting", "restart_server", "jump", "jump_server", "late_mail"}) | hardships.FAULTS


class Ending(Struct, frozen=True):
    """How a story ended: broken invariants in words (none: all is well), and the tale."""

    broken: tuple[str, ...]
    tale: tuple[str, ...]


def play(story: Story, size: int = 8) -> Ending:
    """Live through a story; stop at the first step after which something is broken."""
    with living(story.plan, size) as world:
        try:
            broken = _broken_by(world, story)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            broken = [f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {error}"]
        return Ending(tuple(broken), tuple(world.tale))


def _broken_by(world: World, story: Story) -> list[str]:
    checker = Checker(world)
    for step in story.steps:
        world.begin(step)
        perform(world, step)
        if step.act in _FAULTS and (broken := checker.after_fault()):
            return broken
    come_to_rest(world)
    return checker.at_the_end()


def come_to_rest(world: World) -> None:
    """Let all late mail arrive, and every desk meet a server that answers, until nothing is left to say."""
    world.begin(Step(10_000, 0, "rest", 0, 0, 0, 60))
    world.calm = True
    world.set_clocks_right()
    world.tell("calm: the clocks are set right, everybody meets the server")
    while world.in_flight:
        perform(world, Step(10_000, 0, "late_mail", 2, 0, 0, 0))
    waiting = list(world.seats)
    for _ in range(_ROUNDS):
        for seat in waiting:
            world.tell(f"    {seat.desk}: {seat.meet()}")
        waiting = [seat for seat in world.seats if _lacks_something(world, seat)]
        if not waiting:
            return
    world.wrong.append(f"{[seat.desk for seat in waiting]} do not come to rest")


def _lacks_something(world: World, seat: Seat) -> bool:
    """Say whether a desk has to meet the server once more; one that is trusted no more gets nothing."""
    if seat not in world.open_seats():
        return False
    with world.office.authority.store.read() as tx:
        number = log.read_head(tx).number
    return seat.journal.cursor != number or bool(seat.journal.outbox(1))
