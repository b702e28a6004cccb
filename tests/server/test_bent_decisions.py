"""Deciding by a bent program: one's own request in another's name, and disputes as a way around the edit window."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ejournal_server.folder import Office
from tests.server import world
from tests.server.test_bent_desks import MARK, attendance, judged, load_of, settle, teacher
from tests.server.world import PUPILS, Hand, SettableClock

__all__ = ["teacher"]

LATER = "2027-01-20T12:25:00+03:00"


@pytest.fixture
def colleague(office: Office, teacher: Hand) -> Hand:
    """Give Petrov's desk, which wanted another mark than Ivanova's."""
    hand = world.new_hand(office, world.COLLEAGUE)
    assert judged(office, hand, hand.mark(PUPILS[0], "3")) == [("disputed", "")]
    return hand


def test_a_deputy_does_not_ask_in_a_teachers_name_to_approve_it_herself(office: Office, teacher: Hand) -> None:
    settle(office, load_of(world.DEPUTY, None))
    deputy = world.new_hand(office, world.DEPUTY)
    asked = deputy.change("Mark", MARK, {"value": "4"}, {"value": "5"}, "request", why="надо", requester=world.TEACHER)
    assert judged(office, deputy, asked) == [("refused", "EJ-205")]


def test_nobody_enters_a_value_in_the_directors_name(office: Office, teacher: Hand) -> None:
    edit = teacher.change("Mark", MARK, {"value": "4"}, {"value": "5"}, requester=world.DIRECTOR)
    assert judged(office, teacher, edit) == [("refused", "EJ-205")]


@pytest.mark.parametrize("fields", [{"value": "2"}, {"value": "5"}, {"value": "3", "voided": True}])
def test_a_dispute_is_decided_between_the_values_there_are(
    office: Office, teacher: Hand, colleague: Hand, clock: SettableClock, fields: dict[str, str | bool]
) -> None:
    clock.moment += timedelta(days=60)  # the window of the mark has closed meanwhile
    third = teacher.change("Mark", MARK, {"value": "4"}, {**fields}, "resolve", at=LATER)
    assert judged(office, teacher, third) == [("refused", "EJ-211")]
    wanted = teacher.change("Mark", MARK, {"value": "4"}, {"value": "3"}, "resolve", at=LATER)
    assert [outcome for outcome, _ in judged(office, teacher, wanted)] == ["taken"]


def test_a_class_teacher_decides_about_attendance_and_not_about_marks(
    office: Office, teacher: Hand, colleague: Hand
) -> None:
    class_teacher = world.new_hand(office, world.CLASS_TEACHER)
    decision = class_teacher.change("Mark", MARK, {"value": "4"}, {"value": "3"}, "resolve")
    assert judged(office, class_teacher, decision) == [("refused", "EJ-211")]
    first, second = attendance(teacher, PUPILS[1], presence="absent"), attendance(colleague, PUPILS[1], presence="late")
    assert judged(office, teacher, first) == [("taken", "")]
    assert judged(office, colleague, second) == [("disputed", "")]
    late = class_teacher.change("Attendance", first.record, {"presence": "absent"}, {"presence": "late"}, "resolve")
    assert [outcome for outcome, _ in judged(office, class_teacher, late)] == ["merged"]
