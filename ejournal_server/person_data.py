"""All that the school holds of one person, for the paper that answers them (152-ФЗ, art. 14).

The server holds every record, so nobody's desk need hold more than its person may see. Two people ask, or the director;
that it was handed out stands in the log before it leaves. No record of another person is in it, and of a record that
names two nothing that is the other's.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import access, audit_log, ids, wire
from ejournal_core.access import OVERSEERS, holds_role, tells_of_people, tells_of_people_alone
from ejournal_core.changes import Change, entered_by
from ejournal_core.errors import Trouble
from ejournal_core.kinds import KINDS, Fields, Lesson, RoleGrant
from ejournal_core.person_data import NAMING, SPELT, DataSubject, concerns, own_part
from ejournal_core.wire import EnteredCount, PersonChange, PersonDataHead, PersonDataRequest, SnapshotRecord
from ejournal_server import accounts
from ejournal_server.accounts import NoSuch
from ejournal_server.audit_log import event, tell
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.store import log, person_data
from ejournal_server.store.database import Transaction
from ejournal_server.store.person_data import LineText
from ejournal_server.store.slices import Plain

logger = logging.getLogger(__name__)

#: Kinds of which nothing is ever changed: their birth, which names the person, is all that the log tells of them.
TOLD_ONCE = frozenset({"AuditEvent", "ClockJump"})

ACCEPTED = frozenset({"taken", "converged", "merged"})

Address = tuple[str, str]  # kind, record


class TellsNobody(Trouble):
    """The person of the calling desk does not answer what the school holds about people."""

    code: ClassVar[str] = "EJ-560"


class SecondPersonMissing(Trouble):
    """All that is held of a person leaves the server only with a deputy or director besides the one who asks."""

    code: ClassVar[str] = "EJ-561"


# --- who may ask ---------------------------------------------------------------------------------------------------


def tell_all(authority: Authority, asker: str, wanted: PersonDataRequest) -> bytes:
    """Return the body with all that the school holds of a person; the log says so first.

    Raises:
        TellsNobody: the person who asks makes no such reports.
        NoSuch: nobody has that id.
        SecondPersonMissing, NotKnown: no deputy or director confirms it, or not with their password.
    """
    confirmed_by = _check(authority, asker, wanted)
    with authority.store.read() as tx:
        whom = _whom(Known(tx), wanted)
        found = _Gathering(tx, whom).gather(stamp(authority.clock()))
    told = event("person_data_given", confirmed_by or asker, by=asker, subject_kind=whom.kind, subject=whom.id,
                 number=min(found.head.records, audit_log.MOST_COUNTED))  # fmt: skip
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        tell(authority, tx, told)
    logger.info("all data of a person handed out", extra={"asker": asker, "person": whom.id, "second": confirmed_by})
    return wire.compress(wire.encode_lines((found.head, *found.records, *found.changes)))


def _check(authority: Authority, asker: str, wanted: PersonDataRequest) -> str:
    """Return who confirmed it, "" where the director asks."""
    today = authority.today()
    with authority.store.read() as tx:
        known = Known(tx)
        grants = known.family(RoleGrant, asker)
        seconds = known.family(RoleGrant, wanted.second) if wanted.second else []
    if not tells_of_people(grants, today):
        raise TellsNobody("this person makes no reports about people")
    if tells_of_people_alone(grants, today):
        return ""
    if wanted.second in ("", asker) or not holds_role(seconds, OVERSEERS, today):
        raise SecondPersonMissing("a deputy or the director must confirm")
    accounts.confirm(authority, wanted.second, wanted.second_password)
    return wanted.second


def _whom(known: Known, wanted: PersonDataRequest) -> DataSubject:
    if wanted.kind == "Pupil":
        if known.row("Pupil", wanted.person) is None:
            raise NoSuch("no such pupil")
        return DataSubject("Pupil", wanted.person)
    row = known.row("Person", wanted.person)
    if row is None:
        raise NoSuch("no such person")
    last_name, first_name = (str(row.fields.get(name) or "") for name in ("last_name", "first_name"))
    return DataSubject("Person", row.id, last_name, first_name)


# --- what there is -------------------------------------------------------------------------------------------------


class _Found(Struct):
    head: PersonDataHead
    records: list[SnapshotRecord]
    changes: list[PersonChange]


class _About(Struct):
    """What a line of the log is about, read without the rest of it."""

    kind: str
    record: str
    author: str
    at: str


class _Entered:
    """How much a member of staff entered, kind by kind."""

    def __init__(self) -> None:
        self._moments: dict[str, list[str]] = defaultdict(list)
        self._taken: dict[str, int] = defaultdict(int)
        self.files: set[str] = set()

    def take(self, about: _About, outcome: str) -> None:
        self._moments[about.kind].append(about.at)
        if outcome in ACCEPTED:
            self._taken[about.kind] += 1
            if about.kind == "HomeworkFile":
                self.files.add(about.record)

    def counts(self) -> Iterator[EnteredCount]:
        for kind, moments in sorted(self._moments.items()):
            taken = self._taken[kind]
            yield EnteredCount(kind=kind, taken=taken, not_taken=len(moments) - taken, first=min(moments),
                               last=max(moments))  # fmt: skip


class _Gathering:
    """One look through the records and through the log."""

    def __init__(self, tx: Transaction, whom: DataSubject) -> None:
        self._tx, self._whom = tx, whom
        self._order = {kind: place for place, kind in enumerate(KINDS)}
        self._entered = _Entered()

    def gather(self, at: str) -> _Found:
        """Return everything, parents before children, changes in the order of the log."""
        found = {(each.kind, each.record): each for each in self._records()}
        changes = self._changes(found)
        files = sorted(self._entered.files)
        found |= {(each.kind, each.record): each for each in self._files(files)}
        records = sorted(found.values(), key=lambda each: (self._order.get(each.kind, len(KINDS)), each.record))
        head = PersonDataHead(
            number=log.read_head(self._tx).number, at=at, records=len(records), changes=len(changes),
            entered=tuple(self._entered.counts()), days=self._days(records), files=tuple(files),
        )  # fmt: skip
        return _Found(head, records, changes)

    def _records(self) -> Iterator[SnapshotRecord]:
        spelt = (each for kind in SPELT for each in person_data.records_of(self._tx, kind))
        for rows in (person_data.records_with(self._tx, self._whom.id), spelt):
            yield from self._own(rows)

    def _own(self, rows: Iterable[Plain]) -> Iterator[SnapshotRecord]:
        for row in rows:
            fields = msgspec.json.decode(row.fields, type=Fields)
            if concerns(row.kind, row.id, fields, self._whom):
                yield self._record(row, fields)

    def _record(self, row: Plain, fields: Fields) -> SnapshotRecord:
        return SnapshotRecord(kind=row.kind, record=row.id, number=row.number, author=row.author, at=row.at,
                              fields=own_part(row.kind, fields, self._whom))  # fmt: skip

    def _files(self, files: list[str]) -> Iterator[SnapshotRecord]:
        known = Known(self._tx)
        known.prefetch("HomeworkFile", files)
        for record in files:
            row = known.row("HomeworkFile", record)
            if row is not None:
                yield SnapshotRecord(kind=row.kind, record=row.id, number=row.number, fields=row.fields,
                                     author=row.author, at=row.at)  # fmt: skip

    def _days(self, records: Iterable[SnapshotRecord]) -> dict[str, str]:
        """Return the days of lessons that were held on another day than planned."""
        lessons = {lesson for each in records if (lesson := ids.lesson_of(each.kind, each.record))}
        known = Known(self._tx)
        known.prefetch("Lesson", sorted(lessons))
        held = (known.build(Lesson, each) for each in sorted(lessons))
        return {
            lesson.id: lesson.held_on.isoformat()
            for lesson in held
            if lesson is not None and lesson.held_on != ids.lesson_parts(lesson.id)[1]
        }

    # --- the log -----------------------------------------------------------------------------------------------------

    def _changes(self, found: dict[Address, SnapshotRecord]) -> list[PersonChange]:
        """Return what was entered into these records, and what names the person and never became a record."""
        told: dict[int, PersonChange] = {}
        for line in person_data.lines_with(self._tx, self._whom.id):
            self._count(line)
            if (change := self._named(line, found)) is not None:
                told[change.number] = change
        for line in person_data.lines_of(self._tx, self._slices(found)):
            if line.verdict.number not in told and (change := self._named(line, found)) is not None:
                told[change.number] = change
        return [told[number] for number in sorted(told)]

    def _count(self, line: LineText) -> None:
        about = msgspec.json.decode(line.text, type=_About)
        if about.author == self._whom.id:
            self._entered.take(about, line.verdict.outcome)

    def _slices(self, found: dict[Address, SnapshotRecord]) -> frozenset[str]:
        """Return where later lines stand of records whose ids do not name the person."""
        slices = set()
        for kind, record in found:
            if kind not in TOLD_ONCE and self._whom.id not in record.split(ids.SEPARATOR):
                slice_ = access.slice_of(kind, found[kind, record].fields)
                slices |= {slice_, access.undecided_slice(kind, slice_)}
        return frozenset(slices)

    def _named(self, line: LineText, found: dict[Address, SnapshotRecord]) -> PersonChange | None:
        about = msgspec.json.decode(line.text, type=_About)
        if about.kind not in NAMING and about.kind not in SPELT:
            return None
        change = wire.decode(Change, line.text.encode())
        known = (change.kind, change.record) in found
        if not known and not concerns(change.kind, change.record, {**change.was, **change.set}, self._whom):
            return None
        return self._told(change, line)

    def _told(self, change: Change, line: LineText) -> PersonChange:
        own = own_part(change.kind, change.set, self._whom)
        return PersonChange(
            kind=change.kind, record=change.record, act=change.act, set=own, author=entered_by(change), at=change.at,
            why=change.why if own == change.set else "", destroyed=bool(change.content), number=line.verdict.number,
            outcome=line.verdict.outcome,
        )  # fmt: skip
