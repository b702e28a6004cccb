"""A server that takes the connection and never answers: nobody in front of a window waits for it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from ejournal_desktop.app import Program
from ejournal_desktop.sync import server as sync_server
from ejournal_desktop.sync.engine import Meeting, Portion
from ejournal_desktop.sync.pairing import keep_workstation
from ejournal_desktop.sync.schedule import SyncThread
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.sync.session import Session
from ejournal_desktop.sync.talk import Talk
from tests.together.town import PASSWORD, Town

AT_ONCE = 30.0  # seconds; a busy machine needs some, and who waited for the server would need far more


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose teacher has a desk in the staff room."""
    with Town(tmp_path) as made:
        made.sit_down("staffroom", made.school.teacher).close()
        yield made


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Give something that listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def program(town: Town, silent: socket.socket, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """Give the program of the staff room, for which the school's server is the silent one."""
    monkeypatch.setattr(sync_server, "CONNECT_SECONDS", 10 * AT_ONCE)
    place = town.workstation("staffroom")
    with town.on("staffroom"):
        keep_workstation(msgspec.structs.replace(place, address=f"https://127.0.0.1:{silent.getsockname()[1]}"))
        made = Program(town.clock)
        made.show()
        yield made
        made.window.close()
        made.deleteLater()
        qtbot.wait(10)


def at_work(program: Program, silent: socket.socket, qtbot: QtBot) -> Session:
    """Sign in and wait until the session's meeting is on its way."""
    silent.settimeout(20)
    held.append(silent.accept()[0])  # the look from Вход
    program.entrance.sign_in(program.entrance.known_desks()[0].id, PASSWORD)
    qtbot.waitUntil(lambda: program.session is not None, timeout=15_000)
    held.append(silent.accept()[0])
    held[-1].recv(1)  # TLS has begun
    assert program.session is not None
    return program.session


held: list[socket.socket] = []


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    yield
    while held:
        held.pop().close()


def test_the_lock_wipes_the_key_at_once(program: Program, silent: socket.socket, qtbot: QtBot) -> None:
    session = at_work(program, silent, qtbot)
    began = time.monotonic()
    program.window.lock()
    assert not any(session._desk.unlocked.key)
    assert session.is_locked
    assert time.monotonic() - began < AT_ONCE


def test_after_the_lock_the_journal_opens_again_and_meets_again(
    program: Program, silent: socket.socket, qtbot: QtBot
) -> None:
    session = at_work(program, silent, qtbot)
    program.window.lock()
    program.window.unlock_wanted.emit(PASSWORD)
    qtbot.waitUntil(lambda: not program.window.is_locked, timeout=10_000)
    assert not session.is_locked
    held.append(silent.accept()[0])
    qtbot.wait(100)
    assert session.journal.state().problem == ""  # the meeting that was cut off told nobody of a server away


def test_leaving_makes_room_for_somebody_else_at_once(program: Program, silent: socket.socket, qtbot: QtBot) -> None:
    session = at_work(program, silent, qtbot)
    began = time.monotonic()
    program.leave()
    assert time.monotonic() - began < AT_ONCE
    assert not any(session._desk.unlocked.key)


def test_closing_the_window_waits_for_nobody(program: Program, silent: socket.socket, qtbot: QtBot) -> None:
    at_work(program, silent, qtbot)
    began = time.monotonic()
    program.window.close()
    assert time.monotonic() - began < AT_ONCE
    assert [each.name for each in threading.enumerate() if each.name == "ejournal-sync"] == []


def test_signing_in_and_closing_do_not_wait_for_the_look_at_the_server(
    program: Program, silent: socket.socket, qtbot: QtBot
) -> None:
    silent.settimeout(20)
    held.append(silent.accept()[0])
    began = time.monotonic()
    program.window.close()
    assert time.monotonic() - began < AT_ONCE


def test_an_answer_that_comes_after_the_cut_reaches_nobody(town: Town) -> None:
    with town.workstation("staffroom").connect() as server:
        server.hello()
        assert server.cut() is False
        with pytest.raises(ServerAway):
            server.hello()


def test_a_write_that_is_under_way_is_finished_and_then_the_key_goes(
    program: Program, silent: socket.socket, qtbot: QtBot
) -> None:
    session = at_work(program, silent, qtbot)
    may_end, talk = threading.Event(), session._talk
    assert talk is not None

    def long_write() -> Meeting:
        may_end.wait()
        return Meeting()

    thread = SyncThread(long_write, lambda _: None)
    session._thread, before = thread, session._thread
    assert before is not None
    before.end()
    talk.cut()
    before.join()
    thread.start()
    session._talk = Talk(session.journal, talk._workstation, Portion())
    began = time.monotonic()
    program.window.lock()
    assert time.monotonic() - began < AT_ONCE
    assert session.is_locked
    assert any(session._desk.unlocked.key)
    may_end.set()
    qtbot.waitUntil(lambda: not any(session._desk.unlocked.key), timeout=2_000)
