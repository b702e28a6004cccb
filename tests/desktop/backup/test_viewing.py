"""Looking into a backup: everything as it was that day, nothing to be changed, nothing left behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from ejournal_core import archive
from ejournal_core.age_file import BackupIdentity, NoKey, NoMatchingKey
from ejournal_core.archive import Catalogue, DamagedArchive, ForeignArchive, NewerArchive
from ejournal_core.changes import canonical
from ejournal_core.errors import Refusal
from ejournal_desktop import paths
from ejournal_desktop.backup import viewing
from ejournal_desktop.backup.troubles import DriveFailed, NoBackupHere
from ejournal_desktop.backup.viewing import Copy, NoRoomToLook, find_generations, open_copy
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.database import DiskFull
from ejournal_desktop.ui.file_copies import forget_viewed
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Made, Quiet, cancel_at, names
from tests.desktop.backup.drive_world import Cancelled as CancelledJob
from tests.server import world

MOSCOW = timezone(timedelta(hours=3))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give the folder in which copies are unfolded."""
    made = tmp_path / "viewed"
    made.mkdir()
    return made


@pytest.fixture
def drive(tmp_path: Path, made: Made) -> Path:
    """Give a generation of one's own, to be damaged."""
    return Path(shutil.copytree(made.folder, tmp_path / "usb" / made.folder.name))


def look(made: Made, folder: Path, place: Path, secret: str = ADMINISTRATOR.secret) -> Copy:
    return open_copy(folder, secret, made.server_key, place, Quiet(), MOSCOW)


@pytest.mark.parametrize("secret", [ADMINISTRATOR.secret, SAFE.secret], ids=["administrator", "safe"])
def test_the_journal_is_seen_as_it_was_by_either_key(older: Made, place: Path, secret: str) -> None:
    copy = look(older, older.folder, place, secret)
    try:
        pages = {page.id for page in queries.journal_pages(copy.journal)}
        assert {world.PAGE, world.OTHER_PAGE} == pages
        spread = queries.journal_spread(copy.journal, world.PAGE)
        assert {cell.value for (_, pupil), cell in spread.cells.items() if pupil == world.PUPILS[0]} >= {"5"}
        assert spread.read_only
        assert copy.moment.tzinfo is MOSCOW
        assert copy.journal.clock() == copy.moment
    finally:
        copy.close()


def test_every_record_is_the_one_of_the_backup_and_its_past_is_there(made: Made, place: Path) -> None:
    copy = look(made, made.folder, place)
    try:
        with copy.journal.reading() as connection:
            value = connection.exec_driver_sql("SELECT value, author FROM mark").one()
            past = connection.exec_driver_sql("SELECT count(*) FROM history WHERE kind = 'Mark'").scalar_one()
        assert tuple(value) == ("5", world.TEACHER)
        assert past == 61
    finally:
        copy.close()


def test_nothing_can_be_written_into_it(made: Made, place: Path) -> None:
    copy = look(made, made.folder, place)
    try:
        with pytest.raises(Refusal) as refused:
            put_mark(copy.journal, world.LESSON, world.COLUMN, world.PUPILS[0], "2")
        assert refused.value.code == "EJ-537"
        with copy.journal.reading() as connection:
            assert connection.exec_driver_sql("SELECT value FROM mark").scalar_one() == "5"
    finally:
        copy.close()


def test_closed_it_leaves_no_file_and_no_key(made: Made, place: Path) -> None:
    before = {each.name: each.read_bytes() for each in made.folder.iterdir()}
    copy = look(made, made.folder, place)
    assert names(place)
    copy.close()
    assert names(place) == []
    assert not any(copy._key)
    assert {each.name: each.read_bytes() for each in made.folder.iterdir()} == before, "the drive is as it was"


WORDS = ("Ёлкин", "Завучева", "Математика", world.PUPILS[0], "oral")


def test_while_it_is_open_no_word_of_it_can_be_read_on_the_disk(made: Made, place: Path) -> None:
    copy = look(made, made.folder, place)
    try:
        with copy.journal.reading() as connection:
            assert connection.exec_driver_sql("SELECT last_name FROM pupil LIMIT 1").scalar_one() == WORDS[0]
        lying = [each for each in place.rglob("*") if each.is_file()]
        assert lying
        assert readable(lying) == []
    finally:
        copy.close()


def readable(files: list[Path]) -> list[tuple[str, str]]:
    """Return each (file, word) where a word of the school lies in the clear, in any usual encoding."""
    return [
        (file.name, word)
        for file in files
        for word in WORDS
        if any(word.encode(how) in file.read_bytes() for how in ("utf-8", "cp1251", "utf-16-le"))
    ]


def test_the_search_for_words_finds_one(tmp_path: Path) -> None:
    (tmp_path / "leak").write_text("ученик Ёлкин", encoding="utf-8")
    assert readable([tmp_path / "leak"]) == [("leak", "Ёлкин")]


KILLED = """
import os, sys
from datetime import UTC
from pathlib import Path
from ejournal_desktop.backup.viewing import open_copy
from tests.desktop.backup.drive_world import Quiet
folder, server_key, place = sys.argv[1:]
copy = open_copy(Path(folder), sys.stdin.read(), server_key, Path(place), Quiet(), UTC)
os.kill(os.getpid(), 9)
"""


def test_a_killed_program_leaves_nothing_readable_and_the_next_start_removes_it(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "pc"))
    place = paths.viewed_folder()
    command = [sys.executable, "-c", KILLED, str(made.folder), made.server_key, str(place)]
    subprocess.run(command, input=ADMINISTRATOR.secret, text=True, check=False, cwd=Path(__file__).parents[3])
    left = [each for each in place.rglob("*") if each.is_file()]
    assert left, "it was killed while it looked"
    assert readable(left) == []
    forget_viewed()
    assert names(place) == []


def test_a_key_that_does_not_fit_opens_nothing(made: Made, place: Path) -> None:
    with pytest.raises(NoMatchingKey):
        look(made, made.folder, place, BackupIdentity.new().secret)
    with pytest.raises(NoKey):
        look(made, made.folder, place, "не ключ")
    assert names(place) == []


@pytest.mark.parametrize("name", ["base.age", "keys.age"])
def test_a_copy_that_is_cut_or_altered_shows_nothing(made: Made, drive: Path, place: Path, name: str) -> None:
    file = drive / name
    whole = file.read_bytes()
    for bad in (whole[:-1], whole[:200], b"", whole[:300] + bytes([whole[300] ^ 1]) + whole[301:]):
        file.write_bytes(bad)
        with pytest.raises(DamagedArchive) as damaged:
            look(made, drive, place)
        assert damaged.value.details["file"] == name
        assert names(place) == []
    file.unlink()
    with pytest.raises(DamagedArchive):
        look(made, drive, place)


def resigned(made: Made, drive: Path, change: Callable[[Catalogue], Catalogue], key: bytes = b"") -> None:
    signed = archive.sign_catalogue(key or made.signing, change(made.catalogue))
    (drive / "catalogue.json").write_bytes(canonical(signed))


def test_a_catalogue_that_does_not_match_shows_nothing(made: Made, older: Made, drive: Path, place: Path) -> None:
    resigned(made, drive, lambda one: msgspec.structs.replace(one, proof=older.catalogue.proof))
    with pytest.raises(DamagedArchive):
        look(made, drive, place)
    assert names(place) == []


def test_another_school_s_and_a_newer_program_s_copy_say_so(made: Made, drive: Path, place: Path) -> None:
    with pytest.raises(ForeignArchive):
        open_copy(drive, ADMINISTRATOR.secret, "ab" * 32, place, Quiet(), MOSCOW)
    resigned(made, drive, lambda one: msgspec.structs.replace(one, v=2))
    with pytest.raises(NewerArchive):
        look(made, drive, place)
    assert names(place) == []


def test_looking_can_be_given_up_at_every_step(made: Made, place: Path) -> None:
    whole = Quiet()
    open_copy(made.folder, ADMINISTRATOR.secret, made.server_key, place, whole, MOSCOW).close()
    for at in {1, 2, whole.looks // 2, whole.looks}:
        with pytest.raises(CancelledJob):
            open_copy(made.folder, ADMINISTRATOR.secret, made.server_key, place, cancel_at(at), MOSCOW)
        assert names(place) == []


def test_a_drive_that_is_pulled_out_and_a_full_disk_say_so(
    made: Made, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DamagedArchive):
        look(made, tmp_path / "nowhere", place)
    with pytest.raises(NoRoomToLook):
        look(made, made.folder, tmp_path / "no such folder")

    def full(*_: object) -> None:
        raise DiskFull("full")

    monkeypatch.setattr(viewing, "_fill", full)
    with pytest.raises(NoRoomToLook):
        look(made, made.folder, place)
    assert names(place) == []


def test_generations_are_found_newest_first_and_what_is_wrong_is_named(
    generations: list[Made], tmp_path: Path, made: Made
) -> None:
    both = tmp_path / "usb"
    for each in generations:
        shutil.copytree(each.folder, both / each.folder.name)
    found = find_generations([both], made.server_key)
    assert [each.catalogue and each.catalogue.generation for each in found] == [
        each.catalogue.generation for each in reversed(generations)
    ]
    assert find_generations([both / made.folder.name], made.server_key)[0].folder == both / made.folder.name
    (both / made.folder.name / "catalogue.json").write_text("{}")
    found = find_generations([both], made.server_key)
    assert [each.trouble is None for each in found] == [True, False]
    with pytest.raises(NoBackupHere):
        find_generations([place_without(tmp_path)], made.server_key)
    with pytest.raises(DriveFailed):
        find_generations([tmp_path / "pulled out"], made.server_key)


def place_without(root: Path) -> Path:
    empty = root / "empty"
    empty.mkdir()
    return empty
