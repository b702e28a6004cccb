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
SHARES: Final = (0.055, 0.115, 0.085, 0.235, 0.07, 0.22, 0.22)  # the longest of surnames stand unbroken
ROW: Final = 9 * MM
SIZE: Final = 12.0  # points: read from a step away, with somebody else's shoulder in between


class SubstitutionList(Struct, frozen=True, kw_only=True):
    """What is printed; each line as (number, time, class, subject, room, instead of whom, who gives it)."""

    school_name: str
    day: date
    lines: tuple[tuple[str, str, str, str, str, str, str], ...]


def build_substitution_list(data: SubstitutionList) -> bytes:
    """Return the PDF; the same data give the same bytes."""
    paper = Paper()
    text = RunningText(paper, frame(landscape=True))
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(3 * MM)
    weekday = russian.WEEKDAYS[data.day.weekday()]
    text.paragraph(f"Замены на {words.day_in_words(data.day)}, {weekday}", fonts.SERIF_BOLD, 15, "centre")
    text.gap(5 * MM)
    text.table(HEADS, SHARES, data.lines, ROW, size=SIZE)
    text.end_page()
    return paper.finish()
