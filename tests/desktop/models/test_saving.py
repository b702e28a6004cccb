"""The window's thread goes on before the disk has flushed: until then nothing counts as saved, and nothing leaves."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ejournal_core.changes import change_hash
from ejournal_desktop.models import database, queries, saving
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.database import DiskFailed
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.saving import LogFile, NoRoomToSave, NotSaved
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.helpers.school import NOW, Clock, SmallSchool, desk_of
from tests.helpers.slow_disk import Disk

KEY = bytes(range(32))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Give the disk under every journal of this test."""
    made = Disk()
    monkeypatch.setattr(os, "fsync", made.fsync)
    return made


@pytest.fixture
def typed(journal: Journal, disk: Disk) -> Journal:
    """Give a journal whose window is this thread."""
    journal.go_on_here()
    return journal


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_write_returns_before_the_disk_has_it_and_nothing_of_it_leaves(
    typed: Journal, disk: Disk, school: SmallSchool
) -> None:
    with disk.held():
        put_mark(typed, LESSON, COLUMN, school.pupils[0], "5")
        put_mark(typed, LESSON, COLUMN, school.pupils[1], "4")
        assert disk.reached.wait(60)
        assert typed.outbox() == []
        assert typed.first_unsaved() == 1
        assert not typed.is_saved()
        assert typed.is_anything_unsent()
    typed.flush()
    assert [each.change.n for each in typed.outbox()] == [1, 2]
    assert typed.first_unsaved() is None
    assert typed.is_saved()


def test_listeners_hear_of_an_entry_at_once_and_once_more_when_it_is_saved(
    typed: Journal, disk: Disk, school: SmallSchool
) -> None:
    heard: list[ChangeSet] = []
    typed.listen(heard.append)
    with disk.held():
        put_mark(typed, LESSON, COLUMN, school.pupils[0], "5")
        assert [(each.saved, len(each.changes)) for each in heard] == [(False, 1)]
    typed.flush()
    assert [(each.saved, len(each.changes)) for each in heard] == [(False, 1), (True, 1)]
    assert heard[0].changes == heard[1].changes


def test_the_state_of_delivery_counts_nothing_as_saved_that_is_not(
    typed: Journal, disk: Disk, school: SmallSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "SLOW", 0.0)
    put_mark(typed, LESSON, COLUMN, school.pupils[0], "5")
    typed.flush()
    with disk.held():
        put_mark(typed, LESSON, COLUMN, school.pupils[1], "4")
        state = queries.sync_state(typed)
        assert (state.saved, state.waiting, state.unsaved, state.is_slow) == (1, 1, 1, True)
        assert [row.delivery for row in state.rows] == ["waiting", "saving"]
        cells = queries.journal_spread(typed, school.page).cells.values()
        assert sorted(cell.delivery for cell in cells if cell.value in "54" and cell.value) == ["saving", "waiting"]
    typed.flush()
    state = queries.sync_state(typed)
    assert (state.saved, state.waiting, state.unsaved, state.is_slow) == (2, 2, 0, False)


def test_a_disk_that_keeps_up_leaves_a_cell_without_any_sign(typed: Journal, disk: Disk, school: SmallSchool) -> None:
    with disk.held():
        put_mark(typed, LESSON, COLUMN, school.pupils[1], "4")
        (cell,) = [cell for cell in queries.journal_spread(typed, school.page).cells.values() if cell.value == "4"]
        assert cell.delivery in ("entered", "saving")
        assert cell.delivery == "saving" or not typed.is_slow()


def test_other_threads_wait_for_the_disk_and_tell_of_what_came_before_them_first(
    typed: Journal, disk: Disk, school: SmallSchool
) -> None:
    heard: list[int] = []
    typed.listen(lambda done: heard.extend(change.n for change in done.changes if done.saved))
    with disk.held():
        put_mark(typed, LESSON, COLUMN, school.pupils[0], "5")
        assert disk.reached.wait(60)
        other = threading.Thread(target=put_mark, args=(typed, LESSON, COLUMN, school.pupils[1], "4"))
        other.start()
        other.join(60)  # SQLite has flushed the log for it
        assert heard == [1, 2]
        assert [each.change.n for each in typed.outbox()] == [1, 2]
    typed.flush()
    assert heard == [1, 2]


def test_the_sealed_copy_holds_only_what_is_saved(school: SmallSchool, tmp_path: Path, disk: Disk) -> None:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY, outgoing=tmp_path)
    journal.note(seal_key="11" * 32)
    journal.go_on_here()
    with disk.held():
        put_mark(journal, LESSON, COLUMN, school.pupils[0], "5")
        assert disk.reached.wait(60)
        assert not list(tmp_path.glob("*.sealed"))
    journal.flush()
    assert list(tmp_path.glob("*.sealed"))
    journal.close()


@pytest.mark.parametrize(("error", "kind"), [(errno.EIO, NotSaved), (errno.ENOSPC, NoRoomToSave)])
@pytest.mark.logs("ejournal_desktop.models.saving")
def test_a_disk_that_refuses_is_said_and_takes_nothing_further_until_it_has_what_it_refused(
    typed: Journal, disk: Disk, school: SmallSchool, error: int, kind: type[NotSaved], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "AGAIN", 0.02)
    told: list[type | None] = []
    typed.watch_disk(lambda trouble: told.append(type(trouble) if trouble else None))
    disk.error = error
    put_mark(typed, LESSON, COLUMN, school.pupils[0], "5")
    until(lambda: bool(told))
    assert told == [kind]
    with pytest.raises(kind):
        typed.flush()
    with pytest.raises(kind):
        put_mark(typed, LESSON, COLUMN, school.pupils[1], "4")
    assert typed.last_n() == 1
    assert typed.outbox() == []
    assert queries.sync_state(typed).disk_refuses
    disk.error = 0
    until(lambda: told == [kind, None])
    typed.flush()
    put_mark(typed, LESSON, COLUMN, school.pupils[1], "4")
    typed.flush()
    assert [each.change.n for each in typed.outbox()] == [1, 2]


@pytest.mark.logs("ejournal_desktop.models.saving")
def test_closing_on_a_disk_that_refuses_ends_and_the_entry_is_there_afterwards(
    school: SmallSchool, tmp_path: Path, disk: Disk
) -> None:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    journal.go_on_here()
    disk.error = errno.EIO
    put_mark(journal, LESSON, COLUMN, school.pupils[0], "5")
    journal.close()
    disk.error = 0
    again = open_journal(tmp_path / f"desk-of-{school.teacher}.journal", KEY, clock=Clock(NOW))
    assert [each.change.n for each in again.outbox()] == [1]
    again.close()


def test_closing_waits_for_the_disk(school: SmallSchool, tmp_path: Path, disk: Disk) -> None:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    journal.go_on_here()
    with disk.held():
        put_mark(journal, LESSON, COLUMN, school.pupils[0], "5")
        assert disk.reached.wait(60)
        closing = threading.Thread(target=journal.close)
        closing.start()
        closing.join(0.2)
        assert closing.is_alive()
    closing.join(60)
    assert not closing.is_alive()


def test_what_a_killed_program_left_in_the_log_is_flushed_before_it_counts_as_saved(
    school: SmallSchool, tmp_path: Path, disk: Disk
) -> None:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    put_mark(journal, LESSON, COLUMN, school.pupils[0], "5")
    disk.error = errno.EIO
    with pytest.raises(DiskFailed):
        Journal(journal.engine)
    disk.error = 0
    assert len(Journal(journal.engine).outbox()) == 1
    journal.close()


def test_the_log_enters_the_file_by_itself_and_the_chain_goes_on(
    typed: Journal, school: SmallSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MANY", 5)
    monkeypatch.setattr(saving, "QUIET", 0.01)
    folded = typed._saving
    for number in range(40):
        put_mark(typed, LESSON, COLUMN, school.pupils[number % 25], "2345"[number // 25 % 4])
        if number % 10 == 9:
            typed.flush()
            until(lambda: folded._taken - folded._folded < 5)
    typed.flush()
    prev = ""
    for number, each in enumerate(typed.outbox(), 1):
        assert (each.change.n, each.prev) == (number, prev)
        prev = change_hash(each.change, prev).hex()
    database.check_integrity(typed.engine)


def test_the_log_is_found_again_where_another_has_taken_its_place(tmp_path: Path) -> None:
    path = tmp_path / "some-wal"
    log = LogFile(path)
    log.flush()  # without a log all is in the file
    path.write_bytes(b"first")
    log.flush()
    path.with_suffix(".new").write_bytes(b"second")
    path.with_suffix(".new").replace(path)
    log.write_again()
    assert path.read_bytes() == b"second"
    log.close()


def test_writing_again_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "PIECE", 7)
    path, content = tmp_path / "some-wal", os.urandom(1_000)
    path.write_bytes(content)
    log = LogFile(path)
    log.write_again()
    log.close()
    assert path.read_bytes() == content
