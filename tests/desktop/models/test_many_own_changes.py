"""A desk with years of own changes: what comes in must not cost more because of what was entered long ago."""

from __future__ import annotations

from collections.abc import Iterator

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
    with journal.reading() as connection:
        for statement, values in seen:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            walks = [step for step in plan if step.startswith(("SCAN history", "SCAN outbox")) or "(desk=?)" in step]
            assert not walks, f"{walks} in {statement}"


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
