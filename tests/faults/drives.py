"""Two drives of which one fails while a generation is written: `python -m tests.faults.drives FOLDER WAY AMOUNT SEED
[PLANT]`, under `preloaded`.

Both hold an older generation, and one is all that may stay on a drive (`kept=1`). After each fault it is judged byte by
byte, by what the server made and by nothing that the program says, what lies on the drives; then the next run has to
make everything good. Prints `runs N` and a line for each broken promise.

WAY is how a drive fails (`WAYS`), AMOUNT how often where that is drawn by chance, PLANT a fault that must be found
(`PLANTS`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from ejournal_core.errors import Bug, EjournalError
from ejournal_desktop.backup import write as writing
from ejournal_desktop.backup.drives import Drive
from ejournal_desktop.backup.write import DriveResult, write_generation
from ejournal_desktop.ui.errors import explain
from ejournal_server import backups
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Made, Quiet, make_school, new_drive
from tests.faults.disk import FLUSH, FORGETTING, KILLED, OPEN, READ, RENAME, WRITE, Shim

#: What may fail once, and how.
FAILURES = {
    WRITE: (errno.ENOSPC, errno.EIO), FLUSH: (errno.EIO, errno.ENOSPC), RENAME: (errno.EIO, errno.EROFS),
    OPEN: (errno.EIO, errno.EACCES), READ: (errno.EIO, errno.EIO),
}  # fmt: skip
MOST = 400  # operations of one kind: more would mean that it never ends
LABELS = ("Синий", "Красный")
PHOTO = "Фотографии/урок.jpg"  # of the person whose drive it is

#: The named steps of writing a generation: modules of the program and what they call there.
STEPS = (
    "write.read_catalogue", "write.compare_files", "write.remove_unfinished", "write.flush_folder",
    "write.flush_renamed", "write.Trials.prove", "write.drop_old", "write.generations", "write.unfinished_name",
    "write.shutil.copyfileobj", "write.shutil.rmtree", "write.os.fsync", "write.Path.mkdir", "write.Path.rename",
    "write._Job._write", "write._Job._copy", "write._Job._prove",
)  # fmt: skip


class Trial:
    """Two drives that are laid out anew for each fault."""

    def __init__(self, folder: Path) -> None:
        self.older, self.made = make_school(folder)
        self.shim = Shim()
        self.found: list[str] = []
        self.runs = 0
        self.drives = tuple(new_drive(folder, self.made.school, label) for label in LABELS)
        self.bytes = {each: _content(each.folder) for each in (self.older, self.made)}
        self._laid_out = folder / "laid-out"
        for drive in self.drives:
            (drive.folder / PHOTO).parent.mkdir()
            (drive.folder / PHOTO).write_bytes(b"photo")
            shutil.copytree(self.older.folder, drive.folder / self.older.folder.name)
            shutil.copytree(drive.folder, self._laid_out / drive.card.label)

    def write(self) -> tuple[DriveResult, ...]:
        """Write the newer generation to both drives."""
        made = self.made
        return write_generation(made.folder, self.drives, Quiet(), ADMINISTRATOR.secret, made.server_key, kept=1)

    def lay_out(self) -> None:
        """Bring both drives to where they were before the first fault."""
        for drive in self.drives:
            for each in drive.folder.iterdir():
                if each.is_dir():
                    shutil.rmtree(each)
            shutil.copytree(self._laid_out / drive.card.label, drive.folder, dirs_exist_ok=True)

    def under(self, fault: str, victim: Drive, arm: Callable[[], object]) -> int:
        """Write while a drive fails, judge, write again, judge; return how many operations there were."""
        self.lay_out()
        self.runs += 1
        results: tuple[DriveResult, ...] = ()
        self.shim.watch(victim.folder)
        arm()
        try:
            results = self.write()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            self.found.append(f"{fault}: {type(error).__name__} came out: {error}")
        finally:
            happened = self.shim.heal()
            self.shim.watch(Path("/nowhere"))
        self.found += [f"{fault}: {each}" for each in (*self._claims(results, victim), *self._drives(), *self._next())]
        return happened

    def killed(self, fault: str, victim: Drive, arm: Callable[[], object]) -> bool:
        """Write in a process that dies on the way, judge, write again, judge; say whether it died."""
        self.lay_out()
        self.runs += 1
        child = os.fork()
        if child == 0:  # nothing but the kill may end it here
            with contextlib.suppress(BaseException):
                self.shim.watch(victim.folder)
                arm()
                self.write()
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        self.found += [f"{fault}: {each}" for each in (*self._drives(), *self._next())]
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def holds(self, drive: Drive, made: Made) -> bool:
        """Say whether a drive holds a generation as the server made it."""
        folder = drive.folder / made.folder.name
        return folder.is_dir() and _content(folder) == self.bytes[made]

    def _claims(self, results: tuple[DriveResult, ...], victim: Drive) -> Iterator[str]:
        """Yield what was said of a drive and is not so."""
        for result in results:
            label = result.drive.card.label
            if result.proved and not self.holds(result.drive, self.made):
                yield f"«{label}» is called проверено and is not whole"
            if result.drive != victim and not result.proved:
                yield f"«{label}» failed with the other: {result.trouble!r}"
            if result.trouble is not None:
                yield from (f"«{label}»: {each}" for each in told(result.trouble))

    def _drives(self) -> Iterator[str]:
        """Yield what is wrong on the drives, whatever anybody said."""
        names = {each.folder.name: each for each in (self.older, self.made)}
        for drive in self.drives:
            label, visible = drive.card.label, [each for each in _visible(drive) if each in names]
            halves = [name for name in visible if not self.holds(drive, names[name])]
            yield from (f"«{label}»: {name} is visible and not whole" for name in halves)
            if not set(visible) - set(halves):
                yield f"«{label}» restores nothing"
            if not (drive.folder / PHOTO).is_file():
                yield f"«{label}»: the person's own file is gone"

    def _next(self) -> Iterator[str]:
        """Yield what the next run does not make good."""
        try:
            results = self.write()
        except Exception as error:  # noqa: BLE001
            yield f"the next run: {type(error).__name__}: {error}"
            return
        for result in results:
            label = result.drive.card.label
            if not result.proved or not self.holds(result.drive, self.made):
                yield f"the next run does not mend «{label}»: {result.trouble!r}"
            if left := [each.name for each in result.drive.folder.iterdir() if each.name.startswith(".")]:
                yield f"the next run leaves {left} on «{label}»"


def _content(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def _visible(drive: Drive) -> list[str]:
    return [each.name for each in drive.folder.iterdir() if each.name[:1].isdigit()]


def told(trouble: EjournalError) -> Iterator[str]:
    """Yield what a person is told badly."""
    said = explain(trouble)
    if isinstance(trouble, Bug) or said.code in ("EJ-900", "EJ-300"):
        yield f"no words for it: {trouble.code} {trouble.message}"
    if "Error" in said.text or "Errno" in said.text or said.text.count(".") < 2:
        yield f"no sentence: {said.text}"


# --- the ways in which a drive fails -------------------------------------------------------------------------------


def each_operation(trial: Trial, amount: int, chance: random.Random) -> None:
    """Let the first write, flush, rename, opening and reading fail, then the second, until a run goes through."""
    for kinds, errors in FAILURES.items():
        for n in range(1, MOST):
            arm = partial(trial.shim.fail, kinds, n, errors[n // 2 % 2])
            if trial.under(f"operation {n} of kind {kinds}", trial.drives[n % 2], arm) < n:
                break
        else:
            trial.found.append(f"kind {kinds} never went through")


def full(trial: Trial, amount: int, chance: random.Random) -> None:
    """Let a drive be full at a byte."""
    _end(trial, "full", amount, chance, errno.ENOSPC)


def pulled(trial: Trial, amount: int, chance: random.Random) -> None:
    """Pull a drive out at a byte: nothing on it answers any more."""
    _end(trial, "pulled", amount, chance, errno.EIO, for_good=True)


def forgetting(trial: Trial, amount: int, chance: random.Random) -> None:
    """Let a drive take everything and keep zeros from a byte on to the end of that write, as bad sticks do."""
    _end(trial, "forgetting", amount, chance, FORGETTING)


def _end(trial: Trial, what: str, amount: int, chance: random.Random, error: int, *, for_good: bool = False) -> None:
    for byte in _bytes(trial, amount, chance):
        trial.under(
            f"{what} at byte {byte}", chance.choice(trial.drives), partial(trial.shim.end_at, byte, error, for_good)
        )


def killed(trial: Trial, amount: int, chance: random.Random) -> None:
    """Kill the process at a byte."""
    died = 0
    for byte in _bytes(trial, amount, chance):
        died += trial.killed(
            f"killed at byte {byte}", chance.choice(trial.drives), partial(trial.shim.end_at, byte, KILLED)
        )
    if died < amount // 2:
        trial.found.append(f"only {died} processes were killed")


def _bytes(trial: Trial, amount: int, chance: random.Random) -> list[int]:
    """Return at which bytes it ends: some around the ends of files, the others anywhere."""
    ends, at = [0, 1], 0
    for content in trial.bytes[trial.made].values():
        at += len(content)
        ends += [at - 1, at]
    chance.shuffle(ends)
    return (ends[: amount // 3] + [chance.randrange(at) for _ in range(amount)])[:amount]


# --- killed at the named steps -------------------------------------------------------------------------------------


def steps(trial: Trial, amount: int, chance: random.Random) -> None:
    """Kill the process before or after calls of the named steps: every step once, and more by chance."""
    moments = _moments(trial)
    chance.shuffle(moments)
    firsts = list({step: (step, n, when) for step, n, when in moments}.values())
    rest = [moment for moment in moments if moment not in firsts]
    for step, n, when in firsts + rest[: max(0, amount - len(firsts))]:
        fault = f"killed {when} call {n} of {step}"
        if not trial.killed(fault, trial.drives[0], partial(_wrap, step, partial(_dying, n, when))):
            trial.found.append(f"{fault}: nothing was killed")


def _moments(trial: Trial) -> list[tuple[str, int, str]]:
    """Return every call of every step in a run in which nothing fails."""
    calls: list[str] = []
    trial.lay_out()
    with contextlib.ExitStack() as stack:
        for step in STEPS:
            stack.callback(_wrap(step, partial(_counted, calls, step)))
        trial.write()
    trial.found += [f"{step} is no step any more" for step in STEPS if step not in calls]
    counts = Counter(calls)
    return [(step, n, when) for step in STEPS for n in range(1, counts[step] + 1) for when in ("before", "after")]


Wrapper = Callable[[Callable[..., Any]], Callable[..., Any]]


def _wrap(step: str, wrapper: Wrapper) -> Callable[[], None]:
    """Put something around a step; return what takes it away again."""
    *path, name = step.split(".")[1:]
    place: Any = writing
    for each in path:
        place = getattr(place, each)
    real = getattr(place, name)
    setattr(place, name, wrapper(real))
    return partial(setattr, place, name, real)


def _counted(calls: list[str], step: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*arguments: Any, **named: Any) -> Any:
        calls.append(step)
        return real(*arguments, **named)

    return counting


def _dying(n: int, when: str, real: Callable[..., Any]) -> Callable[..., Any]:
    calls = count(1)

    def dying(*arguments: Any, **named: Any) -> Any:
        is_now = next(calls) == n
        if is_now and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **named)
        if is_now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return dying


Way = Callable[[Trial, int, random.Random], None]
WAYS: dict[str, Way] = {
    "each": each_operation, "full": full, "pulled": pulled, "forgetting": forgetting, "killed": killed, "steps": steps,
}  # fmt: skip


# --- faults that have to be found ----------------------------------------------------------------------------------


def _early(real: Callable[..., Any]) -> Callable[..., Any]:
    """The generation bears its name from the beginning."""
    return lambda target: target


def _unread(real: Callable[..., Any]) -> Callable[..., Any]:
    """Nobody reads back what the drive was given."""
    return lambda *_: None


def _hasty(copy: Callable[..., Any]) -> Callable[..., Any]:
    """The old generation goes before the new one is proved."""

    def hasty(job: Any) -> None:
        for each in job._drive.folder.iterdir():
            if each.name[:1].isdigit():
                shutil.rmtree(each)
        copy(job)

    return hasty


#: A fault: what is put around which steps.
PLANTS: dict[str, tuple[Wrapper, tuple[str, ...]]] = {
    "early": (_early, ("write.unfinished_name",)),
    "unread": (_unread, ("write.compare_files", "write.Trials.prove")),
    "hasty": (_hasty, ("write._Job._copy",)),
    "untidy": (_unread, ("write.remove_unfinished",)),
}


def main(folder: Path, way: str, amount: int, seed: int, plant: str = "") -> tuple[int, list[str]]:
    """Let drives fail in one way; return how often, and what was broken."""
    trial = Trial(folder)
    if plant:
        wrapper, planted = PLANTS[plant]
        for step in planted:
            _wrap(step, wrapper)
    WAYS[way](trial, amount, random.Random(seed))
    return trial.runs, trial.found + list(_restored(trial))


def _restored(trial: Trial) -> Iterator[str]:
    """Yield what the server, too, says of the drives in the end."""
    for drive in trial.drives:
        try:
            proof = backups.verify(drive.folder, SAFE.secret)[1]
        except EjournalError as trouble:
            yield f"«{drive.card.label}» restores nothing: {trouble!r}"
        else:
            if proof != trial.made.catalogue.proof:
                yield f"«{drive.card.label}» restores another school"


if __name__ == "__main__":
    ran, broken = main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
    print("runs", ran)
    for line in broken:
        print(line)
