"""Properly signed changes of plans, families, the register, remarks and groups that their author may not make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ejournal_core import ids
from ejournal_core.changes import Act, Change, is_erasable
from ejournal_core.kinds import Fields
from tests.campaigns.hostile import Answer, Case, Stage, as_person, said
from tests.server import world
from tests.server.world import CLASS, LESSON, OTHER_CLASS, OTHER_PAGE, PAGE, PUPILS, Hand

SALT = "5a" * 32
PUPIL = PUPILS[0]
ROW = ids.planned_lesson(PAGE, "row")
FAMILY = ids.guardian(CLASS, PUPIL, "mother")

#: How something lawful ends whether it stood already or not: a remark is not entered twice.
STANDS = ("taken", "converged", "refused EJ-279")

Make = Callable[[Hand], Change]


def making(kind: str, record: str, set_: Fields, was: Fields | None = None, act: Act | None = None) -> Make:
    """Return what makes the change at a hand: a birth, or a change where something was."""

    def make(hand: Hand) -> Change:
        other: dict[str, Any] = {"salt": SALT} if is_erasable(kind, {**set_, **(was or {})}) else {}
        return hand.change(kind, record, was or {}, set_, act or ("change" if was else "create"), **other)

    return make


def after(first: tuple[str, Make], person: str, make: Make) -> Callable[[Stage], Answer]:
    """Return the act of changing what somebody else has lawfully entered before."""

    def act(stage: Stage) -> Answer:
        author, lawful = first
        assert said(as_person(stage, author, lawful)) in ("taken", "converged", "refused EJ-279", "refused EJ-524"), (
            "it stands, or did already"
        )
        return as_person(stage, person, make)

    return act


def alone(person: str, make: Make) -> Callable[[Stage], Answer]:
    """Return the act of entering something that nobody has asked for."""
    return lambda stage: as_person(stage, person, make)


# --- plans -----------------------------------------------------------------------------------------------------------

_ROW: Fields = {"journal_page_id": PAGE, "position": 1_024, "topic": "Дроби"}
_PLAN: Fields = {"journal_page_id": PAGE, "submitted_by": world.TEACHER}
_HOLLOW: Fields = {"journal_page_id": OTHER_PAGE}
_APPROVED: Fields = {"approved_by": world.COLLEAGUE, "approved_on": "2026-11-20", "content": "", "hours": 1}
_EXAM: Fields = {"journal_page_id": PAGE, "period_kind": "exam", "period_number": 1}
GIVEN_IN = (world.TEACHER, making("LessonPlan", ids.lesson_plan(PAGE), _PLAN))
WRITTEN = (world.TEACHER, making("PlannedLesson", ROW, _ROW))

PLANS = (
    Case("a row in another's plan", alone(world.COLLEAGUE, making(
        "PlannedLesson", ids.planned_lesson(OTHER_PAGE, "x"), {**_ROW, "journal_page_id": OTHER_PAGE})),
         "refused EJ-260"),
    Case("a row that lies in two plans", alone(world.COLLEAGUE, making(
        "PlannedLesson", ids.planned_lesson(OTHER_PAGE, "y"), _ROW)), "refused EJ-202"),
    Case("a row carried to another page", after(WRITTEN, world.TEACHER, making(
        "PlannedLesson", ROW, {"journal_page_id": OTHER_PAGE}, {"journal_page_id": PAGE})), "refused EJ-202"),
    Case("a row of a deputy's in a teacher's plan", after(WRITTEN, world.DEPUTY, making(
        "PlannedLesson", ROW, {"topic": "Доли"}, {"topic": "Дроби"})), "refused EJ-260"),
    Case("a row of a megabyte", alone(world.TEACHER, making(
        "PlannedLesson", ids.planned_lesson(PAGE, "z"), {**_ROW, "homework": "я" * 15_000})), "refused EJ-262"),
    Case("an approval of one's own plan", after(GIVEN_IN, world.COLLEAGUE, making(
        "LessonPlan", ids.lesson_plan(PAGE), _APPROVED,
        {"approved_by": None, "approved_on": None, "content": "", "hours": 0})), "refused EJ-261"),
    Case("an approval in a deputy's name", alone(world.COLLEAGUE, making(
        "LessonPlan", ids.lesson_plan(OTHER_PAGE), {**_HOLLOW, **_APPROVED, "approved_by": world.DEPUTY})),
         "refused EJ-261"),
    Case("an approval of other rows", after(GIVEN_IN, world.DEPUTY, making(
        "LessonPlan", ids.lesson_plan(PAGE), {**_APPROVED, "approved_by": world.DEPUTY},
        {"approved_by": None, "approved_on": None, "content": "", "hours": 0})), "refused EJ-263"),
    Case("another's plan given in", alone(world.COLLEAGUE, making(
        "LessonPlan", ids.lesson_plan(OTHER_PAGE), {**_HOLLOW, "submitted_by": world.COLLEAGUE})), "refused EJ-260"),
    Case("another's plan begun", alone(world.COLLEAGUE, making(
        "LessonPlan", ids.lesson_plan(OTHER_PAGE), _HOLLOW)), "refused EJ-260"),
    Case("another's plan voided", after(GIVEN_IN, world.DEPUTY, making(
        "LessonPlan", ids.lesson_plan(PAGE), {"voided": True}, {"voided": False}, "void")), "refused EJ-260"),
    Case("hours of the curriculum by a teacher", alone(world.COLLEAGUE, making(
        "CurriculumHours", ids.curriculum_hours(world.MATHS, CLASS),
        {"subject_id": world.MATHS, "class_group_id": CLASS, "hours": 1})), "refused EJ-213"),
    Case("another's page is complete", alone(world.COLLEAGUE, making(
        "PageCompletion", ids.page_completion(OTHER_PAGE, "quarter", 2),
        {"journal_page_id": OTHER_PAGE, "period_kind": "quarter", "period_number": 2, "complete": True})),
         "refused EJ-210"),
    Case("results of an examination of tomorrow", alone(world.TEACHER, making(
        "PageCompletion", ids.page_completion(PAGE, "exam", 1), {**_EXAM, "received_on": "2026-12-31"})),
         "refused EJ-277"),
    Case("results of an examination at no time of day", alone(world.TEACHER, making(
        "PageCompletion", ids.page_completion(PAGE, "exam", 1),
        {**_EXAM, "received_on": "2026-09-02", "received_at": "24:61"})), "refused EJ-277"),
    Case("the paper of a mark that turns its letters", alone(world.TEACHER, making(
        "PeriodMark", ids.period_mark(PAGE, PUPIL, "quarter", 2),
        {"journal_page_id": PAGE, "pupil_id": PUPIL, "period_kind": "quarter", "period_number": 2, "value": "5",
         "document": "справка \u202e51 №"})), "refused EJ-286"),
)  # fmt: skip


# --- families --------------------------------------------------------------------------------------------------------

_MOTHER: Fields = {"class_group_id": CLASS, "pupil_id": PUPIL, "last_name": "Ёлкина", "first_name": "Ольга"}
KNOWN = (world.CLASS_TEACHER, making("Guardian", FAMILY, _MOTHER))


def _guardian(set_: Fields, record: str = FAMILY) -> Make:
    return making("Guardian", record, {**_MOTHER, **set_})


FAMILIES = (
    Case("a family by a teacher of the class", alone(world.COLLEAGUE, _guardian({})), "refused EJ-213"),
    Case("a family in another class", alone(world.CLASS_TEACHER, making(
        "Guardian", ids.guardian(OTHER_CLASS, PUPIL, "x"), {**_MOTHER, "class_group_id": OTHER_CLASS})),
         "refused EJ-213"),
    Case("a family carried to another class", after(KNOWN, world.ADMINISTRATOR, making(
        "Guardian", FAMILY, {"class_group_id": OTHER_CLASS}, {"class_group_id": CLASS})), "refused EJ-202"),
    Case("a family voided by a teacher", after(KNOWN, world.COLLEAGUE, making(
        "Guardian", FAMILY, {"voided": True}, {"voided": False}, "void")), "refused EJ-213"),
    Case("a telephone without a consent", alone(world.CLASS_TEACHER, _guardian(
        {"phone": "+7 921 000-00-00"}, ids.guardian(CLASS, PUPIL, "p"))), "refused EJ-276"),
    Case("a consent of tomorrow", alone(world.CLASS_TEACHER, _guardian(
        {"consent_on": "2026-12-31", "consent_by": "мать"}, ids.guardian(CLASS, PUPIL, "c"))), "refused EJ-525"),
    Case("a consent of nobody", alone(world.CLASS_TEACHER, _guardian(
        {"consent_on": "2026-09-01", "consent_by": " "}, ids.guardian(CLASS, PUPIL, "n"))), "refused EJ-525"),
    Case("a consent from before all time", alone(world.CLASS_TEACHER, _guardian(
        {"consent_on": "0001-01-01", "consent_by": "мать"}, ids.guardian(CLASS, PUPIL, "t"))), "refused EJ-201"),
)  # fmt: skip


# --- the register, remarks, groups -----------------------------------------------------------------------------------

_AWAY: Fields = {"class_group_id": CLASS, "pupil_id": PUPIL, "reason": "Б", "since": "2026-11-19",
                 "until": "2026-11-20"}  # fmt: skip
AWAY = (world.CLASS_TEACHER, making("RegisteredAbsence", "away", _AWAY))
_PAPER: Fields = {"class_group_id": CLASS, "pupil_id": PUPIL, "reason": "Б", "since": "2026-11-19",
                  "until": "2026-11-20", "number": "12"}  # fmt: skip
REMARK = ids.pupil_remark(LESSON, "remark")
_SAID: Fields = {"lesson_id": LESSON, "pupil_id": PUPIL, "remark_kind": "praise", "text": "Помогала другим"}
SAID = (world.TEACHER, making("PupilRemark", REMARK, _SAID))
_GROUP: Fields = {"journal_page_id": PAGE, "pupil_id": PUPIL, "since": "2026-10-01", "until": None, "basis": "справка"}
IN_GROUP = ids.special_group(PAGE, PUPIL)

PUPILS_AFFAIRS = (
    Case("an absence by a teacher of the class", alone(world.COLLEAGUE, making(
        "RegisteredAbsence", "x1", _AWAY)), "refused EJ-212"),
    Case("an absence carried to another class", after(AWAY, world.CLASS_TEACHER, making(
        "RegisteredAbsence", "away", {"class_group_id": OTHER_CLASS}, {"class_group_id": CLASS})), "refused EJ-212"),
    Case("an absence carried to another pupil", after(AWAY, world.CLASS_TEACHER, making(
        "RegisteredAbsence", "away", {"pupil_id": PUPILS[1]}, {"pupil_id": PUPIL})), "refused EJ-212"),
    Case("an absence voided by a teacher", after(AWAY, world.COLLEAGUE, making(
        "RegisteredAbsence", "away", {"voided": True}, {"voided": False}, "void")), "refused EJ-212"),
    Case("an absence from before all time", alone(world.CLASS_TEACHER, making(
        "RegisteredAbsence", "x2", {**_AWAY, "since": "0001-01-01"})), "refused EJ-273"),
    Case("an absence at lesson 99", alone(world.CLASS_TEACHER, making(
        "RegisteredAbsence", "x3", {**_AWAY, "first_lesson": 99})), "refused EJ-273"),
    Case("a paper that ends before it begins", alone(world.CLASS_TEACHER, making(
        "AbsenceDocument", "d1", {**_PAPER, "until": "2026-11-18"})), "refused EJ-273"),
    Case("a paper from before all time", alone(world.CLASS_TEACHER, making(
        "AbsenceDocument", "d2", {**_PAPER, "since": "0001-01-01"})), "refused EJ-273"),
    Case("a remark of a book", alone(world.COLLEAGUE, making(
        "PupilRemark", ids.pupil_remark(LESSON, "b"), {**_SAID, "text": "я" * 10_000})), "refused EJ-279"),
    Case("a remark of ten megabytes", alone(world.COLLEAGUE, making(
        "PupilRemark", ids.pupil_remark(LESSON, "m"), {**_SAID, "text": "x" * 10_000_000})), "400 EJ-321"),
    Case("a remark by the class teacher", alone(world.CLASS_TEACHER, making(
        "PupilRemark", ids.pupil_remark(LESSON, "c"), _SAID)), "refused EJ-210"),
    Case("other words in another's remark", after(SAID, world.COLLEAGUE, making(
        "PupilRemark", REMARK, {"text": "Мешала другим"}, {"text": "Помогала другим"})), "refused EJ-279"),
    Case("another's remark taken for one's own", after(SAID, world.COLLEAGUE, making(
        "PupilRemark", REMARK, {"voided": False}, {"voided": False})), "refused EJ-279"),
    Case("a medical group by a stranger to the page", alone(world.ADMINISTRATOR, making(
        "SpecialGroup", IN_GROUP, _GROUP)), "refused EJ-281"),
    Case("a medical group from before all time", alone(world.TEACHER, making(
        "SpecialGroup", IN_GROUP, {**_GROUP, "since": "0001-01-01"})), "refused EJ-201"),
)  # fmt: skip


# --- reports of wrong data, looks through a list ---------------------------------------------------------------------

_TOLD: Fields = {"reporter_id": world.TEACHER, "told_on": "2026-11-19", "about": "pupil", "class_group_id": CLASS,
                 "pupil_id": PUPIL, "wrong": "не та буква"}  # fmt: skip
TOLD = (world.TEACHER, making("DataReport", "told", _TOLD))
_ANSWER: Fields = {"answer": "fixed", "answered_by": world.ADMINISTRATOR, "answered_on": "2026-11-19"}
_LOOK: Fields = {"class_group_id": CLASS, "checked_on": "2026-11-19", "checked_by": world.CLASS_TEACHER,
                 "pupils": True}  # fmt: skip

PUPIL_DATA = (
    Case("a report in another's name", alone(world.COLLEAGUE, making("DataReport", "r1", _TOLD)), "refused EJ-523"),
    Case("a report of a book", alone(world.TEACHER, making(
        "DataReport", "r2", {**_TOLD, "wrong": "я" * 10_000})), "refused EJ-522"),
    Case("a report of tomorrow", alone(world.TEACHER, making(
        "DataReport", "r3", {**_TOLD, "told_on": "2027-12-31"})), "refused EJ-522"),
    Case("a report that answers itself", alone(world.TEACHER, making(
        "DataReport", "r4", {**_TOLD, **_ANSWER, "answered_by": world.TEACHER})), "refused EJ-523"),
    Case("an answer by who told it", after(TOLD, world.TEACHER, making(
        "DataReport", "told", _ANSWER, {"answer": ""})), "refused EJ-523"),
    Case("a report carried to another person", after(TOLD, world.COLLEAGUE, making(
        "DataReport", "told", {"reporter_id": world.COLLEAGUE}, {"reporter_id": world.TEACHER})), "refused EJ-524"),
    Case("a report taken back by the office", after(TOLD, world.ADMINISTRATOR, making(
        "DataReport", "told", {"voided": True}, {"voided": False}, "void")), "refused EJ-523"),
    Case("a look through the list by a teacher", alone(world.COLLEAGUE, making(
        "ListCheck", "l1", {**_LOOK, "checked_by": world.COLLEAGUE})), "refused EJ-526"),
    Case("a look through the list by somebody else's eyes", alone(world.CLASS_TEACHER, making(
        "ListCheck", "l2", {**_LOOK, "checked_by": world.TEACHER})), "refused EJ-526"),
    Case("a look through the list of another class", alone(world.CLASS_TEACHER, making(
        "ListCheck", "l3", {**_LOOK, "class_group_id": OTHER_CLASS})), "refused EJ-526"),
)  # fmt: skip


# --- the log of events -----------------------------------------------------------------------------------------------

_EVENT: Fields = {"person_id": world.TEACHER, "event": "printed"}

EVENTS = (
    Case("an event of another person", alone(world.COLLEAGUE, making("AuditEvent", "e1", _EVENT)), "refused EJ-520"),
    Case("an event of another's desk", alone(world.TEACHER, making(
        "AuditEvent", "e2", {**_EVENT, "desk_id": "elsewhere"})), "refused EJ-520"),
    Case("an event that only the server tells", alone(world.ADMINISTRATOR, lambda hand: hand.change(
        "AuditEvent", "e3", {}, {"person_id": hand.person, "desk_id": hand.desk, "event": "workstation_revoked"},
        "create")), "refused EJ-520"),
    Case("a name in an event", alone(world.TEACHER, lambda hand: hand.change(
        "AuditEvent", "e4", {}, {"person_id": hand.person, "desk_id": hand.desk, "event": "printed",
                                 "detail": "Котов Илья"}, "create")), "refused EJ-520"),
)  # fmt: skip


# --- works, bells, pages, and what was struck out --------------------------------------------------------------------

_WORK = ids.mark_column(LESSON, "oral", 7)
_SHORT: Fields = {"weekday": 0, "lesson_number": 1, "starts_at": "09:00", "ends_at": "09:30", "day": "2026-12-15"}
BELL = ids.bell_of_day(date(2026, 12, 15), 1)


def _work(**fields: str) -> Make:
    return making("MarkColumn", _WORK, {"lesson_id": LESSON, "work_kind_id": "oral", "ordinal": 7, **fields})


def struck_out_and_again(
    first: tuple[str, Make], kind: str, record: str, person: str, fields: Fields
) -> Callable[[Stage], Answer]:
    """Return the act of entering anew, in other words, what was entered lawfully and struck out by its author."""
    author, _ = first
    away = making(kind, record, {"voided": True}, {"voided": False}, "void")

    def act(stage: Stage) -> Answer:
        as_person(stage, *first)
        as_person(stage, author, away)
        return as_person(stage, person, making(kind, record, {**fields, "voided": False}))

    return act


_GONE = ids.pupil_remark(LESSON, "gone")
_GONE_ROW = ids.planned_lesson(PAGE, "gone")
_GONE_FAMILY = ids.guardian(CLASS, PUPIL, "gone")

WORKS_AND_BELLS = (
    Case("a work that weighs a million", alone(world.TEACHER, _work(weight="1000000")), "refused EJ-532"),
    Case("a work that weighs nothing", alone(world.TEACHER, _work(weight="0")), "refused EJ-532"),
    Case("a work called by a book", alone(world.TEACHER, _work(title="я" * 10_000)), "refused EJ-286"),
    Case("a work that reads as another", alone(world.TEACHER, _work(title="\u202eРК")), "refused EJ-286"),
    Case("a paper numbered by a book", alone(world.CLASS_TEACHER, making(
        "AbsenceDocument", "d3", {**_PAPER, "number": "1" * 10_000})), "refused EJ-286"),
    Case("a family struck out at its birth with a book inside", alone(world.CLASS_TEACHER, making(
        "Guardian", ids.guardian(CLASS, PUPIL, "v"), {**_MOTHER, "last_name": "я" * 9_000, "voided": True})),
         "refused EJ-286"),
    Case("a medical group where nobody runs", alone(world.TEACHER, making(
        "SpecialGroup", ids.special_group(PAGE, PUPILS[1]), {**_GROUP, "pupil_id": PUPILS[1]})), "refused EJ-287"),
    Case("bells by a teacher", alone(world.TEACHER, making("BellSlot", BELL, _SHORT)), "refused EJ-213"),
    Case("bells that ring backwards", alone(world.DEPUTY, making(
        "BellSlot", BELL, {**_SHORT, "ends_at": "08:00"})), "refused EJ-285"),
    Case("bells of another day by their name", alone(world.DEPUTY, making(
        "BellSlot", BELL, {**_SHORT, "day": "2026-12-16"})), "refused EJ-202"),
    Case("a page by the name of another class", alone(world.DEPUTY, making(
        "JournalPage", ids.journal_page(world.MATHS, OTHER_CLASS),
        {"subject_id": world.MATHS, "class_group_id": CLASS, "subgroup_id": None})), "refused EJ-202"),
    Case("another's remark brought back in other words", struck_out_and_again(
        (world.TEACHER, making("PupilRemark", _GONE, _SAID)), "PupilRemark", _GONE, world.COLLEAGUE,
        {**_SAID, "text": "Мешала"}), "disputed"),
    Case("a row of a plan brought back in other words", struck_out_and_again(
        (world.TEACHER, making("PlannedLesson", _GONE_ROW, _ROW)), "PlannedLesson", _GONE_ROW, world.TEACHER,
        {**_ROW, "topic": "Доли"}), "disputed"),
    Case("a family brought back in another name", struck_out_and_again(
        (world.CLASS_TEACHER, making("Guardian", _GONE_FAMILY, _MOTHER)), "Guardian", _GONE_FAMILY,
        world.ADMINISTRATOR, {**_MOTHER, "last_name": "Чужая"}), "disputed"),
)  # fmt: skip

RECORDS = (*PLANS, *FAMILIES, *PUPILS_AFFAIRS, *PUPIL_DATA, *EVENTS, *WORKS_AND_BELLS)
