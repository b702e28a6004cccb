"""Ctrl+Z after a restart where rows come and go: each step goes back by itself, the file opened anew before each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from ejournal_core.errors import Refusal
from ejournal_core.kinds import (
    Guardian,
    PolicySetting,
    Record,
    RegisteredAbsence,
    RoleGrant,
    Subgroup,
    SubgroupMember,
)
from ejournal_desktop.models.commands import attendance, guardians, periods, register, subgroups, way_back
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.database import open_database
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import lesson_sheet, own_steps, own_writes
from ejournal_desktop.models.queries.lesson_plans import lesson_plan
from ejournal_desktop.models.queries.period_results import period_results
from ejournal_desktop.ui.steps import Look, Steps
from tests.desktop.models.test_register import ALGEBRA, CLASS, SECOND, draft, entries, given
from tests.helpers.school import YEAR_START, Clock, desk_of, small_school

KEY = bytes(range(32))
PAGE = "s-algebra.c-7b"
TUESDAY = date(2026, 9, 15)
BOTH = RoleGrant(id="r-both", person_id="p-teacher", role="class_teacher", class_group_id=CLASS, since=YEAR_START)
Deed = Callable[[Journal], object]
State = Callable[[Journal], object]


class Story:
    """A file on which one deed follows another, a second apart, and which is opened anew before every step back."""

    def __init__(self, folder: Path, person: str, extra: Iterable[Record], steps_of: Callable[[Journal], Look]) -> None:
        self.folder, self._steps_of = folder, steps_of
        self.journal = desk_of(small_school(extra=extra), person, folder, key=KEY)

    def do(self, deed: Deed) -> None:
        assert isinstance(self.journal.clock, Clock)
        self.journal.clock.now += timedelta(seconds=1)
        deed(self.journal)

    def restart(self) -> Steps:
        clock = self.journal.clock
        self.journal.close()
        self.journal = Journal(open_database(next(self.folder.glob("*.journal")), KEY), clock)
        self.do(lambda _journal: None)
        return Steps(self.journal, self._steps_of(self.journal))

    def walk(self, steps: Steps, *, back: bool) -> bool:
        step = steps.take(back=back)
        if step is not None:
            self.do(lambda _journal: steps.keep(steps.walk(step, back=back), back=back))
        return step is not None


def tell(story: Story, state: State, *deeds: Deed) -> None:
    """Do all, take each back after a restart, and all of it once more with redo in between."""
    seen = [state(story.journal)]
    for deed in deeds:
        story.do(deed)
        seen.append(state(story.journal))
        assert seen[-1] != seen[-2], "a deed that changes nothing proves nothing"
    for expected in reversed(seen[:-1]):
        steps = story.restart()
        assert story.walk(steps, back=True)
        assert state(story.journal) == expected
        assert story.walk(steps, back=False)
        assert state(story.journal) != expected
        steps = story.restart()
        assert story.walk(steps, back=True)
        assert state(story.journal) == expected
    assert not story.walk(story.restart(), back=True), "what was taken back is no step any more"
    story.journal.close()


def topics(journal: Journal) -> list[tuple[str, int, date | None]]:
    return [(each.row.topic, each.row.hours, each.row.planned_on) for each in lesson_plan(journal, PAGE).rows]


def row(journal: Journal, place: int) -> str:
    return lesson_plan(journal, PAGE).rows[place].row.id


def test_every_step_in_a_plan_goes_back_and_so_do_rows_that_were_deleted(tmp_path: Path) -> None:
    story = Story(tmp_path, "p-teacher", (), lambda journal: partial(own_writes.plan_steps, journal, PAGE))
    tell(
        story, topics,
        lambda j: plans.append_rows(j, PAGE, [RowDraft(f"Тема {n}") for n in range(30)], replace=True),
        lambda j: plans.insert_row(j, PAGE, RowDraft("Вставлена", hours=2), after=row(j, 3)),
        lambda j: plans.change_row(j, row(j, 4), topic="Вставлена и исправлена"),
        lambda j: plans.move_row(j, PAGE, row(j, 4), 5),
        lambda j: plans.delete_rows(j, [row(j, 9), row(j, 10)]),
        lambda j: plans.set_dates(j, {row(j, n): TUESDAY + timedelta(days=n) for n in range(25)}),
        lambda j: plans.append_rows(j, PAGE, [RowDraft("Всё заново")], replace=True),
    )  # fmt: skip


def test_a_row_that_was_entered_and_deleted_comes_back_after_a_restart(tmp_path: Path) -> None:
    """What deletes a row looks like what takes its birth back."""
    story = Story(tmp_path, "p-teacher", (), lambda journal: partial(own_writes.plan_steps, journal, PAGE))
    tell(
        story, topics,
        lambda j: plans.insert_row(j, PAGE, RowDraft("Долго написанное")),
        lambda j: plans.delete_rows(j, [row(j, 0)]),
    )  # fmt: skip


def test_the_page_leaves_the_plan_alone_and_the_plan_the_page(tmp_path: Path) -> None:
    story = Story(tmp_path, "p-teacher", (), lambda journal: partial(own_writes.plan_steps, journal, PAGE))
    story.do(lambda j: plans.insert_row(j, PAGE, RowDraft("Тема")))
    assert own_steps(story.journal, PAGE) == []
    story.do(lambda j: attendance.set_presence(j, f"{PAGE}.20260915.3", "u-01", "absent"))
    assert len(own_steps(story.journal, PAGE)) == 1
    assert [[each.kind for each in step.changes] for step in own_writes.plan_steps(story.journal, PAGE)] == [
        ["PlannedLesson"]
    ]
    story.journal.close()


def test_what_was_entered_the_day_before_is_no_step_any_more(tmp_path: Path) -> None:
    story = Story(tmp_path, "p-teacher", (), lambda journal: partial(own_writes.plan_steps, journal, PAGE))
    story.do(lambda j: plans.insert_row(j, PAGE, RowDraft("Тема")))
    assert isinstance(story.journal.clock, Clock)
    story.journal.clock.now += timedelta(days=1)
    assert not story.walk(story.restart(), back=True)
    story.journal.close()


def test_period_marks_go_back_page_by_page(tmp_path: Path) -> None:
    open_window = PolicySetting(id="P06", value='{"days":400}', basis="Положение")

    def decide(place: int, value: str | None, why: str = "") -> Deed:
        def deed(journal: Journal) -> object:
            results = period_results(journal, PAGE, "quarter", 1)
            return periods.decide_period_mark(journal, results, results.rows[place], value, why)

        return deed

    def marks(journal: Journal) -> list[tuple[str, str]]:
        rows = period_results(journal, PAGE, "quarter", 1).rows
        return [(each.cell.value, each.cell.comment) for each in rows]

    story = Story(tmp_path, "p-teacher", (open_window,),
                  lambda journal: partial(own_writes.result_steps, journal, PAGE))  # fmt: skip
    tell(story, marks, decide(0, "4", "Так"), decide(1, "5", "Иначе"), decide(0, "3", "Снова"),
         decide(1, None))  # fmt: skip


def test_the_day_on_which_results_came_goes_back_and_the_word_that_they_are_entered_stays(tmp_path: Path) -> None:
    def told(journal: Journal) -> object:
        results = period_results(journal, PAGE, "exam")
        return results.received_on, results.received_at, results.complete

    story = Story(tmp_path, "p-teacher", (), lambda journal: partial(own_writes.result_steps, journal, PAGE))
    tell(story, told, lambda j: periods.receive_exam_results(j, PAGE, TUESDAY, "09:00"),
         lambda j: periods.receive_exam_results(j, PAGE, TUESDAY),
         lambda j: periods.state_complete(j, PAGE, "exam", 1),
         lambda j: periods.receive_exam_results(j, PAGE, None))  # fmt: skip


@pytest.fixture
def class_desk(tmp_path: Path) -> Story:
    """Give the class teacher's desk on a day with two lessons at which two pupils were away."""
    extra = (*given(ALGEBRA, ("u-07", "absent", ""), ("u-08", "absent", "")), *given(SECOND))
    return Story(tmp_path, "p-class-teacher", extra, lambda j: partial(own_writes.register_steps, j, CLASS))


def test_every_deed_in_the_register_goes_back_with_its_paper(class_desk: Story) -> None:
    def state(journal: Journal) -> object:
        spread = [own_reason(journal, pupil) for pupil in ("u-07", "u-08")]
        return entries(journal), spread

    def own_reason(journal: Journal, pupil: str) -> str:
        return next(each.absence for each in lesson_sheet(journal, ALGEBRA).roll if each.pupil_id == pupil)

    def first(journal: Journal) -> str:
        with journal.reading() as connection:
            return select_records(connection, RegisteredAbsence)[0].id

    later = TUESDAY + timedelta(days=6)
    tell(
        class_desk, state,
        lambda j: register.register_absence(j, CLASS, draft(until=later, number="15", told_by="мать")),
        lambda j: register.release(j, first(j), TUESDAY + timedelta(days=2)),
        lambda j: register.explain_absences(j, ((f"{ALGEBRA}.u-08", ALGEBRA),), "У"),
        lambda j: register.recode_day(j, first(j), TUESDAY, "У"),
        lambda j: register.remove_absence(j, first(j)),
    )  # fmt: skip


def test_a_reason_that_a_key_on_the_page_has_given_is_the_page_s_to_take_back(tmp_path: Path) -> None:
    story = Story(tmp_path, "p-teacher", (BOTH,), lambda j: partial(own_writes.register_steps, j, CLASS))
    lesson = f"{PAGE}.20260915.3"
    story.do(lambda j: attendance.set_presence(j, lesson, "u-01", "absent"))
    attendance.set_reason(story.journal, lesson, "u-01", "Б")
    assert own_writes.register_steps(story.journal, CLASS) == []
    assert len(own_steps(story.journal, lesson)[-1].changes) == 2
    story.journal.close()


def test_every_step_in_families_goes_back(tmp_path: Path) -> None:
    def state(journal: Journal) -> object:
        with journal.reading() as connection:
            return [(each.first_name, each.phone) for each in select_records(connection, Guardian)]

    def first(journal: Journal) -> str:
        with journal.reading() as connection:
            return select_records(connection, Guardian)[0].id

    story = Story(tmp_path, "p-class-teacher", (), lambda j: partial(own_writes.family_steps, j, CLASS))
    tell(
        story, state,
        lambda j: guardians.add_guardian(j, CLASS, "u-01", last_name="Ёлкина", first_name="Ольга"),
        lambda j: guardians.change_guardian(j, first(j), phone="+7 900 111-22-33",
                                            consent_on=TUESDAY, consent_by="Ольга"),
        lambda j: guardians.remove_guardian(j, first(j)),
    )  # fmt: skip


def test_every_step_in_groups_goes_back(tmp_path: Path) -> None:
    def state(journal: Journal) -> object:
        with journal.reading() as connection:
            stays = select_records(connection, SubgroupMember)
            return (
                sorted(each.title for each in select_records(connection, Subgroup)),
                sorted((each.subgroup_id, each.pupil_id, each.since, str(each.until)) for each in stays),
            )

    story = Story(tmp_path, "p-class-teacher", (), lambda j: partial(own_writes.group_steps, j, CLASS))
    tell(
        story, state,
        lambda j: subgroups.move_pupils(j, ["u-01"], "g-2", TUESDAY),
        lambda j: subgroups.leave_subgroup(j, "u-02", "g-2", TUESDAY),
    )  # fmt: skip


def test_a_step_of_which_nothing_is_left_is_refused_and_the_one_before_it_comes_next(tmp_path: Path) -> None:
    story = Story(tmp_path, "p-teacher", (), lambda journal: partial(own_writes.plan_steps, journal, PAGE))
    story.do(lambda j: plans.insert_row(j, PAGE, RowDraft("Первая")))
    before = topics(story.journal)
    story.do(lambda j: plans.insert_row(j, PAGE, RowDraft("Вторая")))
    step = own_writes.plan_steps(story.journal, PAGE)[-1]
    story.do(lambda j: way_back.take_back(j, step, why=""))
    with pytest.raises(Refusal) as refusal:
        way_back.take_back(story.journal, step)
    assert refusal.value.code == "EJ-290"
    assert topics(story.journal) == before
    story.journal.close()
