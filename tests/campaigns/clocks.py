"""Clocks that jump decide nothing: a story with jumps ends as the same story without them.

The school of these stories lets everything be entered at any time, since a desk refuses at the key press what its own
clock calls too late; what is compared is everything after that: numbers, verdicts, and what every record holds.
"""

from __future__ import annotations

import json
import random

import msgspec

from tests.campaigns.acts import perform
from tests.campaigns.checker import Checker
from tests.campaigns.ledger_copy import Line, Raw, lines_of
from tests.campaigns.play import come_to_rest
from tests.campaigns.story import Plan, Story, steps
from tests.campaigns.world import living

ACTS = {
    "mark": 30, "topic": 5, "homework": 5, "hold": 2, "column": 2, "resolve": 8, "meet": 30, "restart": 2, "resend": 2,
    "jump": 14, "jump_server": 8,
}  # fmt: skip

#: The flag at an entry whose desk's clock lay outside what the log proves: it is told, and the verdict stays.
DOUBT = "EJ-240"

Verdict = tuple[str, str, str, str, str]


def clock_story(seed: int, length: int = 30) -> Story:
    """Return the story of a seed in which clocks jump and nothing else goes wrong."""
    draw = random.Random(f"clocks {seed}")
    seats = (0, 1, *sorted(draw.sample((3, 6, 7), draw.randint(1, 2))))
    plan = Plan(seed, seats, loss=0.0, beside=0.0, faults=False, portion=draw.choice((1, 500)))
    return Story(plan, steps(plan, length, ACTS))


def with_steady_clocks(story: Story) -> Story:
    """Return the story with a pause in the place of each jump."""
    steady = tuple(
        msgspec.structs.replace(step, act="wait") if step.act.startswith("jump") else step for step in story.steps
    )
    return msgspec.structs.replace(story, steps=steady)


def verdicts(story: Story) -> tuple[list[Verdict], list[str]]:
    """Return what became of every change in order of numbers, and what is broken; a jump itself is told in a line."""
    with living(story.plan, open_policy=True) as world:
        checker = Checker(world)
        for step in story.steps:
            world.begin(step)
            perform(world, step)
        come_to_rest(world)
        broken = checker.at_the_end()
        with Raw(world.ground.server_disk.path, world.ground.store_key) as raw:
            lines = lines_of(raw)
    return [_verdict(line) for line in lines if line.desk != "server" and line.body["kind"] != "ClockJump"], broken


def _verdict(line: Line) -> Verdict:
    wanted = json.dumps(line.body["set"], sort_keys=True, ensure_ascii=False)
    reason = "" if line.reason == DOUBT else line.reason
    return line.desk, line.body["record"], wanted, line.outcome, reason


def difference(seed: int) -> list[str]:
    """Return how the jumps of a seed's story changed its outcome; nothing, if all is well."""
    story = clock_story(seed)
    jumped, broken = verdicts(story)
    steady, _ = verdicts(with_steady_clocks(story))
    pairs = zip(jumped, steady, strict=False)
    found = [f"number {i}: {a} instead of {b}" for i, (a, b) in enumerate(pairs, 1) if a != b][:3]
    if len(jumped) != len(steady):
        found.append(f"{len(jumped)} changes instead of {len(steady)}")
    return found + broken
