"""The people who have a journal on this computer: name, roles, and what of theirs has not gone out yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ejournal_core.kinds import Role
from ejournal_core.russian import text_key
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.searching import TypedLetters
from ejournal_desktop.ui.widgets.pill import DOT, paint_shape
from ejournal_desktop.ui.words import ENTRY, count, tr

ROW = 11 * theme.UNIT
BAR = 3

ROLES: dict[Role, str] = {
    "subject_teacher": "учитель",
    "class_teacher": "классный руководитель",
    "deputy_director": "завуч",
    "administrator": "администратор",
    "timetable_dispatcher": "диспетчер расписания",
    "secretary": "секретарь",
    "personnel_officer": "специалист по кадрам",
    "director": "директор",
}


@dataclass(frozen=True)
class DeskChoice:
    """One person's journal on this computer, as Вход offers it."""

    id: str
    person: PersonRow
    undelivered: int = 0  # entries that the server has not confirmed
    note: str = ""  # a sentence instead of the roles, when the desk cannot be opened as usual


class DeskList(QWidget):
    """A list for arrows, the first letters of a name, the mouse; `chosen` comes on Enter, a click, a double click."""

    chosen = Signal()
    current_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desks: list[DeskChoice] = []
        self._list = _Names(self)
        self._list.setItemDelegate(_Painter(self))
        self._list.setAccessibleName(self.tr("Кто вы"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self.current_changed)
        self._list.entered.connect(self.chosen)
        self._list.itemClicked.connect(self.chosen)
        self.setFocusProxy(self._list)

    def resizeEvent(self, _event: object) -> None:
        """Let the list fill the room, yet end after the last person."""
        self._fit()

    @property
    def count(self) -> int:
        """Return how many people there are."""
        return len(self._desks)

    @property
    def current(self) -> DeskChoice | None:
        """Return the chosen person."""
        row = self._list.currentRow()
        return self._desks[row] if 0 <= row < len(self._desks) else None

    def choose(self, row: int) -> None:
        """Move to a person."""
        self._list.setCurrentRow(row)

    def show_desks(self, desks: Sequence[DeskChoice], last: str = "") -> None:
        """Show the people in the order given; the one of the `last` desk is chosen, else whoever was stays chosen."""
        before = last or (self.current.id if self.current is not None else "")
        self._desks = list(desks)
        self._list.blockSignals(True)
        self._list.clear()
        for desk in desks:
            item = QListWidgetItem(desk.person.name)
            item.setData(Qt.ItemDataRole.UserRole, desk)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (desk.person.name, *lines(desk)))))
            self._list.addItem(item)
        rows = [number for number, desk in enumerate(desks) if desk.id == before]
        self._list.setCurrentRow(rows[0] if rows else 0)
        self._list.blockSignals(False)
        self._fit()

    def _fit(self) -> None:
        wanted = self.count * ROW + 2
        self._list.setGeometry(0, 0, self.width(), min(self.height(), wanted))
        self.setMinimumHeight(min(wanted, 4 * ROW))
        self.setMaximumHeight(wanted)


def lines(desk: DeskChoice) -> tuple[str, str]:
    """Return what stands under the name and what stands at the right."""
    roles = ", ".join(tr(ROLES[role]) for role in desk.person.roles)
    waiting = tr("не отправлено: {n}").format(n=count(desk.undelivered, ENTRY)) if desk.undelivered else ""
    return desk.note or roles, waiting


class _Names(QListWidget):
    """Enter goes on to the password; letters in either layout go to the next name that begins so."""

    entered = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._letters = TypedLetters()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter choose; the rest is the list's own."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, letter: str) -> None:
        """Go to a name: one letter goes on to the next that begins with it, more stay where they fit."""
        rows = self._letters.add(letter, self._rows)
        here = self.currentRow() if len(self._letters.typed) > len(letter) else self.currentRow() + 1
        if rows:
            self.setCurrentRow(next((row for row in rows if row >= here), rows[0]))

    def _rows(self, typed: str) -> list[int]:
        names = [text_key(self.item(row).text()) for row in range(self.count())]
        wanted = text_key(typed)
        return [row for row, name in enumerate(names) if wanted and name.startswith(wanted)]


class _Painter(QStyledItemDelegate):
    """Two lines a person."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10 * ROW, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        t = theme.tokens()
        desk: DeskChoice = index.data(Qt.ItemDataRole.UserRole)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, theme.colour(t.selection))
            hue = t.accent if state & QStyle.StateFlag.State_HasFocus else t.rule
            painter.fillRect(QRect(rect.left(), rect.top(), BAR, rect.height()), theme.colour(hue))
        inner = rect.adjusted(3 * theme.UNIT + BAR, theme.UNIT + 1, -3 * theme.UNIT, -theme.UNIT - 1)
        self._words(painter, inner, desk, bold=chosen)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.colour(t.line))
        painter.restore()

    def _words(self, painter: QPainter, inner: QRect, desk: DeskChoice, *, bold: bool) -> None:
        t = theme.tokens()
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        under, right = lines(desk)
        painter.setPen(theme.colour(t.ink))
        painter.setFont(theme.font(theme.MARK, theme.BOLD if bold else theme.REGULAR))
        middle = Qt.AlignmentFlag.AlignVCenter  # a name alone stands in the middle of its row
        painter.drawText(inner, top if under or right else middle, _cut(painter, desk.person.name, inner.width()))
        painter.setFont(theme.font(theme.SMALL + 1))
        painter.setPen(theme.colour(t.secondary))
        width = painter.fontMetrics().horizontalAdvance(right)
        painter.drawText(inner, bottom, _cut(painter, under, inner.width() - width - 6 * theme.UNIT))
        if right:
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | bottom, right)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            dot = QRectF(inner.right() - width - DOT - theme.UNIT, inner.bottom() - DOT - 3, DOT, DOT)
            paint_shape(painter, dot, "hollow", t.warning)


def _cut(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
