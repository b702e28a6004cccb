"""Finding among what waits for a decision: words, a class, a kind, who asks. What is chosen nowhere hides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ejournal_core import russian
from ejournal_core.decisions import SUBSTITUTION
from ejournal_core.russian import text_key
from ejournal_desktop.models.pages import DisputeRow
from ejournal_desktop.models.queries.requests import RequestRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.searching import readings
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.layouts import MARGIN
from ejournal_desktop.ui.words import tr

Row = RequestRow | DisputeRow
Told = Callable[[Row], str]

CHOOSER = 45 * theme.UNIT
DISPUTE, STAND_IN = "dispute", "stand-in"
#: What a row is about, in the order of the list.
KINDS = {
    "Mark": "Отметки", "PeriodMark": "Отметки за период", "PageCompletion": "Готовность итогов",
    "Attendance": "Посещаемость", "Lesson": "Темы и задания", "MarkColumn": "Столбцы отметок",
    STAND_IN: "Замены", DISPUTE: "Споры",
}  # fmt: skip


def kind_of(row: Row) -> str:
    """Return the key of `KINDS` that a row belongs to; its own kind where the list does not know it."""
    if isinstance(row, DisputeRow):
        return DISPUTE
    return STAND_IN if row.reason == SUBSTITUTION else row.kind


def class_of(row: Row) -> str:
    """Return the class as a person calls it, "" for what is of no class."""
    return row.page.class_title if row.page is not None else ""


def people_of(row: Row) -> tuple[str, ...]:
    """Return whose wish it is: who asked, or the two authors of a dispute."""
    return (row.standing_author, row.wanted_author) if isinstance(row, DisputeRow) else (row.requester,)


class WaitingFilter(QWidget):
    """A line and three lists. `changed` comes when something else is wanted, `entered` on Enter in the line."""

    changed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setAccessibleName(self.tr("Найти среди заявок и споров"))
        self.search.setPlaceholderText(self.tr("Найти: класс, предмет, учитель, ученик, «тема», «замена»…  Ctrl+F"))
        self.group, self.kind, self.person = (self._chooser(name) for name in ("Класс", "Что меняют", "Чья заявка"))
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, 0)  # room that goes when it is hidden
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.search, 1)
        for chooser in self._choosers:
            row.addWidget(chooser)
        self.search.textChanged.connect(self.changed)
        self.search.returnPressed.connect(self.entered)

    def _chooser(self, name: str) -> Chooser:
        made = Chooser(self)
        made.setAccessibleName(tr(name))
        made.setFixedWidth(CHOOSER)
        made.currentIndexChanged.connect(self.changed)
        return made

    @property
    def _choosers(self) -> tuple[Chooser, Chooser, Chooser]:
        return self.group, self.kind, self.person

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is asked for, so that all is shown."""
        return not self.search.text() and not any(chooser.currentData() for chooser in self._choosers)

    @property
    def has_focus(self) -> bool:
        """Say whether a person is in it: it does not go away from under the hands."""
        return any(part.hasFocus() for part in (self.search, *self._choosers))

    def offer(self, rows: Sequence[Row]) -> None:
        """Offer the classes, kinds and people of these rows; what is chosen stays while it is still there."""
        classes = sorted({class_of(row) for row in rows} - {""}, key=russian.sort_key)
        people = sorted({name for row in rows for name in people_of(row)} - {""}, key=russian.sort_key)
        present = {kind_of(row) for row in rows}
        kinds = [(tr(title), kind) for kind, title in KINDS.items() if kind in present]
        fill(self.group, tr("Все классы"), [(each, each) for each in classes])
        fill(self.kind, tr("Все виды"), kinds)
        fill(self.person, tr("Все учителя"), [(each, each) for each in people])

    def keeps(self, row: Row, told: str) -> bool:
        """Say whether a row is wanted; `told` is the row as it is read out, in which the words are looked for."""
        chosen = (
            (self.group, (class_of(row),)), (self.kind, (kind_of(row),)), (self.person, people_of(row)),
        )  # fmt: skip
        if any(chooser.currentData() and chooser.currentData() not in values for chooser, values in chosen):
            return False
        return any(_is_told(typed, text_key(told).replace(" ", "")) for typed in readings(self.search.text()))

    def clear(self) -> None:
        """Ask for nothing any more."""
        self.blockSignals(True)
        self.search.clear()
        for chooser in self._choosers:
            chooser.setCurrentIndex(0)
        self.blockSignals(False)
        self.changed.emit()


def _is_told(typed: str, told: str) -> bool:
    return all(text_key(word).replace(" ", "") in told for word in typed.split())


def fill(chooser: Chooser, everything: str, offers: Sequence[tuple[str, str]]) -> None:
    """Offer these texts with their data, one that hides nothing first; what is chosen stays while it is there."""
    wanted = [(everything, ""), *offers]
    if wanted == [(chooser.itemText(at), chooser.itemData(at)) for at in range(chooser.count())]:
        return
    chosen = chooser.currentData()
    chooser.blockSignals(True)
    chooser.clear()
    for text, data in wanted:
        chooser.addItem(text, data)
    chooser.setCurrentIndex(max(chooser.findData(chosen), 0) if chosen else 0)
    chooser.blockSignals(False)
