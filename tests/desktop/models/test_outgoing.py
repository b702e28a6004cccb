"""The sealed outgoing file: whatever is unsent can be delivered without its author, and nobody here can read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejournal_core import seal, wire
from ejournal_core.changes import Change
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.outgoing_folder import sealed_files, sealed_records
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool, desk_of

KEY = bytes(range(32))
SERVER_KEY = seal.new_sealing_key()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "outgoing"
    made.mkdir()
    return made


def desk(school: SmallSchool, tmp_path: Path, folder: Path, *, sealing: bool = True) -> Journal:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY, outgoing=folder)
    if sealing:
        journal.note(seal_key=seal.sealing_public_key(SERVER_KEY).hex())
    return journal


def reopen(tmp_path: Path, folder: Path) -> Journal:
    return open_journal(tmp_path / "desk-of-p-teacher.journal", KEY, folder)


def delivered(journal: Journal, folder: Path) -> list[Change]:
    """Open the files as the server would: unseal, verify signature and chain, return the changes in order."""
    journal.flush()
    public_key = seal.signing_public_key(journal.identity.signing_key)
    changes: list[Change] = []
    prev = None
    for file in sealed_files(folder):
        for record in sealed_records(file):
            batch = wire.decode_batch(seal.unseal(SERVER_KEY, journal.identity.school, record))
            hashes = seal.chain(batch.head.prev, batch.changes)
            assert seal.is_batch_signed(public_key, batch, hashes)
            assert batch.head.prev == (prev if prev is not None else batch.head.prev)
            prev = hashes[-1].hex()
            changes += batch.changes
    return changes


def test_every_edit_lies_sealed_and_signed_beside_the_desk(school: SmallSchool, tmp_path: Path, folder: Path) -> None:
    journal = desk(school, tmp_path, folder)
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    set_topic(journal, LESSON, "Дроби")
    assert delivered(journal, folder) == [each.change for each in journal.outbox()]
    (file,) = sealed_files(folder)
    assert (file.school, file.desk_id) == (school.id, "desk-of-p-teacher")
    assert file.records in (1, 2)  # two quick writes may share a record
    journal.close()


def test_nobody_without_the_servers_key_can_read_it(school: SmallSchool, tmp_path: Path, folder: Path) -> None:
    journal = desk(school, tmp_path, folder)
    set_topic(journal, LESSON, "КАНАРЕЙКА")
    journal.flush()
    text = b"".join(path.read_bytes() for path in folder.iterdir())
    assert "КАНАРЕЙКА".encode() not in text
    with pytest.raises(seal.NotSealed):
        seal.unseal(seal.new_sealing_key(), school.id, sealed_records(sealed_files(folder)[0])[0])
    journal.close()


def test_what_is_missing_there_is_added_at_unlock(school: SmallSchool, tmp_path: Path, folder: Path) -> None:
    journal = desk(school, tmp_path, folder)
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    set_topic(journal, LESSON, "Дроби")
    journal.close()
    next(folder.glob("*.sealed")).unlink()
    journal = reopen(tmp_path, folder)
    assert delivered(journal, folder) == [each.change for each in journal.outbox()]
    journal.close()


def test_a_torn_last_record_is_left_out_and_mended_at_unlock(school: SmallSchool, tmp_path: Path, folder: Path) -> None:
    journal = desk(school, tmp_path, folder)
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    journal.flush()  # a record of its own for each of the two
    set_topic(journal, LESSON, "Дроби")
    journal.close()
    path = next(folder.glob("*.sealed"))
    path.write_bytes(path.read_bytes()[:-10])
    assert len(sealed_records(sealed_files(folder)[0])) == 1
    journal = reopen(tmp_path, folder)
    assert len(delivered(journal, folder)) == 2
    journal.close()


def test_when_everything_is_settled_the_file_goes(school: SmallSchool, tmp_path: Path, folder: Path) -> None:
    journal = desk(school, tmp_path, folder)
    server = PocketServer(school)
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    set_topic(journal, LESSON, "Дроби")
    journal.settle(server.push(journal.outbox(1)))
    journal.flush()
    assert len(sealed_files(folder)) == 1
    journal.settle(server.push(journal.outbox()))
    journal.flush()
    assert sealed_files(folder) == []
    set_topic(journal, LESSON, "Степени")
    assert [c.set["topic"] for c in delivered(journal, folder)] == ["Степени"]
    journal.close()


def test_before_the_servers_key_is_known_nothing_is_written_and_afterwards_all_of_it(
    school: SmallSchool, tmp_path: Path, folder: Path
) -> None:
    journal = desk(school, tmp_path, folder, sealing=False)
    set_topic(journal, LESSON, "Дроби")
    journal.flush()
    assert list(folder.iterdir()) == []
    journal.note(seal_key=seal.sealing_public_key(SERVER_KEY).hex())
    set_topic(journal, LESSON, "Степени")
    topics = [change.set["topic"] for change in delivered(journal, folder)]
    assert topics == ["Дроби", "Степени"]
    journal.close()


def test_an_edit_is_saved_even_where_the_shared_folder_is_gone(
    school: SmallSchool, tmp_path: Path, folder: Path
) -> None:
    journal = desk(school, tmp_path, folder)
    folder.rmdir()
    set_topic(journal, LESSON, "Дроби")
    journal.flush()
    assert len(journal.outbox()) == 1
    folder.mkdir()
    journal.close()
    journal = reopen(tmp_path, folder)
    assert len(delivered(journal, folder)) == 1
    journal.close()


def test_after_a_lock_edits_are_sealed_again(school: SmallSchool, tmp_path: Path, folder: Path) -> None:
    journal = desk(school, tmp_path, folder)
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    journal.close()
    journal.reopen()
    put_mark(journal, LESSON, COLUMN, "u-02", "4")
    assert [change.set["value"] for change in delivered(journal, folder)] == ["5", "4"]
    journal.close()
    journal.close()  # ending a locked session closes once more


def test_an_outgoing_file_that_cannot_be_sealed_keeps_nobody_waiting(
    school: SmallSchool, tmp_path: Path, folder: Path
) -> None:
    journal = desk(school, tmp_path, folder, sealing=False)
    journal.note(seal_key="no key at all")
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    put_mark(journal, LESSON, COLUMN, "u-02", "4")
    journal.flush()
    journal.close()
    assert sealed_files(folder) == []
