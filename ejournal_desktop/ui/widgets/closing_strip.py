"""A strip of Готовность журналов: close a period of one class, or open it again, once it is said what that means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.commands.periods import close_period, reopen_period
from ejournal_desktop.models.queries.oversight import PageStanding
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import day_short, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


class ClosingStrip(StripForm):
    """Enter does what the button says, Esc leaves everything as it is.

    Signals:
        done: one sentence of what was written.
        troubled: a `Trouble` of the writing.
    """

    done = Signal(str)
    troubled = Signal(object)

    def __init__(self, journal: Journal, parent: QWidget | None = None) -> None:
        super().__init__(tr("Закрыть период класса"), parent)
        self._journal = journal
        self._row: PageStanding | None = None
        self.asked = QLabel(self)
        self.asked.setTextFormat(Qt.TextFormat.PlainText)
        self.asked.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setProperty("look", "main")
        self.button.clicked.connect(self.submit)
        self.note = Line(self)
        row = QHBoxLayout()
        row.setSpacing(4 * theme.UNIT)
        row.addWidget(self.asked, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addLayout(row)
        column.addWidget(self.note)
        self.hide()

    def ask(self, row: PageStanding, rows: Sequence[PageStanding], today: date) -> None:
        """Ask about the class and the period of a page.

        Args:
            rows: all pages that are counted, of any class.
        """
        self._row = row
        of_class = [each for each in rows if each.page.class_group_id == row.page.class_group_id]
        self.asked.setText(question(row, of_class, today))
        self.button.setText(tr("Открыть снова") if row.closed else tr("Закрыть период"))
        self.button.setAccessibleDescription(self.asked.text())
        self.note.say(tr("Enter — {deed}, Esc — не надо").format(deed=self.button.text().lower()))
        self.show()
        self.button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def submit(self) -> None:
        """Write it; where a rule says no, say why and stay."""
        row = self._row
        if row is None:
            return
        try:
            (reopen_period if row.closed else close_period)(
                self._journal, row.page.class_group_id, row.grading_period_id
            )
        except Refusal as refusal:
            self.note.say(refusal.sentence, "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.hide()
            told = tr("{where}: период снова открыт.") if row.closed else tr("{where}: период закрыт.")
            self.done.emit(told.format(where=f"{row.page.class_title}, {row.period}"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is the button's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
        else:
            super().keyPressEvent(event)


def question(row: PageStanding, of_class: Sequence[PageStanding], today: date) -> str:
    """Return what is closed or opened, how ready it is, and what follows."""
    where = f"{row.page.class_title}, {row.period}"
    if row.closed:
        return tr(
            "{where}: период закрыт. Открыть снова? Учителя смогут исправлять сами, где не прошёл срок правки."
        ).format(where=where)
    unready = sum(each.standing != "ready" for each in of_class)
    ready = tr("Готовы все страницы.")
    if unready:
        ready = tr("Не готово страниц: {n} из {all}.").format(n=unready, all=len(of_class))
    runs = row.ends_on is not None and row.ends_on >= today
    still = tr(" Период ещё идёт, по {day}.").format(day=day_short(row.ends_on)) if runs and row.ends_on else ""
    after = tr("После этого отметки, пропуски и темы периода меняются только по заявке.")
    return f"{tr('Закрыть')}: {where}? {ready}{still} {after}"
