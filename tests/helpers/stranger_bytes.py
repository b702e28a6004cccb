"""The bytes of docs/sync-protocol.md as a stranger writes them: from that page and the RFCs, with no code of ours.

Messages are plain mappings here. Whatever cannot be true raises `Untrue`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hmac import HMAC

Message = dict[str, Any]

LEFT_OUT_WHILE_EMPTY = ("about", "requester", "signature", "hidden", "content")
RARE_ACTS = ("approve", "refuse", "lock", "unlock")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


class Untrue(Exception):
    """Something received is no message of the protocol, or not what it must be."""


# --- canonical JSON ------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """Return canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return unicodedata.normalize("NFC", text).encode()


def read(data: bytes, *names: str) -> Message:
    """Read one message, which must have these fields."""
    try:
        found = json.loads(data, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Untrue("no JSON") from None
    if not isinstance(found, dict) or not found.keys() >= set(names):
        raise Untrue(f"no message with {names}")
    return found


def _no_number(text: str) -> None:
    raise ValueError(text)


def pack(*messages: Message) -> bytes:
    """Return JSON lines as one zstd frame."""
    return zstandard.ZstdCompressor().compress(b"".join(canonical(each) + b"\n" for each in messages))


def unpack(body: bytes) -> list[bytes]:
    """Return the JSON lines of a body."""
    text = unpack_one(body)
    if text and not text.endswith(b"\n"):
        raise Untrue("a torn line")
    return text.split(b"\n")[:-1]


def unpack_one(body: bytes, limit: int = 32 * 2**20) -> bytes:
    """Return what a zstd frame holds."""
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**23).stream_reader(body) as reader:
            text = reader.read(limit + 1)
    except zstandard.ZstdError:
        raise Untrue("no zstd") from None
    if len(text) > limit:
        raise Untrue("too long")
    return text


def unhex(text: object) -> bytes:
    """Read lower-case hexadecimal digits."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise Untrue("not hexadecimal")
    return bytes.fromhex(text)


# --- signatures ----------------------------------------------------------------------------------------------------


def public(key: Ed25519PrivateKey) -> str:
    """Return the public key as messages carry it."""
    return key.public_key().public_bytes_raw().hex()


def signed_bytes(name: str, message: Mapping[str, Any]) -> bytes:
    """Return what is signed of a message."""
    return f"ejournal/{name}/1\n".encode() + canonical({k: v for k, v in message.items() if k != "signature"})


def sign(key: Ed25519PrivateKey, name: str, message: Message) -> Message:
    """Return the message with its signature."""
    return {**message, "signature": key.sign(signed_bytes(name, message)).hex()}


def verify(key: str, content: bytes, signature: object) -> None:
    """Refuse content that the key has not signed."""
    try:
        Ed25519PublicKey.from_public_bytes(unhex(key)).verify(unhex(signature), content)
    except (InvalidSignature, ValueError):
        raise Untrue("not signed") from None


def verify_message(key: str, name: str, message: Mapping[str, Any]) -> None:
    """Refuse a message that the key has not signed."""
    verify(key, signed_bytes(name, message), message.get("signature"))


def head_hash(head: Mapping[str, Any]) -> str:
    """Return the hash of a tree head, as a change names it."""
    return hashlib.sha256(signed_bytes("TreeHead", head)).hexdigest()


# --- changes -------------------------------------------------------------------------------------------------------


def hashed_form(change: Message, prev: str) -> bytes:
    """Return the bytes whose SHA-256 is the hash of a change after `prev`."""
    form = {k: v for k, v in change.items() if v or k not in LEFT_OUT_WHILE_EMPTY}
    hidden = change.get("hidden", [])
    if hidden:
        form["content"] = change.get("content") or _content(change, hidden)
        form["set"] = {k: v for k, v in change["set"].items() if k not in hidden}
        form["was"] = {k: v for k, v in change["was"].items() if k not in hidden}
        del form["why"], form["salt"]
    return canonical({**form, "prev": prev})


def _content(change: Message, hidden: Sequence[str]) -> str:
    kept = {side: {k: v for k, v in change[side].items() if k in hidden} for side in ("set", "was")}
    return hashlib.sha256(unhex(change["salt"]) + canonical({**kept, "why": change["why"]})).hexdigest()


def change_hash(change: Message, prev: str) -> bytes:
    """Return the hash of a change in its desk's chain."""
    return hashlib.sha256(hashed_form(change, prev)).digest()


def is_rare(change: Message) -> bool:
    """Say whether the change has to be signed alone."""
    return change["act"] in RARE_ACTS or change["kind"] in ("PeriodMark", "PageCompletion")


def alone(change: Message, prev: str) -> bytes:
    """Return what is signed of one rare change."""
    return b"ejournal/Change/1\n" + hashed_form({k: v for k, v in change.items() if k != "signature"}, prev)


def leaf_content(hash_: bytes, verdict: Message) -> bytes:
    """Return the content of the log's leaf."""
    said = {name: verdict[name] for name in ("at", "number", "outcome", "reason")}
    return canonical({**said, "change": hash_.hex()})


# --- requests (RFC 9421, RFC 9530) ---------------------------------------------------------------------------------


def request_headers(
    key: Ed25519PrivateKey, key_id: str, nonce: str, created: int, request: tuple[str, str, str, bytes]
) -> dict[str, str]:
    """Return the headers that sign a request: (method, path, query without "?", body as it travels)."""
    method, path, query, body = request
    covered = {"@method": method, "@path": path, "@query": f"?{query}"}
    headers = {}
    if body:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers["Content-Digest"] = covered["content-digest"] = f"sha-256=:{digest}:"
    names = " ".join(f'"{name}"' for name in covered)
    parameters = f'({names});created={created};keyid="{key_id}";nonce="{nonce}"'
    lines = [f'"{name}": {value}' for name, value in covered.items()]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return {**headers, "Signature-Input": f"ej={parameters}", "Signature": f"ej=:{signature}:"}


# --- HPKE (RFC 9180), base mode ------------------------------------------------------------------------------------

_KEM = b"KEM" + (0x0020).to_bytes(2, "big")
_SUITE = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0020, 0x0001, 0x0003))


def seal(receiver: str, school: str, plaintext: bytes) -> bytes:
    """Return one record of a sealed delivery: its length, then enc ‖ ciphertext."""
    ephemeral = X25519PrivateKey.generate()
    sealed = seal_with(ephemeral, receiver, b"ejournal/outgoing/1\n" + school.encode(), plaintext)
    return len(sealed).to_bytes(4, "big") + sealed


def seal_with(ephemeral: X25519PrivateKey, receiver: str, info: bytes, plaintext: bytes) -> bytes:
    """Return enc ‖ ciphertext (RFC 9180, sections 4.1, 5.1 and 6.1: one message, no associated data)."""
    enc, theirs = ephemeral.public_key().public_bytes_raw(), unhex(receiver)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs))
    secret = _expand(_extract(b"", _KEM, b"eae_prk", shared), _KEM, b"shared_secret", enc + theirs, 32)
    context = b"\x00" + _extract(b"", _SUITE, b"psk_id_hash", b"") + _extract(b"", _SUITE, b"info_hash", info)
    schedule = _extract(secret, _SUITE, b"secret", b"")
    key, nonce = (_expand(schedule, _SUITE, label, context, n) for label, n in ((b"key", 32), (b"base_nonce", 12)))
    return enc + ChaCha20Poly1305(key).encrypt(nonce, plaintext, b"")


def _extract(salt: bytes, suite: bytes, label: bytes, material: bytes) -> bytes:
    return _hmac(salt or bytes(32), b"HPKE-v1" + suite + label + material)


def _expand(key: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return _hmac(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01")[:length]


def _hmac(key: bytes, content: bytes) -> bytes:
    mac = HMAC(key, hashes.SHA256())
    mac.update(content)
    return mac.finalize()


# --- pairing -------------------------------------------------------------------------------------------------------


def pairing_code(parts: Iterable[bytes]) -> str:
    """Return the eight digits that both screens show."""
    told = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    digest = hashlib.sha256(b"ejournal/pairing/1\n" + told).digest()
    digits = f"{int.from_bytes(digest[:8], 'big') % 10**8:08}"
    return f"{digits[:4]} {digits[4:]}"
