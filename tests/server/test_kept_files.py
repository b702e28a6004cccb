"""A file of the school that comes in crumbs, as an unsealed backup gives it, is kept in parts of the usual size."""

from __future__ import annotations

import hashlib
import random

import pytest

from ejournal_core.blobs import PIECE
from ejournal_server import blobs
from ejournal_server.folder import Office
from ejournal_server.store import blobs as store
from tests.server import world

CONTENT = random.Random(1).randbytes(2 * PIECE + 1000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("crumb", [4_000, PIECE, len(CONTENT)])
def test_a_file_is_kept_in_parts_of_the_usual_size_however_it_comes(office: Office, crumb: int) -> None:
    signing = office.authority.keys.signing
    crumbs = [CONTENT[start : start + crumb] for start in range(0, len(CONTENT), crumb)]
    with office.authority.store.write() as tx:
        blobs.keep_whole(signing, tx, SHA256, len(CONTENT), crumbs, world.AT)
        kept = list(store.parts(tx, SHA256))
        assert [part.at for part in kept] == [0, PIECE, 2 * PIECE]
        assert b"".join(blobs.opened(signing, SHA256, part) for part in kept) == CONTENT
