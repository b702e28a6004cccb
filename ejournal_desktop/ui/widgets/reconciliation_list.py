"""Сверка as a list: what the register says, what the lessons say, who gave them, and the keys that take either side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.reconciliation import Discrepancy
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.attendance_day import ranges
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import day_short, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, WHO_W = 16, 260

#: What a person may press, by what does not agree.
KEYS = {
    "present": "1 — верен реестр   2 — верен учитель, реестр уступит",
    "unexplained": "Б, У, Н — указать причину для этих уроков",
    "code": "1 — верен реестр   2 — верны уроки",
}


def told(row: Discrepancy, title: Callable[[str], str]) -> tuple[str, str]:
    """Return what the register says and what the lessons say."""
    numbers = ranges([place.number for place in row.lessons])
    lessons = tr("урок {n}").format(n=numbers) if len(row.lessons) == 1 else tr("уроки {n}").format(n=numbers)
    if row.clash == "present":
        return tr("в реестре: {why}").format(why=title(row.code)), f"{lessons}: {tr('отсутствия нет')}"
    if row.clash == "code":
        return tr("в реестре: {why}").format(why=title(row.code)), f"{lessons}: {title(row.lesson_code)}"
    return tr("в реестре нет"), tr("{lessons}: н, причина не указана").format(lessons=lessons)


class DiscrepancyFace:
    """Day and pupil; both sides; below them the teachers, the term and the keys."""

    def __init__(self, title: Callable[[str], str], today: Callable[[], date]) -> None:
        self._title = title
        self._today = today

    def height(self, _row: Discrepancy) -> int:
        """Return two lines."""
        return LINE + SECOND

    def words(self, row: Discrepancy) -> str:
        """Return the row in words."""
        return ", ".join((f"{day_short(row.day)} {row.name}", *told(row, self._title), self._below(row)))

    def _below(self, row: Discrepancy) -> str:
        parts = [", ".join(row.teachers), self._term(row)[0], tr(KEYS[row.clash])]
        return " · ".join(part for part in parts if part)

    def _term(self, row: Discrepancy) -> tuple[str, str]:
        """Return until when the reason is in time, and the token of its colour."""
        if row.due_on is None:
            return "", "secondary"
        if row.due_on < self._today():
            return tr("срок прошёл {day}").format(day=day_short(row.due_on)), "danger"
        today = row.due_on == self._today()
        return (
            (tr("срок сегодня"), "warning")
            if today
            else (tr("срок {day}").format(day=day_short(row.due_on)), "secondary")
        )

    def paint(self, painter: QPainter, rect: QRect, row: Discrepancy, *, current: bool) -> None:
        """Paint the row; its keys stand in the current one only."""
        brush = Brush(painter, rect)
        brush.words(LEFT, WHO_W - 16, f"{day_short(row.day)}  {row.name}", bold=current, height=LINE)
        half = (rect.width() - LEFT - WHO_W - 16) // 2
        register, lessons = told(row, self._title)
        brush.words(
            LEFT + WHO_W, half - 16, register, "secondary" if row.clash == "unexplained" else "ink", height=LINE
        )
        hue = "danger" if row.clash == "unexplained" else "ink"
        brush.words(LEFT + WHO_W + half, half, lessons, hue, height=LINE)
        term, hue = self._term(row)
        self._small(brush, LEFT, WHO_W - 16, term, hue)
        self._small(brush, LEFT + WHO_W + half, half, ", ".join(row.teachers), "secondary")
        if current:
            self._small(brush, LEFT + WHO_W, half - 16, tr(KEYS[row.clash]), "accent")

    def _small(self, brush: Brush, left: int, width: int, text: str, hue: str) -> None:
        brush.words(left, width, text, hue, size=theme.SMALL + 1, top=LINE - 7, height=SECOND)
