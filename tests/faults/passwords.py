"""A desk's key while the disk fails: `python -m tests.faults.passwords FOLDER [PLANT]`, under `preloaded`.

A password is changed and a desk is made while the first write, flush, rename and opening fails, then the second, and so
on; and once more with the process killed there. After each, exactly one of the two passwords opens the key that always
opened the journal, and nobody is offered a desk that does not open. Prints `runs N` and a line for each broken promise.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ejournal_core.errors import EjournalError
from ejournal_desktop import vault
from ejournal_desktop.vault import Desk
from tests.faults.disk import FLUSH, KILLED, OPEN, RENAME, WRITE, Shim

OLD, NEW = "старый пароль 1", "новый пароль 22"
KINDS = {WRITE: errno.ENOSPC, FLUSH: errno.EIO, RENAME: errno.EIO, OPEN: errno.EACCES}
MOST = 60  # operations of one kind: more would mean that it never ends


class Trial:
    """Desks of one account, whose disk fails."""

    def __init__(self, folder: Path) -> None:
        self.shim, self.runs, self.found = Shim(), 0, list[str]()
        self.desks = folder / "desks"
        made = self.make("d-0")
        self.desk, self.key = made.desk, bytes(made.key)

    def make(self, desk: str) -> vault.UnlockedDesk:
        """Make a desk."""
        return vault.create_desk(
            self.desks, desk_id=desk, person_id="p-1", person_name="Иванова Анна", school="school", password=OLD
        )

    def died(self, work: Callable[[], object], kind: int, n: int, error: int) -> bool:
        """Work in a process of its own whose n-th operation fails; say whether it had so many."""
        self.runs += 1
        child = os.fork()
        if child == 0:
            self.shim.watch(self.desks.parent)
            self.shim.fail(kind, n, error)
            with contextlib.suppress(EjournalError, OSError):
                work()
            os._exit(int(self.shim.heal() >= n))
        status = os.waitpid(child, 0)[1]
        return status != 0 if not os.WIFSIGNALED(status) else os.WTERMSIG(status) == signal.SIGKILL

    def opens(self, desk: Desk, password: str) -> bool:
        """Say whether a password opens the key of a desk."""
        try:
            unlocked = vault.unlock(desk, password)
        except vault.WrongPassword:
            (desk.folder / "attempts.json").unlink()  # nobody waits here
            return False
        return desk.id != self.desk.id or bytes(unlocked.key) == self.key


def _changed(trial: Trial, fault: str) -> Iterator[str]:
    """Yield what is wrong with the key, and go back to the old password."""
    try:
        opening = [each for each in (OLD, NEW) if trial.opens(trial.desk, each)]
    except EjournalError as trouble:
        yield f"{fault}: nobody comes in: {trouble!r}"
        return
    if len(opening) != 1:
        yield f"{fault}: {len(opening)} passwords open the desk"
    elif opening == [NEW]:
        vault.change_password(trial.desk, NEW, OLD)


def _offered(trial: Trial, fault: str) -> Iterator[str]:
    """Yield which desks are offered and do not open."""
    for desk in vault.list_desks(trial.desks):
        try:
            is_open = trial.opens(desk, OLD)
        except EjournalError as trouble:
            yield f"{fault}: {desk.id} is offered: {trouble!r}"
        else:
            if not is_open:
                yield f"{fault}: {desk.id} is offered and does not open"


def fail_everywhere(
    trial: Trial, work: Callable[[], object], what: str, judge: Callable[[Trial, str], Iterator[str]]
) -> None:
    """Let each operation of a piece of work fail, and end the process at each."""
    for kind, error in KINDS.items():
        for how, told in ((error, "fails"), (KILLED, "kills")):
            for n in range(1, MOST):
                happened = trial.died(work, kind, n, how)
                trial.found += judge(trial, f"{what}, operation {n} of kind {kind} {told}")
                if not happened:
                    break
            else:
                trial.found.append(f"{what} never went through")


def _bare(path: Path, content: bytes) -> None:
    """Plant a fault: a file is written over where it stands."""
    path.write_bytes(content)


def main(folder: Path, plant: str = "") -> tuple[int, list[str]]:
    """Run everything; return how often, and what was broken."""
    setattr(vault, "MEMORY_KIB", 64)  # noqa: B010  # else each try takes the time that it is meant to take
    if plant == "bare":
        setattr(vault, "_write_atomically", _bare)  # noqa: B010
    trial = Trial(folder)
    fail_everywhere(trial, lambda: vault.change_password(trial.desk, OLD, NEW), "a change of the password", _changed)
    fail_everywhere(trial, lambda: trial.make(f"d-{trial.runs}"), "a new desk", _offered)
    return trial.runs, trial.found


if __name__ == "__main__":
    ran, broken = main(Path(sys.argv[1]), *sys.argv[2:])
    print("runs", ran)
    for line in broken:
        print(line)
