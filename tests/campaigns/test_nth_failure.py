"""Each write, flush, rename and opening of four scenarios fails once: nothing is lost, a sentence tells of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.disk import preloaded

#: Scenarios, and how many operations they have at least: fewer would mean that nothing failed.
SCENARIOS = {"save_a_mark": 30, "settle_and_pull": 80, "push": 120, "keep_a_sealed_copy": 12}


def let_fail(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Return how many runs a scenario took, and what was broken."""
    command = [sys.executable, "-m", "tests.faults.nth", *arguments]
    done = subprocess.run(command, env=preloaded(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    runs, *broken = done.stdout.splitlines()
    return int(runs.split()[1]), broken


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_whatever_fails_nothing_is_lost_and_a_sentence_says_so(
    tmp_path: Path, scenario: str, record_property: Callable[[str, object], None]
) -> None:
    runs, broken = let_fail(tmp_path, scenario)
    record_property(f"runs of {scenario}", runs)
    assert broken == []
    assert runs >= SCENARIOS[scenario]


@pytest.mark.parametrize(("scenario", "invariant"), [("save_a_mark", "I2"), ("push", "I1")])
def test_a_program_that_passes_over_a_failing_disk_is_found(tmp_path: Path, scenario: str, invariant: str) -> None:
    """The negative control."""
    _, broken = let_fail(tmp_path, scenario, "unheeded")
    assert any(invariant in each for each in broken), broken[:5]
