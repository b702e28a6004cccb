"""Thirty desks without the server for a school day: every clash is listed, none is merged in silence."""

from __future__ import annotations

import pytest

from tests.campaigns.planted import FAULTS
from tests.campaigns.year import live


def test_thirty_desks_meet_again_after_a_day_and_every_clash_is_listed() -> None:
    ending = live(seed=1, days=1)
    assert ending.broken == ()
    assert ending.cells >= 400
    assert 5 <= ending.shared <= ending.cells * 0.05
    assert ending.clashes == ending.listed >= 3


def test_a_server_that_merges_clashes_in_silence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS["last_writer_wins"].plant(monkeypatch)
    ending = live(seed=1, days=1, entries=6)
    assert any(each.startswith("I3") for each in ending.broken)
