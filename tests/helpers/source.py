"""The project's own files as data: what is tracked, and what Python says in it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ejournal_core", "ejournal_desktop", "ejournal_server")


def tracked_files() -> list[Path]:
    """Return the files of the project, new ones that are not ignored included."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file())


def text_files() -> Iterator[tuple[str, str]]:
    """Yield (path from the root, text) of every file that is text."""
    for file in tracked_files():
        try:
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield (path from the root, syntax tree) of every Python file below `folders`."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))


def defines(tree: ast.Module, dotted: str) -> bool:
    """Return whether a module has `dotted`, as "put_mark" or "MarkView.keyPressEvent"."""
    body: list[ast.stmt] = tree.body
    for name in dotted.split("."):
        found = [node for node in body if name in names_bound(node)]
        if not found:
            return False
        body = found[0].body if isinstance(found[0], ast.ClassDef) else []
    return True


def names_bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives to functions, classes and values."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign():
            return {target.id for target in node.targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, module) of every import statement, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
