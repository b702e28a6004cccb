"""Two pictures beside Итоги: how the period marks are distributed, and how many marks each pupil has of the norm.

Every bar is a link to what it counts: arrows walk the bars, Enter or a click opens them.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ejournal_desktop.models.queries.period_results import PeriodResults
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.words import count, tr

WIDTH = 68 * theme.UNIT
PAD = 3 * theme.UNIT
LINE = 18
LABEL, FIGURE = 96, 44
PUPIL = ("ученик", "ученика", "учеников")


@dataclass(frozen=True)
class Bar:
    """One bar: its words, its length and what is behind it. `pupils` in the order of the list."""

    label: str
    figure: str
    length: float  # 0 … 1 of the room
    token: str
    spoken: str
    pupils: tuple[str, ...]
    mark_at: float = 0.0  # where the norm stands, 0 for none


class ResultsPictures(QWidget):
    """Both pictures in one column. `opened` brings the pupils behind a bar and whether the bar counts current marks."""

    opened = Signal(list, bool)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._marks: tuple[Bar, ...] = ()
        self._pupils: tuple[Bar, ...] = ()
        self._current = 0

    def show_results(self, results: PeriodResults) -> None:
        """Show a page."""
        self._marks = _distribution(results)
        self._pupils = _accumulation(results)
        self._current = max(0, min(self._current, len(self.bars) - 1))
        self.setMinimumHeight(self.sizeHint().height())
        self._speak()
        self.update()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Return all bars from the top."""
        return self._marks + self._pupils

    def sizeHint(self) -> QSize:
        """Return the room for all bars under their titles."""
        return QSize(WIDTH, 2 * PAD + (len(self.bars) + (4 if self._pupils else 2)) * LINE)

    def bar_rect(self, number: int) -> QRect:
        """Return where a bar with its words is painted."""
        above = 1 if number < len(self._marks) else 3
        return QRect(0, PAD + (number + above) * LINE, self.width(), LINE)

    # --- keys and mouse ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk and open."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self.bars:
            self._current = (self._current + step) % len(self.bars)
            self._speak()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the bar under the pointer."""
        at = event.position().toPoint()
        found = next((n for n in range(len(self.bars)) if self.bar_rect(n).contains(at)), -1)
        if found >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._current = found
            self._open()

    def _open(self) -> None:
        if self.bars and self.bars[self._current].pupils:
            self.opened.emit(list(self.bars[self._current].pupils), self._current >= len(self._marks))

    def _speak(self) -> None:
        title = tr("Картины: распределение и накопляемость")
        here = self.bars[self._current].spoken if self.bars else ""
        self.setAccessibleName(f"{title}. {here}" if here else title)
        self.setToolTip(here)

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both pictures."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour(theme.tokens().paper))
        painter.fillRect(0, 0, 1, self.height(), theme.colour(theme.tokens().line))
        self._paint_title(painter, 0, tr("Итоговые отметки"))
        if self._pupils:
            self._paint_title(painter, len(self._marks) + 2, tr("Накопляемость"))
        for number, bar in enumerate(self.bars):
            self._paint_bar(painter, bar, self.bar_rect(number), here=number == self._current and self.hasFocus())
        if not self.bars:
            self._paint_nothing(painter, self.bar_rect(0))
        painter.end()

    def _paint_nothing(self, painter: QPainter, rect: QRect) -> None:
        """Say that there is nothing to draw yet; the focus is seen here too."""
        t = theme.tokens()
        painter.setFont(theme.font(theme.SMALL + 1))
        painter.setPen(theme.colour(t.secondary))
        painter.drawText(rect.adjusted(PAD, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, tr("Отметок ещё нет"))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour(t.accent), 2))
            painter.drawRect(rect.adjusted(2, 1, -1, -1))

    def _paint_title(self, painter: QPainter, line: int, text: str) -> None:
        painter.setFont(theme.font(theme.BASE, theme.BOLD))
        painter.setPen(theme.colour(theme.tokens().ink))
        painter.drawText(QRect(PAD, PAD + line * LINE, self.width() - PAD, LINE), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter, bar: Bar, rect: QRect, *, here: bool) -> None:
        t = theme.tokens()
        if here:
            painter.fillRect(rect.adjusted(1, 0, 0, 0), theme.colour(t.selection))
            painter.setPen(QPen(theme.colour(t.accent), 2))
            painter.drawRect(rect.adjusted(2, 1, -1, -1))
        painter.setFont(theme.font(theme.SMALL + 1))
        painter.setPen(theme.colour(t.ink))
        label = cut_name(painter.fontMetrics(), bar.label, LABEL)
        painter.drawText(QRect(PAD, rect.top(), LABEL, LINE), Qt.AlignmentFlag.AlignVCenter, label)
        start = PAD + LABEL + theme.UNIT
        room = self.width() - start - FIGURE - PAD
        painter.fillRect(
            start, rect.top() + 4, max(1, int(room * bar.length)), LINE - 8, theme.colour(getattr(t, bar.token))
        )
        if bar.mark_at:
            painter.fillRect(start + int(room * bar.mark_at), rect.top() + 1, 2, LINE - 2, theme.colour(t.ink))
        figures = QRect(self.width() - FIGURE - PAD, rect.top(), FIGURE, LINE)
        painter.setPen(theme.colour(t.secondary))
        painter.drawText(figures, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.figure)


def pictures_of(results: PeriodResults) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    """Return both pictures by title: what is painted here is what is printed."""
    gathered = tr("Накопляемость: черта — норма отметок, «!» — меньше нормы")  # paper has no tip that would say so
    return (tr("Итоговые отметки"), _distribution(results)), (gathered, _accumulation(results))


def _distribution(results: PeriodResults) -> tuple[Bar, ...]:
    counts = results.distribution
    most = max((len(pupils) for _, pupils in counts), default=1) or 1
    return tuple(
        Bar(
            label=value or tr("нет отметки"),
            figure=str(len(pupils)),
            length=len(pupils) / most,
            token="neutral" if not value else "danger" if value in ("2", "1") else "accent",
            spoken=f"{value or tr('нет отметки')}: {count(len(pupils), PUPIL)}",
            pupils=pupils,
        )
        for value, pupils in counts
    )


def _accumulation(results: PeriodResults) -> tuple[Bar, ...]:
    if not results.norm:
        return ()
    listed = [row for row in results.rows if row.asked]
    most = max([results.norm, *(row.marks for row in listed)])
    return tuple(
        Bar(
            label=row.pupil.name,
            figure=f"{row.marks} / {row.norm}" + (" !" if row.short else ""),
            length=row.marks / most,
            token="warning" if row.short else "positive",
            spoken=tr("{name}: отметок {n}, норма {norm}").format(name=row.pupil.name, n=row.marks, norm=row.norm),
            pupils=(row.pupil.pupil_id,),
            mark_at=row.norm / most,
        )
        for row in listed
    )
