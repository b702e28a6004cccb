"""The vectors beside docs/sync-protocol.md are frozen: ours come out as they say, and so do a stranger's."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ejournal_core import access, changes, digests, merge, seal, tree, wire
from ejournal_core.changes import Change, Verdict
from ejournal_core.kinds import KINDS, Fields
from ejournal_core.seal import RequestParts
from ejournal_core.wire import BatchHead, Receipt, TreeHead
from ejournal_server import scopes
from tests.helpers import stranger_bytes as form
from tests.helpers import stranger_tree as theirs
from tests.helpers.stranger_bytes import Untrue
from tests.helpers.stranger_proofs import check_consistency, check_head, check_inclusion, check_receipt, fingerprint
from tests.helpers.stranger_records import EXAMPLES, Records

TOLD: dict[str, Any] = json.loads((EXAMPLES / "examples.json").read_text(encoding="utf-8"))
KEYS = TOLD["keys"]
ROOT = bytes.fromhex(TOLD["tree"]["root"])
LEAVES = [bytes.fromhex(leaf) for leaf in TOLD["tree"]["leaves"]]


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[name]))


def change_of(told: dict[str, Any]) -> Change:
    return wire.decode_change(json.dumps(told["change"]).encode())


# --- changes and batches ---------------------------------------------------------------------------------------------


def test_the_example_of_canonical_json_is_true() -> None:
    told = TOLD["canonical_json"]
    assert changes.canonical(told["value"]).decode() == form.canonical(told["value"]).decode() == told["canonical"]


@pytest.mark.parametrize("told", TOLD["changes"], ids=lambda told: told["change"]["act"] + str(told["change"]["n"]))
def test_the_examples_of_changes_are_hashed_so_by_both(told: dict[str, Any]) -> None:
    assert changes.hashed_form(change_of(told), told["prev"]).decode() == told["hashed"]
    assert form.hashed_form(told["change"], told["prev"]).decode() == told["hashed"]
    assert changes.change_hash(change_of(told), told["prev"]).hex() == told["hash"]
    assert form.change_hash(told["change"], told["prev"]).hex() == told["hash"]


def test_the_example_without_its_content_has_the_same_hash() -> None:
    told, whole = TOLD["destroyed"], TOLD["changes"][1]
    assert told["hash"] == whole["hash"]
    assert changes.destroyed(change_of(whole)) == change_of(told)
    assert changes.hides_what_it_should(change_of(told))
    assert changes.change_hash(change_of(told), told["prev"]).hex() == told["hash"]
    assert form.change_hash(told["change"], told["prev"]).hex() == told["hash"]


def test_the_example_of_a_rare_act_is_signed_alone() -> None:
    told, rare = TOLD["signed_alone"], TOLD["changes"][2]
    assert form.alone(rare["change"], rare["prev"]).decode() == told["signed"]
    assert private("desk_private").sign(told["signed"].encode()).hex() == told["signature"]
    unsigned = msgspec.structs.replace(change_of(rare), signature="")
    signed = seal.sign_change(bytes.fromhex(KEYS["desk_private"]), unsigned, rare["prev"])
    assert signed == change_of(rare)
    assert seal.is_change_signed(bytes.fromhex(KEYS["desk_public"]), signed, rare["prev"])


def test_the_example_of_a_batch_is_signed_so_by_both() -> None:
    told, all_changes = TOLD["batch"], TOLD["changes"]
    hashes = [bytes.fromhex(each["hash"]) for each in all_changes]
    batch = seal.sign_batch(
        bytes.fromhex(KEYS["desk_private"]), "school-1", told["head"]["desk"], "", list(map(change_of, all_changes))
    )
    assert msgspec.to_builtins(batch.head) == told["head"]
    assert seal.signed_bytes(batch.head).decode() == form.signed_bytes("BatchHead", told["head"]).decode()
    assert form.signed_bytes("BatchHead", told["head"]).decode() == told["signed"]
    assert form.sign(private("desk_private"), "BatchHead", told["head"]) == told["head"]
    assert theirs.root([theirs.leaf(hash_) for hash_ in hashes]).hex() == told["head"]["root"]
    assert seal.batch_paths(hashes, range(3)) == dict(enumerate(map(tuple, told["paths"])))


def test_the_body_that_a_stranger_packs_is_read_as_the_same_batch() -> None:
    body = form.pack(TOLD["batch"]["head"], *(each["change"] for each in TOLD["changes"]))
    batch = wire.decode_batch(body)
    hashes = seal.chain("", batch.changes)
    assert seal.is_batch_signed(bytes.fromhex(KEYS["desk_public"]), batch, hashes)
    assert [hash_.hex() for hash_ in hashes] == [each["hash"] for each in TOLD["changes"]]
    assert form.unpack(body) == form.unpack(wire.encode_batch(batch))


# --- the log ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", range(3))
def test_the_examples_of_leaves_are_true(index: int) -> None:
    told, hash_ = TOLD["leaves"][index], bytes.fromhex(TOLD["changes"][index]["hash"])
    verdict = msgspec.convert(told["verdict"], Verdict)
    assert changes.leaf_bytes(hash_, verdict).decode() == told["content"]
    assert form.leaf_content(hash_, told["verdict"]).decode() == told["content"]
    assert tree.leaf_hash(told["content"].encode()).hex() == theirs.leaf(told["content"].encode()).hex() == told["leaf"]
    assert LEAVES[verdict.number - 1].hex() == told["leaf"]


def test_the_example_of_a_root_is_true() -> None:
    assert tree.root_of(LEAVES) == theirs.root(LEAVES) == ROOT
    assert tree.root_of(LEAVES[:3]).hex() == theirs.root(LEAVES[:3]).hex() == TOLD["tree"]["root_of_3"]


def test_the_examples_of_the_server_s_signatures_are_true() -> None:
    told, receipt = TOLD["tree_head"], TOLD["receipt"]
    key, head = bytes.fromhex(KEYS["server_public"]), msgspec.convert(told["head"], TreeHead)
    assert seal.is_message_signed(key, head)
    assert seal.head_hash(head) == form.head_hash(told["head"]) == told["hash"]
    assert check_head(told["head"], None, "school-1", KEYS["server_public"]) == told["head"]
    assert seal.is_message_signed(key, msgspec.convert(receipt, Receipt))
    made = [each["change"] for each in TOLD["changes"]]
    assert check_receipt(form.canonical(receipt), TOLD["batch"]["head"], made, KEYS["server_public"]) == receipt


def test_the_example_of_a_page_grows_the_tree_to_the_signed_root() -> None:
    told = TOLD["page"]
    peaks, hidden = bytes.fromhex(told["peaks"]), bytes.fromhex(told["hidden"])
    known = {number - 1: LEAVES[number - 1] for number in told["known_numbers"]}
    split = [hidden[i : i + 32] for i in range(0, len(hidden), 32)]
    ours = tree.extend_over(tree.Frontier.from_bytes(told["from"], peaks), known, split, told["upto"], told["size"])
    assert ours.root == ROOT
    assert ours.steps[told["upto"]].to_bytes().hex() == told["peaks_at_upto"]
    before = theirs.Frontier(told["from"], [peaks[:32], peaks[32:]])
    after = theirs.grow(before, known, hidden, told["upto"], (told["size"], ROOT.hex()))
    assert b"".join(value for _, value in after.peaks).hex() == told["peaks_at_upto"]


def test_the_examples_of_proofs_are_true() -> None:
    inclusion, consistency, node = TOLD["inclusion"], TOLD["consistency"], tree.in_memory(LEAVES)
    old, head = {"size": 3, "root": TOLD["tree"]["root_of_3"]}, TOLD["tree_head"]["head"]
    assert [each.hex() for each in tree.inclusion_proof(5, 9, node)] == inclusion["path"]
    check_inclusion(form.canonical({"path": inclusion["path"]}), LEAVES[5], 6, head)
    assert [each.hex() for each in tree.consistency_proof(3, 9, node)] == consistency["path"]
    check_consistency(form.canonical({"path": consistency["path"]}), old, head)


@pytest.mark.parametrize("size", range(1, 18))
def test_a_stranger_s_verifiers_take_what_our_tree_proves_and_nothing_else(size: int) -> None:
    leaves = [theirs.leaf(bytes([number])) for number in range(size)]
    node, root = tree.in_memory(leaves), theirs.root(leaves)
    for index in range(size):
        path = tree.inclusion_proof(index, size, node)
        theirs.verify_inclusion(leaves[index], index, size, path, root)
        with pytest.raises(Untrue):
            theirs.verify_inclusion(theirs.leaf(b"no"), index, size, path, root)
    for old in range(1, size):
        path, beginning = tree.consistency_proof(old, size, node), theirs.root(leaves[:old])
        theirs.verify_consistency(old, size, path, beginning, root)
        for wrong in (theirs.root(leaves[1 : old + 1]), bytes(32)):
            with pytest.raises(Untrue):
                theirs.verify_consistency(old, size, path, wrong, root)


# --- on the wire -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", TOLD["requests"], ids=lambda told: told["method"])
def test_the_examples_of_signed_requests_are_true(told: dict[str, Any]) -> None:
    body = bytes.fromhex(told["body"])
    parts = RequestParts(told["method"], told["path"], told["query"], body)
    ours = seal.sign_request(
        bytes.fromhex(KEYS["desk_private"]), told["key_id"], told["nonce"], parts, told["created"]
    )  # fmt: skip
    request = (told["method"], told["path"], told["query"], body)
    told_so = form.request_headers(private("desk_private"), told["key_id"], told["nonce"], told["created"], request)
    assert ours == told_so == told["headers"]
    signature = base64.b64decode(told["headers"]["Signature"].removeprefix("ej=:").removesuffix(":"))
    form.verify(KEYS["desk_public"], told["base"].encode(), signature.hex())
    lower = {name.lower(): value for name, value in told["headers"].items()}
    assert seal.is_request_signed(bytes.fromhex(KEYS["desk_public"]), parts, lower)


def test_the_example_of_a_pairing_code_is_true() -> None:
    told = TOLD["pairing"]
    names = ("authority_sha256", "workstation_key", "workstation_nonce", "server_nonce")
    authority, key, nonce, server_nonce = (bytes.fromhex(told[name]) for name in names)
    ours = seal.pairing_code(told["school"], authority.hex(), key, nonce, server_nonce)
    assert ours == form.pairing_code([told["school"].encode(), authority, key, nonce, server_nonce]) == told["code"]
    assert seal.pairing_commitment(nonce, key) == told["commitment"]


def test_the_example_of_a_sealed_record_is_opened_by_the_server_s_key() -> None:
    told = TOLD["sealed"]
    ((sealed,), torn) = seal.outgoing_records(bytes.fromhex(told["record"]))
    assert torn == 0
    assert seal.unseal(bytes.fromhex(KEYS["seal_private"]), told["school"], sealed).decode() == told["plaintext"]
    ephemeral = X25519PrivateKey.from_private_bytes(bytes.fromhex(told["ephemeral_private"]))
    info = b"ejournal/outgoing/1\n" + told["school"].encode()
    assert form.seal_with(ephemeral, KEYS["seal_public"], info, told["plaintext"].encode()) == sealed


# --- scope and contents --------------------------------------------------------------------------------------------


def test_the_examples_of_a_fingerprint_and_a_digest_are_true() -> None:
    scope, told = TOLD["scope"], TOLD["digest"]
    assert scopes.fingerprint(scope["slices"]) == fingerprint(scope["slices"]) == scope["fingerprint"]
    assert digests.content_digest([(told["kind"], told["record"], told["fields"])]) == told["digest"]
    assert access.slice_of(told["kind"], told["fields"]) == told["slice"]
    records = Records()
    records.accepted[told["kind"], told["record"]] = told["fields"]
    assert records.digest(told["slice"]) == told["digest"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_of_kinds_is_true(kind: str) -> None:
    told = json.loads((EXAMPLES / "kinds.json").read_text(encoding="utf-8"))[kind]
    required = [each.name for each in msgspec.structs.fields(KINDS[kind]) if each.required and each.name != "id"]
    assert told["fields"] == merge.defaults(kind)
    assert told["required"] == required
    assert [tuple(unit) for unit in told["units"]] == list(merge.UNITS.get(kind, ()))
    assert told["erasable"] == changes.BLANK.get(kind, {})
    ids: Fields = {name: f"x.{name}.3.oral.1.u" for name in told["fields"] if name.endswith("_id")}
    assert Records().slice_of(kind, ids) == access.slice_of(kind, ids)


def test_every_kind_stands_in_the_table() -> None:
    assert set(json.loads((EXAMPLES / "kinds.json").read_text(encoding="utf-8"))) == set(KINDS)


def test_a_batch_head_of_the_examples_is_what_a_pull_shows() -> None:
    assert wire.encode(msgspec.convert(TOLD["batch"]["head"], BatchHead)) == form.canonical(TOLD["batch"]["head"])


# --- the page ------------------------------------------------------------------------------------------------------

PAGE = (EXAMPLES.parent / "sync-protocol.md").read_text(encoding="utf-8")
MESSAGES = {
    name: kind
    for name, kind in vars(wire).items()
    if isinstance(kind, type) and issubclass(kind, wire.Message) and name not in ("Message", "Batch")
}  # a Batch travels as its head and its changes


@pytest.mark.parametrize("name", MESSAGES)
def test_the_page_names_every_field_of_every_message(name: str) -> None:
    line = next((each for each in PAGE.splitlines() if each.startswith("|") and f"`{name}`" in each), "")
    assert line, f"{name} is not in the table of messages"
    told = PAGE[PAGE.index("## Pairing") : PAGE.index("## Calls")] if name.startswith("Pair") else line
    assert [field for field in MESSAGES[name].__struct_fields__ if not re.search(rf"\b{field}\b", told)] == []


def test_the_page_names_the_five_fields_that_are_left_out_while_empty() -> None:
    assert changes.LEFT_OUT == form.LEFT_OUT_WHILE_EMPTY
    assert set(form.RARE_ACTS) == changes.RARE_ACTS
    assert all(f"`{name}`" in PAGE for name in (*changes.LEFT_OUT, *changes.RARE_ACTS, *changes.RARE_KINDS))


def test_the_stranger_shares_no_code_with_us() -> None:
    files = sorted((EXAMPLES.parents[1] / "tests" / "helpers").glob("stranger*.py"))
    ours = [
        f"{file.name}: {line}"
        for file in files
        for line in re.findall(r"^\s*(?:from|import) .*", file.read_text(encoding="utf-8"), re.MULTILINE)
        if "ejournal" in line or ("tests" in line and "stranger" not in line)
    ]
    assert len(files) == 6
    assert ours == []
