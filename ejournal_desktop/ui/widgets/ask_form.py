"""The slim form of a request, open at the cell where an entry was refused: all is filled in but the reasons."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ejournal_desktop.models.queries.requests import RegisterRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.at_cell import place_at
from ejournal_desktop.ui.widgets.say import Line

WIDTH = 120 * theme.UNIT
MARGIN = 3 * theme.UNIT
LONGEST = 500


class AskForm(QFrame):
    """Six fields of «Замена сведений» (S1-2.3.4.1) filled in, the seventh to be typed. Enter asks, Esc steps back.

    Signals:
        wanted: the reasons as they were typed.
        left: the person steps back; what was typed is kept for the next time at this place.
    """

    wanted = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ask_form")
        self.setAccessibleName(self.tr("Заявка на исправление"))
        self._kept: dict[str, str] = {}
        self._place = ""
        self._title = QLabel(self.tr("Попросить исправить"), self)
        self._title.setFont(theme.font(theme.BASE, theme.BOLD))
        self._fields = {name: QLabel(self) for name in ("asked", "page", "day", "changes")}
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(LONGEST)
        self.reason.setAccessibleName(self.tr("Причина исправления"))
        self.reason.setPlaceholderText(self.tr("Одной фразой: почему нужно исправить"))
        self.reason.returnPressed.connect(self._ask)
        self.note = Line(self)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT)
        grid.setColumnStretch(1, 1)
        names = (self.tr("Просит"), self.tr("Журнал"), self.tr("Дата урока"), self.tr("Изменение"))
        for row, (name, value) in enumerate(zip(names, self._fields.values(), strict=True)):
            grid.addWidget(_named(name, self), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
            value.setWordWrap(True)
        label = _named(self.tr("Причина"), self)
        label.setBuddy(self.reason)
        grid.addWidget(label, len(names), 0)
        grid.addWidget(self.reason, len(names), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, 2 * theme.UNIT)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self._title)
        column.addLayout(grid)
        column.addWidget(self.note)

    def offer(self, draft: RegisterRow, place: str, at: QRect, why: str = "") -> None:
        """Open at a rectangle of the parent; `place` tells one refused entry from another, `why` was typed there."""
        self._dress()
        self._place = place
        asked = self.tr("{who}, {day}").format(who=draft.requester, day=f"{draft.requested_on:%d.%m.%Y}")
        page = " · ".join(part for part in (draft.class_title, draft.subject) if part)
        day = f"{draft.changed_date:%d.%m.%Y}" if draft.changed_date else self.tr("за период")
        for label, text in zip(self._fields.values(), (asked, page, day, draft.changes), strict=True):
            label.setText(text)
        self.reason.setText(self._kept.get(place, why))
        self.note.say(self.tr("Enter — подать завучу, Esc — не надо. До решения журнал останется прежним."))
        parent = self.parentWidget()
        self.setFixedWidth(min(WIDTH, parent.width() - 2 * theme.UNIT) if parent is not None else WIDTH)
        self.adjustSize()
        place_at(self, at)
        self.show()
        self.raise_()
        self.reason.setFocus(Qt.FocusReason.PopupFocusReason)

    def _dress(self) -> None:
        t = theme.tokens()
        self.setStyleSheet(
            f"#ask_form {{ background: {t.paper}; border: 1px solid {t.rule}; border-left: 3px solid {t.accent}; }}"
            f"#ask_form QLabel {{ background: {t.paper}; }}"
        )

    def refuse(self, sentence: str) -> None:
        """Say why the request cannot be made; what was typed stays."""
        self.note.say(sentence, "danger")

    def close_form(self) -> None:
        """Close after the request was made: its reasons are in the journal now."""
        self._kept.pop(self._place, None)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back and keeps what was typed."""
        if event.key() == Qt.Key.Key_Escape:
            self._kept[self._place] = self.reason.text()
            self.hide()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        why = self.reason.text().strip()
        if why:
            self.wanted.emit(why)
        else:
            self.refuse(self.tr("Напишите причину: без неё заявку не рассмотрят."))


def _named(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("look", "secondary")
    return label
