"""A table of whole lines to be sorted, walked, opened and copied; nothing in it is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.entry_table import dress_register
from ejournal_desktop.ui.widgets.text_model import Column

LEAST = 56  # of a column of words: a narrower window scrolls
ASIDE = 4 * theme.UNIT  # what is left of a cell's width beside its words
TIGHT = 1.15  # columns may be so much narrower than they wish before a spare one is left out, or the first one is cut
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LineTable(QTableView):
    """Whole lines are chosen; Ctrl+C copies them with their heads, as a table that any office program takes.

    Args:
        columns: head, field and width of each; `exact`: the fields whose width stands, the others share what is left.
        whole: words that are too long go on in the next line of their cell instead of being cut: for few lines.
        spare: fields that a narrow window leaves out, the first of them first, so that the others are not cut: what
            stands beside the table as well.
        first: the field whose words are whole before the others share what is left, unless those get too tight.

    Signals:
        copied: how many lines.
        opened: the number of the line, on Enter or a double click.
    """

    copied = Signal(int)
    opened = Signal(int)

    def __init__(
        self, columns: Sequence[tuple[str, str, int]], exact: Collection[str], parent: QWidget, *, whole: bool = False,
        spare: Sequence[str] = (), first: str = "",
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._columns, self._exact, self._whole, self._spare = columns, exact, whole, spare
        self._first = first
        self._nothing = ""
        dress_register(self, theme.LIST_ROW)
        self.setWordWrap(whole)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setSectionsClickable(True)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.horizontalHeader().setStretchLastSection(True)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def setModel(self, model: Any) -> None:
        """Show a model with the widths of its columns."""
        super().setModel(model)
        if self._whole or self._first:
            model.modelReset.connect(self._fit if self._first else self._heighten)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._fit()

    def say_nothing(self, sentence: str) -> None:
        """Set what stands in the table while it has no lines: why, and what to do about it."""
        self._nothing = sentence
        self.setAccessibleDescription(sentence)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room among the columns of words: nobody scrolls sideways; the current line stays in sight."""
        super().resizeEvent(event)
        self._fit()
        self.scrollTo(self.currentIndex())

    def _fit(self) -> None:
        shown = self._shown()
        exact = {field: width for _, field, width in shown if field in self._exact}
        room = self.viewport().width()
        others = sum(width for _, field, width in shown if field != self._first)
        needs = min(self._needed_first(), room - int(others / TIGHT))
        if needs > _share(shown, exact, self._first, room):
            exact[self._first] = needs
        for number, column in enumerate(self._columns):
            self.setColumnHidden(number, column not in shown)
            self.setColumnWidth(number, exact.get(column[1]) or _share(shown, exact, column[1], room))
        self._heighten()
        self.updateGeometries()

    def _needed_first(self) -> int:
        """Return the width at which all words of the first column are whole, 0 where none comes first."""
        at = next((number for number, column in enumerate(self._columns) if column[1] == self._first), None)
        model = self.model()
        if at is None or model is None:
            return 0
        words = (str(model.data(model.index(row, at))) for row in range(model.rowCount()))
        return max(map(self.fontMetrics().horizontalAdvance, words), default=0) + ASIDE

    def _shown(self) -> list[tuple[str, str, int]]:
        """Return the columns that the window has room for."""
        shown, left_out = list(self._columns), list(self._spare)
        while left_out and sum(width for _, _, width in shown) > TIGHT * self.viewport().width():
            gone = left_out.pop(0)
            shown = [column for column in shown if column[1] != gone]
        return shown

    def _heighten(self) -> None:
        """Give every line the height that its words need."""
        for row in range(self.model().rowCount() if self._whole and self.model() is not None else 0):
            self.setRowHeight(row, max(self._words_height(row) + 2 * theme.UNIT, theme.LIST_ROW))

    def _words_height(self, row: int) -> int:
        """Return the height of the longest words of a line, a little narrower than their cells: the style sets them in,
        and the view's own hint does not reckon with that.
        """
        model, wraps = self.model(), Qt.TextFlag.TextWordWrap
        boxes = (
            (QRect(0, 0, self.columnWidth(at) - ASIDE, 0), model.index(row, at)) for at in range(len(self._columns))
        )
        return max(self.fontMetrics().boundingRect(box, wraps, str(model.data(cell))).height() for box, cell in boxes)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Leave out the line that the lower edge would cut in two; scrolling brings it whole. No lines: say why."""
        super().paintEvent(event)
        if self._nothing and not self.model().rowCount():
            self._paint_nothing()
            return
        height = self.viewport().height()
        last = self.rowAt(height - 1)
        top = self.rowViewportPosition(last)
        if last >= 0 and top > 0 and top + self.rowHeight(last) > height + 1:
            painter = QPainter(self.viewport())
            painter.fillRect(0, top, self.viewport().width(), height - top, theme.colour(theme.tokens().paper))
            painter.end()

    def _paint_nothing(self) -> None:
        painter = QPainter(self.viewport())
        painter.setPen(theme.colour(theme.tokens().secondary))
        room = self.viewport().rect().adjusted(2 * theme.UNIT, 2 * theme.UNIT, -2 * theme.UNIT, 0)
        painter.drawText(room, Qt.TextFlag.TextWordWrap, self._nothing)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and open; the rest is the table's own."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_lines()
        elif event.key() in _ENTER and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.opened.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def copy_lines(self) -> None:
        """Put the chosen lines on the clipboard, columns parted by tabs."""
        model = self.model()
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        across = range(model.columnCount())
        text = [[str(model.data(model.index(row, column))) for column in across] for row in rows]
        heads = [str(model.headerData(column, Qt.Orientation.Horizontal)) for column in across]
        QGuiApplication.clipboard().setText("\n".join("\t".join(map(_plain, line)) for line in (heads, *text)))
        self.copied.emit(len(rows))


def _share(shown: Sequence[Column], exact: Mapping[str, int], field: str, room: int) -> int:
    """Return the width of a column whose width does not stand: its part of what the others leave."""
    wish = {name: width for _, name, width in shown if name not in exact}
    return max(wish.get(field, 0) * max(room - sum(exact.values()), 0) // (sum(wish.values()) or 1), LEAST)


def _plain(text: str) -> str:
    """Return a text that stays one cell, and that no office program takes for a formula."""
    one_line = " ".join(text.split())
    return f"'{one_line}" if one_line[:1] in ("=", "+", "-", "@") else one_line
