"""What a desk receives: the log after a number, a snapshot, its receipts; never what its person may not see."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar

from msgspec import Struct

from ejournal_core import access, seal, tree, wire
from ejournal_core.changes import canonical
from ejournal_core.errors import Trouble
from ejournal_core.kinds import KINDS, ClassGroup, JournalPage, RoleGrant, TeachingLoad
from ejournal_core.wire import BatchHead, OpenDispute, PullHead, SnapshotHead, SnapshotRecord
from ejournal_server import ledger
from ejournal_server.facts import Known
from ejournal_server.ledger import Authority
from ejournal_server.store import aside, log, proofs, records
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import SentLine, StoredReceipt
from ejournal_server.store.people import Desk
from ejournal_server.store.records import Row

RECEIPTS_AT_ONCE = 1_000
_CACHED_SCOPES = 4_096


class ScopeChanged(Trouble):
    """What the person may see is not what the desk holds: it takes a snapshot."""

    code: ClassVar[str] = "scope-changed"


class Scope(Struct, frozen=True):
    """The slices a person may see now, and their fingerprint."""

    slices: frozenset[str]
    fingerprint: str


# --- scopes --------------------------------------------------------------------------------------------------------

#: By school, number of the last ruling change, person and day: nothing else decides a scope.
_scopes: dict[tuple[str, int, str, date], Scope] = {}


def scope_of(authority: Authority, tx: Transaction, person: str) -> Scope:
    """Return what a person may see today."""
    today = authority.today()
    key = (authority.school, log.read_head(tx).ruling, person, today)
    if key not in _scopes:
        if len(_scopes) >= _CACHED_SCOPES:
            _scopes.clear()
        _scopes[key] = _compute_scope(tx, person, today)
    return _scopes[key]


def _compute_scope(tx: Transaction, person: str, today: date) -> Scope:
    known = Known(tx)
    loads: dict[str, list[TeachingLoad]] = defaultdict(list)
    for load in known.all_of(TeachingLoad):
        loads[load.journal_page_id].append(load)
    pages = [(page, tuple(loads[page.id])) for page in known.all_of(JournalPage)]
    slices = access.slices(person, known.family(RoleGrant, person), pages, known.all_of(ClassGroup), today)
    return Scope(slices, fingerprint(slices))


def fingerprint(slices: frozenset[str]) -> str:
    """Return the fingerprint of a set of slices: the first 32 hexadecimal digits of SHA-256 over their sorted lines."""
    return hashlib.sha256("\n".join(sorted(slices)).encode()).hexdigest()[:32]


# --- pull ----------------------------------------------------------------------------------------------------------


def pull(authority: Authority, desk: Desk, after: int, scope: str, own: tuple[int, int] = (0, 0)) -> bytes:
    """Return the body of a pull: what the desk's person may see after number `after`, and hashes of what lies between.

    Own changes with counters `own` (first, last) are left out: the desk has their receipts, and their leaves from them.

    Raises:
        ScopeChanged: `scope` is not the fingerprint of what the person may see now.
    """
    with authority.store.read() as tx:
        seen = scope_of(authority, tx, desk.person)
        if scope != seen.fingerprint:
            raise ScopeChanged("take a snapshot", now=seen.fingerprint)
        head = ledger.current_head(tx)
        found = log.lines_to_send(tx, after, head.size, wire.PAGE_CHANGES, [*seen.slices, f"desk:{desk.id}"])
        page = _as_many_as_fit(found)
        more = len(page) < len(found) or len(found) == wire.PAGE_CHANGES
        upto = page[-1].number if more else head.size
        hidden = proofs.hidden(tx, tree.gaps(after, (line.number - 1 for line in page), upto, head.size))
        sent = [line for line in page if line.desk != desk.id or not own[0] <= line.n <= own[1]]
        batches = log.receipts(tx, (line.batch for line in sent))
    pull_head = PullHead(
        upto=upto,
        more=more,
        scope=seen.fingerprint,
        head=head,
        hidden=b"".join(hidden).hex(),
        batches=tuple(wire.decode(BatchHead, batch.head.encode()) for batch in batches.values()),
    )
    return wire.compress(wire.encode(pull_head) + b"\n" + _texts(sent, batches))


def _as_many_as_fit(lines: Sequence[SentLine]) -> Sequence[SentLine]:
    size = 0
    for count, line in enumerate(lines):
        size += len(line.text) + _AROUND_A_CHANGE
        if size > wire.PAGE_BYTES and count:
            return lines[:count]
    return lines


_AROUND_A_CHANGE = 350  # bytes of a line besides its change


def _texts(lines: Sequence[SentLine], batches: Mapping[str, StoredReceipt]) -> bytes:
    """Return the lines as canonical JSON. A batch that is there as a whole proves itself and needs no paths."""
    by_batch: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        by_batch[line.batch].append(line.position)
    paths = {root: _paths(batches[root].hashes, positions) for root, positions in by_batch.items()}
    return b"".join(_text(line, paths[line.batch].get(line.position, ())) for line in lines)


def _paths(hashes: bytes, positions: Sequence[int]) -> dict[int, tuple[str, ...]]:
    each = [hashes[i : i + tree.HASH_BYTES] for i in range(0, len(hashes), tree.HASH_BYTES)]
    return seal.batch_paths(each, positions) if len(positions) < len(each) else {}


def _text(line: SentLine, path: tuple[str, ...]) -> bytes:
    """Return the line as `wire.encode(Pulled(…))` would; the stored text of the change is canonical already."""
    around = canonical({"index": line.position, "path": path, "prev": line.prev, "verdict": line.verdict})
    return f'{{"batch":"{line.batch}","change":{line.text},'.encode() + around[1:] + b"\n"


def receipts(authority: Authority, desk: Desk, first: int) -> bytes:
    """Return the body with the desk's receipts that hold its change `first` or later ones, 1,000 at most."""
    with authority.store.read() as tx:
        found = log.receipts_from(tx, desk.id, first, RECEIPTS_AT_ONCE)
    return wire.compress("".join(receipt.body + "\n" for receipt in found).encode())


# --- snapshot ------------------------------------------------------------------------------------------------------


def snapshot(authority: Authority, desk: Desk, slice_: str = "") -> bytes:
    """Return the body of a snapshot: everything the desk's person may see at one number, or one slice of it.

    Raises:
        ScopeChanged: the person may not see the named slice.
    """
    with authority.store.read() as tx:
        seen = scope_of(authority, tx, desk.person)
        if slice_ and slice_ not in seen.slices:
            raise ScopeChanged("this slice is not yours", now=seen.fingerprint)
        slices = [slice_] if slice_ else [*seen.slices]
        head = ledger.current_head(tx)
        texts = [_record_text(row) for kind in KINDS for row in records.of_kind(tx, kind, slices)]
        disputes = [wire.encode(dispute) for dispute in _open_disputes(tx, frozenset(slices))]
        peaks = log.read_head(tx).frontier.to_bytes().hex()
    first = SnapshotHead(number=head.size, scope=seen.fingerprint, records=len(texts), head=head, peaks=peaks)
    return wire.compress(b"\n".join([wire.encode(first), *texts, *disputes]) + b"\n")


def _record_text(row: Row) -> bytes:
    return wire.encode(
        SnapshotRecord(kind=row.kind, record=row.id, number=row.number, fields=row.fields, author=row.author, at=row.at)
    )


def _open_disputes(tx: Transaction, slices: frozenset[str]) -> Iterator[OpenDispute]:
    numbers = sorted({dispute.number for dispute in aside.open_disputes(tx)})
    for line in log.lines_numbered(tx, numbers):
        if line.slice in slices:
            yield OpenDispute(dispute=line.change, verdict=line.verdict)
