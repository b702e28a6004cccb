"""Готовность журналов as a table: a line for each page, with the words of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ejournal_core import russian
from ejournal_desktop.models.queries.oversight import PageStanding
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import DAY, as_tip, count, day_short, tr

Index = QModelIndex | QPersistentModelIndex

COLUMNS = (
    ("Класс", "group", 56), ("Предмет", "subject", 150), ("Учитель", "teacher", 210), ("Период", "period", 92),
    ("Не\nзаполнено", "unfilled", 84), ("Без\nд/з", "no_homework", 44), ("Без\nотметки", "unmarked", 72),
    ("Н/а без\nобоснования", "unreasoned", 96), ("Учитель\nзакончил", "stated", 130), ("Состояние", "standing", 126),
)  # fmt: skip
EXACT = frozenset({"group", "period", "unfilled", "no_homework", "unmarked", "unreasoned", "standing"})
SPARE = ("period", "stated")  # told below of the page where one is; the period is chosen above, too
TIPS = {
    "unfilled": "Уроки до вчерашнего дня, которые не отмечены проведёнными или без темы",
    "no_homework": "Проведённые уроки без домашнего задания: задавать его не обязательно",
    "unmarked": "Ученики без отметки за период",
    "unreasoned": "«н/а» без обоснования",
    "stated": "Кто и когда сообщил, что период закончен",
}
STANDING = len(COLUMNS) - 1
#: What is late comes first; within each as the classes stand.
_ORDER = ("late", "waits", "absent", "ready")
_HUES = {"late": "danger", "absent": "secondary", "ready": "positive"}
LESSON = ("урок", "урока", "уроков")
OF_LESSONS = ("урока", "уроков", "уроков")  # after «из»


class ReadinessModel(QAbstractTableModel):
    """The lines in the order chosen by the head of a column. `today` counts the days of a delay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[PageStanding] = []
        self.today = date.min

    def show_rows(self, rows: Sequence[PageStanding], today: date) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.rows, self.today = list(rows), today
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many lines there are."""
        return len(self.rows) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(COLUMNS) if parent is None or not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its colour, and for the tip and screen readers the whole line."""
        row, field = self.rows[index.row()], COLUMNS[index.column()][1]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell(row, field, self.today)
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.colour(getattr(theme.tokens(), _hue(row, field)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(told(row, self.today))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            head = tr(COLUMNS[index.column()][0]).replace("\n", " ")
            return f"{head}: {cell(row, field, self.today) or tr('нет')}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the head of a column, as the tip what it counts."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(TIPS.get(COLUMNS[section][1], "")) or None
        return tr(COLUMNS[section][0]) if role == Qt.ItemDataRole.DisplayRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the lines in the order of a column: numbers by size, words as a Russian list has them."""
        self.layoutAboutToBeChanged.emit()
        field = COLUMNS[column][1]
        self.rows.sort(key=lambda row: _sort_key(row, field), reverse=order != Qt.SortOrder.AscendingOrder)
        self.layoutChanged.emit()

    def line_of(self, page_id: str) -> int:
        """Return the line of a page, -1 when it is not shown."""
        return next((at for at, row in enumerate(self.rows) if row.page.id == page_id), -1)


def cell(row: PageStanding, field: str, today: date) -> str:
    """Return what stands in a cell; where nothing is missing nothing stands."""
    plain = {
        "group": row.page.class_title, "teacher": ", ".join(row.teachers), "period": row.period,
        "subject": " · ".join(part for part in (row.page.subject_title, row.page.subgroup_title) if part),
    }  # fmt: skip
    if field in plain:
        return plain[field]
    if field == "standing":
        return standing_words(row, today)
    if row.standing == "absent":
        return "?"
    if field == "stated":
        return _stated(row)
    of = {"unfilled": row.lessons, "unmarked": row.pupils}.get(field)
    missing = getattr(row, field)
    return "" if not missing else tr("{n} из {all}").format(n=missing, all=of) if of else str(missing)


def standing_words(row: PageStanding, today: date) -> str:
    """Return «готово», «до 30.10», «опоздание 3 дня», «закрыт», «не загружено»."""
    if row.standing == "absent":
        return tr("не загружено")
    if row.closed:
        return tr("закрыт") if row.standing == "ready" else tr("закрыт, не готово")
    if row.standing == "ready":
        return tr("готово")
    if row.due_on is None:
        return tr("не готово")
    if row.standing == "late":
        return tr("опоздание {days}").format(days=count((today - row.due_on).days, DAY))
    return tr("до {day}").format(day=day_short(row.due_on))


def told(row: PageStanding, today: date) -> str:
    """Return the whole line in words."""
    where = ", ".join((row.page.title, row.period, *row.teachers))
    if row.standing == "absent":
        absent = tr("журнал этой страницы ещё не загружен на этот компьютер, поэтому здесь ничего не посчитано")
        return f"{where}: {absent}"
    parts = [standing_words(row, today)]
    if row.unfilled:
        parts.append(tr("не заполнено {n} из {all}").format(n=row.unfilled, all=count(row.lessons, OF_LESSONS)))
    if row.no_homework:
        parts.append(tr("без домашнего задания {n}").format(n=count(row.no_homework, LESSON)))
    if row.unmarked:
        parts.append(tr("без отметки {n} из {all}").format(n=row.unmarked, all=row.pupils))
    if row.unreasoned:
        parts.append(tr("«н/а» без обоснования: {n}").format(n=row.unreasoned))
    parts.append(row.nothing_due or _stated(row) or tr("учитель ещё не сообщил, что закончил"))
    return f"{where}: {'; '.join(parts)}"


def _stated(row: PageStanding) -> str:
    if row.nothing_due:
        return tr("отметок нет")
    if not row.complete:
        return ""
    day = day_short(row.stated_at.date()) if row.stated_at else ""
    return " ".join(part for part in (row.stated_by, day) if part) or tr("да")


def _hue(row: PageStanding, field: str) -> str:
    if field == "standing":
        return _HUES.get(row.standing, "ink")
    if field in ("period", "no_homework") or row.standing == "absent":
        return "secondary"
    return "ink"


def _sort_key(row: PageStanding, field: str) -> tuple[int, str]:
    if field == "standing":
        return _ORDER.index(row.standing), ""
    if field in ("unfilled", "no_homework", "unmarked", "unreasoned"):
        return getattr(row, field), ""
    if field == "group":
        grade = "".join(sign for sign in row.page.class_title if sign.isdigit())
        return int(grade or 0), russian.sort_key(row.page.class_title)
    return 0, russian.sort_key(cell(row, field, date.min))
