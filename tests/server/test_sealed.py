"""A sealed outgoing file, brought by anybody, twice, cut or damaged. On both stores."""

from __future__ import annotations

import os

import pytest

from ejournal_core import seal, wire
from ejournal_server import intake
from ejournal_server.folder import Office
from ejournal_server.intake import Delivery
from ejournal_server.store import log
from tests.server import world
from tests.server.world import PUPILS, Hand


def record(office: Office, batch: wire.Batch) -> bytes:
    public = bytes.fromhex(office.authority.keys.sealing_public)
    return seal.outgoing_record(public, office.authority.school, wire.encode_batch(batch))


def outgoing(office: Office, hand: Hand) -> list[bytes]:
    """Return an outgoing file as a desk appends to it: a record for each edit."""
    edits = (hand.lesson, hand.column, lambda: hand.mark(PUPILS[0], "5"), lambda: hand.mark(PUPILS[1], "4"))
    return [record(office, hand.batch(edit())) for edit in edits]


def size(office: Office) -> int:
    with office.authority.store.read() as tx:
        return log.read_head(tx).number


def test_what_was_unsent_arrives_without_its_author_and_twice_is_harmless(office: Office) -> None:
    hand, before = world.new_hand(office, world.TEACHER), size(office)
    file = b"".join(outgoing(office, hand))
    assert intake.deliver(office.authority, file) == Delivery(delivered=4)
    assert size(office) == before + 4
    assert intake.deliver(office.authority, file) == Delivery(delivered=4)
    assert size(office) == before + 4


def test_the_author_gets_the_same_verdicts_for_what_others_delivered(office: Office) -> None:
    hand = world.new_hand(office, world.TEACHER)
    changes = [hand.lesson(), hand.column()]
    whole = seal.sign_batch(hand.key, hand.school, hand.desk, "", changes)
    singles = [record(office, hand.batch(change)) for change in changes]
    intake.deliver(office.authority, b"".join(singles))
    receipt = intake.accept(office.authority, whole)
    with office.authority.store.read() as tx:
        delivered = log.lines_of_desk(tx, hand.desk, 1, 2)
    assert list(receipt.verdicts) == [delivered[1].verdict, delivered[2].verdict]


def test_a_torn_last_record_costs_only_itself(office: Office) -> None:
    pieces = outgoing(office, world.new_hand(office, world.TEACHER))
    assert intake.deliver(office.authority, b"".join(pieces)[:-3]) == Delivery(delivered=3)
    assert intake.deliver(office.authority, b"".join(pieces)) == Delivery(delivered=4)


def test_a_damaged_record_stops_its_successors_but_loses_nothing(office: Office) -> None:
    pieces = outgoing(office, world.new_hand(office, world.TEACHER))
    damaged = bytearray(pieces[1])
    damaged[40] ^= 1
    file = b"".join([pieces[0], bytes(damaged), *pieces[2:]])
    assert intake.deliver(office.authority, file) == Delivery(delivered=1, damaged=1, waiting=2)
    assert intake.deliver(office.authority, b"".join(pieces)) == Delivery(delivered=4)


@pytest.mark.parametrize("content", [b"", os.urandom(50), b"<html>" * 20, b"\x00\x00\x00\x05hello"])
def test_a_file_that_is_none_delivers_nothing(office: Office, content: bytes) -> None:
    assert intake.deliver(office.authority, content).delivered == 0


@pytest.mark.logs("batch quarantined")
def test_a_forged_batch_in_a_sealed_file_is_quarantined(office: Office) -> None:
    hand, before = world.new_hand(office, world.TEACHER), size(office)
    forged = seal.sign_batch(seal.new_signing_key(), hand.school, hand.desk, "", [hand.lesson()])
    intake.deliver(office.authority, record(office, forged))
    assert size(office) == before
