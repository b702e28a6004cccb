"""A disk that takes its time or refuses: typing never waits, and nothing is shown as saved before it is."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import saving
from ejournal_desktop.models.pages import GridCell
from tests.bench.classroom import PASSWORD, Classroom, classroom
from tests.faults.disk import preloaded
from tests.faults.slow import Typed
from tests.helpers.slow_disk import Disk

FLUSH_MS = 2_000


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Give the disk under the program."""
    made = Disk()
    monkeypatch.setattr(os, "fsync", made.fsync)
    return made


@pytest.fixture
def room(qtbot: QtBot, disk: Disk) -> Iterator[Classroom]:
    """Give the program with the teacher at a page."""
    with classroom(6, 6) as made:
        try:
            yield made
        finally:
            disk.error = 0
            disk.open.set()


def may_take(cell: GridCell | None, mark: str) -> bool:
    return cell is None or (cell.value != mark and cell.delivery == "delivered" and not cell.absence)


def type_mark(room: Classroom, mark: str) -> tuple[int, int]:
    """Put a mark by one key at the last lesson, in the first untouched cell with another value; return the cell."""
    view = room.view
    column = view.grid.first_column(room.lessons[-1])
    grid = view.grid
    row = next(row for row in range(len(grid.pupils)) if may_take(grid.cell(column, row), mark))
    view.set_current(column, row)
    room.app.sendEvent(view, QKeyEvent(QEvent.Type.KeyPress, Qt.Key(ord(mark)), Qt.KeyboardModifier.NoModifier, mark))
    return column, row


def stands(room: Classroom, place: tuple[int, int]) -> tuple[str, str]:
    cell = room.view.grid.cell(*place)
    assert cell is not None
    return cell.value, cell.delivery


def pill(room: Classroom) -> str:
    return room.program.window.header.pill.text()


def test_keys_wait_for_no_flush_and_all_are_written_in_their_order(tmp_path: Path) -> None:
    built = tmp_path / "built"
    built.mkdir()
    quiet = {"TMPDIR": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
    command = [sys.executable, "-m", "tests.faults.slow", str(tmp_path), str(FLUSH_MS), "20", "50"]
    done = subprocess.run(command, env=preloaded(built) | quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    typed = msgspec.json.decode(done.stdout, type=Typed)
    assert sum(typed.seconds) < FLUSH_MS / 1_000 * len(typed.seconds) / 2  # else each waits for a flush
    assert typed.faces.keys() <= {"entered", "saving"}
    assert typed.log == typed.wanted
    assert typed.cells == typed.last
    assert len(typed.wanted) == 20


def test_a_cell_has_no_sign_at_first_then_that_of_saving_and_that_of_saved_only_when_it_is(
    room: Classroom, disk: Disk, qtbot: QtBot
) -> None:
    with disk.held():
        place = type_mark(room, "4")
        assert stands(room, place)[0] == "4"
        assert stands(room, place)[1] != "waiting"
        qtbot.waitUntil(lambda: stands(room, place) == ("4", "saving"))
        qtbot.waitUntil(lambda: pill(room).startswith("Сохраняется"))
        other = type_mark(room, "5")
        assert stands(room, other)[0] == "5"
    qtbot.waitUntil(lambda: stands(room, place) == ("4", "waiting"))
    qtbot.waitUntil(lambda: stands(room, other) == ("5", "waiting"))
    qtbot.waitUntil(lambda: pill(room).startswith("Сохранено здесь, 2"))


def test_the_window_that_is_closed_meanwhile_says_so_and_goes_by_itself(
    room: Classroom, disk: Disk, qtbot: QtBot
) -> None:
    window = room.program.window
    with disk.held():
        type_mark(room, "4")
        assert not window.close()
        assert window.isVisible()
        assert "Окно закроется само" in window.banner.text
    qtbot.waitUntil(lambda: not window.isVisible())
    assert room.program.session is None


def test_locking_waits_for_no_disk_and_the_key_leaves_once_all_is_saved(
    room: Classroom, disk: Disk, qtbot: QtBot
) -> None:
    window, session = room.program.window, room.program.session
    assert session is not None
    with disk.held():
        place = type_mark(room, "4")
        window.lock()
        assert window.is_locked
        assert not session._desk.unlocked.is_locked
    qtbot.waitUntil(lambda: session._desk.unlocked.is_locked)
    window.unlock_wanted.emit(PASSWORD)
    qtbot.waitUntil(lambda: not window.is_locked)
    qtbot.waitUntil(lambda: stands(room, place) == ("4", "waiting"))


@pytest.mark.parametrize(("error", "code"), [(errno.EIO, "EJ-540"), (errno.ENOSPC, "EJ-541")])
@pytest.mark.logs("ejournal_desktop.models.saving")
def test_a_disk_that_refuses_is_told_and_what_it_refused_is_saved_when_it_is_well_again(
    room: Classroom, disk: Disk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, error: int, code: str
) -> None:
    monkeypatch.setattr(saving, "AGAIN", 0.05)
    window = room.program.window
    disk.error = error
    place = type_mark(room, "4")
    qtbot.waitUntil(lambda: window.banner.code == code)
    assert "ещё не сохранено" in window.banner.text
    qtbot.waitUntil(lambda: pill(room).startswith("Не сохраняется: 1"))
    assert stands(room, place)[1] != "waiting"
    window.banner.clear()
    before = type_mark_in_vain(room, "5")
    assert window.banner.code == code
    disk.error = 0
    qtbot.waitUntil(lambda: stands(room, place) == ("4", "waiting"))
    qtbot.waitUntil(lambda: not window.banner.text)
    assert stands(room, before[0])[0] == before[1] if before[1] else True
    assert room.program.session is not None
    assert len(room.program.session.journal.outbox()) == 1


def type_mark_in_vain(room: Classroom, mark: str) -> tuple[tuple[int, int], str]:
    """Type where the disk takes nothing; return the cell and what stood there and still does."""
    cells = dict(room.view.grid.cells)
    place = type_mark(room, mark)
    now = room.view.grid.cells.get(room.view.grid.key(*place))
    was = cells.get(room.view.grid.key(*place))
    assert (now.value if now else "") == (was.value if was else "")
    return place, was.value if was else ""


@pytest.mark.logs("ejournal_desktop.models.saving")
def test_who_knows_that_the_disk_refuses_may_leave_all_the_same(room: Classroom, disk: Disk, qtbot: QtBot) -> None:
    window = room.program.window
    disk.error = errno.EIO
    type_mark(room, "4")
    qtbot.waitUntil(lambda: window.banner.code == "EJ-540")
    assert not window.close()
    assert window.close()
    assert not window.isVisible()
