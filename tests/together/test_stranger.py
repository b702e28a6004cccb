"""A desk that a stranger wrote from docs/sync-protocol.md does a day's work beside real ones, at a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from ejournal_core import ids
from ejournal_core.kinds import TeachingLoad
from ejournal_desktop.models import learning, queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.periods import close_period
from ejournal_desktop.models.commands.requests import approve_request
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_server import admin
from tests.helpers import stranger_bytes as form
from tests.helpers.stranger import Desk, Problem, Station, pair
from tests.helpers.stranger_bytes import Message
from tests.together.town import PASSWORD, Town, mark_on

LESSON_FIELDS = {"held_on": "2026-09-15", "lesson_number": 3}


@pytest.fixture
def station(town: Town) -> Iterator[Station]:
    made = pair(town.server.address, "ПК незнакомца", lambda code: admin.approve(town.office, code))
    yield made
    made.close()


@pytest.fixture
def stranger(town: Town, station: Station) -> Desk:
    """Give the stranger's desk of the teacher, loaded."""
    desk = station.open_desk(town.school.teacher, town.codes.pop(town.school.teacher), PASSWORD)
    desk.load()
    return desk


def now(town: Town) -> str:
    return town.clock().isoformat(timespec="seconds")


def give_mark(town: Town, desk: Desk, pupil: str, value: str) -> Message:
    """Enter a mark as a desk does: its lesson and column are made with the first one."""
    lesson = town.school.today_lesson
    column = ids.mark_column(lesson, "oral", 1)
    if desk.records.get("Lesson", lesson) is None:
        desk.enter("Lesson", lesson, {"journal_page_id": town.school.page, **LESSON_FIELDS}, now(town))
    if desk.records.get("MarkColumn", column) is None:
        wanted = {"lesson_id": lesson, "work_kind_id": "oral", "ordinal": 1}
        desk.enter("MarkColumn", column, wanted, now(town))
    mark = ids.mark(column, pupil)
    born = {} if desk.records.get("Mark", mark) else {"mark_column_id": column, "pupil_id": pupil}
    return desk.enter("Mark", mark, {**born, "value": value}, now(town))


def agree(stranger: Desk, real: OpenDesk) -> None:
    """See that both desks have the same log and hold the same in every slice that the stranger sees."""
    assert stranger.head is not None
    assert real.journal.head is not None
    assert (stranger.head["size"], stranger.head["root"]) == (real.journal.head.size, real.journal.head.root)
    assert stranger.frontier.root() == real.journal.state().frontier.root()
    told = stranger.compare_slices()
    with real.journal.reading() as connection:
        assert told == {name: learning.content_of(connection, name) for name in told}


def test_a_stranger_s_desk_does_a_day_s_work_and_agrees_with_a_real_one(town: Town, stranger: Desk) -> None:
    deputy = town.sit_down("office", town.school.deputy)
    marks = [give_mark(town, stranger, pupil, "4") for pupil in town.school.pupils[:3]]
    stranger.enter("Lesson", town.school.today_lesson, {"topic": "Линейные уравнения"}, now(town))
    receipt = stranger.push()
    assert [verdict["outcome"] for verdict in receipt["verdicts"]] == ["taken"] * 6
    assert stranger.head is not None
    old = stranger.head
    stranger.pull()
    town.meet(deputy, "office")
    column = ids.mark_column(town.school.today_lesson, "oral", 1)
    assert [mark_on(deputy.journal, column, pupil) for pupil in town.school.pupils[:3]] == ["4"] * 3
    agree(stranger, deputy)
    for change in marks:
        stranger.prove_line(change)
    stranger.prove_beginning(old)
    assert stranger.fetch_page("&head=" + form.head_hash(stranger.head)) == b""  # nothing is new
    assert {line["id"] for line in stranger.station.people()} >= {town.school.teacher, town.school.deputy}


def test_a_clash_with_a_real_desk_is_disputed_and_resolved_by_the_stranger(town: Town, stranger: Desk) -> None:
    colleague = town.sit_down("classroom", town.school.colleague)
    put_mark(colleague.journal, town.school.today_lesson, None, "u-04", "2")
    clashing = give_mark(town, stranger, "u-04", "4")
    town.meet(colleague, "classroom")
    stranger.push()
    assert stranger.told[clashing["id"]]["outcome"] == "disputed"
    stranger.pull()
    assert clashing["id"] in stranger.records.undecided
    mark = clashing["record"]
    assert stranger.records.accepted["Mark", mark]["value"] == "2"
    stranger.enter("Mark", mark, {"value": "4"}, now(town), act="resolve", was={"value": "2"})
    stranger.meet()
    town.meet(colleague, "classroom")
    column = ids.mark_column(town.school.today_lesson, "oral", 1)
    assert mark_on(colleague.journal, column, "u-04") == stranger.records.accepted["Mark", mark]["value"] == "4"
    assert queries.disputes(colleague.journal) == ()
    agree(stranger, colleague)


def test_a_request_of_the_stranger_s_is_approved_at_a_real_desk(town: Town, stranger: Desk) -> None:
    """The approval and the closing of the period are rare acts: the stranger checks their own signatures."""
    deputy = town.sit_down("office", town.school.deputy)
    mark = give_mark(town, stranger, "u-04", "4")["record"]
    stranger.meet()
    town.meet(deputy, "office")
    close_period(deputy.journal, "c-7b", "q-1")
    town.meet(deputy, "office")
    stranger.pull()
    asked = stranger.enter("Mark", mark, {"value": "5"}, now(town), act="request", why="в тетради стоит 5")
    stranger.meet()
    assert stranger.told[asked["id"]]["outcome"] == "pending"
    assert stranger.records.accepted["Mark", mark]["value"] == "4"
    town.meet(deputy, "office")
    (row,) = queries.waiting_decisions(deputy.journal)
    approve_request(deputy.journal, row.change_id)
    town.meet(deputy, "office")
    stranger.pull()
    assert stranger.records.accepted["Mark", mark]["value"] == "5"
    assert asked["id"] not in stranger.records.undecided
    agree(stranger, deputy)


def test_what_the_stranger_sealed_is_delivered_and_its_receipt_fetched_later(town: Town, stranger: Desk) -> None:
    give_mark(town, stranger, "u-04", "4")
    _, _, body = stranger.batch()
    assert stranger.station.deliver([body]) == {"delivered": 1, "waiting": 0, "damaged": 0}
    assert stranger.station.deliver([body]) == {"delivered": 1, "waiting": 0, "damaged": 0}  # harmless
    receipt = stranger.fetch_receipts()
    assert [verdict["outcome"] for verdict in receipt["verdicts"]] == ["taken"] * 3
    deputy = town.sit_down("office", town.school.deputy)
    stranger.pull()
    agree(stranger, deputy)


def test_a_reason_of_absence_is_hashed_apart_as_the_page_says(town: Town, station: Station) -> None:
    person = town.school.class_teacher
    desk = station.open_desk(person, town.codes.pop(person), PASSWORD)
    desk.load()
    deputy = town.sit_down("office", town.school.deputy)
    teacher = town.sit_down("staffroom", town.school.teacher)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    town.meet(teacher, "staffroom")
    desk.pull()
    lesson = town.school.today_lesson
    wanted = {"lesson_id": lesson, "pupil_id": "u-05", "reason": "Б"}
    entered = desk.enter("Attendance", ids.attendance(lesson, "u-05"), wanted, now(town))
    assert (entered["hidden"], len(entered["salt"])) == (["reason"], 64)
    assert desk.push()["verdicts"][0]["outcome"] == "taken"
    desk.pull()
    town.meet(deputy, "office")
    agree(desk, deputy)


def test_a_new_load_brings_the_stranger_a_new_scope(town: Town, stranger: Desk) -> None:
    deputy = town.sit_down("office", town.school.deputy)
    assert f"page:{town.school.english}" not in stranger.slices
    with deputy.journal.write() as write:
        write.edit(
            TeachingLoad, "l-9", journal_page_id=town.school.english, person_id=town.school.teacher,
            since=date(2026, 9, 1), weekly_hours=Decimal(3),
        )  # fmt: skip
    town.meet(deputy, "office")
    with pytest.raises(Problem) as refused:
        stranger.pull()
    assert (refused.value.status, refused.value.code) == (409, "scope-changed")
    stranger.load()
    assert f"page:{town.school.english}" in stranger.slices
    agree(stranger, deputy)
