"""The log of events: who may tell what, and who sees it."""

from __future__ import annotations

from datetime import date

import pytest

from ejournal_core import access
from ejournal_core.audit_log import DESK_EVENTS, SERVER_EVENTS
from ejournal_core.checks import check
from ejournal_core.kinds import AuditEvent, Fields, from_fields
from tests.core.test_checks import code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

EVENT: Fields = {"person_id": "ivanova", "event": "printed", "desk_id": "d", "detail": "summary_sheet"}


def told(facts: PlainFacts, fields: Fields, author: str = "ivanova") -> str:
    return code(check(edit("AuditEvent", "e", fields, author=author, act="create"), facts))


def test_a_desk_tells_of_what_its_own_person_did_at_it(facts: PlainFacts) -> None:
    assert told(facts, EVENT) == "taken"


@pytest.mark.parametrize(
    "forged",
    [
        {"person_id": "petrova"}, {"desk_id": "d2"}, {"by": "admin"}, {"workstation": "w-1"}, {"voided": True},
        {"event": "pairing_approved"}, {"event": "пришёл"}, {"event": ""},
        {"detail": "Котов Илья"}, {"detail": "x" * 81}, {"subject": "x" * 513}, {"subject_kind": "я"},
        {"number": 100_001}, {"detail": "две\nстроки"},
    ],
)  # fmt: skip
def test_nobody_tells_of_others_nor_of_what_is_the_servers_nor_names_anybody(facts: PlainFacts, forged: Fields) -> None:
    assert told(facts, EVENT | forged) == "EJ-520"


@pytest.mark.parametrize("author", ["ivanova", "admin", "zavuch"])
def test_nobody_edits_or_takes_back_what_was_told(facts: PlainFacts, author: str) -> None:
    facts.put(from_fields(AuditEvent, "e", EVENT))
    gone = edit("AuditEvent", "e", {"voided": True}, was={"voided": False}, author=author, act="void")
    other = edit("AuditEvent", "e", {"event": "exported"}, was={"event": "printed"}, author=author)
    decided = edit("AuditEvent", "e", {"event": "exported"}, was={"event": "printed"}, author=author, act="resolve")
    assert [code(check(each, facts)) for each in (gone, other, decided)] == ["EJ-520"] * 3


def test_what_the_server_tells_no_desk_can_tell() -> None:
    assert not DESK_EVENTS & SERVER_EVENTS


def test_events_are_seen_by_their_person_and_by_the_readers_of_the_log(facts: PlainFacts) -> None:
    people = ["ivanova", "petrova"]

    def seen(person: str) -> frozenset[str]:
        found = access.slices(person, facts.roles(person), [], [], date(2026, 9, 15), people=people)
        return frozenset(name for name in found if name.startswith("events:"))

    assert access.slice_of("AuditEvent", EVENT) == "events:ivanova"
    assert seen("ivanova") == {"events:ivanova"}
    assert seen("zavuch") == {"events:zavuch"}
    assert seen("admin") == {"events:admin", "events:ivanova", "events:petrova", "events:server"}
