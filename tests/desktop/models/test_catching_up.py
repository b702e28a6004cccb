"""After a long spell offline own changes are folded in by parts, and nobody who types meanwhile waits or loses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ejournal_core import ids
from ejournal_core.changes import Verdict
from ejournal_core.kinds import Mark
from ejournal_desktop.models import catching_up, records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES, shadow
from ejournal_desktop.models.unsent import Unsent
from tests.bench.lyceum import classes, enter, week
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool, desk_of, small_school

CHANGES = 1_300


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[tuple[Journal, list[Unsent]]]:
    """Give a desk that was long offline and has just had its receipts, and what they were about."""
    school: SmallSchool = small_school(extra=classes(6))
    journal = desk_of(school, school.teacher, tmp_path)
    enter(journal, week(), CHANGES)
    sent = journal.outbox(CHANGES)
    journal.settle([Verdict(id=each.change.id, number=2 + i, outcome="taken") for i, each in enumerate(sent)])
    yield journal, sent
    journal.close()


def rows(journal: Journal, sent: list[Unsent]) -> dict[tuple[str, str], records.Stand]:
    with journal.reading() as connection:
        return {
            (kind, record): stand
            for kind in ("Lesson", "MarkColumn", "Mark")
            for record, stand in records.read_many(
                connection, kind, [each.change.record for each in sent if each.change.kind == kind]
            ).items()
        }


def test_rows_stay_as_they_are_and_take_the_numbers_of_the_log(offline: tuple[Journal, list[Unsent]]) -> None:
    journal, sent = offline
    before = rows(journal, sent)
    journal.apply([], CHANGES + 1)
    after = rows(journal, sent)
    numbers = {(each.change.kind, each.change.record): 2 + i for i, each in enumerate(sent)}
    assert {address: stand.number for address, stand in after.items()} == numbers
    assert {address: (stand.fields, stand.author, stand.entered_at) for address, stand in after.items()} == {
        address: (stand.fields, stand.author, stand.entered_at) for address, stand in before.items()
    }
    with journal.reading() as connection:
        assert connection.execute(shadow.select()).all() == []
    assert journal.cursor == CHANGES + 1


def test_no_transaction_holds_more_than_its_part(offline: tuple[Journal, list[Unsent]]) -> None:
    journal, _ = offline
    parts: list[int] = [0]

    def count(_: object, __: object, sql: str, values: object, *rest: object) -> None:
        if sql.startswith("DELETE FROM shadow"):
            parts[-1] += len(values) if isinstance(values, list) else 1

    sa.event.listen(journal.engine, "before_cursor_execute", count)
    sa.event.listen(journal.engine, "commit", lambda _: parts.append(0))
    journal.apply([], CHANGES + 1)
    assert max(parts) == catching_up.AT_ONCE
    assert len([part for part in parts if part]) == 3


def test_what_is_typed_between_two_parts_stays_unsent_and_on_the_screen(offline: tuple[Journal, list[Unsent]]) -> None:
    journal, sent = offline
    last = max(each.change.record for each in sent if each.change.kind == "Mark")
    with journal._transaction() as connection:
        since = catching_up.catch_up(connection, journal.identity.desk_id, CHANGES + 1, set(), catching_up.Caught())
    assert since.more
    with journal.write() as write:
        write.edit(Mark, last, value="2")
    journal.apply([], CHANGES + 1)
    with journal.reading() as connection:
        assert records.read(connection, "Mark", last).fields["value"] == "2"  # type: ignore[index]
        held = connection.execute(shadow.select()).all()
    assert [(row.kind, row.record) for row in held] == [("Mark", last)]
    assert [each.change.record for each in journal.outbox()] == [last]


def test_a_record_that_a_colleague_changed_too_is_left_to_the_page(journal: Journal) -> None:
    mark = ids.mark(COLUMN, "u-04")
    with journal.write() as write:
        write.edit(Mark, mark, mark_column_id=COLUMN, pupil_id="u-04", value="4")
    change = journal.outbox()[0].change
    journal.settle([Verdict(id=change.id, number=2, outcome="taken")])
    with journal._transaction() as connection:
        catching_up.catch_up(connection, journal.identity.desk_id, 9, {("Mark", mark)}, catching_up.Caught())
        assert len(connection.execute(shadow.select()).all()) == 1
        catching_up.catch_up(connection, journal.identity.desk_id, 1, set(), catching_up.Caught())
        assert len(connection.execute(shadow.select()).all()) == 1
        catching_up.catch_up(connection, journal.identity.desk_id, 9, set(), catching_up.Caught())
        assert connection.execute(shadow.select()).all() == []
        marks = TABLES["Mark"]
        assert connection.execute(sa.select(marks.c.log_number).where(marks.c.id == mark)).scalar_one() == 2


def test_two_homeworks_are_joined_although_the_server_leaves_the_own_one_out(
    journal: Journal, school: SmallSchool
) -> None:
    server = PocketServer(school)
    with journal.write() as write:
        write.put("Lesson", LESSON, {"homework": "§ 1"})
    server.other("Lesson", LESSON, homework="№ 2")
    verdicts = server.push(journal.outbox())
    assert [verdict.outcome for verdict in verdicts] == ["merged"]
    journal.settle(verdicts)
    journal.apply(server.pull(1)[0][:1], 2)
    journal.apply([], 3)
    with journal.reading() as connection:
        fields = records.read(connection, "Lesson", LESSON).fields
    assert fields is not None
    assert fields["homework"] == server.records["Lesson", LESSON]["homework"] == "№ 2\n§ 1"
