"""Pupils × groups of a class: who is in which group on a day, and what was before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ejournal_desktop.models.queries.subgroups import ClassSubgroups, GroupColumn
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.keys import COMMANDS
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.widgets.entry_table import NUMBERS, dress_cells, of_number
from ejournal_desktop.ui.words import as_tip, day_short, tr

Index = QModelIndex | QPersistentModelIndex

NUMBER, NAME, FIRST_GROUP = 0, 1, 2
NUMBER_WIDTH, NAME_WIDTH, NARROWEST, WIDEST = 34, 200, 96, 240
LAST_KEY = 9


class GroupsModel(QAbstractTableModel):
    """Reads `ClassSubgroups` as of `day`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: ClassSubgroups | None = None
        self.day = date.min
        self.cut: Callable[[str], str] = str  # a line of a head to the width of its column

    def show_groups(self, groups: ClassSubgroups, day: date) -> None:
        """Show a class on a day; the table is built anew only when its frame differs."""
        before, self.day = self.groups, day
        same = before is not None and (before.pupils, [g.id for g in before.groups]) == (
            groups.pupils, [g.id for g in groups.groups])  # fmt: skip
        if not same:
            self.beginResetModel()
        self.groups = groups
        if not same:
            self.endResetModel()
            return
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def group(self, column: int) -> GroupColumn | None:
        """Return the group of a column, None where it is none."""
        at = column - FIRST_GROUP
        return self.groups.groups[at] if self.groups is not None and 0 <= at < len(self.groups.groups) else None

    def is_member(self, row: int, column: int) -> bool:
        """Say whether a pupil is in a group on the day."""
        group = self.group(column)
        if group is None or self.groups is None:
            return False
        stay = self.groups.stay(self.groups.pupils[row].pupil_id, group.id, self.day)
        return stay is not None and stay.since <= self.day

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of pupils."""
        return len(self.groups.pupils) if self.groups is not None and (parent is None or not parent.isValid()) else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        known = len(self.groups.groups) if self.groups is not None else 0
        return FIRST_GROUP + known if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, its name for screen readers."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            spoken = self.spoken(row, column)
            return as_tip(spoken) if role == Qt.ItemDataRole.ToolTipRole else spoken
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads: the group with its number of pupils on the day, its subjects and teachers as the tip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        group = self.group(section)
        if role == Qt.ItemDataRole.TextAlignmentRole and group is not None:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.TextAlignmentRole and section == NUMBER:
            return NUMBERS
        if role == Qt.ItemDataRole.ToolTipRole and group is not None:
            subjects = ", ".join(group.subjects) or tr("страница журнала ещё не открыта")
            return as_tip(" · ".join(part for part in (subjects, ", ".join(group.teachers)) if part))
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if group is None:
            return {NUMBER: "№", NAME: tr("Ученик")}.get(section, "")
        members = sum(self.is_member(row, section) for row in range(self.rowCount()))
        subject = group.subjects[0] if group.subjects else tr("без страницы")
        key = section - FIRST_GROUP + 1
        told = tr("клавиша {key} · {subject}").format(subject=subject, key=key) if key <= LAST_KEY else subject
        return f"{self.cut(f'{group.title}: {members}')}\n{self.cut(told)}"

    def text(self, row: int, column: int) -> str:
        """Return «✓», «✓ с 15.09», «до 14.09», «с 20.09»."""
        assert self.groups is not None
        pupil, group = self.groups.pupils[row], self.group(column)
        if group is None:
            return str(pupil.position) if column == NUMBER else pupil.name
        stay = self.groups.stay(pupil.pupil_id, group.id, self.day)
        if stay is not None and stay.since <= self.day:
            since = "" if stay.since <= self.groups.year[0] else tr("с {day}").format(day=day_short(stay.since))
            until = tr("до {day}").format(day=day_short(stay.until)) if stay.until is not None else ""
            return " ".join(part for part in ("✓", since, until) if part)
        if stay is not None:
            return tr("с {day}").format(day=day_short(stay.since))
        past = self.groups.stays.get((pupil.pupil_id, group.id), ())
        ended = past[-1].until if past else None
        return tr("до {day}").format(day=day_short(ended)) if ended is not None else ""

    def spoken(self, row: int, column: int) -> str:
        """Return a cell in words, with all the times in the group."""
        assert self.groups is not None
        pupil, group = self.groups.pupils[row], self.group(column)
        if group is None:
            return pupil.whole_name
        stays = self.groups.stays.get((pupil.pupil_id, group.id), ())
        times = [_time(stay.since, stay.until) for stay in stays]
        return f"{pupil.whole_name}, {group.title}: {', '.join(times) or tr('вне группы')}"


def _time(since: date, until: date | None) -> str:
    if until is None:
        return tr("с {day}").format(day=f"{since:%d.%m.%Y}")
    return tr("с {day} по {last}").format(day=f"{since:%d.%m.%Y}", last=f"{until:%d.%m.%Y}")


class GroupsTable(QTableView):
    """Space or Enter puts the pupil into the group of the column, a digit into that group; Delete takes out.

    Signals:
        wanted: row, column: the pupil goes to the group.
        left_group: row, column: the pupil leaves it.
    """

    wanted = Signal(int, int)
    left_group = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = GroupsModel(self)
        self.setAccessibleName(self.tr("Ученики по группам"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegate(_MemberPainter(self))
        self.setModel(self.cells)
        self.verticalHeader().setMinimumSectionSize(0)
        dress_cells(self, theme.ROW)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(0)
        self.cells.cut = self._cut
        self.cells.modelReset.connect(self._begin)

    def _begin(self) -> None:
        self._fit()
        if self.cells.rowCount() and self.cells.columnCount() > FIRST_GROUP:
            self.setCurrentIndex(self.cells.index(0, FIRST_GROUP))

    @property
    def place(self) -> tuple[int, int]:
        """Return (row, column) of the cursor, (-1, -1) when it is nowhere."""
        return self.currentIndex().row(), self.currentIndex().column()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put into a group, or take out of it."""
        row, column = self.place
        if row < 0 or event.modifiers() & COMMANDS:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.wanted.emit(row, column)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.left_group.emit(row, column)
        elif event.text().isdecimal() and event.text() != "0":
            self.wanted.emit(row, FIRST_GROUP + int(event.text()) - 1)
        else:
            super().keyPressEvent(event)

    def go_down(self) -> None:
        """Go on to the next pupil."""
        row, column = self.place
        if row + 1 < self.cells.rowCount():
            self.setCurrentIndex(self.cells.index(row + 1, column))

    def mouseDoubleClickEvent(self, event: Any) -> None:
        """A double click is Enter."""
        super().mouseDoubleClickEvent(event)
        if self.place[1] >= FIRST_GROUP:
            self.wanted.emit(*self.place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room among the groups."""
        super().resizeEvent(event)
        self._fit()

    def _cut(self, line: str) -> str:
        room = self.columnWidth(FIRST_GROUP) - 4 * theme.UNIT
        return self.horizontalHeader().fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room)

    def _fit(self) -> None:
        groups = max(self.cells.columnCount() - FIRST_GROUP, 1)
        room = (self.viewport().width() - NUMBER_WIDTH - NAME_WIDTH) // groups
        self.setColumnWidth(NUMBER, NUMBER_WIDTH)
        self.setColumnWidth(NAME, NAME_WIDTH)
        for column in range(FIRST_GROUP, self.cells.columnCount()):
            self.setColumnWidth(column, max(NARROWEST, min(room, WIDEST)))


class _MemberPainter(QStyledItemDelegate):
    """Hairlines, the row where you are; a member in ink on a tint, what was or will be in grey."""

    def __init__(self, table: GroupsTable) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(NARROWEST, theme.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t, rect, cells = theme.tokens(), QRect(option.rect), self._table.cells
        here, column = self._table.currentIndex(), index.column()
        member = cells.is_member(index.row(), column)
        painter.save()
        painter.setClipRect(rect)
        ground = t.selection if here.row() == index.row() else t.today if member else t.paper
        painter.fillRect(rect, theme.colour(ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        if column >= FIRST_GROUP:
            painter.fillRect(rect.left(), rect.top(), 1, rect.height(), theme.colour(t.line))
        painter.setFont(theme.font(theme.BASE))
        painter.setPen(theme.colour(t.ink if column == NAME or member else t.secondary))
        side = Qt.AlignmentFlag.AlignHCenter if column >= FIRST_GROUP else Qt.AlignmentFlag.AlignLeft
        inner = rect.adjusted(2 * theme.UNIT, 0, -theme.UNIT, 0)
        words, metrics = cells.text(index.row(), column), painter.fontMetrics()
        text = (cut_name(metrics, words, inner.width()) if column == NAME
                else metrics.elidedText(words, Qt.TextElideMode.ElideRight, inner.width()))  # fmt: skip
        if column == NUMBER:
            painter.drawText(of_number(rect), NUMBERS, words)
        else:
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, text)
        if here.row() == index.row() and here.column() == column:
            painter.setPen(QPen(theme.colour(t.accent if self._table.hasFocus() else t.rule), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()
