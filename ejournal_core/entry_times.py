"""When it may be entered, and until when it may be changed: the year, the period, the day ahead and the edit window."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ejournal_core import calendar, deadlines, ids
from ejournal_core.cases import Case, Judgement, also_as_it_stood, pending, refused
from ejournal_core.kinds import (
    GradingPeriod,
    Lesson,
    Mark,
    MarkColumn,
    PageCompletion,
    PeriodMark,
    Record,
    SchoolYear,
    WorkKind,
    to_fields,
)

RECEIVED = "EJ-277"
LATE = "EJ-289"
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def the_lesson_is_in_the_school_year(case: Case) -> Judgement | None:
    """A lesson has its day within the year of its class."""
    year = case.facts.get(SchoolYear, case.class_group.school_year_id) if case.class_group else None
    if year is not None and not year.starts_on <= case.day <= year.ends_on:
        return refused("EJ-221", f"Дата вне учебного года {year.title}.")
    return None


def nothing_is_entered_ahead(case: Case) -> Judgement | None:
    """P36: topics and homework may be planned, marks and presence may not."""
    allowed = case.facts.policy().allow_future_lessons
    if case.day <= case.facts.today():
        return None
    if isinstance(case.after, Lesson) and case.sets("topic", "homework") and not allowed.topic_and_homework:
        return refused("EJ-222", "Урок ещё впереди: записать можно будет в его день.", "P36")
    if (
        not allowed.attendance_and_marks
        and (not isinstance(case.after, Lesson) or case.sets("held"))
        and _says_something(case)
    ):
        return refused("EJ-222", "Урок ещё впереди: заранее можно записать только тему и задание.", "P36")
    return None


def the_reason_is_of_a_late_entry(case: Case) -> Judgement | None:
    """P02, P03: why a lesson was entered late is said where the school asks for it, and not before it is late.

    Of the bells only the lesson's own are asked: whatever else its term is counted from comes later.
    """
    assert isinstance(case.after, Lesson)
    if not case.sets("late_reason") or not case.after.late_reason:
        return None
    policy, now = case.facts.policy(), case.facts.now()
    if not deadlines.with_a_reason(policy):
        return refused(LATE, "Причину позднего внесения правила школы не спрашивают: она не записана.", "P02")
    assert now.tzinfo is not None, "moments are aware"
    times = calendar.lesson_times(case.facts.bells(), case.day, case.after.lesson_number)
    ends = times[1] if times else None
    moments = deadlines.LessonDay(case.day, now.tzinfo, ends, ends, ends)
    if deadlines.needs_a_reason(policy, moments, now):
        return None
    return refused(LATE, "Срок урока ещё не прошёл: причина не нужна и не записана.", "P02")


def _says_something(case: Case) -> bool:
    after = case.after
    if isinstance(after, Lesson):
        return after.held
    return not isinstance(after, MarkColumn)


def the_period_is_the_schools(case: Case) -> Judgement | None:
    """A mark for a period needs the period; the year, the examination and the final mark are one each."""
    assert isinstance(case.after, PeriodMark | PageCompletion)
    once = case.after.period_kind in ("year", "exam", "final") and case.after.period_number == 1
    if once or _period(case) is not None:
        return None
    return refused("EJ-221", "Такого учебного периода в школе нет.")


def what_is_received_was_there(case: Case) -> Judgement | None:
    """P11: results of an examination were received on a day of its year, not ahead, and at a time of day."""
    after = case.after
    assert isinstance(after, PageCompletion)
    if not case.sets("received_on", "received_at") or (after.received_on is None and not after.received_at):
        return None
    if after.period_kind != "exam":
        return refused(RECEIVED, "День получения записывают только у результатов экзамена.", "P11")
    if after.received_on is None or (after.received_at and not _CLOCK.fullmatch(after.received_at)):
        return refused(RECEIVED, "Нужен день, а время — часы и минуты, например 14:30.", "P11")
    if after.received_on > case.facts.today():
        return refused(RECEIVED, "Этот день ещё впереди: результаты не могли прийти.", "P11")
    year = case.facts.get(SchoolYear, case.class_group.school_year_id) if case.class_group else None
    if year is not None and after.received_on < year.starts_on:
        return refused(RECEIVED, f"Этот день раньше учебного года {year.title}.", "P11")
    return None


@also_as_it_stood
def the_period_is_open(case: Case) -> Judgement | None:
    """A closed period changes only by a request that another person approves."""
    period = _period(case)
    if period is None or case.class_group is None:
        return None
    closed = any(c.grading_period_id == period.id and c.closed for c in case.facts.closings(case.class_group.id))
    if closed:
        return pending("EJ-228", "Период закрыт: исправление возможно по заявке завучу.", "P07")
    return None


def _period(case: Case) -> GradingPeriod | None:
    """The grading period the change falls in, of the scheme of its class."""
    assert case.class_group is not None
    scheme = case.class_group.period_scheme
    periods = case.facts.periods(case.class_group.school_year_id)
    if isinstance(case.after, PeriodMark | PageCompletion):
        key = (case.after.period_kind, case.after.period_number)
        return next((p for p in periods if (p.kind, p.number) == key), None)
    return next((p for p in periods if p.kind == scheme and p.starts_on <= case.day <= p.ends_on), None)


def the_edit_window_is_open(case: Case) -> Judgement | None:
    """P06, P04, P05, P61: typing is not correcting; a first mark has its own term; later there is the window."""
    if case.change.act == "resolve" or not case.sets("value", "comment", "document", "voided"):
        return None
    return _outside_the_window(case)


def its_marks_may_still_change(case: Case) -> Judgement | None:
    """P06: a lesson that is moved, a lesson or column that is taken away, takes its marks along; a weight bends them.

    Kind and ordinal of a column stand in its id: another kind of work is another column.
    """
    if case.before is None or case.change.act == "resolve":
        return None
    before = case.as_it_stood or case
    fields, old = to_fields(case.after), to_fields(case.before)
    changed = {name for name in ("held_on", "voided", "weight") if fields.get(name) != old.get(name)}
    answer = _outside_the_window(before) if changed else None
    if answer is None or changed != {"weight"}:
        return answer
    last = last_day_to_edit(before)
    until = f" до {last:%d.%m.%Y}" if last else ""
    return pending(answer.code, f"Вес меняет все отметки работы: изменить его можно было{until}; теперь нужна заявка.",
                   answer.clause)  # fmt: skip


def _outside_the_window(case: Case) -> Judgement | None:
    last = last_day_to_edit(case)
    if (last is not None and case.facts.today() <= last) or case.facts.now() <= _typing_ends_at(case):
        return None
    if last is None:
        return pending("EJ-229", "По правилам школы отметку не исправляют: нужна заявка завучу.", "P06")
    return pending(
        "EJ-229", f"Изменить эту отметку можно было до {last:%d.%m.%Y}; теперь нужна заявка на исправление.", "P06"
    )


def last_day_to_edit(case: Case) -> date | None:
    """Return the last day on which the value may be changed without a request (P06), None when it may not."""
    assert case.class_group is not None
    year = case.facts.get(SchoolYear, case.class_group.school_year_id)
    return case.facts.policy().edit_window.last_day(case.day, year.ends_on if year else case.day)


def open_until(case: Case) -> datetime:
    """Return until when the value may be entered or changed without a request: the later of window and typing."""
    last, typing = last_day_to_edit(case), _typing_ends_at(case)
    return typing if last is None else max(typing, datetime.combine(last + timedelta(days=1), time(), typing.tzinfo))


def _typing_ends_at(case: Case) -> datetime:
    """Return until when entering counts as typing: a first mark until it is due, a correction for the grace (P61)."""
    due = _mark_due_at(case)
    if case.newly_set:
        return due
    first = case.facts.first_entered_at(case.change.kind, case.change.record)
    grace = case.facts.policy().entry_grace
    if first is None:  # entered where this desk cannot see when: only the mark's own term is known
        return due if grace.until_deadline else datetime.min.replace(tzinfo=due.tzinfo)
    return deadlines.grace_ends_at(case.facts.policy(), first, due)


def _mark_due_at(case: Case) -> datetime:
    """Return until when the first mark is in time (P04, P05); what the bells do not say counts from 24:00."""
    zone = case.facts.now().tzinfo
    assert zone is not None, "moments are aware"
    times = calendar.lesson_times(case.facts.bells(), case.day, case.lesson.lesson_number) if case.lesson else None
    moments = deadlines.LessonDay(case.day, zone, times[1] if times else None)
    written = _is_written(case.after, case)
    return deadlines.mark_due_at(case.facts.policy(), moments, case.grade, written=written)


def _is_written(record: Record, case: Case) -> bool:
    if not isinstance(record, Mark | MarkColumn):
        return False
    kind = record.work_kind_id if isinstance(record, MarkColumn) else ids.mark_column_parts(record.mark_column_id)[1]
    work = case.facts.get(WorkKind, kind)
    return work is not None and work.written
