"""What a rule looks at and what it may answer: one change with the records around it, and a judgement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property, wraps

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.changes import Change, Outcome
from ejournal_core.facts import Facts
from ejournal_core.kinds import (
    KINDS,
    Attendance,
    BellSlot,
    ClassGroup,
    CurriculumHours,
    Guardian,
    HomeworkFile,
    JournalPage,
    Lesson,
    LessonPlan,
    Mark,
    MarkColumn,
    PageCompletion,
    PeriodClosing,
    PeriodMark,
    PlannedLesson,
    Pupil,
    PupilFile,
    PupilRemark,
    Record,
    RegisteredAbsence,
    SpecialGroup,
    Subgroup,
    Subject,
    WorkKind,
)


class Judgement(Struct, frozen=True):
    """What the rules say of a change: taken, pending or refused, a code, one sentence and the parameter behind it."""

    outcome: Outcome
    code: str = ""
    sentence: str = ""
    clause: str = ""


TAKEN = Judgement("taken")


def refused(code: str, sentence: str, clause: str = "") -> Judgement:
    """Return a refusal: the rule said no already when the change was made."""
    return Judgement("refused", code, sentence, clause)


def pending(code: str, sentence: str, clause: str = "") -> Judgement:
    """Return a judgement that asks for another person's decision at arrival, and refuses at the key press."""
    return Judgement("pending", code, sentence, clause)


#: Fields that say where a record belongs, and so whose it is and what is closed for it.
PLACES = ("held_on", "journal_page_id", "class_group_id", "subgroup_id", "pupil_id", "voided")


class Case:
    """One change before the rules, with the records around it looked up at most once."""

    def __init__(self, change: Change, facts: Facts, after: Record, before: Record | None, at_arrival: bool) -> None:
        self.change = change
        self.facts = facts
        self.after = after
        self.before = before
        self.at_arrival = at_arrival

    @cached_property
    def lesson(self) -> Lesson | None:
        """The lesson the change is about."""
        if isinstance(self.after, Lesson):
            return self.after
        if isinstance(self.after, MarkColumn | Attendance | HomeworkFile | PupilRemark):
            return self.facts.get(Lesson, self.after.lesson_id)
        if isinstance(self.after, Mark):
            return self.facts.get(Lesson, ids.mark_column_parts(self.after.mark_column_id)[0])
        return None

    @cached_property
    def page(self) -> JournalPage | None:
        """The journal page the change is about."""
        on_page = isinstance(self.after, PeriodMark | PageCompletion | LessonPlan | PlannedLesson | SpecialGroup)
        page_id = str(getattr(self.after, "journal_page_id", "")) if on_page else None
        if self.lesson is not None:
            page_id = self.lesson.journal_page_id
        return self.facts.get(JournalPage, page_id) if page_id else None

    @cached_property
    def class_group(self) -> ClassGroup | None:
        """The class group the change is about."""
        if isinstance(self.after, RegisteredAbsence):
            return self.facts.get(ClassGroup, self.after.class_group_id)
        return self.facts.get(ClassGroup, self.page.class_group_id) if self.page else None

    @property
    def grade(self) -> int:
        """The grade of that class, 0 where there is none."""
        return self.class_group.grade_level if self.class_group else 0

    @cached_property
    def day(self) -> date:
        """The day of the fact: of the lesson, else of the entry."""
        return self.lesson.held_on if self.lesson else self.facts.today()

    @cached_property
    def pupil_id(self) -> str | None:
        """The pupil the change is about."""
        return getattr(self.after, "pupil_id", None)

    @cached_property
    def as_it_stood(self) -> Case | None:
        """The same change before the record as it was; None when that is where it stays."""
        if self.before is None or not self.sets(*PLACES):
            return None
        return Case(self.change, self.facts, self.before, self.before, self.at_arrival)

    @property
    def newly_set(self) -> bool:
        """Whether the record had no value before."""
        return self.before is None or getattr(self.before, "value", None) is None

    def sets(self, *fields: str) -> bool:
        """Say whether the change touches any of the fields."""
        return not self.change.set.keys().isdisjoint(fields)


def page_of(kind: str, record_id: str) -> str | None:
    """Return the id of the journal page that a fact stands on, None for the directory and for ids that are none."""
    try:
        match kind:
            case "Lesson":
                return ids.lesson_parts(record_id)[0]
            case "HomeworkFile" | "PupilRemark":
                return ids.lesson_parts(record_id.rsplit(ids.SEPARATOR, 1)[0])[0]
            case "MarkColumn":
                return ids.lesson_parts(ids.mark_column_parts(record_id)[0])[0]
            case "Mark" | "Attendance":
                return page_of("MarkColumn" if kind == "Mark" else "Lesson", record_id.rsplit(ids.SEPARATOR, 1)[0])
            case "PeriodMark":
                return record_id.rsplit(ids.SEPARATOR, 3)[0]
            case "PageCompletion":
                return record_id.rsplit(ids.SEPARATOR, 2)[0]
            case "LessonPlan" | "PlannedLesson" | "SpecialGroup":
                return record_id.rsplit(ids.SEPARATOR, 1)[0]
    except (ValueError, IndexError):
        return None
    return None


def lesson_id_of(kind: str, record_id: str) -> str | None:
    """Return the id of the lesson that a fact is about, None for what is not about one lesson."""
    parts = {"Lesson": 0, "Attendance": 1, "HomeworkFile": 1, "PupilRemark": 1, "MarkColumn": 2, "Mark": 3}.get(kind)
    return None if parts is None else record_id.rsplit(ids.SEPARATOR, parts)[0]


def class_of(change: Change, facts: Facts) -> str | None:
    """Return the class group that a change is about, None for what belongs to the whole school."""
    page_id = page_of(change.kind, change.record)
    if page_id is not None:
        page = facts.get(JournalPage, page_id)
        return page.class_group_id if page else None
    kind = KINDS.get(change.kind)
    record = facts.get(kind, change.record) if kind else None
    named = getattr(record, "class_group_id", None) or change.set.get("class_group_id")
    return str(named) if named else None


Rule = Callable[[Case], Judgement | None]


def also_as_it_stood(rule: Rule) -> Rule:
    """Judge by what the record was as well as by what it becomes: nothing slips from under a rule by being moved."""

    @wraps(rule)
    def judged(case: Case) -> Judgement | None:
        return rule(case) or (rule(case.as_it_stood) if case.as_it_stood else None)

    return judged


def derived_id(record: Record) -> str | None:
    """Return the id that a fact must have ("": another one), None for what people invent and call as they like."""
    match record:
        case Mark():
            return ids.mark(record.mark_column_id, record.pupil_id)
        case MarkColumn():
            return ids.mark_column(record.lesson_id, record.work_kind_id, record.ordinal)
        case Attendance():
            return ids.attendance(record.lesson_id, record.pupil_id)
        case PeriodMark():
            return ids.period_mark(record.journal_page_id, record.pupil_id, record.period_kind, record.period_number)
        case PageCompletion():
            return ids.page_completion(record.journal_page_id, record.period_kind, record.period_number)
        case BellSlot():
            return ids.bell_of_day(record.day, record.lesson_number) if record.day else None
        case PupilFile():
            return ids.pupil_file(record.class_group_id, record.pupil_id)
        case Guardian():
            own = record.id.rpartition(ids.SEPARATOR)[2]
            return ids.guardian(record.class_group_id, record.pupil_id, own) if own else ""
        case PeriodClosing():
            return ids.period_closing(record.class_group_id, record.grading_period_id)
        case CurriculumHours():
            return ids.curriculum_hours(record.subject_id, record.class_group_id)
        case LessonPlan():
            return ids.lesson_plan(record.journal_page_id)
        case PlannedLesson():
            own = record.id.rpartition(ids.SEPARATOR)[2]
            return ids.planned_lesson(record.journal_page_id, own) if own else ""
        case HomeworkFile():
            own = record.id.rpartition(ids.SEPARATOR)[2]
            return ids.homework_file(record.lesson_id, own) if own else ""
        case PupilRemark():
            own = record.id.rpartition(ids.SEPARATOR)[2]
            return ids.pupil_remark(record.lesson_id, own) if own else ""
        case SpecialGroup():
            return ids.special_group(record.journal_page_id, record.pupil_id)
        case Lesson():
            return record.id if ids.is_lesson(record.id, record.journal_page_id) else ""
        case JournalPage():
            return ids.journal_page(record.subject_id, record.subgroup_id or record.class_group_id)
        case Pupil() | WorkKind() | Subject() | ClassGroup() | Subgroup():  # parts of ids, taken apart again
            return record.id if record.id and ids.SEPARATOR not in record.id else ""
        case _:
            return None
