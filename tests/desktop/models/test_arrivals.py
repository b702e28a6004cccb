"""What comes from the server: verdicts, entries of the log, snapshots; and that rows are rebuilt, never overwritten."""

from __future__ import annotations

import msgspec
import pytest

from ejournal_core import ids
from ejournal_core.changes import Outcome
from ejournal_core.kinds import Fields, Mark
from ejournal_desktop.models import queries, records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.lessons import set_homework, set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.requests import put_aside
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.loading import load_whole
from ejournal_desktop.models.tables import held_back, history, outbox, shadow
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool, snapshot_lines

PUPIL = "u-04"
MARK = ids.mark(COLUMN, PUPIL)


def fields(journal: Journal, kind: str = "Mark", record: str = MARK) -> Fields | None:
    with journal.reading() as connection:
        return records.read(connection, kind, record).fields


def value(journal: Journal, record: str = MARK) -> object:
    found = fields(journal, "Mark", record)
    return None if found is None else found["value"]


def shadows(journal: Journal) -> int:
    with journal.reading() as connection:
        return len(connection.execute(shadow.select()).all())


def put(journal: Journal, wanted: str | None, pupil: str = PUPIL) -> ChangeSet:
    return put_mark(journal, LESSON, COLUMN, pupil, wanted)


def pull(journal: Journal, server: PocketServer) -> None:
    entries, upto = server.pull(journal.cursor)
    journal.apply(entries, upto)


def test_a_taken_change_leaves_the_outbox_and_needs_no_shadow_once_the_log_has_brought_it_back(
    journal: Journal, server: PocketServer
) -> None:
    put(journal, "5")
    journal.settle(server.push(journal.outbox()))
    assert journal.outbox() == []
    assert value(journal) == "5"
    pull(journal, server)
    assert value(journal) == "5"
    assert shadows(journal) == 0


def test_a_verdict_that_arrives_twice_changes_nothing(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    verdicts = server.push(journal.outbox())
    journal.settle(verdicts)
    put(journal, "4")
    journal.settle(verdicts)
    assert value(journal) == "4"
    assert len(journal.outbox()) == 1


def test_a_refused_change_leaves_the_row_as_the_server_has_it_and_stays_visible(
    journal: Journal, server: PocketServer
) -> None:
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    pull(journal, server)
    put(journal, "5")
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "refused"))
    assert value(journal) == "3"
    cell = queries.journal_spread(journal, ids.lesson_parts(LESSON)[0]).cells[COLUMN, PUPIL]
    assert (cell.value, cell.delivery, cell.other_value) == ("3", "refused", "5")
    assert cell.reason
    state = queries.sync_state(journal)
    assert (state.saved, state.refused, state.waiting) == (1, 1, 0)


def test_a_refused_birth_leaves_no_record_but_its_value_is_still_shown(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "refused"))
    assert fields(journal) is None
    assert [row.what for row in queries.sync_state(journal).rows] == ["отметка 5"]
    assert [row.outcome for row in queries.cell_history(journal, "Mark", MARK)] == ["не принято"]


def test_edits_after_a_refused_birth_keep_their_value_until_their_own_verdict(
    journal: Journal, server: PocketServer
) -> None:
    put(journal, "5")
    first = journal.outbox()
    put(journal, "4")
    journal.settle(server.push(first, refuse=lambda _: "refused"))
    assert value(journal) == "4"
    journal.settle(server.push(journal.outbox()))
    assert fields(journal) is None


def test_a_refused_lesson_with_its_column_still_unsent_breaks_no_reference(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    other = school.lesson(ids.lesson_parts(LESSON)[1], 5)
    put_mark(journal, other, None, PUPIL, "5")
    lesson_only = journal.outbox(1)
    journal.settle(server.push(lesson_only, refuse=lambda _: "refused"))
    assert fields(journal, "Lesson", other) is None
    assert value(journal, ids.mark(ids.mark_column(other, "oral", 1), PUPIL)) == "5"
    assert all(row.lesson_id != other for row in queries.journal_spread(journal, school.page).lessons)


def test_a_corrected_value_clears_the_refusal_once_it_is_taken(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "refused"))
    put(journal, "4")
    journal.settle(server.push(journal.outbox()))
    assert queries.sync_state(journal).refused == 0
    assert value(journal) == "4"


@pytest.mark.parametrize("outcome", ["refused", "pending", "quarantined"])
def test_an_older_own_value_that_the_log_brings_again_hides_nothing_held_back_since(
    journal: Journal, server: PocketServer, outcome: Outcome
) -> None:
    put(journal, "5")
    journal.settle(server.push(journal.outbox()))
    put(journal, "4")
    (verdict,) = server.push(journal.outbox(), refuse=lambda _: outcome)
    in_quarantine = outcome == "quarantined"  # has no number
    journal.settle([msgspec.structs.replace(verdict, number=0) if in_quarantine else verdict])
    pull(journal, server)
    assert [(row.what, row.delivery) for row in queries.sync_state(journal).rows] == [("отметка 5 → 4", outcome)]


@pytest.mark.parametrize("act", ["approve", "refuse"])
def test_an_act_that_decides_nothing_yet_clears_no_refusal(journal: Journal, server: PocketServer, act: str) -> None:
    put(journal, "5")
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "pending"))
    server.other("Mark", MARK, act=act, was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    pull(journal, server)
    with journal.reading() as connection:
        assert len(connection.execute(held_back.select()).all()) == 1


def test_a_refusal_put_aside_leaves_the_list_and_stays_in_history(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "refused"))
    put_aside(journal, queries.sync_state(journal).rows[0].change_id)
    assert queries.sync_state(journal).rows == ()
    assert len(queries.cell_history(journal, "Mark", MARK)) == 1


def test_a_colleagues_mark_does_not_overwrite_an_unsent_one(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    pull(journal, server)
    assert value(journal) == "5"
    with journal.reading() as connection:
        said = records.read_shadow(connection, ("Mark", MARK))
    assert said is not None
    assert said.fields is not None
    assert said.fields["value"] == "3"


def test_two_people_clash_and_both_values_are_shown(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    assert value(journal) == "3"
    (row,) = queries.disputes(journal)
    assert (row.standing_value, row.wanted_value, row.mine) == ("3", "5", True)
    assert row.where == "7 «Б» · Алгебра · 15.09 · Ёлкин Пётр"
    assert (row.standing_author, row.wanted_author) == ("Петров С. И.", "Иванова М. П.")


@pytest.mark.parametrize(("keep", "expected"), [("standing", "3"), ("wanted", "5")])
def test_a_dispute_is_decided_by_a_change_of_its_own(
    journal: Journal, server: PocketServer, keep: str, expected: str
) -> None:
    put(journal, "5")
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    done = resolve_dispute(journal, queries.disputes(journal)[0].id, keep)  # type: ignore[arg-type]
    assert [change.act for change in done.changes] == ["resolve"]
    assert queries.disputes(journal) == ()
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    assert value(journal) == expected
    assert server.records["Mark", MARK]["value"] == expected


def test_a_decision_that_the_server_refuses_opens_the_dispute_again(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    resolve_dispute(journal, queries.disputes(journal)[0].id, "wanted")
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "refused"))
    assert len(queries.disputes(journal)) == 1


def test_a_decision_of_the_other_person_closes_the_dispute_here(journal: Journal, server: PocketServer) -> None:
    put(journal, "5")
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    server.other("Mark", MARK, act="resolve", value="5", comment="")
    pull(journal, server)
    assert queries.disputes(journal) == ()
    assert value(journal) == "5"


def test_a_dispute_between_others_is_listed_too(journal: Journal, server: PocketServer) -> None:
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    server.other("Mark", MARK, author="p-deputy", was={"value": "2"}, value="4")
    pull(journal, server)
    (row,) = queries.disputes(journal)
    assert not row.mine


def test_two_homework_texts_end_joined_on_the_desk_as_on_the_server(journal: Journal, server: PocketServer) -> None:
    set_homework(journal, LESSON, "§ 1")
    server.other("Lesson", LESSON, homework="№ 4–8")
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    found = fields(journal, "Lesson", LESSON)
    assert found is not None
    assert found["homework"] == server.records["Lesson", LESSON]["homework"] == "№ 4–8\n§ 1"


def test_topic_of_one_and_homework_of_another_do_not_clash(journal: Journal, server: PocketServer) -> None:
    set_topic(journal, LESSON, "Дроби")
    server.other("Lesson", LESSON, homework="№ 4–8")
    journal.settle(server.push(journal.outbox()))
    pull(journal, server)
    found = fields(journal, "Lesson", LESSON)
    assert found is not None
    assert (found["topic"], found["homework"]) == ("Дроби", "№ 4–8")


def test_an_entry_that_comes_again_changes_nothing(journal: Journal, server: PocketServer) -> None:
    server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    server.other("Mark", MARK, value="4")
    entries, upto = server.pull(journal.cursor)
    journal.apply(entries, upto)
    journal.apply(entries[:1], upto)
    assert value(journal) == "4"
    with journal.reading() as connection:
        assert len(connection.execute(history.select()).all()) == 2


def test_a_snapshot_does_not_take_back_newer_rows_nor_unsent_ones(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    server.other("Lesson", LESSON, topic="Новая тема")
    pull(journal, server)
    put(journal, "5")
    load_whole(journal, 1, snapshot_lines(school.records, 1), scope="all")
    found = fields(journal, "Lesson", LESSON)
    assert found is not None
    assert found["topic"] == "Новая тема"
    assert value(journal) == "5"


def test_a_snapshot_puts_the_servers_word_under_an_unsent_edit(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    put(journal, "5")
    theirs = Mark(id=MARK, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    load_whole(journal, 9, snapshot_lines([*school.records, theirs], 9), scope="all")
    assert value(journal) == "5"
    journal.settle(server.push(journal.outbox(), refuse=lambda _: "refused"))
    assert value(journal) == "3"


def test_a_change_of_a_kind_from_a_newer_version_is_kept_and_stops_nothing(
    journal: Journal, server: PocketServer
) -> None:
    server.start["Hologram", "h"] = {}
    change = server.other("Mark", MARK, act="create", was={}, mark_column_id=COLUMN, pupil_id=PUPIL, value="3")
    entries, upto = server.pull(journal.cursor)
    strange = msgspec.structs.replace(entries[0].change, id="strange", kind="Hologram", n=99)
    verdict = msgspec.structs.replace(change, id="strange", number=upto + 1)
    journal.apply([*entries, msgspec.structs.replace(entries[0], change=strange, verdict=verdict)], upto + 1)
    assert value(journal) == "3"
    assert len(queries.cell_history(journal, "Hologram", MARK)) == 1


def test_the_cursor_moves_with_the_rows_of_each_transaction(journal: Journal, server: PocketServer) -> None:
    for number in range(750):
        server.other("Lesson", LESSON, topic=f"Тема {number}")
    seen: list[int] = []
    journal.listen(lambda _: seen.append(journal.cursor))
    pull(journal, server)
    assert seen == [501, 751]


def test_nothing_new_still_moves_the_cursor(journal: Journal) -> None:
    journal.apply([], 40)
    assert journal.cursor == 40


def test_sent_changes_stay_in_history_and_only_a_verdict_empties_the_outbox(journal: Journal) -> None:
    put(journal, "5")
    assert len(journal.outbox()) == 1
    assert len(journal.outbox()) == 1
    with journal.reading() as connection:
        assert len(connection.execute(outbox.select()).all()) == 1
