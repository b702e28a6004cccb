"""Indicators against the published vector and their own boundaries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import indicators, marks
from ejournal_core.indicators import ClassStanding, tally
from ejournal_core.policy import Policy, from_settings

VECTOR = ["5"] * 4 + ["4"] * 9 + ["3"] * 10 + ["2", "н/а", "осв"]


def two_places(value: Decimal | None) -> Decimal | None:
    return None if value is None else marks.rounded(value)


def test_the_published_vector() -> None:
    count = tally(VECTOR)
    assert count.denominator == 25
    assert indicators.progress_rate(count) == Decimal(92)
    assert indicators.quality_rate(count) == Decimal(52)
    assert indicators.learning_index(count) == Decimal("54.36")
    assert indicators.learning_index(count, "only_5_4_3") == Decimal("53.44")


def test_the_average_of_the_vector_in_both_variants() -> None:
    assert two_places(indicators.average_mark(VECTOR, Policy.default())) == Decimal("3.67")
    assert two_places(indicators.average_mark(VECTOR, from_settings("default", {"P53": "true"}))) == Decimal("3.52")


@pytest.mark.parametrize(("mark", "index"), [("5", 100), ("4", 64), ("3", 36), ("2", 16), ("н/а", 7)])
def test_a_class_of_equals_has_the_index_of_its_mark(mark: str, index: int) -> None:
    assert indicators.learning_index(tally([mark] * 7)) == index


def test_a_one_counts_as_a_two() -> None:
    assert tally(["1", "2", "5"]).twos == 2


def test_pupils_without_a_mark_exempt_or_with_a_credit_are_not_in_the_denominator() -> None:
    assert tally([None, "", "осв", "зач", "нз"]).denominator == 0
    assert indicators.progress_rate(tally([None])) is None
    assert indicators.quality_rate(tally(["осв"])) is None
    assert indicators.learning_index(tally([])) is None
    assert indicators.average_mark([None, "н/а"], Policy.default()) is None


@given(st.lists(st.sampled_from(["5", "4", "3", "2", "1", "н/а", "осв", "зач", None])))
def test_rates_stay_between_none_and_all(values: list[str | None]) -> None:
    count = tally(values)
    progress, quality, index = (
        indicators.progress_rate(count), indicators.quality_rate(count), indicators.learning_index(count),
    )  # fmt: skip
    if count.denominator == 0:
        assert (progress, quality, index) == (None, None, None)
        return
    assert progress is not None
    assert quality is not None
    assert index is not None
    assert 0 <= quality <= progress <= 100
    assert 7 <= index <= 100


# --- accumulation ------------------------------------------------------------------------------------------------


def test_accumulation_names_those_below_the_norm() -> None:
    result = indicators.accumulation({"a": 5, "b": 4, "c": 7, "d": 0}, Decimal(2), Policy.default(), excused={"d"})
    assert (result.norm, result.short) == (5, ("b",))
    assert two_places(result.rate) == Decimal("66.67")


def test_the_excused_are_asked_where_the_policy_says_so() -> None:
    policy = from_settings("default", {"P13": "false"})
    assert indicators.accumulation({"a": 5, "d": 0}, Decimal(2), policy, excused={"d"}).short == ("d",)


def test_a_class_of_excused_pupils_has_no_rate() -> None:
    assert indicators.accumulation({"a": 0}, Decimal(1), Policy.default(), excused={"a"}).rate is None


# --- pupils by their period marks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["5", "5", "осв"], "excellent"), (["5", "4"], "good"), (["5", "3", "4"], "satisfactory"),
        (["5", "2"], "not_progressing"), (["5", "н/а"], "not_progressing"), (["нз", "5"], "not_progressing"),
        (["зач", None], "without_marks"), ([], "without_marks"), (["зач", "5"], "excellent"),
    ],
)  # fmt: skip
def test_how_a_pupil_stands(values: list[str | None], expected: str) -> None:
    assert indicators.standing(values) == expected


def test_a_class_is_counted_once_and_the_nearly_excellent_are_named() -> None:
    pupils: list[list[str | None]] = [["5", "5"], ["5", "4"], ["4", "4"], ["5", "3"], ["3", "3"], ["2", "5"], [None]]
    assert indicators.class_standing(pupils) == ClassStanding(
        excellent=1, good=2, satisfactory=2, not_progressing=1, without_marks=1, with_one_four=1, with_one_three=1
    )
