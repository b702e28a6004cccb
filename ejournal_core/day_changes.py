"""The rules of changing a day: a lesson is called off, put back, or moved by whoever keeps the timetable.

A lesson that was given stays where it stands. What was laid ready for one that is called off (a topic, homework) stays
too, and the lesson plan offers its topic to the next one.
"""

from __future__ import annotations

from ejournal_core import access, given_lessons
from ejournal_core.cases import Case, Judgement, also_as_it_stood, pending, refused
from ejournal_core.kinds import Lesson

GIVEN = "EJ-570"  # a lesson that was given is neither called off nor moved
CALLED_OFF = "EJ-573"  # a lesson that is called off is not held

#: What whoever keeps the timetable may set of a lesson besides who gives it.
REARRANGED = frozenset({"journal_page_id", "held_on", "lesson_number", "cancelled"})


def keeps_timetable(case: Case) -> bool:
    """Say whether the author keeps the timetable of the class today."""
    if case.page is None:
        return False
    class_id, today = case.page.class_group_id, case.facts.today()
    return access.may_edit_directory(case.facts, case.change.author, "TimetableSlot", today, class_id)


def rearranges(case: Case) -> bool:
    """Say whether whoever keeps the timetable calls a lesson off, puts it back or moves it, and does nothing else."""
    return case.change.kind == "Lesson" and case.change.set.keys() <= REARRANGED and keeps_timetable(case)


def takes_place(lesson: Lesson) -> bool:
    """Say whether a lesson is to be given, or was: one that was held counts, whoever had called it off."""
    return lesson.held or not lesson.cancelled


def a_lesson_is_called_off_by_the_timetable(case: Case) -> Judgement | None:
    """Whoever keeps the timetable calls a lesson off, and says why: its teacher reads the reason."""
    assert isinstance(case.after, Lesson)
    born_as_planned = case.before is None and not case.after.cancelled  # a record told whole names every field
    if case.change.act == "resolve" or not case.sets("cancelled") or born_as_planned:
        return None
    if not keeps_timetable(case):
        return refused("EJ-571", "Урок отменяет и возвращает тот, кто ведёт расписание: обратитесь к завучу.", "P37")
    if case.after.cancelled and not case.after.cancelled.strip():
        return refused("EJ-572", "Нужна причина отмены: её прочтёт учитель. Урок остался в расписании.")
    return None


@also_as_it_stood  # else one who taught there once moves it into the days of the old load as an own one
def a_given_lesson_stays_where_it_stands(case: Case) -> Judgement | None:
    """What was given was given then and there: it is called off or moved by the word of another person only."""
    stood = case.before
    if not isinstance(stood, Lesson) or case.change.act == "resolve":
        return None
    called_off = case.sets("cancelled") and case.change.set["cancelled"] != "" and not stood.cancelled
    if (called_off or _moves_by_timetable(case)) and given_lessons.is_entered(stood, case.facts):
        return pending(GIVEN, "Урок уже внесён: он не отменён и не перенесён, внесённое осталось как есть.")
    return None


def _moves_by_timetable(case: Case) -> bool:
    """Say whether somebody moves it who does not give it: its own teacher puts a wrong day right."""
    assert case.page is not None
    teaches = access.may_keep_page(case.facts, case.change.author, case.page.id, case.day, case.change.record)
    return case.sets("held_on", "lesson_number") and not teaches


def what_is_called_off_is_not_held(case: Case) -> Judgement | None:
    """A lesson that does not take place is not held; entered unknowing, another person decides."""
    assert isinstance(case.after, Lesson)
    if case.change.set.get("held") is not True or not case.after.cancelled or case.change.act == "resolve":
        return None
    return _is_off(case.after)


def nobody_is_marked_at_what_is_called_off(case: Case) -> Judgement | None:
    """No mark or absence is entered at a lesson that does not take place; what was entered unknowing stays."""
    says = case.change.set.get("value") is not None or case.change.set.get("presence") in ("absent", "late")
    if case.at_arrival or not says or case.lesson is None or takes_place(case.lesson):
        return None
    return _is_off(case.lesson)


def _is_off(lesson: Lesson) -> Judgement:
    told = f"Урок отменён ({lesson.cancelled}): если он всё же был, попросите завуча вернуть его. Ничего не записано."
    return pending(CALLED_OFF, told)
