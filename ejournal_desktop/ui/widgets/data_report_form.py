"""A report of wrong data in a strip: of whom, what is wrong, what it should be, from whom it came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.kinds import ReportedMatter, ReportSource
from ejournal_core.pupil_data import LONGEST_TEXT
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.pupil_data import MATTERS, SOURCES
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.layouts import caption
from ejournal_desktop.ui.widgets.pupil_field import PupilField
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import tr

#: What is asked for, in the order of the keyboard: of whom and from whom in the first row, the words below.
TITLES = {
    "about": "О чём", "group": "Класс", "pupil": "Ученик", "source": "Откуда известно", "told_on": "Когда сообщили",
    "wrong": "Что неверно", "should_be": "Как должно быть",
}  # fmt: skip
FIRST_ROW = tuple(TITLES)[:5]

Pupils = Callable[[str], Sequence[PupilRow]]


@dataclass(frozen=True)
class Told:
    """A report as it was filled in."""

    class_group_id: str
    pupil_id: str | None
    about: ReportedMatter
    wrong: str
    should_be: str
    source: ReportSource
    told_on: date


class DataReportForm(StripForm):
    """Enter sends from any field of words, Esc steps back and keeps what was typed.

    Signals:
        wanted: a `Told`.
    """

    wanted = Signal(object)

    def __init__(self, pupils_of: Pupils, parent: QWidget | None = None) -> None:
        super().__init__(tr("Сообщить о неверных сведениях"), parent)
        self._pupils_of = pupils_of
        self._today = date.min
        self.about, self.group, self.source = Chooser(self), Chooser(self), Chooser(self)
        self.pupil, self.told_on = PupilField(self), DayField(self)
        self.wrong, self.should_be = QLineEdit(self), QLineEdit(self)
        self.send = QPushButton(self.tr("Сообщить"), self)
        self.title = QLabel(self.tr("Сообщить о неверных сведениях"), self)
        self.note = Line(self, lines=2)
        self._fill()
        self._lay_out()
        self.hide()

    def _fill(self) -> None:
        self.title.setFont(theme.font(theme.BASE, theme.BOLD))
        for matter, word in MATTERS.items():
            self.about.addItem(tr(word), matter)
        for source, word in SOURCES.items():
            self.source.addItem(tr(word), source)
        self.wrong.setPlaceholderText(self.tr("например: отчество — в журнале Игоревич"))
        self.should_be.setPlaceholderText(self.tr("Ильич, по свидетельству"))
        for line in (self.wrong, self.should_be):
            line.setMaxLength(LONGEST_TEXT)
            line.returnPressed.connect(self.submit)
        self.told_on.returnPressed.connect(self.submit)
        self.pupil.taken.connect(lambda _pupil: self.focusNextChild())
        self.group.currentIndexChanged.connect(lambda _at: self._offer_pupils())
        self.send.setProperty("look", "main")
        self.send.clicked.connect(self.submit)

    def _lay_out(self) -> None:
        first, words = QGridLayout(), QGridLayout()
        for grid in (first, words):
            grid.setHorizontalSpacing(2 * theme.UNIT)
            grid.setVerticalSpacing(theme.UNIT)
        for at, (name, title) in enumerate(TITLES.items()):
            field: QWidget = getattr(self, name)
            label = caption(tr(title), field, self)
            grid, column = (first, at) if name in FIRST_ROW else (words, at - len(FIRST_ROW))
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
        words.addWidget(self.send, 1, 2)
        first.setColumnStretch(FIRST_ROW.index("pupil"), 1)
        for column in (0, 1):
            words.setColumnStretch(column, 1)
        page = QVBoxLayout(self)
        page.setContentsMargins(4 * theme.UNIT, 2 * theme.UNIT, 4 * theme.UNIT, theme.UNIT)
        page.setSpacing(theme.UNIT)
        page.addWidget(self.title)
        page.addLayout(first)
        page.addLayout(words)
        page.addWidget(self.note)

    # --- showing -----------------------------------------------------------------------------------------------------

    def begin(self, classes: Sequence[ClassRef], today: date, class_group_id: str = "", pupil_id: str = "") -> None:
        """Open for a new report, about a pupil where one is named; what was half typed is still there."""
        self._today = self.told_on.near = today
        if not self.told_on.text().strip():
            self.told_on.show_day(today)
        self._offer_classes(classes, class_group_id or self.group.currentData() or "")
        if pupil_id:
            self.pupil.show_pupil(next((p for p in self._pupils if p.pupil_id == pupil_id), None))
        self.note.say(self._told())
        self.show()
        (self.wrong if pupil_id else self.about).setFocus(Qt.FocusReason.OtherFocusReason)

    def _told(self) -> str:
        return self.tr(
            "Enter — сообщить, Esc — назад. Увидят только вы и канцелярия; исправит она, ответ придёт сюда. Телефон, "
            "почту и адрес здесь не пишите: их вносят с согласия в «Мой класс», «Семьи»."
        )

    def _offer_classes(self, classes: Sequence[ClassRef], class_group_id: str) -> None:
        self.group.blockSignals(True)
        self.group.clear()
        for each in classes:
            self.group.addItem(each.title, each.id)
        self.group.setCurrentIndex(max(self.group.findData(class_group_id), 0))
        self.group.blockSignals(False)
        self._offer_pupils()

    def _offer_pupils(self) -> None:
        self._pupils = self._pupils_of(self.group.currentData()) if self.group.count() else ()
        chosen = self.pupil.pupil
        self.pupil.offer(self._pupils)
        if chosen is not None and chosen.pupil_id not in {each.pupil_id for each in self._pupils}:
            self.pupil.show_pupil(None)

    # --- entering ----------------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Send what was filled in, or say what cannot be read; the rest is judged by the rules."""
        day = self.told_on.day
        typed = bool(self.pupil.text().strip())
        if day is None:
            self._object(self.told_on, self.tr("Этого дня нет в календаре. Ничего не отправлено."))
        elif typed and self.pupil.pupil is None:
            self._object(self.pupil, self.tr("Такого ученика в этом классе нет. Ничего не отправлено."))
        elif self.group.currentData() is None:
            self._object(self.group, self.tr("Классов в журнале пока нет. Ничего не отправлено."))
        else:
            pupil = self.pupil.pupil if typed else None
            self.wanted.emit(Told(
                self.group.currentData(), pupil.pupil_id if pupil else None, self.about.currentData(),
                self.wrong.text(), self.should_be.text(), self.source.currentData(), day,
            ))  # fmt: skip

    def _object(self, field: QWidget, sentence: str) -> None:
        self.refuse(sentence)
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it was not sent; everything typed stays."""
        self.note.say(sentence, "danger")

    def finish(self) -> None:
        """Close after what was typed has been written."""
        for line in (self.wrong, self.should_be, self.told_on):
            line.clear()
        self.pupil.show_pupil(None)
        self.source.setCurrentIndex(0)
        self.hide()
