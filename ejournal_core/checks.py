"""Every rule an edit must pass, by kind of record; each is one function that cites its policy parameter.

The rules stand where their matter is: who may enter it (`authors.py`), when (`entry_times.py`), marks and presence
(`marking.py`), lesson plans, files, families … Here is how they are asked and which of them a kind has to pass.

The same `check` judges on the desk at the key press and on the server at arrival. On the desk anything but "taken" is
refused at the cell. At arrival a rule that may have changed since the entry (a period was closed meanwhile) makes the
change pending instead of refused: it was lawful when it was entered, so a person decides.

To add a rule: write a function `Case -> Judgement | None` (see `cases.py`) with its code, sentence and parameter
in the module of its matter, add it to `RULES`, give the code a section in docs/errors.md and a test in tests/core.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ejournal_core import (
    absences,
    access,
    audit_log,
    authors,
    backup_register,
    bells,
    blobs,
    day_changes,
    decisions,
    destruction,
    entry_times,
    guardians,
    lesson_plans,
    marking,
    pupil_data,
    pupil_notes,
    staff,
    wording,
)
from ejournal_core.bounds import can_be_kept
from ejournal_core.cases import TAKEN, Case, Judgement, Rule, derived_id, refused
from ejournal_core.changes import Change
from ejournal_core.facts import Facts
from ejournal_core.kinds import (
    KINDS,
    Mark,
    MarkColumn,
    Pupil,
    from_fields,
    to_fields,
)
from ejournal_core.merge import blank, defaults

#: What may be done with every record, and with records of one kind besides. No act passes for another one.
ACTS: frozenset[str] = frozenset({"create", "change", "void", "resolve", "request", "approve", "refuse"})
ACTS_OF: dict[str, frozenset[str]] = {
    "PeriodClosing": frozenset({"lock", "unlock"}),
    "IssuedDocument": frozenset({"issue"}),
}


def check(change: Change, facts: Facts, *, at_arrival: bool = False) -> Judgement:
    """Judge one change.

    Args:
        change: the edit; its author's rights are judged too.
        facts: what is known at the moment of entry (desk) or at arrival (server).
        at_arrival: whether the server judges something entered earlier.

    Returns:
        TAKEN, or the first objection; one that refuses before one that only asks for another person's decision.
    """
    if change.author == change.desk == access.SERVER and not change.about:
        return TAKEN
    kind = KINDS.get(change.kind)
    if kind is None:
        return refused("EJ-200", "Эта версия программы не знает таких записей: нужно обновление.")
    if change.act not in ACTS | ACTS_OF.get(change.kind, frozenset()):
        return refused("EJ-205", "Эта версия журнала не знает такого действия с записью: ничего не изменено.")
    if change.requester and change.act != "approve" and change.desk != access.SERVER:
        return refused("EJ-205", "В чужом имени записывает только тот, кто разрешает заявку: ничего не изменено.")
    if change.act in decisions.DECISIONS and (
        (answer := decisions.objection_to_decision(change, facts)) or change.act == "refuse"
    ):
        return answer or TAKEN
    before = facts.get(kind, change.record)
    if before is None and change.was:
        return refused("EJ-204", "Запись, которую правят, не была принята. Внесите её заново.")
    fields = to_fields(before) if before is not None else defaults(change.kind)
    try:
        after = from_fields(kind, change.record, {**fields, **(blank(change) if before is None else {}), **change.set})
    except msgspec.ValidationError:
        after = None
    if after is None or not can_be_kept(after):
        return refused("EJ-201", "В записи не хватает сведений или они не того вида.")
    return _judge(Case(change, facts, after, before, at_arrival))


def _judge(case: Case) -> Judgement:
    change = case.change
    if case.facts.is_ahead(change.kind, change.record):
        return refused("EJ-241", "Эту запись вела более новая программа: нужно обновление, пока только просмотр.")
    if change.act == "approve":
        waiting = case.facts.waiting(change.about)
        assert waiting is not None, "a decision is about something"
        return decisions.judge_approval(_objections(decisions.as_asked(case)), waiting)
    answer = _weightiest(_objections(case))
    return decisions.judge_request(case, answer) if change.act == "request" else answer


def _objections(case: Case) -> Iterator[Judgement]:
    """Yield what the rules object, in their order; after a refusal of form the later ones have nothing to look at."""
    return (answer for rule in RULES.get(case.change.kind, DIRECTORY_RULES) if (answer := rule(case)))


def _weightiest(objections: Iterator[Judgement]) -> Judgement:
    """Return the first refusal, else the first that asks for another person, else TAKEN."""
    waits = TAKEN
    for answer in objections:
        if answer.outcome == "refused":
            return answer
        waits = answer if waits is TAKEN else waits
    return waits


# --- form --------------------------------------------------------------------------------------------------------


def the_id_says_what_the_record_is(case: Case) -> Judgement | None:
    """Derived ids make two desks' entries one record; a record that lies about its id would split them."""
    return (
        None
        if derived_id(case.after) in (None, case.after.id)
        else refused("EJ-202", "Запись не сходится сама с собой.")
    )


def what_it_belongs_to_exists(case: Case) -> Judgement | None:
    """A mark needs its column, a column its lesson, a lesson its page."""
    column_missing = isinstance(case.after, Mark) and case.facts.get(MarkColumn, case.after.mark_column_id) is None
    pupil_missing = case.pupil_id is not None and case.facts.get(Pupil, case.pupil_id) is None
    if column_missing or pupil_missing or case.page is None or case.class_group is None:
        return refused("EJ-203", "То, к чему относится запись, не найдено: возможно, оно не было принято.")
    return None


FORM: tuple[Rule, ...] = (the_id_says_what_the_record_is, what_it_belongs_to_exists)
RIGHT: tuple[Rule, ...] = (authors.the_author_teaches_this_lesson, authors.a_dispute_is_decided_by_those_concerned)
DIRECTORY_RULES: tuple[Rule, ...] = (
    the_id_says_what_the_record_is,
    authors.the_author_keeps_this_part_of_the_directory,
)

RULES: dict[str, tuple[Rule, ...]] = {
    "Lesson": (
        *FORM, *RIGHT, entry_times.the_lesson_is_in_the_school_year, entry_times.nothing_is_entered_ahead,
        entry_times.the_reason_is_of_a_late_entry, wording.its_words_can_be_read,
        entry_times.the_period_is_open, entry_times.its_marks_may_still_change,
        day_changes.a_lesson_is_called_off_by_the_timetable, day_changes.a_given_lesson_stays_where_it_stands,
        day_changes.what_is_called_off_is_not_held,
    ),
    "HomeworkFile": (
        *FORM, blobs.only_the_server_says_that_it_holds_a_file, *RIGHT, blobs.the_file_is_one_that_is_carried,
        blobs.there_is_room_at_the_lesson, entry_times.the_lesson_is_in_the_school_year,
        blobs.files_are_planned_like_homework, entry_times.the_period_is_open,
    ),
    "LessonPlan": (
        *FORM, lesson_plans.the_plan_is_given_in_by_its_teacher, lesson_plans.another_person_approves,
        lesson_plans.another_person_returns, lesson_plans.what_is_approved_is_what_stands,
        lesson_plans.its_hours_are_the_curriculums, authors.a_dispute_is_decided_by_those_concerned,
    ),
    "PlannedLesson": (
        *FORM, lesson_plans.the_teacher_writes_the_plan, lesson_plans.the_row_can_be_taught,
        lesson_plans.the_plan_has_room, authors.a_dispute_is_decided_by_those_concerned,
    ),
    "Guardian": (
        *DIRECTORY_RULES, guardians.the_guardian_is_of_a_pupil_of_the_class, guardians.the_guardian_can_be_read,
        wording.its_words_can_be_read, guardians.the_school_keeps_such_data, guardians.contacts_need_a_consent,
    ),
    "CurriculumHours": (*DIRECTORY_RULES, lesson_plans.the_hours_are_those_of_a_year),
    "MarkColumn": (
        *FORM, *RIGHT, marking.there_is_room_for_the_column, wording.its_words_can_be_read,
        wording.the_weight_is_a_number_of_the_school, entry_times.the_period_is_open,
        entry_times.its_marks_may_still_change,
    ),
    "Mark": (
        *FORM, *RIGHT, marking.the_grade_has_marks, marking.the_mark_is_on_the_scale, wording.its_words_can_be_read,
        marking.the_pupil_is_on_the_list, entry_times.nothing_is_entered_ahead, marking.the_pupil_was_there,
        entry_times.the_period_is_open, entry_times.the_edit_window_is_open,
        day_changes.nobody_is_marked_at_what_is_called_off,
    ),
    "Attendance": (
        *FORM, authors.the_reason_is_the_class_teachers, authors.a_dispute_is_decided_by_those_concerned,
        marking.the_reason_is_known, marking.the_pupil_is_on_the_list, entry_times.nothing_is_entered_ahead,
        marking.the_absent_has_no_marks, entry_times.the_period_is_open,
        day_changes.nobody_is_marked_at_what_is_called_off,
    ),
    "PeriodMark": (
        *FORM, *RIGHT, marking.the_grade_has_marks, marking.the_subject_has_marks_of_periods,
        marking.the_mark_is_on_the_scale, wording.its_words_can_be_read, marking.the_pupil_is_on_the_list,
        entry_times.the_period_is_the_schools, entry_times.the_period_is_open,
    ),
    "PageCompletion": (
        *FORM, *RIGHT, entry_times.the_period_is_the_schools, entry_times.what_is_received_was_there,
        entry_times.the_period_is_open,
    ),
    "PupilRemark": (
        *FORM, *RIGHT, pupil_notes.the_remark_is_written_in_words, wording.its_words_can_be_read,
        pupil_notes.the_remark_stays_as_it_was_written, marking.the_pupil_is_on_the_list,
        entry_times.nothing_is_entered_ahead, entry_times.the_period_is_open,
    ),
    "SpecialGroup": (
        *FORM, pupil_notes.who_knows_of_it_enters_the_group, authors.a_dispute_is_decided_by_those_concerned,
        pupil_notes.the_group_is_of_physical_education, pupil_notes.the_group_begins_before_it_ends,
        wording.its_words_can_be_read, marking.the_pupil_is_on_the_list,
    ),
    "DataReport": (
        pupil_data.the_report_is_its_authors, pupil_data.the_report_stays_as_it_was_written,
        pupil_data.the_report_says_what_is_wrong,
    ),
    "ListCheck": (pupil_data.the_class_teacher_looked_herself,),
    "BellSlot": (*DIRECTORY_RULES, bells.a_lesson_has_its_time),
    "PeriodClosing": (*DIRECTORY_RULES, decisions.nothing_in_the_period_is_open),
    "ClockJump": (authors.a_clock_jump_is_told_by_its_own_desk,),
    "AuditEvent": (
        audit_log.the_event_is_told_once_by_its_own_desk, audit_log.the_event_is_one_that_a_desk_tells,
    ),
    "AbsenceDocument": (
        authors.the_document_is_of_ones_own_class, marking.the_reason_is_known, absences.the_paper_has_its_days,
        wording.its_words_can_be_read,
    ),
    "Person": (*DIRECTORY_RULES, staff.a_person_has_a_name, wording.its_words_can_be_read),
    "RoleGrant": (*DIRECTORY_RULES, staff.a_role_has_its_days),
    "CredentialIssue": (*DIRECTORY_RULES, staff.only_the_handing_over_is_entered),
    "Subgroup": (*DIRECTORY_RULES, wording.its_words_can_be_read),
    "RegisteredAbsence": (
        authors.the_document_is_of_ones_own_class, marking.the_reason_is_known, absences.the_absence_has_its_days,
        wording.its_words_can_be_read,
    ),
    "IssuedDocument": (
        *DIRECTORY_RULES, blobs.only_the_server_says_that_it_holds_a_file, blobs.the_paper_is_one_that_is_carried,
    ),
    "Destruction": (
        destruction.an_order_says_what_and_why, destruction.an_administrator_orders,
        destruction.a_second_person_confirms,
    ),
    "BackupDrive": (
        backup_register.the_administrator_keeps_the_register, backup_register.a_drive_is_called_something,
        wording.its_words_can_be_read,
    ),
    "BackupAct": (
        backup_register.the_administrator_keeps_the_register, backup_register.an_act_stays_as_it_was_written,
        backup_register.an_act_says_what_was_done, wording.its_words_can_be_read,
    ),
    "Certificate": (authors.only_the_person_answers_for_a_new_desk,),
}  # fmt: skip
