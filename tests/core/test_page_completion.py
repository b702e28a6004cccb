"""Who may state that the period marks of a page are complete, and when."""

from __future__ import annotations

import pytest

from ejournal_core import ids
from ejournal_core.changes import is_rare
from ejournal_core.checks import check
from ejournal_core.kinds import Fields, PeriodClosing
from tests.core.test_checks import PAGE, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

STATED = ids.page_completion(PAGE, "quarter", 2)
FIELDS: Fields = {"journal_page_id": PAGE, "period_kind": "quarter", "period_number": 2, "complete": True}


def test_the_teacher_of_the_page_states_it_and_the_change_is_signed_alone(facts: PlainFacts) -> None:
    change = edit("PageCompletion", STATED, FIELDS)
    assert check(change, facts).outcome == "taken"
    assert is_rare(change)


@pytest.mark.parametrize(
    ("record", "more", "author", "expected"),
    [
        (STATED, {}, "zavuch", "EJ-210"),
        (ids.page_completion(PAGE, "quarter", 9), {"period_number": 9}, "ivanova", "EJ-221"),
        (STATED, {"period_number": 1}, "ivanova", "EJ-202"),
        ("nowhere.quarter.2", {"journal_page_id": "nowhere"}, "ivanova", "EJ-203"),
    ],
)
def test_a_statement_that_is_not_in_order_is_refused(
    facts: PlainFacts, record: str, more: Fields, author: str, expected: str
) -> None:
    assert code(check(edit("PageCompletion", record, {**FIELDS, **more}, author=author), facts)) == expected


def test_in_a_closed_period_it_waits_for_another_person(facts: PlainFacts) -> None:
    closing = ids.period_closing("7b", "q2")
    facts.put(PeriodClosing(id=closing, class_group_id="7b", grading_period_id="q2", closed=True))
    answer = check(edit("PageCompletion", STATED, FIELDS), facts, at_arrival=True)
    assert (answer.outcome, answer.code) == ("pending", "EJ-228")
