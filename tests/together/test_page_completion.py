"""«Итоги по этой странице готовы»: what the teacher states reaches the deputy, signed, and may be taken back."""

from __future__ import annotations

from ejournal_core import ids
from ejournal_core.kinds import PageCompletion
from ejournal_desktop.models.commands.periods import decide_period_mark, receive_exam_results, state_complete
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.period_results import period_results
from tests.together.town import Town, until_quiet


def stated(journal: Journal, page: str) -> list[bool]:
    """Return what stands of the page on a desk."""
    with journal.reading() as connection:
        return [each.complete for each in select_records(connection, PageCompletion, journal_page_id=page)]


def decide_all(journal: Journal, page: str) -> None:
    """Give every pupil a mark for the quarter, with a reason: too few lessons were given for a proposal."""
    results = period_results(journal, page, "quarter", 1)
    for row in results.rows:
        decide_period_mark(journal, results, row, row.proposed or "4", "по работам вне журнала")


def test_the_deputy_sees_that_a_page_is_complete_and_that_it_no_longer_is(town: Town) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    page = town.school.page
    decide_all(teacher.journal, page)
    until_quiet(lambda: town.meet(teacher, "staffroom"))
    for complete in (True, False):
        state_complete(teacher.journal, page, "quarter", 1, complete=complete)
        (unsent,) = teacher.journal.outbox()
        assert unsent.change.record == ids.page_completion(page, "quarter", 1)
        assert unsent.change.signature
        until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
        assert stated(deputy.journal, page) == [complete]
        assert teacher.journal.outbox() == []


def test_the_deputy_sees_when_results_of_an_examination_came_and_both_words_stand_beside_each_other(
    town: Town,
) -> None:
    teacher = town.sit_down("staffroom", town.school.teacher)
    deputy = town.sit_down("office", town.school.deputy)
    page, today = town.school.page, teacher.journal.clock().date()
    receive_exam_results(teacher.journal, page, today)
    state_complete(teacher.journal, page, "exam", 1)
    until_quiet(lambda: town.meet(teacher, "staffroom"), lambda: town.meet(deputy, "office"))
    assert teacher.journal.outbox() == []
    seen = period_results(deputy.journal, page, "exam")
    assert (seen.received_on, seen.received_at, seen.complete) == (today, "", True)
