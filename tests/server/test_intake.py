"""How a change can end, what is kept whole outside the log, and that nothing is doubled. On both stores."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ejournal_core import ids, seal, tree, wire
from ejournal_core.changes import leaf_bytes
from ejournal_core.kinds import Fields
from ejournal_core.wire import Batch, Malformed, Receipt
from ejournal_server import intake, moments, own_lines, signing
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.store import aside, log, records
from tests.server import world
from tests.server.world import LESSON, PUPILS, Hand, SettableClock

MARK = ids.mark(world.COLUMN, PUPILS[0])


def accept(office: Office, batch: Batch) -> Receipt:
    return intake.accept(office.authority, batch)


def outcomes(receipt: Receipt) -> list[tuple[str, str]]:
    return [(verdict.outcome, verdict.reason) for verdict in receipt.verdicts]


def value_of(office: Office, kind: str, record: str, field: str) -> object:
    with office.authority.store.read() as tx:
        row = records.fetch(tx, kind, [record]).get(record)
    return row.fields[field] if row else None


def log_of(office: Office) -> list[log.Line]:
    with office.authority.store.read() as tx:
        return log.lines(tx, 0, 10**9, 10**6)


def disputes_of(office: Office) -> list[aside.Dispute]:
    with office.authority.store.read() as tx:
        return aside.open_disputes(tx)


def quarantine_of(office: Office) -> list[aside.Quarantined]:
    with office.authority.store.read() as tx:
        return aside.quarantined(tx)


@pytest.fixture
def teacher(office: Office) -> Hand:
    """Give Ivanova's desk, with the lesson and the column delivered."""
    hand = world.new_hand(office, world.TEACHER)
    assert outcomes(accept(office, hand.batch(hand.lesson(), hand.column()))) == [("taken", "")] * 2
    return hand


@pytest.fixture
def colleague(office: Office) -> Hand:
    """Give Petrov's desk; he keeps the same page."""
    return world.new_hand(office, world.COLLEAGUE)


# --- outcomes ------------------------------------------------------------------------------------------------------


def test_a_change_whose_value_nobody_moved_is_taken(office: Office, teacher: Hand) -> None:
    receipt = accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))
    assert outcomes(receipt) == [("taken", "")]
    assert value_of(office, "Mark", MARK, "value") == "5"


def test_two_people_with_the_same_value_converge(office: Office, teacher: Hand, colleague: Hand) -> None:
    accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))
    assert outcomes(accept(office, colleague.batch(colleague.mark(PUPILS[0], "5")))) == [("converged", "")]


def test_other_units_of_a_record_merge(office: Office, teacher: Hand, colleague: Hand) -> None:
    accept(office, teacher.batch(teacher.change("Lesson", LESSON, {"topic": ""}, {"topic": "Дроби"})))
    second = colleague.change("Lesson", LESSON, {"homework": ""}, {"homework": "№ 5"})
    assert outcomes(accept(office, colleague.batch(second))) == [("merged", "")]
    assert value_of(office, "Lesson", LESSON, "topic") == "Дроби"
    assert value_of(office, "Lesson", LESSON, "homework") == "№ 5"


def test_two_homework_texts_are_both_kept(office: Office, teacher: Hand, colleague: Hand) -> None:
    accept(office, teacher.batch(teacher.change("Lesson", LESSON, {"homework": ""}, {"homework": "№ 5"})))
    second = colleague.change("Lesson", LESSON, {"homework": ""}, {"homework": "№ 7"})
    assert outcomes(accept(office, colleague.batch(second))) == [("merged", "")]
    assert value_of(office, "Lesson", LESSON, "homework") == "№ 5\n№ 7"


def test_two_values_for_one_mark_are_disputed_and_a_resolution_closes_it(
    office: Office, teacher: Hand, colleague: Hand
) -> None:
    first = accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))
    second = accept(office, colleague.batch(colleague.mark(PUPILS[0], "4")))
    assert outcomes(second) == [("disputed", "")]
    assert value_of(office, "Mark", MARK, "value") == "5"  # the first accepted value stands
    (dispute,) = disputes_of(office)
    assert (dispute.record, dispute.author, dispute.number) == (MARK, world.COLLEAGUE, second.verdicts[0].number)
    assert dispute.standing == first.verdicts[0].number
    colleague.head = seal.head_hash(second.head)  # the desk has seen the standing value
    decision = colleague.change("Mark", MARK, {"value": "5"}, {"value": "4"}, "resolve")
    assert outcomes(accept(office, colleague.batch(decision))) == [("taken", "")]
    assert value_of(office, "Mark", MARK, "value") == "4"
    assert disputes_of(office) == []


def test_keeping_the_standing_value_closes_the_dispute_too(office: Office, teacher: Hand, colleague: Hand) -> None:
    accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))
    accept(office, colleague.batch(colleague.mark(PUPILS[0], "4")))
    decision = teacher.change("Mark", MARK, {"value": "5"}, {"value": "5"}, "resolve")
    assert outcomes(accept(office, teacher.batch(decision))) == [("converged", "")]
    assert disputes_of(office) == []


def test_a_refused_change_is_in_the_log_with_its_reason_and_touches_nothing(office: Office, teacher: Hand) -> None:
    before = len(log_of(office))
    receipt = accept(office, teacher.batch(teacher.mark(PUPILS[0], "9")))
    assert [verdict.outcome for verdict in receipt.verdicts] == ["refused"]
    assert receipt.verdicts[0].reason.startswith("EJ-2")
    assert value_of(office, "Mark", MARK, "value") is None
    assert len(log_of(office)) == before + 1


def test_a_second_edit_of_a_record_whose_birth_was_refused_is_refused(office: Office, teacher: Hand) -> None:
    born = teacher.mark(PUPILS[0], "9")
    receipt = accept(office, teacher.batch(born, teacher.mark(PUPILS[0], "5", was="9", born=False)))
    assert outcomes(receipt)[1] == ("refused", "EJ-204")


def test_an_entry_made_before_a_period_was_closed_waits_for_a_decision(office: Office, teacher: Hand) -> None:
    with office.authority.store.write() as tx:
        closing: Fields = {"class_group_id": world.CLASS, "grading_period_id": "q2", "closed": True}
        wish = Wish("PeriodClosing", ids.period_closing(world.CLASS, "q2"), closing)
        own_lines.write_own(office.authority, tx, [wish])
    receipt = accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))
    assert [verdict.outcome for verdict in receipt.verdicts] == ["pending"]
    assert value_of(office, "Mark", MARK, "value") is None


def test_what_was_allowed_then_and_no_longer_is_waits_and_what_never_was_is_refused(
    office: Office, teacher: Hand
) -> None:
    with office.authority.store.read() as tx:
        seen = seal.head_hash(signing.current_head(tx))
    stranger = world.new_hand(office, world.DIRECTOR)
    with office.authority.store.write() as tx:  # the load ends before the lesson, and the teacher's desk does not know
        wish = Wish("TeachingLoad", f"load-{world.PAGE}-{world.TEACHER}", {"until": "2026-11-01"}, {"until": None})
        own_lines.write_own(office.authority, tx, [wish])
    teacher.head = stranger.head = seen
    assert [v.outcome for v in accept(office, teacher.batch(teacher.mark(PUPILS[0], "5"))).verdicts] == ["pending"]
    assert [v.outcome for v in accept(office, stranger.batch(stranger.mark(PUPILS[1], "5"))).verdicts] == ["refused"]
    with office.authority.store.read() as tx:
        teacher.head = seal.head_hash(signing.current_head(tx))
    assert [v.outcome for v in accept(office, teacher.batch(teacher.mark(PUPILS[0], "5"))).verdicts] == ["refused"]


# --- once and only once --------------------------------------------------------------------------------------------


def test_the_same_batch_again_gets_the_same_receipt(office: Office, clock: SettableClock, teacher: Hand) -> None:
    batch = teacher.batch(teacher.mark(PUPILS[0], "5"), teacher.mark(PUPILS[1], "4"))
    first = accept(office, batch)
    clock.moment += timedelta(hours=1)
    before = len(log_of(office))
    assert accept(office, batch) == first
    assert len(log_of(office)) == before


def test_a_longer_batch_that_repeats_a_lost_one_doubles_nothing(office: Office, teacher: Hand) -> None:
    prev = teacher.prev
    marks = [teacher.mark(pupil, "5") for pupil in PUPILS[:2]]
    first = accept(office, teacher.batch(*marks))
    longer = [*marks, teacher.mark(PUPILS[2], "4")]
    again = accept(office, seal.sign_batch(teacher.key, teacher.school, teacher.desk, prev, longer))
    assert again.verdicts[:2] == first.verdicts
    assert again.verdicts[2].number == first.verdicts[1].number + 1


def test_a_batch_after_a_gap_is_not_taken_and_says_what_is_missing(office: Office, teacher: Hand) -> None:
    missing = teacher.batch(teacher.mark(PUPILS[0], "5"))
    later = teacher.batch(teacher.mark(PUPILS[1], "5"))
    with pytest.raises(intake.ChainGap) as gap:
        accept(office, later)
    assert gap.value.details["expected"] == 3
    assert outcomes(accept(office, missing)) == outcomes(accept(office, later)) == [("taken", "")]


def test_numbers_stay_gap_free_when_two_desks_push_at_once(office: Office, teacher: Hand, colleague: Hand) -> None:
    hands, trouble = (teacher, colleague), []
    pupils = {teacher.desk: PUPILS[0], colleague.desk: PUPILS[1]}

    def push(hand: Hand) -> None:
        try:
            accept(office, hand.batch(hand.mark(pupils[hand.desk], "5")))
            for turn in range(15):
                old, new = ("5", "4") if turn % 2 == 0 else ("4", "5")
                accept(office, hand.batch(hand.mark(pupils[hand.desk], new, was=old, born=False)))
        except Exception as error:  # noqa: BLE001 a thread's failure must reach the test
            trouble.append(error)

    threads = [threading.Thread(target=push, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    lines = log_of(office)
    assert [line.verdict.number for line in lines] == list(range(1, len(lines) + 1))
    switches = sum(a.change.desk != b.change.desk for a, b in zip(lines[-32:], lines[-31:], strict=False))
    assert switches > 1  # they did push at once


# --- what cannot be attributed -------------------------------------------------------------------------------------


@pytest.mark.logs("batch quarantined")
def test_a_batch_with_a_bad_signature_is_quarantined_whole(office: Office, teacher: Hand) -> None:
    batch = teacher.batch(teacher.mark(PUPILS[0], "5"), teacher.mark(PUPILS[1], "5"))
    forged = msgspec.structs.replace(batch, head=msgspec.structs.replace(batch.head, signature="00" * 64))
    before = len(log_of(office))
    assert outcomes(accept(office, forged)) == [("quarantined", "EJ-373")] * 2
    assert len(log_of(office)) == before
    (held,) = quarantine_of(office)
    assert wire.decode(wire.BatchHead, held.body.splitlines()[0].encode()) == forged.head
    # A forger cannot spoil the true batch: it is judged as if nothing had happened.
    assert outcomes(accept(office, batch)) == [("taken", "")] * 2


@pytest.mark.logs("batch quarantined")
@pytest.mark.parametrize("forgery", ["another person's key", "an unknown desk", "another school"])
def test_a_batch_that_is_not_the_desks_is_quarantined(office: Office, teacher: Hand, forgery: str) -> None:
    key = seal.new_signing_key() if forgery == "another person's key" else teacher.key
    desk = "nobody" if forgery == "an unknown desk" else teacher.desk
    school = "another" if forgery == "another school" else teacher.school
    change = msgspec.structs.replace(teacher.mark(PUPILS[0], "5"), desk=desk)
    batch = seal.sign_batch(key, school, desk, teacher.prev, [change])
    assert outcomes(accept(office, batch)) == [("quarantined", "EJ-373")]
    assert value_of(office, "Mark", MARK, "value") is None


@pytest.mark.logs("change quarantined")
def test_one_foreign_change_in_an_honest_chain_stops_nothing_after_it(
    office: Office, clock: SettableClock, teacher: Hand
) -> None:
    future = teacher.change("Mark", MARK, {}, {"value": "5"}, "create", min=99)
    forged = teacher.change("Mark", MARK, {}, {"value": "5"}, "create", author=world.DEPUTY)
    batch = teacher.batch(future, forged, teacher.mark(PUPILS[1], "5"))
    receipt = accept(office, batch)
    assert outcomes(receipt) == [("quarantined", "EJ-384"), ("quarantined", "EJ-385"), ("taken", "")]
    assert accept(office, batch) == receipt
    clock.moment += timedelta(hours=1)  # what was set aside then is not set aside again now
    prev = teacher.prev
    longer = [*batch.changes, teacher.mark(PUPILS[2], "5")]
    again = accept(office, seal.sign_batch(teacher.key, teacher.school, teacher.desk, batch.head.prev, longer))
    assert again.verdicts[:3] == receipt.verdicts
    assert prev == seal.chain(batch.head.prev, batch.changes)[-1].hex()


@pytest.mark.logs("batch quarantined")
def test_a_counter_used_twice_freezes_the_desk_and_keeps_both_branches(office: Office, teacher: Hand) -> None:
    prev, n = teacher.prev, teacher.n
    accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))
    clone = Hand(teacher.school, teacher.desk, teacher.person, teacher.key)
    clone.prev, clone.n = prev, n  # the disk was copied before the last edit
    assert outcomes(accept(office, clone.batch(clone.mark(PUPILS[0], "2")))) == [("quarantined", intake.BRANCHED)]
    assert world.desk_of(office, teacher).state == "frozen"
    assert value_of(office, "Mark", MARK, "value") == "5"
    assert outcomes(accept(office, teacher.batch(teacher.mark(PUPILS[1], "5")))) == [("quarantined", intake.FROZEN)]
    assert len(quarantine_of(office)) == 2


@pytest.mark.logs("batch quarantined")
def test_a_chain_that_does_not_join_the_last_change_freezes_the_desk(office: Office, teacher: Hand) -> None:
    teacher.prev = "ab" * 32
    assert outcomes(accept(office, teacher.batch(teacher.mark(PUPILS[0], "5")))) == [("quarantined", intake.BRANCHED)]
    assert world.desk_of(office, teacher).state == "frozen"


@pytest.mark.parametrize(
    "fields",
    [{"at": "yesterday"}, {"at": "2026-11-20T12:25:00"}, {"salt": "zz"}, {"head": "f" * 600}, {"about": "\x00"},
     {"requester": "\x00"}],
)  # fmt: skip
def test_a_change_without_the_form_of_one_is_not_taken_in(
    office: Office, teacher: Hand, fields: dict[str, str]
) -> None:
    change = msgspec.structs.replace(teacher.mark(PUPILS[0], "5"), **fields)
    head = wire.BatchHead(school=teacher.school, desk=teacher.desk, first=change.n, count=1, prev="", root="00")
    with pytest.raises(Malformed):
        accept(office, Batch(head=head, changes=(change,)))


def test_health_reasons_without_a_salt_are_not_taken_in(office: Office, teacher: Hand) -> None:
    record = ids.attendance(LESSON, PUPILS[0])
    change = teacher.change("Attendance", record, {}, {"lesson_id": LESSON, "pupil_id": PUPILS[0], "reason": "Б"})
    with pytest.raises(Malformed):
        accept(office, teacher.batch(change))


# --- what the tree says --------------------------------------------------------------------------------------------


def test_every_change_and_its_outcome_is_a_leaf_of_the_signed_head(office: Office, teacher: Hand) -> None:
    batch = teacher.batch(teacher.mark(PUPILS[0], "5"), teacher.mark(PUPILS[1], "9"))
    receipt = accept(office, batch)
    head, root = receipt.head, bytes.fromhex(receipt.head.root)
    assert seal.is_message_signed(bytes.fromhex(office.authority.keys.signing_public), receipt)
    hashes = seal.chain(batch.head.prev, batch.changes)
    with office.authority.store.read() as tx:
        node = log.node_reader(tx)
        for hash_, verdict in zip(hashes, receipt.verdicts, strict=True):
            proof = tree.inclusion_proof(verdict.number - 1, head.size, node)
            leaf = tree.leaf_hash(leaf_bytes(hash_, verdict))
            assert tree.proves_inclusion(leaf, verdict.number - 1, head.size, proof, root)
            lie = msgspec.structs.replace(verdict, outcome="refused" if verdict.outcome == "taken" else "taken")
            other = tree.leaf_hash(leaf_bytes(hash_, lie))
            assert not tree.proves_inclusion(other, verdict.number - 1, head.size, proof, root)


def test_an_older_head_is_consistent_with_a_later_one_across_kept_levels(office: Office, teacher: Hand) -> None:
    old = accept(office, teacher.batch(teacher.mark(PUPILS[0], "5"))).head
    value = "5"
    for _ in range(2):
        edits = []
        for _ in range(300):
            new = "4" if value == "5" else "5"
            edits.append(teacher.mark(PUPILS[0], new, was=value, born=False))
            value = new
        new_head = accept(office, teacher.batch(*edits)).head
    with office.authority.store.read() as tx:
        proof = tree.consistency_proof(old.size, new_head.size, log.node_reader(tx))
    roots = bytes.fromhex(old.root), bytes.fromhex(new_head.root)
    assert tree.proves_consistency(old.size, new_head.size, proof, *roots)


def test_the_moment_of_entry_lies_between_the_head_that_was_seen_and_the_arrival() -> None:
    now = world.TODAY
    at = moments.entry_time
    seen = now - timedelta(minutes=5)
    assert at("2026-11-20T12:27:00+03:00", seen, now).isoformat() == "2026-11-20T12:27:00+03:00"
    assert at("2036-11-20T12:25:00+03:00", seen, now) == now
    assert at("2016-11-20T12:25:00+03:00", seen, now) == seen
    assert str(at("2016-11-20T12:25:00+03:00", seen, now).utcoffset()) == "3:00:00"


@pytest.mark.parametrize(
    ("offset", "kept"),
    [
        ("+03:00", "3:00:00"),
        ("+02:00", "2:00:00"),
        ("+12:00", "12:00:00"),
        ("-05:00", "0:00:00"),
        ("+14:00", "0:00:00"),
    ],
)
def test_an_offset_from_elsewhere_does_not_move_today(offset: str, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")  # a machine that does not know where the school is
    time.tzset()
    moment = moments.entry_time(f"2026-11-20T12:27:00{offset}", world.TODAY - timedelta(days=1), world.TODAY)
    monkeypatch.undo()
    time.tzset()
    assert str(moment.utcoffset()) == kept


@pytest.mark.parametrize(("offset", "day"), [("+12:00", 20), ("+03:00", 20), ("+08:00", 20), ("-11:00", 21)])
def test_a_school_in_kamchatka_reckons_its_own_days(offset: str, day: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kamchatka")
    time.tzset()
    now = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)  # half past midnight of the 21st there
    claimed = {"+12:00": "2026-11-20T23:00:00+12:00", "-11:00": "2026-11-20T01:20:00-11:00"}
    at = claimed.get(offset, f"2026-11-20T14:00:00{offset}")
    moment = moments.entry_time(at, now - timedelta(days=1), now)
    monkeypatch.undo()
    time.tzset()
    assert moment.day == day
