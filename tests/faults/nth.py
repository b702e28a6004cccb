"""Operations of the disk that fail one after the other: `python -m tests.faults.nth SCENARIO [unheeded]`, under
`preloaded`.

In each scenario the first write fails, then the second, and so on until one run goes through without a failure; the
same with flushes, renames and openings. After each the checker of the campaigns judges what lies on the disks. Prints
`runs N` and a line for each violation. `unheeded` plants a fault: failures of the disk are passed over.
"""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.engine.default import DefaultDialect

from ejournal_core import ids, seal, wire
from ejournal_core.errors import Bug, EjournalError
from ejournal_desktop.models.commands.marks import USUAL_WORK_KIND, put_mark
from ejournal_desktop.models.outgoing import Outgoing
from ejournal_desktop.models.outgoing_folder import sealed_files, sealed_records
from ejournal_desktop.sync.engine import sync_once
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.ui.errors import explain
from tests.campaigns.checker import Checker
from tests.campaigns.play import come_to_rest
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import stage
from tests.campaigns.story import Plan
from tests.campaigns.world import Seat, World
from tests.faults.disk import FLUSH, OPEN, RENAME, WRITE, Shim

#: What may fail, and how.
FAILURES = {
    WRITE: (errno.ENOSPC, errno.EIO), FLUSH: (errno.EIO, errno.ENOSPC), RENAME: (errno.EIO, errno.EACCES),
    OPEN: (errno.EACCES, errno.EMFILE),
}  # fmt: skip
MOST = 400  # operations in a scenario: more would mean that it never ends

PLAN = Plan(12, (0, 1), loss=0.0, beside=0.0, faults=False)


class Trial:
    """A world in which one thing is tried again and again."""

    def __init__(self) -> None:
        self.world = World(PLAN, stage(4, open_policy=True))
        self.shim = Shim()
        self.turn = 0
        self.found: list[str] = []
        self.world.calm = True

    @property
    def teacher(self) -> Seat:
        """Whose disk fails."""
        return self.world.seats[0]

    def enter(self, seat: Seat) -> None:
        """Put a mark of this turn."""
        seat.do(put_mark, LESSONS[0], None, self.pupil, self.wanted)

    def told(self, error: EjournalError) -> None:
        """Hold what a person is told to the rules of a sentence."""
        text = explain(error).text
        if isinstance(error, Bug) or explain(error).code in ("EJ-900", "EJ-300", "EJ-323", "EJ-324"):
            self.found.append(f"no words for it: {error.code} {error.message}")
        if "Error" in text or "Traceback" in text or text.count(".") < 2:
            self.found.append(f"no sentence: {text}")

    @property
    def folder(self) -> Path:
        """Where the sealed copies lie."""
        return self.world.ground.folder / "outgoing"

    @property
    def wanted(self) -> str:
        """The mark of this turn."""
        return "2345"[self.turn // 4 % 4]

    @property
    def pupil(self) -> str:
        """Whose mark it is."""
        return SCHOOL.pupils[self.turn % 4]

    def shown(self) -> str | None:
        """Return the mark that the teacher's program shows now."""
        record = ids.mark(ids.mark_column(LESSONS[0], USUAL_WORK_KIND, 1), self.pupil)
        with self.teacher.journal.reading() as connection:
            row = connection.exec_driver_sql("SELECT value FROM mark WHERE id = ?", (record,)).first()
        return None if row is None else row[0]

    def sealed(self) -> list[str]:
        """Return the ids of the changes that the server would find in the sealed copies."""
        keys, school = self.world.office.authority.keys, self.world.office.authority.school
        records = [record for file in sealed_files(self.folder) for record in sealed_records(file)]
        bodies = [seal.unseal(keys.sealing, school, record) for record in records]
        return [change.id for body in bodies for change in wire.decode_batch(body).changes]

    def restart(self) -> None:
        """Close and open the teacher's file."""
        self.teacher.journal.close()
        self.teacher.open()

    def meet(self, seat: Seat) -> None:
        """Meet the server; unlike the campaign's own meeting this one lets trouble out."""
        keys = self.world.office.authority.keys
        sync_once(seat.journal, seat.line, bytes.fromhex(keys.signing_public), keys.sealing_public)


# --- the scenarios: each says whose disk fails, what is prepared, and what is tried --------------------------------


def save_a_mark(trial: Trial) -> None:
    """Open the file and save a mark: it is shown only if it was saved."""
    trial.restart()
    before = trial.shown()
    try:
        trial.enter(trial.teacher)
    except EjournalError:
        trial.shim.heal()
        if trial.shown() != before:
            trial.found.append("the cell shows what was not saved")
        raise
    if trial.shown() != trial.wanted:
        trial.found.append("what was saved is not shown")


def settle_and_pull(trial: Trial) -> None:
    """Open the file, send what was entered, take in the verdicts and what a colleague entered."""
    trial.restart()
    trial.meet(trial.teacher)


def push(trial: Trial) -> None:
    """Send what was entered to a server that has just started and whose disk fails."""
    trial.world.start_server()
    trial.meet(trial.teacher)


def keep_a_sealed_copy(trial: Trial) -> None:
    """Save a mark while the folder of sealed work fails: that stops no edit, and is made good afterwards."""
    journal = trial.teacher.journal
    outgoing = Outgoing(journal, trial.folder)
    outgoing.attach()
    trial.enter(trial.teacher)
    journal.flush()
    trial.shim.heal()
    if outgoing.problem is not None:
        trial.told(outgoing.problem)
    trial.restart()
    again = Outgoing(trial.teacher.journal, trial.folder)
    again.attach()
    unsent = {each.change.id for each in trial.teacher.journal.outbox()}
    if again.problem is not None or not unsent <= set(trial.sealed()):
        trial.found.append("the sealed copy is not whole again")
    trial.restart()


Scenario = Callable[[Trial], None]
SCENARIOS: dict[str, tuple[Scenario, Callable[[Trial], Path]]] = {
    "save_a_mark": (save_a_mark, lambda trial: trial.teacher.disk.path),
    "settle_and_pull": (settle_and_pull, lambda trial: trial.teacher.disk.path),
    "push": (push, lambda trial: trial.world.ground.server_disk.path),
    "keep_a_sealed_copy": (keep_a_sealed_copy, lambda trial: trial.folder),
}


def main(name: str) -> tuple[int, list[str]]:
    """Let every operation of a scenario fail once; return how many runs there were and what was broken."""
    trial = Trial()
    runs = 0
    with trial.world.injected():
        trial.folder.mkdir()
        checker = Checker(trial.world)
        for kinds, errors in FAILURES.items():
            for n in range(1, MOST):
                runs += 1
                happened = _once(trial, name, kinds, n, errors[n % 2])
                trial.found += [f"{name}, operation {n} of kind {kinds}: {each}" for each in checker.after_fault()]
                if happened < n:
                    break
            else:
                trial.found.append(f"{name} never went through")
        come_to_rest(trial.world)
        return runs, trial.found + checker.at_the_end()


def _once(trial: Trial, name: str, kinds: int, n: int, error: int) -> int:
    """Try a scenario once with the n-th operation failing; return how many operations there were."""
    scenario, disk = SCENARIOS[name]
    trial.turn += 1
    if name != "keep_a_sealed_copy":
        trial.enter(trial.world.seats[1])
        _meet_soon(trial, trial.world.seats[1])
    if name in ("settle_and_pull", "push"):
        trial.enter(trial.teacher)
    trial.restart()
    trial.world.ground.server_disk.engine.dispose()
    trial.shim.watch(disk(trial))
    trial.shim.fail(kinds, n, error)
    happened = n
    try:
        scenario(trial)
    except EjournalError as trouble:
        trial.told(trouble)
    except Exception as bug:  # noqa: BLE001  # whatever it is, it is a finding
        trial.found.append(f"{name}, operation {n} of kind {kinds}: {type(bug).__name__}: {bug}")
    finally:
        happened = trial.shim.heal()
        trial.shim.watch(Path("/nowhere"))
    trial.restart()
    return happened


def _meet_soon(trial: Trial, seat: Seat) -> None:
    """Meet a server whose disk is well again: one that could only read for a moment says so once more."""
    with contextlib.suppress(ServerRefused):
        trial.meet(seat)
    trial.meet(seat)


def pass_over_failures() -> None:
    """Plant the fault that the campaign has to see: a commit that failed counts as done."""
    commit = DefaultDialect.do_commit

    def unheeded(self: DefaultDialect, connection: Any) -> None:
        with contextlib.suppress(sqlcipher.Error):
            commit(self, connection)  # type: ignore[no-untyped-call]

    setattr(DefaultDialect, "do_commit", unheeded)  # noqa: B010  # of desk and server alike


if __name__ == "__main__":
    if "unheeded" in sys.argv[2:]:
        pass_over_failures()
    ran, broken = main(sys.argv[1])
    print("runs", ran)
    for line in broken:
        print(line)
