"""Marks from a spreadsheet by real keys: the cells show what would be set, Enter takes the good ones, Esc none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import JournalSpread
from ejournal_desktop.ui.grids import long_write
from tests.helpers.school import small_school
from tests.helpers.spread import Spread, open_spread
from tests.helpers.typing import CTRL, SHIFT

Key = Qt.Key


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path) as page:
        yield page


def test_a_column_is_shown_first_and_enter_takes_it_in_one_step(page: Spread) -> None:
    page.paste("5\n4\n3\n")
    assert page.held() == {}
    assert page.counts == "Запишем 3\u00a0клетки"
    page.press(Key.Key_Return)
    assert page.held() == {0: "5", 1: "4", 2: "3"}
    assert page.counts == ""
    assert "Записано: 3\u00a0клетки" in page.said[-1]
    page.shortcut(Key.Key_Z)
    assert page.held() == {}
    page.shortcut(Key.Key_Y)
    assert page.held() == {0: "5", 1: "4", 2: "3"}


def test_of_a_large_block_it_is_said_while_it_is_entered_and_one_key_takes_it_back(page: Spread) -> None:
    page.press(Key.Key_Left)
    page.paste("4\t5\n" * 25)
    assert page.counts == "Проверяю: 0 из 50\u00a0клеток. Esc — не надо."
    page.when_looked_at()
    assert page.counts == "Запишем 50\u00a0клеток"
    page.press(Key.Key_Return)
    assert page.counts == "Записываю: 0 из 50\u00a0записей. Esc — не записывать ничего."
    page.when_entered()
    assert page.counts == ""
    assert page.held() == dict.fromkeys(range(25), "5")
    page.shortcut(Key.Key_Z)
    page.when_entered()
    assert page.held() == {}
    assert page.said[-1] == "Отменено. Ctrl+Y — вернуть."
    page.shortcut(Key.Key_Y)
    page.when_entered()
    assert page.held() == dict.fromkeys(range(25), "5")


def test_esc_in_a_large_block_leaves_all_as_it_was_and_says_so(page: Spread, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()  # before it opens nothing comes to its end
    monkeypatch.setattr(long_write, "time", SimpleNamespace(sleep=lambda _seconds: gate.wait(60)))
    page.paste("5\t4\n" * 25)
    page.press(Key.Key_Escape)  # while it is being looked at
    assert page.counts == ""
    gate.set()
    page.press(Key.Key_Left)
    page.paste("4\t5\n" * 25)
    page.when_looked_at()
    gate.clear()
    page.press(Key.Key_Return, Key.Key_Return)
    page.shortcut(Key.Key_Z)
    assert page.said[-1] == "Ещё записываю предыдущее: подождите немного."
    page.press(Key.Key_Escape)
    gate.set()
    page.when_entered()
    assert page.counts == ""
    assert page.said[-1] == "Остановлено: не записано ничего, всё осталось как было."
    assert page.held() == {}
    page.press(Key.Key_Right)
    page.type("3")
    assert page.held() == {0: "3"}


def test_what_others_enter_while_the_page_is_read_after_a_large_block_is_shown(
    page: Spread, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, grid, others = queries.journal_spread, page.view.grid, ["3"]

    def read_before_another(journal: Journal, page_id: str) -> JournalSpread:
        before = read(journal, page_id)
        if others:
            marks.put_mark(journal, page.school.today_lesson, None, grid.pupils[24].pupil_id, others.pop())
        return before

    page.press(Key.Key_Left)
    page.paste("4\t5\n" * 22)
    page.when_looked_at()
    monkeypatch.setattr(queries, "journal_spread", read_before_another)
    page.press(Key.Key_Return)
    page.when_entered()
    assert others == []
    cell = grid.cell(page.view.current[0] + 1, 24)
    assert cell is not None
    assert cell.value == "3"


def test_esc_enters_nothing_and_gives_the_keys_back(page: Spread) -> None:
    page.paste("5\n4\n")
    page.press(Key.Key_Escape)
    assert page.held() == {}
    assert page.counts == ""
    page.type("3")
    assert page.held() == {0: "3"}


# --- what programs put on the clipboard ------------------------------------------------------------------------------


def test_a_clipboard_with_html_only_is_read_and_merged_cells_change_nothing(page: Spread) -> None:
    page.paste(markup="<table><tr><td rowspan=2>5</td><td></td></tr><tr><td></td></tr><tr><td>4</td></tr></table>")
    assert page.verdicts() == {0: "set", 2: "set"}
    page.press(Key.Key_Return)
    assert page.held() == {0: "5", 2: "4"}


@pytest.mark.parametrize(
    ("text", "held"),
    [("5,0", "5"), ("\u00a04\u00a0", "4"), ("H", "н"), ("y", "н"), ("б", "б"), ("Оп", "оп"), ("о", "оп"),
     ("оп 5", "оп 5"), ("зачёт", "зач"), (".", ".")],
)  # fmt: skip
def test_a_cell_is_read_as_it_would_be_typed(page: Spread, text: str, held: str) -> None:
    page.paste(text)
    page.press(Key.Key_Return)
    assert page.held() == {0: held}


def test_an_empty_clipboard_and_a_picture_say_that_there_is_no_table(page: Spread) -> None:
    page.paste("   \n\t\n")
    assert page.counts == ""
    assert "нет таблицы" in page.note


@pytest.mark.parametrize(
    ("garbage", "said"),
    [("=СРЗНАЧ(A1:A9)", "формула"), ("x\x00\x07\u202e" * 9, "не отметка"), ('"5\n4\n3', "не отметка"),
     ("слово " * 2_000_000, "не отметка"), ("05.апр", "не отметка"), ("4.5", "число"),
     ("87", "число"), ("3,75", "число"), ("=1+1", "формула"), ("5.4", "число"), ('"5 ""из"" пяти"', "не отметка"),
     ("\u202e5\u200b4\u2069 עברית", "не отметка"), ("5" + "\u0301" * 9_000, "не отметка"),
     ('"' * 99_999, "не отметка")],
    ids=["formula", "control characters", "a quote never closed", "12 MB", "a date made of 5/4", "an average", "points",
         "an average with a comma", "a sum", "a day as a number", "quotes inside quotes", "right to left",
         "thousands of accents", "nothing but quotes"],
)  # fmt: skip
def test_garbage_shows_that_it_would_be_refused_and_enter_takes_nothing(page: Spread, garbage: str, said: str) -> None:
    page.type("5")
    page.paste(garbage)
    assert set(page.verdicts().values()) == {"refused"}
    assert said in page.detail
    assert "Останется: 5" in page.detail
    assert len(page.detail) < 200
    page.press(Key.Key_Return)
    assert page.held() == {0: "5"}


@pytest.mark.parametrize("rows", [1000, 100_000])
def test_a_whole_book_is_cut_and_what_lies_beyond_the_page_is_counted(page: Spread, rows: int) -> None:
    page.paste("\n".join(["5"] * rows))
    assert "взято начало" in page.counts
    assert f"за краем страницы {200 - 25}" in page.counts
    page.press(Key.Key_Return)
    assert len(page.held()) == 25


# --- names -----------------------------------------------------------------------------------------------------------


def test_names_and_marks_in_any_order_find_their_pupils(page: Spread) -> None:
    rows = ["№\tФамилия\tКР", "1\tЕлкин Петр\t5", "2\tАбрамова А.\t4", "3\tCомов\t3", "4\tБелкина Анна\t2"]
    page.press(Key.Key_Down)
    page.paste("\n".join(rows))
    assert page.verdicts() == {3: "set", 0: "set", 12: "set"}
    assert page.counts == "Запишем 3\u00a0клетки · нет на странице: Белкина Анна"
    page.press(Key.Key_Return)
    assert page.held() == {3: "5", 0: "4", 12: "3"}


def test_a_list_of_another_class_gives_its_marks_to_nobody(page: Spread) -> None:
    page.paste("№\tФИО\tКР\n1\tЖуков Роман\t5\n2\tЗимина-Белая Д. О.\t4,5\n3\tСеров П.\t3")
    assert page.view.entering.pasting.plan == {}
    assert page.counts.startswith("Записывать нечего · нет на странице: Жуков Роман")
    page.press(Key.Key_Return)
    assert page.counts == ""
    assert page.held() == {}


def test_marks_may_stand_before_the_names(page: Spread) -> None:
    page.paste("5\tКотов Илья\n4\tЗимина Ольга")
    page.press(Key.Key_Return)
    assert page.held() == {6: "5", 5: "4"}


@pytest.fixture
def namesakes(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    """Give a page of 27 pupils: the last two are called as the first two."""
    with open_spread(qtbot, tmp_path, small_school(pupils=27)) as page:
        yield page


def test_of_namesakes_it_is_asked_who_is_meant_and_a_digit_answers(namesakes: Spread) -> None:
    namesakes.paste("Абрамова Анна\t5\nВоробьёв Никита\t4\nКотов\t3")
    assert namesakes.verdicts() == {6: "set"}
    assert namesakes.detail.startswith("Кто это: «Абрамова Анна»? 1 — Абрамова Анна, № 1, 2 — Абрамова Анна, № 26")
    namesakes.type("2")
    assert namesakes.verdicts() == {25: "set", 6: "set"}
    assert "Воробьёв" in namesakes.detail
    namesakes.type("0")
    assert namesakes.verdicts() == {25: "set", 6: "set"}
    namesakes.press(Key.Key_Return)
    assert namesakes.held() == {25: "5", 6: "3"}


def test_whoever_was_named_already_is_offered_no_more(namesakes: Spread) -> None:
    namesakes.paste("Абрамова Анна\t5\nАбрамова Анна\t4")
    namesakes.type("1")
    assert "№ 26" in namesakes.detail
    assert "№ 1," not in namesakes.detail
    namesakes.type("1")
    namesakes.press(Key.Key_Return)
    assert namesakes.held() == {0: "5", 25: "4"}


# --- the rules -------------------------------------------------------------------------------------------------------


def test_good_cells_are_taken_and_refused_ones_keep_what_stands(page: Spread) -> None:
    page.paste("5\n7\n4\n")
    assert page.verdicts() == {0: "set", 1: "refused", 2: "set"}
    assert page.counts == "Запишем 2\u00a0клетки · не примем 1"
    assert "«7» — не отметка" not in page.detail, "the cell with the focus is told of first"
    page.press(Key.Key_Down)
    assert "«7» — не отметка" in page.detail
    page.press(Key.Key_Return)
    assert page.held() == {0: "5", 2: "4"}


def test_what_stands_already_is_told_and_not_entered_again(page: Spread) -> None:
    page.type("5")
    page.paste("5\n4")
    assert page.verdicts() == {0: "same", 1: "set"}
    assert page.counts == "Запишем 1\u00a0клетку · без изменений 1"


def test_marks_for_tomorrow_are_refused_in_the_preview(page: Spread) -> None:
    page.press(Key.Key_Right)
    page.paste("5\n4")
    assert page.verdicts() == {0: "refused", 1: "refused"}
    assert "ещё впереди" in page.detail
    assert "правило «" in page.detail


def test_a_rule_that_forbids_it_only_now_leaves_all_as_it_was_and_says_so(page: Spread) -> None:
    page.paste("5\n4")
    page.clock.now += timedelta(days=60)
    page.press(Key.Key_Return)
    assert page.held() == {}
    assert page.verdicts() == {0: "refused", 1: "refused"}


def test_what_comes_meanwhile_changes_the_preview_under_the_eyes(page: Spread, qtbot: QtBot) -> None:
    page.paste("5\n4")
    marks.put_mark(page.journal, page.school.today_lesson, None, page.school.pupils[1], "4")
    qtbot.waitUntil(lambda: page.verdicts() == {0: "set", 1: "same"})
    page.press(Key.Key_Return)
    assert page.held() == {0: "5", 1: "4"}


def test_other_keys_enter_nothing_while_a_paste_is_looked_at(page: Spread) -> None:
    page.paste("5")
    page.type("3н")
    page.press(Key.Key_Delete)
    page.press(Key.Key_Escape)
    assert page.held() == {}


def test_another_page_leaves_the_preview(page: Spread) -> None:
    page.paste("5")
    page.screen.open_page(page.school.english)
    page.screen.open_page(page.school.page)
    assert page.counts == ""
    assert page.held() == {}


# --- a block ---------------------------------------------------------------------------------------------------------


def test_a_block_is_copied_as_text_and_as_a_table_and_comes_back_the_same(page: Spread) -> None:
    page.paste("5\nоп 4\nн\n")
    page.press(Key.Key_Return)
    page.press(Key.Key_Down, Key.Key_Down, modifiers=SHIFT)
    page.shortcut(Key.Key_C)
    data = QApplication.clipboard().mimeData()
    assert data.text() == "5\nоп 4\nн\n"
    assert data.html().count("<td") == 3
    page.press(Key.Key_Right)
    page.press(Key.Key_Left)
    page.press(Key.Key_Down)
    page.shortcut(Key.Key_V)
    assert page.verdicts() == {3: "set", 4: "set", 5: "set"}
    page.press(Key.Key_Return)
    assert page.held() == {0: "5", 1: "оп 4", 2: "н", 3: "5", 4: "оп 4", 5: "н"}


def test_delete_clears_a_block_in_one_step(page: Spread) -> None:
    page.paste("5\nн\n3")
    page.press(Key.Key_Return)
    page.press(Key.Key_Down, Key.Key_Down, modifiers=SHIFT)
    page.press(Key.Key_Delete)
    assert page.held() == {}
    page.shortcut(Key.Key_Z)
    assert page.held() == {0: "5", 1: "н", 2: "3"}


def test_where_something_may_not_be_cleared_delete_shows_it_first(page: Spread) -> None:
    old = page.school.lesson(date(2026, 9, 1), 3)
    page.clock.now -= timedelta(days=14)
    marks.put_mark(page.journal, old, None, page.school.pupils[0], "4")
    page.clock.now += timedelta(days=14)
    page.paste("5")
    page.press(Key.Key_Return)
    page.shortcut(Key.Key_A)
    page.press(Key.Key_Delete)
    assert page.counts == "Запишем 1\u00a0клетку · не примем 1"
    assert page.held(old) == {0: "4"}
    page.press(Key.Key_Return)
    assert page.held() == {}
    assert page.held(old) == {0: "4"}


def test_moving_without_shift_chooses_nothing_more(page: Spread) -> None:
    page.press(Key.Key_Down, modifiers=SHIFT)
    assert len(page.view.entering.chosen()) == 2
    page.press(Key.Key_Up)
    assert len(page.view.entering.chosen()) == 1
    page.press(Key.Key_Down, modifiers=SHIFT)
    page.press(Key.Key_Escape)
    assert len(page.view.entering.chosen()) == 1


def test_a_key_in_a_block_enters_one_cell_and_leaves_the_block(page: Spread) -> None:
    page.press(Key.Key_Down, modifiers=SHIFT)
    page.type("5")
    assert page.held() == {1: "5"}
    page.press(Key.Key_Delete)
    assert page.held() == {}
    assert page.counts == ""


def test_a_block_is_chosen_by_dragging_the_mouse(page: Spread) -> None:
    column, row = page.view.current
    frame, viewport = page.view.frame(), page.view.viewport()
    first, last = (frame.cell_rect(column, row + down).center() for down in (0, 2))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=first)
    event = QMouseEvent(
        QEvent.Type.MouseMove, last, viewport.mapToGlobal(last), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=last)
    assert len(page.view.entering.chosen()) == 3
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=last)
    assert len(page.view.entering.chosen()) == 1


def test_on_the_right_page_the_words_of_the_lesson_are_copied_and_nothing_is_pasted(page: Spread) -> None:
    assert page.screen.topics is not None
    page.view.grid.set_topic(page.school.today_lesson, "Дроби")
    page.screen.topics.setFocus()
    QTest.keyClick(page.screen.topics, Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == "Дроби"
    QTest.keyClick(page.screen.topics, Key.Key_V, CTRL)
    assert page.counts == ""


def test_the_strip_does_by_the_mouse_what_the_keys_do(namesakes: Spread, qtbot: QtBot) -> None:
    strip = namesakes.screen.clipboard.preview
    namesakes.paste("Абрамова Анна\t5\nКотов\t3")
    offered = {button.text(): button for button in strip.findChildren(QPushButton)}
    qtbot.waitUntil(lambda: all(offered[text].isVisible() for text in ("1 — № 1", "2 — № 26", "0 — никто")))
    offered["2 — № 26"].click()
    strip.take.click()
    assert namesakes.held() == {25: "5", 6: "3"}
    namesakes.paste("2")
    strip.leave.click()
    assert namesakes.counts == ""
    assert namesakes.view.hasFocus()
