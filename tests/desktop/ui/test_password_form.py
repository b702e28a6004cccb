"""Changing a password: three fields by the keyboard, honest words about strength, and nothing typed stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from ejournal_core.errors import Trouble
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_desktop.ui.actions import key_page
from ejournal_desktop.ui.errors import explain
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.widgets.password_form import PasswordForm
from ejournal_desktop.ui.widgets.strength import strength
from ejournal_desktop.vault import WrongPassword
from tests.helpers import sample_days as days
from tests.helpers.typing import press, type_text

ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape
OLD, NEW = "прежний пароль", "три синих кита"


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[StateScreen]:
    """Give Состояние with the form open."""
    made = StateScreen(days.SilentJournal(), lambda: days.NOW, read=lambda _: days.delivered_state())  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.enter()
    made.password_button.click()
    yield made
    made.close_screen()


@pytest.fixture
def form(screen: StateScreen) -> PasswordForm:
    """Give the form."""
    return screen.form


def fill(form: PasswordForm, old: str = OLD, new: str = NEW, again: str = NEW) -> None:
    """Type into the three fields and press Enter in the last."""
    for field, text in ((form.old, old), (form.new, new), (form.again, again)):
        field.clear()
        type_text(field, text)
    press(form.again, ENTER)


def typed(form: PasswordForm) -> list[str]:
    """Return what stands in the fields."""
    return [field.text() for field in form.findChildren(QLineEdit)]


def test_the_keyboard_alone_goes_through_the_fields_and_changes_the_password(
    screen: StateScreen, form: PasswordForm
) -> None:
    wanted: list[tuple[str, str]] = []
    screen.password_wanted.connect(lambda old, new: wanted.append((old, new)))
    for field, text in ((form.old, OLD), (form.new, NEW), (form.again, NEW)):
        assert screen.focusWidget() is field
        type_text(field, text)
        press(field, ENTER)
    assert wanted == [(OLD, NEW)]
    press(form.again, ENTER)  # what is on its way is not asked for twice
    assert len(wanted) == 1
    screen.password_changed()
    assert typed(form) == ["", "", ""]
    said = " ".join(label.text() for label in screen.findChildren(QLabel) if label.isVisible())
    assert "Пароль изменён здесь и на сервере школы. Записи не затронуты." in said


@pytest.mark.parametrize(
    ("old", "new", "again", "said", "place"),
    [
        ("", NEW, NEW, "Впишите прежний пароль", "old"),
        (OLD, "1234567", "1234567", "хотя бы 8 знаков", "new"),
        (OLD, "gfhjkm-2026", "gfhjkm-2026", "Не подойдёт: его пробуют среди первых. Возьмите три слова подряд.", "new"),
        (OLD, OLD, OLD, "такой же, как прежний", "new"),
        (OLD, NEW, "три синих кота", "не совпали", "again"),
    ],
)
def test_what_cannot_be_a_new_password_is_said_at_its_field_and_changes_nothing(
    screen: StateScreen, form: PasswordForm, old: str, new: str, again: str, said: str, place: str
) -> None:
    wanted: list[str] = []
    form.wanted.connect(lambda *_: wanted.append("changed"))
    fill(form, old, new, again)
    form.change_button.click()
    assert wanted == []
    assert said in form.message
    assert screen.focusWidget() is getattr(form, place)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (WrongPassword(), "Прежний пароль не подошёл. Проверьте раскладку (сейчас русские буквы)"),
        (ServerAway("nobody"), "Здесь пароль прежний, записи целы. Повторите так же, когда сервер будет на связи."),
        (ServerRefused("EJ-374", 403, ""), "На сервере у вас уже другой пароль"),
    ],
)
def test_a_refusal_says_why_what_is_safe_and_what_to_do_and_keeps_what_was_typed(
    form: PasswordForm, error: Trouble, said: str
) -> None:
    fill(form)
    form.refuse(explain(error))
    assert said in form.message
    assert typed(form) == [OLD, NEW, NEW]
    assert form.change_button.isEnabled()
    assert "уйдут сами" not in form.message  # nothing about a password goes by itself


def test_esc_steps_back_and_leaves_nothing_typed(qtbot: QtBot, screen: StateScreen, form: PasswordForm) -> None:
    type_text(form.old, OLD)
    press(form.old, ESC)
    assert not form.isVisible()
    assert typed(form) == ["", "", ""]
    assert screen.focusWidget() is screen.password_button
    with qtbot.waitSignal(screen.left, timeout=1000):  # the next one leaves the screen
        next(action for action in screen.actions() if action.id == "state.back").run()


def test_leaving_and_coming_again_begins_with_empty_fields(screen: StateScreen, form: PasswordForm) -> None:
    type_text(form.old, OLD)
    screen.enter()
    assert not form.isVisible()
    screen.change_password()
    assert typed(form) == ["", "", ""]


def test_caps_lock_layout_and_strength_are_told_while_typing(form: PasswordForm) -> None:
    press(form.new, Qt.Key.Key_A, text="A")
    assert form.message == "Ещё 7\u00a0знаков, и хватит. Включён Caps\u00a0Lock. Печатаются английские буквы"
    form.new.clear()
    type_text(form.new, "Иванова и 9 котов")
    assert form.message.startswith("Подойдёт, но угадать легко: в нём ваше имя.")
    type_text(form.again, "x")
    assert form.message == "Печатаются английские буквы"


def test_every_field_has_a_name_and_the_page_of_keys_tells_the_way(screen: StateScreen, form: PasswordForm) -> None:
    assert [field.accessibleName() for field in (form.old, form.new, form.again)] == [
        "Прежний пароль", "Новый пароль", "Новый ещё раз"
    ]  # fmt: skip
    assert ("Ctrl+Shift+P", "Сменить пароль") in key_page(screen.actions())["Состояние"]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", ""),
        ("п", "Ещё 7\u00a0знаков, и хватит."),
        ("пароль7", "Ещё 1\u00a0знак, и хватит."),
        ("1111222", "Ещё 1"),
        ("11112223", "повторяются"),
        ("19802512", "одни цифры"),
        ("иванова-9", "Не подойдёт: это ваше имя. Возьмите три слова подряд."),
        ("иванова и 9 котов", "Подойдёт, но угадать легко: в нём ваше имя."),
        ("йцукенгш", "среди первых"),
        ("пароль12", "среди первых"),
        ("Ёж-и-уж7", "Подойдёт. Ещё надёжнее"),
        ("три синих кита", "Надёжный."),
    ],
)
def test_what_is_short_or_tried_first_is_refused_and_the_rest_is_advice(password: str, said: str) -> None:
    assert said in strength(password, "Иванова Мария Петровна")
