"""A record's history comes when somebody looks at it; every wish is answered, whatever becomes of the meeting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ejournal_core import ids
from ejournal_core.errors import Trouble
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.sync import holding
from ejournal_desktop.sync.engine import Portion
from ejournal_desktop.sync.looking import LookUps
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_desktop.sync.talk import Talk
from tests.desktop.sync.test_portions import Lines
from tests.helpers.chaos import House, Seat
from tests.helpers.school import NOW, small_school


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, small_school(4))
    yield house
    house.close()


def taught(house: House, topics: int = 3) -> tuple[Seat, str]:
    """Let a teacher enter topics of today's lesson one after the other; return the seat and the lesson."""
    teacher = house.sit_down(house.school.teacher)
    for turn in range(topics):
        teacher.do(set_topic, house.school.today_lesson, f"Тема {turn}")
        teacher.meet()
    return teacher, house.school.today_lesson


def new_desk(house: House) -> Seat:
    """Give the deputy a desk that holds a snapshot and no history behind it."""
    seat = Seat(house, house.school.deputy, house.root / "new.journal")
    house.seats.append(seat)
    holding.follow_scope(seat.journal, seat.server, house.server_key)
    return seat


def proofs(seat: Seat, lesson: str) -> list[tuple[str, str]]:
    return [(row.new, row.proof) for row in queries.cell_history(seat.journal, "Lesson", lesson)]


def test_what_was_looked_up_is_signed_and_becomes_proved_when_the_history_has_come(house: House) -> None:
    _teacher, lesson = taught(house)
    deputy = new_desk(house)
    assert proofs(deputy, lesson) == []
    look_ups, came = LookUps(), list[Trouble | None]()
    look_ups.want("Lesson", lesson, came.append)
    look_ups.serve(deputy.journal, deputy.server, house.server_key)
    assert came == [None]
    told = proofs(deputy, lesson)
    assert [value for value, _ in told] == ["Тема 2", "Тема 1", "Тема 0"]
    assert {proof for _, proof in told} == {"подпись автора верна"}
    while holding.learn(deputy.journal, deputy.server, house.server_key, 10.0):
        pass
    assert {proof for _, proof in proofs(deputy, lesson)} == {"доказано"}


def test_a_lie_about_how_a_change_ended_does_not_outlive_the_history_that_proves_it(house: House) -> None:
    _teacher, lesson = taught(house)
    deputy = new_desk(house)
    real = deputy.server.history_of

    def lying(kind: str, record: str) -> Any:
        page = real(kind, record)
        lines = tuple(replace(x, verdict=replace(x.verdict, at="2020-01-01T00:00:00.000Z")) for x in page.lines)
        return replace(page, lines=lines)

    deputy.server.history_of = lying  # type: ignore[method-assign]
    holding.learn_of(deputy.journal, deputy.server, house.server_key, "Lesson", lesson)
    while holding.learn(deputy.journal, deputy.server, house.server_key, 10.0):
        pass
    received = {
        row.received_at.year for row in queries.cell_history(deputy.journal, "Lesson", lesson) if row.received_at
    }
    assert received == {NOW.year}


def test_what_lies_behind_the_last_pull_is_left_to_the_next_one(house: House) -> None:
    teacher, lesson = taught(house)
    deputy = house.sit_down(house.school.deputy)
    deputy.meet()
    teacher.do(set_topic, lesson, "Тема новая")
    teacher.meet()
    assert holding.learn_of(deputy.journal, deputy.server, house.server_key, "Lesson", lesson) == 3
    deputy.meet()
    assert proofs(deputy, lesson)[0] == ("Тема новая", "доказано")
    assert len(proofs(deputy, lesson)) == 4


def test_a_talk_answers_a_wish_after_its_meeting(house: House) -> None:
    _teacher, lesson = taught(house)
    deputy = new_desk(house)
    talk = Talk(deputy.journal, Lines(deputy, frozenset()), Portion())  # type: ignore[arg-type]
    came = list[Trouble | None]()
    talk.look_ups.want("Lesson", lesson, came.append)
    talk.meet()
    talk.hang_up()
    assert came == [None]
    assert len(proofs(deputy, lesson)) == 3


def test_a_talk_that_finds_nobody_answers_its_wishes_all_the_same(house: House) -> None:
    deputy = new_desk(house)

    class Nobody(Lines):
        def connect(self, _: object) -> Any:
            raise ServerAway("off")

    talk = Talk(deputy.journal, Nobody(deputy, frozenset()), Portion())  # type: ignore[arg-type]
    came = list[Trouble | None]()
    talk.look_ups.want("Lesson", "one", came.append)
    talk.look_ups.want("Lesson", "another", came.append)
    with pytest.raises(ServerAway):
        talk.meet()
    assert [type(each) for each in came] == [ServerAway, ServerAway]


def test_a_record_that_the_server_keeps_to_itself_holds_nobody_else_up(house: House) -> None:
    _teacher, lesson = taught(house)
    deputy = new_desk(house)
    real = deputy.server.history_of

    def refusing(kind: str, record: str) -> Any:
        if record != lesson:
            raise ServerRefused("forbidden", 403, "not yours")
        return real(kind, record)

    deputy.server.history_of = refusing  # type: ignore[method-assign]
    look_ups, came = LookUps(), list[Trouble | None]()
    look_ups.want("Lesson", ids.lesson("other-page.c", NOW.date(), 1), came.append)
    look_ups.want("Lesson", lesson, came.append)
    look_ups.serve(deputy.journal, deputy.server, house.server_key)
    assert [type(each) for each in came] == [ServerRefused, type(None)]
