"""Every screen in its main states, in one list: what `make shots` draws.

A scene is a function that puts the window into a state. To add one: write it and name it in `SCENES`. Screens of the
journal page are drawn from `tests/helpers/sample_pages.py`, the rest from `tests/helpers/sample_days.py`.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import msgspec
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ejournal_core import ids
from ejournal_core.blobs import MEDIA_TYPES
from ejournal_desktop.exchange.clipboard import read_table
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import attendance, lessons, marks
from ejournal_desktop.models.commands.files import attach_content
from ejournal_desktop.models.commands.pupil_remarks import write_remark
from ejournal_desktop.models.commands.requests import ask_correction
from ejournal_desktop.models.database import DiskFull
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import JournalSpread, LessonSheet, PersonRow, SyncState, Today
from ejournal_desktop.models.queries.cells import NEEDS_UPDATE
from ejournal_desktop.models.queries.due import DueRow
from ejournal_desktop.models.queries.files import LessonFiles
from ejournal_desktop.models.queries.notices import News
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.cell_past import AWAY, COMES, PROVED
from ejournal_desktop.ui.jobs import Progress, Report
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.screens.period_marks import PeriodMarksScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES
from ejournal_desktop.ui.widgets.attendance_part import AttendancePart, View
from tests.helpers import sample_days as days
from tests.helpers import sample_news, sample_pages
from tests.helpers.acts import ADMINISTRATOR, desk_with_acts
from tests.helpers.closed_quarter import COLUMN, LESSON, closed_school, deputy_with_requests
from tests.helpers.sample_class import FRIDAY, class_with_a_past, two_groups
from tests.helpers.sample_pages import Sample
from tests.helpers.school import MOSCOW, SURNAMES, SmallSchool, desk_of, small_school
from tests.helpers.typing import type_text
from tests.helpers.whole_school import whole_school
from tests.helpers.windows import CLASS_TEACHER, DEPUTY, TEACHER, session_places
from tools import (
    administration_scenes,
    alert_scenes,
    backup_scenes,
    class_scenes,
    copy_scenes,
    people_scenes,
    person_report_scenes,
    plan_scenes,
    report_scenes,
    substitution_scenes,
)

Scene = Callable[[MainWindow], None]


@dataclass(frozen=True)
class Named:
    """A scene with the title it has in the index."""

    id: str
    title: str
    draw: Scene


def session(
    window: MainWindow,
    place: str,
    *,
    now: datetime = days.NOW,
    today: Today | None = None,
    sheet: LessonSheet | None = None,
    state: SyncState | None = None,
    news: News | None = None,
    due: tuple[DueRow, ...] = (),
    files: LessonFiles | None = None,
) -> dict[str, Any]:
    """Open a session on sample data and go to a place; return the screens by id."""
    journal: Any = days.SilentJournal()
    day, lesson, delivery = today or days.day(), sheet or days.sheet(), state or days.delivered_state()
    screens: dict[str, Any] = {
        "today": TodayScreen(
            journal, lambda: now, read=lambda *_: day, read_news=lambda _: news or News(), read_due=lambda _: due
        ),
        "lesson": LessonScreen(
            journal,
            window.jobs,
            lambda: now,
            read=lambda *_: lesson,
            read_day=lambda *_: day,
            read_files=lambda *_: files or LessonFiles(),
        ),
        "state": StateScreen(journal, lambda: now, read=lambda *_: delivery),
    }
    places = [
        Place("today", "Сегодня", screens["today"]), Place("journal", "Журнал", QWidget()),
        Place("lesson", "Урок", screens["lesson"]), Place("documents", "Документы", QWidget()),
        Place("state", "", screens["state"]),
    ]  # fmt: skip
    window.open_session(days.IVANOVA, places, 0)
    window.set_sync_state(delivery)
    if place == "lesson":
        screens["lesson"].open("l1")
    window.go(place)
    return screens


# --- Вход ---------------------------------------------------------------------------------------------------------


def sign_in(window: MainWindow) -> None:
    """Several people, the server within reach."""
    window.sign_in.set_school("Школа № 12 г. Заречного")
    window.sign_in.set_server(reachable=True)
    window.show_sign_in(days.desks())


def sign_in_refused(window: MainWindow) -> None:
    """A password in the wrong layout, without the server."""
    sign_in(window)
    window.sign_in.set_server(reachable=False)
    window.sign_in.people.list.choose(2)
    window.sign_in.people.password.setText("пароль")
    window.sign_in.refuse("Пароль не подошёл.")


def sign_in_nobody(window: MainWindow) -> None:
    """A computer where nobody has been yet."""
    sign_in(window)
    window.show_sign_in(())


def sign_in_first(window: MainWindow) -> None:
    """The first sign-in with the code of the slip; the server is away."""
    sign_in_refused(window)
    window.sign_in.show_newcomer()
    window.sign_in.newcomer.has_code.setChecked(True)


def pairing(window: MainWindow) -> None:
    """The short code is on both screens."""
    window.sign_in.set_server(reachable=False, sentence="Этот компьютер ещё не подключён к школе.")
    window.sign_in.set_paired(paired=False)
    window.show_sign_in(())
    window.sign_in.pairing.address.setText("journal.school.local:8443")
    window.sign_in.pairing.set_busy(busy=True)
    window.sign_in.show_pairing_code("4819 0237")


# --- Сегодня ------------------------------------------------------------------------------------------------------


def today(window: MainWindow) -> None:
    """A full day in the afternoon, with disputes."""
    session(window, "today")


def today_offline(window: MainWindow) -> None:
    """The same without the server; the focus is on a dispute."""
    session(window, "today", state=days.offline_state())["today"].disputes.setFocus()


def today_due(window: MainWindow) -> None:
    """What is due besides the lessons, and what somebody else changed; the clock is in doubt."""
    day = msgspec.structs.replace(days.day(), lessons=days.day().lessons[:2], disputes=(), clocks_apart=2 * 86_400)
    changed = tuple(notice for notice in sample_news.news().notices if notice.kind == "changed")
    session(window, "today", today=day, news=News(changed), due=days.due())["today"].due.setFocus()


def today_empty(window: MainWindow) -> None:
    """No lessons."""
    session(window, "today", today=days.empty_day())


def today_vacation(window: MainWindow) -> None:
    """Vacation."""
    session(window, "today", today=days.empty_day("Осенние каникулы до 3 ноября. Уроки — с 4 ноября"))


def today_news(window: MainWindow) -> None:
    """Two lessons, one notice of every kind, a dispute, a request in every state."""
    day = msgspec.structs.replace(days.day(), lessons=days.day().lessons[:2], disputes=days.disputes()[:1])
    session(window, "today", today=day, news=sample_news.news())["today"].notices.setFocus()


def today_many(window: MainWindow) -> None:
    """A colleague has changed half a class; somebody works under this person's name by night."""
    day = msgspec.structs.replace(days.day(), lessons=days.day().lessons[:2], disputes=())
    news = [each for each in sample_news.news().notices if each.kind in ("changed", "unusual")]
    told = News((sample_news.many_changes(), *news))
    session(window, "today", today=day, news=told)["today"].notices.setFocus()


def today_told(*kinds: str) -> Scene:
    """Return the scene of an almost empty day on which notices of these kinds have come, the focus on the first."""

    def draw(window: MainWindow) -> None:
        day = msgspec.structs.replace(days.day(), lessons=days.day().lessons[:1], disputes=())
        told = tuple(notice for notice in sample_news.news().notices if notice.kind in kinds)
        session(window, "today", today=day, news=News(told))["today"].notices.setFocus()

    return draw


def today_decisions(window: MainWindow) -> None:
    """A deputy without lessons, for whom three requests wait."""
    control(3)(window)
    window.go("today")


def today_substitute(window: MainWindow) -> None:
    """A lesson of another teacher is about to be taken over."""
    screen = on_a_desk(window, "today")
    screen._clock = lambda: datetime(2026, 9, 16, 10, 0, tzinfo=days.NOW.tzinfo)
    screen.offer_substitution()


# --- Урок ---------------------------------------------------------------------------------------------------------


def lesson(window: MainWindow) -> None:
    """25 pupils, one of every state."""
    session(window, "lesson")["lesson"].table.setCurrentIndex(_cell(window, 6, 3))


def lesson_fresh(window: MainWindow) -> None:
    """Nothing entered yet; one pupil is known to be away."""
    session(window, "lesson", sheet=days.sheet(fresh=True), now=days.MORNING)


def lesson_full(window: MainWindow) -> None:
    """35 pupils, long names."""
    session(window, "lesson", sheet=days.sheet(35), state=days.offline_state())


def lesson_ahead(window: MainWindow) -> None:
    """A lesson of the day after tomorrow: topic and homework may be written already."""
    screen = on_a_desk(window, "lesson")
    screen.open(small_school().lesson(date(2026, 9, 18), 1))
    screen.panel.homework.setFocus()


def lesson_work(window: MainWindow) -> None:
    """A control work is about to be planned, and meets others."""
    screen = on_a_desk(window, "lesson")
    marks.add_mark_column(screen._journal, small_school().lesson(date(2026, 9, 7), 2), "control")
    screen.open(small_school().today_lesson)
    screen.offer_works()
    screen.works.setCurrentRow(1)


def lesson_closed(window: MainWindow) -> None:
    """Read only, with the reason; a key was tried."""
    why = "I четверть закрыта 24 октября. Исправить можно заявкой завучу."
    session(window, "lesson", sheet=days.sheet(read_only=why))


def lesson_refused(window: MainWindow) -> None:
    """A refusal at the pupil and one at the topic."""
    screen = session(window, "lesson", sheet=days.sheet(states=False))["lesson"]
    screen.table.roll.notes["p3"] = ("Отметки «7» нет в шкале школы: 5, 4, 3, 2, 1, зач, нз, н/а.", "danger")
    fault = screen.panel.faults["topic"]
    fault.say("Тема не записана: урок ещё не начался по расписанию.", "danger")
    fault.show()


def lesson_ask(window: MainWindow) -> None:
    """A mark in a closed period is asked for in place."""
    screen = ask_on_a_desk(window, "lesson")
    screen.open(LESSON)
    screen.table.setCurrentIndex(screen.table.roll.index(3, 3))
    type_text(screen.table, "5")
    screen.ask()


def lesson_files(window: MainWindow) -> None:
    """Files in every state, the focus on them."""
    session(window, "lesson", files=days.files())["lesson"].panel.files.enter()


def lesson_files_offline(window: MainWindow) -> None:
    """The same without the server; one more was just refused."""
    screen = session(window, "lesson", files=days.files(away=True), state=days.offline_state())["lesson"]
    screen.panel.files.say("«установка.exe»: Файлы этого вида к уроку не прикрепляют. Подойдут документ, PDF, "
                           "картинка или архив.", "danger")  # fmt: skip


def lesson_files_drop(window: MainWindow) -> None:
    """A file is dragged over the lesson."""
    session(window, "lesson", files=days.files())["lesson"].panel.files.show_target(on=True)


def lesson_none(window: MainWindow) -> None:
    """No lesson today."""
    session(window, "today", today=days.empty_day())
    window.go("lesson")


# --- Журнал, Документы: on a real encrypted file --------------------------------------------------------------------


def on_a_desk(window: MainWindow, place: str) -> Any:
    """Sign a teacher in on a small school's real file with some lessons entered; return the screen."""
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    school = small_school()
    journal = desk_of(school, school.teacher, folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    enter_some_lessons(journal, school)
    window.open_session(TEACHER, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go(place)
    return window.screen_shown


def enter_some_lessons(journal: Journal, school: SmallSchool) -> None:
    """Fill the first lessons of September as a teacher would."""
    dice = random.Random(7)
    days_of_lessons = ((8, 3), (11, 1), (14, 2), (15, 3))
    for (day, number), topic in zip(days_of_lessons, sample_pages.TOPICS, strict=False):
        lesson_id = school.lesson(date(2026, 9, day), number)
        lessons.set_topic(journal, lesson_id, topic)
        lessons.set_homework(journal, lesson_id, f"§ {day - 6}, № {day * 4}–{day * 4 + 5}")
        lessons.hold_lesson(journal, lesson_id)
        for pupil in school.pupils:
            throw = dice.random()
            if throw < 0.05:
                attendance.set_presence(journal, lesson_id, pupil, "absent")
            elif throw < 0.35:
                marks.put_mark(journal, lesson_id, None, pupil, dice.choice("55444332"))


def journal(window: MainWindow) -> None:
    """The spread after two weeks."""
    on_a_desk(window, "journal")


def journal_paste(window: MainWindow) -> None:
    """A column of a spreadsheet with the names beside the marks, before it is taken."""
    screen = cast("JournalScreen", on_a_desk(window, "journal"))
    _wait(lambda: screen.view is not None and not screen.is_opening)
    assert screen.view is not None
    screen.view.go_to_lesson(small_school().today_lesson)
    marks_given = ("5", "7", "н", "4", "", "3", "5/4", "оп 4", "=A1", "2", "зач", "5", "4")
    names = (surname for surname in ("Иванько", *SURNAMES))
    lines = "\n".join(f"{name}\t{mark}" for name, mark in zip(names, marks_given, strict=False))
    screen.view.entering.paste(read_table(lines))
    screen.view.set_current(screen.view.current[0], 7)


def journal_filter(window: MainWindow) -> None:
    """Only the pupils with a low mark in this quarter; one is looked for by a day."""
    screen = cast("JournalScreen", on_a_desk(window, "journal"))
    _wait(lambda: screen.view is not None and not screen.is_opening)
    screen.narrowing.show_only("low")
    screen.header.search.setText("11.09")


def journal_late(window: MainWindow) -> None:
    """A cell past its window: the line below says when it closed, by which rule and how to ask."""
    screen = cast("JournalScreen", on_a_desk(window, "journal"))
    _wait(lambda: screen.view is not None and not screen.is_opening)
    assert screen.view is not None
    screen.view.set_current(0, 4)
    said: list[str] = []
    screen.hint_changed.connect(said.append)
    _wait(lambda: any("Ctrl+E" in line for line in said))


def journal_paste_asks(window: MainWindow) -> None:
    """Two pupils of one name: who is meant is asked in place."""
    folder, school = Path(tempfile.mkdtemp(prefix="ejournal-shots-")), small_school(pupils=30)
    journal = desk_of(school, school.teacher, folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    window.open_session(TEACHER, session_places(window, journal), 0)
    window.go("journal")
    screen = cast("JournalScreen", window.screen_shown)
    _wait(lambda: screen.view is not None and not screen.is_opening)
    assert screen.view is not None
    screen.view.entering.paste(read_table("Котов И.\t4\nАбрамова Анна\t5\nВоробьёв\t3\n"))


def results(window: MainWindow) -> None:
    """Итоги in the middle of a quarter, one reason being written."""
    screen = on_a_desk(window, "results")
    assert isinstance(screen, PeriodMarksScreen)
    for _ in range(6):
        screen.table.take_proposal()
    type_text(screen.table, "5")


def results_exam(window: MainWindow) -> None:
    """Итоги of an examination whose results came yesterday; the day is being mended."""
    screen = on_a_desk(window, "results")
    assert isinstance(screen, PeriodMarksScreen)
    screen.open_period(screen.results.page.id if screen.results else "", "exam", 1)
    screen.open_receipt()
    screen.receipt.day.setText("14.09")
    screen.receipt.clock.setText("9.30")
    screen.receipt.taken.emit()
    screen.open_receipt()


def my_class(window: MainWindow, pupils: int = 25, known: SmallSchool | None = None) -> MyClassScreen:
    """Мой класс of somebody with a term behind her: the register of a Friday."""
    folder, school = Path(tempfile.mkdtemp(prefix="ejournal-shots-")), known or class_with_a_past(pupils)
    journal = desk_of(school, school.class_teacher, folder, now=FRIDAY)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    window.open_session(CLASS_TEACHER, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("class")
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    return screen


def my_class_typing(window: MainWindow) -> None:
    """An absence half typed, in the wrong layout."""
    type_text(attendance_of(my_class(window, 35)).form.pupil, "rjn")


def my_class_view(view: View) -> Scene:
    """Мой класс in another view of attendance."""

    def draw(window: MainWindow) -> None:
        attendance_of(my_class(window, 35)).show_view(view)

    return draw


def my_class_groups(window: MainWindow) -> None:
    """Two groups of English; a pupil went to the other one on the first of October."""
    school = class_with_a_past(35, *two_groups())
    screen = my_class(window, 35, school)
    screen.open_part("Группы")


def attendance_of(screen: MyClassScreen) -> AttendancePart:
    """Return the part «Посещаемость»."""
    part = screen.parts[0]
    assert isinstance(part, AttendancePart)
    return part


def ask_on_a_desk(window: MainWindow, place: str) -> Any:
    """Sign the teacher in whose first quarter is closed; some marks stand there, one is asked for already."""
    folder, school = Path(tempfile.mkdtemp(prefix="ejournal-shots-")), closed_school()
    journal = desk_of(school, school.teacher, folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    ask_correction(journal, "Mark", ids.mark(COLUMN, "u-07"), "в тетради 5", value="5")
    window.open_session(TEACHER, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go(place)
    return window.screen_shown


def journal_ask(window: MainWindow) -> None:
    """The slim form of a request at the cell where a mark was refused."""
    screen = _at_a_refused_cell(window)
    screen.ask()
    type_text(screen.asking.form.reason, "в тетради стоит 5, ошиблась строкой")


def journal_refused(window: MainWindow) -> None:
    """The sentence at the cell, with its way out."""
    _at_a_refused_cell(window)


def _at_a_refused_cell(window: MainWindow) -> JournalScreen:
    screen = cast("JournalScreen", ask_on_a_desk(window, "journal"))
    _wait(lambda: screen.view is not None and not screen.is_opening)
    assert screen.view is not None
    screen.view.go_to_lesson(LESSON)
    screen.view.set_current(screen.view.current[0], 3)
    type_text(screen.view, "5")
    return screen


def control(number: int) -> Scene:
    """Return the scene of the deputy's desk with so many requests."""

    def draw(window: MainWindow) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
        journal = deputy_with_requests(folder, number)
        window.destroyed.connect(journal.close)
        window.destroyed.connect(lambda: shutil.rmtree(folder))
        screen = ControlScreen(journal, journal.clock)
        places = session_places(window, journal)
        window.open_session(DEPUTY, [*places[:-1], Place("control", "Контроль", screen), places[-1]], 0)
        window.set_sync_state(queries.sync_state(journal, rows=False))
        window.go("control")

    return draw


def readiness(classes: int) -> Scene:
    """Return the scene of the deputy's desk with the pages of so many classes at the end of a quarter."""

    def draw(window: MainWindow) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
        end = datetime(2026, 11, 3, 10, 42, tzinfo=MOSCOW)
        journal = desk_of(whole_school(classes, 12, 25, date(2026, 10, 30)), "p-deputy", folder, now=end)
        window.destroyed.connect(journal.close)
        window.destroyed.connect(lambda: shutil.rmtree(folder))
        screen = ControlScreen(journal, journal.clock, jobs=window.jobs)
        places = session_places(window, journal)
        window.open_session(DEPUTY, [*places[:-1], Place("control", "Контроль", screen), places[-1]], 0)
        window.set_sync_state(queries.sync_state(journal, rows=False))
        window.go("control")
        screen.show_readiness()
        page = screen.readiness
        assert page is not None
        _wait(lambda: page.known is not None)

    return draw


def control_register(window: MainWindow) -> None:
    """The register of corrections with decided and open lines."""
    control(6)(window)
    screen = cast("ControlScreen", window.screen_shown)
    type_text(screen.requests, "++")
    type_text(screen.requests, "-")
    type_text(screen.reason, "работа проверена комиссией, оценка верна")
    screen.reason.returnPressed.emit()
    screen.show_register()


def destruction(person: PersonRow, *, ordered: bool = True) -> Scene:
    """Return the scene of the acts of destruction on the desk of an administrator or of who confirms."""

    def draw(window: MainWindow) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
        journal = desk_with_acts(folder, person.id, ordered=ordered)
        window.destroyed.connect(journal.close)
        window.destroyed.connect(lambda: shutil.rmtree(folder))
        screen = ControlScreen(journal, journal.clock)
        places = session_places(window, journal)
        window.open_session(person, [*places[:-1], Place("control", "Контроль", screen), places[-1]], 0)
        window.set_sync_state(queries.sync_state(journal, rows=False))
        window.go("control")
        screen.show_destruction()

    return draw


def destruction_order(window: MainWindow) -> None:
    """The form of an act about a pupil who has left."""
    destruction(ADMINISTRATOR, ordered=False)(window)
    screen = cast("ControlScreen", window.screen_shown)
    screen.order_destruction()


def destruction_confirm(window: MainWindow) -> None:
    """What goes and what stays, before the number of the act is typed."""
    destruction(DEPUTY)(window)
    screen = cast("ControlScreen", window.screen_shown)
    assert screen.destruction is not None
    screen.destruction.confirm()


def face(delivery: str) -> Scene:
    """Return the scene of the page of all states with the focus at one of them: its sentence stands below."""

    def draw(window: MainWindow) -> None:
        sample_journal(Sample())(window)
        screen = cast("JournalScreen", window.screen_shown)
        assert screen.grid is not None
        assert screen.view is not None
        found = (screen.grid.place(key) for key, cell in screen.grid.cells.items()
                 if (cell.reason == NEEDS_UPDATE if delivery == "newer" else cell.delivery == delivery))  # fmt: skip
        screen.view.set_current(*next(place for place in found if place is not None))
        screen.enter()

    return draw


def journal_legend(window: MainWindow) -> None:
    """The F1 page over the journal: keys, and what the signs in a cell mean."""
    sample_journal(Sample())(window)
    window.toggle_keys()


def history(note: str) -> Scene:
    """Return the scene of a cell's history with what is said of it."""

    def draw(window: MainWindow) -> None:
        sample_journal(Sample())(window)
        screen = cast("JournalScreen", window.screen_shown)
        title = "Ахметзянов Рустам · 18.11"
        screen.history.tell(title, sample_pages.history(), days.NOW, note=note)

    return draw


def sample_journal(sample: Sample | JournalSpread) -> Scene:
    """Return the scene of an invented page on the spread."""

    def draw(window: MainWindow) -> None:
        page = sample if isinstance(sample, JournalSpread) else sample_pages.spread(sample)
        folder, school = Path(tempfile.mkdtemp(prefix="ejournal-shots-")), small_school()
        journal = desk_of(school, school.teacher, folder)
        window.destroyed.connect(journal.close)
        window.destroyed.connect(lambda: shutil.rmtree(folder))
        spread = JournalScreen(journal, journal.clock, read=lambda *_: page)
        places = session_places(window, journal)
        window.open_session(TEACHER, [places[0], Place("journal", "Журнал", spread), *places[2:]], 0)
        places[1].widget.deleteLater()
        window.set_sync_state(days.delivered_state())
        window.go("journal")
        _wait(lambda: spread.view is not None and not spread.is_opening)

    return draw


def journal_column(window: MainWindow) -> None:
    """A column is named and weighed in place; totals stand at the right."""
    screen = _at_a_column(window)
    screen.work.show_totals()
    screen.work.change_column()
    type_text(screen.work.column.title, "Опрос по § 3")


def _at_a_column(window: MainWindow) -> JournalScreen:
    screen = cast("JournalScreen", on_a_desk(window, "journal"))
    _wait(lambda: screen.view is not None and not screen.is_opening)
    assert screen.view is not None
    screen.view.go_to_lesson(small_school().lesson(date(2026, 9, 14), 2))
    screen.view.set_current(screen.view.current[0], 3)
    return screen


def journal_works(window: MainWindow) -> None:
    """Kinds of work are offered above the current lesson."""
    _at_a_column(window).work.offer_works()


def journal_remarks(window: MainWindow) -> None:
    """What was written about a pupil, one more being written."""
    screen = _at_a_column(window)
    assert screen.grid is not None
    lesson, pupil = small_school().lesson(date(2026, 9, 11), 1), screen.grid.pupils[3].pupil_id
    write_remark(screen._journal, lesson, pupil, "praise", "Решил задачу двумя способами и объяснил классу")
    write_remark(screen._journal, lesson, pupil, "remark", "Пришёл без тетради")
    screen.grid.refresh()
    screen.work.show_remarks()
    type_text(screen.work.remarks.sheet.line, "Помог соседу разобраться с уравнениями")


def journal_group(window: MainWindow) -> None:
    """A pupil of the special medical group, on the page of physical education."""
    page = sample_pages.sport_spread()
    sample_journal(page)(window)
    screen = cast("JournalScreen", window.screen_shown)
    assert screen.view is not None
    screen.view.set_current(screen.view.current[0], 4)
    screen.work.show_group()


def journal_files(window: MainWindow) -> None:
    """The files of a lesson over the spread; the paper-clip stands beside the homework."""
    screen = cast("JournalScreen", on_a_desk(window, "journal"))
    lesson = small_school().lesson(date(2026, 9, 14), 2)
    for title in ("Задачи к § 8.pdf", "Чертёж к № 56 для тех, кто был на соревнованиях, с пояснениями.png"):
        attach_content(screen._journal, lesson, title.encode(), title, MEDIA_TYPES[Path(title).suffix])
    _wait(lambda: screen.grid is not None and any(row.files == 2 for row in screen.grid.spread.lessons))
    screen.open_lesson(lesson)
    screen.show_files()


def documents(window: MainWindow) -> None:
    """Nothing built yet."""
    on_a_desk(window, "documents")


def documents_built(window: MainWindow) -> None:
    """A summary sheet on the screen."""
    screen = on_a_desk(window, "documents")
    screen.number.setText("17")
    screen.build()
    _wait(lambda: screen.view.drawn)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not until() and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.01)


# --- Состояние, замок, неполадки ------------------------------------------------------------------------------------


def state(window: MainWindow) -> None:
    """All delivered."""
    session(window, "state")


def state_offline(window: MainWindow) -> None:
    """Three entries wait."""
    session(window, "state", state=days.offline_state())


def state_troubled(window: MainWindow) -> None:
    """One of everything."""
    session(window, "state", state=days.troubled_state())


def state_alarm(window: MainWindow) -> None:
    """The server broke its promise; three entries wait."""
    session(window, "state", state=sample_news.alarm_state())


def state_frozen(window: MainWindow) -> None:
    """The desk is frozen; the way on is to sign in again."""
    session(window, "state", state=sample_news.frozen_state())


def state_loading(window: MainWindow) -> None:
    """The history of a new desk is on its way."""
    session(window, "state", state=sample_news.loading_state())


def state_closed(code: str) -> Scene:
    """Return the scene of a desk whose exchange has stopped for good, by the server's code."""

    def draw(window: MainWindow) -> None:
        session(window, "state", state=sample_news.closed_state(code))

    return draw


def state_unproved(window: MainWindow) -> None:
    """Two pages are not what their history makes of them."""
    session(window, "state", state=msgspec.structs.replace(days.delivered_state(), unproved=2))


def state_update(window: MainWindow) -> None:
    """A newer program lies ready, and what is new in it is unfolded."""
    line = session(window, "state", state=days.offline_state())["state"].update_line
    line.show_standing(sample_news.new_program())
    line.news_button.setChecked(True)


def state_password(window: MainWindow) -> None:
    """The password is being changed; the new one is easy to guess."""
    screen = session(window, "state")["state"]
    screen.change_password()
    screen.form.old.setText("прежний пароль")
    screen.form.new.setFocus()
    screen.form.new.setText("Иванова1980")


def today_loading(window: MainWindow) -> None:
    """A new journal is still on its way, and the line broke."""
    session(window, "today", today=days.loading_day(), state=sample_news.partial_state())


def sign_in_old(window: MainWindow) -> None:
    """The password was changed on another PC."""
    sign_in(window)
    window.sign_in.people.list.choose(2)
    window.sign_in.people.password.setText("новый пароль")
    window.sign_in.people.ask_old_password(errors.words(SENTENCES["EJ-396"]))


def sign_in_forgotten(window: MainWindow) -> None:
    """What to do about a forgotten password; entries wait on this PC."""
    sign_in(window)
    window.sign_in.people.list.choose(2)
    window.sign_in.show_forgotten()


def sign_in_loading(window: MainWindow) -> None:
    """Somebody is new here, and the journal is being loaded."""
    sign_in(window)
    window.sign_in.show_newcomer("Иванова Мария Петровна")
    window.sign_in.newcomer.password.setText("пароль")
    window.sign_in.newcomer.set_busy(busy=True)
    window.sign_in.newcomer.show_progress(Progress(12_400, 27_600, seconds_left=42))


def sign_in_update(window: MainWindow) -> None:
    """A newer program lies ready while nobody is at work; the school does not trust this PC any more."""
    sign_in(window)
    window.sign_in.update_line.show_standing(sample_news.new_program())
    window.sign_in.people.offer_pairing_again()
    window.sign_in.refuse(errors.words(ANSWERS["EJ-393"]), wrong_password=False)


def lock(window: MainWindow) -> None:
    """The lock over a lesson."""
    session(window, "lesson")
    window.lock()


def banner(window: MainWindow) -> None:
    """The disk is full; a long job is under way."""
    session(window, "today", state=days.troubled_state())
    window.show_trouble(DiskFull(), Action("retry", "Проверить снова", (), lambda: None, ""))
    window.jobs.run(_never_ready, title="Годовая копия журнала 7 «Б»")
    _wait(window.job_panel.isVisible)


def keys(window: MainWindow) -> None:
    """The F1 page over a lesson."""
    session(window, "lesson")
    window.toggle_keys()


def _never_ready(report: Report) -> None:
    while True:
        report.step(37, 110, "лист 37 из 110")
        report.check()
        time.sleep(0.02)


def _cell(window: MainWindow, row: int, column: int) -> Any:
    screen = cast("LessonScreen", window.screen_shown)
    return screen.table.roll.index(row, column)


SCENES: tuple[Named, ...] = (
    Named("sign-in", "Вход", sign_in),
    Named("sign-in-refused", "Вход: пароль не подошёл, без сервера", sign_in_refused),
    Named("sign-in-nobody", "Вход: ещё никого", sign_in_nobody),
    Named("sign-in-first", "Вход: первый раз, без сервера", sign_in_first),
    Named("sign-in-old", "Вход: пароль изменён на другом компьютере", sign_in_old),
    Named("sign-in-forgotten", "Вход: забыли пароль", sign_in_forgotten),
    Named("sign-in-loading", "Вход: журнал загружается", sign_in_loading),
    Named("sign-in-update", "Вход: новая версия, компьютеру не доверяют", sign_in_update),
    Named("pairing", "Подключение компьютера", pairing),
    Named("today", "Сегодня", today),
    Named("today-offline", "Сегодня: без сервера, спор", today_offline),
    Named("today-due", "Сегодня: дела и изменённое не вами", today_due),
    Named("today-empty", "Сегодня: нет уроков", today_empty),
    Named("today-vacation", "Сегодня: каникулы", today_vacation),
    Named("today-many", "Сегодня: много изменено не вами", today_many),
    Named("today-news", "Сегодня: новое и заявки", today_news),
    Named("today-decisions", "Сегодня: ждут решения завуча", today_decisions),
    Named("today-restored", "Сегодня: школа восстановлена из копии, часы прыгнули", today_told("restored", "clock")),
    Named("today-repaired", "Сегодня: журнал исправлен и открыт заново", today_told("slices", "anew")),
    Named("today-substitute", "Сегодня: веду замену", today_substitute),
    Named("lesson", "Урок", lesson),
    Named("lesson-ask", "Урок: попросить исправить", lesson_ask),
    Named("lesson-fresh", "Урок: ещё ничего не внесено", lesson_fresh),
    Named("lesson-full", "Урок: 35 учеников", lesson_full),
    Named("lesson-ahead", "Урок: ещё впереди", lesson_ahead),
    Named("lesson-work", "Урок: что встретит контрольная", lesson_work),
    Named("lesson-closed", "Урок: только чтение", lesson_closed),
    Named("lesson-refused", "Урок: отказ", lesson_refused),
    Named("lesson-none", "Урок: сегодня нет", lesson_none),
    Named("lesson-files", "Урок: файлы к заданию", lesson_files),
    Named("lesson-files-offline", "Урок: файлы без связи", lesson_files_offline),
    Named("lesson-files-drop", "Урок: файл перетаскивают", lesson_files_drop),
    Named("journal", "Журнал", journal),
    Named("class", "Мой класс: реестр дня", lambda window: (my_class(window), None)[1]),
    Named("class-typing", "Мой класс: фамилия в другой раскладке, 35 учеников", my_class_typing),
    Named("class-results", "Мой класс: успеваемость, 35 учеников, 18 предметов", class_scenes.class_results),
    Named("class-results-report", "Мой класс: предварительный отчёт", class_scenes.class_results_report),
    Named("class-results-empty", "Мой класс: успеваемость до первых отметок", class_scenes.class_results_empty),
    Named("plan", "КТП: строка пишется", plan_scenes.plan),
    Named("plan-shift", "КТП: сдвиг после пропавших уроков", plan_scenes.plan_shift),
    Named("plan-empty", "КТП: первая строка", plan_scenes.plan_empty),
    Named("plan-approval", "КТП: завуч, часы не сходятся", plan_scenes.plan_approval),
    Named("plan-file", "КТП: строки из файла", plan_scenes.plan_file),
    Named("plan-copy", "КТП: строки из другого КТП", plan_scenes.plan_copy),
    Named("plan-nobody", "КТП: показывать нечего", plan_scenes.plan_nobody),
    Named("class-week", "Мой класс: неделя, 35 учеников", my_class_view("week")),
    Named("class-check", "Мой класс: сверка с уроками", my_class_view("check")),
    Named("class-groups", "Мой класс: группы", my_class_groups),
    Named("class-map", "Мой класс: карта недель", my_class_view("map")),
    Named("class-families", "Мой класс: семья и её лист", class_scenes.class_families),
    Named("class-families-form", "Мой класс: телефон без согласия", class_scenes.class_families_form),
    Named("class-families-withdrawn", "Мой класс: согласие отозвано", class_scenes.class_families_withdrawn),
    Named("class-list-check", "Мой класс: сверка списка", report_scenes.list_check),
    Named("reports", "Сведения: канцелярия отвечает", report_scenes.reports),
    Named("reports-form", "Сведения: сообщить", report_scenes.reports_form),
    Named("reports-empty", "Сведения: ничего не замечено", report_scenes.reports_empty),
    Named("people", "Люди: сотрудник, его роли и права", people_scenes.people),
    Named("people-waiting", "Люди: кто ждёт кода", people_scenes.people_waiting),
    Named("people-role", "Люди: дать роль", people_scenes.people_role),
    Named("people-second", "Люди: новый код подтверждает завуч", people_scenes.people_second),
    Named("people-codes", "Люди: листки и ведомость", people_scenes.people_codes),
    Named("people-few", "Люди: никого не нашлось", people_scenes.people_few),
    Named("workplaces", "Рабочие места: один компьютер просится", administration_scenes.workplaces),
    Named("workplaces-revoke", "Рабочие места: отозвать с причиной", administration_scenes.workplaces_revoke),
    Named("events", "Журнал событий: за 30 дней", administration_scenes.events),
    Named("events-nothing", "Журнал событий: такого не было", administration_scenes.events_nothing),
    Named("person-report", "Сведения о человеке: ученик", person_report_scenes.pupil),
    Named("person-report-second", "Сведения о человеке: второй человек", person_report_scenes.second),
    Named("person-report-whole", "Сведения о человеке: всё, что хранит школа", person_report_scenes.whole),
    Named("person-report-choose", "Сведения о человеке: кого выбрать", person_report_scenes.choose),
    Named("person-report-nobody", "Сведения о человеке: никого не нашлось", person_report_scenes.nobody),
    Named("substitutes", "Замены: уроки того, кого нет", substitution_scenes.substitutes),
    Named("substitutes-busy", "Замены: выбран занятый", substitution_scenes.substitutes_busy),
    Named("substitutes-moved", "Замены: отменён, перенесён, занятый час", substitution_scenes.substitutes_moved),
    Named("substitutes-reason", "Замены: причина отмены", substitution_scenes.substitutes_reason),
    Named("substitutes-day", "Замены: все замены дня", substitution_scenes.substitutes_day),
    Named("bells", "Звонки: уроки по 30 минут, ещё не записано", substitution_scenes.bells),
    Named("bells-wrong", "Звонки: время, которого нет", substitution_scenes.bells_wrong),
    Named("substitutes-off", "Замены: уроков нет", substitution_scenes.substitutes_off),
    Named("workplaces-away", "Рабочие места: сервера не видно", administration_scenes.workplaces_away),
    Named("copy", "Просмотр копии: журнал того дня", copy_scenes.view),
    Named("copy-choice", "Просмотр копии: какую открыть", copy_scenes.choice),
    Named("copy-mistyped", "Просмотр копии: опечатка в ключе", copy_scenes.choice_mistyped),
    Named("copy-empty", "Просмотр копии: носителя нет", copy_scenes.choice_empty),
    Named("copy-compare", "Просмотр копии: класс рядом с сегодняшним днём", copy_scenes.compare),
    Named("backup", "Резервные копии: всё проверено", backup_scenes.good),
    Named("backup-late", "Резервные копии: срок прошёл, длинные имена", backup_scenes.late),
    Named("backup-empty", "Резервные копии: первый день", backup_scenes.empty),
    Named("backup-checked", "Резервные копии: копия на носителе испортилась", backup_scenes.checked),
    Named("backup-custody", "Резервные копии: передать по акту", backup_scenes.custody),
    Named("backup-put-away", "Резервные копии: списать", backup_scenes.put_away),
    Named("backup-sheet", "Резервные копии: лист не тот", backup_scenes.sheet),
    Named("backup-insert", "Резервные копии: вставьте носитель", backup_scenes.insert),
    Named("backup-first", "Резервные копии: вставьте самый первый", backup_scenes.first),
    Named("backup-ready", "Резервные копии: носитель виден", backup_scenes.ready),
    Named("backup-unknown", "Резервные копии: незнакомый носитель", backup_scenes.unknown),
    Named("backup-busy", "Резервные копии: копия пишется", backup_scenes.busy),
    Named("backup-full", "Резервные копии: носитель полон", backup_scenes.full),
    Named("backup-one-device", "Резервные копии: два раздела одного носителя", backup_scenes.one_device),
    Named("backup-proved", "Резервные копии: можно вынуть", backup_scenes.proved),
    Named("backup-done", "Резервные копии: готово", backup_scenes.done),
    Named("results", "Итоги: обоснование в строке", results),
    Named("results-exam", "Итоги: когда пришли результаты экзамена", results_exam),
    Named("journal-states", "Журнал: все состояния записи", sample_journal(Sample())),
    *(Named(f"journal-face-{state}", f"Журнал: клетка, {title}", face(state)) for state, title in (
        ("waiting", "ждёт отправки"), ("pending", "ждёт решения"), ("disputed", "спор"), ("refused", "не принято"),
        ("quarantined", "отложено"), ("newer", "нужно обновление"))),
    Named("journal-legend", "Журнал: знаки и клавиши", journal_legend),
    Named("journal-history", "Журнал: история клетки доказана", history(PROVED)),
    Named("journal-history-comes", "Журнал: история загружается", history(COMES)),
    Named("journal-history-away", "Журнал: история без сервера", history(AWAY)),
    Named("journal-long", "Журнал: 35 учеников, 200 уроков, длинные имена",
          sample_journal(Sample(pupils=35, lessons=200, long_names=True))),
    Named("journal-one", "Журнал: один ученик, подгруппа", sample_journal(Sample(pupils=1, subgroup="2 группа"))),
    Named("journal-read-only", "Журнал: только чтение",
          sample_journal(Sample(read_only="Эту страницу ведёт другой учитель: здесь можно только смотреть."))),
    Named("journal-empty", "Журнал: уроков ещё нет", sample_journal(sample_pages.empty_spread())),
    Named("journal-refused", "Журнал: отказ с выходом", journal_refused),
    Named("journal-ask", "Журнал: попросить исправить", journal_ask),
    Named("journal-paste", "Журнал: вставка из таблицы", journal_paste),
    Named("journal-filter", "Журнал: только двойки", journal_filter),
    Named("journal-late", "Журнал: срок прошёл", journal_late),
    Named("journal-paste-asks", "Журнал: вставка спрашивает об однофамильцах", journal_paste_asks),
    Named("journal-column", "Журнал: столбец, итоги по ученикам", journal_column),
    Named("journal-works", "Журнал: добавить работу", journal_works),
    Named("journal-remarks", "Журнал: записи об ученике", journal_remarks),
    Named("journal-group", "Журнал: медицинская группа", journal_group),
    Named("journal-files", "Журнал: файлы урока", journal_files),
    Named("control", "Контроль", control(3)),
    Named("control-empty", "Контроль: решать нечего", control(0)),
    Named("control-many", "Контроль: 24 заявки", control(24)),
    Named("destruction", "Контроль: акты об уничтожении", destruction(ADMINISTRATOR)),
    Named("destruction-empty", "Контроль: актов ещё не было", destruction(DEPUTY, ordered=False)),
    Named("destruction-order", "Контроль: внести акт", destruction_order),
    Named("destruction-confirm", "Контроль: подтвердить акт", destruction_confirm),
    Named("readiness", "Контроль: готовность журналов", readiness(9)),
    Named("readiness-empty", "Контроль: готовность маленькой школы", readiness(0)),
    Named("control-alerts", "Контроль: заявка и необычное", alert_scenes.control_alerts(1)),
    Named("control-alerts-only", "Контроль: только необычное", alert_scenes.control_alerts(0)),
    Named("control-register", "Контроль: замена сведений", control_register),
    Named("documents", "Документы", documents),
    Named("documents-built", "Документы: ведомость", documents_built),
    Named("state", "Состояние", state),
    Named("state-drives", "Состояние: копии на носителях проверены", backup_scenes.good_state),
    Named("state-drives-late", "Состояние: на одном носителе копии нет", backup_scenes.late_state),
    Named("state-offline", "Состояние: без сервера", state_offline),
    Named("state-troubled", "Состояние: всё сразу", state_troubled),
    Named("state-alarm", "Состояние: сервер нарушил обещание", state_alarm),
    Named("state-frozen", "Состояние: журнал заморожен", state_frozen),
    Named("state-revoked", "Состояние: журнал отозван", state_closed("EJ-392")),
    Named("state-computer", "Состояние: компьютер отключён от школы", state_closed("EJ-393")),
    Named("state-left", "Состояние: человек не числится в школе", state_closed("EJ-394")),
    Named("state-unproved", "Состояние: страницы не доказаны", state_unproved),
    Named("state-update", "Состояние: новая версия", state_update),
    Named("state-sign-ins", "Состояние: мои входы", alert_scenes.sign_ins),
    Named("state-sign-ins-first", "Состояние: мои входы, первый день", alert_scenes.sign_ins_first),
    Named("state-password", "Состояние: смена пароля", state_password),
    Named("today-loading", "Сегодня: журнал ещё загружается", today_loading),
    Named("state-loading", "Состояние: история загружается", state_loading),
    Named("lock", "Замок", lock),
    Named("banner", "Полоса неполадки", banner),
    Named("keys", "Клавиши", keys),
)  # fmt: skip
