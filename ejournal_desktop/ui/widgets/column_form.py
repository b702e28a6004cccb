"""A column of marks in place: which work it is, what it is called, what it weighs; or that it goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from ejournal_core.kinds import WorkKind
from ejournal_desktop.models.commands.mark_columns import LONGEST_TITLE
from ejournal_desktop.ui.widgets.cell_form import CellForm
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.words import tr


class ColumnForm(CellForm):
    """Says what is wanted; whoever owns it writes.

    Signals:
        removal_wanted: the column with its marks.
    """

    removal_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Столбец отметок"), parent)
        self.kind = Chooser(self)
        self.title = QLineEdit(self)
        self.title.setMaxLength(LONGEST_TITLE)
        self.weight = QLineEdit(self)
        self.weight.setMaxLength(8)
        self.remove = QPushButton(tr("Убрать столбец"), self)
        self.remove.clicked.connect(self.removal_wanted)
        self.add(tr("Вид работы"), self.kind)
        self.add(tr("Название"), self.title)
        self.add(tr("Вес"), self.weight)
        self._column.addWidget(self.remove)

    def open(
        self, where: str, kinds: Sequence[WorkKind], kind_id: str, title: str, weight: str, marks: int, at: QRect
    ) -> None:
        """Open for one column; `marks` go with it when it is removed."""
        self.kind.clear()
        for kind in kinds:
            self.kind.addItem(f"{kind.code}   {kind.title}", kind.id)
        here = next((number for number, kind in enumerate(kinds) if kind.id == kind_id), 0)
        self.kind.setCurrentIndex(here)
        self.title.setPlaceholderText(kinds[here].title if kinds else "")
        self.weight.setPlaceholderText(f"{kinds[here].weight.normalize():f}".replace(".", ",") if kinds else "")
        self.title.setText(title)
        self.weight.setText(weight)
        many = tr("Убрать столбец и отметки в нём: {n}").format(n=marks)
        self.remove.setText(many if marks else tr("Убрать столбец"))
        self.open_at(where, tr("Enter — записать, Esc — не надо. Убранное остаётся в истории."), at, self.title)

    @property
    def kind_id(self) -> str:
        """Return the chosen kind of work."""
        return str(self.kind.currentData())
