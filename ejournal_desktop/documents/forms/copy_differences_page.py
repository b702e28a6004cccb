"""What differs between a backup and today's journal, on paper: a working copy without number, code or signatures."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import MM, Paper, frame

HEADS: Final = ("Ученик", "Где", "Было в копии", "Стоит сегодня", "Кто и когда")
SHARES: Final = (0.20, 0.20, 0.20, 0.20, 0.20)
ROW: Final = 6 * MM
TITLE: Final = 13.0


class PrintedPage(Struct, frozen=True):
    """One page of the journal: its title, and rows of as many cells as there are heads."""

    title: str
    rows: tuple[tuple[str, str, str, str, str], ...]


class CopyDifferencesPage(Struct, frozen=True):
    """What is printed; `notes` are sentences: what is equal, what was left out."""

    school_name: str
    title: str
    subtitle: str
    notes: tuple[str, ...]
    pages: tuple[PrintedPage, ...]


def build_copy_differences(data: CopyDifferencesPage) -> bytes:
    """Return the PDF; the same data give the same bytes."""
    paper = Paper()
    text = RunningText(paper, frame(landscape=True))
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(2 * MM)
    text.paragraph(data.title, fonts.SERIF_BOLD, TITLE)
    text.paragraph(data.subtitle)
    for note in data.notes:
        text.paragraph(note)
    for page in data.pages:
        text.head(page.title)
        text.table(HEADS, SHARES, page.rows, ROW)
    text.end_page()
    return paper.finish()
