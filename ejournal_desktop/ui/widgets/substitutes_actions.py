"""What can be done in Замены of Администрирование: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.widgets.substitutes_part import SubstitutesPart

#: The keys that the lists read by themselves, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("фамилия, Enter", "Уроки того, кого нет; дальше фамилия того, кто заменит, Enter — и следующий урок"),
    ("PgDn, PgUp", "Следующий или предыдущий урок, не уходя из строки"),
    ("Delete", "Убрать замену урока, на котором стоите; отменённый урок вернуть"),
    ("Esc", "На шаг назад: к урокам, к выбору учителя"),
)


def part_actions(part: SubstitutesPart) -> list[Action]:
    """Return what the keyboard does here, in the order of the F1 page."""
    writing, moving = tr("Замены"), tr("Переход")
    return [
        Action("substitutes.undo", tr("Отменить"), ("Ctrl+Z",), part.deeds.undo, writing),
        Action("substitutes.redo", tr("Вернуть отменённое"), ("Ctrl+Y",), part.deeds.redo, writing),
        Action("substitutes.call_off", tr("Отменить урок или вернуть его"), ("F7",), part.call_off, writing),
        Action("substitutes.move", tr("Перенести урок на другой час или день"), ("F8",), part.move_lesson, writing),
        Action("substitutes.print", tr("Напечатать замены дня"), ("Ctrl+P",), part.print_list, writing),
        Action("substitutes.open", tr("Открыть урок в журнале"), ("Ctrl+Return",), part.open_lesson, writing),
        Action("substitutes.absent", tr("К выбору учителя, которого нет"), ("Ctrl+F",), part.look_for, moving),
        Action("substitutes.earlier", tr("Раньше"), ("Alt+Left",), lambda: part.go_by(-1), moving),
        Action("substitutes.later", tr("Позже"), ("Alt+Right",), lambda: part.go_by(1), moving),
        Action("substitutes.day", tr("Другой день: число"), ("F2",), part.head.ask, moving),
        Action("substitutes.today", tr("К сегодняшнему дню"), ("Ctrl+T",), part.go_to_today, moving),
    ]  # fmt: skip
