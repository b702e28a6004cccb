"""How the program speaks to people, asked of every text in its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.helpers.source import PACKAGES, modules

#: «поставил(а)», «ученик(и)»: two forms at once; nobody speaks so.
TWO_FORMS = re.compile(r"[а-яё]\(-?[а-яё]{1,4}\)")


def texts() -> Iterator[tuple[str, str]]:
    """Yield where it stands and what it says, of every text in the packages."""
    for path, tree in modules(*PACKAGES):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path}:{node.lineno}", node.value


def test_nobody_is_spoken_of_in_two_forms_at_once() -> None:
    """Of an author the sex is not kept: «Поставлено: Иванова М. П.» says it without a bracket."""
    assert [f"{place}: {text}" for place, text in texts() if TWO_FORMS.search(text)] == []
