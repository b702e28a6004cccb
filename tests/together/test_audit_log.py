"""Events on their way: from the desk where they happened to the readers of the log, and to nobody else's disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core.kinds import AuditEvent, RoleGrant
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_server import audit_log
from tests.helpers.chaos import House, meet
from tests.helpers.raw_pages import traces
from tests.helpers.school import YEAR_START, small_school

PAPER = "summary_sheet_of_7b"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    extra = [RoleGrant(id="r-office", person_id="p-colleague", role="administrator", since=YEAR_START)]
    house = House(tmp_path, small_school(8, extra))
    yield house
    house.close()


def events(journal: Journal) -> list[AuditEvent]:
    with journal.reading() as connection:
        return select_records(connection, AuditEvent)


def test_an_event_reaches_the_administrator_and_no_other_teacher(house: House) -> None:
    teacher, office = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    class_teacher = house.sit_down(house.school.class_teacher)
    assert tell_event(teacher.journal, "printed", subject_kind="ClassGroup", subject="c-7b", detail=PAPER)
    meet(teacher, office, class_teacher)
    (seen,) = events(office.journal)
    assert (seen.person_id, seen.desk_id, seen.event, seen.detail) == (
        house.school.teacher, teacher.journal.identity.desk_id, "printed", PAPER)  # fmt: skip
    assert traces(office._path, office._key, [PAPER]), "the search finds what is there"
    assert events(class_teacher.journal) == []
    assert traces(class_teacher._path, class_teacher._key, [PAPER]) == []
    assert sum(seat.journal.count_held_back("refused") for seat in (teacher, office, class_teacher)) == 0


def test_what_the_server_did_by_order_is_a_line_that_both_concerned_see(house: House) -> None:
    teacher, office = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    authority = house.office.authority
    with authority.store.write() as tx:
        audit_log.tell(
            authority, tx, audit_log.event("person_returned", house.school.teacher, by=house.school.colleague),
            audit_log.event("backup_made", subject="g-1", detail="daily"),
        )  # fmt: skip
    meet(teacher, office)
    assert {each.event for each in events(office.journal)} == {"person_returned", "backup_made"}
    assert [(each.event, each.by) for each in events(teacher.journal)] == [("person_returned", house.school.colleague)]


def test_a_program_gone_wild_tells_of_two_hundred_events_a_day_and_no_more(house: House) -> None:
    teacher = house.sit_down(house.school.teacher)
    told = [tell_event(teacher.journal, "printed") for _ in range(202)]
    assert told.count(True) == 200
    assert told[-1] is False
