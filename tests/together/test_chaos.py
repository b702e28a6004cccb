"""Three desks and a server in seeded chaos, judged by a checker that shares no code with the engine.

Each seed is printed; `CHAOS_SEEDS=1000 pytest tests/together/test_chaos.py` runs more of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.chaos import Chaos, House, violations

SEEDS = int(os.environ.get("CHAOS_SEEDS", "30"))
STEPS = 60


def live_through(seed: int, root: Path) -> list[str]:
    """Let a school live through a seed and return what is broken in the end."""
    house = House(root)
    try:
        third = house.school.teacher if seed % 2 else house.school.deputy  # on odd seeds one person has two PCs
        people = (house.school.teacher, house.school.colleague, third)
        chaos = Chaos(house, seed, [house.sit_down(person) for person in people])
        chaos.run(STEPS)
        chaos.calm_down()
        return violations(house.office, house.seats, house.sees)
    finally:
        house.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_desks_end_equal_to_the_server(seed: int, tmp_path: Path) -> None:
    print(f"seed {seed}")
    assert live_through(seed, tmp_path) == []
