"""docs/what-leaves.md names every way out of the program, and every place that it names tells the event it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ejournal_core.audit_log import DESK_EVENTS
from tests.helpers.source import ROOT, defines, modules

PAGE = (ROOT / "docs" / "what-leaves.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?!what |---)(.+?) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
PLACE = re.compile(r"`(ejournal_desktop/[\w/]+\.py)`")
EVENT = re.compile(r"`(\w+)`")
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")

#: Calls by which something gets out: a file or folder is asked for, a printer, the clipboard, another program.
WAYS_OUT = {
    "getSaveFileName", "getExistingDirectory", "ask_and_print", "QPrinter", "QPrintDialog", "QPdfWriter", "openUrl",
    "setMimeData", "ask_where", "save_copy", "copy_to_look_at", "startDetached", "QDrag",
}  # fmt: skip
#: Where the ways themselves are made: who calls them stands on the page.
MEANS = {"ejournal_desktop/ui/printing.py", "ejournal_desktop/ui/file_copies.py", "ejournal_desktop/ui/save_as.py"}
TELLS = {"tell_event", "tell_copied"}


def ways_out(tree: ast.Module) -> set[str]:
    """Return by which calls a module lets something out."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {name for func in called if (name := _way(func))}


def _way(func: ast.expr) -> str:
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name == "setText" and "clipboard()" in ast.unparse(func):
        return "clipboard"
    return name if name in WAYS_OUT else ""


def told(path: str) -> set[str]:
    """Return the events that a module names while it tells one; of copies there is one kind."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {ast.unparse(call.func).rpartition(".")[2] for call in calls} & TELLS
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found = words & DESK_EVENTS if "tell_event" in names else set()
    return found | ({"copied"} if "tell_copied" in names else set())


def rows() -> Iterator[tuple[str, list[str], set[str], str]]:
    """Yield (what, places, events, the last cell) of every way on the page."""
    for what, where, event, by in ROW.findall(PAGE):
        yield what, PLACE.findall(where), set(EVENT.findall(event)), by


def unnamed(program: Iterator[tuple[str, ast.Module]]) -> list[str]:
    """Return the modules that let something out and do not stand on the page."""
    named = {place for _what, places, _events, _by in rows() for place in places}
    return [path for path, tree in program if ways_out(tree) and path not in named | MEANS]


def test_every_module_that_lets_something_out_stands_on_the_page() -> None:
    assert unnamed(modules("ejournal_desktop")) == []


def test_a_new_way_out_is_noticed() -> None:
    planted = ["QFileDialog.getSaveFileName(self, 'a')", "QApplication.clipboard().setText('a')", "ask_and_print(b)"]
    for number, code in enumerate(planted):
        assert unnamed(iter([(f"ejournal_desktop/ui/new_{number}.py", ast.parse(code))])) != []
    harmless = "label.setText('a')\nQGuiApplication.clipboard().text()"
    assert unnamed(iter([("ejournal_desktop/ui/new.py", ast.parse(harmless))])) == []


def test_each_way_on_the_page_is_real_and_tells_its_event_or_says_why_not() -> None:
    found = list(rows())
    assert len(found) >= 18
    for what, places, events, by in found:
        assert places, what
        assert all((ROOT / place).is_file() for place in places), what
        if events:
            tellers = PLACE.findall(by)
            assert tellers, what
            assert events <= DESK_EVENTS, what
            assert [place for place in tellers if not told(place) & events] == [], what
            assert set().union(*map(told, tellers)) >= events, what
        else:
            assert len(by) > 40, f"{what}: why is nothing told?"


def test_every_place_named_as_a_way_out_has_one() -> None:
    viewed = "ejournal_desktop/ui/copies_open.py"  # a backup is looked at inside the window
    places = {place for _what, places, _events, _by in rows() for place in places} - {viewed}
    still = {place: ways_out(ast.parse((ROOT / place).read_text(encoding="utf-8"))) for place in places}
    assert {place for place, ways in still.items() if not ways} == set()


def test_the_tests_and_functions_that_the_page_names_are_there() -> None:
    for path, name in TEST.findall(PAGE):
        assert defines(ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8")), name), name
    assert defines(
        ast.parse((ROOT / "ejournal_desktop/models/commands/audit_log.py").read_text("utf-8")), "tell_copied"
    )


def _makes(tree: ast.Module, name: str) -> bool:
    return any(isinstance(node, ast.Call) and ast.unparse(node.func) == name for node in ast.walk(tree))


def test_every_table_whose_lines_can_be_copied_tells_that_they_were() -> None:
    made = {path for path, tree in modules("ejournal_desktop/ui") if _makes(tree, "LineTable")}
    inside = {
        "ejournal_desktop/ui/widgets/people_sheet.py": "ejournal_desktop/ui/widgets/people_part.py",
        "ejournal_desktop/ui/widgets/register_table.py": "ejournal_desktop/ui/screens/control.py",
    }
    assert sorted(path for path in made if "copied" not in told(inside.get(path, path))) == []
