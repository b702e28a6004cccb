"""«Список сверен»: what the class teacher looked through today, and when it was looked through before."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.models.queries.pupil_data import CheckRow, ListChecks
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import TickBox
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import count, tr

PUPIL = ("ученик", "ученика", "учеников")
MOST = 5  # lines of the past


class ListCheckForm(StripForm):
    """Enter notes the look of today, Esc steps back.

    Signals:
        wanted: whether pupils, whether families were looked through.
    """

    wanted = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Сверка списка класса"), parent)
        self.title = QLabel(self)
        self.title.setFont(theme.font(theme.BASE, theme.BOLD))
        self.pupils = TickBox(self.tr("список: имена, кто прибыл и выбыл"), self)
        self.families = TickBox(self.tr("сведения о семьях"), self)
        self.enter = QPushButton(self.tr("Сверено сегодня"), self)
        self.enter.setProperty("look", "main")
        self.enter.clicked.connect(self.submit)
        self.note = Line(self)
        self.past = QLabel(self)
        self.past.setProperty("look", "secondary")
        self.past.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(4 * theme.UNIT)
        for part in (self.pupils, self.families, self.enter):
            row.addWidget(part)
        row.addStretch(1)
        page = QVBoxLayout(self)
        page.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        page.setSpacing(theme.UNIT)
        page.addWidget(self.title)
        page.addLayout(row)
        page.addWidget(self.note)
        page.addWidget(self.past)
        self.hide()

    def begin(self, checks: ListChecks) -> None:
        """Open with both ticked, or with the past alone for who is not the class teacher."""
        for box in (self.pupils, self.families):
            box.setChecked(True)
        self.show_checks(checks)
        for part in (self.pupils, self.families, self.enter):
            part.setVisible(checks.mine)
        self.note.say(
            self.tr("Пробел — отметить, Enter — записать, Esc — назад. Неверное — Ctrl+E, в канцелярию.")
            if checks.mine
            else self.tr("Список сверяет классный руководитель. Esc — назад.")
        )
        self.show()
        (self.pupils if checks.mine else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_checks(self, checks: ListChecks) -> None:
        """Show how many there are today and when the list was looked through before."""
        due = self.tr(" · сверить до {day}").format(day=f"{checks.due_on:%d.%m}") if checks.due_on else ""
        self.title.setText(self.tr("Сверка списка: {n}").format(n=count(checks.number, PUPIL)) + due)
        lines = [told(row) for row in checks.rows[:MOST]]
        self.past.setText("\n".join(lines) or self.tr("В этом журнале список ещё не сверяли."))

    def submit(self) -> None:
        """Send what is ticked; the rules say when that is nothing."""
        self.wanted.emit(self.pupils.isChecked(), self.families.isChecked())

    def refuse(self, sentence: str) -> None:
        """Say why it was not written."""
        self.note.say(sentence, "danger")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter writes from either box."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.enter.isVisible():
            self.submit()
        else:
            super().keyPressEvent(event)


def told(row: CheckRow) -> str:
    """Return «15.09.2026 · Сидорова А. Л. · 25 учеников: список учеников, сведения о семьях»."""
    named = ((row.pupils, tr("список учеников")), (row.families, tr("сведения о семьях")))
    what = ", ".join(word for looked, word in named if looked)
    return f"{row.checked_on:%d.%m.%Y} · {row.by} · {count(row.number, PUPIL)}: {what}"
