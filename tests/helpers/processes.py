"""Start a server that dies with the test run, whatever happens to the run."""

from __future__ import annotations

import os
import pwd
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


def become(user: str) -> list[str]:
    """Return the options of setpriv(1) that turn a process into `user`, none where this process is not root.

    Where the root directory itself is closed to others (a freshly made chroot is), the user keeps the right to pass.
    """
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam(user)
    options = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if subprocess.run(["setpriv", *options, "true"], capture_output=True, check=False).returncode != 0:
        # access(2), which initdb asks, looks at no capability of an ordinary user unless the last bit is set
        options += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return options


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Return as soon as `condition` holds; fail with `what` in the message when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain for: {what}")
        time.sleep(0.02)
