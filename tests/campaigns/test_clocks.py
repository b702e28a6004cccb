"""Clocks that jump by a second or ten years, at desks and at the server, change no order and no verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.requests import approve_all
from ejournal_server import overview, own_lines
from tests.campaigns.checker import Checker
from tests.campaigns.clocks import difference
from tests.campaigns.ledger_copy import Raw, lines_of
from tests.campaigns.planted import FAULTS
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import KEY
from tests.campaigns.story import Plan
from tests.campaigns.world import Seat, World, living

SEEDS = 30


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_story_with_jumping_clocks_ends_as_without_them(seed: int) -> None:
    assert difference(seed) == []


def test_a_server_that_asks_the_clock_who_is_right_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS["clock_decides"].plant(monkeypatch)
    assert any(difference(seed) for seed in range(SEEDS))


# --- what is reckoned by days leaves no disk while a clock is in doubt ----------------------------------------------

DAYS_OF_A_DEAD_BATTERY = -3_650


def by_the_office(world: World, load: str, **fields: Any) -> None:
    """Let the office change a load at the server."""
    with world.office.authority.store.write() as tx:
        wish = own_lines.Wish("TeachingLoad", load, fields, {"until": None, "voided": False}, "change")
        own_lines.write_own(world.office.authority, tx, [wish])


@contextmanager
def two_teachers() -> Iterator[tuple[World, Seat, Seat]]:
    """Give a school in which one teacher's mark has come to a colleague's desk."""
    with living(Plan(1, (0, 1), loss=0.0, beside=0.0, faults=False)) as world:
        world.calm = True
        teacher, colleague = world.seats
        for load in ("l-1", "l-2"):
            by_the_office(world, load, until="2027-05-31")
        teacher.do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
        for seat in (teacher, colleague):
            seat.meet()
        world.now += timedelta(minutes=10)
        yield world, teacher, colleague


def marks(seat: Seat) -> list[str]:
    """Return the marks on a desk's disk."""
    with Raw(seat.disk.path, KEY) as raw:
        return [row["value"] for row in raw.rows("SELECT value FROM mark ORDER BY id")]


def apart(seat: Seat) -> int:
    """Return the days by which the desk tells its person that the clocks differ."""
    return round(queries.sync_state(seat.journal).clocks_apart / 86_400)


@pytest.mark.parametrize("days", [DAYS_OF_A_DEAD_BATTERY, 3_650])
def test_a_server_whose_clock_jumped_by_years_takes_no_page_from_a_desk(days: int) -> None:
    with two_teachers() as (world, teacher, colleague):
        world.server_ahead = timedelta(days=days)
        teacher.do(put_mark, LESSONS[0], None, SCHOOL.pupils[1], "4")
        for seat in (teacher, colleague, teacher, colleague):
            seat.meet()
        assert "5" in marks(teacher)
        assert marks(colleague) == ["5"]
        assert apart(colleague) == pytest.approx(days, abs=2)
        world.server_ahead = timedelta()
        for seat in (teacher, colleague):
            seat.do(put_mark, LESSONS[1], None, SCHOOL.pupils[2], "3")
        for seat in (teacher, colleague, teacher, colleague):
            seat.meet()
        assert apart(teacher) == apart(colleague) == 0
        assert marks(colleague) == marks(teacher)
        assert {"5", "3"} <= set(marks(teacher))
        assert Checker(world).after_fault() == []


@pytest.mark.parametrize("ahead", [DAYS_OF_A_DEAD_BATTERY, 3_650])
def test_a_desk_with_a_wrong_clock_keeps_what_has_to_leave_until_it_is_right(ahead: int) -> None:
    with two_teachers() as (world, _, colleague):
        colleague.ahead = timedelta(days=ahead)
        by_the_office(world, "l-2", voided=True)
        colleague.meet()
        assert (marks(colleague), apart(colleague)) == (["5"], -ahead)
        colleague.ahead = timedelta()
        colleague.meet()
        assert (marks(colleague), apart(colleague)) == ([], 0)


def test_a_clock_behind_its_own_log_is_not_believed_even_where_desk_and_server_are_one_computer() -> None:
    with two_teachers() as (world, teacher, _):
        teacher.ahead = world.server_ahead = timedelta(days=DAYS_OF_A_DEAD_BATTERY)
        teacher.meet()
        assert marks(teacher) == ["5"]
        assert "clock" in overview.look(world.office).alarms
        teacher.ahead = world.server_ahead = timedelta()
        teacher.meet()
        assert (marks(teacher), apart(teacher)) == (["5"], 0)
        assert "clock" not in overview.look(world.office).alarms


# --- a server that lives in yesterday -------------------------------------------------------------------------------


def outcomes(world: World, kind: str) -> list[tuple[str, str]]:
    """Return how the changes of records of a kind ended, and why."""
    with Raw(world.ground.server_disk.path, world.ground.store_key) as raw:
        return [(line.outcome, line.reason) for line in lines_of(raw) if line.body["kind"] == kind]


@contextmanager
def a_teacher_and_the_deputy() -> Iterator[tuple[World, Seat, Seat]]:
    """Give a school in which both have met the server today."""
    with living(Plan(1, (0, 2), loss=0.0, beside=0.0, faults=False)) as world:
        world.calm = True
        teacher, deputy = world.seats
        teacher.meet()
        yield world, teacher, deputy


def approve_what_waits(deputy: Seat) -> None:
    """Let the deputy approve all that waits, and send that."""
    deputy.do(approve_all, [row.change_id for row in queries.waiting_decisions(deputy.journal)])
    deputy.meet()


def test_a_mark_of_today_waits_while_the_server_lives_in_yesterday_and_is_let_in_when_it_knows_better() -> None:
    with a_teacher_and_the_deputy() as (world, teacher, deputy):
        world.server_ahead = timedelta(days=-1)
        teacher.do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
        teacher.meet()
        deputy.meet()
        assert outcomes(world, "Mark") == [("pending", "EJ-240")]
        approve_what_waits(deputy)
        assert outcomes(world, "Mark") == [("pending", "EJ-240"), ("refused", "EJ-222")]
        world.server_ahead = timedelta()
        approve_what_waits(deputy)
        teacher.meet()
        assert marks(teacher) == ["5"]
        assert Checker(world).at_the_end() == []


def test_a_desk_whose_clock_runs_ahead_enters_nothing_before_its_day() -> None:
    with a_teacher_and_the_deputy() as (world, teacher, _):
        world.now -= timedelta(days=1)  # the lesson is tomorrow
        teacher.ahead = timedelta(days=1)
        teacher.do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
        teacher.meet()
        assert outcomes(world, "Mark") == [("pending", "EJ-240")]
