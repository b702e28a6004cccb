"""Who may enter it: the rules about the author of a change. What a person may do at all stands in `access.py`."""

from __future__ import annotations

from collections.abc import Sequence

from ejournal_core import access, day_changes, decisions
from ejournal_core.cases import Case, Judgement, also_as_it_stood, refused
from ejournal_core.changes import Change
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    Certificate,
    ClockJump,
    JournalPage,
    RegisteredAbsence,
    Subgroup,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
    to_fields,
)
from ejournal_core.merge import defaults


@also_as_it_stood
def the_author_teaches_this_lesson(case: Case) -> Judgement | None:
    """Own pages and the lessons actually given."""
    if case.change.act == "resolve":
        return None
    assert case.page is not None
    lesson_id = case.lesson.id if case.lesson else ""
    if access.may_keep_page(case.facts, case.change.author, case.page.id, case.day, lesson_id):
        return decisions.judge_assignment(case) if "teacher_id" in case.change.set else None
    if decisions.declares(case.change):  # also by whoever keeps the timetable: another person confirms it
        return decisions.judge_substitution(case)
    if decisions.assigns(case):
        return decisions.judge_assignment(case)
    if day_changes.rearranges(case):
        return None
    return refused("EJ-210", "Эту страницу ведёт другой учитель: здесь можно только смотреть.")


def a_dispute_is_decided_by_those_concerned(case: Case) -> Judgement | None:
    """Either author (both keep the page; for attendance also its class) or the deputy; between the values there are."""
    if case.change.act != "resolve":
        return None
    disputed = case.facts.disputed(case.change.kind, case.change.record)
    if not disputed:
        return refused("EJ-211", "Спора об этой записи нет: решать нечего.")
    if not _keeps_one_of(case, disputed):
        return refused("EJ-211", "Спор решают одним из двух значений: третье вписать нельзя.")
    assert case.page is not None
    author, today = case.change.author, case.facts.today()
    class_id = case.page.class_group_id
    if (
        access.may_keep_page(case.facts, author, case.page.id, case.day, case.lesson.id if case.lesson else "")
        or access.may_resolve(case.facts, author, class_id, today)
        or (isinstance(case.after, Attendance) and access.may_set_reason(case.facts, author, class_id, today))
    ):
        return None
    return refused("EJ-211", "Спор решают его авторы или завуч.")


def _keeps_one_of(case: Case, disputed: Sequence[Change]) -> bool:
    """Say whether each value is the standing one or one that somebody wanted: no window binds who decides."""
    standing = to_fields(case.before) if case.before is not None else defaults(case.change.kind)
    return all(
        value == standing.get(name) or any(name in each.set and each.set[name] == value for each in disputed)
        for name, value in case.change.set.items()
    )


def the_reason_is_the_class_teachers(case: Case) -> Judgement | None:
    """P18: presence is the teacher's fact, the reason the class teacher's; each edits only their own."""
    if case.change.act == "resolve":
        return None
    assert case.page is not None
    author, class_id = case.change.author, case.page.class_group_id
    keeps = access.may_keep_page(case.facts, author, case.page.id, case.day, case.lesson.id if case.lesson else "")
    explains = access.may_set_reason(case.facts, author, class_id, case.facts.today())
    if case.sets("presence", "late_minutes", "voided") and not keeps:
        return refused("EJ-210", "Присутствие на уроке отмечает учитель, который его ведёт.", "P18")
    if not (explains or keeps):
        return refused("EJ-212", "Причину пропуска указывает классный руководитель.", "P18")
    return None


@also_as_it_stood
def the_author_keeps_this_part_of_the_directory(case: Case) -> Judgement | None:
    """Pupils are the secretary's, people the administrator's, the timetable the dispatcher's."""
    class_group_id = _class_of_directory(case)
    today = case.facts.today()
    if access.may_edit_directory(case.facts, case.change.author, case.change.kind, today, class_group_id):
        return None
    return refused("EJ-213", "Для этого нужны другие права: обратитесь к администратору.")


def _class_of_directory(case: Case) -> str | None:
    """Return the class that a record of the directory belongs to, None where it is the whole school's."""
    record = case.after
    if isinstance(record, TeachingLoad | TimetableSlot):
        page = case.facts.get(JournalPage, record.journal_page_id)
        return page.class_group_id if page else None
    if isinstance(record, SubgroupMember):
        group = case.facts.get(Subgroup, record.subgroup_id)
        return group.class_group_id if group else None
    return getattr(record, "class_group_id", None)


def only_the_person_answers_for_a_new_desk(case: Case) -> Judgement | None:
    """«Это вы?» is answered at another desk of the person that is beyond doubt, or by a deputy.

    Everything else in a certificate is the server's.
    """
    assert isinstance(case.after, Certificate)
    change, facts = case.change, case.facts
    answers = change.act == "change" and set(change.set) == {"confirmed"} and case.after.subject_kind == "desk"
    own = facts.get(Certificate, change.desk)
    beyond_doubt = own is not None and (not own.after_reset or own.confirmed == "yes") and change.desk != change.record
    concerned = case.after.person_id == change.author or (
        access.holds_role(facts.roles(change.author), access.OVERSEERS, facts.today())
    )
    if answers and beyond_doubt and concerned:
        return None
    return refused("EJ-213", "О новом рабочем месте отвечает сам сотрудник на другом своём месте или завуч.")


@also_as_it_stood
def the_document_is_of_ones_own_class(case: Case) -> Judgement | None:
    """Absence documents, and the register of absentees, are entered by the class teacher of the pupil.

    They never pass to another pupil: an act of destruction about the first would take what is the second's.
    """
    assert isinstance(case.after, AbsenceDocument | RegisteredAbsence)
    today, class_id = case.facts.today(), case.after.class_group_id
    enrolments = case.facts.enrolments(case.after.pupil_id)
    theirs = any(e.class_group_id == class_id and access.lasts(e, today) for e in enrolments)
    before = case.before
    same = before is None or all(
        getattr(before, name) == getattr(case.after, name) for name in ("class_group_id", "pupil_id")
    )
    if theirs and same and access.may_set_reason(case.facts, case.change.author, class_id, today):
        return None
    return refused("EJ-212", "Справку вносит классный руководитель этого ученика.", "P18")


def a_clock_jump_is_told_by_its_own_desk(case: Case) -> Judgement | None:
    """What a desk says of its own clock, once; it decides nothing, so nobody else has anything to say of it."""
    assert isinstance(case.after, ClockJump)
    told = (case.after.person_id, case.after.desk_id) == (case.change.author, case.change.desk)
    if case.before is not None or not told:
        return refused("EJ-244", "О часах компьютера говорит он сам и один раз: ничего не изменено.")
    return None
