"""Read and write single records of any kind, and the one rule of local state: row = shadow + own changes, replayed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.sqlite import Insert, insert

from ejournal_core import merge, wire
from ejournal_core.changes import Change, entered_by, sets_values
from ejournal_core.decisions import SUBSTITUTION
from ejournal_core.kinds import KINDS, Fields, field_names
from ejournal_desktop.models.among import among
from ejournal_desktop.models.tables import NEVER_BORN, TABLES, history, metadata, request, shadow

#: Outcomes after which the server holds the wanted value.
ACCEPTED = ("taken", "converged", "merged")

Address = tuple[str, str]  # (kind, record id)

AT_ONCE = 500  # records in one query


class Stand(Struct, frozen=True):
    """What is known of a record: fields (None: it does not exist), who entered them when, complete up to `number`."""

    fields: Fields | None
    author: str | None = None
    entered_at: str | None = None
    number: int | None = None


UNKNOWN = Stand(None)


def read(connection: sa.Connection, kind: str, record_id: str) -> Stand:
    """Return the row of a record as screens show it; fields None when there is none."""
    row = connection.execute(_select_one(kind), {"id": record_id}).mappings().first()
    return UNKNOWN if row is None else _stand(kind, row)


def read_many(connection: sa.Connection, kind: str, record_ids: Sequence[str]) -> dict[str, Stand]:
    """Return the rows of several records of one kind by id; records without a row are absent."""
    rows = connection.execute(_select_many(kind), {"ids": list(record_ids)}).mappings()
    return {row["id"]: _stand(kind, row) for row in rows}


def read_where(connection: sa.Connection, kind: str, condition: sa.ColumnElement[bool]) -> Iterator[tuple[str, Stand]]:
    """Yield (id, row) of a kind's records under a condition on its table; fields None for what never came to be."""
    for row in connection.execute(sa.select(TABLES[kind]).where(condition)).mappings():
        yield row["id"], _stand(kind, row)


def write(connection: sa.Connection, kind: str, stands: Iterable[tuple[str, Stand]]) -> None:
    """Insert or replace rows; a record without fields ceases to be a row, or stays as one that counts nowhere."""
    values = _values(kind)
    present = [values(record_id, stand, stand.fields) for record_id, stand in stands if stand.fields is not None]
    if present:
        connection.exec_driver_sql(replacing_text(kind), present)
    for record_id in [record_id for record_id, stand in stands if stand.fields is None]:
        _remove(connection, kind, record_id)


def read_shadow(connection: sa.Connection, address: Address) -> Stand | None:
    """Return what the server last said of a record, None when the row itself is that."""
    row = connection.execute(_SHADOW_ONE, {"k": address[0], "r": address[1]}).first()
    return None if row is None else Stand(row.fields, row.author, row.entered_at, row.log_number)


def read_shadows(connection: sa.Connection, kind: str, record_ids: Sequence[str]) -> dict[str, Stand]:
    """Return what the server last said of several records of one kind, of those that have a shadow."""
    rows = connection.execute(_SHADOWS, {"k": kind, "ids": list(record_ids)})
    return {row.record: Stand(row.fields, row.author, row.entered_at, row.log_number) for row in rows}


def write_shadow(connection: sa.Connection, address: Address, stand: Stand) -> None:
    """Insert or replace what the server last said of a record."""
    write_shadows(connection, address[0], {address[1]: stand})


def write_shadows(connection: sa.Connection, kind: str, stands: Mapping[str, Stand]) -> None:
    """Insert or replace what the server last said of several records of one kind."""
    values = [
        {"kind": kind, "record": record_id, "fields": stand.fields, "author": stand.author,
         "entered_at": stand.entered_at, "log_number": stand.number}
        for record_id, stand in stands.items()
    ]  # fmt: skip
    if values:
        connection.execute(_UPSERT_SHADOW, values)


def rebuild(connection: sa.Connection, desk_id: str, addresses: Iterable[Address]) -> None:
    """Make rows what they have to be: the shadow with the own changes that the server's log has not brought back yet.

    Without a shadow a row is right already. With no such changes the shadow becomes the row and goes.
    """
    by_kind: dict[str, list[str]] = {}
    for kind, record_id in addresses:
        by_kind.setdefault(kind, []).append(record_id)
    for kind, record_ids in by_kind.items():
        for start in range(0, len(record_ids), AT_ONCE):
            _rebuild(connection, desk_id, kind, record_ids[start : start + AT_ONCE])


def _rebuild(connection: sa.Connection, desk_id: str, kind: str, record_ids: list[str]) -> None:
    bases = read_shadows(connection, kind, record_ids)
    own = _own_changes(connection, desk_id, kind, bases)
    unborn = [record_id for record_id in own if bases[record_id].fields is None]
    rows = read_many(connection, kind, unborn) if unborn else {}
    stands = {
        record_id: replay(base, own[record_id], rows.get(record_id, UNKNOWN)) if record_id in own else base
        for record_id, base in bases.items()
    }
    write(connection, kind, stands.items())
    if settled := [{"k": kind, "r": record_id} for record_id in bases if record_id not in own]:
        connection.execute(_DELETE_SHADOW, settled)


def replay(base: Stand, own: Sequence[Change], row: Stand = UNKNOWN) -> Stand:
    """Return what a person sees: the server's word and then each own change.

    `row` lends the identity (page, pupil …) when the birth itself was refused but later edits are still on their way.
    """
    kind = own[-1].kind
    fields = dict(base.fields) if base.fields is not None else {**merge.defaults(kind), **_identity(kind, row)}
    for change in own:
        fields.update({**(merge.blank(change) if base.fields is None else {}), **change.set})
    return Stand(fields, entered_by(own[-1]), own[-1].at, base.number)


def _own_changes(
    connection: sa.Connection, desk_id: str, kind: str, bases: Mapping[str, Stand]
) -> dict[str, list[Change]]:
    """Return the desk's changes that are unsent, or accepted after what the base holds: by record, in order.

    Entries at a declared substitution stay in sight while it waits: the substitute goes on filling the lesson.
    """
    own: dict[str, list[Change]] = {}
    for row in connection.execute(_OWN_CHANGES, {"k": kind, "ids": list(bases), "d": desk_id}):
        if row.outcome in (None, "pending") or row.log_number > (bases[row.record].number or 0):
            change = wire.decode(Change, row.body.encode())
            if sets_values(change):
                own.setdefault(row.record, []).append(change)
    return own


def fold(base: Stand, change: Change, number: int) -> Stand:
    """Return a record after an accepted change of the log: the same merge as on the server."""
    if not sets_values(change):  # an accepted refusal leaves the record what it is, unborn too
        return Stand(base.fields, base.author, base.entered_at, number)
    merged = merge.merge(base.fields, change)
    fields = {**(base.fields or {}), **change.set} if merged.outcome == "disputed" else merged.fields
    return Stand(fields, entered_by(change), change.at, number)


@cache
def required_fields(kind: str) -> tuple[str, ...]:
    """Return the fields of a kind that have no default: what the record is."""
    return tuple(
        field.name
        for field in msgspec.structs.fields(KINDS[kind])
        if field.default is msgspec.NODEFAULT and field.name != "id"
    )


@cache
def is_parent(kind: str) -> bool:
    """Say whether rows of other tables may name rows of this kind."""
    return any(key.column.table is TABLES[kind] for table in metadata.tables.values() for key in table.foreign_keys)


def _identity(kind: str, row: Stand) -> Fields:
    return {name: row.fields[name] for name in required_fields(kind)} if row.fields is not None else {}


def _stand(kind: str, row: Any) -> Stand:
    if row["log_number"] == NEVER_BORN:
        return Stand(None, number=None)
    fields: Fields = {name: row[name] for name in field_names(KINDS[kind])}
    if row["extra"]:
        fields.update(row["extra"])
    return Stand(fields, row["author"], row["entered_at"], row["log_number"])


@cache
def _values(kind: str) -> Callable[[str, Stand, Fields], tuple[Any, ...]]:
    """Return what makes the row of a record, in the order of `replacing_text`: log pages bring thousands."""
    names, standard = field_names(KINDS[kind]), merge.defaults(kind)
    known = frozenset(standard)

    def values(record_id: str, stand: Stand, fields: Fields) -> tuple[Any, ...]:
        extra = None
        if not fields.keys() <= known:
            extra = json.dumps({name: value for name, value in fields.items() if name not in known})
        own = (stand.author, stand.entered_at, stand.number, extra)
        return (record_id, *[fields.get(name, standard[name]) for name in names], *own)

    return values


def _remove(connection: sa.Connection, kind: str, record_id: str) -> None:
    table = TABLES[kind]
    if is_parent(kind):
        gone = {"voided": True, "log_number": NEVER_BORN}
        connection.execute(table.update().where(table.c.id == record_id).values(gone))
    else:
        connection.execute(table.delete().where(table.c.id == record_id))


@cache
def _select_one(kind: str) -> sa.Select[Any]:
    table = TABLES[kind]
    return sa.select(table).where(table.c.id == sa.bindparam("id"))


@cache
def _select_many(kind: str) -> sa.Select[Any]:
    table = TABLES[kind]
    return sa.select(table).where(among(table.c.id, "ids"))


@cache
def replacing_text(kind: str) -> str:
    """Return the statement that enters a row whatever stands there: id, fields, author, moment, number, extra."""
    table = TABLES[kind].name
    quoted = [f'"{name}"' for name in ("id", *field_names(KINDS[kind]), "author", "entered_at", "log_number", "extra")]
    moved = ", ".join(f"{name} = excluded.{name}" for name in quoted[1:])
    places = ", ".join("?" * len(quoted))
    return f'INSERT INTO "{table}" ({", ".join(quoted)}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {moved}'  # noqa: S608 - ours


def _replacing(table: sa.Table, key: tuple[str, ...]) -> Insert:
    statement = insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=rest)


_UPSERT_SHADOW = _replacing(shadow, ("kind", "record"))
_SHADOW_ONE = sa.select(shadow).where(shadow.c.kind == sa.bindparam("k"), shadow.c.record == sa.bindparam("r"))
_DELETE_SHADOW = shadow.delete().where(shadow.c.kind == sa.bindparam("k"), shadow.c.record == sa.bindparam("r"))
_SHADOWS = sa.select(shadow).where(shadow.c.kind == sa.bindparam("k"), among(shadow.c.record, "ids"))
#: The sign "+" keeps SQLite from walking all changes of the desk, where few concern these records.
_OWN_CHANGES = (
    sa.select(history.c.record, history.c.body, history.c.outcome, history.c.log_number)
    .where(
        history.c.kind == sa.bindparam("k"),
        among(history.c.record, "ids"),
        sa.literal_column("+history.desk") == sa.bindparam("d"),
        sa.or_(
            history.c.outcome.is_(None),
            history.c.outcome.in_(ACCEPTED),
            sa.and_(
                history.c.outcome == "pending",
                history.c.reason == SUBSTITUTION,
                history.c.change_id.in_(sa.select(request.c.change_id).where(request.c.decided_by.is_(None))),
            ),
        ),
    )
    .order_by(sa.literal_column("+history.n"))
)


def history_row(change: Change, prev: str) -> dict[str, Any]:
    """Return the row of `history` for a change without a verdict."""
    return {
        "change_id": change.id,
        "kind": change.kind,
        "record": change.record,
        "author": change.author,
        "desk": change.desk,
        "n": change.n,
        "at": change.at,
        "body": wire.encode(change).decode(),
        "prev": prev,
    }
