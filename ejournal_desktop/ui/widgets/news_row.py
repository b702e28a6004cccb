"""How notices and own requests look in the lists of Сегодня: what happened, and the keys that answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_core import russian
from ejournal_desktop.models.queries.notices import Notice
from ejournal_desktop.models.queries.requests import RequestRow
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES
from ejournal_desktop.ui.widgets.desk_list import ROLES
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.widgets.request_row import because
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import ENTRY, count, moment, span, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, TEXT = 16, 36
WHERE_W, VALUE_W = 400, 260

#: The roles of `Notice.what`.
ROLE_WORDS: dict[str, str] = {str(role): word for role, word in ROLES.items()}

Clock = Callable[[], datetime]

#: Shape and token of each kind of notice.
SIGNS: dict[str, tuple[Shape, str]] = {
    "workplace": ("hollow", "warning"),
    "restored": ("split", "dispute"),
    "anew": ("split", "warning"),
    "slices": ("full", "secondary"),
    "clock": ("hollow", "warning"),
    "changed": ("full", "accent"),
    "unusual": ("hollow", "warning"),
    "appointed": ("hollow", "accent"),
    "answered": ("check", "positive"),
    "plan": ("full", "accent"),
}

MOST_NAMES = 2
STATES: dict[str, tuple[Shape, str, str]] = {
    "unsent": ("hollow", "secondary", "ждёт отправки"),
    "waiting": ("hollow", "warning", "ждёт решения"),
    "approved": ("check", "positive", "разрешено"),
    "refused": ("bar", "danger", "отказано"),
}


def told(notice: Notice) -> tuple[str, str]:
    """Return what happened, and what that means or what to do, as a colleague would say it."""
    return _TOLD[notice.kind](notice)


def _changed(notice: Notice) -> tuple[str, str]:
    whose = tr("изменено не вами: {who}").format(who=notice.who)
    if notice.number:
        many = tr("Изменено отметок: {n}. Последняя: {where}: {what}")
        return many.format(n=notice.number, where=notice.where, what=notice.what), whose
    return f"{notice.where}: {notice.what}", whose


def _unusual(notice: Notice) -> tuple[str, str]:
    done = ", ".join(_what_is_unusual(notice))
    if notice.own:
        place = tr("Рабочее место: {place}. ").format(place=notice.what) if notice.what else ""
        not_me = tr("Если это не вы, смените пароль (Состояние) и сразу скажите администратору.")
        return tr("Под вашим именем. {where}: {what}").format(where=notice.where, what=done), f"{place}{not_me}"
    place = tr("рабочее место: {place}").format(place=notice.what) if notice.what else tr("рабочее место неизвестно")
    return f"{notice.who} · {notice.where}: {done}", place


def _what_is_unusual(notice: Notice) -> Iterator[str]:
    if notice.number:
        elsewhere = notice.that_day > notice.number
        total = tr(" (за день всего {n})").format(n=notice.that_day) if elsewhere else ""
        yield tr("исправлено отметок: {n}").format(n=notice.number) + total
    if notice.by_night:
        yield tr("внесено ночью: {n}").format(n=notice.by_night)


def _restored(notice: Notice) -> tuple[str, str]:
    happened = tr("Журнал школы восстановлен из резервной копии: {why}").format(why=notice.what)
    who = f"{tr('Решили {who}').format(who=notice.who).removesuffix('.')}. " if notice.who else ""
    lost = tr("Ещё не вернулось чужих записей: {n}; их принесут журналы тех, кто их внёс.").format(n=notice.number)
    mine = tr("Ваши записи целы и отправлены снова.")
    return happened, f"{who}{mine} {lost}" if notice.number else f"{who}{mine}"


def _workplace(notice: Notice) -> tuple[str, str]:
    asked = tr("Новое рабочее место: {where} — это вы?") if notice.own else tr("Новое рабочее место: {where}, {who}")
    doubt = tr("Вошли по новому коду, не по паролю. ") if notice.number else ""
    frozen = tr("место заморозят; внесённое там подождёт решения двух человек.")
    meaning = (tr("Если это не вы, ") if notice.own else tr("Спросите, там ли работает владелец: если нет, ")) + frozen
    return asked.format(where=notice.where or tr("без названия"), who=notice.who), f"{doubt}{meaning}"


def answered(notice: Notice, *, is_mine: bool) -> str:
    """Return what was written when a new workplace was answered for, by whoever it is or by who oversees."""
    if is_mine:
        known = tr("Записано: рабочее место известно, {who}.").format(who=notice.who.removesuffix("."))
        return tr("Записано: рабочее место ваше.") if notice.own else known
    said = tr("Записано: это не вы.") if notice.own else tr("Записано: место чужое.")
    return f"{said} {tr('Рабочее место будет заморожено; скажите администратору.')}"


def _anew(notice: Notice) -> tuple[str, str]:
    sentence = ANSWERS.get(notice.code)
    happened = tr("Ваш журнал на этом компьютере открыт заново. {why}").format(
        why=sentence.happened if sentence else ""
    )  # fmt: skip
    left = tr("{n} прежнего журнала {wait} решения двух человек: напомните администратору.")
    waits = left.format(n=count(notice.number, ENTRY), wait=russian.plural(notice.number, "ждёт", "ждут", "ждут"))
    return happened.strip(), waits if notice.number else tr("Все записи приняты.")


def _slices(notice: Notice) -> tuple[str, str]:
    sentence = SENTENCES.get(notice.code)
    if sentence is None:
        return tr("Записи на этом компьютере сверены и поправлены ({code}).").format(code=notice.code), ""
    return sentence.happened, errors.words(sentence).removeprefix(sentence.happened).strip()


def _clock(notice: Notice) -> tuple[str, str]:
    way = tr("вперёд") if notice.number > 0 else tr("назад")
    happened = tr("Часы этого компьютера прыгнули {way}: {span}").format(way=way, span=span(abs(notice.number)))
    return happened, tr("Записи целы и в том же порядке; время на них может быть неверным. Проверьте часы.")


def _appointed(notice: Notice) -> tuple[str, str]:
    role = tr(ROLE_WORDS.get(notice.what, notice.what))
    by = tr("Кто внёс: {who}.").format(who=notice.who.removesuffix(".") or tr("неизвестно"))
    doubt = tr("Если приказа не было, скажите директору: эта роль даёт решать за других.")
    return tr("Назначение: {who}, {role}").format(who=notice.where, role=role), f"{by} {doubt}"


def _answered(notice: Notice) -> tuple[str, str]:
    happened = tr("Вы сообщали о неверных сведениях: {whom}").format(whom=notice.where)
    return happened, tr("Ответ: {what}. {who}").format(what=notice.what.removesuffix("."), who=notice.who)


def _plan(notice: Notice) -> tuple[str, str]:
    words = {"approved": tr("КТП утверждено: {where}"), "returned": tr("КТП возвращено: {where}")}
    happened = words.get(notice.code, tr("Утверждение КТП снято: {where}")).format(where=notice.where)
    if notice.code != "returned":
        return happened, notice.who
    after = tr("Строки целы: исправьте и сдайте снова.")
    return happened, f"{notice.who}: «{notice.what.strip(' .')}». {after}"


_TOLD: dict[str, Callable[[Notice], tuple[str, str]]] = {
    "changed": _changed, "unusual": _unusual, "restored": _restored, "workplace": _workplace, "anew": _anew,
    "slices": _slices, "clock": _clock, "appointed": _appointed, "plan": _plan, "answered": _answered,
}  # fmt: skip


def keys(notice: Notice) -> str:
    """Return the keys that answer a notice."""
    if notice.kind == "workplace":
        return tr("+ это я   − не я") if notice.own else tr("+ знаю   − чужое")
    away = tr("Delete убрать")
    opens = notice.lesson_id or notice.cell or notice.plan_of or notice.kind == "answered"
    return tr("Enter открыть   ") + away if opens else away


class NoticeFace:
    """A mark, what happened and when, the keys; below what it means."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, notice: Notice) -> int:
        """Return two lines, or one where there is nothing to add."""
        return LINE + (SECOND if told(notice)[1] else 0)

    def words(self, notice: Notice) -> str:
        """Return the notice in words."""
        happened, meaning = told(notice)
        when = moment(notice.at, self._clock()) if notice.at else ""
        return ", ".join(part for part in (happened, when, meaning, keys(notice)) if part)

    def paint(self, painter: QPainter, rect: QRect, notice: Notice, *, current: bool) -> None:
        """Paint the row; the keys only where they would be heard."""
        happened, meaning = told(notice)
        brush = Brush(painter, rect)
        brush.sign(LEFT, *SIGNS[notice.kind], height=LINE)
        when = moment(notice.at, self._clock()) if notice.at is not None else ""
        said, hue = (keys(notice), "accent") if current else (when, "secondary")
        until = brush.at_the_right(rect.width() - LEFT, said, hue, height=LINE)
        brush.words(TEXT, until - TEXT - 16, happened, height=LINE)
        brush.words(TEXT, rect.width() - TEXT - LEFT, meaning, "secondary", size=theme.SMALL + 1, top=LINE - 7,
                    height=SECOND)  # fmt: skip


class OwnRequestFace:
    """Where; what stands → what was asked; how it stands with the decision. Why it waits or how it ended is below."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, _row: RequestRow) -> int:
        """Return two lines."""
        return LINE + SECOND

    def words(self, row: RequestRow) -> str:
        """Return the row in words."""
        return ", ".join(part for part in (row.where, row.what, self._state(row), self._below(row)) if part)

    def _state(self, row: RequestRow) -> str:
        word = tr(STATES[row.state][2])
        when = moment(row.decided_at or row.entered_at, self._clock())
        return f"{word}, {row.decided_by} {when}" if row.decided_by else f"{word}, {tr('внесено')} {when}"

    def _below(self, row: RequestRow) -> str:
        if row.state == "refused" and row.decision_why:
            return tr("Почему отказано: {why}. Запись осталась прежней.").format(why=row.decision_why)
        return " · ".join(part for part in (_who_decides(row), because(row)) if part)

    def paint(self, painter: QPainter, rect: QRect, row: RequestRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        shape, token, _word = STATES[row.state]
        brush = Brush(painter, rect)
        brush.sign(LEFT, shape, token, height=LINE)
        where = min(max((rect.width() - TEXT - VALUE_W) // 2, 160), WHERE_W)
        brush.words(TEXT, where - 16, row.where, height=LINE)
        left = TEXT + where
        end = brush.words(left, VALUE_W // 2, row.standing_value or tr("пусто"), "secondary", size=theme.MARK,
                          height=LINE) if row.state != "approved" else left - 8  # fmt: skip
        if row.state != "approved":
            end = brush.words(end + 8, 16, "→", "secondary", height=LINE)
        brush.words(end + 8, left + VALUE_W - end - 16, row.wanted_value or tr("пусто"), size=theme.MARK, bold=True,
                    height=LINE)  # fmt: skip
        right = left + VALUE_W
        brush.words(right, rect.width() - right - LEFT, self._state(row), "secondary", height=LINE)
        below = "danger" if row.state == "refused" else "secondary"
        brush.words(TEXT, rect.width() - TEXT - LEFT, self._below(row), below, size=theme.SMALL + 1, top=LINE - 7,
                    height=SECOND)  # fmt: skip


def _who_decides(row: RequestRow) -> str:
    """Say by name who may decide a request that waits; in a large school the first of them."""
    if row.state != "waiting":
        return ""
    if not row.deciders:
        return tr("решить сейчас некому: скажите директору, пусть назовёт, кто решает")
    names = ", ".join(row.deciders[:MOST_NAMES])
    more = tr(" и ещё {n}").format(n=len(row.deciders) - MOST_NAMES) if len(row.deciders) > MOST_NAMES else ""
    return tr("решает {names}").format(names=names + more)
