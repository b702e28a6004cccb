"""Meetings that bring nothing cost next to nothing, and a long push keeps desk and server at work at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ejournal_core import seal, wire
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.desks import OpenDesk, caller
from ejournal_desktop.sync.engine import Portion, sync_once
from ejournal_desktop.sync.server import SchoolServer, ServerAway
from ejournal_desktop.sync.trust import BrokenHistory
from tests.together.town import Town


class Line:
    """A kept connection of one desk, with every call that goes over it."""

    def __init__(self, town: Town, desk: OpenDesk, name: str) -> None:
        self.workstation = town.workstation(name)
        self.desk = desk
        self.calls: list[tuple[str, bytes]] = []
        self.server: SchoolServer = self.workstation.connect(caller(desk.journal))
        self._real = self.server._exchange
        self.server._exchange = self._noted  # type: ignore[method-assign]

    def _noted(self, method: str, path: str, *rest: Any, **more: Any) -> bytes:
        answer = self._real(method, path, *rest, **more)
        self.calls.append((f"{method} {path}", answer))
        return answer

    def meet(self, portion: Portion | None = None) -> list[tuple[str, bytes]]:
        """Meet once; return the calls and their answers."""
        self.calls.clear()
        sync_once(self.desk.journal, self.server, bytes.fromhex(self.workstation.server_key),
                  self.workstation.seal_key, portion=portion)  # fmt: skip
        return list(self.calls)


@pytest.fixture
def line(town: Town) -> Iterator[Line]:
    """Give the teacher's connection after everything has settled."""
    made = Line(town, town.sit_down("staffroom", town.school.teacher), "staffroom")
    for _ in range(3):
        made.meet()
    yield made
    made.server.close()


def test_a_meeting_that_brings_nothing_is_one_call_with_an_empty_answer(line: Line) -> None:
    assert line.meet() == [("GET /v1/pull", b"")]


def test_a_colleagues_entry_ends_the_quiet(town: Town, line: Line) -> None:
    deputy = town.sit_down("office", town.school.deputy)
    put_mark(line.desk.journal, town.school.today_lesson, None, "u-04", "5")
    line.meet()
    town.meet(deputy, "office")
    assert line.meet()[0][1] != b"" or line.desk.journal.cursor == deputy.journal.cursor
    assert line.meet() == [("GET /v1/pull", b"")]


def test_where_the_log_holds_only_what_was_pushed_the_receipt_stands_for_the_pull(town: Town, line: Line) -> None:
    for pupil in ("u-04", "u-05"):
        put_mark(line.desk.journal, town.school.today_lesson, None, pupil, "5")
    assert [call for call, _ in line.meet()] == ["POST /v1/push"]
    known = line.desk.journal.state()
    assert known.head is not None
    assert (known.cursor, known.frontier.root().hex()) == (known.head.size, known.head.root)
    assert not line.desk.journal.is_at_work()
    assert line.meet() == [("GET /v1/pull", b"")]


def test_a_receipt_stands_for_the_pull_after_hundreds_of_changes_too(town: Town, line: Line) -> None:
    for number in range(60):
        for pupil in ("u-04", "u-05"):
            put_mark(line.desk.journal, town.school.today_lesson, None, pupil, "45"[number % 2])
    assert {call for call, _ in line.meet(Portion(50))} == {"POST /v1/push"}
    known = line.desk.journal.state()
    assert known.head is not None
    assert (known.cursor, known.frontier.root().hex()) == (known.head.size, known.head.root)
    assert not line.desk.journal.is_at_work()


def test_lines_of_others_are_pulled_at_once(town: Town, line: Line) -> None:
    colleague = town.sit_down("office", town.school.colleague)
    line.meet()
    put_mark(colleague.journal, town.school.today_lesson, None, "u-06", "4")
    town.meet(colleague, "office")
    put_mark(line.desk.journal, town.school.today_lesson, None, "u-04", "5")
    assert [call for call, _ in line.meet()] == ["POST /v1/push", "GET /v1/pull"]


def test_a_minute_after_the_last_look_a_push_is_followed_by_a_pull(town: Town, line: Line) -> None:
    """What a person may see can end with a date, of which the log says nothing."""
    town.clock.now += timedelta(seconds=61)
    put_mark(line.desk.journal, town.school.today_lesson, None, "u-04", "5")
    assert [call for call, _ in line.meet()] == ["POST /v1/push", "GET /v1/pull"]
    put_mark(line.desk.journal, town.school.today_lesson, None, "u-05", "5")
    assert [call for call, _ in line.meet()] == ["POST /v1/push"]


def test_only_the_very_head_that_stands_gets_an_empty_answer(line: Line) -> None:
    known = line.desk.journal.state()
    assert known.head is not None
    assert line.server.pull(known.cursor, known.scope, (0, 0), known.head) is None
    forged = wire.TreeHead(school=known.head.school, epoch=known.head.epoch, size=known.head.size, root="0" * 64,
                           at=known.head.at)  # fmt: skip
    page = line.server.pull(known.cursor, known.scope, (0, 0), forged)
    assert page is not None
    assert seal.head_hash(page.head.head) == seal.head_hash(known.head)
    assert line.server.pull(known.cursor - 1, known.scope, (0, 0), known.head) is not None


def test_hello_is_said_again_when_the_history_does_not_fit(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    real = line.server.pull
    answers = iter([BrokenHistory("another epoch")])

    def pull(*arguments: Any) -> Any:
        for error in answers:
            raise error
        return real(*arguments)

    monkeypatch.setattr(line.server, "pull", pull)
    assert [call for call, _ in line.meet()] == ["GET /v1/hello", "GET /v1/pull"]


def test_hello_is_said_again_when_it_was_long_ago(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line.server, "_greeted", line.server._greeted - 301)
    assert line.meet()[0][0] == "GET /v1/hello"


def test_the_next_batch_is_on_its_way_while_one_is_settled(town: Town, line: Line) -> None:
    for number in range(4):
        put_mark(line.desk.journal, town.school.today_lesson, None, f"u-{number + 4:02}", "5")
    waiting = len(line.desk.journal.outbox())
    batches = -(-waiting // 2)
    begun = [threading.Event() for _ in range(batches)]
    settled: list[bool] = []
    real_push, real_settle = line.server.push, line.desk.journal.settle
    order = iter(begun)

    def push(batch: wire.Batch) -> wire.Receipt:
        next(order).set()
        return real_push(batch)

    def settle(*arguments: Any, **more: Any) -> Any:
        following = begun[len(settled) + 1 : len(settled) + 2]
        settled.append(all(event.wait(10) for event in following))
        return real_settle(*arguments, **more)

    line.server.push = push  # type: ignore[method-assign]
    line.desk.journal.settle = settle  # type: ignore[method-assign]
    line.meet(Portion(2))
    assert settled == [True] * batches
    assert batches > 2
    assert line.desk.journal.outbox() == []


def test_a_push_that_fails_on_its_way_costs_nothing_that_was_settled_before(town: Town, line: Line) -> None:
    for number in range(4):
        put_mark(line.desk.journal, town.school.today_lesson, None, f"u-{number + 4:02}", "5")
    waiting = len(line.desk.journal.outbox())
    real, pushed = line.server.push, []

    def push(batch: wire.Batch) -> wire.Receipt:
        pushed.append(batch)
        if len(pushed) == 2:
            raise ServerAway("the line broke")
        return real(batch)

    line.server.push = push  # type: ignore[method-assign]
    with pytest.raises(ServerAway):
        line.meet(Portion(2))
    assert len(line.desk.journal.outbox()) == waiting - 2
    line.meet(Portion(2))
    assert line.desk.journal.outbox() == []
    with line.desk.journal.reading() as connection:
        numbers = connection.exec_driver_sql("SELECT log_number FROM history WHERE outcome = 'taken'").scalars().all()
    assert len(set(numbers)) == len(numbers) >= waiting
