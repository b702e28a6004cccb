"""Indicators against the published vector and their own boundaries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import indicators, marks
from ejournal_core.indicators import ClassStanding, Forecast, tally
from ejournal_core.marks import WeighedMark
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


# --- what comes next -------------------------------------------------------------------------------------------------

THRESHOLDS = Policy.default().rounding_thresholds


def weighed(text: str) -> list[WeighedMark]:
    """Return marks: "4 3 5*2" has a 5 of weight 2."""
    parts = [part.partition("*") for part in text.split()]
    return [WeighedMark(value, Decimal(weight or 1)) for value, _, weight in parts]


@pytest.mark.parametrize(
    ("given", "weight", "expected"),
    [
        ("4 3 3", "1", Forecast("4", "4", 1)),  # 10/3; with a 4 14/4 = 3.5
        ("3 3 3", "1", Forecast("4", "5", 1)),  # with a 5 14/4 = 3.5
        ("3 3 3 3", "1", Forecast("4", "", 2)),  # with a 5 17/5 = 3.4, with two 22/6 = 3.67
        ("3 3 3 3", "2", Forecast("4", "5", 1)),  # 22/6
        ("4*2 4", "1", Forecast("5", "", 3)),  # 12/3; 27/6 = 4.5
        ("2", "1", Forecast("3", "3", 1)),  # 5/2 = 2.5
        (" ".join(["2"] * 60), "1", Forecast("3", "", 12)),  # 180/72 = 2.5
        (" ".join(["2"] * 120), "1", Forecast("3", "", 0)),  # would take 24
    ],
)
def test_the_next_mark_that_lifts_the_period(given: str, weight: str, expected: Forecast) -> None:
    assert indicators.forecast(weighed(given), THRESHOLDS, Decimal(weight)) == expected


@pytest.mark.parametrize("given", ["", "зач", "5 5 5", "5 4"])
def test_there_is_nothing_to_forecast_without_numbers_or_above_the_threshold_of_5(given: str) -> None:
    assert indicators.forecast(weighed(given), THRESHOLDS) is None


@given(st.lists(st.sampled_from("2345"), min_size=1, max_size=12))
def test_the_forecast_is_the_lowest_mark_that_does_it(values: list[str]) -> None:
    found = indicators.forecast([WeighedMark(value) for value in values], THRESHOLDS)
    if found is None:
        assert marks.propose(marks.average(values) or Decimal(0), THRESHOLDS) == "5"
        return
    after = {mark: marks.propose(marks.average([*values, mark]) or Decimal(0), THRESHOLDS) for mark in "2345"}
    assert [mark for mark in "2345" if after[mark] >= found.wanted][:1] == (
        [found.next_mark] if found.next_mark else []
    )


@pytest.mark.parametrize(("on_list", "expected"), [(24, 8), (12, 4), (11, 3), (0, 0), (30, 8)])
def test_who_came_in_the_middle_is_asked_for_a_share_of_the_norm(on_list: int, expected: int) -> None:
    assert indicators.pupil_norm(8, on_list, 24) == expected


@pytest.mark.parametrize(("count", "missed", "exempt"), [(8, 5, False), (6, 2, True), (6, 1, False), (0, 8, True)])
def test_valid_absence_exempts_as_far_as_it_explains_the_missing_marks(count: int, missed: int, exempt: bool) -> None:
    assert indicators.is_exempt(count, 8, missed, Policy.default()) is exempt
    assert not indicators.is_exempt(count, 8, missed, from_settings("default", {"P13": "false"}))


def test_only_another_mark_than_the_proposed_one_needs_a_reason() -> None:
    assert indicators.deviates("5", "4")
    assert indicators.deviates("н/а", "3")
    assert not indicators.deviates("4", "4")
    assert not indicators.deviates(None, "4")
    assert not indicators.deviates("4", "")
