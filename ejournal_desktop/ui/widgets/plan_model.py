"""КТП as a table: one line per row of the plan, and one empty line where the next one is written."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage, PlanRow
from ejournal_desktop.ui.widgets.plan_entry import (
    CONTROL,
    FACT,
    FIELDS,
    HOMEWORK,
    HOURS,
    NUMBER,
    PLANNED,
    SECTION,
    TOPIC,
    written,
)
from ejournal_desktop.ui.words import as_tip, day_short, tr

Index = QModelIndex | QPersistentModelIndex

HEADS = {NUMBER: "№", SECTION: "Раздел", TOPIC: "Тема", HOURS: "Часы", CONTROL: "Контроль",
         HOMEWORK: "Домашнее задание", PLANNED: "По плану", FACT: "Факт"}  # fmt: skip
TIPS = {
    HOURS: "На сколько уроков рассчитана тема",
    CONTROL: "Вид контроля, если он на этом уроке есть",
    HOMEWORK: "Предлагается в журнале вместе с темой",
    PLANNED: "Когда тема должна начаться",
    FACT: "Дни уроков, на которых эта тема записана; Enter или двойной щелчок — к уроку",
}
ARROW = " → "


class PlanModel(QAbstractTableModel):
    """Reads a `LessonPlanPage`.

    Attributes:
        new_at: place of the empty line, from 0; -1 where the person may only look.
        draft: what the empty line says so far, by column; it is no row before it has a topic.
        shifting: the dates that a shift would write stand beside those of the plan.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan: LessonPlanPage | None = None
        self.new_at = -1
        self.draft: dict[int, str] = {}
        self.shifting = False

    def show_plan(self, plan: LessonPlanPage, new_at: int | None = None) -> None:
        """Show a plan; lines keep their places when only their words changed."""
        before = self._frame()
        end = len(plan.rows)
        wanted = -1 if plan.read_only else end if new_at is None else min(new_at, end)
        after = (plan.page.id, tuple(each.row.id for each in plan.rows), wanted)
        if before == after:
            self.plan = plan
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, FACT))
            return
        self.beginResetModel()
        self.plan, self.new_at = plan, wanted
        self.endResetModel()

    def _frame(self) -> tuple[object, ...]:
        if self.plan is None:
            return ()
        return self.plan.page.id, tuple(each.row.id for each in self.plan.rows), self.new_at

    def row(self, number: int) -> PlanRow | None:
        """Return the row of the plan on a line, None for the empty line and for no line."""
        if self.plan is None or number < 0 or number == self.new_at:
            return None
        place = number - (0 <= self.new_at < number)
        return self.plan.rows[place] if place < len(self.plan.rows) else None

    def line_of(self, row_id: str) -> int:
        """Return the line of a row, -1 when the plan has no such row."""
        rows = self.plan.rows if self.plan is not None else ()
        place = next((n for n, each in enumerate(rows) if each.row.id == row_id), -1)
        return place + (0 <= self.new_at <= place)

    def before_new(self) -> PlanRow | None:
        """Return the row that the empty line stands behind."""
        return self.row(self.new_at - 1)

    def next_to_give(self) -> str:
        """Return the id of the first row that is not given yet, "" when all are."""
        rows = self.plan.rows if self.plan is not None else ()
        return next((each.row.id for each in rows if each.state != "given"), "")

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        if self.plan is None or (parent is not None and parent.isValid()):
            return 0
        return len(self.plan.rows) + (self.new_at >= 0)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(HEADS) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its tip, or its name for screen readers."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self.row(index.row())
            line = tr("строка {n}").format(n=row.number) if row else tr("новая строка")
            return f"{line}, {tr(HEADS[index.column()])}: {self.text(index.row(), index.column()) or tr('пусто')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self._tip(index.row(), index.column()))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads, what they mean as the tip."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (NUMBER, HOURS):
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(TIPS[section]) if section in TIPS else None
        return tr(HEADS[section]) if role == Qt.ItemDataRole.DisplayRole else None

    def text(self, number: int, column: int) -> str:
        """Return what stands in a cell."""
        row = self.row(number)
        if row is None:
            return self.draft.get(column, "")
        if column == NUMBER:
            return str(row.number)
        if column == FACT:
            return fact(row)
        if column == PLANNED and self.shifting and row.moves:
            return f"{written(row.row, column) or '–'}{ARROW}{day_short(row.moved_to) if row.moved_to else '–'}"
        return written(row.row, column)

    def edited(self, number: int, column: int) -> str:
        """Return the text of a cell as it is edited."""
        row = self.row(number)
        return written(row.row, column) if row else self.draft.get(column, "")

    def is_late(self, number: int) -> bool:
        """Say whether the row should have been given by its date and is not."""
        row = self.row(number)
        if row is None or self.plan is None or row.row.planned_on is None:
            return False
        return row.row.planned_on < self.plan.today and row.state != "given"

    def opens_section(self, number: int) -> bool:
        """Say whether a row is the first of its section."""
        row, before = self.row(number), self.row(number - 1) or self.row(number - 2)
        return row is not None and (before is None or before.row.section != row.row.section)

    def _tip(self, number: int, column: int) -> str:
        row = self.row(number)
        if row is None:
            return ""
        if column == FACT:
            return _told_of_fact(row)
        if column == PLANNED and self.is_late(number):
            return tr("По плану тема уже должна быть дана")
        return written(row.row, column) if column in FIELDS else ""


def fact(row: PlanRow) -> str:
    """Return what became of a row: its days, how many of its lessons, or that no lesson is left for it."""
    if row.state == "left":
        return tr("нет урока")
    days = [day_short(day) for day in row.given_on]
    if row.state == "begun":
        return tr("{day}, {n} из {all}").format(day=days[0], n=len(days), all=row.row.hours)
    return f"{days[0]}–{days[-1]}" if len(days) > 1 else "".join(days)


def _told_of_fact(row: PlanRow) -> str:
    if row.state == "left":
        return tr("До конца года для этой темы не осталось урока: сократите часы других тем или уберите строку")
    told = [tr("Дана: {days}").format(days=", ".join(map(day_short, row.given_on)))] if row.given_on else []
    if row.foreseen_on is not None:
        told.append(tr("по расписанию ожидается {day}").format(day=day_short(row.foreseen_on)))
    return "; ".join(told)
