"""What a desk receives of the log: what is new, what lies behind a snapshot, its receipts; nothing it may not see."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ejournal_core import seal, tree, wire
from ejournal_core.changes import canonical
from ejournal_core.wire import BatchHead, PullHead, TreeHead
from ejournal_server import scopes, signing
from ejournal_server.authority import Authority
from ejournal_server.scopes import Scope, ScopeChanged
from ejournal_server.store import log, proofs, records, requests
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import SentLine, StoredReceipt
from ejournal_server.store.people import Desk

RECEIPTS_AT_ONCE = 1_000
HISTORY_OF_RECORD = 500  # lines; nobody reads more of one record


# --- pull ----------------------------------------------------------------------------------------------------------


def pull(
    authority: Authority, desk: Desk, after: int, scope: str, own: tuple[int, int] = (0, 0), known: str = ""
) -> bytes:
    """Return the body of a pull: what the desk's person may see after number `after`, and hashes of what lies between.

    It is empty when the log still stands at the tree head whose hash is `known`: most meetings bring nothing.

    Own changes with counters `own` (first, last) are left out: the desk has their receipts, and their leaves from them.

    Raises:
        ScopeChanged: `scope` is not the fingerprint of what the person may see now.
    """
    with authority.store.read() as tx:
        row = log.read_head(tx)
        seen = scopes.scope_of(authority, tx, desk.person, row)
        if scope != seen.fingerprint:
            raise ScopeChanged("ask for your scope", now=seen.fingerprint)
        head = wire.decode(TreeHead, row.signed.encode())
        if after == head.size and known == seal.head_hash(head):
            return b""
        names = [*seen.slices, f"desk:{desk.id}"]
        found = log.lines_to_send(tx, after, head.size, wire.PAGE_CHANGES, names, (desk.id, *own))
        found = _with_what_was_asked(tx, desk.person, after, found) if after < head.size else found
        return _page(tx, seen, head, found, (after, head.size), log.numbers_of_desk(tx, desk.id, *own))


def _with_what_was_asked(tx: Transaction, person: str, after: int, found: list[SentLine]) -> list[SentLine]:
    """Return the lines with those of the person's own requests and of what was decided, wherever these are seen."""
    upto = found[-1].number if len(found) == wire.PAGE_CHANGES else sys.maxsize
    known = {line.number for line in found}
    asked = [number for number in requests.numbers_of(tx, person) if after < number <= upto and number not in known]
    if not asked:
        return found
    return sorted([*found, *log.numbered_to_send(tx, asked)], key=lambda line: line.number)[: wire.PAGE_CHANGES]


def history(authority: Authority, desk: Desk, wanted: wire.HistoryRequest) -> bytes:
    """Return the body of a page of the history of slices, in the form of a pull and proved as one.

    Raises:
        ScopeChanged: the person may not see one of them.
        Malformed: the numbers are out of order, or no slice is named.
    """
    with authority.store.read() as tx:
        seen, names = scopes.seen_of(authority, tx, desk, wanted.slices)
        head = signing.current_head(tx)
        if not names or len(names) > wire.SLICES or not 0 <= wanted.after <= wanted.upto <= head.size:
            raise wire.Malformed("no such stretch of the log")
        found = log.lines_of_slices(tx, wanted.after, wanted.upto, wire.PAGE_CHANGES, names)
        return _page(tx, seen, head, found, (wanted.after, wanted.upto))


def history_of_record(authority: Authority, desk: Desk, kind: str, record: str) -> bytes:
    """Return the body with the newest lines of one record, in the form of a pull but for the hashes between them.

    Raises:
        ScopeChanged: the person may not see the record.
    """
    with authority.store.read() as tx:
        row = records.fetch(tx, kind, [record]).get(record)
        seen, names = scopes.seen_of(authority, tx, desk, [row.slice] if row else [])
        head = signing.current_head(tx)
        found = log.lines_of_record(tx, kind, record, [*names, f"desk:{desk.id}"], HISTORY_OF_RECORD)
        return _page(tx, seen, head, found, (0, head.size), hides=False)


def _page(
    tx: Transaction,
    seen: Scope,
    head: TreeHead,
    found: Sequence[SentLine],
    span: tuple[int, int],
    left_out: frozenset[int] = frozenset(),
    *,
    hides: bool = True,
) -> bytes:
    """Return a page of as many lines as fit of those found in the span (after, last number).

    The numbers `left_out` are known to the desk already, whether it may see what they are about or not.
    """
    page = _as_many_as_fit(found)
    more = (len(page) < len(found) or len(found) == wire.PAGE_CHANGES) and page[-1].number < span[1]
    upto = page[-1].number if more else span[1]
    here = {line.number for line in page} | {number for number in left_out if span[0] < number <= upto}
    gaps = tree.gaps(span[0], (number - 1 for number in sorted(here)), upto, head.size) if hides else ()
    sent = [line for line in page if line.number not in left_out]
    batches = log.receipts(tx, (line.batch for line in sent))
    pull_head = PullHead(
        upto=upto,
        more=more,
        scope=seen.fingerprint,
        head=head,
        hidden=b"".join(proofs.hidden(tx, gaps)).hex(),
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
