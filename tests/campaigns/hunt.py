"""Look for the first seed whose story finds a planted fault."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.campaigns.planted import Fault
from tests.campaigns.play import Ending, play
from tests.campaigns.story import LONG, story


def finds(fault: Fault, seed: int) -> Ending | None:
    """Return how the seed's story ends with the fault planted, None where it notices nothing or fails anyway."""
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        ending = play(story(seed, LONG))
    return ending if ending.broken and not play(story(seed, LONG)).broken else None


def first_seed(fault: Fault, seeds: Iterable[int]) -> tuple[int, Ending] | None:
    """Return the first of the seeds that finds the fault, and how its story ends."""
    for seed in seeds:
        if (ending := finds(fault, seed)) is not None:
            return seed, ending
    return None
