"""What can be done on КТП: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen

#: The keys that the table reads by itself, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("Буквы и цифры", "Написать в клетку заново"),
    ("Enter, Shift+Enter", "Записать и перейти ниже; выше"),
    ("Tab, Shift+Tab", "В клетке: записать и перейти вправо, влево"),
    ("Esc", "В клетке: оставить прежнее; набранное вернёт F2; в таблице — туда, откуда сюда привели"),
    ("Backspace", "Очистить клетку"),
    ("Shift+стрелки", "Выбрать несколько строк"),
)


def screen_actions(screen: LessonPlanScreen) -> list[Action]:
    """Return what the keyboard does here, in the order of the F1 page."""
    rows, plan, approval = tr("Строки"), tr("План"), screen.approval
    return [
        Action("plan.edit", tr("Изменить клетку"), ("F2",), screen.edit_cell, rows),
        Action("plan.insert", tr("Вставить строку перед этой"), ("Ins",), screen.insert_row, rows),
        Action("plan.delete", tr("Убрать строку или выбранные строки"), ("Del",), screen.delete_rows, rows),
        Action("plan.up", tr("Передвинуть выбранные строки вверх"), ("Alt+Up",), lambda: screen.move_row(-1), rows),
        Action("plan.down", tr("Передвинуть выбранные строки вниз"), ("Alt+Down",), lambda: screen.move_row(1), rows),
        Action("plan.undo", tr("Отменить"), ("Ctrl+Z",), screen.undo, rows),
        Action("plan.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), screen.redo, rows),
        Action("plan.lesson", tr("Открыть урок, на котором тема дана"), (), screen.table.open_lesson, rows,
               tr("Enter в столбце «Факт»")),
        Action("plan.give", tr("Сдать на утверждение, утвердить или взять назад"), ("Ctrl+G",), screen.give, plan),
        Action("plan.return", tr("Вернуть учителю с причиной (завуч)"), ("Ctrl+Shift+G",), approval.ask_return, plan),
        Action("plan.hours", tr("Часы учебного плана (завуч)"), ("Ctrl+H",), approval.write_hours, plan),
        Action("plan.waiting", tr("КТП, которые ждут утверждения (завуч)"), ("Ctrl+R",), screen.open_waiting, plan),
        Action("plan.shift", tr("Новые даты по расписанию: показать, потом записать"), ("Ctrl+D",),
               screen.shift_dates, plan),
        Action("plan.file", tr("Взять строки из файла: Excel, Word, CSV…"), ("Ctrl+I",), screen.choose_file, plan),
        Action("plan.paste", tr("Вставить строки, скопированные в таблице"), ("Ctrl+V",), screen.paste_rows, plan),
        Action("plan.copy", tr("Взять строки из другого КТП: прошлый год, коллега"), ("Ctrl+K",),
               screen.copy_plan, plan),
        Action("plan.refused", tr("К следующей строке, которую нельзя загрузить"), ("Ctrl+J",),
               screen.offer.go_to_refused, plan),
        Action("plan.open", tr("Другая страница"), ("Ctrl+O",), screen.header.pages.open_list, plan),
    ]  # fmt: skip
