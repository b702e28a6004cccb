"""One guardian in a strip: who it is, the consent, and the ways to reach them that the school keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.guardians import CONTACTS, LONGEST, NAMES
from ejournal_core.russian import full_name
from ejournal_desktop.models.queries.families import RELATIONS, GuardianRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.layouts import caption
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import tr

TITLES = {
    "relation": "Кем приходится", "last_name": "Фамилия", "first_name": "Имя", "patronymic": "Отчество",
    "consent_on": "Согласие дано", "consent_by": "Кем дано", "phone": "Телефон", "email": "Почта",
    "home_address": "Адрес",
}  # fmt: skip
FIRST_ROW = ("relation", *NAMES)
ADDRESS = len(FIRST_ROW)  # the column of the last field of the second row
RELATION_W = 30 * theme.UNIT  # «другой представитель» is cut: the list that opens has it whole


class GuardianForm(StripForm):
    """Enter writes from any field, Esc steps back and keeps what was typed of a new one.

    Signals:
        wanted: id of the guardian ("" for a new one), the fields that differ from what stood.
    """

    wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Родитель или другой представитель"), parent)
        self._row: GuardianRow | None = None
        self._pupil_id = ""
        self.relation = Chooser(self)
        self.lines = {name: QLineEdit(self) for name in (*NAMES, "consent_by", *CONTACTS)}
        self.day = DayField(self)
        self.enter = QPushButton(self.tr("Записать"), self)
        self.title = QLabel(self)
        self.note = Line(self)
        self._labels: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._dress()
        self._lay_out()
        self.hide()

    def _dress(self) -> None:
        self.title.setFont(theme.font(theme.BASE, theme.BOLD))
        for key, word in RELATIONS.items():
            self.relation.addItem(tr(word), key)
        for name, line in self.lines.items():
            line.setMaxLength(LONGEST[name])
            line.returnPressed.connect(self.submit)
        self.day.returnPressed.connect(self.submit)
        self.day.setToolTip(self.tr("01.09 — первое сентября, 01.09.2026; без дня контакты не записывают"))
        self.relation.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.relation.setMinimumWidth(RELATION_W)
        self.lines["consent_by"].setPlaceholderText(self.tr("сам представитель"))
        self.lines["phone"].setPlaceholderText("+7 900 000-00-00")
        self.enter.setProperty("look", "main")
        self.enter.clicked.connect(self.submit)

    def _lay_out(self) -> None:
        grid = self._grid
        grid.setHorizontalSpacing(2 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT)
        fields: dict[str, QWidget] = {"relation": self.relation, "consent_on": self.day, **self.lines}
        for name, title in TITLES.items():
            top = name in FIRST_ROW
            column = FIRST_ROW.index(name) if top else [each for each in TITLES if each not in FIRST_ROW].index(name)
            label = caption(tr(title), fields[name], self)
            grid.addWidget(label, 0 if top else 2, column)
            grid.addWidget(fields[name], 1 if top else 3, column)
            self._labels[name] = label
        for before, after in pairwise([*(fields[name] for name in TITLES), self.enter]):
            QWidget.setTabOrder(before, after)  # as they stand: the consent before what it allows
        for column in range(1, 4):
            grid.setColumnStretch(column, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(self.enter, 0, Qt.AlignmentFlag.AlignTop)
        page = QVBoxLayout(self)
        page.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, 2 * theme.UNIT)
        page.setSpacing(theme.UNIT)
        page.addWidget(self.title)
        page.addLayout(grid)
        page.addLayout(foot)

    # --- showing -----------------------------------------------------------------------------------------------------

    def offer(self, contacts: Sequence[str], today: date) -> None:
        """Offer the ways to reach a person that the school keeps (P49), and no others."""
        self.day.near = today
        for name in CONTACTS:
            for part in (self.lines[name], self._labels[name]):
                part.setVisible(name in contacts)
        self._grid.setColumnStretch(
            ADDRESS, int("home_address" in contacts)
        )  # the fields have the room of what is not kept

    def begin(self, pupil_id: str, pupil: str) -> None:
        """Begin a new guardian of a pupil; what was half typed for this pupil is still there."""
        if self._row is not None or self._pupil_id != pupil_id:
            self._empty()
        self._row, self._pupil_id = None, pupil_id
        self._open(self.tr("Новый представитель: {pupil}").format(pupil=pupil))

    def mend(self, row: GuardianRow) -> None:
        """Show a guardian to be changed; contacts without a consent that lasts are not shown and not asked for."""
        self._row, self._pupil_id = row, row.pupil_id
        self.relation.setCurrentIndex(max(self.relation.findData(row.relation), 0))
        for name, line in self.lines.items():
            line.setText(getattr(row, name))
        self._show_day(row.consent_on)
        for name in CONTACTS:
            self.lines[name].setEnabled(row.withdrawn_on is None)
        self._open(self.tr("Изменить: {name}").format(name=row.name or self.tr("представитель")))

    def _open(self, title: str) -> None:
        self.title.setText(title)
        self.note.say(self._told())
        self.show()
        self.lines["last_name"].setFocus(Qt.FocusReason.OtherFocusReason)
        self.lines["last_name"].selectAll()

    def _told(self) -> str:
        if self._row is not None and self._row.withdrawn_on is not None:
            return self.tr("Согласие отозвано, контакты скрыты. Новый день согласия откроет их снова.")
        return self.tr("Enter — записать, Esc — назад. Контакты записывают только с согласия.")

    def _show_day(self, day: date | None) -> None:
        self.day.clear()
        if day is not None:
            self.day.show_day(day)

    def _empty(self) -> None:
        self.relation.setCurrentIndex(0)
        self._show_day(None)
        for line in self.lines.values():
            line.clear()
            line.setEnabled(True)

    @property
    def is_new(self) -> bool:
        """Say whether a new guardian is being entered."""
        return self._row is None

    @property
    def pupil_id(self) -> str:
        """Return whose guardian it is."""
        return self._pupil_id

    # --- entering ----------------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Send what differs, or say that the day of the consent cannot be read."""
        if self.day.text().strip() and self.day.day is None:
            said = self.tr("Этого дня нет в календаре: {text}. Ничего не записано.")
            self.refuse(said.format(text=self.day.text()))
            self.day.setFocus()
            return
        row, typed = self._row, self._typed()
        fields = {name: value for name, value in typed.items() if row is None or value != getattr(row, name)}
        if row is not None and row.withdrawn_on is not None and "consent_on" in fields:
            fields["withdrawn_on"] = None
        self.wanted.emit(row.id if row is not None else "", fields)

    def _typed(self) -> dict[str, Any]:
        texts = {name: " ".join(line.text().split()) for name, line in self.lines.items()}
        given = self.day.day
        if given is not None and not texts["consent_by"]:
            texts["consent_by"] = full_name(texts["last_name"], texts["first_name"], texts["patronymic"])
        return {"relation": self.relation.currentData(), **texts, "consent_on": given}

    def refuse(self, sentence: str) -> None:
        """Say why it was not written; everything typed stays."""
        self.note.say(sentence, "danger")

    def finish(self) -> None:
        """Close after what was typed has been written."""
        self._empty()
        self._row, self._pupil_id = None, ""
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; what stood in a form for a change is forgotten, since it still stands in the journal."""
        if event.key() == Qt.Key.Key_Escape and self._row is not None:
            self.finish()
            self.left.emit()
        else:
            super().keyPressEvent(event)
