"""Where everything of the left page stands, in pixels of the whole page before scrolling."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics

from ejournal_desktop.models.pages import GridColumn, JournalSpread
from ejournal_desktop.ui import theme

MONTHS = ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август",
          "сентябрь", "октябрь", "ноябрь", "декабрь")  # fmt: skip
MONTHS_SHORT = ("янв.", "февр.", "март", "апр.", "май", "июнь", "июль", "авг.", "сент.", "окт.", "нояб.", "дек.")

NUMBER_WIDTH = 26
NAME_MIN, NAME_MAX = 96, 208
SPECIAL_ROOM = 26  # for the letters of the special medical group, right of a name
PERIOD_WIDTH = 36
BAND = 18  # months
DAY = 17  # the day of the month
WORK = 14  # code of the work
BAR = 3  # colour of the work's kind
HEAD = BAND + DAY + WORK + BAR


@dataclass(frozen=True)
class Month:
    """A run of columns of one month."""

    name: str
    short: str
    left: int
    right: int


class Geometry:
    """Places of columns, rows and months; `xs` has one more entry than there are columns."""

    def __init__(self, spread: JournalSpread) -> None:
        self.columns = spread.columns
        self.rows = len(spread.pupils)
        self.name_width = _name_width(spread)
        self.frozen = NUMBER_WIDTH + self.name_width
        widest = _widest_values(spread)
        self.widths = [_column_width(column, widest.get(column.key, 0)) for column in spread.columns]
        self.xs = [0, *accumulate(self.widths)]
        self.months = _months(spread.columns, self.xs)
        self.rules = _rules(spread.columns)

    @property
    def width(self) -> int:
        """Return the width of all columns together."""
        return self.xs[-1]

    @property
    def height(self) -> int:
        """Return the height of all rows together."""
        return self.rows * theme.ROW

    def column_at(self, x: int) -> int:
        """Return the column at a place, the nearest one when outside, -1 when there are none."""
        return max(0, min(bisect_right(self.xs, x) - 1, len(self.columns) - 1)) if self.columns else -1

    def row_at(self, y: int) -> int:
        """Return the row at a height, the nearest one when outside, -1 when there are none."""
        return max(0, min(y // theme.ROW, self.rows - 1)) if self.rows else -1

    def cell(self, column: int, row: int) -> QRect:
        """Return the place of a cell on the whole page, without the head and the names."""
        return QRect(self.xs[column], row * theme.ROW, self.widths[column], theme.ROW)


def _name_width(spread: JournalSpread) -> int:
    metrics = QFontMetrics(theme.font())
    widest = max((metrics.horizontalAdvance(pupil.name) for pupil in spread.pupils), default=0)
    letters = SPECIAL_ROOM if any(pupil.is_special(spread.today) for pupil in spread.pupils) else 0
    return max(NAME_MIN, min(widest + 3 * theme.UNIT, NAME_MAX)) + letters


def _widest_values(spread: JournalSpread) -> dict[str, int]:
    """Return the width of the longest value of each column that holds more than one character."""
    metrics = QFontMetrics(theme.font(theme.MARK))
    widest: dict[str, int] = {}
    for (key, _pupil), cell in spread.cells.items():
        text = f"{cell.value}|{cell.other_value}" if cell.delivery == "disputed" else cell.value
        if len(text) > 1:
            widest[key] = max(widest.get(key, 0), metrics.horizontalAdvance(text) + 2 * theme.UNIT)
    return widest


def _column_width(column: GridColumn, widest: int) -> int:
    narrowest = theme.CELL if column.kind == "lesson" else PERIOD_WIDTH
    return max(narrowest, widest + widest % 2)


def _months(columns: tuple[GridColumn, ...], xs: list[int]) -> list[Month]:
    months: list[Month] = []
    last: tuple[int, int] | None = None
    for number, column in enumerate(columns):
        if column.held_on is None:
            last = None
            continue
        this = (column.held_on.year, column.held_on.month)
        if this == last:
            months[-1] = Month(months[-1].name, months[-1].short, months[-1].left, xs[number + 1])
        else:
            name, short = MONTHS[this[1] - 1], MONTHS_SHORT[this[1] - 1]
            months.append(Month(name, short, xs[number], xs[number + 1]))
        last = this
    return months


def _rules(columns: tuple[GridColumn, ...]) -> dict[int, str]:
    """Return for each column what line stands on its left: "strong", "hair", or nothing inside a lesson."""
    rules: dict[int, str] = {}
    for number, column in enumerate(columns):
        before = columns[number - 1] if number else None
        if before is None or _stronger(before, column):
            rules[number] = "strong"
        elif column.lesson_id != before.lesson_id or column.kind == "period":
            rules[number] = "hair"
    return rules


def _stronger(before: GridColumn, column: GridColumn) -> bool:
    if before.kind != column.kind:
        return True
    if before.held_on is None or column.held_on is None:
        return False
    return (before.held_on.year, before.held_on.month) != (column.held_on.year, column.held_on.month)
