"""What can be done on the journal's spread: for menus, keys and the F1 page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ejournal_core.kinds import Presence
from ejournal_desktop.models.pages import JournalSpread
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.asking import KEY
from ejournal_desktop.ui.grids.finding import FILTERS
from ejournal_desktop.ui.grids.keys import CODE_NAMES
from ejournal_desktop.ui.remarking import KEY as REMARK
from ejournal_desktop.ui.widgets.topic_face import Field

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.journal import JournalScreen

#: The keys that the grid reads by itself, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("5 4 3 2 1", "Поставить отметку сразу"),
    ("/ и цифра", "Вторая отметка в той же клетке: 5/4"),
    (".", "Точка: долг по работе"),
    ("Н", "Не был на уроке"),
    ("О", "Опоздал"),
    ("Б, У", "Не был: болезнь, уважительная причина"),
    ("З", "зач или нз из списка; в столбце периода ещё Н: н/а, нз и О: осв"),
    ("В любой раскладке", "Буквы и точка читаются одинаково в русской и в английской"),
    ("Delete", "Убрать отметку или пропуск"),
    ("Enter, Shift+Enter", "Вниз и вверх по столбцу"),
    ("Tab, Shift+Tab", "По строке"),
    ("Стрелки, PgUp, PgDown", "На клетку и на страницу учеников"),
    ("Home, End, Ctrl+Home, Ctrl+End", "К краям строки и столбца"),
    ("Shift и стрелки", "Выбрать несколько клеток: копировать, вставить, Delete — убрать"),
)


def screen_actions(screen: JournalScreen) -> list[Action]:
    """Return what the keyboard does on the spread, in the order of the F1 page."""
    return [*_writing(screen), *_moving(screen), *_filters(screen)]


def _writing(screen: JournalScreen) -> list[Action]:
    menu = _tr("Запись")
    return [
        Action("journal.topic", _tr("Тема урока"), ("Ctrl+T",), lambda: screen.write_field("topic"), menu),
        Action("journal.homework", _tr("Домашнее задание"), ("Ctrl+D",), lambda: screen.write_field("homework"), menu),
        Action("journal.held", _tr("Урок проведён"), ("Ctrl+P",), screen.hold_lesson, menu),
        Action("journal.files", _tr("Файлы к заданию"), ("Ctrl+Shift+F",), screen.show_files, menu),
        Action("journal.comment", _tr("Комментарий или обоснование отметки"), ("F2",), lambda: _comment(screen), menu),
        Action(
            "journal.document",
            _tr("Документ, с которым принесли отметку"),
            ("Shift+F2",),
            lambda: _document(screen),
            menu,
        ),
        Action("journal.ask", _tr("Попросить исправить то, что не приняли"), (KEY,), screen.ask, menu),
        Action("journal.history", _tr("История клетки"), ("Ctrl+H",), screen.work.show_history, menu),
        Action("journal.remark", _tr("Похвала, замечание, обращение"), (REMARK,), screen.work.show_remarks, menu),
        Action("journal.work", _tr("Добавить работу: ещё один столбец"), ("Ctrl+N",), screen.work.offer_works, menu),
        Action(
            "journal.column", _tr("Столбец: вид, название, вес, убрать"), ("Ctrl+K",), screen.work.change_column, menu
        ),
        Action(
            "journal.column_history", _tr("История столбца"), ("Ctrl+Shift+H",), screen.work.show_column_history, menu
        ),
        Action("journal.group", _tr("Специальная медицинская группа"), ("Ctrl+M",), screen.work.show_group, menu),
        Action("journal.copy", _tr("Копировать клетки"), ("Ctrl+C",), screen.clipboard.copy, menu),
        Action("journal.paste", _tr("Вставить из таблицы"), ("Ctrl+V",), screen.clipboard.paste, menu),
        Action("journal.all", _tr("Выбрать всю страницу"), ("Ctrl+A",), screen.clipboard.choose_all, menu),
        Action("journal.totals", _tr("Итоги по ученикам справа"), ("Ctrl+I",), screen.work.show_totals, menu),
        Action("journal.undo", _tr("Отменить"), ("Ctrl+Z",), lambda: _undo(screen), menu),
        Action("journal.redo", _tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), lambda: _redo(screen), menu),
    ]


def _moving(screen: JournalScreen) -> list[Action]:
    menu = _tr("Переход")
    return [
        Action("journal.open", _tr("Другой журнал"), ("Ctrl+O",), screen.header.pages.open_list, menu),
        Action("journal.find", _tr("Найти ученика, день или столбец"), ("Ctrl+F",), screen.header.find_pupil, menu),
        Action("journal.today", _tr("К сегодняшнему уроку"), ("Alt+Home",), screen.go_to_today, menu),
        Action("journal.next", _tr("Следующий период"), ("Ctrl+PgDown",), lambda: screen.go_by_period(1), menu),
        Action("journal.previous", _tr("Предыдущий период"), ("Ctrl+PgUp",), lambda: screen.go_by_period(-1), menu),
        Action("journal.other_side", _tr("Левая и правая страница"), ("F6",), screen.walk_pages, menu),
    ]


def _filters(screen: JournalScreen) -> list[Action]:
    menu = _tr("Показать только")
    only = [
        Action(
            f"journal.only_{name}",
            title.capitalize(),
            (f"Alt+{number}",),
            partial(screen.narrowing.show_only, name),
            menu,
        )
        for number, (name, title) in enumerate(FILTERS.items(), 1)
    ]
    return [*only, Action("journal.show_all", _tr("Всех"), ("Alt+0",), screen.narrowing.show_all, menu)]


def cell_actions(screen: JournalScreen) -> list[Action]:
    """Return the menu of the current cell: what one key enters, and what else concerns the cell and its lesson."""
    return [*_entries(screen), *_writing(screen)]


def _entries(screen: JournalScreen) -> list[Action]:
    view, grid = screen.view, screen.grid
    if view is None or grid is None or view.current[0] < 0:
        return []
    column, _row = view.current
    if grid.spread.only_look(grid.columns[column].lesson_id):
        return []
    period = grid.columns[column].kind == "period"
    values = ("5", "4", "3", "2", "зач", "нз") + (("н/а",) if period else (".",))
    marks = [
        Action(f"mark.{value}", _mark_text(value), (), partial(_put, screen, value), _tr("Отметка")) for value in values
    ]
    attendance = [
        Action(f"presence.{at}{reason}", text, (), partial(_set_presence, screen, at, reason), _tr("Посещаемость"))
        for at, reason, text in _presences()
        if not period
    ]
    clear = Action("journal.clear", _tr("Убрать (Delete)"), (), view.entering.clear, _tr("Клетка"))
    return [*marks, *attendance, clear]


def _presences() -> tuple[tuple[Presence, str, str], ...]:
    return (
        ("absent", "", _tr("н   отсутствие")),
        ("absent", "Б", _tr("б   отсутствие: болезнь")),
        ("absent", "У", _tr("у   отсутствие: уважительная причина")),
        ("late", "", _tr("оп   опоздание")),
        ("present", "", _tr("на уроке")),
    )


def period_starts(spread: JournalSpread) -> list[int]:
    """Return the first column of every period."""
    starts: list[int] = []
    last = -1
    for number, column in enumerate(spread.columns):
        if column.kind == "lesson" and column.period_number != last:
            starts.append(number)
            last = column.period_number
    return starts


def _mark_text(value: str) -> str:
    name = _tr("точка, долг по работе") if value == "." else CODE_NAMES.get(value, "")
    return f"{value}   {name}" if name else value


def _put(screen: JournalScreen, value: str) -> None:
    if screen.view is not None and screen.grid is not None:
        screen.view.entering.put(value)


def _set_presence(screen: JournalScreen, presence: Presence, reason: str) -> None:
    if screen.view is not None and screen.grid is not None:
        screen.grid.set_presence(*screen.view.current, presence, reason)


def _comment(screen: JournalScreen) -> None:
    if screen.view is not None and screen.view.current[0] >= 0:
        screen.view.entering.open_comment()


def _document(screen: JournalScreen) -> None:
    if screen.view is not None and screen.view.current[0] >= 0:
        screen.view.entering.open_document()


def _undo(screen: JournalScreen) -> None:
    if screen.grid is not None:
        screen.grid.undo()


def _redo(screen: JournalScreen) -> None:
    if screen.grid is not None:
        screen.grid.redo()


def _tr(text: str) -> str:
    return QCoreApplication.translate("JournalScreen", text)


__all__ = ["ENTRY_KEYS", "Field", "cell_actions", "period_starts", "screen_actions"]
