"""What a desk receives: everything its person may see, nothing else, and each line provable. On both stores."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ejournal_core import ids, seal, wire
from ejournal_core.kinds import Fields
from ejournal_core.merge import merge
from ejournal_core.wire import OpenDispute, Pulled, PullHead, SnapshotHead, SnapshotRecord
from ejournal_server import delivery, intake, own_lines
from ejournal_server.folder import Office
from ejournal_server.ledger import ACCEPTED
from ejournal_server.own_lines import Wish
from ejournal_server.scopes import ScopeChanged
from ejournal_server.store import records
from tests.server import world
from tests.server.world import PUPILS, Hand

JOURNAL = {"Lesson", "MarkColumn", "Mark", "Attendance", "PeriodMark"}


def pull(office: Office, hand: Hand, after: int, own: tuple[int, int] = (0, 0)) -> tuple[PullHead, list[Pulled]]:
    scope = snapshot(office, hand)[0].scope
    body = delivery.pull(office.authority, world.desk_of(office, hand), after, scope, own)
    first, *rest = wire.split_lines(wire.decompress(body))
    return wire.decode(PullHead, first), [wire.decode(Pulled, line) for line in rest]


def snapshot(
    office: Office, hand: Hand, slice_: str = ""
) -> tuple[SnapshotHead, list[SnapshotRecord], list[OpenDispute]]:
    return world.snapshot(office, world.desk_of(office, hand), slice_)


def fill(office: Office) -> Hand:
    """Let the teacher give a lesson with two marks."""
    hand = world.new_hand(office, world.TEACHER)
    changes = [hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5"), hand.mark(PUPILS[1], "4")]
    intake.accept(office.authority, hand.batch(*changes))
    return hand


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        (world.TEACHER, True), (world.COLLEAGUE, True), (world.CLASS_TEACHER, True), (world.DEPUTY, True),
        (world.DIRECTOR, True), (world.ADMINISTRATOR, False), ("person-nobody", False),
    ],
)  # fmt: skip
def test_a_desk_receives_marks_only_of_pages_that_its_person_may_see(office: Office, person: str, sees: bool) -> None:
    fill(office)
    reader = world.new_hand(office, person)
    _, lines = pull(office, reader, 0)
    _, rows, _ = snapshot(office, reader)
    assert bool(JOURNAL & {line.change.kind for line in lines}) is sees
    assert bool(JOURNAL & {row.kind for row in rows}) is sees
    assert {"Person", "ClassGroup", "Pupil"} <= {row.kind for row in rows}


def test_a_page_of_another_class_stays_unseen(office: Office) -> None:
    reader = world.new_hand(office, world.TEACHER)
    with office.authority.store.write() as tx:
        lesson = f"{world.OTHER_PAGE}.20261119.1"
        fields: Fields = {"journal_page_id": world.OTHER_PAGE, "held_on": "2026-11-19", "lesson_number": 1}
        own_lines.write_own(office.authority, tx, [Wish("Lesson", lesson, fields)])
    assert [line for line in pull(office, reader, 0)[1] if line.change.kind == "Lesson"] == []
    with pytest.raises(ScopeChanged):
        snapshot(office, reader, f"page:{world.OTHER_PAGE}")


def test_a_desk_whose_scope_changed_is_told_to_take_a_snapshot(office: Office) -> None:
    reader = world.new_hand(office, world.TEACHER)
    before = snapshot(office, reader)[0].scope
    world.settle(office, [world.load(world.OTHER_PAGE, world.TEACHER)])
    with pytest.raises(ScopeChanged):
        delivery.pull(office.authority, world.desk_of(office, reader), 0, before)
    assert snapshot(office, reader)[0].scope != before


def test_an_unrelated_change_of_rights_does_not_send_everybody_for_snapshots(office: Office) -> None:
    reader = world.new_hand(office, world.TEACHER)
    before = snapshot(office, reader)[0].scope
    world.settle(office, [world.load(world.OTHER_PAGE, world.COLLEAGUE)])
    assert snapshot(office, reader)[0].scope == before


def test_each_line_is_proved_by_its_authors_signature(office: Office) -> None:
    hand = fill(office)
    head, lines = pull(office, world.new_hand(office, world.COLLEAGUE), 0)
    heads = {batch.root: batch for batch in head.batches}
    own = [line for line in lines if line.change.desk == hand.desk]
    assert len(own) == 4
    hashes = [seal.chain(line.prev, [line.change])[0] for line in own]
    assert seal.batch_root(hashes) == own[0].batch  # the whole batch is there: it needs no paths
    assert seal.is_message_signed(seal.signing_public_key(hand.key), heads[own[0].batch])


def test_a_line_without_its_whole_batch_brings_its_path(office: Office) -> None:
    hand = fill(office)
    batch_end = pull(office, world.new_hand(office, world.COLLEAGUE), 0)[0].head.size
    head, lines = pull(office, world.new_hand(office, world.COLLEAGUE), batch_end - 2)
    assert len(lines) == 2
    for line in lines:
        (batch,) = [each for each in head.batches if each.root == line.batch]
        hash_ = seal.chain(line.prev, [line.change])[0]
        assert seal.is_in_batch(hash_, line.index, line.path, batch)
        assert seal.is_message_signed(seal.signing_public_key(hand.key), batch)


def test_the_bytes_of_a_line_are_canonical(office: Office) -> None:
    fill(office)
    reader = world.desk_of(office, world.new_hand(office, world.COLLEAGUE))
    scope = snapshot(office, world.new_hand(office, world.COLLEAGUE))[0].scope
    text = wire.decompress(delivery.pull(office.authority, reader, 0, scope))
    for line in list(wire.split_lines(text))[1:]:
        assert line == wire.encode(wire.decode(Pulled, line))


def test_own_changes_with_a_receipt_can_be_left_out(office: Office) -> None:
    hand = fill(office)
    everything = [line.change.n for line in pull(office, hand, 0)[1] if line.change.desk == hand.desk]
    rest = [line.change.n for line in pull(office, hand, 0, own=(1, 3))[1] if line.change.desk == hand.desk]
    assert (everything, rest) == ([1, 2, 3, 4], [4])


def test_own_changes_left_out_take_no_room_on_a_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(pull(office, world.new_hand(office, world.TEACHER), 0)[1])
    hand = fill(office)
    monkeypatch.setattr(wire, "PAGE_CHANGES", before + 3)  # what stood before and the hand's certificate, but no more
    head, lines = pull(office, hand, 0, own=(1, 4))
    assert (head.more, head.upto) == (False, head.head.size)
    assert JOURNAL.isdisjoint(line.change.kind for line in lines)


def test_pages_follow_each_other_without_a_gap(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(office)
    reader = world.new_hand(office, world.DEPUTY)
    whole = [line.verdict.number for line in pull(office, reader, 0)[1]]
    for limit, size in ((3, wire.PAGE_BYTES), (wire.PAGE_CHANGES, 1500)):
        monkeypatch.setattr(wire, "PAGE_CHANGES", limit)
        monkeypatch.setattr(wire, "PAGE_BYTES", size)
        assert _in_pages(office, reader) == whole


def _in_pages(office: Office, reader: Hand) -> list[int]:
    numbers: list[int] = []
    after, more = 0, True
    while more:
        head, lines = pull(office, reader, after)
        assert head.upto > after or not head.more
        numbers += [line.verdict.number for line in lines]
        after, more = head.upto, head.more
    return numbers


def test_an_open_dispute_comes_with_the_snapshot(office: Office) -> None:
    fill(office)
    colleague = world.new_hand(office, world.COLLEAGUE)
    intake.accept(office.authority, colleague.batch(colleague.mark(PUPILS[0], "3")))
    assert [each.dispute.set["value"] for each in snapshot(office, colleague)[2]] == ["3"]
    assert snapshot(office, world.new_hand(office, world.ADMINISTRATOR))[2] == []


def test_receipts_are_given_again_from_a_counter_on(office: Office) -> None:
    hand = world.new_hand(office, world.TEACHER)
    first = intake.accept(office.authority, hand.batch(hand.lesson(), hand.column()))
    second = intake.accept(office.authority, hand.batch(hand.mark(PUPILS[0], "5")))
    desk = world.desk_of(office, hand)

    def given(n: int) -> list[wire.Receipt]:
        body = wire.decompress(delivery.receipts(office.authority, desk, n))
        return [wire.decode(wire.Receipt, line) for line in wire.split_lines(body)]

    assert (given(1), given(2), given(3), given(4)) == ([first, second], [first, second], [second], [])


def replay(lines: Sequence[Pulled]) -> dict[tuple[str, str], Fields]:
    """Rebuild records from a log with core's functions alone, as any desk would."""
    found: dict[tuple[str, str], Fields] = {}
    for line in lines:
        if line.verdict.outcome in ACCEPTED:
            key = (line.change.kind, line.change.record)
            found[key] = merge(found.get(key), line.change).fields
    return found


def test_snapshot_and_replayed_log_and_store_agree(office: Office) -> None:
    hand = fill(office)
    colleague = world.new_hand(office, world.COLLEAGUE)
    homework = [h.change("Lesson", world.LESSON, {"homework": ""}, {"homework": t}) for h, t in
                ((hand, "№ 1"), (colleague, "№ 2"))]  # fmt: skip
    for each, change in zip((hand, colleague), homework, strict=True):
        intake.accept(office.authority, each.batch(change))
    intake.accept(office.authority, colleague.batch(colleague.mark(PUPILS[0], "3"), colleague.mark(PUPILS[3], "2")))
    reader = world.new_hand(office, world.DEPUTY)
    replayed = replay(pull(office, reader, 0)[1])
    shown = {(row.kind, row.record): row.fields for row in snapshot(office, reader)[1]}
    with office.authority.store.read() as tx:
        stored = {(kind, id_): fields for kind in {key[0] for key in shown} for id_, fields in
                  ((row.id, row.fields) for row in records.of_kind(tx, kind))}  # fmt: skip
    assert replayed == shown
    assert {key: stored[key] for key in shown} == shown
    assert shown["Lesson", world.LESSON]["homework"] == "№ 1\n№ 2"
    assert shown["Mark", ids.mark(world.COLUMN, PUPILS[0])]["value"] == "5"
