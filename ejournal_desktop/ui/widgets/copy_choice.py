"""Which copy to look into, and with which key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.copies_open import CopyRow
from ejournal_desktop.ui.widgets.copy_row import CopyFace
from ejournal_desktop.ui.widgets.layouts import MARGIN, in_a_row, scrolling, set_in
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line


class CopyChoice(QFrame):
    """Signals: `wanted` brings a CopyRow and what was typed as its key; `looked_for` and `folder_wanted` nothing."""

    wanted = Signal(object, str)
    looked_for = Signal()
    folder_wanted = Signal()

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.list = RowList(CopyFace(clock), self.tr("Копии на носителях"), self)
        self.key = QLineEdit(self)
        self.open = QPushButton(self.tr("Открыть копию"), self)
        self.again = QPushButton(self.tr("Посмотреть носители снова"), self)
        self.folder = QPushButton(self.tr("Другая папка…"), self)
        self._about, self._empty, self._key_title = QLabel(self), QLabel(self), QLabel(self)
        self.message = Line(self, lines=2)
        self._lay_out()
        self._connect()
        self.show_rows((), own_key=False)

    def _lay_out(self) -> None:
        page = QFrame(self)
        page.setProperty("look", "paper")
        self._about.setText(self.tr(
            "Журнал школы, каким он был в день копии: его можно листать и сравнить с сегодняшним, изменить нельзя "
            "ничего. На этом компьютере от копии ничего не остаётся. Кто её открывал, видно в журнале событий."
        ))  # fmt: skip
        title = QLabel(self.tr("Какую копию открыть"), page)
        title.setProperty("look", "title")
        for label in (self._about, self._empty, self._key_title):
            label.setProperty("look", "secondary")
        for label in (title, self._about, self._empty, self._key_title):
            label.setWordWrap(True)
            label.setMargin(0)
        self.key.setMaximumWidth(180 * theme.UNIT)
        self.key.setAccessibleName(self.tr("Ключ копии"))
        self.open.setProperty("look", "main")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 3 * theme.UNIT, 0, MARGIN)
        column.setSpacing(0)
        for part in (title, self._about, self._empty):
            column.addLayout(set_in(part, theme.UNIT, theme.UNIT))
        column.addWidget(self.list)
        column.addLayout(set_in(self._key_title, 2 * theme.UNIT, 0))
        column.addLayout(set_in(self.key, 2 * theme.UNIT, 0))
        buttons = in_a_row(self.open, self.again, self.folder, gap=2 * theme.UNIT)
        buttons.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, theme.UNIT)
        column.addLayout(buttons)
        column.addLayout(set_in(self.message, 2 * theme.UNIT, theme.UNIT))
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scrolling(page, self), 1)

    def _connect(self) -> None:
        self.list.opened.connect(lambda _row: self.submit())
        self.key.returnPressed.connect(self.submit)
        self.open.clicked.connect(self.submit)
        self.again.clicked.connect(self.looked_for)
        self.folder.clicked.connect(self.folder_wanted)

    def show_rows(self, rows: Sequence[CopyRow], *, own_key: bool) -> None:
        """Offer what was found; `own_key`: this person's own key opens copies."""
        self._own_key = own_key
        self.list.show_rows(rows)
        self.list.setVisible(bool(rows))
        self._empty.setText("" if rows else self.tr(
            "Копий не видно. Вставьте носитель и нажмите «Посмотреть носители снова», или укажите папку."
        ))  # fmt: skip
        self._empty.setVisible(not rows)
        if own_key:
            self._key_title.setText(self.tr(
                "Копию откроет ваш ключ администратора: оставьте строку пустой. Не подошёл — наберите сюда ключ с "
                "листа восстановления."
            ))  # fmt: skip
        else:
            self._key_title.setText(self.tr(
                "Ключ с листа восстановления, все десять групп подряд. Набирайте его только на своём компьютере, не в "
                "учительской, и сразу верните лист в сейф."
            ))  # fmt: skip
        for part in (self._key_title, self.key, self.open):
            part.setVisible(bool(rows))

    @property
    def keys(self) -> str:
        """Return the keys of this page."""
        more = self.tr("Ctrl+R посмотреть носители снова   Ctrl+O другая папка")
        return f"{self.tr('Enter открыть копию')}   {more}" if self.list.count() else more

    def put_focus(self) -> None:
        """Put the focus where work goes on."""
        (self.list if self.list.count() else self.again).setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Ask for the current copy; without any key, for that first."""
        row = self.list.current
        if row is None:
            return
        if row.found.trouble is None and not self.key.text().strip() and not self._own_key:
            self.message.say(self.tr("Наберите ключ с листа восстановления: без него копия не открывается."))
            self.key.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.wanted.emit(row, self.key.text())
