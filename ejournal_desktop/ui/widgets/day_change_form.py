"""The line of Замены in which a lesson is called off with its reason, or moved to another hour or day."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from ejournal_core.wording import LONGEST
from ejournal_desktop.models.commands.day_changes import call_off, move_lesson
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.clashes import clashes
from ejournal_desktop.models.queries.substitution_day import DayLesson, substitution_day
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.layouts import MARGIN, caption
from ejournal_desktop.ui.widgets.say import Say
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import tr

NUMBER_WIDTH = 48


class DayChangeForm(StripForm):
    """Shown only while it is asked; Enter writes, Esc leaves: nothing is done then. What it meets is named first."""

    def __init__(self, journal: Journal, deeds: Deeds, say: Say, parent: QWidget) -> None:
        super().__init__(tr("Отменить или перенести урок"), parent)
        self._journal, self._deeds, self._say = journal, deeds, say
        self._lesson: DayLesson | None = None
        self._from = date.min
        self._asked: tuple[str, date, int] | None = None  # what a second Enter does in spite of what it meets
        self.what, self.reason = QLabel(self), QLineEdit(self)
        self.day, self.number = DayField(self), QLineEdit(self)
        self._dress()
        self._lay_out()
        self.reason.returnPressed.connect(self._call_off)
        self.day.returnPressed.connect(self._to_number)
        self.number.returnPressed.connect(self._move)
        self.hide()

    def _dress(self) -> None:
        self.reason.setMaxLength(LONGEST["Lesson"]["cancelled"])
        self.reason.setPlaceholderText(tr("одной фразой, её увидят учителя · Enter — отменить урок, Esc — не надо"))
        self.day.setToolTip(tr("«18», «18.09» или «+1»; Enter — к номеру урока"))
        self.number.setToolTip(tr("Номер урока; Enter — перенести, Esc — не надо"))
        self.number.setFixedWidth(NUMBER_WIDTH)
        self.number.setMaxLength(2)
        self._why = caption(tr("Причина"), self.reason, self)
        self._when = caption(tr("День"), self.day, self)
        self._which = caption(tr("Урок №"), self.number, self)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, theme.UNIT, MARGIN, theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        parts: tuple[QWidget, ...] = (self.what, self._why, self.reason, self._when, self.day, self._which, self.number)
        for part in parts:
            row.addWidget(part, 12 if part is self.reason else 0)
        row.addStretch(1)

    # --- what is asked -----------------------------------------------------------------------------------------------

    def ask_reason(self, lesson: DayLesson) -> None:
        """Ask why a lesson does not take place; what was laid ready for it is named, it stays."""
        self._open(lesson, moves=False)
        self.reason.clear()
        self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if lesson.stands:
            told = tr("К уроку уже записано: {what}. Это останется при нём.").format(what=", ".join(lesson.stands))
            self._say(told, "hollow")

    def ask_place(self, lesson: DayLesson, day: date) -> None:
        """Ask for another day and hour of a lesson that stands on `day`."""
        self._open(lesson, moves=True)
        self._from = self.day.near = day
        self.day.show_day(day)
        self.number.clear()
        self.day.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.day.selectAll()

    def _open(self, lesson: DayLesson, *, moves: bool) -> None:
        self._lesson, self._asked = lesson, None
        told = tr("Перенести {n} урок, {page}:") if moves else tr("Отменить {n} урок, {page}:")
        self.what.setText(told.format(n=lesson.lesson_number, page=lesson.page.title))
        for part in (self._why, self.reason):
            part.setVisible(not moves)
        for part in (self._when, self.day, self._which, self.number):
            part.setVisible(moves)
        self.show()

    def _to_number(self) -> None:
        if self.day.day is None:
            self._say(tr("Такого дня нет: наберите «18», «18.09» или «+1»."), "danger")
            return
        self.number.setFocus(Qt.FocusReason.OtherFocusReason)
        self.number.selectAll()

    # --- what is done ------------------------------------------------------------------------------------------------

    def _call_off(self) -> None:
        lesson, reason = self._lesson, self.reason.text()
        assert lesson is not None
        told = tr("{n} урок, {page}: отменён. Ctrl+Z — вернуть.")
        said = told.format(n=lesson.lesson_number, page=lesson.page.title)
        if self._deeds.do(partial(call_off, self._journal, lesson.id, reason), said):
            self._close()

    def _move(self) -> None:
        place = self._place()
        if place is None:
            return
        lesson, day, number = place
        met = clashes(substitution_day(self._journal, day), lesson, number)
        if met and self._asked != (lesson.id, day, number):
            self._asked = lesson.id, day, number
            told = tr("{day}, {n} урок: {met}. Ничего не записано; Enter ещё раз — перенести всё равно.")
            self._say(told.format(day=f"{day:%d.%m}", n=number, met="; ".join(met)), "danger")
            return
        told = tr("{page}: перенесён на {day}, {n} урок. Ctrl+Z — вернуть.")
        said = told.format(page=lesson.page.title, day=f"{day:%d.%m}", n=number)
        if self._deeds.do(partial(move_lesson, self._journal, lesson.id, day, number), said):
            self._close()

    def _place(self) -> tuple[DayLesson, date, int] | None:
        """Return the lesson and where it is wanted, None where that is no place, or its own."""
        lesson, day, typed = self._lesson, self.day.day, self.number.text().strip()
        assert lesson is not None
        if day is None or not typed.isdecimal():
            self._say(tr("Нужны день и номер урока, например 18.09 и 3. Ничего не записано."), "danger")
            return None
        if (day, int(typed)) == (self._from, lesson.lesson_number):
            self._say(tr("Урок там и стоит: ничего не записано."), "")
            return None
        return lesson, day, int(typed)

    def _close(self) -> None:
        self.hide()
        self.left.emit()
