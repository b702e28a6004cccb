"""Готовность журналов: how far every page of the classes that a person oversees has come in a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace

from ejournal_core import access, deadlines, ids, marks
from ejournal_core.calendar import period_title
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    GradingPeriod,
    JournalPage,
    PeriodClosing,
    PeriodKind,
    SubgroupMember,
)
from ejournal_core.policy import Policy
from ejournal_desktop.models import slices
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.attestation import why_no_period_marks
from ejournal_desktop.models.queries.school_days import SchoolDays
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES

#: Kind and number of a period; None asks for the running one of each class, in a vacation the one before it.
Asked = tuple[PeriodKind, int] | None

#: ready: nothing is missing · waits: something is, in time · late: after P09 · absent: not on this computer.
Standing = Literal["ready", "waits", "late", "absent"]


class PageStanding(Struct, frozen=True, kw_only=True):
    """One page in its period.

    Attributes:
        teachers: short names of those who have the load today.
        period, kind, number: the period that this class has; its title.
        lessons, unfilled: lessons until yesterday, and those not held or without a topic.
        no_homework: lessons that were held and have no homework; nobody is bound to set any, so it only informs.
        pupils, unmarked: who is to have a mark for the period, and who has none; 0 where none are put.
        unreasoned: «н/а» without a justification.
        nothing_due: why no marks are put (grade 1, a subject without attestation), "" otherwise.
        complete, stated_by, stated_at: what the teacher stated of the page.
        due_on: the last day in time (P09), None without study days.
        grading_period_id, ends_on, closed: the period itself, its last day, and whether it is closed for the class.
        standing: as a whole; of a page that is not on this computer nothing is counted.
    """

    page: PageRef
    standing: Standing
    kind: PeriodKind
    number: int
    period: str
    teachers: tuple[str, ...] = ()
    lessons: int = 0
    unfilled: int = 0
    no_homework: int = 0
    pupils: int = 0
    unmarked: int = 0
    unreasoned: int = 0
    nothing_due: str = ""
    complete: bool = False
    stated_by: str = ""
    stated_at: datetime | None = None
    due_on: date | None = None
    grading_period_id: str = ""
    ends_on: date | None = None
    closed: bool = False


class Oversight(Struct, frozen=True):
    """All pages of a period.

    Attributes:
        periods: what can be asked for besides the running one: (kind, number, title), in order.
        elsewhere: pages of the school that this person does not oversee, so they are not here.
        heard_at: when this computer last spoke with the server; what teachers entered later is not counted.
    """

    rows: tuple[PageStanding, ...]
    periods: tuple[tuple[PeriodKind, int, str], ...]
    elsewhere: int
    heard_at: datetime | None

    def counted(self, standing: Standing) -> int:
        """Return how many pages stand so."""
        return sum(row.standing == standing for row in self.rows)


def oversees(journal: Journal) -> bool:
    """Say whether this person oversees any class."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return access.holds_role(around.grants, access.OVERSEERS, around.day)


def oversight(journal: Journal, asked: Asked = None) -> Oversight:
    """Return how the pages of the classes that this person oversees stand, by class and subject.

    It reads the period of a whole school: off the window's thread. Grades that the journal does not cover (P45) and
    years that do not run are left out.
    """
    policy, heard = journal.policy(), journal.state().last_contact
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        school = _School(around, policy, asked)
        pages = [page for page in around.pages.values() if school.keeps(page)]
        own = [page for page in pages if _oversees(around, page)]
        own.sort(key=lambda page: around.page_order(page.id))
        rows = tuple(school.standing(page) for page in own if school.period_of(page.class_group_id) is not None)
        periods = _periods(around, {page.class_group_id for page in own})
    return Oversight(rows, periods, len(pages) - len(own), datetime.fromisoformat(heard) if heard else None)


def _oversees(around: Surroundings, page: JournalPage) -> bool:
    return access.holds_role(around.grants, access.OVERSEERS, around.day, page.class_group_id)


def _periods(around: Surroundings, class_ids: Iterable[str]) -> tuple[tuple[PeriodKind, int, str], ...]:
    found = {(p.kind, p.number): p for each in class_ids for p in around.periods_of(around.class_groups[each])}
    order = sorted(found.values(), key=lambda p: (p.kind, p.number))
    return tuple((p.kind, p.number, period_title(p.kind, p.number)) for p in order)


class _School:
    """What the pages of a school are set against; each kind is read once for all of them."""

    def __init__(self, around: Surroundings, policy: Policy, asked: Asked) -> None:
        self.around, self.policy, self.days = around, policy, SchoolDays(around)
        self._asked = asked
        self._periods: dict[str, GradingPeriod | None] = {}
        self._held = slices.held(around.connection)
        used = [p for each in around.class_groups if (p := self.period_of(each)) is not None]
        begins = min((period.starts_on for period in used), default=around.day)
        self._lessons = _grouped(around.connection.execute(
            _LESSONS, {"first": begins.isoformat(), "last": around.day.isoformat()}))  # fmt: skip
        self._moved = set(around.connection.execute(_MOVED).scalars())
        self._marks = _grouped(around.connection.execute(_PERIOD_MARKS))
        self._stated = {(row.journal_page_id, row.period_kind, row.period_number): row
                        for row in around.connection.execute(_STATED)}  # fmt: skip
        self._of_class = _by(select_records(around.connection, Enrolment), "class_group_id")
        self._of_group = _by(select_records(around.connection, SubgroupMember), "subgroup_id")
        self._closed = {ids.period_closing(each.class_group_id, each.grading_period_id)
                        for each in select_records(around.connection, PeriodClosing) if each.closed}  # fmt: skip
        self._last_days: dict[tuple[str, str, str], date | None] = {}

    def keeps(self, page: JournalPage) -> bool:
        """Say whether the journal is kept on the page in the running year (P45)."""
        group = self.around.class_groups.get(page.class_group_id)
        if group is None or group.grade_level not in self.policy.grades_covered:
            return False
        year = self.around.year_of(group)
        return year.starts_on <= self.around.day <= year.ends_on

    def period_of(self, class_group_id: str) -> GradingPeriod | None:
        """Return the period that is asked for, as the class has it."""
        if class_group_id not in self._periods:
            periods = self.around.periods_of(self.around.class_groups[class_group_id])
            self._periods[class_group_id] = self._chosen(periods)
        return self._periods[class_group_id]

    def _chosen(self, periods: Sequence[GradingPeriod]) -> GradingPeriod | None:
        if self._asked is not None:
            return next((p for p in periods if (p.kind, p.number) == self._asked), None)
        begun = [p for p in periods if p.starts_on <= self.around.day]
        return begun[-1] if begun else None

    def standing(self, page: JournalPage) -> PageStanding:
        """Return how a page stands."""
        around, period = self.around, self.period_of(page.class_group_id)
        assert period is not None
        ref = around.page_ref(page)
        absent = PageStanding(
            page=ref, standing="absent", kind=period.kind, number=period.number, teachers=self._teachers(page),
            period=period_title(period.kind, period.number), grading_period_id=period.id, ends_on=period.ends_on,
            closed=ids.period_closing(page.class_group_id, period.id) in self._closed,
        )  # fmt: skip
        return self._counted(page, period, absent) if self._is_here(page) else absent

    def _counted(self, page: JournalPage, period: GradingPeriod, bare: PageStanding) -> PageStanding:
        around = self.around
        group = around.class_groups[page.class_group_id]
        lessons, unfilled, no_homework = self._count_lessons(page, period)
        nothing_due = why_no_period_marks(group, around.subjects.get(page.subject_id), self.policy)
        pupils, unmarked, unreasoned = (0, 0, 0) if nothing_due else self._count_marks(page, period)
        stated = self._stated.get((page.id, period.kind, period.number))
        complete, due_on = stated is not None and stated.complete, self._due_on(group, page, period)
        ready = not unfilled and not unreasoned and (bool(nothing_due) or (complete and not unmarked))
        late = due_on is not None and around.day > due_on
        by, at = (around.short_name(stated.author), _moment(stated.entered_at)) if stated and complete else ("", None)
        return replace(
            bare, standing="ready" if ready else "late" if late else "waits", lessons=lessons, unfilled=unfilled,
            no_homework=no_homework, pupils=pupils, unmarked=unmarked, unreasoned=unreasoned, nothing_due=nothing_due,
            complete=complete, stated_by=by, stated_at=at, due_on=due_on,
        )  # fmt: skip

    def _teachers(self, page: JournalPage) -> tuple[str, ...]:
        loads = (load for load in self.around.loads.get(page.id, ()) if access.lasts(load, self.around.day))
        return tuple(self.around.short_name(load.person_id) for load in loads)

    def _is_here(self, page: JournalPage) -> bool:
        found = self._held.get(f"page:{page.id}")
        return not self._held or (found is not None and not found.leaving)

    def _count_lessons(self, page: JournalPage, period: GradingPeriod) -> tuple[int, int, int]:
        """Return the lessons of the period before today, those that are not filled in, those without homework."""
        last = min(period.ends_on, self.around.day)
        rows = [row for row in self._lessons.get(page.id, ())
                if period.starts_on.isoformat() <= row.held_on <= last.isoformat()]  # fmt: skip
        known = {row.id for row in self._lessons.get(page.id, ())} | self._moved
        past = [row for row in rows if row.held_on < self.around.day.isoformat() and (row.held or not row.cancelled)]
        foreseen = self.days.foreseen(page, period.starts_on, last)
        ahead = sum(each.day < self.around.day and ids.lesson(page.id, each.day, each.lesson_number) not in known
                    for each in foreseen)  # fmt: skip
        unfilled = sum(not (row.held and row.topic) for row in past)
        return len(past) + ahead, unfilled + ahead, sum(row.held and not row.homework for row in past)

    def _count_marks(self, page: JournalPage, period: GradingPeriod) -> tuple[int, int, int]:
        """Return who is to have a mark, who has none, and the «н/а» without a reason."""
        times: Sequence[Enrolment | SubgroupMember] = (
            self._of_group.get(page.subgroup_id, ())
            if page.subgroup_id
            else self._of_class.get(page.class_group_id, ())
        )
        asked = {each.pupil_id for each in times if each.since <= period.ends_on
                 and (each.until is None or each.until >= period.ends_on)}  # fmt: skip
        given = [row for row in self._marks.get(page.id, ())
                 if (row.period_kind, row.period_number) == (period.kind, period.number)]  # fmt: skip
        marked = {row.pupil_id for row in given}
        unreasoned = sum(row.value == marks.NOT_ASSESSED and not row.justification.strip() for row in given)
        return len(asked), len(asked - marked), unreasoned

    def _due_on(self, group: ClassGroup, page: JournalPage, period: GradingPeriod) -> date | None:
        """Return P09's day; classes of one system of periods share it, unless it follows the page's own lessons."""
        own = page.id if self.policy.period_mark_deadline == "after_last_lesson" else ""
        key = group.school_year_id, period.id, own
        if key not in self._last_days:
            held = self.days.foreseen(page, period.starts_on, period.ends_on) if own else ()
            last = max((each.day for each in held), default=None)
            study = self.days.calendar_of(group)
            self._last_days[key] = deadlines.period_mark_due_on(self.policy, study, period, last)
        return self._last_days[key]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _grouped(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.journal_page_id].append(row)
    return found


def _by(records: Iterable[Any], field: str) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        found[getattr(record, field)].append(record)
    return found


_LESSON, _MARK, _COMPLETION = TABLES["Lesson"].c, TABLES["PeriodMark"].c, TABLES["PageCompletion"].c
_LESSONS = sa.select(
    _LESSON.id, _LESSON.journal_page_id, _LESSON.held_on, _LESSON.held, _LESSON.cancelled,
    (sa.func.trim(_LESSON.topic) != "").label("topic"), (sa.func.trim(_LESSON.homework) != "").label("homework"),
).where(_LESSON.voided.is_(False), _LESSON.held_on.between(sa.bindparam("first"), sa.bindparam("last")))  # fmt: skip
#: Lessons that stand on another day than their id says: what the timetable foresees there is not missing.
_MOVED = sa.select(_LESSON.id).where(
    sa.func.instr(_LESSON.id, sa.func.replace(_LESSON.held_on, "-", "")) == 0, _LESSON.voided.is_(False)
)
_PERIOD_MARKS = sa.select(
    _MARK.journal_page_id, _MARK.pupil_id, _MARK.period_kind, _MARK.period_number, _MARK.value, _MARK.justification
).where(_MARK.voided.is_(False), _MARK.value.is_not(None))
_STATED = sa.select(
    _COMPLETION.journal_page_id, _COMPLETION.period_kind, _COMPLETION.period_number, _COMPLETION.complete,
    _COMPLETION.author, _COMPLETION.entered_at,
).where(_COMPLETION.voided.is_(False))  # fmt: skip
