"""The strips of Люди: who it is, a role and its days, leaving, and the second person who confirms a new code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.wording import LONGEST
from ejournal_desktop.models.queries.staff import ROLES, RoleRow, StaffRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.layouts import MARGIN, caption
from ejournal_desktop.ui.widgets.password import PasswordField
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import tr

LONGEST_REASON = 200
WIDE_CHOOSER = 56 * theme.UNIT


class StaffForm(StripForm):
    """Fields in one row, the button behind them; Enter writes from any of them, Esc steps back."""

    def __init__(self, name: str, button: str, fields: Sequence[tuple[str, QWidget, int]], parent: QWidget) -> None:
        super().__init__(name, parent)
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFont(theme.font(theme.BASE, theme.BOLD))
        self.enter = QPushButton(button, self)
        self.enter.setProperty("look", "main")
        self.enter.clicked.connect(self.submit)
        self.note = Line(self)
        self._fields = [field for _, field, _ in fields]
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT)
        for column, (title, field, stretch) in enumerate(fields):
            field.setParent(self)
            grid.addWidget(caption(title, field, self), 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, stretch)
            if isinstance(field, QLineEdit):
                field.returnPressed.connect(self.submit)
            elif isinstance(field, Chooser):
                field.entered.connect(self.submit)
        grid.addWidget(self.enter, 1, len(fields))
        if not any(stretch for _, _, stretch in fields):
            grid.setColumnStretch(len(fields) + 1, 1)
        QWidget.setTabOrder(self.last_field, self.enter)  # made before the fields, so Tab would pass it by
        page = QVBoxLayout(self)
        page.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, theme.UNIT)
        page.setSpacing(theme.UNIT)
        page.addWidget(self.title)
        page.addLayout(grid)
        page.addWidget(self.note)
        self.hide()

    @property
    def last_field(self) -> QWidget:
        """Return the field from which Tab goes on to the button."""
        return next(each for each in reversed(self._fields) if each.focusPolicy() != Qt.FocusPolicy.NoFocus)

    def submit(self) -> None:
        """Send what was typed; each form says what it sends."""
        raise NotImplementedError

    def open_form(self, title: str, note: str = "") -> None:
        """Show it with its title, the focus in its first field."""
        self.title.setText(title)
        self.note.say(note)
        self.show()
        self._fields[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it was not written; everything typed stays."""
        self.note.say(sentence, "danger")

    def _lacks(self, field: QWidget, sentence: str) -> None:
        self.refuse(sentence)
        field.setFocus(Qt.FocusReason.OtherFocusReason)


class PersonForm(StaffForm):
    """Who it is. `wanted`: id of the person ("" for a new one) and the fields."""

    wanted = Signal(str, object)

    def __init__(self, parent: QWidget) -> None:
        self.lines = {name: QLineEdit() for name in LONGEST["Person"]}
        titles = {"last_name": tr("Фамилия"), "first_name": tr("Имя"), "patronymic": tr("Отчество"),
                  "position": tr("Должность")}  # fmt: skip
        super().__init__(
            tr("Сотрудник"), tr("Записать"), [(titles[name], line, 1) for name, line in self.lines.items()], parent
        )
        for name, line in self.lines.items():
            line.setMaxLength(LONGEST["Person"][name])
        self._person_id = ""

    def begin(self, row: StaffRow | None) -> None:
        """Open it for a new person, or to mend one."""
        self._person_id = row.id if row is not None else ""
        for name, line in self.lines.items():
            line.setText(getattr(row.person, name) if row is not None else "")
        self.open_form(tr("Исправить: {name}").format(name=row.name) if row is not None else tr("Новый сотрудник"))

    def submit(self) -> None:
        """Send names and position; the rules say what is missing."""
        self.wanted.emit(self._person_id, {name: " ".join(line.text().split()) for name, line in self.lines.items()})


class RoleForm(StaffForm):
    """A role and its days. `wanted`: role, id of the class or "", first day, last day or None."""

    wanted = Signal(str, str, object, object)

    def __init__(self, parent: QWidget) -> None:
        self.role, self.group = Chooser(), Chooser()
        self.since, self.until = DayField(), DayField()
        super().__init__(
            tr("Роль"), tr("Дать роль"),
            [(tr("Роль"), self.role, 0), (tr("Класс"), self.group, 0), (tr("с"), self.since, 0),
             (tr("по"), self.until, 0), ("", QLabel(), 1)],
            parent,
        )  # fmt: skip
        for role, title in ROLES.items():
            self.role.addItem(tr(title), role)
        self.role.setMinimumWidth(WIDE_CHOOSER)
        self.since.setAccessibleName(tr("Первый день"))
        self.until.setAccessibleName(tr("Последний день, пусто — бессрочно"))

    def begin(self, row: StaffRow, classes: Sequence[tuple[str, str]], today: date) -> None:
        """Open it for a person; the first day is today."""
        self.group.clear()
        self.group.addItem(tr("все классы"), "")
        for id_, title in classes:
            self.group.addItem(title, id_)
        self.since.near = self.until.near = today
        self.since.show_day(today)
        self.until.clear()
        self.open_form(
            tr("Роль: {name}").format(name=row.name), tr("Пустой последний день — бессрочно. Нагрузку даёт расписание.")
        )

    def submit(self) -> None:
        """Send the role, or say which day cannot be read."""
        if self.since.day is None:
            self._lacks(self.since, tr("Первый день не понятен: 01.09 или 01.09.2026. Ничего не изменено."))
        elif self.until.text().strip() and self.until.day is None:
            self._lacks(self.until, tr("Последний день не понятен: 31.05 или 31.05.2027. Ничего не изменено."))
        else:
            until = self.until.day if self.until.text().strip() else None
            self.wanted.emit(self.role.currentData(), self.group.currentData(), self.since.day, until)


class EndForm(StaffForm):
    """The last day of a role or of everything. `wanted`: the day, and why as it was typed."""

    wanted = Signal(object, str)

    def __init__(self, parent: QWidget) -> None:
        self.day, self.why = DayField(), QLineEdit()
        self.why.setMaxLength(LONGEST_REASON)
        self.why.setPlaceholderText(tr("приказ от 31.08 № 15-к"))
        super().__init__(
            tr("Последний день"), tr("Записать"), [(tr("Последний день"), self.day, 0), (tr("Основание"), self.why, 1)],
            parent,
        )  # fmt: skip
        self.role: RoleRow | None = None

    def begin(self, row: StaffRow, role: RoleRow | None, today: date) -> None:
        """Open it for one role, or for leaving altogether."""
        self.role = role
        self.day.near = today
        self.day.show_day(today)
        self.why.clear()
        if role is not None:
            self.open_form(tr("Закончить роль: {role}, {name}").format(role=role.title, name=row.name))
        else:
            self.open_form(
                tr("Уволен: {name}").format(name=row.name),
                tr("Роли и нагрузка кончатся этим днём. Вход закройте в этот день: «Закрыть вход»."),
            )

    def submit(self) -> None:
        """Send the day, or say that it cannot be read."""
        if self.day.day is None:
            self._lacks(self.day, tr("День не понятен: 31.08 или 31.08.2026. Ничего не изменено."))
        else:
            self.wanted.emit(self.day.day, " ".join(self.why.text().split()))


class SecondForm(StaffForm):
    """Who confirms a new code of somebody who has a password. `wanted`: id of the second person and their password."""

    wanted = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        self.second, self.password = Chooser(), PasswordField()
        super().__init__(
            tr("Второй человек"), tr("Подтвердить"),
            [(tr("Завуч или директор"), self.second, 0), (tr("Пароль этого человека"), self.password, 0)], parent,
        )  # fmt: skip
        self.second.setMinimumWidth(WIDE_CHOOSER)
        self.password.setFixedWidth(WIDE_CHOOSER)
        self.password.hint_changed.connect(self.note.say)

    def begin(self, row: StaffRow, seconds: Sequence[StaffRow]) -> None:
        """Open it for a person's new code."""
        self.second.clear()
        self.password.clear()
        for each in seconds:
            self.second.addItem(each.name, each.id)
        self.open_form(
            tr("Новый код: {name}").format(name=row.name),
            tr("У сотрудника уже был вход: новый код подтверждает завуч или директор, здесь же, своим паролем.")
            if seconds
            else tr("Подтвердить некому: нужен завуч или директор, у которого есть вход."),
        )
        if len(seconds) == 1:
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Send who confirms; the password leaves the field at once."""
        password = self.password.text()
        if not self.second.count() or not password:
            self._lacks(self.password, tr("Нужен пароль завуча или директора. Код не сделан."))
            return
        self.password.clear()
        self.wanted.emit(self.second.currentData(), password)

    def hideEvent(self, event: object) -> None:
        """Keep no password in a field that nobody sees."""
        self.password.clear()
        super().hideEvent(event)  # type: ignore[arg-type]
