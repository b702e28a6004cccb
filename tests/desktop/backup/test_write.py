"""A generation on two drives: each proved for itself, no half of one ever visible, one's fault never the other's."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec
import pytest

from ejournal_core import age_file, archive, seal
from ejournal_core.age_file import BackupIdentity, NoMatchingKey
from ejournal_core.archive import DamagedArchive, Line
from ejournal_core.changes import canonical
from ejournal_core.errors import Trouble
from ejournal_desktop.backup.drives import CARD, Drive, register_drive
from ejournal_desktop.backup.prove import Trials, prove, read_catalogue, read_from_medium
from ejournal_desktop.backup.troubles import DriveFailed, DriveFull, DriveReadOnly
from ejournal_desktop.backup.write import KEPT, DriveResult, generations, write_generation
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Cancelled, Made, Quiet, cancel_at, names
from tests.helpers.processes import start_bound
from tools.folder_volumes import FolderVolumes

TRIAL = "пробное восстановление"


def write(made: Made, *drives: Drive, report: Quiet | None = None, kept: int = KEPT) -> tuple[DriveResult, ...]:
    return write_generation(made.folder, drives, report or Quiet(), ADMINISTRATOR.secret, made.server_key, kept)


def as_drive(folder: Path, made: Made, label: str) -> Drive:
    return register_drive(folder, made.school, label, volumes=FolderVolumes(folder))


def is_good(drive: Drive, made: Made) -> bool:
    """Say whether the safe's key, too, restores what is on the drive."""
    folder = drive.folder / made.catalogue.generation
    catalogue = read_catalogue(folder, made.server_key)
    return prove(folder, catalogue, SAFE.secret, Quiet()) == made.catalogue.proof


def trouble_of(result: DriveResult) -> Trouble:
    assert not result.proved
    assert result.trouble is not None
    return result.trouble


def test_both_drives_hold_the_same_bytes_and_each_is_proved(made: Made, drives: tuple[Drive, Drive]) -> None:
    report = Quiet()
    results = write(made, *drives, report=report)
    assert [(result.drive, result.proved, result.trouble) for result in results] == [(d, True, None) for d in drives]
    for drive in drives:
        assert names(drive.folder) == sorted([made.catalogue.generation, CARD])
        copy = drive.folder / made.catalogue.generation
        assert {f.name: f.read_bytes() for f in copy.iterdir()} == {
            f.name: f.read_bytes() for f in made.folder.iterdir()
        }
        assert is_good(drive, made)
    done = [step[0] for step in report.steps]
    assert done == sorted(done)
    assert report.steps[-1][0] == report.steps[-1][1]
    assert {step[2] for step in report.steps} >= {"записывается на «Носитель-1»", "пробное восстановление"}


def test_the_drives_are_written_one_after_the_other(made: Made, drives: tuple[Drive, Drive]) -> None:
    seen: list[tuple[bool, bool]] = []
    report = Quiet(lambda _: seen.append((begun(drives[0], made), begun(drives[1], made))))
    write(made, *drives, report=report)
    finished_first = (drives[0].folder / made.catalogue.generation).exists()
    assert finished_first
    assert seen == sorted(seen)  # the second begins when the first is done
    assert seen[-1] == (True, True)


def begun(drive: Drive, made: Made) -> bool:
    return any(made.catalogue.generation in name for name in names(drive.folder))


def test_writing_again_changes_nothing_and_mends_a_copy_that_went_bad(made: Made, drives: tuple[Drive, Drive]) -> None:
    write(made, *drives)
    base = drives[0].folder / made.catalogue.generation / "base.age"
    before = base.stat().st_mtime_ns
    assert all(result.proved for result in write(made, *drives))
    assert base.stat().st_mtime_ns == before
    base.write_bytes(base.read_bytes()[:-1])
    assert all(result.proved for result in write(made, *drives))
    assert is_good(drives[0], made)


def test_a_damaged_source_touches_no_drive(made: Made, drives: tuple[Drive, Drive], tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(made.folder, source)
    (source / "keys.age").write_bytes(b"?")
    with pytest.raises(DamagedArchive, match=r"keys\.age"):
        write_generation(source, drives, Quiet(), ADMINISTRATOR.secret, made.server_key)
    assert [names(drive.folder) for drive in drives] == [[CARD], [CARD]]


def test_another_school_s_or_a_wandering_catalogue_is_not_written(
    made: Made, drives: tuple[Drive, Drive], tmp_path: Path
) -> None:
    with pytest.raises(DamagedArchive, match="another school"):
        write_generation(made.folder, drives, Quiet(), ADMINISTRATOR.secret, "00" * 32)
    key, source = b"\x09" * 32, tmp_path / "source"
    shutil.copytree(made.folder, source)
    for field in (
        {"generation": "../../elsewhere"},
        {"files": (msgspec.structs.replace(made.catalogue.files[0], name="../x"),)},
    ):
        forged = msgspec.structs.replace(made.catalogue, server_key=seal.signing_public_key(key).hex(), **field)
        (source / "catalogue.json").write_bytes(canonical(archive.sign_catalogue(key, forged)))
        with pytest.raises(DamagedArchive, match="elsewhere"):
            write_generation(source, drives, Quiet(), ADMINISTRATOR.secret, forged.server_key)
    assert [names(drive.folder) for drive in drives] == [[CARD], [CARD]]


def restores(report: Quiet) -> int:
    """Return how many trial restores were told of: each begins where the one before has ended."""
    texts = [text for _, _, text in report.steps]
    return sum(text == TRIAL and before != TRIAL for before, text in itertools.pairwise(["", *texts]))


def test_one_trial_restore_proves_both_drives_and_the_second_is_read_from_its_own_medium(
    made: Made, drives: tuple[Drive, Drive], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def reading(file: Path) -> IO[bytes]:
        read.append(file)
        return read_from_medium(file)

    monkeypatch.setattr("ejournal_desktop.backup.prove.read_from_medium", reading)
    report = Quiet()
    assert all(result.proved for result in write(made, *drives, report=report))
    assert restores(report) == 1
    for file in made.catalogue.files:  # read back under the hidden name, and once more under its own
        names_ = [each.parent.name for each in read if each == drives[1].folder / each.parent.name / file.name]
        assert names_ == [f".{made.catalogue.generation}.new", made.catalogue.generation]


def test_the_second_drive_is_restored_for_trial_where_the_first_could_not_be(
    made: Made, drives: tuple[Drive, Drive]
) -> None:
    def spoil(looks: int) -> None:
        base = drives[0].folder / made.catalogue.generation / "base.age"
        if base.exists():
            base.write_bytes(base.read_bytes()[:-7] + b"flipped")

    report = Quiet(spoil)
    assert [result.proved for result in write(made, *drives, report=report)] == [False, True]
    assert restores(report) == 2


def test_a_trial_holds_for_the_same_content_and_key_only(made: Made, older: Made, drives: tuple[Drive, Drive]) -> None:
    trials, one = Trials(), drives[0]
    again, other, safe, repeated = Quiet(), Quiet(), Quiet(), Quiet()
    for generation, secret, report in ((made, ADMINISTRATOR, again), (older, ADMINISTRATOR, other), (made, SAFE, safe),
                                       (made, ADMINISTRATOR, repeated)):  # fmt: skip
        source, key = generation.folder, generation.server_key
        (result,) = write_generation(source, [one], report, secret.secret, key, trials=trials)
        assert result.proved
    assert [restores(each) for each in (again, other, safe, repeated)] == [1, 1, 1, 0]
    stranger = BackupIdentity.new().secret
    (refused,) = write_generation(made.folder, [one], Quiet(), stranger, made.server_key, trials=trials)
    assert isinstance(trouble_of(refused), NoMatchingKey)


def test_what_is_proved_is_what_the_catalogue_lists(made: Made, tmp_path: Path) -> None:
    """The same school sealed once more proves the same records, and is another file than the one that is listed."""
    copy = tmp_path / "copy"
    shutil.copytree(made.folder, copy)
    lines: list[Line] = []
    with (copy / "base.age").open("rb") as source:
        age_file.open_lines(source, SAFE.secret, lines.append)
    with (copy / "base.age").open("wb") as sink:
        age_file.seal_lines(lines, [SAFE.recipient, ADMINISTRATOR.recipient], sink)
    with pytest.raises(
        DamagedArchive, match=r"base\.age is (cut|not what was written)"
    ):  # age pads its header by chance
        prove(copy, made.catalogue, SAFE.secret, Quiet())


def test_a_wrong_identity_earns_no_proof_and_says_why(made: Made, drives: tuple[Drive, Drive]) -> None:
    results = write_generation(made.folder, drives, Quiet(), BackupIdentity.new().secret, made.server_key)
    assert [type(trouble_of(result)) for result in results] == [NoMatchingKey, NoMatchingKey]
    assert is_good(drives[0], made)  # the copy itself is as it should be


# --- one drive fails ---------------------------------------------------------------------------------------------


def test_a_full_drive_is_named_and_the_other_is_good(
    made: Made, older: Made, drives: tuple[Drive, Drive], mounted: Callable[..., Path]
) -> None:
    room = sum(file.size for file in older.catalogue.files) + 40_000
    folder = mounted("-t", "tmpfs", "-o", f"size={room}", "tmpfs")
    full = as_drive(folder, made, "Полный")
    assert all(result.proved for result in write(older, full))
    results = write(made, full, drives[1])
    trouble = trouble_of(results[0])
    assert isinstance(trouble, DriveFull)
    assert trouble.details["drive"] == "Полный"
    assert int(trouble.details["needed"]) > int(trouble.details["free"])
    assert results[1].proved
    assert names(folder) == sorted([CARD, older.catalogue.generation])  # nothing half, and the old one is there
    assert is_good(full, older)


def test_a_drive_that_fills_up_while_it_is_written_keeps_nothing_half(
    made: Made, drives: tuple[Drive, Drive], mounted: Callable[..., Path]
) -> None:
    size = sum(file.size for file in made.catalogue.files)
    folder = mounted("-t", "tmpfs", "-o", f"size={size + 24_000}", "tmpfs")
    filling = as_drive(folder, made, "Тесный")

    def fill(looks: int) -> None:
        if begun(filling, made) and not (folder / "photos").exists():
            (folder / "photos").write_bytes(b"x" * 16_384)

    results = write(made, filling, drives[1], report=Quiet(fill))
    assert isinstance(trouble_of(results[0]), DriveFull)
    assert names(folder) == sorted([CARD, "photos"])
    assert results[1].proved


def test_a_drive_closed_for_writing_is_named_and_the_other_is_good(
    made: Made, drives: tuple[Drive, Drive], mounted: Callable[..., Path]
) -> None:
    folder = mounted("-t", "tmpfs", "tmpfs")
    closed = as_drive(folder, made, "Закрытый")
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    results = write(made, closed, drives[1])
    trouble = trouble_of(results[0])
    assert isinstance(trouble, DriveReadOnly)
    assert (trouble.details["drive"], trouble.details["reason"]) == ("Закрытый", "EROFS")
    assert results[1].proved


def test_a_drive_whose_medium_dies_is_named_and_the_other_is_good(
    made: Made, drives: tuple[Drive, Drive], mounted: Callable[..., Path], tmp_path: Path
) -> None:
    image = tmp_path / "stick.img"
    image.write_bytes(b"\0" * 8 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-m0", str(image)], check=True, capture_output=True)
    dying = as_drive(mounted("-o", "loop", str(image)), made, "Умирающий")

    def die(looks: int) -> None:
        if begun(dying, made):
            os.truncate(image, 4096)  # as if most of the medium were gone

    results = write(made, dying, drives[1], report=Quiet(die))
    trouble = trouble_of(results[0])
    assert isinstance(trouble, DriveFailed | DriveReadOnly)
    assert trouble.details["drive"] == "Умирающий"
    assert results[1].proved
    assert is_good(drives[1], made)


def test_a_drive_pulled_out_before_is_named_and_the_other_is_good(made: Made, drives: tuple[Drive, Drive]) -> None:
    shutil.rmtree(drives[0].folder)
    results = write(made, *drives)
    trouble = trouble_of(results[0])
    assert isinstance(trouble, DriveFailed)
    assert trouble.details == {"drive": "Носитель-1", "reason": "ENOENT"}
    assert results[1].proved


def test_a_copy_that_reads_back_differently_never_gets_its_name(made: Made, drives: tuple[Drive, Drive]) -> None:
    def spoil(looks: int) -> None:
        for keys in drives[0].folder.glob(".*/catalogue.json"):  # everything is written; reading back begins
            base = keys.with_name("base.age")
            base.write_bytes(base.read_bytes()[:-7] + b"flipped")

    results = write(made, *drives, report=Quiet(spoil))
    trouble = trouble_of(results[0])
    assert isinstance(trouble, DamagedArchive)
    assert (trouble.details["drive"], trouble.details["file"]) == ("Носитель-1", "base.age")
    assert names(drives[0].folder) == [CARD]
    assert results[1].proved


@pytest.mark.parametrize(("which", "name"), [(0, "base.age"), (1, "base.age"), (1, "keys.age"), (1, "catalogue.json")])
def test_a_copy_that_went_bad_between_reading_and_proving_is_no_generation(
    made: Made, drives: tuple[Drive, Drive], which: int, name: str
) -> None:
    """The second drive is not restored for trial again, and is as little believed as the first."""

    def spoil(looks: int) -> None:
        file = drives[which].folder / made.catalogue.generation / name
        if file.exists():
            file.write_bytes(file.read_bytes()[:-7] + b"flipped")

    results = write(made, *drives, report=Quiet(spoil))
    assert isinstance(trouble_of(results[which]), DamagedArchive)
    assert generations(drives[which].folder) == []
    assert results[1 - which].proved
    assert all(result.proved for result in write(made, *drives))
    assert names(drives[which].folder) == sorted([CARD, made.catalogue.generation])


# --- stopped on the way ------------------------------------------------------------------------------------------


def test_cancelling_anywhere_leaves_nothing_half(made: Made, older: Made, drives: tuple[Drive, Drive]) -> None:
    write(older, *drives)
    looks = Quiet()
    write(made, *drives, report=looks)
    for drive in drives:
        shutil.rmtree(drive.folder / made.catalogue.generation)
    for look in range(1, looks.looks + 1):
        with pytest.raises(Cancelled):
            write(made, *drives, report=cancel_at(look))
        for drive in drives:
            whole = {CARD, older.catalogue.generation}
            assert set(names(drive.folder)) - {made.catalogue.generation} == whole
            if made.catalogue.generation in names(drive.folder):
                assert is_good(drive, made)
                shutil.rmtree(drive.folder / made.catalogue.generation)


WRITER = """
import sys, time
from pathlib import Path
import msgspec
from ejournal_desktop.backup.drives import open_drives
from ejournal_desktop.backup.write import write_generation
from tools.folder_volumes import FolderVolumes

source, school, key, secret, look, *folders = sys.argv[1:]

class Report:
    looks = 0
    def step(self, done, total, text=""): pass
    def check(self):
        self.looks += 1
        if self.looks == int(look):
            print("here", flush=True)
            time.sleep(60)

places = [Path(f) for f in folders]
write_generation(Path(source), open_drives(places, school, FolderVolumes(*places)), Report(), secret, key)
"""


def test_a_killed_run_leaves_the_old_generation_good_and_the_next_run_cleans_up(
    made: Made, older: Made, drives: tuple[Drive, Drive]
) -> None:
    write(older, *drives)
    counted = Quiet()
    write(made, *drives, report=counted)
    hidden = 0
    for look in range(1, counted.looks + 1, 2):
        for drive in drives:
            shutil.rmtree(drive.folder / made.catalogue.generation, ignore_errors=True)
        run = start_bound(
            [sys.executable, "-c", WRITER, str(made.folder), made.school, made.server_key, ADMINISTRATOR.secret,
             str(look), *(str(drive.folder) for drive in drives)],
            stdout=subprocess.PIPE, stderr=None, signal="KILL",
        )  # fmt: skip
        assert run.stdout is not None
        assert run.stdout.readline() == b"here\n"
        run.send_signal(signal.SIGKILL)
        run.wait(timeout=30)
        run.stdout.close()
        left = {name for drive in drives for name in names(drive.folder) if name.startswith(".")}
        hidden += len(left)
        for drive in drives:
            assert set(generations(drive.folder)) <= {older.catalogue.generation, made.catalogue.generation}
            assert is_good(drive, older)
            if made.catalogue.generation in generations(drive.folder):
                assert is_good(drive, made)
        assert all(result.proved for result in write(made, *drives))
        assert not any(name.startswith(".") for drive in drives for name in names(drive.folder))
    assert hidden, "no run was killed in the middle of a copy"


# --- old generations -----------------------------------------------------------------------------------------------


def test_the_oldest_goes_only_after_the_newest_is_proved(made: Made, older: Made, drives: tuple[Drive, Drive]) -> None:
    one = drives[0]
    write(older, one)
    (one.folder / "Фотографии").mkdir()
    refused = write_generation(made.folder, [one], Quiet(), BackupIdentity.new().secret, made.server_key, kept=1)
    assert not refused[0].proved
    assert set(generations(one.folder)) == {older.catalogue.generation, made.catalogue.generation}
    assert write(made, one, kept=1)[0].proved
    assert names(one.folder) == sorted([CARD, made.catalogue.generation, "Фотографии"])


def test_of_the_proved_ones_those_that_reach_least_far_go_whatever_the_clock_called_them(
    made: Made, drives: tuple[Drive, Drive]
) -> None:
    folder, proof = drives[0].folder, made.catalogue.proof
    for name, size in (("20200101-000000-00", 3), ("20200102-000000-00", 1), ("20200103-000000-00", 2)):
        entries = msgspec.structs.replace(proof, size=size)
        catalogue = msgspec.structs.replace(made.catalogue, generation=name, proof=entries)
        (folder / name).mkdir()
        (folder / name / "catalogue.json").write_bytes(canonical(archive.sign_catalogue(made.signing, catalogue)))
    write(made, drives[0], kept=3)
    assert generations(folder) == ["20200101-000000-00", "20200103-000000-00", made.catalogue.generation]


def test_what_is_not_this_school_s_is_never_removed(made: Made, drives: tuple[Drive, Drive]) -> None:
    one = drives[0].folder
    strangers = ("20200101-000000-00", ".archive.new", "20200101-000000-01")
    for name in strangers:
        (one / name).mkdir()
        (one / name / "catalogue.json").write_text(json.dumps({"v": 1}))
    write(made, drives[0], kept=1)
    assert set(strangers) <= set(names(one))


# --- names ---------------------------------------------------------------------------------------------------------


def test_whatever_gets_a_new_name_is_flushed_once_more(
    made: Made, older: Made, drives: tuple[Drive, Drive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On FAT an entry under a new name leads nowhere until then; whoever pulls the stick out has nothing on it."""
    happened: list[tuple[str, int]] = []
    renamed, flushed = os.rename, os.fsync

    def rename(source: Path, target: Path) -> None:
        happened.append(("renamed", os.stat(source).st_ino))  # noqa: PTH116
        renamed(source, target)

    def flush(descriptor: int) -> None:
        happened.append(("flushed", os.fstat(descriptor).st_ino))
        flushed(descriptor)

    write(older, *drives)
    for name, instead in (("rename", rename), ("replace", rename), ("fsync", flush)):
        monkeypatch.setattr(os, name, instead)
    as_drive(drives[0].folder, made, "Новое имя")
    write(made, *drives, kept=1)
    moves = [(place, number) for place, (what, number) in enumerate(happened) if what == "renamed"]
    assert len(moves) == 1 + 2 * 2  # the card; on each drive the new generation, and the old one out of sight
    for place, number in moves:
        assert happened[place + 1] == ("flushed", number)
