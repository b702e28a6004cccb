"""The architecture as tests: a drawing goes stale, a failing test does not."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import msgspec
import pytest

from ejournal_core.kinds import KINDS
from ejournal_desktop.models import tables
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES
from tests.helpers.source import PACKAGES, ROOT, defines, imported, modules

MAP = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
ERROR_PAGES = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
CODE = re.compile(r"EJ-\d{3}")
QT_HOMES = ("ejournal_desktop/ui/", "ejournal_desktop/app.py")
PATTERN_WORDS = re.compile(r"(Manager|Service|Handler|Helper|Utils?|Base)$|^(Base|Abstract)[A-Z]")


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    judged = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout


def test_a_circle_of_modules_breaks_the_contract_even_if_it_is_one_of_types_inside_packages(tmp_path: Path) -> None:
    school, typed = tmp_path / "school", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
    for path, text in {
        "__init__.py": "",
        "bell.py": "def ring():\n    from school.rooms import hall",
        "rooms/__init__.py": "",
        "rooms/hall.py": f"{typed}from school import bell",
    }.items():
        (school / path).parent.mkdir(exist_ok=True)
        (school / path).write_text(text, encoding="utf-8")
    (tmp_path / "importlinter.ini").write_text(
        "[importlinter]\nroot_packages=\n  school\ncontract_types=\n  no_circles: tools.import_circles.NoCircles\n"
        "[importlinter:contract:circles]\nname=circles\ntype=no_circles\n",
        encoding="utf-8",
    )
    linter = Path(sys.executable).with_name("lint-imports")
    judged = subprocess.run(
        [linter, "--no-logo", "--no-cache", "--config", "importlinter.ini"], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 1, judged.stdout
    assert "school.bell -> school.rooms.hall -> school.bell" in judged.stdout.replace("\n", " ")


def test_at_run_time_no_module_knows_one_that_knows_it() -> None:
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True)
    TopologicalSorter({each: graph.find_modules_directly_imported_by(each) for each in graph.modules}).prepare()


def test_qt_is_imported_in_the_window_and_nowhere_else() -> None:
    strays = [
        f"{path}:{line}"
        for path, tree in modules(*PACKAGES)
        for line, module in imported(tree)
        if module.split(".")[0] in {"PySide6", "shiboken6"} and not path.startswith(QT_HOMES)
    ]
    assert strays == []


def test_no_class_is_named_after_a_pattern() -> None:
    named = [
        f"{path}: {node.name}"
        for path, tree in modules(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and PATTERN_WORDS.search(node.name)
    ]
    assert named == []


# --- the map --------------------------------------------------------------------------------------------------------


def test_every_name_on_the_map_is_where_the_map_says() -> None:
    spots = re.findall(r"`([\w/]+\.py): ([\w.]+)`", MAP)
    assert spots, "the map names no place at all"
    assert [f"{path}: {name}" for path, name in spots if not is_there(path, name)] == []


def is_there(path: str, name: str) -> bool:
    file = ROOT / path
    return file.is_file() and defines(ast.parse(file.read_text(encoding="utf-8")), name)


def test_every_path_on_the_map_exists() -> None:
    """A name without its folder is one of its neighbours in the table: a module of a package or a folder of tests."""
    paths = re.findall(r"`([\w./-]+(?:/|\.py|\.md|\.toml|\.txt))(?:: [\w.]+)?`", MAP)
    homes = [ROOT, *(ROOT / package for package in PACKAGES), ROOT / "tests"]
    assert [path for path in paths if not any((home / path).exists() for home in homes)] == []


def test_every_module_of_the_packages_is_on_the_map() -> None:
    shown = set(re.findall(r"[\w]+", MAP))
    unseen = [
        child.name
        for package in PACKAGES
        for child in sorted((ROOT / package).iterdir())
        if (child.suffix == ".py" or (child / "__init__.py").exists()) and child.stem not in shown | {"__init__"}
    ]
    assert unseen == []


# --- a kind is named twice, and both must agree ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_has_its_column_and_the_other_way_round(kind: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(KINDS[kind])}
    table = tables.metadata.tables[tables.table_name(kind)]
    columns = {column.name for column in table.columns}
    missing = [f"{table.name}.{name} is missing in models/tables.py" for name in sorted(fields - columns)]
    extra = columns - fields - set(tables.OWN_COLUMNS)
    missing += [f"{kind}.{name} is missing in ejournal_core/kinds.py" for name in sorted(extra)]
    assert missing == []


# --- an error is a code, a sentence and a page ----------------------------------------------------------------------


def codes_in_the_program(*packages: str) -> dict[str, str]:
    """Return code → the file that uses it, the tables of sentences apart."""
    return {
        code: str(file.relative_to(ROOT))
        for package in packages or PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if file.name not in {"sentences.py", "messages.py"}
        for code in CODE.findall(file.read_text(encoding="utf-8"))
    }


def test_every_error_code_has_its_page() -> None:
    pages = re.findall(r"^### (EJ-\d{3})", ERROR_PAGES, re.MULTILINE)
    without = [f"{code} ({file})" for code, file in sorted(codes_in_the_program().items()) if code not in pages]
    assert without == []
    assert len(pages) == len(set(pages)), "a code has two pages"


def test_every_page_belongs_to_an_error_code() -> None:
    pages = set(re.findall(r"^### (EJ-\d{3})", ERROR_PAGES, re.MULTILINE))
    assert sorted(pages - set(codes_in_the_program())) == []


def test_every_trouble_that_reaches_the_desk_has_its_words() -> None:
    codes = codes_in_the_program("ejournal_core", "ejournal_desktop")
    met = {code for code in codes if code >= "EJ-300" or "EJ-250" <= code < "EJ-280"}  # the others are refusals
    assert sorted(met - set(SENTENCES) - set(ANSWERS)) == []
    assert sorted(set(SENTENCES) - met) == []


def test_every_page_answers_what_happened_and_what_to_do() -> None:
    pages = re.split(r"^### ", ERROR_PAGES, flags=re.MULTILINE)[1:]
    assert [page[:6] for page in pages if len(page.strip().splitlines()) < 3] == []
