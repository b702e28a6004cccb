"""What can be done on Итоги: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.asking import KEY
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen

#: The keys that the table reads by itself, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("5 4 3 2 1", "Поставить итоговую отметку; другая, чем предложена, спросит обоснование в той же строке"),
    ("Пробел", "Поставить то, что предложено, и перейти ниже"),
    ("З, Н, О", "зач или нз; н/а или нз; осв"),
    ("Delete", "Убрать отметку и её обоснование"),
    ("Enter, Shift+Enter", "Вниз и вверх по столбцу"),
    ("Esc", "Туда, откуда сюда привели: в Контроль, в Сегодня"),
)


def screen_actions(screen: PeriodMarksScreen) -> list[Action]:
    """Return what the keyboard does here, in the order of the F1 page."""
    writing, moving, table = tr("Запись"), tr("Переход"), screen.table
    return [
        Action("results.reason", tr("Обоснование отметки"), ("F2",), table.write_reason, writing),
        Action("results.complete", tr("Итоги по странице готовы, или снова в работе"), ("Ctrl+G",),
               screen.state_complete, writing),
        Action("results.received", tr("Когда получены результаты экзамена"), ("Ctrl+D",), screen.open_receipt, writing),
        Action("results.ask", tr("Попросить исправить то, что не приняли"), (KEY,), screen.ask, writing),
        Action("results.undo", tr("Отменить"), ("Ctrl+Z",), screen.deeds.undo, writing),
        Action("results.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), screen.deeds.redo, writing),
        Action("results.print", tr("Напечатать таблицу и картины"), ("Ctrl+Shift+P",), screen.print_page, writing),
        Action("results.next", tr("К следующей незаконченной строке"), ("Ctrl+J",), screen.go_to_missing, moving),
        Action("results.open", tr("Другой журнал"), ("Ctrl+O",), screen.header.pages.open_list, moving),
        Action("results.ready", tr("Кто в классе закончил итоги"), ("Ctrl+R",), screen.header.open_ready, moving),
        Action("results.later", tr("Следующий период"), ("Ctrl+PgDown",), lambda: screen.go_by_period(1), moving),
        Action("results.earlier", tr("Предыдущий период"), ("Ctrl+PgUp",), lambda: screen.go_by_period(-1), moving),
        Action("results.cells", tr("К отметкам ученика в журнале"), ("Ctrl+Return",), screen.open_cells, moving),
        Action("results.other_side", tr("Таблица и картины"), ("F6",), screen.walk, moving),
    ]  # fmt: skip
