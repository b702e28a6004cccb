"""Stories of harder days, in one town with a real server process: each with pupils of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Enrolment, Record, TeachingLoad, to_fields
from ejournal_desktop import paths
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.outgoing_folder import undelivered
from ejournal_desktop.sync import desks
from ejournal_server import admin
from tests.helpers.chaos import Log, set_closed, violations, who_sees_what
from tests.helpers.school import YEAR_START
from tests.together.town import Town, Watched, mark_on, until_quiet


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give one school for all these stories."""
    with Town(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def teacher(town: Town) -> Watched:
    return town.watch("staffroom", town.school.teacher)


@pytest.fixture(scope="module")
def colleague(town: Town) -> Watched:
    return town.watch("classroom", town.school.colleague)


@pytest.fixture(scope="module")
def deputy(town: Town) -> Watched:
    return town.watch("office", town.school.deputy)


@pytest.fixture
def column(town: Town) -> str:
    return ids.mark_column(town.school.today_lesson, "oral", 1)


def write(town: Town, who: Watched, pupil: str, value: str) -> None:
    """Put a mark at today's lesson."""
    put_mark(who.journal, town.school.today_lesson, None, pupil, value)


def meet(town: Town, *people: Watched) -> None:
    """Let people meet the server one after another, twice."""
    until_quiet(*(lambda each=each: town.meet(each.desk, each.place) for each in people))


def load(town: Town, *records: Record) -> None:
    """Let the office change records of the directory at the server."""
    lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in records)
    file = town.root / "changed.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    admin.load_records(town.office, file)


def test_the_same_person_on_two_pcs_is_asked_herself(
    town: Town, teacher: Watched, colleague: Watched, column: str
) -> None:
    at_home = town.watch("library", town.school.teacher)
    write(town, teacher, "u-01", "4")
    write(town, at_home, "u-01", "2")
    meet(town, teacher, at_home, colleague)
    for desk in (teacher, at_home):
        (dispute,) = queries.disputes(desk.journal)
        assert (dispute.standing_value, dispute.wanted_value, dispute.mine) == ("4", "2", True)
    assert not any(dispute.mine for dispute in queries.disputes(colleague.journal))
    resolve_dispute(teacher.journal, queries.disputes(teacher.journal)[0].id, "wanted")
    meet(town, teacher, at_home, colleague)
    for desk in (teacher, at_home, colleague):
        assert mark_on(desk.journal, column, "u-01") == "2"
        assert queries.disputes(desk.journal) == ()
    assert violations(town.office, [teacher, at_home, colleague], who_sees_what(town.school)) == []
    at_home.desk.close()


def test_what_is_typed_while_pulling_survives(town: Town, teacher: Watched, colleague: Watched, column: str) -> None:
    for turn in range(120):
        write(town, colleague, "u-02", "2345"[turn % 4])
    meet(town, colleague)
    pulling = threading.Thread(target=meet, args=(town, teacher))
    pulling.start()
    typed = 0
    while not typed or (pulling.is_alive() and typed < 100):
        write(town, teacher, "u-03", "2345"[typed % 4])
        typed += 1
    pulling.join()
    assert mark_on(teacher.journal, column, "u-03") == "2345"[(typed - 1) % 4]
    meet(town, teacher, colleague)
    assert mark_on(colleague.journal, column, "u-03") == "2345"[(typed - 1) % 4]
    assert violations(town.office, [teacher, colleague], who_sees_what(town.school)) == []


def test_a_colleague_delivers_what_a_sick_teacher_has_left(town: Town, deputy: Watched, column: str) -> None:
    """From the same PC, without the author's password; her next sign-in settles it and nothing is doubled."""
    sick = town.watch("staffroom 2", town.school.teacher)
    write(town, sick, "u-04", "5")
    set_topic(sick.journal, town.school.today_lesson, "Начата дома")
    unsent = [each.change.id for each in sick.journal.outbox()]
    sick.journal.flush()
    sick.desk.close()
    with town.on("staffroom 2") as place:
        assert sum(undelivered(paths.outgoing_folder()).values()) > 0
        for _ in range(2):  # delivered twice by two helpful people
            assert desks.deliver_sealed(town.workstation("staffroom 2"), paths.outgoing_folder()).delivered > 0
        files = b"".join(file.read_bytes() for file in place.rglob("*.sealed"))
    assert "Начата дома".encode() not in files
    meet(town, deputy)
    assert mark_on(deputy.journal, column, "u-04") == "5"
    well = town.watch("staffroom 2", town.school.teacher)
    assert [each.change.id for each in well.journal.outbox()] == unsent
    meet(town, well)
    well.journal.flush()
    with town.on("staffroom 2"):
        assert undelivered(paths.outgoing_folder()) == {}
    assert queries.sync_state(well.journal).waiting == 0
    assert [line["id"] for line in Log(town.office).lines if line["id"] in unsent] == unsent
    assert violations(town.office, [well, deputy], who_sees_what(town.school)) == []
    well.desk.close()


def test_a_desk_that_comes_late_sees_open_disputes(
    town: Town, teacher: Watched, colleague: Watched, column: str
) -> None:
    meet(town, teacher, colleague)
    write(town, teacher, "u-05", "4")
    write(town, colleague, "u-05", "3")
    meet(town, teacher, colleague)
    late = town.watch("attic", town.school.class_teacher)
    (dispute,) = queries.disputes(late.journal)
    assert (dispute.standing_value, dispute.wanted_value, dispute.mine) == ("4", "3", False)
    assert (dispute.standing_author, dispute.wanted_author) == ("Иванова М. П.", "Петров С. И.")
    resolve_dispute(colleague.journal, dispute.id, "wanted")
    meet(town, colleague, teacher, late)
    assert mark_on(late.journal, column, "u-05") == "3"
    assert queries.disputes(late.journal) == ()
    assert violations(town.office, [teacher, colleague, late], who_sees_what(town.school)) == []
    late.desk.close()


def test_a_period_closed_meanwhile_makes_marks_wait_for_a_decision(
    town: Town, teacher: Watched, deputy: Watched, column: str
) -> None:
    meet(town, teacher, deputy)
    write(town, teacher, "u-06", "5")
    set_closed(deputy.journal, town.school.class_group, "q-1", True)
    town.meet(deputy.desk, deputy.place)
    meet(town, teacher, deputy)
    state = queries.sync_state(teacher.journal)
    assert (state.pending, state.waiting) == (1, 0)
    (row,) = (row for row in state.rows if row.delivery == "pending")
    assert row.reason.startswith("Период закрыт"), row.reason
    assert mark_on(deputy.journal, column, "u-06") is None
    with pytest.raises(Refusal, match="закрыт"):
        write(town, teacher, "u-07", "5")
    set_closed(deputy.journal, town.school.class_group, "q-1", False)
    meet(town, deputy, teacher)
    assert violations(town.office, [teacher, deputy], who_sees_what(town.school)) == []


def test_a_mark_for_a_pupil_of_whose_leaving_the_teacher_could_not_know_waits_for_a_decision(
    town: Town, teacher: Watched, column: str
) -> None:
    left = Enrolment(id="e-u-08", pupil_id="u-08", class_group_id=town.school.class_group, since=YEAR_START,
                     until=date(2026, 9, 10), position=8)  # fmt: skip
    write(town, teacher, "u-08", "5")
    load(town, left)
    meet(town, teacher)
    assert mark_on(teacher.journal, column, "u-08") is None
    state = queries.sync_state(teacher.journal)
    assert (state.refused, state.waiting) == (0, 0)
    (row,) = (row for row in state.rows if row.delivery == "pending" and "Ласточкина" in row.where)
    assert row.reason == "В этот день ученика нет в классе."
    assert violations(town.office, [teacher], who_sees_what(town.school)) == []


@pytest.mark.parametrize("end", [{"voided": True}, {"until": date(2026, 9, 8)}], ids=["taken away", "ended"])
def test_a_load_that_is_over_leaves_nothing_on_the_disk(town: Town, colleague: Watched, end: dict[str, Any]) -> None:
    """English is no longer the colleague's: its page goes, except for what has not been sent; algebra stays."""
    lesson = ids.lesson(town.school.english, date(2026, 9, 9), 4)
    hers = TeachingLoad(id="l-3", journal_page_id=town.school.english, person_id=town.school.colleague,
                        since=YEAR_START)  # fmt: skip
    load(town, hers)
    meet(town, colleague)
    put_mark(colleague.journal, lesson, None, "u-10", "5")
    meet(town, colleague)
    put_mark(colleague.journal, lesson, None, "u-12", "4")
    load(town, replace(hers, **end))
    meet(town, colleague)
    sees = who_sees_what(town.school)
    sees[town.school.colleague].remove(f"page:{town.school.english}")
    assert violations(town.office, [colleague], sees) == []
    with colleague.journal.reading() as connection:
        left = "SELECT count(*) FROM history WHERE record LIKE ?"
        remaining = connection.exec_driver_sql(left, (f"{town.school.english}.%",)).scalar_one()
    assert remaining == queries.sync_state(colleague.journal).pending  # the late mark waits for a decision
