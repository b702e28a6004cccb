"""Answers of the file that are kept until somebody writes: never older than the newest commit of anybody."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ejournal_core.errors import Trouble
from ejournal_desktop.models.database import create_database, open_database
from ejournal_desktop.models.remembered import Remembered
from ejournal_desktop.models.state import SyncState

KEY = os.urandom(32)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = create_database(tmp_path / "desk.journal", KEY)
    yield made
    made.dispose()


@pytest.fixture
def remembered(engine: sa.Engine) -> Iterator[Remembered]:
    made = Remembered(engine)
    yield made
    made.close()


class Counted:
    """A question that counts how often it reaches the file; the first time somebody may come between."""

    def __init__(self) -> None:
        self.asked = 0
        self.between: Callable[[], object] = int

    def __call__(self, connection: sa.Connection) -> int:
        self.asked += 1
        cursor = SyncState.read(connection).cursor
        self.between()
        return cursor


def write(engine: sa.Engine, cursor: int) -> None:
    with engine.begin() as connection:
        SyncState.write(connection, cursor=cursor)


def test_a_question_reaches_the_file_once_while_nobody_writes(remembered: Remembered) -> None:
    question = Counted()
    assert [remembered.ask(question) for _ in range(3)] == [0, 0, 0]
    assert question.asked == 1


def test_a_commit_is_seen_at_once(remembered: Remembered, engine: sa.Engine) -> None:
    question = Counted()
    for cursor in (1, 2, 3):
        write(engine, cursor)
        assert remembered.ask(question) == cursor


def test_a_commit_of_another_program_is_seen_at_once(remembered: Remembered, tmp_path: Path) -> None:
    other = open_database(tmp_path / "desk.journal", KEY)
    assert remembered.ask(SyncState.read).cursor == 0
    write(other, 7)
    assert remembered.ask(SyncState.read).cursor == 7
    other.dispose()


def test_an_answer_that_a_commit_overtook_is_not_kept(remembered: Remembered, engine: sa.Engine) -> None:
    question = Counted()
    question.between = lambda: write(engine, 9)
    assert remembered.ask(question) == 0
    question.between = int
    assert remembered.ask(question) == 9


def test_what_is_not_committed_yet_is_no_answer(remembered: Remembered, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        SyncState.write(connection, cursor=5)
        assert remembered.ask(SyncState.read).cursor == 0
    assert remembered.ask(SyncState.read).cursor == 5


def test_once_the_key_has_left_memory_nothing_is_answered(tmp_path: Path) -> None:
    key = bytearray(KEY)
    engine = create_database(tmp_path / "locked.journal", key)
    remembered = Remembered(engine)
    assert remembered.ask(SyncState.read).cursor == 0
    remembered.close()
    engine.dispose()
    key[:] = bytes(32)
    with pytest.raises(Trouble):
        remembered.ask(SyncState.read)
    key[:] = KEY
    assert remembered.ask(SyncState.read).cursor == 0
    remembered.close()
    engine.dispose()
