"""A block of marks pasted into a page and taken back: how long the window is deaf, beside one piece of the same."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication

from ejournal_core.kinds import PolicySetting
from ejournal_desktop.exchange.clipboard import Table
from ejournal_desktop.models.queries.pasting import Planned, Wish, taken
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.screens.journal import JournalScreen
from tests.bench.classroom import SIZE, application, collecting_as_at_work, lesson_days, settle, until
from tests.bench.rows import Amounts, Bench, Row
from tests.helpers.school import MOSCOW, Clock, desk_of, small_school

OPEN = PolicySetting(id="P06", value='{"days":400}', basis="Положение")
TARGET = "≤ 50 ms"


def block(amounts: Amounts) -> Iterator[Row]:
    """Look at the block, enter it, take it back: the longest turn of the window's loop, and the whole."""
    lessons = amounts.block_lessons
    with tempfile.TemporaryDirectory() as folder:
        school = small_school(amounts.pupils, extra=[OPEN])
        journal = desk_of(school, school.teacher, Path(folder))
        assert isinstance(journal.clock, Clock)
        last = lesson_days(lessons)[-1]
        journal.clock.now = datetime.combine(last, datetime.min.time(), MOSCOW).replace(hour=15)
        app = application()
        with collecting_as_at_work(app) as begin:
            screen = JournalScreen(journal, journal.clock)
            screen.resize(*SIZE)
            screen.show()
            until(app, lambda: screen.view is not None and not screen.is_opening)
            assert screen.view is not None
            settle(app)
            begin()
            yield from _rows(app, screen.view, lessons)
        screen.close_screen()
        screen.deleteLater()
        settle(app)
        journal.close()


def _rows(app: QApplication, view: MarkView, lessons: int) -> Iterator[Row]:
    pasting, writing = view.entering.pasting, view.grid.writing
    table = Table(tuple(tuple(str(3 + (n + m) % 3) for m in range(lessons)) for n in range(len(view.grid.pupils))))
    wishes = [Wish(m, n, text) for n, row in enumerate(table.rows) for m, text in enumerate(row)]
    plan: list[Planned] = []
    whole = _seconds(lambda: plan.extend(view.grid.plan(wishes)))
    view.set_current(0, 0)
    yield _row("block_looked_at", *_turns(app, lambda: pasting.open_table(table), lambda: not pasting.looking.is_on),
               whole)  # fmt: skip
    longest, took = _turns(app, pasting.take, lambda: not pasting.is_on_its_way and not pasting.is_open)
    back, took_back = _turns(app, lambda: view.grid.undo(), lambda: not writing.is_on)
    settle(app)
    whole = _seconds(lambda: view.grid.enter_block(tuple(taken(plan))))
    yield _row("block_entered", longest, took, whole)
    yield _row("block_taken_back", back, took_back, whole)


def _row(name: str, longest: float, took: float, whole: float) -> Row:
    note = f"{took * 1e3:.0f} ms in all, {whole * 1e3:.0f} in one piece"
    return Row(f"{name}_longest_turn", longest * 1e3, "ms", longest / whole, "one piece", TARGET, note)


def _turns(app: QApplication, begin: Callable[[], object], ended: Callable[[], bool]) -> tuple[float, float]:
    """Return the longest turn of the loop, the key that begins included, and the whole, in seconds."""
    began = time.perf_counter()
    longest = _seconds(begin)
    while not ended():
        longest = max(longest, _seconds(app.processEvents))
        time.sleep(0.001)  # as the loop sleeps that has nothing to do
    return max(longest, _seconds(app.processEvents)), time.perf_counter() - began


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


BENCHES: tuple[Bench, ...] = (block,)
