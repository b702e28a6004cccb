"""Замены на день: the sheet for the door of the staffroom. A working copy without number, code or signatures."""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec import Struct

from ejournal_core import russian
from ejournal_desktop.documents import fonts, words
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import MM, Paper, frame

HEADS: Final = ("Урок", "Время", "Класс", "Предмет", "Каб.", "Вместо", "Даёт урок")
SHARES: Final = (0.07, 0.13, 0.1, 0.24, 0.08, 0.18, 0.2)
ROW: Final = 9 * MM  # read from a step away, with somebody else's shoulder in between


class SubstitutionList(Struct, frozen=True, kw_only=True):
    """What is printed; each line as (number, time, class, subject, room, instead of whom, who gives it)."""

    school_name: str
    day: date
    lines: tuple[tuple[str, str, str, str, str, str, str], ...]


def build_substitution_list(data: SubstitutionList) -> bytes:
    """Return the PDF; the same data give the same bytes."""
    paper = Paper()
    text = RunningText(paper, frame())
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(3 * MM)
    weekday = russian.WEEKDAYS[data.day.weekday()]
    text.paragraph(f"Замены на {words.day_in_words(data.day)}, {weekday}", fonts.SERIF_BOLD, 15, "centre")
    text.gap(5 * MM)
    text.table(HEADS, SHARES, data.lines, ROW)
    text.end_page()
    return paper.finish()
