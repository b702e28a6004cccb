"""КТП: the rules for plans and their rows, and how a plan is followed lesson by lesson.

A row is planned for a number of lessons (hours). Rows are followed in their order and not by their dates, so a lesson
that was lost moves every later topic on and none falls out: what has no lesson left stands in `Followed.left`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, Protocol

import msgspec
from msgspec import Struct

from ejournal_core import access, ids
from ejournal_core.cases import Case, Judgement, also_as_it_stood, refused
from ejournal_core.facts import Facts
from ejournal_core.kinds import CurriculumHours, JournalPage, LessonPlan, PlannedLesson, TeachingLoad

LONGEST_TOPIC = 500  # characters; section and kind of control too
LONGEST_HOMEWORK = 2_000
LONGEST_WHY = 500  # of giving a plan back
MOST_HOURS = 40  # lessons of one topic
YEARLY_HOURS = 1_500  # more than a class has lessons in its year
#: Being written · given in · given back with a reason · approved · changed since, its teacher has not said that it is
#: ready · changed since and given in again.
Stage = Literal["draft", "submitted", "returned", "approved", "changed", "resubmitted"]
MOST_ROWS = 1_000  # of one plan: three hundred is a long one
APPROVAL = ("approved_by", "approved_on", "content", "hours")
GIVING_IN = ("submitted_by", "given_in", "voided")
RETURN = ("returned_by", "returned_why")
_NOT_YOURS = "КТП утверждает и возвращает завуч; своё КТП — другой завуч или директор."
CLOCKS_DIFFER = timedelta(days=1)  # the day of an approval and that of its entry: one may be past midnight
GAP = 1_024  # between the positions of rows: something can be put between them without moving the others

# --- rules -------------------------------------------------------------------------------------------------------


def may_write_plan(loads: Iterable[TeachingLoad], person_id: str, day: date) -> bool:
    """Say whether the person teaches the page, or will: a plan is written before the year begins (P29)."""
    return any(load.person_id == person_id and (load.until is None or load.until >= day) for load in loads)


def may_approve_plan(facts: Facts, person_id: str, page: JournalPage) -> bool:
    """Say whether the person approves plans of the class; nobody approves the plan of a page that they teach."""
    today = facts.today()
    oversees = access.holds_role(facts.roles(person_id), access.OVERSEERS, today, page.class_group_id)
    return oversees and not may_write_plan(facts.loads(page.id), person_id, today)


@also_as_it_stood
def the_teacher_writes_the_plan(case: Case) -> Judgement | None:
    """Rows are written by who teaches the page."""
    if case.change.act == "resolve" or _teaches(case):
        return None
    return refused("EJ-260", "КТП этой страницы составляет её учитель: здесь можно только смотреть.")


def _teaches(case: Case) -> bool:
    assert case.page is not None
    return may_write_plan(case.facts.loads(case.page.id), case.change.author, case.facts.today())


def the_row_can_be_taught(case: Case) -> Judgement | None:
    """A row has a topic and whole lessons; texts are no longer than a teacher writes."""
    row = case.after
    assert isinstance(row, PlannedLesson)
    if not row.topic.strip():
        return refused("EJ-262", "У строки КТП нет темы: напишите её.")
    if not 1 <= row.hours <= MOST_HOURS:
        return refused("EJ-262", f"Часов в строке КТП бывает от 1 до {MOST_HOURS}.")
    if max(len(row.topic), len(row.section), len(row.control)) > LONGEST_TOPIC or len(row.homework) > LONGEST_HOMEWORK:
        return refused("EJ-262", f"Слишком длинный текст: тема, раздел и вид контроля — до {LONGEST_TOPIC} знаков.")
    return None


def the_plan_has_room(case: Case) -> Judgement | None:
    """No plan is longer than desks reckon with at once."""
    row = case.after
    assert isinstance(row, PlannedLesson)
    comes = not row.voided and (case.before is None or case.before.voided)
    if not comes or case.facts.planned_rows(row.journal_page_id) < MOST_ROWS:
        return None
    return refused("EJ-503", f"В КТП уже {MOST_ROWS} строк, больше оно не вмещает: уберите лишние строки.")


def the_plan_is_given_in_by_its_teacher(case: Case) -> Judgement | None:
    """The teacher gives the plan in under the own name, and takes it back."""
    plan = case.after
    assert isinstance(plan, LessonPlan)
    decides = case.sets(*APPROVAL, *RETURN) and not case.sets(*GIVING_IN)  # rules of their own
    if case.change.act == "resolve" or decides:
        return None
    if _teaches(case) and plan.submitted_by in (None, case.change.author):
        return None
    return refused("EJ-260", "КТП сдаёт на утверждение учитель, который ведёт эту страницу.")


def another_person_approves(case: Case) -> Judgement | None:
    """The deputy approves, under the own name; never a plan of one's own."""
    plan = case.after
    assert isinstance(plan, LessonPlan)
    assert case.page is not None
    if not case.sets(*APPROVAL):
        return None
    if may_approve_plan(case.facts, case.change.author, case.page) and plan.approved_by in (None, case.change.author):
        return None
    return refused("EJ-261", _NOT_YOURS)


def another_person_returns(case: Case) -> Judgement | None:
    """Whoever could approve gives the plan back, by name and with a reason; giving it in again clears it."""
    plan = case.after
    assert isinstance(plan, LessonPlan)
    assert case.page is not None
    if not case.sets(*RETURN):
        return None
    approves = may_approve_plan(case.facts, case.change.author, case.page)
    if plan.returned_by is None:
        if plan.returned_why:
            return refused("EJ-502", "Причина возврата стоит без того, кто вернул КТП.")
        return None if approves or _teaches(case) else refused("EJ-261", _NOT_YOURS)
    if not approves or plan.returned_by != case.change.author:
        return refused("EJ-261", _NOT_YOURS)
    if plan.submitted_by is None and plan.approved_by is None:
        return refused("EJ-502", "Это КТП на утверждение не сдано: возвращать нечего.")
    if not plan.returned_why.strip() or len(plan.returned_why) > LONGEST_WHY:
        return refused(
            "EJ-502", f"Напишите учителю, что исправить: до {LONGEST_WHY} знаков. Без причины КТП не вернуть."
        )
    return None


def what_is_approved_is_what_stands(case: Case) -> Judgement | None:
    """Approved is what the approver has seen, on the day of it: rows that changed meanwhile are looked at again."""
    plan = case.after
    assert isinstance(plan, LessonPlan)
    if not case.sets(*APPROVAL) or plan.approved_by is None:
        return None
    if plan.approved_on is None or abs(plan.approved_on - case.facts.today()) > CLOCKS_DIFFER:
        return refused("EJ-263", "Утверждают сегодняшним днём: проверьте часы компьютера и утвердите снова.")
    rows = case.facts.planned_lessons(plan.journal_page_id)
    if (plan.content, plan.hours) == (content(rows), total_hours(rows)):
        return None
    return refused("EJ-263", "КТП изменилось, пока его утверждали: посмотрите его ещё раз и утвердите снова.")


def its_hours_are_the_curriculums(case: Case) -> Judgement | None:
    """P30: a plan whose hours are not those of the curriculum is not approved."""
    plan = case.after
    assert isinstance(plan, LessonPlan)
    assert case.page is not None
    strict = case.facts.policy().ktp_hours_strict
    if not strict or not case.sets(*APPROVAL) or plan.approved_by is None:
        return None
    wanted = curriculum_hours(case.facts, case.page)
    return None if wanted == plan.hours else refused("EJ-264", hours_objection(plan.hours, wanted), "P30")


def hours_objection(hours: int, wanted: int | None) -> str:
    """Return why a plan of so many hours is not approved."""
    if wanted is None:
        return "В учебном плане нет часов этого предмета для класса: их вносит завуч, потом КТП утверждают."
    differs = f"не хватает {wanted - hours}" if hours < wanted else f"лишних {hours - wanted}"
    return f"В КТП {hours} ч, в учебном плане {wanted} ч ({differs}): сначала сравняйте часы."


def the_hours_are_those_of_a_year(case: Case) -> Judgement | None:
    """Hours of a curriculum are a number of lessons in a year."""
    assert isinstance(case.after, CurriculumHours)
    if 0 <= case.after.hours <= YEARLY_HOURS:
        return None
    return refused("EJ-262", f"Часов учебного плана на год бывает от 0 до {YEARLY_HOURS}.")


def curriculum_hours(facts: Facts, page: JournalPage) -> int | None:
    """Return the yearly hours of the page's subject in its class, None while nobody has entered them."""
    found = facts.get(CurriculumHours, ids.curriculum_hours(page.subject_id, page.class_group_id))
    return found.hours if found else None


# --- the rows ----------------------------------------------------------------------------------------------------


def in_order(rows: Iterable[PlannedLesson]) -> tuple[PlannedLesson, ...]:
    """Return the rows as they stand in the plan."""
    return tuple(sorted(rows, key=lambda row: (row.position, row.id)))


def total_hours(rows: Iterable[PlannedLesson]) -> int:
    """Return the sum of the hours."""
    return sum(row.hours for row in rows)


def content(rows: Iterable[PlannedLesson]) -> str:
    """Return the SHA-256 (hex) of what is approved: sections, topics, hours, homework and control in their order.

    Dates are not among it: a plan that is shifted after a lost lesson stays approved.
    """
    told = [(row.section, row.topic, row.hours, row.homework, row.control) for row in in_order(rows)]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def stage(plan: LessonPlan, now: str) -> Stage:
    """Return how a plan stands between its teacher and whoever approves it; `now` is the `content` of its rows."""
    if plan.approved_by is not None and plan.content == now:
        return "approved"
    if plan.returned_by is not None:
        return "returned"
    if plan.approved_by is None:
        return "submitted" if plan.submitted_by is not None else "draft"
    return "resubmitted" if plan.submitted_by is not None and plan.given_in == now else "changed"


def place_between(before: PlannedLesson | None, after: PlannedLesson | None) -> int | None:
    """Return a position between two neighbours, None when there is no room and the rows are numbered anew."""
    if after is None:
        return before.position + GAP if before else GAP
    low = before.position if before else -1  # positions are never negative
    middle = (low + after.position) // 2
    return middle if low < middle < after.position else None


# --- a plan is followed ------------------------------------------------------------------------------------------


class PlanUnit(Struct, frozen=True):
    """One lesson's worth of a row: its part of how many, both from 1."""

    row: PlannedLesson
    part: int


class GivenLesson(Protocol):
    """What is asked of a lesson, entered or only foreseen by the timetable."""

    @property
    def lesson_id(self) -> str: ...
    @property
    def held_on(self) -> date: ...
    @property
    def held(self) -> bool: ...
    @property
    def topic(self) -> str: ...
    @property
    def cancelled(self) -> str: ...


class Followed(Struct, frozen=True):
    """How far a plan has come.

    Attributes:
        given: lesson id → what of the plan was its topic.
        offered: lesson id → what is offered to a lesson that has no topic yet, in the order of the plan.
        left: what has no lesson any more.
        outside: lessons whose topic is not in the plan.
        lost: past lessons that nobody held and that have no topic, and those called off, past or to come.
    """

    given: dict[str, PlanUnit]
    offered: dict[str, PlanUnit]
    left: tuple[PlanUnit, ...]
    outside: tuple[str, ...]
    lost: tuple[str, ...]


def follow(rows: Iterable[PlannedLesson], lessons: Sequence[GivenLesson], today: date) -> Followed:
    """Set a plan against the lessons of its page.

    Args:
        rows: of the plan, in any order.
        lessons: of the year, entered and foreseen, in order of time.
        today: lessons before it that were not held and have no topic are lost.
    """
    todo = [PlanUnit(row, part) for row in in_order(rows) for part in range(1, row.hours + 1)]
    given: dict[str, PlanUnit] = {}
    outside, lost, open_ = [], [], []
    for lesson in lessons:
        if lesson.cancelled:
            lost.append(lesson.lesson_id)
        elif lesson.topic.strip():
            unit = _taken(todo, lesson.topic)
            if unit is None:
                outside.append(lesson.lesson_id)
            else:
                given[lesson.lesson_id] = unit
        elif lesson.held_on < today and not lesson.held:
            lost.append(lesson.lesson_id)
        else:
            open_.append(lesson.lesson_id)
    offered = dict(zip(open_, todo, strict=False))
    return Followed(given, offered, tuple(todo[len(open_) :]), tuple(outside), tuple(lost))


def offered_to(
    rows: Iterable[PlannedLesson], lessons: Sequence[GivenLesson], today: date, lesson_id: str
) -> PlanUnit | None:
    """Return what is offered to one lesson: also to a past one that was not noted, as if it had been held."""
    followed = follow(rows, lessons, today)
    if lesson_id not in followed.lost:
        return followed.offered.get(lesson_id)
    open_before = sum(1 for each in _before(lessons, lesson_id) if each in followed.offered)
    todo = [*followed.offered.values(), *followed.left]
    return todo[open_before] if open_before < len(todo) else None


def _before(lessons: Sequence[GivenLesson], lesson_id: str) -> list[str]:
    names = [lesson.lesson_id for lesson in lessons]
    return names[: names.index(lesson_id)]


def _taken(todo: list[PlanUnit], topic: str) -> PlanUnit | None:
    """Take the first part of the plan with that topic off the list."""
    wanted = _folded(topic)
    for place, unit in enumerate(todo):
        if _folded(unit.row.topic) == wanted:
            return todo.pop(place)
    return None


def _folded(topic: str) -> str:
    words = unicodedata.normalize("NFKC", topic).casefold().replace("ё", "е").split()
    return " ".join(words).rstrip(".")
