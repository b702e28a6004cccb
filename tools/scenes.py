"""Every screen in its main states, in one list: what `make shots` draws.

A scene is a function that puts the window into a state. To add one: write it and name it in `SCENES`. Screens of the
journal page are drawn from `tests/helpers/sample_pages.py`, the rest from `tests/helpers/sample_days.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from ejournal_core.errors import Trouble
from ejournal_desktop.models.pages import LessonSheet, SyncState, Today
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.state import StateScreen
from ejournal_desktop.ui.screens.today import TodayScreen
from tests.helpers import sample_days as days

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
) -> dict[str, Any]:
    """Open a session on sample data and go to a place; return the screens by id."""
    journal: Any = days.SilentJournal()
    day, lesson, delivery = today or days.day(), sheet or days.sheet(), state or days.delivered_state()
    screens: dict[str, Any] = {
        "today": TodayScreen(journal, lambda: now, read=lambda *_: day),
        "lesson": LessonScreen(journal, lambda: now, read=lambda *_: lesson, read_day=lambda *_: day),
        "state": StateScreen(journal, lambda: now, read=lambda *_: delivery),
    }
    titles = {"today": "Сегодня", "lesson": "Урок", "state": ""}
    window.open_session(days.IVANOVA, [Place(name, titles[name], screen) for name, screen in screens.items()], 0)
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
    window.sign_in.show_pairing_code("481 902")


# --- Сегодня ------------------------------------------------------------------------------------------------------


def today(window: MainWindow) -> None:
    """A full day in the afternoon, with disputes."""
    session(window, "today")


def today_offline(window: MainWindow) -> None:
    """The same without the server; the focus is on a dispute."""
    session(window, "today", state=days.offline_state())["today"].disputes.setFocus()


def today_empty(window: MainWindow) -> None:
    """No lessons."""
    session(window, "today", today=days.empty_day())


def today_vacation(window: MainWindow) -> None:
    """Vacation."""
    session(window, "today", today=days.empty_day("Осенние каникулы до 3 ноября. Уроки — с 4 ноября."))


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


def lesson_none(window: MainWindow) -> None:
    """No lesson today."""
    session(window, "today", today=days.empty_day())
    window.go("lesson")


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


def lock(window: MainWindow) -> None:
    """The lock over a lesson."""
    session(window, "lesson")
    window.lock()


def banner(window: MainWindow) -> None:
    """The disk is full; a long job is under way."""
    session(window, "today", state=days.troubled_state())
    retry = Action("retry", "Проверить снова", (), lambda: None, "")
    window.banner.say("EJ-301", window.tr(_disk_words()), retry)


def keys(window: MainWindow) -> None:
    """The F1 page over a lesson."""
    session(window, "lesson")
    window.toggle_keys()


def _disk_words() -> str:
    from ejournal_desktop.ui import errors

    return errors.explain(Trouble()).text


def _cell(window: MainWindow, row: int, column: int) -> Any:
    screen = cast("LessonScreen", window.screen_shown)
    return screen.table.roll.index(row, column)


SCENES: tuple[Named, ...] = (
    Named("sign-in", "Вход", sign_in),
    Named("sign-in-refused", "Вход: пароль не подошёл, без сервера", sign_in_refused),
    Named("sign-in-nobody", "Вход: ещё никого", sign_in_nobody),
    Named("sign-in-first", "Вход: первый раз, без сервера", sign_in_first),
    Named("pairing", "Подключение компьютера", pairing),
    Named("today", "Сегодня", today),
    Named("today-offline", "Сегодня: без сервера, спор", today_offline),
    Named("today-empty", "Сегодня: нет уроков", today_empty),
    Named("today-vacation", "Сегодня: каникулы", today_vacation),
    Named("lesson", "Урок", lesson),
    Named("lesson-fresh", "Урок: ещё ничего не внесено", lesson_fresh),
    Named("lesson-full", "Урок: 35 учеников", lesson_full),
    Named("lesson-closed", "Урок: только чтение", lesson_closed),
    Named("lesson-refused", "Урок: отказ", lesson_refused),
    Named("lesson-none", "Урок: сегодня нет", lesson_none),
    Named("state", "Состояние", state),
    Named("state-offline", "Состояние: без сервера", state_offline),
    Named("state-troubled", "Состояние: всё сразу", state_troubled),
    Named("lock", "Замок", lock),
    Named("banner", "Полоса неполадки", banner),
    Named("keys", "Клавиши", keys),
)
