"""The name of the page in large, which opens a list of all pages that narrows while one types: «7б алг»."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ejournal_core.russian import text_key
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.spoken import short_name
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.widgets.chooser_button import ChooserButton

WIDTH = 100 * theme.UNIT
MOST_ROWS = 12
_IGNORED = str.maketrans("", "", "«»\"' .·-")


def matches(page: PageRef, typed: str) -> bool:
    """Say whether every typed word is found in the page's name, wherever and however spaced («7б алг»)."""
    teachers = " ".join(page.teachers)
    name = text_key(f"{page.title} {teachers}").translate(_IGNORED)
    return all(text_key(word).translate(_IGNORED) in name for word in typed.split())


def found(pages: Sequence[PageRef], typed: str) -> Sequence[PageRef]:
    """Return the pages that a text typed in either layout means."""
    return first_found(typed, lambda text: [page for page in pages if matches(page, text)])


class PageChooser(ChooserButton):
    """Shows the class and the subject, always large enough to be sure of; opens the list."""

    chosen = Signal(str)  # page id
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(theme.font(theme.TITLE, theme.BOLD), parent)
        self.setToolTip(self.tr("Выбрать журнал (Ctrl+O)"))
        self._pages: tuple[PageRef, ...] = ()
        self._current = ""
        self._list = _PageList(self)
        self._list.chosen.connect(self.chosen)
        self._list.left.connect(self.left)
        self.clicked.connect(self.open_list)

    def show_pages(self, pages: Sequence[PageRef], current: str) -> None:
        """Offer pages, one of which is open."""
        self._pages, self._current = tuple(pages), current
        page = next((page for page in self._pages if page.id == current), None)
        self.setText(page.title if page else self.tr("Журналов нет"))
        self.setAccessibleName(self.tr("Журнал: {0}").format(self.text()))
        self.updateGeometry()
        self.update()

    def open_list(self) -> None:
        """Open the list under the name, the open page chosen."""
        if self._pages:
            self._list.offer(self._pages, self._current, self.mapToGlobal(QPoint(0, self.height() + 2)))

    @property
    def page_list(self) -> _PageList:
        """Return the list that opens."""
        return self._list


class _PageList(QFrame):
    """A line to type into and the pages that fit."""

    chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("page_list")
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("Класс, предмет или учитель: 7б алг"))
        self.line.setAccessibleName(self.tr("Найти журнал"))
        self.list = QListWidget(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setStyleSheet("QListView { border: none; }")
        self.line.textChanged.connect(self._narrow)
        self.list.itemClicked.connect(self._take)
        self.line.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * theme.UNIT, 2 * theme.UNIT, 2 * theme.UNIT, 2 * theme.UNIT)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self._pages: tuple[PageRef, ...] = ()
        self._current = ""

    def offer(self, pages: tuple[PageRef, ...], current: str, place: QPoint) -> None:
        """Open at a place of the screen."""
        t = theme.tokens()
        self.setStyleSheet(f"#page_list {{ background: {t.paper}; border: 1px solid {t.rule}; }}")
        self._pages, self._current = pages, current
        self.line.clear()
        self._narrow("")
        self.setFixedWidth(WIDTH)
        self.move(place)
        self.show()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _narrow(self, typed: str) -> None:
        self.list.clear()
        for page in sorted(found(self._pages, typed), key=lambda page: not page.mine):
            others = "" if page.mine else "   " + ", ".join(short_name(name) for name in page.teachers)
            item = QListWidgetItem(page.title + others)
            item.setData(Qt.ItemDataRole.UserRole, page.id)
            if not page.mine:
                item.setForeground(theme.colour(theme.tokens().secondary))
            self.list.addItem(item)
            if page.id == self._current:
                self.list.setCurrentItem(item)
        if typed or self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        rows = max(1, min(self.list.count(), MOST_ROWS))
        self.list.setFixedHeight(rows * theme.LIST_ROW + theme.UNIT)
        self.adjustSize()

    def eventFilter(self, _watched: object, event: object) -> bool:
        """The arrows walk the list while the line has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            key = event.key()
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if key == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.currentRow() + step, self.list.count() - 1)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
            if key == Qt.Key.Key_Escape:
                self.close()
                self.left.emit()
                return True
        return False

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.close()
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
