"""A school is made again on a disk that fails: `python -m tests.faults.restores FOLDER AMOUNT SEED [PLANT]`, under
`preloaded`.

The new server's disk is full at a byte, or an operation on it fails, or the process is killed there, all drawn by
chance. After each there is the whole school, or no school at all and a sentence that says why; and the next try makes
it. Prints `runs N` and a line for each broken promise.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ejournal_core.archive import Proof
from ejournal_core.errors import Bug, EjournalError
from ejournal_core.rebuilding import Prover
from ejournal_server import backups, folder, messages
from ejournal_server.generations import SchoolLines
from tests.desktop.backup.drive_world import SAFE, make_school
from tests.faults.disk import FLUSH, KILLED, OPEN, READ, RENAME, WRITE, Shim

DONE, REFUSED, ASTRAY = 0, 10, 11  # how a process ends
ERRORS = {WRITE: errno.EIO, FLUSH: errno.EIO, RENAME: errno.EIO, OPEN: errno.EACCES, READ: errno.EIO}
Arm = Callable[[], object]


class Trial:
    """A backup and a place for a new server."""

    def __init__(self, root: Path) -> None:
        self.made = make_school(root, marks=10)[1]
        self.data, self.shim, self.found, self.runs = root / "new" / "data", Shim(), list[str](), 0
        self.data.parent.mkdir()
        self.restore()
        self.size = sum(each.stat().st_size for each in self.data.rglob("*") if each.is_file())
        self.counts = {kind: self._count(kind) for kind in ERRORS}

    def restore(self) -> Proof:
        """Make the school again."""
        return backups.restore_school(self.made.folder, SAFE.secret, self.data)

    def _count(self, kind: int) -> int:
        shutil.rmtree(self.data)
        self.shim.watch(self.data.parent)
        self.shim.fail(kind, 10**9, errno.EIO)
        self.restore()
        happened = self.shim.heal()
        self.shim.watch(Path("/nowhere"))
        return happened

    def under(self, fault: str, arm: Arm) -> None:
        """Restore in a process whose disk fails or which dies, and judge; then restore again, and judge."""
        self.runs += 1
        shutil.rmtree(self.data.parent)
        self.data.parent.mkdir()
        child = os.fork()
        if child == 0:
            os._exit(self._attempt(arm))
        self.found += [f"{fault}: {each}" for each in self._judged(os.waitpid(child, 0)[1])]

    def _attempt(self, arm: Arm) -> int:
        self.shim.watch(self.data.parent)
        arm()
        try:
            self.restore()
        except EjournalError as trouble:
            return REFUSED if trouble.code in messages.SENTENCES and not isinstance(trouble, Bug) else ASTRAY
        except BaseException:  # noqa: BLE001  # whatever it is, nobody has words for it
            return ASTRAY
        return DONE

    def _judged(self, status: int) -> Iterator[str]:
        is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        ended = None if is_killed else os.waitstatus_to_exitcode(status)
        if ended not in (None, DONE, REFUSED):
            yield f"it ended without a sentence ({ended})"
        if self.data.exists():
            if (there := self._proof()) != self.made.catalogue.proof:
                yield f"half a school is there: {there}"
            shutil.rmtree(self.data)
        elif ended == DONE:
            yield "it is said to be restored and is not there"
        try:
            again = self.restore()
        except EjournalError as trouble:
            yield f"the next try: {trouble!r}"
        else:
            if again != self.made.catalogue.proof or self._proof() != again:
                yield "the next try makes another school"
            if left := [each.name for each in self.data.parent.iterdir() if each != self.data]:
                yield f"the next try leaves {left}"

    def _proof(self) -> Proof | str:
        """Return what the new server's log proves."""
        prover = Prover()
        try:
            with contextlib.closing(folder.open_office(self.data)) as office, office.authority.store.read() as tx:
                for line in SchoolLines(office.authority, tx, office.ca_pem).lines():
                    prover.take(line)
            return prover.finish()
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"


def _faults(trial: Trial, amount: int, chance: random.Random) -> Iterator[tuple[str, Arm]]:
    for number in range(amount):
        kind = chance.choice([kind for kind in ERRORS if trial.counts[kind]])
        n, byte = chance.randint(1, trial.counts[kind]), chance.randrange(trial.size)
        match number % 4:
            case 0:
                yield f"full at byte {byte}", partial(trial.shim.end_at, byte, errno.ENOSPC)
            case 1:
                yield f"operation {n} of kind {kind} fails", partial(trial.shim.fail, kind, n, ERRORS[kind])
            case 2:
                yield f"killed at operation {n} of kind {kind}", partial(trial.shim.fail, kind, n, KILLED)
            case _:
                yield f"gone at operation {n} of kind {kind}", partial(trial.shim.fail, kind, n, errno.EIO, True)


@contextlib.contextmanager
def _at_once(data: Path) -> Iterator[Path]:
    """Plant a fault: the new server is made where it will stand."""
    data.mkdir(parents=True, exist_ok=True)
    yield data


def main(root: Path, amount: int, seed: int, plant: str = "") -> tuple[int, list[str]]:
    """Run everything; return how often, and what was broken."""
    trial = Trial(root)
    if plant == "at_once":
        setattr(backups, "_unfinished", _at_once)  # noqa: B010
    for fault, arm in _faults(trial, amount, random.Random(seed)):
        trial.under(fault, arm)
    return trial.runs, trial.found


if __name__ == "__main__":
    ran, broken = main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
    print("runs", ran)
    for line in broken:
        print(line)
