"""What a desk shows of a school that was restored: everything that waits for a decision, nothing that is decided, and
no alarm for what only a restore has taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.requests import approve_all, refuse_request
from ejournal_desktop.sync.server import Pull, ServerAway
from tests.helpers.chaos import Loopback, Seat, set_closed
from tests.together.test_restored_school import Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.house.close()


def waiting(seat: Seat) -> list[str]:
    """Return what a person is shown as waiting for a decision, asked by whomever."""
    with seat.journal.reading() as connection:
        found = connection.exec_driver_sql("SELECT change_id FROM request WHERE decided_by IS NULL ORDER BY change_id")
        return list(found.scalars())


def lock(seat: Seat, period: str, closed: bool = True) -> None:
    """Let somebody close a period."""
    seat.do(set_closed, seat.house.school.class_group, period, closed)


def test_what_was_accepted_before_a_restore_and_waits_since_is_shown_to_whoever_decides(story: Story) -> None:
    """The mark was lost with the disk; before it came again, the quarter was closed from another desk."""
    office = story.house.sit_down(story.house.school.deputy)
    source = story.back_up()
    story.mark(story.teacher, "u-01", "5")
    story.meet(story.teacher, story.colleague, story.deputy)
    story.restore(source)
    lock(office, "q-1")
    story.meet(office, story.teacher)
    asked = waiting(story.teacher)
    assert set(asked) == story.teacher.made.keys()
    story.meet(story.deputy, story.colleague)
    assert story.violations() == []
    for seat in (story.deputy, story.colleague, office):
        assert waiting(seat) == asked
    assert len(queries.waiting_decisions(story.deputy.journal)) == len(asked)


def decide(seat: Seat, asked: list[str], decided: str) -> None:
    """Let somebody decide about all of it."""
    if decided == "approved":
        seat.do(approve_all, asked)
    for each in asked if decided == "refused" else ():
        seat.do(refuse_request, each, "Работа не сдана")


@pytest.mark.parametrize("decided", ["approved", "refused"])
def test_what_was_decided_since_the_restore_waits_nowhere_any_more(story: Story, decided: str) -> None:
    """Three desks had seen more than the copy and take a snapshot, in which the decision is a thing of the past."""
    office = story.house.sit_down(story.house.school.deputy)
    story.mark(story.teacher, "u-01", "5")
    lock(office, "q-1")
    story.meet(office, story.teacher, story.colleague, story.deputy)
    asked = waiting(story.deputy)
    assert set(asked) == story.teacher.made.keys()
    source = story.back_up()
    lock(story.deputy, "q-2")
    story.meet(story.deputy, story.teacher, story.colleague)
    story.restore(source)
    office.meet()
    decide(office, asked, decided)
    story.meet(office, story.colleague, story.teacher, story.deputy)
    assert [waiting(seat) for seat in story.house.seats] == [[]] * 4
    assert {row.state for row in queries.own_requests(story.teacher.journal)} == {decided}


def test_a_dispute_that_was_decided_since_the_restore_is_open_nowhere(story: Story) -> None:
    office = story.house.sit_down(story.house.school.deputy)
    story.mark(story.teacher, "u-01", "5")
    story.mark(story.colleague, "u-01", "2")
    story.meet(story.teacher, story.colleague, story.deputy, office)
    (dispute,) = queries.disputes(office.journal)
    source = story.back_up()
    story.mark(story.teacher, "u-02", "4")
    story.meet(story.teacher, story.colleague, story.deputy)
    story.restore(source)
    office.meet()
    office.do(resolve_dispute, dispute.id, "wanted")
    story.meet(office, story.colleague, story.teacher, story.deputy)
    assert story.violations() == []
    assert [queries.disputes(seat.journal) for seat in story.house.seats] == [()] * 4


class CutBeforeHistory(Loopback):
    """A line that is cut as soon as the desk has its snapshot."""

    def history(self, names: Iterable[str], after: int, upto: int) -> Pull:
        raise ServerAway("the line was cut")


def test_an_own_mark_in_a_column_that_a_restore_took_away_is_no_alarm(story: Story) -> None:
    """The colleague's lesson came with a snapshot, so the teacher's desk cannot bring it after the second restore."""
    source = story.back_up()
    story.mark(story.colleague, "u-01", "5")
    story.meet(story.colleague, story.teacher)
    story.restore(source)
    story.colleague.meet()
    story.teacher.server = CutBeforeHistory(story.house.office, story.teacher.desk)
    with pytest.raises(ServerAway):
        story.teacher.meet()
    story.mark(story.teacher, "u-02", "4")
    story.restore(source)
    story.meet(story.teacher, story.colleague, story.deputy, story.teacher)
    assert story.violations() == []
    assert story.teacher.journal.state().notices == ()
