"""One entry of the register of absentees in one line: whom, when, why, on what paper, on whose word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.absences import LONGEST_TELLER
from ejournal_core.policy_values import AbsenceCode
from ejournal_desktop.models.commands.register import AbsenceDraft
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.class_attendance import RegisterEntry
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.keys import as_russian
from ejournal_desktop.ui.widgets.day_field import DayField, lessons_text, read_lessons
from ejournal_desktop.ui.widgets.pupil_field import PupilField
from ejournal_desktop.ui.widgets.say import Line

LONGEST_NUMBER = 100


class RegisterForm(QFrame):
    """Enter goes on from field to field and writes in the code, and in those behind it.

    Esc empties the form and gives the focus back; nothing is entered by leaving it.

    Signals:
        wanted: id of the entry that is mended ("" for a new one), the draft.
        left: Esc on an empty form.
    """

    wanted = Signal(str, object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.setAccessibleName(self.tr("Внести в реестр отсутствующих"))
        self._codes: Sequence[AbsenceCode] = ()
        self._entry_id = ""
        self._day = date.min
        self.pupil = PupilField(self)
        self.since, self.until = DayField(self), DayField(self)
        self.lessons, self.code, self.number, self.teller = (QLineEdit(self) for _ in range(4))
        self.enter = QPushButton(self)
        self.note = Line(self)
        self._dress()
        self._lay_out()
        self._connect()

    def _dress(self) -> None:
        self.pupil.setMinimumWidth(150)
        self.lessons.setPlaceholderText(self.tr("весь день"))
        self.lessons.setFixedWidth(84)
        self.lessons.setToolTip(self.tr("2 — второй урок, 1-3 — три первых, 4- — с четвёртого; пусто — весь день"))
        self.code.setFixedWidth(52)
        self.code.setMaxLength(4)
        self.number.setMaxLength(LONGEST_NUMBER)
        self.teller.setMaxLength(LONGEST_TELLER)
        for day in (self.since, self.until):
            day.setToolTip(self.tr("18 — ближайшее восемнадцатое, 18.09, +3 — через три дня"))
        self.enter.setProperty("look", "main")
        self._name_button()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.UNIT)
        grid.setVerticalSpacing(0)
        named = ((self.tr("Ученик"), self.pupil, 3), (self.tr("с"), self.since, 0), (self.tr("по"), self.until, 0),
                 (self.tr("Уроки"), self.lessons, 0), (self.tr("Код"), self.code, 0),
                 (self.tr("Документ"), self.number, 2), (self.tr("Кто сообщил"), self.teller, 2))  # fmt: skip
        for column, (name, field, stretch) in enumerate(named):
            label = QLabel(name, self)
            label.setProperty("look", "secondary")
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, stretch)
            field.setAccessibleName(name)
        self.since.setAccessibleName(self.tr("Первый день"))
        self.until.setAccessibleName(self.tr("Последний день"))
        grid.addWidget(self.enter, 1, len(named))
        page = QVBoxLayout(self)
        page.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        page.setSpacing(theme.UNIT)
        page.addLayout(grid)
        page.addWidget(self.note)

    def _connect(self) -> None:
        self.pupil.taken.connect(lambda _id: self._go_to(self.until))
        for here, there in ((self.since, self.until), (self.until, self.code), (self.lessons, self.code)):
            here.returnPressed.connect(lambda field=there: self._go_to(field))
        for field in (self.code, self.number, self.teller):
            field.returnPressed.connect(self.submit)
        self.code.textEdited.connect(lambda _text: self._read_code())
        self.since.editingFinished.connect(self._follow)
        self.enter.clicked.connect(self.submit)

    def _go_to(self, field: QLineEdit) -> None:
        field.setFocus(Qt.FocusReason.TabFocusReason)
        field.selectAll()

    def _follow(self) -> None:
        """Let the last day follow the first."""
        since, until = self.since.day, self.until.day
        if since is not None:
            self.until.near = since
            if until is None or until < since:
                self.until.show_day(since)

    # --- showing -----------------------------------------------------------------------------------------------------

    def offer(self, pupils: Sequence[PupilRow], codes: Sequence[AbsenceCode], day: date) -> None:
        """Offer the pupils of a class and the codes of the school; an empty form speaks of this day."""
        self.pupil.offer(pupils)
        self._codes = [code for code in codes if not code.late]
        if self.is_empty:
            self._day = day
            self._reset_days()
        if not self.note.text:
            self.note.say(self._codes_named())

    def _codes_named(self) -> str:
        return " · ".join(f"{code.code} — {code.title}" for code in self._codes)

    def _reset_days(self) -> None:
        for field in (self.since, self.until):
            field.near = self._day
            field.show_day(self._day)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is half typed."""
        typed = (self.pupil, self.lessons, self.code, self.number, self.teller)
        return not self._entry_id and not any(field.text().strip() for field in typed)

    def mend(self, row: RegisterEntry, pupil: PupilRow) -> None:
        """Show an entry to be changed."""
        entry = row.entry
        self._entry_id = entry.id
        self.pupil.show_pupil(pupil)
        self.since.near = self.until.near = entry.since
        self.since.show_day(entry.since)
        self.until.show_day(entry.until)
        self.lessons.setText(lessons_text(entry.first_lesson, entry.last_lesson))
        self.code.setText(entry.reason)
        self.number.setText(row.number)
        self.teller.setText(row.told_by)
        self._name_button()
        self._go_to(self.until)

    def begin(self, pupil: PupilRow | None = None, day: date | None = None) -> None:
        """Begin a new entry, of a pupil and a day when they are named."""
        self._day = day or self._day
        self.clear()
        self.pupil.show_pupil(pupil)
        self._go_to(self.until if pupil is not None else self.pupil)

    def clear(self) -> None:
        """Empty the form."""
        self._entry_id = ""
        self.pupil.show_pupil(None)
        for field in (self.lessons, self.code, self.number, self.teller):
            field.clear()
        self._reset_days()
        self._name_button()
        self.note.say(self._codes_named())

    def _name_button(self) -> None:
        self.pupil.setEnabled(not self._entry_id)
        self.enter.setText(self.tr("Исправить") if self._entry_id else self.tr("Внести"))

    # --- entering ----------------------------------------------------------------------------------------------------

    def _read_code(self) -> None:
        typed = self._code_typed()
        code = next((code for code in self._codes if code.code == typed), None)
        self.note.say(f"{code.code} — {code.title}" if code else self._codes_named())

    def _code_typed(self) -> str:
        return as_russian(self.code.text().strip()).upper()

    def submit(self) -> None:
        """Say what is missing, or send the draft."""
        pupil, since, until = self.pupil.pupil, self.since.day, self.until.day
        lessons, code = read_lessons(self.lessons.text()), self._code_typed()
        if pupil is None:
            self._complain(self.pupil, self.tr("Напишите начало фамилии: такого ученика в классе нет."))
        elif since is None:
            self._complain(self.since, self.tr("Первый день не понятен: 18, 18.09 или +3."))
        elif until is None:
            self._complain(self.until, self.tr("Последний день не понятен: 18, 18.09 или +3."))
        elif lessons is None:
            self._complain(self.lessons, self.tr("Уроки не понятны: 2, 1-3 или 4-; пусто — весь день."))
        elif not any(each.code == code for each in self._codes):
            self._complain(self.code, self.tr("Нужен код причины: {codes}").format(codes=self._codes_named()))
        else:
            self.wanted.emit(self._entry_id, AbsenceDraft(
                pupil_id=pupil.pupil_id, reason=code, since=since, until=until, first_lesson=lessons[0],
                last_lesson=lessons[1], number=self.number.text(), told_by=self.teller.text(),
            ))  # fmt: skip

    def _complain(self, field: QLineEdit, sentence: str) -> None:
        self.note.say(sentence, "danger")
        self._go_to(field)

    def refuse(self, sentence: str) -> None:
        """Say why the entry was not written; what was typed stays."""
        self.note.say(sentence, "danger")

    def done(self, sentence: str) -> None:
        """Say that the entry is written, and wait for the next."""
        self.clear()
        self.note.say(sentence, "done")

    def turn_over(self) -> None:
        """Go on to another day: what was written of the last one is no news there; what is half typed stays."""
        if self.is_empty:
            self.note.say(self._codes_named())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the form; on an empty one it steps back."""
        if event.key() == Qt.Key.Key_Escape:
            if self.is_empty:
                self.left.emit()
            else:
                self.clear()
                self._go_to(self.pupil)
        else:
            super().keyPressEvent(event)
