"""The lock: covers everything, shows no data, opens again with the password; what was half typed stays as it was."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.widgets.password import PasswordField

COLUMN = 90 * theme.UNIT


class LockScreen(QWidget):
    """Only the person's own name and a password field."""

    unlock_wanted = Signal(str)  # the password
    leave_wanted = Signal()  # somebody else wants to sign in

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Журнал заблокирован"))
        self._who = QLabel(self)
        self._who.setProperty("look", "large")
        self._why = QLabel(self)
        self._why.setProperty("look", "secondary")
        self._why.setWordWrap(True)
        self.password = PasswordField(self)
        self.password.setAccessibleName(self.tr("Пароль"))
        self.password.setPlaceholderText(self.tr("Пароль"))
        self.password.returnPressed.connect(self._try)
        self.password.hint_changed.connect(self._show_hint)
        self._open = QPushButton(self.tr("Открыть"), self)
        self._open.setProperty("look", "main")
        self._open.clicked.connect(self._try)
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.setMinimumHeight(14 * theme.UNIT)  # three lines, so that nothing jumps
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._leave = QPushButton(self.tr("Войти другому человеку"), self)
        self._leave.setProperty("look", "quiet")
        self._leave.setStyleSheet("padding-left: 1px; padding-right: 6px;")  # its words at the column's edge
        self._leave.clicked.connect(self.leave_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        field = QHBoxLayout()
        field.setSpacing(2 * theme.UNIT)
        field.addWidget(self.password, 1)
        field.addWidget(self._open)
        column = QVBoxLayout()
        column.setSpacing(3 * theme.UNIT)
        for part in (self._who, self._why):
            column.addWidget(part)
        column.addLayout(field)
        column.addWidget(self._message)
        column.addLayout(in_a_row(self._leave))
        holder = QWidget(self)
        holder.setFixedWidth(COLUMN)
        holder.setLayout(column)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def ask(self, name: str, why: str = "") -> None:
        """Get ready for this person; the field is empty and has the focus."""
        self._who.setText(name)
        self._why.setText(
            why or self.tr("Журнал заблокирован. Введённое сохранено; недописанное ждёт здесь, пока не войдёт другой.")
        )
        self.password.clear()
        self._say("")
        self.set_busy(busy=False)

    def set_busy(self, *, busy: bool) -> None:
        """Show that the password is being tried; the field keeps the focus."""
        self.password.setReadOnly(busy)
        self._open.setEnabled(not busy)
        if busy:
            self._say(self.tr("Открываю…"))
        self.password.setFocus()

    def refuse(self, sentence: str, *, wrong_password: bool = True) -> None:
        """Say why the password did not open the journal."""
        self.set_busy(busy=False)
        elsewhere = self.tr("Если пароль меняли на другом компьютере, здесь пока действует прежний.")
        told = f"{sentence} {self.password.refused()} {elsewhere}" if wrong_password else sentence
        self._say(told, danger=True)

    def forget(self) -> None:
        """Leave no password in the field."""
        self.password.clear()

    @property
    def message(self) -> str:
        """Return the sentence under the field."""
        return self._message.text()

    def _try(self) -> None:
        if self.password.text() and not self.password.isReadOnly():
            password = self.password.text()
            self.set_busy(busy=True)
            self.unlock_wanted.emit(password)

    def _show_hint(self, hint: str) -> None:
        if not self.password.isReadOnly():
            self._say(hint)

    def _say(self, text: str, *, danger: bool = False) -> None:
        self._message.setText(text)
        self._message.setProperty("look", "danger" if danger else "secondary")
        self._message.style().polish(self._message)
