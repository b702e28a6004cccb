"""Lawful destruction at the server: the content is found nowhere afterwards, and every hash is what it was."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest
import sqlalchemy as sa

from ejournal_core import ids, wire
from ejournal_core.changes import Change, change_hash
from ejournal_core.destruction import is_confirmation
from ejournal_core.kinds import Fields
from ejournal_core.merge import merge
from ejournal_server import files, intake, own_lines, signing
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.store import aside, erasure, log, records
from ejournal_server.store import blobs as blob_store
from ejournal_server.store import tables as t
from tests.server import world
from tests.server.world import ADMINISTRATOR, CLASS, CLASS_TEACHER, DIRECTOR, LESSON, PUPILS, TEACHER, Hand

WORD = "ПОДБРОШЕННОЕ-СЛОВО"
SALT = "5a" * 32
DONE = ([("taken", "")], [("merged", "")])


def order(hand: Hand, **other: Any) -> Change:
    """Order the destruction of a pupil's absence documents."""
    fields: Fields = {"target_kind": "AbsenceDocument", "pupil_id": PUPILS[0], "act_number": "7", "basis": "152-ФЗ",
                      "act_date": "2026-11-20", "ordered_by": hand.person, **other}  # fmt: skip
    return hand.change("Destruction", "act-7", {}, fields, "create")


def confirm(hand: Hand, record: str = "act-7") -> Change:
    return hand.change("Destruction", record, {"confirmed_by": None}, {"confirmed_by": hand.person})


def document(hand: Hand, record: str, pupil: str, number: str = WORD, **other: Any) -> Change:
    fields: Fields = {"class_group_id": CLASS, "pupil_id": pupil, "reason": "Б", "since": "2026-11-10",
                      "until": "2026-11-12", "number": number}  # fmt: skip
    return hand.change("AbsenceDocument", record, {}, fields, "create", salt=SALT, **other)


def outcomes(office: Office, hand: Hand, *changes: Change) -> list[tuple[str, str]]:
    receipt = intake.accept(office.authority, hand.batch(*changes))
    return [(verdict.outcome, verdict.reason) for verdict in receipt.verdicts]


def everything(office: Office) -> str:
    """Return every value of every table of the store as text."""
    with office.authority.store.read() as tx:
        rows = [tuple(row) for table in t.metadata.sorted_tables for row in tx.connection.execute(sa.select(table))]
    return "\n".join(
        each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for row in rows for each in row
    )


def carried_out(office: Office) -> tuple[Hand, Hand]:
    """Destroy the documents of the first pupil; return the class teacher's and the director's desk."""
    teacher, administrator = world.new_hand(office, CLASS_TEACHER), world.new_hand(office, ADMINISTRATOR)
    director = world.new_hand(office, DIRECTOR)
    first = document(teacher, "doc-1", PUPILS[0], why=WORD + " и мама звонила")
    was: Fields = {"number": WORD, "reason": "Б", "since": "2026-11-10", "until": "2026-11-12"}
    again = teacher.change("AbsenceDocument", "doc-1", was, {**was, "number": WORD + "-2"}, salt=SALT)
    other = document(teacher, "doc-2", PUPILS[1], "чужая справка")
    assert outcomes(office, teacher, first, again, other) == [("taken", "")] * 3
    assert outcomes(office, administrator, order(administrator)) == [("taken", "")]
    assert WORD in everything(office)
    assert outcomes(office, director, confirm(director)) in DONE
    return teacher, director


def test_what_an_act_covers_is_found_nowhere_and_the_rest_stays(office: Office) -> None:
    carried_out(office)
    text = everything(office)
    assert WORD not in text
    assert "чужая справка" in text
    with office.authority.store.read() as tx:
        rows = records.fetch(tx, "AbsenceDocument", ["doc-1", "doc-2"])
    assert rows["doc-1"].fields["pupil_id"] == PUPILS[0]
    assert (rows["doc-1"].fields["number"], rows["doc-1"].fields["reason"]) == ("", "")
    assert rows["doc-2"].fields["number"] == "чужая справка"


def test_every_hash_is_what_it_was_and_a_replay_gives_the_records(office: Office) -> None:
    carried_out(office)
    with office.authority.store.read() as tx:
        head = log.read_head(tx)
        lines = log.lines(tx, 0, head.number, 10_000)
        kept = {row.id: row.fields for row in records.of_kind(tx, "AbsenceDocument")}
    replayed: dict[str, Fields] = {}
    for line in lines:
        assert change_hash(line.change, line.prev.hex()) == line.hash
        if line.change.kind == "AbsenceDocument":
            replayed[line.change.record] = merge(replayed.get(line.change.record), line.change).fields
    assert replayed == kept
    emptied = [line for line in lines if line.change.content]
    assert len(emptied) == 2
    assert all(not line.change.salt and not line.change.why for line in emptied)


def test_the_same_batch_again_gets_the_same_receipt_and_brings_nothing_back(office: Office) -> None:
    teacher = world.new_hand(office, CLASS_TEACHER)
    batch = teacher.batch(document(teacher, "doc-1", PUPILS[0]))
    receipt = intake.accept(office.authority, batch)
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    outcomes(office, administrator, order(administrator))
    outcomes(office, director, confirm(director))
    assert intake.accept(office.authority, batch) == receipt
    assert WORD not in everything(office)


def test_what_was_entered_later_stays(office: Office) -> None:
    teacher, _ = carried_out(office)
    was: Fields = {"number": "", "reason": "", "since": "0001-01-01", "until": "0001-01-01"}
    wanted: Fields = {"number": "новая", "reason": "У", "since": "2026-11-18", "until": "2026-11-19"}
    assert outcomes(office, teacher, teacher.change("AbsenceDocument", "doc-1", was, wanted, salt=SALT)) == [
        ("taken", "")
    ]
    assert "новая" in everything(office)


def test_a_change_behind_the_confirmation_in_one_batch_meets_the_emptied_record(office: Office) -> None:
    teacher, administrator = world.new_hand(office, CLASS_TEACHER), world.new_hand(office, ADMINISTRATOR)
    outcomes(office, teacher, document(teacher, "doc-1", PUPILS[0]))
    outcomes(office, administrator, order(administrator))
    with office.authority.store.write() as tx:
        role: Fields = {"person_id": DIRECTOR, "role": "class_teacher", "class_group_id": CLASS, "since": "2026-09-01"}
        own_lines.write_own(office.authority, tx, [Wish("RoleGrant", "both", role)])
    director = world.new_hand(office, DIRECTOR)
    was: Fields = {"number": "", "reason": "", "since": "0001-01-01", "until": "0001-01-01"}
    wanted: Fields = {"number": "новая", "reason": "У", "since": "2026-11-18", "until": "2026-11-19"}
    confirmation, late = confirm(director), director.change("AbsenceDocument", "doc-1", was, wanted, salt=SALT)
    assert {each[0] for each in outcomes(office, director, confirmation, late)} <= {"taken", "merged"}
    with office.authority.store.read() as tx:
        assert records.fetch(tx, "AbsenceDocument", ["doc-1"])["doc-1"].fields["number"] == "новая"
    assert WORD not in everything(office)


@pytest.mark.logs("quarantined")
def test_quarantine_and_disputes_hold_it_no_more(office: Office) -> None:
    teacher, other = world.new_hand(office, CLASS_TEACHER), world.new_hand(office, CLASS_TEACHER)
    outcomes(office, teacher, document(teacher, "doc-1", PUPILS[0], "1"))
    was: Fields = {"number": "0", "reason": "Б", "since": "2026-11-10", "until": "2026-11-12"}
    clash = other.change("AbsenceDocument", "doc-1", was, {**was, "number": WORD}, salt=SALT)
    future = document(other, "doc-9", PUPILS[0], min=99)
    assert [each[0] for each in outcomes(office, other, clash, future)] == ["disputed", "quarantined"]
    stranger = Hand(office.authority.school, "desk-unknown", "person-x", os.urandom(32))
    assert outcomes(office, stranger, document(stranger, "doc-10", PUPILS[0]))[0][0] == "quarantined"
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    outcomes(office, administrator, order(administrator))
    assert WORD in everything(office)
    outcomes(office, director, confirm(director))
    assert WORD not in everything(office)
    with office.authority.store.read() as tx:
        assert not aside.open_disputes(tx)
        assert len(aside.quarantined(tx)) == 2


def test_a_reason_goes_and_the_presence_stays(office: Office) -> None:
    teacher = world.new_hand(office, TEACHER)
    outcomes(office, teacher, teacher.lesson())
    record = ids.attendance(LESSON, PUPILS[0])
    born: Fields = {"lesson_id": LESSON, "pupil_id": PUPILS[0], "presence": "absent", "reason": "Б",
                    "document_id": WORD}  # fmt: skip
    assert outcomes(office, teacher, teacher.change("Attendance", record, {}, born, "create", salt=SALT)) == [
        ("taken", "")
    ]
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    outcomes(office, administrator, order(administrator, target_kind="Attendance"))
    outcomes(office, director, confirm(director))
    assert WORD not in everything(office)
    with office.authority.store.read() as tx:
        fields = records.fetch(tx, "Attendance", [record])[record].fields
    assert (fields["presence"], fields["reason"], fields["document_id"]) == ("absent", "", None)


def test_a_homework_file_goes_with_its_bytes_unless_another_record_names_them(office: Office) -> None:
    hand, data = world.new_hand(office, TEACHER), WORD.encode() * 50
    sha256 = hashlib.sha256(data).hexdigest()
    fields: Fields = {"lesson_id": LESSON, "title": f"{WORD}.pdf", "size": len(data), "sha256": sha256,
                      "media_type": "application/pdf"}  # fmt: skip
    names = [ids.homework_file(LESSON, each) for each in ("a", "b")]
    named = [hand.lesson(), *(hand.change("HomeworkFile", name, {}, fields, "create", salt=SALT) for name in names)]
    assert outcomes(office, hand, *named) == [("taken", "")] * 3
    files.bring(office.authority, world.desk_of(office, hand), sha256, len(data), 0, data)
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    for number, name in enumerate(names):
        one: Fields = {"target_kind": "HomeworkFile", "target_record": name, "act_number": "8", "basis": "иск",
                       "act_date": "2026-11-20", "ordered_by": administrator.person}  # fmt: skip
        outcomes(office, administrator, administrator.change("Destruction", f"act-{name}", {}, one, "create"))
        assert outcomes(office, director, confirm(director, f"act-{name}")) in DONE
        with office.authority.store.read() as tx:
            assert (blob_store.read(tx, sha256) is None) is (number == 1)
    assert WORD not in everything(office)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"target_kind": "Mark"}, "EJ-417"), ({"pupil_id": None}, "EJ-417"), ({"target_record": "doc-1"}, "EJ-417"),
        ({"act_number": " "}, "EJ-417"), ({"basis": ""}, "EJ-417"), ({"basis": "я" * 301}, "EJ-417"),
        ({"ordered_by": DIRECTOR}, "EJ-417"), ({"confirmed_by": DIRECTOR}, "EJ-417"),
        ({"confirmed_by": ADMINISTRATOR}, "EJ-417"),
    ],
)  # fmt: skip
def test_an_order_that_is_none_is_refused(office: Office, other: dict[str, Any], code: str) -> None:
    hand = world.new_hand(office, ADMINISTRATOR)
    assert outcomes(office, hand, order(hand, **other)) == [("refused", code)]


def test_nobody_destroys_alone_or_without_the_right(office: Office) -> None:
    administrator, teacher = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, TEACHER)
    director = world.new_hand(office, DIRECTOR)
    assert outcomes(office, teacher, order(teacher)) == [("refused", "EJ-417")]
    assert outcomes(office, administrator, order(administrator), confirm(administrator)) == [
        ("taken", ""), ("refused", "EJ-417"),
    ]  # fmt: skip
    assert outcomes(office, teacher, confirm(teacher)) == [("refused", "EJ-417")]
    for_another = director.change("Destruction", "act-7", {"confirmed_by": None}, {"confirmed_by": "person-zavuch"})
    wider = director.change("Destruction", "act-7", {"confirmed_by": None, "pupil_id": PUPILS[0]},
                            {"confirmed_by": DIRECTOR, "pupil_id": PUPILS[1]})  # fmt: skip
    assert outcomes(office, director, for_another, wider) == [("refused", "EJ-417")] * 2
    assert outcomes(office, director, confirm(director)) in DONE
    back = director.change("Destruction", "act-7", {"confirmed_by": DIRECTOR}, {"confirmed_by": None})
    assert outcomes(office, director, back) == [("refused", "EJ-419")]


def test_not_even_who_has_both_rights_destroys_alone(office: Office) -> None:
    with office.authority.store.write() as tx:
        role: Fields = {"person_id": DIRECTOR, "role": "administrator", "class_group_id": None, "since": "2026-09-01"}
        own_lines.write_own(office.authority, tx, [Wish("RoleGrant", "both", role)])
    both = world.new_hand(office, DIRECTOR)
    assert outcomes(office, both, order(both), confirm(both)) == [("taken", ""), ("refused", "EJ-417")]


def test_content_without_a_salt_or_with_a_hidden_field_in_the_open_has_no_form(office: Office) -> None:
    hand = world.new_hand(office, CLASS_TEACHER)
    bent: list[dict[str, Any]] = [
        {"salt": ""}, {"hidden": ("number",)}, {"hidden": ("number", "pupil_id", "reason", "since", "until")},
        {"content": "0" * 64}, {"content": "0" * 64, "salt": ""},
    ]  # fmt: skip
    for other in bent:
        change = document(hand, "doc-1", PUPILS[0])
        with pytest.raises(wire.Malformed):
            intake.accept(office.authority, hand.batch(_bent(change, other)))
        hand.n, hand.prev = 0, ""


def _bent(change: Change, other: dict[str, Any]) -> Change:
    return Change(**{name: getattr(change, name) for name in Change.__struct_fields__} | other)


def test_the_control_a_forgotten_table_is_seen(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search of this file finds what a carrying out leaves behind: it is no check otherwise."""
    monkeypatch.setattr(erasure, "_empty", lambda tx, line: None)
    teacher, administrator = world.new_hand(office, CLASS_TEACHER), world.new_hand(office, ADMINISTRATOR)
    outcomes(office, teacher, document(teacher, "doc-1", PUPILS[0]))
    outcomes(office, administrator, order(administrator))
    director = world.new_hand(office, DIRECTOR)
    outcomes(office, director, confirm(director))
    assert WORD in everything(office)


def test_only_what_enters_values_confirms(office: Office) -> None:
    director = world.new_hand(office, DIRECTOR)
    acts = {act: director.change("Destruction", "act-7", {}, {"confirmed_by": DIRECTOR}, act)
            for act in ("change", "refuse", "request")}  # fmt: skip
    assert {act: is_confirmation(change) for act, change in acts.items()} == {
        "change": True, "refuse": False, "request": False,
    }  # fmt: skip
    future = director.change("Destruction", "act-7", {}, {"confirmed_by": DIRECTOR}, min=99)
    assert not is_confirmation(future)


def test_the_head_of_the_log_does_not_move_by_itself(office: Office) -> None:
    teacher, administrator = world.new_hand(office, CLASS_TEACHER), world.new_hand(office, ADMINISTRATOR)
    outcomes(office, teacher, document(teacher, "doc-1", PUPILS[0]))
    outcomes(office, administrator, order(administrator))
    with office.authority.store.read() as tx:
        before = signing.current_head(tx)
        leaves = [line.leaf for line in log.lines(tx, 0, before.size, 10_000)]
    director = world.new_hand(office, DIRECTOR)
    outcomes(office, director, confirm(director))
    with office.authority.store.read() as tx:
        after = [line.leaf for line in log.lines(tx, 0, before.size, 10_000)]
    assert after == leaves
