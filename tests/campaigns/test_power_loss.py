"""The power goes at a desk or at the server, and the disk keeps what was flushed and any part of the rest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.amounts import amount
from tests.faults.disk import preloaded

IMAGES = amount("IMAGES", 200)
CONTROL = 12  # images that show what is not flushed


def lose_power(folder: Path, synchronous: str, images: int, seed: int) -> list[str]:
    """Return the promises that broke, from a process whose disk is in our hands."""
    command = [sys.executable, "-m", "tests.faults.power", str(folder), synchronous, str(images), str(seed)]
    done = subprocess.run(command, env=preloaded(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout.splitlines()


@pytest.mark.parametrize("seed", range(2))
def test_after_a_power_loss_everything_that_was_said_is_true(
    tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("images", IMAGES // 2)
    assert lose_power(tmp_path, "FULL", IMAGES // 2, seed) == []


def test_who_does_not_wait_for_the_disk_is_told_of_nothing_that_a_power_loss_takes(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("images", IMAGES // 4)
    assert lose_power(tmp_path, "LATER", IMAGES // 4, 2) == []


def test_a_desk_that_says_saved_before_it_has_flushed_is_found(tmp_path: Path) -> None:
    """The negative control."""
    assert any(" I2: " in each for each in lose_power(tmp_path, "TOLD_EARLY", CONTROL // 2, 1))


def test_a_desk_that_sends_what_it_has_not_flushed_is_found(tmp_path: Path) -> None:
    """The negative control: it would give a counter that the server knows to something else."""
    assert any(" I5: " in each for each in lose_power(tmp_path, "SENT_EARLY", CONTROL // 2, 1))


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_store_that_does_not_flush_each_commit_is_found(tmp_path: Path, synchronous: str) -> None:
    """The negative control."""
    broken = lose_power(tmp_path, synchronous, CONTROL, 1)
    assert any(" I1: " in each or " I2: " in each for each in broken)
