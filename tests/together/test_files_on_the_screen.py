"""A file from a teacher's desk to a colleague's window, by the whole program and a server that is away for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core.blobs import PIECE
from ejournal_desktop import paths
from ejournal_desktop.app import Program
from ejournal_desktop.models.commands.files import attach_file
from ejournal_desktop.models.queries.files import files_of_lesson
from ejournal_desktop.ui.screens.lesson import LessonScreen
from tests.helpers.typing import press
from tests.helpers.viewer import Viewer, watching_viewer
from tests.together.town import PASSWORD, Town

DATA = os.urandom(2 * PIECE + 99)
ENTER, DELETE = Qt.Key.Key_Return, Qt.Key.Key_Delete


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    with watching_viewer() as made:
        yield made


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


@pytest.fixture
def program(town: Town, qtbot: QtBot) -> Iterator[Program]:
    """Start the program of the teacher's colleague, who has been at this PC before, at today's lesson."""
    town.sit_down("staffroom", town.school.colleague).close()
    with town.on("staffroom"):
        (paths.opened_folder() / "a copy that a power cut left behind.txt").write_text("secret")
        made = Program(town.clock)
        made.show()
        made.entrance.sign_in(made.entrance.known_desks()[0].id, PASSWORD)
        qtbot.waitUntil(lambda: made.session is not None and made.window.place == "today")
        yield made
        made.window.close()
        made.deleteLater()
        qtbot.wait(10)


def lesson_on(program: Program, town: Town) -> LessonScreen:
    program.window.go("lesson")
    screen = program.window.screen_shown
    assert isinstance(screen, LessonScreen)
    screen.open(town.school.today_lesson)
    return screen


def test_a_file_goes_from_one_teacher_s_desk_to_the_window_of_another_and_leaves_nothing_readable(
    town: Town, program: Program, qtbot: QtBot, viewer: Viewer, tmp_path: Path
) -> None:
    assert list(paths.opened_folder().iterdir()) == [], "what a power cut left is wiped at the start"
    assert program.session is not None
    screen, session = lesson_on(program, town), program.session
    files = screen.panel.files

    def said() -> str:
        return str(files.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)) if files.list.count() else ""

    book = tmp_path / "Задачи.pdf"
    book.write_bytes(DATA)
    author = town.sit_down("home", town.school.teacher)
    attach_file(author.journal, town.school.today_lesson, book)
    town.meet(author, "home")
    town.meet(author, "home")
    session.sync_now()
    qtbot.waitUntil(lambda: "на сервере; Enter — скачать" in said())
    assert "прикреплено: Иванова" in said()
    files.enter()
    assert program.window.focusWidget() is files.list
    town.server.stop()
    session.sync_now()
    qtbot.waitUntil(lambda: "Без связи" in program.window.header.pill.text())
    screen.filing.refresh()
    press(files.list, ENTER)
    assert "Нет связи с сервером: файл скачается сам" in files.message.text
    qtbot.waitUntil(lambda: "скачается, когда будет связь" in said())
    town.server.start()
    session.sync_now()
    qtbot.waitUntil(lambda: len(viewer.opened) == 1)
    assert viewer.opened[0].read_bytes() == DATA
    assert "здесь и на сервере" in said()
    program.window.lock()
    assert list(paths.opened_folder().iterdir()) == []
    assert not viewer.opened[0].exists()


def test_what_was_taken_away_after_it_was_delivered_comes_back_with_ctrl_z(
    town: Town, program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    assert program.session is not None
    screen, session = lesson_on(program, town), program.session
    book = tmp_path / "Задачи.pdf"
    book.write_bytes(DATA)
    screen.filing.attach([book])

    def state() -> list[str]:
        return [file.state for file in files_of_lesson(session.journal, town.school.today_lesson)]

    def delivered() -> bool:
        session.sync_now()
        return state() == ["here"]

    qtbot.waitUntil(delivered)
    screen.filing.refresh()
    screen.panel.files.enter()
    press(screen.panel.files.list, DELETE)
    assert state() == []
    qtbot.waitUntil(lambda: not session.journal.is_anything_unsent())
    screen.undo()
    qtbot.waitUntil(delivered)


def test_locking_in_the_midst_of_attaching_leaves_a_file_or_a_word_and_never_half_of_one(
    town: Town, program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    assert program.session is not None
    screen, session = lesson_on(program, town), program.session
    book = tmp_path / "Книга.pdf"
    book.write_bytes(os.urandom(20 * PIECE))
    screen.filing.attach([book])
    program.window.lock()
    qtbot.waitUntil(lambda: not program.window.jobs.busy())
    program.window.unlock_wanted.emit(PASSWORD)
    qtbot.waitUntil(lambda: not program.window.is_locked)
    found = files_of_lesson(session.journal, town.school.today_lesson)
    assert [file.held for file in found] == [True] or "заблокирована" in program.window.banner.text
    screen.filing.attach([book])
    qtbot.waitUntil(lambda: not program.window.jobs.busy())
    assert [file.title for file in files_of_lesson(session.journal, town.school.today_lesson)] == ["Книга.pdf"]
