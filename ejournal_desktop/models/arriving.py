"""The two things that come of a meeting with the server: verdicts on own changes, and the next pages of the log.

Here is what one transaction of `Journal.settle` and `Journal.apply` does; what entering means is in `receive.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core.changes import Change, Entry, Verdict
from ejournal_core.destruction import is_confirmation
from ejournal_core.tree import Frontier
from ejournal_core.wire import Receipt, TreeHead
from ejournal_desktop.models import evidence
from ejournal_desktop.models.catching_up import Caught, addresses, catch_up
from ejournal_desktop.models.evidence import SignedBatch
from ejournal_desktop.models.receive import Arrivals, apply_entries, settle_verdicts
from ejournal_desktop.models.state import Identity, SyncState

#: Entries of the log applied between two looks whether somebody waits to write: they must not take longer than 50 ms.
PAGE = 100


class Page(Struct, frozen=True):
    """Entries of the log that are applied without a look aside, the cursor behind them, and the head that covers it."""

    entries: Sequence[Entry]
    upto: int
    head: TreeHead | None


def settle(
    connection: sa.Connection,
    identity: Identity,
    verdicts: Sequence[Verdict],
    head: TreeHead | None,
    receipt: tuple[Receipt, int] | None,
    end: Frontier | None,
    sent: Sequence[Change],
) -> Arrivals:
    """Enter the verdicts of a verified receipt; the arguments are those of `Journal.settle`."""
    arrivals = Arrivals(identity)
    settle_verdicts(connection, verdicts, arrivals, sent)
    if receipt is not None:
        evidence.keep_receipt(connection, *receipt)
    if end is not None:
        catch_up(connection, identity.desk_id, end.size, (), Caught())
        apply_entries(connection, (), end.size, arrivals)
        _stand_at(connection, end.size, head, end)
    elif head is not None:
        SyncState.write(connection, head=head)
    return arrivals


def pages(entries: Sequence[Entry], cursor: int, head: TreeHead | None) -> list[Page]:
    """Return the entries as pages, the last one with the cursor and the head that cover all of them."""
    found = [Page(page, page[-1].verdict.number, None) for page in _cut(entries)] or [Page((), cursor, None)]
    found[-1] = Page(found[-1].entries, cursor, head)
    return found


def _cut(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Cut into pages of at most 100; behind a confirmed act of destruction a page ends."""
    start = 0
    for end, entry in enumerate(entries, 1):
        if end - start == PAGE or is_confirmation(entry.change) or end == len(entries):
            yield entries[start:end]
            start = end


def take(
    connection: sa.Connection,
    identity: Identity,
    pages: Sequence[Page],
    steps: Mapping[int, Frontier],
    batches: Sequence[SignedBatch],
    is_waited_for: Callable[[], bool],
) -> tuple[int, Arrivals]:
    """Apply pages until somebody waits to write; return how many, and what came in."""
    done = 0
    arrivals = Arrivals(identity)
    for page in pages:
        catch_up(connection, identity.desk_id, page.upto, addresses(page.entries), Caught())
        apply_entries(connection, page.entries, page.upto, arrivals, batches)
        done += 1
        if arrivals.scours or is_waited_for():
            break
    _stand_at(connection, page.upto, page.head, steps.get(page.upto))
    return done, arrivals


def _stand_at(connection: sa.Connection, cursor: int, head: TreeHead | None, frontier: Frontier | None) -> None:
    """Move the cursor, in one transaction with what it is proved by."""
    proof = {} if frontier is None else {"peaks": frontier.to_bytes().hex()}
    SyncState.write(connection, cursor=cursor, **proof, **({} if head is None else {"head": head}))
    if head is not None:
        evidence.keep_head(connection, head)
