"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import chain

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.source import PACKAGES, ROOT, modules, text_files, tracked_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

#: Places of the machine on which something was written, and hosts that a mirror may stand for.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|opt|srv|home/\w+|mnt)/\w")
HOSTS = re.compile(r"(?:pypi|pythonhosted|npmjs|deb\.debian|security\.debian|ftp\.debian)\.(?:org|com)")

LOCK_LINE = re.compile(
    r"#.*|[A-Za-z0-9._-]+==[\w.+!-]+(?: ; [\w .'\"<>=!()]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?"
)


def requirements() -> list[Requirement]:
    """Return what pyproject.toml asks for, of every purpose."""
    asked = [*PROJECT["dependencies"], *chain.from_iterable(PROJECT["optional-dependencies"].values())]
    return [Requirement(line) for line in asked]


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path}: {match.group()}"
        for path, text in text_files()
        for match in [MACHINE_PATHS.search(text) or HOSTS.search(text)]
        if match and path != "tests/house/test_house_rules.py"
    ]
    assert found == []


def test_the_lock_holds_names_versions_and_hashes_and_no_host() -> None:
    assert [line for line in LOCK.splitlines() if not LOCK_LINE.fullmatch(line)] == []


def test_everything_in_the_lock_has_hashes() -> None:
    pins = re.findall(r"^\S+==.*\\\n((?:    --hash=.*\n?)*)", LOCK, re.MULTILINE)
    assert pins
    assert all(pins)


def test_the_lock_holds_every_dependency_in_a_version_that_fits() -> None:
    pinned = {canonicalize_name(name): version for name, version in re.findall(r"^(\S+)==(\S+)", LOCK, re.MULTILINE)}
    unfit = [
        f"{asked} (locked: {pinned.get(canonicalize_name(asked.name))})"
        for asked in requirements()
        if not asked.specifier.contains(pinned.get(canonicalize_name(asked.name), "0"), prereleases=True)
    ]
    assert unfit == [], "run `make lock`"


def test_every_dependency_says_why_it_was_chosen() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    silent = [asked.name for asked in requirements() if f"| {asked.name.lower()} |" not in page]
    assert silent == []


def test_nothing_is_called_utils() -> None:
    assert [str(file) for file in tracked_files() if re.search(r"util|misc|common", file.stem)] == []


def test_nobody_types_russian_with_key_clicks() -> None:
    """QTest.keyClicks with a letter outside ASCII ends the whole process; tests.helpers.typing sends key events."""
    clicks = [
        f"{path}:{call.lineno}"
        for path, tree in modules("tests", "tools")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "keyClicks"
        if not all(is_ascii_text(word) for word in call.args[1:2])
    ]
    assert clicks == []


def is_ascii_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isascii()


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path for path, tree in modules(*PACKAGES, "tools", "installer") if tree.body and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_every_make_command_that_is_spoken_of_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    spoken = {
        (path, target)
        for path, text in text_files()
        if path.endswith(".md")
        for target in re.findall(r"(?:^|`|    )make ([a-z]+)", text, re.MULTILINE)
    }
    assert [f"{path}: make {target}" for path, target in sorted(spoken) if target not in targets] == []


def test_the_build_machine_runs_what_a_person_runs() -> None:
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert last == "exec make test"
