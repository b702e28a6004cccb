"""Let through what waited for a substitution, as soon as the substitution itself has been confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ejournal_core.cases import lesson_id_of
from ejournal_core.changes import Change, Verdict, entered_by
from ejournal_core.decisions import SUBSTITUTION, declares
from ejournal_server import own_lines
from ejournal_server.authority import Authority
from ejournal_server.ledger import ACCEPTED
from ejournal_server.own_lines import Wish
from ejournal_server.store import requests
from ejournal_server.store.database import Transaction


def let_through(authority: Authority, tx: Transaction, entered: Iterable[tuple[Change, Verdict]]) -> None:
    """Approve, in the order in which they were entered, the substitute's own entries at the lessons just confirmed.

    Each is judged by the rules like any approval; one that they do not let through stays open for a person.
    """
    for change, verdict in entered:
        if change.act == "approve" and verdict.outcome in ACCEPTED and declares(change):
            wishes = list(_wishes(tx, change.record, entered_by(change)))
            if wishes:
                own_lines.write_own(authority, tx, wishes)


def _wishes(tx: Transaction, lesson_id: str, substitute: str) -> Iterator[Wish]:
    """Yield approvals of what was entered at the lesson, each over the values that the substitute had seen there.

    Where the page's own teacher has written meanwhile, values meet that neither knew of: such an approval is refused
    and the entry stays open for a person, who sees both.
    """
    for request in requests.requests_of(tx, substitute):
        waits = not request.decided_by and request.reason == SUBSTITUTION
        if waits and lesson_id_of(request.kind, request.record) == lesson_id:
            asked = requests.line_of(tx, request).change
            yield Wish(
                request.kind, request.record, asked.set, asked.was, "approve", asked.why, asked.id, substitute
            )  # fmt: skip
