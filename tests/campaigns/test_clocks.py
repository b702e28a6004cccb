"""Clocks that jump by a second or ten years, at desks and at the server, change no order and no verdict."""

from __future__ import annotations

import pytest

from tests.campaigns.clocks import difference
from tests.campaigns.planted import FAULTS

SEEDS = 30


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_story_with_jumping_clocks_ends_as_without_them(seed: int) -> None:
    assert difference(seed) == []


def test_a_server_that_asks_the_clock_who_is_right_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS["clock_decides"].plant(monkeypatch)
    assert any(difference(seed) for seed in range(SEEDS))
