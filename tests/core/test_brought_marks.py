"""The paper of a brought mark is part of the mark: whoever may not change the one may not change the other."""

from __future__ import annotations

from ejournal_core import ids, merge
from ejournal_core.checks import check
from ejournal_core.kinds import Mark
from tests.core.test_checks import COLUMN, edit, later
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

MARK = ids.mark(COLUMN, "yolkin")


def test_a_desk_that_sends_the_paper_alone_meets_the_window_of_its_mark(facts: PlainFacts) -> None:
    facts.put(Mark(id=MARK, mark_column_id=COLUMN, pupil_id="yolkin", value="5"))
    named = edit("Mark", MARK, {"document": "справка № 15"}, was={"document": ""})
    assert check(named, facts).outcome == "taken"
    later(facts, 400)
    assert check(named, facts, at_arrival=True).code == "EJ-229"


def test_of_two_papers_for_one_mark_a_person_chooses() -> None:
    stands = {**merge.defaults("Mark"), "mark_column_id": COLUMN, "pupil_id": "yolkin", "value": "4",
              "document": "табель № 1"}  # fmt: skip
    other = edit("Mark", MARK, {"value": "5", "document": "табель № 2"}, was={"value": "4", "document": ""})
    assert merge.merge(stands, other).clashes == (("value", "comment", "document"),)
