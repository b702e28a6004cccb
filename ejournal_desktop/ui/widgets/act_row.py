"""How an act of destruction and a pupil who has left look in their lists."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.acts import ActRow, PupilToName
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, TEXT = 16, 36
STATE_W = 300

STATES: dict[str, tuple[Shape, str, str]] = {
    "waits": ("hollow", "warning", "ждёт второго человека"),
    "sent": ("hollow", "secondary", "подтверждён здесь, ждёт отправки"),
    "done": ("check", "positive", "исполнен"),
}


def act_title(row: ActRow) -> str:
    """Return «Акт № 7 от 15.09.2026: справки и документы о пропусках, Котов Илья, 7 «Б», № 7 по списку»."""
    named = tr("Акт № {number} от {day}").format(number=row.act.act_number, day=f"{row.act.act_date:%d.%m.%Y}")
    about = ", ".join(part for part in (row.matter, row.whom) if part)
    return f"{named}: {about}" if about else named


def act_people(row: ActRow) -> str:
    """Return who entered it, who confirmed it, its ground, and what proves that it was done."""
    parts = [tr("внесено: {name}").format(name=row.ordered_by)]
    if row.confirmed_by:
        parts.append(tr("подтверждено: {name}").format(name=row.confirmed_by))
    parts.append(row.act.basis)
    if row.number:
        parts.append(f"№ {row.number}, {row.proof}")
    return " · ".join(part for part in parts if part)


def act_keys(row: ActRow) -> str:
    """Return the keys that this person has for it."""
    if row.may_confirm:
        return tr("+ подтвердить")
    return tr("Delete отозвать") if row.may_withdraw else ""


class ActFace:
    """A mark, the act and how far it is; who, why and by which number below."""

    def height(self, _row: ActRow) -> int:
        """Return two lines."""
        return LINE + SECOND

    def words(self, row: ActRow) -> str:
        """Return the act in words."""
        parts = (act_title(row), tr(STATES[row.state][2]), act_people(row), act_keys(row))
        return ", ".join(part for part in parts if part)

    def paint(self, painter: QPainter, rect: QRect, row: ActRow, *, current: bool) -> None:
        """Paint the row; the keys only where they would be heard."""
        shape, token, word = STATES[row.state]
        brush, right = Brush(painter, rect), rect.width() - LEFT - STATE_W
        brush.sign(LEFT, shape, token, height=LINE)
        keys = act_keys(row) if current else ""
        told = " · ".join(part for part in (tr(word), keys) if part)
        brush.words(TEXT, right - TEXT - 16, act_title(row), height=LINE)
        brush.words(right, STATE_W, told, "accent" if keys else "secondary", height=LINE, right=True)
        brush.words(TEXT, rect.width() - TEXT - LEFT, act_people(row), "secondary", size=theme.SMALL + 1,
                    top=LINE - 7, height=SECOND)  # fmt: skip


class LeaverFace:
    """Who has left and when, by which order; until when the journals of that time are kept.

    Args:
        due: that time is over, so an act is offered.
    """

    def __init__(self, *, due: bool) -> None:
        self._due = due

    def height(self, _row: PupilToName) -> int:
        """Return one line."""
        return LINE

    def words(self, row: PupilToName) -> str:
        """Return the pupil in words."""
        return ", ".join(part for part in (row.name, self._left(row), self._kept(row)) if part)

    def _left(self, row: PupilToName) -> str:
        order = tr(", приказ {order}").format(order=row.departure_order) if row.departure_order else ""
        return tr("выбытие {day}").format(day=f"{row.left_on:%d.%m.%Y}") + order if row.left_on else ""

    def _kept(self, row: PupilToName) -> str:
        kept = row.kept_until
        if kept is None:
            return tr("срок: по номенклатуре дел")
        named = tr("срок вышел {day}") if self._due else tr("срок до {day}")
        return named.format(day=f"{kept:%d.%m.%Y}")

    def paint(self, painter: QPainter, rect: QRect, row: PupilToName, *, current: bool) -> None:
        """Paint the row."""
        brush, right = Brush(painter, rect), rect.width() - LEFT - STATE_W
        middle = TEXT + (right - TEXT) // 2
        brush.words(TEXT, middle - TEXT - 16, row.name, height=LINE)
        brush.words(middle, right - middle - 16, self._left(row), "secondary", height=LINE)
        told = f"{self._kept(row)} · {tr('Enter — внести акт')}" if current and self._due else self._kept(row)
        brush.words(right, STATE_W, told, "accent" if current and self._due else "secondary", height=LINE, right=True)
