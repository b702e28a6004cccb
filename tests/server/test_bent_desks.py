"""What a desk with a bent program may try: the server judges every change by itself, whatever the desk let through."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ejournal_core import access, ids, seal, wire
from ejournal_core.changes import Act, Change
from ejournal_core.kinds import Fields
from ejournal_server import delivery, intake, own_lines, scopes, signing
from ejournal_server.contacts import Contacts
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.store import log
from tests.server import world
from tests.server.world import COLUMN, LESSON, PAGE, PUPILS, Hand, SettableClock

MARK = ids.mark(COLUMN, PUPILS[0])
LONG_AFTER = "2026-12-10T12:25:00+03:00"


def judged(office: Office, hand: Hand, *changes: Change) -> list[tuple[str, str]]:
    receipt = intake.accept(office.authority, hand.batch(*changes))
    return [(verdict.outcome, verdict.reason) for verdict in receipt.verdicts]


def settle(office: Office, *wishes: Wish) -> None:
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, wishes)


def load_of(person: str, until: str | None) -> Wish:
    fields: Fields = {"journal_page_id": PAGE, "person_id": person, "since": "2026-09-01", "until": until}
    return Wish("TeachingLoad", "load-once", fields)


@pytest.fixture
def teacher(office: Office) -> Hand:
    """Give Ivanova's desk with a lesson, its column and one mark delivered."""
    hand = world.new_hand(office, world.TEACHER)
    delivered = judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4"))
    assert [outcome for outcome, _ in delivered] == ["taken"] * 3
    return hand


def attendance(hand: Hand, pupil: str, **more: str) -> Change:
    fields: Fields = {"lesson_id": LESSON, "pupil_id": pupil, **more}
    return hand.change("Attendance", ids.attendance(LESSON, pupil), {}, fields, "create")


# --- deciding and correcting without the right to --------------------------------------------------------------------


@pytest.mark.parametrize("who", [world.TEACHER, world.DEPUTY, world.DIRECTOR, world.CLASS_TEACHER])
def test_nobody_decides_a_dispute_that_is_none(office: Office, teacher: Hand, who: str) -> None:
    hand = teacher if who == world.TEACHER else world.new_hand(office, who)
    decision = hand.change("Mark", MARK, {"value": "4"}, {"value": "5"}, "resolve")
    assert judged(office, hand, decision) == [("refused", "EJ-211")]


def test_of_two_who_decide_at_once_the_second_is_heard_too(office: Office, teacher: Hand) -> None:
    colleague, deputy = world.new_hand(office, world.COLLEAGUE), world.new_hand(office, world.DEPUTY)
    another = world.new_hand(office, world.COLLEAGUE)
    for hand, value in ((colleague, "3"), (another, "5")):
        assert judged(office, hand, hand.mark(PUPILS[0], value)) == [("disputed", "")]
    with office.authority.store.read() as tx:
        teacher.head = deputy.head = seal.head_hash(signing.current_head(tx))
    assert judged(office, teacher, teacher.change("Mark", MARK, {"value": "4"}, {"value": "5"}, "resolve")) == [
        ("taken", "")
    ]
    for value in ("3", "4"):  # another value that was wanted, or the one that stood
        other = deputy.change("Mark", MARK, {"value": "4"}, {"value": value}, "resolve")
        assert judged(office, deputy, other) == [("disputed", "")]


@pytest.mark.parametrize("act", ["lock", "unlock", "issue", "bless"])
def test_an_act_that_nobody_has_built_does_not_pass_for_an_edit(office: Office, teacher: Hand, act: Act) -> None:
    head = world.new_hand(office, world.DEPUTY)
    subject: Fields = {"title": "Алгебра"}
    assert judged(office, teacher, teacher.change("Mark", MARK, {"value": "4"}, {"value": "5"}, act)) == [
        ("refused", "EJ-205")
    ]
    assert judged(office, head, head.change("Subject", "algebra", {}, subject, act)) == [("refused", "EJ-205")]


@pytest.mark.parametrize("act", ["change", "void"])
def test_an_act_by_another_name_does_not_open_the_window(
    office: Office, teacher: Hand, clock: SettableClock, act: Act
) -> None:
    clock.moment += timedelta(days=20)
    late = teacher.change("Mark", MARK, {"value": "4"}, {"value": "5"}, act, at=LONG_AFTER)
    assert judged(office, teacher, late) == [("pending", "EJ-229")]


@pytest.mark.parametrize(("kind", "record"), [("Mark", MARK), ("MarkColumn", COLUMN), ("Lesson", LESSON)])
def test_what_may_no_longer_be_changed_may_not_be_taken_away(
    office: Office, teacher: Hand, clock: SettableClock, kind: str, record: str
) -> None:
    clock.moment += timedelta(days=20)
    late = teacher.change(kind, record, {"voided": False}, {"voided": True}, "void", at=LONG_AFTER)
    in_time = teacher.change(kind, record, {"voided": False}, {"voided": True}, "void")
    assert judged(office, teacher, late, in_time) == [("pending", "EJ-229"), ("taken", "")]


@pytest.mark.parametrize("weight", ["5", "0.01"])
def test_the_weight_of_old_marks_is_not_changed_without_a_request(
    office: Office, teacher: Hand, clock: SettableClock, weight: str
) -> None:
    clock.moment += timedelta(days=20)
    late = teacher.change("MarkColumn", COLUMN, {"weight": None}, {"weight": weight}, at=LONG_AFTER)
    named = teacher.change("MarkColumn", COLUMN, {"title": ""}, {"title": "у доски"}, at=LONG_AFTER)
    assert judged(office, teacher, late, named) == [("pending", "EJ-229"), ("taken", "")]


def test_a_column_does_not_become_another_kind_of_work(office: Office, teacher: Hand) -> None:
    bent = teacher.change("MarkColumn", COLUMN, {"work_kind_id": "oral"}, {"work_kind_id": "control"})
    moved = teacher.change("MarkColumn", COLUMN, {"ordinal": 1}, {"ordinal": 2})
    assert judged(office, teacher, bent, moved) == [("refused", "EJ-202")] * 2


# --- slipping from under a rule --------------------------------------------------------------------------------------


def test_a_lesson_does_not_leave_a_closed_period(office: Office, teacher: Hand) -> None:
    period: Fields = {"school_year_id": world.YEAR, "kind": "quarter", "number": 3,
                      "starts_on": "2027-01-10", "ends_on": "2027-03-20"}  # fmt: skip
    closed: Fields = {"class_group_id": world.CLASS, "grading_period_id": "q2", "closed": True}
    settle(office, Wish("GradingPeriod", "q3", period),
           Wish("PeriodClosing", ids.period_closing(world.CLASS, "q2"), closed))  # fmt: skip
    moved = teacher.change("Lesson", LESSON, {"held_on": "2026-11-19"}, {"held_on": "2027-01-15"})
    assert judged(office, teacher, moved) == [("pending", "EJ-228")]


def test_a_lesson_is_not_moved_to_today_to_open_its_marks_again(
    office: Office, teacher: Hand, clock: SettableClock
) -> None:
    clock.moment += timedelta(days=20)
    moved = teacher.change("Lesson", LESSON, {"held_on": "2026-11-19"}, {"held_on": "2026-12-10"}, at=LONG_AFTER)
    assert judged(office, teacher, moved) == [("pending", "EJ-229")]


@pytest.mark.parametrize(
    ("former", "expected"),
    [(world.CLASS_TEACHER, ("refused", "EJ-210")), (world.DEPUTY, ("pending", "EJ-570"))],
    ids=["a teacher", "who keeps the timetable too"],
)
def test_a_former_teacher_does_not_draw_a_lesson_into_the_days_of_the_old_load(
    office: Office, teacher: Hand, former: str, expected: tuple[str, str]
) -> None:
    settle(office, load_of(former, "2026-09-30"))
    hand = world.new_hand(office, former)
    moved = hand.change("Lesson", LESSON, {"held_on": "2026-11-19"}, {"held_on": "2026-09-15"})
    assert judged(office, hand, moved) == [expected]


def test_a_class_teacher_does_not_draw_over_what_is_another_class_s(office: Office) -> None:
    settle(
        office,
        Wish("Pupil", "p8", {"last_name": "Зимин", "first_name": "Егор"}),
        Wish("Enrolment", "e8", {"pupil_id": "p8", "class_group_id": world.OTHER_CLASS, "since": "2026-09-01"}),
        Wish(
            "AbsenceDocument",
            "doc",
            {
                "class_group_id": world.OTHER_CLASS,
                "pupil_id": "p8",
                "reason": "Б",
                "since": "2026-11-01",
                "until": "2026-11-02",
            },
        ),
        Wish("Subgroup", "half", {"class_group_id": world.OTHER_CLASS, "title": "1 группа"}),
    )
    hand = world.new_hand(office, world.CLASS_TEACHER)
    document = hand.change("AbsenceDocument", "doc", {"pupil_id": "p8", "class_group_id": world.OTHER_CLASS},
                           {"pupil_id": PUPILS[0], "class_group_id": world.CLASS})  # fmt: skip
    group = hand.change("Subgroup", "half", {"class_group_id": world.OTHER_CLASS}, {"class_group_id": world.CLASS})
    assert judged(office, hand, document, group) == [("refused", "EJ-212"), ("refused", "EJ-213")]


def test_what_hangs_on_a_lesson_that_waits_waits_with_it(office: Office) -> None:
    closed: Fields = {"class_group_id": world.CLASS, "grading_period_id": "q2", "closed": True}
    settle(office, Wish("PeriodClosing", ids.period_closing(world.CLASS, "q2"), closed))
    hand, other = world.new_hand(office, world.TEACHER), world.new_hand(office, world.COLLEAGUE)
    waiting = ("pending", "EJ-228")
    assert judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")) == [waiting] * 3
    later = [hand.mark(PUPILS[1], "5"), hand.mark(PUPILS[0], "4", was="5", born=False)]
    assert judged(office, hand, *later) == [waiting] * 2
    assert judged(office, other, other.mark(PUPILS[2], "5")) == [("refused", "EJ-203")]


def test_a_refused_change_is_nobody_s_but_its_author_s(office: Office, teacher: Hand) -> None:
    colleague = world.new_hand(office, world.COLLEAGUE)
    secret: Fields = {"last_name": "Тайнов", "first_name": "Яков"}
    outcomes = judged(
        office, teacher, teacher.change("Pupil", PUPILS[0], {"last_name": "Ёлкин"}, secret),
        teacher.change("Pupil", "new", {}, secret, "create"), teacher.mark(PUPILS[1], "99"),
    )  # fmt: skip
    assert [outcome for outcome, _ in outcomes] == ["refused"] * 3
    assert [outcome for outcome, _ in received(office, colleague)][-3:] == ["taken"] * 3
    assert [outcome for outcome, _ in received(office, teacher)][-3:] == ["refused"] * 3


def received(office: Office, hand: Hand) -> list[tuple[str, str]]:
    desk = world.desk_of(office, hand)
    with office.authority.store.read() as tx:
        scope = scopes.scope_of(office.authority, tx, desk.person).fingerprint
    _, *lines = wire.split_lines(wire.decompress(delivery.pull(office.authority, desk, 0, scope)))
    found = [wire.decode(wire.Pulled, line) for line in lines]
    return [(each.verdict.outcome, each.change.kind) for each in found]


# --- going back in time ----------------------------------------------------------------------------------------------


def see_the_log(office: Office, hand: Hand) -> None:
    with office.authority.store.read() as tx:
        hand.head = seal.head_hash(signing.current_head(tx))


@pytest.mark.parametrize("named", ["", "00" * 32, "an older one"])
def test_a_desk_that_names_no_newer_head_does_not_open_the_window_again(
    office: Office, teacher: Hand, clock: SettableClock, named: str
) -> None:
    see_the_log(office, teacher)
    older = teacher.head
    clock.moment += timedelta(days=20)
    settle(office, Wish("Pupil", "p9", {"last_name": "Зимин", "first_name": "Егор"}))
    see_the_log(office, teacher)
    assert judged(office, teacher, teacher.mark(PUPILS[1], "5")) == [("pending", "EJ-229")]
    teacher.head = older if named == "an older one" else named
    backdated = teacher.mark(PUPILS[0], "5", was="4", born=False)
    assert judged(office, teacher, backdated, teacher.mark(PUPILS[2], "5")) == [("pending", "EJ-229")] * 2


def test_a_fresh_desk_does_not_write_into_the_days_before_it_was_certified(
    office: Office, clock: SettableClock
) -> None:
    clock.moment += timedelta(days=20)
    hand = world.new_hand(office, world.TEACHER)
    assert judged(office, hand, hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")) == [
        ("taken", "EJ-240"),
        ("taken", "EJ-240"),
        ("pending", "EJ-229"),
    ]


def test_what_was_entered_before_the_network_came_back_is_in_time(
    office: Office, teacher: Hand, clock: SettableClock
) -> None:
    clock.moment += timedelta(days=20)
    assert judged(office, teacher, teacher.mark(PUPILS[0], "5", was="4", born=False)) == [("taken", "")]


def meet(office: Office, hand: Hand, *after: int) -> int:
    """Let a desk ask for what comes after these numbers, the log's last if none is said; return that one."""
    with office.authority.store.read() as tx:
        size = log.read_head(tx).number
    heard = Contacts(office.authority)  # of a process of its own, which ends after it has written
    for number in after or [size]:
        heard.note_held(hand.desk, number)
    heard.write()
    return size


def take_the_load(office: Office) -> None:
    load = f"load-{PAGE}-{world.TEACHER}"
    settle(office, Wish("TeachingLoad", load, {"until": "2026-09-30"}, {"until": None}, "change"))


@pytest.mark.parametrize("hiding", [(), (10**14,), (0,)])
def test_a_desk_that_names_nothing_does_not_enter_before_what_it_has_asked_to_go_on_after(
    office: Office, teacher: Hand, clock: SettableClock, hiding: tuple[int, ...]
) -> None:
    clock.moment += timedelta(days=20)
    settle(office, Wish("Pupil", "p9", {"last_name": "Зимин", "first_name": "Егор"}))
    size = meet(office, teacher)
    for _ in range(2):
        clock.moment += timedelta(hours=2)
        meet(office, teacher, size, *hiding)
    assert judged(office, teacher, teacher.mark(PUPILS[0], "5", was="4", born=False)) == [("pending", "EJ-229")]


def test_a_desk_that_has_confirmed_a_right_s_end_does_not_go_back_behind_it(
    office: Office, teacher: Hand, clock: SettableClock
) -> None:
    see_the_log(office, teacher)
    take_the_load(office)
    for _ in range(2):
        meet(office, teacher)
        clock.moment += timedelta(hours=2)
    assert judged(office, teacher, teacher.mark(PUPILS[1], "5")) == [("refused", "EJ-210")]


def test_what_was_entered_while_answers_are_lost_is_judged_as_of_what_the_desk_held(
    office: Office, teacher: Hand, clock: SettableClock
) -> None:
    see_the_log(office, teacher)
    held = meet(office, teacher)
    mark = teacher.mark(PUPILS[1], "5")
    take_the_load(office)
    for _ in range(3):
        clock.moment += timedelta(hours=2)
        meet(office, teacher, held)
    assert judged(office, teacher, mark) == [("pending", "EJ-210")]


def test_what_was_entered_while_a_page_was_on_its_way_is_judged_as_of_what_the_desk_held(
    office: Office, teacher: Hand, clock: SettableClock
) -> None:
    see_the_log(office, teacher)
    meet(office, teacher)
    mark = teacher.mark(PUPILS[1], "5")
    take_the_load(office)
    clock.moment += timedelta(hours=2)
    for _ in range(2):  # the last page's first line is confirmed in the same meeting; then the line is cut for days
        meet(office, teacher)
    clock.moment += timedelta(days=3)
    assert judged(office, teacher, mark) == [("pending", "EJ-210")]


# --- other people's parts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [world.DEPUTY, world.ADMINISTRATOR])
def test_who_neither_teaches_nor_explains_leaves_attendance_alone(office: Office, teacher: Hand, who: str) -> None:
    assert judged(office, teacher, attendance(teacher, PUPILS[1], presence="absent")) == [("taken", "")]
    hand = world.new_hand(office, who)
    away = hand.change("Attendance", ids.attendance(LESSON, PUPILS[1]), {"voided": False}, {"voided": True}, "void")
    assert judged(office, hand, away, attendance(hand, PUPILS[2])) == [("refused", "EJ-210"), ("refused", "EJ-212")]


def test_the_class_teacher_explains_an_absence_but_does_not_take_it_away(office: Office, teacher: Hand) -> None:
    assert judged(office, teacher, attendance(teacher, PUPILS[1], presence="absent")) == [("taken", "")]
    hand = world.new_hand(office, world.CLASS_TEACHER)
    record = ids.attendance(LESSON, PUPILS[1])
    reason = hand.change("Attendance", record, {"reason": ""}, {"reason": "Б"}, salt="0" * 64)
    away = hand.change("Attendance", record, {"voided": False}, {"voided": True}, "void")
    assert [outcome for outcome, _ in judged(office, hand, reason, away)] == ["merged", "refused"]


def test_a_deputy_of_one_class_does_not_close_another_s_period(office: Office) -> None:
    grant: Fields = {"person_id": world.TEACHER, "role": "deputy_director", "class_group_id": world.OTHER_CLASS,
                     "since": "2026-09-01"}  # fmt: skip
    settle(office, Wish("RoleGrant", "one-class", grant))
    hand = world.new_hand(office, world.TEACHER)

    def closing(class_id: str) -> Change:
        fields: Fields = {"class_group_id": class_id, "grading_period_id": "q2", "closed": True}
        return hand.change("PeriodClosing", ids.period_closing(class_id, "q2"), {}, fields, "create")

    assert judged(office, hand, closing(world.CLASS), closing(world.OTHER_CLASS)) == [
        ("refused", "EJ-213"),
        ("taken", ""),
    ]


def test_a_person_who_is_called_like_the_server_is_judged_like_anybody(office: Office, teacher: Hand) -> None:
    hand = world.new_hand(office, access.SERVER)
    mark = hand.change("Mark", MARK, {"value": "4"}, {"value": "5"})
    assert judged(office, hand, mark) == [("refused", "EJ-210")]


def test_a_mark_for_a_period_needs_the_pupil_and_the_period(office: Office, teacher: Hand) -> None:
    settle(office, Wish("Pupil", "stranger", {"last_name": "Зимин", "first_name": "Егор"}))

    def mark(pupil: str, kind: str, number: int) -> Change:
        fields: Fields = {"journal_page_id": PAGE, "pupil_id": pupil, "period_kind": kind, "period_number": number,
                          "value": "5"}  # fmt: skip
        return teacher.change("PeriodMark", ids.period_mark(PAGE, pupil, kind, number), {}, fields, "create")

    good = [mark(PUPILS[0], "quarter", 2), mark(PUPILS[0], "year", 1)]
    bad = [mark("stranger", "quarter", 2), mark(PUPILS[0], "quarter", 9), mark(PUPILS[0], "year", 2)]
    assert judged(office, teacher, *good, *bad) == [("taken", "")] * 2 + [("refused", "EJ-221")] * 3


# --- values that would stop the desks that receive them ---------------------------------------------------------------


@pytest.mark.parametrize("weight", ["NaN", "Infinity", "-1", "1e9999"])
def test_a_weight_that_breaks_averages_is_refused(office: Office, teacher: Hand, weight: str) -> None:
    heavy = teacher.change("MarkColumn", COLUMN, {"weight": None}, {"weight": weight})
    assert judged(office, teacher, heavy) == [("refused", "EJ-201")]


@pytest.mark.parametrize("number", [-5, 10**30])
def test_a_number_that_no_table_holds_is_refused(office: Office, teacher: Hand, number: int) -> None:
    lesson = teacher.change("Lesson", LESSON, {"lesson_number": 2}, {"lesson_number": number})
    assert judged(office, teacher, lesson) == [("refused", "EJ-201")]


def test_a_text_as_long_as_a_book_is_refused(office: Office, teacher: Hand) -> None:
    lesson = teacher.change("Lesson", LESSON, {"topic": ""}, {"topic": "Д" * 20_001})
    assert judged(office, teacher, lesson) == [("refused", "EJ-201")]


def test_a_change_that_no_desk_could_receive_is_not_taken_in(teacher: Hand) -> None:
    fields: Fields = {"topic": "", "of a newer format": "x" * wire.CHANGE_BYTES}
    body = wire.encode_batch(teacher.batch(teacher.change("Lesson", LESSON, {}, fields)))
    with pytest.raises(wire.Malformed, match="longer"):
        wire.decode_batch(body)


def test_a_text_with_a_nul_is_refused(office: Office, teacher: Hand) -> None:
    lesson = teacher.change("Lesson", LESSON, {"topic": ""}, {"topic": "Дроби\x00"})
    assert judged(office, teacher, lesson) == [("refused", "EJ-201")]
