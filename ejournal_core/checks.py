"""Every rule an edit must pass. Reads like the regulations: one function per rule, each citing its policy parameter.

The same `check` judges on the desk at the key press and on the server at arrival. On the desk anything but "taken" is
refused at the cell. At arrival a rule that may have changed since the entry (a period was closed meanwhile) makes the
change pending instead of refused: it was lawful when it was entered, so a person decides.

To add a rule: write a function `Case -> Judgement | None` (see `cases.py`) with its code, sentence and parameter,
add it to `RULES`, give the code a section in docs/errors.md and a test in tests/core/test_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from ejournal_core import (
    absences,
    access,
    bells,
    blobs,
    calendar,
    deadlines,
    decisions,
    destruction,
    guardians,
    ids,
    lesson_plans,
    marks,
    pupil_data,
    pupil_notes,
    wording,
)
from ejournal_core.bounds import can_be_kept
from ejournal_core.cases import TAKEN, Case, Judgement, Rule, also_as_it_stood, derived_id, pending, refused
from ejournal_core.changes import Change
from ejournal_core.errors import Refusal
from ejournal_core.facts import Facts
from ejournal_core.kinds import (
    KINDS,
    AbsenceDocument,
    Attendance,
    Certificate,
    ClockJump,
    GradingPeriod,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PageCompletion,
    PeriodMark,
    Pupil,
    Record,
    RegisteredAbsence,
    SchoolYear,
    SpecialGroup,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
    WorkKind,
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


#: So many columns of one kind a lesson can ever have had, those struck out included.
MOST_ORDINALS = 99


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


# --- rights ------------------------------------------------------------------------------------------------------


@also_as_it_stood
def the_author_teaches_this_lesson(case: Case) -> Judgement | None:
    """Own pages and the lessons actually given."""
    if case.change.act == "resolve":
        return None
    assert case.page is not None
    lesson_id = case.lesson.id if case.lesson else ""
    if access.may_keep_page(case.facts, case.change.author, case.page.id, case.day, lesson_id):
        return None
    if decisions.declares(case.change):  # also by whoever keeps the timetable: another person confirms it
        return decisions.judge_substitution(case)
    if decisions.assigns(case):
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


# --- time --------------------------------------------------------------------------------------------------------


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
    if case.change.act == "resolve" or not case.sets("value", "comment", "voided"):
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
    return deadlines.mark_due_at(case.facts.policy(), moments, _grade(case), written=written)


def _is_written(record: Record, case: Case) -> bool:
    if not isinstance(record, Mark | MarkColumn):
        return False
    kind = record.work_kind_id if isinstance(record, MarkColumn) else ids.mark_column_parts(record.mark_column_id)[1]
    work = case.facts.get(WorkKind, kind)
    return work is not None and work.written


def _grade(case: Case) -> int:
    return case.class_group.grade_level if case.class_group else 0


# --- marks -------------------------------------------------------------------------------------------------------


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
    if _grade(case) in case.facts.policy().markless_grades and getattr(case.after, "value", None) is not None:
        return refused("EJ-224", f"В {_grade(case)} классе обучение безотметочное.", "P14")
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


FORM: tuple[Rule, ...] = (the_id_says_what_the_record_is, what_it_belongs_to_exists)
RIGHT: tuple[Rule, ...] = (the_author_teaches_this_lesson, a_dispute_is_decided_by_those_concerned)
DIRECTORY_RULES: tuple[Rule, ...] = (the_id_says_what_the_record_is, the_author_keeps_this_part_of_the_directory)

RULES: dict[str, tuple[Rule, ...]] = {
    "Lesson": (
        *FORM, *RIGHT, the_lesson_is_in_the_school_year, nothing_is_entered_ahead, the_period_is_open,
        its_marks_may_still_change,
    ),
    "HomeworkFile": (
        *FORM, blobs.only_the_server_says_that_it_holds_a_file, *RIGHT, blobs.the_file_is_one_that_is_carried,
        blobs.there_is_room_at_the_lesson, the_lesson_is_in_the_school_year, blobs.files_are_planned_like_homework,
        the_period_is_open,
    ),
    "LessonPlan": (
        *FORM, lesson_plans.the_plan_is_given_in_by_its_teacher, lesson_plans.another_person_approves,
        lesson_plans.another_person_returns, lesson_plans.what_is_approved_is_what_stands, lesson_plans.its_hours_are_the_curriculums,
        a_dispute_is_decided_by_those_concerned,
    ),
    "PlannedLesson": (
        *FORM, lesson_plans.the_teacher_writes_the_plan, lesson_plans.the_row_can_be_taught,
        lesson_plans.the_plan_has_room,
        a_dispute_is_decided_by_those_concerned,
    ),
    "Guardian": (
        *DIRECTORY_RULES, guardians.the_guardian_is_of_a_pupil_of_the_class, guardians.the_guardian_can_be_read,
        wording.its_words_can_be_read,
        guardians.the_school_keeps_such_data, guardians.contacts_need_a_consent,
    ),
    "CurriculumHours": (*DIRECTORY_RULES, lesson_plans.the_hours_are_those_of_a_year),
    "MarkColumn": (
        *FORM, *RIGHT, there_is_room_for_the_column, wording.its_words_can_be_read,
        wording.the_weight_is_a_number_of_the_school, the_period_is_open, its_marks_may_still_change,
    ),
    "Mark": (
        *FORM, *RIGHT, the_grade_has_marks, the_mark_is_on_the_scale, wording.its_words_can_be_read,
        the_pupil_is_on_the_list, nothing_is_entered_ahead, the_pupil_was_there, the_period_is_open,
        the_edit_window_is_open,
    ),
    "Attendance": (
        *FORM, the_reason_is_the_class_teachers, a_dispute_is_decided_by_those_concerned, the_reason_is_known,
        the_pupil_is_on_the_list, nothing_is_entered_ahead, the_absent_has_no_marks, the_period_is_open,
    ),
    "PeriodMark": (
        *FORM, *RIGHT, the_grade_has_marks, the_subject_has_marks_of_periods, the_mark_is_on_the_scale,
        wording.its_words_can_be_read, the_pupil_is_on_the_list, the_period_is_the_schools, the_period_is_open,
    ),
    "PageCompletion": (*FORM, *RIGHT, the_period_is_the_schools, the_period_is_open),
    "PupilRemark": (
        *FORM, *RIGHT, pupil_notes.the_remark_is_written_in_words, wording.its_words_can_be_read,
        pupil_notes.the_remark_stays_as_it_was_written,
        the_pupil_is_on_the_list, nothing_is_entered_ahead, the_period_is_open,
    ),
    "SpecialGroup": (
        *FORM, pupil_notes.who_knows_of_it_enters_the_group, a_dispute_is_decided_by_those_concerned,
        pupil_notes.the_group_is_of_physical_education, pupil_notes.the_group_begins_before_it_ends,
        wording.its_words_can_be_read, the_pupil_is_on_the_list,
    ),
    "DataReport": (
        pupil_data.the_report_is_its_authors, pupil_data.the_report_stays_as_it_was_written,
        pupil_data.the_report_says_what_is_wrong,
    ),
    "ListCheck": (pupil_data.the_class_teacher_looked_herself,),
    "BellSlot": (*DIRECTORY_RULES, bells.a_lesson_has_its_time),
    "PeriodClosing": (*DIRECTORY_RULES, decisions.nothing_in_the_period_is_open),
    "ClockJump": (a_clock_jump_is_told_by_its_own_desk,),
    "AbsenceDocument": (
        the_document_is_of_ones_own_class, the_reason_is_known, absences.the_paper_has_its_days,
        wording.its_words_can_be_read,
    ),
    "Subgroup": (*DIRECTORY_RULES, wording.its_words_can_be_read),
    "RegisteredAbsence": (
        the_document_is_of_ones_own_class, the_reason_is_known, absences.the_absence_has_its_days,
        wording.its_words_can_be_read,
    ),
    "IssuedDocument": (
        *DIRECTORY_RULES, blobs.only_the_server_says_that_it_holds_a_file, blobs.the_paper_is_one_that_is_carried,
    ),
    "Destruction": (
        destruction.an_order_says_what_and_why, destruction.an_administrator_orders,
        destruction.a_second_person_confirms,
    ),
    "Certificate": (only_the_person_answers_for_a_new_desk,),
}  # fmt: skip
