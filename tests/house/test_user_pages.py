"""What the pages for people promise: every key that they name stands on the page that the program writes itself."""

from __future__ import annotations

import re

import pytest

from tests.helpers.source import ROOT

USER = ROOT / "docs" / "user"
PAGES = ("teacher.md", "five-minutes.md", "people.md")
KEY = re.compile(r"`((?:Ctrl\+|Alt\+|Shift\+)+[^`+ ]+|F\d+)`")
PEOPLE = (
    "Учитель",
    "Учитель на замене",
    "Классный руководитель",
    "Завуч",
    "Директор",
    "Диспетчер расписания",
    "Секретарь",
)

#: Heard everywhere and told of as «дальше по списку слева».
SECTION = re.compile(r"Ctrl\+\d")


@pytest.mark.parametrize("page", PAGES)
def test_every_key_that_a_person_is_told_of_is_known_to_the_program(page: str) -> None:
    known = (USER / "keys.md").read_text(encoding="utf-8")
    listed = {
        key.strip()
        for line in re.findall(r"^\| ([^|]+) \|", known, re.MULTILINE)
        for key in re.split("  или  |, ", line)
    }
    told = set(KEY.findall((USER / page).read_text(encoding="utf-8")))
    assert len(told) > 10
    assert sorted(key for key in told - listed if not SECTION.fullmatch(key)) == []


def test_each_person_of_the_desk_is_told_what_to_do_first() -> None:
    heads = re.findall(r"^## (.+)$", (USER / "five-minutes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(heads) == PEOPLE
