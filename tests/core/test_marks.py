"""Marks: typed text in either layout, averages and proposals in exact decimals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import marks
from ejournal_core.errors import Refusal
from ejournal_core.marks import WeighedMark, parse_absence, parse_mark
from ejournal_core.policy import Policy, from_settings, preset
from ejournal_core.policy_values import RoundingThresholds

POLICY = Policy.default()
NOVOSIBIRSK = RoundingThresholds(Decimal("4.65"), Decimal("3.65"), Decimal("2.65"))


def weighed(*pairs: tuple[str, str]) -> list[WeighedMark]:
    return [WeighedMark(value, Decimal(weight)) for value, weight in pairs]


# --- typed text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("5", "5"), (" 2 ", "2"), ("зач", "зач"), ("Зачёт", "зач"), ("pfx", "зач"), ("PFX", "зач"), ("нз", "нз"),
        ("yp", "нз"), ("н/а", "н/а"), ("Н/А", "н/а"), ("y/f", "н/а"), ("H/A", "н/а"), ("на", "н/а"), (".", "."),
        ("ю", "."), ("/", "."),
    ],
)  # fmt: skip
def test_a_mark_is_understood_in_either_layout(typed: str, meant: str) -> None:
    assert parse_mark(typed, POLICY) == meant


@pytest.mark.parametrize("typed", ["5/4", "54", "5 4", "5.4", "5ю4"])
def test_two_marks_in_one_cell_may_be_typed_in_many_ways(typed: str) -> None:
    assert parse_mark(typed, POLICY, "Русский язык") == "5/4"


@pytest.mark.parametrize("typed", ["", "6", "0", "5+", "б", "зaч", "5/6", "5/4/3", "10", "ура"])
def test_what_is_no_mark_is_refused_with_one_sentence(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_mark(typed, POLICY, "Русский язык")
    assert caught.value.code == "EJ-220"
    assert caught.value.sentence.startswith(f"«{typed}» — не отметка:")


def test_exempt_is_refused_unless_the_school_allows_it() -> None:
    with pytest.raises(Refusal) as caught:
        parse_mark("осв.", POLICY)
    assert caught.value.clause == "P15"
    assert parse_mark("jcd", from_settings("default", {"P15": "true"})) == "осв"


@pytest.mark.parametrize(
    ("rule", "subject", "allowed"),
    [
        ("russian_and_literature", "Русский язык", True),
        ("russian_and_literature", "Литературное чтение", True),
        ("russian_and_literature", "Родной (русский) язык", True),
        ("russian_and_literature", "Алгебра", False),
        ("russian_and_literature", "", False),
        ("all", "Алгебра", True),
        ("none", "Русский язык", False),
    ],
)
def test_two_marks_in_one_cell_follow_the_school_and_the_subject(rule: str, subject: str, allowed: bool) -> None:
    policy = from_settings("default", {"P56": f'"{rule}"'})
    if allowed:
        marks.require_on_scale("5/4", policy, subject)
    else:
        with pytest.raises(Refusal) as caught:
            marks.require_on_scale("5/4", policy, subject)
        assert caught.value.clause == "P56"


@pytest.mark.parametrize("value", [".", "5/4"])
def test_a_period_has_one_whole_mark(value: str) -> None:
    marks.require_on_scale(value, POLICY, "Русский язык")
    with pytest.raises(Refusal):
        marks.require_on_scale(value, POLICY, "Русский язык", for_period=True)


def test_only_the_stored_form_is_on_the_scale() -> None:
    for typed in ("зачёт", "54", "5 ", "pfx"):
        with pytest.raises(Refusal):
            marks.require_on_scale(typed, POLICY, "Русский язык")


@given(st.sampled_from(marks.SCALE) | st.builds("{}/{}".format, *[st.sampled_from(marks.NUMERALS)] * 2))
def test_a_stored_mark_reads_as_itself(value: str) -> None:
    policy = from_settings("default", {"P15": "true", "P56": '"all"'})
    assert parse_mark(value, policy) == value


@given(st.text(max_size=5))
def test_any_text_is_a_mark_of_the_scale_or_a_refusal(text: str) -> None:
    try:
        value = parse_mark(text, POLICY, "Русский язык")
    except Refusal:
        return
    marks.require_on_scale(value, POLICY, "Русский язык")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("н", "Н"), ("Н", "Н"), ("H", "Н"), ("y", "Н"), ("б", "Б"), (",", "Б"), ("у", "У"), ("e", "У"), ("оп", "ОП"),
        ("jg", "ОП"),
    ],
)  # fmt: skip
def test_an_absence_code_is_understood_in_either_layout(typed: str, code: str) -> None:
    assert parse_absence(typed, POLICY).code == code


def test_an_unknown_or_mixed_absence_code_is_refused_and_the_known_ones_named() -> None:
    for typed in ("щ", "oп", "п", ""):
        with pytest.raises(Refusal) as caught:
            parse_absence(typed, POLICY)
        assert caught.value.sentence.endswith("Н, Б, У, ОП.")
    with pytest.raises(Refusal):
        parse_absence("оп", preset("avers-stavropol-2019"))


# --- averages ----------------------------------------------------------------------------------------------------


def test_the_average_of_the_published_vector() -> None:
    values = ["5"] * 4 + ["4"] * 9 + ["3"] * 10 + ["2", "н/а", "осв"]
    plain, with_na = marks.average(values), marks.average(values, na_counts_as_zero=True)
    assert plain is not None
    assert with_na is not None
    assert (marks.rounded(plain), marks.rounded(with_na)) == (Decimal("3.67"), Decimal("3.52"))


def test_weights_weigh() -> None:
    work = weighed(("5", "1"), ("4", "1"), ("3", "2"), ("5", "1.5"))
    heavy, plain = marks.weighted_average(work), marks.average(mark.value for mark in work)
    assert heavy is not None
    assert (marks.rounded(heavy), plain) == (Decimal("4.09"), Decimal("4.25"))


def test_a_double_mark_is_two_marks_and_words_are_none() -> None:
    assert marks.average(["5/4", "3", "зач", "н/а", "."]) == Decimal(4)
    assert marks.average(["зач", ".", "н/а"]) is None
    assert marks.weighted_average(weighed(("5", "0"))) is None


def test_rounding_is_half_up_not_half_even() -> None:
    assert [str(marks.rounded(Decimal(text))) for text in ("3.665", "3.675", "3.6649")] == ["3.67", "3.68", "3.66"]


# --- proposals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fives", "fours", "proposed"), [(13, 7, "5"), (12, 7, "4"), (129, 71, "4"), (65, 35, "5"), (6499, 3501, "4")]
)
def test_the_boundary_of_4_65_is_exact(fives: int, fours: int, proposed: str) -> None:
    result = marks.average(["5"] * fives + ["4"] * fours)
    assert result is not None
    assert marks.propose(result, NOVOSIBIRSK) == proposed


@given(st.lists(st.tuples(st.sampled_from("5432"), st.integers(1, 30)), min_size=1, max_size=60))
def test_a_proposal_is_what_exact_fractions_say(work: list[tuple[str, int]]) -> None:
    average = marks.weighted_average(WeighedMark(value, Decimal(tenths) / 10) for value, tenths in work)
    exact = Fraction(sum(int(value) * tenths for value, tenths in work), sum(tenths for _, tenths in work))
    assert average is not None
    for thresholds in (NOVOSIBIRSK, POLICY.rounding_thresholds):
        steps = (thresholds.five, thresholds.four, thresholds.three)
        expected = next((mark for mark, step in zip("543", steps, strict=True) if exact >= Fraction(step)), "2")
        assert marks.propose(average, thresholds) == expected


@given(st.lists(st.sampled_from("5432"), min_size=1, max_size=300))
def test_the_shown_average_never_contradicts_the_proposal(values: list[str]) -> None:
    average = marks.average(values)
    assert average is not None
    shown = Decimal(marks.shown_average(average, NOVOSIBIRSK).replace(",", "."))
    assert marks.propose(shown, NOVOSIBIRSK) == marks.propose(average, NOVOSIBIRSK)
    assert abs(shown - average) <= Decimal("0.005")


def test_an_average_just_below_a_threshold_is_shown_with_another_digit() -> None:
    assert marks.shown_average(Decimal(79) / 17, NOVOSIBIRSK) == "4,647"
    assert marks.shown_average(Decimal(93) / 20, NOVOSIBIRSK) == "4,65"
    assert marks.shown_average(Decimal("4.64999"), NOVOSIBIRSK) == "4,64999"


def test_a_proposal_says_why() -> None:
    proposal = marks.propose_period_mark(weighed(("5", "1"), ("4", "1"), (".", "1")), POLICY, Decimal(1))
    assert (proposal.value, proposal.average, proposal.marks, proposal.enough) == ("5", Decimal("4.5"), 2, False)
    assert proposal.reason == (
        "Средний балл 4,50: от 4,5 предлагается 5. Отметок 2, нужно не меньше 3. Есть несданные работы."
    )


def test_a_proposal_does_not_round_before_it_compares() -> None:
    proposal = marks.propose_period_mark(weighed(*[("5", "1")] * 9, *[("4", "1")] * 11), POLICY)
    assert (proposal.average, proposal.value) == (Decimal("4.45"), "4")


def test_valid_absence_exempts_from_the_number_of_marks_only_where_the_policy_says_so() -> None:
    work = weighed(("2", "1"))
    assert marks.propose_period_mark(work, POLICY, Decimal(3)).minimum == 8
    assert marks.propose_period_mark(work, POLICY, Decimal(3), excused=True).enough
    strict = from_settings("default", {"P13": "false"})
    assert not marks.propose_period_mark(work, strict, Decimal(3), excused=True).enough


@pytest.mark.parametrize(
    ("values", "proposed"),
    [
        ([], "н/а"), (["."], "н/а"), (["зач", "зач"], "зач"), (["зач", "нз"], "нз"), (["осв"], "осв"), (["2"], "2"),
        (["зач", "5"], "5"),
    ],
)  # fmt: skip
def test_without_numbers_words_decide(values: list[str], proposed: str) -> None:
    assert marks.propose_period_mark([WeighedMark(value) for value in values], POLICY).value == proposed
