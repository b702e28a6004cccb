"""The strip above the page while a pasted block is looked at: how many cells, what is refused and why, the two keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ejournal_core.policy import Policy
from ejournal_desktop.models.queries.pasting import Planned
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.mark_grid import NOTHING, MarkGrid, Place
from ejournal_desktop.ui.grids.pasting import MOST_ANSWERS, Pasting
from ejournal_desktop.ui.words import count, tr

NAMES, LONGEST_NAME = 3, 30
NO_WORDS = " "
CELL = ("клетку", "клетки", "клеток")


class PastePreview(QFrame):
    """Never takes the focus: the keys stay with the grid. The buttons do what Enter and Esc do."""

    taken = Signal()
    left = Signal()
    answered = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.setAccessibleName(self.tr("Вставка из буфера"))
        self.counts, self.detail = QLabel(self), QLabel(self)
        self.counts.setFont(theme.font(theme.BASE, theme.BOLD))
        self.detail.setProperty("look", "secondary")
        for label in (self.counts, self.detail):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.take, self.leave = QPushButton(self), QPushButton(self.tr("Не надо (Esc)"), self)
        self.take.setProperty("look", "main")
        self.take.clicked.connect(self.taken)
        self.leave.clicked.connect(self.left)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.counts)
        words.addWidget(self.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, theme.UNIT, 2 * theme.UNIT, theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        row.addLayout(words, 1)
        self._answers = QHBoxLayout()
        self._offered: list[QPushButton] = []
        row.addLayout(self._answers)
        row.addWidget(self.leave)
        row.addWidget(self.take)
        for button in (self.take, self.leave):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_plan(self, pasting: Pasting, grid: MarkGrid, policy: Policy, current: Place) -> None:
        """Show a plan as it stands, with what it says of the current cell; hidden while there is none."""
        self.setVisible(pasting.is_open)
        if not pasting.is_open:
            return
        counts = pasting.counts()
        self.counts.setText(counted(pasting))
        self.detail.setText(_asked(pasting, grid) or _of_cell(pasting, grid, policy, current))
        self.detail.setVisible(bool(self.detail.text()))
        self.take.setText(self.tr("Записать {0} (Enter)").format(counts["set"]))
        self.take.setVisible(bool(counts["set"]))
        self._offer(pasting, grid)

    def show_way(self, sentence: str) -> None:
        """Say how far very many cells are; only Esc has something to do meanwhile."""
        self.show()
        self.counts.setText(sentence)
        self.detail.setText(NO_WORDS)  # whose line stays: else both pages would be laid out and painted anew
        self.detail.show()
        self.take.hide()

    def _offer(self, pasting: Pasting, grid: MarkGrid) -> None:
        """Offer by the mouse what digits answer."""
        for button in self._offered:
            button.deleteLater()
        asked = pasting.asked
        rows = asked.rows[:MOST_ANSWERS] if asked else ()
        self._offered = [self._answer(n, f"№ {grid.pupils[row].position}") for n, row in enumerate(rows, 1)]
        self._offered += [self._answer(0, self.tr("никто"))] if asked else []

    def _answer(self, number: int, who: str) -> QPushButton:
        button = QPushButton(f"{number} — {who}", self)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(partial(self.answered.emit, number))
        self._answers.addWidget(button)
        return button


def counted(pasting: Pasting) -> str:
    """Return the counts of a plan in one line."""
    counts, placed = pasting.counts(), pasting.placed
    parts = [tr("Запишем {0}").format(count(counts["set"], CELL)) if counts["set"] else tr("Записывать нечего")]
    parts += [tr("без изменений {0}").format(counts["same"])] if counts["same"] else []
    parts += [tr("не примем {0}").format(counts["refused"])] if counts["refused"] else []
    parts += [tr("за краем страницы {0}").format(placed.outside)] if placed.outside else []
    parts += [tr("нет на странице: {0}").format(_some(placed.unknown))] if placed.unknown else []
    parts += [tr("в буфере больше, чем бывает на странице: взято начало")] if pasting.cut else []
    return " · ".join(parts)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(name[:LONGEST_NAME] or tr("строка без имени") for name in names[:NAMES])
    return shown + (tr(" и ещё {0}").format(len(names) - NAMES) if len(names) > NAMES else "")


def _asked(pasting: Pasting, grid: MarkGrid) -> str:
    asked = pasting.asked
    if asked is None:
        return ""
    pupils = [grid.pupils[row] for row in asked.rows[:MOST_ANSWERS]]
    offered = ", ".join(f"{n} — {pupil.full_name}, № {pupil.position}" for n, pupil in enumerate(pupils, 1))
    return tr("Кто это: «{0}»? {1}, 0 — никто").format(asked.name[:LONGEST_NAME], offered)


def _of_cell(pasting: Pasting, grid: MarkGrid, policy: Policy, current: Place) -> str:
    """Return what a plan says of the current cell, or of the first one that is refused."""
    refused = next((each for each in pasting.plan.values() if each.verdict == "refused"), None)
    planned = pasting.plan.get(current) or refused
    return planned_sentence(planned, grid, policy) if planned is not None else ""


def planned_sentence(planned: Planned, grid: MarkGrid, policy: Policy) -> str:
    """Return «Ёлкин Пётр · 11.09: 4 → 5» or why the cell stays as it is."""
    cell = grid.cell(planned.column, planned.row) or NOTHING
    where = f"{grid.pupils[planned.row].name} · {spoken.column_name(grid.columns[planned.column])}"
    stands = " ".join(part for part in (cell.absence, cell.value) if part) or tr("пусто")
    if planned.refusal is not None:
        return f"{where}: {with_clause(planned.refusal, policy)} {tr('Останется: {0}.').format(stands)}"
    if planned.verdict == "same":
        return f"{where}: {tr('уже стоит')} {stands}"
    becomes = " ".join(part for part in (planned.absence, planned.value) if part) or tr("пусто")
    return f"{where}: {stands} → {becomes}"
