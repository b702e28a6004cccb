"""What a whole screen asks of the file, counted: a list that is read once a page or a work is a wait that grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_results import class_results
from ejournal_desktop.models.queries.due import due
from tests.helpers.full_class import full_class, pages
from tests.helpers.school import MOSCOW, SmallSchool, desk_of

TODAY = date(2026, 9, 18)
Desk = Callable[[str], Journal]


@pytest.fixture(scope="module")
def school() -> SmallSchool:
    return full_class(TODAY, 6)


@pytest.fixture
def desk(school: SmallSchool, tmp_path: Path) -> Iterator[Desk]:
    opened: list[Journal] = []

    def open_(person: str) -> Journal:
        opened.append(desk_of(school, person, tmp_path, now=datetime(2026, 9, 18, 14, tzinfo=MOSCOW)))
        return opened[-1]

    yield open_
    for journal in opened:
        journal.close()


def _asked(journal: Journal, ask: Callable[[Journal], object]) -> Counter[str]:
    """Return how often each table is the first that a question names."""
    found: Counter[str] = Counter()

    def seen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "\nFROM " in statement:
            found[statement.partition("\nFROM ")[2].split()[0].strip(",")] += 1

    sa.event.listen(journal.engine, "before_cursor_execute", seen)
    try:
        ask(journal)
    finally:
        sa.event.remove(journal.engine, "before_cursor_execute", seen)
    return found


def test_what_is_due_reads_the_class_list_once_however_many_works_wait(desk: Desk, school: SmallSchool) -> None:
    journal = desk(school.colleague)
    works = [row for row in due(journal) if row.what == "marks"]
    asked = _asked(journal, due)
    assert len(works) > 10
    assert asked["pupil"] <= 2  # of the class, and of a group of it
    assert asked["enrolment"] <= 2
    for table in ("period_closing", "registered_absence", "absence_document"):
        assert asked[table] <= 1, table


def test_what_is_due_asks_no_more_of_the_directory_than_once_a_kind(desk: Desk, school: SmallSchool) -> None:
    asked = _asked(desk(school.colleague), due)
    for table in ("person", "subject", "class_group", "journal_page", "teaching_load", "grading_period", "bell_slot"):
        assert asked[table] <= 4, table  # once for each of the four parts of what is due


def test_a_class_across_its_subjects_asks_as_much_for_eighteen_as_for_one(desk: Desk, school: SmallSchool) -> None:
    asked = _asked(desk("p-class-teacher"), lambda journal: class_results(journal, school.class_group))
    assert len(pages(school)) > 15
    assert max(asked.values()) <= 4, asked
