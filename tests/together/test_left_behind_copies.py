"""A school restored from a copy that an earlier restore had left behind: the wrong copy was taken first, then the right
one. Desks judge it by what they have seen of the epochs that its log really holds, and still refuse a rewritten one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ejournal_core.wire import EpochLine, TreeHead
from ejournal_desktop.models import evidence, queries, rewind
from ejournal_desktop.sync.epoch import FalseEpoch
from ejournal_server import verifying
from tests.desktop.sync.test_lying_server import everything
from tests.helpers.chaos import Log, Loopback, Seat
from tests.together.test_restored_school import ACCEPTED, Forger, Story

ENTERED = ACCEPTED | {"converged"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.house.close()


def write(story: Story, *pupils: str) -> None:
    """Let the teacher and the colleague put marks and see each other's."""
    for pupil in pupils:
        story.mark(story.teacher, pupil, "4")
        story.mark(story.colleague, pupil, "4")
        story.meet(story.teacher, story.colleague)


def assert_whole(story: Story, *order: Seat) -> None:
    """See every change of every desk in the log once the desks have met it, and nothing left to bring."""
    seats = order or tuple(story.house.seats)
    for seat in (*seats, *seats):
        seat.meet()
    assert story.violations() == []
    assert story.ended().keys() == {id_ for seat in story.house.seats for id_ in seat.made}
    assert set(story.ended().values()) <= ENTERED
    for seat in seats:
        assert seat.journal.outbox() == []
        with seat.journal.reading() as connection:
            assert {each.desk for each in rewind.again(connection)} <= {"server"}  # openings that no log holds now
            assert {each.desk for each in rewind.beyond_changes(connection)} <= {"server"}
    assert verifying.verify_store(story.house.office.authority).size > 0


ORDERS = ["teacher colleague deputy", "deputy colleague teacher"]


@pytest.mark.parametrize("order", ORDERS)
def test_the_wrong_copy_first_and_then_the_right_one_made_before_the_first_restore(story: Story, order: str) -> None:
    write(story, "u-01")
    older = story.back_up()
    write(story, "u-02")
    newer = story.back_up()
    write(story, "u-03")
    story.restore(older)
    story.meet(story.teacher, story.colleague)  # the deputy is away
    write(story, "u-04")
    story.restore(newer)
    assert_whole(story, *(getattr(story, name) for name in order.split()))
    assert len(queries.restorations(story.teacher.journal)) == 1  # the log knows of no other


def test_a_desk_that_received_nothing_but_the_restore_itself_goes_back_as_well(story: Story) -> None:
    write(story, "u-01")
    older = story.back_up()
    write(story, "u-02")
    newer = story.back_up()
    story.restore(older)
    story.deputy.meet()
    story.restore(newer)
    assert_whole(story, story.deputy, story.teacher, story.colleague)


@pytest.mark.parametrize("order", ORDERS)
def test_two_restores_of_one_copy_and_a_third_of_a_copy_made_between_them(story: Story, order: str) -> None:
    write(story, "u-01")
    first = story.back_up()
    write(story, "u-02")
    story.restore(first)
    story.meet(story.teacher, story.colleague)
    write(story, "u-03")
    between = story.back_up()
    write(story, "u-04")
    story.restore(first)
    story.meet(story.colleague)  # the teacher's desk knows nothing of this one
    story.mark(story.colleague, "u-05", "3")
    story.meet(story.colleague)
    story.restore(between)
    assert_whole(story, *(getattr(story, name) for name in order.split()))
    assert len(queries.restorations(story.teacher.journal)) == 2


def test_to_and_fro_between_two_copies_loses_nothing(story: Story) -> None:
    write(story, "u-01")
    older = story.back_up()
    write(story, "u-02")
    newer = story.back_up()
    for number, source in enumerate((older, newer, older, newer)):
        story.restore(source)
        story.meet(story.teacher)
        story.mark(story.teacher, "u-03", str(2 + number))
        story.meet(story.teacher, story.colleague)
    assert_whole(story)


def test_what_a_desk_saw_only_in_the_epoch_that_was_left_behind_is_brought_by_it(story: Story) -> None:
    """The colleague is ill since: the teacher's desk holds what she signed in the epoch of the wrong copy."""
    write(story, "u-01")
    older = story.back_up()
    write(story, "u-02")
    newer = story.back_up()
    story.restore(older)
    story.meet(story.teacher, story.colleague)
    write(story, "u-03")
    story.restore(newer)
    story.meet(story.teacher)
    assert set(story.colleague.made) <= story.ended().keys()
    assert_whole(story)


def test_heads_of_the_epoch_that_was_left_behind_stay_as_evidence(story: Story) -> None:
    write(story, "u-01")
    older = story.back_up()
    write(story, "u-02")
    newer = story.back_up()
    story.restore(older)
    story.meet(story.teacher)
    before = story.teacher.journal.head
    story.restore(newer)
    story.meet(story.teacher)
    with story.teacher.journal.reading() as connection:
        assert before in evidence.heads(connection, lost=True)


# --- forged branches -------------------------------------------------------------------------------------------------


def write_alone(story: Story, *pupils: str) -> None:
    """Let the teacher put marks and meet the server after each."""
    for pupil in pupils:
        story.mark(story.teacher, pupil, "4")
        story.meet(story.teacher)


def rewritten(story: Story, source: Path, marks: int) -> Path:
    """Write the log on from an older copy as if nothing had been, under the server's own keys; return a copy of that.

    The colleague, who has entered nothing, is made to believe it, so that the lines are signed as they must be.
    """
    story.restore(source, opening=None)
    writer = story.colleague
    for number in range(marks):
        story.mark(writer, "u-01", str(2 + number % 3))
    writer.journal.note(cursor=0, peaks="", scope="", head=None)
    with writer.journal.receiving() as connection:
        connection.exec_driver_sql("DELETE FROM held_slice")
    writer.meet()
    return story.back_up()


def assert_refused(story: Story, seat: Seat) -> None:
    """See a desk refuse the server and change nothing."""
    before = everything(seat)
    with pytest.raises(FalseEpoch):
        seat.meet()
    assert everything(seat) == before


def test_a_copy_whose_lines_before_the_parting_were_rewritten_is_refused(story: Story) -> None:
    earliest = story.back_up()
    write_alone(story, "u-01")
    older = story.back_up()
    story.restore(older)
    story.meet(story.teacher)
    story.restore(rewritten(story, earliest, 9))
    assert_refused(story, story.teacher)


def test_a_copy_that_is_not_what_was_seen_of_its_epoch_before_a_restore_is_refused(story: Story) -> None:
    """Up to the parting all is as it was; beyond it only a head that the restore took back shows the difference."""
    write_alone(story, "u-01")
    older = story.back_up()
    write_alone(story, "u-02")
    story.restore(older)
    story.meet(story.teacher)
    story.restore(rewritten(story, older, 9))
    assert_refused(story, story.teacher)


def test_a_copy_between_two_restores_that_was_rewritten_is_refused(story: Story) -> None:
    write_alone(story, "u-01")
    first = story.back_up()
    story.restore(first)
    story.meet(story.teacher)
    between = story.back_up()
    write_alone(story, "u-02")
    story.restore(first)
    story.meet(story.teacher)
    story.restore(rewritten(story, between, 9))
    assert_refused(story, story.teacher)


def between_two(story: Story) -> None:
    """Restore a copy twice and then one made between, of which the teacher's desk has seen more."""
    write(story, "u-01")
    first = story.back_up()
    story.restore(first)
    write(story, "u-02")
    between = story.back_up()
    write(story, "u-03")
    story.restore(first)
    story.meet(story.teacher)
    story.restore(between)


Twist = Callable[[TreeHead, tuple[EpochLine, ...]], tuple[TreeHead, tuple[EpochLine, ...]]]
FALSE_LISTS: dict[str, Twist] = {
    "out of order": lambda head, lines: (head, lines[::-1]),
    "one twice": lambda head, lines: (head, (lines[0], *lines)),
    "without the last": lambda head, lines: (head, lines[:1]),
    "with no line at all": lambda head, lines: (head, ()),
}


def test_a_list_of_openings_that_does_not_lead_to_the_head_is_refused(story: Story) -> None:
    between_two(story)
    for twist in FALSE_LISTS.values():
        story.teacher.server = Forger(story.teacher, twist)
        assert_refused(story, story.teacher)
    story.teacher.server = Loopback(story.house.office, story.teacher.desk)
    assert_whole(story)


def hide_the_first(head: TreeHead, lines: tuple[EpochLine, ...]) -> tuple[TreeHead, tuple[EpochLine, ...]]:
    """Leave an opening out: the first epoch seems to reach as far as the copy."""
    return head, lines[1:]


def test_a_server_that_hides_an_earlier_opening_takes_nothing_from_a_desk(story: Story) -> None:
    """The desk then shares less with the log, goes back further and brings more: nothing that it holds is given up."""
    between_two(story)
    story.teacher.server = Forger(story.teacher, hide_the_first)
    story.teacher.meet()
    assert story.teacher.journal.head == Log(story.house.office).head
    assert_whole(story)


def test_a_hidden_opening_is_refused_by_whoever_had_seen_more_of_the_epoch_before_it(story: Story) -> None:
    write(story, "u-05")
    first = story.back_up()
    write(story, "u-06")  # the first restore takes this back
    story.restore(first)
    write(story, "u-02")
    between = story.back_up()
    story.restore(first)
    story.meet(story.teacher)
    story.restore(between)
    story.teacher.server = Forger(story.teacher, hide_the_first)
    assert_refused(story, story.teacher)
    story.teacher.server = Loopback(story.house.office, story.teacher.desk)
    assert_whole(story)
