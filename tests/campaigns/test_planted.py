"""Each planted fault is found by a story: a check that cannot fail is a defect."""

from __future__ import annotations

import pytest

from tests.campaigns.planted import FAULTS, Fault
from tests.campaigns.play import play
from tests.campaigns.shrink import told
from tests.campaigns.story import story


@pytest.mark.usefixtures("caplog")  # a faulty server complains, and rightly
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault) -> None:
    assert play(fault.story).broken == ()
    further = f"python -m tests.campaigns {fault.name}"
    assert fault.played(fault.story).broken, f"nobody noticed: {fault.sentence} ({further} looks for another story)"


def test_at_least_25_faults_are_planted() -> None:
    assert len(FAULTS) >= 25


def test_a_story_happens_the_same_way_twice() -> None:
    assert play(story(11)).tale == play(story(11)).tale


def test_a_failing_story_is_told_in_a_few_steps() -> None:
    fault = FAULTS["last_writer_wins"]
    tale = told(story(fault.seed, max(fault.steps)), fault.played)
    kept = tale.split("steps ", 1)[1].split(" of ")[0].split(", ")
    assert len(kept) <= 8
    assert "BROKEN" in tale
