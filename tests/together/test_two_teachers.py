"""Stories of two desks and a server: what each person sees in the end."""

from __future__ import annotations

from datetime import date

import pytest

from ejournal_core import ids
from ejournal_core.kinds import SubgroupMember
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.lessons import set_homework, set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.server import ServerAway
from tests.together.town import Town, mark_on, until_quiet


@pytest.fixture
def column(town: Town) -> str:
    return ids.mark_column(town.school.today_lesson, "oral", 1)


def test_a_mark_travels_to_the_colleague_s_pc(town: Town, column: str) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    assert mark_on(deputy.journal, column, "u-04") is None
    town.meet(teacher, "staffroom")
    town.meet(deputy, "office")
    assert mark_on(deputy.journal, column, "u-04") == "5"
    assert teacher.journal.outbox() == []
    assert queries.sync_state(teacher.journal).waiting == 0


def test_what_a_person_may_not_see_does_not_reach_the_disk(town: Town) -> None:
    """The colleague alone teaches English; the teacher of algebra sees nothing of it."""
    colleague = town.sit_down("staffroom", town.school.colleague)
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    lesson = ids.lesson(town.school.english, date(2026, 9, 15), 4)
    pupil = next(record.pupil_id for record in town.school.records if isinstance(record, SubgroupMember))
    put_mark(colleague.journal, lesson, None, pupil, "5")
    for desk, name in ((colleague, "staffroom"), (teacher, "staffroom"), (deputy, "office")):
        town.meet(desk, name)
    column = ids.mark_column(lesson, "oral", 1)
    assert mark_on(deputy.journal, column, pupil) == "5"
    assert mark_on(teacher.journal, column, pupil) is None
    assert queries.cell_history(teacher.journal, "Mark", ids.mark(column, pupil)) == ()


def test_days_offline_lose_nothing(town: Town, column: str) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    town.server.stop()
    for pupil in town.school.pupils[:10]:
        put_mark(teacher.journal, town.school.today_lesson, None, pupil, "4")
    with pytest.raises(ServerAway):
        town.meet(teacher, "staffroom")
    teacher.close()
    town.server.start()
    again = town.sit_down("staffroom", town.school.teacher)
    assert len(again.journal.outbox()) == 12  # ten marks, the lesson and its column
    until_quiet(lambda: town.meet(again, "staffroom"), lambda: town.meet(deputy, "office"))
    assert [mark_on(deputy.journal, column, pupil) for pupil in town.school.pupils[:10]] == ["4"] * 10


def test_two_people_clash_and_nothing_is_lost(town: Town, column: str) -> None:
    """Two teachers of one page, both offline, one cell: each sees both values, and either may decide."""
    first = town.sit_down("staffroom", town.school.teacher)
    second = town.sit_down("classroom", town.school.colleague)
    put_mark(first.journal, town.school.today_lesson, None, "u-04", "4")
    put_mark(second.journal, town.school.today_lesson, None, "u-04", "2")
    until_quiet(lambda: town.meet(first, "staffroom"), lambda: town.meet(second, "classroom"))
    for desk in (first, second):
        assert mark_on(desk.journal, column, "u-04") == "4"
        (dispute,) = queries.disputes(desk.journal)
        assert (dispute.standing_value, dispute.wanted_value, dispute.mine) == ("4", "2", True)
        assert (dispute.standing_author, dispute.wanted_author) == ("Иванова М. П.", "Петров С. И.")
    resolve_dispute(second.journal, queries.disputes(second.journal)[0].id, "wanted")
    until_quiet(lambda: town.meet(second, "classroom"), lambda: town.meet(first, "staffroom"))
    for desk in (first, second):
        assert mark_on(desk.journal, column, "u-04") == "2"
        assert queries.disputes(desk.journal) == ()


def test_a_dispute_can_also_be_left_as_it_stands(town: Town, column: str) -> None:
    first = town.sit_down("staffroom", town.school.teacher)
    second = town.sit_down("classroom", town.school.colleague)
    put_mark(first.journal, town.school.today_lesson, None, "u-04", "4")
    put_mark(second.journal, town.school.today_lesson, None, "u-04", "2")
    until_quiet(lambda: town.meet(first, "staffroom"), lambda: town.meet(second, "classroom"))
    resolve_dispute(first.journal, queries.disputes(first.journal)[0].id, "standing")
    until_quiet(lambda: town.meet(first, "staffroom"), lambda: town.meet(second, "classroom"))
    for desk in (first, second):
        assert mark_on(desk.journal, column, "u-04") == "4"
        assert queries.disputes(desk.journal) == ()


def test_topic_and_homework_from_two_pcs_are_both_kept(town: Town) -> None:
    staffroom = town.sit_down("staffroom", town.school.teacher)
    classroom = town.sit_down("classroom", town.school.teacher)
    lesson = town.school.today_lesson
    set_topic(staffroom.journal, lesson, "Линейное уравнение")
    set_homework(classroom.journal, lesson, "§ 5, № 4")
    until_quiet(lambda: town.meet(staffroom, "staffroom"), lambda: town.meet(classroom, "classroom"))
    for desk in (staffroom, classroom):
        sheet = queries.lesson_sheet(desk.journal, lesson)
        assert (sheet.lesson.topic, sheet.lesson.homework) == ("Линейное уравнение", "§ 5, № 4")
        assert queries.disputes(desk.journal) == ()
