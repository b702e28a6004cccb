"""The page of Вход for somebody who has no journal on this computer yet: needs the server once, never again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.jobs import Progress
from ejournal_desktop.ui.widgets.controls import TickBox
from ejournal_desktop.ui.widgets.layouts import in_a_row
from ejournal_desktop.ui.widgets.loading_bar import LoadingBar
from ejournal_desktop.ui.widgets.password import PasswordField
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strength import SHORTEST_PASSWORD, strength, why_not_taken
from ejournal_desktop.ui.words import grouped, span


@dataclass(frozen=True)
class FirstSignIn:
    """What the first sign-in on a computer takes: the person's password, or the code of the slip and a new one."""

    name: str  # as typed: the surname is enough while it is the only one
    password: str
    activation_code: str = ""

    def __repr__(self) -> str:
        return "FirstSignIn(…)"  # never in a log


class FirstSignInPage(QWidget):
    """Name for signing in, then either the password or the code from the printed slip with a new password, twice."""

    wanted = Signal(object)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self.tr("Первый вход на этом компьютере"), self)
        self._title.setProperty("look", "title")
        self._about = Line(self, lines=2)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("можно одну фамилию"))
        self.has_code = TickBox(self.tr("У меня листок с кодом активации"), self)
        self.code = QLineEdit(self)
        self.password = PasswordField(self)
        self.again = PasswordField(self)
        self._message = Line(self, lines=2)
        self.bar = LoadingBar(self, margin=0)
        self._go = QPushButton(self.tr("Войти"), self)
        self._go.setProperty("look", "main")
        self._back = QPushButton(self.tr("Назад"), self)
        self._back.setProperty("look", "quiet")
        self._form = QFormLayout()
        self._lay_out()
        self._wire()
        self.set_reachable(reachable=True)

    def _lay_out(self) -> None:
        self._form.setHorizontalSpacing(3 * theme.UNIT)
        self._form.setVerticalSpacing(2 * theme.UNIT)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._form.addRow(self.tr("Фамилия, имя, отчество"), self.name)
        self._form.addRow("", self.has_code)
        self._form.addRow(self.tr("Код с листка"), self.code)
        self._form.addRow(self.tr("Пароль"), self.password)
        self._form.addRow(self.tr("Ещё раз"), self.again)
        for name, field in (
            (self.tr("Фамилия, имя, отчество"), self.name),
            (self.tr("Код с листка"), self.code),
            (self.tr("Пароль"), self.password),
            (self.tr("Пароль ещё раз"), self.again),
        ):
            field.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * theme.UNIT)
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addLayout(self._form)
        column.addWidget(self._message)
        column.addWidget(self.bar)
        column.addLayout(in_a_row(self._go, self._back))
        column.addStretch(1)

    def _wire(self) -> None:
        self.has_code.toggled.connect(self._show_fields)
        for field in (self.name, self.code, self.password, self.again):
            field.returnPressed.connect(self._next)
        for password in (self.password, self.again):
            password.hint_changed.connect(partial(self._hint, password))
        self.password.textChanged.connect(partial(self._hint, self.password))
        self._go.clicked.connect(self._try)
        self._back.clicked.connect(self.back_wanted)
        self._show_fields()

    def _show_fields(self) -> None:
        code = self.has_code.isChecked()
        self._form.setRowVisible(self.code, code)
        self._form.setRowVisible(self.again, code)
        label = self._form.labelForField(self.password)
        if isinstance(label, QLabel):
            label.setText(self.tr("Новый пароль") if code else self.tr("Пароль"))

    def set_reachable(self, *, reachable: bool) -> None:
        """Say whether the server, which this one time is needed, is there."""
        if reachable:
            self._about.say(self.tr("Один раз нужен сервер школы. Потом журнал открывается здесь и без сети."))
        else:
            self._about.say(
                self.tr(
                    "Сервера школы сейчас не видно, а для первого входа он нужен. "
                    "Войдите там, где уже входили, или ведите урок на бумажном бланке и внесите его потом."
                ),
                "hollow",
            )

    def enter(self, name: str = "", *, has_code: bool = False) -> None:
        """Begin with the name, or behind it where it is known."""
        self.set_busy(busy=False)
        if not name:
            self.name.setFocus()
            return
        self.name.setText(name)
        self.has_code.setChecked(has_code)
        (self.code if has_code else self.password).setFocus()

    def take_password(self, password: str) -> None:
        """Take what was typed elsewhere on Вход; Enter goes on."""
        self.password.setText(password)
        self._message.say(
            self.tr(
                "Журнал откроется заново с сервера школы; неотправленное лежит запечатанным и уйдёт само. "
                "Нажмите «Войти»."
            )
        )

    def set_busy(self, *, busy: bool) -> None:
        """Show that the server is being asked."""
        for field in (self.name, self.code, self.password, self.again):
            field.setReadOnly(busy)
        self._go.setEnabled(not busy)
        self.bar.show_percent("", None)
        if busy:
            self._message.say(self.tr("Спрашиваю сервер школы…"))

    def show_progress(self, progress: Progress) -> None:
        """Show how much of the journal has come; a break is no loss."""
        if progress.total <= 0:
            return
        percent = progress.done * 100 // progress.total
        told = self.tr("Загружается: {percent} %, {done} из {total}\u00a0записей").format(
            percent=percent, done=grouped(progress.done), total=grouped(progress.total)
        )
        left = progress.seconds_left
        self.bar.show_percent(told, percent, self.tr("Осталось {span}.").format(span=span(left)) if left else " ")
        self._message.say(
            self.tr("Вы уже узнаны. Если связь прервётся, журнал откроется с тем, что пришло, и дозагрузится сам.")
        )

    def _hint(self, field: PasswordField, _: str) -> None:
        if self._go.isEnabled():
            is_new = self.has_code.isChecked() and field is self.password
            told = [strength(field.text(), self.name.text()) if is_new else "", field.hint]
            self._message.say(" ".join(part for part in told if part))

    def refuse(self, sentence: str) -> None:
        """Say why not; nothing typed is lost."""
        self.set_busy(busy=False)
        self._message.say(sentence, "danger")
        self.password.selectAll()
        self.password.setFocus()

    def forget(self) -> None:
        """Leave nothing of the last person."""
        for field in (self.name, self.code, self.password, self.again):
            field.clear()
        self.has_code.setChecked(False)
        self.set_busy(busy=False)
        self._message.say("")

    @property
    def message(self) -> str:
        """Return the sentence under the fields."""
        return self._message.text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back; what was typed stays for the next time."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _next(self) -> None:
        for field in (self.name, self.code, self.password, self.again):
            if not field.isHidden() and not field.text():
                field.setFocus()
                return
        self._try()

    def _try(self) -> None:
        if not self._go.isEnabled():
            return
        fault, field = self._fault()
        if field is not None:
            self._message.say(fault, "danger")
            field.setFocus()
            return
        code = self.code.text().strip() if self.has_code.isChecked() else ""
        self.set_busy(busy=True)
        self.wanted.emit(FirstSignIn(self.name.text().strip(), self.password.text(), code))

    def _fault(self) -> tuple[str, QLineEdit | None]:
        if not self.name.text().strip():
            return self.tr("Впишите фамилию, имя и отчество."), self.name
        if not self.password.text():
            return self.tr("Впишите пароль."), self.password
        if not self.has_code.isChecked():
            return "", None
        if not self.code.text().strip():
            return self.tr("Впишите код с листка."), self.code
        if len(self.password.text()) < SHORTEST_PASSWORD:
            return self.tr("Пароль короче {n} знаков: его легко подобрать.").format(n=SHORTEST_PASSWORD), self.password
        if why_not_taken(self.password.text(), self.name.text()):
            return why_not_taken(self.password.text(), self.name.text()), self.password
        if self.password.text() != self.again.text():
            return self.tr("Пароли не совпали: наберите второй ещё раз."), self.again
        return "", None
