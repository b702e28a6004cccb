"""The table of a class across subjects: names stay at the left, a cell says average, mark, debts and absences."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ejournal_core.russian import text_key
from ejournal_desktop.models.queries.class_results import SubjectCell
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.keys import as_russian
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.searching import TypedLetters
from ejournal_desktop.ui.widgets import entry_table
from ejournal_desktop.ui.widgets.class_results_model import SUMS, ClassResultsModel

Index = QModelIndex | QPersistentModelIndex

ROW = 28
HEAD = 40
NAMES, NUMBER = 178, 26
LEAST, MOST = 44, 76  # of a subject's column
SUM_WIDTHS = {"missed": 44, "late": 44, "debts": 44}
OUTLOOK_LEAST = 140
DOT, MOST_DOTS = 5, 3  # of works that are owed
_VOWELS = "аеёиоуыэюяь"


class ClassResultsTable(QTableView):
    """Nothing is entered here.

    Signals:
        opened: Enter or a double click on a cell: row and column.
        copied: how many lines are on the clipboard now.
    """

    opened = Signal(int, int)
    copied = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = ClassResultsModel(self)
        self.setModel(self.lines)
        self.setItemDelegate(_Painter(self.lines, self))
        self.setAccessibleName(self.tr("Успеваемость класса по предметам"))
        entry_table.dress(self)
        self._dress_heads()
        self._letters = TypedLetters()
        self.lines.modelReset.connect(self._begin)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row(), index.column()))

    def _dress_heads(self) -> None:
        rows = _Names(self)
        self.setVerticalHeader(rows)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        rows.setFixedWidth(NAMES)
        columns = _Heads(self)
        self.setHorizontalHeader(columns)
        columns.setFixedHeight(HEAD)
        columns.setMinimumSectionSize(0)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _begin(self) -> None:
        self._fit()
        if self.lines.rowCount():
            self.setCurrentIndex(self.lines.index(0, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Move the cursor; heads and names show where it is."""
        super().currentChanged(current, previous)
        self.verticalHeader().viewport().update()
        self.horizontalHeader().viewport().update()
        self.viewport().update()

    def _fit(self) -> None:
        """Share the room among the subjects; what sums up has its own, the last column all that is left."""
        room = self.width() - NAMES - sum(SUM_WIDTHS.values()) - OUTLOOK_LEAST - self.verticalScrollBar().width()
        subjects = len(self.lines.subjects)
        each = max(LEAST, min(MOST, room // subjects)) if subjects else 0
        for column in range(subjects):
            self.setColumnWidth(column, each)
        for number, what in enumerate(SUMS):
            left = max(OUTLOOK_LEAST, OUTLOOK_LEAST + room - each * subjects)
            self.setColumnWidth(subjects + number, SUM_WIDTHS.get(what, left))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()

    @property
    def place(self) -> tuple[int, int]:
        """Return (row, column) of the cursor, (-1, -1) when it is nowhere."""
        return self.currentIndex().row(), self.currentIndex().column()

    # --- keys --------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Ctrl+C copies, letters look for a surname in either layout."""
        text = as_russian(event.text())
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.place[0] >= 0:
            self.opened.emit(*self.place)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_lines()
        elif event.key() == Qt.Key.Key_Escape:
            self._letters.forget()
            event.ignore()
        elif text.isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self._look_for(text)
        else:
            self._letters.forget()
            super().keyPressEvent(event)

    def _look_for(self, letter: str) -> None:
        """Go to the next pupil whose name begins with what has been typed; a letter that fits nobody begins anew."""
        names = [text_key(line.pupil.name) for line in self.lines.lines]

        def find(typed: str) -> list[int]:
            return [row for row, name in enumerate(names) if text_key(typed) and name.startswith(text_key(typed))]

        rows = self._letters.add(letter, find)
        if rows:
            self.setCurrentIndex(self.lines.index(rows[0], max(self.place[1], 0)))

    def copy_lines(self) -> None:
        """Put the lines on the clipboard with their heads, columns parted by tabs."""
        model = self.lines
        across = range(model.columnCount())
        heads = [self.tr("Ученик"), *(model.title(column) for column in across)]
        rows = [[line.pupil.name, *(model.text(row, column) for column in across)]
                for row, line in enumerate(model.lines)]  # fmt: skip
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in (heads, *rows)))
        self.copied.emit(len(rows))


class _Names(QHeaderView):
    """The pupils, in sight however far one scrolls to the right."""

    def __init__(self, table: ClassResultsTable) -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self._table = table
        self.setProperty("look", "names")

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """Paint number and name as the journal does."""
        t = theme.tokens()
        pupil = self._table.lines.lines[logical].pupil
        here = self._table.place[0] == logical
        painter.fillRect(rect, theme.colour(t.selection if here else t.paper))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        _write(painter, rect.adjusted(0, 0, NUMBER - rect.width(), 0), str(pupil.position), theme.SMALL, t.secondary,
               right=True)  # fmt: skip
        metrics = QFontMetrics(theme.font(theme.BASE))
        name = cut_name(metrics, pupil.name, rect.width() - NUMBER - 3 * theme.UNIT)
        _write(painter, rect.adjusted(NUMBER + 2 * theme.UNIT, 0, 0, 0), name, theme.BASE, t.ink)


class _Heads(QHeaderView):
    """Subjects in one or two lines, shortened by syllables where there is no room."""

    def __init__(self, table: ClassResultsTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(False)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """Paint a head; the one of the current column in ink."""
        t = theme.tokens()
        model = self._table.lines
        painter.fillRect(rect, theme.colour(t.ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.rule))
        if logical == len(model.subjects):
            painter.fillRect(rect.left(), rect.top(), 1, rect.height(), theme.colour(t.rule))
        here = self._table.place[1] == logical
        painter.setFont(theme.font(theme.SMALL, theme.BOLD if here else theme.REGULAR))
        painter.setPen(theme.colour(t.ink if here else t.secondary))
        title = model.headerData(logical, Qt.Orientation.Horizontal)
        words = fitted(title, painter.fontMetrics(), rect.width() - 4)
        last = logical == model.columnCount() - 1
        side = Qt.AlignmentFlag.AlignLeft if last else Qt.AlignmentFlag.AlignHCenter
        inner = rect.adjusted(2 * theme.UNIT if last else 2, 0, -2, -2)
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, words)


def fitted(title: str, metrics: QFontMetrics, width: int) -> str:
    """Return a title whose words fit a width each, at most two; longer ones end after a consonant: «Информ.»."""
    words = title.split()
    return "\n".join(
        _fitted_word(word, metrics, width) for word in (words if len(words) < 3 else [words[0], words[-1]])
    )


def _fitted_word(word: str, metrics: QFontMetrics, width: int) -> str:
    for length in range(len(word), 1, -1):
        part = word if length == len(word) else f"{word[:length]}."
        whole = length == len(word) or word[length - 1].lower() not in _VOWELS
        if whole and metrics.horizontalAdvance(part) <= width:
            return part
    return word[:1]


class _Painter(QStyledItemDelegate):
    """Hairlines, the row where you are, and the five things that a cell says."""

    def __init__(self, lines: ClassResultsModel, table: ClassResultsTable) -> None:
        super().__init__(table)
        self._lines = lines
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(LEAST, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t = theme.tokens()
        rect: QRect = option.rect
        row, column = index.row(), index.column()
        here = self._table.place
        painter.save()
        painter.setClipRect(rect)
        cell = self._lines.cell(row, column)
        meant = self._lines.is_meant(row, column)
        tinted = cell is not None and meant and self._lines.filter != "all"
        painter.fillRect(rect, theme.colour(t.today if tinted else t.selection if here[0] == row else t.paper))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        rule = t.rule if column == len(self._lines.subjects) else t.line
        painter.fillRect(rect.left(), rect.top(), 1, rect.height(), theme.colour(rule))
        if cell is not None:
            self._paint_cell(painter, rect, cell, meant=meant)
        elif self._lines.subject(column) is None:
            self._paint_sum(painter, rect, row, column)
        if here == (row, column):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(t.accent if self._table.hasFocus() else t.rule), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_cell(self, painter: QPainter, rect: QRect, cell: SubjectCell, *, meant: bool) -> None:
        t = theme.tokens()
        ink = t.secondary if not meant else t.danger if cell.failing else t.ink
        upper = rect.adjusted(5, 2, -4, -11)
        average = self._lines.average(cell.weighted_average)
        _write(painter, upper, average, theme.BASE, ink)
        if cell.value:
            _write(painter, upper, cell.value, theme.BASE, ink, right=True, bold=meant)
        elif cell.proposed and not average:
            _write(painter, upper, cell.proposed, theme.BASE, t.secondary)
        self._paint_below(painter, rect.adjusted(5, 15, -4, -1), cell)
        if cell.contested and meant:
            painter.fillRect(rect.left() + 1, rect.top() + 3, 2, rect.height() - 7, theme.colour(t.dispute))

    def _paint_below(self, painter: QPainter, rect: QRect, cell: SubjectCell) -> None:
        """Paint the plain average where weights made another one, absences, and a dot for every work that is owed."""
        t = theme.tokens()
        if cell.weights_differ:
            _write(painter, rect, self._lines.average(cell.average), theme.TINY, t.secondary)
        dots = min(cell.debts, MOST_DOTS)
        away = f"н{cell.missed}" if cell.missed else ""
        _write(painter, rect.adjusted(0, 0, -DOT * dots, 0), away, theme.TINY, t.secondary, right=True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(t.warning))
        for number in range(dots):
            painter.drawEllipse(QPointF(rect.right() - 1 - DOT * number, rect.center().y() + 1), 1.8, 1.8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_sum(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        t = theme.tokens()
        what = self._lines.sum(column)
        text = self._lines.sum_text(row, column)
        risk = self._lines.lines[row].outlook.risk
        if what != "outlook":
            _write(painter, rect, text, theme.BASE, t.warning if what == "debts" else t.ink, centre=True)
            return
        hue = t.danger if risk in ("failing", "not_assessed") else t.warning if risk else t.secondary
        cut = QFontMetrics(theme.font()).elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - 4 * theme.UNIT)
        _write(painter, rect.adjusted(2 * theme.UNIT, 0, 0, 0), cut, theme.BASE, hue)


def _write(
    painter: QPainter, rect: QRect | QRectF, text: str, size: int, hue: str, *, right: bool = False,
    centre: bool = False, bold: bool = False,
) -> None:  # fmt: skip
    if not text:
        return
    flag = Qt.AlignmentFlag
    side = flag.AlignHCenter if centre else flag.AlignRight if right else flag.AlignLeft
    painter.setFont(theme.font(size, theme.BOLD if bold else theme.REGULAR))
    painter.setPen(theme.colour(hue))
    painter.drawText(rect, side | flag.AlignVCenter, text)
