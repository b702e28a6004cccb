"""What docs/backup.md promises a stranger: the log can be proved with public tools and the page, without our code."""

from __future__ import annotations

import hashlib
import json
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ejournal_core.age_file import BackupIdentity
from ejournal_server import generations, intake
from ejournal_server.folder import Office
from ejournal_server.generations import Recipients
from tests.server import world
from tests.server.world import PUPILS

Line = dict[str, Any]


def canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return unicodedata.normalize("NFC", text).encode()


def change_hash(change: Line, prev: str) -> bytes:
    fields = dict(change)
    if hidden := fields.get("hidden"):
        salt, why = fields.pop("salt"), fields.pop("why")
        apart = {side: {name: fields[side][name] for name in hidden if name in fields[side]} for side in ("set", "was")}
        for side in apart:
            fields[side] = {name: value for name, value in fields[side].items() if name not in hidden}
        if "content" not in fields:
            digest = hashlib.sha256(bytes.fromhex(salt) + canonical({**apart, "why": why}))
            fields["content"] = digest.hexdigest()
    return hashlib.sha256(canonical({**fields, "prev": prev})).digest()


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it stands there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()


def check_signature(key: str, name: str, message: Line) -> None:
    fields = {field: value for field, value in message.items() if field != "signature"}
    signed = f"ejournal/{name}/1\n".encode() + canonical(fields)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(message["signature"]), signed)


@pytest.mark.logs("change quarantined")
def test_a_stranger_proves_the_log_with_the_page_alone(office: Office, tmp_path: Path) -> None:
    hand, safe = world.new_hand(office, world.TEACHER), BackupIdentity.new()
    first = [hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")]
    intake.accept(office.authority, hand.batch(*first))
    aside = hand.change("Mark", "x", {}, {"value": "5"}, "create", min=99)
    intake.accept(office.authority, hand.batch(aside, hand.mark(PUPILS[1], "99"), hand.mark(PUPILS[2], "4")))
    made = generations.make_generation(office.authority, tmp_path, Recipients(recovery=safe.recipient), office.ca_pem)
    (tmp_path / "KEY.txt").write_text(safe.secret)
    opened = subprocess.run(
        f"age --decrypt --identity KEY.txt {made.generation}/base.age | zstd --decompress",
        shell=True, check=True, capture_output=True, cwd=tmp_path,
    ).stdout  # fmt: skip
    catalogue = json.loads((tmp_path / made.generation / "catalogue.json").read_bytes())
    check_signature(catalogue["server_key"], "Catalogue", catalogue)
    for file in catalogue["files"]:
        content = (tmp_path / made.generation / file["name"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    lines = [json.loads(line) for line in opened.splitlines()]
    assert all(canonical(line) == text for line, text in zip(lines, opened.splitlines(), strict=True))
    prove(lines, catalogue)


def prove(lines: list[Line], catalogue: Line) -> None:
    head, end = lines[0], lines[-1]
    leaves: list[bytes] = []
    last: dict[str, str] = {}
    hashes: dict[str, dict[int, bytes]] = {}
    batches: dict[str, Line] = {}
    for line in lines[1:-1]:
        if line["line"] == "batch":
            check_signature(line["public_key"], "BatchHead", line["batch"])
            batches[line["batch"]["root"]] = line
            hashes[line["batch"]["root"]] = {position: bytes.fromhex(hash_) for position, hash_ in line["missing"]}
        elif line["line"] == "receipt":
            check_signature(head["server_key"], "Receipt", line["receipt"])
        elif line["line"] == "entry":
            change, verdict, own = line["change"], line["verdict"], hashes[line["batch"]]
            assert line["prev"] in (last.get(change["desk"], ""), *(value.hex() for value in own.values()))
            hash_ = change_hash(change, line["prev"])
            last[change["desk"]] = hash_.hex()
            own[line["position"]] = hash_
            assert verdict["number"] == len(leaves) + 1
            leaf = {key: verdict[key] for key in ("at", "number", "outcome", "reason")} | {"change": hash_.hex()}
            leaves.append(canonical(leaf))
    for root, batch in batches.items():
        assert sorted(hashes[root]) == list(range(batch["batch"]["count"]))
        assert merkle([hashes[root][position] for position in sorted(hashes[root])]).hex() == root
    check_signature(head["server_key"], "TreeHead", head["head"])
    proof = catalogue["proof"]
    assert merkle(leaves).hex() == head["head"]["root"] == proof["root"]
    assert len(leaves) == head["head"]["size"] == proof["size"] == end["entries"]
    assert end["content_sha256"] == proof["content_sha256"]
