"""Changing one's own password: the old one, the new one twice; what it changes and what it does not stand above."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.errors import Explained
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.widgets.password import PasswordField
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strength import SHORTEST_PASSWORD, strength, why_not_taken
from ejournal_desktop.ui.words import tr

COLUMN = 130 * theme.UNIT

#: What the server's silence means here: nothing goes by itself, the old password simply stays.
AWAY = frozenset({"EJ-320", "EJ-321", "EJ-375", "EJ-421", "EJ-425", "EJ-435", "EJ-436"})


def why_not(explained: Explained) -> str:
    """Return why a password was not changed, in words that fit this form."""
    if explained.code == "EJ-311":
        return tr("Прежний пароль не подошёл.")
    if explained.code in AWAY:
        return tr(
            "Сервер школы не отвечает, а новый пароль должен узнать и он. Здесь пароль прежний, записи целы. "
            "Повторите так же, когда сервер будет на связи."
        )
    if explained.code == "EJ-374":
        return tr(
            "На сервере у вас уже другой пароль: его сменили на другом компьютере. Записи целы. "
            "Выйдите и войдите с тем паролем: прежний здесь спросят один раз."
        )
    return explained.text


class PasswordForm(QFrame):
    """Three fields; Enter goes on, Esc steps back and leaves nothing typed."""

    wanted = Signal(str, str)  # the old password, the new one
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Сменить пароль"))
        self.setProperty("look", "paper")
        self._name = ""
        self._title = QLabel(self.tr("Сменить пароль"), self)
        self._title.setProperty("look", "large")
        self._about = QLabel(
            self.tr(
                "Новый пароль узнают этот компьютер и сервер школы. На других ваших компьютерах при первом входе "
                "один раз спросят прежний. Записи это не затрагивает."
            ),
            self,
        )
        self._about.setWordWrap(True)
        self._about.setProperty("look", "secondary")
        self.old, self.new, self.again = (PasswordField(self) for _ in range(3))
        self._message = Line(self, lines=3)
        self.change_button = QPushButton(self.tr("Сменить"), self)
        self.change_button.setProperty("look", "main")
        self._back = QPushButton(self.tr("Не менять"), self)
        self._back.setProperty("look", "quiet")
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * theme.UNIT)
        form.setVerticalSpacing(2 * theme.UNIT)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for label, field in (
            (self.tr("Прежний пароль"), self.old),
            (self.tr("Новый пароль"), self.new),
            (self.tr("Новый ещё раз"), self.again),
        ):
            field.setAccessibleName(label)
            form.addRow(label, field)
        holder = QWidget(self)
        holder.setFixedWidth(COLUMN)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * theme.UNIT)
        for part in (self._title, self._about):
            column.addWidget(part)
        column.addLayout(form)
        column.addWidget(self._message)
        column.addLayout(in_a_row(self.change_button, self._back))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(4 * theme.UNIT, 4 * theme.UNIT, 4 * theme.UNIT, 4 * theme.UNIT)
        outer.addWidget(holder)
        outer.addStretch(1)

    def _wire(self) -> None:
        for field in (self.old, self.new, self.again):
            field.returnPressed.connect(self._next)
            field.hint_changed.connect(partial(self._hint, field))
        self.new.textChanged.connect(partial(self._hint, self.new))
        self.change_button.clicked.connect(self._try)
        self._back.clicked.connect(self.leave)

    def enter(self, name: str) -> None:
        """Begin with empty fields; `name` is whose password it is."""
        self._name = name
        self._forget()
        self.set_busy(busy=False)
        self.old.setFocus()

    @property
    def message(self) -> str:
        """Return the sentence under the fields."""
        return self._message.text

    def set_busy(self, *, busy: bool) -> None:
        """Show that the password is being changed."""
        for field in (self.old, self.new, self.again):
            field.setReadOnly(busy)
        self.change_button.setEnabled(not busy)
        self._message.say(self.tr("Меняю пароль…") if busy else "")

    def refuse(self, explained: Explained) -> None:
        """Say why it was not changed; nothing typed is lost."""
        self.set_busy(busy=False)
        advice = f" {self.old.refused()}" if explained.code == "EJ-311" else ""
        self._message.say(f"{why_not(explained)}{advice}", "danger")
        self.old.setFocus()

    def done(self) -> None:
        """Leave nothing of it in the fields."""
        self._forget()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def leave(self) -> None:
        """Step back; what was typed is forgotten."""
        if self.change_button.isEnabled():  # what is on its way is waited for
            self._forget()
            self.left.emit()

    def _forget(self) -> None:
        for field in (self.old, self.new, self.again):
            field.clear()
        self._message.say("")

    def _hint(self, field: PasswordField, _: str) -> None:
        if self.change_button.isEnabled():
            told = [strength(field.text(), self._name) if field is self.new else "", field.hint]
            self._message.say(" ".join(part for part in told if part))

    def _next(self) -> None:
        empty = next((field for field in (self.old, self.new, self.again) if not field.text()), None)
        if empty is None:
            self._try()
        else:
            empty.setFocus()

    def _try(self) -> None:
        if not self.change_button.isEnabled():
            return
        fault, field = self._fault()
        if field is None:
            self.set_busy(busy=True)
            self.wanted.emit(self.old.text(), self.new.text())
        else:
            self._message.say(fault, "danger")
            field.setFocus()

    def _fault(self) -> tuple[str, PasswordField | None]:
        if not self.old.text():
            return self.tr("Впишите прежний пароль."), self.old
        if len(self.new.text()) < SHORTEST_PASSWORD:
            return self.tr("В новом пароле нужно хотя бы {n} знаков.").format(n=SHORTEST_PASSWORD), self.new
        if why_not_taken(self.new.text(), self._name):
            return why_not_taken(self.new.text(), self._name), self.new
        if self.new.text() == self.old.text():
            return self.tr("Новый пароль такой же, как прежний."), self.new
        if self.new.text() != self.again.text():
            return self.tr("Новые пароли не совпали: наберите второй ещё раз."), self.again
        return "", None
