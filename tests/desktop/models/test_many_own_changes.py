"""A desk with years of own changes: what comes in must not cost more because of what was entered long ago."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool

Statement = tuple[str, tuple[object, ...]]


@pytest.fixture
def asked(journal: Journal) -> Iterator[list[Statement]]:
    """Give the statements that the desk's file was asked, with their values."""
    found: list[Statement] = []

    def note(_c: object, _u: object, statement: str, values: tuple[object, ...], _x: object, many: bool) -> None:
        if not many and statement.lstrip().startswith(("SELECT", "DELETE", "UPDATE")):
            found.append((statement, values))

    sa.event.listen(journal.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(journal.engine, "before_cursor_execute", note)


def plans(journal: Journal, statements: list[Statement]) -> Iterator[tuple[str, list[str]]]:
    """Yield the steps in which SQLite finds the answer to each statement."""
    with journal.reading() as connection:
        for statement, values in statements:
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            yield statement, [row[3] for row in found]


def enter(journal: Journal, school: SmallSchool) -> None:
    for pupil in school.pupils[:5]:
        put_mark(journal, LESSON, COLUMN, pupil, "5")


def test_a_receipt_and_a_page_walk_neither_the_whole_history_nor_the_whole_outbox(
    journal: Journal, school: SmallSchool, asked: list[Statement]
) -> None:
    server = PocketServer(school)
    enter(journal, school)
    unsent = journal.outbox()
    asked.clear()
    journal.settle(server.push(unsent))
    entries, upto = server.pull(journal.cursor)
    journal.apply(entries, upto)
    seen = list(asked)
    assert seen
    for statement, steps in plans(journal, seen):
        walks = [step for step in steps if step.startswith(("SCAN history", "SCAN outbox")) or "(desk=?)" in step]
        assert not walks, f"{walks} in {statement}"


@pytest.mark.parametrize(
    "look",
    [
        lambda journal: queries.sync_state(journal, rows=False),  # the pill, ten times a second while somebody types
        queries.sync_state,
        queries.disputes,
        queries.news,
        lambda journal: queries.today(journal, journal.clock().date()),
    ],
    ids=["pill", "state", "disputes", "news", "today"],
)
def test_what_a_window_shows_at_every_turn_walks_not_through_the_whole_history(
    journal: Journal, school: SmallSchool, asked: list[Statement], look: Callable[[Journal], object]
) -> None:
    enter(journal, school)
    asked.clear()
    look(journal)
    seen = list(asked)
    assert seen
    for statement, steps in plans(journal, seen):
        walks = [step for step in steps if _walks(step)]
        assert not walks, f"{walks} in {statement}"


def _walks(step: str) -> bool:
    """Say whether a step reads all that was ever entered here, or something whole for each line of another."""
    again = step.startswith("SCAN") and step.endswith("LEFT-JOIN")
    return step.startswith("SCAN history") or again or ("(desk=?)" in step and "COVERING" not in step)


def test_a_receipt_for_many_changes_is_entered_in_a_few_statements(
    journal: Journal, school: SmallSchool, asked: list[Statement]
) -> None:
    server = PocketServer(school)
    enter(journal, school)
    unsent = journal.outbox()
    verdicts = server.push(unsent)
    asked.clear()
    journal.settle(verdicts[:2])
    few = len(asked)
    asked.clear()
    journal.settle(verdicts[2:])
    assert len(asked) <= few
    assert queries.sync_state(journal).waiting == 0
