"""The first window, warm and cold, and the memory with a class open, against the least PySide6 window with a table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.classroom import data_folder, make_desk
from tests.bench.rows import Amounts, Bench, Row, cannot, in_turns, median

BARE, OURS = "tests.bench.bare_window", "tests.bench.our_window"
DROP = Path("/proc/sys/vm/drop_caches")


def first_window(amounts: Amounts) -> Iterator[Row]:
    """Start both programs in turns and wait until each says that it is painted."""
    with data_folder():
        _start(BARE), _start(OURS)  # compile and cache
        ours, bare = in_turns(amounts.starts, lambda: _start(OURS)[0], lambda: _start(BARE)[0])
        yield Row("first_window_warm", median(ours) * 1e3, "ms", median(ours) / median(bare), "bare window", "≤ 3")
        yield _cold(amounts)
    with data_folder():
        _, _, _, now = make_desk(amounts.pupils, amounts.lessons)
        open_class = _start(OURS, "desk-1", now.isoformat())[1]
        least = _start(BARE)[1]
        yield Row("memory_class_open", open_class / 1024, "MiB", open_class / least, "bare window", "≤ 3")
        yield Row("memory_bare_window", least / 1024, "MiB", 1.0, "itself")


def _cold(amounts: Amounts) -> Row:
    if not amounts.cold:
        return cannot("first_window_cold", "left out of a short run")
    try:
        bare, ours = _cold_start(BARE), _cold_start(OURS)
    except OSError as error:
        return cannot("first_window_cold", f"the page cache cannot be dropped here ({error.strerror})")
    return Row("first_window_cold", ours * 1e3, "ms", ours / bare, "bare window", "≤ 3", "one start each")


def _cold_start(module: str) -> float:
    os.sync()
    DROP.write_text("1\n")
    return _start(module)[0]


def _start(module: str, *arguments: str) -> tuple[float, int]:
    """Return (seconds from the start of the process to the painted window, memory in KiB)."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        took = time.perf_counter() - began
        memory = process.stdout.readline()
    assert said == "painted\n", f"{module} ended with {process.returncode}"
    return took, int(memory)


BENCHES: tuple[Bench, ...] = (first_window,)
