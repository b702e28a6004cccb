"""A test that leaves something behind, in the log or running, fails and says what."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
from tests.helpers.dangling import nothing_left_running
from tests.helpers.logfail import no_unexpected_log
"""
HASTE = "from tests.helpers import dangling\ndangling.GRACE_SECONDS = 0.5\n"  # what is left never ends
SETTINGS = """
[pytest]
pythonpath = {root}
markers = logs(part)
"""


@pytest.fixture
def judged(pytester: pytest.Pytester) -> pytest.Pytester:
    """Give a place where tests are watched as ours are."""
    pytester.makeini(SETTINGS.format(root=ROOT))
    pytester.makeconftest(CONFTEST)
    return pytester


def run(place: pytest.Pytester, source: str) -> pytest.RunResult:
    place.makepyfile("import logging, threading, time\nimport pytest\n" + source)
    return place.runpytest_subprocess("-p", "no:cacheprovider", timeout=60)


def test_an_unexpected_warning_in_the_log_fails_the_test(judged: pytest.Pytester) -> None:
    result = run(judged, "def test_it(): logging.getLogger('sync').warning('lost %d', 3)")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*unexpected log*", "*WARNING sync: lost 3*"])


def test_an_expected_warning_and_mere_information_pass(judged: pytest.Pytester) -> None:
    source = "@pytest.mark.logs('lost')\ndef test_it():\n  logging.warning('lost 3')\n  logging.info('kept 5')"
    run(judged, source).assert_outcomes(passed=1)


def test_an_expectation_that_nothing_meets_fails(judged: pytest.Pytester) -> None:
    result = run(judged, "@pytest.mark.logs('lost')\ndef test_it(): pass")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*expected in the log and not found*lost*"])


def test_one_expected_warning_hides_no_other(judged: pytest.Pytester) -> None:
    source = "@pytest.mark.logs('lost')\ndef test_it():\n  logging.warning('lost 3')\n  logging.error('torn')"
    run(judged, source).assert_outcomes(passed=1, errors=1)


def test_a_test_that_reads_the_log_itself_is_left_alone(judged: pytest.Pytester) -> None:
    run(judged, "def test_it(caplog): logging.error('seen')").assert_outcomes(passed=1)


def test_a_thread_left_running_fails_the_test(judged: pytest.Pytester) -> None:
    source = "def test_it(): threading.Thread(target=time.sleep, args=(60,), name='late', daemon=True).start()"
    result = run(judged, HASTE + source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*left running by this test: thread 'late'*"])


def test_a_thread_that_is_about_to_end_is_waited_for(judged: pytest.Pytester) -> None:
    source = "def test_it(): threading.Thread(target=time.sleep, args=(0.2,)).start()"
    run(judged, source).assert_outcomes(passed=1)


QT = "from PySide6.QtCore import QObject, QThread, QTimer\nkept = []\n"


def test_a_timer_left_running_fails_the_test(judged: pytest.Pytester) -> None:
    source = HASTE + QT + "def test_it(qapp):\n  kept.append(QTimer(objectName='clock'))\n  kept[0].start(1000)"
    result = run(judged, source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*left running by this test: QTimer 'clock'*"])


def test_a_timer_that_is_stopped_or_goes_with_its_owner_passes(judged: pytest.Pytester) -> None:
    stopped = "def test_stopped(qapp):\n  timer = QTimer()\n  timer.start(1000)\n  timer.stop()\n"
    owned = "def test_owned(qapp):\n  owner = QObject()\n  QTimer(owner).start(1000)\n  owner.deleteLater()\n"
    run(judged, QT + stopped + owned).assert_outcomes(passed=2)


def test_a_qt_thread_left_running_fails_the_test(judged: pytest.Pytester) -> None:
    source = HASTE + QT + "def test_it(qapp):\n  kept.append(QThread(objectName='worker'))\n  kept[0].start()\n"
    ending = "def test_end():\n  kept[0].quit()\n  kept[0].wait()"
    result = run(judged, source + ending)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*left running by this test: QThread 'worker'*"])
