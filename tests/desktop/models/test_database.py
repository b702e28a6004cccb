"""The encrypted file: opened with its key only, never in the clear, and every fault has its own name."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2

from ejournal_core.errors import Bug, EjournalError, Trouble
from ejournal_desktop.models import database, queries
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.helpers.school import SmallSchool, desk_of

KEY = bytes(range(32))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "j.db"
    database.create_database(path, KEY).dispose()
    return path


def test_the_file_opens_with_its_key_and_all_safeguards_on(file: Path) -> None:
    engine = database.open_database(file, KEY)
    with engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")}  # fmt: skip
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1,
                       "busy_timeout": 5000}  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0


def test_another_key_opens_nothing_and_prints_nothing(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(database.Damaged):
        database.open_database(file, os.urandom(32))
    assert capfd.readouterr() == ("", "")
    database.open_database(file, KEY).dispose()


def test_what_still_reads_while_the_key_is_wiped_is_not_told_that_the_file_is_damaged(file: Path) -> None:
    key = bytearray(KEY)
    engine = database.open_database(file, key)
    engine.dispose()
    key[:] = bytes(len(key))
    with pytest.raises(database.Locked), database.sorted_errors(), engine.connect():
        pass


def test_a_missing_file_is_named_so_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(database.Missing):
        database.open_database(tmp_path / "none.db", KEY)
    assert not (tmp_path / "none.db").exists()


def test_a_file_of_a_newer_version_is_refused_untouched(file: Path) -> None:
    engine = database.open_database(file, KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    engine.dispose()
    before = file.read_bytes()
    with pytest.raises(database.TooNew) as caught:
        database.open_database(file, KEY)
    assert caught.value.details["schema"] == "9999_from_the_future"
    assert file.read_bytes() == before
    assert list(file.parent.glob("*before*")) == []


def test_before_a_migration_the_file_is_copied_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    older = database._engine(path, KEY)  # a keyed file from before the first migration
    with older.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE memento (word TEXT)")
        connection.exec_driver_sql("INSERT INTO memento VALUES ('было')")
    older.dispose()
    database.open_database(path, KEY).dispose()
    copy = tmp_path / "j.before-empty.db"
    assert copy.stat().st_mode & 0o077 == 0
    engine = database._engine(copy, KEY)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT word FROM memento").scalar() == "было"
        assert "mark" not in sa.inspect(connection).get_table_names()
    engine.dispose()


def test_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A real network share cannot be had in a test; the list of mounts is the only thing replaced.
    mounts = [SimpleNamespace(mountpoint="/", fstype="ext4"), SimpleNamespace(mountpoint=str(tmp_path), fstype="cifs")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    with pytest.raises(database.OnNetworkShare):
        database.create_database(tmp_path / "j.db", KEY)
    assert list(tmp_path.iterdir()) == []


def test_the_file_system_of_a_real_path_is_known(tmp_path: Path) -> None:
    if not any(tmp_path.is_relative_to(part.mountpoint) for part in psutil.disk_partitions(all=True)):
        pytest.skip("inside this root the system does not say what it stands on")
    assert database.file_system_of(tmp_path) not in database.NETWORK_FILE_SYSTEMS | {""}


def open_and_check(path: Path) -> None:
    engine = database.open_database(path, KEY)
    try:
        database.check_integrity(engine)
    finally:
        engine.dispose()


def test_flipped_bytes_anywhere_in_the_file_are_found(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    journal.close()
    path = tmp_path / "desk-of-p-teacher.journal"
    whole = path.read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(damaged))
        with pytest.raises(database.Damaged):
            open_and_check(path)
    path.write_bytes(whole)
    open_and_check(path)


@pytest.mark.parametrize("keep", [0, 100, 4096, 10_000])
def test_a_cut_file_is_damaged_and_not_made_anew(school: SmallSchool, tmp_path: Path, keep: int) -> None:
    desk_of(school, school.teacher, tmp_path, key=KEY).close()
    path = tmp_path / "desk-of-p-teacher.journal"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(database.Damaged):
        open_and_check(path)
    assert path.stat().st_size == keep


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (dbapi2.OperationalError("database or disk is full"), database.DiskFull),
        (dbapi2.OperationalError("attempt to write a readonly database"), database.ReadOnly),
        (dbapi2.DatabaseError("database disk image is malformed"), database.Damaged),
        (dbapi2.DatabaseError("file is not a database"), database.Damaged),
        (dbapi2.OperationalError("database is locked"), database.Busy),
        (dbapi2.OperationalError("unable to open database file"), database.Missing),
        (dbapi2.OperationalError("disk I/O error"), database.DiskFailed),
        (OSError(errno.ENOSPC, "x"), database.DiskFull),
        (OSError(errno.EROFS, "x"), database.ReadOnly),
        (OSError(errno.EIO, "x"), database.DiskFailed),
        (dbapi2.IntegrityError("NOT NULL constraint failed: mark.pupil_id"), Bug),
        (dbapi2.OperationalError("no such column: vlaue"), Bug),
    ],
)
def test_each_error_has_its_name(error: Exception, expected: type[EjournalError]) -> None:
    assert type(database.sort_error(error)) is expected


def test_every_trouble_has_a_code_of_its_own() -> None:
    troubles = [kind for kind in vars(database).values() if isinstance(kind, type) and issubclass(kind, Trouble)
                and kind is not Trouble and kind.__module__ == database.__name__]  # fmt: skip
    codes = [kind.code for kind in troubles]
    assert len(set(codes)) == len(codes) == 9


# --- a disk that fills up ------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of sixteen megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("may not mount here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return ballast


def write_topics(journal: Journal, count: int) -> None:
    for number in range(count):
        set_topic(journal, LESSON, f"Тема {number} " + "длинная " * 60)


def test_on_a_full_disk_saving_refuses_before_anything_is_shown_and_goes_on_when_there_is_room(
    school: SmallSchool, small_disk: Path
) -> None:
    journal = desk_of(school, school.teacher, small_disk)
    told: list[ChangeSet] = []
    journal.listen(told.append)
    try:
        put_mark(journal, LESSON, COLUMN, "u-01", "5")
        ballast = fill(small_disk)
        with pytest.raises(database.DiskFull):
            write_topics(journal, 2_000)  # the log in front of the file has some room of its own
        unsent = [each.change for each in journal.outbox(10_000)]
        saved = len(unsent)
        assert unsent == [change for done in told for change in done.changes]
        topics = ["", *(change.set["topic"] for change in unsent if "topic" in change.set)]
        assert queries.lesson_sheet(journal, LESSON).lesson.topic == topics[-1]
        ballast.unlink()
        set_topic(journal, LESSON, "Снова есть место")
        assert len(journal.outbox(10_000)) == saved + 1
        database.check_integrity(journal.engine)
    finally:
        journal.close()


def test_a_read_only_disk_says_so_and_nothing_is_changed(school: SmallSchool, small_disk: Path) -> None:
    desk_of(school, school.teacher, small_disk, key=KEY).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(database.ReadOnly):
        open_journal(small_disk / "desk-of-p-teacher.journal", KEY)


# --- nothing in the clear ------------------------------------------------------------------------------------------


def test_no_file_of_the_desk_holds_a_word_that_was_entered(school: SmallSchool, tmp_path: Path) -> None:
    canary = "КАНАРЕЙКА"
    journal: Journal = desk_of(school, school.teacher, tmp_path, outgoing=tmp_path, key=KEY)
    journal.note(seal_key="11" * 32)
    for number in range(30):
        set_topic(journal, LESSON, f"{canary} {number}")
    put_mark(journal, LESSON, COLUMN, "u-01", "5", comment=canary)
    journal.flush()  # the sealed copies too
    try:
        assert search(tmp_path, canary) == []  # with the write-ahead log still there
    finally:
        journal.close()
    assert search(tmp_path, canary) == []


def test_the_search_for_words_would_find_one(tmp_path: Path) -> None:
    (tmp_path / "leak").write_bytes("…КАНАРЕЙКА…".encode("utf-16-le"))
    assert search(tmp_path, "КАНАРЕЙКА") == [tmp_path / "leak"]


def search(folder: Path, word: str) -> list[Path]:
    """Return the files that hold a word in any usual encoding."""
    forms = [word.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1251", "koi8-r")]
    forms.append(word.encode("unicode_escape"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(form in path.read_bytes() for form in forms)]
