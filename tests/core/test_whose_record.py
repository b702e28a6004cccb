"""Nothing slips from under a rule by being moved, dated back or entered in another's place."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from ejournal_core import ids, lesson_plans
from ejournal_core.bounds import can_be_kept
from ejournal_core.checks import check
from ejournal_core.kinds import (
    AbsenceDocument,
    Enrolment,
    Fields,
    Guardian,
    LessonPlan,
    PlannedLesson,
    Pupil,
    PupilRemark,
    Record,
    RegisteredAbsence,
    RoleGrant,
    SpecialGroup,
    Subgroup,
    SubgroupMember,
    from_fields,
)
from tests.core.test_checks import LESSON, PAGE, SEPTEMBER, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

PLAN = ids.lesson_plan(PAGE)
PAPER: Fields = {"class_group_id": "7b", "pupil_id": "yolkin", "reason": "Б"}


def test_a_class_teacher_takes_no_pupil_out_of_another_classes_group(facts: PlainFacts) -> None:
    facts.put(
        RoleGrant(id="r9", person_id="sidorova", role="class_teacher", class_group_id="1a", since=SEPTEMBER),
        Subgroup(id="1a1", class_group_id="1a", title="1 группа"),
        SubgroupMember(id="own", subgroup_id="1a1", pupil_id="kotov", since=SEPTEMBER),
    )
    assert code(check(edit("SubgroupMember", "own", {"until": "2026-12-01"}, author="sidorova"), facts)) == "taken"
    carried = edit("SubgroupMember", "s", {"subgroup_id": "1a1"}, was={"subgroup_id": "7b2"}, author="sidorova")
    assert code(check(carried, facts)) == "EJ-213"


@pytest.mark.parametrize(("author", "expected"), [("ivanova", "taken"), ("petrova", "EJ-260"), ("zavuch", "EJ-260")])
def test_a_plan_is_begun_by_who_teaches_the_page(facts: PlainFacts, author: str, expected: str) -> None:
    begun = edit("LessonPlan", PLAN, {"journal_page_id": PAGE}, author=author, act="create")
    assert code(check(begun, facts)) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-11-19", "taken"), ("2026-11-18", "taken"), ("2026-10-01", "EJ-263"), ("2026-12-01", "EJ-263"),
     (None, "EJ-263")],
)  # fmt: skip
def test_a_plan_is_approved_on_the_day_of_the_approval(facts: PlainFacts, day: str | None, expected: str) -> None:
    row = PlannedLesson(id=ids.planned_lesson(PAGE, "r"), journal_page_id=PAGE, position=1, topic="Дроби")
    facts.put(row)
    facts.school_policy = replace(facts.school_policy, ktp_hours_strict=False)
    fields: Fields = {"approved_by": "zavuch", "approved_on": day, "content": lesson_plans.content([row]), "hours": 1}
    approval = edit("LessonPlan", PLAN, {"journal_page_id": PAGE, **fields}, author="zavuch", act="create")
    assert code(check(approval, facts)) == expected


def test_nobody_passes_for_the_author_of_a_remark(facts: PlainFacts) -> None:
    record = ids.pupil_remark(LESSON, "r")
    facts.put(PupilRemark(id=record, lesson_id=LESSON, pupil_id="yolkin", remark_kind="praise", text="Помог"))
    again = edit("PupilRemark", record, {"voided": False}, was={"voided": False})
    assert code(check(again, facts)) == "EJ-279", "the last who enters a record is its author on every screen"
    taken_back = edit("PupilRemark", record, {"voided": True}, was={"voided": False}, act="void")
    assert code(check(taken_back, facts)) == "taken"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({}, "taken"), ({"until": "2026-11-01"}, "EJ-273"), ({"since": "0001-01-01"}, "EJ-273"),
     ({"told_by": "м" * 101}, "EJ-273")],
)  # fmt: skip
def test_a_paper_has_its_days_in_order(facts: PlainFacts, fields: Fields, expected: str) -> None:
    paper: Fields = {**PAPER, "since": "2026-11-17", "until": "2026-11-20", **fields}
    assert code(check(edit("AbsenceDocument", "d", paper, author="petrova", act="create"), facts)) == expected


@pytest.mark.parametrize("kind", [AbsenceDocument, RegisteredAbsence])
def test_an_absence_never_passes_to_another_pupil(facts: PlainFacts, kind: type[Record]) -> None:
    """An act about the first would empty lines of the log that make the record of the second."""
    facts.put(Pupil(id="somov", last_name="Сомов", first_name="Олег"),
              Enrolment(id="e9", pupil_id="somov", class_group_id="7b", since=SEPTEMBER),
              from_fields(kind, "a", {**PAPER, "since": "2026-11-17", "until": "2026-11-20"}))  # fmt: skip
    longer = edit(kind.__name__, "a", {"until": "2026-11-21"}, was={"until": "2026-11-20"}, author="petrova")
    assert code(check(longer, facts)) == "taken"
    carried = edit(kind.__name__, "a", {"pupil_id": "somov"}, was={"pupil_id": "yolkin"}, author="petrova")
    assert code(check(carried, facts)) == "EJ-212"


def test_a_paper_whose_days_were_destroyed_can_be_taken_away(facts: PlainFacts) -> None:
    gone = AbsenceDocument(
        id="d", class_group_id="7b", pupil_id="yolkin", reason="", since=date.min, until=date.min, told_by=""
    )
    facts.put(gone)
    taken_away = edit("AbsenceDocument", "d", {"voided": True}, was={"voided": False}, author="petrova", act="void")
    assert code(check(taken_away, facts)) == "taken"


def test_only_a_day_that_an_act_can_destroy_may_be_the_first_of_all() -> None:
    first = date.min
    paper = AbsenceDocument(id="d", class_group_id="7b", pupil_id="p", reason="", since=first, until=first)
    assert can_be_kept(paper)
    assert not can_be_kept(SpecialGroup(id="g", journal_page_id=PAGE, pupil_id="p", since=first))
    assert not can_be_kept(Guardian(id="m", class_group_id="7b", pupil_id="p", consent_on=first))


# --- a plan between its teacher and whoever approves it -------------------------------------------------------------


GIVEN_IN: Fields = {"submitted_by": "ivanova", "given_in": "a" * 64}
NOT_RETURNED: Fields = {"returned_by": None, "returned_why": ""}


def given_back(why: str, by: str = "zavuch") -> Fields:
    return {"returned_by": by, "returned_why": why}


@pytest.mark.parametrize(
    ("author", "fields", "expected"),
    [
        ("zavuch", given_back("Нет контрольных"), "taken"), ("zavuch", given_back("  "), "EJ-502"),
        ("zavuch", given_back("я" * 501), "EJ-502"), ("zavuch", {"returned_why": "Нет"}, "EJ-502"),
        ("zavuch", given_back("Нет контрольных", "director"), "EJ-261"),
        ("ivanova", given_back("Нет контрольных", "ivanova"), "EJ-261"),
        ("ivanova", given_back("Нет контрольных"), "EJ-261"), ("petrova", given_back("Нет", "petrova"), "EJ-261"),
    ],
)  # fmt: skip
def test_a_plan_is_given_back_by_its_approver_with_a_reason(
    facts: PlainFacts, author: str, fields: Fields, expected: str
) -> None:
    facts.put(from_fields(LessonPlan, PLAN, {"journal_page_id": PAGE, **GIVEN_IN}))
    assert code(check(edit("LessonPlan", PLAN, fields, was=NOT_RETURNED, author=author), facts)) == expected


def test_what_was_not_given_in_is_not_given_back(facts: PlainFacts) -> None:
    facts.put(LessonPlan(id=PLAN, journal_page_id=PAGE))
    back = edit("LessonPlan", PLAN, given_back("Рано"), was=NOT_RETURNED, author="zavuch")
    assert code(check(back, facts)) == "EJ-502"


@pytest.mark.parametrize(("author", "expected"), [("ivanova", "taken"), ("zavuch", "taken"), ("petrova", "EJ-261")])
def test_a_return_is_cleared_by_teacher_and_approver_only(facts: PlainFacts, author: str, expected: str) -> None:
    facts.put(from_fields(LessonPlan, PLAN, {"journal_page_id": PAGE, **GIVEN_IN, **given_back("Нет")}))
    cleared = edit("LessonPlan", PLAN, NOT_RETURNED, was=given_back("Нет"), author=author)
    assert code(check(cleared, facts)) == expected


def test_a_plan_holds_a_thousand_rows(facts: PlainFacts) -> None:
    def row(number: int) -> PlannedLesson:
        return PlannedLesson(id=ids.planned_lesson(PAGE, str(number)), journal_page_id=PAGE, position=number, topic="Т")

    def one_more() -> str:
        fields: Fields = {"journal_page_id": PAGE, "position": 1, "topic": "Дроби"}
        return code(check(edit("PlannedLesson", ids.planned_lesson(PAGE, "x"), fields, act="create"), facts))

    facts.put(*(row(number) for number in range(lesson_plans.MOST_ROWS - 1)))
    assert one_more() == "taken"
    facts.put(row(lesson_plans.MOST_ROWS))
    assert one_more() == "EJ-503"
    first = ids.planned_lesson(PAGE, "0")
    assert code(check(edit("PlannedLesson", first, {"topic": "Доли"}, was={"topic": "Т"}), facts)) == "taken"
    struck = edit("PlannedLesson", first, {"voided": True}, was={"voided": False}, act="void")
    assert code(check(struck, facts)) == "taken"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "draft"), ({"submitted_by": "t", "given_in": "old"}, "submitted"),
        ({"submitted_by": "t", **given_back("Нет")}, "returned"),
        ({"approved_by": "d", "content": "now", **given_back("Нет")}, "approved"),
        ({"submitted_by": "t", "given_in": "old", "approved_by": "d", "content": "old"}, "changed"),
        ({"submitted_by": "t", "given_in": "now", "approved_by": "d", "content": "old"}, "resubmitted"),
        ({"approved_by": "d", "content": "old"}, "changed"),
    ],
)  # fmt: skip
def test_the_stage_of_a_plan(fields: Fields, expected: str) -> None:
    plan = from_fields(LessonPlan, PLAN, {"journal_page_id": PAGE, **fields})
    assert lesson_plans.stage(plan, "now") == expected
