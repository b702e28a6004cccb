"""Notices and requests for pictures of screens: invented, one of every kind."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from ejournal_desktop.models.pages import SyncState
from ejournal_desktop.models.queries.notices import News, Notice
from ejournal_desktop.models.queries.requests import RequestRow, RequestState
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.sentences import ANSWERS
from ejournal_desktop.ui.widgets.update_line import NewProgram
from tests.helpers import sample_days as days
from tests.helpers.sample_days import at
from tests.helpers.sample_pages import page_ref


def news() -> News:
    """Return one notice of every kind and a request in every state."""
    return News(_notices(), _requests())


def _notices() -> tuple[Notice, ...]:
    return (
        Notice(id="n1", kind="workplace", at=at(8, 5), who="Иванова М. П.", where="Учительская, второй компьютер",
               desk_id="d1", own=True),
        Notice(id="n2", kind="changed", at=at(12, 40), who="Громова А. В.", lesson_id="l1",
               where="7 «Б» · Алгебра · 18.11 · Котов Марк", what="отметка 2 → 3"),
        Notice(id="n3", kind="restored", at=at(9, 10), what="отказал диск сервера", number=4,
               who="Громова А. В. и Соколов И. Н."),
        Notice(id="n4", kind="anew", code="EJ-382", number=3),
        Notice(id="n5", kind="slices", at=at(9, 30), code="EJ-267", number=1),
        Notice(id="n6", kind="clock", at=at(8, 0), number=-3 * 3600),
        Notice(id="n7", kind="appointed", at=at(7, 50), who="Админов О. О.", where="Соколов И. Н.",
               what="deputy_director"),
        Notice(id="n8", kind="unusual", at=at(23, 40, date(2026, 11, 20)), who="Иванова М. П.", own=True, by_night=7,
               where="7 «Б» · Алгебра", what="Учительская, второй компьютер", cell=("p", "c", "u")),
    )  # fmt: skip


def many_changes() -> Notice:
    """Return the line of many marks that a colleague changed on one page."""
    return Notice(id="n9", kind="changed", at=at(13, 20), who="Константинопольская-Преображенская А. В.", number=51,
                  where="7 «Б» · Алгебра · 18.11 · Ястребова-Замоскворецкая Анастасия", what="отметка 3 → 5",
                  cell=("p", "c", "u"))  # fmt: skip


def unusual() -> tuple[Notice, ...]:
    """Return what a deputy should ask about: by night, many on one page, a few on each of several."""
    return (
        Notice(id="u1", kind="unusual", at=at(12, 40), who="Петров С. И.", where="7 «Б» · Алгебра", number=12,
               what="Кабинет 21", that_day=12, cell=("p", "c", "u")),
        Notice(id="u2", kind="unusual", at=at(23, 40, date(2026, 11, 20)),
               who="Константинопольская-Преображенская А. В.",
               where="10 «А» · Английский язык (углублённый уровень) · 2 группа", number=4, that_day=17, by_night=3,
               what="Дом, ноутбук, Учительская, второй этаж, стол у окна", cell=("p", "c", "u")),
        Notice(id="u3", kind="unusual", at=at(5, 10, date(2026, 11, 19)), who="Ким Н. С.", where="5 «В» · Музыка",
               by_night=1, cell=("p", "c", "u")),
    )  # fmt: skip


def _requests() -> tuple[RequestRow, ...]:
    decided = {"decided_by": "Громова А. В.", "decided_at": at(13, 5)}
    return (
        request("r1", "unsent", "Гончаренко Ева", "4", "5", "в тетради стоит 5"),
        request("r2", "waiting", "Котов Марк", "2", "3", "пересдал контрольную"),
        msgspec.structs.replace(request("r3", "approved", "Ёлкин Пётр", "4", "4", "ошиблась строкой"), **decided),
        msgspec.structs.replace(request("r4", "refused", "Абрамова Анна", "3", "4", "исправила ошибки"),
                                decision_why="работа проверена комиссией, оценка верна", **decided),
    )  # fmt: skip


def request(key: str, state: RequestState, pupil: str, stands: str, wanted: str, why: str) -> RequestRow:
    """Return a request about a mark."""
    day = datetime(2026, 11, 20, 15, 30, tzinfo=days.NOW.tzinfo)
    return RequestRow(
        change_id=key, kind="Mark", record_id=f"m-{key}", page=page_ref(), lesson_id="l1",
        where=f"7 «Б» · Алгебра · 11.09 · {pupil}", standing_value=stands, standing_author="Иванова М. П.",
        standing_at=at(10, 40, date(2026, 9, 11)), wanted_value=wanted, what=f"отметка {stands} → {wanted}",
        requester="Иванова М. П.", requester_id="ivanova", entered_at=day, received_at=None, is_late=False, asked=True,
        reason="EJ-228", why=why, state=state,
    )  # fmt: skip


def alarm_state() -> SyncState:
    """Return a state in which the server broke its promise while entries waited."""
    text = (
        "История на сервере не сходится с той, что видел этот компьютер. Всё введённое сохранено на этом компьютере. "
        "Прежние отпечатки хранятся как доказательство. Сразу сообщите администратору и директору."
    )
    return msgspec.structs.replace(days.offline_state(), problem=text, problem_code="EJ-324", restored=1)


def frozen_state() -> SyncState:
    """Return the state of a desk that the server has frozen."""
    return msgspec.structs.replace(days.offline_state(), problem="", problem_code="", closed="EJ-382")


def closed_state(code: str) -> SyncState:
    """Return the state of a desk that the server does not listen to any more, by its code."""
    if code == "EJ-393":  # said to the computer, not to the desk
        text = errors.words(ANSWERS[code])
        return msgspec.structs.replace(days.offline_state(), problem=text, problem_code=code)
    return msgspec.structs.replace(days.offline_state(), problem="", problem_code="", closed=code)


def partial_state() -> SyncState:
    """Return the state of a new desk whose journal is not all here yet; the line broke."""
    return msgspec.structs.replace(
        days.offline_state(), saved=0, delivered=0, waiting=0, rows=(), loading="загружается журнал: 45 %", percent=45,
        partial=True, last_contact=None,
    )  # fmt: skip


def new_program() -> NewProgram:
    """Return a newer program that lies ready."""
    return NewProgram(
        "1.2.0",
        "Файлы к домашнему заданию открываются прямо из журнала. Итоги четверти считаются с сотыми. "
        "Исправлено: окно на втором мониторе больше не прячется.",
    )


def loading_state() -> SyncState:
    """Return the state of a new desk whose history is on its way."""
    return msgspec.structs.replace(
        days.delivered_state(), loading="история загружается: 37 %", percent=37, compared_at=at(14, 20)
    )
