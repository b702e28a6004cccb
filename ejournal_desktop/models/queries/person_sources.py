"""Where a report about a person is read from: what this desk holds, or all that the school's server told of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import merge, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import KINDS, Fields, field_names, from_fields
from ejournal_core.person_data import NAMING, OF_A_PUPIL, SPELT, DataSubject, own_part
from ejournal_core.wire import EnteredCount, PersonRecords, SnapshotRecord
from ejournal_desktop.models import records
from ejournal_desktop.models.records import ACCEPTED, AT_ONCE, Stand
from ejournal_desktop.models.tables import TABLES, history


class Entered(Struct, frozen=True):
    """What was entered once into a record, and how it ended; `outcome` is None while it is on its way."""

    kind: str
    record: str
    act: str
    set: Fields
    author: str
    at: str
    why: str
    destroyed: bool
    outcome: str | None


class Source(Protocol):
    """What is known of one person; every record without what is somebody else's."""

    def records_of(self, kind: str) -> Mapping[str, Stand]:
        """Return the records of a kind that name the person, voided ones included: they are still held."""

    def changes_of(self, kind: str, known: Iterable[str]) -> Iterator[Entered]:
        """Yield what was entered into those records, in order, record by record."""

    def counts(self) -> Iterable[EnteredCount]:
        """Return how much the person entered, kind by kind."""

    def files(self) -> Mapping[str, Stand]:
        """Return the files that the person attached to lessons."""


class DeskSource:
    """What lies on this desk."""

    def __init__(self, connection: sa.Connection, whom: DataSubject) -> None:
        self._connection, self._whom = connection, whom

    def records_of(self, kind: str) -> dict[str, Stand]:
        """Return the rows that name the person."""
        table = TABLES[kind]
        named = [table.c[name] == self._whom.id for name in NAMING.get(kind, ())]
        named += [self._spells(table.c[name]) for name in SPELT.get(kind, ())]
        rows = records.read_where(self._connection, kind, sa.or_(*named))
        return {record: self._own(kind, stand, stand.fields) for record, stand in rows if stand.fields is not None}

    def _spells(self, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
        whole = column.contains(f'"{self._whom.id}"', autoescape=True)
        names = (self._whom.last_name, self._whom.first_name)
        if not all(names):
            return whole
        return sa.or_(whole, sa.and_(*(column.contains(name, autoescape=True) for name in names)))

    def _own(self, kind: str, stand: Stand, fields: Fields) -> Stand:
        return msgspec.structs.replace(stand, fields=own_part(kind, fields, self._whom))

    def changes_of(self, kind: str, known: Iterable[str]) -> Iterator[Entered]:
        """Yield the lines of the history of these records."""
        names = list(known)
        for start in range(0, len(names), AT_ONCE):
            rows = self._connection.execute(_CHANGES, {"kind": kind, "records": names[start : start + AT_ONCE]})
            for row in rows.all():
                change = wire.decode(Change, row.body.encode())
                own = own_part(kind, change.set, self._whom)
                yield Entered(
                    kind, change.record, change.act, own, change.author, change.at,
                    change.why if own == change.set else "", bool(change.content), row.outcome,
                )  # fmt: skip

    def counts(self) -> Iterator[EnteredCount]:
        """Yield how much of what lies here the person entered."""
        for row in self._connection.execute(_ENTERED, {"who": self._whom.id}):
            yield EnteredCount(kind=row.kind, taken=row.taken, not_taken=row.number - row.taken, first=row.first,
                               last=row.last)  # fmt: skip

    def files(self) -> dict[str, Stand]:
        """Return the files that the person attached."""
        attached = list(self._connection.execute(_ATTACHED, {"who": self._whom.id}).scalars())
        return records.read_many(self._connection, "HomeworkFile", attached)


class ServerSource:
    """What the server told; in memory only, nothing of it is ever written to this disk.

    Attributes:
        unknown: how many records are of kinds of a newer program, which cannot be said in words here.

    Raises:
        Malformed: a record has no form.
    """

    def __init__(self, told: PersonRecords) -> None:
        self._told = told
        self._files = frozenset(told.head.files)
        self._stands: dict[str, dict[str, Stand]] = defaultdict(dict)
        self._changes: dict[str, dict[str, list[Entered]]] = defaultdict(lambda: defaultdict(list))
        known = [each for each in told.records if each.kind in KINDS]
        self.unknown = len(told.records) - len(known)
        for each in known:
            self._stands[each.kind][each.record] = _stand(each)
        for change in told.changes:
            self._changes[change.kind][change.record].append(
                Entered(change.kind, change.record, change.act, _known(change.kind, change.set), change.author,
                        change.at, change.why, change.destroyed, change.outcome)
            )  # fmt: skip

    def records_of(self, kind: str) -> dict[str, Stand]:
        """Return the records that were told."""
        return self._stands[kind]

    def changes_of(self, kind: str, known: Iterable[str]) -> Iterator[Entered]:
        """Yield what was told of these records, and of what never became one."""
        told = self._changes[kind]
        for record in dict.fromkeys((*known, *told)):
            yield from told.get(record, ())

    def counts(self) -> tuple[EnteredCount, ...]:
        """Return how much the person entered in the whole school."""
        return self._told.head.entered

    def files(self) -> dict[str, Stand]:
        """Return the files that the person attached."""
        return {name: stand for name, stand in self._stands["HomeworkFile"].items() if name in self._files}


def _stand(told: SnapshotRecord) -> Stand:
    fields = {**merge.defaults(told.kind), **_known(told.kind, told.fields)}
    left_out = dict.fromkeys(OF_A_PUPIL.get(told.kind, ()), "")
    try:
        from_fields(KINDS[told.kind], told.record, {**fields, **left_out, **told.fields})
    except msgspec.ValidationError:
        raise wire.Malformed("a record about a person has no form", number=told.number) from None
    return Stand(fields, told.author or None, told.at or None, told.number)


def _known(kind: str, fields: Fields) -> Fields:
    """Return the fields that this program knows; those of a newer one have no words here."""
    names = frozenset(field_names(KINDS[kind])) if kind in KINDS else frozenset()
    return {name: value for name, value in fields.items() if name in names}


_H = history.c
_TAKEN = sa.or_(_H.outcome.is_(None), _H.outcome.in_(ACCEPTED))
_CHANGES = (
    sa.select(_H.body, _H.outcome)
    .where(_H.kind == sa.bindparam("kind"), _H.record.in_(sa.bindparam("records", expanding=True)))
    .order_by(_H.record, _H.seq)
)
_ENTERED = (
    sa.select(_H.kind, sa.func.count().label("number"), sa.func.min(_H.at).label("first"),
              sa.func.max(_H.at).label("last"), sa.func.sum(sa.case((_TAKEN, 1), else_=0)).label("taken"))
    .where(_H.author == sa.bindparam("who"))
    .group_by(_H.kind)
)  # fmt: skip
_ATTACHED = sa.select(_H.record).where(_H.author == sa.bindparam("who"), _H.kind == "HomeworkFile", _TAKEN).distinct()
