"""What this desk holds, slice by slice: which rows and changes belong to each, and how far its history is proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.sqlite import insert

from ejournal_core import access, ids, wire
from ejournal_core.cases import lesson_id_of
from ejournal_core.changes import Change
from ejournal_core.decisions import SUBSTITUTION
from ejournal_core.kinds import KINDS
from ejournal_desktop.models import records
from ejournal_desktop.models.tables import TABLES, desk, held_slice, history, outbox, request

#: How the content of a slice stands to its history: not known yet, on its way, the same, or not the same (an alarm).
Proof = Literal["", "loading", "proved", "differs"]

#: Kinds whose ids begin with the id of their page, and so with that of its subject.
_NAMED_BY_PAGE = (
    "Lesson", "MarkColumn", "Mark", "Attendance", "PeriodMark", "PageCompletion", "LessonPlan", "PlannedLesson",
    "SpecialGroup",
)  # fmt: skip


class HeldSlice(Struct, frozen=True):
    """A slice on this disk: loaded at which number, whether it has to leave, and how far its history is proved."""

    name: str
    number: int
    leaving: bool = False
    proof: Proof = ""


def held(connection: sa.Connection) -> dict[str, HeldSlice]:
    """Return the slices on this disk by name."""
    rows = connection.execute(sa.select(held_slice))
    return {row.name: HeldSlice(row.name, row.number, row.leaving, row.proof) for row in rows}


def hold(connection: sa.Connection, names: Iterable[str], number: int) -> None:
    """Note slices as held, loaded at a number; their history has to come yet."""
    rows = [{"name": name, "number": number, "leaving": False, "proof": ""} for name in names]
    if rows:
        connection.execute(_HOLD, rows)


def expect(connection: sa.Connection, names: Iterable[str]) -> None:
    """Note slices of which something is about to come; until all is here they count as leaving."""
    rows = [{"name": name, "number": 0, "leaving": True, "proof": ""} for name in names]
    if rows:
        connection.execute(insert(held_slice).on_conflict_do_nothing(), rows)


def mark(connection: sa.Connection, names: Iterable[str], **values: Any) -> None:
    """Change what is noted of slices: `leaving` or `proof`."""
    for name in names:
        connection.execute(held_slice.update().where(held_slice.c.name == name).values(**values))


def drop(connection: sa.Connection, name: str) -> None:
    """Forget that a slice was held: nothing of it is left."""
    connection.execute(held_slice.delete().where(held_slice.c.name == name))


_HOLD = insert(held_slice)
_HOLD = _HOLD.on_conflict_do_update(
    index_elements=["name"],
    set_={name: _HOLD.excluded[name] for name in ("number", "leaving", "proof")},
)

# --- rows ----------------------------------------------------------------------------------------------------------


def kinds_of(slice_: str) -> tuple[str, ...]:
    """Return the kinds whose records may stand in a slice, parents before children."""
    place = slice_.partition(":")[0]
    if slice_ == access.DIRECTORY:
        return tuple(kind for kind in KINDS if kind not in access.PLACES)
    return tuple(kind for kind in KINDS if kind in access.PLACES and access.PLACES[kind][0] == place)


def rows_where(kind: str, slice_: str) -> sa.ColumnElement[bool]:
    """Return the condition that rows of a kind's table are of the slice."""
    if slice_ == access.DIRECTORY:
        return sa.true()
    field = TABLES[kind].c[access.PLACES[kind][1]]
    owner = slice_.partition(":")[2]
    names_owner = field.name.endswith(("page_id", "group_id", "reporter_id", "school_id", "person_id"))
    if names_owner and access.PLACES[kind][0] != "plan":
        return field == owner
    return sa.and_(field > f"{owner}.", field < f"{owner}/")  # ids begin with that of the page, or of its subject


def row_ids(connection: sa.Connection, kind: str, slice_: str) -> list[str]:
    """Return the ids of a kind's rows in a slice."""
    return list(connection.execute(sa.select(TABLES[kind].c.id).where(rows_where(kind, slice_))).scalars())


def stands(connection: sa.Connection, slice_: str) -> Iterator[tuple[str, str, records.Stand]]:
    """Yield (kind, id, what the row says) of a slice's records; rows of what never came to be are passed over."""
    for kind in kinds_of(slice_):
        for record_id, stand in records.read_where(connection, kind, rows_where(kind, slice_)):
            if stand.fields is not None:
                yield kind, record_id, stand


# --- changes -------------------------------------------------------------------------------------------------------


def slice_of_change(connection: sa.Connection, change: Change) -> str:
    """Return the slice of a change's record: by its id, by what the change sets, else by the row; "" for none."""
    if change.kind not in access.PLACES:
        return access.DIRECTORY if change.kind in KINDS else ""
    place, field = access.PLACES[change.kind]
    if change.kind in _NAMED_BY_PAGE:
        return f"{place}:{'.'.join(change.record.split('.')[: 1 if place == 'plan' else 2])}"
    fields = {**change.was, **change.set}
    if field not in fields:
        fields = records.read(connection, change.kind, change.record).fields or {}
    return access.slice_of(change.kind, fields) if field in fields else ""


def unsent(connection: sa.Connection) -> set[str]:
    """Return the slices of own changes that have not been sent."""
    rows = connection.execute(_UNSENT).scalars()
    return {slice_of_change(connection, wire.decode(Change, body.encode())) for body in rows}


def awaiting(connection: sa.Connection, slice_: str) -> frozenset[records.Address]:
    """Return the records of a slice that wait until a substitution is confirmed, and the lesson and column they name.

    The substitute goes on filling the lesson meanwhile.
    """
    rows = connection.execute(_AWAITING).scalars()
    changes = [wire.decode(Change, body.encode()) for body in rows]
    inside = [each for each in changes if slice_of_change(connection, each) == slice_]
    return frozenset(address for each in inside for address in _with_parents(each.kind, each.record))


def _with_parents(kind: str, record: str) -> Iterator[records.Address]:
    yield kind, record
    if kind == "Mark":
        yield "MarkColumn", record.rpartition(ids.SEPARATOR)[0]
    if lesson := lesson_id_of(kind, record):
        yield "Lesson", lesson


def told_of(connection: sa.Connection, kind: str, slice_: str) -> list[str]:
    """Return the records of a kind in a slice that the history tells of, with rows or without."""
    if slice_ == access.DIRECTORY:
        return list(connection.execute(_TOLD_OF_KIND, {"k": kind}).scalars())
    if kind in _NAMED_BY_PAGE:
        owner = slice_.partition(":")[2]
        return list(connection.execute(_told_by_page(), {"k": kind, "low": f"{owner}.", "high": f"{owner}/"}).scalars())
    rows = connection.execute(_TOLD, {"k": kind})
    found = [r.record for r in rows if slice_of_change(connection, wire.decode(Change, r.body.encode())) == slice_]
    return list(dict.fromkeys(found))


@cache
def _told_by_page() -> sa.Select[Any]:
    return (
        sa.select(history.c.record)
        .where(history.c.kind == sa.bindparam("k"))
        .where(history.c.record > sa.bindparam("low"), history.c.record < sa.bindparam("high"))
        .distinct()
    )


_TOLD_OF_KIND = sa.select(history.c.record).where(history.c.kind == sa.bindparam("k")).distinct()
_TOLD = sa.select(history.c.record, history.c.body).where(history.c.kind == sa.bindparam("k"))
_UNSENT = sa.select(history.c.body).join(outbox, outbox.c.change_id == history.c.change_id)
_AWAITING = (
    sa.select(history.c.body)
    .join(request, request.c.change_id == history.c.change_id)
    .join(desk, desk.c.person_id == request.c.author)
    .where(request.c.decided_by.is_(None), request.c.reason == SUBSTITUTION)
)
