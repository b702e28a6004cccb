"""A plan on its way: from its teacher to the deputy and to whoever teaches the subject, and to nobody else."""

from __future__ import annotations

from ejournal_core import lesson_plans
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.queries import lesson_plans as queries
from ejournal_desktop.models.queries.deciding import deciding
from ejournal_desktop.models.queries.notices import news
from tests.together.town import Town, until_quiet


def test_a_plan_is_given_in_approved_and_changed_again(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    page = town.school.page
    drafts = [RowDraft(f"Тема {n}", section="Повторение", hours=2) for n in range(34)]
    plans.append_rows(teacher.journal, page, drafts, replace=True)
    plans.submit_plan(teacher.journal, page)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    seen = queries.lesson_plan(deputy.journal, page)
    assert [each.row.topic for each in seen.rows] == [draft.topic for draft in drafts]
    assert seen.submitted_by.startswith(queries.lesson_plan(teacher.journal, page).submitted_by)
    plans.set_curriculum_hours(deputy.journal, "s-algebra", "c-7b", 68)
    plans.approve_plan(deputy.journal, page)
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"))
    approved = queries.lesson_plan(teacher.journal, page)
    assert (approved.curriculum, approved.changed, bool(approved.approved_by)) == (68, False, True)
    plans.change_row(teacher.journal, approved.rows[3].row.id, topic="Другая тема")
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    assert queries.lesson_plan(deputy.journal, page).changed
    assert teacher.journal.outbox() == deputy.journal.outbox() == []
    assert teacher.journal.count_held_back("refused") == deputy.journal.count_held_back("refused") == 0


def test_an_approval_of_rows_that_changed_meanwhile_does_not_stand(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    page = town.school.page
    plans.append_rows(teacher.journal, page, [RowDraft("Тема")], replace=True)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    plans.set_curriculum_hours(deputy.journal, "s-algebra", "c-7b", 1)
    plans.approve_plan(deputy.journal, page)
    plans.change_row(teacher.journal, queries.lesson_plan(teacher.journal, page).rows[0].row.id, hours=3)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    plan = queries.lesson_plan(deputy.journal, page)
    assert (plan.hours, plan.approved_by) == (3, "")
    assert deputy.journal.count_held_back("refused") == 1
    assert queries.lesson_plan(teacher.journal, page).approved_by == ""


def test_a_plan_reaches_who_teaches_the_subject_and_nobody_else(town: Town) -> None:
    colleague = town.sit_down("staffroom", town.school.colleague)
    teacher = town.sit_down("staffroom", town.school.teacher)
    plans.append_rows(colleague.journal, town.school.english, [RowDraft("Present Perfect")], replace=True)
    plans.append_rows(colleague.journal, town.school.page, [RowDraft("Дроби")], replace=True)
    until_quiet(lambda: town.meet(colleague, "staffroom"), lambda: town.meet(teacher, "staffroom"))
    assert [row.topic for row in queries.rows_to_copy(teacher.journal, town.school.page)] == ["Дроби"]
    assert queries.rows_to_copy(teacher.journal, town.school.english) == ()


def test_a_plan_given_back_comes_with_its_reason_and_is_given_in_again(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    colleague = town.sit_down("colleague", town.school.colleague)
    page = town.school.page
    first = plans.append_rows(teacher.journal, page, [RowDraft("Дроби")], replace=True).changes[0].record
    plans.submit_plan(teacher.journal, page)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    assert deciding(deputy.journal).plans == 1
    plans.return_plan(deputy.journal, page, "Нет контрольных")
    assert deciding(deputy.journal).plans == 0
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"),
                lambda: town.meet(colleague, "colleague"))  # fmt: skip
    seen = queries.lesson_plan(teacher.journal, page)
    assert (seen.stage, seen.returned_why) == ("returned", "Нет контрольных")
    (told,) = [each for each in news(teacher.journal).notices if each.kind == "plan"]
    assert (told.code, told.what, told.plan_of) == ("returned", "Нет контрольных", page)
    plans.change_row(teacher.journal, first, control="Контрольная работа")
    plans.submit_plan(teacher.journal, page)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    assert (queries.lesson_plan(deputy.journal, page).stage, deciding(deputy.journal).plans) == ("submitted", 1)
    assert teacher.journal.count_held_back("refused") == deputy.journal.count_held_back("refused") == 0


def test_a_thousand_rows_are_all_the_server_takes(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    other = town.sit_down("at-home", town.school.colleague)
    page, half = town.school.page, lesson_plans.MOST_ROWS // 2
    plans.append_rows(teacher.journal, page, [RowDraft(f"Тема {n}") for n in range(half)], replace=False)
    plans.append_rows(other.journal, page, [RowDraft(f"Тема {n}") for n in range(half + 1)], replace=False)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(other, "at-home"))
    assert len(queries.lesson_plan(teacher.journal, page).rows) == lesson_plans.MOST_ROWS
    assert len(queries.lesson_plan(other.journal, page).rows) == lesson_plans.MOST_ROWS
    assert [journal.count_held_back("refused") for journal in (teacher.journal, other.journal)] == [0, 1]
