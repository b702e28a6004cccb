"""A generation goes to two drives while one of them fails, or the program is killed: one always restores, «проверено»
is never said of a copy that is not whole, nothing half is ever visible, and the next run makes everything good.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disk import preloaded

FAULTS = amount("DRIVES", 15)  # of each way in which a drive fails

#: Ways in which a drive fails, and how many runs they have at most: of steps and operations there are only so many.
WAYS = {"full": FAULTS, "pulled": FAULTS, "forgetting": FAULTS, "killed": FAULTS, "steps": 100, "each": 60}

#: Planted faults, the way that shows each, and the promise that it breaks.
PLANTED = [
    ("early", "killed", "is visible and not whole"),
    ("unread", "forgetting", "is called проверено and is not whole"),
    ("hasty", "full", "restores nothing"),
    ("untidy", "killed", "the next run"),
]


def let_fail(folder: Path, way: str, *arguments: str) -> tuple[int, list[str]]:
    """Return how many runs there were, and which promises were broken."""
    command = [sys.executable, "-m", "tests.faults.drives", str(folder), way, str(FAULTS), *arguments]
    done = subprocess.run(command, env=preloaded(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    runs, *broken = done.stdout.splitlines()
    return int(runs.split()[1]), broken


@pytest.mark.parametrize("way", WAYS)
def test_however_a_drive_fails_one_restores_and_nothing_false_is_said(
    tmp_path: Path, way: str, record_property: Callable[[str, object], None]
) -> None:
    runs, broken = let_fail(tmp_path, way, "1")
    record_property(f"runs of {way}", runs)
    assert broken == []
    assert runs >= min(FAULTS, WAYS[way])


@pytest.mark.parametrize(("plant", "way", "promise"), PLANTED)
def test_a_program_that_keeps_a_promise_less_is_found(tmp_path: Path, plant: str, way: str, promise: str) -> None:
    """The negative control."""
    _, broken = let_fail(tmp_path, way, "1", plant)
    assert any(promise in each for each in broken), broken[:5]
