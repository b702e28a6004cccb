"""What can be done on Контроль: for menus, keys and the F1 page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.control import ControlScreen


def control_actions(screen: ControlScreen) -> list[Action]:
    """Return what the keyboard does here now, in the order of the F1 page."""
    here = tr("Контроль")
    found = [
        Action("control.register", tr("Журнал «Замена сведений»"), ("Ctrl+G",), screen.show_register, here),
        Action("control.find", tr("Найти среди ждущих; дальше Tab: класс, вид, учитель"), ("Ctrl+F",),
               screen.look_for, here),
    ]  # fmt: skip
    found += _about_readiness(screen)
    found += _about_destruction(screen)
    found += _about_requests(screen) if screen.requests.count() else []
    found += _about_disputes(screen) if screen.disputes.count() else []
    found += _about_alerts(screen)
    return found


def _about_readiness(screen: ControlScreen) -> list[Action]:
    page, ready = screen.readiness, tr("Готовность журналов")
    if page is None:
        return []
    found = [Action("control.readiness", tr("Готовность журналов: кто закончил период, что не заполнено"), ("Ctrl+R",),
                    screen.show_readiness, ready)]  # fmt: skip
    for name, text, keys, deed in (
        ("unready", tr("Показать только неготовые"), "Alt+1", page.toggle_unready),
        ("page", tr("Открыть журнал страницы"), "Ctrl+Return", page.open_page),
        ("close_period", tr("Закрыть период класса, или открыть снова"), "Ctrl+K", page.ask_closing),
    ):
        found.append(Action(f"control.{name}", text, (keys,), partial(_on_readiness, screen, deed), ready))
    return found


def _on_readiness(screen: ControlScreen, deed: Callable[[], None]) -> None:
    """Do it where it is seen, else go there: shortcuts are installed once, when the screen is entered."""
    if screen.readiness is not None and screen.readiness.isVisible():
        deed()
    else:
        screen.show_readiness()


def _about_destruction(screen: ControlScreen) -> list[Action]:
    page, acts = screen.destruction, tr("Уничтожение по акту")
    if page is None:
        return []
    found = [Action("control.destruction", tr("Уничтожение сведений по акту"), ("Ctrl+U",), screen.show_destruction,
                    acts)]  # fmt: skip
    if page.may_order:
        found.append(Action("control.order", tr("Внести акт"), ("Ctrl+N",), screen.order_destruction, acts))
    found.append(Action("control.act_paper", tr("Сохранить акт с выпиской из журнала: PDF"), ("Ctrl+S",),
                        partial(_on_destruction, screen, page.save_act), acts))  # fmt: skip
    if page.isVisible():
        found.append(Action("control.confirm", tr("Подтвердить акт другого человека"), (), page.confirm, acts, "+"))
        found.append(Action("control.withdraw", tr("Отозвать свой акт"), (), page.withdraw, acts, "Delete"))
    return found


def _on_destruction(screen: ControlScreen, deed: Callable[[], None]) -> None:
    """Do it where it is seen, else go there."""
    if screen.destruction is not None and screen.destruction.isVisible():
        deed()
    else:
        screen.show_destruction()


def _about_requests(screen: ControlScreen) -> list[Action]:
    asked = tr("Заявки")
    return [
        Action("control.approve", tr("Разрешить"), (), screen.approve, asked, "+"),
        Action("control.refuse", tr("Отказать с причиной"), (), screen.ask_reason, asked, "−"),
        Action("control.mark", tr("Отметить для общего решения"), (), screen.mark, asked, "Пробел"),
        Action("control.mark_all", tr("Отметить все"), ("Ctrl+Shift+A",), screen.mark_all, asked),
        Action("control.open", tr("Открыть урок"), (), screen.open_place, asked, "Enter"),
    ]


def _about_disputes(screen: ControlScreen) -> list[Action]:
    dispute = tr("Споры")
    return [
        Action("control.keep", tr("Оставить значение, которое стоит"), (), lambda: screen.resolve("standing"), dispute,
               "1"),
        Action("control.take", tr("Взять второе значение"), (), lambda: screen.resolve("wanted"), dispute, "2"),
    ]  # fmt: skip


def alert_keys() -> str:
    """Return what the line below says while the focus is in «Необычное»."""
    return tr("Enter — к последней отметке, Ctrl+H — её история   Delete убрать, когда всё выяснено")


def _about_alerts(screen: ControlScreen) -> list[Action]:
    alerts, told = screen.alerts, tr("Необычное")
    if alerts is None or not alerts.count():
        return []
    return [
        Action("control.alert", tr("К последней отметке"), (), alerts.open_row, told, "Enter"),
        Action(
            "control.alert_seen",
            tr("Убрать, когда всё выяснено"),
            (),
            lambda: alerts.put_away_row(),
            told,
            "Delete",
        ),
    ]
