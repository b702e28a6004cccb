"""The bytes of files as the server keeps them: in parts, each sealed under a key of the server's own in both stores.

PostgreSQL's own files hold the school's records in the clear; what its dumps and disks show of a file is its hash and
size alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ejournal_core.blobs import PIECE
from ejournal_core.errors import Trouble
from ejournal_server.keys import derive
from ejournal_server.store import blobs as store
from ejournal_server.store.blobs import Part
from ejournal_server.store.database import Transaction

_NONCE = 12


class WrongContent(Trouble):
    """All bytes came, and they are not those of the hash: they are dropped, the file has to be brought anew."""

    code: ClassVar[str] = "EJ-415"


def content(signing: bytes, tx: Transaction, sha256: str) -> Iterator[bytes]:
    """Yield the bytes of a file in pieces, as far as they have come."""
    for part in store.parts(tx, sha256):
        yield opened(signing, sha256, part)


def keep_whole(signing: bytes, tx: Transaction, sha256: str, size: int, pieces: Iterable[bytes], at: str) -> None:
    """Write a file that comes from a backup or from another store; nothing of it is kept if it is not what it says.

    Raises:
        WrongContent: it is not; the transaction must end.
    """
    received, digest = 0, hashlib.sha256()
    store.begin(tx, sha256, size, "", at)
    for part in _parts(pieces):
        digest.update(part)
        kept = Part(received, sealed(signing, sha256, received, part))
        received += len(part)
        store.add_part(tx, sha256, kept, received, at)
    if received != size or digest.hexdigest() != sha256:
        raise WrongContent("the bytes are not those of the hash", sha256=sha256)


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in parts of the usual size: an unsealed backup comes in crumbs, and each part is a row."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def hash_of(signing: bytes, tx: Transaction, sha256: str) -> str:
    """Return the SHA-256 (hex) of the bytes that are kept under a name."""
    digest = hashlib.sha256()
    for piece in content(signing, tx, sha256):
        digest.update(piece)
    return digest.hexdigest()


def sealed(signing: bytes, sha256: str, at: int, piece: bytes) -> bytes:
    """Return a part as it is kept; it opens under its own name and place only."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(signing).encrypt(nonce, piece, f"{sha256}:{at}".encode())


def opened(signing: bytes, sha256: str, part: Part) -> bytes:
    """Return the bytes of a part.

    Raises:
        WrongContent: it is not what was kept there.
    """
    nonce, kept = part.content[:_NONCE], part.content[_NONCE:]
    try:
        return _cipher(signing).decrypt(nonce, kept, f"{sha256}:{part.at}".encode())
    except (InvalidTag, ValueError):
        raise WrongContent("a part of a file is damaged in the store", sha256=sha256) from None


def _cipher(signing: bytes) -> ChaCha20Poly1305:
    """Return the cipher; its key goes with the school's identity: every server of it has it, a restored one too."""
    return ChaCha20Poly1305(derive(signing, "blob"))
