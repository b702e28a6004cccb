"""What can be done on Семьи of Мой класс: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.widgets.families_part import FamiliesPart

#: The keys that the lists and the form read by themselves, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("начало фамилии", "Найти ученика в любой раскладке"),
    ("Enter", "От ученика к родителям; у родителя — изменить; в форме — записать"),
    ("Delete", "Убрать запись о родителе"),
    ("Enter в днях листа", "Показать лист за эти дни"),
)


def part_actions(part: FamiliesPart) -> list[Action]:
    """Return what the keyboard does here, in the order of the F1 page."""
    writing, moving = tr("Запись"), tr("Переход")
    return [
        Action("families.new", tr("Внести родителя"), ("Ctrl+N",), part.begin, writing),
        Action("families.mend", tr("Изменить запись о родителе"), ("F2",), part.mend, writing),
        Action("families.withdraw", tr("Согласие отозвано: скрыть контакты"), ("Ctrl+U",), part.withdraw, writing),
        Action("families.remove", tr("Убрать запись о родителе"), (), part.remove, writing),
        Action("families.undo", tr("Отменить"), ("Ctrl+Z",), part.deeds.undo, writing),
        Action("families.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), part.deeds.redo, writing),
        Action("families.past", tr("История записи о родителе"), ("Ctrl+H",), part.show_past, writing),
        Action("families.copy", tr("Скопировать лист семьи текстом"), ("Ctrl+Shift+C",), part.sheet.copy_text, writing),
        Action("families.check", tr("Список класса сверен…"), ("Ctrl+G",), part.check_list, writing),
        Action("families.wrong", tr("Сообщить о неверных сведениях…"), ("Ctrl+E",), part.tell_office, writing),
        Action("families.earlier", tr("Лист за предыдущий период"), ("Alt+Left",), lambda: part.go_by_period(-1),
               moving),
        Action("families.later", tr("Лист за следующий период"), ("Alt+Right",), lambda: part.go_by_period(1), moving),
        Action("families.walk", tr("Ученики, родители, лист"), ("F6",), part.walk, moving),
    ]  # fmt: skip
