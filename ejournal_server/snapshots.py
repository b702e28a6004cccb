"""A snapshot is made once, in parts that any worker can give again: a new desk goes on where its line was cut."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import access, wire
from ejournal_core.errors import Trouble
from ejournal_core.wire import SnapshotChunk, SnapshotHead, SnapshotRequest
from ejournal_server import scopes, signing
from ejournal_server.authority import Authority
from ejournal_server.store import aside, log, requests, slices
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Desk
from ejournal_server.store.slices import Plain

CHUNK_BYTES = 1024 * 1024  # of text
KEPT_SECONDS = 24 * 60 * 60
FRESH_SECONDS = 60 * 60  # a snapshot not older than this serves the next desk with the same slices
KEPT = 64
KEPT_OF_DESK = 2  # it loads one and may begin another; so nobody's many push out what others are loading


class SnapshotGone(Trouble):
    """The snapshot is not kept any longer: begin a new one, nothing is lost."""

    code: ClassVar[str] = "EJ-265"


class _Kept(Struct, frozen=True):
    """The manifest as it is kept: whoever fetches parts must still see these slices."""

    head: SnapshotHead
    slices: tuple[str, ...]


#: One maker at a time in this process: who asks again after a cut line finds what was made meanwhile.
_making = threading.Lock()


def begin(authority: Authority, desk: Desk, wanted: SnapshotRequest) -> bytes:
    """Prepare a snapshot of slices, unless a fresh one is there; return its manifest.

    Raises:
        ScopeChanged: the person may not see one of them.
        Malformed: no slice is named.
    """
    if not wanted.slices or len(wanted.slices) > wire.SLICES:
        raise wire.Malformed("a snapshot is of some slices")
    with _making:
        with authority.store.read() as tx:
            scope, names = scopes.seen_of(authority, tx, desk, wanted.slices)
            own = _own_that_wait(tx, desk.person) if not wanted.after else ()
            key = _key(tx, names, wanted.after, own)
            kept = _fresh(authority, tx, key)
        kept = kept or _Making(authority, desk.id).of(key, names, wanted.after, own)
    head = msgspec.structs.replace(kept.head, scope=scope.fingerprint)
    return wire.compress(wire.encode(head))


def _own_that_wait(tx: Transaction, person: str) -> tuple[int, ...]:
    """Return the numbers of a person's own changes that wait: a new desk shows them wherever they are."""
    return tuple(each.number for each in requests.requests_of(tx, person) if not each.decided_by)


def _key(tx: Transaction, names: Sequence[str], after: int, own: Sequence[int]) -> str:
    said = "\n".join((str(log.read_head(tx).epoch), str(after), *map(str, own), *names))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _fresh(authority: Authority, tx: Transaction, key: str) -> _Kept | None:
    since = int(authority.clock().timestamp()) - FRESH_SECONDS
    found = (id_ for id_, made in slices.made_snapshots(tx) if id_.startswith(key) and made >= since)
    body = slices.part(tx, next(found, ""), 0)
    return msgspec.json.decode(body, type=_Kept) if body else None


def chunk(authority: Authority, desk: Desk, id_: str, index: int) -> bytes:
    """Return part `index` (from 0) of a snapshot as it travels.

    Raises:
        SnapshotGone: it is not kept.
        ScopeChanged: the person may not see one of its slices any more.
    """
    with authority.store.read() as tx:
        manifest = slices.part(tx, id_, 0)
        body = slices.part(tx, id_, index + 1)
        if manifest is None or body is None:
            raise SnapshotGone("the snapshot is not kept")
        scopes.seen_of(authority, tx, desk, msgspec.json.decode(manifest, type=_Kept).slices)
    return body


# --- making --------------------------------------------------------------------------------------------------------


class _Making(Struct, frozen=True):
    """The making of one snapshot for a desk."""

    authority: Authority
    desk: str

    def of(self, key: str, names: Sequence[str], after: int, own: Sequence[int]) -> _Kept:
        """Write the parts one by one while others go on writing: what is read is one moment of the store."""
        made = int(self.authority.clock().timestamp())
        self._sweep(made)
        with self.authority.store.read() as tx:
            head = signing.current_head(tx)
            id_ = f"{key}-{head.size}"
            chunks: list[SnapshotChunk] = []
            for records, text in _chunks(_texts(tx, names, after), _undecided(tx, frozenset(names), own)):
                body = wire.compress(text)
                chunks.append(SnapshotChunk(sha256=hashlib.sha256(body).hexdigest(), records=records))
                self._keep(id_, len(chunks), made, body)
            peaks = log.read_head(tx).frontier.to_bytes().hex()
        manifest = SnapshotHead(id=id_, number=head.size, scope="", records=sum(each.records for each in chunks),
                                head=head, peaks=peaks, chunks=tuple(chunks))  # fmt: skip
        kept = _Kept(manifest, tuple(names))
        self._keep(id_, 0, made, msgspec.json.encode(kept))
        return kept

    def _sweep(self, now: int) -> None:
        with self.authority.store.write() as tx:
            spare = [id_ for id_, _ in slices.made_snapshots(tx)[KEPT - 1 :]]
            spare += slices.snapshots_of(tx, self.desk)[KEPT_OF_DESK - 1 :]
            slices.drop_snapshots(tx, spare, now - KEPT_SECONDS)

    def _keep(self, id_: str, part: int, made: int, body: bytes) -> None:
        with self.authority.store.write() as tx:
            slices.keep_part(tx, id_, part, made, body, self.desk)


def _chunks(records: Iterator[bytes], undecided: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (number of records, text) of each chunk; what is undecided follows the last records."""
    lines: list[bytes] = []
    size = 0
    for line in records:
        if size + len(line) > CHUNK_BYTES and lines:
            yield len(lines), b"".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    yield len(lines), b"".join((*lines, *undecided))


def _texts(tx: Transaction, names: Sequence[str], after: int) -> Iterator[bytes]:
    """Yield the records' lines: first of the directory, since all others refer to it, then slice by slice.

    Of a directory that is not asked for comes what has changed since the desk last heard of it.
    """
    since = 0 if access.DIRECTORY in names else after
    if access.DIRECTORY in names or after:
        yield from map(_text, slices.records_of(tx, access.DIRECTORY, since))
    for name in names:
        if name != access.DIRECTORY:
            yield from map(_text, slices.records_of(tx, name))


_encode = msgspec.json.Encoder().encode


def _text(row: Plain) -> bytes:
    """Return the line as `wire.encode(SnapshotRecord(…))` would; the stored text of the fields is canonical already."""
    return b'{"at":%b,"author":%b,"fields":%b,"kind":%b,"number":%d,"record":%b}\n' % (
        _encode(row.at), _encode(row.author), row.fields.encode(), _encode(row.kind), row.number, _encode(row.id),
    )  # fmt: skip


def _undecided(tx: Transaction, names: frozenset[str], own: Sequence[int]) -> list[bytes]:
    """Return the lines of open disputes and of changes that wait, as far as they are of these slices or one's own."""
    numbers = {dispute.number for dispute in aside.open_disputes(tx)} | {r.number for r in requests.open_requests(tx)}
    lines = sorted(log.lines_numbered(tx, sorted(numbers)), key=lambda line: line.verdict.number)
    mine = [line for line in lines if line.slice in names or line.verdict.number in own]
    found = (wire.OpenDispute(dispute=line.change, verdict=line.verdict) for line in mine)
    return [wire.encode(each) + b"\n" for each in found]
