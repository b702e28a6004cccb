"""kill -9 in the middle of what writes many records at once: all of it is there afterwards or nothing, and it is known.

Each story runs in a real process on a real file: it says «begun», does one thing as a screen does it, and says «done»
when it has returned. It is killed at the moment in which so many records have been written, or at any moment.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from ejournal_core.changes import change_hash
from ejournal_core.kinds import PolicySetting
from ejournal_desktop.models import database, queries
from ejournal_desktop.models.commands import way_back
from ejournal_desktop.models.commands.steps_back import take_back_step
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.lesson_plans import lesson_plan
from ejournal_desktop.models.queries.own_writes import plan_steps, result_steps
from tests.helpers.plans import PAGE, planned_school
from tests.helpers.school import NOW, Clock, desk_of

KEY = bytes(range(32))

PROLOGUE = """
import os
import signal
import sys
from datetime import date, timedelta
from pathlib import Path
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.commands.pasting import CellEntry, enter_cells
from ejournal_desktop.models.commands.periods import decide_period_mark
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.queries.lesson_plans import lesson_plan
from ejournal_desktop.models.write import Write
from tests.helpers.plans import PAGE
from tests.helpers.school import NOW, Clock

clock = Clock(NOW)
journal = open_journal(Path(sys.argv[1]), bytes(range(32)), Path(sys.argv[1]).parent, clock=clock)
clock.now += timedelta(seconds=int(sys.argv[2]))
left, store = int(sys.argv[3]), Write._store

def counted(self, change, stand):
    global left
    store(self, change, stand)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

Write._store = counted
print("begun", flush=True)
"""
PASTE = """
spread = queries.journal_spread(journal, PAGE)
columns = [each for each in spread.columns if each.kind == "lesson" and each.held_on <= NOW.date()]
enter_cells(journal, PAGE, [
    CellEntry(pupil_id=pupil.pupil_id, lesson_id=column.lesson_id, mark_column_id=column.mark_column_id, marks=True,
              value="5")
    for column in columns for pupil in spread.pupils
])
"""
IMPORT = """
plans.append_rows(journal, PAGE, [RowDraft(f"Новая тема {n}") for n in range(120)], replace=True)
"""
SHIFT = """
rows = lesson_plan(journal, PAGE).rows
plans.set_dates(journal, {each.row.id: date(2026, 10, 1) + timedelta(days=n) for n, each in enumerate(rows)})
"""
PERIOD = """
results = queries.period_results(journal, PAGE, "quarter", 1)
for row in results.rows:
    clock.now += timedelta(seconds=1)
    decide_period_mark(journal, results, row, "4", "Так решено")
    print("said", row.pupil.pupil_id, flush=True)
"""
EPILOGUE = 'print("done", flush=True)\n'

State = tuple[object, ...]


def marks(journal: Journal) -> State:
    spread = queries.journal_spread(journal, PAGE)
    return tuple(sorted((key, cell.value) for key, cell in spread.cells.items() if cell.value))


def rows(journal: Journal) -> State:
    return tuple((each.row.topic, each.row.planned_on) for each in lesson_plan(journal, PAGE).rows)


def undo_marks(journal: Journal) -> int:
    step = queries.own_steps(journal, PAGE)[-1]
    take_back_step(journal, step)
    return len(step.changes)


def undo_rows(journal: Journal) -> int:
    step = plan_steps(journal, PAGE)[-1]
    way_back.take_back(journal, step)
    return len(step.changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the file of a teacher who may still correct everything, with a year's plan."""
    school = planned_school(PolicySetting(id="P06", value='{"days":400}', basis="Положение"))
    journal = desk_of(school, school.teacher, tmp_path, key=KEY)
    journal.note(seal_key="11" * 32)
    journal.close()
    return next(tmp_path.glob("*.journal"))


def run(path: Path, story: str, second: int, patience: float | None = None, records: int = 0) -> list[str]:
    """Run a story, killed so many seconds after it began or with so many records written; return what it said."""
    command = [sys.executable, "-c", PROLOGUE + story + EPILOGUE, str(path), str(second), str(records)]
    surroundings = os.environ | {"PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    if patience is not None:
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
    said = process.stdout.read().split("\n")
    process.stdout.close()
    process.wait(timeout=60)
    return said


@contextmanager
def opened(path: Path, second: int) -> Iterator[Journal]:
    """Give the file opened again; it must be whole, and what waits for the server a chain without a gap."""
    clock = Clock(NOW)
    journal = open_journal(path, KEY, path.parent, clock=clock)
    try:
        database.check_integrity(journal.engine)
        judge_chain(journal)
        clock.now += timedelta(seconds=second)
        yield journal
    finally:
        journal.close()


@pytest.mark.parametrize(
    ("story", "look", "undo"),
    [(PASTE, marks, undo_marks), (IMPORT, rows, undo_rows), (SHIFT, rows, undo_rows)],
    ids=["a large paste", "an import of a plan", "a shift of a plan"],
)
def test_a_step_that_was_killed_midway_is_whole_or_not_there_and_undo_goes_on(
    path: Path, story: str, look: Callable[[Journal], State], undo: Callable[[Journal], int]
) -> None:
    with opened(path, 0) as journal:
        before = look(journal)
    assert "done" in run(path, story, 1)
    with opened(path, 2) as journal:
        after = look(journal)
        assert after != before
        whole = undo(journal)
        assert look(journal) == before
    assert whole > 60
    for second, records in ((3, 1), (6, whole // 2), (9, whole)):
        assert "done" not in run(path, story, second, records=records)
        with opened(path, second + 1) as journal:
            assert look(journal) == before, "half of a step is in sight"
    said = run(path, story, 12, patience=random.Random(len(story)).uniform(0, 0.5))
    with opened(path, 13) as journal:
        assert look(journal) in (before, after)
        assert look(journal) == after or "done" not in said, "what was said to be done is not there"
        if look(journal) == after:
            undo(journal)
            assert look(journal) == before


def test_period_marks_that_were_said_to_be_entered_are_there_after_a_kill(path: Path) -> None:
    said = run(path, PERIOD, 1, records=9)
    with opened(path, 100) as journal:
        results = queries.period_results(journal, PAGE, "quarter", 1)
        entered = [row.pupil.pupil_id for row in results.rows if row.cell.value == "4"]
        told = [line.split()[1] for line in said if line.startswith("said ")]
        assert entered == told
        assert len(told) == 8, "the ninth was not committed"
        for left in range(len(entered) - 1, -1, -1):
            assert isinstance(journal.clock, Clock)
            journal.clock.now += timedelta(seconds=1)
            way_back.take_back(journal, result_steps(journal, PAGE)[-1])
            again = queries.period_results(journal, PAGE, "quarter", 1)
            assert sum(row.cell.value == "4" for row in again.rows) == left


def judge_chain(journal: Journal) -> None:
    """See that what waits for the server is a chain without a gap: nothing unsent was lost."""
    prev = ""
    for number, each in enumerate(journal.outbox(1_000_000), 1):
        assert (each.change.n, each.prev) == (number, prev), "the desk's chain is broken"
        prev = change_hash(each.change, prev).hex()
