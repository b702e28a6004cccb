"""Typing on a disk whose flush takes 100 ms, beside the same typing on one that takes none: ten keys a second."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.bench.rows import Amounts, Bench, Row, quantile
from tests.faults.disk import preloaded
from tests.faults.slow import Typed

FLUSH_MS, PAUSE_MS = 100, 100


def slow_disk(amounts: Amounts) -> Iterator[Row]:
    """Type for a minute on either disk; a key that is lost, swapped or shown as saved too early breaks the bench."""
    fast, slow = _typed(0, amounts.keys), _typed(FLUSH_MS, amounts.keys)
    p99, floor = quantile(slow.seconds, 0.99), quantile(fast.seconds, 0.99)
    yield Row("slow_disk_key_p99", p99 * 1e3, "ms", p99 / floor, "no flush", "≤ 50 ms")
    longest = max(slow.seconds)
    yield Row("slow_disk_key_longest", longest * 1e3, "ms", longest / max(fast.seconds), "no flush", "< 100 ms")
    yield Row("slow_disk_last_saved", slow.late * 1e3, "ms", slow.late * 1e3 / FLUSH_MS, "a flush")


def _typed(flush_ms: int, keys: int) -> Typed:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as built:
        command = [sys.executable, "-m", "tests.faults.slow", folder, str(flush_ms), str(keys), str(PAUSE_MS)]
        environment = preloaded(Path(built)) | {"TMPDIR": folder, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2_000:])
    typed = msgspec.json.decode(done.stdout, type=Typed)
    assert typed.log == typed.wanted, "a key was lost or out of order"
    assert typed.cells == typed.last, "a cell does not show what was typed"
    assert not typed.early, "a cell stood as saved before it was"
    return typed


BENCHES: tuple[Bench, ...] = (slow_disk,)
