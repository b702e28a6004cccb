"""What a screen reads on the window's thread as it opens: what is due of a day, and a class across its subjects."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_results import class_results
from ejournal_desktop.models.queries.due import due
from tests.bench.rows import Amounts, Bench, Row, median
from tests.helpers.full_class import full_class
from tests.helpers.school import MOSCOW, SmallSchool, desk_of

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 14, tzinfo=MOSCOW)
TURN_MS = 50.0
CLASS_TEACHER = "p-class-teacher"


def reading(amounts: Amounts) -> Iterator[Row]:
    """Ask fresh desks, whose every question is the first one, and ask them again."""
    school = full_class(TODAY, amounts.pupils)
    yield from _rows("due_all_subjects", school, school.colleague, due, amounts)
    yield from _rows("due_class_teacher", school, CLASS_TEACHER, due, amounts)
    yield from _rows("class_results", school, CLASS_TEACHER, lambda desk: class_results(desk, school.class_group),
                     amounts)  # fmt: skip


def _rows(
    name: str, school: SmallSchool, person: str, ask: Callable[[Journal], object], amounts: Amounts
) -> Iterator[Row]:
    pairs = [_asked_twice(school, person, ask) for _ in range(amounts.starts)]
    for which, times in zip(("first", "again"), zip(*pairs, strict=True), strict=True):
        took = median(times) * 1e3
        yield Row(f"{name}_{which}", took, "ms", took / TURN_MS, "50 ms", "≤ 50 of the processor")


def _asked_twice(school: SmallSchool, person: str, ask: Callable[[Journal], object]) -> tuple[float, float]:
    """Return the processor's seconds of the first question to a desk, and of the second."""
    with tempfile.TemporaryDirectory() as folder:
        journal = desk_of(school, person, Path(folder), now=NOW)
        try:
            return _processor(lambda: ask(journal)), _processor(lambda: ask(journal))
        finally:
            journal.close()


def _processor(do: Callable[[], object]) -> float:
    began = time.thread_time()
    do()
    return time.thread_time() - began


BENCHES: tuple[Bench, ...] = (reading,)
