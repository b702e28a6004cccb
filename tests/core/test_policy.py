"""The 62 parameters: all present, each with its source, presets as the regulations say, settings validated."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import policy, policy_values, presets
from ejournal_core.errors import Refusal
from ejournal_core.kinds import PolicySetting
from ejournal_core.policy import PARAMETERS, BadPolicy, Policy, from_records, from_settings, parse, preset
from tools import policy_table

CODES = [f"P{number:02}" for number in range(1, 63)]
REGULATION_OF = dict(zip(policy_table.HEADS, ("S0", "S1", "S2", "S3", "S4", "FOP"), strict=True))

#: Which parameters a regulation speaks of.
NAMED = {
    "default": "",
    "paragraf-spb-2016": "01 02 03 04 05 09 10 12 14 15 16 17 18 19 21 22 23 25 28 29 30 31 34 37 38 39 40 42 43 45"
    " 46 47 49",
    "sgo-tomsk-2021": "01 02 03 06 07 08 11 12 13 14 23 25 26 27 28 29 30 37 39 40 43 45 61",
    "portal-mo": "01 03 04 05 06 07 08 09 12 17 18 19 20 23 25 28 32 33 35 37 38 39 40 41 42 43 45",
    "avers-stavropol-2019": "01 02 03 04 05 06 07 09 11 12 14 17 18 19 22 23 24 25 26 27 28 29 30 34 36 38 39 40 42 43"
    " 44 45 46 61",
    "dnevnikru-markovo-2016": "02 03 04 05 06 07 09 10 14 18 19 20 21 22 23 27 28 32 37 39 40 42 43 45 48 49",
    "fop-2025": "01 54 55",
}

#: Which of these differ from the neutral default; the others say the same, or name no number.
DIFFERENT = {
    "default": "",
    "paragraf-spb-2016": "01 04 09 10 18 19 22 23 28 31 37 38 42 43 46",
    "sgo-tomsk-2021": "01 02 03 06 07 08 12 25 26 28 37 43 45 61",
    "portal-mo": "01 03 04 07 08 09 23 28 32 33 37 38 42",
    "avers-stavropol-2019": "01 04 05 06 07 17 22 25 26 27 34 40 42 44 46 61",
    "dnevnikru-markovo-2016": "06 07 09 18 28 32 37 39 42",
    "fop-2025": "",
}


def codes(numbers: str) -> list[str]:
    return [f"P{number}" for number in numbers.split()]


# --- all of them, each with its source ---------------------------------------------------------------------------


def test_all_62_parameters_are_there_in_order_each_with_an_attribute_of_the_policy() -> None:
    assert list(PARAMETERS) == CODES
    identifiers = [parameter.identifier for parameter in PARAMETERS.values()]
    assert [name for name in Policy.__struct_fields__ if name not in ("preset_name", "own")] == identifiers
    assert len(set(identifiers)) == 62


@pytest.mark.parametrize("code", CODES)
def test_every_parameter_has_a_russian_title_a_group_and_a_source(code: str) -> None:
    parameter = PARAMETERS[code]
    assert re.search("[А-Яа-я]", parameter.title)
    assert parameter.group in presets.GROUPS
    assert parameter.default_source.note
    assert parameter.default_source.evidence in ("V", "V-ex", "U", "own")


@pytest.mark.parametrize("name", [name for name in policy.PRESET_NAMES if name != "default"])
def test_every_value_of_a_preset_cites_its_own_regulation(name: str) -> None:
    regulation = REGULATION_OF[name]
    for code in presets.PRESETS[name]:
        source = PARAMETERS[code].source(name)
        assert all(re.fullmatch(rf"{regulation}-[A-Za-z0-9.-]+", clause) for clause in source.clauses), code
        assert source.clauses or (source.evidence == "own" and source.note), code


def test_nothing_unverified_is_stated_as_law() -> None:
    assert [code for code, parameter in PARAMETERS.items() if parameter.default_source.evidence == "U"] == ["P27"]
    assert PARAMETERS["P27"].default_source.note.startswith("Обычай школ, не норма")
    assert Policy.default().retention.article == ""
    assert all(named[2] != "U" for rows in presets.PRESETS.values() for named in rows.values())


def test_every_preset_and_regulation_has_a_title() -> None:
    assert tuple(presets.PRESET_TITLES) == policy.PRESET_NAMES
    assert list(presets.REGULATIONS) == list(REGULATION_OF.values())


# --- presets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", policy.PRESET_NAMES)
def test_a_preset_speaks_of_what_its_regulation_speaks_of(name: str) -> None:
    assert sorted(presets.PRESETS[name]) == codes(NAMED[name])


@pytest.mark.parametrize("name", policy.PRESET_NAMES)
def test_a_preset_differs_from_the_default_exactly_where_its_regulation_does(name: str) -> None:
    taken, default = preset(name), Policy.default()
    different = [c for c, p in PARAMETERS.items() if getattr(taken, p.identifier) != getattr(default, p.identifier)]
    assert different == codes(DIFFERENT[name])


def test_an_overlay_lies_over_a_regulation_and_the_rest_stays() -> None:
    both = preset("sgo-tomsk-2021+fop-2025")
    assert both.homework_deadline == policy_values.Deadline("school_last_lesson")
    assert both.source("P01").clauses == ("FOP-homework",)
    assert both.edit_window.forbidden
    assert both.source("P06").clauses == ("S1-2.3.3",)


def test_a_name_that_nobody_knows_is_refused() -> None:
    for name in ("sgo", "", "default+sgo"):
        with pytest.raises(BadPolicy):
            preset(name)


def test_the_three_regulations_that_say_when_marks_may_change() -> None:
    year_end, day = date(2027, 5, 26), date(2026, 9, 8)
    last_days = {
        name: preset(name).edit_window.last_day(day, year_end)
        for name in ("default", "sgo-tomsk-2021", "avers-stavropol-2019", "dnevnikru-markovo-2016")
    }
    assert last_days == {
        "default": date(2026, 9, 15),
        "sgo-tomsk-2021": None,
        "avers-stavropol-2019": None,
        "dnevnikru-markovo-2016": year_end,
    }


def test_never_means_that_the_window_never_closes() -> None:
    never, forbidden, month = (
        parse("P06", text) for text in ('{"days": null}', '{"days": 0}', '{"days": 0, "months": 1}')
    )
    assert (never.never_closes, never.forbidden) == (True, False)
    assert (forbidden.never_closes, forbidden.forbidden) == (False, True)
    assert month.last_day(date(2027, 1, 31), date(2027, 5, 26)) == date(2027, 2, 28)
    assert month.last_day(date(2027, 5, 20), date(2027, 5, 26)) == date(2027, 5, 26)


@pytest.mark.parametrize(
    ("name", "hours", "expected"),
    [
        ("default", "0.5", (3, 3)), ("default", "1", (3, 3)), ("default", "2", (5, 5)), ("default", "3", (8, 8)),
        ("default", "4", (10, 10)), ("default", "6", (14, 14)), ("default", "2.5", (5, 5)),
        ("sgo-tomsk-2021", "1", (3, 5)),
        ("sgo-tomsk-2021", "2", (3, 5)), ("sgo-tomsk-2021", "2.5", (8, 10)), ("sgo-tomsk-2021", "3", (8, 10)),
        ("sgo-tomsk-2021", "4", (11, 14)), ("sgo-tomsk-2021", "6", (16, 20)),
    ],
)  # fmt: skip
def test_the_least_number_of_marks_by_weekly_hours(name: str, hours: str, expected: tuple[int, int]) -> None:
    row = preset(name).min_marks.row_for(Decimal(hours))
    assert (row.minimum, row.recommended) == expected


def test_the_hole_at_two_hours_is_marked_as_not_from_the_regulation() -> None:
    rows = preset("sgo-tomsk-2021").min_marks.rows
    assert [row.weekly_hours for row in rows if not row.by_regulation] == [Decimal(2)]


def test_grades_have_their_own_terms_and_periods() -> None:
    stavropol, markovo = preset("avers-stavropol-2019"), preset("dnevnikru-markovo-2016")
    assert [stavropol.written_term_days(grade) for grade in (1, 2, 9, 10)] == [7, 5, 5, 7]
    bands = [(band.scheme, [grade for grade in (1, 2, 9, 10) if band.holds(grade)]) for band in markovo.period_scheme]
    assert bands == [("trimester", [2, 9]), ("half_year", [10])]


def test_absence_codes_say_what_they_mean() -> None:
    default = Policy.default()
    ill, late = default.absence_code("Б"), default.absence_code("ОП")
    assert ill is not None
    assert late is not None
    assert (ill.excused, ill.counts_as_missed, late.counts_as_missed, late.late) == (True, True, False, True)
    assert preset("avers-stavropol-2019").absence_code("ОП") is None


# --- the school's own values -------------------------------------------------------------------------------------


def test_the_schools_own_value_wins_and_names_its_regulation() -> None:
    setting = PolicySetting(id="P48", value="12", basis="Приказ № 7 от 01.09.2026")
    taken = PolicySetting(id="preset", value='"avers-stavropol-2019"')
    voided = PolicySetting(id="P47", value="1", voided=True)
    school = from_records([setting, taken, voided])
    assert (school.auto_lock_minutes, school.max_columns_per_lesson) == (12, 5)
    assert school.source("P48").note == "Приказ № 7 от 01.09.2026"
    assert school.source("P06").clauses == ("S3-A2-2.1.4d",)
    assert school.source("P47").evidence == "own"
    assert from_records([]) == Policy.default()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("P01", '{"anchor": "noon"}'), ("P04", '{"anchor": "clock", "clock": "25:00"}'), ("P05", "[]"),
        ("P06", '{"days": -1}'), ("P06", '{"dayz": 1}'), ("P06", "7"), ("P06", ""), ("P12", '{"rows": []}'),
        ("P12", '{"rows": [{"weekly_hours": 2, "minimum": 1, "recommended": 1},'
                ' {"weekly_hours": 2, "minimum": 2, "recommended": 2}]}'),
        ("P12", '{"rows": [{"weekly_hours": 0, "minimum": 1, "recommended": 1}]}'),
        ("P13", "1"), ("P14", "[0]"), ("P17", "[]"), ("P29", '{"month": 2, "day": 30}'), ("P47", "0"),
        ("P51", '{"five": "4.5", "four": "4.5", "three": "2.5"}'),
        ("P51", '{"five": "5.1", "four": "4", "three": "3"}'),
        ("P51", '{"five": "NaN", "four": "4", "three": "3"}'), ("P60", '"ten_point"'),
        ("P12", '{"rows": [{"weekly_hours": "Infinity", "minimum": 1, "recommended": 1}]}'),
        ("P05", '[{"first_grade": 9, "last_grade": 2, "days": 7}]'),
    ],
)  # fmt: skip
def test_a_value_that_a_parameter_cannot_take_is_refused_by_name(code: str, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_settings("default", {code: text})
    refusal = caught.value
    assert isinstance(refusal, Refusal)
    assert refusal.code == "EJ-280"
    assert refusal.details == {"parameter": code}
    assert refusal.sentence.startswith(f"Параметр {code} «{PARAMETERS[code].title}»: такого значения не бывает")


def test_the_refusal_names_the_place_of_the_mistake() -> None:
    with pytest.raises(BadPolicy) as caught:
        parse("P12", '{"rows": [{"weekly_hours": 1, "minimum": "много", "recommended": 3}]}')
    assert caught.value.sentence.endswith("такого значения не бывает (место: rows[0].minimum).")


def test_an_unknown_code_is_refused_by_name() -> None:
    with pytest.raises(BadPolicy, match="P999"):
        from_settings("default", {"P999": "1"})


@pytest.mark.parametrize(
    ("code", "value"),
    [("P06", "7"), ("P06", '{"days": 1000000000000}'), ("P999", "1"), ("preset", "default"), ("preset", "7"),
     ("preset", '"нет такого"'), ("preset", '"default+нет такого"')],
)  # fmt: skip
def test_one_setting_that_cannot_be_read_does_not_stop_a_school(code: str, value: str) -> None:
    good = PolicySetting(id="P48", value="12")
    school = from_records([good, PolicySetting(id=code, value=value)])
    assert school == from_records([good])


@pytest.mark.parametrize("name", policy.PRESET_NAMES)
def test_every_value_survives_being_written_as_a_setting(name: str) -> None:
    taken = preset(name)
    settings = {c: policy.to_text(getattr(taken, p.identifier)) for c, p in PARAMETERS.items()}
    again = from_settings("default", settings)
    assert [getattr(again, p.identifier) for p in PARAMETERS.values()] == [
        getattr(taken, p.identifier) for p in PARAMETERS.values()
    ]


@given(st.integers(200, 500), st.integers(200, 500), st.integers(200, 500))
def test_thresholds_keep_their_exact_decimals(five: int, four: int, three: int) -> None:
    numbers = [f"{value // 100}.{value % 100:02}" for value in (five, four, three)]
    text = '{{"five": {}, "four": {}, "three": {}}}'.format(*numbers)
    if five > four > three:
        value = parse("P51", text)
        assert [value.five, value.four, value.three] == [Decimal(number) for number in numbers]
    else:
        with pytest.raises(BadPolicy):
            parse("P51", text)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 24))
def test_months_are_added_within_their_lengths(day: date, months: int) -> None:
    later = policy_values.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    if later.day != day.day:
        assert later.day < day.day
        assert (later + timedelta(days=1)).day == 1


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_page_of_policies_shows_what_the_code_says() -> None:
    page = policy_table.PAGE.read_text(encoding="utf-8")
    assert page == policy_table.page_with(page, policy_table.table()), "run python -m tools.policy_table"
