"""A file from a teacher's PC to a colleague's over a real server, which is killed on the way; on both stores."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from ejournal_core.blobs import PIECE
from ejournal_core.errors import Trouble
from ejournal_desktop.models.commands.files import ask_for_file, attach_content, read_file
from ejournal_desktop.models.queries.files import files_of_lesson
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_desktop.sync.server import SchoolServer
from tests.together.town import Town

DATA = os.urandom(5 * PIECE + 321)


def after(pieces: int, do: Callable[[], None], call: Any) -> Any:
    """Return the call that does something once, before the piece with this number."""
    done = [0]

    def called(*arguments: Any) -> Any:
        done[0] += 1
        if done[0] == pieces:
            do()
        return call(*arguments)

    return called


def test_a_file_survives_a_killed_server_in_both_directions(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, colleague = town.sit_down("one", town.school.teacher), town.sit_down("two", town.school.colleague)
    lesson = town.school.today_lesson
    attach_content(teacher.journal, lesson, DATA, "Задачи.pdf", "application/pdf")

    def kill() -> None:
        town.server.stop(kill=True)

    def meet_and_be_cut(desk: OpenDesk, place: str, name: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(SchoolServer, name, after(3, kill, getattr(SchoolServer, name)))
            with pytest.raises(Trouble):
                town.meet(desk, place)
        town.server.start()

    meet_and_be_cut(teacher, "one", "bring_file")
    town.meet(colleague, "two")
    assert [file.state for file in files_of_lesson(colleague.journal, lesson)] == ["waiting"]
    town.meet(teacher, "one")
    town.meet(colleague, "two")
    file = files_of_lesson(colleague.journal, lesson)[0]
    assert file.state == "there"
    ask_for_file(colleague.journal, "HomeworkFile", file.id)
    meet_and_be_cut(colleague, "two", "fetch_file")
    half = files_of_lesson(colleague.journal, lesson)[0]
    assert (half.state, half.done) == ("fetching", 2 * PIECE)
    town.meet(colleague, "two")
    assert read_file(colleague.journal, "HomeworkFile", file.id) == DATA
