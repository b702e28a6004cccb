"""What the person was told is saved is saved: kill -9 of a real writing process, a dozen times on one file."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from ejournal_core.changes import change_hash
from ejournal_desktop.models import database, records
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.conftest import LESSON
from tests.helpers.school import SmallSchool, desk_of

KEY = bytes(range(32))

#: Writes topics as fast as it can and says each number once the write has returned.
WRITER = """
import sys
from pathlib import Path
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.desk import open_journal
from tests.helpers.school import NOW, Clock

journal = open_journal(Path(sys.argv[1]), bytes(range(32)), Path(sys.argv[2]), clock=Clock(NOW))
print("ready", flush=True)
for number in range(int(sys.argv[3]), 1_000_000):
    set_topic(journal, sys.argv[4], f"Тема {number}")
    print(number, flush=True)
"""

#: Does not wait for the disk, like the window, and says each number when it is told that it is saved.
HURRIED = (
    WRITER.replace(
        'print("ready", flush=True)',
        """
numbers = {}
def saved(done):
    for change in done.changes if done.saved else ():
        print(numbers[change.n], flush=True)
journal.listen(saved)
journal.go_on_here()
print("ready", flush=True)
""",
    )
    .replace("    print(number, flush=True)\n", "")
    .replace(
        "    set_topic(",
        "    numbers[number] = number\n    if number % 50 == 0:\n        journal.flush()\n    set_topic(",
    )
)


def write_until_killed(path: Path, first: int, numbers: int, seconds: float, program: str = WRITER) -> int:
    """Run the writer, kill it some seconds after so many numbers, and return the last number that it said."""
    command = [sys.executable, "-c", program, str(path), str(path.parent), str(first), LESSON]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    heard = [writer.stdout.readline().strip() for _ in range(numbers)]
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    said = heard + writer.stdout.read().split()
    writer.stdout.close()
    writer.wait(timeout=20)
    return int(said[-1]) if said else first - 1


def test_kill_nine_loses_no_acknowledged_edit(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    journal.note(seal_key="11" * 32)
    journal.close()
    path = tmp_path / "desk-of-p-teacher.journal"
    chance = random.Random(11)
    last = 0
    for _ in range(12):
        said = write_until_killed(path, last + 1, chance.randrange(12), chance.uniform(0, 0.05))
        journal = open_journal(path, KEY, tmp_path)
        try:
            database.check_integrity(journal.engine)
            last = judge(journal, said)
        finally:
            journal.close()
    assert last > 50


def test_kill_nine_loses_nothing_that_the_window_was_told_is_saved(school: SmallSchool, tmp_path: Path) -> None:
    desk_of(school, school.teacher, tmp_path, key=KEY).close()
    path = tmp_path / "desk-of-p-teacher.journal"
    chance = random.Random(46)
    last = 0
    for _ in range(6):
        said = write_until_killed(path, last + 1, chance.randrange(12), chance.uniform(0, 0.05), HURRIED)
        journal = open_journal(path, KEY, tmp_path)
        try:
            database.check_integrity(journal.engine)
            last = judge(journal, said, ahead=50)
        finally:
            journal.close()
    assert last > 20


def judge(journal: Journal, said: int, ahead: int = 1) -> int:
    """Compare the file with what was said; some more than said may be there, written but not yet acknowledged."""
    unsent = journal.outbox(1_000_000)
    topics = [change.set["topic"] for change in (each.change for each in unsent)]
    assert topics == [f"Тема {number}" for number in range(1, len(topics) + 1)]
    assert said <= len(topics) <= said + ahead
    with journal.reading() as connection:
        fields = records.read(connection, "Lesson", LESSON).fields
    assert fields is not None
    assert fields["topic"] == (topics[-1] if topics else "")
    prev = ""
    for number, each in enumerate(unsent, 1):
        assert (each.change.n, each.prev) == (number, prev), "the desk's chain is broken"
        prev = change_hash(each.change, prev).hex()
    return len(topics)
