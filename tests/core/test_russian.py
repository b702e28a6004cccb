"""Russian text: sorting with Ё, searching, names, noun forms, dates."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import russian


def test_yo_sorts_with_ye_and_after_it_where_all_else_is_equal() -> None:
    names = ["Жуков", "Ёлкин", "Елкин", "Ежов", "Ёжиков", "Яшин", "Дёмин", "Демидов"]
    assert sorted(names, key=russian.sort_key) == [
        "Демидов", "Дёмин", "Ёжиков", "Ежов", "Елкин", "Ёлкин", "Жуков", "Яшин",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Present Perfect", True), ("Present Perfect: вопросы", False), ("Дроби", False), ("ЁЖ", False), ("", False),
        ("§ 5, № 12", False), ("x + 2 = 7", False), ("Präteritum", True), ("и\u0306", False),
    ],
)  # fmt: skip
def test_a_text_with_words_and_none_of_them_russian_is_known(text: str, without: bool) -> None:
    assert russian.has_no_russian(text) is without


def test_a_shorter_surname_comes_before_a_double_one() -> None:
    names = ["Иванов-Петров Антон", "Ивановский Борис", "Иванов Яков", "иванов Борис"]
    assert sorted(names, key=russian.sort_key) == [
        "иванов Борис", "Иванов-Петров Антон", "Иванов Яков", "Ивановский Борис",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["ёлкин", "Елкин", "ЁЛКИН", " елкин ", "е\u0308лкин"])
def test_a_name_is_found_however_its_yo_is_typed(typed: str) -> None:
    assert russian.text_key(typed) == russian.text_key("Ёлкин")


def test_hyphens_dashes_and_quotes_are_one_space() -> None:
    assert russian.text_key("Римский-Корсаков") == russian.text_key("римский — корсаков") == "римский корсаков"
    assert russian.text_key("7 «Б»") == "7 б"


@given(st.text(st.sampled_from("еёЕЁжЖ- ая"), max_size=8))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    key = russian.text_key(text)
    assert russian.text_key(key) == key
    assert russian.text_key(unicodedata.normalize("NFD", text)) == key


@given(st.lists(st.text(st.sampled_from("еёЕЁжЖ- ая"), max_size=8), max_size=6))
def test_sorting_does_not_depend_on_the_order_given(texts: list[str]) -> None:
    keys = sorted(map(russian.sort_key, texts))
    assert keys == sorted(map(russian.sort_key, reversed(texts)))
    assert [key.split("\x1f")[0] for key in keys] == sorted(map(russian.text_key, texts))


@pytest.mark.parametrize(
    ("parts", "short", "full"),
    [
        (("Иванова", "Мария", "Петровна"), "Иванова М. П.", "Иванова Мария Петровна"),
        (("Ким", "Алексей", ""), "Ким А.", "Ким Алексей"),
        (("Мамедов", "Эльчин", "Теймур оглы"), "Мамедов Э. Т.", "Мамедов Эльчин Теймур оглы"),
        (("Римская-Корсакова", "Анна-Мария", "Львовна"), "Римская-Корсакова А.-М. Л.",
         "Римская-Корсакова Анна-Мария Львовна"),
        (("Сидоров", "", ""), "Сидоров", "Сидоров"),
    ],
)  # fmt: skip
def test_names_long_and_short(parts: tuple[str, str, str], short: str, full: str) -> None:
    assert russian.short_name(*parts) == short
    assert russian.full_name(*parts) == full


@pytest.mark.parametrize(
    ("number", "phrase"),
    [
        (0, "0 записей"), (1, "1 запись"), (2, "2 записи"), (4, "4 записи"), (5, "5 записей"), (11, "11 записей"),
        (12, "12 записей"), (14, "14 записей"), (21, "21 запись"), (22, "22 записи"), (111, "111 записей"),
        (1001, "1001 запись"),
    ],
)  # fmt: skip
def test_nouns_follow_their_numbers(number: int, phrase: str) -> None:
    assert russian.counted(number, "запись", "записи", "записей") == phrase


def test_leaves_are_counted_in_digits_and_words() -> None:
    assert russian.leaves_in_words(112, "сто двенадцать") == "112 (сто двенадцать) листов"
    assert russian.leaves_in_words(101, "сто один") == "101 (сто один) лист"
    assert russian.leaves_in_words(42, "сорок два") == "42 (сорок два) листа"


def test_dates_and_decimals_as_people_write_them() -> None:
    day = date(2026, 11, 21)
    assert russian.date_in_words(day) == "21 ноября 2026 г."
    assert russian.day_and_weekday(day) == "21 ноября, суббота"
    assert russian.decimal_text(Decimal("4.67")) == "4,67"
    assert russian.decimal_text(Decimal("1E+2")) == "100"
