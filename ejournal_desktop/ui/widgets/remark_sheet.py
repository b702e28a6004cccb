"""What was written about one pupil on a page, and a line for more: a sheet over the corner of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ejournal_core.kinds import RemarkKind
from ejournal_core.pupil_notes import LONGEST_REMARK
from ejournal_desktop.models.queries.pupil_remarks import RemarkRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.spoken import DELIVERY
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.words import as_tip, day_short, moment, tr

WIDTH = 105 * theme.UNIT
MARGIN = 3 * theme.UNIT
MOST = 0.7  # of the screen's height
ROWS = 6  # of the list that are seen at once
ROLE = Qt.ItemDataRole.UserRole
TITLES: dict[RemarkKind, str] = {"praise": "Похвала", "remark": "Замечание", "address": "Обращение к родителям"}


class RemarkSheet(QFrame):
    """Says what is to be written and taken back; whoever owns it does that and shows the rows again.

    Signals:
        written: kind and words. taken_back: id of a remark. left: back to the screen.
    """

    written = Signal(str, str)
    taken_back = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("remark_sheet")
        self.setAccessibleName(tr("Записи об ученике"))
        self._where = QLabel(self)
        self._where.setFont(theme.font(theme.BASE, theme.BOLD))
        self._where.setWordWrap(True)
        self._none = QLabel(tr("Здесь об ученике ещё ничего не писали."), self)
        self._none.setProperty("look", "secondary")
        self.rows = _Rows(self)
        self.rows.removed.connect(self.taken_back)
        self.kind = Chooser(self)
        self.kind.setAccessibleName(tr("Что это"))
        for kind, title in TITLES.items():
            self.kind.addItem(tr(title), kind)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(tr("Запись об ученике"))
        self.line.setPlaceholderText(tr("Что записать"))
        self.line.setMaxLength(LONGEST_REMARK)
        self.line.returnPressed.connect(self._write)
        self._fault = QLabel(self)
        self._fault.setProperty("look", "danger")
        self._fault.setWordWrap(True)
        self._keys = QLabel(self)
        self._keys.setProperty("look", "secondary")
        self._keys.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[MARGIN] * 4)
        self._column.setSpacing(2 * theme.UNIT)
        for part in (self._where, self._none, self.rows, self.kind, self.line, self._fault, self._keys):
            self._column.addWidget(part)
        parent.installEventFilter(self)
        self.hide()

    def open(self, where: str, rows: Sequence[RemarkRow], now: datetime, read_only: str) -> None:
        """Show what was written; `read_only` says why nothing can be added."""
        t = theme.tokens()
        self.setStyleSheet(
            f"#remark_sheet {{ background: {t.ground}; border: 1px solid {t.rule}; border-top: 2px solid {t.accent}; }}"
        )
        self._where.setText(where)
        self.line.clear()
        self.kind.setVisible(not read_only)
        self.line.setVisible(not read_only)
        own = tr("Enter — записать · Tab — список и вид записи · Delete — снять · Ctrl+Z — вернуть · Esc — назад")
        self._keys.setText((read_only + " " + tr("Esc — назад") if read_only else own).replace(" — ", "\u00a0—\u00a0"))
        self.show_rows(rows, now)
        self.show()
        self.raise_()
        (self.rows if read_only and rows else self if read_only else self.line).setFocus(
            Qt.FocusReason.PopupFocusReason
        )

    def show_rows(self, rows: Sequence[RemarkRow], now: datetime) -> None:
        """Show the list anew; what is being typed stays."""
        self.say("")
        self.rows.show_rows(rows, now)
        self.rows.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self.place()

    def say(self, sentence: str) -> None:
        """Say why something was not written."""
        self._fault.setText(sentence)
        self._fault.setVisible(bool(sentence))
        self.place()

    def place(self) -> None:
        """Stand in the lower right corner, as tall as needed."""
        parent = self.parentWidget()
        if parent is not None:
            self.setFixedWidth(min(WIDTH, parent.width() - 2 * MARGIN))
            wanted = self._column.totalHeightForWidth(self.width())
            self.setFixedHeight(min(wanted, int(parent.height() * MOST)))
            self.move(parent.width() - self.width() - MARGIN, parent.height() - self.height() - MARGIN)

    def _write(self) -> None:
        self.written.emit(self.kind.currentData(), self.line.text())

    def put_back(self, kind: int, words: str) -> None:
        """Show words that were typed here before and not written, with the place of their kind in its list."""
        self.kind.setCurrentIndex(kind)
        self.line.setText(words)

    def has_written(self) -> None:
        """Empty the line: what stood in it is in the journal."""
        self.line.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the screen below."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        elif event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.place()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the corner when the screen changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)


class _Rows(QListWidget):
    """The remarks, newest lesson first; Delete takes the chosen one back."""

    removed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Что записано об ученике"))
        self.setWordWrap(True)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_rows(self, rows: Sequence[RemarkRow], now: datetime) -> None:
        """Show the list anew, at the same place."""
        here = max(self.currentRow(), 0)
        self.clear()
        for row in rows:
            text = told(row, now)
            item = QListWidgetItem(text)
            item.setData(ROLE, row.id)
            item.setToolTip(as_tip(text))
            self.addItem(item)
            item.setSizeHint(QSize(0, self._height(text)))
        self.setCurrentRow(min(here, self.count() - 1))
        wanted = sum(self.item(row).sizeHint().height() for row in range(min(self.count(), ROWS)))
        self.setFixedHeight(wanted + 2 * self.frameWidth() + theme.UNIT)

    def _height(self, text: str) -> int:
        width = WIDTH - 2 * MARGIN - 12 * theme.UNIT
        box = self.fontMetrics().boundingRect(0, 0, width, 10_000, Qt.TextFlag.TextWordWrap.value, text)
        return max(box.height() + 2 * theme.UNIT, theme.ROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes back; Esc is the sheet's."""
        item = self.currentItem()
        if event.key() == Qt.Key.Key_Delete and item is not None:
            self.removed.emit(item.data(ROLE))
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin with the newest."""
        super().focusInEvent(event)
        if self.currentRow() < 0 and self.count():
            self.setCurrentRow(0)


def told(row: RemarkRow, now: datetime) -> str:
    """Return «11.09, 1 урок · похвала: помог соседу · Иванова М. П., сегодня в 10:42»."""
    when = f", {moment(row.entered_at, now)}" if row.entered_at else ""
    where = tr("{day}, {n} урок").format(day=day_short(row.held_on), n=row.lesson_number)
    words = row.text or tr("содержание уничтожено по акту")
    parts = [where, f"{tr(TITLES[row.kind]).lower()}: {words}", f"{row.author}{when}", DELIVERY[row.delivery]]
    return " · ".join(part for part in (*parts, row.reason) if part)
