"""Invented people for demonstrations: put together from `resources/demo/names.toml`, the same for the same seed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Literal

import msgspec
from msgspec import Struct

UNUSUAL_EVERY = 36

_ENDINGS = (("ский", "ская"), ("ый", "ая"), ("ий", "ая"), ("ов", "ова"), ("ев", "ева"), ("ёв", "ёва"), ("ин", "ина"))


class NamePool(Struct, frozen=True, forbid_unknown_fields=True):
    """What names are made of; `patronymics` are pairs of masculine and feminine, `unusual` whole names with sex."""

    surnames: list[str]
    male: list[str]
    female: list[str]
    patronymics: list[tuple[str, str]]
    unusual: list[tuple[str, str, str, Literal["m", "f"]]]


class InventedName(Struct, frozen=True):
    """A person who does not exist."""

    last_name: str
    first_name: str
    patronymic: str
    sex: Literal["m", "f"]


def read_names(path: Path) -> NamePool:
    """Return the pool of names that lies beside the demo school."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), NamePool)


def feminine(surname: str) -> str:
    """Return the feminine form of a masculine surname; those that do not change stay as they are."""
    for masculine, ending in _ENDINGS:
        if surname.endswith(masculine):
            return surname.removesuffix(masculine) + ending
    return surname


def invented_names(pool: NamePool, random: Random) -> Iterator[InventedName]:
    """Yield names without end, no two the same until the pool is used up; one in about forty is unusual."""
    unusual = iter(pool.unusual)
    seen: set[InventedName] = set()
    while True:
        for _ in range(UNUSUAL_EVERY):
            name = invented_name(pool, random, "f" if random.random() < 0.5 else "m")
            while name in seen and len(seen) < 20_000:
                name = invented_name(pool, random, name.sex)
            seen.add(name)
            yield name
        whole = next(unusual, None)
        if whole:
            yield InventedName(*whole)


def invented_name(pool: NamePool, random: Random, sex: Literal["m", "f"]) -> InventedName:
    """Return one name of the given sex; three in a hundred surnames are double."""
    last_name = random.choice(pool.surnames)  # nothing secret
    if random.random() < 0.03:  # nothing secret
        last_name = "-".join(random.sample(pool.surnames, 2))
    masculine, female = random.choice(pool.patronymics)  # nothing secret
    if sex == "m":
        return InventedName(last_name, random.choice(pool.male), masculine, "m")  # nothing secret
    double = "-".join(map(feminine, last_name.split("-")))
    return InventedName(double, random.choice(pool.female), female, "f")  # nothing secret
