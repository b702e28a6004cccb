"""Texts of the journal at a desk whose program lets everything through: bounded, and showing what they say."""

from __future__ import annotations

import pytest

from ejournal_core import ids
from ejournal_core.checks import RULES, check
from ejournal_core.kinds import Fields, PeriodMark, Subject
from ejournal_core.wording import LONGEST, its_words_can_be_read
from tests.core.test_checks import COLUMN, LESSON, PAGE, code, edit
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.core.test_pupil_notes import GROUP, MEMBER, REMARK, WORDS
from tests.helpers.plain_facts import PlainFacts

MARK: Fields = {"mark_column_id": COLUMN, "pupil_id": "yolkin", "value": "5"}
QUARTER: Fields = {"journal_page_id": PAGE, "pupil_id": "yolkin", "period_kind": "quarter", "period_number": 2,
                   "value": "5"}  # fmt: skip
PAPER: Fields = {"class_group_id": "7b", "pupil_id": "yolkin", "reason": "Б", "since": "2026-11-18",
                 "until": "2026-11-19"}  # fmt: skip
FAMILY: Fields = {"class_group_id": "7b", "pupil_id": "yolkin", "last_name": "Ёлкина", "first_name": "Ольга"}
#: Whoever may enter it, and the record as it is lawful, by kind and field.
ENTERED: dict[tuple[str, str], tuple[str, str, Fields]] = {
    ("MarkColumn", "title"): (COLUMN, "ivanova", {"lesson_id": LESSON, "work_kind_id": "oral", "ordinal": 1}),
    ("Mark", "comment"): (ids.mark(COLUMN, "yolkin"), "ivanova", MARK),
    ("Mark", "document"): (ids.mark(COLUMN, "yolkin"), "ivanova", MARK),
    ("PeriodMark", "document"): (ids.period_mark(PAGE, "yolkin", "quarter", 2), "ivanova", QUARTER),
    ("PeriodMark", "justification"): (ids.period_mark(PAGE, "yolkin", "quarter", 2), "ivanova", QUARTER),
    ("AbsenceDocument", "number"): ("paper", "petrova", PAPER),
    ("RegisteredAbsence", "document_id"): ("away", "petrova", PAPER),
    ("Subgroup", "title"): ("new", "petrova", {"class_group_id": "7b"}),
    ("Guardian", "patronymic"): (ids.guardian("7b", "yolkin", "m"), "petrova", FAMILY),
    ("PupilRemark", "text"): (REMARK, "ivanova", WORDS),
    ("SpecialGroup", "basis"): (GROUP, "ivanova", MEMBER),
}


def entered(kind: str, field: str, text: str) -> Fields:
    return {**ENTERED[kind, field][2], field: text}


@pytest.mark.parametrize(("kind", "field"), ENTERED)
def test_a_text_of_its_length_is_taken_and_one_letter_more_is_refused(facts: PlainFacts, kind: str, field: str) -> None:
    facts.put(Subject(id="algebra", title="Физическая культура"))
    record, author, _ = ENTERED[kind, field]
    bound = LONGEST[kind][field]
    for length, refused in ((bound, False), (bound + 1, True)):
        change = edit(kind, record, entered(kind, field, "я" * length), author=author, act="create")
        assert (check(change, facts).outcome == "refused") == refused, length


@pytest.mark.parametrize(("kind", "field"), ENTERED)
@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x07", "\x1b"], ids=["turned", "isolated", "bell", "escape"])
def test_a_text_that_shows_itself_otherwise_than_it_is_is_refused(
    facts: PlainFacts, kind: str, field: str, sign: str
) -> None:
    facts.put(Subject(id="algebra", title="Физическая культура"))
    record, author, _ = ENTERED[kind, field]
    change = edit(kind, record, entered(kind, field, f"Иван{sign}ова"), author=author, act="create")
    assert code(check(change, facts)) == "EJ-286"


def test_every_bounded_kind_asks_the_rule() -> None:
    assert {kind for kind, rules in RULES.items() if its_words_can_be_read in rules} == LONGEST.keys()


def test_a_family_that_is_struck_out_at_once_is_no_place_for_a_book(facts: PlainFacts) -> None:
    """A voided record is not asked for its form; brought back, only what is set then would be looked at."""
    change = edit("Guardian", ids.guardian("7b", "yolkin", "m"), {**FAMILY, "last_name": "я" * 9000, "voided": True},
                  author="petrova", act="create")  # fmt: skip
    assert code(check(change, facts)) == "EJ-286"


def test_a_remark_that_is_struck_out_at_once_has_its_bounds_too(facts: PlainFacts) -> None:
    change = edit("PupilRemark", REMARK, {**WORDS, "text": "я" * 9000, "voided": True}, act="create")
    assert code(check(change, facts)) == "EJ-279"


@pytest.mark.parametrize("weight", ["0", "100.01", "0.001", "1000000"])
def test_a_weight_that_no_screen_lets_through_is_refused(facts: PlainFacts, weight: str) -> None:
    change = edit("MarkColumn", COLUMN, {"weight": weight}, was={"weight": None})
    assert code(check(change, facts)) == "EJ-532"
    assert code(check(edit("MarkColumn", COLUMN, {"weight": "1.5"}, was={"weight": None}), facts)) == "taken"


# --- a subject without attestation, and ids of pages ------------------------------------------------------------------


def test_a_subject_without_attestation_gets_no_mark_of_a_period_and_loses_the_one_it_has(facts: PlainFacts) -> None:
    record = ids.period_mark(PAGE, "yolkin", "quarter", 2)
    facts.put(Subject(id="algebra", title="Разговоры о важном", attested=False))
    judged = check(edit("PeriodMark", record, QUARTER, act="create"), facts)
    assert (judged.outcome, judged.code, judged.clause) == ("refused", "EJ-270", "P41")
    facts.put(PeriodMark(id=record, journal_page_id=PAGE, pupil_id="yolkin", period_kind="quarter", period_number=2,
                         value="5"))  # fmt: skip
    assert code(check(edit("PeriodMark", record, {"value": None}, was={"value": "5"}), facts)) == "taken"
    assert code(check(edit("Mark", ids.mark(COLUMN, "yolkin"), MARK, act="create"), facts)) == "taken"


@pytest.mark.parametrize(
    ("record", "fields"),
    [("physics.7b", {"subject_id": "algebra"}), ("algebra.1a", {}), ("anything", {}), ("algebra.7b2", {})],
    ids=["another subject", "another class", "no id of a page", "a group that it is not of"],
)
def test_a_page_whose_id_names_another_subject_or_class_is_refused(
    facts: PlainFacts, record: str, fields: Fields
) -> None:
    """Who sees its plans and its register follows from the id alone."""
    born: Fields = {"subject_id": "algebra", "class_group_id": "7b", "subgroup_id": None, **fields}
    assert code(check(edit("JournalPage", record, born, author="admin", act="create"), facts)) == "EJ-202"


@pytest.mark.parametrize("kind", ["Subject", "Subgroup", "ClassGroup"])
def test_what_an_id_is_made_of_has_no_dot(facts: PlainFacts, kind: str) -> None:
    fields: dict[str, Fields] = {
        "Subject": {"title": "Физика"}, "Subgroup": {"class_group_id": "7b", "title": "1"},
        "ClassGroup": {"school_year_id": "y", "grade_level": 7},
    }  # fmt: skip
    assert code(check(edit(kind, "a.b", fields[kind], author="admin", act="create"), facts)) == "EJ-202"
    assert code(check(edit(kind, "ab", fields[kind], author="admin", act="create"), facts)) == "taken"
