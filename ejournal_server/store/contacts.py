"""When each desk last spoke with the school, for the administrator; and what of the log it has proved to hold."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction


class Contact(Struct, frozen=True, kw_only=True):
    """A desk's last contact.

    Args:
        at: RFC 3339 in UTC, milliseconds: text that sorts as time.
        version: of the desk's program, "" when it did not say.
        scope: fingerprint of the scope that the desk last showed to hold, "" before its first pull.
        held: lines of the log after which it asked to go on.
        held_at: when it did, seconds since 1970; 0: it did not.
    """

    desk: str
    at: str
    version: str = ""
    scope: str = ""
    held: int = 0
    held_at: int = 0


_C = t.contact.c
_CONFIRMED = select(_C.confirmed).where(_C.school == bind("school"), _C.desk == bind("desk"))
_ALL = select(t.contact).where(_C.school == bind("school")).order_by(_C.desk)
# Several servers write what each has seen: the later moment stands, and what nobody said takes nothing away.
# Lines are confirmed when the desk still goes on after them an hour later: then it is in another meeting, and what it
# had entered before it held them was pushed at the beginning of that one.
_KEEP = sa.text(
    "INSERT INTO contact (school, desk, at, version, scope, held, held_at) "
    "VALUES (:school, :desk, :at, :version, :scope, :held, :held_at) "
    "ON CONFLICT (school, desk) DO UPDATE SET "
    "at = CASE WHEN excluded.at < contact.at THEN contact.at ELSE excluded.at END, "
    "version = CASE WHEN excluded.version = '' OR excluded.at < contact.at THEN contact.version "
    "ELSE excluded.version END, "
    "scope = CASE WHEN excluded.scope = '' OR excluded.at < contact.at THEN contact.scope ELSE excluded.scope END, "
    "confirmed = CASE WHEN excluded.held >= contact.held AND excluded.held_at >= contact.held_at + 3600 "
    "THEN contact.held ELSE contact.confirmed END, "
    "held = CASE WHEN excluded.held >= contact.held AND excluded.held_at >= contact.held_at + 3600 "
    "THEN excluded.held ELSE contact.held END, "
    "held_at = CASE WHEN excluded.held >= contact.held AND excluded.held_at >= contact.held_at + 3600 "
    "THEN excluded.held_at ELSE contact.held_at END"
)


def keep(tx: Transaction, contacts: Iterable[Contact]) -> None:
    """Keep what was seen of desks, in one order of ids so that two servers never wait for each other."""
    tx.run_many(_KEEP, [msgspec.structs.asdict(each) for each in sorted(contacts, key=lambda each: each.desk)])


def contacts(tx: Transaction) -> dict[str, Contact]:
    """Return the last contact of each desk that has had one."""
    return {row.desk: Contact(desk=row.desk, at=row.at, version=row.version, scope=row.scope) for row in tx.run(_ALL)}


def confirmed(tx: Transaction, desk: str) -> int:
    """Return how many lines of the log a desk has proved to have held in an earlier meeting."""
    return int(tx.run(_CONFIRMED, desk=desk).scalar() or 0)
