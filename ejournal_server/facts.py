"""What the rules need to know, read from the records as JSON, as they stand now or as they stood at a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast

import msgspec

from ejournal_core import ids
from ejournal_core import policy as policies
from ejournal_core.cases import page_of
from ejournal_core.changes import Change
from ejournal_core.facts import Waiting
from ejournal_core.kinds import (
    KINDS,
    Attendance,
    BellSlot,
    CalendarDay,
    Enrolment,
    Fields,
    GradingPeriod,
    HomeworkFile,
    JournalPage,
    Lesson,
    Mark,
    PeriodClosing,
    PolicySetting,
    Record,
    RoleGrant,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
    from_fields,
)
from ejournal_core.policy import Policy
from ejournal_server.store import aside, log, records, requests
from ejournal_server.store.database import Transaction
from ejournal_server.store.records import RULING, Row

K = TypeVar("K", bound=Record)


class Known:
    """The records of one school during one transaction: each read once, the transaction's own writes seen at once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._rows: dict[tuple[str, str], Row | None] = {}
        self._families: dict[tuple[str, str], list[str]] = {}
        self._built: dict[tuple[str, str], Record] = {}
        self._kin: dict[tuple[str, str], list[Any]] = {}
        self._policies: dict[int | None, Policy] = {}
        self._bells: list[BellSlot] | None = None
        self._changed: dict[tuple[str, str], Row] = {}

    # --- as they stand now ---

    def row(self, kind: str, record_id: str) -> Row | None:
        """Return a record as it stands, voided or not."""
        if (kind, record_id) not in self._rows:
            self.prefetch(kind, [record_id])
        return self._rows[kind, record_id]

    def prefetch(self, kind: str, record_ids: Iterable[str]) -> None:
        """Read records that will be asked for, in one go."""
        missing = [each for each in dict.fromkeys(record_ids) if (kind, each) not in self._rows]
        if missing:
            found = records.fetch(self._tx, kind, missing)
            self._rows.update(((kind, each), found.get(each)) for each in missing)

    def prefetch_families(self, kind: str, parents: Iterable[str]) -> None:
        """Read the records below each parent, in one go."""
        missing = [each for each in dict.fromkeys(parents) if (kind, each) not in self._families]
        if missing:
            found = records.children(self._tx, kind, missing)
            for parent in missing:
                self._families[kind, parent] = [self._keep(row) for row in found.get(parent, [])]

    def _keep(self, row: Row) -> str:
        self._rows.setdefault((row.kind, row.id), row)
        return row.id

    def build(self, kind: type[K], record_id: str) -> K | None:
        """Return a record that is not voided."""
        key = (kind.__name__, record_id)
        if key not in self._built:
            row = self.row(*key)
            if row is None or row.voided:
                return None
            self._built[key] = from_fields(kind, record_id, row.fields)
        built = self._built[key]
        assert isinstance(built, kind)
        return built

    def family(self, kind: type[K], parent: str) -> Sequence[K]:
        """Return the records below a parent that are not voided; the rules ask for the same again and again."""
        key = (kind.__name__, parent)
        if key not in self._kin:
            self.prefetch_families(kind.__name__, [parent])
            found = (self.build(kind, each) for each in self._families[key])
            self._kin[key] = [each for each in found if each is not None]
        return self._kin[key]

    def all_of(self, kind: type[K]) -> list[K]:
        """Return all records of a kind that are not voided."""
        rows = [row for row in records.of_kind(self._tx, kind.__name__) if not row.voided]
        own = {key[1] for key in self._changed if key[0] == kind.__name__}
        built = [from_fields(kind, row.id, row.fields) for row in rows if row.id not in own]
        return built + [each for each in (self.build(kind, record_id) for record_id in own) if each is not None]

    def marks_at(self, lesson_id: str, pupil_id: str) -> list[Mark]:
        """Return the marks with a value of a pupil in all columns of a lesson."""
        for row in records.beginning_with(self._tx, "Mark", lesson_id):
            self._keep(row)
        keys = [key for key in self._rows if key[0] == "Mark" and key[1].startswith(lesson_id + ids.SEPARATOR)]
        built = (self.build(Mark, record_id) for _, record_id in keys)
        return [mark for mark in built if mark is not None and mark.pupil_id == pupil_id and mark.value is not None]

    def homework_files(self, lesson_id: str) -> list[HomeworkFile]:
        """Return the files attached to a lesson that are not struck out."""
        for row in records.beginning_with(self._tx, "HomeworkFile", lesson_id):
            self._keep(row)
        below = lesson_id + ids.SEPARATOR
        keys = [key for key in self._rows if key[0] == "HomeworkFile" and key[1].startswith(below)]
        built = (self.build(HomeworkFile, record_id) for _, record_id in keys)
        return [file for file in built if file is not None]

    def disputed(self, kind: str, record_id: str, seen: int) -> list[Change]:
        """Return what clashes over the record, or did until a number after `seen`: what was wanted, and what stood."""
        disputes = aside.disputes_of(self._tx, kind, record_id)
        concerned = [each for each in disputes if not each.closed_by or each.closed_by > seen]
        numbers = {number for each in concerned for number in (each.number, each.standing)}
        return [line.change for line in log.lines_numbered(self._tx, sorted(numbers))]

    def waiting(self, change_id: str) -> Waiting | None:
        """Return a change that waits, or has waited, for another person's decision."""
        request = requests.request_of(self._tx, change_id)
        if request is None:
            return None
        return Waiting(requests.line_of(self._tx, request).change, request.reason, request.decided)

    def unsettled(self, class_group_id: str) -> list[tuple[str, str]]:
        """Return (kind, id) of what waits for a decision on the pages of a class."""
        disputes = [(each.kind, each.record) for each in aside.open_disputes(self._tx)]
        waiting = [(each.kind, each.record) for each in requests.open_requests(self._tx)]
        found = dict.fromkeys([*disputes, *waiting])
        return [address for address in found if self._is_of_class(class_group_id, *address)]

    def _is_of_class(self, class_group_id: str, kind: str, record_id: str) -> bool:
        page = self.build(JournalPage, page_of(kind, record_id) or "")
        return page is not None and page.class_group_id == class_group_id

    def bells(self) -> list[BellSlot]:
        """Return the bell schedule of the school."""
        if self._bells is None:
            self._bells = self.all_of(BellSlot)
        return self._bells

    def policy(self, as_of: int | None) -> Policy:
        """Return the school's policy."""
        if as_of not in self._policies:
            settings = self.all_of(PolicySetting) if as_of is None else self.past_all(PolicySetting, as_of)
            self._policies[as_of] = policies.from_records(settings)
        return self._policies[as_of]

    # --- as they stood ---

    def past_one(self, kind: type[K], record_id: str, number: int) -> K | None:
        """Return a ruling record as it stood at a number."""
        return next(iter(_alive(kind, records.past(self._tx, kind.__name__, number, id=record_id))), None)

    def past_family(self, kind: type[K], parent: str, number: int) -> list[K]:
        """Return the ruling records below a parent as they stood at a number."""
        return _alive(kind, records.past(self._tx, kind.__name__, number, parent=parent))

    def past_all(self, kind: type[K], number: int) -> list[K]:
        """Return all ruling records of a kind as they stood at a number."""
        return _alive(kind, records.past(self._tx, kind.__name__, number))

    # --- writing ---

    def put(self, row: Row) -> None:
        """Let a record stand anew; it is written with all others by `flush`."""
        key = (row.kind, row.id)
        old_parent = self._parent(self._rows.get(key))
        self._rows[key] = self._changed[key] = row
        self._built.pop(key, None)
        new_parent = self._parent(row)
        for parent in (old_parent, new_parent):
            self._kin.pop((row.kind, parent), None)
        if old_parent != new_parent and (row.kind, old_parent) in self._families:
            self._families[row.kind, old_parent].remove(row.id)
        if new_parent and (row.kind, new_parent) in self._families:
            family = self._families[row.kind, new_parent]
            if row.id not in family:
                family.append(row.id)
        if row.kind == "PolicySetting":
            self._policies.pop(None, None)
        if row.kind == "BellSlot":
            self._bells = None

    @staticmethod
    def _parent(row: Row | None) -> str:
        return records.parent_of(row.kind, row.fields) if row else ""

    def flush(self) -> None:
        """Write what was put."""
        records.put(self._tx, list(self._changed.values()))
        self._changed.clear()


def _alive(kind: type[K], found: dict[str, Fields]) -> list[K]:
    return [from_fields(kind, each, fields) for each, fields in found.items() if not fields.get("voided")]


class ServerFacts:
    """`ejournal_core.facts.Facts` for one change.

    Args:
        known: the records of the transaction.
        moment: the moment of entry, aware, with the offset of the author's desk.
        as_of: judge rights, locks and policy by what stood at this number; None: by what stands now.
        seen: the number up to which the author knew the log.
    """

    def __init__(self, known: Known, moment: datetime, as_of: int | None = None, seen: int = 0) -> None:
        self._known = known
        self._seen = seen
        self._moment = moment
        self._as_of = as_of

    def get(self, kind: type[K], record_id: str) -> K | None:
        """Return one record or None."""
        if self._as_of is not None and kind.__name__ in RULING:
            return self._known.past_one(kind, record_id, self._as_of)
        found = self._known.build(kind, record_id)
        if self._as_of is not None and isinstance(found, Lesson):
            return cast(K, self._given_then(found, self._as_of))
        return found

    def _given_then(self, lesson: Lesson, as_of: int) -> Lesson:
        """Return the lesson with whoever gave it then; versions of a lesson are kept where that changed."""
        then = self._known.past_one(Lesson, lesson.id, as_of)
        return msgspec.structs.replace(lesson, teacher_id=then.teacher_id) if then else lesson

    def _family(self, kind: type[K], parent: str) -> Sequence[K]:
        if self._as_of is not None and kind.__name__ in RULING:
            return self._known.past_family(kind, parent, self._as_of)
        return self._known.family(kind, parent)

    def policy(self) -> Policy:
        """Return the school's policy."""
        return self._known.policy(self._as_of)

    def roles(self, person_id: str) -> Sequence[RoleGrant]:
        """Return all roles of a person, past ones included."""
        return self._family(RoleGrant, person_id)

    def loads(self, journal_page_id: str) -> Sequence[TeachingLoad]:
        """Return all teaching loads of a page, past ones included."""
        return self._family(TeachingLoad, journal_page_id)

    def enrolments(self, pupil_id: str) -> Sequence[Enrolment]:
        """Return all enrolments of a pupil."""
        return self._family(Enrolment, pupil_id)

    def memberships(self, subgroup_id: str, pupil_id: str) -> Sequence[SubgroupMember]:
        """Return the pupil's times in a subgroup."""
        return self._family(SubgroupMember, ids.join(subgroup_id, pupil_id))

    def slots(self, journal_page_id: str) -> Sequence[TimetableSlot]:
        """Return the weekly lessons of a page, past ones included."""
        return self._family(TimetableSlot, journal_page_id)

    def periods(self, school_year_id: str) -> Sequence[GradingPeriod]:
        """Return the grading periods of a year."""
        return self._family(GradingPeriod, school_year_id)

    def calendar_days(self, school_year_id: str) -> Sequence[CalendarDay]:
        """Return the days of a year that differ from the ordinary week."""
        return self._family(CalendarDay, school_year_id)

    def closings(self, class_group_id: str) -> Sequence[PeriodClosing]:
        """Return the closed and reopened periods of a class."""
        return self._family(PeriodClosing, class_group_id)

    def attendance(self, lesson_id: str, pupil_id: str) -> Attendance | None:
        """Return the attendance of a pupil at a lesson, None when nobody entered any."""
        return self._known.build(Attendance, ids.attendance(lesson_id, pupil_id))

    def marks_at(self, lesson_id: str, pupil_id: str) -> Sequence[Mark]:
        """Return the marks of a pupil in all columns of a lesson that have a value."""
        return self._known.marks_at(lesson_id, pupil_id)

    def homework_files(self, lesson_id: str) -> Sequence[HomeworkFile]:
        """Return the files attached to a lesson."""
        return self._known.homework_files(lesson_id)

    def first_entered_at(self, kind: str, record_id: str) -> datetime | None:
        """Return when the record first got its value (entry time), None while it has none."""
        row = self._known.row(kind, record_id)
        return datetime.fromisoformat(row.first_at) if row and row.first_at else None

    def disputed(self, kind: str, record_id: str) -> Sequence[Change]:
        """Return what is disputed, or was when the author last saw the log: two may decide at once."""
        return self._known.disputed(kind, record_id, self._seen)

    def waiting(self, change_id: str) -> Waiting | None:
        """Return a pending change, decided ones included, None when no such change waits or has waited."""
        return self._known.waiting(change_id)

    def unsettled(self, class_group_id: str) -> Sequence[tuple[str, str]]:
        """Return (kind, id) of what waits for a decision on the pages of a class."""
        return self._known.unsettled(class_group_id)

    def is_ahead(self, _kind: str, _record_id: str) -> bool:
        """Say no: what only a newer program can apply never gets into this server's log."""
        return False

    def bells(self) -> Sequence[BellSlot]:
        """Return the bell schedule of the school."""
        return self._known.bells()

    def today(self) -> date:
        """Return the day on which the change is judged, as the author's desk reckons days."""
        return self._moment.date()

    def now(self) -> datetime:
        """Return the moment at which the change is judged."""
        return self._moment


def prefetch(known: Known, changes: Iterable[Change]) -> None:
    """Read in a few queries what the rules will ask for about a batch."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        wanted[change.kind].append(change.record)
        for kind, record_id in around(change):
            wanted[kind].append(record_id)
    for kind, record_ids in wanted.items():
        if kind in KINDS:
            known.prefetch(kind, record_ids)
    known.prefetch_families("Enrolment", wanted["Pupil"])
    known.prefetch_families("TeachingLoad", wanted["JournalPage"])


def around(change: Change) -> list[tuple[str, str]]:
    """Return (kind, id) of the records that a change builds on."""
    reader = _AROUND.get(change.kind)
    try:
        return reader(change.record) if reader else []
    except ValueError:
        return []  # an id that is none; the rules will say so


def _around_file(record_id: str) -> list[tuple[str, str]]:
    lesson_id = record_id.rsplit(ids.SEPARATOR, 1)[0]
    return [("Lesson", lesson_id), ("JournalPage", ids.lesson_parts(lesson_id)[0])]


def _around_column(record_id: str) -> list[tuple[str, str]]:
    lesson_id = ids.mark_column_parts(record_id)[0]
    return [("Lesson", lesson_id), ("JournalPage", ids.lesson_parts(lesson_id)[0])]


def _around_mark(record_id: str) -> list[tuple[str, str]]:
    column_id, pupil_id = record_id.rsplit(ids.SEPARATOR, 1)
    return [("MarkColumn", column_id), ("Pupil", pupil_id), *_around_column(column_id)]


def _around_attendance(record_id: str) -> list[tuple[str, str]]:
    lesson_id, pupil_id = record_id.rsplit(ids.SEPARATOR, 1)
    return [("Lesson", lesson_id), ("Pupil", pupil_id), ("JournalPage", ids.lesson_parts(lesson_id)[0])]


def _around_period_mark(record_id: str) -> list[tuple[str, str]]:
    page_id, pupil_id = record_id.rsplit(ids.SEPARATOR, 2)[0].rsplit(ids.SEPARATOR, 1)
    return [("JournalPage", page_id), ("Pupil", pupil_id)]


_AROUND: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "Lesson": lambda record_id: [("JournalPage", ids.lesson_parts(record_id)[0])],
    "HomeworkFile": _around_file,
    "MarkColumn": _around_column,
    "Mark": _around_mark,
    "Attendance": _around_attendance,
    "PeriodMark": _around_period_mark,
}
