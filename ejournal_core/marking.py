"""What may be entered of marks and presence: the scale, the list, an absence and a mark at one lesson, columns."""

from __future__ import annotations

from ejournal_core import access, marks
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.errors import Refusal
from ejournal_core.kinds import (
    Attendance,
    MarkColumn,
    PeriodMark,
    SpecialGroup,
    Subgroup,
    Subject,
    WorkKind,
)

#: So many columns of one kind a lesson can ever have had, those struck out included.
MOST_ORDINALS = 99


def the_mark_is_on_the_scale(case: Case) -> Judgement | None:
    """The school's scale, P15 (осв.), P56 (double marks)."""
    value = getattr(case.after, "value", None)
    if value is None or not case.sets("value"):
        return None
    assert case.page is not None
    subject = case.facts.get(Subject, case.page.subject_id)
    try:
        marks.require_on_scale(
            value, case.facts.policy(), subject.title if subject else "", isinstance(case.after, PeriodMark)
        )
    except Refusal as refusal:
        return refused(refusal.code, refusal.sentence, refusal.clause)
    return None


def the_grade_has_marks(case: Case) -> Judgement | None:
    """P14: grade 1 is taught without marks."""
    if case.grade in case.facts.policy().markless_grades and getattr(case.after, "value", None) is not None:
        return refused("EJ-224", f"В {case.grade} классе обучение безотметочное.", "P14")
    return None


def the_subject_has_marks_of_periods(case: Case) -> Judgement | None:
    """P41: a subject without attestation has no marks of periods; those that stand may go."""
    if getattr(case.after, "value", None) is None or not case.sets("value") or case.page is None:
        return None
    subject = case.facts.get(Subject, case.page.subject_id)
    if subject is None or subject.attested or not case.facts.policy().no_attestation:
        return None
    return refused("EJ-270", "По этому предмету аттестации нет: итоговые отметки не ставятся.", "P41")


def the_pupil_is_on_the_list(case: Case) -> Judgement | None:
    """Only pupils who are in the class, and in the subgroup, on the day of the lesson; for a period at any time."""
    assert case.page is not None
    assert case.pupil_id is not None
    at_any_time = isinstance(case.after, PeriodMark | SpecialGroup)
    enrolments = [e for e in case.facts.enrolments(case.pupil_id) if at_any_time or access.lasts(e, case.day)]
    if case.page.subgroup_id:
        members = case.facts.memberships(case.page.subgroup_id, case.pupil_id)
        listed = bool(enrolments) and any(at_any_time or access.lasts(m, case.day) for m in members)
    else:
        listed = any(e.class_group_id == case.page.class_group_id for e in enrolments)
    if listed:
        return None
    group = case.facts.get(Subgroup, case.page.subgroup_id) if case.page.subgroup_id else None
    where = f"в группе «{group.title}»" if group else "в классе"
    when = "В этом периоде" if at_any_time else "В этот день"
    return refused("EJ-221", f"{when} ученика нет {where}.")


def the_pupil_was_there(case: Case) -> Judgement | None:
    """P16: no mark on an absence. Two people's entries that meet only on the server are both kept and listed."""
    if case.at_arrival or case.facts.policy().allow_mark_when_absent or getattr(case.after, "value", None) is None:
        return None
    assert case.lesson is not None
    assert case.pupil_id is not None
    attendance = case.facts.attendance(case.lesson.id, case.pupil_id)
    if attendance is not None and attendance.presence == "absent":
        return refused("EJ-223", "Ученик отмечен отсутствующим: отметку поставить нельзя.", "P16")
    return None


def the_absent_has_no_marks(case: Case) -> Judgement | None:
    """P16 from the other side: an absence is not put over a mark."""
    assert isinstance(case.after, Attendance)
    if case.at_arrival or case.facts.policy().allow_mark_when_absent or case.after.presence != "absent":
        return None
    if case.sets("presence") and case.facts.marks_at(case.after.lesson_id, case.after.pupil_id):
        return refused("EJ-223", "На этом уроке у ученика стоит отметка: сначала снимите её.", "P16")
    return None


def there_is_room_for_the_column(case: Case) -> Judgement | None:
    """P47: not more than so many works in one lesson; a kind of work that the school knows.

    Columns that two desks made without knowing of each other are both kept: marks stand in them.
    """
    assert isinstance(case.after, MarkColumn)
    if case.facts.get(WorkKind, case.after.work_kind_id) is None:
        return refused("EJ-226", "Такого вида работы в школе нет.", "P40")
    others = () if case.before or case.at_arrival else case.facts.mark_columns(case.after.lesson_id)
    if case.after.ordinal > MOST_ORDINALS or len(others) >= case.facts.policy().max_columns_per_lesson:
        return refused("EJ-227", "На одном уроке столько работ не бывает: столбец не добавлен.", "P47")
    return None


def the_reason_is_known(case: Case) -> Judgement | None:
    """P17: the absence codes of the school."""
    reason = getattr(case.after, "reason", "")
    codes = {code.code for code in case.facts.policy().absence_codes}
    if reason and case.sets("reason") and reason not in codes:
        return refused("EJ-225", f"Кода «{reason}» нет среди причин пропуска этой школы.", "P17")
    return None
