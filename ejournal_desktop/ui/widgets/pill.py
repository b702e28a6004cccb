"""The sync pill: one honest line about what is saved here and what the school's server has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ejournal_desktop.models.pages import SyncState
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import DAY, ENTRY, WAITS, count, plural, tr

Shape = Literal["full", "hollow", "split", "bar", "check", "dots"]

PADDING = 2 * theme.UNIT
DOT = 9


@dataclass(frozen=True)
class PillFace:
    """What the pill shows: a shape, the token that colours it, and the words."""

    shape: Shape
    token: str
    text: str


def face(state: SyncState | None) -> PillFace:
    """Return how a state of delivery looks: colour is never alone, the shape and the words say the same."""
    if state is None:
        return PillFace("hollow", "secondary", tr("Состояние неизвестно"))
    if state.disk_refuses:
        return PillFace("bar", "danger", tr("Не сохраняется: {n}").format(n=count(state.unsaved, ENTRY)))
    if state.unsaved and state.is_slow:
        return PillFace("dots", "secondary", tr("Сохраняется…"))
    alarm = alarm_of(state)
    if alarm:
        return PillFace("bar", "danger", alarm)
    waiting = state.waiting
    attention = _attention(state)
    offline = bool(state.problem)
    if waiting:
        tail = tr("связи") if offline else tr("отправки")
        text = tr("Сохранено здесь, {n} {waits} {tail}").format(
            n=count(waiting, ENTRY), waits=plural(waiting, WAITS), tail=tail
        )
    elif offline and state.partial:
        text = tr("Без связи, журнал здесь не весь")
    elif offline:
        text = tr("Без связи, всё доставлено")
    elif state.loading:
        text = state.loading[0].upper() + state.loading[1:]
    else:
        text = tr("Всё доставлено")
    if state.clocks_apart:
        days = count(round(abs(state.clocks_apart) / 86_400), DAY)
        apart = tr("часы сервера и этого компьютера расходятся на {days}").format(days=days)
        return PillFace("split", "dispute", f"{text} · {apart}")
    if attention:
        urgent = state.refused or state.quarantined or state.unproved
        return PillFace("bar" if urgent else "split", "danger" if urgent else "dispute", f"{text} · {attention}")
    if waiting or offline or state.loading:
        return PillFace("hollow", "warning" if offline else "secondary", text)
    return PillFace("full", "positive", text)


#: What stands in the pill instead of everything else, by code: the exchange has stopped and somebody has to act.
ALARMS = {
    "EJ-252": "Серверу не хватает ваших записей",
    "EJ-253": "Восстановление школы не доказано",
    "EJ-254": "Журнал школы не сходится",
    "EJ-255": "Номер восстановления меньше известного",
    "EJ-322": "Отвечает чужой сервер",
    "EJ-324": "История сервера не сходится",
    "EJ-325": "Это сервер другой школы",
    "EJ-382": "Журнал заморожен",
    "EJ-392": "Журнал отозван",
    "EJ-393": "Компьютер отключён от школы",
    "EJ-394": "Вы не числитесь в школе",
}


def alarm_of(state: SyncState) -> str:
    """Return the few words of a trouble in which nothing goes on by itself, "" when there is none."""
    code = state.closed or state.problem_code
    return f"{tr(ALARMS[code])} · {tr('записи целы')}" if code in ALARMS else ""


def _attention(state: SyncState) -> str:
    parts = (
        (state.disputed, ("спор", "спора", "споров")),
        (state.refused, ("отказ", "отказа", "отказов")),
        (state.quarantined, ("отложена", "отложены", "отложено")),
        (state.pending, ("ждёт решения", "ждут решения", "ждут решения")),
        (state.unproved, ("страница не доказана", "страницы не доказаны", "страниц не доказано")),
    )
    told = [(number, forms) for number, forms in parts if number]
    if len(told) > 1:  # the line stays short: Состояние has them one by one
        return tr("требуют внимания {n}").format(n=sum(number for number, _forms in told))
    return ", ".join(count(number, forms) for number, forms in told)


class SyncPill(QAbstractButton):
    """Painted so that it stays one calm line; `clicked` opens Состояние."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._face = face(None)
        self.set_state(None)

    def set_state(self, state: SyncState | None) -> None:
        """Show a state; nothing moves when it says the same as before."""
        new = face(state)
        self.setToolTip(state.problem if state is not None and state.problem else tr("Открыть «Состояние»"))
        if new != self._face or not self.text():
            self._face = new
            self.setText(new.text)
            self.setAccessibleName(tr("Доставка записей: {text}").format(text=new.text))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the room that dot and words need."""
        width = self.fontMetrics().horizontalAdvance(self._face.text)
        return QSize(width + DOT + 3 * PADDING, theme.FIELD)

    def minimumSizeHint(self) -> QSize:
        """Return the same: the words are never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dot in its shape, the words, and the frame of the focus."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour(t.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        dot = QRectF(PADDING, (self.height() - DOT) / 2, DOT, DOT)
        paint_shape(painter, dot, self._face.shape, getattr(t, self._face.token))
        painter.setPen(theme.colour(t.ink if self._face.shape in ("bar", "split") else t.secondary))
        words = self.rect().adjusted(DOT + 2 * PADDING, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._face.text)
        painter.end()


def paint_shape(painter: QPainter, dot: QRectF, shape: Shape, colour: str) -> None:
    """Paint a state's mark: full dot delivered, hollow waiting, split disputed, barred refused, a tick for done."""
    ink = theme.colour(colour)
    inner = dot.adjusted(1, 1, -1, -1)
    if shape == "check":
        painter.setPen(QPen(ink, 1.8))
        elbow = QPointF(dot.left() + dot.width() * 0.38, dot.bottom() - 1)
        painter.drawPolyline([QPointF(dot.left(), dot.center().y() + 0.5), elbow, QPointF(dot.right(), dot.top() + 1)])
        return
    if shape == "dots":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        for place in (0.14, 0.5, 0.86):
            painter.drawEllipse(QPointF(dot.left() + dot.width() * place, dot.center().y()), 1.1, 1.1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        return
    painter.setPen(QPen(ink, 1.6))
    painter.setBrush(ink if shape == "full" else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(inner)
    if shape == "split":
        painter.setBrush(ink)
        painter.drawChord(inner, 90 * 16, 180 * 16)
    elif shape == "bar":
        centre = inner.center()
        painter.drawLine(int(centre.x()), int(inner.top()) + 1, int(centre.x()), int(inner.bottom()))
    painter.setBrush(Qt.BrushStyle.NoBrush)
