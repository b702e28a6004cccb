"""docs/asvs.md says which requirement is held by what: all of level 2 are there, and every name on it is real."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.helpers.source import ROOT, defines

NAMES = ("asvs.md", "security.md", "recovery.md", "administrator-coverage.md")
PAGES = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in NAMES}
PAGE = PAGES["asvs.md"]
ROW = re.compile(r"^\| \*\*(V[\d.]+)\*\* \| (.+?) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
PLACE = re.compile(r"`((?:ejournal_|installer/)[\w/.-]+\.\w+)(?:: ([\w.]+))?`")
LINK = re.compile(r"\]\(([\w/.-]+\.md)\)")

#: How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; those of level 3 stand behind.
SECTIONS = {
    "V1.1": 2, "V1.2": 9, "V1.3": 11, "V1.4": 3, "V1.5": 2, "V2.1": 3, "V2.2": 3,
    "V2.3": 4, "V2.4": 1, "V4.1": 3, "V4.2": 1, "V5.1": 1, "V5.2": 3, "V5.3": 2,
    "V5.4": 3, "V6.1": 3, "V6.2": 12, "V6.3": 4, "V6.4": 4, "V6.5": 5, "V6.6": 3,
    "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5, "V7.5": 2, "V8.1": 2, "V8.2": 3,
    "V8.3": 1, "V8.4": 1, "V9.1": 3, "V9.2": 4, "V11.1": 2, "V11.2": 3, "V11.3": 3,
    "V11.4": 4, "V11.5": 1, "V11.6": 1, "V12.1": 3, "V12.2": 2, "V12.3": 4, "V13.1": 1,
    "V13.2": 5, "V13.3": 2, "V13.4": 5, "V14.1": 2, "V14.2": 4, "V14.3": 3, "V15.1": 3,
    "V15.2": 3, "V15.3": 7, "V16.1": 1, "V16.2": 5, "V16.3": 4, "V16.4": 3, "V16.5": 3,
}  # fmt: skip


@cache
def tree_of(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def wanted() -> list[str]:
    """Return every requirement that is ours to answer, in order."""
    return [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]


def test_every_requirement_stands_on_the_page_once() -> None:
    assert [row[0] for row in ROW.findall(PAGE)] == wanted()


@pytest.mark.parametrize("name", PAGES)
def test_every_test_that_a_page_names_is_there(name: str) -> None:
    named = TEST.findall(PAGES[name])
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / "tests" / path).is_file() or not defines(tree_of(f"tests/{path}"), test)
    ]
    assert missing == []
    assert named or name == "security.md"


@pytest.mark.parametrize("name", PAGES)
def test_every_place_that_a_page_names_is_there(name: str) -> None:
    missing = [
        f"{path}: {what}"
        for path, what in PLACE.findall(PAGES[name])
        if not (ROOT / path).exists() or (what and not defines(tree_of(path), what))
    ]
    assert missing == []
    assert [link for link in LINK.findall(PAGES[name]) if not (ROOT / "docs" / link).is_file()] == []


def test_what_is_said_to_be_held_is_held_by_something() -> None:
    bare = [
        row[0]
        for row in ROW.findall(PAGE)
        if not row[2].startswith(("not ", "in part: ")) and not (TEST.search(row[3]) or LINK.search(row[2]))
    ]
    assert bare == ["V6.5.4"], "the length of a code is a number in its module"


def test_the_page_counts_truly_and_says_first_what_is_not_met() -> None:
    rows = ROW.findall(PAGE)
    begins = {word: [row[0] for row in rows if row[2].startswith(word)] for word in ("not met:", "in part:", "not app")}
    held = len(rows) - sum(map(len, begins.values()))
    told = re.sub(r"\s+", " ", PAGE.split("## Not ours")[0])
    met, part, no = (len(begins[word]) for word in ("not met:", "in part:", "not app"))
    assert f"of the {len(rows)} others {held} are held, {part} in part, {met} not met and {no} do not apply" in told
    open_ = PAGE.split("## Not met\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| (V[\d.]+) ", open_, re.MULTILINE) == begins["not met:"]
