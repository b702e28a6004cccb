"""Clocks that jump by a second or ten years, at desks and at the server, change no order and no verdict."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ejournal_desktop.models.commands.marks import put_mark
from tests.campaigns.clocks import difference
from tests.campaigns.ledger_copy import Raw
from tests.campaigns.planted import FAULTS
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import KEY
from tests.campaigns.story import Plan
from tests.campaigns.world import living

SEEDS = 30


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_story_with_jumping_clocks_ends_as_without_them(seed: int) -> None:
    assert difference(seed) == []


def test_a_server_that_asks_the_clock_who_is_right_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS["clock_decides"].plant(monkeypatch)
    assert any(difference(seed) for seed in range(SEEDS))


@pytest.mark.xfail(
    strict=True,
    reason="a server whose clock stands years back thinks that no load has begun, and desks let their pages go",
)
def test_a_server_whose_clock_fell_back_by_years_takes_no_page_from_a_desk() -> None:
    with living(Plan(1, (0, 1), loss=0.0, beside=0.0, faults=False)) as world:
        world.calm = True
        teacher = world.seats[0]
        teacher.do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
        teacher.meet()
        world.server_ahead = timedelta(days=-3_650)
        world.now += timedelta(minutes=10)
        teacher.meet()
        with Raw(teacher.disk.path, KEY) as raw:
            assert raw.one("SELECT count(*) FROM mark") == 1
