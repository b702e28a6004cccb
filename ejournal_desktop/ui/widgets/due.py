"""What is still to be entered for a lesson and until when, in words and signs that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ejournal_desktop.models.pages import DueItem
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.words import plural, span, tr

SOON_S = 60 * 60
DONE = {"held": "проведён", "attendance": "перекличка", "topic": "тема", "homework": "д/з"}
LEFT = {"held": "не проведён", "attendance": "нет переклички", "topic": "нет темы", "homework": "д/з"}


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
    if left < 0:
        return Sign("bar", "danger", f"{name} {tr('просрочено')}", "danger")
    if left <= SOON_S:
        return Sign("hollow", "warning", f"{name} {tr('до')} {_clock(item.due_at)} ({span(left)})", "warning")
    if _ends_the_day(item.due_at, now):  # said by the heading; a row of «до 24:00» says nothing
        return Sign("hollow", "secondary", name, "ink")
    until = f"{item.due_at:%H:%M}" if item.due_at.date() == now.date() else f"{item.due_at:%d.%m}"
    return Sign("hollow", "secondary", f"{name} {tr('до')} {until}", "ink")


def summary(items: Sequence[DueItem], now: datetime) -> str:
    """Return «3 дела · ближайшее через 42 мин», with what is overdue first; «всё внесено» when nothing is left."""
    left = [item for item in items if not item.done]
    if not left:
        return tr("всё внесено") if items else ""
    overdue = [item for item in left if item.due_at is not None and item.due_at < now]
    ahead = sorted(item.due_at for item in left if item.due_at is not None and item.due_at >= now)
    parts = [f"{len(left)} {plural(len(left), ('дело', 'дела', 'дел'))}"]
    if overdue:
        parts.append(f"{tr('просрочено')} {len(overdue)}")
    if ahead:
        parts.append(f"{tr('ближайшее через')} {span((ahead[0] - now).total_seconds())}")
    return " · ".join(parts)


def _clock(at: datetime) -> str:
    return "24:00" if _is_midnight(at) else f"{at:%H:%M}"


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute) in ((0, 0), (23, 59))


def _ends_the_day(at: datetime, now: datetime) -> bool:
    days = (at.date() - now.date()).days
    return _is_midnight(at) and days == (1 if at.hour == 0 else 0)
