"""Small pictures of cells, column heads and names, painted once and kept: a frame of the grid only places them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF

from ejournal_core import marks
from ejournal_core.kinds import RemarkKind
from ejournal_desktop.models.pages import Delivery, GridCell, GridColumn, PupilRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.geometry import BAND, BAR, DAY, HEAD, NUMBER_WIDTH, SPECIAL_ROOM, WORK
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.widgets.pill import paint_shape

CENTER = Qt.AlignmentFlag.AlignCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
LOW_MARKS = frozenset({"1", "2", "нз"})
#: Colour of the bar above a column by kind of work; its second carrier is the code under the date.
BARS = {"control": "accent", "independent": "positive", "check": "positive", "dictation": "warning", "essay": "warning",
        "national_check": "danger"}  # fmt: skip


class Face(NamedTuple):
    """What a cell looks like: equal faces share one picture."""

    width: int
    value: str = ""
    absence: str = ""
    delivery: Delivery = "delivered"
    other: str = ""
    comment: bool = False
    corrected: bool = False
    refused: bool = False  # the last key was refused here, the old value stays
    locked: bool = False  # only a newer program may write here
    period: bool = False
    proposed: str = ""
    away: bool = False  # the pupil was not in the class on that day
    remarks: tuple[RemarkKind, ...] = ()  # what was written about the pupil at this lesson
    typing: bool = False  # a stroke was typed and waits for its digit


def face(
    cell: GridCell | None, width: int, *, period: bool = False, proposed: str = "", refused: bool = False
) -> Face | None:
    """Return the face of a cell, None when there is nothing to paint."""
    if cell is None:
        return Face(width, proposed=proposed, period=period, refused=refused) if proposed or refused else None
    return Face(
        width, cell.value, cell.absence, cell.delivery, cell.other_value, bool(cell.told), cell.corrected,
        refused, cell.delivery == "delivered" and bool(cell.reason), period, "" if cell.value else proposed,
        remarks=cell.remarks,
    )  # fmt: skip


class Tiles:
    """The kept pictures; `forget` when colours or the scale of the screen change."""

    def __init__(self) -> None:
        self._kept: dict[object, QPixmap] = {}
        self.scale = 1.0

    def forget(self, scale: float) -> None:
        """Drop all pictures; new ones are made for a screen of `scale` device pixels to one."""
        self._kept.clear()
        self.scale = scale

    def cell(self, wanted: Face) -> QPixmap:
        """Return the picture of a cell, without ground and lines."""
        return self._tile(wanted, QSize(wanted.width, theme.ROW), lambda p: _cell(p, wanted))

    def picture(self, key: object, width: int, paint: Callable[[QPainter], None]) -> QPixmap:
        """Return the picture of a cell that somebody else knows how to paint; equal keys share it."""
        return self._tile(key, QSize(width, theme.ROW), paint)

    def head(self, column: GridColumn, width: int, *, today: bool, here: bool, repeated: bool) -> QPixmap:
        """Return the head of a column under the month band: day, code of the work, bar."""
        key = (column.key, column.work_code, column.weight, column.closed, width, today, here, repeated, column.twin)
        size = QSize(width, HEAD - BAND)
        return self._tile(key, size, lambda p: _head(p, column, width, today=today, here=here, repeated=repeated))

    def name(self, pupil: PupilRow, width: int, *, here: bool, gone: bool, special: bool = False) -> QPixmap:
        """Return the number and the name of a pupil, `width` for both; `special`: in the special medical group."""
        key = (pupil.position, pupil.name, width, here, gone, special)
        size = QSize(width, theme.ROW)
        return self._tile(key, size, lambda p: _name(p, pupil, width, here=here, gone=gone, special=special))

    def _tile(self, key: object, size: QSize, paint: Callable[[QPainter], None]) -> QPixmap:
        tile = self._kept.get(key)
        if tile is None:
            tile = QPixmap(size * self.scale)
            tile.setDevicePixelRatio(self.scale)
            tile.fill(Qt.GlobalColor.transparent)
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint(painter)
            painter.end()
            self._kept[key] = tile
        return tile


def _cell(p: QPainter, f: Face) -> None:
    box = QRect(0, 0, f.width, theme.ROW)
    if f.away:
        _text(p, box, "–", theme.tokens().neutral)
    elif f.delivery == "disputed":
        _split(p, box, f)
    elif f.delivery == "pending":
        _pending(p, box, f)
    elif f.value:
        _value(p, box, f)
    elif f.absence:
        _text(p, box, f.absence, theme.tokens().secondary, theme.MARK, italic=True)
    elif f.proposed:
        _text(p, box, f.proposed, theme.tokens().secondary, theme.SMALL)
    _state(p, box, f)
    _corners(p, box, f)


def _value(p: QPainter, box: QRect, f: Face) -> None:
    t = theme.tokens()
    colour = t.danger if f.value in LOW_MARKS else t.ink
    if f.value == ".":
        p.setBrush(theme.colour(t.warning))
        p.setPen(Qt.PenStyle.NoPen)
        p.drawEllipse(QPointF(box.width() / 2, box.height() / 2 + 1), 3, 3)
    else:
        _text(p, box, f.value, colour, theme.MARK, bold=f.period)
    if f.absence:
        corner = QRect(2, 0, box.width() - 4, 11)
        _text(p, corner, f.absence, t.secondary, theme.TINY - 1, align=LEFT, italic=True)


def _pending(p: QPainter, box: QRect, f: Face) -> None:
    """What stands, in ink; what waits for a decision in brackets beside it."""
    t = theme.tokens()
    stands, waits = pending_parts(f.value or f.absence, f.other)
    size = theme.MARK
    while size > theme.TINY and _width(size, stands + waits) > box.width() - 2:
        size -= 1
    left = (box.width() - _width(size, stands + waits)) // 2
    split = left + _width(size, stands)
    _text(p, QRect(left, 0, box.width(), box.height()), stands, t.ink, size, align=LEFT)
    _text(p, QRect(split, 0, box.width(), box.height()), waits, t.warning, size, align=LEFT)


def _width(size: int, text: str) -> int:
    return QFontMetrics(theme.font(size)).horizontalAdvance(text)


def pending_parts(stands: str, wanted: str) -> tuple[str, str]:
    """Return what stands and, in brackets, what waits for another person: ("4", "(5)"); an empty one is a dash."""
    if wanted == stands:  # a substitute's entry stands in the row itself while it waits
        return "", f"({stands})" if stands else ""
    return stands, f"({wanted or '–'})"


def _split(p: QPainter, box: QRect, f: Face) -> None:
    t = theme.tokens()
    half = box.width() // 2
    left, right = QRect(0, 0, half, box.height()), QRect(half, 0, box.width() - half, box.height())
    _text(p, left, f.value or f.absence or "–", t.ink, theme.BASE, italic=not f.value and bool(f.absence))
    _text(p, right, f.other or "–", t.dispute, theme.BASE, italic=f.other.isalpha() and f.other not in marks.SCALE)
    p.setPen(QPen(theme.colour(t.dispute), 1.5))
    p.drawLine(QPointF(half + 2, 3), QPointF(half - 2, box.height() - 3))


def _state(p: QPainter, box: QRect, f: Face) -> None:
    t = theme.tokens()
    p.setBrush(Qt.BrushStyle.NoBrush)
    if f.delivery == "waiting":
        p.setPen(QPen(theme.colour(t.secondary), 1))
        p.drawEllipse(QPointF(box.width() - 5.5, box.height() - 5.5), 2, 2)
    if f.delivery == "saving":
        paint_shape(p, QRectF(box.width() - 10, box.height() - 9, 7, 7), "dots", t.secondary)
    if f.delivery == "refused" or f.refused:
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(theme.colour(t.danger), 2))
        p.drawLine(QPointF(5, box.height() - 3.5), QPointF(box.width() - 5, box.height() - 3.5))
    if f.locked:
        _text(p, QRect(box.width() - 10, 0, 10, 12), "↑", t.warning, theme.TINY, bold=True)
    if f.delivery == "quarantined":
        p.setPen(QPen(theme.colour(t.danger), 1))
        frame = QRectF(box).adjusted(4.5, 3.5, -4.5, -3.5)
        p.drawRect(frame)
        p.drawLine(frame.bottomLeft(), frame.topRight())


def _corners(p: QPainter, box: QRect, f: Face) -> None:
    """A comment folds the upper right corner, a correction the lower left one."""
    t = theme.tokens()
    right, bottom = float(box.width()), float(box.height())
    if f.comment:
        _triangle(p, theme.colour(t.accent), (right - 6, 1), (right - 1, 1), (right - 1, 6))
    if f.remarks:
        _remarks(p, box, f)
    if f.corrected:
        _triangle(p, theme.colour(t.secondary), (2, bottom - 6), (2, bottom - 1), (7, bottom - 1))


#: Sign and colour of what was written about a pupil: each says by itself what it is.
REMARK_SIGNS: dict[RemarkKind, tuple[str, str]] = {
    "praise": ("+", "positive"), "remark": ("!", "danger"), "address": ("»", "accent")
}  # fmt: skip


def _remarks(p: QPainter, box: QRect, f: Face) -> None:
    """Signs at the foot of the cell, the first two: a list has them all."""
    left = 9 if f.corrected else 2
    for kind in tuple(dict.fromkeys(f.remarks))[:2]:
        sign, token = REMARK_SIGNS[kind]
        place = QRect(left, box.height() - 12, 8, 12)
        _text(p, place, sign, getattr(theme.tokens(), token), theme.SMALL, align=LEFT, bold=True)
        left += 7


def _triangle(p: QPainter, colour: QColor, *points: tuple[float, float]) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _head(p: QPainter, column: GridColumn, width: int, *, today: bool, here: bool, repeated: bool) -> None:
    t = theme.tokens()
    if column.kind == "period":
        colour = t.accent if here else t.ink
        _text(
            p,
            QRect(0, 0, width, DAY + (0 if column.closed else WORK)),
            column.period_title,
            colour,
            theme.BASE,
            bold=True,
        )
        if column.closed:
            _lock(p, width / 2, DAY + WORK - 7)
        return
    if column.held_on and not repeated:
        colour = t.accent if here or today else t.ink
        _text(p, QRect(0, 0, width, DAY), str(column.held_on.day), colour, theme.BASE, bold=here or today)
        if column.twin:
            beside = width // 2 + _width(theme.BASE, str(column.held_on.day)) // 2 + 1
            _text(p, QRect(beside, -2, 10, DAY - 2), str(column.lesson_number), colour, theme.TINY - 1, align=LEFT)
    _work(p, column, width)
    if column.mark_column_id:
        bar = theme.colour(getattr(t, BARS.get(column.work_kind_id, "rule")))
        p.fillRect(QRect(3, DAY + WORK, width - 6, BAR), bar)


def _work(p: QPainter, column: GridColumn, width: int) -> None:
    t = theme.tokens()
    weight = f"{column.weight.normalize():f}".replace(".", ",") if column.weight != 1 else ""
    code = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(column.work_code)
    raised = QFontMetrics(theme.font(theme.TINY - 1)).horizontalAdvance(weight)
    left = max(0, (width - code - raised) // 2)
    _text(p, QRect(left, DAY, width, WORK), column.work_code, t.secondary, theme.SMALL, align=LEFT)
    if weight:
        _text(p, QRect(left + code, DAY - 3, width, WORK), weight, t.secondary, theme.TINY - 1, align=LEFT)


def _lock(p: QPainter, x: float, y: float) -> None:
    """A small padlock: the period is closed."""
    colour = theme.colour(theme.tokens().secondary)
    p.setPen(QPen(colour, 1))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawArc(QRectF(x - 2, y - 3, 4, 5), 0, 180 * 16)
    p.fillRect(QRectF(x - 3, y, 6, 4), colour)


def _name(p: QPainter, pupil: PupilRow, width: int, *, here: bool, gone: bool, special: bool) -> None:
    t = theme.tokens()
    _text(
        p, QRect(0, 0, NUMBER_WIDTH - 6, theme.ROW), str(pupil.position), t.accent if here else t.secondary,
        theme.SMALL, align=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bold=here,
    )  # fmt: skip
    font = theme.font(theme.BASE, theme.BOLD if here else theme.REGULAR)
    room = width - NUMBER_WIDTH - theme.UNIT - (SPECIAL_ROOM if special else 0)
    if special:
        letters = QRect(width - SPECIAL_ROOM, 0, SPECIAL_ROOM - theme.UNIT, theme.ROW)
        _text(p, letters, "СМГ", t.warning, theme.TINY - 1)
    text = cut_name(QFontMetrics(font), pupil.name, room)
    colour = t.secondary if gone else t.ink
    _text(p, QRect(NUMBER_WIDTH, 0, room, theme.ROW), text, colour, align=LEFT, bold=here)


def _text(
    p: QPainter,
    box: QRect,
    text: str,
    colour: str,
    size: int = theme.BASE,
    *,
    align: Qt.AlignmentFlag = CENTER,
    bold: bool = False,
    italic: bool = False,
) -> None:
    p.setFont(theme.font(size, theme.BOLD if bold else theme.REGULAR, italic=italic))
    p.setPen(theme.colour(colour))
    p.drawText(box, align, text)
