"""Jumps of a PC's clock become lines of the log, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.kinds import ClockJump, from_fields
from ejournal_desktop.models import records
from ejournal_desktop.models.clocks import ClockWatch, steady_seconds
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.conftest import COLUMN, LESSON


class Hands:
    """The PC's clock and the one that nobody sets, in the hands of a test."""

    def __init__(self, journal: Journal) -> None:
        self.wall = journal.clock
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def passes(self, seconds: float, jump: timedelta = timedelta(0)) -> None:
        self.seconds += seconds
        self.wall.now += timedelta(seconds=seconds) + jump  # type: ignore[attr-defined]


@pytest.fixture
def hands(journal: Journal) -> Hands:
    return Hands(journal)


def told(change: Change | None) -> int | None:
    if change is None:
        return None
    assert (change.kind, change.set["person_id"]) == ("ClockJump", change.author)
    return from_fields(ClockJump, change.record, change.set).seconds


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=3650), -timedelta(days=3650), -timedelta(hours=1)])
def test_a_jump_is_told_once_with_its_size(journal: Journal, hands: Hands, jump: timedelta) -> None:
    watch = ClockWatch(journal, hands)
    hands.passes(60)
    assert told(watch.look()) is None
    hands.passes(60, jump)
    assert told(watch.look()) == jump.total_seconds()
    hands.passes(60)
    assert told(watch.look()) is None
    assert len(journal.outbox()) == 1


def test_sleep_and_small_corrections_are_no_jumps(journal: Journal, hands: Hands) -> None:
    watch = ClockWatch(journal, hands)
    hands.passes(8 * 3600)
    assert watch.look() is None
    hands.passes(60, timedelta(minutes=14))
    assert watch.look() is None


def test_a_clock_set_back_while_the_program_was_off_is_noticed_at_the_start(journal: Journal, hands: Hands) -> None:
    put_mark(journal, LESSON, COLUMN, "u-04", "5")
    hands.passes(0, -timedelta(days=2))
    assert told(ClockWatch(journal, hands).look()) == -2 * 24 * 3600


def test_a_jump_takes_nothing_away_and_reorders_nothing(journal: Journal, hands: Hands) -> None:
    watch = ClockWatch(journal, hands)
    watch.look()
    put_mark(journal, LESSON, COLUMN, "u-04", "5")
    hands.passes(1, -timedelta(hours=2))
    assert told(watch.look()) == -2 * 3600
    put_mark(journal, LESSON, COLUMN, "u-04", "4")
    assert [(unsent.change.n, unsent.change.kind) for unsent in journal.outbox()] == [
        (1, "Mark"), (2, "ClockJump"), (3, "Mark"),
    ]  # fmt: skip
    with journal.reading() as connection:
        fields = records.read(connection, "Mark", ids.mark(COLUMN, "u-04")).fields
    assert fields is not None
    assert fields["value"] == "4"


def test_the_steady_clock_goes_on() -> None:
    assert steady_seconds() <= steady_seconds()
