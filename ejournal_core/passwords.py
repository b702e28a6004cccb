"""New passwords that are tried first: those of a list, the person's own name, words of every school, rows of keys.

A password is looked at as the keys that were pressed: «пароль», gfhjkm and «зфыыцщкв» are known in either layout. The
list is that of the package zxcvbn and nobody is asked over a network. Desk and server judge by the same function; why
these are refused and no others: docs/decisions/0144.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

SHORTEST, LONGEST = 8, 256  # characters

#: Digits and signs that add nothing around a word; with more of them it is not among the first.
MOST_SIGNS = 8
#: A word of fewer letters adds nothing either.
SHORTEST_WORD = 3
#: Letters that may stand behind the stem of a known word: its other forms, initials.
MOST_ENDING = 3
ENDINGS = "аеийоуыьэюя"

KEYS = str.maketrans("ёйцукенгшщзхъфывапролджэячсмитьбю", "tqwertyuiop[]asdfghjkl;'zxcvbnm,.")
SOUNDS = str.maketrans(
    dict(zip("абвгдеёзийклмнопрстуфхцыэ", "abvgdeeziyklmnoprstufhcye", strict=True))
    | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
)
SIGNS = re.compile(r"[\s\d!?*#$%_+=@&()№/\\|~^<>:\"-]+")
MARKS = ".,;'[]"  # on these keys there are Russian letters too

ROWS = (
    "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,.", "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя".translate(KEYS),
)  # fmt: skip

SCHOOL = """школа лицей гимназия учитель учительница ученик класс классный урок журнал дневник оценка директор завуч
секретарь диспетчер администратор математика физика химия биология история география литература русский
school teacher journal ejournal lesson admin administrator director"""
#: What the list, made of Latin letters and digits, cannot hold as the keys of Russian words.
RUSSIAN = """пароль любовь люблю любимая любимый любаша люба людмила надежда юлия юля юлечка женя евгений евгения сережа
алеша жизнь семья счастье солнце солнышко зенит цска жена дружба ребенок зайка котенок мышка звезда победа хорошо
доченька сыночек мамочка здравствуй добро весна лето осень зима"""


def guessed_first(password: str, name: str = "") -> Literal["", "list", "own"]:
    """Say whether a new password is among the first that anybody would try.

    Args:
        name: whose it will be, as «Фамилия Имя Отчество»; "" where that is not known.

    Returns:
        "list" for what everybody tries, "own" for the person's name, "" for neither. How long it is is not looked at.
    """
    keys = _keys(password)
    words = {_once(each) for each in SIGNS.split(keys) if each}
    signs = len(keys) - sum(len(each) for each in SIGNS.split(keys))
    if keys in _common():
        return "list"
    if not words or signs > MOST_SIGNS:
        return ""
    own = _forms(name.split())
    strange = {word for word in words if not _is_form(word, own)}
    if not strange:
        return "own"
    return "list" if len(words) <= 2 and all(_is_tried(word) for word in strange) else ""


def _keys(text: str) -> str:
    return text.casefold().translate(KEYS)


def _once(word: str) -> str:
    """Return what a word repeats: "abcabc" is "abc"."""
    period = (word + word).find(word, 1)
    return word[:period]


def _is_tried(word: str) -> bool:
    bare = word.strip(MARKS)
    return (
        len(bare) < SHORTEST_WORD
        or not _common().isdisjoint((word, bare))
        or any(bare in row or bare in row[::-1] for row in ROWS)
        or _is_form(word, _forms(f"{SCHOOL} {RUSSIAN}".split()))
    )


def _is_form(word: str, known: Iterable[str]) -> bool:
    """Say whether a word is a form of a known stem; a short stem has short endings: «верный» is no form of «Вера»."""
    return any(word.startswith(each) and len(word) - len(each) <= min(MOST_ENDING, len(each) - 2) for each in known)


def _forms(words: Iterable[str]) -> frozenset[str]:
    """Return the keys of the stems of words, typed in either layout and spelt in Latin letters."""
    stems = [_stem(word.casefold()) for word in words if len(word) >= SHORTEST_WORD]
    return frozenset(_keys(stem) for stem in stems) | frozenset(stem.translate(SOUNDS) for stem in stems)


def _stem(word: str) -> str:
    return word[:-1] if len(word) > SHORTEST_WORD and word[-1] in ENDINGS else word


@cache
def _common() -> frozenset[str]:
    """Return the list, read when the first new password is typed: it takes 30 ms and 12 MB."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])
