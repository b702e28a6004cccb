"""The records as they stand now, as JSON, and past versions of those that rights depend on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core.changes import canonical
from ejournal_core.kinds import Fields
from ejournal_server.store import tables as t
from ejournal_server.store.among import among, led_by
from ejournal_server.store.database import Transaction

#: The field by which records of a kind are looked up besides their id.
PARENT: dict[str, tuple[str, ...]] = {
    "RoleGrant": ("person_id",),
    "TeachingLoad": ("journal_page_id",),
    "TimetableSlot": ("journal_page_id",),
    "Enrolment": ("pupil_id",),
    "SubgroupMember": ("subgroup_id", "pupil_id"),
    "GradingPeriod": ("school_year_id",),
    "CalendarDay": ("school_year_id",),
    "PeriodClosing": ("class_group_id",),
    "JournalPage": ("class_group_id",),
    "Lesson": ("teacher_id",),  # whom it is given by instead of its teacher
    "HomeworkFile": ("sha256",),
    "IssuedDocument": ("file_sha256",),
    "Certificate": ("person_id",),
    "ClockJump": ("desk_id",),
    "AuditEvent": ("desk_id",),
}

#: Kinds that rights, locks, windows and scopes depend on: every version of them is kept by number.
RULING = frozenset(
    {
        "RoleGrant", "TeachingLoad", "PeriodClosing", "GradingPeriod", "PolicySetting", "JournalPage", "ClassGroup",
        "SchoolYear", "Enrolment", "SubgroupMember", "WorkKind",
    }
)  # fmt: skip


class Row(Struct, frozen=True):
    """A record as it stands: fields, number and desk of its last change, author and entry time, first entry time."""

    kind: str
    id: str
    fields: Fields
    number: int
    desk: str
    author: str
    at: str
    first_at: str
    slice: str
    voided: bool


def parent_of(kind: str, fields: Fields) -> str:
    """Return the key under which records of the kind are looked up together, "" when they are not."""
    return ".".join(str(fields.get(name) or "") for name in PARENT.get(kind, ()))


_FIELDS: msgspec.json.Decoder[Fields] = msgspec.json.Decoder(Fields)
_R = t.record.c
_BY_ID = select(t.record).where(_R.school == bind("school"), _R.kind == bind("kind"), among(_R.id, "ids"))
_BY_PARENT = led_by(
    t.record_by_parent,
    select(t.record).where(_R.school == bind("school"), _R.kind == bind("kind"), among(_R.parent, "parents")),
)
_BY_PREFIX = select(t.record).where(
    _R.school == bind("school"), _R.kind == bind("kind"), _R.id > bind("low"), _R.id < bind("high")
)
_ALL_BY_PREFIX = select(t.record).where(
    _R.school == bind("school"), among(_R.kind, "kinds"), _R.id > bind("low"), _R.id < bind("high")
)
_OF_KIND = select(t.record).where(_R.school == bind("school"), _R.kind == bind("kind")).order_by(_R.id)
_OF_KIND_SEEN = _OF_KIND.where(among(_R.slice, "slices"))
_COLUMNS = ("kind", "id", "fields", "number", "desk", "author", "at", "first_at", "slice", "parent", "voided")
_TYPES = {"number": "bigint", "voided": "boolean"}
_REPLACE = "ON CONFLICT (school, kind, id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("kind", "id")
)
_INTO = f"INSERT INTO record (school, {', '.join(_COLUMNS)}) "
_PUT_FILE = f"{_INTO} VALUES (?{', ?' * len(_COLUMNS)}) {_REPLACE}"
_TYPED = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _COLUMNS)
_PUT_POSTGRES = f"{_INTO} SELECT %s, * FROM json_to_recordset(%s) AS row ({_TYPED}) {_REPLACE}"  # noqa: S608 - ours
_ADD_RULING = t.ruling.insert()
_TIMES = led_by(
    t.record_by_parent,
    select(_R.at).where(_R.school == bind("school"), _R.kind == bind("kind"), among(_R.parent, "parents")),
)


def fetch(tx: Transaction, kind: str, ids: Iterable[str]) -> dict[str, Row]:
    """Return those of the named records that exist, voided ones included."""
    return {row.id: _row(row) for row in tx.run(_BY_ID, kind=kind, ids=ids)}


def children(tx: Transaction, kind: str, parents: Iterable[str]) -> dict[str, list[Row]]:
    """Return the records looked up by `parent_of`, by that key."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in tx.run(_BY_PARENT, kind=kind, parents=parents):
        found[row.parent].append(_row(row))
    return found


def times_of_children(tx: Transaction, kind: str, parent: str) -> list[str]:
    """Return when each record looked up by that key was entered."""
    return [row.at for row in tx.run(_TIMES, kind=kind, parents=[parent])]


def beginning_with(tx: Transaction, kind: str, prefix: str) -> list[Row]:
    """Return the records whose id begins with `prefix` and a separator."""
    return [_row(row) for row in tx.run(_BY_PREFIX, kind=kind, low=f"{prefix}.", high=f"{prefix}/")]


def all_beginning_with(tx: Transaction, kinds: Iterable[str], prefix: str) -> list[Row]:
    """Return the records of several kinds whose ids begin with `prefix` and a separator, in one question."""
    return [_row(row) for row in tx.run(_ALL_BY_PREFIX, kinds=kinds, low=f"{prefix}.", high=f"{prefix}/")]


def of_kind(tx: Transaction, kind: str, slices: Iterable[str] | None = None) -> Iterator[Row]:
    """Yield all records of a kind in order of ids, of all or of the named slices."""
    seen = None if slices is None else list(slices)
    for row in tx.run(_OF_KIND, kind=kind) if seen is None else tx.run(_OF_KIND_SEEN, kind=kind, slices=seen):
        yield _row(row)


def put(tx: Transaction, rows: Sequence[Row]) -> None:
    """Write records as they stand after their last change, each once."""
    values = [
        (
            row.kind, row.id, canonical(row.fields).decode(), row.number, row.desk, row.author, row.at, row.first_at,
            row.slice, parent_of(row.kind, row.fields), row.voided,
        )
        for row in rows
    ]  # fmt: skip
    if not values:
        return
    tx.wrote_records = True
    if tx.is_postgres:  # one statement and one parameter: an array a column takes ten times as long to write down
        page = msgspec.json.encode([dict(zip(_COLUMNS, each, strict=True)) for each in values]).decode()
        tx.connection.exec_driver_sql(_PUT_POSTGRES, (tx.school, page))
    else:
        tx.connection.exec_driver_sql(_PUT_FILE, [(tx.school, *each) for each in values])


def _row(row: sa.Row[tuple[object, ...]]) -> Row:
    fields = _FIELDS.decode(row.fields)
    return Row(
        row.kind, row.id, fields, row.number, row.desk, row.author, row.at, row.first_at, row.slice, bool(row.voided)
    )


# --- what was known at a number ----------------------------------------------------------------------------------

_V = t.ruling.c
_PAST = (
    select(t.ruling)
    .where(_V.school == bind("school"), _V.kind == bind("kind"), _V.number <= bind("number"))
    .order_by(_V.number)
)
_PAST_BY_ID = _PAST.where(_V.id == bind("id"))
_PAST_BY_PARENT = led_by(t.ruling_by_parent, _PAST.where(_V.parent == bind("parent")))


def keep_versions(tx: Transaction, rows: Sequence[Row]) -> None:
    """Keep versions of ruling records."""
    tx.run_many(
        _ADD_RULING,
        [
            {"kind": row.kind, "id": row.id, "number": row.number, "parent": parent_of(row.kind, row.fields),
             "fields": canonical(row.fields).decode()}
            for row in rows
        ],
    )  # fmt: skip


def past(
    tx: Transaction, kind: str, number: int, *, id: str | None = None, parent: str | None = None
) -> dict[str, Fields]:
    """Return fields by id of ruling records as they stood at `number`: one, those of a parent, or all of the kind."""
    if id is not None:
        rows = tx.run(_PAST_BY_ID, kind=kind, number=number, id=id)
    elif parent is not None:
        rows = tx.run(_PAST_BY_PARENT, kind=kind, number=number, parent=parent)
    else:
        rows = tx.run(_PAST, kind=kind, number=number)
    return {row.id: _FIELDS.decode(row.fields) for row in rows}
