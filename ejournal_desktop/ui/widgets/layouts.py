"""How parts of a screen stand together: a page that scrolls as a whole, buttons in a row, words at a field."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme

MARGIN = 4 * theme.UNIT
READING = 360 * theme.UNIT  # wider, the eye loses the row between its two ends


def scrolling(page: QWidget, parent: QWidget) -> QScrollArea:
    """Return a page without a frame that scrolls as a whole; the focus stays with what stands on it."""
    area = QScrollArea(parent)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area


def not_wider(part: QWidget) -> QHBoxLayout:
    """Return a part that grows with the window up to what can be read as one row; the rest of the width stays empty."""
    part.setMaximumWidth(READING)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(part, 1)
    row.addStretch(0)
    return row


def in_a_row(*parts: QWidget, gap: int | None = None) -> QHBoxLayout:
    """Return parts side by side from the left, `gap` logical pixels apart or as the style has it."""
    row = QHBoxLayout()
    if gap is not None:
        row.setSpacing(gap)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row


def set_in(part: QWidget, above: int = 0, below: int = 0) -> QVBoxLayout:
    """Return a part as far from the edges as the words of the lists; a label's own margins give way to a style sheet.

    Args:
        above, below: room in logical pixels.
    """
    holder = QVBoxLayout()
    holder.setContentsMargins(MARGIN, above, MARGIN, below)
    holder.addWidget(part)
    return holder


def caption(words: str, field: QWidget, parent: QWidget) -> QLabel:
    """Return the words that stand at a field; a screen reader calls the field so too."""
    label = QLabel(words, parent)
    label.setProperty("look", "secondary")
    label.setBuddy(field)
    field.setAccessibleName(words)
    return label


def sheet_of_lists(note: QLabel, parent: QWidget) -> QFrame:
    """Return the paper that a screen's lists stand on, and prepare the note that speaks where they have nothing."""
    page = QFrame(parent)
    page.setProperty("look", "paper")
    note.setProperty("look", "secondary")
    note.setWordWrap(True)
    note.setMargin(4 * theme.UNIT)  # contents margins of a label give way to its style sheet
    return page


def part_sections(titles: Iterable[QLabel]) -> None:
    """Keep the titles that are to be seen apart from the list above; the first stands as near the top as any title."""
    above = 3 * theme.UNIT
    for title in titles:
        if not title.isHidden():
            title.setContentsMargins(MARGIN, above, 0, theme.UNIT)
            above = 6 * theme.UNIT
