"""How what is due besides today's lessons looks in its list: how long there is time, where, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.due import DueRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.due import LEFT as MISSING
from ejournal_desktop.ui.widgets.due import Sign, time_left
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import count, day_short, tr

LINE = 8 * theme.UNIT
LEFT, TEXT = 16, 36
WHERE_W = 300
MOST_NAMES = 3
ABSENCE = ("пропуск", "пропуска", "пропусков")
REPORT = ("сообщение", "сообщения", "сообщений")
LESSON = ("урок", "урока", "уроков")

Clock = Callable[[], datetime]


def what_waits(row: DueRow) -> str:
    """Return what is to be entered, as a colleague would say it."""
    if row.what == "period":
        return tr("итоги не подтверждены: {period}").format(period=row.period)
    if row.what == "exam" and row.held_on is not None:
        return tr("результаты экзамена получены {day}: не подтверждены").format(day=f"{row.held_on:%d.%m}")
    if row.what == "register":
        return tr("сверить с уроками: {n}").format(n=count(row.number, ABSENCE))
    if row.what == "report":
        told = tr("предварительный отчёт, {period}: {names}")
        return told.format(period=row.period, names=names_of(row.pupils) or tr("называть некого"))
    if row.what == "list":
        return tr("сверить список учеников и сведения о семьях")
    if row.what == "copy":
        return tr("сделать копии на носители")
    if row.what == "sheet":
        return tr("проверить лист восстановления")
    if row.what == "daily":
        return tr("ежедневная копия на сервере не делается")
    if row.what == "data":
        told = tr("ответить: {n}, раньше всего — {whom}")
        return told.format(n=count(row.number, REPORT), whom=names_of(row.pupils))
    assert row.held_on is not None
    day = day_short(row.held_on)
    if row.what == "wrong":
        return tr("{day}, {n} урок — не сходится: {names}").format(
            day=day, n=row.lesson_number, names=names_of(row.pupils)
        )
    if row.what == "late":
        if row.number > 1:
            told = tr("внесено позже срока без причины: {n}, первый — {day}")
            return told.format(n=count(row.number, LESSON), day=day)
        return tr("{day}, {n} урок — внесён позже срока, назовите причину").format(day=day, n=row.lesson_number)
    if row.what == "marks":
        left = tr("нет отметки: {names}").format(names=names_of(row.pupils)) if row.pupils else tr("отметок ещё нет")
        return f"{row.work} {day} — {left}"
    if row.number > 1:
        return tr("не заполнено {n}, первый — {day}").format(n=count(row.number, LESSON), day=day)
    missing = ", ".join(tr(MISSING[item]) for item in row.items)
    return tr("{day}, {n} урок — {missing}").format(day=day, n=row.lesson_number, missing=missing)


def names_of(names: Sequence[str]) -> str:
    """Return the first names, and how many there are besides."""
    named = ", ".join(names[:MOST_NAMES])
    return f"{named} {tr('и ещё')} {len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else named


class DueFace:
    """A mark, the page, what is missing; until when at the right."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, _row: DueRow) -> int:
        """Return one line."""
        return LINE

    def words(self, row: DueRow) -> str:
        """Return the row in words."""
        return ", ".join(part for part in (row.page.title, what_waits(row), self.sign(row).text) if part)

    def sign(self, row: DueRow) -> Sign:
        """Return how its deadline looks now."""
        return time_left(row.due_at, row.allowed_until, self._clock())

    def paint(self, painter: QPainter, rect: QRect, row: DueRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        sign = self.sign(row)
        brush = Brush(painter, rect)
        brush.sign(LEFT, sign.shape, sign.token, height=LINE)
        where = min(WHERE_W, rect.width() // 3)
        until = brush.at_the_right(rect.width() - LEFT, sign.text, sign.text_hue, height=LINE)
        brush.words(TEXT, where - 16, row.page.title, size=theme.MARK, height=LINE)
        brush.words(TEXT + where, until - TEXT - where - 16, what_waits(row), height=LINE)
