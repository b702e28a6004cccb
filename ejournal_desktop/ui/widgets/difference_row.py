"""How the differences between a copy and today look in their list: a head for each page, then value by value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.copy_differences import ClassDifferences, Difference, Way
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import count, moment, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT = 16
DIFFERENCE = ("отличие", "отличия", "отличий")

#: What of a lesson or of a pupil differs, behind its place; a mark needs no word.
WHATS = {"presence": "присутствие", "held": "проведён ли", "topic": "тема", "homework": "задание", "moved": "перенос"}


class DifferenceRow(Struct, frozen=True):
    """A line of the list: the head of a page, or a difference on it."""

    id: str
    page_id: str
    title: str = ""
    number: int = 0
    line: Difference | None = None


def rows_of(found: ClassDifferences, ways: frozenset[Way]) -> tuple[DifferenceRow, ...]:
    """Return the lines of a list that shows these ways to differ."""
    rows: list[DifferenceRow] = []
    for page in found.pages:
        lines = [line for line in page.lines if line.way in ways]
        if lines:
            rows.append(DifferenceRow(page.page_id, page.page_id, page.title, len(lines)))
            rows += [DifferenceRow(f"{page.page_id}/{at}", page.page_id, line=line) for at, line in enumerate(lines)]
    return tuple(rows)


def where(line: Difference) -> str:
    """Return «15.09, 3-й урок · тема»."""
    what = tr(WHATS[line.what]) if line.what in WHATS else ""
    return " · ".join(part for part in (line.place, what) if part)


def by_whom(line: Difference, now: datetime) -> str:
    """Return «Иванова М. П., вчера в 10:42»."""
    when = moment(line.at, now) if line.at is not None else ""
    return ", ".join(part for part in (line.who, when) if part)


class DifferenceFace:
    """Pupil and place; what stood and what stands; below, who made it so."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def height(self, row: DifferenceRow) -> int:
        """Return one line for a head, two for a difference."""
        return LINE if row.line is None else LINE + SECOND

    def words(self, row: DifferenceRow) -> str:
        """Return the row in words."""
        if row.line is None:
            return f"{row.title}, {count(row.number, DIFFERENCE)}"
        line = row.line
        values = tr("было: {was}, стоит: {now}").format(was=line.was or tr("пусто"), now=line.now or tr("пусто"))
        return ", ".join(part for part in (line.pupil, where(line), values, by_whom(line, self._clock())) if part)

    def paint(self, painter: QPainter, rect: QRect, row: DifferenceRow, *, current: bool) -> None:
        """Paint the row."""
        brush = Brush(painter, rect)
        if row.line is None:
            end = brush.words(LEFT, rect.width() - 2 * LEFT - 160, row.title, bold=True, height=LINE)
            brush.words(end + 12, 160, count(row.number, DIFFERENCE), "secondary", height=LINE)
            return
        line, half = row.line, (rect.width() - 2 * LEFT) // 2
        who = line.pupil or tr("Весь урок")
        brush.words(LEFT, half - 16, who, "ink" if line.pupil else "secondary", bold=current, height=LINE)
        self._small(brush, LEFT, half - 16, where(line))
        each = half // 2 - 16
        end = brush.words(LEFT + half, each, line.was or tr("пусто"), "secondary", height=LINE)
        end = brush.words(end + 8, 16, "→", "secondary", height=LINE)
        hue = "danger" if line.way == "gone" else "ink"
        brush.words(end + 8, rect.width() - LEFT - end - 8, line.now or tr("пусто"), hue, bold=True, height=LINE)
        self._small(brush, LEFT + half, half, by_whom(line, self._clock()))

    def _small(self, brush: Brush, left: int, width: int, text: str) -> None:
        brush.words(left, width, text, "secondary", size=theme.SMALL + 1, top=LINE - 7, height=SECOND)
