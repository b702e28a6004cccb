"""What no text of a school has, and what would keep a program busy for minutes."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

MOST_MARKS = 30  # one after the other: the stream-safe text of UAX #15


def heaps_marks(text: str) -> bool:
    """Say whether more than 30 combining marks follow each other: to sort them takes the square of their number."""
    return len(text) > MOST_MARKS and not text.isascii() and _heap().search(text) is not None


@cache
def _heap() -> re.Pattern[str]:
    marks = "".join(re.escape(chr(i)) for i in range(0x300, sys.maxunicode + 1) if unicodedata.combining(chr(i)))
    return re.compile(f"[{marks}]{{{MOST_MARKS + 1}}}")
