"""Changes that wait for another person's decision: which are open, and how each was decided."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_server.store import log
from ejournal_server.store import tables as t
from ejournal_server.store.among import led_by
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Line


class Request(Struct, frozen=True, kw_only=True):
    """A pending change: its number and id, what it is about, and why it waits; `decided_by` is 0 while it is open."""

    number: int
    change: str
    kind: str
    record: str
    author: str
    reason: str
    decided_by: int = 0
    decided: str = ""


_R = t.request.c
_REQUESTS = select(t.request).where(_R.school == bind("school")).order_by(_R.number)
_OPEN = _REQUESTS.where(_R.decided_by == 0)
_OF_PERSON = led_by(t.request_by_author, _REQUESTS.where(_R.author == bind("author")))
_ONE = _REQUESTS.where(_R.change == bind("change"))
_DECIDE = t.request.update().where(_R.school == bind("school_"), _R.number == bind("number_"))


def add(tx: Transaction, request: Request) -> None:
    """Enter a pending change."""
    tx.run(t.request.insert(), **msgspec.structs.asdict(request))


def request_of(tx: Transaction, change_id: str) -> Request | None:
    """Return the request that a change makes, None when it never was pending."""
    row = tx.run(_ONE, change=change_id).first()
    return _request(row) if row else None


def open_requests(tx: Transaction) -> list[Request]:
    """Return the open requests of everybody, oldest first."""
    return [_request(row) for row in tx.run(_OPEN)]


def requests_of(tx: Transaction, author: str) -> list[Request]:
    """Return the requests of one person, decided ones included, oldest first."""
    return [_request(row) for row in tx.run(_OF_PERSON, author=author)]


def numbers_of(tx: Transaction, author: str) -> list[int]:
    """Return the numbers of a person's requests and of what decided them: the person sees these wherever they are."""
    found = requests_of(tx, author)
    return sorted({*(each.number for each in found), *(each.decided_by for each in found if each.decided_by)})


def decide(tx: Transaction, request: Request, number: int, decided: str) -> None:
    """Close a request by the change with this number: "approved" or "refused"."""
    tx.alter(_DECIDE, {"decided_by": number, "decided": decided}, number=request.number)


def line_of(tx: Transaction, request: Request) -> Line:
    """Return the line of the log that the request is."""
    return log.lines_numbered(tx, [request.number])[0]


def _request(row: sa.Row[tuple[object, ...]]) -> Request:
    values = dict(row._mapping)
    del values["school"]
    return Request(**values)
