"""Typing and sync at the same time, each on its own thread and connection."""

from __future__ import annotations

import threading

import pytest

from ejournal_core import ids
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.turns import Turns
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool


def test_typing_goes_on_while_sync_applies_pages_and_nothing_is_lost(journal: Journal, school: SmallSchool) -> None:
    server = PocketServer(school)
    for number in range(1_500):
        server.other("Lesson", LESSON, topic=f"Тема {number}")
    failures: list[BaseException] = []

    def sync() -> None:
        try:
            entries, upto = server.pull(journal.cursor)
            journal.apply(entries, upto)
        except BaseException as failure:  # noqa: BLE001  # whatever goes wrong in the thread has to reach the test
            failures.append(failure)

    thread = threading.Thread(target=sync)
    thread.start()
    number = 0
    while number < 6 or (thread.is_alive() and number < 400):
        put_mark(journal, LESSON, COLUMN, school.pupils[number % 25], "2345"[number % 4])
        number += 1
    thread.join(timeout=60)
    assert not failures
    assert journal.cursor == server.number
    changes = [each.change for each in journal.outbox(10_000)]
    assert [change.n for change in changes] == list(range(1, len(changes) + 1))
    cells = queries.journal_spread(journal, school.page).cells
    last = {change.record: change.set["value"] for change in changes}
    assert {ids.mark(COLUMN, pupil): cells[COLUMN, pupil].value for pupil in school.pupils[:number]} == last


def test_a_reader_sees_whole_pages_only(journal: Journal, school: SmallSchool) -> None:
    """Topic and homework change in pairs of entries of one page: a reader never sees half a page."""
    server = PocketServer(school)
    for number in range(1_000):
        server.other("Lesson", LESSON, topic=f"{number}")
        server.other("Lesson", LESSON, homework=f"{number}")
    entries, upto = server.pull(journal.cursor)
    done = threading.Event()
    halves: list[tuple[str, str]] = []

    def read() -> None:
        while not done.is_set():
            lesson = queries.lesson_sheet(journal, LESSON).lesson
            if lesson.topic != lesson.homework:
                halves.append((lesson.topic, lesson.homework))

    reader = threading.Thread(target=read)
    reader.start()
    journal.apply(entries, upto)
    done.set()
    reader.join(timeout=60)
    assert halves == []


def test_a_key_pressed_while_five_hundred_lines_come_in_waits_for_a_hundred_at_most(
    journal: Journal, school: SmallSchool
) -> None:
    server = PocketServer(school)
    for number in range(500):
        server.other("Lesson", LESSON, topic=f"Тема {number}")
    entries, upto = server.pull(journal.cursor)
    began, cursors = journal.cursor, list[int]()
    journal.listen(lambda _: cursors.append(journal.cursor))
    sync = threading.Thread(target=journal.apply, args=(entries, upto))
    key = threading.Thread(target=put_mark, args=(journal, LESSON, COLUMN, school.pupils[0], "5"))
    with journal._writing:
        for count, thread in enumerate((sync, key), 1):
            thread.start()
            while len(journal._writing._waiting) < count:
                threading.Event().wait(0.001)
    for thread in (sync, key):
        thread.join(timeout=60)
    assert cursors[0] == began + 100
    assert cursors[-1] == upto
    assert len(journal.outbox()) == 1


def test_writers_take_turns_in_the_order_in_which_they_came() -> None:
    turns, order = Turns(), list[str]()
    with turns:
        threads = []
        for name in ("first", "second", "third"):
            thread = threading.Thread(target=_take, args=(turns, name, order))
            thread.start()
            threads.append(thread)
            while len(turns._waiting) < len(threads):
                threading.Event().wait(0.001)
    with turns:  # who has just given the turn back comes last
        order.append("again")
    for thread in threads:
        thread.join(timeout=60)
    assert order == ["first", "second", "third", "again"]


def _take(turns: Turns, name: str, order: list[str]) -> None:
    with turns:
        order.append(name)


def test_a_turn_is_given_back_when_its_work_fails() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError
    with turns:
        pass


def test_listeners_hear_of_a_write_on_the_thread_that_wrote(journal: Journal) -> None:
    heard: list[str] = []
    stop = journal.listen(lambda _: heard.append(threading.current_thread().name))
    worker = threading.Thread(target=lambda: put_mark(journal, LESSON, COLUMN, "u-01", "5"), name="worker")
    worker.start()
    worker.join(timeout=60)
    assert heard == ["worker"]
    stop()
    put_mark(journal, LESSON, COLUMN, "u-01", "4")
    assert heard == ["worker"]
