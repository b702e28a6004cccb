"""What each desk holds by its own word, as the server has kept it."""

from __future__ import annotations

from msgspec import Struct

from ejournal_core import access
from ejournal_server.authority import Authority
from ejournal_server.scopes import scope_of
from ejournal_server.store import people, slices
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Desk
from ejournal_server.store.slices import Held


class DeskHolds(Struct, frozen=True):
    """What a desk has confirmed: when, how many slices, and those of them that its person may not see (any more)."""

    desk: str
    person: str
    at: str
    slices: int
    beyond: tuple[str, ...]


def confirmations(authority: Authority) -> list[DeskHolds]:
    """Return what each desk holds by its own word; a desk that is silent has an empty `at`."""
    with authority.store.read() as tx:
        held = {each.desk: each for each in slices.held(tx)}
        return [_holds(authority, tx, desk, held) for desk in people.desks(tx) if desk.id != access.SERVER]


def _holds(authority: Authority, tx: Transaction, desk: Desk, held: dict[str, Held]) -> DeskHolds:
    has = held.get(desk.id, Held(desk.id, (), ""))
    beyond = frozenset(has.slices) - scope_of(authority, tx, desk.person).slices
    return DeskHolds(desk.id, desk.person, has.at, len(has.slices), tuple(sorted(beyond)))
