"""Make a failing story short: leave out whatever the failure does not need."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from tests.campaigns.play import Ending, play
from tests.campaigns.story import Step, Story

Player = Callable[[Story], Ending]


def shrunk(story: Story, player: Player = play) -> Story:
    """Return the story without the steps that its failure does not need (one of the same invariants stays broken).

    Steps are complete in themselves, so any of them may go: first halves, then quarters, at last single ones.
    """
    wanted = invariants(player(story))
    steps = story.steps
    size = max(1, len(steps) // 2)
    while size:
        steps = _without(story, steps, size, wanted, player)
        size //= 2
    return msgspec.structs.replace(story, steps=steps)


def _without(
    story: Story, steps: tuple[Step, ...], size: int, wanted: frozenset[str], player: Player
) -> tuple[Step, ...]:
    start = 0
    while start < len(steps):
        fewer = steps[:start] + steps[start + size :]
        if invariants(player(msgspec.structs.replace(story, steps=fewer))) & wanted:
            steps = fewer
        else:
            start += size
    return steps


def invariants(ending: Ending) -> frozenset[str]:
    """Return which invariants an ending breaks; what has no number counts by its first words."""
    named = (re.search(r"\bI\d+\b", each) for each in ending.broken)
    found = (match[0] if match else each[:20] for match, each in zip(named, ending.broken, strict=True))
    return frozenset(found)


def told(story: Story, player: Player = play) -> str:
    """Return a failing story in words, as short as it gets."""
    short = shrunk(story, player)
    ending = player(short)
    kept = ", ".join(str(step.number) for step in short.steps)
    return "\n".join([
        f"seed {story.plan.seed}, steps {kept} of {len(story.steps)}; {short.plan}",
        *(f"  {line}" for line in ending.tale),
        *(f"  BROKEN {each}" for each in ending.broken[:8]),
    ])  # fmt: skip
