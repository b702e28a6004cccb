"""What may be kept of single pupils on a page, by whom, and that words about them are never put into another mouth."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ejournal_core import ids
from ejournal_core.access import slice_of
from ejournal_core.checks import check
from ejournal_core.kinds import Fields, Lesson, PeriodClosing, PupilRemark, SpecialGroup, Subject
from tests.core.test_checks import LESSON, LESSON_DAY, PAGE, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

REMARK = ids.pupil_remark(LESSON, "0190")
WORDS: Fields = {"lesson_id": LESSON, "pupil_id": "yolkin", "remark_kind": "praise", "text": "помог соседу"}
GROUP = ids.special_group(PAGE, "yolkin")
MEMBER: Fields = {"journal_page_id": PAGE, "pupil_id": "yolkin", "since": "2026-09-01", "basis": "справка № 12"}


def test_a_remark_of_the_lessons_teacher_is_taken(facts: PlainFacts) -> None:
    assert code(check(edit("PupilRemark", REMARK, WORDS, act="create"), facts)) == "taken"


@pytest.mark.parametrize(
    ("changed", "author", "expected"),
    [
        ({"text": "  "}, "ivanova", "EJ-279"),
        ({"text": "ы" * 501}, "ivanova", "EJ-279"),
        ({"remark_kind": "scolding"}, "ivanova", "EJ-201"),
        ({"pupil_id": "kotov"}, "ivanova", "EJ-221"),
        ({"pupil_id": "nobody"}, "ivanova", "EJ-203"),
        ({}, "petrova", "EJ-210"),
        ({}, "zavuch", "EJ-210"),
    ],
)
def test_a_remark_that_is_not_in_order_is_refused(
    facts: PlainFacts, changed: Fields, author: str, expected: str
) -> None:
    change = edit("PupilRemark", REMARK, {**WORDS, **changed}, author=author, act="create")
    assert code(check(change, facts)) == expected


def test_a_remark_has_its_lesson_in_front_of_its_id(facts: PlainFacts) -> None:
    other = ids.pupil_remark(ids.lesson(PAGE, LESSON_DAY, 4), "0190")
    assert code(check(edit("PupilRemark", other, WORDS, act="create"), facts)) == "EJ-202"


def test_what_was_written_is_never_rewritten_and_may_be_taken_back(facts: PlainFacts) -> None:
    facts.put(PupilRemark(id=REMARK, lesson_id=LESSON, pupil_id="yolkin", remark_kind="praise", text="помог соседу"))
    rewritten = edit("PupilRemark", REMARK, {"text": "дрался"}, was={"text": "помог соседу"})
    assert code(check(rewritten, facts)) == "EJ-279"
    softened = edit("PupilRemark", REMARK, {"remark_kind": "remark"}, was={"remark_kind": "praise"})
    assert code(check(softened, facts)) == "EJ-279"
    struck = edit("PupilRemark", REMARK, {"voided": True}, was={"voided": False}, act="void")
    assert code(check(struck, facts)) == "taken"


def test_nothing_is_written_of_a_lesson_to_come_and_in_a_closed_period_it_waits(facts: PlainFacts) -> None:
    day = LESSON_DAY + timedelta(days=1)
    ahead = ids.lesson(PAGE, day, 3)
    facts.put(Lesson(id=ahead, journal_page_id=PAGE, lesson_number=3, held_on=day))
    change = edit("PupilRemark", ids.pupil_remark(ahead, "1"), {**WORDS, "lesson_id": ahead}, act="create")
    assert code(check(change, facts)) == "EJ-222"
    closing = ids.period_closing("7b", "q2")
    facts.put(PeriodClosing(id=closing, class_group_id="7b", grading_period_id="q2", closed=True))
    late = check(edit("PupilRemark", REMARK, WORDS, act="create"), facts, at_arrival=True)
    assert (late.outcome, late.code) == ("pending", "EJ-228")


@pytest.fixture
def sport(facts: PlainFacts) -> PlainFacts:
    """Give a school where Ivanova teaches physical education."""
    facts.put(Subject(id="algebra", title="Физическая культура"))
    return facts


def test_the_medical_group_is_kept_on_no_other_page_and_may_be_taken_out_of_one(facts: PlainFacts) -> None:
    entered = edit("SpecialGroup", GROUP, MEMBER, act="create")
    assert code(check(entered, facts)) == "EJ-287"
    facts.put(SpecialGroup(id=GROUP, journal_page_id=PAGE, pupil_id="yolkin", since=date(2026, 9, 1)))
    assert code(check(edit("SpecialGroup", GROUP, {"since": None}, was={"since": "2026-09-01"}), facts)) == "taken"
    longer = edit("SpecialGroup", GROUP, {"until": "2026-12-01"}, was={"until": None})
    assert code(check(longer, facts)) == "EJ-287"


@pytest.mark.parametrize(
    ("author", "expected"), [("ivanova", "taken"), ("petrova", "taken"), ("zavuch", "taken"), ("admin", "EJ-281")]
)
def test_the_medical_group_is_entered_by_those_who_see_it(sport: PlainFacts, author: str, expected: str) -> None:
    assert code(check(edit("SpecialGroup", GROUP, MEMBER, author=author, act="create"), sport)) == expected


def test_the_group_begins_before_it_ends(sport: PlainFacts) -> None:
    for until, expected in (("2026-12-01", "taken"), ("2026-08-31", "EJ-281")):
        change = edit("SpecialGroup", GROUP, {**MEMBER, "until": until}, act="create")
        assert code(check(change, sport)) == expected
    endless = {**MEMBER, "since": None, "until": date(2026, 9, 1).isoformat()}
    assert code(check(edit("SpecialGroup", GROUP, endless, act="create"), sport)) == "EJ-281"


def test_the_paper_behind_the_group_is_named_in_few_words(sport: PlainFacts) -> None:
    for length, expected in ((120, "taken"), (121, "EJ-281")):
        change = edit("SpecialGroup", GROUP, {**MEMBER, "basis": "я" * length}, act="create")
        assert code(check(change, sport)) == expected


def test_both_are_seen_with_their_page_and_nowhere_else() -> None:
    assert slice_of("PupilRemark", WORDS) == f"page:{PAGE}"
    assert slice_of("SpecialGroup", MEMBER) == f"page:{PAGE}"
