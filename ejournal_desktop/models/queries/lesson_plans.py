"""КТП: a page's plan with its hours, how far it has come, what a shift would change, and what a lesson is offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, ids, lesson_plans, russian
from ejournal_core.kinds import JournalPage, LessonPlan, PlannedLesson
from ejournal_core.lesson_plans import Followed, PlanUnit, Stage
from ejournal_desktop.models.facts import DeskFacts, select_any, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import Delivery, LessonRow, OfferedTopic, PageRef
from ejournal_desktop.models.queries.cells import Ways
from ejournal_desktop.models.queries.spread import SpreadBuilder
from ejournal_desktop.models.queries.surroundings import Surroundings

#: How far a row has come: all its lessons given, some, none yet, or there is no lesson left for it.
RowState = Literal["given", "begun", "ahead", "left"]


class PlanRow(Struct, frozen=True):
    """A row of the plan with what became of it.

    Attributes:
        number: its place, from 1.
        given_on: days of the lessons whose topic it was; lessons: their ids, in the same order.
        foreseen_on: day of the next lesson it is offered to, None when there is none or all is given.
        moved_to: the date that a shift would write; the same as the row's when nothing changes.
        delivery: where the row stands on its way to the server.
    """

    number: int
    row: PlannedLesson
    state: RowState
    given_on: tuple[date, ...] = ()
    foreseen_on: date | None = None
    moved_to: date | None = None
    delivery: Delivery = "delivered"
    lessons: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether a shift would change its date."""
        return self.moved_to != self.row.planned_on


class LessonPlanPage(Struct, frozen=True):
    """The plan of one page. Hours are lessons.

    Attributes:
        curriculum: yearly hours, None while nobody has entered them.
        objection: why it cannot be approved as it stands (P30), "" when it can.
        due: until when it is to be ready (P29); `late` says that it was not.
        changed: rows differ from what was approved; since_given_in: from what was given in.
        stage: how it stands between teacher and approver; returned_by, returned_why: who gave it back, and why.
        planned_to_date, given_to_date: by the dates of the plan, by topics given; their difference is the lag.
        lost: lessons that were not held or are called off; outside: lessons with topics that are not in the plan.
        left: hours that have no lesson any more.
        read_only: why the person may only look, "" when she may write.
    """

    page: PageRef
    today: date
    year_starts_on: date
    rows: tuple[PlanRow, ...]
    hours: int
    curriculum: int | None
    objection: str
    due: date
    late: bool
    submitted_by: str
    approved_by: str
    approved_on: date | None
    changed: bool
    since_given_in: bool
    stage: Stage
    returned_by: str
    returned_why: str
    planned_to_date: int
    given_to_date: int
    lost: tuple[LessonRow, ...]
    outside: tuple[LessonRow, ...]
    left: int
    lessons: int
    read_only: str
    may_approve: bool
    may_set_hours: bool

    @property
    def lag(self) -> int:
        """By how many lessons the page is behind its plan; less than zero: ahead."""
        return self.planned_to_date - self.given_to_date

    @property
    def shift(self) -> dict[str, date | None]:
        """The dates that a shift would write, by row id."""
        return {each.row.id: each.moved_to for each in self.rows if each.moves}


class LessonOffers(Struct, frozen=True):
    """What the plan would write into a lesson: the topic while it has none, the homework while it has none."""

    topic: OfferedTopic | None = None
    homework: str = ""


class PlanSource(Struct, frozen=True):
    """A plan that may be copied: of which page, year and teacher, and how long it is."""

    journal_page_id: str
    title: str
    year: str
    teacher: str
    rows: int
    hours: int


def plan_pages(journal: Journal) -> tuple[PageRef, ...]:
    """Return the pages whose plans this person may see: those they write first, then by class and subject.

    Of what one teaches only later the plan is written before it begins (P29), so its page stands here already. Plans
    of a year that is over are looked at where they are copied from.
    """
    with journal.reading() as connection:
        person, day = journal.identity.person_id, journal.clock().date()
        around = Surroundings(connection, person, day)
        seen = []
        for page in around.pages.values():
            loads = around.loads.get(page.id, ())
            is_over = around.year_of(around.class_groups[page.class_group_id]).ends_on < day
            if not is_over and access.may_see_plans(around.grants, loads, page, person, day, around.given):
                foreign = not lesson_plans.may_write_plan(loads, person, day)
                seen.append((foreign, around.page_order(page.id), page))
        return tuple(around.page_ref(page) for *_, page in sorted(seen, key=lambda each: each[:2]))


def lesson_plan(journal: Journal, journal_page_id: str) -> LessonPlanPage:
    """Return the plan of a page, set against its lessons; a page without a plan has no rows."""
    policy, today = journal.policy(), journal.clock().date()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, today)
        builder = SpreadBuilder(around, journal_page_id, policy)
        page, lessons = builder.page, builder.lessons()
        rows = _rows(connection, page.id)
        content = lesson_plans.content(rows)
        followed = lesson_plans.follow(rows, lessons, today)
        facts = DeskFacts(connection, journal.clock(), policy)
        plan = facts.get(LessonPlan, ids.lesson_plan(page.id)) or LessonPlan(id="", journal_page_id=page.id)
        hours, wanted = lesson_plans.total_hours(rows), lesson_plans.curriculum_hours(facts, page)
        due = policy.ktp_deadline.in_year(builder.year.starts_on.year)
        person, by_id = journal.identity.person_id, {lesson.lesson_id: lesson for lesson in lessons}
        writes = lesson_plans.may_write_plan(around.loads.get(page.id, ()), person, today)
        return LessonPlanPage(
            page=around.page_ref(page),
            today=today,
            year_starts_on=builder.year.starts_on,
            rows=tuple(_plan_rows(rows, followed, by_id, builder.ways)),
            hours=hours,
            curriculum=wanted,
            objection=_objection(hours, wanted, policy.ktp_hours_strict),
            due=due,
            late=today > due and plan.approved_by is None,
            submitted_by=around.short_name(plan.submitted_by),
            approved_by=around.short_name(plan.approved_by),
            approved_on=plan.approved_on,
            changed=plan.approved_by is not None and plan.content != content,
            since_given_in=plan.given_in not in ("", content),
            stage=lesson_plans.stage(plan, content),
            returned_by=around.short_name(plan.returned_by),
            returned_why=plan.returned_why,
            planned_to_date=_planned_to_date(rows, lessons, today),
            given_to_date=len(followed.given),
            lost=tuple(by_id[each] for each in followed.lost),
            outside=tuple(by_id[each] for each in followed.outside),
            left=len(followed.left),
            lessons=sum(not lesson.cancelled for lesson in lessons),
            read_only="" if writes else "КТП этой страницы составляет её учитель: здесь можно только смотреть.",
            may_approve=lesson_plans.may_approve_plan(facts, person, page),
            may_set_hours=access.may_edit_directory(facts, person, "CurriculumHours", today, page.class_group_id),
        )


def offers(journal: Journal, lesson_id: str) -> LessonOffers:
    """Return what the plan offers to the empty fields of a lesson."""
    page_id = ids.lesson_parts(lesson_id)[0]
    with journal.reading() as connection:
        if not _rows(connection, page_id):
            return LessonOffers()
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return offers_among(around, page_id, SpreadBuilder(around, page_id, journal.policy()).lessons(), lesson_id)


def offers_among(
    around: Surroundings, journal_page_id: str, lessons: Sequence[LessonRow], lesson_id: str
) -> LessonOffers:
    """Return what `offers` does, from the lessons of the page, where they are at hand.

    The homework is that of the row whose topic the lesson has, or would have.
    """
    lesson = next((lesson for lesson in lessons if lesson.lesson_id == lesson_id), None)
    rows = _rows(around.connection, journal_page_id)
    if not rows or lesson is None or lesson.cancelled or (lesson.topic and lesson.homework):
        return LessonOffers()
    if lesson.topic:
        unit = lesson_plans.follow(rows, lessons, around.day).given.get(lesson_id)
    else:
        unit = lesson_plans.offered_to(rows, lessons, around.day, lesson_id)
    if unit is None:
        return LessonOffers()
    return LessonOffers(None if lesson.topic else _offer(rows, unit), "" if lesson.homework else unit.row.homework)


def _rows(connection: sa.Connection, journal_page_id: str) -> tuple[PlannedLesson, ...]:
    return lesson_plans.in_order(select_records(connection, PlannedLesson, journal_page_id=journal_page_id))


def plan_sources(journal: Journal, journal_page_id: str) -> tuple[PlanSource, ...]:
    """Return the plans of the same subject that this desk holds: the same grade first, then the newest year."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        own = around.page(journal_page_id)
        pages = [page for page in around.pages.values() if page.subject_id == own.subject_id and page.id != own.id]
        found: dict[str, list[PlannedLesson]] = {page.id: [] for page in pages}
        for row in select_any(connection, PlannedLesson, "journal_page_id", found):
            found[row.journal_page_id].append(row)
        grade = around.class_groups[own.class_group_id].grade_level
        sources = [
            (_rank(around, page, grade), _source(around, page, found[page.id])) for page in pages if found[page.id]
        ]
    return tuple(source for _, source in sorted(sources, key=lambda pair: pair[0]))


def rows_to_copy(journal: Journal, journal_page_id: str) -> tuple[PlannedLesson, ...]:
    """Return the rows of a plan in order."""
    with journal.reading() as connection:
        return _rows(connection, journal_page_id)


# --- parts of the page -----------------------------------------------------------------------------------------------


def _plan_rows(
    rows: Iterable[PlannedLesson], followed: Followed, lessons: Mapping[str, LessonRow], ways: Ways
) -> Iterable[PlanRow]:
    given = _days(followed.given, lessons)
    offered = _days(followed.offered, lessons)
    for number, row in enumerate(rows, 1):
        taught = sorted(given.get(row.id, ()))
        done, ahead = tuple(day for day, _ in taught), [day for day, _ in sorted(offered.get(row.id, ()))]
        full = len(done) == row.hours
        state: RowState = "given" if full else "begun" if done else "ahead" if ahead else "left"
        moved = row.planned_on if done else ahead[0] if ahead else None
        delivery = ways.of("PlannedLesson", row.id).delivery
        named = tuple(lesson_id for _, lesson_id in taught)
        yield PlanRow(number, row, state, done, ahead[0] if ahead else None, moved, delivery, named)


def _days(units: Mapping[str, PlanUnit], lessons: Mapping[str, LessonRow]) -> dict[str, list[tuple[date, str]]]:
    """Return the days and ids of the lessons of each row."""
    days: dict[str, list[tuple[date, str]]] = {}
    for lesson_id, unit in units.items():
        days.setdefault(unit.row.id, []).append((lessons[lesson_id].held_on, lesson_id))
    return days


def _objection(hours: int, wanted: int | None, strict: bool) -> str:
    return lesson_plans.hours_objection(hours, wanted) if strict and hours != wanted else ""


def _planned_to_date(rows: Iterable[PlannedLesson], lessons: Iterable[LessonRow], today: date) -> int:
    """Return the hours planned until today: by the plan's dates, or by the timetable where it has none."""
    rows = tuple(rows)
    if any(row.planned_on for row in rows):
        return sum(row.hours for row in rows if row.planned_on and row.planned_on <= today)
    passed = sum(1 for lesson in lessons if lesson.held_on <= today)
    return min(passed, lesson_plans.total_hours(rows))


def _offer(rows: tuple[PlannedLesson, ...], unit: PlanUnit) -> OfferedTopic:
    number = next(n for n, row in enumerate(rows, 1) if row.id == unit.row.id)
    return OfferedTopic(number, unit.row.topic, unit.part, unit.row.hours)


def _rank(around: Surroundings, page: JournalPage, grade: int) -> tuple[bool, int, str]:
    group = around.class_groups[page.class_group_id]
    year = around.year_of(group)
    return group.grade_level != grade, -year.starts_on.toordinal(), russian.sort_key(group.title)


def _source(around: Surroundings, page: JournalPage, rows: list[PlannedLesson]) -> PlanSource:
    year = around.year_of(around.class_groups[page.class_group_id])
    teachers = [around.short_name(load.person_id) for load in around.loads.get(page.id, ())]
    ref = around.page_ref(page)
    return PlanSource(
        page.id, ref.title, year.title, ", ".join(dict.fromkeys(teachers)), len(rows), lesson_plans.total_hours(rows)
    )
