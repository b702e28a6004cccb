"""The page of Вход that makes this computer known to the school: an address, then one short code on both screens."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.widgets.say import Line


class PairingPage(QWidget):
    """Asks for the server's address, shows the code, waits for the administrator."""

    wanted = Signal(str)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self.tr("Подключить этот компьютер к школе"), self)
        self._title.setProperty("look", "title")
        self._about = Line(self, lines=2)
        self.address = QLineEdit(self)
        self.address.setAccessibleName(self.tr("Адрес сервера школы"))
        self.address.setPlaceholderText(self.tr("например, journal.school.local:8443"))
        self.address.returnPressed.connect(self._try)
        self._code = QLabel(self)
        self._code.setFont(theme.font(2 * theme.LARGE, theme.BOLD))
        self._code.setAccessibleName(self.tr("Код подключения"))
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message = Line(self, lines=2)
        self._go = QPushButton(self.tr("Получить код"), self)
        self._go.setProperty("look", "main")
        self._go.clicked.connect(self._try)
        self._back = QPushButton(self.tr("Назад"), self)
        self._back.setProperty("look", "quiet")
        self._back.clicked.connect(self.back_wanted)
        self._lay_out()
        self.reset()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * theme.UNIT)
        form.addRow(self.tr("Адрес сервера"), self.address)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * theme.UNIT)
        for part in (self._title, self._about):
            column.addWidget(part)
        column.addLayout(form)
        column.addWidget(self._code)
        column.addWidget(self._message)
        column.addLayout(in_a_row(self._go, self._back))
        column.addStretch(1)

    def reset(self) -> None:
        """Begin anew."""
        self._about.say(
            self.tr(
                "Делается один раз, вместе с администратором. Адрес сервера он скажет или напечатает; "
                "затем на обоих экранах появится одинаковый короткий код."
            )
        )
        self._code.setText("")
        self._code.hide()
        self._message.say("")
        self.set_busy(busy=False)

    def enter(self) -> None:
        """Begin with the address."""
        self.address.setFocus()

    def set_busy(self, *, busy: bool) -> None:
        """Show that the server is being asked."""
        self.address.setReadOnly(busy)
        self._go.setEnabled(not busy)
        if busy:
            self._message.say(self.tr("Ищу сервер школы…"))

    def show_code(self, code: str) -> None:
        """Show the code; the rest is the administrator's."""
        self._code.setText(code)
        self._code.show()
        self._message.say(
            self.tr(
                "Сравните с кодом на экране администратора. Если совпал, он подтвердит, и здесь всё продолжится само."
            ),
            "hollow",
        )

    @property
    def code(self) -> str:
        """Return the code shown, "" when there is none."""
        return "" if self._code.isHidden() else self._code.text()

    @property
    def message(self) -> str:
        """Return the sentence under the address."""
        return self._message.text

    def refuse(self, sentence: str) -> None:
        """Say why the computer could not be connected."""
        self.set_busy(busy=False)
        self._code.hide()
        self._message.say(sentence, "danger")
        self.address.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _try(self) -> None:
        address = self.address.text().strip()
        if not address:
            self._message.say(self.tr("Впишите адрес сервера."), "danger")
            self.address.setFocus()
        elif self._go.isEnabled():
            self.set_busy(busy=True)
            self.wanted.emit(address)
