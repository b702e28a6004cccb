"""A small town for each story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_desktop.app import Program
from tests.together.town import Town

Start = Callable[[], Program]


@pytest.fixture(params=["sqlcipher", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """Give a school whose server runs, on the embedded store and on PostgreSQL."""
    database = str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else None
    with Town(tmp_path, database=database) as made:
        yield made


@pytest.fixture
def start(town: Town, qtbot: QtBot) -> Iterator[Start]:
    """Start the program on the PC in the staff room; whatever was started is closed at the end."""
    started: list[Program] = []

    def begin() -> Program:
        program = Program(town.clock)
        program.show()
        started.append(program)
        return program

    with town.on("staffroom"):
        yield begin
        for program in started:
            program.window.close()
            program.deleteLater()
        qtbot.wait(10)
