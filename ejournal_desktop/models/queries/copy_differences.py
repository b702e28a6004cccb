"""One class, then and now: what a backup says otherwise than today's journal, cell by cell, and who made it so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Generic, Literal, TypeVar, cast

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import calendar, ids
from ejournal_core.kinds import (
    Attendance,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PeriodKind,
    PeriodMark,
    Record,
    from_fields,
)
from ejournal_desktop.models import records, slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.proposals import period_key
from ejournal_desktop.models.queries.school_days import hour_in_words
from ejournal_desktop.models.queries.spread import journal_spread
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.records import Stand
from ejournal_desktop.models.tables import TABLES

K = TypeVar("K", bound=Record)
What = Literal["mark", "presence", "period", "held", "topic", "homework", "moved"]
Way = Literal["changed", "gone", "added"]

WHATS: tuple[What, ...] = ("mark", "presence", "period", "held", "topic", "homework", "moved")


class Difference(Struct, frozen=True, kw_only=True):
    """A value that is another one today.

    Attributes:
        way: "gone": it stood in the backup and stands no more; "added": it came after the backup.
        pupil: as lists call them, "" for what is the whole lesson's.
        place: «15.09, 3-й урок, КР», «I четверть».
        was, now: as a person reads them, "" for nothing.
        who, at: who made it what it is today, and when; "" and None where this desk does not know.
        column_key: of today's journal, where the cell still has a column.
    """

    page_id: str
    what: What
    way: Way
    pupil_id: str = ""
    pupil: str = ""
    place: str
    was: str
    now: str
    who: str = ""
    at: datetime | None = None
    lesson_id: str = ""
    column_key: str = ""


class PageDifferences(Struct, frozen=True):
    """What differs on one page of the journal, by pupil and day, what is the whole lesson's last."""

    page_id: str
    title: str
    lines: tuple[Difference, ...]


class ClassDifferences(Struct, frozen=True):
    """One class compared: `equal` pages differ in nothing; `missing` ones are not in both journals."""

    class_title: str
    moment: datetime
    pages: tuple[PageDifferences, ...]
    equal: int
    missing: tuple[str, ...] = ()

    def count(self, *ways: Way) -> int:
        """Return how many values differ in these ways."""
        return sum(line.way in ways for page in self.pages for line in page.lines)


def class_differences(journal: Journal, copy: Journal, group: ClassRef) -> ClassDifferences:
    """Compare every page of a class that both journals hold.

    Args:
        journal: of today, with what this person sees.
        copy: an opened backup.
        group: one of `classes_seen(journal)`.
    """
    with journal.reading() as now, copy.reading() as then:
        today = Surroundings(now, journal.identity.person_id, journal.clock().date())
        before = Surroundings(then, copy.identity.person_id, copy.clock().date())
        here = {page.id for page in _pages(today, group.id) if today.may_see(page) and _is_here(now, page.id)}
        there = {page.id for page in _pages(before, group.id)}
        missing = [today.page_ref(today.pages[page]).title for page in sorted(here - there, key=today.page_order)]
        missing += [before.page_ref(before.pages[page]).title for page in sorted(there - here, key=before.page_order)]
        found = [
            PageDifferences(page, today.page_ref(today.pages[page]).title, _Compared(today, before, page).lines())
            for page in sorted(here & there, key=today.page_order)
        ]
    pages = tuple(_with_columns(journal, page) for page in found if page.lines)
    return ClassDifferences(group.title, copy.clock(), pages, len(found) - len(pages), tuple(missing))


def _pages(around: Surroundings, class_group_id: str) -> Iterator[JournalPage]:
    return (page for page in around.pages.values() if page.class_group_id == class_group_id)


def _is_here(connection: sa.Connection, page_id: str) -> bool:
    """Say whether the page itself has come onto this desk: one that is on its way yet would seem emptied."""
    held = slices.held(connection)
    return not held or f"page:{page_id}" in held


def _with_columns(journal: Journal, page: PageDifferences) -> PageDifferences:
    """Give what is said of a pupil the column of today's page that shows it."""
    columns = journal_spread(journal, page.page_id).columns
    first = {column.lesson_id: column.key for column in columns if column.kind == "lesson" and column.first_of_lesson}
    keys = {column.key for column in columns}

    def placed(line: Difference) -> Difference:
        key = line.column_key if line.column_key in keys else first.get(line.lesson_id, "")
        return msgspec.structs.replace(line, column_key=key)

    return PageDifferences(page.page_id, page.title, tuple(map(placed, page.lines)))


class _Entered(Struct, Generic[K], frozen=True):
    """A record with who entered it when."""

    record: K
    stand: Stand


class _Value(Struct, frozen=True):
    """What one cell or line says, and the record that made it say so."""

    text: str
    stand: Stand


#: What, lesson id or key of the period, column id, pupil id.
_Key = tuple[What, str, str, str]


class _Side:
    """The records of one page in one of the two journals; what was taken away is among them."""

    def __init__(self, around: Surroundings, page_id: str) -> None:
        self._connection = around.connection
        self._page_id = page_id
        self.lessons, self.columns = self._entered(Lesson), self._entered(MarkColumn)

    def _entered(self, kind: type[K]) -> dict[str, _Entered[K]]:
        column, prefix = TABLES[kind.__name__].c.id, self._page_id
        inside = sa.and_(column > prefix + ids.SEPARATOR, column < prefix + chr(ord(ids.SEPARATOR) + 1))
        return {
            record_id: _Entered(from_fields(kind, record_id, stand.fields), stand)
            for record_id, stand in records.read_where(self._connection, kind.__name__, inside)
            if stand.fields is not None
        }

    def values(self) -> dict[_Key, _Value]:
        """Return everything that is said on the page; nothing is said by what was taken away."""
        return dict(chain(self._of_lessons(), self._marks(), self._presences(), self._period_marks()))

    def _of_lessons(self) -> Iterator[tuple[_Key, _Value]]:
        for lesson_id, lesson in self.lessons.items():
            for what, text in _of_lesson(lesson.record):
                yield (what, lesson_id, "", ""), _told(text, lesson)

    def _marks(self) -> Iterator[tuple[_Key, _Value]]:
        for mark in self._entered(Mark).values():
            column_id = mark.record.mark_column_id
            lesson_id = ids.mark_column_parts(column_id)[0]
            text = _joined(mark.record.value, mark.record.comment, mark.record.document)
            over = (self.columns.get(column_id), self.lessons.get(lesson_id))
            yield ("mark", lesson_id, column_id, mark.record.pupil_id), _told(text, mark, *over)

    def _presences(self) -> Iterator[tuple[_Key, _Value]]:
        for at in self._entered(Attendance).values():
            lesson_id = at.record.lesson_id
            told = _told(_presence(at.record), at, self.lessons.get(lesson_id))
            yield ("presence", lesson_id, "", at.record.pupil_id), told

    def _period_marks(self) -> Iterator[tuple[_Key, _Value]]:
        for mark in self._entered(PeriodMark).values():
            record = mark.record
            key = period_key(record.period_kind, record.period_number)
            text = _joined(record.value, record.justification, record.document)
            yield ("period", key, key, record.pupil_id), _told(text, mark)


def _told(text: str, entered: _Entered[K], *over: _Entered[MarkColumn] | _Entered[Lesson] | None) -> _Value:
    """Return what stands of a value: nothing where its record, or the work or lesson it belongs to, was taken away."""
    gone = next((each.stand for each in over if each is not None and each.record.voided), None)
    if entered.record.voided or gone is not None:
        return _Value("", gone or entered.stand)
    return _Value(text, entered.stand)


def _of_lesson(lesson: Lesson) -> Iterator[tuple[What, str]]:
    yield "topic", lesson.topic
    yield "homework", lesson.homework
    yield "held", "проведён" if lesson.held else ""
    _page, day, number = ids.lesson_parts(lesson.id)
    yield "moved", _when(lesson) if (lesson.held_on, lesson.lesson_number) != (day, number) else ""


def _when(lesson: Lesson) -> str:
    return hour_in_words(lesson.held_on, lesson.lesson_number)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _presence(at: Attendance) -> str:
    if at.presence == "present":
        return ""
    minutes = f"{at.late_minutes} мин" if at.late_minutes else ""
    said = ("опоздание", minutes) if at.presence == "late" else ("не было на уроке",)
    return ", ".join(part for part in (*said, at.reason) if part)


_NOTHING = _Value("", records.UNKNOWN)
#: Whoever is not on the list any more stands behind it, and behind everybody what is the whole lesson's.
_LEFT, _WHOLE_LESSON = 1_000, 2_000


class _Compared:
    """One page in both journals."""

    def __init__(self, today: Surroundings, before: Surroundings, page_id: str) -> None:
        self._today, self._before, self._page_id = today, before, page_id
        self._now, self._then = _Side(today, page_id), _Side(before, page_id)
        self._rows = {row.pupil_id: row for row in today.pupils_of(today.pages[page_id])}

    def lines(self) -> tuple[Difference, ...]:
        """Return what differs, by pupil and day."""
        now, then = self._now.values(), self._then.values()
        keys = [key for key in now.keys() | then.keys() if _text(now, key) != _text(then, key)]
        keys.sort(key=self._order)
        return tuple(self._line(key, then.get(key, _NOTHING), now.get(key, _NOTHING)) for key in keys)

    def _order(self, key: _Key) -> tuple[int, str, str, int, str]:
        what, at, column, pupil = key
        row = self._rows.get(pupil)
        place = row.position if row is not None else _LEFT if pupil else _WHOLE_LESSON
        lesson = self._lesson(at)
        return (
            place,
            pupil,
            f"{lesson.held_on:%Y%m%d}{lesson.lesson_number}" if lesson else at,
            WHATS.index(what),
            column,
        )

    def _lesson(self, lesson_id: str) -> Lesson | None:
        found = (side.lessons.get(lesson_id) for side in (self._now, self._then))
        return next((each.record for each in found if each is not None), None)

    def _line(self, key: _Key, was: _Value, now: _Value) -> Difference:
        what, at, column, pupil = key
        way: Way = "added" if not was.text else "gone" if not now.text else "changed"
        entered = now.stand.entered_at
        return Difference(
            page_id=self._page_id, what=what, way=way, pupil_id=pupil, pupil=self._name(pupil),
            place=self._place(what, at, column), was=was.text, now=now.text,
            who=self._today.short_name(now.stand.author), at=datetime.fromisoformat(entered) if entered else None,
            lesson_id="" if what == "period" else at, column_key=column,
        )  # fmt: skip

    def _name(self, pupil_id: str) -> str:
        if not pupil_id:
            return ""
        row = self._rows.get(pupil_id)
        return row.name if row else self._today.pupil_name(pupil_id) or self._before.pupil_name(pupil_id)

    def _place(self, what: What, at: str, column_id: str) -> str:
        if what == "period":
            kind, _, number = at.partition(".")
            return calendar.period_title(cast(PeriodKind, kind), int(number or 0))
        lesson = self._lesson(at)
        when = _when(lesson) if lesson else ""
        kind_id = ids.mark_column_parts(column_id)[1] if column_id else ""
        known = self._today.work_kinds.get(kind_id) or self._before.work_kinds.get(kind_id)
        return ", ".join(part for part in (when, known.code if known else "") if part)


def _text(values: dict[_Key, _Value], key: _Key) -> str:
    return values.get(key, _NOTHING).text
