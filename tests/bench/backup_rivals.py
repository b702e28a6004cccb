"""A whole school's backup against restic, borg, age with zstd, and plain copies of the same data in the same run.

All of them bring it to two folders and read everything back; ours besides restores it for trial. The others are
given what the school says in the clear, as files, because they cannot take it out of the server's encrypted store.
A program that is not here leaves its rows out and says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from ejournal_core import age_file
from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import Line, encode_line
from ejournal_desktop.backup.drives import Drive
from ejournal_desktop.backup.write import write_generation
from ejournal_server import backups, blobs, folder, generations, intake
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.generations import Recipients
from tests.bench.generation import Silent, durable_copy, new_drive
from tests.bench.lyceum import classes
from tests.bench.rows import Amounts, Bench, Row, cannot, in_turns, median, seconds
from tests.bench.server_intake import load, week_of_batches
from tests.helpers.school import NOW, small_school

PACKAGES = {"restic": "restic", "borg": "borgbackup", "age": "age", "zstd": "zstd"}  # programs, and what brings them
FILE = 2 * 1024 * 1024  # bytes of one file of the school
SECRET = "only for the bench"


class Ours:
    """The server seals, the desk writes and proves; restored by the server."""

    def __init__(self, place: Path, office: Office) -> None:
        self._place, self._office = place, office
        safe, self._own = BackupIdentity.new(), BackupIdentity.new()
        self._recipients = Recipients(recovery=safe.recipient, administrator=self._own.recipient)
        self._safe = safe
        self._numbers = count()
        self.made = place / "none"
        self.drives: tuple[Drive, ...] = ()

    def back_up(self) -> float:
        """Return the seconds from the store to two proved drives."""
        number, office = next(self._numbers), self._office
        self.drives = tuple(new_drive(self._place, office, f"{label}-{number}") for label in ("А", "Б"))
        return seconds(self._bring)

    def _bring(self) -> None:
        catalogue = generations.make_generation(
            self._office.authority, self._place / "made", self._recipients, self._office.ca_pem
        )
        self.made = self._place / "made" / catalogue.generation
        results = write_generation(
            self.made, self.drives, Silent(), self._own.secret, self._office.authority.keys.signing_public
        )
        assert all(each.proved for each in results)

    def restore(self) -> float:
        """Return the seconds from a drive to a server's folder, everything proved."""
        to = self._place / f"again-{next(self._numbers)}"
        return seconds(lambda: backups.restore_school(self.drives[0].folder, self._safe.secret, to))

    def size(self) -> int:
        """Return the bytes of a generation on a drive."""
        return _size(self.made)

    def in_the_clear(self, to: Path) -> None:
        """Write what the generation says as files that any program can read."""
        to.mkdir(exist_ok=True)
        with (self.made / "base.age").open("rb") as base, (to / "journal.jsonl").open("wb") as out:

            def take(line: Line) -> None:
                out.write(encode_line(line))

            age_file.open_lines(base, self._own.secret, take)
        for sealed in self.made.glob("file-*.age"):
            with sealed.open("rb") as source, (to / sealed.stem).open("wb") as out:
                age_file.open_pieces(source, self._own.secret, out.write)


class Plain:
    """Copied, flushed, read back."""

    def __init__(self, place: Path, source: Path) -> None:
        self._place, self._source = place, source
        self._numbers = count()

    def back_up(self) -> float:
        """Return the seconds of two copies."""
        return sum(self._copy(self._source) for _ in range(2))

    def restore(self) -> float:
        """Return the seconds of a copy back."""
        return self._copy(self._source)

    def size(self) -> int:
        """Return the bytes of a copy."""
        return _size(self._source)

    def _copy(self, source: Path) -> float:
        to = self._place / f"plain-{next(self._numbers)}"
        return seconds(lambda: durable_copy(list(source.iterdir()), to))


class Restic:
    """A repository on each drive, checked with all its data."""

    programs = ("restic",)

    def __init__(self, place: Path, source: Path) -> None:
        self._place, self._source = place, source
        self._numbers = count()
        self._drives: list[Path] = []

    def back_up(self) -> float:
        """Return the seconds of backup and check of two repositories."""
        self._drives = [self._place / f"restic-{next(self._numbers)}" for _ in range(2)]
        for drive in self._drives:
            self._say(drive, "init")
        return sum(seconds(lambda: self._bring(drive)) for drive in self._drives)  # noqa: B023 - called at once

    def _bring(self, drive: Path) -> None:
        self._say(drive, "backup", str(self._source))
        self._say(drive, "check", "--read-data")

    def restore(self) -> float:
        """Return the seconds of a verified restore."""
        to = self._place / f"restic-{next(self._numbers)}"
        return seconds(lambda: self._say(self._drives[0], "restore", "latest", "--verify", "--target", str(to)))

    def next_day(self) -> int:
        """Return by how many bytes a repository grows when the source has grown."""
        before = self.size()
        self._say(self._drives[0], "backup", str(self._source))
        return self.size() - before

    def size(self) -> int:
        """Return the bytes of a repository."""
        return _size(self._drives[0])

    def _say(self, drive: Path, *arguments: str) -> None:
        _run("restic", "--quiet", "--no-cache", "-r", str(drive), *arguments, RESTIC_PASSWORD=SECRET)


class Borg:
    """The same with borg."""

    programs = ("borg",)

    def __init__(self, place: Path, source: Path) -> None:
        self._place, self._source = place, source
        self._numbers = count()
        self._drives: list[Path] = []

    def back_up(self) -> float:
        """Return the seconds of create and check of two repositories."""
        self._drives = [self._place / f"borg-{next(self._numbers)}" for _ in range(2)]
        for drive in self._drives:
            self._say("init", "--encryption=repokey-blake2", str(drive))
        return sum(seconds(lambda: self._bring(drive)) for drive in self._drives)  # noqa: B023 - called at once

    def _bring(self, drive: Path) -> None:
        self._say("create", "--compression=zstd,3", f"{drive}::one", str(self._source))
        self._say("check", "--verify-data", str(drive))

    def restore(self) -> float:
        """Return the seconds of an extraction."""
        to = self._place / f"borg-{next(self._numbers)}"
        to.mkdir()
        return seconds(lambda: self._say("extract", f"{self._drives[0]}::one", at=to))

    def next_day(self) -> int:
        """Return by how many bytes a repository grows when the source has grown."""
        before = self.size()
        self._say("create", "--compression=zstd,3", f"{self._drives[0]}::two", str(self._source))
        return self.size() - before

    def size(self) -> int:
        """Return the bytes of a repository."""
        return _size(self._drives[0])

    def _say(self, *arguments: str, at: Path | None = None) -> None:
        _run("borg", *arguments, at=at, BORG_PASSPHRASE=SECRET, BORG_BASE_DIR=str(self._place / "borg-base"))


class AgeAndZstd:
    """One archive by public tools, copied to two drives, read back and opened there."""

    programs = ("age", "zstd")

    def __init__(self, place: Path, source: Path) -> None:
        self._place, self._source = place, source
        self._identity = BackupIdentity.new()
        self._numbers = count()
        self._key = place / "age-key.txt"
        self._key.write_text(self._identity.secret)
        self._sealed = place / "none"

    def back_up(self) -> float:
        """Return the seconds of sealing, two copies and opening each."""
        number = next(self._numbers)
        self._sealed = self._place / f"school-{number}.age"
        return seconds(lambda: self._bring(number))

    def _bring(self, number: int) -> None:
        _pipe(f"tar -C {self._source} -cf - . | zstd -q -3 | age -r {self._identity.recipient} -o {self._sealed}")
        for label in ("a", "b"):
            to = self._place / f"age-{number}-{label}"
            durable_copy([self._sealed], to)
            _pipe(f"age -d -i {self._key} {to / self._sealed.name} | zstd -q -d | tar -tf - > /dev/null")

    def restore(self) -> float:
        """Return the seconds of opening into a folder."""
        to = self._place / f"age-{next(self._numbers)}"
        to.mkdir()
        return seconds(lambda: _pipe(f"age -d -i {self._key} {self._sealed} | zstd -q -d | tar -C {to} -xf -"))

    def size(self) -> int:
        """Return the bytes of the archive."""
        return self._sealed.stat().st_size


Rival = Restic | Borg | AgeAndZstd
RIVALS: dict[str, Callable[[Path, Path], Rival]] = {"restic": Restic, "borg": Borg, "age": AgeAndZstd}


def against_others(amounts: Amounts) -> Iterator[Row]:
    """Back a school up, and restore it, beside everybody else."""
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        office = folder.found(place / "server", "Школа № 1", None, lambda: NOW)
        stack.callback(office.close)
        school = small_school(extra=classes())
        load(office, school, place)
        batches = week_of_batches(office, school, place, amounts.backup_changes)
        day = max(1, len(batches) // 25)
        for batch in batches[:-day]:
            intake.accept(office.authority, batch)
        _add_files(office, amounts.backup_kib * 1024)
        ours = Ours(place, office)
        ours.back_up()  # what the others are given is read from it
        ours.in_the_clear(place / "clear")
        rivals = {name: made(place, place / "clear") for name, made in RIVALS.items() if _has(made)}
        plain = Plain(place, place / "clear")
        yield from _times("backup", amounts.backup_rounds, ours.back_up, plain.back_up,
                          {name: rival.back_up for name, rival in rivals.items()}, "≤ 1.3")  # fmt: skip
        yield from _times("restore", amounts.backup_rounds, ours.restore, plain.restore,
                          {name: rival.restore for name, rival in rivals.items()}, "≤ 1.5")  # fmt: skip
        yield from _sizes(ours, plain, rivals)
        for batch in batches[-day:]:
            intake.accept(office.authority, batch)
        ours.back_up()
        ours.in_the_clear(place / "clear")
        yield from _next_day(ours, rivals)


def _add_files(office: Office, size: int) -> None:
    """Give the school files that do not shrink, as papers and pictures do not."""
    chance, signing = random.Random(5), office.authority.keys.signing
    for start in range(0, size, FILE):
        content = chance.randbytes(min(FILE, size - start))
        with office.authority.store.write() as tx:
            blobs.keep_whole(signing, tx, hashlib.sha256(content).hexdigest(), len(content), [content], stamp(NOW))


def _times(
    what: str, rounds: int, ours: Callable[[], float], plain: Callable[[], float],
    rivals: dict[str, Callable[[], float]], target: str,
) -> Iterator[Row]:  # fmt: skip
    own, bare, *others = (median(each) for each in in_turns(rounds, ours, plain, *rivals.values()))
    yield Row(f"{what}_school", own * 1e3, "ms", own / bare, "plain copy, read back", target)
    yield from _beside(f"{what}_school", own, dict(zip(rivals, others, strict=True)), 1e3, "ms")


def _sizes(ours: Ours, plain: Plain, rivals: dict[str, Rival]) -> Iterator[Row]:
    own = ours.size()
    yield Row("backup_size", own / 1024, "KiB", own / plain.size(), "plain copy")
    yield from _beside("backup_size", own, {name: rival.size() for name, rival in rivals.items()}, 1 / 1024, "KiB")


def _next_day(ours: Ours, rivals: dict[str, Rival]) -> Iterator[Row]:
    """Tell what a drive takes more after a day on which one change in twenty-five came; ours is a whole generation."""
    own, first = ours.size(), True
    grown = {name: rival.next_day() for name, rival in rivals.items() if not isinstance(rival, AgeAndZstd)}
    for row in _beside("backup_next_day", own, grown, 1 / 1024, "KiB"):
        if not row.name.endswith("_age"):
            yield Row(row.name, row.value, row.unit, row.ratio, row.against, "≤ 0.05" if first else "", row.note)
            first = False


def _beside(name: str, own: float, others: dict[str, float] | dict[str, int], unit: float, word: str) -> Iterator[Row]:
    """Yield a row for each rival: its figure, and ours over it."""
    for rival, made in RIVALS.items():
        row = f"{name}_{rival}"
        if rival not in others:
            yield cannot(row, " ".join(f"no {each}: Debian package {PACKAGES[each]}" for each in _missing(made)))
            continue
        yield Row(row, others[rival] * unit, word, own / others[rival], f"{rival} (its figure; the ratio is ours)")


def _missing(made: Callable[[Path, Path], Rival]) -> list[str]:
    return [program for program in made.programs if not shutil.which(program)]  # type: ignore[attr-defined]


def _has(made: Callable[[Path, Path], Rival]) -> bool:
    return not _missing(made)


def _run(*command: str, at: Path | None = None, **environment: str) -> None:
    done = subprocess.run(command, env=os.environ | environment, cwd=at, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-500:]}")


def _pipe(command: str) -> None:
    _run("bash", "-o", "pipefail", "-c", command)


def _size(place: Path) -> int:
    return sum(each.stat().st_size for each in place.rglob("*") if each.is_file())


BENCHES: tuple[Bench, ...] = (against_others,)
