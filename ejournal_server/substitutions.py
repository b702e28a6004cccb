"""Let through what waited for a substitution, as soon as the substitution itself has been confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ejournal_core.cases import lesson_id_of
from ejournal_core.changes import Change, Verdict, entered_by
from ejournal_core.decisions import SUBSTITUTION, declares
from ejournal_core.kinds import Fields
from ejournal_core.merge import merge
from ejournal_server import ledger
from ejournal_server.ledger import ACCEPTED, Authority, Wish
from ejournal_server.store import records, requests
from ejournal_server.store.database import Transaction


def let_through(authority: Authority, tx: Transaction, entered: Iterable[tuple[Change, Verdict]]) -> None:
    """Approve, in the order in which they were entered, the substitute's own entries at the lessons just confirmed.

    Each is judged by the rules like any approval; one that they do not let through stays open for a person.
    """
    for change, verdict in entered:
        if change.act == "approve" and verdict.outcome in ACCEPTED and declares(change):
            wishes = list(_wishes(tx, change.record, entered_by(change)))
            if wishes:
                ledger.write_own(authority, tx, wishes)


def _wishes(tx: Transaction, lesson_id: str, substitute: str) -> Iterator[Wish]:
    standing: dict[tuple[str, str], Fields | None] = {}
    for request in requests.requests_of(tx, substitute):
        address = (request.kind, request.record)
        waits = not request.decided_by and request.reason == SUBSTITUTION
        if not waits or lesson_id_of(*address) != lesson_id:
            continue
        asked = requests.line_of(tx, request).change
        if address not in standing:
            row = records.fetch(tx, request.kind, [request.record]).get(request.record)
            standing[address] = row.fields if row else None
        now = standing[address]
        was = {name: now.get(name) for name in asked.set} if now is not None else {}
        wish = Wish(request.kind, request.record, asked.set, was, "approve", asked.why, asked.id, substitute)
        standing[address] = merge(now, msgspec.structs.replace(asked, was=was)).fields
        yield wish
