"""КТП on one desk: rows, hours, approval, following, copying."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ejournal_core import ids, lesson_plans
from ejournal_core.errors import Refusal
from ejournal_core.kinds import (
    CalendarDay,
    ClassGroup,
    CurriculumHours,
    JournalPage,
    LessonPlan,
    PlannedLesson,
    Record,
    SchoolYear,
    TeachingLoad,
)
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands import way_back
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.commands.lessons import hold_lesson, set_homework, set_topic
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import lesson_plans as queries
from ejournal_desktop.models.queries.plans_to_approve import plans_given_in, plans_to_approve
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import what_was_done, where_is
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.helpers.plans import planned_school, year_plan
from tests.helpers.school import NOW, YEAR_START, SmallSchool, desk_of, small_school

PARALLEL = ids.journal_page("s-algebra", "c-7v")
TOPICS = ("Числовые выражения", "Преобразования", "Тождества", "Контрольная работа № 1", "Уравнения")


def plan_rows(page: str, topics: tuple[str, ...] = TOPICS, hours: int = 1) -> tuple[PlannedLesson, ...]:
    return tuple(
        PlannedLesson(id=ids.planned_lesson(page, f"{n:02}"), journal_page_id=page, position=n * 1024, topic=topic,
                      hours=hours)
        for n, topic in enumerate(topics, 1)
    )  # fmt: skip


@pytest.fixture
def school() -> SmallSchool:
    page = ids.journal_page("s-algebra", "c-7b")
    extra: tuple[Record, ...] = (
        ClassGroup(id="c-7v", school_year_id="y-2026", grade_level=7, letter="В"),
        JournalPage(id=PARALLEL, subject_id="s-algebra", class_group_id="c-7v"),
        TeachingLoad(id="l-9", journal_page_id=PARALLEL, person_id="p-colleague", since=YEAR_START),
        CurriculumHours(id=ids.curriculum_hours("s-algebra", "c-7b"), subject_id="s-algebra", class_group_id="c-7b",
                        hours=5),
        *plan_rows(page),
        *plan_rows(PARALLEL, ("Повторение",) * 3, 2),
    )  # fmt: skip
    return small_school(extra=extra)


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    opened = desk_of(school, school.teacher, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def deputy(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    opened = desk_of(school, school.deputy, tmp_path)
    yield opened
    opened.close()


def topics(journal: Journal, school: SmallSchool) -> list[str]:
    return [each.row.topic for each in queries.lesson_plan(journal, school.page).rows]


def test_a_row_is_put_behind_another_and_moved_and_every_step_is_taken_back(
    journal: Journal, school: SmallSchool
) -> None:
    first = queries.lesson_plan(journal, school.page).rows[0].row
    done = [plans.insert_row(journal, school.page, RowDraft("Повторение"), after=first.id)]
    assert topics(journal, school)[:3] == ["Числовые выражения", "Повторение", "Преобразования"]
    done.append(plans.move_row(journal, school.page, first.id, 4))
    assert topics(journal, school)[:4] == ["Повторение", "Преобразования", "Тождества", "Контрольная работа № 1"]
    assert topics(journal, school)[4:] == ["Числовые выражения", "Уравнения"]
    done.append(plans.delete_rows(journal, [first.id]))
    assert "Числовые выражения" not in topics(journal, school)
    again: dict[str, str] = {}
    for each in reversed(done):
        way_back.take_back(journal, each, again)
    assert topics(journal, school) == list(TOPICS)


def test_many_rows_find_room_at_one_place(journal: Journal, school: SmallSchool) -> None:
    """Between two neighbours there are ten halvings; then the rows behind make room."""
    anchor = queries.lesson_plan(journal, school.page).rows[0].row.id
    for number in range(30):
        plans.insert_row(journal, school.page, RowDraft(f"Тема {number}"), after=anchor)
    assert topics(journal, school)[1:31] == [f"Тема {number}" for number in reversed(range(30))]
    assert topics(journal, school)[31:] == list(TOPICS[1:])


def test_many_rows_find_room_before_the_first(journal: Journal, school: SmallSchool) -> None:
    for number in range(30):
        plans.insert_row(journal, school.page, RowDraft(f"Тема {number}"))
    assert topics(journal, school) == [*(f"Тема {number}" for number in reversed(range(30))), *TOPICS]


def test_moving_to_and_fro_ends_where_it_began(journal: Journal, school: SmallSchool) -> None:
    row = queries.lesson_plan(journal, school.page).rows[2].row.id
    for _ in range(15):
        plans.move_row(journal, school.page, row, -1)
        plans.move_row(journal, school.page, row, 1)
    assert topics(journal, school) == list(TOPICS)
    plans.move_row(journal, school.page, row, -100)
    assert topics(journal, school)[0] == TOPICS[2]
    assert not plans.move_row(journal, school.page, row, -1).changes


def test_of_an_import_with_one_bad_row_nothing_is_entered(journal: Journal, school: SmallSchool) -> None:
    with pytest.raises(Refusal) as refusal:
        plans.append_rows(journal, school.page, [RowDraft("Хорошая тема"), RowDraft(" ")], replace=True)
    assert refusal.value.code == "EJ-262"
    assert topics(journal, school) == list(TOPICS)


@pytest.mark.parametrize("draft", [RowDraft("Тема", hours=0), RowDraft("Тема", hours=41), RowDraft("Т" * 501),
                                   RowDraft("Тема", homework="д" * 2001)])  # fmt: skip
def test_a_row_that_cannot_be_taught_is_refused(journal: Journal, school: SmallSchool, draft: RowDraft) -> None:
    with pytest.raises(Refusal) as refusal:
        plans.insert_row(journal, school.page, draft)
    assert refusal.value.code == "EJ-262"


def test_another_teacher_s_plan_is_only_looked_at(journal: Journal) -> None:
    with pytest.raises(Refusal) as refusal:
        plans.insert_row(journal, PARALLEL, RowDraft("Тема"))
    assert refusal.value.code == "EJ-260"


# --- approval --------------------------------------------------------------------------------------------------------


def test_the_deputy_approves_what_stands_and_takes_it_back(deputy: Journal, school: SmallSchool) -> None:
    plans.approve_plan(deputy, school.page)
    plan = queries.lesson_plan(deputy, school.page)
    assert (plan.approved_on, plan.changed, plan.late, plan.objection) == (NOW.date(), False, False, "")
    with pytest.raises(Refusal) as refusal:  # the rows stay the teacher's
        plans.change_row(deputy, plan.rows[1].row.id, topic="Другая тема")
    assert refusal.value.code == "EJ-260"
    plans.withdraw_approval(deputy, school.page)
    assert queries.lesson_plan(deputy, school.page).approved_by == ""


def test_nobody_approves_the_own_plan(journal: Journal, school: SmallSchool) -> None:
    with pytest.raises(Refusal) as refusal:
        plans.approve_plan(journal, school.page)
    assert refusal.value.code == "EJ-261"


def test_a_deputy_who_teaches_the_page_does_not_approve_its_plan(tmp_path: Path, school: SmallSchool) -> None:
    load = TeachingLoad(id="l-d", journal_page_id=school.page, person_id=school.deputy, since=YEAR_START)
    own = small_school(extra=[*school.records[-12:], load])
    desk = desk_of(own, own.deputy, tmp_path / "own")
    with pytest.raises(Refusal) as refusal:
        plans.approve_plan(desk, school.page)
    desk.close()
    assert refusal.value.code == "EJ-261"


def test_a_plan_with_other_hours_than_the_curriculum_is_not_approved(deputy: Journal, school: SmallSchool) -> None:
    plans.set_curriculum_hours(deputy, "s-algebra", "c-7b", 6)
    plan = queries.lesson_plan(deputy, school.page)
    assert plan.objection == "В КТП 5 ч, в учебном плане 6 ч (не хватает 1): сначала сравняйте часы."
    with pytest.raises(Refusal) as refusal:
        plans.approve_plan(deputy, school.page)
    assert (refusal.value.code, refusal.value.clause) == ("EJ-264", "P30")
    plans.set_curriculum_hours(deputy, "s-algebra", "c-7b", 5)
    plans.approve_plan(deputy, school.page)


def test_a_plan_is_late_after_the_first_of_september(journal: Journal, school: SmallSchool) -> None:
    plan = queries.lesson_plan(journal, school.page)
    assert (plan.due, plan.late) == (date(2026, 9, 1), True)


# --- following -------------------------------------------------------------------------------------------------------


def test_the_plan_is_offered_lesson_by_lesson(journal: Journal, school: SmallSchool) -> None:
    """Lessons on 1, 4, 7, 8, 11, 14 and 15 September; the first two were given from the plan, the others not noted."""
    for day, number, topic in ((1, 3, TOPICS[0]), (4, 1, "преобразования.")):
        set_topic(journal, school.lesson(date(2026, 9, day), number), topic)
    offered = queries.offers(journal, school.today_lesson).topic
    assert offered is not None
    assert (offered.number, offered.topic) == (3, "Тождества")
    plan = queries.lesson_plan(journal, school.page)
    assert [each.state for each in plan.rows] == ["given", "given", "ahead", "ahead", "ahead"]
    assert plan.rows[2].foreseen_on == NOW.date()
    assert [lesson.held_on.day for lesson in plan.lost] == [7, 8, 11, 14]
    assert (plan.planned_to_date, plan.given_to_date, plan.lag) == (5, 2, 3)


def test_a_lesson_that_has_its_topic_is_offered_nothing(journal: Journal, school: SmallSchool) -> None:
    set_topic(journal, school.today_lesson, "Своя тема")
    assert queries.offers(journal, school.today_lesson).topic is None
    assert [lesson.topic for lesson in queries.lesson_plan(journal, school.page).outside] == ["Своя тема"]


def test_the_homework_of_the_row_is_offered_until_the_lesson_has_its_own(journal: Journal, school: SmallSchool) -> None:
    first, second = (each.row for each in queries.lesson_plan(journal, school.page).rows[:2])
    plans.change_row(journal, first.id, homework="§ 1")
    plans.change_row(journal, second.id, homework="§ 2")
    assert queries.offers(journal, school.today_lesson).homework == "§ 1"
    set_topic(journal, school.today_lesson, TOPICS[1])
    assert queries.offers(journal, school.today_lesson) == queries.LessonOffers(None, "§ 2")
    set_homework(journal, school.today_lesson, "№ 5")
    assert queries.offers(journal, school.today_lesson) == queries.LessonOffers()


def test_a_lesson_outside_the_plan_is_offered_no_homework(journal: Journal, school: SmallSchool) -> None:
    row = queries.lesson_plan(journal, school.page).rows[0].row
    plans.change_row(journal, row.id, homework="§ 1")
    set_topic(journal, school.today_lesson, "Своя тема")
    assert queries.offers(journal, school.today_lesson).homework == ""


def test_the_plans_of_what_begins_later_stand_in_the_list_and_those_of_a_past_year_do_not(
    tmp_path: Path,
) -> None:
    later = TeachingLoad(id="l-later", journal_page_id=PARALLEL, person_id="p-teacher", since=date(2026, 11, 9))
    old = ids.journal_page("s-algebra", "c-old")
    extra: tuple[Record, ...] = (
        ClassGroup(id="c-7v", school_year_id="y-2026", grade_level=7, letter="В"),
        JournalPage(id=PARALLEL, subject_id="s-algebra", class_group_id="c-7v"),
        later,
        SchoolYear(id="y-2025", title="2025/26", starts_on=date(2025, 9, 1), ends_on=date(2026, 5, 31)),
        ClassGroup(id="c-old", school_year_id="y-2025", grade_level=7, letter="А"),
        JournalPage(id=old, subject_id="s-algebra", class_group_id="c-old"),
        TeachingLoad(id="l-old", journal_page_id=old, person_id="p-teacher", since=date(2025, 9, 1)),
        *plan_rows(old),
    )
    school = small_school(extra=extra)
    journal = desk_of(school, school.teacher, tmp_path)
    assert [page.id for page in queries.plan_pages(journal)] == [school.page, PARALLEL]
    assert [source.year for source in queries.plan_sources(journal, school.page)] == ["2025/26"]
    journal.close()
    class_teacher = desk_of(school, school.class_teacher, tmp_path)
    assert queries.plan_pages(class_teacher) == ()
    class_teacher.close()


def test_a_past_lesson_that_was_not_noted_is_offered_the_next_topic_too(journal: Journal, school: SmallSchool) -> None:
    set_topic(journal, school.lesson(date(2026, 9, 1), 3), TOPICS[0])
    offered = queries.offers(journal, school.lesson(date(2026, 9, 4), 1)).topic
    assert offered is not None
    assert offered.topic == TOPICS[1]


def test_two_hours_of_a_row_are_two_lessons(journal: Journal, school: SmallSchool) -> None:
    row = queries.lesson_plan(journal, school.page).rows[0].row
    plans.change_row(journal, row.id, hours=2)
    set_topic(journal, school.lesson(date(2026, 9, 14), 2), TOPICS[0])
    offered = queries.offers(journal, school.today_lesson).topic
    assert offered is not None
    assert (offered.topic, offered.part, offered.parts) == (TOPICS[0], 2, 2)
    assert queries.lesson_plan(journal, school.page).rows[0].state == "begun"


def test_a_shift_dates_every_topic_anew_and_loses_none(journal: Journal, school: SmallSchool) -> None:
    rows = queries.lesson_plan(journal, school.page).rows
    september = (date(2026, 9, 1), date(2026, 9, 4), date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 11))
    days = dict(zip((each.row.id for each in rows), september, strict=True))
    plans.set_dates(journal, days)
    set_topic(journal, school.lesson(date(2026, 9, 1), 3), TOPICS[0])
    hold_lesson(journal, school.lesson(date(2026, 9, 1), 3))
    plan = queries.lesson_plan(journal, school.page)
    moved = [each.moved_to for each in plan.rows if each.moves]
    assert moved == [date(2026, 9, 15), date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 22)]
    done = plans.set_dates(journal, plan.shift)
    after = queries.lesson_plan(journal, school.page)
    assert after.shift == {}
    assert [each.row.topic for each in after.rows] == list(TOPICS)
    way_back.take_back(journal, done)
    assert [each.row.planned_on for each in queries.lesson_plan(journal, school.page).rows] == list(days.values())


def test_what_has_no_lesson_left_is_named(journal: Journal, school: SmallSchool) -> None:
    lessons = queries.lesson_plan(journal, school.page).lessons
    plans.append_rows(journal, school.page, [RowDraft(f"Тема {n}") for n in range(lessons)], replace=True)
    plan = queries.lesson_plan(journal, school.page)
    assert plan.left == len(plan.lost) > 0
    assert [each.state for each in plan.rows].count("left") == plan.left


def test_a_holiday_that_is_declared_moves_the_rest(school: SmallSchool, tmp_path: Path) -> None:
    day = CalendarDay(id="v-x", school_year_id="y-2026", kind="holiday", starts_on=date(2026, 9, 15),
                      ends_on=date(2026, 9, 15), title="День села")  # fmt: skip
    desk = desk_of(small_school(extra=[*school.records[-12:], day]), school.teacher, tmp_path / "h")
    assert queries.lesson_plan(desk, school.page).rows[0].foreseen_on == date(2026, 9, 18)
    desk.close()


# --- copying ---------------------------------------------------------------------------------------------------------


def test_a_colleague_s_plan_of_the_parallel_is_offered_and_copied(journal: Journal, school: SmallSchool) -> None:
    (source,) = queries.plan_sources(journal, school.page)
    assert (source.journal_page_id, source.rows, source.hours) == (PARALLEL, 3, 6)
    rows = queries.rows_to_copy(journal, PARALLEL)
    done = plans.append_rows(journal, school.page, [RowDraft(row.topic, hours=row.hours) for row in rows], replace=True)
    assert topics(journal, school) == ["Повторение"] * 3
    way_back.take_back(journal, done)
    assert topics(journal, school) == list(TOPICS)


def test_plans_wait_that_were_given_in_or_changed_since_they_were_approved(
    deputy: Journal, school: SmallSchool, tmp_path: Path
) -> None:
    assert plans_to_approve(deputy) == ()
    plans.approve_plan(deputy, school.page)
    assert plans_to_approve(deputy) == ()
    stood = queries.lesson_plan(deputy, school.page)
    changed = LessonPlan(
        id=ids.lesson_plan(school.page), journal_page_id=school.page, approved_by="p-deputy",
        approved_on=NOW.date(), content="0" * 64, hours=stood.hours,
    )  # fmt: skip
    given = LessonPlan(id=ids.lesson_plan(PARALLEL), journal_page_id=PARALLEL, submitted_by="p-colleague")
    records = (*school.records, changed, given)
    another = desk_of(msgspec.structs.replace(school, records=records), school.deputy, tmp_path, desk_id="other")
    found = plans_to_approve(another)
    assert [(each.page.id, each.state) for each in found] == [(school.page, "changed"), (PARALLEL, "submitted")]
    assert found[1].teacher == "Петров С. И."
    another.close()
    of_teacher = desk_of(msgspec.structs.replace(school, records=records), school.colleague, tmp_path)
    assert plans_to_approve(of_teacher) == ()
    of_teacher.close()


# --- words -----------------------------------------------------------------------------------------------------------


def test_what_was_done_to_a_plan_is_said_in_school_words(journal: Journal, school: SmallSchool) -> None:
    rows = [each.row for each in queries.lesson_plan(journal, school.page).rows]
    done = (
        plans.insert_row(journal, school.page, RowDraft("Дроби"), after=rows[-1].id),
        plans.change_row(journal, rows[0].id, hours=2, planned_on=date(2026, 9, 3)),
        plans.change_row(journal, rows[0].id, hours=1, control="зачёт"),
        plans.move_row(journal, school.page, rows[1].id, 1),
        plans.delete_rows(journal, [rows[1].id]),
        plans.submit_plan(journal, school.page),
        plans.submit_plan(journal, school.page, submitted=False),
    )
    assert [what_was_done(step.changes[-1]) for step in done] == [
        "строка КТП: Дроби", "строка КТП: часы 1 → 2, дата по плану: 03.09",
        "строка КТП: часы 2 → 1, вид контроля: зачёт", "строка КТП передвинута", "строка КТП убрана",
        "КТП сдано на утверждение", "КТП взято назад",
    ]  # fmt: skip


def test_what_the_deputy_did_and_where_is_said_too(deputy: Journal, school: SmallSchool) -> None:
    hours = plans.set_curriculum_hours(deputy, "s-algebra", "c-7b", 5).changes
    assert hours == ()  # as it stands
    hours = plans.set_curriculum_hours(deputy, "s-algebra", "c-7b", 6).changes
    plans.set_curriculum_hours(deputy, "s-algebra", "c-7b", 5)
    approval = plans.approve_plan(deputy, school.page).changes[-1]
    withdrawal = plans.withdraw_approval(deputy, school.page).changes[-1]
    told = [what_was_done(change) for change in (*hours, approval, withdrawal)]
    assert told == ["часы учебного плана: 6", "КТП утверждено", "утверждение КТП снято"]
    with deputy.reading() as connection:
        around = Surroundings(connection, deputy.identity.person_id, NOW.date())
        assert where_is(around, "LessonPlan", approval.record) == "7 «Б» · Алгебра · КТП"
        assert where_is(around, "CurriculumHours", hours[0].record) == "7 «Б» · Алгебра"


# --- between its teacher and whoever approves it ----------------------------------------------------------------------


def test_a_changed_plan_is_given_in_again_and_only_then_waits(tmp_path: Path) -> None:
    approved = planned_school(approved=True)
    teacher = desk_of(approved, approved.teacher, tmp_path / "teacher")
    row = queries.lesson_plan(teacher, approved.page).rows[4].row.id
    assert queries.lesson_plan(teacher, approved.page).stage == "approved"
    plans.change_row(teacher, row, topic="Другая тема")
    assert queries.lesson_plan(teacher, approved.page).stage == "changed"
    plans.submit_plan(teacher, approved.page)
    assert queries.lesson_plan(teacher, approved.page).stage == "resubmitted"
    plans.submit_plan(teacher, approved.page, submitted=False)
    assert queries.lesson_plan(teacher, approved.page).stage == "changed"
    teacher.close()


def test_the_deputy_s_list_tells_what_was_given_in_from_what_only_changed(tmp_path: Path) -> None:
    approved = planned_school(approved=True)
    server = PocketServer(approved)
    teacher = desk_of(approved, approved.teacher, tmp_path / "teacher")
    desk = desk_of(approved, approved.deputy, tmp_path / "deputy")

    def carry() -> None:
        meet(teacher, server)
        meet(desk, server)

    row = queries.lesson_plan(teacher, approved.page).rows[4].row.id
    plans.change_row(teacher, row, topic="Другая тема")
    carry()
    assert [each.state for each in plans_to_approve(desk)] == ["changed"]
    assert plans_given_in(desk) == ()
    plans.submit_plan(teacher, approved.page)
    carry()
    assert [each.state for each in plans_to_approve(desk)] == ["resubmitted"]
    assert [(each.state, each.teacher, each.at) for each in plans_given_in(desk)] == [
        ("resubmitted", "Иванова М. П.", NOW)
    ]
    other = queries.lesson_plan(teacher, approved.page).rows[5].row.id
    plans.change_row(teacher, other, topic="Ещё другая")
    carry()
    assert ([each.state for each in plans_to_approve(desk)], plans_given_in(desk)) == (["changed"], ())
    plans.change_row(teacher, other, topic=year_plan()[5].topic)
    plans.change_row(teacher, row, topic=year_plan()[4].topic)
    carry()
    assert plans_given_in(desk) == plans_to_approve(desk) == (), "it says again what was approved"
    teacher.close()
    desk.close()


def test_a_returned_plan_waits_for_its_teacher_and_not_for_the_deputy(deputy: Journal, school: SmallSchool) -> None:
    with pytest.raises(Refusal) as refusal:
        plans.return_plan(deputy, school.page, "Рано")
    assert refusal.value.code == "EJ-502", "nobody has given it in"


def test_an_import_beyond_the_bound_enters_nothing(journal: Journal, school: SmallSchool) -> None:
    before = queries.lesson_plan(journal, school.page).rows
    drafts = [RowDraft(f"Тема {n}") for n in range(lesson_plans.MOST_ROWS)]
    with pytest.raises(Refusal) as refusal:
        plans.append_rows(journal, school.page, drafts, replace=False)
    assert refusal.value.code == "EJ-503"
    assert queries.lesson_plan(journal, school.page).rows == before
    plans.append_rows(journal, school.page, drafts, replace=True)
    assert len(queries.lesson_plan(journal, school.page).rows) == lesson_plans.MOST_ROWS
