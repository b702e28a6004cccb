"""From a dead server to a working school: what a person does is counted, what the desks do they do by themselves."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_core import ids, key_sheet
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_server import backups
from ejournal_server.restore_wizard import Wizard
from tests.together.conftest import Start
from tests.together.test_program import sign_in
from tests.together.town import Server, Town, mark_on

A_HANG = 300_000  # ms; a desk that found nobody waits longer each time


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


def test_from_a_dead_server_to_a_working_school_nobody_touches_a_desk(
    town: Town, start: Start, qtbot: QtBot, record_property: Callable[[str, object], None]
) -> None:
    safe = backups.new_recovery_key(town.office)
    town.sit_down("staffroom", town.school.teacher).close()
    deputy = town.sit_down("office", town.school.deputy)
    program = start()
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    column = ids.mark_column(town.school.today_lesson, "oral", 1)

    def mark(pupil: str, value: str) -> None:
        put_mark(journal, town.school.today_lesson, None, pupil, value)

    # Before the copy, after it and delivered, after it and not delivered.
    mark("u-01", "5")
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=A_HANG)
    drive = town.root / "usb"
    backups.back_up(town.office, [drive])
    mark("u-02", "4")
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=A_HANG)
    town.server.stop(kill=True)
    town.office.close()
    shutil.rmtree(town.server.data)
    mark("u-03", "3")

    # A person before a new machine, with the drive and the sheet.
    began = time.monotonic()
    again = town.root / "server-again"
    answers = [str(drive), "1", "", "погиб диск", "Директорова В. И.", "Админов О. О.",
               *key_sheet.groups(safe.secret), str(again), "", "да"]  # fmt: skip
    record_property("answers typed", len(answers))
    waiting = iter(answers)
    said: list[str] = []
    assert Wizard(lambda _: next(waiting), lambda _: next(waiting), said.append).run() is not None
    port = town.server.port
    town.server = Server(again, town.server.moment + timedelta(minutes=5))
    town.server.port = port
    town.server.start()

    # Nobody touches the desk: it follows the school and brings what the copy lacked.
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=A_HANG)
    qtbot.waitUntil(lambda: program.window.header.pill.text() == "Всё доставлено", timeout=A_HANG)
    record_property("seconds from the drive in hand to everything back", round(time.monotonic() - began, 1))
    assert queries.restorations(journal)[0].reason == "погиб диск"
    assert program.window.place == "today", "no question was asked"
    town.meet(deputy, "office")
    assert [mark_on(deputy.journal, column, pupil) for pupil in ("u-01", "u-02", "u-03")] == ["5", "4", "3"]
