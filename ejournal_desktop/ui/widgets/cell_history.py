"""Who entered what into one cell and when: a sheet over the corner of the journal, closed by Esc."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ejournal_desktop.models.pages import CellHistoryRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.spoken import short_name
from ejournal_desktop.ui.words import moment, tr

WIDTH = 105 * theme.UNIT
MARGIN = 3 * theme.UNIT
MOST = 0.6  # of the screen's height

Present = tuple[str, str, datetime | None]  # value, author, when


class CellHistory(QFrame):
    """The changes of one cell, newest first: when, who, from what to what, how it ended, why."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cell_history")
        self.setAccessibleName(self.tr("История клетки"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = QLabel(self)
        self._title.setFont(theme.font(theme.BASE, theme.BOLD))
        self._title.setWordWrap(True)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self._title)
        self._note = QLabel(self)
        self._note.setProperty("look", "secondary")
        self._note.setWordWrap(True)
        column.addWidget(self._area, 1)
        column.addWidget(self._note)
        self.hide()

    def tell(
        self,
        title: str,
        rows: Sequence[CellHistoryRow],
        now: datetime,
        present: Present | None = None,
        note: str = "",
    ) -> None:
        """Show the changes of a cell.

        Args:
            present: what stands there, of which this desk may know no change.
            note: whether all of its history is here; without one the sheet says itself what is missing.
        """
        t = theme.tokens()
        self.setStyleSheet(
            f"#cell_history {{ background: {t.paper}; border: 1px solid {t.rule}; border-top: 2px solid {t.rule}; }}"
            f"#cell_history:focus {{ border-top: 2px solid {t.accent}; }}"
            f"#cell_history QWidget {{ background: {t.paper}; }}"
        )
        self._title.setText(title)
        sheet = self._sheet(rows, now, present, is_noted=bool(note))
        self._area.setWidget(sheet)
        self.setFixedWidth(WIDTH)
        inner = WIDTH - 2 * MARGIN - 2
        layout = sheet.layout()
        rows_height = layout.heightForWidth(inner) if layout else 0
        self._title.setMinimumHeight(self._title.heightForWidth(inner))  # the layout would give a long one less
        self._wanted = rows_height + self._title.minimumHeight() + 2 * MARGIN + 3 * theme.UNIT
        self.say(note)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, note: str) -> None:
        """Say under the changes whether all of them are here."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.place()

    def place(self) -> None:
        """Stand in the lower right corner of the parent."""
        parent = self.parentWidget()
        if parent is None:
            return
        note = self._note.heightForWidth(WIDTH - 2 * MARGIN - 2) + 2 * theme.UNIT if self._note.text() else 0
        self.setFixedHeight(min(self._wanted + note, int(parent.height() * MOST)))
        self.move(parent.width() - self.width() - MARGIN, parent.height() - self.height() - MARGIN)

    def _sheet(
        self, rows: Sequence[CellHistoryRow], now: datetime, present: Present | None, *, is_noted: bool
    ) -> QWidget:
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT)
        grid.setColumnStretch(1, 1)
        for row in rows:
            change = f"{row.old or self.tr('пусто')} → {row.new or self.tr('пусто')}"
            _add(grid, change, f"{short_name(row.author)}, {moment(row.at, now)}", below(row))
        elsewhere = self.tr("Прежние изменения хранятся на сервере; на этом компьютере их пока нет.")
        elsewhere = "" if is_noted else elsewhere
        if rows and rows[-1].old not in ("", self.tr("пусто")) and elsewhere:
            _add(grid, "", "", elsewhere)
        elif not rows and present is not None:
            value, author, at = present
            whose = ", ".join(part for part in (short_name(author), moment(at, now) if at else "") if part)
            _add(grid, value, whose, elsewhere)
        elif not rows:
            grid.addWidget(_label(self.tr("Здесь ещё ничего не вводили."), "secondary"), 0, 0, 1, 2)
        grid.setRowStretch(grid.rowCount(), 1)
        return sheet

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and the key that opened it step back."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape or (control and event.key() == Qt.Key.Key_H):
            self.hide()
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def below(row: CellHistoryRow) -> str:
    """Return what stands under a change: how it ended, by whose word, how sure it is, and why it was made."""
    number = f"№ {row.number}, {row.proof}" if row.number and row.proof else f"№ {row.number}" if row.number else ""
    let_through = tr("разрешено: {name}").format(name=row.approved_by) if row.approved_by else ""
    doubt = tr("часы компьютера были неверны") if row.is_doubtful else ""
    flag = tr("рабочее место открыто по новому коду и не подтверждено") if row.is_flagged else ""
    return " · ".join(part for part in (let_through or row.outcome, number, doubt, flag, row.why) if part)


def _add(grid: QGridLayout, what: str, whose: str, under: str) -> None:
    """Add one change: what at the left, who and when beside it, the rest under that."""
    row = grid.rowCount()
    top = QLabel(what)
    top.setFont(theme.font(theme.BASE, theme.BOLD))
    grid.addWidget(top, row, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(_label(whose, ""), row, 1)
    grid.addWidget(_label(under, "secondary"), row + 1, 1)


def _label(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("look", look)
    label.setWordWrap(True)
    return label
