"""What everybody tries first is no new password, in whichever layout it is typed; a few words of one's own are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from ejournal_core.passwords import KEYS, LONGEST, SHORTEST, guessed_first

NAME = "Иванова Мария Петровна"
RUSSIAN_KEYS = {latin: cyrillic for cyrillic, latin in KEYS.items() if cyrillic != ord("ё")}

TRIED = [
    "password", "Password1!", "12345678", "11111111", "1q2w3e4r", "qwertyui", "йцукенгш", "ЙЦУКЕНГШ", "абвгдежз",
    "пароль12", "Пароль-2026", "gfhjkm12", "зфыыцщкв", "парольпароль", "школа 2026", "irjkf2026", "учителя1",
    "журнал-1", "любовь12", "k.,jdm12", "солнышко25121980", "ландыш77", "любимая школа", "2026весна", "Юля12345",
    "ж" * LONGEST,
]  # fmt: skip

OWN = [
    "Иванова1980", "bdfyjdf80", "ivanova80", "мария1985", "иванова мария петровна", "петровна-9-1-1", "ИвановаИванова",
    "шмфтщмф80",
]  # fmt: skip

TAKEN = [
    "три синих кита", "лист осенний 7", "Ёж-и-уж7", "верный пароль", "correct horse battery staple",
    "иванова и 9 котов", "пароль89161234567", "19802512", "школа у реки", "кит-дом-7x",
]  # fmt: skip


@pytest.mark.parametrize("password", TRIED)
def test_what_everybody_tries_is_known_in_either_layout(password: str) -> None:
    assert guessed_first(password, NAME) == "list"


@pytest.mark.parametrize("password", OWN)
def test_the_persons_own_name_is_known_however_it_is_spelt(password: str) -> None:
    assert guessed_first(password, NAME) == "own"
    assert guessed_first(password, "Ким Анна Олеговна") != "own"


@pytest.mark.parametrize("password", TAKEN)
def test_a_few_words_and_what_is_merely_weak_are_taken(password: str) -> None:
    assert guessed_first(password, NAME) == ""


def test_a_short_name_is_no_part_of_longer_words() -> None:
    assert guessed_first("верный пароль", "Ким Вера Ильинична") == ""
    assert guessed_first("ильный пароль", "Ким Вера Ильинична") == ""
    assert [guessed_first(each, "Ким Вера Ильинична") for each in ("вере1985", "ким-2026", "vera1985")] == ["own"] * 3


def test_the_3000_commonest_of_enough_signs_are_refused_typed_in_latin_and_in_russian() -> None:
    commonest = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST][:3000]
    assert len(commonest) == 3000
    typed = [*commonest, *(each.translate(RUSSIAN_KEYS) for each in commonest)]
    assert [each for each in typed if guessed_first(each) == ""] == []


@given(st.text(max_size=LONGEST), st.text(max_size=60))
def test_any_text_is_judged(password: str, name: str) -> None:
    assert guessed_first(password, name) in ("", "list", "own")


def test_the_longest_password_is_judged_at_once() -> None:
    guessed_first("read the list first")
    before = time.process_time()
    for password in ("a" * LONGEST, "ab" * (LONGEST // 2), "пароль " * 36, "." * LONGEST):
        guessed_first(password, NAME)
    assert time.process_time() - before < 1
