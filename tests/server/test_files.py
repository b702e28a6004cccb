"""Files between desks, at the server: in pieces, resumable, whole or not at all, for whoever may see their record."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest

from ejournal_core import blobs as rules
from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.wire import FileState, Malformed
from ejournal_server import files, intake
from ejournal_server.blobs import WrongContent
from ejournal_server.files import NoRoom, NoSuchBlob, NotHereYet
from ejournal_server.folder import Office
from ejournal_server.store import blobs as store
from ejournal_server.store import records
from tests.server import world
from tests.server.world import LESSON, Hand, SettableClock

PIECE = rules.PIECE
DATA = os.urandom(2 * PIECE + 12_345)


def file_change(hand: Hand, data: bytes = DATA, **other: Any) -> Change:
    """Name a file at the lesson."""
    fields = {"lesson_id": LESSON, "title": "Задачи к § 12.pdf", "size": len(data), "media_type": "application/pdf",
              "sha256": hashlib.sha256(data).hexdigest(), **other}  # fmt: skip
    return hand.change("HomeworkFile", ids.homework_file(LESSON, ids.new_id()), {}, fields, "create", salt="ab" * 32)


def named(office: Office, data: bytes = DATA) -> Hand:
    """Return the teacher, whose lesson has a file by name."""
    hand = world.new_hand(office, world.TEACHER)
    receipt = intake.accept(office.authority, hand.batch(hand.lesson(), file_change(hand, data)))
    assert [verdict.outcome for verdict in receipt.verdicts] == ["taken", "taken"]
    return hand


def bring(office: Office, hand: Hand, offset: int, piece: bytes, data: bytes = DATA, size: int = 0) -> FileState:
    desk, sha256 = world.desk_of(office, hand), hashlib.sha256(data).hexdigest()
    return files.bring(office.authority, desk, sha256, size or len(data), offset, piece)


def bring_all(office: Office, hand: Hand, data: bytes = DATA) -> None:
    for offset in range(0, len(data), PIECE):
        bring(office, hand, offset, data[offset : offset + PIECE], data)


def fetch_all(office: Office, hand: Hand, data: bytes = DATA) -> bytes:
    desk, sha256, got = world.desk_of(office, hand), hashlib.sha256(data).hexdigest(), b""
    while piece := files.fetch(office.authority, desk, sha256, len(got)):
        got += piece
    return got


def file_fields(office: Office) -> dict[str, Any]:
    with office.authority.store.read() as tx:
        return next(iter(records.of_kind(tx, "HomeworkFile"))).fields


def test_a_file_comes_in_pieces_and_is_given_to_whoever_sees_the_page(office: Office) -> None:
    hand = named(office)
    bring_all(office, hand)
    assert file_fields(office)["stored"] is True
    for person in (world.TEACHER, world.COLLEAGUE, world.CLASS_TEACHER, world.DEPUTY):
        assert fetch_all(office, world.new_hand(office, person)) == DATA
    for person in (world.ADMINISTRATOR, "person-nobody"):
        stranger = world.new_hand(office, person)
        with pytest.raises(NoSuchBlob):
            fetch_all(office, stranger)
        with pytest.raises(NoSuchBlob):
            bring(office, stranger, 0, DATA[:PIECE])


def test_an_upload_goes_on_where_it_was_cut_at_another_desk_too(office: Office) -> None:
    hand, colleague = named(office), world.new_hand(office, world.COLLEAGUE)
    assert bring(office, hand, 0, DATA[:PIECE]).received == PIECE
    assert bring(office, hand, 0, DATA[:PIECE]).received == PIECE  # repeated: the answer was lost
    assert bring(office, hand, 2 * PIECE, DATA[2 * PIECE :]).received == PIECE  # not the next one
    with pytest.raises(NotHereYet):
        fetch_all(office, colleague)
    assert file_fields(office)["stored"] is False
    assert bring(office, colleague, 0, b"").received == PIECE
    bring(office, colleague, PIECE, DATA[PIECE : 2 * PIECE])
    assert bring(office, colleague, 2 * PIECE, DATA[2 * PIECE :]).received == len(DATA)
    assert bring(office, hand, 0, DATA[:PIECE]).received == len(DATA)
    assert fetch_all(office, hand) == DATA


@pytest.mark.parametrize("offset", [0, 1, PIECE - 1, PIECE, PIECE + 7, len(DATA) - 1, len(DATA), len(DATA) + 9])
def test_a_download_goes_on_from_any_byte(office: Office, offset: int) -> None:
    hand = named(office)
    bring_all(office, hand)
    desk, got = world.desk_of(office, hand), b""
    while piece := files.fetch(office.authority, desk, hashlib.sha256(DATA).hexdigest(), offset + len(got)):
        got += piece
    assert got == DATA[offset:]


@pytest.mark.logs("a file is not what its hash says")
def test_wrong_bytes_are_dropped_and_the_right_ones_may_come_anew(office: Office) -> None:
    hand = named(office)
    bring(office, hand, 0, bytes(PIECE))
    bring(office, hand, PIECE, DATA[PIECE : 2 * PIECE])
    with pytest.raises(WrongContent):
        bring(office, hand, 2 * PIECE, DATA[2 * PIECE :])
    assert bring(office, hand, 0, b"").received == 0
    assert file_fields(office)["stored"] is False
    bring_all(office, hand)
    assert fetch_all(office, hand) == DATA


def test_who_names_a_wrong_size_does_not_keep_the_right_file_away(office: Office) -> None:
    hand = named(office)
    liar = world.new_hand(office, world.COLLEAGUE)
    intake.accept(office.authority, liar.batch(file_change(liar, DATA, size=len(DATA) + 5)))
    bring(office, liar, 0, DATA[:PIECE], size=len(DATA) + 5)
    with pytest.raises(NoSuchBlob):
        bring(office, hand, 0, DATA[:PIECE], size=len(DATA) + 6)
    bring_all(office, hand)
    assert fetch_all(office, hand) == DATA


def test_pieces_that_are_none_are_not_taken(office: Office) -> None:
    hand = named(office)
    for offset, piece in ((0, DATA[: PIECE + 1]), (0, DATA[:100])):
        with pytest.raises(Malformed):
            bring(office, hand, offset, piece)
    bring(office, hand, 0, DATA[:PIECE])
    bring(office, hand, PIECE, DATA[PIECE : 2 * PIECE])
    with pytest.raises(Malformed):
        bring(office, hand, 2 * PIECE, DATA[2 * PIECE :] + b"x")
    assert bring(office, hand, 0, b"").received == 2 * PIECE


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"size": rules.BLOB_LIMIT + 1}, "EJ-410"), ({"size": 0}, "EJ-410"),
        ({"media_type": "application/x-msdownload"}, "EJ-411"), ({"sha256": "../../etc/passwd"}, "EJ-413"),
        ({"sha256": "AB" * 32}, "EJ-413"), ({"title": ""}, "EJ-413"), ({"title": "а\u202eб.pdf"}, "EJ-413"),
        ({"title": "x" * 201}, "EJ-413"), ({"stored": True}, "EJ-413"), ({"size": 10**9}, "EJ-201"),
    ],
)  # fmt: skip
def test_what_is_no_file_for_a_lesson_is_refused(office: Office, other: dict[str, Any], code: str) -> None:
    hand = world.new_hand(office, world.TEACHER)
    receipt = intake.accept(office.authority, hand.batch(hand.lesson(), file_change(hand, **other)))
    assert (receipt.verdicts[1].outcome, receipt.verdicts[1].reason) == ("refused", code)


def test_a_lesson_has_no_library(office: Office) -> None:
    hand = world.new_hand(office, world.TEACHER)
    lesson = hand.lesson()
    many = [file_change(hand, f"файл {i}".encode()) for i in range(rules.LESSON_FILES + 1)]
    receipt = intake.accept(office.authority, hand.batch(lesson, *many))
    outcomes = [verdict.reason for verdict in receipt.verdicts]
    assert outcomes == [""] * (rules.LESSON_FILES + 1) + ["EJ-412"]


def test_a_file_of_another_teachers_lesson_is_refused(office: Office) -> None:
    named(office)
    for person in (world.ADMINISTRATOR, world.DEPUTY):
        hand = world.new_hand(office, person)
        receipt = intake.accept(office.authority, hand.batch(file_change(hand, b"x" * 99)))
        assert receipt.verdicts[0].reason == "EJ-210"


def test_what_was_given_up_is_swept_and_whole_files_stay(office: Office, clock: SettableClock) -> None:
    hand = named(office)
    bring_all(office, hand)
    other, third = os.urandom(PIECE + 1), os.urandom(PIECE + 2)
    intake.accept(office.authority, hand.batch(file_change(hand, other)))
    bring(office, hand, 0, other[:PIECE], other)
    clock.moment += files.FORGOTTEN_AFTER + timedelta(days=1)
    intake.accept(office.authority, hand.batch(file_change(hand, third)))
    bring(office, hand, 0, third[:PIECE], third)
    with office.authority.store.read() as tx:
        kept = {blob.sha256: blob.whole for blob in store.all_blobs(tx)}
    assert kept == {hashlib.sha256(DATA).hexdigest(): True, hashlib.sha256(third).hexdigest(): False}


def test_the_school_has_so_much_room_and_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = named(office)
    monkeypatch.setattr(files, "SCHOOL_LIMIT", len(DATA) - 1)
    with pytest.raises(NoRoom):
        bring(office, hand, 0, DATA[:PIECE])
    monkeypatch.setattr(files, "SCHOOL_LIMIT", len(DATA))
    bring_all(office, hand)


def test_the_store_holds_no_byte_of_a_file_in_the_clear(office: Office) -> None:
    planted = b"PLANTED-WORD-" * 30_000
    hand = named(office, planted)
    bring_all(office, hand, planted)
    with office.authority.store.read() as tx:
        parts = list(store.parts(tx, hashlib.sha256(planted).hexdigest()))
    assert len(parts) == 2
    assert not any(b"PLANTED" in part.content for part in parts)
    assert fetch_all(office, hand, planted) == planted


def test_a_damaged_part_is_named_and_never_given_out(office: Office) -> None:
    hand = named(office)
    bring_all(office, hand)
    with office.authority.store.write() as tx:
        tx.connection.exec_driver_sql("UPDATE blob_part SET content = substr(content, 2) WHERE at = 0")
    with pytest.raises(WrongContent):
        fetch_all(office, hand)
