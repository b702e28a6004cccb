"""The rules of what waits for another person: requests for correction, their approval or refusal, substitutions.

Nobody decides about one's own request, the approver types no value, and what was decided once stays decided. A period
is not closed over an open question.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from ejournal_core import access, day_changes, given_lessons, ids
from ejournal_core.cases import (
    TAKEN,
    Case,
    Judgement,
    class_of,
    lesson_id_of,
    page_of,
    pending,
    refused,
)
from ejournal_core.changes import Change, entered_by
from ejournal_core.facts import Facts, Waiting
from ejournal_core.kinds import (
    GradingPeriod,
    JournalPage,
    Lesson,
    PeriodClosing,
    Role,
    Subject,
    to_fields,
)

DECISIONS = frozenset({"approve", "refuse"})

#: Kinds of which a correction may be asked: what stands on a page of the journal.
REQUESTABLE = frozenset({"Lesson", "MarkColumn", "Mark", "Attendance", "PeriodMark", "HomeworkFile"})

ASKED = "EJ-230"  # a request that no rule forbids any more waits all the same: another person was asked
SUBSTITUTION = "EJ-231"
MOVED = "EJ-237"
CLOCK = "EJ-240"  # the desk's clock lay outside what the school's log proves
GIVEN = "EJ-246"  # a lesson that was given gets no other teacher
#: A desk tells of more jumps of its clock than a day explains.
TOO_MANY_JUMPS = "EJ-446"

#: What a declared substitution may set: which lesson it is, and who gives it.
_DECLARED = frozenset({"journal_page_id", "held_on", "lesson_number", "teacher_id"})
#: Refusals that no approval lifts: without what a record belongs to there is nothing to judge.
_OF_FORM = frozenset({"EJ-201", "EJ-202", "EJ-203", "EJ-204"})
#: Nor does one lift what the school forbids itself altogether (P49).
_NOBODYS = frozenset({"EJ-275"})
_NAMED_AT_MOST = 3  # places in one sentence


def deciders(facts: Facts, waiting: Waiting) -> frozenset[Role]:
    """Return the roles that decide about a pending change: P07; a substitution is the dispatcher's business too."""
    rule = facts.policy().late_approver
    if waiting.reason == SUBSTITUTION:
        return access.CONFIRMERS if declares(waiting.change) else access.OVERSEERS
    return frozenset(rule.roles) if rule.rule == "roles" else access.OVERSEERS


def may_decide(facts: Facts, person_id: str, waiting: Waiting) -> bool:
    """Say whether the person may approve or refuse a pending change today."""
    change = waiting.change
    return access.may_decide(facts, person_id, entered_by(change), class_of(change, facts), deciders(facts, waiting))


def objection_to_decision(change: Change, facts: Facts) -> Judgement | None:
    """Judge who decides, about what, and with which values; the values themselves are judged by the ordinary rules."""
    waiting = facts.waiting(change.about)
    if waiting is None or waiting.decided:
        return refused("EJ-233", "Эта заявка уже решена или её нет: решать нечего.")
    asked = waiting.change
    if (change.kind, change.record) != (asked.kind, asked.record) or change.requester != (
        entered_by(asked) if change.act == "approve" else ""
    ):
        return refused("EJ-233", "Решение названо не о той записи: ничего не изменено.")
    if not (_released(facts, waiting) if change.author == access.SERVER else may_decide(facts, change.author, waiting)):
        return refused("EJ-236", "Эту заявку решает другой человек: кто просит, тот не разрешает.", "P07")
    if change.act == "refuse":
        return _objection_to_refusal(change)
    if change.set != asked.set:
        return refused(MOVED, "Разрешают ровно то, о чём просили: своё значение вписать нельзя.", "P07")
    return None


def _objection_to_refusal(change: Change) -> Judgement | None:
    if change.set or change.was:
        return refused("EJ-201", "Отказ не меняет запись.")
    if not change.why.strip():
        return refused("EJ-235", "Нужна причина отказа: человек должен знать, почему.", "P08")
    return None


def _released(facts: Facts, waiting: Waiting) -> bool:
    """Say whether the substitution that a change waited for has been confirmed: the server lets it through then."""
    lesson = facts.get(Lesson, lesson_id_of(waiting.change.kind, waiting.change.record) or "")
    return waiting.reason == SUBSTITUTION and lesson is not None and lesson.teacher_id == entered_by(waiting.change)


def as_asked(case: Case) -> Case:
    """Return an approval as the change of the person who asked: that person's rights count, and who writes what."""
    change = msgspec.structs.replace(case.change, author=case.change.requester, act="change", about="", requester="")
    return Case(change, case.facts, case.after, case.before, at_arrival=True)


def judge_approval(objections: Iterable[Judgement], waiting: Waiting) -> Judgement:
    """Return the first objection that the approval does not lift: it lifts terms, locks and what the change waited for.

    So what nobody could approve, a value off the scale, stays refused.
    """
    lifted = {waiting.reason} - _OF_FORM - _NOBODYS
    left = (answer for answer in objections if answer.outcome == "refused" and answer.code not in lifted)
    return next(left, TAKEN)


def judge_request(case: Case, answer: Judgement) -> Judgement:
    """Judge a request by what the rules would say of the change itself: time, locks and windows make it wait."""
    if case.change.kind not in REQUESTABLE:
        return refused("EJ-205", "О такой записи заявку не подают: обратитесь к администратору.")
    if not case.change.why.strip():
        return refused("EJ-235", "Нужна причина: без неё заявку не рассмотрят.", "P08")
    if case.facts.policy().late_approver.rule == "nobody":
        return refused("EJ-234", "По правилам школы после срока исправлений не разрешает никто.", "P07")
    if answer.outcome == "refused":
        return answer
    if case.before is not None and all(case.change.was.get(name) == value for name, value in case.change.set.items()):
        return refused("EJ-232", "Заявка не нужна: в журнале уже так.")
    if answer.outcome == "taken" and not case.at_arrival:
        return refused("EJ-232", "Заявка не нужна: исправить можно сразу.")
    return answer if answer.outcome == "pending" else pending(ASKED, "Заявка ждёт решения.", "P07")


# --- substitutions -------------------------------------------------------------------------------------------------


def declares(change: Change) -> bool:
    """Say whether the change declares that its author gives a lesson instead of its teacher («веду замену»)."""
    return change.kind == "Lesson" and change.set.get("teacher_id") == entered_by(change)


def assigns(case: Case) -> bool:
    """Say whether whoever keeps the class's timetable names another teacher for a lesson, and does nothing else."""
    named = "teacher_id" in case.change.set and case.change.set.keys() <= _DECLARED
    return named and day_changes.keeps_timetable(case)


def judge_assignment(case: Case) -> Judgement | None:
    """A lesson that was given stays with whoever gave it: another name would overwrite what teachers are paid by."""
    stood = case.before
    if not isinstance(stood, Lesson) or stood.teacher_id == case.change.set["teacher_id"]:
        return None
    if given_lessons.is_entered(stood, case.facts):
        return pending(GIVEN, "Урок уже внесён: замена у него не записана, внесённое осталось как есть.", "P38")
    return None


def judge_substitution(case: Case) -> Judgement | None:
    """P38: whoever stands in says so at entry and goes on writing; it counts once the deputy has confirmed it."""
    mode = case.facts.policy().substitution_mode
    if mode.recorded == "in_timetable":
        return refused("EJ-239", "Замену записывает диспетчер в расписании: попросите его.", "P38")
    stood = case.before
    fields = to_fields(stood) if stood else {}
    moves = any(fields.get(name, value) != value for name, value in case.change.set.items() if name != "teacher_id")
    if moves or not case.change.set.keys() <= _DECLARED:
        return refused("EJ-239", "Сначала объявите замену, потом пишите тему и отметки.", "P38")
    if mode.confirmed_by_deputy and case.at_arrival:
        return pending(SUBSTITUTION, "Замена ждёт подтверждения завуча или диспетчера.", "P38")
    return None


# --- closing a period ----------------------------------------------------------------------------------------------


def nothing_in_the_period_is_open(case: Case) -> Judgement | None:
    """A period is not closed over a dispute or a pending change: nobody could say later what was official then."""
    assert isinstance(case.after, PeriodClosing)
    if not case.after.closed or not case.sets("closed"):
        return None
    period = case.facts.get(GradingPeriod, case.after.grading_period_id)
    if period is None:
        return None
    inside = [found for found in case.facts.unsettled(case.after.class_group_id) if _is_in(case.facts, period, *found)]
    if not inside:
        return None
    where = sorted({_subject(case.facts, kind, record) for kind, record in inside} - {""})
    named = ", ".join(where[:_NAMED_AT_MOST]) + (" и др." if len(where) > _NAMED_AT_MOST else "")
    return refused(
        "EJ-238", f"Период не закрыть: ждут решения споры и заявки — {len(inside)} ({named}). Сначала решите их."
    )


def _is_in(facts: Facts, period: GradingPeriod, kind: str, record_id: str) -> bool:
    if kind in ("PeriodMark", "PageCompletion"):
        return record_id.rsplit(ids.SEPARATOR, 2)[1:] == [period.kind, str(period.number)]
    day = _day_of(facts, kind, record_id)
    return day is not None and period.starts_on <= day <= period.ends_on


def _day_of(facts: Facts, kind: str, record_id: str) -> date | None:
    """Return the day of the lesson a fact is about; of one that is not born yet, the day on which it was planned."""
    lesson_id = lesson_id_of(kind, record_id)
    if lesson_id is None:
        return None
    lesson = facts.get(Lesson, lesson_id)
    try:
        return lesson.held_on if lesson else ids.lesson_parts(lesson_id)[1]
    except ValueError:
        return None


def _subject(facts: Facts, kind: str, record_id: str) -> str:
    page = facts.get(JournalPage, page_of(kind, record_id) or "")
    subject = facts.get(Subject, page.subject_id) if page else None
    return subject.title if subject else ""
