"""What can be done on Урок: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action, nothing
from ejournal_desktop.ui.asking import KEY
from ejournal_desktop.ui.remarking import KEY as REMARK
from ejournal_desktop.ui.widgets.late_reason import KEY as LATE
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.lesson import LessonScreen


def lesson_actions(screen: LessonScreen) -> list[Action]:
    """Return what the keyboard does here, in the order of the F1 page."""
    roll, lesson, files = tr("Перекличка и отметки"), tr("Урок"), tr("Файлы к заданию")
    table, panel = screen.table, screen.panel
    be = table.set_presence
    return [
        Action("lesson.absent", tr("Отсутствует"), (), lambda: be("absent"), roll, "Н"),
        Action("lesson.ill", tr("Болеет"), (), lambda: be("absent", reason="б"), roll, "Б"),
        Action("lesson.excused", tr("Уважительная причина"), (), lambda: be("absent", reason="у"), roll, "У"),
        Action("lesson.late", tr("Опоздал; цифры — на сколько минут"), (), lambda: be("late"), roll, "О"),
        Action("lesson.present", tr("Был на уроке"), (), lambda: be("present"), roll, "Пробел  или  Delete"),
        Action("lesson.mark", tr("Отметка; «/» и цифра — вторая в клетке"), (), nothing, roll, "5 4 3 2 1"),
        Action("lesson.debt", tr("Точка: работа не сдана"), (), nothing, roll, "."),
        Action("lesson.pass", tr("Зачёт, незачёт"), (), nothing, roll, "З"),
        Action(
            "lesson.known", tr("Отметить, о ком сообщил классный руководитель"), ("Ctrl+K",), screen.mark_known, roll
        ),
        Action("lesson.wrong", tr("К тому, что не сходится"), ("Ctrl+J",), screen.show_contradiction, roll),
        Action("lesson.remark", tr("Похвала, замечание, обращение"), (REMARK,), screen.show_remarks, roll),
        Action("lesson.next_pupil", tr("Следующий ученик"), (), nothing, roll, "Enter"),
        Action("lesson.work", tr("Добавить работу"), ("Ctrl+N",), screen.offer_works, lesson),
        Action("lesson.held", tr("Урок проведён"), ("Ctrl+P", "Ctrl+Return"), screen.say_held, lesson),
        Action("lesson.roll", tr("К списку"), ("Ctrl+R",), screen.enter, lesson),
        Action("lesson.topic", tr("К теме"), ("Ctrl+T",), panel.topic.setFocus, lesson),
        Action("lesson.offered", tr("Записать тему из КТП"), (), screen.take_offered_topic, lesson, "Enter"),
        Action("lesson.homework", tr("К домашнему заданию"), ("Ctrl+D",), panel.homework.setFocus, lesson),
        Action("lesson.ask", tr("Попросить исправить то, что не приняли"), (KEY,), screen.ask, lesson),
        Action("lesson.undo", tr("Отменить последнюю запись"), ("Ctrl+Z",), screen.undo, lesson),
        Action("lesson.redo", tr("Вернуть отменённое"), ("Ctrl+Y", "Ctrl+Shift+Z"), screen.entries.redo, lesson),
        Action("lesson.late_reason", tr("Почему внесено позже срока"), (LATE,), screen.write_late_reason, lesson),
        Action("lesson.before", tr("Предыдущий урок дня"), ("Alt+Left",), lambda: screen.step(-1), lesson),
        Action("lesson.after", tr("Следующий урок дня"), ("Alt+Right",), lambda: screen.step(1), lesson),
        Action("lesson.back", tr("Назад к дню"), ("Esc",), screen.left.emit, lesson),
        Action("lesson.files", tr("К файлам"), ("Ctrl+Shift+F",), panel.files.enter, files),
        Action("lesson.attach", tr("Прикрепить файл…"), ("Ctrl+Shift+A",), screen.filing.choose, files),
        Action("lesson.paste_file", tr("Прикрепить из буфера обмена"), ("Ctrl+Shift+V",), panel.files.paste, files),
        Action("lesson.open_file", tr("Открыть файл или скачать его"), (), nothing, files, "Enter"),
        Action("lesson.save_file", tr("Сохранить файл как…"), ("Ctrl+S",), screen.filing.save_as, files),
        Action("lesson.remove_file", tr("Убрать файл"), (), nothing, files, "Delete"),
    ]
