"""A change keeps its bytes, its hash and its unknown fields, whatever comes."""

import hashlib
import json
import unicodedata

import msgspec
import pytest

from ejournal_core import wire
from ejournal_core.changes import Change, Verdict, canonical, change_hash, destroyed, leaf_bytes, plain, text_of


def a_change(**fields: object) -> Change:
    plain = {
        "id": "c1", "desk": "d1", "n": 1, "author": "p1", "kind": "Mark", "record": "r1",
        "was": {}, "set": {"value": "5"}, "act": "create", "at": "2026-11-21T10:42:07+03:00",
    }  # fmt: skip
    return msgspec.convert({**plain, **fields}, Change)


def test_canonical_text_is_sorted_tight_and_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Ёлкин")
    assert canonical({"б": 1, "a": decomposed}) == '{"a":"Ёлкин","б":1}'.encode()


def test_canonical_text_refuses_floats_wherever_they_hide() -> None:
    with pytest.raises(TypeError):
        canonical({"deep": [{"x": 4.65}]})
    assert canonical({"text": "4.65"}) == b'{"text":"4.65"}'


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"set": {"б": "Ёлкин", "a": unicodedata.normalize("NFD", "Ёлкин")}, "why": "«да»\n"}, {"salt": "11" * 32},
        {"about": "c0", "requester": "p2", "signature": "ab", "act": "approve"},
        {"was": {"z": 1, "a": None, "m": True}},
        {"kind": "Attendance", "set": {"reason": "Б"}, "salt": "11" * 32}, {"hidden": ("x",), "content": "cd" * 32},
        {"extra": {"newer": {"b": [1, "й"], "a": 0}}, "head": "ef" * 32},
    ],
)  # fmt: skip
def test_a_change_is_written_as_the_canonical_form_of_its_plain_mapping(fields: dict[str, object]) -> None:
    change = a_change(**fields)
    assert text_of(change) == canonical(plain(change)) == wire.encode(change)


def test_a_change_that_holds_a_float_is_not_written() -> None:
    for field in ("set", "was"):
        change = msgspec.structs.replace(a_change(), **{field: {"value": 4.65}})
        with pytest.raises(TypeError):
            text_of(change)
        with pytest.raises(TypeError):
            change_hash(change, "")


def test_a_leaf_is_canonical_json() -> None:
    verdict = Verdict(id="c1", number=7, outcome="refused", reason="EJ-210", at="2026-11-20T09:25:01.000Z")
    plain_leaf = {"change": "ab" * 32, "number": 7, "outcome": "refused", "reason": "EJ-210", "at": verdict.at}
    assert leaf_bytes(bytes.fromhex("ab" * 32), verdict) == canonical(plain_leaf)


def test_a_change_survives_the_wire_with_fields_of_a_newer_format() -> None:
    sent = json.loads(wire.encode(a_change())) | {"newer": {"nested": [1, 2]}}
    received = wire.decode(Change, json.dumps(sent).encode())
    assert received.extra == {"newer": {"nested": [1, 2]}}
    assert json.loads(wire.encode(received)) == sent


def test_fields_of_a_newer_format_enter_the_hash() -> None:
    assert change_hash(a_change(), "") != change_hash(a_change(extra={"newer": 1}), "")


def test_the_hash_is_of_plain_sorted_json_that_anyone_can_recompute() -> None:
    plain = json.loads(wire.encode(a_change())) | {"prev": "ab"}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert change_hash(a_change(), "ab") == hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize(
    "field",
    [{"set": {"value": "4"}}, {"was": {"value": "2"}}, {"n": 2}, {"author": "p2"}, {"at": "2026"}, {"why": "x"}],
)
def test_every_part_of_a_change_is_under_its_hash(field: dict[str, object]) -> None:
    assert change_hash(a_change(), "") != change_hash(a_change(**field), "")


def test_erasable_content_leaves_the_hash_valid_when_it_is_destroyed() -> None:
    whole = a_change(kind="Attendance", was={}, set={"presence": "absent", "reason": "Б"}, why="звонок", salt="11" * 32)
    assert whole.hidden == ("reason",)
    hidden = b'{"set":{"reason":"\xd0\x91"},"was":{},"why":"\xd0\xb7\xd0\xb2\xd0\xbe\xd0\xbd\xd0\xbe\xd0\xba"}'
    digest = hashlib.sha256(bytes.fromhex("11" * 32) + hidden).hexdigest()
    hashed = json.loads(wire.encode(whole))
    for gone in ("why", "salt"):
        del hashed[gone]
    hashed |= {"content": digest, "prev": "", "set": {"presence": "absent"}}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert change_hash(whole, "") == hashlib.sha256(text.encode()).digest()
    left = destroyed(whole)
    assert (left.set, left.salt, left.why, left.content) == ({"presence": "absent"}, "", "", digest)
    assert change_hash(left, "") == change_hash(whole, "")
    assert change_hash(wire.decode(Change, wire.encode(left)), "") == change_hash(whole, "")
    assert destroyed(left) == left


def test_erasable_content_cannot_be_exchanged() -> None:
    ill = a_change(kind="Attendance", set={"reason": "Б"}, salt="11" * 32)
    excused = a_change(kind="Attendance", set={"reason": "У"}, salt="11" * 32)
    assert change_hash(ill, "") != change_hash(excused, "")


def test_an_outcome_is_part_of_the_leaf() -> None:
    hash_ = change_hash(a_change(), "")
    taken = Verdict(id="c1", number=7, outcome="taken", at="2026-11-21T07:42:08Z")
    assert leaf_bytes(hash_, taken) != leaf_bytes(hash_, msgspec.structs.replace(taken, outcome="refused"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b"[" * 100_000, b'{"id":1}', b'{"a":' * 50_000])
def test_what_is_no_message_is_called_malformed(body: bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.decode(Change, body)


def test_a_float_among_the_values_is_malformed() -> None:
    body = wire.encode(a_change()).replace(b'"value":"5"', b'"value":4.65')
    with pytest.raises(wire.Malformed):
        wire.decode(Change, body)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = wire.compress(b"0" * 50_000_000)
    assert len(bomb) < 10_000
    with pytest.raises(wire.Malformed, match="longer"):
        wire.decompress(bomb)


def test_a_cut_batch_is_malformed() -> None:
    head = wire.BatchHead(school="s", desk="d1", first=1, count=2, prev="", root="")
    whole = wire.encode_batch(wire.Batch(head=head, changes=(a_change(), a_change(n=2))))
    assert wire.decode_batch(whole).changes[1].n == 2
    with pytest.raises(wire.Malformed):
        wire.decode_batch(wire.encode_batch(wire.Batch(head=head, changes=(a_change(),))))
    with pytest.raises(wire.Malformed):
        wire.decode_batch(whole[:-3])
