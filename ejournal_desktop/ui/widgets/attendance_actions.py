"""What can be done on Посещаемость of Мой класс: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.widgets.attendance_part import AttendancePart

#: The keys that the lists read by themselves, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("фамилия, Enter", "Найти ученика в любой раскладке; дальше последний день, Enter, код, Enter"),
    ("Б, У, Н", "Код причины для строки или клетки, в любой раскладке"),
    ("1, 2", "В сверке: верен реестр, верен учитель"),
    ("Enter", "Исправить запись реестра; в неделе — открыть день, в карте — неделю, в сверке — урок"),
    ("Delete", "Убрать запись реестра; в неделе — один день"),
)


def part_actions(part: AttendancePart) -> list[Action]:
    """Return what the keyboard does here, in the order of the F1 page."""
    writing, moving = tr("Запись"), tr("Переход")
    return [
        Action("attendance.new", tr("Внести в реестр"), ("Ctrl+N",), part.new_entry, writing),
        Action("attendance.mend", tr("Исправить запись реестра"), ("F2",), part.mend, writing),
        Action("attendance.undo", tr("Отменить"), ("Ctrl+Z",), part.undo, writing),
        Action("attendance.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), part.redo, writing),
        Action("attendance.print", tr("Напечатать карту недель"), ("Ctrl+Shift+P",), part.print_map, writing),
        Action("attendance.day", tr("День"), ("Alt+1",), lambda: part.show_view("day"), moving),
        Action("attendance.week", tr("Неделя"), ("Alt+2",), lambda: part.show_view("week"), moving),
        Action("attendance.check", tr("Сверка с уроками"), ("Alt+3",), lambda: part.show_view("check"), moving),
        Action("attendance.map", tr("Карта недель"), ("Alt+4",), lambda: part.show_view("map"), moving),
        Action("attendance.earlier", tr("Раньше"), ("Alt+Left",), lambda: part.go_by(-1), moving),
        Action("attendance.later", tr("Позже"), ("Alt+Right",), lambda: part.go_by(1), moving),
        Action("attendance.today", tr("К сегодняшнему дню"), ("Ctrl+T",), part.go_to_today, moving),
    ]  # fmt: skip
