"""What a key pressed in the grid means: a mark, a letter of attendance, the stroke of a double mark, or a longer code.

Russian letters are understood in either keyboard layout: a Latin letter stands for the Russian one on the same key, or,
where that one means nothing, for the one it looks like (a teacher who presses H means «н»).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt

from ejournal_core.kinds import Presence

#: A key with one of these is a command, no entry.
COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю"
_SAME_KEY = dict(zip(_LATIN, _RUSSIAN, strict=True))
#: Keys that mean nothing in a cell yet are letters of a word: «ё», and Б, Ю, Х, Ъ, Ж, Э with Shift.
_IN_WORDS = {**_SAME_KEY, **dict(zip('`~<>{}:"', "ёёбюхъжэ", strict=True))}
_LOOKS_LIKE = {"h": "н", "o": "о"}

#: Letters that say where the pupil was, with the reason that the letter claims.
ABSENCE: dict[str, tuple[Presence, str]] = {
    "н": ("absent", ""),
    "б": ("absent", "Б"),
    "у": ("absent", "У"),
    "о": ("late", ""),
}

#: Longer codes by first letter; in a lesson «н» and «о» speak of attendance, so the codes need a letter of their own.
LESSON_CODES = {"з": ("зач", "нз")}
PERIOD_CODES = {"з": ("зач", "нз"), "н": ("н/а", "нз"), "о": ("осв",)}
CODE_NAMES = {"зач": "зачёт", "нз": "незачёт", "н/а": "не аттестован", "осв": "освобождён"}

DEBT = "."
STROKES = "/"
#: Keys that are the stroke right after a digit: what "/" gives in the Russian layout, with and without Shift.
STROKES_AFTER_DIGIT = "/.,"


@dataclass(frozen=True)
class Entry:
    """One meaning of a key: a finished value, a presence, the stroke before a second mark, or codes to choose from."""

    kind: Literal["value", "presence", "stroke", "codes"]
    value: str = ""
    presence: Presence = "present"
    claimed_reason: str = ""
    codes: tuple[str, ...] = ()


def as_russian(text: str) -> str:
    """Return a text typed in the Latin layout as the Russian letters on the same keys; Russian ones stay."""
    return "".join(_IN_WORDS.get(sign, sign) for sign in text.lower())


def read_key(text: str, *, period: bool, after_digit: bool) -> Entry | None:
    """Return what a typed character means in a cell, None when nothing.

    Args:
        text: what the key gave in the layout in force.
        period: the cell is a period mark, where nobody is absent.
        after_digit: a digit was typed in this cell just before.
    """
    if len(text) != 1:
        return None
    if text in STROKES or (after_digit and text in STROKES_AFTER_DIGIT):
        return Entry("stroke")
    if text.isdigit() and text.isascii():
        return Entry("value", value=text)
    if text == DEBT and not period:
        return Entry("value", value=DEBT)
    return _read_letter(text.lower(), period=period)


def _read_letter(letter: str, *, period: bool) -> Entry | None:
    codes = PERIOD_CODES if period else LESSON_CODES
    for meant in (letter, _SAME_KEY.get(letter, ""), _LOOKS_LIKE.get(letter, "")):
        if not period and meant in ABSENCE:
            presence, reason = ABSENCE[meant]
            return Entry("presence", presence=presence, claimed_reason=reason)
        if meant in codes:
            return _codes_entry(codes[meant])
    return None


def _codes_entry(codes: tuple[str, ...]) -> Entry:
    return Entry("value", value=codes[0]) if len(codes) == 1 else Entry("codes", codes=codes)
