"""A school is restored, a password is changed and a desk is made on disks that fail, and in processes that are killed:
there is the whole or nothing, a sentence says which, and the next try succeeds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults.amounts import amount
from tests.faults.disk import preloaded

RESTORES = amount("RESTORES", 15)
WITHOUT_KEYRING = {"DBUS_SESSION_BUS_ADDRESS": "disabled:"}


def let_fail(folder: Path, program: str, *arguments: str) -> tuple[int, list[str]]:
    """Return how many runs there were, and which promises were broken."""
    command = [sys.executable, "-m", f"tests.faults.{program}", str(folder), *arguments]
    environment = os.environ | preloaded(folder) | WITHOUT_KEYRING
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    runs, *broken = done.stdout.splitlines()
    return int(runs.split()[1]), broken


def test_a_school_is_restored_whole_or_not_at_all(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    runs, broken = let_fail(tmp_path, "restores", str(RESTORES), "1")
    record_property("restores", runs)
    assert broken == []
    assert runs == RESTORES


def test_whatever_fails_one_password_opens_the_desk_and_no_half_desk_is_offered(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    runs, broken = let_fail(tmp_path, "passwords")
    record_property("runs with a key", runs)
    assert broken == []
    assert runs >= 60


def test_a_server_that_is_made_where_it_will_stand_is_found(tmp_path: Path) -> None:
    """The negative control."""
    _, broken = let_fail(tmp_path, "restores", "8", "1", "at_once")
    assert any("half a school is there" in each for each in broken), broken[:5]


def test_a_key_that_is_written_over_where_it_stands_is_found(tmp_path: Path) -> None:
    """The negative control."""
    _, broken = let_fail(tmp_path, "passwords", "bare")
    assert any("nobody comes in" in each for each in broken), broken[:5]
    assert any("is offered" in each for each in broken), broken[:5]
