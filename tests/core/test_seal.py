"""Signatures, sealing and pairing codes: published vectors, a foreign implementation, and every way to cheat."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

import http_message_signatures
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change, Verdict
from ejournal_core.seal import RequestParts
from ejournal_core.wire import Receipt, TreeHead

SCHOOL = "0190" + "a" * 28

# RFC 9421, appendix B.1.4 and B.2.6
RFC_KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
"""
RFC_SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def rfc_key() -> bytes:
    key = serialization.load_pem_private_key(RFC_KEY, None)
    assert isinstance(key, Ed25519PrivateKey)
    return key.private_bytes_raw()


def some_changes(count: int, desk: str = "desk-1", first: int = 1) -> list[Change]:
    return [
        Change(id=ids.new_id(), desk=desk, n=first + i, author="person-1", kind="Subject", record=f"subject-{i}",
               was={}, set={"title": f"Предмет {i}"}, act="create", at="2026-11-20T08:30:00+03:00")
        for i in range(count)
    ]  # fmt: skip


def test_the_signature_of_rfc_9421_b_2_6_comes_out_as_printed() -> None:
    components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    base = seal.signature_base(components, ';created=1618884473;keyid="test-key-ed25519"')
    assert base64.b64encode(seal.sign(rfc_key(), base)).decode() == RFC_SIGNATURE


@dataclass
class Message:
    """The request as the foreign library of HTTP message signatures wants to see it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


def foreign(kind: str, key: bytes) -> Any:
    private = Ed25519PrivateKey.from_private_bytes(key)
    keys = http_message_signatures.MappingKeyResolver(
        public_keys={"desk:7": private.public_key()}, private_keys={"desk:7": private}
    )
    return getattr(http_message_signatures, kind)(
        signature_algorithm=http_message_signatures.algorithms.ED25519, key_resolver=keys
    )


@pytest.mark.parametrize(("query", "body"), [("after=10&scope=ab", b""), ("", b"zstd bytes")])
def test_another_implementation_of_the_rfc_reads_our_signature(query: str, body: bytes) -> None:
    key = seal.new_signing_key()
    headers = seal.sign_request(key, "desk:7", "n0nce", RequestParts("POST", "/v1/push", query, body), 1)
    message = Message("POST", f"https://school.example/v1/push?{query}", headers)
    covered = ("@method", "@path", "@query", *(["content-digest"] if body else []))
    (result,) = foreign("HTTPMessageVerifier", key).verify(
        message, max_age=None, require_components=covered, body=body or None
    )
    assert (result.parameters["keyid"], result.nonce) == ("desk:7", "n0nce")


def test_we_read_a_signature_that_another_implementation_made() -> None:
    key, message = seal.new_signing_key(), Message("POST", "https://school.example/v1/push?x=1")
    foreign("HTTPMessageSigner", key).sign(
        message,
        key_id="desk:7",
        nonce="n0nce",
        label="ej",
        include_alg=False,
        body=b"body",
        covered_component_ids=("@method", "@path", "@query", "content-digest"),
    )
    headers = {name.lower(): value for name, value in message.headers.items()}
    headers["content-digest"] = headers["content-digest"].split(", ")[0]
    assert seal.request_signer(headers) == ("desk:7", "n0nce")
    assert seal.is_request_signed(
        seal.signing_public_key(key), RequestParts("POST", "/v1/push", "x=1", b"body"), headers
    )


PARTS = RequestParts("POST", "/v1/push", "a=1", b"body")


@pytest.mark.parametrize(
    "altered",
    [
        RequestParts("PUT", "/v1/push", "a=1", b"body"),
        RequestParts("POST", "/v1/pull", "a=1", b"body"),
        RequestParts("POST", "/v1/push", "a=2", b"body"),
        RequestParts("POST", "/v1/push", "a=1", b"other"),
        RequestParts("POST", "/v1/push", "a=1", b""),
    ],
)
def test_a_request_altered_on_the_way_is_not_signed(altered: RequestParts) -> None:
    key = seal.new_signing_key()
    headers = {name.lower(): value for name, value in seal.sign_request(key, "desk:7", "abc", PARTS, 1).items()}
    assert seal.request_signer(headers) == ("desk:7", "abc")
    assert seal.is_request_signed(seal.signing_public_key(key), PARTS, headers)
    assert not seal.is_request_signed(seal.signing_public_key(key), altered, headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"signature-input": "ej=()"},
        {"signature-input": 'ej=("@method");created=1;keyid="desk:7";nonce="abc"', "signature": "ej=:AAAA:"},
        {
            "signature-input": 'ej=("@method" "@path" "@query");created=1;keyid="desk:7";nonce="abc"',
            "signature": "ej=:?:",
        },
        {"signature-input": 'ej=("@method" "@path" "@query");created=1;keyid="desk:7";nonce="abc"'},
    ],
)
def test_missing_weak_or_mangled_signature_headers_sign_nothing(headers: dict[str, str]) -> None:
    public = seal.signing_public_key(seal.new_signing_key())
    assert not seal.is_request_signed(public, RequestParts("GET", "/v1/pull", ""), headers)


# --- batches -----------------------------------------------------------------------------------------------------


def test_a_batch_is_signed_as_a_whole_and_each_change_by_a_short_path() -> None:
    key, changes = seal.new_signing_key(), some_changes(7)
    batch = seal.sign_batch(key, SCHOOL, "desk-1", "", changes)
    hashes = seal.chain("", changes)
    assert seal.is_batch_signed(seal.signing_public_key(key), batch, hashes)
    paths = seal.batch_paths(hashes, range(7))
    assert all(seal.is_in_batch(hashes[i], i, paths[i], batch.head) for i in range(7))
    assert not seal.is_in_batch(hashes[0], 1, paths[1], batch.head)
    assert not seal.is_in_batch(hashes[0], 0, ["not hexadecimal"], batch.head)


def test_the_same_batch_survives_the_wire_byte_for_byte() -> None:
    key, changes = seal.new_signing_key(), some_changes(3)
    batch = seal.sign_batch(key, SCHOOL, "desk-1", "", changes)
    read = wire.decode_batch(wire.encode_batch(batch))
    assert read == batch
    assert seal.is_batch_signed(seal.signing_public_key(key), read, seal.chain(read.head.prev, read.changes))


def test_no_altered_batch_is_signed() -> None:
    key, changes = seal.new_signing_key(), some_changes(4)
    public, batch = seal.signing_public_key(key), seal.sign_batch(key, SCHOOL, "desk-1", "", changes)
    edited = [*changes[:2], msgspec.structs.replace(changes[2], set={"title": "Иное"}), changes[3]]
    for forged in (
        msgspec.structs.replace(batch, changes=tuple(edited)),
        msgspec.structs.replace(batch, changes=tuple(reversed(changes))),
        msgspec.structs.replace(batch, changes=tuple(changes[:3])),
        msgspec.structs.replace(batch, head=msgspec.structs.replace(batch.head, first=2)),
        msgspec.structs.replace(batch, head=msgspec.structs.replace(batch.head, school="another")),
        msgspec.structs.replace(batch, head=msgspec.structs.replace(batch.head, signature="zz")),
    ):
        assert not seal.is_batch_signed(public, forged, seal.chain(forged.head.prev, forged.changes))
    assert not seal.is_batch_signed(seal.signing_public_key(seal.new_signing_key()), batch, seal.chain("", changes))


def test_a_signature_over_a_head_does_not_pass_for_one_over_a_receipt() -> None:
    key = seal.new_signing_key()
    head = seal.sign_message(key, TreeHead(school=SCHOOL, epoch=1, size=0, root="00", at="2026-11-20T05:30:00Z"))
    receipt = Receipt(school=SCHOOL, desk="d", root="00", head=head, at=head.at, signature=head.signature,
                      verdicts=(Verdict(id="1", number=1, outcome="taken"),))  # fmt: skip
    assert seal.is_message_signed(seal.signing_public_key(key), head)
    assert not seal.is_message_signed(seal.signing_public_key(key), receipt)
    assert seal.is_message_signed(seal.signing_public_key(key), seal.sign_message(key, receipt))
    assert seal.head_hash(head) != seal.head_hash(msgspec.structs.replace(head, size=1))


def test_what_is_signed_begins_with_the_name_of_the_message_and_never_changes_its_form() -> None:
    head = TreeHead(school="s", epoch=1, size=2, root="ab", at="2026-11-20T05:30:00Z", signature="ff")
    text = b'ejournal/TreeHead/1\n{"at":"2026-11-20T05:30:00Z","epoch":1,"root":"ab","school":"s","size":2}'
    assert seal.signed_bytes(head) == text
    assert seal.head_hash(head) == hashlib.sha256(text).hexdigest()


# --- sealing -----------------------------------------------------------------------------------------------------


def test_only_the_schools_server_opens_a_sealed_record() -> None:
    private, other = seal.new_sealing_key(), seal.new_sealing_key()
    sealed = seal.seal(seal.sealing_public_key(private), SCHOOL, "Отметка".encode())
    assert "Отметка".encode() not in sealed
    assert seal.unseal(private, SCHOOL, sealed).decode() == "Отметка"
    for key, school, content in ((other, SCHOOL, sealed), (private, "another", sealed), (private, SCHOOL, sealed[:-1]),
                                 (private, SCHOOL, b"")):  # fmt: skip
        with pytest.raises(seal.NotSealed):
            seal.unseal(key, school, content)


@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(0, 400))
def test_a_torn_last_record_costs_only_itself(bodies: list[bytes], cut: int) -> None:
    private = seal.new_sealing_key()
    pieces = [seal.outgoing_record(seal.sealing_public_key(private), SCHOOL, body) for body in bodies]
    file = b"".join(pieces)
    kept = file[: max(0, len(file) - cut)]
    records, torn = seal.outgoing_records(kept)
    assert [seal.unseal(private, SCHOOL, record) for record in records] == bodies[: len(records)]
    assert sum(map(len, pieces[: len(records)])) + torn == len(kept)
    assert (len(records) == len(bodies)) or torn < len(pieces[len(records)])


# --- pairing -----------------------------------------------------------------------------------------------------


def test_both_screens_show_the_same_code_and_a_man_in_the_middle_shows_another() -> None:
    key, nonce, server_nonce = seal.signing_public_key(seal.new_signing_key()), b"w" * 32, b"s" * 32
    code = seal.pairing_code(SCHOOL, "ab" * 32, key, nonce, server_nonce)
    assert len(code) == 9
    assert code == seal.pairing_code(SCHOOL, "ab" * 32, key, nonce, server_nonce)
    assert code != seal.pairing_code(SCHOOL, "cd" * 32, key, nonce, server_nonce)
    assert code != seal.pairing_code(SCHOOL, "ab" * 32, bytes(32), nonce, server_nonce)
    assert code != seal.pairing_code(SCHOOL, "ab" * 32, key, nonce, b"t" * 32)
    assert seal.pairing_commitment(nonce, key) != seal.pairing_commitment(b"v" * 32, key)
