"""When each desk last spoke with the school: what the administrator is shown, and no rule depends on."""

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
    """

    desk: str
    at: str
    version: str = ""
    scope: str = ""


_C = t.contact.c
_ALL = select(t.contact).where(_C.school == bind("school")).order_by(_C.desk)
# Several servers write what each has seen: the later moment stands, and what nobody said takes nothing away.
_KEEP = sa.text(
    "INSERT INTO contact (school, desk, at, version, scope) VALUES (:school, :desk, :at, :version, :scope) "
    "ON CONFLICT (school, desk) DO UPDATE SET at = excluded.at, "
    "version = CASE WHEN excluded.version = '' THEN contact.version ELSE excluded.version END, "
    "scope = CASE WHEN excluded.scope = '' THEN contact.scope ELSE excluded.scope END "
    "WHERE excluded.at >= contact.at"
)


def keep(tx: Transaction, contacts: Iterable[Contact]) -> None:
    """Keep what was seen of desks, in one order of ids so that two servers never wait for each other."""
    tx.run_many(_KEEP, [msgspec.structs.asdict(each) for each in sorted(contacts, key=lambda each: each.desk)])


def contacts(tx: Transaction) -> dict[str, Contact]:
    """Return the last contact of each desk that has had one."""
    return {row.desk: Contact(desk=row.desk, at=row.at, version=row.version, scope=row.scope) for row in tx.run(_ALL)}
