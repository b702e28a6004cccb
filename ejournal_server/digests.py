"""The content of slices, for desks to compare: reckoned when somebody asks, and again only after a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ejournal_core import digests, wire
from ejournal_core.kinds import Fields
from ejournal_server import scopes
from ejournal_server.authority import Authority
from ejournal_server.store import slices
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Desk
from ejournal_server.store.slices import Plain, Standing

RECORDS_AT_ONCE = 50_000  # reckoned for one call; the desk asks on
SLICES_AT_ONCE = 1_000
_FIELDS: msgspec.json.Decoder[Fields] = msgspec.json.Decoder(Fields)


def of_scope(authority: Authority, desk: Desk, after: str) -> bytes:
    """Return the lines of the slices that the person may see and whose names come after `after`: as many as fit.

    An answer without lines says that there are no more.
    """
    with authority.store.read() as tx:
        seen = scopes.scope_of(authority, tx, desk.person)
        fresh: list[Standing] = []
        lines = list(_lines(tx, slices.standings(tx, seen.slices, after), fresh))
    if fresh:
        with authority.store.write() as tx:
            for standing in fresh:
                slices.keep_digest(tx, standing)
    return wire.compress(wire.encode_lines(lines))


def _lines(tx: Transaction, standings: Iterable[Standing], fresh: list[Standing]) -> Iterator[wire.SliceDigest]:
    reckoned = 0
    for place, standing in enumerate(standings):
        if reckoned > RECORDS_AT_ONCE or place >= SLICES_AT_ONCE:
            return
        if not standing.digest or standing.digest_at != standing.number:
            count, digest = _reckon(tx, standing.slice)
            reckoned += count
            standing = msgspec.structs.replace(standing, digest_at=standing.number, digest=digest)
            fresh.append(standing)
        yield wire.SliceDigest(slice=standing.slice, number=standing.number, digest=standing.digest)


def _reckon(tx: Transaction, slice_: str) -> tuple[int, str]:
    count = 0

    def counted() -> Iterator[tuple[str, str, Fields]]:
        nonlocal count
        for row in slices.records_of(tx, slice_):
            count += 1
            yield _plain(row)

    digest = digests.content_digest(counted())
    return count, digest


def _plain(row: Plain) -> tuple[str, str, Fields]:
    return row.kind, row.id, _FIELDS.decode(row.fields)
