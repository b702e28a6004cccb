"""Schools that live through seeded stories: part 3 of 4. A failing seed tells its story as shortly as it can."""

from __future__ import annotations

import pytest

from tests.campaigns.chunks import live_through, seeds


@pytest.mark.parametrize("seed", seeds(2))
def test_every_promise_is_kept(seed: int) -> None:
    live_through(seed)
