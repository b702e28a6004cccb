"""What can be done in Люди of Администрирование, for its menu, its keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.widgets.people_part import PeoplePart

ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("Enter", "В списке — исправить сотрудника; в поле — записать; в роли — закончить её"),
    ("Ctrl+C", "Скопировать выбранные строки"),
)


def people_actions(part: PeoplePart) -> list[Action]:
    """Return the actions of the part: those of roles and codes only for who may do them."""
    staff, ways = tr("Сотрудник"), tr("Вход")
    people = [
        Action("people.search", tr("Найти"), ("Ctrl+F",), part.look_for, tr("Переход")),
        Action("people.walk", tr("Список, роли, права"), ("F6",), part.walk, tr("Переход")),
        Action("people.add", tr("Новый сотрудник"), ("Ctrl+N",), part.begin, staff),
        Action("people.mend", tr("Исправить имя и должность"), ("F2",), part.mend, staff),
        Action("people.undo", tr("Отменить"), ("Ctrl+Z",), part.deeds.undo, staff),
        Action("people.redo", tr("Вернуть отменённое"), ("Ctrl+Y",), part.deeds.redo, staff),
    ]
    if part.tells_of_people:
        people.append(
            Action("people.report", tr("Что хранится об этом сотруднике"), ("Ctrl+I",), part.want_report, tr("Переход"))
        )
    if not part.gives_roles:
        return people
    return [
        *people,
        Action("people.role", tr("Дать роль"), ("Ctrl+R",), part.begin_role, staff),
        Action("people.end_role", tr("Закончить роль"), ("Ctrl+Shift+R",), part.end_role, staff),
        Action("people.leave", tr("Уволен: закончить всё"), ("Ctrl+Shift+U",), part.begin_leaving, staff),
        Action("people.code", tr("Код для входа"), ("Ctrl+K",), part.ways.give_code, ways),
        Action("people.codes", tr("Коды всем, у кого нет входа"), ("Ctrl+Shift+K",), part.give_codes, ways),
        Action("people.handed", tr("Код выдан под подпись"), ("Ctrl+D",), part.ways.hand_over, ways),
        Action("people.print", tr("Напечатать сделанные коды"), ("Ctrl+P",), part.paper.print_paper, ways),
        Action("people.close", tr("Закрыть вход"), ("Ctrl+Shift+L",), part.ways.close_door, ways),
    ]
