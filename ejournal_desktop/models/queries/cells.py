"""Cells of a journal page: marks, absences and period marks with their way to the server."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import absences, ids, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import AbsenceDocument, Fields, RegisteredAbsence
from ejournal_desktop.models.pages import Delivery
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.saving import saving_of
from ejournal_desktop.models.tables import TABLES, ahead, dispute, held_back, history, outbox

#: The worse of two ways to the server is shown.
GRAVITY: tuple[Delivery, ...] = (
    "delivered", "waiting", "entered", "saving", "pending", "disputed", "quarantined", "refused"
)  # fmt: skip


UNSENT_REQUEST = "Заявка на исправление ждёт отправки."
NEEDS_UPDATE = "Нужно обновление: запись вела более новая программа, здесь её можно только смотреть."


class Way(Struct, frozen=True):
    """Where the last own value of a record stands; `wanted` is the value that did not become official."""

    delivery: Delivery = "delivered"
    wanted: Fields = {}
    author: str = ""
    sentence: str = ""
    fields: frozenset[str] = frozenset()


DELIVERED = Way()


class Ways:
    """The records of one journal page that are not plainly delivered, by (kind, record id)."""

    def __init__(self, connection: sa.Connection, prefix: str) -> None:
        self._ways: dict[tuple[str, str], Way] = {}
        between = {"first": prefix + ids.SEPARATOR, "last": prefix + _AFTER_SEPARATOR}
        rows = connection.execute(_UNDELIVERED, between).all()
        stands = as_saved(connection)
        for kind, record, body, delivery, sentence, n in rows:
            change = wire.decode(Change, body.encode())
            delivery = stands(n, delivery)
            if delivery == "waiting" and change.act == "request":  # it changes nothing before another person's word
                delivery, sentence = "pending", UNSENT_REQUEST
            self._add(kind, record, Way(delivery, change.set, change.author, sentence, frozenset(change.set)))
        for kind, record in connection.execute(_AHEAD, between):
            self._ways[kind, record] = Way(sentence=NEEDS_UPDATE)

    def of(self, kind: str, record_id: str) -> Way:
        """Return where a record stands."""
        return self._ways.get((kind, record_id), DELIVERED)

    def delivery_of(self, kind: str, record_id: str, field: str) -> Delivery:
        """Return where one field of a record stands."""
        way = self.of(kind, record_id)
        return way.delivery if field in way.fields else "delivered"

    def items(self) -> Iterator[tuple[str, str, Way]]:
        """Yield (kind, record id, way) of every record that is not plainly delivered."""
        return ((kind, record, way) for (kind, record), way in self._ways.items())

    def without_row(self, kind: str, there: Container[str]) -> Iterator[tuple[str, Way]]:
        """Yield (record id, way) of what was wanted of a kind and stands nowhere: a request, or what was not taken."""
        for (of, record), way in self._ways.items():
            if of == kind and record not in there and way.delivery not in ("delivered", "waiting"):
                yield record, way

    def _add(self, kind: str, record: str, way: Way) -> None:
        known = self._ways.get((kind, record))
        if known is None or GRAVITY.index(way.delivery) >= GRAVITY.index(known.delivery):
            self._ways[kind, record] = way


def as_saved(connection: sa.Connection) -> Callable[[int | None, Delivery], Delivery]:
    """Return what tells, of rows that have been read, how one with that counter stands while the disk lacks it."""
    disk = saving_of(connection)
    unsaved = disk.first_unsaved()
    word: Delivery = "saving" if disk.is_slow() else "entered"
    return lambda n, delivery: delivery if unsaved is None or (n or 0) < unsaved else word


def rows_of_page(connection: sa.Connection, kind: str, prefix: str) -> Sequence[Any]:
    """Return the rows of a kind whose ids begin with the page's (or lesson's) id: they lie side by side."""
    return connection.execute(_ROWS[kind], {"first": prefix + ids.SEPARATOR, "last": prefix + _AFTER_SEPARATOR}).all()


def corrected_records(connection: sa.Connection, prefix: str, grace: timedelta) -> set[tuple[str, str]]:
    """Return the records whose value changed after the entry grace: their history is worth a look."""
    between = {"first": prefix + ids.SEPARATOR, "last": prefix + _AFTER_SEPARATOR}
    return {
        (kind, record)
        for kind, record, first, last in connection.execute(_CHANGED_TWICE, between)
        if datetime.fromisoformat(last) - datetime.fromisoformat(first) > grace
    }


class KnownAbsence(Struct, frozen=True):
    """What the class teacher knows of a pupil's day: the absence code, until when, for which lessons, by what."""

    reason: str
    until: date
    lessons: str = ""  # «уроки 1–3», "" for the whole day
    by_document: bool = False


class Absences:
    """The letters of absences; the class teacher's register, or a document of hers, gives the reason where none is."""

    def __init__(self, around: Surroundings, pupil_ids: list[str]) -> None:
        listed = set(pupil_ids)
        self._entries: dict[str, list[RegisteredAbsence | AbsenceDocument]] = {}
        register = around.register.values()
        spoken_for = {entry.document_id for entry in register}  # such a paper says nothing beyond its entry
        papers = (paper for paper in around.absence_papers.values() if paper.id not in spoken_for)
        for entry in chain[RegisteredAbsence | AbsenceDocument](register, papers):
            if entry.pupil_id in listed:
                self._entries.setdefault(entry.pupil_id, []).append(entry)

    @cached_property
    def pupils(self) -> frozenset[str]:
        """Return the pupils of whom the register or a paper says anything."""
        return frozenset(self._entries)

    def letter(
        self, presence: str, reason: str, pupil_id: str, day: date | None, lesson_number: int | None = None
    ) -> str:
        """Return "н", "б", "у", "оп" as painted, "" for who was there."""
        if presence == "present":
            return ""
        if presence == "late":
            return reason.lower() or "оп"
        known = self.known(pupil_id, day, lesson_number) if day is not None and not reason else None
        return (reason or (known.reason if known else "") or "н").lower()

    def known(self, pupil_id: str, day: date, lesson_number: int | None = None) -> KnownAbsence | None:
        """Return what explains the pupil's absence on that day, at that lesson when one is named."""
        for entry in self._entries.get(pupil_id, ()):
            if isinstance(entry, RegisteredAbsence) and absences.covers(entry, day, lesson_number):
                return KnownAbsence(entry.reason, entry.until, absences.lessons_named(entry))
            if isinstance(entry, AbsenceDocument) and entry.since <= day <= entry.until:
                return KnownAbsence(entry.reason, entry.until, by_document=True)
        return None


#: The sign that follows the separator of derived ids: the end of the range of ids with a prefix.
_AFTER_SEPARATOR = chr(ord(ids.SEPARATOR) + 1)


def _in_range(column: Any) -> Any:
    return sa.and_(column >= sa.bindparam("first"), column < sa.bindparam("last"))


def _rows(kind: str, *names: str) -> sa.Select[Any]:
    table = TABLES[kind]
    columns = [table.c[name] for name in names]
    return sa.select(*columns).where(_in_range(table.c.id), table.c.voided.is_(False))


_ROWS: Mapping[str, sa.Select[Any]] = {
    "Lesson": _rows(
        "Lesson",
        "id",
        "held_on",
        "lesson_number",
        "teacher_id",
        "held",
        "topic",
        "homework",
        "late_reason",
        "cancelled",
    ),
    "MarkColumn": _rows("MarkColumn", "id", "lesson_id", "work_kind_id", "ordinal", "title", "weight"),
    "HomeworkFile": _rows("HomeworkFile", "id", "lesson_id"),
    "PupilRemark": _rows("PupilRemark", "id", "lesson_id", "pupil_id", "remark_kind", "text", "author", "entered_at"),
    "SpecialGroup": _rows("SpecialGroup", "id", "pupil_id", "since", "until", "basis"),
    "Mark": _rows("Mark", "id", "mark_column_id", "pupil_id", "value", "comment", "author", "entered_at", "document"),
    "Attendance": _rows(
        "Attendance", "id", "lesson_id", "pupil_id", "presence", "late_minutes", "reason", "author", "entered_at"
    ),
    "PeriodMark": _rows(
        "PeriodMark",
        "id",
        "pupil_id",
        "period_kind",
        "period_number",
        "value",
        "justification",
        "author",
        "entered_at",
        "document",
    ),
}

_UNDELIVERED = sa.union_all(
    sa.select(outbox.c.kind, outbox.c.record, history.c.body, sa.literal("waiting"), sa.literal(""), outbox.c.n)
    .join(history, history.c.change_id == outbox.c.change_id)
    .where(_in_range(outbox.c.record)),
    sa.select(
        held_back.c.kind, held_back.c.record, history.c.body, held_back.c.outcome, held_back.c.sentence, sa.null()
    )
    .join(history, history.c.change_id == held_back.c.change_id)
    .where(_in_range(held_back.c.record), held_back.c.seen.is_(False)),
    sa.select(dispute.c.kind, dispute.c.record, history.c.body, sa.literal("disputed"), sa.literal(""), sa.null())
    .join(history, history.c.change_id == dispute.c.change_id)
    .where(_in_range(dispute.c.record), dispute.c.resolved_by.is_(None)),
)

_AHEAD = sa.select(ahead.c.kind, ahead.c.record).where(_in_range(ahead.c.record))
_CHANGED_TWICE = (
    sa.select(history.c.kind, history.c.record, sa.func.min(history.c.at), sa.func.max(history.c.at))
    .where(history.c.kind.in_(("Mark", "PeriodMark", "Attendance")), _in_range(history.c.record))
    .group_by(history.c.kind, history.c.record)
    .having(sa.func.count() > 1)
)
