"""What is still to be entered for a lesson and until when, in words and signs that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from ejournal_desktop.models.pages import DueItem
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.words import count, span, tr

SOON_S = 60 * 60
DAY_S = 24 * SOON_S
UNFINISHED = ("урок не дописан", "урока не дописаны", "уроков не дописано")
THINGS = ("дело", "дела", "дел")
DONE = {"held": "проведён", "attendance": "перекличка", "topic": "тема", "homework": "д/з"}
LEFT = {"held": "не проведён", "attendance": "нет переклички", "topic": "нет темы", "homework": "д/з"}


class Due(Protocol):
    """Anything that is due."""

    @property
    def done(self) -> bool: ...
    @property
    def due_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Sign:
    """One due item as it is shown: a mark, the token of its colour, the words."""

    shape: Shape
    token: str
    text: str
    text_hue: str = "secondary"


def sign(item: DueItem, now: datetime, absent: int = 0) -> Sign:
    """Return how an item looks now: a tick when done, a hollow dot before its time, a barred dot after it."""
    name = tr((DONE if item.done else LEFT)[item.what])
    if item.done:
        if item.what == "attendance":
            name = tr("отсутствуют {n}").format(n=absent) if absent else tr("все на месте")
        return Sign("check", "positive", name)
    if item.due_at is None:
        return Sign("hollow", "secondary", name)
    left = (item.due_at - now).total_seconds()
    if left < 0 and item.allowed_until is not None and item.allowed_until >= now:
        return Sign("bar", "warning", f"{name} {tr('с причиной до')} {_clock(item.allowed_until)}", "warning")
    if left < 0:
        return Sign("bar", "danger", f"{name} {tr('просрочено')}", "danger")
    if left <= SOON_S:
        return Sign("hollow", "warning", f"{name} {tr('до')} {_clock(item.due_at)} ({span(left)})", "warning")
    if _ends_the_day(item.due_at, now):  # said by the heading; a row of «до 24:00» says nothing
        return Sign("hollow", "secondary", name, "ink")
    return Sign("hollow", "secondary", f"{name} {tr('до')} {_until(item.due_at, now)}", "ink")


def time_left(due_at: datetime | None, allowed_until: datetime | None, now: datetime) -> Sign:
    """Return how a deadline beside its own line looks now: how long there is time, or calmly when it passed."""
    if due_at is None:
        return Sign("hollow", "warning", "")
    due_at = due_at.astimezone(now.tzinfo)
    left = (due_at - now).total_seconds()
    if left < 0:
        passed = tr("срок прошёл {when}").format(when=_until(due_at, now))
        if allowed_until is not None and allowed_until >= now:
            with_reason = tr("с причиной до {when}").format(when=_until(allowed_until.astimezone(now.tzinfo), now))
            return Sign("bar", "warning", f"{passed}, {with_reason}")
        return Sign("bar", "danger", passed)
    until = f"{tr('до')} {_until(due_at, now)}"
    if left <= SOON_S:
        return Sign("hollow", "warning", f"{until} ({span(left)})", "warning")
    return Sign("hollow", "secondary", f"{until} ({span(left)})" if left < DAY_S else until, "ink")


def _until(at: datetime, now: datetime) -> str:
    """Return the clock time of today, or the last day: 0:00 is 24:00 of the day before."""
    last_day = (at - timedelta(minutes=1)).date()
    return _clock(at) if last_day == now.date() else f"{last_day:%d.%m}"


def summary(lessons: Sequence[Sequence[Due]], rows: Sequence[Due], now: datetime) -> str:
    """Return «1 урок не дописан · 6 дел · просрочено 2 · ближайшее через 42 мин»: the numbers of rows below it.

    «всё внесено» when nothing is left.

    Args:
        lessons: of each lesson of the day what it asks for.
        rows: what is due besides, a line each.
    """
    unfinished = [left for items in lessons if (left := [item for item in items if not item.done])]
    if not unfinished and not rows:
        return tr("всё внесено") if any(lessons) else ""
    waiting = [[item.due_at for item in left if item.due_at is not None] for left in (*unfinished, rows)]
    overdue = sum(min(moments) < now for moments in waiting[:-1] if moments) + sum(at < now for at in waiting[-1])
    ahead = min((at for at in chain.from_iterable(waiting) if at >= now), default=None)
    parts = [count(len(unfinished), UNFINISHED)] if unfinished else []
    parts += [count(len(rows), THINGS)] if rows else []
    parts += [f"{tr('просрочено')} {overdue}"] if overdue else []
    parts += [f"{tr('ближайшее через')} {span((ahead - now).total_seconds())}"] if ahead is not None else []
    return " · ".join(parts)


def _clock(at: datetime) -> str:
    return "24:00" if _is_midnight(at) else f"{at:%H:%M}"


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute) in ((0, 0), (23, 59))


def _ends_the_day(at: datetime, now: datetime) -> bool:
    days = (at.date() - now.date()).days
    return _is_midnight(at) and days == (1 if at.hour == 0 else 0)
