"""Two people change one plan while neither hears of the other: nothing is lost, and both see the same afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.lesson_plans import lesson_plan
from ejournal_desktop.models.queries.notices import news
from ejournal_desktop.sync.desks import OpenDesk
from tests.together.town import Town, until_quiet

TOPICS = tuple(f"Тема {number}" for number in range(1, 9))
Two = tuple[OpenDesk, OpenDesk]


@pytest.fixture
def two(town: Town) -> Two:
    """Give the desks of a teacher and of a colleague with whom she shares the page, both with the same plan."""
    teacher = town.sit_down("staffroom", town.school.teacher)
    colleague = town.sit_down("at-home", town.school.colleague)
    plans.append_rows(teacher.journal, town.school.page, [RowDraft(topic) for topic in TOPICS], replace=True)
    meet(town, (teacher, colleague))
    assert shown(colleague.journal, town) == list(TOPICS)
    return teacher, colleague


def meet(town: Town, two: Two, rounds: int = 1) -> None:
    teacher, colleague = two
    for _ in range(rounds):
        until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(colleague, "at-home"))
    assert not teacher.journal.is_anything_unsent()
    assert not colleague.journal.is_anything_unsent()


def shown(journal: Journal, town: Town) -> list[str]:
    return [each.row.topic for each in lesson_plan(journal, town.school.page).rows]


def row_id(journal: Journal, town: Town, topic: str) -> str:
    return next(each.row.id for each in lesson_plan(journal, town.school.page).rows if each.row.topic == topic)


def test_rows_put_in_moved_dated_and_removed_apart_all_stand_afterwards(town: Town, two: Two) -> None:
    teacher, colleague = two[0].journal, two[1].journal
    page = town.school.page
    plans.insert_row(teacher, page, RowDraft("Моя тема"), after=row_id(teacher, town, "Тема 2"))
    plans.insert_row(colleague, page, RowDraft("Тема коллеги"), after=row_id(colleague, town, "Тема 2"))
    plans.move_row(teacher, page, row_id(teacher, town, "Тема 7"), -6)
    plans.move_row(colleague, page, row_id(colleague, town, "Тема 4"), 3)
    plans.delete_rows(colleague, [row_id(colleague, town, "Тема 6")])
    plans.change_row(teacher, row_id(teacher, town, "Тема 3"), topic="Тема 3, новая", hours=2)
    shift = {each.row.id: date(2026, 9, 1 + n) for n, each in enumerate(lesson_plan(colleague, page).rows)}
    plans.set_dates(colleague, shift)
    meet(town, two)
    assert shown(teacher, town) == shown(colleague, town)
    assert set(shown(teacher, town)) == {*TOPICS, "Моя тема", "Тема коллеги", "Тема 3, новая"} - {"Тема 3", "Тема 6"}
    dated = {each.row.topic: each.row.planned_on for each in lesson_plan(teacher, page).rows}
    assert dated["Тема 3, новая"] == shift[row_id(colleague, town, "Тема 3, новая")]
    assert [queries.disputes(journal) for journal in (teacher, colleague)] == [(), ()]
    assert [journal.count_held_back("refused") for journal in (teacher, colleague)] == [0, 0]


def test_two_words_for_one_row_are_a_dispute_that_both_see_and_one_decides(town: Town, two: Two) -> None:
    teacher, colleague = two[0].journal, two[1].journal
    row = row_id(teacher, town, "Тема 5")
    plans.change_row(teacher, row, topic="Как я думаю")
    plans.change_row(colleague, row, topic="Как думает коллега")
    meet(town, two)
    for journal in (teacher, colleague):
        (dispute,) = queries.disputes(journal)
        assert {dispute.standing_value, dispute.wanted_value} == {"Как я думаю", "Как думает коллега"}
        assert "Как я думаю" in shown(journal, town)
    resolve_dispute(teacher, queries.disputes(teacher)[0].id, "wanted")
    meet(town, two)
    for journal in (teacher, colleague):
        assert queries.disputes(journal) == ()
        assert "Как думает коллега" in shown(journal, town)


def test_words_in_a_row_that_was_removed_before_are_refused_and_stay_with_who_wrote_them(town: Town, two: Two) -> None:
    teacher, colleague = two[0].journal, two[1].journal
    row = row_id(teacher, town, "Тема 5")
    plans.delete_rows(teacher, [row])
    plans.change_row(colleague, row, topic="Дописано")
    meet(town, two)
    assert shown(teacher, town) == shown(colleague, town) == [topic for topic in TOPICS if topic != "Тема 5"]
    (kept,) = [each for each in queries.sync_state(colleague, rows=True).rows if each.delivery == "refused"]
    assert "Дописано" in kept.what


def test_who_wrote_in_a_row_that_another_removed_unseen_is_told_and_finds_the_words(town: Town, two: Two) -> None:
    teacher, colleague = two[0].journal, two[1].journal
    row = row_id(teacher, town, "Тема 5")
    plans.change_row(teacher, row, topic="Дописано")
    plans.delete_rows(colleague, [row, row_id(colleague, town, "Тема 6")])
    meet(town, two)
    assert shown(teacher, town) == shown(colleague, town) == [*TOPICS[:4], *TOPICS[6:]]
    (told,) = [each for each in news(teacher).notices if each.kind == "changed"]
    assert "Дописано" in f"{told.where} {told.what}"
    assert told.who == "Петров С. И."
