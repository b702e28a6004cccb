"""When the desk meets the server: soon after edits, calmly otherwise, patiently when nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ejournal_core.errors import Bug, EjournalError, Trouble
from ejournal_desktop.sync.engine import Meeting
from ejournal_desktop.sync.schedule import ACTIVE, AFTER_EDIT, IDLE, LONGEST, Pace, SyncThread


def pace(now: float = 1000.0, chance: float = 0.5) -> Pace:
    return Pace(now, lambda: chance)


def test_the_first_meeting_is_at_once() -> None:
    assert pace().due == 1000.0


def test_an_edit_is_sent_after_three_seconds_and_takes_its_neighbours_along() -> None:
    desk = pace()
    desk.met(1000.0)
    desk.edited(1001.0)
    desk.edited(1002.0)
    assert desk.due == 1001.0 + AFTER_EDIT


def test_meetings_are_frequent_while_somebody_works_and_rarer_when_nobody_does() -> None:
    desk = pace()
    desk.edited(1000.0)
    desk.met(1003.0)
    assert desk.due == 1003.0 + ACTIVE
    desk.met(2000.0)
    assert desk.due == 2000.0 + IDLE


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.7), (1.0, 1.3)])
def test_thirty_desks_do_not_knock_at_once(chance: float, factor: float) -> None:
    desk = pace(chance=chance)
    desk.met(2000.0)
    assert desk.due == pytest.approx(2000.0 + IDLE * factor)


def test_each_failure_doubles_the_pause_up_to_five_minutes() -> None:
    desk, now, pauses = pace(), 1000.0, []
    for _ in range(9):
        desk.failed(now)
        pauses.append(desk.due - now)
        now = desk.due
    assert pauses[:3] == [6.0, 12.0, 24.0]
    assert pauses[-1] == LONGEST


def test_an_edit_does_not_break_the_patience_of_a_failure() -> None:
    desk = pace()
    for _ in range(5):
        desk.failed(1000.0)
    due = desk.due
    desk.edited(1001.0)
    assert desk.due == due


def test_the_pause_that_the_server_asks_for_is_kept() -> None:
    desk = pace()
    desk.failed(1000.0, retry_after=90)
    assert desk.due == 1090.0


def test_a_person_who_asks_is_not_kept_waiting() -> None:
    desk = pace()
    for _ in range(5):
        desk.failed(1000.0)
    desk.asked(1002.0)
    assert desk.due == 1002.0


def test_an_unforeseen_failure_does_not_end_sync_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Meeting | EjournalError] = []
    told = threading.Semaphore(0)
    answers: Iterator[Exception | Meeting] = iter([ValueError("Ёлкин Пётр"), Meeting()])

    def meet() -> Meeting:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def hear(what: Meeting | EjournalError) -> None:
        heard.append(what)
        told.release()

    worker = SyncThread(meet, hear)
    with caplog.at_level("ERROR"):
        worker.start()
        assert told.acquire(timeout=10)
    worker.now()
    assert told.acquire(timeout=10)
    worker.stop()
    assert [type(each) for each in heard] == [Bug, Meeting]
    assert "ValueError" in caplog.text
    assert "Ёлкин" not in str(heard[0]) + caplog.text


def test_the_worker_meets_when_asked_and_survives_trouble() -> None:
    heard: list[Meeting | EjournalError] = []
    told = threading.Semaphore(0)
    answers: Iterator[Trouble | Meeting] = iter([Trouble("away"), Meeting(pushed=2), Meeting(pulled=1)])

    def meet() -> Meeting:
        answer = next(answers)
        if isinstance(answer, Trouble):
            raise answer
        return answer

    def hear(what: Meeting | EjournalError) -> None:
        heard.append(what)
        told.release()

    worker = SyncThread(meet, hear)
    worker.start()
    for _ in range(2):
        assert told.acquire(timeout=10)
        worker.now()
    assert told.acquire(timeout=10)
    worker.stop()
    assert [type(each) for each in heard] == [Trouble, Meeting, Meeting]
    assert not worker.is_alive()


def test_who_asks_while_a_meeting_is_under_way_gets_the_next_one_at_once() -> None:
    held = threading.Semaphore(0)
    inside, go_on = threading.Event(), threading.Event()

    def meet() -> Meeting:
        held.release()
        inside.set()
        assert go_on.wait(timeout=10)
        return Meeting()

    worker = SyncThread(meet, lambda _: None)
    worker.start()
    try:
        assert inside.wait(timeout=10)
        worker.now()
        worker.edited()  # takes nothing back from who asked
        go_on.set()
        for _ in range(2):
            assert held.acquire(timeout=10)  # the second within the patience of a person, not after a pause of 60 s
    finally:
        go_on.set()
        worker.stop()
