"""Sign, verify and seal: with `age_file.py` the only cryptography in core.

Ed25519 (RFC 8032) signs, X25519 with HPKE (RFC 9180) seals, SHA-256 digests. Keys are 32 raw bytes. Signatures and
digests inside messages are hexadecimal. What is signed begins with the name of the message and its version, so that a
signature over one kind of message can never pass for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from msgspec import Struct

from ejournal_core import tree
from ejournal_core.changes import Change, canonical, change_hash, hashed_form
from ejournal_core.errors import Trouble
from ejournal_core.wire import Batch, BatchHead, Receipt, TreeHead

KEY_BYTES = 32

Signed = TypeVar("Signed", BatchHead, TreeHead, Receipt)


class NotSealed(Trouble):
    """A sealed record cannot be opened: damaged, or sealed to another school's key."""

    code = "EJ-370"


# --- keys and signed messages ------------------------------------------------------------------------------------


def new_signing_key() -> bytes:
    """Return a fresh Ed25519 private key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def signing_public_key(private_key: bytes) -> bytes:
    """Return the Ed25519 public key of a private one."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def sign(private_key: bytes, content: bytes) -> bytes:
    """Return the Ed25519 signature, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(content)


def is_signed(public_key: bytes, content: bytes, signature: bytes) -> bool:
    """Say whether the signature is the key's over the content; malformed keys and signatures are simply wrong."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_bytes(message: Struct) -> bytes:
    """Return what is signed of a message: "ejournal/<Name>/1", a line end, canonical JSON without `signature`."""
    fields = msgspec.to_builtins(message)
    del fields["signature"]
    return f"ejournal/{type(message).__name__}/1\n".encode() + canonical(fields)


def sign_message(private_key: bytes, message: Signed) -> Signed:
    """Return the message with its signature set."""
    return msgspec.structs.replace(message, signature=sign(private_key, signed_bytes(message)).hex())


def is_message_signed(public_key: bytes, message: BatchHead | TreeHead | Receipt) -> bool:
    """Say whether the message carries a valid signature of the key."""
    return is_signed(public_key, signed_bytes(message), _unhex(message.signature))


def head_hash(head: TreeHead) -> str:
    """Return SHA-256 (hex) of what is signed of a tree head: the value of `Change.head`."""
    return hashlib.sha256(signed_bytes(head)).hexdigest()


# --- rare acts, signed alone ---------------------------------------------------------------------------------------


def sign_change(private_key: bytes, change: Change, prev: str) -> Change:
    """Return the change with its own signature; `prev` is the hash (hex) of the desk's change before it."""
    return msgspec.structs.replace(change, signature=sign(private_key, _signed_alone(change, prev)).hex())


def is_change_signed(public_key: bytes, change: Change, prev: str) -> bool:
    """Say whether the change carries the key's own signature over this one change at its place in the desk's chain."""
    return is_signed(public_key, _signed_alone(change, prev), _unhex(change.signature))


def _signed_alone(change: Change, prev: str) -> bytes:
    """Return "ejournal/Change/1", a line end, and what is hashed of the change without its signature.

    Erasable content enters as its digest, so that lawful destruction leaves this signature valid too.
    """
    return b"ejournal/Change/1\n" + hashed_form(msgspec.structs.replace(change, signature=""), prev)


# --- batches -----------------------------------------------------------------------------------------------------


def chain(prev: str, changes: Sequence[Change]) -> list[bytes]:
    """Return the change hashes of consecutive changes of one desk; `prev` is the hash (hex) before the first."""
    hashes: list[bytes] = []
    for change in changes:
        hashes.append(change_hash(change, prev))
        prev = hashes[-1].hex()
    return hashes


def batch_root(hashes: Sequence[bytes]) -> str:
    """Return the Merkle root (hex) over change hashes: each is the content of a leaf."""
    return tree.root_of(map(tree.leaf_hash, hashes)).hex()


def sign_batch(
    private_key: bytes,
    school: str,
    desk: str,
    prev: str,
    changes: Sequence[Change],
    hashes: Sequence[bytes] | None = None,
) -> Batch:
    """Sign consecutive changes of one desk (at least one) as a batch; `hashes`, where known, are theirs by `chain`."""
    head = BatchHead(
        school=school,
        desk=desk,
        first=changes[0].n,
        count=len(changes),
        prev=prev,
        root=batch_root(hashes or chain(prev, changes)),
    )
    return Batch(head=sign_message(private_key, head), changes=tuple(changes))


def is_batch_signed(public_key: bytes, batch: Batch, hashes: Sequence[bytes]) -> bool:
    """Say whether the batch is whole and signed by the key; `hashes` come from `chain`."""
    head = batch.head
    numbered = all(change.n == head.first + i and change.desk == head.desk for i, change in enumerate(batch.changes))
    return (
        numbered
        and head.count == len(batch.changes)
        and head.root == batch_root(hashes)
        and is_message_signed(public_key, head)
    )


def batch_paths(hashes: Sequence[bytes], indexes: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return for each index the path (hex, lowest first) from that change to the root of its batch."""
    leaves = [tree.leaf_hash(value) for value in hashes]
    node = tree.in_memory(leaves)
    return {index: tuple(value.hex() for value in tree.inclusion_proof(index, len(leaves), node)) for index in indexes}


def is_in_batch(hash_: bytes, index: int, path: Sequence[str], head: BatchHead) -> bool:
    """Say whether the path leads from a change hash to the root that the batch's head names."""
    proof = [_unhex(value) for value in path]
    return tree.proves_inclusion(tree.leaf_hash(hash_), index, head.count, proof, _unhex(head.root))


# --- sealing to the school's server ------------------------------------------------------------------------------

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_OUTGOING = b"ejournal/outgoing/1\n"
_LENGTH_BYTES = 4
_RECORD_LIMIT = 8 * 1024 * 1024


def new_sealing_key() -> bytes:
    """Return a fresh X25519 private key."""
    return X25519PrivateKey.generate().private_bytes_raw()


def sealing_public_key(private_key: bytes) -> bytes:
    """Return the X25519 public key of a private one."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def seal(public_key: bytes, school: str, content: bytes) -> bytes:
    """Seal content to the server's key with HPKE (base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305)."""
    return _SUITE.encrypt(content, X25519PublicKey.from_public_bytes(public_key), info=_OUTGOING + school.encode())


def unseal(private_key: bytes, school: str, sealed: bytes) -> bytes:
    """Open what `seal` closed.

    Raises:
        NotSealed: it is damaged or was sealed to another key or school.
    """
    try:
        return _SUITE.decrypt(
            sealed, X25519PrivateKey.from_private_bytes(private_key), info=_OUTGOING + school.encode()
        )
    except (InvalidTag, ValueError):
        raise NotSealed("the sealed record cannot be opened") from None


def outgoing_record(public_key: bytes, school: str, body: bytes) -> bytes:
    """Return one record to append to an outgoing file: length (4 bytes, big-endian) and a sealed push body.

    The body is what `wire.encode_batch` gives: a batch of one or more changes, with the hash before and the signature.
    """
    sealed = seal(public_key, school, body)
    return len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed


def outgoing_records(file: bytes) -> tuple[list[bytes], int]:
    """Split an outgoing file into its sealed records and the number of bytes of a torn last one (0 when whole)."""
    records: list[bytes] = []
    position = 0
    while position + _LENGTH_BYTES <= len(file):
        length = int.from_bytes(file[position : position + _LENGTH_BYTES], "big")
        end = position + _LENGTH_BYTES + length
        if end > len(file) or length > _RECORD_LIMIT:
            break
        records.append(file[position + _LENGTH_BYTES : end])
        position = end
    return records, len(file) - position


# --- pairing -----------------------------------------------------------------------------------------------------


def pairing_commitment(nonce: bytes, public_key: bytes) -> str:
    """Return SHA-256(nonce ‖ workstation key), hex: sent before the server shows its own nonce."""
    return hashlib.sha256(nonce + public_key).hexdigest()


def pairing_code(school: str, ca_sha256: str, public_key: bytes, nonce: bytes, server_nonce: bytes) -> str:
    """Return the eight digits that both screens show, "1234 5678".

    Neither side can choose its part after seeing the other's: the workstation is bound by its commitment, the server
    by answering first. A man in the middle shows two screens different digits but for one chance in 10**8.
    """
    parts = (school.encode(), bytes.fromhex(ca_sha256), public_key, nonce, server_nonce)
    digest = hashlib.sha256(b"ejournal/pairing/1\n" + b"".join(len(p).to_bytes(2, "big") + p for p in parts)).digest()
    digits = f"{int.from_bytes(digest[:8], 'big') % 10**8:08d}"
    return f"{digits[:4]} {digits[4:]}"


# --- HTTP message signatures (RFC 9421), the profile of docs/sync-protocol.md --------------------------------------

_LABEL = "ej"
_INPUT = re.compile(
    r'ej=\("[a-z@ "-]+"\)(;created=\d{1,12};keyid="([A-Za-z0-9:._-]{1,128})";nonce="([A-Za-z0-9_-]{1,128})")'
)


class RequestParts(Struct, frozen=True):
    """What is signed of a request: method, path, query without "?", and the body as it travels.

    `digest` stands for a body that has not been read yet: what the sender says its Content-Digest will be.
    """

    method: str
    path: str
    query: str
    body: bytes = b""
    digest: str = ""

    @property
    def body_digest(self) -> str:
        """The Content-Digest that the signature covers, "" when there is no body."""
        return content_digest(self.body) if self.body else self.digest


def content_digest(body: bytes) -> str:
    """Return the value of a Content-Digest header (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(components: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """Return the signature base of RFC 9421, section 2.5, for components given by name and value."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": ({_names(components)}){parameters}']).encode("ascii")


def sign_request(private_key: bytes, key_id: str, nonce: str, parts: RequestParts, created: int) -> dict[str, str]:
    """Return the headers that sign a request: Signature-Input, Signature and, with a body, Content-Digest.

    `created` (seconds since 1970 by the sender's clock) is there because other implementations of the RFC ask for it;
    freshness is judged by the server's nonce alone.
    """
    components = _components(parts)
    parameters = f';created={created};keyid="{key_id}";nonce="{nonce}"'
    signature = base64.b64encode(sign(private_key, signature_base(components, parameters))).decode()
    headers = {
        "Signature-Input": f"{_LABEL}=({_names(components)}){parameters}",
        "Signature": f"{_LABEL}=:{signature}:",
    }
    if parts.body:
        headers["Content-Digest"] = content_digest(parts.body)
    return headers


def request_signer(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (key id, nonce) that a request claims, None when it is not signed in this profile."""
    match = _INPUT.fullmatch(headers.get("signature-input", ""))
    return (match[2], match[3]) if match else None


def is_request_signed(public_key: bytes, parts: RequestParts, headers: Mapping[str, str]) -> bool:
    """Say whether the headers (names in lower case) sign exactly this request.

    What must be covered follows from the request, never from the sender's list.
    """
    match = _INPUT.fullmatch(headers.get("signature-input", ""))
    components = _components(parts)
    if match is None or match[0] != f"{_LABEL}=({_names(components)}){match[1]}":
        return False
    if not hmac.compare_digest(headers.get("content-digest", "").encode(), parts.body_digest.encode()):
        return False
    return is_signed(public_key, signature_base(components, match[1]), _signature(headers.get("signature", "")))


def _names(components: Sequence[tuple[str, str]]) -> str:
    return " ".join(f'"{name}"' for name, _ in components)


def _components(parts: RequestParts) -> list[tuple[str, str]]:
    components = [("@method", parts.method), ("@path", parts.path), ("@query", f"?{parts.query}")]
    if parts.body_digest:
        components.append(("content-digest", parts.body_digest))
    return components


def _signature(header: str) -> bytes:
    prefix = f"{_LABEL}=:"
    if not (header.startswith(prefix) and header.endswith(":")):
        return b""
    try:
        return base64.b64decode(header[len(prefix) : -1], validate=True)
    except ValueError:
        return b""


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
