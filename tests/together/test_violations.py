"""The checker that judges the stories of several desks can see: each planted fault breaks what it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ejournal_core.changes import Change
from ejournal_core.kinds import Fields
from ejournal_core.merge import Merged, defaults
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_server import judging
from ejournal_server.store import log
from tests.helpers.chaos import House, Log, Seat, violations
from tests.together.town import until_quiet


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a school in this process."""
    made = House(tmp_path)
    yield made
    made.close()


def broken_in(house: House, seats: list[Seat]) -> set[str]:
    """Return which invariants are broken, by their numbers."""
    found = violations(house.office, seats, house.sees)
    return {re.findall(r"I\d", each)[0] for each in found}


def test_the_checker_finds_an_engine_that_empties_the_outbox_before_the_receipt(house: House) -> None:
    teacher = house.sit_down(house.school.teacher)
    teacher.do(put_mark, house.school.today_lesson, None, "u-04", "5")
    with teacher.journal.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM outbox")  # as if the request had been sent …
    teacher.meet()  # … and lost
    assert "I2" in broken_in(house, [teacher])


def test_the_checker_finds_a_server_that_numbers_without_the_lock(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number given before its transaction commits is passed by a reader who comes between."""
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    teacher.do(put_mark, house.school.today_lesson, None, "u-04", "5")
    teacher.meet()
    late = max(line["number"] for line in Log(house.office).lines)
    seen_in_time = log.lines_to_send

    def without_the_late_one(*arguments: Any) -> list[log.SentLine]:
        return [line for line in seen_in_time(*arguments) if line.number != late]

    monkeypatch.setattr(log, "lines_to_send", without_the_late_one)
    colleague.meet()
    monkeypatch.undo()
    colleague.meet()
    assert "I4" in broken_in(house, [teacher, colleague])


def test_the_checker_finds_a_server_where_the_last_writer_wins(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def win(current: Fields | None, change: Change, *, moved: bool = False) -> Merged:
        return Merged("taken", {**defaults(change.kind), **(current or {}), **change.set})

    monkeypatch.setattr(judging, "merge", win)
    seats = [house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)]
    for seat, value in zip(seats, "45", strict=True):
        seat.do(put_mark, house.school.today_lesson, None, "u-04", value)
    until_quiet(*(seat.meet for seat in seats))
    assert "I3" in broken_in(house, seats)


def test_the_checker_finds_what_lies_on_a_disk_out_of_its_scope(house: House) -> None:
    colleague = house.sit_down(house.school.colleague)
    colleague.do(put_mark, house.school.lesson(date(2026, 9, 9), 4, house.school.english), None, "u-02", "5")
    colleague.meet()
    assert not broken_in(house, [colleague])
    house.sees[house.school.colleague] -= {f"page:{house.school.english}"}
    assert "I4" in broken_in(house, [colleague])


def test_the_checker_finds_a_rewritten_line(house: House) -> None:
    teacher = house.sit_down(house.school.teacher)
    teacher.do(put_mark, house.school.today_lesson, None, "u-04", "2")
    teacher.meet()
    with house.office.authority.store.write() as tx:
        tx.connection.exec_driver_sql('UPDATE change SET body = replace(body, \'"value":"2"\', \'"value":"5"\')')
    assert {"I5"} <= broken_in(house, [teacher])
