"""Disks with their last pages free, full ones and read-only ones, under a desk and under the server: what is not saved
is never shown as saved, and both go on without a restart as soon as there is room.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from sqlalchemy.engine.default import DefaultDialect

from ejournal_desktop.models import database
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.engine import sync_once
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.ui.errors import explain
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_server.store import database as stores
from tests.campaigns.checker import Checker
from tests.campaigns.ledger_copy import Raw
from tests.campaigns.play import come_to_rest
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import KEY, Disk, stage
from tests.campaigns.story import Plan
from tests.campaigns.world import Seat, World
from tests.faults.amounts import amount
from tests.faults.nth import pass_over_failures

ROUNDS = amount("FULL", 20) // 2
PLAN = Plan(31, (0, 1), loss=0.0, beside=0.0, faults=False)
PAGE = 4096


class SmallDisk:
    """A file system of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, free_pages: int) -> None:
        """Leave so many pages free."""
        with self._ballast.open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(PAGE))
            file.truncate(max(0, file.tell() - free_pages * PAGE))

    def empty(self) -> None:
        """Make room."""
        self._ballast.unlink(missing_ok=True)

    def remount(self, how: str) -> None:
        """Make it read-only ("ro") or writable again ("rw")."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount here")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def desk_world(disk: SmallDisk) -> Iterator[World]:
    """Give a school whose first desk lies on the small disk."""
    world = World(PLAN, stage(4, open_policy=True))
    world.calm = True
    with world.injected():
        first, slot = world.seats[0], world.ground.slots[0]
        first.journal.close()
        path = disk.folder / "desk.journal"
        path.write_bytes(slot.image)
        engine = database.open_database(path, KEY)
        world.seats[0] = Seat(world, Disk(path, engine), slot.person, slot.desk, slot.signing)
        yield world
        for seat in world.seats:
            seat.journal.close()


@pytest.fixture
def server_world(disk: SmallDisk) -> Iterator[World]:
    """Give a school whose server's file lies on the small disk."""
    ground = stage(4, open_policy=True)
    path = disk.folder / "store.db"
    path.write_bytes(ground.server_image)
    store = stores.open_store(None, path, ground.store_key, ground.office.authority.school)
    world = World(PLAN, replace(ground, server_disk=Disk(path, store.engine)))
    world.calm = True
    with world.injected():
        yield world
        for seat in world.seats:
            seat.journal.close()
    store.close()


def fill_up(seat: Seat, first: int) -> None:
    """Enter topics until the disk says no."""
    for number in range(first, first + 400):
        seat.do(set_topic, LESSONS[number % 3], f"Тема {number} " + "слово " * 300)


def topics(seat: Seat) -> list[str]:
    """Return the topics that the desk shows, read beside it."""
    with Raw(seat.disk.path, KEY) as raw:
        return [row["topic"] for row in raw.rows("SELECT topic FROM lesson WHERE topic LIKE 'Тема%' ORDER BY id")]


def meet(world: World, seat: Seat) -> None:
    """Meet the server and let trouble out."""
    keys = world.office.authority.keys
    sync_once(seat.journal, seat.line, bytes.fromhex(keys.signing_public), keys.sealing_public)


def send_much(world: World, seat: Seat, turn: int) -> None:
    """Enter and send topics until the server says no."""
    for number in range(400):
        seat.do(set_topic, LESSONS[number % 3], f"Тема {turn} {number} " + "слово " * 300)
        meet(world, seat)


def test_a_desk_whose_disk_fills_up_shows_nothing_as_saved_that_is_not(desk_world: World, disk: SmallDisk) -> None:
    seat, checker = desk_world.seats[0], Checker(desk_world)
    for free in range(ROUNDS):
        disk.fill(free)
        with pytest.raises(database.DiskFull) as told:
            fill_up(seat, free * 1_000)
        assert "не сохранена" in explain(told.value).text
        entered = {change.set["topic"] for each in seat.journal.outbox(10_000)
                   if (change := each.change).kind == "Lesson" and "topic" in change.set}  # fmt: skip
        assert set(topics(seat)) <= entered | {""}, "something is shown that was not saved"
        assert checker.after_fault() == []
        disk.empty()
        assert (
            seat.do(put_mark, LESSONS[0], None, SCHOOL.pupils[free % 6], "2345"[free // 6 % 4]) != "nothing to change"
        )
        seat.meet()
    come_to_rest(desk_world)
    assert checker.at_the_end() == []


@pytest.mark.logs("request refused")
def test_a_server_whose_disk_fills_up_keeps_nothing_by_half(server_world: World, disk: SmallDisk) -> None:
    seat, checker = server_world.seats[0], Checker(server_world)
    for free in range(ROUNDS):
        for number in range(8):
            seat.do(set_topic, LESSONS[number % 3], f"Тема {free} {number} " + "слово " * 1_500)
        disk.fill(free)
        with pytest.raises(ServerRefused) as told:
            send_much(server_world, seat, free)
        assert told.value.status == 503
        assert told.value.answer in ("EJ-437", "EJ-440")  # no room for pages, or for what SQLite keeps beside them
        assert "сервер" in explain(told.value).text.lower()
        disk.empty()  # the checker opens the file too, and SQLite keeps something beside it
        assert checker.after_fault() == []
        meet(server_world, seat)
        assert seat.journal.outbox() == []
    come_to_rest(server_world)
    assert checker.at_the_end() == []


def test_a_read_only_disk_is_named_and_forgotten_when_it_is_over(desk_world: World, disk: SmallDisk) -> None:
    seat = desk_world.seats[0]
    seat.journal.close()
    disk.remount("ro")
    with pytest.raises(database.ReadOnly) as told:
        database.open_database(seat.disk.path, KEY)
    assert "закрыт для записи" in explain(told.value).text
    disk.remount("rw")
    seat.open()
    assert seat.do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5") != "nothing to change"
    come_to_rest(desk_world)
    assert Checker(desk_world).at_the_end() == []


def test_the_cell_keeps_its_value_when_the_disk_is_full(qapp: QApplication, desk_world: World, disk: SmallDisk) -> None:
    seat = desk_world.seats[0]
    grid = MarkGrid(seat.journal, SCHOOL.page)
    column = grid.first_column(LESSONS[0])
    assert grid.put(column, 0, "4")
    column = grid.first_column(LESSONS[0])
    disk.fill(0)
    with contextlib.suppress(database.DiskFull):
        fill_up(seat, 0)
    disk.fill(0)
    shown: list[str] = []
    for value in "23" * 40:
        before = grid.cell(column, 0)
        if not grid.put(column, 0, value):
            after = grid.cell(column, 0)
            assert before is not None
            assert after is not None
            shown = [before.value, after.value]
            break
    assert shown
    assert shown[0] == shown[1]
    disk.empty()
    assert grid.put(column, 0, "5")
    grid.close()


def test_a_desk_that_says_saved_too_early_is_found(
    desk_world: World, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a commit that failed counts as done."""
    monkeypatch.setattr(DefaultDialect, "do_commit", DefaultDialect.do_commit)
    pass_over_failures()
    disk.fill(0)
    with contextlib.suppress(database.DiskFull):
        fill_up(desk_world.seats[0], 0)
    assert any("I2" in each for each in Checker(desk_world).after_fault())
