"""The spread as one place: both pages together, texts that are never lost, the ways to everything by keyboard."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from ejournal_core import ids, wire
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.kinds import Lesson, Mark, MarkColumn, WorkKind, to_fields
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import lessons
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.loading import load_whole
from ejournal_desktop.models.pages import JournalSpread, LessonRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import install
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.journal_actions import cell_actions
from ejournal_desktop.ui.widgets.page_chooser import matches
from ejournal_desktop.ui.widgets.topic_pane import TopicPane
from tests.helpers import sample_pages
from tests.helpers.sample_pages import Sample
from tests.helpers.school import NOW, SmallSchool, desk_of, small_school
from tests.helpers.typing import CTRL, press, type_text

Key = Qt.Key
#: The offscreen platform has no windows to raise and no keyboard to grab; it says so whenever a list pops up.
pops_up = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
TUESDAY = date(2026, 9, 15)


@pytest.fixture
def school() -> SmallSchool:
    return small_school()


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.teacher, tmp_path)
    yield journal
    journal.close()


class Opened:
    """A journal screen in a window of its own, with the line that it says at the bottom."""

    def __init__(self, journal: Journal, qtbot: QtBot, width: int, height: int, wait: bool) -> None:
        self.screen = JournalScreen(journal, lambda: NOW)
        self.hints: list[str] = []
        self.screen.hint_changed.connect(self.hints.append)
        qtbot.addWidget(self.screen)
        qtbot.addWidget(self.screen.header)
        self.screen.resize(width, height)
        self.screen.show()
        if wait:  # on a busy machine a page may take longer than the moment that nobody notices
            qtbot.waitUntil(lambda: not self.screen.is_opening)
        self.screen.enter()
        QApplication.processEvents()

    @property
    def view(self) -> MarkView:
        assert self.screen.view is not None
        return self.screen.view

    @property
    def topics(self) -> TopicPane:
        assert self.screen.topics is not None
        return self.screen.topics

    @property
    def grid(self) -> MarkGrid:
        assert self.screen.grid is not None
        return self.screen.grid

    @property
    def lesson(self) -> LessonRow:
        """Return the current lesson as the file has it."""
        self.grid.refresh()
        lesson = self.topics.current_lesson()
        assert lesson is not None
        return lesson


Open = Callable[..., Opened]


@pytest.fixture
def open_screen(qapp: QApplication, qtbot: QtBot, journal: Journal) -> Iterator[Open]:
    theme.apply(qapp, "light")
    opened: list[Opened] = []

    def open_(width: int = 1260, height: int = 700, wait: bool = True) -> Opened:
        opened.append(Opened(journal, qtbot, width, height, wait))
        return opened[-1]

    yield open_
    for each in opened:
        each.screen.close_screen()


@pytest.fixture
def show_sample(monkeypatch: pytest.MonkeyPatch, open_screen: Open) -> Callable[..., Opened]:
    """Open an invented page instead of the file's."""

    def show(sample: Sample | JournalSpread, width: int = 1260, height: int = 700) -> Opened:
        page = sample if isinstance(sample, JournalSpread) else sample_pages.spread(sample)
        monkeypatch.setattr(queries, "journal_spread", lambda *_: page)
        return open_screen(width, height)

    return show


def leave(opened: Opened) -> None:
    """Let the editor lose the focus to something else in the window."""
    event = QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.MouseFocusReason)
    QApplication.sendEvent(opened.topics.editor, event)


# --- opening ---------------------------------------------------------------------------------------------------------


def test_ones_own_journal_opens_at_todays_lesson(open_screen: Open, school: SmallSchool) -> None:
    opened = open_screen()
    assert opened.screen.header.pages.text() == "7 «Б» · Алгебра"
    assert opened.view.hasFocus()
    assert opened.lesson.lesson_id == school.today_lesson


def test_the_line_at_the_bottom_tells_of_the_current_cell(open_screen: Open) -> None:
    opened = open_screen()
    assert opened.hints[-1] == "Абрамова Анна · 15.09"
    type_text(opened.view, "5")
    opened.grid.refresh()
    assert opened.hints[-1] == (
        "Абрамова Анна · 15.09 · 5 устный ответ · Иванова М. П. сегодня в 10:42 · ждёт отправки"
        " · можно изменить до 22.09"
    )


def test_a_refusal_stands_at_the_bottom_as_long_as_its_cell_is_current(open_screen: Open) -> None:
    opened = open_screen()
    type_text(opened.view, "7")
    assert "не отметка" in opened.hints[-1]
    press(opened.view, Key.Key_Down)
    assert opened.hints[-1] == "Воробьёв Никита · 15.09"
    press(opened.view, Key.Key_Up)
    assert "не отметка" in opened.hints[-1]


def test_a_lesson_opens_on_its_page(open_screen: Open, school: SmallSchool) -> None:
    opened = open_screen()
    lesson_id = school.lesson(date(2026, 9, 18), 1)
    opened.screen.open_lesson(lesson_id)
    assert opened.grid.columns[opened.view.current[0]].lesson_id == lesson_id
    assert opened.lesson.lesson_id == lesson_id


def test_a_slow_disk_leaves_the_window_alive_and_says_what_it_waits_for(
    open_screen: Open, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, school: SmallSchool
) -> None:
    go_on = threading.Event()
    read = queries.journal_spread

    def slowly(journal: Journal, page_id: str) -> JournalSpread:
        go_on.wait(10)
        return read(journal, page_id)

    monkeypatch.setattr(queries, "journal_spread", slowly)
    opened = open_screen(wait=False)
    assert opened.screen.empty.isVisible()
    assert opened.screen.empty.text() == "Открываю журнал…"
    opened.screen.open_lesson(school.lesson(date(2026, 9, 18), 1))
    go_on.set()
    qtbot.waitUntil(lambda: opened.screen.view is not None)
    assert opened.lesson.held_on == date(2026, 9, 18)
    assert not opened.screen.empty.isVisible()


def test_a_page_that_cannot_be_read_leaves_the_one_before(
    open_screen: Open, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, school: SmallSchool
) -> None:
    opened = open_screen()

    def fail(*_: object) -> JournalSpread:
        raise Trouble("disk")

    with monkeypatch.context() as patch, qtbot.waitSignal(opened.screen.troubled):
        patch.setattr(queries, "journal_spread", fail)
        opened.screen.open_page(school.english)
    assert opened.grid.page_id == school.page
    assert opened.view.isVisible()


def test_without_journals_the_screen_says_who_makes_them(open_screen: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "journal_pages", lambda _journal: ())
    opened = open_screen()
    assert "Журналов пока нет" in opened.screen.empty.text()
    assert opened.screen.empty.isVisible()


def test_a_class_without_pupils_says_whose_work_that_is(show_sample: Callable[..., Opened]) -> None:
    opened = show_sample(sample_pages.empty_spread())
    assert "секретарь" in opened.screen.empty.text()
    assert not opened.view.isVisible()


def test_a_page_that_may_only_be_read_says_why_at_the_top(show_sample: Callable[..., Opened]) -> None:
    opened = show_sample(Sample(read_only="Журнал ведёт Петрова С. И., вам он открыт для чтения."))
    assert opened.screen.reason.isVisible()
    assert "Петрова" in opened.screen.reason.text()
    opened.screen.write_field("topic")
    assert not opened.topics.editor.isVisible()
    assert "Петрова" in opened.hints[-1]


# --- one surface -----------------------------------------------------------------------------------------------------


def test_the_lesson_of_the_current_cell_is_current_on_the_right(open_screen: Open) -> None:
    opened = open_screen()
    press(opened.view, Key.Key_Right)
    assert opened.lesson.held_on == date(2026, 9, 18)
    press(opened.view, Key.Key_Home)
    assert opened.lesson.held_on == date(2026, 9, 1)


def test_a_lesson_chosen_on_the_right_is_current_on_the_left(open_screen: Open) -> None:
    opened = open_screen()
    opened.topics.setFocus()
    press(opened.topics, Key.Key_Down)
    assert opened.grid.columns[opened.view.current[0]].held_on == date(2026, 9, 18)


def test_both_pages_scroll_together_from_end_to_end(show_sample: Callable[..., Opened]) -> None:
    opened = show_sample(Sample(lessons=200))
    left, right = opened.view.horizontalScrollBar(), opened.topics.verticalScrollBar()
    left.setValue(left.maximum())
    assert right.value() == right.maximum()
    left.setValue(0)
    assert right.value() == 0
    right.setValue(right.maximum() // 2)
    assert 0.4 < left.value() / left.maximum() < 0.6
    right.setValue(right.maximum())
    assert left.value() > 0.95 * left.maximum()


def test_on_a_narrow_screen_the_right_page_is_a_strip_of_the_current_lesson(
    show_sample: Callable[..., Opened],
) -> None:
    opened = show_sample(Sample(), 900, 700)
    assert opened.topics.geometry().top() >= opened.view.geometry().bottom()
    assert opened.topics.height() < 70
    assert opened.view.height() > 600
    narrow = opened.topics.strip
    opened.screen.resize(1260, 700)
    assert (narrow, opened.topics.strip) == (True, False)
    assert opened.topics.geometry().left() >= opened.view.geometry().right()


def test_on_1366_by_768_twenty_lessons_and_the_right_page_are_in_sight(show_sample: Callable[..., Opened]) -> None:
    opened = show_sample(Sample(), 1366 - 104, 768 - 40 - 24)
    assert not opened.topics.strip
    frame = opened.view.frame()
    whole = [n for n in range(len(opened.grid.columns)) if frame.body.contains(frame.cell_rect(n, 0))]
    assert len(whole) >= 20
    assert frame.body.height() // theme.ROW >= 24


# --- texts -----------------------------------------------------------------------------------------------------------


def test_a_topic_is_saved_by_ctrl_enter_and_the_focus_is_back_at_the_marks(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.write_field("topic")
    type_text(opened.topics.editor, "Линейные уравнения")
    press(opened.topics.editor, Key.Key_Return, CTRL)
    assert opened.lesson.topic == "Линейные уравнения"
    assert opened.view.hasFocus()


def test_esc_steps_back_and_loses_nothing(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.write_field("homework")
    type_text(opened.topics.editor, "§ 5, № 12")
    press(opened.topics.editor, Key.Key_Escape)
    assert opened.lesson.homework == "§ 5, № 12"
    assert opened.view.hasFocus()


def test_leaving_saves(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.write_field("homework")
    type_text(opened.topics.editor, "§ 5")
    leave(opened)
    assert opened.lesson.homework == "§ 5"


def test_switching_to_another_window_leaves_the_text_open(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.write_field("homework")
    type_text(opened.topics.editor, "§ 5")
    event = QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason)
    QApplication.sendEvent(opened.topics.editor, event)
    assert opened.topics.editor.is_open
    assert opened.topics.editor.toPlainText() == "§ 5"


def test_closing_the_screen_saves_what_is_being_written(open_screen: Open, journal: Journal) -> None:
    opened = open_screen()
    opened.screen.write_field("homework")
    type_text(opened.topics.editor, "§ 5")
    opened.screen.close_screen()
    page = queries.journal_spread(journal, opened.grid.page_id)
    assert "§ 5" in {lesson.homework for lesson in page.lessons}


def test_enter_and_tab_go_on_from_topic_to_homework_to_the_next_topic(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.write_field("topic")
    editor = opened.topics.editor
    type_text(editor, "Тема")
    press(editor, Key.Key_Return)
    type_text(editor, "строка")
    press(editor, Key.Key_Return)
    type_text(editor, "ещё")
    press(editor, Key.Key_Tab)
    assert (opened.topics.current_lesson() or opened.lesson).held_on == date(2026, 9, 18)
    press(editor, Key.Key_Backtab)
    press(editor, Key.Key_Escape)
    assert opened.lesson.held_on == TUESDAY
    assert (opened.lesson.topic, opened.lesson.homework) == ("Тема", "строка\nещё")


def test_a_text_that_was_changed_meanwhile_is_not_overwritten_unseen(
    open_screen: Open, journal: Journal, school: SmallSchool
) -> None:
    opened = open_screen()
    opened.screen.write_field("homework")
    type_text(opened.topics.editor, "моё")
    lessons.set_homework(journal, school.today_lesson, "чужое")
    opened.grid.refresh()
    press(opened.topics.editor, Key.Key_Return, CTRL)
    assert opened.lesson.homework == "чужое"
    assert opened.topics.drafts == {(school.today_lesson, "homework"): "моё"}
    assert "не потерян" in opened.hints[-1] or any("не потерян" in hint for hint in opened.hints)
    opened.screen.write_field("homework")
    assert opened.topics.editor.toPlainText() == "моё"
    press(opened.topics.editor, Key.Key_Return, CTRL)
    assert opened.lesson.homework == "моё"
    assert opened.topics.drafts == {}


def test_a_refused_text_stays_with_its_reason(
    open_screen: Open, school: SmallSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Refusal("EJ-299", "Период закрыт.", "P03")

    opened = open_screen()
    opened.screen.write_field("topic")
    type_text(opened.topics.editor, "Тема")
    monkeypatch.setattr(lessons, "set_topic", refuse)
    press(opened.topics.editor, Key.Key_Escape)
    drafts, notes = opened.topics.unsaved(school.today_lesson)
    assert drafts == {"topic": "Тема"}
    assert notes == {"topic": "Период закрыт (правило «Срок отметки отсутствующих»)."}
    monkeypatch.undo()
    opened.screen.write_field("topic")
    press(opened.topics.editor, Key.Key_Escape)
    assert opened.lesson.topic == "Тема"


def test_a_click_on_the_words_writes_them_and_on_the_tick_marks_the_lesson_as_held(open_screen: Open) -> None:
    opened = open_screen()
    index = opened.topics.currentIndex()
    corner = opened.topics.visualRect(index).topLeft()
    plan = opened.topics.plan(index.row())
    QTest.mouseClick(opened.topics.viewport(), Qt.MouseButton.LeftButton, pos=corner + plan.held.center())
    assert opened.lesson.held
    QTest.mouseClick(opened.topics.viewport(), Qt.MouseButton.LeftButton, pos=corner + plan.fields["homework"].center())
    assert opened.topics.editor.is_open
    assert opened.topics.editor.accessibleName() == "Домашнее задание"


# --- ways ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [("7б алг", True), ("7 «б»", True), ("иванова", True), ("алг 2", True), ("8б", False), ("геом", False)],
)
def test_a_page_is_found_as_people_write_it(typed: str, found: bool) -> None:
    assert matches(sample_pages.page_ref("2 группа"), typed) is found


@pops_up
def test_another_journal_is_chosen_by_typing(open_screen: Open, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    pages = sample_pages.page_refs()
    monkeypatch.setattr(queries, "journal_pages", lambda _journal: pages)
    monkeypatch.setattr(queries, "journal_spread", lambda *_: sample_pages.spread())
    opened = open_screen()
    opened.screen.header.pages.open_list()
    offered = opened.screen.header.pages.page_list
    type_text(offered.line, "8а")
    press(offered.line, Key.Key_Return)
    qtbot.waitUntil(lambda: not opened.screen.is_opening)
    assert opened.screen.header.pages.text() == "8 «А» · Алгебра"
    assert opened.view.hasFocus()


def test_a_pupil_is_found_by_the_beginning_of_the_surname_and_yo_is_ye(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.header.find_pupil()
    search = opened.screen.header.search
    type_text(search, "елк")
    assert opened.grid.pupils[opened.view.current[1]].name == "Ёлкин Пётр"
    search.clear()
    type_text(search, "яс")
    first = opened.view.current[1]
    press(search, Key.Key_Return)
    assert opened.grid.pupils[first].name.startswith("Яс")
    assert opened.grid.pupils[opened.view.current[1]].name.startswith("Яс")
    assert opened.view.current[1] != first


def test_periods_are_walked_and_one_that_is_not_running_says_so(show_sample: Callable[..., Opened]) -> None:
    opened = show_sample(Sample())
    assert opened.screen.header.period.text() == "II четверть"
    assert opened.screen.header.aside.text() == ""
    opened.screen.go_by_period(-1)
    opened.screen.go_by_period(-1)
    assert opened.screen.header.period.text() == "I четверть"
    assert opened.screen.header.aside.text() == "сейчас идёт II четверть: Alt+Home"
    opened.screen.go_to_today()
    assert opened.grid.columns[opened.view.current[0]].held_on == sample_pages.TODAY


def shown_history(opened: Opened) -> list[str]:
    opened.screen.work.show_history()
    return [label.text() for label in opened.screen.history.findChildren(type(opened.screen.reason)) if label.text()]


def test_a_cell_known_from_a_snapshot_shows_its_value_and_says_where_its_history_is(
    open_screen: Open, journal: Journal, school: SmallSchool
) -> None:
    column = ids.mark_column(school.today_lesson, "oral", 1)
    kind = next(record for record in school.records if isinstance(record, WorkKind))
    made = MarkColumn(id=column, lesson_id=school.today_lesson, work_kind_id=kind.id)
    mark = Mark(id=ids.mark(column, school.pupils[0]), mark_column_id=column, pupil_id=school.pupils[0], value="5")
    page_id, day, number = ids.lesson_parts(school.today_lesson)
    lesson = Lesson(id=school.today_lesson, journal_page_id=page_id, held_on=day, lesson_number=number)
    records = [*school.records, lesson, made, mark]
    load_whole(
        journal,
        9,
        [
            wire.SnapshotRecord(
                kind=type(each).__name__, record=each.id, number=9, fields=to_fields(each), author="p-colleague",
                at="2026-09-15T10:00:00+03:00",
            )
            for each in records
        ],
    )  # fmt: skip
    opened = open_screen()
    opened.view.go_to_lesson(school.today_lesson)
    texts = shown_history(opened)
    assert "Здесь ещё ничего не вводили." not in texts
    assert texts[1:] == [
        "5", "Петров С. И., сегодня в 10:00",
        "Прежние изменения хранятся на сервере; на этом компьютере их пока нет.",
    ]  # fmt: skip


def test_an_empty_cell_says_so_and_a_cleared_one_became_empty(open_screen: Open) -> None:
    opened = open_screen()
    assert shown_history(opened)[1:] == ["Здесь ещё ничего не вводили."]
    type_text(opened.view, "4")
    press(opened.view, Key.Key_Delete)
    texts = shown_history(opened)
    assert "4 → пусто" in texts
    assert not any("на сервере" in text for text in texts)


def test_the_history_of_a_cell_opens_and_esc_goes_back(open_screen: Open) -> None:
    opened = open_screen()
    type_text(opened.view, "4")
    type_text(opened.view, "5")
    opened.screen.work.show_history()
    history = opened.screen.history
    assert history.isVisible()
    texts = [label.text() for label in history.findChildren(type(opened.screen.reason))]
    assert "4 → 5" in texts
    assert "пусто → 4" in texts
    press(history, Key.Key_Escape)
    assert not history.isVisible()
    assert opened.view.hasFocus()


def test_undo_and_redo_are_at_hand(open_screen: Open) -> None:
    opened = open_screen()
    type_text(opened.view, "4")
    actions = {action.id: action for action in opened.screen.actions()}
    actions["journal.undo"].run()
    cell = opened.grid.cell(*opened.view.current)
    assert cell is None or cell.value == ""
    actions["journal.redo"].run()
    cell = opened.grid.cell(*opened.view.current)
    assert cell is not None
    assert cell.value == "4"


def test_shortcuts_are_heard_in_the_window_and_are_nobody_elses(open_screen: Open) -> None:
    opened = open_screen()
    actions = opened.screen.actions()
    shortcuts = [keys for action in actions for keys in action.shortcuts]
    assert len(shortcuts) == len(set(shortcuts))
    assert not {"Ctrl+L", "F5", "F1", "Ctrl+Shift+Q", "Ctrl+1", "Ctrl+2"} & set(shortcuts)
    install(opened.screen, actions)
    QTest.keyClick(opened.view, Key.Key_T, CTRL)
    assert opened.topics.editor.is_open


@pops_up
def test_the_menu_of_a_cell_offers_what_the_keys_do(open_screen: Open, qtbot: QtBot) -> None:
    opened = open_screen()
    offered = {action.id: action for action in cell_actions(opened.screen)}
    assert {"mark.5", "mark.зач", "mark..", "presence.absent", "presence.late", "journal.clear"} <= offered.keys()
    offered["mark.4"].run()
    cell = opened.grid.cell(*opened.view.current)
    assert cell is not None
    assert cell.value == "4"
    opened.view.menu_wanted.emit(QPoint(10, 10))
    menu = opened.screen.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert any(action.text() == "История клетки" for action in menu.actions())
    menu.close()


def test_the_focus_goes_from_one_page_to_the_other_and_back(open_screen: Open) -> None:
    opened = open_screen()
    opened.screen.walk_pages()
    assert opened.topics.hasFocus()
    opened.screen.walk_pages()
    assert opened.view.hasFocus()


def test_pictures_can_be_taken_in_both_schemes(show_sample: Callable[..., Opened], qapp: QApplication) -> None:
    opened = show_sample(Sample(pupils=35, long_names=True))
    light = opened.screen.grab().toImage()
    theme.apply(qapp, "dark")
    dark = opened.screen.grab().toImage()
    theme.apply(qapp, "light")
    assert light.pixelColor(300, 300).lightness() > 200
    assert dark.pixelColor(300, 300).lightness() < 80


def test_a_topic_without_a_russian_word_is_told_on_the_line_below_and_taken(open_screen: Open) -> None:
    opened = open_screen()
    said: list[str] = []
    opened.screen.hint_changed.connect(said.append)
    opened.screen.write_field("topic")
    type_text(opened.topics.editor, "Present Perfect")
    press(opened.topics.editor, Key.Key_Tab)
    assert opened.lesson.topic == "Present Perfect"
    assert "на русском языке" in said[-1]
    type_text(opened.topics.editor, "Ex. 4")
    press(opened.topics.editor, Key.Key_Tab)
    assert "на русском языке" in said[-1], "also where the keyboard has gone on to another lesson"
    type_text(opened.topics.editor, "Глагол be")
    press(opened.topics.editor, Key.Key_Tab)
    assert "на русском языке" not in said[-1]
