"""The bells of a day to be typed: a line for each lesson, with its number, its usual time and when it rings now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QWidget

from ejournal_core.bells import Times, read_clock
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.substitutes_rows import LESSON
from ejournal_desktop.ui.words import count, tr

HEADS = ("Урок", "Обычно", "Начало", "Конец", "")
CLOCK = 66
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}


class BellLines(QFrame):
    """`changed` comes with every sign that is typed; arrows and Enter go from line to line."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.fields: dict[int, tuple[QLineEdit, QLineEdit]] = {}
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4 * theme.UNIT, theme.UNIT, 4 * theme.UNIT, theme.UNIT)
        self._grid.setHorizontalSpacing(4 * theme.UNIT)
        self._grid.setVerticalSpacing(theme.UNIT)
        self._grid.setColumnStretch(4, 1)

    def show_bells(self, usual: Times, times: Times, lessons: dict[int, int]) -> None:
        """Show the lessons of a day; the line that the focus is in keeps it."""
        if list(self.fields) != list(times):
            self._lay_out(times)
        for number, (starts, ends) in times.items():
            for field, text in zip(self.fields[number], (starts, ends), strict=True):
                if field.text() != text:
                    field.setText(text)
        for label, text in zip(self._labels, _told(usual, times, lessons), strict=True):
            label.setText(text)

    def _lay_out(self, times: Times) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.hide()
                part.deleteLater()
        self._labels, self.fields = [], {}
        self._put(0, [_quiet(tr(head), self) for head in HEADS])
        for row, number in enumerate(times, 1):
            labels = [_quiet("", self) for _ in range(3)]
            fields = self._field(number, tr("начало")), self._field(number, tr("конец"))
            self._put(row, [labels[0], labels[1], *fields, labels[2]])
            self._labels += labels
            self.fields[number] = fields
        for row in range(1, self._grid.rowCount() + 1):
            self._grid.setRowStretch(row, int(row > len(times)))

    def _put(self, row: int, parts: list[QWidget]) -> None:
        for column, part in enumerate(parts):
            self._grid.addWidget(part, row, column)
            part.show()  # else a later turn of the loop shows it, and the focus has nowhere to go until then

    def _field(self, number: int, which: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setFixedWidth(CLOCK)
        field.setMaxLength(5)
        field.setAccessibleName(tr("{n} урок, {which}").format(n=number, which=which))
        field.textEdited.connect(lambda _typed: self.changed.emit())
        field.editingFinished.connect(lambda: _tidy(field))
        field.installEventFilter(self)
        return field

    @property
    def times(self) -> Times:
        """Return what is typed, as «09:05» where it is a time and as it stands where it is none."""
        return {number: (_read(starts), _read(ends)) for number, (starts, ends) in self.fields.items()}

    def enter(self) -> None:
        """Put the focus into the first field."""
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first[0].setFocus(Qt.FocusReason.OtherFocusReason)
            first[0].selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go to the line above or below; Tab goes along."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return super().eventFilter(watched, event)
        for column in range(2):
            fields = [pair[column] for pair in self.fields.values()]
            if watched in fields:
                to = fields[max(0, min(fields.index(watched) + step, len(fields) - 1))]
                to.setFocus(Qt.FocusReason.OtherFocusReason)
                to.selectAll()
        return True


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("look", "secondary")
    return label


def _read(field: QLineEdit) -> str:
    return read_clock(field.text()) or field.text()


def _tidy(field: QLineEdit) -> None:
    field.setText(_read(field))


def _told(usual: Times, times: Times, lessons: dict[int, int]) -> list[str]:
    """Return the words of the labels, three for each lesson."""
    told: list[str] = []
    for number in times:
        ordinary = "–".join(usual[number]) if number in usual else "—"
        told += [str(number), ordinary, count(lessons[number], LESSON) if number in lessons else tr("уроков нет")]
    return told
