"""One list of actions makes menus, shortcuts and the page of keys; the small controls answer to key and mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.actions import Action, context_menu, install, key_page, nothing
from ejournal_desktop.ui.widgets.controls import TickBox
from ejournal_desktop.ui.words import count, day_title, moment, plural, span
from tests.helpers.sample_days import NOW, at
from tests.helpers.windows import shown_window


def do(done: list[str], what: str, keys: tuple[str, ...] = (), menu: str = "Везде", shown: str = "") -> Action:
    """Return an action that notes that it was done."""
    return Action(f"x.{what}", what, keys, lambda: done.append(what), menu, shown)


def test_the_page_of_keys_has_every_action_with_a_key_under_its_heading() -> None:
    done: list[str] = []
    page = key_page(
        [do(done, "открыть", ("Ctrl+O", "Return")), do(done, "без клавиши"), do(done, "отметка", (), "Ввод", "5 4 3 2")]
    )
    assert page == {"Везде": [("Ctrl+O  или  Enter", "открыть")], "Ввод": [("5 4 3 2", "отметка")]}


def test_the_menu_offers_what_the_keyboard_does_but_nothing_that_it_cannot(qtbot: QtBot) -> None:
    done: list[str] = []
    owner = QWidget()
    qtbot.addWidget(owner)
    hint = Action("x.hint", "цифры", (), nothing, "Ввод", "5 4 3 2")
    menu = context_menu(owner, [do(done, "раз"), hint, do(done, "два", menu="Другое")])
    assert [action.text() for action in menu.actions()] == ["раз", "", "два"]
    menu.actions()[2].trigger()
    assert done == ["два"]


def test_shortcuts_work_inside_their_widget_and_are_replaced_as_a_whole(qtbot: QtBot) -> None:
    done: list[str] = []
    owner = QWidget()
    field = QLineEdit()
    QVBoxLayout(owner).addWidget(field)
    qtbot.addWidget(owner)
    owner.show()
    owner.activateWindow()
    qtbot.waitUntil(owner.isActiveWindow)
    install(owner, [do(done, "старое", ("Ctrl+K",))])
    install(owner, [do(done, "новое", ("Ctrl+K",))])
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert done == ["новое"]


def test_a_tick_box_is_ticked_by_space_and_by_a_click_on_its_words(qtbot: QtBot) -> None:
    box = TickBox("Урок проведён")
    qtbot.addWidget(box)
    box.show()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 5, box.height() // 2))
    assert not box.isChecked()


def test_the_window_has_an_icon(qtbot: QtBot) -> None:
    with shown_window(qtbot) as window:
        assert not window.windowIcon().pixmap(64, 64).isNull()


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 запись"), (3, "3 записи"), (5, "5 записей"), (11, "11 записей"), (21, "21 запись"), (112, "112 записей"),
     (0, "0 записей"), (12480, "12\u202f480 записей")],
)  # fmt: skip
def test_numbers_agree_with_their_words(number: int, text: str) -> None:
    forms = ("запись", "записи", "записей")
    assert count(number, forms) == text.replace(" ", "\u00a0"), "no end of a line parts them"
    assert plural(number, forms) == text.split()[-1]


def test_days_and_moments_are_said_as_people_say_them() -> None:
    assert day_title(NOW.date()) == "21 ноября, суббота"
    assert moment(at(10, 42), NOW) == "сегодня в 10:42"
    assert moment(NOW.replace(day=20, hour=8, minute=5), NOW) == "вчера в 08:05"
    assert moment(NOW.replace(day=1, hour=8, minute=5), NOW) == "01.11 в 08:05"
    assert moment(NOW.replace(year=2025, hour=8, minute=5), NOW) == "21.11.2025 в 08:05"
    assert [span(s) for s in (10, 60, 2520, 3600, 4200, 90000, 400000)] == [
        "меньше минуты", "1 мин", "42 мин", "1 ч", "1 ч 10 мин", "1\u00a0день", "4\u00a0дня"
    ]  # fmt: skip
