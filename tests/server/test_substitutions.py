"""Substitutions declared at entry: filled offline with the directory alone, pending at the server until confirmed."""

from __future__ import annotations

from datetime import date

import pytest

from ejournal_core import access, seal
from ejournal_core.changes import Change
from ejournal_core.kinds import Fields, to_fields
from ejournal_server import signing
from ejournal_server.facts import Known, ServerFacts
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.scopes import scope_of
from ejournal_server.store import log, requests
from tests.helpers.given import standing
from tests.server import world
from tests.server.test_bent_desks import judged, load_of, settle
from tests.server.test_requests import approve, let_through, refuse, row_of, set_policy, value_of
from tests.server.world import COLUMN, LESSON, PAGE, PUPILS, Hand

DISPATCHER = "person-dispatcher"


@pytest.fixture
def substitute(office: Office) -> Hand:
    """Give the desk of a teacher without any load, in no class of hers."""
    settle(office, Wish("Person", "person-guest", {"last_name": "Гостева", "first_name": "Яна"}))
    return world.new_hand(office, "person-guest")


@pytest.fixture
def deputy(office: Office) -> Hand:
    """Give the deputy's desk."""
    return world.new_hand(office, world.DEPUTY)


def declare(hand: Hand, **more: object) -> Change:
    identity: Fields = {"journal_page_id": PAGE, "held_on": "2026-11-19", "lesson_number": 2}
    return hand.change("Lesson", LESSON, {}, {**identity, "teacher_id": hand.person, **more}, "create")  # type: ignore[dict-item]


def topic(hand: Hand, text: str) -> Change:
    return hand.change("Lesson", LESSON, {"topic": ""}, {"topic": text})


def slices_of(office: Office, hand: Hand) -> frozenset[str]:
    with office.authority.store.read() as tx:
        return scope_of(office.authority, tx, hand.person).slices


def test_everything_at_a_declared_lesson_waits_and_is_let_through_by_one_decision(
    office: Office, substitute: Hand, deputy: Hand
) -> None:
    declared = declare(substitute)
    entries = [topic(substitute, "Дроби"), substitute.column(), substitute.mark(PUPILS[0], "5")]
    again = substitute.mark(PUPILS[0], "4", was="5", born=False)
    assert judged(office, substitute, declared, *entries, again) == [("pending", "EJ-231")] * 5
    assert row_of(office, "Lesson", LESSON) is None
    assert let_through(office, deputy, approve(deputy, declared))
    lesson, mark = row_of(office, "Lesson", LESSON), row_of(office)
    assert lesson is not None
    assert mark is not None
    assert (lesson.fields["teacher_id"], lesson.fields["topic"]) == (substitute.person, "Дроби")
    assert (mark.fields["value"], mark.author, mark.desk) == ("4", substitute.person, access.SERVER)
    with office.authority.store.read() as tx:
        assert requests.open_requests(tx) == []
        released = log.lines(tx, 0, 10_000, 10_000)[-4:]
    assert [line.change.about for line in released] == [entry.id for entry in (*entries, again)]


def test_a_lesson_that_its_teacher_had_planned_keeps_the_plan(office: Office, substitute: Hand, deputy: Hand) -> None:
    teacher = world.new_hand(office, world.TEACHER)
    planned = teacher.change("Lesson", LESSON, {}, {"journal_page_id": PAGE, "held_on": "2026-11-19",
                                                    "lesson_number": 2, "topic": "Проценты"}, "create")  # fmt: skip
    judged(office, teacher, planned)
    declared, column, mark = declare(substitute), substitute.column(), substitute.mark(PUPILS[0], "5")
    assert judged(office, substitute, declared, column, mark) == [("pending", "EJ-231")] * 3
    assert let_through(office, deputy, approve(deputy, declared, was={"teacher_id": None}))
    lesson = row_of(office, "Lesson", LESSON)
    assert lesson is not None
    assert (lesson.fields["topic"], lesson.fields["teacher_id"]) == ("Проценты", substitute.person)
    assert value_of(office) == "5"


def test_a_refused_substitution_lets_nothing_through(office: Office, substitute: Hand, deputy: Hand) -> None:
    declared, column = declare(substitute), substitute.column()
    judged(office, substitute, declared, column)
    assert judged(office, deputy, refuse(deputy, declared)) == [("converged", "")]
    assert judged(office, substitute, substitute.mark(PUPILS[0], "5")) == [("pending", "EJ-231")]
    assert judged(office, deputy, refuse(deputy, column)) == [("converged", "")]
    assert judged(office, substitute, substitute.mark(PUPILS[1], "5")) == [("refused", "EJ-203")]
    assert row_of(office, "MarkColumn", COLUMN) is None


def test_what_a_substitute_may_not_enter_stays_for_a_person(office: Office, substitute: Hand, deputy: Hand) -> None:
    """The lesson is confirmed; a mark off the scale, which had hidden behind the missing lesson, is not let through."""
    declared, column, odd = declare(substitute), substitute.column(), substitute.mark(PUPILS[0], "99")
    judged(office, substitute, declared, column, odd)
    assert let_through(office, deputy, approve(deputy, declared))
    assert row_of(office) is None
    with office.authority.store.read() as tx:
        assert [request.change for request in requests.open_requests(tx)] == [odd.id]
    assert judged(office, deputy, approve(deputy, odd)) == [("refused", "EJ-220")]


def test_the_dispatcher_confirms_without_seeing_a_mark(office: Office, substitute: Hand) -> None:
    settle(office, Wish("Person", DISPATCHER, {"last_name": "Часова", "first_name": "Ада"}),
           Wish("RoleGrant", "role-dispatcher", {"person_id": DISPATCHER, "role": "timetable_dispatcher",
                                                 "since": "2026-09-01"}))  # fmt: skip
    dispatcher = world.new_hand(office, DISPATCHER)
    declared, column, mark = declare(substitute), substitute.column(), substitute.mark(PUPILS[0], "5")
    judged(office, substitute, declared, column, mark)
    seen = slices_of(office, dispatcher)
    with office.authority.store.read() as tx:
        lines = log.lines(tx, 0, 10_000, 10_000)
    assert [x.change.id for x in lines if x.verdict.outcome == "pending" and x.slice in seen] == [declared.id]
    assert judged(office, dispatcher, approve(dispatcher, mark)) == [("refused", "EJ-236")]
    assert let_through(office, dispatcher, approve(dispatcher, declared, was={}))
    assert value_of(office) == "5"


def test_the_substitute_sees_the_page_only_after_confirmation(office: Office, substitute: Hand, deputy: Hand) -> None:
    declared = declare(substitute)
    judged(office, substitute, declared)
    assert f"page:{PAGE}" not in slices_of(office, substitute)
    assert let_through(office, deputy, approve(deputy, declared))
    assert f"page:{PAGE}" in slices_of(office, substitute)


def test_a_substitution_declares_nothing_else_and_nobody_else(office: Office, substitute: Hand) -> None:
    with_topic, for_another = declare(substitute, topic="Дроби"), declare(substitute, teacher_id=world.COLLEAGUE)
    assert judged(office, substitute, with_topic, for_another) == [("refused", "EJ-239"), ("refused", "EJ-210")]


def test_where_the_dispatcher_records_substitutions_nobody_declares_one(office: Office, substitute: Hand) -> None:
    set_policy(office, "P38", '{"recorded":"in_timetable","confirmed_by_deputy":true}')
    admin = world.new_hand(office, world.ADMINISTRATOR)
    assert judged(office, substitute, declare(substitute)) == [("refused", "EJ-239")]
    given = admin.change("Lesson", LESSON, {}, {"journal_page_id": PAGE, "held_on": "2026-11-19", "lesson_number": 2,
                                                "teacher_id": substitute.person}, "create")  # fmt: skip
    assert judged(office, admin, given) == [("taken", "")]
    assert {o for o, _ in judged(office, substitute, substitute.column(), substitute.mark(PUPILS[0], "5"))} == {"taken"}


def test_a_substitution_taken_back_leaves_what_was_lawful_to_a_person(office: Office, substitute: Hand) -> None:
    """The mark was entered while the lesson was the substitute's; the dispatcher named another one meanwhile."""
    admin = world.new_hand(office, world.ADMINISTRATOR)
    identity: Fields = {"journal_page_id": PAGE, "held_on": "2026-11-19", "lesson_number": 2}
    given = admin.change("Lesson", LESSON, {}, {**identity, "teacher_id": substitute.person}, "create")
    judged(office, admin, given)
    judged(office, substitute, substitute.column())
    with office.authority.store.read() as tx:
        substitute.head = seal.head_hash(signing.current_head(tx))
    other = admin.change("Lesson", LESSON, {"teacher_id": substitute.person}, {"teacher_id": world.COLLEAGUE})
    assert {o for o, _ in judged(office, admin, other)} <= {"taken", "merged"}
    assert judged(office, substitute, substitute.mark(PUPILS[0], "5")) == [("pending", "EJ-210")]


def test_the_server_says_of_every_lesson_what_stands_there(office: Office) -> None:
    lessons = list(standing(PAGE, date(2026, 11, 2), PUPILS))
    everything = [record for _, _, found in lessons for record in found]
    settle(office, *(Wish(type(each).__name__, each.id, to_fields(each)) for each in everything))
    with office.authority.store.read() as tx:
        facts = ServerFacts(Known(tx), world.TODAY)
        assert {lesson: facts.entries(lesson) for lesson, _, _ in lessons} == {one: told for one, told, _ in lessons}


def test_a_mark_keeps_the_teacher_of_its_lesson_and_one_taken_back_does_not(office: Office, deputy: Hand) -> None:
    """Nobody has called it held. What the same batch brought, and is not written down yet, counts as well."""
    teacher = world.new_hand(office, world.TEACHER)
    born = teacher.change("Lesson", LESSON, {}, {"journal_page_id": PAGE, "held_on": "2026-11-19", "lesson_number": 2},
                          "create")  # fmt: skip
    judged(office, teacher, born, teacher.column(), teacher.mark(PUPILS[0], "5"))
    named = deputy.change("Lesson", LESSON, {"teacher_id": None}, {"teacher_id": world.CLASS_TEACHER})
    assert judged(office, deputy, named) == [("pending", "EJ-246")]
    judged(office, teacher, teacher.mark(PUPILS[0], None, was="5", born=False))
    settle(office, load_of(world.DEPUTY, None))
    other = deputy.change("Lesson", LESSON, {"teacher_id": None}, {"teacher_id": world.COLLEAGUE})
    mark = deputy.mark(PUPILS[1], "4")
    back = deputy.change("Lesson", LESSON, {"teacher_id": world.COLLEAGUE}, {"teacher_id": None})
    assert [reason for _, reason in judged(office, deputy, other, mark, back)] == ["", "", "EJ-246"]
