"""How a report of wrong data looks in its list: of whom, what is wrong and should be; who told it; how it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.pupil_data import MATTERS, SOURCES, ReportRow
from ejournal_desktop.models.queries.register_words import ANSWERS
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.due import Sign, time_left
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import day_short, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, TEXT = 16, 36
WHOM_W = 300

Clock = Callable[[], datetime]


def what_is_wrong(row: ReportRow) -> str:
    """Return «отчество: Игоревич — должно быть: Ильич»."""
    if row.destroyed:
        return tr("содержание уничтожено по акту")
    return f"{row.wrong} — {tr('должно быть:')} {row.should_be}" if row.should_be else row.wrong


def who_told(row: ReportRow) -> str:
    """Return «сведения об ученике · Иванова М. П., от родителей, 15.09»."""
    told = f"{row.reporter}, {tr(SOURCES[row.source])}, {day_short(row.told_on)}"
    return " · ".join([tr(MATTERS[row.about]), told, *([] if row.sent else [tr("ждёт отправки")])])


def what_was_answered(row: ReportRow) -> str:
    """Return «исправлено · Писарева О. Л., 16.09», «не подтвердилось: в свидетельстве так · …», "" for no answer."""
    if not row.answer or row.answered_on is None:
        return ""
    reason = f": {row.answer_reason}" if row.answer_reason else ""
    return f"{tr(ANSWERS[row.answer])}{reason} · {row.answered_by}, {day_short(row.answered_on)}"


def in_full(row: ReportRow) -> str:
    """Return the whole report in lines: a row cuts long words."""
    lines = (f"{row.whom}: {what_is_wrong(row)}", who_told(row), what_was_answered(row))
    return "\n".join(line for line in lines if line)


class DataReportFace:
    """A mark, whom it is about, what is wrong; below it who told it, and at the right the day or the answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, _row: ReportRow) -> int:
        """Return two lines."""
        return LINE + SECOND

    def words(self, row: ReportRow) -> str:
        """Return the row in words."""
        parts = (row.whom, what_is_wrong(row), who_told(row), what_was_answered(row) or self.sign(row).text)
        return ", ".join(part for part in parts if part)

    def sign(self, row: ReportRow) -> Sign:
        """Return how the report stands: answered, or until when it is to be."""
        if row.answer:
            word = tr(ANSWERS[row.answer])
            return Sign("check", "positive", word) if row.answer == "fixed" else Sign("bar", "secondary", word)
        return time_left(row.due_at, None, self._clock())

    def paint(self, painter: QPainter, rect: QRect, row: ReportRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        sign = self.sign(row)
        brush = Brush(painter, rect)
        brush.sign(LEFT, sign.shape, sign.token, height=LINE)
        whom = min(WHOM_W, rect.width() // 3)
        until = brush.at_the_right(rect.width() - LEFT, sign.text, sign.text_hue, height=LINE)
        brush.words(TEXT, whom - 16, row.whom, size=theme.MARK, height=LINE)
        brush.words(TEXT + whom, until - TEXT - whom - 16, what_is_wrong(row), height=LINE)
        below = " · ".join(part for part in (who_told(row), what_was_answered(row)) if part)
        brush.words(TEXT, rect.width() - TEXT - LEFT, below, "secondary", size=theme.SMALL + 1, top=LINE - 7,
                    height=SECOND)  # fmt: skip
