"""Look for the first seed whose story finds a planted fault, and for the steps of it that are needed."""

from __future__ import annotations

from collections.abc import Iterable

from tests.campaigns.planted import Fault
from tests.campaigns.play import Ending, play
from tests.campaigns.shrink import shrunk
from tests.campaigns.story import Story


def finds(fault: Fault, seed: int) -> Ending | None:
    """Return how the seed's story ends with the fault planted, None where it notices nothing or fails anyway."""
    return _found(fault, fault.long_story(seed))


def found_again(fault: Fault) -> Ending | None:
    """Return how the story ends that is noted as finding the fault, None where it does not (any more)."""
    return _found(fault, fault.story)


def _found(fault: Fault, story: Story) -> Ending | None:
    ending = fault.played(story)
    return ending if ending.broken and not play(story).broken else None


def first_seed(fault: Fault, seeds: Iterable[int]) -> tuple[int, Ending] | None:
    """Return the first of the seeds that finds the fault, and how its story ends."""
    for seed in seeds:
        if (ending := finds(fault, seed)) is not None:
            return seed, ending
    return None


def needed(fault: Fault, seed: int) -> tuple[int, ...]:
    """Return the numbers of the steps that a seed's story needs to find the fault."""
    return tuple(step.number for step in shrunk(fault.long_story(seed), fault.played).steps)
