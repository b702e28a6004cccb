"""Stories of what waits for another person: asked at one PC, decided at another, through a real server process."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.periods import close_period, reopen_period
from ejournal_desktop.models.commands.requests import approve_request, ask_correction, refuse_request
from ejournal_desktop.models.commands.substitutions import declare_substitution
from ejournal_desktop.sync.desks import OpenDesk
from tests.together.town import Town, mark_on, until_quiet

WHY = "в тетради стоит 5"


@pytest.fixture
def column(town: Town) -> str:
    return ids.mark_column(town.school.today_lesson, "oral", 1)


@pytest.fixture
def closed(town: Town, column: str) -> tuple[OpenDesk, OpenDesk]:
    """Give the teacher's and the deputy's desks with one mark delivered and its period closed."""
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "4")
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    close_period(deputy.journal, "c-7b", "q-1")
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"))
    with pytest.raises(Refusal) as refused:
        put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    assert refused.value.code == "EJ-228"
    assert mark_on(teacher.journal, column, "u-04") == "4"
    return teacher, deputy


def ask(desk: OpenDesk, column: str) -> None:
    ask_correction(desk.journal, "Mark", ids.mark(column, "u-04"), WHY, value="5")


def test_a_correction_in_a_closed_period_is_asked_offline_approved_elsewhere_and_seen(
    town: Town, column: str, closed: tuple[OpenDesk, OpenDesk]
) -> None:
    teacher, deputy = closed
    town.server.stop()
    ask(teacher, column)
    assert [row.state for row in queries.own_requests(teacher.journal)] == ["unsent"]
    town.server.start()
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    assert [row.state for row in queries.own_requests(teacher.journal)] == ["waiting"]
    (row,) = queries.waiting_decisions(deputy.journal)
    assert (row.standing_value, row.wanted_value, row.why) == ("4", "5", WHY)
    approve_request(deputy.journal, row.change_id)
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"))
    for desk in (teacher, deputy):
        assert mark_on(desk.journal, column, "u-04") == "5"
        (line,) = queries.correction_register(desk.journal, date(2026, 9, 1), date(2026, 9, 30))
        assert line.decision.startswith("внесено, Громова В. П.")
        newest = queries.cell_history(desk.journal, "Mark", ids.mark(column, "u-04"))[0]
        assert (newest.author, newest.approved_by, newest.outcome) == ("Иванова М. П.", "Громова В. П.", "разрешено")
    assert queries.own_requests(teacher.journal)[0].state == "approved"


def test_a_refusal_reaches_the_teacher_with_its_reason(
    town: Town, column: str, closed: tuple[OpenDesk, OpenDesk]
) -> None:
    teacher, deputy = closed
    ask(teacher, column)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    refuse_request(deputy.journal, queries.waiting_decisions(deputy.journal)[0].change_id, "тетрадь не показана")
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"))
    (own,) = queries.own_requests(teacher.journal)
    assert (own.state, own.decided_by, own.decision_why) == ("refused", "Громова В. П.", "тетрадь не показана")
    assert queries.sync_state(teacher.journal).rows[0].reason == "Отказано: тетрадь не показана"
    assert mark_on(deputy.journal, column, "u-04") == mark_on(teacher.journal, column, "u-04") == "4"


def test_of_two_who_decide_at_once_the_first_is_heard_and_both_see_the_same(
    town: Town, column: str, closed: tuple[OpenDesk, OpenDesk]
) -> None:
    teacher, deputy = closed
    second = town.sit_down("hall", town.school.deputy)
    ask(teacher, column)
    until_quiet(*(lambda d=d, n=n: town.meet(d, n) for d, n in
                  ((teacher, "staffroom"), (deputy, "office"), (second, "hall"))))  # fmt: skip
    (row,) = queries.waiting_decisions(second.journal)
    refuse_request(deputy.journal, row.change_id, "нет")
    approve_request(second.journal, row.change_id)
    assert mark_on(second.journal, column, "u-04") == "5"
    until_quiet(*(lambda d=d, n=n: town.meet(d, n) for d, n in
                  ((deputy, "office"), (second, "hall"), (teacher, "staffroom"))))  # fmt: skip
    for desk in (teacher, deputy, second):
        assert mark_on(desk.journal, column, "u-04") == "4"
        assert queries.waiting_decisions(desk.journal) == ()
    refused = [row for row in queries.sync_state(second.journal).rows if row.delivery == "refused"]
    assert len(refused) == 1
    assert "решена" in refused[0].reason


def test_in_a_period_that_was_opened_again_its_teacher_corrects_without_asking(
    town: Town, column: str, closed: tuple[OpenDesk, OpenDesk]
) -> None:
    teacher, deputy = closed
    reopen_period(deputy.journal, "c-7b", "q-1")
    until_quiet(lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"))
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    assert mark_on(teacher.journal, column, "u-04") == mark_on(deputy.journal, column, "u-04") == "5"
    assert queries.own_requests(teacher.journal) == ()


def test_a_period_is_not_closed_over_a_request_that_waits(town: Town, column: str) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "4")
    town.clock.now += timedelta(days=10)
    town.server.stop()
    town.server.moment += timedelta(days=10)
    town.server.start()
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    ask(teacher, column)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    with pytest.raises(Refusal) as refused:
        close_period(deputy.journal, "c-7b", "q-1")
    assert refused.value.code == "EJ-238"
    assert "1 (Алгебра)" in refused.value.sentence


def test_a_substitute_fills_a_lesson_offline_and_sees_the_page_once_it_is_confirmed(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)  # teaches no English
    deputy = town.sit_down("office", town.school.deputy)
    town.server.stop()
    lesson, pupil = ids.lesson(town.school.english, date(2026, 9, 15), 4), town.school.pupils[1]
    with pytest.raises(Refusal):
        set_topic(teacher.journal, lesson, "Present Simple")
    declare_substitution(teacher.journal, lesson)
    set_topic(teacher.journal, lesson, "Present Simple")
    put_mark(teacher.journal, lesson, None, pupil, "5")
    town.server.start()
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    column = ids.mark_column(lesson, "oral", 1)
    assert mark_on(teacher.journal, column, pupil) == "5"  # still in sight where it was entered
    assert mark_on(deputy.journal, column, pupil) is None
    put_mark(teacher.journal, lesson, None, town.school.pupils[3], "4")  # and may be gone on with
    declared = next(row for row in queries.waiting_decisions(deputy.journal) if row.kind == "Lesson" and not row.why)
    approve_request(deputy.journal, declared.change_id)
    meetings = (lambda: town.meet(deputy, "office"), lambda: town.meet(teacher, "staffroom"))
    until_quiet(*meetings)
    until_quiet(*meetings)
    for desk in (teacher, deputy):
        assert mark_on(desk.journal, column, pupil) == "5"
        assert mark_on(desk.journal, column, town.school.pupils[3]) == "4"
        assert queries.waiting_decisions(desk.journal) == ()
        assert queries.lesson_sheet(desk.journal, lesson).lesson.topic == "Present Simple"
    assert {row.state for row in queries.own_requests(teacher.journal)} == {"approved"}
    assert queries.sync_state(teacher.journal).pending == 0
    assert {page.id for page in queries.journal_pages(teacher.journal)} >= {town.school.english}
