"""The front of Резервные копии: the state in one sentence, what to do next, the drives, the sheet, the acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_core.policy import Policy
from ejournal_desktop.models.journal import Clock
from ejournal_desktop.models.queries.drives import BackupState
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.clauses import rule_words
from ejournal_desktop.ui.widgets.drive_row import (
    LEVELS,
    BackupActFace,
    DriveFace,
    daily_words,
    former_words,
    generation_day,
    next_words,
    state_words,
)
from ejournal_desktop.ui.widgets.layouts import MARGIN, in_a_row, set_in
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import StateMark


class BackupFront(QFrame):
    """What is read first; its buttons and lists are wired by the part."""

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.drives = RowList(DriveFace(clock), self.tr("Носители"), self)
        self.acts = RowList(BackupActFace(), self.tr("Акты и проверки"), self)
        self.mark = StateMark(self)
        self.says, self.next, self.rule, self.here, self.sheet = (QLabel(self) for _ in range(5))
        self.former, self.daily = QLabel(self), QLabel(self)
        self._titles = {name: QLabel(self) for name in ("drives", "sheet", "acts")}
        looks = ((self.says, "large"), (self.rule, "secondary"), (self.here, "secondary"))
        for label, look in (*looks, *((each, "title") for each in self._titles.values())):
            label.setProperty("look", look)
        for label in (self.says, self.next, self.former, self.rule, self.daily, self.here, self.sheet):
            label.setWordWrap(True)
        self.start = QPushButton(self.tr("Сделать копии"), self)
        self.start.setProperty("look", "main")
        self.start.setToolTip("Ctrl+N")
        self.inspect = QPushButton(self.tr("Проверить носитель"), self)
        self.inspect.setToolTip("Ctrl+T")
        self.check = QPushButton(self.tr("Проверить лист"), self)
        self.check.setToolTip("Ctrl+E")
        self._titles["sheet"].setText(self.tr("Лист восстановления"))
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 3 * theme.UNIT, 0, MARGIN)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, theme.UNIT)
        head.setSpacing(2 * theme.UNIT)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.says, 1)
        column.addLayout(head)
        for part in (self.next, self.former, self.rule, self.daily, self.here):
            column.addLayout(set_in(part, theme.UNIT, 0))
        column.addLayout(_buttons((self.start, self.inspect), 2 * theme.UNIT, 2 * theme.UNIT))
        column.addLayout(set_in(self._titles["drives"], 2 * theme.UNIT, theme.UNIT))
        column.addWidget(self.drives)
        column.addLayout(set_in(self._titles["sheet"], 4 * theme.UNIT, theme.UNIT))
        column.addLayout(set_in(self.sheet, 0, theme.UNIT))
        column.addLayout(_buttons((self.check,), 0, 0))
        column.addLayout(set_in(self._titles["acts"], 4 * theme.UNIT, theme.UNIT))
        column.addWidget(self.acts)
        column.addStretch(1)

    def show_state(self, state: BackupState, policy: Policy, now: datetime, here: str) -> None:
        """Show how the backups stand.

        Args:
            here: name of the newest generation on this computer, "" for none.
        """
        self.mark.show_shape(LEVELS[state.level])
        self.says.setText(state_words(state, now))
        self.next.setText(next_words(state, now.date()))
        for label, told in ((self.former, former_words(state)), (self.daily, daily_words(state.daily))):
            label.setText(told)
            label.setVisible(bool(told))
        self.daily.setProperty("look", "" if state.daily.stopped else "secondary")
        self.daily.style().polish(self.daily)
        rules = " · ".join(rule_words(policy, code) for code in ("P25", "P26"))
        self.rule.setText(self.tr("Сроки и места: {rules}.").format(rules=rules))
        day = generation_day(here)
        self.here.setText(self.tr("На этом компьютере тоже лежит зашифрованная копия, от {day}.").format(day=day))
        self.here.setVisible(bool(day))
        self._show_lists(state)
        self._show_sheet(state)
        for button in (self.start, self.inspect):
            button.setVisible(state.keeps)

    def _show_lists(self, state: BackupState) -> None:
        self.drives.show_rows(state.drives)
        self.acts.show_rows(state.acts)
        self._titles["drives"].setText(self.tr("Носители {n}").format(n=len(state.drives)))
        self._titles["acts"].setText(self.tr("Акты и проверки {n}").format(n=len(state.acts)))
        for part in (self.drives, self._titles["drives"]):
            part.setVisible(bool(state.drives))
        for part in (self.acts, self._titles["acts"]):
            part.setVisible(bool(state.acts))

    def _show_sheet(self, state: BackupState) -> None:
        self.check.setVisible(bool(state.sheet) and state.keeps)
        if not state.sheet:
            self.sheet.setText(self.tr(
                "Лист с ключом восстановления печатают на сервере: «ejournal-server backup-keys». Он лежит в сейфе "
                "директора; без него копию не открыть. Какой лист действует, будет видно здесь после первой копии."
            ))  # fmt: skip
            return
        seen = self.tr("не проверялся ни разу")
        if state.sheet_seen_on is not None:
            seen = self.tr("проверен {day}").format(day=f"{state.sheet_seen_on:%d.%m.%Y}")
        late = self.tr(" Возьмите его из сейфа и проверьте: это делают раз в год.") if state.sheet_late else ""
        told = self.tr("Копии открывает лист с отпечатком {sheet}; он {seen}.{late}")
        self.sheet.setText(told.format(sheet=state.sheet, seen=seen, late=late))


def _buttons(buttons: Sequence[QPushButton], above: int, below: int) -> QHBoxLayout:
    row = in_a_row(*buttons, gap=2 * theme.UNIT)
    row.setContentsMargins(MARGIN, above, MARGIN, below)
    return row
