"""Журнал событий: events and changes of the administration as one list, newest first; each line stands in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, wire
from ejournal_core.changes import Change, entered_by
from ejournal_core.kinds import Certificate, Fields, Person
from ejournal_core.russian import short_name
from ejournal_desktop.models import records
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_words import LOGGED, Matter, told
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import TABLES, history

#: So many lines are read at most, the newest ones: a window stays quick.
MOST = 5_000


class EventRow(Struct, frozen=True, kw_only=True):
    """One line.

    Attributes:
        id: of the change.
        at: when it was entered. number: in the school's log, 0 while it is on its way.
        who: did it. person_id: the same by id, "server" where nobody is known.
        whose: the person whom it is about, by id; "" for nobody.
        what, matter: what happened, and what it is about.
        place: the workstation where it happened, as far as known.
        why: the reason, as it was typed.
        subject_kind, subject: where it leads.
        desk: where it was entered. refused: somebody tried in vain.
    """

    id: str
    at: datetime
    number: int
    who: str
    person_id: str
    whose: str
    matter: Matter
    what: str
    place: str
    why: str = ""
    subject_kind: str = ""
    subject: str = ""
    desk: str = ""
    refused: bool = False


class EventLog(Struct, frozen=True):
    """The lines of a stretch of time, and whether older ones of it were left out."""

    rows: tuple[EventRow, ...] = ()
    cut: bool = False


def event_log(journal: Journal, since: date | None = None, person: str = "") -> EventLog:
    """Return what this desk knows of the log of events since a day; of one person alone where one is named.

    An administrator's or director's desk holds everybody's events, any other only those of its person.
    """
    with journal.reading() as connection:
        people = {each.id: short_name(each.last_name, each.first_name, each.patronymic)
                  for each in select_records(connection, Person)}  # fmt: skip
        reader = _Reader(connection, people, journal.clock())
        lines = connection.execute(_LINES).all()
        rows = [row for line in lines[:MOST] for row in reader.rows(line)]
    wanted = [
        row
        for row in rows
        if (since is None or row.at.date() >= since) and (not person or person in (row.person_id, row.whose))
    ]
    wanted.sort(key=lambda row: row.at, reverse=True)
    return EventLog(tuple(wanted), cut=len(lines) > MOST)


class _Reader:
    """Makes rows of lines; names, workstations and standing records are looked up once."""

    def __init__(self, connection: sa.Connection, people: dict[str, str], now: datetime) -> None:
        self._connection, self._people, self._now = connection, people, now
        desks = [each for each in _certificates(connection) if each.subject_kind == "desk"]
        self._places = {each.id: each.place for each in desks}
        self._workstations = {each.workstation: each.place for each in desks if each.workstation}
        self._stands: dict[tuple[str, str], Fields] = {}

    def rows(self, line: Any) -> Iterator[EventRow]:
        """Yield the row of a line of the history, none where it is nobody's affair here."""
        change = wire.decode(Change, line.body.encode())
        fields = {**self._stand(change), **change.set}
        said = told(change, fields, lambda person: self._people.get(person or "", ""))
        if said is None:
            return
        doer = self._doer(change, fields)
        yield EventRow(
            id=change.id, at=datetime.fromisoformat(change.at).astimezone(self._now.tzinfo),
            number=line.log_number or 0, who=self._people.get(doer, "Сервер школы"), person_id=doer,
            whose=str(fields.get("person_id") or ""), matter=said[0], what=said[1],
            place=self._place(change, fields), why=change.why,
            subject_kind=str(fields.get("subject_kind") or "") if change.kind == "AuditEvent" else change.kind,
            subject=str(fields.get("subject") or "") if change.kind == "AuditEvent" else change.record,
            desk=change.desk, refused=fields.get("result") == "refused",
        )  # fmt: skip

    def _doer(self, change: Change, fields: Fields) -> str:
        if change.author != access.SERVER:
            return entered_by(change)
        ordered = fields.get("by") or fields.get("given_by")
        if ordered or change.kind != "AuditEvent":
            return str(ordered or access.SERVER)
        return str(fields.get("person_id"))

    def _place(self, change: Change, fields: Fields) -> str:
        if change.kind == "Certificate":
            return str(fields.get("place") or "")
        return self._workstations.get(str(fields.get("workstation") or ""), "") or self._places.get(change.desk, "")

    def _stand(self, change: Change) -> Fields:
        """Return the record that a change of it says less of; a birth says all."""
        if not change.was:
            return {}
        key = change.kind, change.record
        if key not in self._stands:
            self._stands[key] = records.read(self._connection, *key).fields or {}
        return self._stands[key]


def _certificates(connection: sa.Connection) -> list[Certificate]:
    rows = connection.execute(_CERTIFICATES).all()
    return [Certificate(id=row.id, subject_kind=row.subject_kind, person_id=row.person_id, public_key="",
                        workstation=row.workstation, place=row.place) for row in rows]  # fmt: skip


_C = TABLES["Certificate"].c
_CERTIFICATES = sa.select(_C.id, _C.subject_kind, _C.person_id, _C.workstation, _C.place)
_LINES = (
    sa.select(history.c.body, history.c.log_number)
    .where(history.c.kind.in_(sorted(LOGGED)), sa.or_(history.c.outcome.is_(None), history.c.outcome.in_(ACCEPTED)))
    .order_by(history.c.log_number.desc().nulls_first(), history.c.seq.desc())
    .limit(MOST + 1)
)
