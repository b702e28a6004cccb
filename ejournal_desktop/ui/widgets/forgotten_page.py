"""The page of Вход for a forgotten password: nobody can bring it back, nothing is lost, and who helps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.desk_list import DeskChoice
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.words import ENTRY, count


class ForgottenPage(QWidget):
    """What to do, in the order it is done, for one person."""

    code_wanted = Signal(str)  # the person's name: there is a slip with a code
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._title = QLabel(self.tr("Забыли пароль"), self)
        self._title.setProperty("look", "title")
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self.code_button = QPushButton(self.tr("У меня листок с новым кодом"), self)
        self.code_button.setProperty("look", "main")
        self.code_button.clicked.connect(lambda: self.code_wanted.emit(self._name))
        self._back = QPushButton(self.tr("Назад"), self)
        self._back.setProperty("look", "quiet")
        self._back.clicked.connect(self.back_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * theme.UNIT)
        for part in (self._title, self._words):
            column.addWidget(part)
        column.addLayout(in_a_row(self.code_button, self._back))
        column.addStretch(1)

    def enter(self, desk: DeskChoice) -> None:
        """Say it to this person."""
        self._name = desk.person.name
        unsent = self.tr(
            "Неотправленное ({n}) лежит запечатанным и уйдёт отсюда без пароля: само, когда вы войдёте по коду, "
            "или сейчас, если вернуться на «Вход» и нажать «Отправить с этого компьютера»."
        ).format(n=count(desk.undelivered, ENTRY))
        told = [
            desk.person.name,
            self.tr("Записи не пропадут: принятое — на сервере школы.") + (f" {unsent}" if desk.undelivered else ""),
            self.tr(
                "Старый пароль не знает никто, и узнать его нельзя. Попросите администратора: вместе с завучем или "
                "директором он напечатает листок с новым кодом. По нему вы зададите новый пароль."
            ),
            self.tr(
                "Пока листка нет, войти можно там, где вы помните пароль; урок можно вести на бумажном бланке "
                "и внести его потом."
            ),
        ]
        self._words.setText("\n\n".join(told))
        self.setAccessibleName(self._words.text())
        self.code_button.setFocus()

    @property
    def text(self) -> str:
        """Return what is said."""
        return self._words.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back; Enter presses the button that has the focus."""
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QPushButton):
            focused.click()
        else:
            super().keyPressEvent(event)
