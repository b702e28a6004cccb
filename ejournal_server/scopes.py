"""Who may see what today, what each desk confirms to hold, and that nobody is given more."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from msgspec import Struct

from ejournal_core import access, wire
from ejournal_core.errors import Trouble
from ejournal_core.kinds import ClassGroup, JournalPage, Lesson, RoleGrant, TeachingLoad
from ejournal_server import signing
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.store import log, slices
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Head
from ejournal_server.store.people import Desk
from ejournal_server.store.slices import Held

_CACHED_SCOPES = 4_096
LONGEST_NAME = 512  # characters of a slice's name


class ScopeChanged(Trouble):
    """What the person may see is not what the desk asks for: it asks for its scope anew."""

    code: ClassVar[str] = "scope-changed"


class Scope(Struct, frozen=True):
    """The slices a person may see now, and their fingerprint."""

    slices: frozenset[str]
    fingerprint: str


#: By school, epoch, number of the last ruling change, person and day: nothing else decides a scope.
_scopes: dict[tuple[str, int, int, str, date], Scope] = {}


def scope_of(authority: Authority, tx: Transaction, person: str, head: Head | None = None) -> Scope:
    """Return what a person may see today; `head` is the head row where it has been read already."""
    today, head = authority.today(), head or log.read_head(tx)
    key = (authority.school, head.epoch, head.ruling, person, today)
    if key not in _scopes:
        if len(_scopes) >= _CACHED_SCOPES:
            _scopes.clear()
        _scopes[key] = _compute_scope(tx, authority.school, person, today)
    return _scopes[key]


def _compute_scope(tx: Transaction, school: str, person: str, today: date) -> Scope:
    known = Known(tx)
    loads: dict[str, list[TeachingLoad]] = defaultdict(list)
    for load in known.all_of(TeachingLoad):
        loads[load.journal_page_id].append(load)
    pages = [(page, tuple(loads[page.id])) for page in known.all_of(JournalPage)]
    grants, lessons = known.family(RoleGrant, person), known.family(Lesson, person)
    deciders = frozenset(known.policy(None).late_approver.roles)
    people = {load.person_id for each in loads.values() for load in each}
    people |= {grant.person_id for grant in known.all_of(RoleGrant)}
    seen = access.slices(person, grants, pages, known.all_of(ClassGroup), today, lessons, deciders, people, school)
    return Scope(seen, fingerprint(seen))


def fingerprint(names: Iterable[str]) -> str:
    """Return the fingerprint of a set of slices: the first 32 hexadecimal digits of SHA-256 over their sorted lines."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:32]


def seen_of(authority: Authority, tx: Transaction, desk: Desk, wanted: Iterable[str]) -> tuple[Scope, list[str]]:
    """Return what the desk's person may see, and the wanted slices in order.

    Raises:
        ScopeChanged: one of them the person may not see.
    """
    scope, names = scope_of(authority, tx, desk.person), sorted(set(wanted))
    if not scope.slices.issuperset(names):
        raise ScopeChanged("a slice is not yours", now=scope.fingerprint)
    return scope, names


def tell(authority: Authority, desk: Desk) -> bytes:
    """Return the body that tells a desk's person's slices."""
    with authority.store.read() as tx:
        scope = scope_of(authority, tx, desk.person)
        head = signing.current_head(tx)
    told = wire.Scope(
        time=stamp(authority.clock()), scope=scope.fingerprint, slices=tuple(sorted(scope.slices)), head=head
    )
    return wire.compress(wire.encode(told))


def confirm(authority: Authority, desk: Desk, told: wire.ScopeHeld) -> None:
    """Keep what a desk says it holds.

    Raises:
        Malformed: more slices than there can be, or names that are none.
    """
    names = tuple(sorted(set(told.slices)))
    if len(names) > wire.SLICES or any(len(name) > LONGEST_NAME for name in names):
        raise wire.Malformed("these are no slices")
    with authority.store.write() as tx:
        slices.confirm(tx, Held(desk.id, names, stamp(authority.clock())))
