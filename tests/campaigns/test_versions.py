"""Old desks with a new server and the reverse, and changes of a program that nobody here knows yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.engine import UnknownProtocol
from ejournal_server import gate
from tests.campaigns.checker import Checker
from tests.campaigns.ledger_copy import Raw
from tests.campaigns.lines import Line as Caller
from tests.campaigns.lines import Message, Reply
from tests.campaigns.play import come_to_rest
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import KEY, certify, stage
from tests.campaigns.story import Plan
from tests.campaigns.world import World

PLAN = Plan(51, (0, 1), loss=0.0, beside=0.0, faults=False)


class Ages(World):
    """A school whose server speaks other versions of the protocol than its desks.

    Attributes:
        server: the versions that the server speaks.
        named: the versions that desks have named.
    """

    server: tuple[int, ...] = (1,)

    def __init__(self) -> None:
        self.named: set[str] = set()
        super().__init__(PLAN, stage(4, open_policy=True))

    def deliver(self, message: Message) -> Reply:
        """Let the server answer as one of its own age."""
        self.named.add(message.headers.get(wire.PROTOCOL_HEADER, ""))
        desks, wire.SPOKEN = wire.SPOKEN, self.server  # both live in this process
        try:
            return super().deliver(message)
        finally:
            wire.SPOKEN = desks


@pytest.fixture
def ages() -> Iterator[Ages]:
    world = Ages()
    world.calm = True
    with world.injected():
        yield world
    for seat in world.seats:
        seat.journal.close()


@pytest.mark.parametrize(
    ("desk", "server", "agreed"),
    [((1,), (1,), "1"), ((1,), (1, 2), "1"), ((1,), (1, 2, 3), "1"), ((1, 2), (1,), "1"), ((1, 2, 3), (2, 3, 4), "3")],
)
def test_desk_and_server_of_neighbouring_versions_hold_the_same(
    ages: Ages, monkeypatch: pytest.MonkeyPatch, desk: tuple[int, ...], server: tuple[int, ...], agreed: str
) -> None:
    monkeypatch.setattr(wire, "SPOKEN", desk)
    ages.server = server
    for seat, pupil in zip(ages.seats, SCHOOL.pupils, strict=False):
        seat.do(put_mark, LESSONS[0], None, pupil, "5")
    come_to_rest(ages)
    assert Checker(ages).at_the_end() == []
    assert ages.named == {"", agreed}  # hello comes before anything is agreed


def test_without_a_common_version_nothing_is_sent_and_nothing_is_lost(
    ages: Ages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SPOKEN", (4, 5))
    ages.server = (1, 2)
    seat = ages.seats[0]
    seat.do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
    unsent = seat.journal.outbox()
    assert UnknownProtocol.code in seat.meet()
    assert seat.journal.outbox() == unsent
    assert ages.named == {""}


def test_a_version_that_is_not_spoken_is_refused_by_code(ages: Ages) -> None:
    with pytest.raises(gate.NotSpoken):
        gate.check_protocol({wire.PROTOCOL_HEADER.lower(): "7"})
    gate.check_protocol({})
    caller = ages.seats[0].line
    caller.hello()
    caller._protocol = 7
    with pytest.raises(Exception, match="not spoken") as told:
        caller.scope()
    assert (told.value.status, told.value.answer) == (426, "EJ-443")  # type: ignore[attr-defined]


# --- changes of a newer program --------------------------------------------------------------------------------------


def from_tomorrow(world: World, **other: Any) -> tuple[Change, str]:
    """Let a desk with a newer program push a mark; return the change and what came of it."""
    signing = hashlib.sha256(repr(other).encode()).digest()
    desk = f"desk-future-{signing.hex()[:6]}"
    certify(world.office.authority, desk, SCHOOL.teacher, seal.signing_public_key(signing))
    column = ids.mark_column(LESSONS[0], "oral", 1)
    fields = {"mark_column_id": column, "pupil_id": SCHOOL.pupils[1], "value": "4"}
    values: dict[str, Any] = {
        "kind": "Mark", "record": ids.mark(column, SCHOOL.pupils[1]), "act": "create", "was": {}, "set": fields,
        "id": ids.new_id(), "n": 1, "at": "2026-09-15T10:40:00+03:00", **other,
    }  # fmt: skip
    change = Change(desk=desk, author=SCHOOL.teacher, **values)
    batch = seal.sign_batch(signing, world.office.authority.school, desk, "", [change])
    receipt = Caller(world, f"desk:{desk}", signing).push(batch)
    return change, receipt.verdicts[0].outcome


def shown(world: World, sql: str, value: str) -> list[dict[str, Any]]:
    """Return rows of the first desk's file."""
    with Raw(world.seats[0].disk.path, KEY) as raw:
        return raw.rows(sql, value)


@pytest.fixture
def with_column(ages: Ages) -> Ages:
    """Give the school with a column that everybody has."""
    ages.seats[0].do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
    come_to_rest(ages)
    return ages


def test_unknown_fields_of_a_change_are_kept_and_forwarded(with_column: Ages) -> None:
    change, outcome = from_tomorrow(with_column, extra={"mood": ["bright", {"depth": 3}]}, v=2)
    assert outcome == "taken"
    come_to_rest(with_column)
    (row,) = shown(with_column, "SELECT body FROM history WHERE change_id = ?", change.id)
    assert json.loads(row["body"])["mood"] == ["bright", {"depth": 3}]
    assert Checker(with_column).at_the_end() == []  # hashes and chains hold with the field in them


@pytest.mark.logs("change quarantined")
def test_a_change_that_needs_a_newer_reader_is_applied_nowhere(with_column: Ages) -> None:
    change, outcome = from_tomorrow(with_column, min=2, v=2)
    assert outcome == "quarantined"
    come_to_rest(with_column)
    assert shown(with_column, "SELECT * FROM mark WHERE id = ?", change.record) == []
    with Raw(with_column.ground.server_disk.path, with_column.ground.store_key) as raw:
        (held,) = raw.rows("SELECT body FROM quarantine WHERE desk = ?", change.desk)
        assert raw.rows("SELECT * FROM record WHERE id = ?", change.record) == []
    assert json.loads(held["body"])["set"]["value"] == "4"  # whole, for the day when it can be read
    assert Checker(with_column).at_the_end() == []


@pytest.mark.parametrize("strange", [{"kind": "Hologram", "record": "h-1"}, {"act": "bless"}], ids=["kind", "act"])
def test_a_kind_and_an_act_that_nobody_knows_stop_nothing(with_column: Ages, strange: dict[str, str]) -> None:
    change, outcome = from_tomorrow(with_column, **strange)
    assert outcome in ("refused", "quarantined", "pending")
    with_column.seats[1].do(put_mark, LESSONS[0], None, SCHOOL.pupils[2], "3")
    come_to_rest(with_column)
    assert shown(with_column, "SELECT * FROM mark WHERE id = ?", change.record) == []
    assert Checker(with_column).at_the_end() == []


def test_a_server_that_drops_what_it_does_not_know_is_found(with_column: Ages) -> None:
    """The negative control: the field is lost in the server's store."""
    from_tomorrow(with_column, extra={"mood": "bright"}, v=2)
    with with_column.ground.server_disk.engine.begin() as connection:
        without = "UPDATE change SET body = json_remove(body, '$.mood')"
        assert connection.exec_driver_sql(without).rowcount > 0
    come_to_rest(with_column)
    broken = [*with_column.wrong, *Checker(with_column).at_the_end()]
    assert any("I5" in each or "not believed" in each for each in broken)
