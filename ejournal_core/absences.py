"""Who is away and why: what an entry of the register covers, what counts as missed, until when a reason is due.

The register is the class teacher's: each entry speaks of one pupil, a stretch of days, and on each of them of all
lessons or of some. Presence at a lesson stays the teacher's fact.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from ejournal_core.calendar import StudyCalendar
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import AbsenceDocument, Presence, RegisteredAbsence, SchoolYear
from ejournal_core.policy import Policy
from ejournal_core.policy_values import Interval, MissedDayRule

LAST_LESSON = 20  # no school day has more
LONGEST_TELLER = 100  # characters


def covers(entry: RegisteredAbsence, day: date, lesson_number: int | None = None) -> bool:
    """Say whether an entry speaks of a day, and of a lesson of it when one is named."""
    if not entry.since <= day <= entry.until:
        return False
    if lesson_number is None or is_whole_day(entry):
        return True
    return (entry.first_lesson or 1) <= lesson_number <= _last(entry)


def is_whole_day(entry: RegisteredAbsence) -> bool:
    """Say whether an entry speaks of all lessons of its days."""
    return entry.first_lesson is None and entry.last_lesson is None


def lessons_named(entry: RegisteredAbsence) -> str:
    """Return «урок 3», «уроки 1–3», «уроки с 4», "" for the whole day."""
    if is_whole_day(entry):
        return ""
    first, last = entry.first_lesson or 1, entry.last_lesson
    if last is None:
        return f"уроки с {first}"
    return f"урок {first}" if first == last else f"уроки {first}–{last}"


def overlap(one: RegisteredAbsence, other: RegisteredAbsence) -> bool:
    """Say whether two entries speak of one lesson of one pupil."""
    if one.pupil_id != other.pupil_id or one.until < other.since or other.until < one.since:
        return False
    return (one.first_lesson or 1) <= _last(other) and (other.first_lesson or 1) <= _last(one)


def without_day(entry: RegisteredAbsence, day: date) -> list[RegisteredAbsence]:
    """Return what is left of an entry when it gives up one of its days; ids are the entry's own."""
    pieces = (
        msgspec.structs.replace(entry, until=min(entry.until, day - timedelta(days=1))),
        msgspec.structs.replace(entry, since=max(entry.since, day + timedelta(days=1))),
    )
    return [piece for piece in pieces if piece.since <= piece.until]


def without_lesson(entry: RegisteredAbsence, day: date, lesson_number: int) -> list[RegisteredAbsence]:
    """Return what is left of an entry when it gives up one lesson of one of its days; ids are the entry's own."""
    if not covers(entry, day, lesson_number):
        return [entry]
    that_day = (
        msgspec.structs.replace(entry, since=day, until=day, last_lesson=lesson_number - 1),
        msgspec.structs.replace(entry, since=day, until=day, first_lesson=lesson_number + 1),
    )
    around = without_day(entry, day)
    left = [*around, *(piece for piece in that_day if _has_lessons(piece))]
    return sorted(left, key=lambda piece: (piece.since, piece.first_lesson or 1))


def _has_lessons(entry: RegisteredAbsence) -> bool:
    return 1 <= (entry.first_lesson or 1) <= _last(entry) <= LAST_LESSON


def _last(entry: RegisteredAbsence) -> int:
    return LAST_LESSON if entry.last_lesson is None else entry.last_lesson


def is_missed(policy: Policy, presence: Presence, reason: str, late_minutes: int | None, lesson_minutes: int) -> bool:
    """Say whether a lesson counts as missed (P17, P58).

    Args:
        reason: absence code, "" while unknown: counts as one without a valid reason.
        late_minutes: of a late arrival; unknown ones count as none.
        lesson_minutes: how long the lesson is.
    """
    if presence == "present":
        return False
    if presence == "late":
        return _is_too_late(policy, late_minutes or 0, lesson_minutes)
    code = policy.absence_code(reason)
    return code is None or code.counts_as_missed


def _is_too_late(policy: Policy, minutes: int, lesson_minutes: int) -> bool:
    rule = policy.late_counts_as_missed
    if rule.rule == "after_minutes":
        return minutes >= rule.minutes > 0
    return rule.rule == "more_than_half" and 2 * minutes > lesson_minutes


def is_missed_day(rule: MissedDayRule, missed: int, lessons: int) -> bool:
    """Say whether a day counts as missed (P50).

    Args:
        missed, lessons: lessons of the pupil on that day, missed and all.
    """
    if rule == "three_lessons":
        return missed >= 3 or 0 < lessons == missed
    if rule == "more_than_half":
        return 2 * missed > lessons
    return 0 < lessons <= missed


def reason_due_on(every: Interval, day: date, calendar: StudyCalendar) -> date | None:
    """Return the last day on which the reason of an absence is in time (P18), None where the school set no term.

    Weeks end on Sunday; the day returned is the last study day of the stretch, or its last day without any.
    """
    last = stretch_ends(every, day, calendar)
    if last is None:
        return None
    return max(calendar.study_days(day, last), default=last)


def stretch_ends(every: Interval, day: date, calendar: StudyCalendar) -> date | None:
    """Return the last day of the stretch that a day belongs to, None for an interval that is no stretch."""
    if every == "daily":
        return day
    if every in ("weekly", "two_weekly"):
        sunday = day + timedelta(days=7 - day.isoweekday())
        return sunday if every == "weekly" else sunday + timedelta(weeks=sunday.isocalendar().week % 2)
    if every == "monthly":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if every in ("quarterly", "each_period"):
        return next((p.ends_on for p in calendar.periods if p.starts_on <= day <= p.ends_on), calendar.year.ends_on)
    return calendar.year.ends_on if every in ("before_year", "yearly") else None


# --- rules ---------------------------------------------------------------------------------------------------------


def the_paper_has_its_days(case: Case) -> Judgement | None:
    """Days in order, and of our time; who told of it is named and no more. Destroyed days are looked at no more."""
    paper = case.after
    assert isinstance(paper, AbsenceDocument)
    days = case.sets("since", "until")
    if case.change.content or not (days or case.sets("told_by")):
        return None
    if days and (paper.since > paper.until or paper.since == date.min):
        return refused("EJ-273", "Последний день раньше первого: справка не изменена.")
    if len(paper.told_by) > LONGEST_TELLER:
        return refused("EJ-273", f"Кто сообщил — не длиннее {LONGEST_TELLER} знаков: справка не изменена.")
    return None


def the_absence_has_its_days(case: Case) -> Judgement | None:
    """Days within the school year of the class, in order; lessons of a day in order."""
    entry = case.after
    assert isinstance(entry, RegisteredAbsence)
    year = case.facts.get(SchoolYear, case.class_group.school_year_id) if case.class_group else None
    if entry.since > entry.until:
        return refused("EJ-273", "Последний день раньше первого: запись реестра не изменена.")
    if year is None or entry.since < year.starts_on or entry.until > year.ends_on:
        return refused("EJ-273", "Эти дни вне учебного года класса: запись реестра не изменена.")
    if entry.first_lesson == 0 or not _has_lessons(entry):
        return refused("EJ-273", "Уроки названы не по порядку: запись реестра не изменена.")
    return None
