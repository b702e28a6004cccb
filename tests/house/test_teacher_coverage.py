"""docs/teacher-coverage.md names clauses, places and tests: a page that nobody checks would soon promise too much."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from ejournal_core.policy import PARAMETERS
from tests.helpers.source import PACKAGES, ROOT, defines, modules

PAGE = (ROOT / "docs" / "teacher-coverage.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \*\*(\S+)\*\* \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
PLACE = re.compile(r"`(ejournal_[\w/]+\.py)(?:: ([\w.]+))?`")
OPEN, CLAUSES, PARAMETER_TABLE = re.split(r"^## (?:Clauses|Parameters)$", PAGE, flags=re.MULTILINE)

#: Where a parameter is declared and written down, not asked for.
HOMES = ("ejournal_core/policy.py", "ejournal_core/policy_values.py", "ejournal_core/presets.py")


@cache
def tree_of(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def test_every_test_that_the_page_names_is_there() -> None:
    named = TEST.findall(PAGE)
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / "tests" / path).is_file() or not defines(tree_of(f"tests/{path}"), name)
    ]
    assert missing == []


def test_every_place_that_the_page_names_is_there() -> None:
    missing = [
        f"{path}: {name}"
        for path, name in PLACE.findall(PAGE)
        if not (ROOT / path).is_file() or (name and not defines(tree_of(path), name))
    ]
    assert missing == []


def test_each_clause_stands_once_with_its_test_or_says_that_it_is_not_covered() -> None:
    rows = ROW.findall(CLAUSES)
    ids = [row[0] for row in rows]
    assert ids
    assert len(ids) == len(set(ids)) == CLAUSES.count("\n| **")
    unproved = [row[0] for row in rows if not TEST.search(row[3]) and "not covered" not in row[2]]
    assert unproved == []


def test_what_is_not_wholly_covered_stands_under_open_and_nothing_else_does() -> None:
    lacking = {row[0] for row in ROW.findall(CLAUSES) if re.search(r"(?:^|\| )(?:not covered|in part)\b", row[2])}
    told = set(re.findall(r"\bS\d-[A-Z]?[\w.-]+", OPEN.split("\n## Open\n")[1]))
    assert told == lacking
    counts = [int(number) for number in re.findall(r"(\d+) (?:clauses|are covered|in part|not\b)", OPEN.split("##")[0])]
    everything, covered, part, none = counts
    assert everything == len(ROW.findall(CLAUSES)) == covered + part + none
    assert part + none == len(lacking)


@cache
def asked_for() -> frozenset[str]:
    """Return the names that the code asks some object for, the homes of the parameters apart."""
    return frozenset(
        node.attr
        for path, tree in modules(*PACKAGES)
        if path not in HOMES
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    )


def ways_to(identifier: str) -> set[str]:
    """Return what of `Policy` reads a parameter: its own name, and the methods that use it."""
    (policy,) = (n for n in tree_of(HOMES[0]).body if isinstance(n, ast.ClassDef) and n.name == "Policy")
    methods = {
        method.name
        for method in policy.body
        if isinstance(method, ast.FunctionDef)
        and any(isinstance(node, ast.Attribute) and node.attr == identifier for node in ast.walk(method))
    }
    of_classes = {"period_scheme"}  # a field of ClassGroup as well: only the method is the parameter's
    return methods | ({identifier} - of_classes)


@pytest.mark.parametrize("code", PARAMETERS)
def test_the_page_says_truly_whether_a_parameter_is_read(code: str) -> None:
    (row,) = (row for row in ROW.findall(PARAMETER_TABLE) if row[0] == code)
    identifier = PARAMETERS[code].identifier
    assert row[1] == f"`{identifier}`"
    is_read = not ways_to(identifier).isdisjoint(asked_for())
    assert row[2].startswith("nothing reads it") is not is_read
    assert bool(TEST.search(row[3])) is is_read
