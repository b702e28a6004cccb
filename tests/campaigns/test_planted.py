"""Each planted fault is found by a story: a check that cannot fail is a defect."""

from __future__ import annotations

import pytest

from tests.campaigns.hunt import first_seed
from tests.campaigns.planted import FAULTS, Fault
from tests.campaigns.play import Ending, play
from tests.campaigns.shrink import told
from tests.campaigns.story import LONG, Story, story

#: The product changes and stories with it; a fault must be found again within so many seeds of the one noted.
NEAR = 25


@pytest.mark.usefixtures("caplog")  # a faulty server complains, and rightly
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault) -> None:
    found = first_seed(fault, range(fault.seed, fault.seed + NEAR))
    assert found is not None, f"nobody noticed: {fault.sentence} (python -m tests.campaigns {fault.name} looks further)"


def test_at_least_25_faults_are_planted() -> None:
    assert len(FAULTS) >= 25


def test_a_story_happens_the_same_way_twice() -> None:
    assert play(story(11)).tale == play(story(11)).tale


def test_a_failing_story_is_told_in_a_few_steps() -> None:
    fault = FAULTS["last_writer_wins"]

    def with_fault(each: Story) -> Ending:
        with pytest.MonkeyPatch.context() as patch:
            fault.plant(patch)
            return play(each)

    found = first_seed(fault, range(fault.seed, fault.seed + NEAR))
    assert found is not None
    tale = told(story(found[0], LONG), with_fault)
    kept = tale.split("steps ", 1)[1].split(" of ")[0].split(", ")
    assert len(kept) <= 8
    assert "BROKEN" in tale
