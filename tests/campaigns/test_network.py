"""A line that is cut at every twentieth byte, says everything twice, or brings one byte at a time: nothing is lost and
nothing doubled, and in the end everybody holds the same.

The cuts here are those of requests and answers as they are; `tests/together/test_interruptions.py` cuts real TLS.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.ui.errors import explain
from tests.campaigns.checker import Checker
from tests.campaigns.lines import Message, Reply, _loop, _scope
from tests.campaigns.planted import FAULTS
from tests.campaigns.play import come_to_rest
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import stage
from tests.campaigns.story import Plan
from tests.campaigns.world import Seat, World
from tests.faults.amounts import amount
from tests.helpers.chaos import violations, who_sees_what
from tests.helpers.proxy import Wire
from tests.together.town import Town

EVERY = amount("CUT_EVERY", 20)
PLAN = Plan(41, (0, 1), loss=0.0, beside=0.0, faults=False)


class Line(World):
    """A school on a line of which only so many bytes are left, or that says everything twice.

    Attributes:
        room: bytes that the line carries before it is cut, requests and answers together; None: any number.
        carried: bytes that went.
        doubles: whether each request arrives twice, the second time after everything else.
    """

    room: int | None = None
    carried = 0
    doubles = False

    def carry(self, message: Message) -> Reply:
        """Take a request there and the answer back, as far as the line holds."""
        up = len(message.path) + len(message.query) + sum(map(len, message.headers.values())) + len(message.body)
        if self.room is not None and self.carried + up > self.room:
            self._cut(message, max(0, self.room - self.carried - (up - len(message.body))))
            raise ServerAway("cut on the way there")
        self.carried += up
        reply = self.deliver(message)
        if self.doubles:
            self.in_flight.append(message)
            reply = self.deliver(message)
        self.carried += 100 + len(reply.body)  # an answer has some head, too
        if self.room is not None and self.carried > self.room:
            raise ServerAway("cut on the way back")
        return reply

    def _cut(self, message: Message, came: int) -> None:
        """Let the server see the beginning of a request, and then nobody."""
        pieces: Iterator[dict[str, Any]] = iter(
            [{"type": "http.request", "body": message.body[:came], "more_body": True}]
        )

        async def receive() -> dict[str, Any]:
            return next(pieces, {"type": "http.disconnect"})

        async def send(_: Any) -> None:
            return

        _loop().run_until_complete(self.wire._app(_scope(message), receive, send))


@pytest.fixture
def line() -> Iterator[Line]:
    """Give a school with two desks and a line that is whole."""
    world = Line(PLAN, stage(4, open_policy=True))
    world.calm = True
    with world.injected():
        yield world
    for seat in world.seats:
        seat.journal.close()


def both_write(line: Line, turn: int) -> None:
    """Let two people enter something and the second one send it."""
    first, second = line.seats
    _enter(first, turn, 0)
    _enter(second, turn, 3)
    assert second.meet().startswith("sent")


def _enter(seat: Seat, turn: int, offset: int) -> None:
    seat.do(put_mark, LESSONS[0], None, SCHOOL.pupils[turn % 3 + offset], "2345"[turn // 3 % 4])


def meet_on(line: Line, room: int | None) -> bool:
    """Let the first desk meet the server over so many bytes; say whether it came to its end."""
    line.room, line.carried = room, 0
    told = line.seats[0].meet()
    line.room = None
    return told.startswith("sent")


def cut_everywhere(line: Line) -> tuple[int, list[str]]:
    """Cut the line after every `EVERY`-th byte of a meeting; return how many times, and what was broken."""
    checker, found = Checker(line), []
    both_write(line, 0)
    assert meet_on(line, None)
    whole, cuts = line.carried, 0
    for turn, room in enumerate(range(0, whole, EVERY), 1):
        both_write(line, turn)
        cuts += not meet_on(line, room)
        if turn % 25 == 0:
            found += checker.after_fault()
    come_to_rest(line)
    return cuts, found + checker.at_the_end()


def test_a_line_cut_at_every_place_loses_and_doubles_nothing(
    line: Line, record_property: Callable[[str, object], None]
) -> None:
    cuts, broken = cut_everywhere(line)
    record_property("cuts", cuts)
    assert broken == []
    assert cuts > 2_000 // EVERY, "the line was hardly cut"


def test_requests_that_arrive_twice_and_late_change_nothing(line: Line) -> None:
    checker = Checker(line)
    line.doubles = True
    for turn in range(12):
        both_write(line, turn)
        assert meet_on(line, None)
        late = line.in_flight[::-1]  # in the wrong order
        line.in_flight = []
        for message in late[:20]:
            with contextlib.suppress(ServerAway):
                line.deliver(message)
    assert checker.after_fault() == []
    line.doubles = False
    come_to_rest(line)
    assert checker.at_the_end() == []


def test_a_server_that_judges_a_repeated_batch_anew_is_found(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    FAULTS["verdict_lost_on_repeat"].plant(monkeypatch)
    line.doubles = True
    _enter(line.seats[0], 0, 0)
    meet_on(line, None)
    assert any("I9" in each or "not believed" in each for each in line.wrong)


# --- a real line -----------------------------------------------------------------------------------------------------


class Trickle(Wire):
    """Brings one byte at a time, each burst late."""

    def _pass(self, way: str, source: socket.socket, target: socket.socket) -> bool:
        try:
            data = source.recv(65_536)
            time.sleep(0.01)
            for place in range(len(data)):
                target.sendall(data[place : place + 1])
        except OSError:
            return False
        self.carried[way] += len(data)
        return bool(data)


class Portal:
    """Answers whatever is said with a page that asks for a telephone number."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._answer, name="portal")

    @property
    def address(self) -> str:
        """Where the server seems to be."""
        return f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Portal:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listening.accept()
                with line:
                    line.recv(65_536)
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>+7</html>")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school with a real server process."""
    with Town(tmp_path) as made:
        yield made


def test_a_line_that_brings_one_byte_at_a_time_and_one_that_asks_for_a_telephone(town: Town) -> None:
    teacher = town.watch("staffroom", town.school.teacher)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-01", "5")
    place = town.workstation("staffroom")
    with town.on("staffroom"), Portal() as portal, pytest.raises(EjournalError) as told:
        desks.meet(teacher.journal, msgspec.structs.replace(place, address=portal.address))
    assert told.value.code in ("EJ-320", "EJ-321")
    assert "сохранено" in explain(told.value).text
    unsent = teacher.journal.outbox()
    assert unsent
    with town.on("staffroom"), Trickle(town.server.port) as wire:
        desks.meet(teacher.journal, msgspec.structs.replace(place, address=wire.address))
    assert wire.carried["down"] > 1_000
    assert teacher.journal.outbox() == []
    assert violations(town.office, [teacher], who_sees_what(town.school)) == []
