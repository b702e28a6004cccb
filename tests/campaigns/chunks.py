"""The seeds of the test command, in chunks that run side by side."""

from __future__ import annotations

from tests.campaigns.play import play
from tests.campaigns.shrink import told
from tests.campaigns.story import story

SEEDS = 300
CHUNKS = 4


def seeds(chunk: int) -> range:
    """Return the seeds of a chunk."""
    return range(chunk, SEEDS, CHUNKS)


def live_through(seed: int) -> None:
    """Live through the story of a seed; a failing one is told as shortly as it can be."""
    if play(story(seed)).broken:
        raise AssertionError("a promise was broken:\n" + told(story(seed)))
