"""One school day with the real window, offscreen: what `make run` shows where there is no display.

Two PCs, a server that goes away and comes back, a mark that travels, two values of one cell, signed papers, a backup on
two drives of which one is damaged. Leaves pictures, papers, both drives and `day.md` in build/day/.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from ejournal_core import ids
from ejournal_core.kinds import Mark
from ejournal_desktop.app import Program
from ejournal_desktop.documents.sign import verify_pdf
from ejournal_desktop.models import queries
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.screens.documents import DocumentsScreen
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from tools import day_backup
from tools.demo_place import Days, DemoServer, at_pc, seat
from tools.demo_school import PASSWORD, Story, prepare

OUT = Path("build") / "day"
WORK = OUT / "work"
PATIENCE = 120.0

S = TypeVar("S", bound=QWidget)


class Day:
    """What has happened so far: lines of day.md, pictures, papers."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.lines: list[str] = []
        self._pictures = 0
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Tell one thing, on the terminal and in day.md."""
        seconds = time.monotonic() - self._began
        print(f"[{seconds:5.1f} с] {text}", flush=True)
        self.lines.append(f"- {text}")

    def head(self, text: str) -> None:
        """Begin a part of the day."""
        print(f"\n{text}", flush=True)
        self.lines += ["", f"## {text}", ""]

    def picture(self, widget: QWidget, name: str, caption: str) -> None:
        """Keep what the person sees, and say in the page what that is."""
        self._pictures += 1
        file = f"{self._pictures:02}-{name}.png"
        settle()
        widget.grab().save(str(self.out / file))
        self.lines += ["", f"![{caption}]({file})", ""]


def main() -> int:
    """Play the day; return the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # here, not on import: tools.demo opens a real window
    if OUT.exists():
        shutil.rmtree(OUT)
    WORK.mkdir(parents=True)
    day = Day(OUT)
    day.head("Школа")
    story = prepare(WORK / "school", day.say)
    day.say(", ".join(f"{COUNTED[kind]} {story.counts[kind]}" for kind in COUNTED))
    application = QApplication.instance()
    application = application if isinstance(application, QApplication) else QApplication(sys.argv[:1])
    theme.apply(application, "light")
    clock = Days(WORK / "school", story)
    server = DemoServer(WORK / "school", clock)
    server.start()
    try:
        _play(day, story, clock, server)
    finally:
        server.stop()
    (OUT / "day.md").write_text(_page(story, day), encoding="utf-8")
    day.say(f"Готово: {OUT / 'day.md'}")
    return 0


COUNTED = {"ClassGroup": "классов", "Pupil": "учеников", "Person": "сотрудников", "Subject": "предметов",
           "JournalPage": "страниц журнала", "TimetableSlot": "уроков в неделю"}  # fmt: skip


def _play(day: Day, story: Story, clock: Days, server: DemoServer) -> None:
    staffroom, office = WORK / "staffroom", WORK / "office"
    for pc, name, people in (
        (staffroom, "Учительская", [story.teacher]),
        (office, "Кабинет завуча", [story.teacher, story.deputy, story.administrator]),
    ):
        with at_pc(pc):
            seat(server.pair(name), people, clock)
            day.say(f"Компьютер «{name}» подключён к школе по коду на двух экранах; рабочих мест на нём: {len(people)}")
    lesson, column, pupil = _morning(day, story, clock, server, staffroom)
    _second_desk(day, story, clock, office, column, pupil)
    _clash(day, story, clock, server, staffroom, office, lesson, column, pupil)
    with at_pc(office):
        _papers(day, story, clock, server)
        day_backup.play(day, story, clock, server, WORK, OUT)


# --- the parts of the day --------------------------------------------------------------------------------------------


def _morning(day: Day, story: Story, clock: Days, server: DemoServer, pc: Path) -> tuple[str, str, str]:
    """A teacher signs in without the server, keeps a page and a lesson; the server comes back."""
    day.head("Урок без сервера")
    server.stop()
    day.say("Сервер выключен.")
    with at_work(pc, story.teacher, clock) as program:
        journal = journal_of(program)
        day.picture(program.window, "segodnya-bez-servera", "Сегодня: сервер выключен")
        screen = go(program, "journal", JournalScreen)
        lesson = next(item for item in queries.today(journal, clock().date()).lessons)
        screen.open_lesson(lesson.lesson_id)
        wait_for_page(screen, lesson.lesson_id)
        view = screen.view
        assert view is not None
        view.setFocus()
        keys, began = 0, time.monotonic()
        for text in ("5", "4", "н", "3", "5", "н", "4", "5"):
            type_text(view, text)
            press(view, Qt.Key.Key_Down)
            keys += 2
        spent = (time.monotonic() - began) / keys * 1000
        day.say(f"С клавиатуры 6 отметок и 2 пропуска: {keys} нажатий по {spent:.1f} мс в среднем, с записью на диск")
        day.picture(program.window, "zhurnal", "Журнал после ввода отметок")
        urok = go(program, "lesson", LessonScreen)
        urok.open(lesson.lesson_id)
        settle()
        urok.panel.topic.setFocus()
        type_text(urok.panel.topic, "Повторение: решение задач")
        urok.panel.homework.setFocus()
        type_text(urok.panel.homework, "§ 12, № 4–8; повторить правила")
        urok.table.setFocus()
        settle()
        urok.say_held()
        day.picture(program.window, "urok", "Урок: перекличка и отметки")
        state = queries.sync_state(journal)
        day.say(f"Сохранено на этом компьютере {state.saved}, ждут отправки {state.waiting}")
        server.start()
        program.computer.workstation = server.pair("Учительская")
        program.leave()
        sign_in(program, story.teacher)
        journal = journal_of(program)
        wait_until_delivered(journal)
        day.say("Сервер вернулся: всё доставлено.")
        program.window.go("state")
        day.picture(program.window, "sostoyanie", "Состояние: всё доставлено")
        program.window.lock()
        day.picture(program.window, "zamok", "Замок: ключа в памяти нет")
        first = queries.lesson_sheet(journal_again(program), lesson.lesson_id)
        marked = next(row for row in first.roll if row.marks and row.marks[0][1] == "5")
        return lesson.lesson_id, marked.marks[0][0], marked.pupil_id


def _second_desk(day: Day, story: Story, clock: Days, pc: Path, column: str, pupil: str) -> None:
    """The mark is on the deputy's PC."""
    day.head("Второй компьютер")
    with at_work(pc, story.deputy, clock) as program:
        journal = journal_of(program)
        wait_for(lambda: mark_on(journal, column, pupil) == "5", "отметка на втором компьютере")
        day.say("Отметка «5» видна завучу на другом компьютере.")
        screen = go(program, "journal", JournalScreen)
        screen.open_lesson(ids.mark_column_parts(column)[0])
        wait_for_page(screen, ids.mark_column_parts(column)[0])
        day.picture(program.window, "zavuch-smotrit", "Журнал на компьютере завуча")


def _clash(
    day: Day,
    story: Story,
    clock: Days,
    server: DemoServer,
    first: Path,
    second: Path,
    lesson: str,
    column: str,
    pupil: str,
) -> None:
    """The same cell changed on two PCs while the server is off: both values are shown, one key decides."""
    day.head("Одна клетка, два компьютера")
    with at_work(second, story.teacher, clock) as program:
        journal = journal_of(program)
        wait_for(lambda: mark_on(journal, column, pupil) == "5", "отметка на втором компьютере учителя")
    server.stop()
    for pc, digit in ((first, "4"), (second, "3")):
        with at_work(pc, story.teacher, clock) as program:
            screen = go(program, "journal", JournalScreen)
            screen.open_lesson(lesson)
            wait_for_page(screen, lesson)
            focus_cell(screen, column, pupil)
            assert screen.view is not None
            type_text(screen.view, digit)
    day.say("Без сервера на первом компьютере «5» исправлена на «4», на втором на «3».")
    server.start()
    for pc in (first, second):
        with at_pc(pc):
            server.pair("")
        with at_work(pc, story.teacher, clock) as program:
            journal = journal_of(program)
            wait_until_delivered(journal)
    with at_work(first, story.teacher, clock) as program:
        journal = journal_of(program)
        wait_for(lambda: bool(queries.disputes(journal)), "спор")
        (dispute,) = queries.disputes(journal)
        day.say(
            f"Спор показан с обоими значениями: стоит «{dispute.standing_value}», предлагается «{dispute.wanted_value}»"
        )
        today = go(program, "today", TodayScreen)
        today.refresh()
        day.picture(program.window, "spor", "Спор: оба значения")
        today.disputes.setFocus()
        today.take_wanted()
        wait_for(lambda: not queries.disputes(journal) and not journal.is_anything_unsent(), "решение спора")
        day.say(f"Решено одной клавишей: в клетке «{mark_on(journal, column, pupil)}»")


def _papers(day: Day, story: Story, clock: Days, server: DemoServer) -> None:
    """The deputy builds and signs a summary sheet and the bound copy of a class's journal."""
    day.head("Документы")
    server.pair("")
    authority = (server.data / "ca.pem").read_bytes()
    with at_work(WORK / "office", story.deputy, clock) as program:
        screen = go(program, "documents", DocumentsScreen)
        screen.group.setCurrentIndex(screen.group.findData(story.class_group))
        for number, (form, file) in enumerate(PAPERS.items(), 27):
            screen.number.setText(str(number))
            screen.form.setCurrentIndex(screen.form.findData(form))
            began = time.monotonic()
            screen.build()
            wait_for_paper(screen, form, 0)
            built = time.monotonic() - began
            screen.sign()
            wait_for_paper(screen, form, 1)
            screen.save_to(OUT / file)
            assert screen.paper is not None
            pdf, paper = screen.paper.pdf, screen.paper
            check = verify_pdf(pdf, [authority])
            middle = len(paper.built.pdf) // 2
            damaged = pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]
            if not check.valid or verify_pdf(damaged, [authority]).valid:
                raise RuntimeError(f"{file}: {check.reason}")
            if [one.field for one in check.signatures] != ["deputy"]:
                raise RuntimeError(f"{file}: the deputy signed somebody else's place")
            day.say(
                f"{paper.title}: страниц {paper.built.pages}, листов {paper.built.leaves}, построено за {built:.1f} с; "
                f"{check.reason} С изменённым байтом подпись отвергнута. [{file}]({file}), "
                f"SHA-256 {hashlib.sha256(pdf).hexdigest()[:16]}…"
            )
            day.picture(program.window, form, f"Документы: {paper.title}")


PAPERS = {"summary-sheet": "svodnaya-vedomost.pdf", "year-book": "kopiya-zhurnala.pdf"}


def _page(story: Story, day: Day) -> str:
    head = [
        f"# Школьный день: {story.moment:%d.%m.%Y}", "",
        f"{story.school_name}: {story.timetable}. Все люди вымышлены.",
    ]  # fmt: skip
    return "\n".join([*head, *day.lines, ""])


# --- a person at the window ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def at_work(pc: Path, person: str, clock: Days) -> Iterator[Program]:
    """Sit down at a PC and sign in; stand up again at the end."""
    with at_pc(pc):
        program = Program(clock)
        program.window.resize(1366, 768)
        program.show()
        try:
            sign_in(program, person)
            yield program
        finally:
            program.window.close()
            program.deleteLater()
            settle()


def sign_in(program: Program, person: str) -> None:
    """Pick the name and type the password, as on Вход."""
    desk = next(desk for desk in program.entrance.known_desks() if desk.person_id == person)
    program.entrance.sign_in(desk.id, PASSWORD)
    wait_for(lambda: program.session is not None and program.window.place != "", "вход")


def journal_of(program: Program) -> Journal:
    """Return the open journal."""
    assert program.session is not None
    return program.session.journal


def journal_again(program: Program) -> Journal:
    """Unlock the window with the password and return the journal."""
    program.window.unlock_wanted.emit(PASSWORD)
    wait_for(lambda: not program.window.is_locked, "отпереть")
    return journal_of(program)


def go(program: Program, place: str, kind: type[S]) -> S:
    """Go to a screen and return it."""
    program.window.go(place)
    settle()
    screen = program.window.screen_shown
    assert isinstance(screen, kind)
    return screen


def wait_for_page(screen: JournalScreen, lesson_id: str) -> None:
    """Wait until the page of a lesson is open."""
    page_id = ids.lesson_parts(lesson_id)[0]
    wait_for(lambda: screen.grid is not None and screen.grid.page_id == page_id, "страница журнала")


def wait_until_delivered(journal: Journal) -> None:
    """Wait until the server has confirmed everything."""
    wait_for(lambda: not journal.is_anything_unsent(), "доставка")


def wait_for_paper(screen: DocumentsScreen, form: str, signatures: int) -> None:
    """Wait until a paper is on the screen with so many signatures."""
    wait_for(
        lambda: screen.paper is not None and (screen.paper.form, screen.paper.signatures) == (form, signatures),
        "документ",
    )


def focus_cell(screen: JournalScreen, column: str, pupil: str) -> None:
    """Put the focus on one cell of the grid."""
    assert screen.grid is not None
    assert screen.view is not None
    at = next(i for i, each in enumerate(screen.grid.columns) if each.mark_column_id == column)
    row = next(i for i, each in enumerate(screen.grid.pupils) if each.pupil_id == pupil)
    screen.view.set_current(at, row)
    screen.view.setFocus()


def mark_on(journal: Journal, column: str, pupil: str) -> str | None:
    """Return the value of a mark as this desk has it."""
    with journal.reading() as connection:
        mark = DeskFacts(connection, journal.clock(), None).get(Mark, ids.mark(column, pupil))
    return mark.value if mark else None


def type_text(widget: QWidget, text: str) -> None:
    """Type a text, letter by letter, in the layout it is written in."""
    for letter in text:
        press(widget, Qt.Key(ord(letter.upper())) if letter.isascii() else Qt.Key.Key_unknown, letter)


def press(widget: QWidget, key: Qt.Key, text: str = "") -> None:
    """Press and release one key."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))


def settle(seconds: float = 0.15) -> None:
    """Let the window do what it has begun."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.005)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Let the program run until something holds.

    Raises:
        TimeoutError: it never did.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"не дождались: {what}")
        settle(0.05)


if __name__ == "__main__":
    sys.exit(main())
