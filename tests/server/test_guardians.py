"""Families at the server: a desk that does not keep to the rules gets nothing in."""

from __future__ import annotations

import pytest

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.kinds import Fields
from ejournal_server import intake
from ejournal_server.folder import Office
from ejournal_server.store import records
from tests.server import world
from tests.server.world import ADMINISTRATOR, CLASS, CLASS_TEACHER, PUPILS, TEACHER, Hand

SALT = "5a" * 32
RECORD = ids.guardian(CLASS, PUPILS[0], "g1")
FIELDS: Fields = {"class_group_id": CLASS, "pupil_id": PUPILS[0], "last_name": "Ёлкина", "first_name": "Ольга",
                  "consent_on": "2026-09-01", "consent_by": "мать"}  # fmt: skip


def born(hand: Hand, **more: str) -> Change:
    return hand.change("Guardian", RECORD, {}, {**FIELDS, **more}, "create", salt=SALT)


@pytest.mark.parametrize(
    ("person", "more", "expected"),
    [
        (CLASS_TEACHER, {"phone": "555-05-05"}, ("taken", "")),
        (ADMINISTRATOR, {}, ("taken", "")),
        (TEACHER, {}, ("refused", "EJ-213")),
        (CLASS_TEACHER, {"home_address": "ул. Садовая, 1"}, ("refused", "EJ-275")),
        (CLASS_TEACHER, {"phone": "у бабушки"}, ("refused", "EJ-525")),
        (CLASS_TEACHER, {"relation": "сосед"}, ("refused", "EJ-201")),
        (CLASS_TEACHER, {"pupil_id": PUPILS[1]}, ("refused", "EJ-202")),
    ],
)
def test_a_family_is_judged_at_arrival_as_at_the_desk(
    office: Office, person: str, more: dict[str, str], expected: tuple[str, str]
) -> None:
    hand = world.new_hand(office, person)
    (verdict,) = intake.accept(office.authority, hand.batch(born(hand, **more))).verdicts
    assert (verdict.outcome, verdict.reason) == expected
    with office.authority.store.read() as tx:
        assert (RECORD in records.fetch(tx, "Guardian", [RECORD])) == (expected[0] == "taken")
