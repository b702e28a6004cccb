"""Long work runs beside the window: what it reports, how it stops, and that nothing of it is left behind."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.jobs import Cancelled, Jobs, Progress, Report


def test_the_result_comes_back_on_the_thread_of_the_window(qtbot: QtBot, jobs: Jobs) -> None:
    seen: list[object] = []
    here = threading.current_thread()

    def work(_report: Report) -> object:
        return threading.current_thread()

    jobs.run(work, done=lambda thread: seen.extend((thread, threading.current_thread())))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] is not here
    assert seen[1] is here
    assert not jobs.busy()


def test_progress_comes_at_most_ten_times_a_second_and_ends_with_the_last_word(qtbot: QtBot, jobs: Jobs) -> None:
    told: list[tuple[float, Progress]] = []

    def work(report: Report) -> None:
        for number in itertools.count():
            report.step(number, 0, "страницы")
            time.sleep(0.0003)
            if len(told) > 4:
                break
        report.step(2000, 2000)

    job = jobs.run(work, done=lambda _none: None)
    job.progressed.connect(lambda progress: told.append((time.monotonic(), progress)))
    with qtbot.waitSignal(job.ended):
        pass
    assert told[-1][1].done == 2000
    took = told[-1][0] - told[0][0]
    assert len(told) <= took * 10 + 3


def test_a_cancelled_job_stops_at_its_next_check_and_gives_no_result(qtbot: QtBot, jobs: Jobs) -> None:
    started = threading.Event()
    results: list[object] = []
    after: list[str] = []

    def work(report: Report) -> str:
        started.set()
        for _ in range(1000):
            report.check()
            time.sleep(0.005)
        after.append("went on")
        return "done"

    job = jobs.run(work, done=results.append, failed=results.append)
    qtbot.waitUntil(started.is_set)
    with qtbot.waitSignal(job.cancelled):
        job.cancel()
    assert (results, after) == ([], [])


def test_a_job_cancelled_while_it_waits_never_begins(qtbot: QtBot, jobs: Jobs) -> None:
    gate = threading.Event()
    began: list[str] = []
    jobs.run(lambda _report: gate.wait(60))
    waiting = jobs.run(lambda _report: _add(began, "second"))
    with qtbot.waitSignal(waiting.cancelled):
        waiting.cancel()
        gate.set()
    assert began == []


def _add(to: list[str], what: str) -> str:
    to.append(what)
    return what


def test_an_exception_comes_to_whoever_asked_for_it(qtbot: QtBot, jobs: Jobs) -> None:
    mine: list[BaseException] = []
    others: list[BaseException] = []
    jobs.failed.connect(others.append)
    error = OSError("no room")

    def work(_report: Report) -> None:
        raise error

    jobs.run(work, failed=mine.append)
    qtbot.waitUntil(lambda: mine == [error])
    assert others == []


def test_an_exception_that_nobody_answers_for_comes_to_the_window(qtbot: QtBot, jobs: Jobs) -> None:
    others: list[BaseException] = []
    jobs.failed.connect(others.append)

    def work(_report: Report) -> None:
        raise KeyError("x")

    jobs.run(work)
    qtbot.waitUntil(lambda: len(others) == 1)
    assert isinstance(others[0], KeyError)


def test_the_network_does_not_wait_for_heavy_work(qtbot: QtBot, jobs: Jobs) -> None:
    gate = threading.Event()
    heard: list[object] = []
    jobs.run(lambda _report: gate.wait(60), lane="heavy")
    jobs.run(lambda _report: "answer", lane="network", done=heard.append)
    qtbot.waitUntil(lambda: heard == ["answer"])
    gate.set()


def test_two_heavy_jobs_never_run_at_once(qtbot: QtBot, jobs: Jobs) -> None:
    inside, most = [0], [0]

    def work(_report: Report) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1

    for _ in range(4):
        jobs.run(work)
    qtbot.waitUntil(lambda: not jobs.busy())
    assert most == [1]


def test_closing_stops_what_runs_and_leaves_no_thread(qtbot: QtBot) -> None:
    jobs = Jobs()
    results: list[object] = []

    def work(report: Report) -> None:
        while True:
            report.check()
            time.sleep(0.002)

    before = set(threading.enumerate())
    jobs.run(work, done=results.append)
    jobs.run(work, lane="network", failed=results.append)
    jobs.close()
    assert set(threading.enumerate()) <= before
    assert results == []
    jobs.deleteLater()


def test_an_end_that_was_on_its_way_when_everything_was_closed_is_told_to_nobody(qtbot: QtBot) -> None:
    jobs, over = Jobs(), threading.Event()
    told: list[object] = []
    jobs.run(lambda _report: over.set(), done=told.append)
    assert over.wait(60)
    time.sleep(0.05)  # the worker has posted the end; nothing has been delivered yet
    jobs.close()
    QCoreApplication.processEvents()
    qtbot.wait(20)
    assert told == []
    jobs.deleteLater()


def test_the_remaining_time_is_guessed_only_when_the_guess_is_worth_something(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("ejournal_desktop.ui.jobs.time.monotonic", lambda: now[0])
    report = Report()
    now[0] += 1
    report.step(1, 10)
    assert report.progress.seconds_left is None
    now[0] += 3
    report.step(2, 10)
    assert report.progress.seconds_left == pytest.approx(16)
    report.step(3, 0)
    assert report.progress.seconds_left is None


def test_check_raises_only_after_cancel() -> None:
    report = Report()
    report.check()
    report.cancel()
    with pytest.raises(Cancelled):
        report.check()
