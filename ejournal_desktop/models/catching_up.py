"""Own changes of a long spell offline, folded in a few hundred at a time: the file stays free for typing.

When the log passes the numbers of own changes, their records' shadows must come to hold them. Where all of a record's
own changes were simply taken, its row is what the log makes of it already: the row takes the number, the shadow goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core.changes import Entry
from ejournal_desktop.models.records import ACCEPTED, Address
from ejournal_desktop.models.tables import TABLES, history, shadow

#: Records in one transaction: some ten milliseconds.
AT_ONCE = 500

#: So many are folded with the page of the log itself.
PAGE = 100


class Caught(Struct, frozen=True):
    """Where the walk over the records that have a shadow stands: after this one; `more` says that there are more."""

    kind: str = ""
    record: str = ""
    more: bool = True


def addresses(entries: Iterable[Entry]) -> set[Address]:
    """Return the records that these lines of the log are about."""
    return {(entry.change.kind, entry.change.record) for entry in entries}


def is_long(connection: sa.Connection) -> bool:
    """Say whether more records have own changes above them than one page should fold."""
    return connection.execute(_MANY).first() is not None


def catch_up(connection: sa.Connection, desk_id: str, upto: int, busy: Collection[Address], since: Caught) -> Caught:
    """Let the next records be what the log makes of them at `upto`.

    Args:
        desk_id: this desk.
        upto: number that the log has been read up to, but for lines of the `busy` records.
        busy: records that other lines are about; they are folded with those lines.
        since: where the last call came to.
    """
    values = {"d": desk_id, "upto": upto, "limit": AT_ONCE, "kind": since.kind, "record": since.record}
    found = connection.execute(_NEXT, values).all()
    caught: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in found:
        if row.plain and (row.kind, row.record) not in busy:
            caught[row.kind].append((row.record, row.number))
    for kind, numbers in caught.items():
        connection.exec_driver_sql(_moved(kind), [(number, record) for record, number in numbers])
        connection.exec_driver_sql(_DROP, [(kind, record) for record, _ in numbers])
    if len(found) < AT_ONCE:
        return Caught(more=False)
    return Caught(found[-1].kind, found[-1].record)


@cache
def _moved(kind: str) -> str:
    return f'UPDATE "{TABLES[kind].name}" SET log_number = ? WHERE id = ?'  # noqa: S608 - ours


_MANY = sa.select(shadow.c.kind).limit(1).offset(PAGE)
_TAKEN = sa.and_(history.c.outcome == "taken", history.c.log_number <= sa.bindparam("upto"))
#: Records with a shadow in order of their key, and whether all own changes above it were taken up to `upto`. The signs
#: "+" let the shadows lead, not the desk's whole history.
_NEXT = (
    sa.select(
        shadow.c.kind,
        shadow.c.record,
        sa.func.max(history.c.log_number).label("number"),
        (sa.func.count() == sa.func.count(sa.case((_TAKEN, 1)))).label("plain"),
    )
    .select_from(shadow)
    .join(
        history,
        sa.and_(
            history.c.kind == sa.literal_column("+shadow.kind"), history.c.record == sa.literal_column("+shadow.record")
        ),
    )
    .where(
        sa.tuple_(shadow.c.kind, shadow.c.record) > sa.tuple_(sa.bindparam("kind"), sa.bindparam("record")),
        sa.literal_column("+history.desk") == sa.bindparam("d"),
        sa.or_(
            history.c.outcome.is_(None),
            history.c.outcome.not_in([*ACCEPTED, "refused", "quarantined", "disputed"]),
            sa.and_(history.c.outcome.in_(ACCEPTED), history.c.log_number > sa.func.coalesce(shadow.c.log_number, 0)),
        ),
    )
    .group_by(shadow.c.kind, shadow.c.record)
    .order_by(shadow.c.kind, shadow.c.record)
    .limit(sa.bindparam("limit"))
)
_DROP = "DELETE FROM shadow WHERE kind = ? AND record = ?"
