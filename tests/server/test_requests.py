"""What waits for another person at the server: asked for or overtaken, approved or refused, one by one and in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import Fields
from ejournal_core.policy import preset, to_text
from ejournal_server import delivery, intake, scopes, signing
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.store import records, requests
from tests.server import world
from tests.server.test_bent_desks import judged, settle
from tests.server.world import COLUMN, LESSON, PUPILS, Hand, SettableClock

MARK = ids.mark(COLUMN, PUPILS[0])
CLOSED = Wish(
    "PeriodClosing",
    ids.period_closing(world.CLASS, "q2"),
    {"class_group_id": world.CLASS, "grading_period_id": "q2", "closed": True},
)


@pytest.fixture
def teacher(office: Office) -> Hand:
    """Give Ivanova's desk with a lesson, its column and one mark delivered, and the period closed after that."""
    hand = world.new_hand(office, world.TEACHER)
    assert [o for o, _ in judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))] == [
        "taken"
    ] * 3
    settle(office, CLOSED)
    return hand


@pytest.fixture
def deputy(office: Office) -> Hand:
    """Give the deputy's desk."""
    return world.new_hand(office, world.DEPUTY)


def ask(hand: Hand, value: str = "5", was: str = "4", **more: Any) -> Change:
    said = {"why": "ошибка при переносе из тетради", **more}
    return hand.change("Mark", MARK, {"value": was}, {"value": value}, "request", **said)


def approve(hand: Hand, asked: Change, was: Fields | None = None, **more: Any) -> Change:
    said = {"about": asked.id, "requester": asked.requester or asked.author, **more}
    seen = was if was is not None else asked.was
    return hand.change(asked.kind, asked.record, seen, said.pop("set", asked.set), "approve", **said)


def refuse(hand: Hand, asked: Change, why: str = "в тетради стоит 4") -> Change:
    return hand.change(asked.kind, asked.record, {}, {}, "refuse", about=asked.id, why=why)


def let_through(office: Office, hand: Hand, *decisions: Change) -> bool:
    """Say whether the decisions were accepted; whoever names no tree head merges with what came meanwhile."""
    return {outcome for outcome, _ in judged(office, hand, *decisions)} <= {"taken", "merged"}


def row_of(office: Office, kind: str = "Mark", record: str = MARK) -> records.Row | None:
    with office.authority.store.read() as tx:
        return records.fetch(tx, kind, [record]).get(record)


def value_of(office: Office, record: str = MARK) -> object:
    row = row_of(office, "Mark", record)
    return row.fields["value"] if row else None


def open_ids(office: Office) -> list[str]:
    with office.authority.store.read() as tx:
        return [request.change for request in requests.open_requests(tx)]


def set_policy(office: Office, code: str, value: object) -> None:
    text = value if isinstance(value, str) else to_text(value)
    settle(office, Wish("PolicySetting", code, {"value": text}))


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_in_a_closed_period_waits_and_the_mark_stays(office: Office, teacher: Hand) -> None:
    asked = ask(teacher)
    assert judged(office, teacher, asked) == [("pending", "EJ-228")]
    assert (value_of(office), open_ids(office)) == ("4", [asked.id])


def test_a_request_waits_even_when_no_rule_forbids_the_correction_any_more(office: Office, teacher: Hand) -> None:
    settle(office, Wish("PeriodClosing", CLOSED.record, {"closed": False}, {"closed": True}, "change"))
    assert judged(office, teacher, ask(teacher)) == [("pending", "EJ-230")]


def test_what_no_approval_could_make_right_is_refused_at_once(office: Office, teacher: Hand) -> None:
    stranger = world.new_hand(office, world.CLASS_TEACHER)
    assert judged(office, teacher, ask(teacher, value="7")) == [("refused", "EJ-220")]
    assert judged(office, teacher, ask(teacher, why=" ")) == [("refused", "EJ-235")]
    assert judged(office, stranger, ask(stranger)) == [("refused", "EJ-210")]
    assert open_ids(office) == []


@pytest.mark.parametrize("name", ["portal-mo", "avers-stavropol-2019"])
def test_where_nobody_may_approve_nothing_is_asked(office: Office, teacher: Hand, name: str) -> None:
    set_policy(office, "P07", preset(name).late_approver)
    with office.authority.store.read() as tx:
        teacher.head = seal.head_hash(signing.current_head(tx))
    assert judged(office, teacher, ask(teacher)) == [("refused", "EJ-234")]


# --- deciding --------------------------------------------------------------------------------------------------------


def test_an_approved_request_is_entered_in_the_name_of_who_asked(office: Office, teacher: Hand, deputy: Hand) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    assert let_through(office, deputy, approve(deputy, asked))
    row = row_of(office)
    assert row is not None
    assert (row.fields["value"], row.author, row.desk) == ("5", world.TEACHER, deputy.desk)
    assert open_ids(office) == []


def test_a_refused_request_changes_nothing_and_says_why(office: Office, teacher: Hand, deputy: Hand) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    before = row_of(office)
    assert judged(office, deputy, refuse(deputy, asked, why="")) == [("refused", "EJ-235")]
    assert judged(office, deputy, refuse(deputy, asked)) == [("converged", "")]
    assert (row_of(office), open_ids(office)) == (before, [])


def test_a_refusal_of_a_birth_brings_no_record_to_life(office: Office, teacher: Hand, deputy: Hand) -> None:
    late = teacher.mark(PUPILS[1], "3")
    assert judged(office, teacher, late) == [("pending", "EJ-228")]
    assert judged(office, deputy, refuse(deputy, late)) == [("converged", "")]
    assert row_of(office, "Mark", late.record) is None


@pytest.mark.parametrize("who", [world.TEACHER, world.COLLEAGUE, world.CLASS_TEACHER, world.ADMINISTRATOR])
def test_who_asks_or_teaches_or_administers_does_not_decide(office: Office, teacher: Hand, who: str) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    hand = teacher if who == world.TEACHER else world.new_hand(office, who)
    assert judged(office, hand, approve(hand, asked), refuse(hand, asked)) == [("refused", "EJ-236")] * 2
    assert (value_of(office), open_ids(office)) == ("4", [asked.id])


def test_the_regulation_of_tomsk_lets_the_administrator_decide_and_see_what_about(
    office: Office, teacher: Hand
) -> None:
    set_policy(office, "P07", preset("sgo-tomsk-2021").late_approver)
    asked = ask(teacher)
    judged(office, teacher, asked)
    admin, deputy = world.new_hand(office, world.ADMINISTRATOR), world.new_hand(office, world.DEPUTY)
    with office.authority.store.read() as tx:
        assert f"page:{world.PAGE}" in scopes.scope_of(office.authority, tx, world.ADMINISTRATOR).slices
    assert judged(office, deputy, approve(deputy, asked)) == [("refused", "EJ-236")]
    assert let_through(office, admin, approve(admin, asked))


def test_the_approver_types_no_value(office: Office, teacher: Hand, deputy: Hand) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    own = approve(deputy, asked, set={"value": "3"})
    more = approve(deputy, asked, set={"value": "5", "comment": "и это"})
    foreign = approve(deputy, asked, requester=world.COLLEAGUE)
    elsewhere = msgspec.structs.replace(approve(deputy, asked), record=ids.mark(COLUMN, PUPILS[1]))
    outcomes = judged(office, deputy, own, more, foreign, elsewhere)
    assert outcomes == [("refused", "EJ-237")] * 2 + [("refused", "EJ-233")] * 2
    assert value_of(office) == "4"


def test_what_was_decided_once_stays_decided(office: Office, teacher: Hand, deputy: Hand) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    director = world.new_hand(office, world.DIRECTOR)
    assert judged(office, director, refuse(director, asked)) == [("converged", "")]
    assert judged(office, deputy, approve(deputy, asked)) == [("refused", "EJ-233")]
    assert judged(office, deputy, refuse(deputy, asked)) == [("refused", "EJ-233")]
    assert value_of(office) == "4"


def test_a_decision_about_what_never_waited_is_refused(office: Office, teacher: Hand, deputy: Hand) -> None:
    taken = teacher.change("Lesson", LESSON, {}, {}, "change")
    for about in (taken, msgspec.structs.replace(taken, id="nobody-knows")):
        assert judged(office, deputy, approve(deputy, about)) == [("refused", "EJ-233")]


def test_a_value_that_moved_meanwhile_is_looked_at_again(office: Office, teacher: Hand, deputy: Hand) -> None:
    first, second = ask(teacher), ask(teacher, value="3")
    judged(office, teacher, first, second)
    assert let_through(office, deputy, approve(deputy, first))
    assert judged(office, deputy, approve(deputy, second)) == [("refused", "EJ-237")]
    assert open_ids(office) == [second.id]
    assert let_through(office, deputy, approve(deputy, second, was={"value": "5"}))


def test_what_nobody_may_enter_nobody_may_approve_either(office: Office, teacher: Hand, deputy: Hand) -> None:
    """The pupil left the class, before the day of the lesson, while the request waited."""
    asked = ask(teacher)
    judged(office, teacher, asked)
    gone: Fields = {"until": "2026-11-01"}
    settle(office, Wish("Enrolment", f"enrolment-{PUPILS[0]}", gone, {"until": None}, "change"))
    assert judged(office, deputy, approve(deputy, asked)) == [("refused", "EJ-221")]


def test_the_director_s_own_request_goes_to_whom_the_order_names(office: Office) -> None:
    """The director teaches and is the only one who approves: nobody decides about oneself."""
    settle(office, Wish("TeachingLoad", "load-director", {"journal_page_id": world.PAGE, "person_id": world.DIRECTOR,
                                                          "since": "2026-09-01"}))  # fmt: skip
    set_policy(office, "P07", '{"rule":"roles","roles":["director"],"named":["person-zavuch"]}')
    director, deputy = world.new_hand(office, world.DIRECTOR), world.new_hand(office, world.DEPUTY)
    judged(office, director, director.lesson(), director.column(), director.mark(PUPILS[0], "4"))
    settle(office, CLOSED)
    asked, ours = ask(director), world.new_hand(office, world.TEACHER)
    judged(office, director, asked)
    assert judged(office, director, approve(director, asked)) == [("refused", "EJ-236")]
    assert let_through(office, deputy, approve(deputy, asked))
    teachers = ask(ours, value="2", was="5")
    judged(office, ours, teachers)
    assert judged(office, deputy, approve(deputy, teachers)) == [("refused", "EJ-236")]


def test_the_deputy_s_own_request_goes_to_the_director(office: Office) -> None:
    settle(office, Wish("TeachingLoad", "load-deputy", {"journal_page_id": world.PAGE, "person_id": world.DEPUTY,
                                                        "since": "2026-09-01"}))  # fmt: skip
    set_policy(office, "P07", '{"rule":"roles","roles":["deputy_director"]}')
    deputy, director = world.new_hand(office, world.DEPUTY), world.new_hand(office, world.DIRECTOR)
    judged(office, deputy, deputy.lesson(), deputy.column(), deputy.mark(PUPILS[0], "4"))
    settle(office, CLOSED)
    asked = ask(deputy)
    judged(office, deputy, asked)
    assert judged(office, deputy, approve(deputy, asked)) == [("refused", "EJ-236")]
    assert let_through(office, director, approve(director, asked))


# --- every kind of pending has the same way out ----------------------------------------------------------------------


def test_a_late_lesson_and_its_marks_are_let_through_in_order(office: Office, deputy: Hand) -> None:
    hand = world.new_hand(office, world.TEACHER)
    settle(office, CLOSED)
    lesson, column, mark = hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")
    assert judged(office, hand, lesson, column, mark) == [("pending", "EJ-228")] * 3
    assert judged(office, deputy, approve(deputy, mark)) == [("refused", "EJ-203")]
    assert let_through(office, deputy, *(approve(deputy, each) for each in (lesson, column, mark)))
    assert value_of(office) == "5"


def test_an_entry_after_the_window_can_be_approved(office: Office, clock: SettableClock, deputy: Hand) -> None:
    hand = world.new_hand(office, world.TEACHER)
    judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))
    clock.moment += timedelta(days=20)
    late = hand.change("Mark", MARK, {"value": "4"}, {"value": "5"}, at="2026-12-10T12:25:00+03:00")
    assert judged(office, hand, late) == [("pending", "EJ-229")]
    assert let_through(office, deputy, approve(deputy, late, at="2026-12-10T12:30:00+03:00"))


def test_an_entry_whose_right_ended_meanwhile_can_be_approved(office: Office, deputy: Hand) -> None:
    hand = world.new_hand(office, world.TEACHER)
    judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))
    with office.authority.store.read() as tx:
        hand.head = seal.head_hash(signing.current_head(tx))
    settle(
        office, Wish("TeachingLoad", f"load-{world.PAGE}-{world.TEACHER}", {"voided": True}, {"voided": False}, "void")
    )
    overtaken = hand.change("Mark", MARK, {"value": "4"}, {"value": "5"})
    assert judged(office, hand, overtaken) == [("pending", "EJ-210")]
    assert let_through(office, deputy, approve(deputy, overtaken))


def test_a_pupil_who_left_meanwhile_makes_a_lawful_entry_wait(office: Office) -> None:
    hand = world.new_hand(office, world.TEACHER)
    judged(office, hand, hand.lesson(), hand.column())
    with office.authority.store.read() as tx:
        hand.head = seal.head_hash(signing.current_head(tx))
    gone: Fields = {"until": "2026-11-01"}
    settle(office, Wish("Enrolment", f"enrolment-{PUPILS[0]}", gone, {"until": None}, "change"))
    assert judged(office, hand, hand.mark(PUPILS[0], "5")) == [("pending", "EJ-221")]


def test_a_birth_whose_parent_was_refused_by_the_deputy_is_refused(office: Office, deputy: Hand) -> None:
    hand = world.new_hand(office, world.TEACHER)
    settle(office, CLOSED)
    lesson = hand.lesson()
    judged(office, hand, lesson)
    judged(office, deputy, refuse(deputy, lesson))
    assert judged(office, hand, hand.column()) == [("refused", "EJ-203")]


# --- who is told -----------------------------------------------------------------------------------------------------


def pulled(office: Office, hand: Hand, after: int = 0) -> list[wire.Pulled]:
    desk = world.desk_of(office, hand)
    with office.authority.store.read() as tx:
        scope = scopes.scope_of(office.authority, tx, desk.person).fingerprint
    body = wire.decompress(delivery.pull(office.authority, desk, after, scope))
    return [wire.decode(wire.Pulled, line) for line in list(wire.split_lines(body))[1:]]


def test_the_requester_hears_of_the_decision_even_where_the_page_is_out_of_sight(office: Office, deputy: Hand) -> None:
    hand = world.new_hand(office, world.TEACHER)
    judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))
    settle(office, CLOSED)
    asked = ask(hand)
    judged(office, hand, asked)
    settle(
        office, Wish("TeachingLoad", f"load-{world.PAGE}-{world.TEACHER}", {"voided": True}, {"voided": False}, "void")
    )
    decision = refuse(deputy, asked)
    judged(office, deputy, decision)
    other_desk = world.new_hand(office, world.TEACHER)
    seen = [line.change.id for line in pulled(office, other_desk)]
    assert {asked.id, decision.id} <= set(seen)
    assert seen == [line.change.id for line in sorted(pulled(office, other_desk), key=lambda x: x.verdict.number)]
    stranger = world.new_hand(office, world.ADMINISTRATOR)
    assert not {asked.id, decision.id} & {line.change.id for line in pulled(office, stranger)}


# --- closing a period ------------------------------------------------------------------------------------------------


def lock(hand: Hand) -> Change:
    return hand.change("PeriodClosing", CLOSED.record, {}, CLOSED.set, "lock")


def test_a_period_is_not_closed_over_what_is_open(office: Office, deputy: Hand) -> None:
    hand, colleague = world.new_hand(office, world.TEACHER), world.new_hand(office, world.COLLEAGUE)
    judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))
    assert judged(office, colleague, colleague.mark(PUPILS[0], "2")) == [("disputed", "")]
    assert judged(office, deputy, lock(deputy)) == [("refused", "EJ-238")]
    resolved = deputy.change("Mark", MARK, {"value": "4"}, {"value": "4"}, "resolve")
    assert judged(office, deputy, resolved, lock(deputy)) == [("converged", ""), ("taken", "")]


def test_a_period_is_not_closed_over_a_request(office: Office, deputy: Hand) -> None:
    hand = world.new_hand(office, world.TEACHER)
    judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))
    asked = ask(hand)
    assert judged(office, hand, asked) == [("pending", "EJ-230")]
    assert judged(office, deputy, lock(deputy)) == [("refused", "EJ-238")]
    assert judged(office, deputy, refuse(deputy, asked), lock(deputy)) == [("converged", ""), ("taken", "")]


# --- rare acts are signed alone --------------------------------------------------------------------------------------


@pytest.mark.logs("change quarantined")
def test_a_decision_without_its_own_signature_is_set_aside(office: Office, teacher: Hand, deputy: Hand) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    bare = seal.sign_batch(deputy.key, deputy.school, deputy.desk, deputy.prev, [approve(deputy, asked)])
    (verdict,) = intake.accept(office.authority, bare).verdicts
    assert (verdict.outcome, verdict.reason) == ("quarantined", "EJ-242")
    assert value_of(office) == "4"


@pytest.mark.logs("change quarantined")
def test_a_signature_over_another_decision_does_not_pass(office: Office, teacher: Hand, deputy: Hand) -> None:
    asked = ask(teacher)
    judged(office, teacher, asked)
    honest = seal.sign_change(deputy.key, refuse(deputy, asked), deputy.prev)
    turned = msgspec.structs.replace(honest, why="другая причина")
    batch = seal.sign_batch(deputy.key, deputy.school, deputy.desk, deputy.prev, [turned])
    assert intake.accept(office.authority, batch).verdicts[0].reason == "EJ-242"
    assert open_ids(office) == [asked.id]


# --- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-11-20T14:25:00+03:00", "2016-11-20T12:25:00+03:00"])
def test_an_entry_by_a_wrong_clock_is_taken_and_marked(office: Office, at: str) -> None:
    hand = world.new_hand(office, world.TEACHER)
    lesson = msgspec.structs.replace(hand.lesson(), at=at)
    assert judged(office, hand, lesson, hand.column()) == [("taken", "EJ-240"), ("taken", "")]


def test_the_school_may_want_a_person_to_look_at_what_a_wrong_clock_brought(office: Office, deputy: Hand) -> None:
    set_policy(office, "P62", '{"minutes":15,"rule":"pending"}')
    hand = world.new_hand(office, world.TEACHER)
    lesson = msgspec.structs.replace(hand.lesson(), at="2026-11-20T14:25:00+03:00")
    assert judged(office, hand, lesson, hand.column()) == [("pending", "EJ-240"), ("pending", "EJ-240")]
    assert let_through(office, deputy, approve(deputy, lesson))


def test_a_desk_tells_of_its_own_clock_and_of_no_other(office: Office, teacher: Hand) -> None:
    said: Fields = {"expected_at": "2026-11-20T12:25:00+03:00", "shown_at": "2016-11-20T12:25:00+03:00"}
    own: Fields = {"person_id": world.TEACHER, "desk_id": teacher.desk, **said}
    other: Fields = {**own, "desk_id": "another"}
    strange: Fields = {**own, "shown_at": "вчера"}
    lines = [
        teacher.change("ClockJump", f"jump-{i}", {}, each, "create") for i, each in enumerate((own, other, strange))
    ]
    assert judged(office, teacher, *lines) == [("taken", ""), ("refused", "EJ-244"), ("refused", "EJ-201")]
    again = teacher.change("ClockJump", "jump-0", {"shown_at": said["shown_at"]}, {"shown_at": said["expected_at"]})
    assert judged(office, teacher, again) == [("refused", "EJ-244")]
