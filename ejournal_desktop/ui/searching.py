"""What is typed to find something, whichever layout the keyboard was in: the one way of every field that searches."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from ejournal_desktop.ui.grids.keys import as_russian

Found = TypeVar("Found")

_LATIN = re.compile("[a-z]", re.IGNORECASE)
_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)


def readings(typed: str) -> tuple[str, ...]:
    """Return what a typed text may mean, the likeliest first: as it stands, or on the same keys of the Russian layout.

    A word with a Russian letter was typed as it was meant. «7,» has no letter, yet may be «7б»: that is tried first,
    since signs are not looked for.
    """
    meant = "".join(part if _RUSSIAN.search(part) else as_russian(part) for part in re.split(r"(\s+)", typed))
    if meant == typed.lower():
        return (typed,)
    return (typed, meant) if _LATIN.search(typed) else (meant, typed)


def first_found(typed: str, find: Callable[[str], Sequence[Found]]) -> Sequence[Found]:
    """Return what the likeliest reading finds that finds anything."""
    return next((found for found in map(find, readings(typed)) if found), ())


class TypedLetters:
    """Letters pressed one after the other on a list or a table, where there is no line to see them in."""

    def __init__(self) -> None:
        self.typed = ""

    def forget(self) -> None:
        """Begin anew with the next letter."""
        self.typed = ""

    def add(self, letter: str, find: Callable[[str], Sequence[Found]]) -> Sequence[Found]:
        """Return what all letters so far find; where they find nothing, the last one alone begins anew."""
        for typed in (self.typed + letter, letter):
            found = first_found(typed, find)
            if found:
                self.typed = typed
                return found
        return ()
