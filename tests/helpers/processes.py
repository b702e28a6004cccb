"""Start a server that dies with the test run, whatever happens to the run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO


def start_bound(
    command: Sequence[str],
    *,
    signal: str = "TERM",
    env: Mapping[str, str] | None = None,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = subprocess.DEVNULL,
    options: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """Start `command`; the kernel sends it `signal` when this process ends, a killed one included.

    `options` are further ones of setpriv(1), as the user to become.
    """
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", signal, *options, *command], env=env, stdin=stdin, stdout=stdout, stderr=stderr
    )


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Return as soon as `condition` holds; fail with `what` in the message when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain for: {what}")
        time.sleep(0.02)
