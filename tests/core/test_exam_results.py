"""P11: when results of an examination were received, who says so, and until when they are to be entered."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ejournal_core import deadlines, ids
from ejournal_core.checks import check
from ejournal_core.kinds import Fields
from ejournal_core.policy import preset
from tests.core.test_checks import NOON, PAGE, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts
from tests.helpers.school import MOSCOW

EXAM = ids.page_completion(PAGE, "exam", 1)
TODAY = NOON.date()
WHOSE: Fields = {"journal_page_id": PAGE, "period_kind": "exam", "period_number": 1}


def received(day: date, clock: str = "") -> Fields:
    return {**WHOSE, "received_on": day.isoformat(), "received_at": clock}


def test_the_teacher_says_when_they_came_and_may_take_it_back(facts: PlainFacts) -> None:
    assert code(check(edit("PageCompletion", EXAM, received(TODAY)), facts)) == "taken"
    assert code(check(edit("PageCompletion", EXAM, received(TODAY, "09:05")), facts)) == "taken"
    assert (
        code(check(edit("PageCompletion", EXAM, {**WHOSE, "received_on": None, "received_at": ""}), facts)) == "taken"
    )
    assert code(check(edit("PageCompletion", EXAM, received(TODAY), author="zavuch"), facts)) == "EJ-210"


@pytest.mark.parametrize("at_arrival", [False, True])
@pytest.mark.parametrize(
    "told",
    [
        received(TODAY + timedelta(days=1)),
        received(date(2026, 8, 1)),
        received(TODAY, "25:00"),
        received(TODAY, "9:05"),
        received(TODAY, "١٢:٠٠"),
        {**WHOSE, "received_on": None, "received_at": "09:00"},
    ],
)
def test_what_cannot_have_come_so_is_refused_at_the_desk_and_at_arrival(
    facts: PlainFacts, told: Fields, at_arrival: bool
) -> None:
    answer = check(edit("PageCompletion", EXAM, told), facts, at_arrival=at_arrival)
    assert (answer.outcome, answer.code, answer.clause) == ("refused", "EJ-277", "P11")


def test_only_an_examination_has_results_that_come(facts: PlainFacts) -> None:
    quarter = {**received(TODAY), "period_kind": "quarter", "period_number": 2}
    assert code(check(edit("PageCompletion", ids.page_completion(PAGE, "quarter", 2), quarter), facts)) == "EJ-277"


def test_the_hours_of_the_school_run_from_the_time_that_was_said_else_from_the_end_of_the_day() -> None:
    policy, day = preset("default"), date(2027, 6, 11)
    assert policy.exam_deadline == 24
    due = deadlines.exam_due_at(policy, day, "10:30", MOSCOW)
    assert due == datetime(2027, 6, 12, 10, 30, tzinfo=MOSCOW)
    assert deadlines.exam_due_at(policy, day, "", MOSCOW) == datetime(2027, 6, 13, tzinfo=MOSCOW)
