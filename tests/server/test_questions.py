"""What the embedded store is asked at every meeting is answered by an index, however long the log has become."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ejournal_core import seal
from ejournal_server import delivery, folder, intake, scopes, signing
from ejournal_server.folder import Office
from ejournal_server.store import records
from tests.server import world
from tests.server.world import PUPILS, Hand, SettableClock

#: Tables that grow, and how far their keys have to be bound: what is narrower than this walks through a whole school.
GROWING = {"change": 2, "record": 3, "receipt": 2, "head": 2, "request": 2, "ruling": 3}
WHOLE_KINDS = "WHERE record.school = ? AND record.kind = ? ORDER BY record.id"  # asked for few records, as a whole


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Office]:
    """Give a school in the embedded store."""
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME, None, SettableClock())) as office:
        world.settle(office)
        yield office


def test_no_question_of_a_meeting_walks_through_a_whole_school(filed: Office) -> None:
    hand = world.new_hand(filed, world.TEACHER)
    intake.accept(filed.authority, hand.batch(hand.lesson(), hand.column()))
    asked = _asked(filed, hand)
    read = {name for name in GROWING for sql in asked if re.search(rf"FROM {name}\b", sql)}
    assert read == set(GROWING)
    for sql, values in asked.items():
        if WHOLE_KINDS not in " ".join(sql.split()):
            for table, keys in _searches(filed, sql, values):
                assert keys >= GROWING.get(table, 0), sql


def _asked(office: Office, hand: Hand) -> dict[str, Any]:
    """Return what the server asks for a push, the same push again, a pull and a record's past; with its values."""
    asked: dict[str, Any] = {}

    def note(_: object, __: object, sql: str, values: Any, *rest: object) -> None:
        if sql.startswith("SELECT"):
            asked[sql] = values

    event.listen(office.authority.store.engine, "before_cursor_execute", note)
    with office.authority.store.read() as tx:
        hand.head = seal.head_hash(signing.current_head(tx))
        records.past(tx, "TeachingLoad", 1, parent=world.PAGE)
        records.all_beginning_with(tx, ("Mark", "Attendance"), world.LESSON)
    batch = hand.batch(hand.mark(PUPILS[0], "5"), hand.mark(PUPILS[1], "4"))
    for _ in range(2):
        intake.accept(office.authority, batch)
    desk = world.desk_of(office, hand)
    with office.authority.store.read() as tx:
        scope = scopes.scope_of(office.authority, tx, desk.person).fingerprint
    delivery.pull(office.authority, desk, 0, scope)
    delivery.history_of_record(office.authority, desk, "Mark", hand.mark(PUPILS[0], "5").record)
    event.remove(office.authority.store.engine, "before_cursor_execute", note)
    return asked


def _searches(office: Office, sql: str, values: Any) -> list[tuple[str, int]]:
    """Return the tables that a question searches, each with how many parts of a key it binds; 0: it scans."""
    with office.authority.store.engine.connect() as connection:
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    found = [re.match(r"(?:SEARCH|SCAN) (\w+)(?:.*?\((.*)\))?", step) for step in steps]
    return [(each[1], (each[2] or "").count("?")) for each in found if each]
