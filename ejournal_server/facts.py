"""What the rules need to know, read from the records as JSON, as they stand now or as they stood at a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import msgspec

from ejournal_core import access, ids
from ejournal_core import policy as policies
from ejournal_core.cases import page_of
from ejournal_core.changes import Change
from ejournal_core.facts import Waiting
from ejournal_core.given_lessons import AT_A_LESSON
from ejournal_core.kinds import (
    KINDS,
    Attendance,
    BellSlot,
    Enrolment,
    Fields,
    GradingPeriod,
    HomeworkFile,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PeriodClosing,
    PlannedLesson,
    PolicySetting,
    Record,
    RoleGrant,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
    from_fields,
)
from ejournal_core.policy import Policy
from ejournal_server.store import aside, log, records, requests, slices
from ejournal_server.store.database import Transaction
from ejournal_server.store.records import RULING, Row

K = TypeVar("K", bound=Record)


#: Kinds that stand in the directory: every change of one moves the number of that slice.
_DIRECTORY = frozenset(KINDS) - access.PLACES.keys()
_MOST_KEPT = 100_000  # rows of a directory between two transactions


class _Read:
    """What was read of the records, by kind and id: rows, and records built of them; by kind and parent: families."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row | None]] = defaultdict(dict)
        self.built: dict[str, dict[str, Record]] = defaultdict(dict)
        self.families: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self.kin: dict[str, dict[str, list[Any]]] = defaultdict(dict)
        self.below: set[tuple[str, str]] = set()  # kind and lesson or page, of which all is among the rows
        self.policies: dict[int | None, Policy] = {}
        self.bells: list[BellSlot] | None = None

    def of_the_directory(self) -> _Read:
        """Return the part that stands until something of the directory changes."""
        part = _Read()
        for kind in _DIRECTORY:
            part.rows[kind], part.built[kind] = self.rows[kind], self.built[kind]
            part.families[kind], part.kin[kind] = self.families[kind], self.kin[kind]
        part.policies, part.bells = {None: self.policies[None]} if None in self.policies else {}, self.bells
        return part


#: What the last writing transaction of a store has read of its directory, with the epoch and the number at which that
#: last changed. One transaction at a time writes for a school, so each takes it away and puts it back.
_kept: WeakKeyDictionary[object, tuple[tuple[int, int], _Read]] = WeakKeyDictionary()


def known_to_writer(tx: Transaction, epoch: int) -> Known:
    """Return what is known in a transaction that holds the head row.

    What an earlier one has read of the directory is known from the beginning, unless the directory has changed since.
    """
    before = _kept.pop(tx.connection.engine, None)
    if tx.wrote_records:  # nobody knows yet whether these are kept
        return Known(tx)
    standing = slices.standings(tx, [access.DIRECTORY])
    at = epoch, standing[0].number if standing else 0
    return Known(tx, before[1] if before and before[0] == at else None, at)


class Known:
    """The records of one school during one transaction: each read once, the transaction's own writes seen at once."""

    def __init__(self, tx: Transaction, read: _Read | None = None, at: tuple[int, int] | None = None) -> None:
        self._tx = tx
        self._at = at
        self._read = read or _Read()
        self._changed: dict[tuple[str, str], Row] = {}

    def keep(self) -> None:
        """Keep what was read of the directory for the next transaction; said when nothing of it was written."""
        directory = self._read.of_the_directory()
        if self._at is not None and sum(map(len, directory.rows.values())) <= _MOST_KEPT:
            _kept[self._tx.connection.engine] = self._at, directory

    # --- as they stand now ---

    def row(self, kind: str, record_id: str) -> Row | None:
        """Return a record as it stands, voided or not."""
        rows = self._read.rows[kind]
        if record_id not in rows:
            self.prefetch(kind, [record_id])
        return rows[record_id]

    def prefetch(self, kind: str, record_ids: Iterable[str]) -> None:
        """Read records that will be asked for, in one go."""
        rows = self._read.rows[kind]
        missing = [each for each in dict.fromkeys(record_ids) if each not in rows]
        if missing:
            found = records.fetch(self._tx, kind, missing)
            rows.update((each, found.get(each)) for each in missing)

    def prefetch_families(self, kind: str, parents: Iterable[str]) -> None:
        """Read the records below each parent, in one go."""
        families = self._read.families[kind]
        missing = [each for each in dict.fromkeys(parents) if each not in families]
        if missing:
            found = records.children(self._tx, kind, missing)
            for parent in missing:
                families[parent] = [self._note(row) for row in found.get(parent, [])]

    def _note(self, row: Row) -> str:
        self._read.rows[row.kind].setdefault(row.id, row)
        return row.id

    def build(self, kind: type[K], record_id: str) -> K | None:
        """Return a record that is not voided."""
        name = kind.__name__
        built = self._read.built[name].get(record_id)
        if built is None:
            row = self.row(name, record_id)
            if row is None or row.voided:
                return None
            built = self._read.built[name][record_id] = from_fields(kind, record_id, row.fields)
        assert isinstance(built, kind)
        return built

    def family(self, kind: type[K], parent: str) -> Sequence[K]:
        """Return the records below a parent that are not voided; the rules ask for the same again and again."""
        name = kind.__name__
        kin = self._read.kin[name]
        if parent not in kin:
            self.prefetch_families(name, [parent])
            found = (self.build(kind, each) for each in self._read.families[name][parent])
            kin[parent] = [each for each in found if each is not None]
        return kin[parent]

    def all_of(self, kind: type[K]) -> list[K]:
        """Return all records of a kind that are not voided."""
        rows = [row for row in records.of_kind(self._tx, kind.__name__) if not row.voided]
        own = {key[1] for key in self._changed if key[0] == kind.__name__}
        built = [from_fields(kind, row.id, row.fields) for row in rows if row.id not in own]
        return built + [each for each in (self.build(kind, record_id) for record_id in own) if each is not None]

    def marks_at(self, lesson_id: str, pupil_id: str) -> list[Mark]:
        """Return the marks with a value of a pupil in all columns of a lesson."""
        built = (self.build(Mark, record_id) for record_id in self._below("Mark", lesson_id))
        return [mark for mark in built if mark is not None and mark.pupil_id == pupil_id and mark.value is not None]

    def mark_columns(self, lesson_id: str) -> list[MarkColumn]:
        """Return the columns of marks of a lesson that are not struck out."""
        built = (self.build(MarkColumn, record_id) for record_id in self._below("MarkColumn", lesson_id))
        return [column for column in built if column is not None]

    def homework_files(self, lesson_id: str) -> list[HomeworkFile]:
        """Return the files attached to a lesson that are not struck out."""
        built = (self.build(HomeworkFile, record_id) for record_id in self._below("HomeworkFile", lesson_id))
        return [file for file in built if file is not None]

    def planned_lessons(self, journal_page_id: str) -> list[PlannedLesson]:
        """Return the rows of a page's lesson plan that are not struck out."""
        built = (self.build(PlannedLesson, record_id) for record_id in self._below("PlannedLesson", journal_page_id))
        return [row for row in built if row is not None]

    def entries(self, lesson_id: str) -> frozenset[str]:
        """Return the kinds of what is entered at a lesson, read in one go."""
        if not all((kind, lesson_id) in self._read.below for kind in AT_A_LESSON):
            self._read.below.update((kind, lesson_id) for kind in AT_A_LESSON)
            for row in records.all_beginning_with(self._tx, AT_A_LESSON, lesson_id):
                self._note(row)
        return frozenset(kind for kind in AT_A_LESSON if any(map(_says_something, self._rows_below(kind, lesson_id))))

    def _rows_below(self, kind: str, lesson_id: str) -> Iterator[Row]:
        rows = (self._read.rows[kind][each] for each in self._below(kind, lesson_id))
        return (row for row in rows if row is not None and not row.voided)

    def _below(self, kind: str, parent_id: str) -> list[str]:
        """Return the ids of a lesson's or page's records of a kind, those of this transaction too."""
        if (kind, parent_id) not in self._read.below:  # asked for again at each of three hundred rows of a plan
            self._read.below.add((kind, parent_id))
            for row in records.beginning_with(self._tx, kind, parent_id):
                self._note(row)
        return [each for each in self._read.rows[kind] if each.startswith(parent_id + ids.SEPARATOR)]

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
        if self._read.bells is None:
            self._read.bells = self.all_of(BellSlot)
        return self._read.bells

    def policy(self, as_of: int | None) -> Policy:
        """Return the school's policy."""
        found = self._read.policies
        if as_of not in found:
            settings = self.all_of(PolicySetting) if as_of is None else self.past_all(PolicySetting, as_of)
            found[as_of] = policies.from_records(settings)
        return found[as_of]

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
        read, kind = self._read, row.kind
        before = read.rows[kind].get(row.id)
        read.rows[kind][row.id] = self._changed[kind, row.id] = row
        read.built[kind].pop(row.id, None)
        if kind in records.PARENT:
            self._move(kind, row.id, self._parent(before), self._parent(row))
        if kind == "PolicySetting":
            read.policies.pop(None, None)
        if kind == "BellSlot":
            read.bells = None

    def _move(self, kind: str, record_id: str, old_parent: str, new_parent: str) -> None:
        families, kin = self._read.families[kind], self._read.kin[kind]
        kin.pop(old_parent, None)
        kin.pop(new_parent, None)
        if old_parent != new_parent and old_parent in families:
            families[old_parent].remove(record_id)
        if new_parent and record_id not in families.get(new_parent, [record_id]):
            families[new_parent].append(record_id)

    @staticmethod
    def _parent(row: Row | None) -> str:
        return records.parent_of(row.kind, row.fields) if row else ""

    def flush(self) -> None:
        """Write what was put."""
        records.put(self._tx, list(self._changed.values()))
        self._changed.clear()


def _says_something(row: Row) -> bool:
    """Say whether what stands at a lesson was entered: a mark without a value and plain presence say nothing."""
    if row.kind == "Mark":
        return row.fields.get("value") is not None
    return row.kind != "Attendance" or row.fields.get("presence", "present") != "present"


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

    def closings(self, class_group_id: str) -> Sequence[PeriodClosing]:
        """Return the closed and reopened periods of a class."""
        return self._family(PeriodClosing, class_group_id)

    def attendance(self, lesson_id: str, pupil_id: str) -> Attendance | None:
        """Return the attendance of a pupil at a lesson, None when nobody entered any."""
        return self._known.build(Attendance, ids.attendance(lesson_id, pupil_id))

    def planned_lessons(self, journal_page_id: str) -> Sequence[PlannedLesson]:
        """Return the rows of a page's lesson plan, in no order."""
        return self._known.planned_lessons(journal_page_id)

    def planned_rows(self, journal_page_id: str) -> int:
        """Return how many rows a page's lesson plan has."""
        return len(self._known.planned_lessons(journal_page_id))

    def mark_columns(self, lesson_id: str) -> Sequence[MarkColumn]:
        """Return the columns of marks of a lesson."""
        return self._known.mark_columns(lesson_id)

    def marks_at(self, lesson_id: str, pupil_id: str) -> Sequence[Mark]:
        """Return the marks of a pupil in all columns of a lesson that have a value."""
        return self._known.marks_at(lesson_id, pupil_id)

    def homework_files(self, lesson_id: str) -> Sequence[HomeworkFile]:
        """Return the files attached to a lesson."""
        return self._known.homework_files(lesson_id)

    def entries(self, lesson_id: str) -> frozenset[str]:
        """Return the kinds of what is entered at a lesson, its own fields left aside."""
        return self._known.entries(lesson_id)

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


def _around_member(record_id: str) -> list[tuple[str, str]]:
    page_id, _, pupil_id = record_id.rpartition(ids.SEPARATOR)
    return [("JournalPage", page_id), ("Pupil", pupil_id)]


def _around_plan(record_id: str) -> list[tuple[str, str]]:
    return [("JournalPage", record_id.rsplit(ids.SEPARATOR, 1)[0])]


_AROUND: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "Lesson": lambda record_id: [("JournalPage", ids.lesson_parts(record_id)[0])],
    "HomeworkFile": _around_file,
    "PupilRemark": _around_file,
    "SpecialGroup": _around_member,
    "MarkColumn": _around_column,
    "Mark": _around_mark,
    "Attendance": _around_attendance,
    "PeriodMark": _around_period_mark,
    "PageCompletion": lambda record_id: [("JournalPage", record_id.rsplit(ids.SEPARATOR, 2)[0])],
    "LessonPlan": _around_plan,
    "PlannedLesson": _around_plan,
    "Guardian": lambda record_id: [("Pupil", record_id.split(ids.SEPARATOR)[-2])] if ids.SEPARATOR in record_id else [],
}
