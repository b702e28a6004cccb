"""The attendance of a class by weeks on paper: pupils × weeks, in each cell how many lessons were missed.

A working copy without number, code or signatures: what is official is the summary sheet of attendance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.paper import MM, RULE, Frame, Paper, frame

SIZE: Final = 8.0
TITLE: Final = 12.0
ROW: Final = 4.2 * MM  # heads, 35 pupils and the sums of the class stand on one sheet
NUMBER: Final = 7 * MM
NAME: Final = 48 * MM
TOTAL: Final = 22 * MM
BAR: Final = 0.8 * MM


class PrintedWeek(Struct, frozen=True):
    """A cell: the number, and the missed share between 0 and 1, drawn as a bar under it."""

    text: str = ""
    share: float = 0.0


class PrintedLine(Struct, frozen=True):
    """A pupil, or the whole class."""

    number: str
    name: str
    weeks: tuple[PrintedWeek, ...]
    total: str


class AttendanceMapPage(Struct, frozen=True):
    """What is printed; `heads` are the days on which the weeks begin."""

    title: str
    subtitle: str
    heads: tuple[str, ...]
    lines: tuple[PrintedLine, ...]


def build_attendance_map(data: AttendanceMapPage) -> bytes:
    """Return the PDF; the same data give the same bytes."""
    drawing = _Drawing(Paper(), frame(landscape=True), data)
    drawing.head()
    drawing.heads()
    for line in data.lines:
        drawing.row(line.number, line.name, line.weeks, line.total)
    return drawing.finish()


class _Drawing:
    """Rows from the top down; a full page is ended, and a new one begins with the heads."""

    def __init__(self, paper: Paper, page: Frame, data: AttendanceMapPage) -> None:
        self._paper, self._page, self._data = paper, page, data
        self._y = page.top
        self._font = fonts.register(fonts.NARROW)
        self._cell = min((page.width - NUMBER - NAME - TOTAL) / max(len(data.heads), 1), 14 * MM)

    def head(self) -> None:
        self._words((self._data.title, TITLE), (self._data.subtitle, SIZE))

    def _words(self, *told: tuple[str, float]) -> None:
        for text, size in told:
            lines = fonts.wrap(text, self._font, size, self._page.width)
            self._y = self._paper.put_lines(self._page.left, self._y, lines, self._font, size)
        self._y -= 2 * MM

    def heads(self) -> None:
        self._put("№", "Фамилия Имя", [PrintedWeek(head) for head in self._data.heads], "всего, %", RULE)

    def row(self, number: str, name: str, weeks: Sequence[PrintedWeek], total: str) -> None:
        if self._y - ROW < self._page.bottom:
            self._paper.end_page(self._page)
            self._y = self._page.top
            self._words((self._data.title, SIZE))  # a sheet alone says of what it is
            self.heads()
        self._put(number, name, weeks, total)

    def _put(
        self, number: str, name: str, weeks: Sequence[PrintedWeek], total: str, weight: float | None = None
    ) -> None:
        left, base = self._page.left, self._y - ROW + 1.4 * MM
        self._paper.put(left, base, number, self._font, SIZE)
        size = fonts.fitted(name, self._font, SIZE, NAME - 2 * MM)
        self._paper.put(left + NUMBER, base, name, self._font, size)
        x = left + NUMBER + NAME
        for week in weeks:
            size = fonts.fitted(week.text, self._font, SIZE, self._cell) if week.text else SIZE
            self._paper.put(x + self._cell / 2, base, week.text, self._font, size, "centre")
            if week.share > 0:
                self._paper.square(x + 0.3 * MM, self._y - ROW + 0.2 * MM, (self._cell - 0.6 * MM) * week.share, BAR)
            x += self._cell
        self._paper.put(x + TOTAL, base, total, self._font, SIZE, "right")
        self._y -= ROW
        self._paper.rule(left, self._y, x + TOTAL, self._y, *([weight] if weight is not None else []))

    def finish(self) -> bytes:
        self._paper.end_page(self._page)
        return self._paper.finish()
