"""How much goes at once, and over which connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core import wire
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.engine import Meeting, Portion
from ejournal_desktop.sync.server import SchoolServer, ServerAway, ServerSlow
from ejournal_desktop.sync.talk import Talk
from tests.helpers.chaos import House, Loopback, Seat


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    """Give a teacher with twelve unsent marks."""
    house = House(tmp_path)
    teacher = house.sit_down(house.school.teacher)
    for turn in range(10):
        teacher.do(put_mark, house.school.today_lesson, None, "u-04", "2345"[turn % 4])
    yield teacher
    house.close()


class Slow(Loopback):
    """A network over which a batch of more than three changes never arrives in time."""

    def push(self, batch: wire.Batch) -> wire.Receipt:
        if len(batch.changes) > 3:
            raise ServerSlow("ReadTimeout")
        return super().push(batch)


def test_a_push_that_takes_too_long_is_halved_until_it_goes_through(seat: Seat) -> None:
    seat.server = Slow(seat.house.office, seat.desk)
    sizes = []
    for _ in range(3):
        try:
            seat.meet()
        except ServerSlow:
            sizes.append(seat.portion.changes)
    assert sizes == [6, 3]  # of twelve changes; the third meeting brought them all
    assert seat.journal.outbox() == []


def test_a_swift_answer_doubles_the_portion_and_a_lame_one_does_not(seat: Seat) -> None:
    passing = iter(range(0, 1_000, 3))
    portion, lame = Portion(8), Portion(8, lambda: float(next(passing)))
    portion.changes = lame.changes = 2
    seat.portion = portion
    seat.meet()
    assert portion.changes == 8
    seat.do(put_mark, seat.house.school.today_lesson, None, "u-05", "4")
    seat.portion = lame
    seat.meet()
    assert lame.changes == 2


class Lines:
    """Connections to the school, counted; the `broken` ones fail when they are used again."""

    def __init__(self, seat: Seat, broken: frozenset[int]) -> None:
        self.seat = seat
        self.opened = 0
        self.closed = 0
        self._broken = broken
        self.server_key, self.seal_key = seat.house.server_key.hex(), seat.house.seal_key
        self.school = seat.journal.identity.school

    def connect(self, _: object) -> SchoolServer:
        lines, self.opened = self, self.opened + 1
        number = self.opened

        class Line(Loopback):
            meetings = 0

            def hello(self) -> wire.Hello:
                self.meetings += 1
                if self.meetings > 1 and number in lines._broken:
                    raise ServerAway("closed by the server")
                return super().hello()

            def close(self) -> None:
                lines.closed += 1

        return Line(self.seat.house.office, self.seat.desk)


@pytest.mark.parametrize(("broken", "opened"), [(frozenset(), 1), (frozenset({1}), 2)])
def test_meetings_share_one_connection_and_a_broken_one_is_made_anew(
    seat: Seat, broken: frozenset[int], opened: int
) -> None:
    lines = Lines(seat, broken)
    talk = Talk(seat.journal, lines, Portion())  # type: ignore[arg-type]
    for _ in range(3):
        assert isinstance(talk.meet(), Meeting)
    assert (lines.opened, lines.closed) == (opened, opened - 1)
    talk.hang_up()
    assert lines.closed == opened
