"""What opens a journal is lost or damaged: Вход names it, the journal is made again, and what had not gone arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_desktop import paths, vault
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.outgoing_folder import undelivered
from ejournal_desktop.ui.screens.first_sign_in import FirstSignIn
from tests.together.conftest import Start
from tests.together.town import PASSWORD, Town, mark_on

PC = "staffroom"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


def lose_the_machines_half(desk: vault.Desk) -> None:
    (paths.data_folder() / "secrets" / desk.id).unlink()


def tear_the_header(desk: vault.Desk) -> None:
    header = desk.folder / "key.json"
    header.write_bytes(header.read_bytes()[:100])


def write_over_the_file(desk: vault.Desk) -> None:
    with desk.file.open("r+b") as file:
        file.write(bytes(64 * 1024))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lose_the_machines_half, "часть ключа сброшена"),
        (tear_the_header, "Файл с ключом от журнала повреждён"),
        (write_over_the_file, "Файл журнала на этом компьютере повреждён"),
    ],
    ids=["keyring", "header", "file"],
)
def test_a_journal_that_opens_no_more_is_made_again_and_no_entry_is_lost(
    town: Town, start: Start, qtbot: QtBot, harm: Callable[[vault.Desk], None], said: str
) -> None:
    town.sit_down("office", town.school.deputy).close()
    desk = town.sit_down(PC, town.school.teacher)
    put_mark(desk.journal, town.school.today_lesson, None, "u-04", "5")
    desk.journal.flush()
    desk.close()
    harm(desk.unlocked.desk)
    program = start()
    screen = program.window.sign_in
    program.entrance.sign_in(desk.unlocked.desk.id, PASSWORD)
    qtbot.waitUntil(lambda: said in screen.people.message, timeout=30_000)
    assert "«Другой человек…»" in screen.people.message
    program.entrance.sign_in_first(FirstSignIn("Иванова", PASSWORD))
    qtbot.waitUntil(lambda: program.session is not None, timeout=60_000)
    assert program.session is not None
    qtbot.waitUntil(lambda: undelivered(paths.outgoing_folder()) == {}, timeout=60_000)  # its own sign-in goes too
    fresh = program.session.desk
    assert [known.id for known in vault.list_desks(paths.desks_folder())] == [fresh.id] != [desk.unlocked.desk.id]
    deputy, column = town.sit_down("office", town.school.deputy), ids.mark_column(town.school.today_lesson, "oral", 1)
    town.meet(deputy, "office")
    assert mark_on(deputy.journal, column, "u-04") == "5"
