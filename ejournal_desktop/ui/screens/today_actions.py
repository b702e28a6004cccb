"""What can be done on Сегодня: for menus, keys and the F1 page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.today import TodayScreen


def hints() -> dict[str, str]:
    """Return the keys of each list of the screen, by the list's name: what the line below says while one is in it."""
    return {
        "decisions": tr("Enter или Ctrl+J — к заявкам, спорам и актам, которые ждут вас"),
        "lessons": tr("Enter открыть урок   Ctrl+N веду замену"),
        "due": tr("Enter открыть место, где это вносят"),
        "changed": tr("Enter — к клетке   Delete убрать прочитанное"),
        "notices": tr("Enter открыть   Delete убрать прочитанное"),
        "disputes": tr("1 или 2 — какое значение верно"),
        "requests": tr("Enter открыть   Delete убрать решённую"),
    }


def today_actions(screen: TodayScreen) -> list[Action]:
    """Return what the keyboard does here now, in the order of the F1 page."""
    day = tr("Уроки дня")
    found = [
        Action("today.open", tr("Открыть урок"), (), screen.open_lesson, day, "Enter"),
        Action("today.substitute", tr("Веду замену…"), ("Ctrl+N",), screen.offer_substitution, day),
    ]
    if screen.substitution.isVisible():
        found.append(Action("today.substitute_day", tr("Замена в другой день"), (),
                            lambda: screen.substitute_on(-1), day, "Alt+←  или  Alt+→"))  # fmt: skip
    if screen.due.count():
        found.append(Action("today.due", tr("Открыть место дела"), (), screen.open_due, tr("Дела"), "Enter"))
    if screen.decisions.count():
        found.append(Action("today.decide", tr("К тому, что ждёт вашего решения"), ("Ctrl+J",), screen.go_to_decisions,
                            tr("Ждут вашего решения")))  # fmt: skip
    found += _about_changes(screen) if screen.changed.count() else []
    found += _about_notices(screen) if screen.notices.count() else []
    found += _about_disputes(screen) if screen.disputes.count() else []
    found += _about_requests(screen) if screen.requests.count() else []
    return found


def _about_changes(screen: TodayScreen) -> list[Action]:
    told = tr("Изменено не вами")
    return [
        Action("today.cell", tr("К изменённой клетке"), (),
               lambda: screen.changed.opened.emit(screen.changed.current), told, "Enter"),
        Action("today.seen", tr("Убрать прочитанное"), (), lambda: screen.put_away(screen.changed.current), told,
               "Delete"),
    ]  # fmt: skip


def _about_notices(screen: TodayScreen) -> list[Action]:
    told = tr("Новое")
    return [
        Action("today.yes", tr("Новое рабочее место: да, это я"), (), lambda: screen.answer(is_mine=True), told, "+"),
        Action("today.no", tr("Новое рабочее место: нет, не я"), (), lambda: screen.answer(is_mine=False), told, "−"),
        Action("today.away", tr("Убрать известие"), (), lambda: screen.put_away(screen.notices.current), told,
               "Delete"),
    ]  # fmt: skip


def _about_disputes(screen: TodayScreen) -> list[Action]:
    dispute = tr("Споры")
    return [
        Action("today.keep", tr("Оставить значение, которое стоит"), (), screen.keep_standing, dispute, "1"),
        Action("today.take", tr("Взять второе значение"), (), screen.take_wanted, dispute, "2"),
    ]


def _about_requests(screen: TodayScreen) -> list[Action]:
    asked = tr("Ваши заявки")
    return [
        Action("today.request", tr("Открыть место в журнале"), (),
               lambda: screen.requests.opened.emit(screen.requests.current), asked, "Enter"),
        Action("today.request_away", tr("Убрать решённую заявку"), (),
               lambda: screen.put_away(screen.requests.current), asked, "Delete"),
    ]  # fmt: skip
