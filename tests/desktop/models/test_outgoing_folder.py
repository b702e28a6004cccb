"""A folder that everybody on the PC can write to, and a stick: what a pupil plants there stops nobody."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ejournal_desktop.models import outgoing, outgoing_folder
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.outgoing_folder import (
    StickUnusable,
    export_sealed,
    import_sealed,
    sealed_files,
    sealed_records,
)
from tests.desktop.models.conftest import LESSON
from tests.desktop.models.test_outgoing import delivered, desk, reopen
from tests.helpers.school import SmallSchool

NAME = "school-1.desk-of-p-teacher.sealed"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "outgoing"
    made.mkdir()
    return made


def record(size: int = 200) -> bytes:
    return size.to_bytes(4, "big") + os.urandom(size)


def plant(folder: Path) -> None:
    """Put everything there that a pupil with a spare hour would."""
    os.mkfifo(folder / "school-1.pipe.sealed")
    elsewhere = folder.parent / "elsewhere"
    elsewhere.write_bytes(record())
    (folder / "school-1.link.sealed").symlink_to(elsewhere)
    (folder / "school-1.loop.sealed").symlink_to(folder / "school-1.loop.sealed")
    (folder / "school-1.folder.sealed").mkdir()
    (folder / "school-1.zero.sealed").symlink_to("/dev/zero")
    with (folder / "school-1.huge.sealed").open("wb") as file:
        file.truncate(outgoing_folder.LARGEST_FILE + 1)
    (folder / "no name at all.sealed").write_bytes(record())
    (folder / "school-1.desk.one.two.sealed").write_bytes(record())
    (folder / ".sealed").write_bytes(record())
    (folder / "school-1.unreadable.sealed").write_bytes(b"\xff" * 1000)


def test_pipes_links_and_huge_files_are_passed_over_and_honest_ones_found(folder: Path) -> None:
    plant(folder)
    (folder / "school-1.honest.sealed").write_bytes(record() + record() + b"\x00\x00\x01\x00torn")
    began = time.monotonic()
    (file,) = sealed_files(folder)
    assert (file.school, file.desk_id, file.records, len(sealed_records(file))) == ("school-1", "honest", 2, 2)
    assert time.monotonic() - began < 1


def test_of_thousands_of_files_no_more_are_looked_at_than_a_school_could_have(folder: Path) -> None:
    for number in range(3_000):
        (folder / f"school-1.planted-{number}.sealed").write_bytes(record())
    assert len(sealed_files(folder)) == outgoing_folder.MOST_FILES


def test_what_is_read_at_once_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_folder, "MOST_BYTES", 1000)
    for number in range(10):
        (folder / f"school-1.big-{number}.sealed").write_bytes(record(400))
    assert len(sealed_files(folder)) == 2


def test_a_file_that_goes_or_turns_into_a_pipe_meanwhile_has_no_records(folder: Path) -> None:
    path = folder / "school-1.honest.sealed"
    path.write_bytes(record())
    (file,) = sealed_files(folder)
    path.unlink()
    assert sealed_records(file) == []
    os.mkfifo(path)
    assert sealed_records(file) == []


@pytest.mark.parametrize("trap", ["link", "hard link", "pipe", "folder"])
def test_a_trap_under_the_desks_name_is_neither_written_through_nor_in_the_way(
    school: SmallSchool, tmp_path: Path, folder: Path, trap: str
) -> None:
    journal = desk(school, tmp_path, folder)
    set_topic(journal, LESSON, "Дроби")
    journal.flush()
    (own,) = sealed_files(folder)
    own.path.unlink()
    precious = tmp_path / "precious.txt"
    precious.write_text("чужое")
    match trap:
        case "link":
            own.path.symlink_to(precious)
        case "hard link":
            own.path.hardlink_to(precious)
        case "pipe":
            os.mkfifo(own.path)
        case _:
            own.path.mkdir()
    set_topic(journal, LESSON, "Дроби и проценты")
    assert [change.set["topic"] for change in delivered(journal, folder)] == ["Дроби", "Дроби и проценты"]
    assert precious.read_text() == "чужое"
    journal.close()
    again = reopen(tmp_path, folder)
    set_topic(again, LESSON, "Проценты")
    assert len(delivered(again, folder)) == 3
    again.close()


def test_where_every_name_is_taken_the_edit_is_saved_all_the_same(
    school: SmallSchool, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = desk(school, tmp_path, folder)
    for tag in ("", *outgoing._TAGS):
        (folder / f"{school.id}.desk-of-p-teacher{tag}.sealed").mkdir()
    set_topic(journal, LESSON, "Дроби")
    journal.flush()
    assert [each.change.set["topic"] for each in journal.outbox()] == ["Дроби"]
    assert sealed_files(folder) == []
    journal.close()


def test_the_sealed_future_of_a_journal_restored_from_an_older_copy_is_kept(
    school: SmallSchool, tmp_path: Path, folder: Path
) -> None:
    journal = desk(school, tmp_path, folder)
    set_topic(journal, LESSON, "Дроби")
    journal.close()
    file = tmp_path / "desk-of-p-teacher.journal"
    image = file.read_bytes()
    again = reopen(tmp_path, folder)
    set_topic(again, LESSON, "Доли")
    again.close()
    lost = [own.path.read_bytes() for own in sealed_files(folder)]
    file.write_bytes(image)
    restored = reopen(tmp_path, folder)
    set_topic(restored, LESSON, "Части")
    restored.flush()
    kept, own = sorted(sealed_files(folder), key=lambda each: each.tag, reverse=True)
    assert (kept.is_nobodys, own.is_nobodys) == (True, False)
    assert [kept.path.read_bytes()] == lost
    restored.close()
    reopen(tmp_path, folder).close()
    assert len(sealed_files(folder)) == 2  # an ordinary start keeps nothing more


# --- on a stick ------------------------------------------------------------------------------------------------------


def test_sealed_work_travels_on_a_stick_to_another_computer(folder: Path, tmp_path: Path) -> None:
    stick, other = tmp_path / "stick", tmp_path / "other"
    stick.mkdir()
    other.mkdir()
    content = record() + record(5_000)
    (folder / NAME).write_bytes(content + b"\x00\x00torn")
    (folder / "school-2.foreign.sealed").write_bytes(record())
    plant(folder)
    assert export_sealed(folder, "school-1", stick) == 2
    assert [file.path.name for file in sealed_files(stick / outgoing_folder.STICK_FOLDER)] == [NAME]
    assert import_sealed(stick, "school-1", other) == 2
    assert import_sealed(stick, "school-1", other) == 2  # twice is once
    (came,) = sealed_files(other)
    assert (came.desk_id, came.is_nobodys, came.path.read_bytes()) == ("desk-of-p-teacher", True, content)


def test_a_shorter_copy_does_not_take_the_place_of_a_longer_one(folder: Path, tmp_path: Path) -> None:
    (folder / NAME).write_bytes(record() + record())
    export_sealed(folder, "school-1", tmp_path)
    (folder / NAME).write_bytes(record())
    export_sealed(folder, "school-1", tmp_path)
    (file,) = sealed_files(tmp_path / outgoing_folder.STICK_FOLDER)
    assert file.records == 2


def test_a_stick_with_nothing_of_this_school_or_without_room_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / NAME).write_bytes(record())
    with pytest.raises(StickUnusable):
        import_sealed(tmp_path / "nowhere", "school-1", folder)
    with pytest.raises(StickUnusable):
        import_sealed(folder, "school-9", tmp_path)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StickUnusable):
        export_sealed(folder, "school-1", tmp_path / "file")
