"""Вход: a name, a password, and honest words when something is wrong; the server is never needed for a known desk."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.jobs import Progress
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.first_sign_in import FirstSignIn
from ejournal_desktop.ui.screens.sign_in import SignInScreen
from tests.helpers import sample_news
from tests.helpers.sample_days import desks
from tests.helpers.typing import press, type_text
from tests.helpers.windows import shown_window

ENTER, DOWN, ESC = Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Escape


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    """Give the window at Вход with five people."""
    with shown_window(qtbot) as made:
        made.sign_in.set_server(reachable=True)
        made.show_sign_in(desks())
        yield made


@pytest.fixture
def screen(window: MainWindow) -> SignInScreen:
    """Give Вход."""
    return window.sign_in


def focus(window: MainWindow) -> object:
    """Return what has the focus."""
    return window.focusWidget()


def test_a_person_signs_in_by_the_keyboard_alone(qtbot: QtBot, window: MainWindow, screen: SignInScreen) -> None:
    wanted: list[tuple[str, str]] = []
    screen.sign_in_wanted.connect(lambda desk, password: wanted.append((desk, password)))
    names = window.focusWidget()
    assert names is not None
    for _ in range(2):
        press(names, DOWN)
    press(names, ENTER)
    assert focus(window) is screen.people.password
    type_text(screen.people.password, "Ёж-и-уж7")
    press(screen.people.password, ENTER)
    assert wanted == [("3", "Ёж-и-уж7")]


def test_every_person_shows_name_roles_and_what_has_not_gone_out(screen: SignInScreen) -> None:
    model = screen.people.list._list.model()
    told = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert told[2] == "Иванова Мария Петровна, учитель, классный руководитель, не отправлено: 3\u00a0записи"
    assert told[1] == "Ёлкин Сергей Юрьевич, учитель"


def test_a_wrong_password_says_so_and_loses_neither_the_focus_nor_the_name(
    window: MainWindow, screen: SignInScreen
) -> None:
    screen.people.list.choose(2)
    screen.people.password.setFocus()
    type_text(screen.people.password, "ghbdtn")
    press(screen.people.password, ENTER)
    screen.refuse("Пароль не подошёл.")
    assert screen.people.message == "Пароль не подошёл. Проверьте раскладку (сейчас английские буквы) и Caps\u00a0Lock."
    assert focus(window) is screen.people.password
    assert screen.people.password.selectedText() != ""
    assert screen.people.list.current is not None
    assert screen.people.list.current.id == "3"


def test_enter_is_not_heard_twice_while_the_journal_opens(screen: SignInScreen) -> None:
    wanted: list[str] = []
    screen.sign_in_wanted.connect(lambda _desk, password: wanted.append(password))
    screen.people.password.setFocus()
    type_text(screen.people.password, "abc")
    press(screen.people.password, ENTER)
    press(screen.people.password, ENTER)
    assert wanted == ["abc"]


def test_a_click_on_the_button_leaves_the_focus_in_the_field(window: MainWindow, screen: SignInScreen) -> None:
    type_text(screen.people.password, "abc")
    QTest.mouseClick(screen.people._open, Qt.MouseButton.LeftButton)
    assert focus(window) is screen.people.password


def test_an_empty_password_asks_for_one_and_tries_nothing(screen: SignInScreen) -> None:
    wanted: list[str] = []
    screen.sign_in_wanted.connect(lambda _desk, password: wanted.append(password))
    press(screen.people.password, ENTER)
    assert wanted == []
    assert screen.people.message == "Введите пароль: Громова А. В."


def test_caps_lock_and_the_layout_are_told_while_typing(screen: SignInScreen) -> None:
    field = screen.people.password
    field.setFocus()
    press(field, Qt.Key.Key_A, text="A")  # a capital without Shift
    assert field.hint == "Включён Caps\u00a0Lock. Печатаются английские буквы"
    field.clear()
    press(field, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier, "A")
    assert field.hint == "Печатаются английские буквы"
    type_text(field, "я")
    assert "русские и английские буквы вместе" in field.hint


def test_a_password_is_never_shown_and_may_come_from_a_password_keeper(screen: SignInScreen) -> None:
    field = screen.people.password
    QApplication.clipboard().setText("из хранителя паролей")
    press(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "из хранителя паролей"
    assert set(field.displayText()) == {field.displayText()[0]}
    QApplication.clipboard().setText("прежнее")
    field.selectAll()
    press(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "прежнее"


def test_another_person_begins_with_an_empty_password(screen: SignInScreen) -> None:
    screen.people.password.setText("secret")
    screen.people.list.choose(1)
    assert screen.people.password.text() == ""


def test_without_the_server_the_screen_says_that_entry_works(screen: SignInScreen) -> None:
    screen.set_server(reachable=False)
    told = " ".join(label.text() for label in screen.findChildren(QLabel))
    assert "Войти и работать можно" in told
    assert screen.people.password.isEnabled()


def test_one_person_on_the_pc_types_the_password_at_once(window: MainWindow, screen: SignInScreen) -> None:
    window.show_sign_in(desks()[:1])
    assert focus(window) is screen.people.password


def test_what_waits_on_this_pc_can_be_sent_from_here(screen: SignInScreen) -> None:
    asked: list[bool] = []
    screen.deliver_wanted.connect(lambda: asked.append(True))
    button = screen.people._deliver
    assert button.text() == "Отправить с этого компьютера 15\u00a0записей"
    button.click()
    assert asked == [True]


def test_the_first_sign_in_takes_the_code_of_the_slip_and_a_new_password_twice(
    window: MainWindow, screen: SignInScreen
) -> None:
    wanted: list[FirstSignIn] = []
    screen.first_sign_in_wanted.connect(wanted.append)
    screen.show_newcomer()
    page = screen.newcomer
    page.has_code.setChecked(True)
    for field, text in ((page.name, "Иванова"), (page.code, "7KQ2-M4XA"), (page.password, "длинный пароль")):
        assert focus(window) is field
        type_text(field, text)
        press(field, ENTER)
    type_text(page.again, "длинный пирог")
    press(page.again, ENTER)
    assert wanted == []
    assert page.message == "Пароли не совпали: наберите второй ещё раз."
    page.again.clear()
    type_text(page.again, "длинный пароль")
    press(page.again, ENTER)
    assert wanted == [FirstSignIn("Иванова", "длинный пароль", "7KQ2-M4XA")]
    assert "длинный" not in repr(wanted[0])
    assert "7KQ2" not in repr(wanted[0])


def test_a_short_new_password_is_told_before_the_server_is_asked(screen: SignInScreen) -> None:
    wanted: list[FirstSignIn] = []
    screen.first_sign_in_wanted.connect(wanted.append)
    screen.show_newcomer()
    page = screen.newcomer
    page.has_code.setChecked(True)
    for field, text in (
        (page.name, "Иванова"),
        (page.code, "7KQ2"),
        (page.password, "1234567"),
        (page.again, "1234567"),
    ):
        field.setText(text)
    press(page.again, ENTER)
    assert wanted == []
    assert page.message.startswith("Пароль короче 8 знаков")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("gfhjkm2026", "Не подойдёт: его пробуют среди первых. Возьмите три слова подряд."),
        ("Иванова1980", "Не подойдёт: это ваше имя. Возьмите три слова подряд."),
    ],
)
def test_a_new_password_that_is_tried_first_is_told_before_the_server_is_asked(
    window: MainWindow, screen: SignInScreen, password: str, said: str
) -> None:
    wanted: list[FirstSignIn] = []
    screen.first_sign_in_wanted.connect(wanted.append)
    screen.show_newcomer()
    page = screen.newcomer
    page.has_code.setChecked(True)
    for field, text in ((page.name, "Иванова Мария"), (page.code, "7KQ2"), (page.again, password)):
        field.setText(text)
    type_text(page.password, password)
    assert page.message.startswith(said)  # while it is typed
    press(page.again, ENTER)
    assert wanted == []
    assert page.message == said
    assert focus(window) is page.password
    assert page.code.text() == "7KQ2"


def test_a_refused_first_sign_in_keeps_what_was_typed(window: MainWindow, screen: SignInScreen) -> None:
    screen.show_newcomer()
    screen.newcomer.name.setText("Иванова")
    screen.newcomer.password.setText("какой-то пароль")
    press(screen.newcomer.password, ENTER)
    screen.refuse("Такого имени у сервера нет.")
    assert screen.newcomer.name.text() == "Иванова"
    assert screen.newcomer.message == "Такого имени у сервера нет."
    assert focus(window) is screen.newcomer.password


def test_without_the_server_the_newcomer_hears_what_to_do_meanwhile(screen: SignInScreen) -> None:
    screen.set_server(reachable=False)
    screen.show_newcomer()
    told = " ".join(label.text() for label in screen.newcomer.findChildren(QLabel))
    assert "на бумажном бланке" in told


def test_pairing_shows_the_code_of_both_screens_and_esc_steps_back(window: MainWindow, screen: SignInScreen) -> None:
    asked: list[str] = []
    left: list[bool] = []
    screen.pairing_wanted.connect(asked.append)
    screen.pairing_cancelled.connect(lambda: left.append(True))
    screen.set_paired(paired=False)
    window.show_sign_in(())
    assert focus(window) is screen.pairing.address
    type_text(screen.pairing.address, "journal.school.local:8443")
    press(screen.pairing.address, ENTER)
    assert asked == ["journal.school.local:8443"]
    screen.show_pairing_code("481 902")
    assert screen.pairing.code == "481 902"
    press(screen.pairing.address, ESC)
    assert left == [True]


def test_a_failed_pairing_says_why_and_keeps_the_address(window: MainWindow, screen: SignInScreen) -> None:
    screen.show_pairing()
    screen.pairing.address.setText("example")
    press(screen.pairing.address, ENTER)
    screen.refuse("Сервер ответил не так, как отвечает сервер школы.")
    assert screen.pairing.address.text() == "example"
    assert screen.pairing.message.startswith("Сервер ответил не так")
    assert screen.pairing.code == ""
    assert focus(window) is screen.pairing.address


def test_passwords_leave_the_fields_when_the_session_opens(screen: SignInScreen) -> None:
    screen.people.password.setText("secret")
    screen.newcomer.password.setText("secret")
    screen.forget_passwords()
    assert screen.people.password.text() == screen.newcomer.password.text() == ""


def test_whoever_was_here_last_is_chosen_and_the_names_keep_their_order(window: MainWindow) -> None:
    window.show_sign_in(desks(), desks()[1].id)
    names = window.sign_in.people.list
    assert names.current == desks()[1]
    names.choose(0)
    assert names.current == desks()[0]


def test_a_stick_is_asked_for_and_none_chosen_changes_nothing(screen: SignInScreen) -> None:
    asked: list[str] = []
    screen.export_wanted.connect(asked.append)
    screen.import_wanted.connect(asked.append)
    screen.choose_folder = lambda: ""
    screen.people._export.click()
    assert asked == []
    screen.choose_folder = lambda: "/media/stick"
    screen.people._export.click()
    screen.people._import.click()
    assert asked == ["/media/stick", "/media/stick"]


def test_where_nothing_waits_no_stick_is_written(screen: SignInScreen) -> None:
    screen.people.set_undelivered(0)
    assert screen.people._export.isHidden()
    assert screen.people._deliver.isHidden()
    assert not screen.people._import.isHidden()


# --- a password changed elsewhere, a forgotten one ----------------------------------------------------------------


@pytest.fixture
def asked(screen: SignInScreen) -> SignInScreen:
    """Give Вход where the typed password is right at the server and new to this desk."""
    screen.people.list.choose(2)
    type_text(screen.people.password, "новый пароль")
    press(screen.people.password, ENTER)
    screen.people.ask_old_password("Пароль изменили на другом компьютере.")
    return screen


def test_the_old_password_is_asked_for_in_place_and_the_new_one_stays_typed(
    window: MainWindow, asked: SignInScreen
) -> None:
    wanted: list[tuple[str, str, str]] = []
    asked.sign_in_with_old_wanted.connect(lambda *given: wanted.append(given))
    people = asked.people
    assert focus(window) is people.old
    assert people.old.accessibleName() == "Прежний пароль на этом компьютере"
    assert people.password.text() == "новый пароль"
    press(people.old, ENTER)  # an empty one tries nothing
    type_text(people.old, "прежний")
    press(people.old, ENTER)
    press(people.old, ENTER)
    assert wanted == [("3", "новый пароль", "прежний")]
    asked.refuse("Пароль не подошёл.")
    assert people.message.startswith("Прежний пароль не подошёл. Проверьте раскладку (сейчас русские буквы)")
    assert focus(window) is people.old


def test_another_person_is_not_asked_for_an_old_password(asked: SignInScreen) -> None:
    asked.people.list.choose(1)
    assert not asked.people.asks_old
    assert asked.people.password.text() == asked.people.old.text() == ""


def test_who_forgot_the_old_one_opens_the_journal_anew_with_the_password_that_the_server_knows(
    window: MainWindow, asked: SignInScreen
) -> None:
    wanted: list[FirstSignIn] = []
    asked.first_sign_in_wanted.connect(wanted.append)
    asked.people._reopen.click()
    page = asked.newcomer
    assert (page.name.text(), page.password.text()) == ("Иванова Мария Петровна", "новый пароль")
    assert "неотправленное лежит запечатанным и уйдёт само" in page.message
    assert focus(window) is page.password
    press(page.password, ENTER)
    assert [(each.name, each.password, each.activation_code) for each in wanted] == [
        ("Иванова Мария Петровна", "новый пароль", "")
    ]


def test_a_forgotten_password_says_who_helps_that_nothing_is_lost_and_where_the_code_goes(
    window: MainWindow, screen: SignInScreen
) -> None:
    screen.people.list.choose(2)
    screen.people._forgotten.click()
    said = screen.forgotten.text
    assert "Записи не пропадут" in said
    assert (
        "Неотправленное (3\u00a0записи) лежит запечатанным и уйдёт отсюда без пароля: само, когда вы войдёте по коду"
        in said
    )
    assert "Попросите администратора" in said
    assert focus(window) is screen.forgotten.code_button
    press(screen.forgotten.code_button, ENTER)
    page = screen.newcomer
    assert (page.name.text(), page.has_code.isChecked()) == ("Иванова Мария Петровна", True)
    assert focus(window) is page.code
    screen.people.list.choose(1)
    screen.show_forgotten()
    assert "Неотправленное" not in screen.forgotten.text  # nothing of hers waits here
    press(screen.forgotten.code_button, ESC)
    assert focus(window) is not screen.forgotten.code_button
    assert screen.people.isVisible()


def test_without_the_server_a_wrong_password_reminds_of_one_changed_elsewhere(screen: SignInScreen) -> None:
    screen.refuse("Пароль не подошёл.")
    assert "на другом компьютере" not in screen.people.message
    screen.set_server(reachable=False)
    screen.refuse("Пароль не подошёл.")
    assert screen.people.message.endswith("Если его меняли на другом компьютере, здесь пока действует прежний.")


def test_a_computer_that_lost_its_trust_is_offered_to_be_connected_again(screen: SignInScreen) -> None:
    assert screen.people._pair.isHidden()
    screen.people.offer_pairing_again()
    assert screen.people._pair.text() == "Подключить этот компьютер заново"
    screen.people._pair.click()
    assert screen.pairing.isVisible()


# --- the journal on its way -----------------------------------------------------------------------------------------


def test_the_first_load_tells_how_much_has_come_and_that_a_break_is_no_loss(screen: SignInScreen) -> None:
    screen.show_newcomer("Иванова")
    page = screen.newcomer
    assert page.bar.isHidden()
    page.set_busy(busy=True)
    page.show_progress(Progress(0, 0))
    assert page.bar.isHidden()
    page.show_progress(Progress(12_400, 27_600, seconds_left=130))
    assert page.bar.accessibleName() == "Загружается: 44 %, 12\u202f400 из 27\u202f600\u00a0записей. Осталось 2 мин."
    assert "дозагрузится сам" in page.message
    page.refuse("Сервера школы не видно.")
    assert page.bar.isHidden()


def test_a_journal_that_is_not_all_here_says_so_over_every_screen(window: MainWindow) -> None:
    window.set_sync_state(sample_news.partial_state())
    assert not window.loading_bar.isHidden()
    assert window.loading_bar.text == (
        "Загружается журнал: 45 %. Связь прервалась: дальше пойдёт само с того же места. Списки пока не полны."
    )
    assert window.header.pill.text() == "Без связи, журнал здесь не весь"
    window.set_sync_state(msgspec.structs.replace(sample_news.partial_state(), problem="", problem_code=""))
    assert window.loading_bar.text.endswith("Списки пока не полны; внесённое сохраняется.")
    window.set_sync_state(sample_news.loading_state())  # the history behind it disturbs nobody
    assert window.loading_bar.isHidden()
